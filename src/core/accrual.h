/*
 * What standing things have cost so far in a calendar month (UTC), in closed
 * form: no row has to be visited, whatever the number of things.
 *
 * A thing of RATE a month (of 730 hours, see core/money.h) that stands from
 * second FROM of a calendar month of LENGTH seconds to second TO costs RATE *
 * (TO - FROM) / LENGTH: the month's rate is spread over the calendar month, so
 * that what stands throughout costs its rate in February as in March. So the sum
 * over all things up to second T is
 *
 *	(rate * T - moment) / length,	moment: the sum of (change of rate * its second)
 *
 * where a thing that began before the month has begun in second 0. All exact;
 * only accrual_spent() rounds, once.
 */
#ifndef CORE_ACCRUAL_H
#define CORE_ACCRUAL_H

#include <stdint.h>

#include "core/money.h"

/* A month by its number: 12 * year + (month - 1). */
typedef int month_t;

month_t month_of(int64_t ms);
int64_t month_start_ms(month_t month);
int64_t month_seconds(month_t month); /* its length */
/* The second of MONTH at that time: 0 if it is before, its length if it is behind. */
int64_t month_second(month_t month, int64_t ms);
#define MONTH_TEXT_SIZE 16
/* "2026-11" */
const char *month_format(month_t month, char out[static MONTH_TEXT_SIZE]);
/* -1 and ERR_INPUT, which says what is expected. */
int month_parse(const char *text, month_t *out, struct err *e);

struct accrual {
	money_t rate;         /* a month, of all that stands now */
	int64_t units, nanos; /* the moment: units * 10^9 + nanos nano-units times seconds; 0 <= nanos < 10^9 */
};

/* The rate changes by DELTA in second AT; ERR_INPUT, and nothing changes, if it does not fit. */
int accrual_change(struct accrual *a, money_t delta, int64_t at, struct err *e);
/* What something cost that is over: RATE from second FROM to second TO. */
int accrual_close(struct accrual *a, money_t rate, int64_t from, int64_t to, struct err *e);
/* Times the length of the month: rate * at - moment, exactly. */
__int128 accrual_total(const struct accrual *a, int64_t at);
/* Spent up to second AT of a month of LENGTH seconds, rounded once. */
int accrual_spent(const struct accrual *a, int64_t at, int64_t length, money_t *out, struct err *e);
/* A month's rate over a part of it: rate * seconds / length, rounded once. */
int accrual_part(money_t rate, int64_t seconds, int64_t length, money_t *out, struct err *e);

#endif
