#include "config.h"

#include "cli/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http.h"
#include "base/mem.h"
#include "cli/field.h"
#include "cli/lookup_web.h"
#include "cli/report.h"
#include "cli/style.h"
#include "cli/text.h"
#include "store/history.h"
#include "store/search.h"

#define MINUTE_MS (60 * INT64_C(1000))
#define KEPT_MS (7 * 24 * 60 * MINUTE_MS)
/* So long nobody is asked again who did not answer. */
#define IN_VAIN_MS (10 * MINUTE_MS)
/* A cache is worth no long wait for others who write. */
#define BUSY_MS 500
#define RECENT_LISTED 20
#define RECENT_MAX 5
#define RECENT_MS 10000
#define RECENT_LEAST_MS 1000
#define ARTICLE_INDENT 5

void
lookup_clear(struct lookup *l)
{
	free(l->query);
	free(l->source);
	free(l->why);
	articles_clear(&l->articles);
	*l = (struct lookup){ .query = NULL };
}

/* ---- what is asked ---- */

/* NULL if it has none, or its capability is not there any more. */
static const char *
provider_of(struct cli *cli, const char *capability)
{
	const struct capability *c;

	if (capability == NULL || cli_need_library(cli) != STATUS_DONE)
		return NULL;
	c = library_find(&cli->library, capability);
	return c != NULL ? c->provider : NULL;
}

/* "learn.microsoft.com", "127.0.0.1:8080". The caller's own. */
static char *
host_of(const char *url)
{
	AUTO_FREE char *origin = http_origin(url, NULL);
	const char *host = origin != NULL ? strstr(origin, "://") + 3 : url;
	const char *port = strrchr(host, ':');
	bool usual = port != NULL && strcmp(port, ":443") == 0;

	return usual ? xstrndup(host, (size_t)(port - host)) : xstrdup(host);
}

/* ---- what is kept ---- */

static bool
is_within(int64_t at_ms, int64_t span_ms)
{
	int64_t age_ms = clock_now_ms() - at_ms;

	return at_ms > 0 && age_ms >= 0 && age_ms < span_ms;
}

static int
write_down(struct store *s, const struct cli *cli, const struct lookup *l)
{
	AUTO_JSON cJSON *articles = articles_to_json(&l->articles);
	const char *url = cli->config.docs_url;
	int64_t now_ms = clock_now_ms();

	return l->why != NULL ? store_search_failed(s, url, l->query, l->why, now_ms, NULL)
			      : store_search_answered(s, url, l->query, articles, now_ms, NULL);
}

/* By a handle of its own, because most commands only read. What cannot be kept is asked for again. */
static void
keep(const struct cli *cli, const struct lookup *l)
{
	struct store *s = NULL;

	if (store_open(cli->paths.state, STORE_WRITE, &s, NULL) < 0)
		return;
	if (store_begin_wait(s, BUSY_MS, NULL) == 0 &&
	    (write_down(s, cli, l) < 0 || store_commit(s, NULL) < 0))
		store_rollback(s);
	store_close(s);
}

/* ---- looking ---- */

static void
ask(struct lookup *l, const struct cli *cli, const char *code, int64_t timeout_ms)
{
	struct web_question question = {
		.url = cli->config.docs_url,
		.query = l->query,
		.code = code,
		.timeout_ms = timeout_ms,
	};
	struct articles found;
	struct err e = { 0 };

	(void)store_search_last(cli->store, &question.last_ms, NULL);
	if (web_search(&question, &found, &e) < 0) {
		l->why = xstrdup(e.msg);
		articles_clear(&found);
	} else {
		articles_clear(&l->articles);
		l->articles = found;
		l->retrieved_ms = clock_now_ms();
	}
	keep(cli, l);
}

static void
look_up(struct lookup *l, struct cli *cli, const struct failure *f, const char *capability,
    int64_t timeout_ms, int64_t in_vain_ms)
{
	CLEANUP(search_clear) struct search known = { .articles = NULL };

	*l = (struct lookup){
		.query = article_query(f->class, f->code, provider_of(cli, capability)),
		.source = host_of(cli->config.docs_url),
	};
	if (l->query == NULL)
		return;
	/* A cache that cannot be read is none. */
	(void)store_search(cli->store, cli->config.docs_url, l->query, &known, NULL);
	articles_from_json(&l->articles, known.articles);
	l->retrieved_ms = known.retrieved_ms;
	if (is_within(known.retrieved_ms, KEPT_MS))
		return;
	if (known.why != NULL && is_within(known.failed_ms, in_vain_ms))
		l->why = take(known.why);
	else
		ask(l, cli, f->code, timeout_ms);
}

void
lookup_find(struct lookup *l, struct cli *cli, const struct failure *f, const char *capability)
{
	look_up(l, cli, f, capability, cli->config.docs_timeout_ms, IN_VAIN_MS);
}

void
lookup_insist(struct lookup *l, struct cli *cli, const struct failure *f, const char *capability)
{
	look_up(l, cli, f, capability, cli->config.docs_timeout_ms, 0);
}

void
lookup_recent(struct cli *cli, int64_t since_ms)
{
	int64_t end_ms = clock_boot_ms() + RECENT_MS, left_ms;
	struct known_failure *v;
	size_t len, looked_up = 0;

	if (store_known_failures(cli->store, RECENT_LISTED, &v, &len, NULL) < 0)
		return;
	for (size_t i = 0; i < len && v[i].last_ms >= since_ms && looked_up < RECENT_MAX; i++) {
		const struct failure f = { .class = v[i].class, .code = v[i].code };
		CLEANUP(lookup_clear) struct lookup l = { .query = NULL };

		left_ms = end_ms - clock_boot_ms();
		if (left_ms < RECENT_LEAST_MS)
			break;
		if (v[i].sequels[SEQUEL_OPEN] + v[i].sequels[SEQUEL_FAILED] == 0)
			continue;
		if (left_ms > cli->config.docs_timeout_ms)
			left_ms = cli->config.docs_timeout_ms;
		look_up(&l, cli, &f, v[i].capability, left_ms, IN_VAIN_MS);
		looked_up++;
	}
	store_known_failures_free(v, len);
}

/* ---- telling ---- */

static void
print_article(const struct article *a, size_t number)
{
	AUTO_FREE char *title = text_visible(a->title != NULL ? a->title : a->address);
	AUTO_FREE char *about = text_visible(a->about);
	size_t columns = style_text_columns();
	AUTO_FREE char *line = text_cut(about, columns - ARTICLE_INDENT);

	printf("  %zu. %s", number, style_on(STYLE_BOLD));
	text_wrap_after(stdout, title, ARTICLE_INDENT, columns);
	fputs(style_off(STYLE_BOLD), stdout);
	if (a->title != NULL)
		printf("%*s%s\n", ARTICLE_INDENT, "", a->address);
	if (*line != '\0')
		printf("%*s%s\n", ARTICLE_INDENT, "", line);
}

/* A sentence of its own, indented as the articles are. */
static void __attribute__((format(printf, 1, 2))) print_line(const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	AUTO_FREE char *shown = text_visible(text);
	text_wrap(stdout, shown, 2, style_text_columns());
}

void
lookup_print(const struct lookup *l)
{
	char at[CLOCK_TEXT_SIZE], when[64];

	field_title("Documentation");
	for (size_t i = 0; i < l->articles.len; i++)
		print_article(&l->articles.v[i], i + 1);
	if (l->query == NULL)
		print_line("It has no error code that could be searched for.");
	if (l->retrieved_ms > 0 && l->articles.len == 0)
		print_line("Nothing was found for \"%s\".", l->query);
	if (l->retrieved_ms > 0)
		print_line("source: %s, retrieved %s (%s)", l->source,
		    text_second(l->retrieved_ms, at),
		    text_when(l->retrieved_ms, clock_now_ms(), when, sizeof(when)));
	if (l->why != NULL)
		print_line("%s can be had from %s now: %s",
		    l->retrieved_ms > 0 ? "Nothing newer" : "Nothing", l->source, l->why);
}

cJSON *
lookup_to_json(const struct lookup *l)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "query", l->query);
	cJSON_AddItemToObject(json, "articles", articles_to_json(&l->articles));
	json_add_str(json, "source", l->source);
	report_add_time(json, "retrieved", l->retrieved_ms);
	json_add_str(json, "why", l->why);
	return json;
}

void
lookup_show(struct cli *cli, const struct failure *f, const char *capability)
{
	CLEANUP(lookup_clear) struct lookup l = { .query = NULL };

	if (!cli->config.docs || !failure_is_set(f))
		return;
	fflush(stdout);
	lookup_find(&l, cli, f, capability);
	lookup_print(&l);
}

void
lookup_add(struct cli *cli, const struct failure *f, const char *capability, cJSON *object)
{
	CLEANUP(lookup_clear) struct lookup l = { .query = NULL };

	if (!cli->config.docs || !failure_is_set(f))
		return;
	lookup_find(&l, cli, f, capability);
	cJSON_AddItemToObject(object, "documentation", lookup_to_json(&l));
}
