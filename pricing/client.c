/*
 * Page N+1 is where page N links to: the file of each page says which URL it is the
 * answer to, and one that is the answer to another is fetched anew. Links are
 * followed on the host of the question only, to no page twice, and to so many
 * pages at most.
 */
#include "config.h"

#include "pricing/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/http.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/strv.h"

#define PAGE_BYTES_MAX (32u * 1024 * 1024)
#define PAGES_MAX 2000 /* the whole catalogue is some 700 pages of 1000 rows */
#define URL_MAX 8192
#define PAGE_AGE_MAX_MS (24 * 3600 * INT64_C(1000))
#define TIMEOUT_MS 120000
#define TRIES_MAX 6
#define BACKOFF_MS 4000
#define BACKOFF_MAX_MS 60000
/* A server on this machine is no service that must be spared. */
#define BACKOFF_LOCAL_MS 20
/* Longer than this nobody waits in front of a command. */
#define RETRY_AFTER_MAX_MS (10 * 60 * INT64_C(1000))

struct fetching {
	const struct client *client;
	char *origin;
	int64_t backoff_ms;
	struct strv seen; /* URLs of the pages so far */
};

static void __attribute__((format(printf, 3, 4)))
tell(const struct client *c, bool trouble, const char *fmt, ...)
{
	char text[1280];
	va_list ap;

	if (c->tell == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->tell(c->data, trouble, text);
}

/* ---- the question ---- */

/* "FIELD eq 'VALUE'" with quotes doubled, as OData has them. */
static void
add_condition(struct buf *filter, const char *name, const char *value)
{
	if (filter->len > 0)
		buf_adds(filter, " and ");
	buf_addf(filter, "%s eq '", name);
	for (; *value != '\0'; value++) {
		if (*value == '\'')
			buf_addc(filter, '\'');
		buf_addc(filter, *value);
	}
	buf_addc(filter, '\'');
}

static char *
first_url(const struct client_question *q, struct err *e)
{
	CLEANUP(buf_clear) struct buf filter = BUF_INIT(URL_MAX);
	CLEANUP(buf_clear) struct buf url = BUF_INIT(URL_MAX);

	if (q->service != NULL)
		add_condition(&filter, "serviceName", q->service);
	if (q->region != NULL)
		add_condition(&filter, "armRegionName", q->region);
	add_condition(&filter, "priceType", "Consumption");
	buf_addf(&url, "%s?currencyCode=", q->url);
	http_escape(&url, "'");
	http_escape(&url, q->currency);
	http_escape(&url, "'");
	buf_adds(&url, "&$filter=");
	http_escape(&url, buf_str(&filter));
	if (buf_is_cut(&filter) || buf_is_cut(&url)) {
		err_set(e, ERR_INPUT, "the service's or region's name is too long");
		return NULL;
	}
	return buf_take(&url);
}

static int
begin(struct fetching *f, const struct client *c, struct err *e)
{
	bool local;

	memset(f, 0, sizeof(*f));
	f->client = c;
	f->origin = http_origin(c->question.url, e);
	if (f->origin == NULL)
		return -1;
	local = http_origin_is_local(f->origin);
	if (!local && strncmp(f->origin, "https:", 6) != 0)
		return err_set(
		    e, ERR_INPUT, "%.200s: prices are fetched by https only", c->question.url);
	f->backoff_ms = local ? BACKOFF_LOCAL_MS : BACKOFF_MS;
	return 0;
}

static void
fetching_clear(struct fetching *f)
{
	free(f->origin);
	strv_clear(&f->seen);
}

/* ---- one page ---- */

static char *
page_path(const char *folder, size_t number)
{
	return xasprintf("%s/page-%05zu.json", folder, number);
}

/* An answer that can be taken for a whole page. */
static int
check_page(const struct client_question *q, const cJSON *page, struct err *e)
{
	const cJSON *items = cJSON_GetObjectItemCaseSensitive(page, "Items");
	const cJSON *count = cJSON_GetObjectItemCaseSensitive(page, "Count");
	const cJSON *link = cJSON_GetObjectItemCaseSensitive(page, "NextPageLink");
	const char *currency = json_str(page, "BillingCurrency");

	if (!cJSON_IsArray(items) || link == NULL || (!cJSON_IsNull(link) && !cJSON_IsString(link)))
		return err_set(e, ERR_INPUT, "the answer is no page of prices");
	if (count != NULL && json_int(page, "Count", -1) != cJSON_GetArraySize(items))
		return err_set(e, ERR_INPUT, "the answer has %d rows and says %.0f",
		    cJSON_GetArraySize(items), count->valuedouble);
	if (currency != NULL && strcmp(currency, q->currency) != 0)
		return err_set(
		    e, ERR_INPUT, "the answer is in %.20s, not in %s", currency, q->currency);
	if (cJSON_IsString(link) && items->child == NULL)
		return err_set(e, ERR_INPUT, "the answer is empty and yet goes on");
	return 0;
}

/* The page that is there already for this URL, not older than a day; NULL if there is none to be used. */
static cJSON *
load_page(const char *path, const char *url, const struct client_question *q, int64_t *fetched_ms)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(PAGE_BYTES_MAX + URL_MAX + 256);
	AUTO_JSON cJSON *file = NULL;
	const char *of;
	int64_t age;

	if (file_read(path, text.max, &text, NULL) < 0)
		return NULL;
	file = json_parse(buf_str(&text), text.len, 1, NULL);
	of = json_str(file, "url");
	*fetched_ms = json_int(file, "fetched_ms", 0);
	age = clock_now_ms() - *fetched_ms;
	if (of == NULL || strcmp(of, url) != 0 || age < 0 || age > PAGE_AGE_MAX_MS ||
	    check_page(q, cJSON_GetObjectItemCaseSensitive(file, "page"), NULL) < 0)
		return NULL;
	return cJSON_DetachItemFromObjectCaseSensitive(file, "page");
}

static int
save_page(const char *path, const char *url, int64_t now_ms, const struct buf *body, struct err *e)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(PAGE_BYTES_MAX + URL_MAX + 256);

	buf_adds(&text, "{\"url\":");
	json_quote(&text, url);
	buf_addf(&text, ",\"fetched_ms\":%lld,\"page\":", (long long)now_ms);
	buf_add(&text, body->data, body->len);
	buf_adds(&text, "}\n");
	return file_replace(path, text.data, text.len, 0600, e);
}

static void
wait_ms(int64_t ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		continue;
}

/* Doubles with each try, and differs from one process to the next. */
static int64_t
backoff(const struct fetching *f, int try)
{
	int64_t ms = f->backoff_ms << try, jitter;

	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	jitter = ms / 4;
	return ms - jitter + (clock_boot_ms() * 7919 + getpid()) % (2 * jitter + 1);
}

static bool
is_retriable(int status)
{
	return status == 408 || status == 429 || status >= 500;
}

/*
 * One try. 1 and the page; 0 if another try may do better, with *wait_for_ms if the
 * service said when; -1 if not. E says why in both cases.
 */
static int
try_page(const struct fetching *f, const char *url, struct http_answer *answer, cJSON **page,
    int64_t *wait_for_ms, struct err *e)
{
	const struct http_request request = {
		.url = url,
		.accept = "application/json",
		.timeout_ms = TIMEOUT_MS,
		.max_bytes = PAGE_BYTES_MAX,
	};

	*wait_for_ms = -1;
	if (http_get(&request, answer, e) < 0)
		return e->kind == ERR_BUSY ? 0 : -1;
	if (answer->status != 200) {
		err_set(e, is_retriable(answer->status) ? ERR_BUSY : ERR_INPUT,
		    "%s: HTTP status %d: %.200s", url, answer->status, buf_str(&answer->body));
		*wait_for_ms = answer->retry_after_ms;
		return is_retriable(answer->status) ? 0 : -1;
	}
	*page = json_parse(buf_str(&answer->body), answer->body.len, 1, e);
	if (*page == NULL) {
		/* Cut off on the way, most likely: what is wrong with the text helps nobody. */
		err_set(e, ERR_BUSY, "%s: the answer was cut off, or is no JSON", url);
		return 0;
	}
	if (check_page(&f->client->question, *page, e) == 0)
		return 1;
	cJSON_Delete(*page);
	*page = NULL;
	err_in(e, "%s", url);
	return 0;
}

static cJSON *
get_page(const struct fetching *f, const char *path, const char *url, struct err *e)
{
	for (int try = 0;; try++) {
		CLEANUP(http_answer_clear) struct http_answer answer = { 0 };
		AUTO_JSON cJSON *page = NULL;
		struct err why = { 0 };
		int64_t wait;
		int got = try_page(f, url, &answer, &page, &wait, &why);

		if (got == 1 && save_page(path, url, clock_now_ms(), &answer.body, e) < 0)
			return NULL;
		if (got == 1)
			return take(page);
		if (got < 0 || try + 1 == TRIES_MAX || wait > RETRY_AFTER_MAX_MS) {
			err_set(e, why.kind, "%s", why.msg);
			return NULL;
		}
		if (wait < 0)
			wait = backoff(f, try);
		tell(f->client, true, "%s; trying again in %lld.%lld s", why.msg,
		    (long long)wait / 1000, (long long)wait % 1000 / 100);
		wait_ms(wait);
	}
}

/* ---- all pages ---- */

/* Where PAGE goes on: the caller's own, or NULL at the end. */
static int
next_url(struct fetching *f, const cJSON *page, char **url, struct err *e)
{
	const char *link = json_str(page, "NextPageLink");
	AUTO_FREE char *origin = NULL;

	*url = NULL;
	if (link == NULL)
		return 0;
	for (const char *at = link; *at != '\0'; at++) {
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
			return err_set(
			    e, ERR_INPUT, "the link to the next page is no URL: %.200s", link);
	}
	if (strlen(link) >= URL_MAX)
		return err_set(e, ERR_INPUT, "the link to the next page is too long");
	origin = http_origin(link, e);
	if (origin == NULL)
		return err_in(e, "the link to the next page");
	if (strcmp(origin, f->origin) != 0)
		return err_set(e, ERR_INPUT,
		    "the link to the next page leads to %.100s instead of %s: not followed", origin,
		    f->origin);
	if (strv_has(&f->seen, link))
		return err_set(e, ERR_INPUT,
		    "the link to the next page leads back to an earlier one: %.200s", link);
	*url = xstrdup(link);
	return 0;
}

static int
fetch_pages(struct fetching *f, char *first, struct client_pages *out, struct err *e)
{
	AUTO_FREE char *url = first;

	while (url != NULL) {
		AUTO_FREE char *path = page_path(out->folder, out->n + 1);
		AUTO_JSON cJSON *page = NULL;
		int64_t fetched_ms;

		if (out->n == PAGES_MAX)
			return err_set(
			    e, ERR_INPUT, "the answer does not end after %d pages", PAGES_MAX);
		strv_add(&f->seen, url);
		page = load_page(path, url, &f->client->question, &fetched_ms);
		if (page != NULL) {
			out->kept++;
		} else {
			fetched_ms = clock_now_ms();
			page = get_page(f, path, url, e);
			failpoint("prices.page");
		}
		if (page == NULL)
			return -1;
		if (out->n++ == 0)
			out->first_ms = fetched_ms;
		tell(f->client, false, "page %zu", out->n);
		free(url);
		if (next_url(f, page, &url, e) < 0)
			return -1;
	}
	return 0;
}

/* Pages that are too old to be used with new ones go all at once. */
static int
drop_old_pages(const char *folder, const char *url, const struct client_question *q, struct err *e)
{
	AUTO_FREE char *path = page_path(folder, 1);
	AUTO_JSON cJSON *page = NULL;
	int64_t fetched_ms;

	page = load_page(path, url, q, &fetched_ms);
	return page != NULL ? 0 : file_remove_tree(folder, e);
}

int
client_fetch(const struct client *c, struct client_pages *out, struct err *e)
{
	CLEANUP(fetching_clear) struct fetching f;
	AUTO_FREE char *url = NULL;
	char digest[DIGEST_SIZE];

	memset(out, 0, sizeof(*out));
	if (begin(&f, c, e) < 0 || (url = first_url(&c->question, e)) == NULL)
		return -1;
	digest_text(url, digest);
	out->folder = xasprintf("%s/%.16s", c->cache, digest);
	if (drop_old_pages(out->folder, url, &c->question, e) < 0 ||
	    file_make_folder(out->folder, e) < 0)
		return -1;
	return fetch_pages(&f, take(url), out, e);
}

void
client_pages_clear(struct client_pages *p)
{
	free(p->folder);
	memset(p, 0, sizeof(*p));
}

cJSON *
client_page(const struct client_pages *p, size_t number, const cJSON **items, struct err *e)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(PAGE_BYTES_MAX + URL_MAX + 256);
	AUTO_FREE char *path = page_path(p->folder, number);
	AUTO_JSON cJSON *file = NULL;

	if (file_read(path, text.max, &text, e) < 0)
		return NULL;
	file = json_parse(buf_str(&text), text.len, 1, e);
	if (file == NULL) {
		err_in(e, "%s", path);
		return NULL;
	}
	*items = json_at(file, "page.Items");
	return take(file);
}

int
client_pages_remove(const struct client_pages *p, struct err *e)
{
	return file_remove_tree(p->folder, e);
}
