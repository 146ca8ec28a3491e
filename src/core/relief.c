#include <config.h>

#include "core/relief.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CENT (MONEY_ONE / 100)

/* ---- how much ---- */

static money_t
whole_cents(money_t amount)
{
	return amount > MONEY_MAX - CENT ? amount : (amount + CENT - 1) / CENT * CENT;
}

/* Of a month's rate, that must go to bring the measure down by OVER. One nano-unit more: the measures are rounded. */
static money_t
missing_rate(enum measure measure, money_t over, int64_t now_ms)
{
	month_t month = month_of(now_ms);
	int64_t length = month_seconds(month), rest = length - month_second(month, now_ms);
	money_t missing = over;
	int rc = 0;

	if (measure == MEASURE_DAILY)
		rc = money_muldiv(over, MONTH_HOURS, DAY_HOURS, &missing, NULL);
	else if (measure == MEASURE_FORECAST)
		/* What is spent is spent: only the rest of the month can be saved. */
		rc = rest > 0 ? money_muldiv(over, length, rest, &missing, NULL) : -1;
	else
		return over;
	return rc < 0 || missing == MONEY_MAX ? MONEY_MAX : missing + 1;
}

static struct relief *
relief_of(struct relief **v, size_t *len, const char *scope, enum budget_period period)
{
	for (size_t i = 0; i < *len; i++)
		if ((*v)[i].period == period && strcmp((*v)[i].scope, scope) == 0)
			return &(*v)[i];
	*v = xrealloc(*v, *len + 1, sizeof(**v));
	(*v)[*len] = (struct relief){ .scope = scope, .period = period };
	return &(*v)[(*len)++];
}

void
reliefs_of(const struct ruling *ruling, int64_t now_ms, struct relief **v, size_t *len)
{
	*v = NULL;
	*len = 0;
	for (size_t i = 0; i < ruling->len; i++) {
		const struct objection *o = &ruling->v[i];
		money_t over, missing;
		struct relief *r;

		if (o->reason != OBJECTION_BUDGET || o->verdict == VERDICT_ADMIT ||
		    money_sub(o->after, o->limit, &over, NULL) < 0 || over <= 0)
			continue;
		r = relief_of(
		    v, len, o->scope, o->measure == MEASURE_DAILY ? BUDGET_DAILY : BUDGET_MONTHLY);
		missing = missing_rate(o->measure, over, now_ms);
		over = whole_cents(over);
		r->over = over > r->over ? over : r->over;
		r->missing = missing > r->missing ? missing : r->missing;
	}
}

/* From the smallest on, until LEN remain. */
static void
drop_parts(struct relief *r, size_t len)
{
	while (r->n_parts > len)
		free(r->parts[--r->n_parts].label);
}

void
reliefs_free(struct relief *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		drop_parts(&v[i], 0);
	free(v);
}

/* ---- which ---- */

static bool
is_enough(const struct relief *r)
{
	return r->n_parts == 1 && r->parts[0].amount >= r->missing;
}

bool
relief_wants(const struct relief *r, money_t amount)
{
	if (amount <= 0 || r->missing == MONEY_MAX)
		return false;
	if (amount >= r->missing)
		return !is_enough(r) || amount < r->parts[0].amount;
	return !is_enough(r) &&
	    (r->n_parts < RELIEF_PARTS || amount > r->parts[RELIEF_PARTS - 1].amount);
}

/* One that is enough takes the place of all; else it stands among the largest, in falling order. */
void
relief_take(struct relief *r, const char id[static ID_SIZE], char *label, money_t amount)
{
	size_t at;

	assert(relief_wants(r, amount));
	drop_parts(r, amount >= r->missing ? 0 : RELIEF_PARTS - 1);
	at = r->n_parts;
	while (at > 0 && r->parts[at - 1].amount < amount)
		at--;
	memmove(&r->parts[at + 1], &r->parts[at], (r->n_parts - at) * sizeof(*r->parts));
	r->parts[at] = (struct relief_part){ .label = label, .amount = amount };
	memcpy(r->parts[at].id, id, ID_SIZE);
	r->n_parts++;
}

void
relief_settle(struct relief *r)
{
	size_t n = 0;

	r->frees = 0;
	while (n < r->n_parts && r->frees < r->missing) {
		if (money_add(r->frees, r->parts[n].amount, &r->frees, NULL) < 0)
			break;
		n++;
	}
	drop_parts(r, r->frees >= r->missing ? n : 0);
}
