#include "config.h"
#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "../unit.h"
#include "base/mem.h"
#include "base/utf8.h"

START_TEST(set_says_what_and_is_minus_one)
{
	struct err e = { 0 };

	ck_assert_int_eq(err_set(&e, ERR_INPUT, "%s: unknown parameter \"%s\"", "web", "sise"), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_str_eq(e.msg, "web: unknown parameter \"sise\"");
}
END_TEST

START_TEST(nobody_has_to_listen)
{
	ck_assert_int_eq(err_set(NULL, ERR_INPUT, "x"), -1);
	ck_assert_int_eq(err_sys(NULL, "x"), -1);
	ck_assert_int_eq(err_in(NULL, "x"), -1);
}
END_TEST

static const struct {
	int number;
	enum err_kind kind;
	const char *msg;
} systems[] = {
	{ ENOENT, ERR_SYSTEM, "open a.db: No such file or directory" },
	{ EACCES, ERR_SYSTEM, "open a.db: Permission denied" },
	{ EIO, ERR_SYSTEM, "open a.db: Input/output error" },
	{ ENOSPC, ERR_FULL, "open a.db: No space left on device" },
	{ EDQUOT, ERR_FULL, "open a.db: Disk quota exceeded" },
};

START_TEST(sys_tells_why)
{
	struct err e = { 0 };

	errno = systems[_i].number;
	ck_assert_int_eq(err_sys(&e, "open %s", "a.db"), -1);
	ck_assert_int_eq(e.kind, systems[_i].kind);
	ck_assert_str_eq(e.msg, systems[_i].msg);
	ck_assert_int_eq(errno, systems[_i].number);
}
END_TEST

START_TEST(in_keeps_the_kind)
{
	struct err e = { 0 };

	err_set(&e, ERR_BUSY, "locked");
	ck_assert_int_eq(err_in(&e, "state %d", 7), -1);
	ck_assert_int_eq(e.kind, ERR_BUSY);
	ck_assert_str_eq(e.msg, "state 7: locked");
}
END_TEST

START_TEST(a_message_may_quote_itself)
{
	struct err e = { 0 };

	err_set(&e, ERR_INPUT, "inner");
	err_set(&e, ERR_CORRUPT, "outer (%s)", e.msg);
	ck_assert_str_eq(e.msg, "outer (inner)");
	err_in(&e, "<%s>", e.msg);
	ck_assert_str_eq(e.msg, "<outer (inner)>: outer (inner)");
}
END_TEST

/* 1023 bytes do not divide by three: a plain cut would split the last character. */
START_TEST(long_messages_end_at_a_character)
{
	char text[3001];
	struct err e = { 0 };
	size_t len;

	for (size_t i = 0; i < 3000; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	text[3000] = '\0';
	for (int shift = 0; shift < 3; shift++) {
		err_set(&e, ERR_INPUT, "%.*s%s", shift, "xx", text);
		len = strlen(e.msg);
		ck_assert_uint_gt(len, sizeof(e.msg) - 5);
		for (size_t at = 0; at < len; at += utf8_length(e.msg + at, len - at))
			ck_assert_uint_gt(utf8_length(e.msg + at, len - at), 0);
	}
	err_in(&e, "%s", text);
	ck_assert_uint_lt(strlen(e.msg), sizeof(e.msg));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("err");
	TCase *tc = tcase_create("err");

	tcase_add_test(tc, set_says_what_and_is_minus_one);
	tcase_add_test(tc, nobody_has_to_listen);
	tcase_add_loop_test(tc, sys_tells_why, 0, COUNT_OF(systems));
	tcase_add_test(tc, in_keeps_the_kind);
	tcase_add_test(tc, a_message_may_quote_itself);
	tcase_add_test(tc, long_messages_end_at_a_character);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
