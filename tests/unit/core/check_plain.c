#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "core/plain.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text, *plain; /* NULL: nothing is left */
} cases[] = {
	{ "Sizes for virtual machines", "Sizes for virtual machines" },
	{ "", NULL },
	{ " \t\n ", NULL },
	{ "<script>", NULL },
	{ "  much\n\n\tspace  ", "much space" },
	{ "The <em>Sku</em>Not<b>Available</b> error", "The SkuNotAvailable error" },
	{ "<p>one</p><p class=\"x\">two<br/>three</p><!-- not this -->", "one two three" },
	{ "1 < 2 and 3 > 2", "1 < 2 and 3 > 2" },
	{ "a <b", "a <b" },
	{ "R&amp;D &lt;b&gt; &quot;x&quot; it&#39;s&nbsp;so &copy; &#27;[1m",
	    "R&D <b> \"x\" it's so &copy; &#27;[1m" },
	{ "## Use `az vm list-skus`\n> **not** that", "Use az vm list-skus not that" },
	{ "C# and a > b", "C# and a > b" },
	{ "See [the quota page](https://evil.example/x) and ![picture](p.png) [1]",
	    "See the quota page and picture [1]" },
	{ "a[b](c", "a[b](c" },
	/* What steers a terminal. */
	{ "\033[31mred\033[0m", "red" },
	{ "\033]0;title\a"
	  "text\033]8;;http://x\033\\link",
	    "textlink" },
	{ "\033]0;never ends", NULL },
	{ "\033c\033[", NULL },
	{ "bell\a back\b del\177", "bell back del" },
	{ "c1 \xc2\x9b"
	  "31m",
	    "c1 31m" },
	{ "over \xe2\x80\xae"
	  "ride",
	    "over ride" },
	{ "\xc3\xbc\xe2\x82\xac \xf0\x9f\x9a\xa2", "\xc3\xbc\xe2\x82\xac \xf0\x9f\x9a\xa2" },
	{ "bad \xff\xc3", "bad" },
};

START_TEST(markup_goes)
{
	AUTO_FREE char *plain = plain_text(cases[_i].text, 200);

	if (cases[_i].plain == NULL)
		ck_assert_msg(plain == NULL, "\"%s\"", plain);
	else
		ck_assert_str_eq(plain, cases[_i].plain);
}
END_TEST

START_TEST(long_text_is_cut_between_words)
{
	AUTO_FREE char *plain = plain_text("one two three four five six", 20);
	AUTO_FREE char *fits = plain_text("one two three four x", 20);
	AUTO_FREE char *word = plain_text("abcdefghijklmnopqrstuvwxyz", 20);

	ck_assert_str_eq(plain, "one two three...");
	ck_assert_str_eq(fits, "one two three four x");
	ck_assert_str_eq(word, "abcdefghijklmnopq...");
}
END_TEST

START_TEST(no_character_is_split)
{
	/* 3 bytes each. */
	static const char euros[] = "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
				    "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac";

	for (size_t max = 16; max < sizeof(euros) - 1; max++) {
		AUTO_FREE char *plain = plain_text(euros, max);

		ck_assert_uint_le(strlen(plain), max);
		ck_assert_uint_eq(strlen(plain) % 3, 0);
		ck_assert_str_eq(plain + strlen(plain) - 3, "...");
	}
}
END_TEST

/* Each opening looks ahead for an end that is not there. */
START_TEST(a_hostile_text_takes_no_time)
{
	static char text[1000000];
	static const char *const openings[] = { "[", "<a", "![", "](", "\033]", "&" };

	for (size_t i = 0; i < COUNT_OF(openings); i++) {
		for (size_t at = 0; at + 3 < sizeof(text); at += strlen(openings[i]))
			memcpy(text + at, openings[i], strlen(openings[i]));
		AUTO_FREE char *plain = plain_text(text, 100);

		ck_assert(plain == NULL || (strlen(plain) <= 100 && !utf8_has_control(plain)));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("plain");
	TCase *tc = tcase_create("plain");

	tcase_add_loop_test(tc, markup_goes, 0, COUNT_OF(cases));
	tcase_add_test(tc, long_text_is_cut_between_words);
	tcase_add_test(tc, no_character_is_split);
	tcase_add_test(tc, a_hostile_text_takes_no_time);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
