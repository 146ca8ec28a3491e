/*
 * Why an objective does not go on, and what to do about it: the holds with the
 * rules that they come from, what it waits for, how it failed.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/field.h"
#include "cli/remedy.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/text.h"
#include "cli/why_money.h"
#include "core/planned.h"
#include "store/ledger.h"

struct why_options {
	bool json;
};

static const struct option_row why_rows[] = {
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct why_options, json),
	    .help = "the same with exact amounts" },
	{ .name = NULL },
};

struct why {
	struct report report;
	struct waiting *waiting; /* what the holds for money were about */
	size_t n_waiting;
	const cJSON *planned; /* by the tool of its last attempt; NULL: it was not */
	struct objective as;  /* the objective as it is planned */
	struct why_money money;
	int64_t now_ms;
};

static int
load(struct why *w, struct cli *cli, const char *id, struct err *e)
{
	w->now_ms = clock_now_ms();
	if (report_load(&w->report, cli->store, id, e) < 0 ||
	    store_waiting(cli->store, id, OBJECTION_REASONS, &w->waiting, &w->n_waiting, NULL, e) <
		0)
		return -1;
	w->planned = report_planned(&w->report);
	planned_apply(w->planned, &w->report.objective, &w->as);
	why_money_load(&w->money, cli, &w->as, planned_unpriced(w->planned));
	return 0;
}

static void
why_clear(struct why *w)
{
	why_money_clear(&w->money);
	planned_clear(&w->as);
	store_waiting_free(w->waiting, w->n_waiting);
	report_clear(&w->report);
}

static const struct waiting *
waiting_for(const struct why *w, const char *reason)
{
	for (size_t i = 0; i < w->n_waiting; i++)
		if (strcmp(objection_reason_name(w->waiting[i].reason), reason) == 0)
			return &w->waiting[i];
	return NULL;
}

/* ---- holds ---- */

static void
print_objection(const char *label, const cJSON *objection)
{
	const char *rule = json_str(objection, "rule"), *where = json_str(objection, "where");

	field(label, json_str(objection, "message"));
	if (rule != NULL)
		fieldf("", "%s%s%s", rule, where != NULL ? ", " : "", where != NULL ? where : "");
}

/* The last word on what RULE asks: why it does not suffice any more. */
static void
print_approval(const struct why *w, const char *rule, money_t asks_for)
{
	const struct report *r = &w->report;
	char amount[MONEY_TEXT_SIZE], asked[MONEY_TEXT_SIZE], ended[CLOCK_TEXT_SIZE];
	const struct approval *a = NULL;

	/* The newest stands first. */
	for (size_t i = 0; i < r->n_approvals && a == NULL; i++)
		if (rule != NULL && strcmp(r->approvals[i].rule, rule) == 0)
			a = &r->approvals[i];
	if (a == NULL)
		return;
	money_format_people(a->amount, amount);
	if (a->until_ms != 0 && a->until_ms <= w->now_ms)
		fieldf("", "%s's approval of %s ended on %s", a->by, amount,
		    text_second(a->until_ms, ended));
	else if (a->amount < asks_for)
		fieldf("", "%s's approval of %s is less than the %s that it asks for by now", a->by,
		    amount, money_format_people(asks_for, asked));
	else
		fieldf("", "%s's approval of %s was of another plan", a->by, amount);
}

static void
print_hold(const struct why *w, const struct hold *hold)
{
	const struct waiting *waiting = waiting_for(w, hold->reason);
	const char *label = hold->reason;
	const cJSON *objection;
	char when[64];

	if (waiting == NULL || cJSON_GetArraySize(waiting->objections) == 0) {
		fieldf(label, "%s", hold->detail != NULL ? hold->detail : "no reason is known");
		label = "";
	} else {
		cJSON_ArrayForEach (objection, waiting->objections) {
			print_objection(label, objection);
			print_approval(w, json_str(objection, "rule"), waiting->amount);
			label = "";
		}
	}
	fieldf("", "held %s", text_when(hold->since_ms, w->now_ms, when, sizeof(when)));
}

/* True if the holds tell the same. */
static bool
is_told(const struct why *w, const struct objection *o)
{
	const struct waiting *waiting = waiting_for(w, objection_reason_name(o->reason));
	const cJSON *objection;

	if (waiting == NULL)
		return false;
	cJSON_ArrayForEach (objection, waiting->objections) {
		const char *message = json_str(objection, "message");

		if (message != NULL && strcmp(message, o->message) == 0)
			return true;
	}
	return false;
}

/* What has changed since, or what a queued one is going to be held for. */
static void
print_now(const struct why *w)
{
	const struct why_money *m = &w->money;
	const char *label = "now";

	if (!m->is_due || m->e.kind != ERR_NONE)
		return;
	if (!why_money_is_short(m)) {
		if (w->n_waiting > 0)
			field(label, "it would be admitted: a runner takes it up");
		return;
	}
	for (size_t i = 0; i < m->now.ruling.len; i++) {
		const struct objection *o = &m->now.ruling.v[i];
		AUTO_FREE char *text = prospect_objection_text(o);

		if (is_told(w, o))
			continue;
		field(label, text);
		print_approval(w, o->rule, m->estimate.monthly.high);
		label = "";
	}
}

/* ---- waiting ---- */

static size_t
print_unmet(const struct report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_dependencies; i++) {
		const struct dependency *d = &r->dependencies[i];

		if (d->state != STATE_SUCCEEDED)
			fieldf(n++ == 0 ? "waits for" : "", "%s (%s), %s", d->name, id_short(d->id),
			    state_name(d->state));
	}
	return n;
}

static void
print_queued(const struct why *w)
{
	const struct report *r = &w->report;
	const struct objective *o = &r->objective;
	const struct attempt *a = report_open_attempt(r);
	AUTO_FREE char *failure = a != NULL ? report_failure_text(&a->failure) : NULL;
	bool waits = print_unmet(r) > 0;
	char when[64];

	if (o->not_before_ms > w->now_ms) {
		fieldf(a != NULL ? report_wait_word(a) : "not before", "%s%s%s",
		    text_when(o->not_before_ms, w->now_ms, when, sizeof(when)),
		    failure != NULL ? ", after " : "", failure != NULL ? failure : "");
		waits = true;
	}
	if (r->throttled_until_ms > w->now_ms) {
		AUTO_FREE char *until = report_throttled_text(r, w->now_ms);

		fieldf("throttled", "%s: nothing of its subscription and %s starts before", until,
		    o->provider != NULL ? o->provider : "provider");
		waits = true;
	}
	print_now(w);
	if (!waits && !why_money_is_short(&w->money))
		field(
		    "why", "nothing is in its way: it starts as soon as a runner has room for it");
}

static void
print_held(const struct why *w)
{
	const struct report *r = &w->report;

	for (size_t i = 0; i < r->n_holds; i++)
		print_hold(w, &r->holds[i]);
	print_unmet(r);
	print_now(w);
}

static void
print_running(const struct why *w)
{
	const struct report *r = &w->report;
	const struct attempt *a = report_open_attempt(r);
	size_t step = a != NULL && a->step >= 0 ? (size_t)a->step : 0;

	if (a == NULL || step >= r->plan.len)
		field("why", "nothing is in its way: it is being worked on");
	else
		fieldf("why", "nothing is in its way: attempt %d (%s) is in step %zu of %zu, %s",
		    a->number, phase_name(a->phase), step + 1, r->plan.len,
		    r->plan.steps[step].name);
}

static void
print_failed(const struct objective *o)
{
	const char *class = json_str(o->failure, "class"), *code = json_str(o->failure, "code"),
		   *step = json_str(o->failure, "step");

	fieldf("why", "%s%s%s%s%s", class != NULL ? class : "unknown", code != NULL ? ", " : "",
	    code != NULL ? code : "", step != NULL ? ", in step " : "", step != NULL ? step : "");
	field("", json_str(o->failure, "message"));
}

static void
print_ended(const struct why *w)
{
	const struct objective *o = &w->report.objective;
	char when[64];

	text_when(o->changed_ms, w->now_ms, when, sizeof(when));
	if (o->state == STATE_SUCCEEDED)
		fieldf("why", "it is done: it succeeded %s", when);
	else
		fieldf("why", "it was %s %s", state_name(o->state), when);
}

static void
print_planned(const struct why *w)
{
	const char *strategy = w->report.n_attempts > 0
	    ? w->report.attempts[w->report.n_attempts - 1].strategy
	    : NULL;
	AUTO_FREE char *differences = planned_differences(w->planned, &w->report.objective);

	if (w->planned != NULL && differences != NULL)
		fieldf("planned", "%s plans %s", strategy, differences);
}

static void
print_text(const struct why *w)
{
	const struct objective *o = &w->report.objective;

	printf("%s%s/%s%s (%s)  %s%s%s\n", style_on(STYLE_BOLD), o->batch, o->name,
	    style_off(STYLE_BOLD), id_short(o->id), style_on(style_of_state(o->state)),
	    state_name(o->state), style_off(style_of_state(o->state)));
	switch (o->state) {
	case STATE_QUEUED:
		print_queued(w);
		break;
	case STATE_HELD:
		print_held(w);
		break;
	case STATE_RUNNING:
		print_running(w);
		break;
	case STATE_FAILED:
		print_failed(o);
		break;
	default:
		print_ended(w);
		break;
	}
	print_planned(w);
	why_money_print(&w->money);
}

/* ---- what to type ---- */

static bool
is_held_for(const struct report *r, const char *reason)
{
	for (size_t i = 0; i < r->n_holds; i++)
		if (strcmp(r->holds[i].reason, reason) == 0)
			return true;
	return false;
}

static void
next(const struct why *w, struct strv *todo)
{
	const struct report *r = &w->report;
	const struct objective *o = &r->objective;
	const char *id = id_short(o->id);
	char in_doubt[] = "in_doubt", *doubt = in_doubt;

	if (is_held_for(r, in_doubt))
		remedies_add(todo, id, &(struct strv){ .v = &doubt, .len = 1 });
	for (size_t i = 0; i < r->n_dependencies; i++) {
		const struct dependency *d = &r->dependencies[i];

		if (d->state == STATE_HELD)
			strv_addf(todo, "purser why %s", id_short(d->id));
		else if (d->state == STATE_FAILED)
			strv_addf(todo, "purser retry %s", id_short(d->id));
	}
	why_money_next(&w->money, todo);
	if (o->state == STATE_FAILED && !o->destroying)
		strv_addf(todo, "purser retry %s", id);
	if (o->state == STATE_FAILED && r->n_executions > 0)
		strv_addf(todo, "purser log %s --output", id);
	/* Of one that is held it has to be known. */
	if (!why_money_is_short(&w->money) &&
	    (o->state == STATE_QUEUED || (w->n_waiting > 0 && w->money.e.kind == ERR_NONE)))
		strv_add(todo, "purser run");
	if (todo->len == 0)
		strv_addf(todo, "purser show %s", id);
}

/* ---- JSON ---- */

static cJSON *
hold_json(const struct why *w, const struct hold *hold)
{
	const struct waiting *waiting = waiting_for(w, hold->reason);
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "reason", hold->reason);
	json_add_str(json, "detail", hold->detail);
	report_add_time(json, "since", hold->since_ms);
	if (waiting != NULL && waiting->objections != NULL)
		cJSON_AddItemToObject(
		    json, "objections", cJSON_Duplicate(waiting->objections, true));
	return json;
}

static void
print_json(const struct why *w)
{
	const struct report *r = &w->report;
	const struct objective *o = &r->objective;
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	CLEANUP(strv_clear) struct strv todo = { 0 };
	cJSON *list;

	report_add_name(json, o);
	json_add_str(json, "state", state_name(o->state));
	list = cJSON_AddArrayToObject(json, "holds");
	for (size_t i = 0; i < r->n_holds; i++)
		cJSON_AddItemToArray(list, hold_json(w, &r->holds[i]));
	list = cJSON_AddArrayToObject(json, "waits_for");
	for (size_t i = 0; i < r->n_dependencies; i++)
		if (r->dependencies[i].state != STATE_SUCCEEDED)
			cJSON_AddItemToArray(list, cJSON_CreateString(r->dependencies[i].id));
	if (o->state == STATE_QUEUED && o->not_before_ms > w->now_ms)
		report_add_time(json, "not_before", o->not_before_ms);
	report_add_time(json, "throttled_until", r->throttled_until_ms);
	if (o->failure != NULL)
		cJSON_AddItemToObject(json, "failure", cJSON_Duplicate(o->failure, true));
	if (w->planned != NULL)
		cJSON_AddItemToObject(json, "planned", cJSON_Duplicate(w->planned, true));
	why_money_add_json(&w->money, json);
	next(w, &todo);
	json_add_strv(json, "next", &todo);
	AUTO_FREE char *text = json_pretty(json);
	fputs(text, stdout);
}

static void
tell(const struct why *w, bool json)
{
	CLEANUP(strv_clear) struct strv todo = { 0 };

	if (json) {
		print_json(w);
		return;
	}
	print_text(w);
	fflush(stdout);
	next(w, &todo);
	for (size_t i = 0; i < todo.len; i++)
		say_next("%s", todo.v[i]);
}

static enum status
why_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct why_options *opts = options;
	struct why w = { 0 };
	struct err e = { 0 };
	struct objective o;
	enum status status = cli_find(cli, args->v[0], &o);

	if (status != STATUS_DONE) {
		objective_clear(&o);
		return status;
	}
	if (load(&w, cli, o.id, &e) < 0)
		status = say_error(&e);
	else
		tell(&w, opts->json);
	why_clear(&w);
	objective_clear(&o);
	return status;
}

const struct cmd cmd_why = {
	.name = "why",
	.usage = "OBJECTIVE [--json]",
	.summary = "tell why an objective does not go on, and what would help",
	.about =
	    "Names each hold with the rule it comes from, the place of that rule and the figures; what a queued "
	    "objective waits for; how a failed one failed.\n"
	    "\n"
	    "Where money holds it, the cheapest changes are told that would pass: another size, fewer, another "
	    "region, each estimated from the price book and tried against the budget as it stands. Of each kind "
	    "it is the one closest to what was asked for. They save what the high estimates differ by. Whether "
	    "a size suits its image, or is to be had, the cloud knows only when it is asked.",
	.examples = "purser why web-dev/web\n"
		    "purser why 1a2b3c4d --json | jq .changes",
	.options = why_rows,
	.options_size = sizeof(struct why_options),
	.needs = CMD_LIBRARY | CMD_READ,
	.min_args = 1,
	.max_args = 1,
	.run = why_run,
};
