/*
 * The service knows best which of its pages fit; so what is about the code itself goes to the
 * front, and all else stays in the order in which it came.
 */
#include <config.h>

#include "core/article.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/plain.h"

#define HOME "https://learn.microsoft.com/"
#define TOOL "microsoft_docs_search"
#define ADDRESS_MAX 300 /* bytes */
#define TITLE_MAX 120
#define ABOUT_MAX 240
#define CODE_MAX 100           /* of which is looked for */
#define TEXT_MAX (256u * 1024) /* of what is looked for a code */
/* So many results are looked at. */
#define RESULTS_MAX 50

/* What addresses of pages on errors have in them. */
static const char *const trouble_words[] = { "troubleshoot", "error" };

/* By weight: each counts more than all behind it. */
enum { CODE_IN_TITLE = 4, CODE_IN_ABOUT = 2, ABOUT_ERRORS = 1 };

struct candidate {
	struct article article;
	int score;
};

struct candidates {
	struct candidate v[RESULTS_MAX];
	size_t len;
	const char *code;
};

static void
article_clear(struct article *a)
{
	free(a->title);
	free(a->address);
	free(a->about);
	*a = (struct article){ .title = NULL };
}

void
articles_clear(struct articles *a)
{
	for (size_t i = 0; i < a->len; i++)
		article_clear(&a->v[i]);
	a->len = 0;
}

/* ---- one article ---- */

/* "en-us/", "sr-latn-rs/"; 0: it begins with no language. */
static size_t
language_length(const char *path)
{
	size_t len = 0, parts = 0, part;

	do {
		for (part = 0; isalpha((unsigned char)path[len + part]); part++)
			continue;
		if (part < 2 || part > (parts == 0 ? 3 : 4))
			return 0;
		len += part + 1;
		parts++;
	} while (path[len - 1] == '-' && parts < 3);
	return parts > 1 && path[len - 1] == '/' ? len : 0;
}

/* Where it leads to, in the form in which all languages have the same; NULL if it does not lead there. */
static char *
clean_address(const char *url)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._~/%+";
	const char *path;
	size_t len;

	if (url == NULL || strncmp(url, HOME, strlen(HOME)) != 0)
		return NULL;
	path = url + strlen(HOME);
	path += language_length(path);
	len = strcspn(path, "?#");
	if (strspn(path, allowed) < len || len > ADDRESS_MAX)
		return NULL;
	while (len > 0 && path[len - 1] == '/')
		len--;
	return len > 0 ? xasprintf(HOME "%.*s", (int)len, path) : NULL;
}

/* A passage often begins with the title of its page: how many bytes of it say nothing new. */
static size_t
repeated_length(const char *title, const char *about)
{
	size_t len = title != NULL ? strlen(title) : 0;

	if (len == 0 || strncasecmp(about, title, len) != 0)
		return 0;
	if (about[len] == '\0')
		return len;
	return about[len] == ' ' ? len + 1 : 0;
}

static char *
clean_about(const char *title, const char *text)
{
	AUTO_FREE char *about = text != NULL ? plain_text(text, ABOUT_MAX) : NULL;
	const char *news = about != NULL ? about + repeated_length(title, about) : "";

	return *news != '\0' ? xstrdup(news) : NULL;
}

/* ---- ranking ---- */

/* Its letters and digits, small: "SKU not available" and "sku-not-available" are one. */
static void
squeeze(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (isalnum((unsigned char)*text))
			buf_addc(out, (char)tolower((unsigned char)*text));
}

static bool
has_code(const char *text, const char *code)
{
	CLEANUP(buf_clear) struct buf in = BUF_INIT(TEXT_MAX);
	CLEANUP(buf_clear) struct buf what = BUF_INIT(CODE_MAX);

	if (text == NULL || code == NULL)
		return false;
	squeeze(&in, text);
	squeeze(&what, code);
	return what.len > 0 && strstr(buf_str(&in), buf_str(&what)) != NULL;
}

static bool
is_about_errors(const char *address)
{
	for (size_t i = 0; i < COUNT_OF(trouble_words); i++)
		if (strcasestr(address, trouble_words[i]) != NULL)
			return true;
	return false;
}

/* TEXT: all of the description, as it came. */
static int
score_of(const struct article *a, const char *text, const char *code)
{
	int score = 0;

	if (has_code(a->title, code) || has_code(a->address, code))
		score += CODE_IN_TITLE;
	if (has_code(text, code))
		score += CODE_IN_ABOUT;
	if (is_about_errors(a->address))
		score += ABOUT_ERRORS;
	return score;
}

static struct candidate *
find_same(struct candidates *list, const char *address)
{
	for (size_t i = 0; i < list->len; i++)
		if (strcasecmp(list->v[i].article.address, address) == 0)
			return &list->v[i];
	return NULL;
}

/* Takes C over. Of one page the passage counts that tells most. */
static void
add_candidate(struct candidates *list, struct candidate *c)
{
	struct candidate *same = find_same(list, c->article.address);

	if (same == NULL) {
		list->v[list->len++] = *c;
	} else if (c->score > same->score) {
		article_clear(&same->article);
		*same = *c;
	} else {
		article_clear(&c->article);
	}
}

static const char *
description_of(const cJSON *result)
{
	static const char *const places[] = { "description", "descriptions[0].content", "content" };
	const char *text = NULL;

	for (size_t i = 0; i < COUNT_OF(places) && text == NULL; i++)
		text = json_str(result, places[i]);
	return text;
}

static void
add_result(struct candidates *list, const cJSON *result)
{
	const char *title = json_str(result, "title"), *text = description_of(result);
	const char *url = json_str(result, "contentUrl");
	struct candidate c = { .score = 0 };

	c.article.address = clean_address(url != NULL ? url : json_str(result, "url"));
	if (c.article.address == NULL)
		return;
	c.article.title = title != NULL ? plain_text(title, TITLE_MAX) : NULL;
	c.article.about = clean_about(c.article.title, text);
	c.score = score_of(&c.article, text, list->code);
	add_candidate(list, &c);
}

/* Of equals the first one. */
static struct candidate *
best_of(struct candidates *list)
{
	struct candidate *best = NULL;

	for (size_t i = 0; i < list->len; i++) {
		struct candidate *c = &list->v[i];

		if (c->article.address != NULL && (best == NULL || c->score > best->score))
			best = c;
	}
	return best;
}

static void
take_best(struct articles *a, const cJSON *results, const char *code)
{
	struct candidates list = { .code = code };
	struct candidate *best;
	const cJSON *result;

	a->len = 0;
	cJSON_ArrayForEach (result, results) {
		if (list.len == RESULTS_MAX)
			break;
		add_result(&list, result);
	}
	while (a->len < ARTICLES_BEST && (best = best_of(&list)) != NULL) {
		a->v[a->len++] = best->article;
		best->article = (struct article){ .title = NULL };
	}
	for (size_t i = 0; i < list.len; i++)
		article_clear(&list.v[i].article);
}

/* ---- answers ---- */

/* An object with results, or without any, or a bare list of them. */
static int
take_answer(struct articles *a, const cJSON *answer, const char *code, struct err *e)
{
	const cJSON *results = answer;

	if (cJSON_IsObject(answer))
		results = cJSON_GetObjectItemCaseSensitive(answer, "results");
	if (results != NULL && !cJSON_IsNull(results) && !cJSON_IsArray(results))
		return err_set(e, ERR_INPUT, "the answer is no result of a search");
	take_best(a, results, code);
	return 0;
}

static int
take_text(struct articles *a, const char *text, size_t len, const char *code, struct err *e)
{
	AUTO_JSON cJSON *answer = json_parse(text, len, 1, NULL);

	/* What is wrong with the text helps nobody. */
	if (answer == NULL)
		return err_set(e, ERR_INPUT, "the answer is no JSON");
	return take_answer(a, answer, code, e);
}

int
articles_of_search(
    struct articles *a, const char *body, size_t len, const char *code, struct err *e)
{
	a->len = 0;
	return take_text(a, body, len, code, e);
}

int
articles_of_tool(struct articles *a, const cJSON *result, const char *code, struct err *e)
{
	const cJSON *structured = cJSON_GetObjectItemCaseSensitive(result, "structuredContent");
	const cJSON *item;
	CLEANUP(strv_clear) struct strv lines = { 0 };

	a->len = 0;
	if (json_bool(result, "isError", false))
		return err_set(e, ERR_INPUT, "the server's tool failed");
	if (structured != NULL && structured->child != NULL)
		return take_answer(a, structured, code, e);
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(result, "content"))
		if (json_str(item, "text") != NULL)
			strv_add(&lines, json_str(item, "text"));
	AUTO_FREE char *text = strv_join(&lines, "\n");
	return take_text(a, text, strlen(text), code, e);
}

/* ---- the tool ---- */

static bool
searches_documentation(const cJSON *tool)
{
	const cJSON *required = json_at(tool, "inputSchema.required");
	const char *about = json_str(tool, "description");

	return about != NULL && strcasestr(about, "documentation") != NULL &&
	    strcasestr(about, "search") != NULL && cJSON_GetArraySize(required) == 1 &&
	    cJSON_IsString(required->child) && strcmp(required->child->valuestring, "query") == 0;
}

const char *
article_tool(const cJSON *tools)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(tools, "tools"), *tool;
	const char *found = NULL;

	cJSON_ArrayForEach (tool, list) {
		const char *name = json_str(tool, "name");

		if (name != NULL && strcmp(name, TOOL) == 0)
			return name;
		if (found == NULL && searches_documentation(tool))
			found = name;
	}
	return found;
}

/* ---- as JSON ---- */

cJSON *
articles_to_json(const struct articles *a)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < a->len; i++) {
		cJSON *json = cJSON_CreateObject();

		json_add_str(json, "title", a->v[i].title);
		json_add_str(json, "address", a->v[i].address);
		json_add_str(json, "description", a->v[i].about);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

void
articles_from_json(struct articles *a, const cJSON *json)
{
	const cJSON *item;

	a->len = 0;
	cJSON_ArrayForEach (item, json) {
		const char *title = json_str(item, "title"), *about = json_str(item, "description");
		char *address = clean_address(json_str(item, "address"));

		if (address == NULL)
			continue;
		a->v[a->len++] = (struct article){
			.title = title != NULL ? xstrdup(title) : NULL,
			.address = address,
			.about = about != NULL ? xstrdup(about) : NULL,
		};
		if (a->len == ARTICLES_BEST)
			return;
	}
}
