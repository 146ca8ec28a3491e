/*
 * Every function calculates in 128 bits, rounds once and then looks whether the
 * result fits in 64. Text is read digit by digit; a double only ever comes in
 * as its shortest text.
 */
#include "config.h"

#include "core/money.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* -Wpedantic aside, a name for what the language has no own word for. */
__extension__ typedef __int128 int128_t;

#define NUMBER_TEXT_SIZE 64

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- arithmetic ---- */

static int
fits(int128_t value, int64_t *out, struct err *e)
{
	if (value > INT64_MAX || value < INT64_MIN)
		return err_set(e, ERR_INPUT,
		    "an amount is too large: beyond 9223372036 nothing can be calculated");
	*out = (int64_t)value;
	return 0;
}

/* To the nearest; of two equally near ones the one further from zero. */
static int128_t
divide(int128_t a, int128_t by)
{
	int128_t quotient, rest;

	if (by < 0) {
		a = -a;
		by = -by;
	}
	quotient = a / by;
	rest = a % by;
	if (rest < 0)
		rest = -rest;
	if (rest >= by - rest)
		quotient += a < 0 ? -1 : 1;
	return quotient;
}

static int
muldiv(int64_t a, int64_t times, int64_t by, int64_t *out, struct err *e)
{
	if (by == 0)
		return err_set(e, ERR_INPUT, "an amount is to be divided by zero");
	return fits(divide((int128_t)a * times, by), out, e);
}

int
money_add(money_t a, money_t b, money_t *out, struct err *e)
{
	return fits((int128_t)a + b, out, e);
}

int
money_sub(money_t a, money_t b, money_t *out, struct err *e)
{
	return fits((int128_t)a - b, out, e);
}

int
money_mul(money_t price, decimal_t quantity, money_t *out, struct err *e)
{
	return muldiv(price, quantity, DECIMAL_ONE, out, e);
}

int
money_div(money_t amount, decimal_t by, money_t *out, struct err *e)
{
	return muldiv(amount, DECIMAL_ONE, by, out, e);
}

int
money_muldiv(money_t amount, int64_t times, int64_t by, money_t *out, struct err *e)
{
	return muldiv(amount, times, by, out, e);
}

int
decimal_add(decimal_t a, decimal_t b, decimal_t *out, struct err *e)
{
	return money_add(a, b, out, e);
}

int
decimal_sub(decimal_t a, decimal_t b, decimal_t *out, struct err *e)
{
	return money_sub(a, b, out, e);
}

int
decimal_mul(decimal_t a, decimal_t b, decimal_t *out, struct err *e)
{
	return money_mul(a, b, out, e);
}

int
decimal_div(decimal_t a, decimal_t by, decimal_t *out, struct err *e)
{
	return money_div(a, by, out, e);
}

int
decimal_of(int64_t whole, decimal_t *out, struct err *e)
{
	return fits((int128_t)whole * DECIMAL_ONE, out, e);
}

/* ---- reading ---- */

/* Of a whole part nothing beyond 64 bits is kept, and of decimals twice as many as can be kept: 128 bits hold both. */
static int
gather_digits(const char *text, size_t len, int128_t *value, int *decimals, struct err *e)
{
	bool after_point = false;

	*value = 0;
	*decimals = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.') {
			after_point = true;
			continue;
		}
		*value = *value * 10 + (text[i] - '0');
		if (!after_point && *value > INT64_MAX)
			return err_set(e, ERR_INPUT, "\"%.40s\" is too large", text);
		if (after_point && ++*decimals > 2 * MONEY_DIGITS)
			return err_set(e, ERR_INPUT, "\"%.40s\" has more than %d decimals", text,
			    MONEY_DIGITS);
	}
	return 0;
}

/* Digits with at most one point among them, worth 10^exponent more than they say. */
static int
take_digits(const char *text, size_t len, int exponent, int64_t *out, struct err *e)
{
	int128_t value;
	int decimals;

	/* Zeros at the end of decimals count for nothing, however many. */
	while (memchr(text, '.', len) != NULL && text[len - 1] == '0')
		len--;
	if (gather_digits(text, len, &value, &decimals, e) < 0)
		return -1;
	for (decimals -= exponent; value != 0 && decimals < MONEY_DIGITS; decimals++) {
		value *= 10;
		if (value > INT64_MAX)
			return err_set(e, ERR_INPUT, "\"%.40s\" is too large", text);
	}
	for (; value % 10 == 0 && decimals > MONEY_DIGITS && value != 0; decimals--)
		value /= 10;
	if (value != 0 && decimals > MONEY_DIGITS)
		return err_set(
		    e, ERR_INPUT, "\"%.40s\" has more than %d decimals", text, MONEY_DIGITS);
	if (value > INT64_MAX)
		return err_set(e, ERR_INPUT, "\"%.40s\" is too large", text);
	*out = (int64_t)value;
	return 0;
}

/* How many bytes of TEXT are digits with at most one point between them; 0: it does not begin so. */
static size_t
scan_digits(const char *text)
{
	size_t len = 0;

	while (is_digit(text[len]))
		len++;
	if (len == 0 || text[len] != '.' || !is_digit(text[len + 1]))
		return len;
	for (len++; is_digit(text[len]);)
		len++;
	return len;
}

static int
parse(const char *text, int64_t *out, struct err *e)
{
	size_t len = scan_digits(text);

	if (len > 0 && text[len] == '\0')
		return take_digits(text, len, 0, out, e);
	if (*text == '-' || *text == '+')
		return err_set(e, ERR_INPUT, "\"%.40s\" must not have a sign", text);
	if (len > 0 && text[len] == ',')
		return err_set(e, ERR_INPUT,
		    "\"%.40s\": write it without \",\" and with a point before the decimals", text);
	return err_set(e, ERR_INPUT, "\"%.40s\" is no amount such as 500 or 0.25", text);
}

int
money_parse(const char *text, money_t *out, struct err *e)
{
	return parse(text, out, e);
}

int
decimal_parse(const char *text, decimal_t *out, struct err *e)
{
	return parse(text, out, e);
}

int
money_parse_signed(const char *text, money_t *out, struct err *e)
{
	if (*text != '-')
		return parse(text, out, e);
	if (parse(text + 1, out, e) < 0)
		return -1;
	*out = -*out;
	return 0;
}

/* The fewest digits that read back as this number; 17 always do. */
static void
shortest(double number, char *out, size_t size)
{
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(out, size, "%.*g", digits, number);
		if (strtod(out, NULL) == number)
			return;
	}
}

static int
from_number(double number, int64_t *out, struct err *e)
{
	char text[NUMBER_TEXT_SIZE];
	size_t len;

	if (!isfinite(number))
		return err_set(e, ERR_INPUT, "the amount must be finite");
	if (number < 0)
		return err_set(e, ERR_INPUT, "%g must not be negative", number);
	shortest(number, text, sizeof(text));
	/* "-0" is 0. */
	len = scan_digits(text + (*text == '-'));
	if (text[*text == '-' ? len + 1 : len] == '\0')
		return take_digits(text + (*text == '-'), len, 0, out, e);
	assert(text[len] == 'e');
	return take_digits(text, len, (int)strtol(text + len + 1, NULL, 10), out, e);
}

static int
from_json(const cJSON *value, int64_t *out, struct err *e)
{
	if (cJSON_IsString(value))
		return parse(value->valuestring, out, e);
	if (cJSON_IsNumber(value))
		return from_number(value->valuedouble, out, e);
	return err_set(e, ERR_INPUT, "an amount must be a number or a string such as \"500.00\"");
}

int
money_from_json(const cJSON *value, money_t *out, struct err *e)
{
	return from_json(value, out, e);
}

int
decimal_from_json(const cJSON *value, decimal_t *out, struct err *e)
{
	return from_json(value, out, e);
}

/* ---- writing ---- */

/* INT64_MIN has no positive twin. */
static uint64_t
magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

/* All nine decimals without the zeros at the end, but at least so many. */
static const char *
format(int64_t value, int decimals_min, char *out)
{
	uint64_t size = magnitude(value);
	int len = snprintf(out, MONEY_TEXT_SIZE, "%s%llu.%09llu", value < 0 ? "-" : "",
	    (unsigned long long)(size / MONEY_ONE), (unsigned long long)(size % MONEY_ONE));

	for (int decimals = MONEY_DIGITS; decimals > decimals_min && out[len - 1] == '0';
	     decimals--)
		out[--len] = '\0';
	if (out[len - 1] == '.')
		out[--len] = '\0';
	return out;
}

const char *
money_format(money_t amount, char out[static MONEY_TEXT_SIZE])
{
	return format(amount, 2, out);
}

void
json_add_money(cJSON *object, const char *key, money_t amount)
{
	char text[MONEY_TEXT_SIZE];

	json_add_str(object, key, money_format(amount, text));
}

const char *
decimal_format(decimal_t quantity, char out[static MONEY_TEXT_SIZE])
{
	return format(quantity, 0, out);
}

/* The whole part in groups of three. */
static int
format_groups(bool negative, uint64_t whole, char *out)
{
	char digits[MONEY_TEXT_SIZE];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)whole), len = 0;

	if (negative)
		out[len++] = '-';
	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			out[len++] = ',';
		out[len++] = digits[i];
	}
	return len;
}

/* Two digits that tell something, of less than half a cent. */
static money_t
two_digits(money_t amount)
{
	money_t step = 1;

	while (magnitude(amount) / 100 >= (uint64_t)step)
		step *= 10;
	return (money_t)divide(amount, step) * step;
}

const char *
money_format_people(money_t amount, char out[static MONEY_TEXT_SIZE])
{
	const money_t cent = MONEY_ONE / 100;
	uint64_t cents = magnitude((money_t)divide(amount, cent));
	int len;

	if (cents == 0 && amount != 0)
		return format(two_digits(amount), 2, out);
	len = format_groups(amount < 0, cents / 100, out);
	snprintf(out + len, (size_t)(MONEY_TEXT_SIZE - len), ".%02llu",
	    (unsigned long long)(cents % 100));
	return out;
}
