#include "config.h"
#include "base/utf8.h"

#include <string.h>

#include "../unit.h"
#include "base/mem.h"

static const struct {
	const char *text;
	size_t max;
	size_t length;
} lengths[] = {
	{ "a", 1, 1 },
	{ "", 0, 0 },
	{ "", 1, 1 }, /* a NUL is a character */
	{ "\x7f", 1, 1 },
	{ "\x80", 1, 0 },     /* a tail without a head */
	{ "\xc0\x80", 2, 0 }, /* a NUL in two bytes */
	{ "\xc1\xbf", 2, 0 },
	{ "\xc2\x80", 2, 2 },
	{ "\xc3\xa4", 2, 2 },
	{ "\xc3\xa4", 1, 0 }, /* cut */
	{ "\xc3(", 2, 0 },
	{ "\xdf\xbf", 2, 2 },
	{ "\xe0\x80\xaf", 3, 0 }, /* a slash in three bytes */
	{ "\xe0\xa0\x80", 3, 3 },
	{ "\xe2\x82\xac", 3, 3 },
	{ "\xe2\x82", 2, 0 },
	{ "\xe2\x82(", 3, 0 },
	{ "\xed\x9f\xbf", 3, 3 },
	{ "\xed\xa0\x80", 3, 0 }, /* a surrogate */
	{ "\xef\xbf\xbf", 3, 3 },
	{ "\xf0\x80\x80\x80", 4, 0 },
	{ "\xf0\x90\x80\x80", 4, 4 },
	{ "\xf0\x9f\x92\xb0", 4, 4 },
	{ "\xf0\x9f\x92", 3, 0 },
	{ "\xf4\x8f\xbf\xbf", 4, 4 },
	{ "\xf4\x90\x80\x80", 4, 0 }, /* past the last character */
	{ "\xf5\x80\x80\x80", 4, 0 },
	{ "\xff", 1, 0 },
};

START_TEST(length)
{
	ck_assert_uint_eq(utf8_length(lengths[_i].text, lengths[_i].max), lengths[_i].length);
}
END_TEST

static const struct {
	const char *text;
	size_t max;
	size_t cut;
} cuts[] = {
	{ "", 0, 0 }, { "abc", 2, 2 }, { "a\xc3\xa4", 3, 3 }, { "a\xc3\xa4", 2, 1 },
	{ "\xc3\xa4", 1, 0 }, { "a\xe2\x82\xac", 4, 4 }, { "a\xe2\x82\xac", 3, 1 },
	{ "a\xe2\x82\xac", 2, 1 }, { "\xf0\x9f\x92\xb0", 4, 4 }, { "\xf0\x9f\x92\xb0", 3, 0 },
	{ "\x80\x80\x80\x80\x80", 5, 5 }, /* no character anyway */
};

START_TEST(cut)
{
	ck_assert_uint_eq(utf8_cut(cuts[_i].text, cuts[_i].max), cuts[_i].cut);
}
END_TEST

static const struct {
	const char *text;
	bool has;
} controls[] = {
	{ "", false },
	{ "plain \xc3\xa4 \xe2\x82\xac", false },
	{ "a\tb", true },
	{ "\x1b[1m", true },
	{ "\x7f", true },
	{ "\xc2\x85", true },
	{ "\xc2\xa0", false },
	{ "\xc2\x9f", true },
	{ "\xd8\x9c", true },
	{ "\xd8\x9d", false },
	{ "\xe2\x80\x8d", false },
	{ "\xe2\x80\x8e", true },
	{ "\xe2\x80\x8f", true },
	{ "\xe2\x80\xa7", false },
	{ "\xe2\x80\xa8", true },
	{ "\xef\xbb\xbf", true },
	{ "\xef\xbb\xbe", false },
	{ "\xe2\x80\xaa", true },
	{ "\xe2\x80\xae", true },
	{ "\xe2\x80\xaf", false },
	{ "\xe2\x81\xa5", false },
	{ "\xe2\x81\xa6", true },
	{ "\xe2\x81\xa9", true },
	{ "\xe2\x81\xaa", false },
	{ "\xe2", false },
	{ "\xe2\x80", false },
	{ "\xc2", false },
	{ "\xd8", false },
	{ "\xef\xbb", false },
};

START_TEST(has_control)
{
	ck_assert_int_eq(utf8_has_control(controls[_i].text), controls[_i].has);
}
END_TEST

static const struct {
	const char *text;
	size_t max;
	const char *line;
} lines[] = {
	{ "", 10, "" },
	{ "a\tb\x1b[1m\r\n", 20, "a b [1m  " },
	{ "a\xc2\x9b" "b\xe2\x80\xaeq\xd8\x9c", 20, "a  b   q  " },
	{ "\xc3\xa4\xe2\x82\xac", 5, "\xc3\xa4\xe2\x82\xac" },
	{ "\xc3\xa4\xe2\x82\xac", 4, "\xc3\xa4" },
	{ "cut", 2, "cu" },
};

START_TEST(one_line)
{
	AUTO_FREE char *line = utf8_line(lines[_i].text, lines[_i].max);

	ck_assert_str_eq(line, lines[_i].line);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("utf8");
	TCase *tc = tcase_create("utf8");

	tcase_add_loop_test(tc, length, 0, COUNT_OF(lengths));
	tcase_add_loop_test(tc, cut, 0, COUNT_OF(cuts));
	tcase_add_loop_test(tc, has_control, 0, COUNT_OF(controls));
	tcase_add_loop_test(tc, one_line, 0, (int)COUNT_OF(lines));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
