/*
 * Money and quantities as whole numbers of billionths: no floating point from
 * price to report. money_t counts nano-units of a currency (a thousandth of a
 * millionth of a dollar), decimal_t nano-units of anything else: hours, GB,
 * counts, ratios. Both reach to some 9.2 thousand millions; what does not fit is
 * an error and never wraps.
 *
 * The one rounding rule: where a product or quotient falls between two
 * nano-units the nearer one is taken, and of two equally near ones the one
 * further from zero ("half up, away from zero"). Each function rounds once, at
 * its end; inside it calculates with 128 bits.
 *
 * All functions that can fail return 0, or -1 and ERR_INPUT, and then leave *out
 * alone; OUT may be one of the operands. E may be NULL.
 */
#ifndef CORE_MONEY_H
#define CORE_MONEY_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/err.h"

typedef int64_t money_t;   /* nano-units of a currency */
typedef int64_t decimal_t; /* nano-units of a quantity */

#define MONEY_DIGITS 9                  /* decimals behind the point */
#define MONEY_ONE INT64_C(1000000000)   /* 1.00 of the currency */
#define DECIMAL_ONE INT64_C(1000000000) /* a quantity of 1 */
#define MONEY_MAX INT64_MAX             /* 9223372036.854775807 */
#define MONTH_HOURS 730                 /* as in Azure's own calculators */
#define DAY_HOURS 24
#define MONTH_HOURS_DECIMAL (MONTH_HOURS * DECIMAL_ONE)

/* "-9,223,372,036.854775808" and its NUL. */
#define MONEY_TEXT_SIZE 32

int money_add(money_t a, money_t b, money_t *out, struct err *e);
int money_sub(money_t a, money_t b, money_t *out, struct err *e);
/* A price for one, times a quantity. */
int money_mul(money_t price, decimal_t quantity, money_t *out, struct err *e);
/* An amount spread over a quantity that is not 0. */
int money_div(money_t amount, decimal_t by, money_t *out, struct err *e);
/* amount * times / by, rounded once: a price for a block of many, a ratio of two prices. BY is not 0. */
int money_muldiv(money_t amount, int64_t times, int64_t by, money_t *out, struct err *e);

/* The same for quantities. */
int decimal_add(decimal_t a, decimal_t b, decimal_t *out, struct err *e);
int decimal_sub(decimal_t a, decimal_t b, decimal_t *out, struct err *e);
int decimal_mul(decimal_t a, decimal_t b, decimal_t *out, struct err *e);
int decimal_div(decimal_t a, decimal_t by, decimal_t *out, struct err *e);
/* A whole number as a quantity. */
int decimal_of(int64_t whole, decimal_t *out, struct err *e);

/*
 * "500", "500.0", "500.00" and "0.000045" exactly. More than nine decimals
 * (zeros at the end aside), a sign, an exponent, a separator of thousands, a
 * point without digits on both sides, spaces and what does not fit are errors.
 */
int money_parse(const char *text, money_t *out, struct err *e);
int decimal_parse(const char *text, decimal_t *out, struct err *e);
/* The same with a "-" allowed in front: credits and corrections of invoices. */
int money_parse_signed(const char *text, money_t *out, struct err *e);
/*
 * A string as above, or a number: then the shortest decimal text that gives this
 * number back is meant, so that 0.1 is exactly 0.1. Negative numbers are errors.
 */
int money_from_json(const cJSON *value, money_t *out, struct err *e);
int decimal_from_json(const cJSON *value, decimal_t *out, struct err *e);

/* "500.00", "0.000045", "-1.50": exact, at least two decimals and no zeros beyond; money_parse() reads it. */
const char *money_format(money_t amount, char out[static MONEY_TEXT_SIZE]);
/* That text into OBJECT. */
void json_add_money(cJSON *object, const char *key, money_t amount);
/* For people: "1,234.56", rounded to cents; but what would read 0.00 and is not keeps two digits that tell: "0.000045". */
const char *money_format_people(money_t amount, char out[static MONEY_TEXT_SIZE]);
/* "730", "0.5": exact, without decimals where there are none. */
const char *decimal_format(decimal_t quantity, char out[static MONEY_TEXT_SIZE]);

#endif
