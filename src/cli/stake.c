#include "config.h"

#include "cli/stake.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/field.h"
#include "core/accrual.h"

#define NAMES_SHOWN 5
#define NAMES_MAX 2048
#define HOUR_S INT64_C(3600)
#define DAY_S (24 * HOUR_S)
#define MONTH_S (MONTH_HOURS * HOUR_S)

static const struct reservation *
find_open(const struct report *r)
{
	for (size_t i = 0; i < r->n_reservations; i++) {
		const struct reservation *v = &r->reservations[i];

		if (v->state == RESERVATION_COMMITTED || v->state == RESERVATION_HELD)
			return v;
	}
	return NULL;
}

static bool
stands(const struct stake *st)
{
	return st->open != NULL && st->open->state == RESERVATION_COMMITTED;
}

int
stake_load(struct stake *st, struct store *s, const struct report *r, int64_t now_ms, struct err *e)
{
	enum state state = r->objective.state;

	*st = (struct stake){ .open = NULL };
	if (state != STATE_FAILED && state != STATE_HELD)
		return 0;
	st->open = find_open(r);
	if (stands(st) &&
	    (accrual_part(st->open->monthly.high, DAY_S, MONTH_S, &st->daily, e) < 0 ||
		accrual_part(st->open->monthly.high, (now_ms - st->open->stood_ms) / 1000, MONTH_S,
		    &st->so_far, e) < 0))
		return -1;
	return store_dependents(s, r->objective.id, &st->waiting, &st->n_waiting, e);
}

void
stake_clear(struct stake *st)
{
	store_dependencies_free(st->waiting, st->n_waiting);
	*st = (struct stake){ .open = NULL };
}

static void
print_money(const struct stake *st, const char *currency)
{
	char monthly[MONEY_TEXT_SIZE], daily[MONEY_TEXT_SIZE], so_far[MONEY_TEXT_SIZE];

	if (st->open == NULL || st->open->monthly.high == 0)
		return;
	money_format_people(st->open->monthly.high, monthly);
	if (stands(st))
		fieldf("it costs", "%s %s a day at most, %s so far: something of it stands",
		    money_format_people(st->daily, daily), currency,
		    money_format_people(st->so_far, so_far));
	else
		fieldf("it holds", "%s %s a month of the budget, which nobody else can use",
		    monthly, currency);
}

static void
print_waiting(const struct stake *st)
{
	CLEANUP(buf_clear) struct buf names = BUF_INIT(NAMES_MAX);

	for (size_t i = 0; i < st->n_waiting && i < NAMES_SHOWN; i++)
		buf_addf(&names, "%s%s (%s)", i > 0 ? ", " : "", st->waiting[i].name,
		    id_short(st->waiting[i].id));
	if (st->n_waiting > NAMES_SHOWN)
		buf_addf(&names, " and %zu more", st->n_waiting - NAMES_SHOWN);
	if (st->n_waiting > 0)
		field("it holds up", buf_str(&names));
}

void
stake_print(const struct stake *st, const char *currency)
{
	if ((st->open == NULL || st->open->monthly.high == 0) && st->n_waiting == 0)
		return;
	field_title("While it waits");
	print_money(st, currency);
	print_waiting(st);
}

cJSON *
stake_to_json(const struct stake *st)
{
	char text[MONEY_TEXT_SIZE];
	cJSON *json, *list;

	if (st->open == NULL && st->n_waiting == 0)
		return NULL;
	json = cJSON_CreateObject();
	json_add_bool(json, "stands", stands(st));
	if (st->open != NULL)
		json_add_str(json, "monthly", money_format(st->open->monthly.high, text));
	if (stands(st)) {
		json_add_str(json, "daily", money_format(st->daily, text));
		json_add_str(json, "so_far", money_format(st->so_far, text));
	}
	list = cJSON_AddArrayToObject(json, "holds_up");
	for (size_t i = 0; i < st->n_waiting; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(st->waiting[i].id));
	return json;
}
