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
#include "cli/reserved.h"

#define CENT (MONEY_ONE / 100)

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
relief_of(struct waiting_entry *entry, const char *scope, enum budget_period period)
{
	struct relief *r;

	for (size_t i = 0; i < entry->n_reliefs; i++) {
		r = &entry->reliefs[i];
		if (r->period == period && strcmp(r->scope, scope) == 0)
			return r;
	}
	entry->reliefs = xrealloc(entry->reliefs, entry->n_reliefs + 1, sizeof(*entry->reliefs));
	r = &entry->reliefs[entry->n_reliefs++];
	*r = (struct relief){ .scope = scope, .period = period };
	return r;
}

void
relief_add(struct waiting_entry *entry, int64_t now_ms)
{
	for (size_t i = 0; i < entry->ruling.len; i++) {
		const struct objection *o = &entry->ruling.v[i];
		money_t over, missing;
		struct relief *r;

		if (o->reason != OBJECTION_BUDGET || o->verdict == VERDICT_ADMIT ||
		    money_sub(o->after, o->limit, &over, NULL) < 0 || over <= 0)
			continue;
		r = relief_of(
		    entry, o->scope, o->measure == MEASURE_DAILY ? BUDGET_DAILY : BUDGET_MONTHLY);
		missing = missing_rate(o->measure, over, now_ms);
		over = whole_cents(over);
		r->over = over > r->over ? over : r->over;
		r->missing = missing > r->missing ? missing : r->missing;
	}
}

void
relief_clear(struct waiting_entry *entry)
{
	for (size_t i = 0; i < entry->n_reliefs; i++) {
		for (size_t k = 0; k < entry->reliefs[i].n_parts; k++)
			free(entry->reliefs[i].parts[k].label);
	}
	free(entry->reliefs);
	entry->reliefs = NULL;
	entry->n_reliefs = 0;
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
offer(struct relief *r, const struct waiting_entry *entry, const struct reservation *found,
    struct needed *needed, struct err *e)
{
	bool is_needed;

	/* What is being destroyed already is neither succeeded nor failed. */
	if (found->objective_state != STATE_SUCCEEDED && found->objective_state != STATE_FAILED)
		return 0;
	if (found->monthly.high <= 0 || r->missing == MONEY_MAX ||
	    strcmp(found->objective_id, entry->waiting->objective_id) == 0 ||
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

/* What is looked for, while the reservations of one scope are walked over. */
struct search {
	struct waiting_entry *entries;
	size_t n_entries;
	const char *scope;
	struct needed needed;
};

static int
offer_all(void *data, const struct reservation *found, struct err *e)
{
	struct search *search = data;

	for (size_t i = 0; i < search->n_entries; i++) {
		struct waiting_entry *entry = &search->entries[i];

		for (size_t k = 0; k < entry->n_reliefs; k++) {
			struct relief *r = &entry->reliefs[k];

			if (strcmp(r->scope, search->scope) == 0 &&
			    offer(r, entry, found, &search->needed, e) < 0)
				return -1;
		}
	}
	return 0;
}

static int
walk_scope(struct search *search, struct store *s, const char *scope, struct err *e)
{
	const struct reservation_filter f = {
		.scope = scope,
		.states = 1u << RESERVATION_COMMITTED,
	};

	search->scope = scope;
	return reserved_each(s, &f, offer_all, search, e);
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
relief_find(struct waiting_entry *entries, size_t n_entries, struct store *s, struct err *e)
{
	struct search search = {
		.entries = entries,
		.n_entries = n_entries,
		.needed = { .store = s },
	};
	struct strv walked = { 0 };
	int rc = 0;

	for (size_t i = 0; i < n_entries; i++) {
		for (size_t k = 0; k < entries[i].n_reliefs && rc == 0; k++) {
			const char *scope = entries[i].reliefs[k].scope;

			if (strv_has(&walked, scope))
				continue;
			strv_add(&walked, scope);
			rc = walk_scope(&search, s, scope, e);
		}
	}
	for (size_t i = 0; i < n_entries && rc == 0; i++) {
		for (size_t k = 0; k < entries[i].n_reliefs; k++)
			choose(&entries[i].reliefs[k], s);
	}
	strv_clear(&walked);
	needed_clear(&search.needed);
	return rc;
}

/* ---- what to type ---- */

char *
relief_grant(const struct relief *r)
{
	char amount[MONEY_TEXT_SIZE];
	CLEANUP(strv_clear) struct strv argv = { 0 };
	AUTO_FREE char *scope = NULL;

	strv_add(&argv, r->scope);
	scope = strv_shell(&argv);
	return xasprintf("purser budget grant --scope %s --amount %s%s", scope,
	    money_format(r->over, amount), r->period == BUDGET_DAILY ? " --daily" : "");
}
