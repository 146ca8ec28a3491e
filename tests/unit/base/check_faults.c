#include "config.h"
#include "base/faults.h"

#include "../unit.h"
#include "base/mem.h"

START_TEST(tells_where)
{
	CLEANUP(faults_clear) struct faults f = { 0 };

	ck_assert_int_eq(faults_add(&f, "site.toml:3:1", "unknown key \"%s\"", "sise"), -1);
	ck_assert_int_eq(faults_add(&f, NULL, "no objectives"), -1);
	ck_assert_uint_eq(f.count, 2);
	ck_assert_str_eq(f.list.v[0], "site.toml:3:1: unknown key \"sise\"");
	ck_assert_str_eq(f.list.v[1], "no objectives");
	faults_clear(&f);
	ck_assert_uint_eq(f.count, 0);
	ck_assert_uint_eq(f.list.len, 0);
	faults_clear(NULL);
}
END_TEST

START_TEST(keeps_so_many_and_counts_all)
{
	CLEANUP(faults_clear) struct faults f = { 0 };

	for (int i = 0; i < FAULTS_MAX + 50; i++)
		faults_add(&f, "x", "%d", i);
	ck_assert_uint_eq(f.list.len, FAULTS_MAX);
	ck_assert_uint_eq(f.count, FAULTS_MAX + 50);
	ck_assert_str_eq(f.list.v[FAULTS_MAX - 1], "x: 99");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("faults");
	TCase *tc = tcase_create("faults");

	tcase_add_test(tc, tells_where);
	tcase_add_test(tc, keeps_so_many_and_counts_all);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
