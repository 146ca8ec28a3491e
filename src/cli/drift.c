#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "cli/command.h"
#include "cli/drift.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/selection.h"
#include "strategies/strategy.h"

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

/* ---- asking ---- */

static int
add_id(struct store *s, const struct objective *o, void *data, struct err *e)
{
	struct drift_survey *y = data;

	(void)s;
	(void)e;
	strv_add(&y->ids, o->id);
	return 0;
}

/* Only what stands and is left alone can be compared with what it was. */
static bool
stands(struct drift_survey *y, const struct objective *o)
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
note_other(struct drift_survey *y, const char *strategy)
{
	y->others++;
	if (!strv_has(&y->makers, strategy))
		strv_add(&y->makers, strategy);
}

static void
note_answer(struct drift_survey *y, struct drift *d)
{
	y->drifted += drift_is_any(d);
	y->unanswered += failure_is_set(&d->failure);
	y->v = xgrow(y->v, y->len, &y->cap, sizeof(*y->v));
	y->v[y->len++] = *d;
	drift_init(d);
}

/* The one with this id, as it is by now: asking takes its time, and there may have been many before. */
static int
survey_one(struct drift_survey *y, const char *id, struct err *e)
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
survey_all(struct drift_survey *y, const struct selection *what, struct err *e)
{
	if (selection_each(y->cli->store, what, add_id, y, NULL, e) < 0)
		return -1;
	drift_sweep(y->cli);
	for (size_t i = 0; i < y->ids.len; i++) {
		if (survey_one(y, y->ids.v[i], e) < 0)
			return -1;
	}
	return 0;
}

static void
survey_clear(struct drift_survey *y)
{
	for (size_t i = 0; i < y->len; i++)
		drift_clear(&y->v[i]);
	free(y->v);
	strv_clear(&y->ids);
	strv_clear(&y->makers);
}

/* ---- as JSON ---- */

/* One that was and is not, or the other way round, has only the one value; a sensitive one has none. */
static cJSON *
attribute_json(const struct terraform_attribute *a)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "path", a->path);
	json_add_bool(json, "sensitive", a->sensitive);
	if (a->before != NULL)
		cJSON_AddItemToObject(json, "before", cJSON_Duplicate(a->before, true));
	if (a->after != NULL)
		cJSON_AddItemToObject(json, "after", cJSON_Duplicate(a->after, true));
	return json;
}

static cJSON *
item_json(const struct drift_item *item)
{
	cJSON *json = cJSON_CreateObject(), *list;

	json_add_str(json, "drift", drift_name(item->kind));
	json_add_str(json, "address", item->address);
	json_add_str(json, "id", item->id);
	list = cJSON_AddArrayToObject(json, "attributes");
	for (size_t i = 0; i < item->change.len; i++)
		cJSON_AddItemToArray(list, attribute_json(&item->change.v[i]));
	return json;
}

/* The difference is to what is reserved, which binds on what it costs at most. */
static cJSON *
cost_json(const struct drift *d)
{
	cJSON *json = cJSON_CreateObject();
	money_t more;

	json_add_str(json, "unpriced", d->now.why);
	if (!d->now.known)
		return json;
	cJSON_AddItemToObject(json, "monthly", amounts_to_json(&d->now.monthly));
	if (money_sub(d->now.monthly.high, d->reserved ? d->monthly.high : 0, &more, NULL) == 0)
		json_add_money(json, "difference", more);
	return json;
}

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
	for (size_t i = 0; i < d->n_items; i++)
		cJSON_AddItemToArray(list, item_json(&d->items[i]));
	json_add_strv(json, "outputs", &d->outputs);
	if (d->reserved)
		cJSON_AddItemToObject(json, "monthly", amounts_to_json(&d->monthly));
	if (drift_is_any(d))
		cJSON_AddItemToObject(json, "now", cost_json(d));
	return json;
}

static void
print_json(const struct drift_survey *y)
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

static enum status
tell(const struct drift_survey *y, bool json)
{
	enum status status = y->drifted > 0 ? STATUS_FAILED : STATUS_DONE;

	drift_say_unanswered(y);
	if (json)
		print_json(y);
	else
		drift_print(y);
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
	CLEANUP(survey_clear) struct drift_survey y = { .cli = cli, .named = args->len > 0 };
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
	    "outside: resources that are other than they were made, with each attribute as it was and is, or gone, "
	    "and outputs that would have other values. What is sensitive is named without its value; long values "
	    "are whole with --verbose and --json. Then it tells what the objective costs a month as it stands, by "
	    "terraform's state and today's prices, and what is committed for it. It reads only: neither "
	    "the state nor the budget is changed, and nothing is put right. What terraform found is not kept. "
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
