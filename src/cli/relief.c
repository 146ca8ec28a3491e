/*
 * The cheapest single thing that is enough, else the fewest large ones. A scope
 * may hold a million reservations: each is looked at once, and for each need only
 * the candidates are kept.
 */
#include "config.h"

#include "cli/relief.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/needed.h"

#define PAGE 500
#define CENT (MONEY_ONE / 100)
#define DAY_HOURS 24

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
relief_of(struct wait *wait, const char *scope, enum budget_period period)
{
	struct relief *r;

	for (size_t i = 0; i < wait->n_reliefs; i++) {
		r = &wait->reliefs[i];
		if (r->period == period && strcmp(r->scope, scope) == 0)
			return r;
	}
	wait->reliefs = xrealloc(wait->reliefs, wait->n_reliefs + 1, sizeof(*wait->reliefs));
	r = &wait->reliefs[wait->n_reliefs++];
	*r = (struct relief){ .scope = scope, .period = period };
	return r;
}

void
relief_add(struct wait *wait, int64_t now_ms)
{
	for (size_t i = 0; i < wait->ruling.len; i++) {
		const struct objection *o = &wait->ruling.v[i];
		money_t over, missing;
		struct relief *r;

		if (o->reason != OBJECTION_BUDGET || o->scope == NULL ||
		    money_sub(o->after, o->limit, &over, NULL) < 0 || over <= 0)
			continue;
		r = relief_of(
		    wait, o->scope, o->measure == MEASURE_DAILY ? BUDGET_DAILY : BUDGET_MONTHLY);
		missing = missing_rate(o->measure, over, now_ms);
		over = whole_cents(over);
		r->over = over > r->over ? over : r->over;
		r->missing = missing > r->missing ? missing : r->missing;
	}
}

void
relief_clear(struct wait *wait)
{
	for (size_t i = 0; i < wait->n_reliefs; i++) {
		for (size_t k = 0; k < wait->reliefs[i].n_parts; k++)
			free(wait->reliefs[i].parts[k].label);
	}
	free(wait->reliefs);
	wait->reliefs = NULL;
	wait->n_reliefs = 0;
}

/* ---- candidates ---- */

static struct relief_part
part_of(const struct reservation *r)
{
	struct relief_part part = {
		.label = xasprintf("%s/%s", r->batch, r->name),
		.amount = r->monthly.high,
	};

	memcpy(part.id, r->objective_id, sizeof(part.id));
	return part;
}

static bool
is_enough(const struct relief *r)
{
	return r->n_parts == 1 && r->parts[0].amount >= r->missing;
}

static void
drop_parts(struct relief *r)
{
	while (r->n_parts > 0)
		free(r->parts[--r->n_parts].label);
}

/* The only one, from now on: the cheapest that is enough so far. */
static void
take_single(struct relief *r, const struct reservation *found)
{
	drop_parts(r);
	r->parts[r->n_parts++] = part_of(found);
}

/* Among the largest, while none is enough: in falling order. */
static void
take_among(struct relief *r, const struct reservation *found)
{
	size_t at = r->n_parts;

	while (at > 0 && r->parts[at - 1].amount < found->monthly.high)
		at--;
	if (r->n_parts == RELIEF_PARTS)
		free(r->parts[--r->n_parts].label);
	memmove(&r->parts[at + 1], &r->parts[at], (r->n_parts - at) * sizeof(*r->parts));
	r->parts[at] = part_of(found);
	r->n_parts++;
}

static bool
would_be_taken(const struct relief *r, const struct reservation *found)
{
	money_t amount = found->monthly.high;

	if (amount >= r->missing)
		return !is_enough(r) || amount < r->parts[0].amount;
	return !is_enough(r) &&
	    (r->n_parts < RELIEF_PARTS || amount > r->parts[RELIEF_PARTS - 1].amount);
}

static int
offer(struct relief *r, const struct wait *wait, const struct reservation *found,
    struct needed *needed, struct err *e)
{
	bool is_needed;

	/* What is being destroyed already is neither succeeded nor failed. */
	if (found->objective_state != STATE_SUCCEEDED && found->objective_state != STATE_FAILED)
		return 0;
	if (found->monthly.high <= 0 || r->missing == MONEY_MAX ||
	    strcmp(found->objective_id, wait->waiting->objective_id) == 0 ||
	    !would_be_taken(r, found))
		return 0;
	/* With a network its machines would have to go: no cheap way out, and destroy refuses it. */
	if (needed_has(needed, found->batch, found->name, &is_needed, e) < 0)
		return -1;
	if (is_needed)
		return 0;
	if (found->monthly.high >= r->missing)
		take_single(r, found);
	else
		take_among(r, found);
	return 0;
}

static int
offer_all(struct wait *waits, size_t n_waits, const char *scope, const struct reservation *found,
    struct needed *needed, struct err *e)
{
	for (size_t w = 0; w < n_waits; w++) {
		for (size_t k = 0; k < waits[w].n_reliefs; k++) {
			struct relief *r = &waits[w].reliefs[k];

			if (strcmp(r->scope, scope) == 0 &&
			    offer(r, &waits[w], found, needed, e) < 0)
				return -1;
		}
	}
	return 0;
}

static int
walk_scope(struct wait *waits, size_t n_waits, const char *scope, struct needed *needed,
    struct store *s, struct err *e)
{
	struct reservation_filter f = {
		.scope = scope,
		.states = 1u << RESERVATION_COMMITTED,
		.limit = PAGE,
	};
	size_t len;

	do {
		struct reservation *v = NULL;
		int rc = 0;

		if (store_reservations(s, &f, &v, &len, e) < 0)
			return -1;
		for (size_t i = 0; i < len && rc == 0; i++) {
			f.after_seq = v[i].seq;
			rc = offer_all(waits, n_waits, scope, &v[i], needed, e);
		}
		store_reservations_free(v, len);
		if (rc < 0)
			return -1;
	} while (len == PAGE);
	return 0;
}

/* ---- choice ---- */

/* A name that means another objective by now would have the wrong one destroyed. */
static void
name_safely(struct relief_part *part, struct store *s)
{
	struct objective o;
	struct err e = { 0 };

	objective_init(&o);
	if (store_find(s, part->label, &o, &e) < 0 || strcmp(o.id, part->id) != 0) {
		free(part->label);
		part->label = xstrdup(id_short(part->id));
	}
	objective_clear(&o);
}

/* As many of the candidates, largest first, as are enough; none if all together are not. */
static void
choose(struct relief *r, struct store *s)
{
	size_t n = 0;

	r->frees = 0;
	while (n < r->n_parts && r->frees < r->missing) {
		if (money_add(r->frees, r->parts[n].amount, &r->frees, NULL) < 0)
			break;
		n++;
	}
	while (r->n_parts > (r->frees >= r->missing ? n : 0))
		free(r->parts[--r->n_parts].label);
	for (size_t i = 0; i < r->n_parts; i++)
		name_safely(&r->parts[i], s);
}

int
relief_find(struct wait *waits, size_t n_waits, struct store *s, struct err *e)
{
	struct needed needed = { .store = s };
	struct strv walked = { 0 };
	int rc = 0;

	for (size_t w = 0; w < n_waits; w++) {
		for (size_t k = 0; k < waits[w].n_reliefs && rc == 0; k++) {
			const char *scope = waits[w].reliefs[k].scope;

			if (strv_has(&walked, scope))
				continue;
			strv_add(&walked, scope);
			rc = walk_scope(waits, n_waits, scope, &needed, s, e);
		}
	}
	for (size_t w = 0; w < n_waits && rc == 0; w++) {
		for (size_t k = 0; k < waits[w].n_reliefs; k++)
			choose(&waits[w].reliefs[k], s);
	}
	strv_clear(&walked);
	needed_clear(&needed);
	return rc;
}
