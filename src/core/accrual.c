/*
 * Months and accruals. The moment is kept as two numbers because a store knows
 * no 128 bits: it is put together, changed, and taken apart again with the
 * remainder never negative, so that the same moment is the same two numbers.
 */
#include <config.h>

#include "core/accrual.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/wide.h"

#define SECOND_MS 1000
#define YEAR_MONTHS 12
#define TM_YEAR 1900 /* that struct tm counts from */
#define NANOS INT64_C(1000000000)

/* ---- months ---- */

/* Before 1970 too. */
static int64_t
second_of(int64_t ms)
{
	return ms / SECOND_MS - (ms % SECOND_MS < 0);
}

static int64_t
month_start(month_t month)
{
	struct tm tm = {
		.tm_year = month / YEAR_MONTHS - TM_YEAR,
		.tm_mon = month % YEAR_MONTHS,
		.tm_mday = 1,
	};

	return timegm(&tm);
}

month_t
month_of(int64_t ms)
{
	time_t second = second_of(ms);
	struct tm tm;

	gmtime_r(&second, &tm);
	return (tm.tm_year + TM_YEAR) * YEAR_MONTHS + tm.tm_mon;
}

int64_t
month_start_ms(month_t month)
{
	return month_start(month) * SECOND_MS;
}

int64_t
month_seconds(month_t month)
{
	return month_start(month + 1) - month_start(month);
}

int64_t
month_second(month_t month, int64_t ms)
{
	int64_t second = second_of(ms) - month_start(month), length = month_seconds(month);

	if (second < 0)
		return 0;
	return second < length ? second : length;
}

const char *
month_format(month_t month, char out[static MONTH_TEXT_SIZE])
{
	snprintf(out, MONTH_TEXT_SIZE, "%04d-%02d", month / YEAR_MONTHS, month % YEAR_MONTHS + 1);
	return out;
}

/* Of LEN digits; -1 if they are not. */
static int
digits(const char *text, size_t len)
{
	int number = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

int
month_parse(const char *text, month_t *out, struct err *e)
{
	bool has_form = strlen(text) == strlen("2026-11") && text[4] == '-';
	int year = has_form ? digits(text, 4) : -1, month = has_form ? digits(text + 5, 2) : -1;

	if (year < 1970 || month < 1 || month > YEAR_MONTHS)
		return err_set(e, ERR_INPUT, "\"%.40s\" is no month such as 2026-11", text);
	*out = year * YEAR_MONTHS + month - 1;
	return 0;
}

/* ---- accruals ---- */

static __int128
moment_of(const struct accrual *a)
{
	return (__int128)a->units * NANOS + a->nanos;
}

static int
set_moment(struct accrual *a, __int128 moment, struct err *e)
{
	int64_t nanos = (int64_t)(moment % NANOS);

	if (nanos < 0)
		nanos += NANOS;
	if (wide_fit((moment - nanos) / NANOS, &a->units, e) < 0)
		return -1;
	a->nanos = nanos;
	return 0;
}

int
accrual_change(struct accrual *a, money_t delta, int64_t at, struct err *e)
{
	struct accrual next = *a;

	if (money_add(a->rate, delta, &next.rate, e) < 0 ||
	    set_moment(&next, moment_of(a) + (__int128)delta * at, e) < 0)
		return -1;
	*a = next;
	return 0;
}

/* As if it had begun and ended: the rate is what it was, and the moment is less by what it cost. */
int
accrual_close(struct accrual *a, money_t rate, int64_t from, int64_t to, struct err *e)
{
	return set_moment(a, moment_of(a) - (__int128)rate * (to - from), e);
}

__int128
accrual_total(const struct accrual *a, int64_t at)
{
	return (__int128)a->rate * at - moment_of(a);
}

int
accrual_spent(const struct accrual *a, int64_t at, int64_t length, money_t *out, struct err *e)
{
	return wide_divide(accrual_total(a, at), length, out, e);
}

int
accrual_part(money_t rate, int64_t seconds, int64_t length, money_t *out, struct err *e)
{
	return money_muldiv(rate, seconds, length, out, e);
}
