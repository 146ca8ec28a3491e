/*
 * Estimate against actual. Both are of the same span: an estimate counts from the
 * beginning of the month, or when the thing began to stand, to the end of the last
 * day of which actual cost is known. Where none is known there is nothing to compare.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/costs.h"
#include "cli/report.h"
#include "cli/reserved.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/text.h"
#include "core/names.h"
#include "pricing/bill.h"
#include "store/actual.h"
#include "store/ledger.h"

static const struct table_column objective_columns[] = {
	{ .title = "ID" },
	{ .title = "OBJECTIVE", .give = 2, .min = 12 },
	{ .title = "A MONTH", .right = true },
	{ .title = "UNTIL" },
	{ .title = "ESTIMATE", .right = true },
	{ .title = "ACTUAL", .right = true },
	{ .title = "DIFFERENCE", .right = true },
};

static const struct table_column unmatched_columns[] = {
	{ .title = "RESOURCE GROUP", .give = 1, .min = 14 },
	{ .title = "SERVICE", .give = 2, .min = 12 },
	{ .title = "ACTUAL", .right = true },
};

/* One objective that was estimated or cost something in the month. */
struct entry {
	char id[ID_SIZE];
	char *name;       /* batch/name */
	money_t month;    /* its estimate for a whole month, of what was asked for last */
	money_t estimate; /* what that comes to, up to until_ms */
	bool unpriced;    /* the estimate lacks something */
	bool known;       /* there is an actual cost */
	money_t actual, difference;
	int64_t until_ms;
};

struct sums {
	money_t estimate, actual, unmatched,
	    all; /* estimate: of those whose actual cost is known */
	int64_t known, waiting, unpriced;
};

struct comparison {
	struct store *store;
	month_t month;
	int64_t now_ms;
	struct actual *actuals;
	size_t n_actuals;
	struct entry **v; /* each of its own: names borrow from them */
	size_t len, cap;
	struct names ids; /* id -> entry */
	struct sums sums;
};

/* ---- gathering ---- */

static struct entry *
entry_of(struct comparison *c, const char *id)
{
	size_t i = names_find(&c->ids, id);
	struct entry *entry;

	if (i != NAMES_NONE)
		return c->v[i];
	entry = xcalloc(1, sizeof(*entry));
	memcpy(entry->id, id, sizeof(entry->id));
	entry->until_ms =
	    c->now_ms < month_start_ms(c->month + 1) ? c->now_ms : month_start_ms(c->month + 1);
	c->v = xgrow(c->v, c->len, &c->cap, sizeof(*c->v));
	c->v[c->len] = entry;
	names_put(&c->ids, entry->id, c->len++);
	return entry;
}

static int
take_actuals(struct comparison *c, struct err *e)
{
	for (size_t i = 0; i < c->n_actuals; i++) {
		const struct actual *a = &c->actuals[i];
		struct entry *entry;

		if (*a->objective_id == '\0') {
			if (money_add(c->sums.unmatched, a->amount, &c->sums.unmatched, e) < 0)
				return -1;
			continue;
		}
		entry = entry_of(c, a->objective_id);
		entry->known = true;
		entry->actual = a->amount;
		if (a->until_ms < entry->until_ms)
			entry->until_ms = a->until_ms;
	}
	return 0;
}

/* What a reservation comes to from the beginning of the month, or of its standing, to the entry's last day. */
static int
add_estimate(void *data, const struct reservation *r, struct err *e)
{
	struct comparison *c = data;
	struct entry *entry = entry_of(c, r->objective_id);
	int64_t to_ms =
	    r->ended_ms > 0 && r->ended_ms < entry->until_ms ? r->ended_ms : entry->until_ms;
	struct amounts part;

	entry->month = r->monthly.expected;
	entry->unpriced = entry->unpriced || r->unpriced;
	if (entry->name == NULL)
		entry->name = xasprintf("%s/%s", r->batch, r->name);
	/* What is only held costs nothing yet. */
	if (r->stood_ms == 0)
		return 0;
	if (amounts_in_month(&r->monthly, c->month, r->stood_ms, to_ms, &part, e) < 0)
		return -1;
	return money_add(entry->estimate, part.expected, &entry->estimate, e);
}

static int
take_estimates(struct comparison *c, struct err *e)
{
	const struct reservation_filter f = {
		.states = 1u << RESERVATION_HELD | 1u << RESERVATION_COMMITTED |
		    1u << RESERVATION_SETTLED,
		.from_ms = month_start_ms(c->month),
		.to_ms = month_start_ms(c->month + 1),
	};

	return reserved_each(c->store, &f, add_estimate, c, e);
}

static bool
is_free(const struct entry *entry)
{
	return !entry->known && !entry->unpriced && entry->month == 0 && entry->estimate == 0;
}

/* What costs nothing and is on no bill is nothing to compare. */
static void
drop_free(struct comparison *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->len; i++) {
		struct entry *entry = c->v[i];

		if (!is_free(entry)) {
			c->v[kept++] = entry;
			continue;
		}
		free(entry->name);
		free(entry);
	}
	c->len = kept;
	/* The indices are of before, and nothing is looked up any more. */
	names_clear(&c->ids);
}

static int
name_entry(struct comparison *c, struct entry *entry, struct err *e)
{
	struct objective o;
	int rc;

	if (entry->name != NULL)
		return 0;
	objective_init(&o);
	rc = store_get(c->store, entry->id, &o, e);
	if (rc == 0)
		entry->name = xasprintf("%s/%s", o.batch, o.name);
	objective_clear(&o);
	return rc;
}

static int
sum_up(struct comparison *c, struct err *e)
{
	struct sums *s = &c->sums;

	drop_free(c);
	for (size_t i = 0; i < c->len; i++) {
		struct entry *entry = c->v[i];

		if (name_entry(c, entry, e) < 0)
			return -1;
		s->unpriced += entry->unpriced;
		if (!entry->known) {
			s->waiting++;
			continue;
		}
		s->known++;
		if (money_sub(entry->actual, entry->estimate, &entry->difference, e) < 0 ||
		    money_add(s->estimate, entry->estimate, &s->estimate, e) < 0 ||
		    money_add(s->actual, entry->actual, &s->actual, e) < 0)
			return -1;
	}
	return money_add(s->actual, s->unmatched, &s->all, e);
}

static void
comparison_clear(struct comparison *c)
{
	store_actuals_free(c->actuals, c->n_actuals);
	for (size_t i = 0; i < c->len; i++) {
		free(c->v[i]->name);
		free(c->v[i]);
	}
	free(c->v);
	names_clear(&c->ids);
}

/* ---- text ---- */

static void
add_amount(struct table *t, enum style style, bool known, money_t amount)
{
	char text[MONEY_TEXT_SIZE];

	table_add(t, style, known ? money_format_people(amount, text) : "-");
}

static void
print_objectives(const struct comparison *c)
{
	struct table t;

	table_init(&t, objective_columns, COUNT_OF(objective_columns));
	for (size_t i = 0; i < c->len; i++) {
		const struct entry *entry = c->v[i];
		char until[CLOCK_TEXT_SIZE];
		bool priced = !entry->unpriced;

		table_add(&t, STYLE_PLAIN, id_short(entry->id));
		table_add(&t, STYLE_PLAIN, entry->name);
		add_amount(&t, STYLE_PLAIN, priced, entry->month);
		/* The day before its end. */
		table_add(&t, STYLE_DIM, text_day(entry->until_ms - 1, until));
		add_amount(&t, STYLE_PLAIN, priced, entry->estimate);
		add_amount(&t, STYLE_PLAIN, entry->known, entry->actual);
		add_amount(&t,
		    entry->known && priced && entry->difference > 0 ? STYLE_WARN : STYLE_PLAIN,
		    entry->known && priced, entry->difference);
	}
	table_print(&t, stdout);
	table_clear(&t);
}

static void
print_unmatched(const struct comparison *c)
{
	struct table t;
	bool any = false;

	table_init(&t, unmatched_columns, COUNT_OF(unmatched_columns));
	for (size_t i = 0; i < c->n_actuals; i++) {
		const struct actual *a = &c->actuals[i];

		if (*a->objective_id != '\0')
			continue;
		any = true;
		table_add(
		    &t, STYLE_PLAIN, *a->resource_group != '\0' ? a->resource_group : "(none)");
		table_add(&t, STYLE_PLAIN, *a->service != '\0' ? a->service : "(not told)");
		add_amount(&t, STYLE_PLAIN, true, a->amount);
	}
	if (any) {
		printf("%sof no objective\n", c->len > 0 ? "\n" : "");
		table_print(&t, stdout);
	}
	table_clear(&t);
}

static void
print_sums(const struct comparison *c, const char *month)
{
	char estimate[MONEY_TEXT_SIZE], actual[MONEY_TEXT_SIZE], unmatched[MONEY_TEXT_SIZE],
	    all[MONEY_TEXT_SIZE];
	const struct sums *s = &c->sums;

	printf("\n%s: %s %s actual, %s of objectives (estimated: %s), %s of none\n", month,
	    money_format_people(s->all, all), BILL_CURRENCY_CODE,
	    money_format_people(s->actual, actual), money_format_people(s->estimate, estimate),
	    money_format_people(s->unmatched, unmatched));
	if (s->waiting > 0)
		printf("no actual cost is known yet of %" PRId64 " objective%s\n", s->waiting,
		    s->waiting == 1 ? "" : "s");
}

static void
print_text(const struct comparison *c)
{
	char month[MONTH_TEXT_SIZE];
	const struct sums *s = &c->sums;

	month_format(c->month, month);
	print_objectives(c);
	print_unmatched(c);
	if (c->len == 0 && c->n_actuals == 0) {
		printf("%s: nothing stood, and no actual cost is known\n", month);
		return;
	}
	if (c->n_actuals > 0)
		print_sums(c, month);
	else
		printf("\n%s: no actual cost is known yet\n", month);
	if (s->unpriced > 0)
		printf("the estimate of %" PRId64 " objective%s lacks what has no known price\n",
		    s->unpriced, s->unpriced == 1 ? "" : "s");
	if (c->n_actuals == 0)
		say_next("purser costs import FILE");
}

/* ---- JSON ---- */

static cJSON *
entry_json(const struct entry *entry)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "objective", entry->id);
	json_add_str(json, "name", entry->name);
	json_add_bool(json, "unpriced", entry->unpriced);
	report_add_time(json, "until", entry->until_ms);
	/* What is not known is not there: nobody is to read a zero. */
	if (!entry->unpriced) {
		json_add_money(json, "month", entry->month);
		json_add_money(json, "estimate", entry->estimate);
	}
	if (entry->known)
		json_add_money(json, "actual", entry->actual);
	if (entry->known && !entry->unpriced)
		json_add_money(json, "difference", entry->difference);
	return json;
}

static cJSON *
unmatched_json(const struct actual *a)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "resource_group", a->resource_group);
	json_add_str(json, "service", a->service);
	report_add_time(json, "until", a->until_ms);
	json_add_money(json, "actual", a->amount);
	return json;
}

static cJSON *
sums_json(const struct sums *s)
{
	cJSON *json = cJSON_CreateObject();

	json_add_money(json, "estimate", s->estimate);
	json_add_money(json, "matched", s->actual);
	json_add_money(json, "unmatched", s->unmatched);
	json_add_money(json, "actual", s->all);
	return json;
}

static void
print_json(const struct comparison *c)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	char month[MONTH_TEXT_SIZE];
	cJSON *list;

	json_add_str(json, "month", month_format(c->month, month));
	json_add_str(json, "currency", BILL_CURRENCY_CODE);
	list = cJSON_AddArrayToObject(json, "objectives");
	for (size_t i = 0; i < c->len; i++)
		cJSON_AddItemToArray(list, entry_json(c->v[i]));
	list = cJSON_AddArrayToObject(json, "unmatched");
	for (size_t i = 0; i < c->n_actuals; i++) {
		if (*c->actuals[i].objective_id == '\0')
			cJSON_AddItemToArray(list, unmatched_json(&c->actuals[i]));
	}
	if (c->n_actuals > 0)
		cJSON_AddItemToObject(json, "total", sums_json(&c->sums));
	text = json_pretty(json);
	fputs(text, stdout);
}

enum status
costs_show(struct cli *cli, const struct costs_options *o, month_t month)
{
	CLEANUP(comparison_clear)
	struct comparison c = { .month = month, .now_ms = clock_now_ms() };
	struct err e = { 0 };

	if (cli_open_any_store(cli, &e) < 0)
		return say_error(&e);
	c.store = cli->store;
	if (c.store != NULL &&
	    (store_actuals(c.store, month, &c.actuals, &c.n_actuals, &e) < 0 ||
		take_actuals(&c, &e) < 0 || take_estimates(&c, &e) < 0 || sum_up(&c, &e) < 0))
		return say_error(&e);
	if (o->json)
		print_json(&c);
	else
		print_text(&c);
	return STATUS_DONE;
}
