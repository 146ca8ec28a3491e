/*
 * How a scope stands. Everything of a part of a month is kept times the seconds
 * of that month, so that nothing is rounded before it is compared.
 */
#include <config.h>

#include "core/standing.h"

#include <stdlib.h>

#include "core/wide.h"

#define PERCENT (100 * DECIMAL_ONE)

void
standing_clear(struct standing *s)
{
	if (s == NULL)
		return;
	free(s->scope);
	*s = (struct standing){ 0 };
}

/*
 * What stands has begun in second 0. Never back: where a clock went back for a
 * moment, what was spent would be forgotten; until it is right again it is second
 * 0 of the later month, and the forecast that of a whole one.
 */
void
standing_roll(struct standing *s, month_t month)
{
	if (s->month >= month)
		return;
	s->month = month;
	s->reserved = (struct accrual){ .rate = s->reserved.rate };
	s->committed = (struct accrual){ .rate = s->committed.rate };
	s->actual = 0;
	s->actual_replaces = 0;
}

int
standing_reserve(struct standing *s, money_t amount, int64_t now_ms, struct err *e)
{
	return accrual_change(&s->reserved, amount, month_second(s->month, now_ms), e);
}

void
position_of(const struct standing *s, int64_t now_ms, struct position *p)
{
	int64_t at = month_second(s->month, now_ms), length = month_seconds(s->month);
	__int128 accrued = accrual_total(&s->committed, at) - (__int128)s->actual_replaces * length;

	__int128 spent;

	/* Less may have been accrued than was replaced: what is known to be spent is spent all the same. */
	if (accrued < 0)
		accrued = 0;
	/* More may have been given back than was spent: that pays for nobody else. */
	spent = (__int128)s->actual * length + accrued;
	if (spent < 0)
		spent = 0;
	*p = (struct position){
		.at = at,
		.length = length,
		.run_rate = (__int128)s->reserved.rate + s->committed.rate,
		.spent = spent,
	};
	p->so_far = p->spent + accrual_total(&s->reserved, at);
	if (p->so_far < p->spent)
		p->so_far = p->spent;
}

__int128
position_forecast(const struct position *p, __int128 run_rate)
{
	return p->so_far + run_rate * (p->length - p->at);
}

/* One that does not fit is the highest there is: lower than meant, and still a limit. */
money_t
budget_limit_in_force(const struct budget_limit *limit, const struct standing *s)
{
	money_t sum;

	return money_add(limit->amount, s->granted[limit->period], &sum, NULL) < 0 ? MONEY_MAX
										   : sum;
}

int
standing_outlook(const struct standing *s, int64_t now_ms, struct outlook *out, struct err *e)
{
	struct position p;
	struct outlook o = { .reserved = s->reserved.rate, .committed = s->committed.rate };

	position_of(s, now_ms, &p);
	if (wide_fit(p.run_rate, &o.run_rate, e) < 0 ||
	    money_muldiv(o.run_rate, DAY_HOURS, MONTH_HOURS, &o.daily, e) < 0 ||
	    wide_divide(p.spent, p.length, &o.spent, e) < 0 ||
	    wide_divide(position_forecast(&p, p.run_rate), p.length, &o.forecast, e) < 0)
		return -1;
	*out = o;
	return 0;
}

/* In percent, rounded down: so a threshold is reached here only where it is. */
static decimal_t
part_of(__int128 used, __int128 limit)
{
	if (used <= 0)
		return 0;
	if (limit <= 0 || used / limit >= PERCENT_MAX / PERCENT)
		return PERCENT_MAX;
	return (decimal_t)(used / limit * PERCENT + used % limit * PERCENT / limit);
}

static decimal_t
larger(decimal_t a, decimal_t b)
{
	return a > b ? a : b;
}

int
budget_used(const struct budget *b, const struct standing *s, int64_t now_ms, decimal_t *percent,
    struct err *e)
{
	const struct budget_limit *limit;
	struct outlook fits;
	struct position p;
	__int128 amount;

	if (standing_outlook(s, now_ms, &fits, e) < 0)
		return -1;
	*percent = 0;
	position_of(s, now_ms, &p);
	if ((limit = budget_limit(b, s->scope, BUDGET_MONTHLY)) != NULL) {
		amount = budget_limit_in_force(limit, s);
		*percent = larger(part_of(p.run_rate, amount),
		    part_of(position_forecast(&p, p.run_rate), amount * p.length));
	}
	if ((limit = budget_limit(b, s->scope, BUDGET_DAILY)) != NULL) {
		amount = budget_limit_in_force(limit, s);
		*percent = larger(*percent, part_of(p.run_rate * DAY_HOURS, amount * MONTH_HOURS));
	}
	return 0;
}
