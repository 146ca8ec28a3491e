/* Units: the texts the API has, what they are made of, and those that nobody understands. */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "pricing/unit.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	int64_t block;
	enum unit_amount amount;
	enum unit_time time;
	int64_t period;
} units[] = {
	{ "1 Hour", 1, UNIT_COUNT, UNIT_HOUR, 1 },
	{ "1/Hour", 1, UNIT_COUNT, UNIT_HOUR, 1 },
	{ "Hours", 1, UNIT_COUNT, UNIT_HOUR, 1 },
	{ "100 Hours", 100, UNIT_COUNT, UNIT_HOUR, 1 },
	{ "1/Day", 1, UNIT_COUNT, UNIT_DAY, 1 },
	{ "1 Day", 1, UNIT_COUNT, UNIT_DAY, 1 },
	{ "1 GB/Day", 1, UNIT_GB, UNIT_DAY, 1 },
	{ "1 Month", 1, UNIT_COUNT, UNIT_MONTH, 1 },
	{ "1/Month", 1, UNIT_COUNT, UNIT_MONTH, 1 },
	{ "1 GB/Month", 1, UNIT_GB, UNIT_MONTH, 1 },
	{ "1 GiB/Month", 1, UNIT_GIB, UNIT_MONTH, 1 },
	{ "1 TB/Month", 1, UNIT_TB, UNIT_MONTH, 1 },
	{ "1 MB/Month", 1, UNIT_MB, UNIT_MONTH, 1 },
	{ "1 IOPS/Month", 1, UNIT_IOPS, UNIT_MONTH, 1 },
	{ "1 GB", 1, UNIT_GB, UNIT_ONCE, 1 },
	{ "1 MB", 1, UNIT_MB, UNIT_ONCE, 1 },
	{ "1 TB", 1, UNIT_TB, UNIT_ONCE, 1 },
	{ "1 GiB", 1, UNIT_GIB, UNIT_ONCE, 1 },
	{ "1 GB Hour", 1, UNIT_GB, UNIT_HOUR, 1 },
	{ "1 GB/Hour", 1, UNIT_GB, UNIT_HOUR, 1 },
	{ "1 GiB Hour", 1, UNIT_GIB, UNIT_HOUR, 1 },
	{ "1 GiB/Hour", 1, UNIT_GIB, UNIT_HOUR, 1 },
	{ "1 GB Second", 1, UNIT_GB, UNIT_SECOND, 1 },
	{ "1 GiB Second", 1, UNIT_GIB, UNIT_SECOND, 1 },
	{ "100 GB Seconds", 100, UNIT_GB, UNIT_SECOND, 1 },
	{ "1 Second", 1, UNIT_COUNT, UNIT_SECOND, 1 },
	{ "100 Seconds", 100, UNIT_COUNT, UNIT_SECOND, 1 },
	{ "1 Minute", 1, UNIT_COUNT, UNIT_MINUTE, 1 },
	{ "1/Minute", 1, UNIT_COUNT, UNIT_MINUTE, 1 },
	{ "10K", 10000, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "50K", 50000, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "1K", 1000, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "1M", 1000000, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "10M", 10000000, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "1B", 1000000000, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "10K/Month", 10000, UNIT_COUNT, UNIT_MONTH, 1 },
	{ "1K/Hour", 1000, UNIT_COUNT, UNIT_HOUR, 1 },
	{ "1K/Day", 1000, UNIT_COUNT, UNIT_DAY, 1 },
	{ "1M/Month", 1000000, UNIT_COUNT, UNIT_MONTH, 1 },
	{ "1/Year", 1, UNIT_COUNT, UNIT_YEAR, 1 },
	{ "1/3 Months", 1, UNIT_COUNT, UNIT_MONTH, 3 },
	{ "1/6 Months", 1, UNIT_COUNT, UNIT_MONTH, 6 },
	{ "1/10 Days", 1, UNIT_COUNT, UNIT_DAY, 10 },
	{ "1", 1, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "10", 10, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "100", 100, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "1 Unit", 1, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "Unit", 1, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "Units", 1, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "1 Count", 1, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "1 User", 1, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "1 Rotation", 1, UNIT_COUNT, UNIT_ONCE, 1 },
	{ "1 GB/\xe6\x9c\x88", 1, UNIT_GB, UNIT_MONTH, 1 },
	{ "1 \xe5\xb0\x8f\xe6\x97\xb6", 1, UNIT_COUNT, UNIT_HOUR, 1 },
	{ "1\xc2\xa0hora", 1, UNIT_COUNT, UNIT_HOUR, 1 },
	{ "1 GB/mes", 1, UNIT_GB, UNIT_MONTH, 1 },
	{ "1 GB/hora", 1, UNIT_GB, UNIT_HOUR, 1 },
};

START_TEST(understood)
{
	struct unit u;
	struct err e = { 0 };

	ck_assert_msg(unit_parse(units[_i].text, &u, &e) == 0, "%s", e.msg);
	ck_assert_str_eq(u.text, units[_i].text);
	ck_assert_int_eq(u.block, units[_i].block);
	ck_assert_int_eq(u.amount, units[_i].amount);
	ck_assert_int_eq(u.time, units[_i].time);
	ck_assert_int_eq(u.period, units[_i].period);
}
END_TEST

static const char *const odd[] = { "", " ", "10000s", "1 Furlong", "1 GB/Fortnight", "0 Hour",
	"-1 Hour", "1KB", "K", "1 Hour Hour", "1 GB Hour Day", "1/", "1 /0 Months", "/", "1 GB/",
	"1.5 Hours", "99999999999999999999 Hours", "1 Hour ", "1/Hour/Day", "x1 Hour",
	"a text that is far longer than any unit is" };

START_TEST(not_understood)
{
	struct unit u = { .block = 77 };
	struct err e = { 0 };

	ck_assert_int_eq(unit_parse(odd[_i], &u, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_ptr_nonnull(strstr(e.msg, "not understood"));
	ck_assert_int_eq(u.block, 77);
}
END_TEST

static const struct {
	const char *text, *amount, *hours;
	int64_t numerator, denominator; /* of nano-units */
} quantities[] = {
	{ "1 Hour", "1", "730", 730 * DECIMAL_ONE, 1 },
	{ "1 Hour", "3", "730", 2190 * DECIMAL_ONE, 1 },
	{ "100 Hours", "1", "730", 73 * DECIMAL_ONE / 10, 1 },
	{ "1/Month", "2", "730", 2 * DECIMAL_ONE, 1 },
	{ "1/Month", "1", "1", DECIMAL_ONE / 10, 73 },
	{ "1 GB/Month", "0.5", "365", DECIMAL_ONE / 4, 1 },
	{ "1/Day", "1", "730", 365 * DECIMAL_ONE, 12 },
	{ "1/Year", "12", "730", DECIMAL_ONE, 1 },
	{ "1/3 Months", "3", "730", DECIMAL_ONE, 1 },
	{ "1 Second", "1", "730", 2628000 * DECIMAL_ONE, 1 },
	{ "1 Minute", "1", "2", 120 * DECIMAL_ONE, 1 },
	{ "10K", "50000", "730", 5 * DECIMAL_ONE, 1 },
	{ "10K", "50000", "0", 5 * DECIMAL_ONE, 1 },
	{ "1 GB", "0", "730", 0, 1 },
	{ "1 Hour", "1", "0", 0, 1 },
};

START_TEST(quantity)
{
	decimal_t amount, hours;
	__int128 n, d;
	struct unit u;

	ck_assert_int_eq(unit_parse(quantities[_i].text, &u, NULL), 0);
	ck_assert_int_eq(decimal_parse(quantities[_i].amount, &amount, NULL), 0);
	ck_assert_int_eq(decimal_parse(quantities[_i].hours, &hours, NULL), 0);
	ck_assert_int_eq(unit_quantity(&u, amount, hours, &n, &d, NULL), 0);
	ck_assert(n * quantities[_i].denominator == d * quantities[_i].numerator);
}
END_TEST

START_TEST(no_quantity)
{
	__int128 n, d;
	struct unit u;

	ck_assert_int_eq(unit_parse("1 Second", &u, NULL), 0);
	ck_assert_int_eq(unit_quantity(&u, -1, 1, &n, &d, NULL), -1);
	ck_assert_int_eq(unit_quantity(&u, 1, -1, &n, &d, NULL), -1);
	ck_assert_int_eq(unit_quantity(&u, INT64_MAX, INT64_MAX, &n, &d, NULL), -1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("unit");
	TCase *tests = tcase_create("unit");

	tcase_add_loop_test(tests, understood, 0, COUNT_OF(units));
	tcase_add_loop_test(tests, not_understood, 0, COUNT_OF(odd));
	tcase_add_loop_test(tests, quantity, 0, COUNT_OF(quantities));
	tcase_add_test(tests, no_quantity);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
