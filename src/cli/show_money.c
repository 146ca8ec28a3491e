#include "config.h"

#include "cli/show_money.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/field.h"
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
		fieldf("", "stood from %.19sZ to %.19sZ", clock_format(v->stood_ms, from),
		    clock_format(v->ended_ms, to));
		break;
	case RESERVATION_RELEASED:
		fieldf("", "never stood; given back %.19sZ", clock_format(v->ended_ms, to));
		break;
	case RESERVATION_STATES:
		break;
	}
}

static void
show_reservation(const struct reservation *v, const char *currency, int64_t now_ms)
{
	char low[MONEY_TEXT_SIZE], expected[MONEY_TEXT_SIZE], high[MONEY_TEXT_SIZE];

	fieldf(reservation_state_name(v->state), "%s %s a month (low %s, expected %s)%s",
	    money_format_people(v->monthly.high, high), currency,
	    money_format_people(v->monthly.low, low),
	    money_format_people(v->monthly.expected, expected),
	    v->unpriced ? ", without what has no known price" : "");
	show_span(v, now_ms);
}

static void
show_approval(const struct approval *a, const char *currency)
{
	char amount[MONEY_TEXT_SIZE], given[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];

	clock_format(a->until_ms, until);
	fieldf("approved", "up to %s %s a month by %s, %.19sZ%s%.19s%s",
	    money_format_people(a->amount, amount), currency, a->by,
	    clock_format(a->given_ms, given), a->until_ms != 0 ? ", until " : "",
	    a->until_ms != 0 ? until : "", a->until_ms != 0 ? "Z" : "");
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
		show_approval(&r->approvals[i], currency);
}

void
show_next_money(const struct report *r)
{
	const char *id = id_short(r->objective.id);

	for (size_t i = 0; i < r->n_waiting; i++) {
		switch (r->waiting[i].reason) {
		case OBJECTION_BUDGET:
			say_next("purser why %s   (what would pass)", id);
			say_next("purser budget   (what would have to go)");
			break;
		case OBJECTION_APPROVAL:
			say_next("purser approve %s --by NAME", id);
			break;
		case OBJECTION_UNPRICED:
			say_next("purser approve %s --by NAME --amount AMOUNT", id);
			break;
		case OBJECTION_REASONS:
			break;
		}
	}
	if (r->n_waiting > 0)
		say_next("purser reject %s --by NAME", id);
}
