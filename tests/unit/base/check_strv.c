#include "config.h"
#include "base/strv.h"

#include <string.h>

#include "../unit.h"
#include "base/mem.h"

START_TEST(always_ends_with_null)
{
	CLEANUP(strv_clear) struct strv s = { 0 };

	for (size_t i = 0; i < 100; i++) {
		strv_addf(&s, "%zu", i);
		ck_assert_uint_eq(s.len, i + 1);
		ck_assert_ptr_null(s.v[s.len]);
	}
	ck_assert_str_eq(s.v[0], "0");
	ck_assert_str_eq(s.v[99], "99");
	strv_clear(&s);
	ck_assert_uint_eq(s.len, 0);
	strv_clear(&s);
	strv_clear(NULL);
}
END_TEST

START_TEST(copies_and_takes)
{
	CLEANUP(strv_clear) struct strv s = { 0 };
	char text[] = "one";

	strv_add(&s, text);
	text[0] = 'X';
	strv_take(&s, xstrdup("two"));
	strv_copy(&s, &s);
	ck_assert_uint_eq(s.len, 4);
	ck_assert_str_eq(s.v[0], "one");
	ck_assert_str_eq(s.v[3], "two");
	ck_assert(strv_has(&s, "two"));
	ck_assert(!strv_has(&s, "tw"));
	ck_assert(!strv_has(&(struct strv){ 0 }, ""));
}
END_TEST

static const struct {
	const char *words[4];
	const char *joined;
	const char *shell;
} rows[] = {
	{ { NULL }, "", "" },
	{ { "az", "vm", "list" }, "az, vm, list", "az vm list" },
	{ { "" }, "", "''" },
	{ { "a b" }, "a b", "'a b'" },
	{ { "it's" }, "it's", "'it'\\''s'" },
	{ { "'" }, "'", "''\\'''" },
	{ { "$(reboot)", "`x`" }, "$(reboot), `x`", "'$(reboot)' '`x`'" },
	{ { "--tag=a;b" }, "--tag=a;b", "'--tag=a;b'" },
	{ { "/subscriptions/0-1/x_y.z:2@3%4+5" }, "/subscriptions/0-1/x_y.z:2@3%4+5",
	    "/subscriptions/0-1/x_y.z:2@3%4+5" },
	{ { "~", "*", "a\nb" }, "~, *, a\nb", "'~' '*' 'a\nb'" },
	{ { "\xc3\xa4" }, "\xc3\xa4", "'\xc3\xa4'" },
};

START_TEST(join_and_shell)
{
	CLEANUP(strv_clear) struct strv s = { 0 };
	AUTO_FREE char *joined = NULL;
	AUTO_FREE char *shell = NULL;

	for (size_t i = 0; i < 4 && rows[_i].words[i] != NULL; i++)
		strv_add(&s, rows[_i].words[i]);
	joined = strv_join(&s, ", ");
	shell = strv_shell(&s);
	ck_assert_str_eq(joined, rows[_i].joined);
	ck_assert_str_eq(shell, rows[_i].shell);
}
END_TEST

START_TEST(ends_of_strings)
{
	ck_assert(str_ends_with("main.tf", ".tf"));
	ck_assert(str_ends_with(".tf", ".tf"));
	ck_assert(str_ends_with("", ""));
	ck_assert(!str_ends_with("main.tf.json", ".tf"));
	ck_assert(!str_ends_with("tf", ".tf"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("strv");
	TCase *tc = tcase_create("strv");

	tcase_add_test(tc, always_ends_with_null);
	tcase_add_test(tc, copies_and_takes);
	tcase_add_loop_test(tc, join_and_shell, 0, COUNT_OF(rows));
	tcase_add_test(tc, ends_of_strings);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
