#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/advise.h"
#include "cli/command.h"
#include "cli/field.h"
#include "cli/lookup.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/show_asked.h"
#include "cli/show_history.h"
#include "cli/show_money.h"
#include "cli/stake.h"
#include "cli/style.h"
#include "cli/text.h"

struct show_options {
	bool json;
};

static const struct option_row show_rows[] = {
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct show_options, json),
	    .help = "the whole document, as export writes it, and a diagnosis of what failed" },
	{ .name = NULL },
};

/* The message of one that failed is told with the cause, at the end. */
static void
show_failure(const cJSON *failure, enum state state)
{
	AUTO_FREE char *text = NULL;
	const char *code = json_str(failure, "code"), *step = json_str(failure, "step");

	if (failure == NULL)
		return;
	text = xasprintf("%s%s%s%s%s",
	    json_str(failure, "class") != NULL ? json_str(failure, "class") : "unknown",
	    code != NULL ? ", " : "", code != NULL ? code : "", step != NULL ? ", in step " : "",
	    step != NULL ? step : "");
	field("why", text);
	if (state != STATE_FAILED)
		field("", json_str(failure, "message"));
}

/* What it waits for that nobody need do anything about. */
static void
show_waiting(const struct report *r, int64_t now_ms)
{
	const struct objective *o = &r->objective;
	const struct attempt *a = report_open_attempt(r);
	bool waits = o->state == STATE_QUEUED && o->not_before_ms > now_ms;
	char when[64];

	if (r->throttled_until_ms > now_ms) {
		AUTO_FREE char *until = report_throttled_text(r, now_ms);
		AUTO_FREE char *text =
		    xasprintf("%s: nothing of its subscription and %s starts before", until,
			o->provider != NULL ? o->provider : "provider");

		field("throttled", text);
	}
	if (waits && a != NULL) {
		AUTO_FREE char *why = report_failure_text(&a->failure);
		AUTO_FREE char *text =
		    xasprintf("%s%s%s", text_when(o->not_before_ms, now_ms, when, sizeof(when)),
			why != NULL ? ", after " : "", why != NULL ? why : "");

		field(report_wait_word(a), text);
	}
}

/* Only a person can tell, and both answers are told how to type. */
static void
show_ways_out(const struct objective *o)
{
	const char *id = id_short(o->id);
	AUTO_FREE char *yes = xasprintf("purser resolve %s --happened [--resource ID]", id);
	AUTO_FREE char *no = xasprintf("purser resolve %s --not-happened", id);

	field("it did happen", yes);
	field("it did not", no);
}

static const char *
wish_of(const struct objective *o)
{
	if (o->destroying && o->state == STATE_FAILED)
		return ", could not be destroyed";
	if (state_is_final(o->state))
		return "";
	return o->destroying ? ", to be destroyed" : o->cancel_wanted ? ", to be cancelled" : "";
}

static void
show_state(const struct report *r, int64_t now_ms)
{
	const struct objective *o = &r->objective;

	printf("%s%s/%s%s  %s%s%s%s\n", style_on(STYLE_BOLD), o->batch, o->name,
	    style_off(STYLE_BOLD), style_on(style_of_state(o->state)), state_name(o->state),
	    style_off(style_of_state(o->state)), wish_of(o));
	for (size_t i = 0; i < r->n_holds; i++) {
		char when[64];
		AUTO_FREE char *text = xasprintf("%s%s%s (%s)", r->holds[i].reason,
		    r->holds[i].detail != NULL ? ": " : "",
		    r->holds[i].detail != NULL ? r->holds[i].detail : "",
		    text_when(r->holds[i].since_ms, now_ms, when, sizeof(when)));

		field("held", text);
		if (strcmp(r->holds[i].reason, "in_doubt") == 0)
			show_ways_out(o);
		show_objections(r, r->holds[i].reason);
	}
	show_waiting(r, now_ms);
	show_failure(o->failure, o->state);
}

static void
next_of_hold(const struct report *r, const char *reason)
{
	if (strcmp(reason, "dependency") != 0)
		return;
	for (size_t i = 0; i < r->n_dependencies; i++) {
		const struct dependency *d = &r->dependencies[i];

		if (d->state == STATE_FAILED)
			say_next("purser retry %s   (%s, which it needs, failed)", id_short(d->id),
			    d->name);
	}
}

static bool
has_orphans(const struct report *r)
{
	for (size_t i = 0; i < r->n_resources; i++) {
		if (r->resources[i].state == RESOURCE_ORPHANED)
			return true;
	}
	return false;
}

static bool
is_in_doubt(const struct report *r)
{
	for (size_t i = 0; i < r->n_holds; i++) {
		if (strcmp(r->holds[i].reason, "in_doubt") == 0)
			return true;
	}
	return false;
}

static void
show_next(const struct report *r)
{
	const struct objective *o = &r->objective;
	const char *id = id_short(o->id);

	if (r->n_executions > 0)
		say_next("purser log %s%s", id,
		    o->state == STATE_FAILED || o->state == STATE_HELD ? " --output" : "");
	else
		say_next("purser plan %s", id);
	for (size_t i = 0; i < r->n_holds; i++)
		next_of_hold(r, r->holds[i].reason);
	show_next_money(r);
	if (o->state == STATE_QUEUED)
		say_next("purser run");
	if (o->state == STATE_FAILED && !o->destroying)
		say_next("purser retry %s", id);
	if (o->state == STATE_SUCCEEDED || (o->state == STATE_FAILED && has_orphans(r)))
		say_next("purser destroy %s", id);
	/* What is in doubt must be resolved before anything can be undone. */
	if (!state_is_final(o->state) && !o->destroying && !is_in_doubt(r))
		say_next("purser cancel %s", id);
}

/* What cannot be read is told by whoever needs it. */
static void
show_stake(const struct cli *cli, const struct report *r, int64_t now_ms)
{
	CLEANUP(stake_clear) struct stake stake;
	struct err e = { 0 };

	if (stake_load(&stake, cli->store, r, now_ms, &e) == 0)
		stake_print(&stake, cli->config.budget.currency);
}

static void
show_text(struct cli *cli, const struct report *r)
{
	CLEANUP(advised_clear) struct advised advised;
	int64_t now_ms = clock_now_ms();

	show_state(r, now_ms);
	putchar('\n');
	show_asked(r, now_ms);
	show_dependencies(r);
	if (r->objective.outputs != NULL && r->objective.outputs->child != NULL) {
		field_title("Outputs");
		show_outputs(r->objective.outputs);
	}
	show_money(r, cli->config.budget.currency, now_ms);
	show_resources(r);
	show_attempts(r);
	show_steps(r);
	advised_load(&advised, cli, r);
	advised_print(&advised, cli, r);
	lookup_show(cli, &advised.failure, r->objective.capability);
	show_stake(cli, r, now_ms);
	fflush(stdout);
	show_next(r);
}

static void
show_json(struct cli *cli, const struct report *r)
{
	AUTO_JSON cJSON *json = report_to_json(r);
	CLEANUP(advised_clear) struct advised advised;
	AUTO_FREE char *text = NULL;
	CLEANUP(stake_clear) struct stake stake;
	cJSON *diagnosis, *waiting;
	struct err e = { 0 };

	advised_load(&advised, cli, r);
	if ((diagnosis = advised_to_json(&advised)) != NULL) {
		lookup_add(cli, &advised.failure, r->objective.capability, diagnosis);
		cJSON_AddItemToObject(json, "diagnosis", diagnosis);
	}
	stake_load(&stake, cli->store, r, clock_now_ms(), &e);
	if ((waiting = stake_to_json(&stake)) != NULL)
		cJSON_AddItemToObject(json, "while_it_waits", waiting);
	text = json_pretty(json);
	fputs(text, stdout);
}

static enum status
show_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct show_options *opts = options;
	struct err e = { 0 };
	struct objective o;
	struct report r;
	enum status status = cli_find(cli, args->v[0], &o);

	if (status != STATUS_DONE) {
		objective_clear(&o);
		return status;
	}
	if (report_load(&r, cli->store, o.id, &e) < 0) {
		status = say_error(&e);
	} else if (opts->json) {
		show_json(cli, &r);
	} else {
		show_text(cli, &r);
	}
	report_clear(&r);
	objective_clear(&o);
	return status;
}

const struct cmd cmd_show = {
	.name = "show",
	.usage = "OBJECTIVE [--json]",
	.summary = "tell everything about one objective",
	.about =
	    "Shows what was asked for, the state and the reason of it, why each strategy was chosen or passed over, "
	    "what was made, and each attempt and step. Of one that failed or is held in doubt also the cause, what "
	    "helped before, and what to do, with the commands to type; with [analysis] docs = true also what "
	    "Microsoft Learn says about the error code. "
	    "OBJECTIVE is an id, the end of one (four digits or more, while it fits only one), or batch/name.",
	.examples = "purser show web-dev/web\n"
		    "purser show 1a2b3c4d --json",
	.options = show_rows,
	.options_size = sizeof(struct show_options),
	.needs = CMD_READ,
	.min_args = 1,
	.max_args = 1,
	.run = show_run,
};
