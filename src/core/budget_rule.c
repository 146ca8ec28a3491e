/*
 * Rulings. Whatever objects is heard to the end, so that a person who is asked
 * once is asked for all of it. Amounts are compared exactly, the forecast times
 * the seconds of the month; only what people read is rounded.
 */
#include <config.h>

#include "core/budget.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/budget_names.h"
#include "core/standing.h"
#include "core/wide.h"

static const char *const reason_names[OBJECTION_REASONS] = {
	[OBJECTION_APPROVAL] = "approval",
	[OBJECTION_BUDGET] = "budget",
	[OBJECTION_UNPRICED] = "unpriced",
};

static const char *const measure_names[MEASURES] = {
	[MEASURE_RUN_RATE] = "run-rate",
	[MEASURE_DAILY] = "daily",
	[MEASURE_FORECAST] = "forecast",
};

static const enum verdict verdicts[REACTIONS] = {
	[REACTION_HOLD] = VERDICT_HOLD,
	[REACTION_DENY] = VERDICT_DENY,
	[REACTION_ADMIT] = VERDICT_ADMIT,
};

const char *
objection_reason_name(enum objection_reason reason)
{
	assert(reason < OBJECTION_REASONS);
	return reason_names[reason];
}

enum objection_reason
objection_reason_from_name(const char *name)
{
	enum objection_reason reason = 0;

	while (reason < OBJECTION_REASONS && strcmp(reason_names[reason], name) != 0)
		reason++;
	return reason;
}

const char *
verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_ADMIT] = "admit",
		[VERDICT_HOLD] = "hold",
		[VERDICT_DENY] = "deny",
	};

	return names[verdict];
}

const char *
measure_name(enum measure measure)
{
	assert(measure < MEASURES);
	return measure_names[measure];
}

void
approval_clear(struct approval *a)
{
	if (a == NULL)
		return;
	free(a->rule);
	free(a->by);
	free(a->note);
	*a = (struct approval){ 0 };
}

void
ruling_clear(struct ruling *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->len; i++) {
		free(r->v[i].rule);
		free(r->v[i].where);
		free(r->v[i].message);
		free(r->v[i].scope);
	}
	free(r->v);
	*r = (struct ruling){ 0 };
}

struct hearing {
	const struct budget *b;
	const struct demand *d;
	int64_t now_ms;
	struct ruling *ruling; /* reserves: the amount that the limits are asked for */
	size_t cap;
};

/* WHERE is copied, the texts are handed over. */
static struct objection *
object(struct hearing *h, enum objection_reason reason, enum budget_reaction reaction, char *rule,
    const char *where, char *message)
{
	struct ruling *r = h->ruling;

	if (verdicts[reaction] > r->verdict)
		r->verdict = verdicts[reaction];
	r->v = xgrow(r->v, r->len, &h->cap, sizeof(*r->v));
	r->v[r->len] = (struct objection){
		.reason = reason,
		.verdict = verdicts[reaction],
		.rule = rule,
		.where = xstrdup(where),
		.message = message,
	};
	return &r->v[r->len++];
}

/* ---- what a person allowed ---- */

/* The last word that suffices; NULL if there is none. */
static const struct approval *
find_approval(const struct hearing *h, const char *rule, bool named)
{
	const struct demand *d = h->d;
	const struct approval *found = NULL;

	for (size_t i = 0; d->digest != NULL && i < d->n_approvals; i++) {
		const struct approval *a = &d->approvals[i];

		if (strcmp(a->digest, d->digest) != 0 || strcmp(a->rule, rule) != 0 ||
		    a->amount < d->amount || (a->until_ms != 0 && a->until_ms <= h->now_ms) ||
		    (named && (!a->names_amount || a->amount <= 0)))
			continue;
		if (found == NULL || a->given_ms > found->given_ms)
			found = a;
	}
	return found;
}

/* Unknown is not zero: what a person names in its place is reserved, and the limits must hold on it. */
static void
hear_unpriced(struct hearing *h)
{
	enum budget_reaction reaction = h->b->unpriced;
	const char *why = h->d->why_unpriced;
	AUTO_FREE char *rule =
	    xasprintf("budget.unpriced = \"%s\"", budget_unpriced_name(reaction));
	const struct approval *approval;

	if (!h->d->unpriced)
		return;
	if ((approval = find_approval(h, rule, true)) != NULL) {
		h->ruling->reserves = approval->amount;
		return;
	}
	object(h, OBJECTION_UNPRICED, reaction, take(rule), h->b->unpriced_where,
	    xasprintf("what it costs is not known%s%s%s%s", why != NULL ? " (" : "",
		why != NULL ? why : "", why != NULL ? ")" : "",
		reaction == REACTION_HOLD ? ": a person has to approve an amount" : ""));
}

/* Two amounts of which the first is larger, and reads so. */
static void
format_larger(money_t amount, money_t limit, char larger[static MONEY_TEXT_SIZE],
    char smaller[static MONEY_TEXT_SIZE])
{
	money_format_people(amount, larger);
	money_format_people(limit, smaller);
	if (strcmp(larger, smaller) == 0) {
		money_format(amount, larger);
		money_format(limit, smaller);
	}
}

char *
budget_approval_rule(const struct budget *b)
{
	char above[MONEY_TEXT_SIZE];

	if (!b->approves)
		return NULL;
	return xasprintf("budget.approval_above = %s", money_format(b->approval_above, above));
}

static void
hear_approval(struct hearing *h)
{
	const struct budget *b = h->b;
	char asked[MONEY_TEXT_SIZE], above[MONEY_TEXT_SIZE];
	AUTO_FREE char *rule = NULL;

	if (!b->approves || h->d->amount <= b->approval_above)
		return;
	rule = budget_approval_rule(b);
	if (find_approval(h, rule, false) != NULL)
		return;
	format_larger(h->d->amount, b->approval_above, asked, above);
	object(h, OBJECTION_APPROVAL, REACTION_HOLD, take(rule), b->approval_where,
	    xasprintf("%s %s a month is above %s: a person has to approve it", asked, b->currency,
		above));
}

/* ---- limits ---- */

/* A limit of one scope, and what is asked of it. */
struct question {
	const struct standing *standing;
	const struct budget_limit *limit;
	money_t in_force;    /* grants included */
	money_t rate, after; /* a month: of all in the scope, and if this one is admitted */
	money_t without;     /* a month: of the others */
	struct position position;
};

static char *
limit_text(const struct question *q, const char *limit)
{
	money_t granted = q->standing->granted[q->limit->period];
	char text[MONEY_TEXT_SIZE];

	if (granted == 0)
		return xstrdup(limit);
	return xasprintf("%s, %s of it granted", limit, money_format_people(granted, text));
}

/* "(430.00 now, 82.40 more)" */
static int
tell_change(const struct hearing *h, const struct question *q, const struct objection *o,
    char **message, struct err *e)
{
	bool daily = o->measure == MEASURE_DAILY;
	char after[MONEY_TEXT_SIZE], limit[MONEY_TEXT_SIZE], now[MONEY_TEXT_SIZE],
	    more[MONEY_TEXT_SIZE];
	AUTO_FREE char *limited = NULL;
	money_t rate = q->rate, change = q->after - q->rate;

	if (daily &&
	    (money_muldiv(rate, DAY_HOURS, MONTH_HOURS, &rate, e) < 0 ||
		money_muldiv(change, DAY_HOURS, MONTH_HOURS, &change, e) < 0))
		return -1;
	format_larger(o->after, o->limit, after, limit);
	limited = limit_text(q, limit);
	*message = xasprintf("%s: %s %s a %s would be above the limit of %s (%s now, %s more)",
	    q->standing->scope, after, h->b->currency, daily ? "day" : "month", limited,
	    money_format_people(rate, now), money_format_people(change, more));
	return 0;
}

static int
tell_forecast(const struct hearing *h, const struct question *q, const struct objection *o,
    char **message, struct err *e)
{
	const struct position *p = &q->position;
	char after[MONEY_TEXT_SIZE], limit[MONEY_TEXT_SIZE], spent[MONEY_TEXT_SIZE],
	    rest[MONEY_TEXT_SIZE], month[MONTH_TEXT_SIZE];
	AUTO_FREE char *limited = NULL;
	money_t so_far, to_come;

	if (wide_divide(p->so_far, p->length, &so_far, e) < 0 ||
	    accrual_part(q->after, p->length - p->at, p->length, &to_come, e) < 0)
		return -1;
	format_larger(o->after, o->limit, after, limit);
	limited = limit_text(q, limit);
	*message = xasprintf("%s: %s %s in %s would be above the limit of %s (%s spent so far, %s "
			     "for the rest of the month)",
	    q->standing->scope, after, h->b->currency, month_format(q->standing->month, month),
	    limited, money_format_people(so_far, spent), money_format_people(to_come, rest));
	return 0;
}

/* What is measured, of a run-rate. */
static int
measured(const struct question *q, enum measure measure, money_t rate, money_t *out, struct err *e)
{
	switch (measure) {
	case MEASURE_DAILY:
		return money_muldiv(rate, DAY_HOURS, MONTH_HOURS, out, e);
	case MEASURE_FORECAST:
		return wide_divide(
		    position_forecast(&q->position, rate), q->position.length, out, e);
	case MEASURE_RUN_RATE:
	case MEASURES:
		break;
	}
	*out = rate;
	return 0;
}

static int
object_to(struct hearing *h, const struct question *q, enum measure measure, struct err *e)
{
	struct objection told = { .measure = measure, .limit = q->in_force }, *o;
	char text[MONEY_TEXT_SIZE], *message;

	if (measured(q, measure, q->without, &told.before, e) < 0 ||
	    measured(q, measure, q->after, &told.after, e) < 0)
		return -1;
	/* Above by less than a nano-unit is above. */
	if (told.after <= told.limit)
		told.after = told.limit + 1;
	if ((measure == MEASURE_FORECAST ? tell_forecast(h, q, &told, &message, e)
					 : tell_change(h, q, &told, &message, e)) < 0)
		return -1;
	o = object(h, OBJECTION_BUDGET, h->b->on_exceed,
	    xasprintf("%s = %s", q->limit->key, money_format(q->limit->amount, text)),
	    q->limit->where, message);
	o->scope = xstrdup(q->standing->scope);
	o->measure = measure;
	o->limit = told.limit;
	o->before = told.before;
	o->after = told.after;
	return 0;
}

static bool
exceeds(const struct question *q, enum measure measure)
{
	__int128 limit = q->in_force;

	switch (measure) {
	case MEASURE_DAILY:
		return (__int128)q->after * DAY_HOURS > limit * MONTH_HOURS;
	case MEASURE_FORECAST:
		return position_forecast(&q->position, q->after) > limit * q->position.length;
	case MEASURE_RUN_RATE:
	case MEASURES:
		break;
	}
	return q->after > limit;
}

static int
hear_limit(struct hearing *h, struct question *q, enum budget_period period, struct err *e)
{
	if ((q->limit = budget_limit(h->b, q->standing->scope, period)) == NULL)
		return 0;
	q->in_force = budget_limit_in_force(q->limit, q->standing);
	if (period == BUDGET_DAILY)
		return exceeds(q, MEASURE_DAILY) ? object_to(h, q, MEASURE_DAILY, e) : 0;
	/* Where the run-rate is too high already, the forecast has nothing to add. */
	if (exceeds(q, MEASURE_RUN_RATE))
		return object_to(h, q, MEASURE_RUN_RATE, e);
	return exceeds(q, MEASURE_FORECAST) ? object_to(h, q, MEASURE_FORECAST, e) : 0;
}

static int
hear_scope(struct hearing *h, const struct standing *s, struct err *e)
{
	struct question q = { .standing = s };

	/* In a month that is over no rest would be left to forecast. */
	assert(s->month >= month_of(h->now_ms));
	position_of(s, h->now_ms, &q.position);
	if (wide_fit(q.position.run_rate, &q.rate, e) < 0 ||
	    money_sub(q.rate, h->d->holds, &q.without, e) < 0 ||
	    money_add(q.without, h->ruling->reserves, &q.after, e) < 0)
		return -1;
	for (enum budget_period period = 0; period < BUDGET_PERIODS; period++)
		if (hear_limit(h, &q, period, e) < 0)
			return -1;
	return 0;
}

/* ---- all of it ---- */

int
budget_rule(const struct budget *b, const struct demand *d, const struct standing *standings,
    size_t n_standings, int64_t now_ms, struct ruling *ruling, struct err *e)
{
	struct hearing h = { .b = b, .d = d, .now_ms = now_ms, .ruling = ruling };

	assert(n_standings > 0 && d->amount >= 0 && d->holds >= 0);
	*ruling = (struct ruling){ .verdict = VERDICT_ADMIT, .reserves = d->amount };
	hear_unpriced(&h);
	hear_approval(&h);
	if (ruling->reserves <= d->holds)
		return 0;
	for (size_t i = 0; i < n_standings; i++) {
		if (hear_scope(&h, &standings[i], e) < 0) {
			err_in(e, "%s", standings[i].scope);
			ruling_clear(ruling);
			return -1;
		}
	}
	return 0;
}

cJSON *
objection_to_json(const struct objection *o)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "reason", objection_reason_name(o->reason));
	json_add_str(json, "verdict", verdict_name(o->verdict));
	json_add_str(json, "rule", o->rule);
	json_add_str(json, "where", o->where);
	json_add_str(json, "message", o->message);
	if (o->reason != OBJECTION_BUDGET)
		return json;
	json_add_str(json, "scope", o->scope);
	json_add_str(json, "measure", measure_name(o->measure));
	json_add_money(json, "limit", o->limit);
	json_add_money(json, "before", o->before);
	json_add_money(json, "after", o->after);
	return json;
}

cJSON *
objections_to_json(const struct ruling *ruling, enum objection_reason reason)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < ruling->len; i++)
		if (reason == OBJECTION_REASONS || ruling->v[i].reason == reason)
			cJSON_AddItemToArray(list, objection_to_json(&ruling->v[i]));
	return list;
}
