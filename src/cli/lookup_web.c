#include "config.h"

#include "cli/lookup_web.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/http.h"
#include "base/mem.h"
#include "base/strv.h"

#define SITE_END "/api/search"
#define MCP_END "/api/mcp"
#define RESULTS "10"
#define URL_MAX 4096
#define ANSWER_MAX (1024u * 1024) /* bytes; ten results have some twenty thousand */
#define PACE_MS 1000

/*
 * Nobody has published how many requests are fine; one a second is what a person might do.
 * OTHERS_MS: when others asked last. By the wall clock, which all processes share.
 */
static void
keep_pace(int64_t others_ms)
{
	static int64_t own_ms;
	int64_t last_ms = own_ms > others_ms ? own_ms : others_ms;
	int64_t wait_ms = last_ms + PACE_MS - clock_now_ms();

	/* Longer than that only if the clock was set. */
	if (wait_ms > 0 && wait_ms <= PACE_MS) {
		struct timespec left = { .tv_sec = wait_ms / 1000,
			.tv_nsec = wait_ms % 1000 * 1000000 };

		while (nanosleep(&left, &left) != 0 && errno == EINTR)
			continue;
	}
	own_ms = clock_now_ms();
}

/* ---- the search behind the web site ---- */

static char *
site_url(const struct web_question *q)
{
	struct buf url = BUF_INIT(URL_MAX);

	buf_addf(&url, "%s%csearch=", q->url, strchr(q->url, '?') != NULL ? '&' : '?');
	http_escape(&url, q->query);
	buf_adds(&url, "&locale=en-us&%24top=" RESULTS);
	return buf_take(&url);
}

/* The message of the transfer, which begins with the URL, in a few words. */
static int
not_had(const char *url, const struct err *why, struct err *e)
{
	const char *text = why->msg;

	if (strncmp(text, url, strlen(url)) == 0)
		text += strlen(url) + strspn(text + strlen(url), ": ");
	return err_set(e, why->kind, "%s", text);
}

static bool
may_go_better(int status)
{
	return status == 408 || status == 429 || status >= 500;
}

static int
search_site(const struct web_question *q, struct articles *a, struct err *e)
{
	CLEANUP(http_answer_clear) struct http_answer answer = { .status = 0 };
	AUTO_FREE char *url = site_url(q);
	const struct http_request request = {
		.url = url,
		.accept = "application/json",
		.timeout_ms = q->timeout_ms,
		.max_bytes = ANSWER_MAX,
	};
	struct err why = { 0 };

	if (http_get(&request, &answer, &why) < 0)
		return not_had(url, &why, e);
	if (answer.status != 200)
		return err_set(e, may_go_better(answer.status) ? ERR_BUSY : ERR_INPUT,
		    "HTTP status %d", answer.status);
	return articles_of_search(a, buf_str(&answer.body), answer.body.len, q->code, e);
}

/* The MCP server of the same site; NULL if it is not known. The caller's own. */
static char *
other_url(const char *url)
{
	if (!str_ends_with(url, SITE_END))
		return NULL;
	return xasprintf("%.*s" MCP_END, (int)(strlen(url) - strlen(SITE_END)), url);
}

/* The search has no contract and may be another one tomorrow; the server has one. */
static int
search_instead(const struct web_question *q, int64_t begun_ms, struct articles *a)
{
	AUTO_FREE char *url = other_url(q->url);
	struct web_question other = *q;

	if (url == NULL)
		return -1;
	keep_pace(q->last_ms);
	other.url = url;
	other.timeout_ms = begun_ms + q->timeout_ms - clock_boot_ms();
	return other.timeout_ms > 0 ? web_search_by_mcp(&other, a, NULL) : -1;
}

int
web_search(const struct web_question *q, struct articles *a, struct err *e)
{
	int64_t begun_ms;
	int rc;

	a->len = 0;
	keep_pace(q->last_ms);
	if (str_ends_with(q->url, MCP_END))
		return web_search_by_mcp(q, a, e);
	begun_ms = clock_boot_ms();
	rc = search_site(q, a, e);
	if ((rc == 0 && a->len == 0) || (rc < 0 && e->kind == ERR_INPUT))
		return search_instead(q, begun_ms, a) == 0 ? 0 : rc;
	return rc;
}
