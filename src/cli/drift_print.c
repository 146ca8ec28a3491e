/* What the drift of objectives looks like to people. */
#include "config.h"

#include "cli/drift.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/text.h"

#define LINE_MAX_BYTES 4096
#define VALUE_COLUMNS 40

static const struct table_column columns[] = {
	{ .title = "RESOURCE", .give = 3, .min = 20 },
	{ .title = "DRIFT" },
	{ .title = "ID" },
	{ .title = "OBJECTIVE", .give = 4, .min = 12 },
	{ .title = "FULL ID", .give = 9, .min = 8 },
};

static const struct table_column attribute_columns[] = {
	{ .title = "RESOURCE", .give = 3, .min = 16 },
	{ .title = "ATTRIBUTE", .give = 4, .min = 16 },
	{ .title = "WAS", .give = 9, .min = 11, .max = VALUE_COLUMNS },
	{ .title = "IS", .give = 9, .min = 11, .max = VALUE_COLUMNS },
	{ .title = "ID" },
};

static void
add_row(struct table *t, const struct drift *d, const char *what, enum drift_kind kind)
{
	const struct objective *o = &d->objective;

	table_add(t, STYLE_PLAIN, what);
	table_add(t, kind == DRIFT_CHANGED ? STYLE_WARN : STYLE_BAD, drift_name(kind));
	table_add(t, STYLE_PLAIN, id_short(o->id));
	table_addf(t, STYLE_PLAIN, "%s/%s", o->batch, o->name);
}

static void
print_table(const struct drift_survey *y)
{
	bool verbose = y->cli->verbose;
	struct table t;

	table_init(&t, columns, COUNT_OF(columns));
	t.whole = verbose;
	for (size_t i = 0; i < y->len; i++) {
		const struct drift *d = &y->v[i];

		for (size_t k = 0; k < d->n_items; k++) {
			const struct drift_item *it = &d->items[k];

			add_row(&t, d,
			    it->address != NULL ? it->address : report_resource_name(it->id),
			    it->kind);
			table_add(&t, STYLE_DIM, verbose ? it->id : NULL);
		}
		for (size_t k = 0; k < d->outputs.len; k++) {
			AUTO_FREE char *what = xasprintf("output %s", d->outputs.v[k]);

			add_row(&t, d, what, DRIFT_CHANGED);
			table_add(&t, STYLE_DIM, NULL);
		}
	}
	table_print(&t, stdout);
	table_clear(&t);
}

static void
add_value(struct table *t, const struct terraform_attribute *a, const cJSON *value)
{
	AUTO_FREE char *text = value != NULL ? json_text(value) : NULL;

	if (a->sensitive)
		table_add(t, STYLE_DIM, "(sensitive)");
	else if (value == NULL)
		table_add(t, STYLE_DIM, "none");
	else
		table_add(t, STYLE_PLAIN, text);
}

static void
add_attributes(struct table *t, const struct drift *d, const struct drift_item *item)
{
	for (size_t i = 0; i < item->change.len; i++) {
		const struct terraform_attribute *a = &item->change.v[i];

		table_add(t, STYLE_PLAIN, item->address);
		table_add(t, STYLE_PLAIN, a->path);
		add_value(t, a, a->before);
		add_value(t, a, a->after);
		table_add(t, STYLE_PLAIN, id_short(d->objective.id));
	}
}

static void
print_attributes(const struct drift_survey *y)
{
	struct table t;

	table_init(&t, attribute_columns, COUNT_OF(attribute_columns));
	t.whole = y->cli->verbose;
	for (size_t i = 0; i < y->len; i++) {
		for (size_t k = 0; k < y->v[i].n_items; k++)
			add_attributes(&t, &y->v[i], &y->v[i].items[k]);
	}
	if (t.len > 0)
		putchar('\n');
	table_print(&t, stdout);
	if (t.len > 0)
		putchar('\n');
	table_clear(&t);
}

/* What is gone or may stand, in words; nothing if nothing is. */
static void
add_losses(struct buf *line, const struct drift *d)
{
	size_t gone = drift_count(d, DRIFT_GONE), unknown = drift_count(d, DRIFT_UNKNOWN);

	if (gone > 0)
		buf_addf(line, "%zu of %zu resources %s gone", gone, d->n_resources,
		    gone == 1 ? "is" : "are");
	if (unknown > 0)
		buf_addf(line,
		    "%s%zu of %zu resources %s not in terraform's state and may stand all the same",
		    gone > 0 ? ", " : "", unknown, d->n_resources, unknown == 1 ? "is" : "are");
	if (gone + unknown > 0)
		buf_adds(line, "; ");
}

static void
add_cost(struct buf *line, const struct drift *d, const char *currency)
{
	const struct drift_cost *now = &d->now;
	bool is_guess = now->monthly.low != now->monthly.high;
	char amount[MONEY_TEXT_SIZE];

	if (!now->known)
		buf_addf(line, "what it costs now is not known (%s)", now->why);
	else if (now->why != NULL)
		buf_addf(line, "what all of it costs now is not known (%s)", now->why);
	else
		buf_addf(line, "%s %s%s %s a month now",
		    drift_count(d, DRIFT_UNKNOWN) > 0 ? "all else costs" : "it costs",
		    is_guess ? "at most " : "", money_format_people(now->monthly.high, amount),
		    currency);
}

/* What is gone, or may be, still counts: nothing but a destroy gives it back. */
static void
add_committed(struct buf *line, const struct drift *d, const char *currency)
{
	char amount[MONEY_TEXT_SIZE];

	if (!d->reserved || d->monthly.high == 0)
		buf_adds(line, ", nothing is committed");
	else
		buf_addf(line, ", %s%s%s are committed",
		    money_format_people(d->monthly.high, amount), d->now.known ? "" : " ",
		    d->now.known ? "" : currency);
}

static void
print_cost(const struct drift_survey *y, const struct drift *d)
{
	const char *currency = y->cli->config.budget.currency;
	CLEANUP(buf_clear) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	const struct objective *o = &d->objective;

	if (!drift_is_any(d))
		return;
	buf_addf(&line, "%s/%s (%s): ", o->batch, o->name, id_short(o->id));
	add_losses(&line, d);
	add_cost(&line, d, currency);
	add_committed(&line, d, currency);
	AUTO_FREE char *shown = text_visible(buf_str(&line));
	text_wrap(stdout, shown, 0, style_text_columns());
}

static void
print_others(const struct drift_survey *y)
{
	AUTO_FREE char *makers = strv_join(&y->makers, ", ");

	if (y->others > 0)
		printf("%zu objective%s of another strategy (%s): no drift to ask for\n", y->others,
		    y->others == 1 ? "" : "s", makers);
}

static void
print_sum(const struct drift_survey *y)
{
	size_t answered = y->len - y->unanswered;

	if (y->drifted > 0)
		printf("%zu of %zu objective%s drifted\n", y->drifted, answered,
		    answered == 1 ? "" : "s");
	else if (answered > 0)
		printf("no drift (%zu objective%s asked)\n", answered, answered == 1 ? "" : "s");
	else if (y->unanswered + y->others + y->slips == 0)
		puts("nothing that terraform built stands");
}

/* The first that IS so, if it is the only one; else the word for any of them. */
static const char *
name_for(const struct drift_survey *y, size_t count, bool (*is)(const struct drift *d))
{
	for (size_t i = 0; i < y->len && count == 1; i++) {
		if (is(&y->v[i]))
			return id_short(y->v[i].objective.id);
	}
	return "OBJECTIVE";
}

static bool
is_unanswered(const struct drift *d)
{
	return failure_is_set(&d->failure);
}

static void
print_next(const struct drift_survey *y)
{
	const char *name = name_for(y, y->drifted, drift_is_any);

	if (y->drifted > 0) {
		say_next("purser show %s   (what it was to be)", name);
		say_next("purser destroy %s   (takes away what is left of it)",
		    name);
	}
	if (y->unanswered > 0)
		say_next("purser drift %s   (once that is mended)",
		    name_for(y, y->unanswered, is_unanswered));
}

void
drift_say_unanswered(const struct drift_survey *y)
{
	for (size_t i = 0; i < y->len; i++) {
		const struct objective *o = &y->v[i].objective;

		if (is_unanswered(&y->v[i]))
			say("%s/%s (%s): could not be asked: %s", o->batch, o->name,
			    id_short(o->id), y->v[i].failure.message);
	}
}

void
drift_print(const struct drift_survey *y)
{
	print_table(y);
	print_attributes(y);
	for (size_t i = 0; i < y->len; i++)
		print_cost(y, &y->v[i]);
	print_others(y);
	print_sum(y);
	print_next(y);
}
