#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/drift.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/selection.h"
#include "cli/table.h"
#include "cli/text.h"
#include "strategies/strategy.h"

#define LINE_MAX_BYTES 4096

struct drift_options {
	const char *batch;
	bool json;
};

static const struct option_row drift_rows[] = {
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct drift_options, batch),
	    .help = "only those of this batch" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct drift_options, json),
	    .help = "as JSON" },
	{ .name = NULL },
};

static const struct table_column columns[] = {
	{ .title = "RESOURCE", .give = 3, .min = 20 },
	{ .title = "DRIFT" },
	{ .title = "ID" },
	{ .title = "OBJECTIVE", .give = 4, .min = 12 },
	{ .title = "FULL ID", .give = 9, .min = 8 },
};

/* What was asked and answered. */
struct survey {
	struct cli *cli;
	struct strv ids; /* to be asked, in this order */
	bool named;      /* each of them: then one that does not stand is a slip */
	struct drift *v; /* the answers */
	size_t len, cap;
	size_t drifted, unanswered;
	size_t others;      /* that another strategy built, */
	struct strv makers; /* and which */
	size_t slips;
};

/* ---- asking ---- */

static int
add_id(struct store *s, const struct objective *o, void *data, struct err *e)
{
	struct survey *y = data;

	(void)s;
	(void)e;
	strv_add(&y->ids, o->id);
	return 0;
}

/* Only what stands and is left alone can be compared with what it was. */
static bool
stands(struct survey *y, const struct objective *o)
{
	if (o->state == STATE_SUCCEEDED && !o->destroying)
		return true;
	if (y->named) {
		say("%s/%s (%s) %s: only what was built and stands can have drifted", o->batch,
		    o->name, id_short(o->id),
		    o->destroying ? "is being destroyed" : state_name(o->state));
		y->slips++;
	}
	return false;
}

static void
note_other(struct survey *y, const char *strategy)
{
	y->others++;
	if (!strv_has(&y->makers, strategy))
		strv_add(&y->makers, strategy);
}

static void
note_answer(struct survey *y, struct drift *d)
{
	y->drifted += drift_is_any(d);
	y->unanswered += failure_is_set(&d->failure);
	y->v = xgrow(y->v, y->len, &y->cap, sizeof(*y->v));
	y->v[y->len++] = *d;
	drift_init(d);
}

/* The one with this id, as it is by now: asking takes its time, and there may have been many before. */
static int
survey_one(struct survey *y, const char *id, struct err *e)
{
	CLEANUP(drift_clear) struct drift d;
	CLEANUP(attempt_clear) struct attempt attempt;
	CLEANUP(plan_clear) struct plan plan;
	struct store *s = y->cli->store;

	drift_init(&d);
	attempt_init(&attempt);
	plan_init(&plan);
	if (store_get(s, id, &d.objective, e) < 0)
		return -1;
	if (!stands(y, &d.objective))
		return 0;
	if (store_attempt(s, id, &attempt, &plan, e) < 0)
		return -1;
	if (strcmp(plan.strategy, terraform.name) != 0) {
		note_other(y, plan.strategy);
		return 0;
	}
	if (drift_ask(y->cli, &plan, &d, e) < 0)
		return -1;
	note_answer(y, &d);
	return 0;
}

static int
survey_all(struct survey *y, const struct selection *what, struct err *e)
{
	if (selection_each(y->cli->store, what, add_id, y, NULL, e) < 0)
		return -1;
	for (size_t i = 0; i < y->ids.len; i++) {
		if (survey_one(y, y->ids.v[i], e) < 0)
			return -1;
	}
	return 0;
}

static void
survey_clear(struct survey *y)
{
	for (size_t i = 0; i < y->len; i++)
		drift_clear(&y->v[i]);
	free(y->v);
	strv_clear(&y->ids);
	strv_clear(&y->makers);
}

/* ---- as JSON ---- */

static cJSON *
drift_json(const struct drift *d)
{
	cJSON *json = cJSON_CreateObject(), *list;

	report_add_name(json, &d->objective);
	if (failure_is_set(&d->failure)) {
		cJSON_AddItemToObject(json, "failure", failure_to_json(&d->failure));
		return json;
	}
	json_add_bool(json, "drift", drift_is_any(d));
	list = cJSON_AddArrayToObject(json, "resources");
	for (size_t i = 0; i < d->n_items; i++) {
		cJSON *item = cJSON_CreateObject();

		json_add_str(item, "drift", drift_name(d->items[i].kind));
		json_add_str(item, "address", d->items[i].address);
		json_add_str(item, "id", d->items[i].id);
		cJSON_AddItemToArray(list, item);
	}
	json_add_strv(json, "outputs", &d->outputs);
	if (d->reserved)
		cJSON_AddItemToObject(json, "monthly", amounts_to_json(&d->monthly));
	return json;
}

static void
print_json(const struct survey *y)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	cJSON *list = cJSON_AddArrayToObject(json, "objectives");

	for (size_t i = 0; i < y->len; i++)
		cJSON_AddItemToArray(list, drift_json(&y->v[i]));
	json_add_int(json, "drifted", (int64_t)y->drifted);
	json_add_int(json, "not_asked", (int64_t)y->unanswered);
	json_add_int(json, "of_other_strategies", (int64_t)y->others);
	text = json_pretty(json);
	fputs(text, stdout);
}

/* ---- for people ---- */

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
print_table(const struct survey *y)
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

/* What is gone, or may be, still counts: nothing but a destroy gives it back. */
static void
print_cost(const struct survey *y, const struct drift *d)
{
	size_t gone = drift_count(d, DRIFT_GONE), unknown = drift_count(d, DRIFT_UNKNOWN);
	CLEANUP(buf_clear) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	const struct objective *o = &d->objective;
	char amount[MONEY_TEXT_SIZE];

	if (gone + unknown == 0)
		return;
	buf_addf(&line, "%s/%s (%s): ", o->batch, o->name, id_short(o->id));
	if (gone > 0)
		buf_addf(&line, "%zu of %zu resources %s gone", gone, d->n_resources,
		    gone == 1 ? "is" : "are");
	if (unknown > 0)
		buf_addf(&line,
		    "%s%zu of %zu resources %s not in terraform's state and may stand all the same",
		    gone > 0 ? ", " : "", unknown, d->n_resources, unknown == 1 ? "is" : "are");
	if (d->reserved && d->monthly.high > 0)
		buf_addf(&line, "; the objective still counts as %s %s a month",
		    money_format_people(d->monthly.high, amount), y->cli->config.budget.currency);
	else
		buf_addf(&line, "; nothing is reserved for the objective");
	AUTO_FREE char *shown = text_visible(buf_str(&line));
	text_wrap(stdout, shown, 0, style_text_columns());
}

static void
print_others(const struct survey *y)
{
	AUTO_FREE char *makers = strv_join(&y->makers, ", ");

	if (y->others > 0)
		printf("%zu objective%s of another strategy (%s): no drift to ask for\n", y->others,
		    y->others == 1 ? "" : "s", makers);
}

static void
print_sum(const struct survey *y)
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
name_for(const struct survey *y, size_t count, bool (*is)(const struct drift *d))
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
print_next(const struct survey *y)
{
	const char *name = name_for(y, y->drifted, drift_is_any);

	if (y->drifted > 0) {
		say_next("purser show %s   (what it was to be)", name);
		say_next(
		    "purser destroy %s   (takes away what is left; then submit it anew)", name);
	}
	if (y->unanswered > 0)
		say_next("purser drift %s   (once that is mended)",
		    name_for(y, y->unanswered, is_unanswered));
}

static void
say_unanswered(const struct survey *y)
{
	for (size_t i = 0; i < y->len; i++) {
		const struct objective *o = &y->v[i].objective;

		if (is_unanswered(&y->v[i]))
			say("%s/%s (%s): could not be asked: %s", o->batch, o->name,
			    id_short(o->id), y->v[i].failure.message);
	}
}

static enum status
tell(const struct survey *y, bool json)
{
	enum status status = y->drifted > 0 ? STATUS_FAILED : STATUS_DONE;

	say_unanswered(y);
	if (json) {
		print_json(y);
	} else {
		print_table(y);
		for (size_t i = 0; i < y->len; i++)
			print_cost(y, &y->v[i]);
		print_others(y);
		print_sum(y);
		print_next(y);
	}
	if (y->slips > 0)
		status = status_worse(status, STATUS_USAGE);
	return y->unanswered > 0 ? status_worse(status, STATUS_BROKEN) : status;
}

static enum status
drift_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct drift_options *o = options;
	const struct selection what = {
		.refs = args->len > 0 ? args : NULL,
		.batch = o->batch,
		.states = 1u << STATE_SUCCEEDED,
	};
	CLEANUP(survey_clear) struct survey y = { .cli = cli, .named = args->len > 0 };
	enum status status = STATUS_DONE;
	struct err e = { 0 };

	if (o->batch != NULL && args->len > 0)
		return say_usage("drift", "name objectives or a batch, not both");
	/* Before the first day nothing stands, which is no fault. */
	if (store_open(cli->paths.state, STORE_READ, &cli->store, &e) < 0) {
		if (e.kind != ERR_NOT_FOUND || o->batch != NULL || args->len > 0)
			return say_error(&e);
		return tell(&y, o->json);
	}
	if (o->batch != NULL)
		status = cli_need_batch(cli, o->batch);
	if (status != STATUS_DONE)
		return status;
	if (survey_all(&y, &what, &e) == 0)
		return tell(&y, o->json);
	status = say_error(&e);
	if (e.kind == ERR_NOT_FOUND)
		say_next("purser list");
	return status;
}

const struct cmd cmd_drift = {
	.name = "drift",
	.usage = "[OBJECTIVE... | --batch NAME] [--json]",
	.summary = "ask what changed outside of purser",
	.about =
	    "Asks terraform, for each objective that it built (those named, or all that stand), what has changed "
	    "outside: resources that are other than they were made or gone, and outputs that would have other "
	    "values; and tells what is still reserved for what is gone. Which attributes have changed "
	    "terraform's report does not say. It reads only: the state is not written, and nothing is put right. "
	    "What purser made and terraform's state has no more is told as well. "
	    "Exit status: 0 no drift, 1 there is drift, 2 bad input, 5 one could not be asked.",
	.examples = "purser drift\n"
		    "purser drift web-dev/net\n"
		    "purser drift --batch web-dev --json",
	.options = drift_rows,
	.options_size = sizeof(struct drift_options),
	.needs = CMD_LIBRARY,
	.max_args = ARGS_ANY,
	.run = drift_run,
};
