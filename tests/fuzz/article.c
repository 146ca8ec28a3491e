/* Whatever a search answers, what is taken from it is short, plain, and leads to one place. */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "core/article.h"
#include "core/plain.h"
#include "tests/fuzz/fuzz.h"

#define CODE "SkuNotAvailable"
#define HOME "https://learn.microsoft.com/"
#define TEXT_MAX 240

static void
check_text(const char *text)
{
	if (text == NULL)
		return;
	assert(*text != '\0' && strlen(text) <= TEXT_MAX && !utf8_has_control(text));
	for (size_t at = 0; text[at] != '\0';) {
		size_t len = utf8_length(text + at, strlen(text + at));

		assert(len > 0);
		at += len;
	}
}

static void
check(struct articles *a)
{
	assert(a->len <= ARTICLES_BEST);
	for (size_t i = 0; i < a->len; i++) {
		const struct article *one = &a->v[i];

		check_text(one->title);
		check_text(one->about);
		assert(strncmp(one->address, HOME, strlen(HOME)) == 0);
		assert(strpbrk(one->address, " ?#$;'\"\\<>") == NULL &&
		    !utf8_has_control(one->address));
	}
	AUTO_JSON cJSON *kept = articles_to_json(a);
	struct articles again;

	articles_from_json(&again, kept);
	assert(again.len == a->len);
	articles_clear(&again);
	articles_clear(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xstrndup((const char *)data, size);
	AUTO_JSON cJSON *json = json_parse(text, strlen(text), 1, NULL);
	AUTO_FREE char *plain = plain_text(text, TEXT_MAX);
	struct articles a;

	check_text(plain);
	articles_of_search(&a, (const char *)data, size, CODE, NULL);
	check(&a);
	articles_of_tool(&a, json, CODE, NULL);
	check(&a);
	article_tool(json);
	return 0;
}
