/* An amount for which something has no known price says whose word it is, or what is known of it. */
#include "config.h"

#include "cli/show_money.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/field.h"
#include "cli/prospect.h"
#include "cli/remedy.h"
#include "cli/say.h"
#include "cli/text.h"

void
show_objections(const struct report *r, const char *reason)
{
	for (size_t i = 0; i < r->n_waiting; i++) {
		const struct waiting *w = &r->waiting[i];
		const cJSON *objection;
		char amount[MONEY_TEXT_SIZE];

		if (strcmp(objection_reason_name(w->reason), reason) != 0)
			continue;
		/* Held for several reasons it asks for the same. */
		if (i == 0 || w->amount != w[-1].amount)
			fieldf("asks for", "%s a month%s", money_format_people(w->amount, amount),
			    w->reason == OBJECTION_UNPRICED ? ", and for what has no price" : "");
		cJSON_ArrayForEach (objection, w->objections) {
			const char *rule = json_str(objection, "rule"),
				   *where = json_str(objection, "where");

			if (rule != NULL)
				fieldf("rule", "%s (%s)", rule, where != NULL ? where : "default");
		}
	}
}

/* From when to when it was so. */
static void
show_span(const struct reservation *v, int64_t now_ms)
{
	char from[CLOCK_TEXT_SIZE], to[CLOCK_TEXT_SIZE];

	switch (v->state) {
	case RESERVATION_HELD:
		field_time("since", v->held_ms, now_ms);
		break;
	case RESERVATION_COMMITTED:
		field_time("since", v->stood_ms, now_ms);
		break;
	case RESERVATION_SETTLED:
		fieldf("", "stood from %s to %s", text_second(v->stood_ms, from),
		    text_second(v->ended_ms, to));
		break;
	case RESERVATION_RELEASED:
		fieldf("", "never stood; given back %s", text_second(v->ended_ms, to));
		break;
	case RESERVATION_STATES:
		break;
	}
}

/* What has a price of one that lacks some; nothing where it does not tell. */
static struct amounts
known_of(const cJSON *estimate)
{
	struct amounts known = { 0 };

	money_from_json(json_at(estimate, "monthly.low"), &known.low, NULL);
	money_from_json(json_at(estimate, "monthly.high"), &known.high, NULL);
	return known;
}

/* It holds what a person approved, or where nobody had to, what is known. */
static void
show_unpriced(const struct reservation *v, const char *currency, const char *holds)
{
	const char *state = reservation_state_name(v->state);
	char low[MONEY_TEXT_SIZE], high[MONEY_TEXT_SIZE];
	const struct amounts known = known_of(v->estimate);

	if (known.high >= v->monthly.high)
		fieldf(state, "%s %s a month, without what has no known price", holds, currency);
	else if (known.high > 0)
		fieldf(state, "%s %s a month as approved; known of it: %s to %s", holds, currency,
		    money_format_people(known.low, low), money_format_people(known.high, high));
	else
		fieldf(state, "%s %s a month as approved; nothing of it has a known price", holds,
		    currency);
}

static void
show_reservation(const struct reservation *v, const char *currency, int64_t now_ms)
{
	char low[MONEY_TEXT_SIZE], expected[MONEY_TEXT_SIZE], high[MONEY_TEXT_SIZE];

	money_format_people(v->monthly.low, low);
	money_format_people(v->monthly.expected, expected);
	money_format_people(v->monthly.high, high);
	if (v->unpriced)
		show_unpriced(v, currency, high);
	else
		fieldf(reservation_state_name(v->state), "%s %s a month (low %s, expected %s)",
		    high, currency, low, expected);
	show_span(v, now_ms);
}

static void
show_approval(const struct approval *a, const char *currency, int64_t now_ms)
{
	char amount[MONEY_TEXT_SIZE], given[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
	bool ends = a->until_ms != 0;

	fieldf("approved", "up to %s %s a month by %s, %s%s%s",
	    money_format_people(a->amount, amount), currency, a->by,
	    text_second(a->given_ms, given),
	    !ends                      ? ""
		: a->until_ms > now_ms ? ", until "
				       : ", ended ",
	    ends ? text_second(a->until_ms, until) : "");
	field("", a->rule);
	field("", a->note);
}

void
show_money(const struct report *r, const char *currency, int64_t now_ms)
{
	if (r->n_reservations == 0 && r->n_approvals == 0)
		return;
	field_title("Money");
	for (size_t i = 0; i < r->n_reservations; i++)
		show_reservation(&r->reservations[i], currency, now_ms);
	for (size_t i = 0; i < r->n_approvals; i++)
		show_approval(&r->approvals[i], currency, now_ms);
}

void
show_next_money(const struct report *r)
{
	CLEANUP(strv_clear) struct strv reasons = { 0 }, todo = { 0 };
	const char *id = id_short(r->objective.id);

	for (size_t i = 0; i < r->n_waiting; i++)
		strv_add(&reasons, objection_reason_name(r->waiting[i].reason));
	remedies_add(&todo, id, &reasons);
	for (size_t i = 0; i < todo.len; i++)
		say_next("%s", todo.v[i]);
	if (strv_has(&reasons, objection_reason_name(OBJECTION_BUDGET)))
		say_next("purser budget   (what would have to go)");
	if (prospect_was_denied(&r->objective)) {
		say_next("purser why %s   (what would pass)", id);
		say_next("purser budget");
	}
}
