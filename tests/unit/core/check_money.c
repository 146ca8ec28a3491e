/* Money: exact text both ways, one rounding rule, and nothing that wraps. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "core/money.h"
#include "tests/unit/unit.h"

#define ONE MONEY_ONE

static const struct {
	const char *text;
	int64_t value; /* -1: refused */
	const char *formatted;
} texts[] = {
	{ "500", 500 * ONE, "500.00" },
	{ "500.0", 500 * ONE, "500.00" },
	{ "500.00", 500 * ONE, "500.00" },
	{ "0.000045", 45000, "0.000045" },
	{ "0", 0, "0.00" },
	{ "0.0", 0, "0.00" },
	{ "0000012.5", 12 * ONE + ONE / 2, "12.50" },
	{ "0.000000001", 1, "0.000000001" },
	{ "0.123456789", 123456789, "0.123456789" },
	{ "0.12345678900000000000000000000000000000", 123456789, "0.123456789" },
	{ "0.00000000000000000000000000000000000000", 0, "0.00" },
	{ "9223372036.854775807", INT64_MAX, "9223372036.854775807" },
	{ "9223372036.854775808", -1, NULL },
	{ "9223372037", -1, NULL },
	{ "99999999999999999999999999999999999999999999999999", -1, NULL },
	{ "0.0000000001", -1, NULL },
	{ "1.12345678901234567890123456789", -1, NULL },
	{ "0.99999999999999999999999999999999999999999999999", -1, NULL },
	{ "1,000", -1, NULL },
	{ "1,000.00", -1, NULL },
	{ "1.000,00", -1, NULL },
	{ "1'000", -1, NULL },
	{ "1_000", -1, NULL },
	{ "1 000", -1, NULL },
	{ "-1", -1, NULL },
	{ "+1", -1, NULL },
	{ "--1", -1, NULL },
	{ "", -1, NULL },
	{ ".", -1, NULL },
	{ ".5", -1, NULL },
	{ "5.", -1, NULL },
	{ "1.2.3", -1, NULL },
	{ " 1", -1, NULL },
	{ "1 ", -1, NULL },
	{ "1e3", -1, NULL },
	{ "0x10", -1, NULL },
	{ "$5", -1, NULL },
	{ "5 USD", -1, NULL },
	{ "nan", -1, NULL },
	{ "inf", -1, NULL },
	{ "\xd9\xa3", -1, NULL },
};

START_TEST(reading)
{
	char out[MONEY_TEXT_SIZE];
	struct err e = { 0 };
	money_t value = 77, again;

	if (texts[_i].value < 0) {
		ck_assert_int_eq(money_parse(texts[_i].text, &value, &e), -1);
		ck_assert_int_eq(e.kind, ERR_INPUT);
		ck_assert_int_eq(value, 77);
		ck_assert_int_eq(decimal_parse(texts[_i].text, &value, NULL), -1);
		return;
	}
	ck_assert_int_eq(money_parse(texts[_i].text, &value, &e), 0);
	ck_assert_int_eq(value, texts[_i].value);
	ck_assert_str_eq(money_format(value, out), texts[_i].formatted);
	ck_assert_int_eq(money_parse(out, &again, &e), 0);
	ck_assert_int_eq(again, value);
	ck_assert_int_eq(decimal_parse(texts[_i].text, &again, &e), 0);
	ck_assert_int_eq(again, value);
}
END_TEST

START_TEST(signed_text)
{
	char out[MONEY_TEXT_SIZE];
	money_t value = 77;

	ck_assert_int_eq(money_parse_signed("-12.5", &value, NULL), 0);
	ck_assert_int_eq(value, -12 * ONE - ONE / 2);
	ck_assert_str_eq(money_format(value, out), "-12.50");
	ck_assert_int_eq(money_parse_signed("3", &value, NULL), 0);
	ck_assert_int_eq(value, 3 * ONE);
	ck_assert_int_eq(money_parse_signed("--3", &value, NULL), -1);
	ck_assert_int_eq(money_parse_signed("-", &value, NULL), -1);
	ck_assert_int_eq(value, 3 * ONE);
}
END_TEST

/* As TOML and JSON give them: text of one element. */
static const struct {
	const char *json;
	int64_t value; /* -1: refused */
} values[] = {
	{ "500", 500 * ONE },
	{ "500.0", 500 * ONE },
	{ "\"500.00\"", 500 * ONE },
	{ "0.1", ONE / 10 },
	{ "0.3", 3 * ONE / 10 },
	{ "439.68", 439680000000 },
	{ "5e2", 500 * ONE },
	{ "4.5e-05", 45000 },
	{ "1E-09", 1 },
	{ "1.5E-9", -1 },
	{ "1e-300", -1 },
	{ "5e-324", -1 },
	{ "0", 0 },
	{ "-0.0", 0 },
	{ "0.0", 0 },
	{ "9007199.254740993", 9007199254740993 },
	{ "123456.789012345", 123456789012345 },
	{ "9223372036", 9223372036 * ONE },
	{ "9223372037", -1 },
	{ "1e10", -1 },
	{ "1e308", -1 },
	{ "0.30000000000000004", -1 },
	{ "-1", -1 },
	{ "-0.000001", -1 },
	{ "\"-1\"", -1 },
	{ "\"\"", -1 },
	{ "true", -1 },
	{ "null", -1 },
	{ "[500]", -1 },
	{ "{}", -1 },
};

START_TEST(json)
{
	AUTO_JSON cJSON *value = cJSON_Parse(values[_i].json);
	struct err e = { 0 };
	money_t out = 77;

	ck_assert_ptr_nonnull(value);
	if (values[_i].value < 0) {
		ck_assert_int_eq(money_from_json(value, &out, &e), -1);
		ck_assert_int_eq(e.kind, ERR_INPUT);
		ck_assert_int_eq(out, 77);
		return;
	}
	ck_assert_msg(money_from_json(value, &out, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(out, values[_i].value);
}
END_TEST

START_TEST(not_finite)
{
	const double numbers[] = { NAN, INFINITY, -INFINITY };
	money_t out;

	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		AUTO_JSON cJSON *value = cJSON_CreateNumber(numbers[i]);

		ck_assert_int_eq(money_from_json(value, &out, NULL), -1);
	}
}
END_TEST

/* Every price with up to six decimals reads the same as text and as a number. */
START_TEST(number_is_text)
{
	for (int64_t micro = 0; micro < 3000000; micro += 7) {
		char text[MONEY_TEXT_SIZE];
		cJSON number = { .type = cJSON_Number };
		money_t from_text, from_number;

		money_format(micro * 1000, text);
		number.valuedouble = strtod(text, NULL);
		/* One assertion: each writes to the runner of the tests. */
		if (money_parse(text, &from_text, NULL) < 0 ||
		    money_from_json(&number, &from_number, NULL) < 0 ||
		    from_text != micro * 1000 || from_number != micro * 1000)
			ck_abort_msg("%s", text);
	}
}
END_TEST

START_TEST(sums)
{
	money_t out = 77;

	ck_assert_int_eq(money_add(1, 2, &out, NULL), 0);
	ck_assert_int_eq(out, 3);
	ck_assert_int_eq(money_sub(1, 2, &out, NULL), 0);
	ck_assert_int_eq(out, -1);
	ck_assert_int_eq(money_add(INT64_MAX, 0, &out, NULL), 0);
	ck_assert_int_eq(out, INT64_MAX);
	out = 77;
	ck_assert_int_eq(money_add(INT64_MAX, 1, &out, NULL), -1);
	ck_assert_int_eq(money_sub(INT64_MIN, 1, &out, NULL), -1);
	ck_assert_int_eq(money_sub(0, INT64_MIN, &out, NULL), -1);
	ck_assert_int_eq(out, 77);
	ck_assert_int_eq(decimal_add(INT64_MAX, INT64_MAX, &out, NULL), -1);
	ck_assert_int_eq(decimal_sub(5, 7, &out, NULL), 0);
	ck_assert_int_eq(out, -2);
	ck_assert_int_eq(decimal_of(730, &out, NULL), 0);
	ck_assert_int_eq(out, MONTH_HOURS_DECIMAL);
	ck_assert_int_eq(decimal_of(9223372037, &out, NULL), -1);
	ck_assert_int_eq(decimal_of(-9223372037, &out, NULL), -1);
}
END_TEST

static const struct {
	int64_t a, times, by, out; /* by 0: refused */
} products[] = {
	{ 96000000, 730 * ONE, ONE, 70080000000 }, /* 0.096 an hour is 70.08 a month */
	{ 1, 1, 2, 1 },                            /* half a nano-unit goes away from zero */
	{ -1, 1, 2, -1 },
	{ 1, -1, 2, -1 },
	{ 1, 1, -2, -1 },
	{ -1, -1, 2, 1 },
	{ -1, 1, -2, 1 },
	{ 1, 1, 3, 0 },
	{ 2, 1, 3, 1 },
	{ -2, 1, 3, -1 },
	{ 3, 1, 2, 2 },
	{ 5, 1, 2, 3 },
	{ -5, 1, 2, -3 },
	{ 7, 1, 5, 1 },
	{ 8, 1, 5, 2 },
	{ 0, 5, 7, 0 },
	{ INT64_MAX, 1, 1, INT64_MAX },
	{ INT64_MIN, 1, 1, INT64_MIN },
	{ INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX },
	{ INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN },
	{ INT64_MIN, -1, 1, 0 },
	{ INT64_MAX, 2, 1, 0 },
	{ INT64_MAX, INT64_MAX, 1, 0 },
	{ INT64_MIN, INT64_MIN, 1, 0 },
	{ 1, 1, 0, 0 },
	{ 0, 0, 0, 0 },
};

START_TEST(product)
{
	bool refused = products[_i].out == 0 && products[_i].a != 0 && products[_i].times != 1;
	struct err e = { 0 };
	money_t out = 77;
	int rc = money_muldiv(products[_i].a, products[_i].times, products[_i].by, &out, &e);

	refused = refused || products[_i].by == 0;
	ck_assert_int_eq(rc, refused ? -1 : 0);
	ck_assert_int_eq(out, refused ? 77 : products[_i].out);
	ck_assert_int_eq(e.kind, refused ? ERR_INPUT : ERR_NONE);
}
END_TEST

START_TEST(quantities)
{
	money_t out = 0;

	ck_assert_int_eq(money_mul(87000000, 3 * ONE / 2, &out, NULL), 0);
	ck_assert_int_eq(out, 130500000);
	/* 30.37 for two months, and back. */
	ck_assert_int_eq(money_mul(30370000000, 2 * ONE, &out, NULL), 0);
	ck_assert_int_eq(money_div(out, 2 * ONE, &out, NULL), 0);
	ck_assert_int_eq(out, 30370000000);
	ck_assert_int_eq(money_div(ONE, 3 * ONE, &out, NULL), 0);
	ck_assert_int_eq(out, 333333333);
	ck_assert_int_eq(money_div(2 * ONE, 3 * ONE, &out, NULL), 0);
	ck_assert_int_eq(out, 666666667);
	ck_assert_int_eq(decimal_mul(ONE / 2, ONE / 2, &out, NULL), 0);
	ck_assert_int_eq(out, ONE / 4);
	ck_assert_int_eq(decimal_div(ONE, 8 * ONE, &out, NULL), 0);
	ck_assert_int_eq(out, ONE / 8);
	ck_assert_int_eq(money_mul(1000000 * ONE, 1000000 * ONE, &out, NULL), -1);
	ck_assert_int_eq(money_div(1000000 * ONE, 1, &out, NULL), -1);
	ck_assert_int_eq(money_div(1, 0, &out, NULL), -1);
}
END_TEST

static const struct {
	int64_t value;
	const char *exact, *people, *decimal;
} formats[] = {
	{ 0, "0.00", "0.00", "0" },
	{ 500 * ONE, "500.00", "500.00", "500" },
	{ 1234560000000, "1234.56", "1,234.56", "1234.56" },
	{ 1234565000000, "1234.565", "1,234.57", "1234.565" },
	{ -1234565000000, "-1234.565", "-1,234.57", "-1234.565" },
	{ 999994999999, "999.994999999", "999.99", "999.994999999" },
	{ 999995000000, "999.995", "1,000.00", "999.995" },
	{ 1000000 * ONE, "1000000.00", "1,000,000.00", "1000000" },
	{ 100 * ONE, "100.00", "100.00", "100" },
	{ 45000, "0.000045", "0.000045", "0.000045" },
	{ -45000, "-0.000045", "-0.000045", "-0.000045" },
	{ 4999999, "0.004999999", "0.005", "0.004999999" },
	{ 5000000, "0.005", "0.01", "0.005" },
	{ 123456, "0.000123456", "0.00012", "0.000123456" },
	{ 1, "0.000000001", "0.000000001", "0.000000001" },
	{ 99, "0.000000099", "0.000000099", "0.000000099" },
	{ 996, "0.000000996", "0.000001", "0.000000996" },
	{ 500000000, "0.50", "0.50", "0.5" },
	{ INT64_MAX, "9223372036.854775807", "9,223,372,036.85", "9223372036.854775807" },
	{ INT64_MIN, "-9223372036.854775808", "-9,223,372,036.85", "-9223372036.854775808" },
};

START_TEST(format)
{
	char out[MONEY_TEXT_SIZE];

	ck_assert_str_eq(money_format(formats[_i].value, out), formats[_i].exact);
	ck_assert_str_eq(money_format_people(formats[_i].value, out), formats[_i].people);
	ck_assert_str_eq(decimal_format(formats[_i].value, out), formats[_i].decimal);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("money");
	TCase *tests = tcase_create("money");

	tcase_add_loop_test(tests, reading, 0, COUNT_OF(texts));
	tcase_add_test(tests, signed_text);
	tcase_add_loop_test(tests, json, 0, COUNT_OF(values));
	tcase_add_test(tests, not_finite);
	tcase_add_test(tests, number_is_text);
	tcase_add_test(tests, sums);
	tcase_add_loop_test(tests, product, 0, COUNT_OF(products));
	tcase_add_test(tests, quantities);
	tcase_add_loop_test(tests, format, 0, COUNT_OF(formats));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
