#include "config.h"
#include "base/id.h"

#include <stdlib.h>
#include <string.h>

#include "../unit.h"
#include "base/clock.h"
#include "base/mem.h"

START_TEST(new_ids_are_valid_and_grow)
{
	char last[ID_SIZE] = "";
	char id[ID_SIZE];

	for (int i = 0; i < 20000; i++) {
		id_new(id);
		ck_assert_msg(id_is_valid(id), "%s", id);
		ck_assert_msg(strcmp(id, last) > 0, "%s after %s", id, last);
		memcpy(last, id, sizeof(id));
	}
}
END_TEST

/* More than the counter holds in one millisecond, then a clock that is set back. */
START_TEST(order_survives_a_clock_that_stands_or_goes_back)
{
	char last[ID_SIZE] = "";
	char id[ID_SIZE];

	for (int i = 0; i < 30000; i++) {
		clock_set_for_test(i < 15000 ? 1700000000000 : 1600000000000, 0);
		id_new(id);
		ck_assert_msg(id_is_valid(id), "%s", id);
		ck_assert_msg(strcmp(id, last) > 0, "%s after %s", id, last);
		memcpy(last, id, sizeof(id));
	}
}
END_TEST

START_TEST(the_front_is_the_clock)
{
	char id[ID_SIZE];

	/* The example of RFC 9562, A.6. */
	clock_set_for_test(0x017f22e279b0, 0);
	id_new(id);
	ck_assert_msg(strncmp(id, "017f22e2-79b0-7", 15) == 0, "%s", id);
}
END_TEST

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, 12);
}

START_TEST(tails_are_random)
{
	static char tails[5000][12];
	char id[ID_SIZE];

	for (size_t i = 0; i < COUNT_OF(tails); i++) {
		id_new(id);
		memcpy(tails[i], id + ID_LEN - 12, 12);
	}
	qsort(tails, COUNT_OF(tails), sizeof(tails[0]), compare);
	for (size_t i = 1; i < COUNT_OF(tails); i++)
		ck_assert_int_ne(compare(tails[i - 1], tails[i]), 0);
}
END_TEST

static const struct {
	const char *text;
	bool valid;
} ids[] = {
	{ "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", true },
	{ "017f22e2-79b0-7cc3-b8c4-dc0c0c07398f", true },
	{ "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", false }, /* version 4 */
	{ "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f", false }, /* another variant */
	{ "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", false },
	{ "017f22e279b0-7cc3-98c4-dc0c0c07398f-", false },
	{ "017f22e2-79b0-7cc3-98c4-dc0c0c07398", false },
	{ "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", false },
	{ "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", false },
	{ "../../../../../../../../../etc/passwd", false },
	{ "", false },
	{ NULL, false },
};

START_TEST(validity)
{
	ck_assert_int_eq(id_is_valid(ids[_i].text), ids[_i].valid);
}
END_TEST

static const struct {
	const char *text;
	bool is_tail;
} tails[] = {
	{ "398f", true },
	{ "dc0c0c07398f", true },
	{ "398", false },
	{ "0dc0c0c07398f", false },
	{ "398F", false },
	{ "web1", false },
	{ "39-8f", false },
	{ "", false },
	{ NULL, false },
};

START_TEST(tail)
{
	ck_assert_int_eq(id_is_tail(tails[_i].text), tails[_i].is_tail);
}
END_TEST

START_TEST(short_form)
{
	ck_assert_str_eq(id_short("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), "0c07398f");
	ck_assert_str_eq(id_short("398f"), "398f");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("id");
	TCase *tc = tcase_create("id");

	tcase_add_test(tc, new_ids_are_valid_and_grow);
	tcase_add_test(tc, order_survives_a_clock_that_stands_or_goes_back);
	tcase_add_test(tc, the_front_is_the_clock);
	tcase_add_test(tc, tails_are_random);
	tcase_add_loop_test(tc, validity, 0, COUNT_OF(ids));
	tcase_add_loop_test(tc, tail, 0, COUNT_OF(tails));
	tcase_add_test(tc, short_form);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
