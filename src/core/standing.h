/*
 * A standing in numbers that are exact: what a ruling compares. For
 * core/standing.c and core/budget_rule.c.
 */
#ifndef CORE_STANDING_H
#define CORE_STANDING_H

#include "core/budget.h"

struct position {
	int64_t at, length; /* seconds of the month: gone, and in all */
	__int128 run_rate;  /* a month, of all that is reserved and committed */
	/* Times LENGTH: */
	__int128 spent;  /* so far: actual cost where it is known */
	__int128 so_far; /* and what is reserved has cost since it was */
};

void position_of(const struct standing *s, int64_t now_ms, struct position *p);
/* For the whole month if from now on all costs RUN_RATE a month; times LENGTH. */
__int128 position_forecast(const struct position *p, __int128 run_rate);

#endif
