/*
 * What a price is for: the text of the Retail Prices API ("1 GB/Month", "10K",
 * "100 Hours") as a block of so many amounts during so much time. A text that
 * is not understood is an error: no monthly figure may be made of it.
 */
#ifndef PRICING_UNIT_H
#define PRICING_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/money.h"

/* What is counted. */
enum unit_amount {
	UNIT_COUNT, /* pieces, operations, users, rotations ... */
	UNIT_MB,
	UNIT_MIB,
	UNIT_GB,
	UNIT_GIB,
	UNIT_TB,
	UNIT_TIB,
	UNIT_IOPS,
	UNIT_AMOUNTS
};

/*
 * How long the amount lasts for one unit of it. UNIT_ONCE: time has no part in
 * it (operations, GB transferred).
 */
enum unit_time {
	UNIT_ONCE,
	UNIT_SECOND,
	UNIT_MINUTE,
	UNIT_HOUR,
	UNIT_DAY,
	UNIT_MONTH, /* 730 hours */
	UNIT_YEAR,  /* 12 months */
	UNIT_TIMES
};

#define UNIT_TEXT_SIZE 32

struct unit {
	char text[UNIT_TEXT_SIZE]; /* as the API spells it */
	enum unit_amount amount;
	enum unit_time time;
	int64_t block;  /* amounts in one unit: 10000 of "10K", 100 of "100 Hours" */
	int64_t period; /* times in one unit: 3 of "1/3 Months"; else 1 */
};

/* ERR_INPUT: unit "TEXT" not understood. */
int unit_parse(const char *text, struct unit *out, struct err *e);
/* "count", "GB", "IOPS" ...; and "once", "hour", "month" ... */
const char *unit_amount_name(enum unit_amount amount);
const char *unit_time_name(enum unit_time time);

/*
 * How many units AMOUNT (pieces, GB ...: not blocks) is during HOURS; HOURS has
 * no part in a unit that is UNIT_ONCE. As NUMERATOR / DENOMINATOR nano-units, so
 * that nothing is rounded yet; both are positive or 0 / something.
 */
int unit_quantity(const struct unit *u, decimal_t amount, decimal_t hours, __int128 *numerator,
    __int128 *denominator, struct err *e);

#endif
