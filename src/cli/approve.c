/* approve and reject: what a person decides about objectives that wait for it. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/remedy.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/selection.h"
#include "cli/when.h"
#include "store/ledger.h"

/* Whoever is logged in on a server is not who decides about money. */
#define NO_NAME "say whose decision it is: --by NAME"

struct decide_options {
	const char *batch, *by, *note;
	const char *amount, *until; /* of approve */
	bool json;
};

static const struct option_row approve_rows[] = {
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct decide_options, batch),
	    .help = "all objectives of this batch that wait for approval or a price" },
	{ .name = "by",
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct decide_options, by),
	    .help = "who approves it; needed" },
	{ .name = "note",
	    .kind = OPTION_TEXT,
	    .argument = "TEXT",
	    .offset = offsetof(struct decide_options, note),
	    .help = "why; it is kept with the approval and in the audit log" },
	{ .name = "amount",
	    .kind = OPTION_TEXT,
	    .argument = "AMOUNT",
	    .offset = offsetof(struct decide_options, amount),
	    .help = "what each may cost a month, at most (default: what it asks for); needed where "
		    "the price is not known" },
	{ .name = "until",
	    .kind = OPTION_TEXT,
	    .argument = "TIME",
	    .offset = offsetof(struct decide_options, until),
	    .help = "void if it was not begun by 2026-12-31 (that day included, UTC), "
		    "2026-12-31T18:00:00Z, or +7d from now on (default: without end)" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct decide_options, json),
	    .help = "what was approved, and what it is held for still, as JSON" },
	{ .name = NULL },
};

static const struct option_row reject_rows[] = {
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct decide_options, batch),
	    .help = "all objectives of this batch that wait for approval, money or a price" },
	{ .name = "by",
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct decide_options, by),
	    .help = "who rejects it; needed" },
	{ .name = "note",
	    .kind = OPTION_TEXT,
	    .argument = "TEXT",
	    .offset = offsetof(struct decide_options, note),
	    .help = "why; its submitter reads it as the reason of the failure" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct decide_options, json),
	    .help = "what was rejected, as JSON" },
	{ .name = NULL },
};

/* What is decided, and what has been so far. */
struct judgement {
	const char *verb; /* "approve" */
	unsigned
	    reasons; /* bits 1 << enum objection_reason: of a batch only those that wait for one of these */
	bool of_batch;
	bool rejects;
	const char *by, *note;
	money_t amount;   /* 0: none is named */
	int64_t until_ms; /* 0: without end */
	int64_t now_ms;
	cJSON *list;       /* for programs */
	size_t done, held; /* held: for something else, still */
	size_t failed;     /* of the rejected, at once */
	char last[ID_SIZE];
	struct strv held_for; /* the reasons of all that are held, each once */
};

static void
judgement_clear(struct judgement *d)
{
	cJSON_Delete(d->list);
	strv_clear(&d->held_for);
}

static int
waits_for(struct store *s, const char *id, unsigned reasons, bool *found, struct err *e)
{
	struct waiting *v = NULL;
	size_t len = 0;

	if (store_waiting(s, id, OBJECTION_REASONS, &v, &len, NULL, e) < 0)
		return -1;
	*found = false;
	for (size_t i = 0; i < len; i++)
		*found = *found || (reasons & 1u << v[i].reason) != 0;
	store_waiting_free(v, len);
	return 0;
}

/* As it is after the decision. */
static int
note_result(struct store *s, struct judgement *d, const char *id, struct err *e)
{
	struct hold *holds = NULL;
	struct objective o;
	size_t n = 0;
	int rc = -1;

	objective_init(&o);
	if (store_get(s, id, &o, e) == 0 && store_holds(s, id, &holds, &n, e) == 0) {
		cJSON *json = cJSON_CreateObject(), *list;

		report_add_name(json, &o);
		json_add_str(json, "state", state_name(o.state));
		json_add_str(json, "by", d->by);
		if (d->amount > 0)
			json_add_money(json, "amount", d->amount);
		report_add_time(json, "until", d->until_ms);
		list = cJSON_AddArrayToObject(json, "held_for");
		for (size_t i = 0; i < n; i++) {
			cJSON_AddItemToArray(list, cJSON_CreateString(holds[i].reason));
			if (!strv_has(&d->held_for, holds[i].reason))
				strv_add(&d->held_for, holds[i].reason);
		}
		cJSON_AddItemToArray(d->list, json);
		d->done++;
		d->held += n > 0;
		d->failed += o.state == STATE_FAILED;
		memcpy(d->last, o.id, sizeof(d->last));
		rc = 0;
	}
	store_holds_free(holds, n);
	objective_clear(&o);
	return rc;
}

static int
decide_one(struct store *s, const struct objective *o, void *data, struct err *e)
{
	struct judgement *d = data;
	bool waits = true;
	int rc;

	if (d->of_batch && waits_for(s, o->id, d->reasons, &waits, e) < 0)
		return -1;
	if (!waits)
		return 0;
	if (d->rejects)
		rc = store_reject(s, o->id, d->by, d->note, d->now_ms, e);
	else
		rc = store_approve(s, o->id, d->amount, d->until_ms, d->by, d->note, d->now_ms, e);
	return rc < 0 ? -1 : note_result(s, d, o->id, e);
}

static int
decide_all(struct store *s, const struct selection *what, void *data, struct err *e)
{
	struct judgement *d = data;

	d->of_batch = what->batch != NULL;
	if (selection_each(s, what, decide_one, d, NULL, e) < 0)
		return -1;
	if (d->done > 0)
		return 0;
	return err_set(e, ERR_INPUT, "batch %s has nothing to %s", what->batch, d->verb);
}

static void
print_list(const struct judgement *d)
{
	AUTO_FREE char *text = json_pretty(d->list);

	fputs(text, stdout);
}

/* An approval does not lift all holds: what for, and what would. */
static void
tell_still_held(const struct judgement *d)
{
	CLEANUP(strv_clear) struct strv todo = { 0 };
	AUTO_FREE char *reasons = strv_join(&d->held_for, " and ");

	if (d->held == 0)
		return;
	if (d->done > 1) {
		say_done("%zu of them %s still held, for %s", d->held, d->held == 1 ? "is" : "are",
		    reasons);
		say_next("purser list --state held");
		return;
	}
	say_done("it is still held, for %s: an approval does not lift that", reasons);
	remedies_add(&todo, id_short(d->last), &d->held_for);
	for (size_t i = 0; i < todo.len; i++)
		say_next("%s", todo.v[i]);
	if (todo.len == 0)
		say_next("purser show %s", id_short(d->last));
}

static void
tell_approved(const struct cli *cli, const struct judgement *d)
{
	const char *s = d->done == 1 ? "" : "s";
	char amount[MONEY_TEXT_SIZE];

	if (d->amount > 0)
		say_done("%zu objective%s approved by %s, up to %s %s a month%s", d->done, s, d->by,
		    money_format_people(d->amount, amount), cli->config.budget.currency,
		    d->done == 1 ? "" : " each");
	else
		say_done("%zu objective%s approved by %s, at what %s for", d->done, s, d->by,
		    d->done == 1 ? "it asks" : "they ask");
	tell_still_held(d);
	if (d->held < d->done)
		say_next("purser run");
}

static void
tell_rejected(const struct judgement *d)
{
	size_t undone = d->done - d->failed;

	say_done("%zu objective%s rejected by %s", d->done, d->done == 1 ? "" : "s", d->by);
	if (undone == 0) {
		if (d->done == 1)
			say_next("purser show %s", id_short(d->last));
		else
			say_next("purser list --state failed");
		return;
	}
	if (d->done == 1)
		say_done("what may stand of it is to be undone");
	else
		say_done("what may stand of %zu of them is to be undone", undone);
	say_next("purser run");
}

static enum status
read_options(const struct decide_options *o, struct judgement *d)
{
	struct err e = { 0 };

	if (o->by == NULL)
		return say_usage(d->verb, "%s", NO_NAME);
	if (o->amount != NULL && money_parse(o->amount, &d->amount, &e) < 0)
		return say_usage(d->verb, "--amount: %s", e.msg);
	if (o->amount != NULL && d->amount == 0)
		return say_usage(d->verb, "--amount: 0 approves nothing");
	if (o->until != NULL && when_parse("until", o->until, d->now_ms, &d->until_ms, &e) < 0)
		return say_usage(d->verb, "%s", e.msg);
	if (o->until != NULL && d->until_ms <= d->now_ms)
		return say_usage(d->verb, "--until: \"%s\" has passed", o->until);
	d->by = o->by;
	d->note = o->note;
	return STATUS_DONE;
}

static enum status
judge(struct cli *cli, const struct decide_options *o, const struct strv *args, struct judgement *d)
{
	const struct selection what = {
		.refs = args,
		.batch = o->batch,
		.states = 1u << STATE_HELD,
	};
	enum status status;

	d->now_ms = clock_now_ms();
	d->list = cJSON_CreateArray();
	status = read_options(o, d);
	if (status == STATUS_DONE)
		status = selection_change(cli, d->verb, &what, decide_all, d);
	if (status != STATUS_DONE)
		return status;
	if (o->json)
		print_list(d);
	else if (d->rejects)
		tell_rejected(d);
	else
		tell_approved(cli, d);
	return STATUS_DONE;
}

static enum status
approve_run(struct cli *cli, const void *options, const struct strv *args)
{
	CLEANUP(judgement_clear)
	struct judgement d = {
		.verb = "approve",
		.reasons = 1u << OBJECTION_APPROVAL | 1u << OBJECTION_UNPRICED,
	};

	return judge(cli, options, args, &d);
}

static enum status
reject_run(struct cli *cli, const void *options, const struct strv *args)
{
	CLEANUP(judgement_clear)
	struct judgement d = {
		.verb = "reject",
		.reasons =
		    1u << OBJECTION_APPROVAL | 1u << OBJECTION_BUDGET | 1u << OBJECTION_UNPRICED,
		.rejects = true,
	};

	return judge(cli, options, args, &d);
}

const struct cmd cmd_approve = {
	.name = "approve",
	.usage = "OBJECTIVE... | --batch NAME --by NAME [OPTION...]",
	.summary = "allow what waits for a person's approval, or has no known price",
	.about =
	    "Approves objectives that are held for approval, and with --amount also those of which something has "
	    "no known price. An approval is bound to the plan, to the rule that asked, and to the amount: a "
	    "changed plan or a higher estimate asks again. It never lifts a limit: what is held for money needs "
	    "purser budget grant, or a higher limit. Of several objectives all are approved or none.",
	.examples = "purser approve web-prod/vm3 --by ann --note \"for the launch\"\n"
		    "purser approve 1a2b3c4d --by ann --amount 250 --until +14d\n"
		    "purser approve --batch web-prod --by ann",
	.options = approve_rows,
	.options_size = sizeof(struct decide_options),
	.needs = CMD_CONFIG,
	.max_args = ARGS_ANY,
	.run = approve_run,
};

const struct cmd cmd_reject = {
	.name = "reject",
	.usage = "OBJECTIVE... | --batch NAME --by NAME [--note TEXT] [--json]",
	.summary = "refuse what waits for approval, money or a price",
	.about =
	    "Fails objectives that are held for approval, for money or for a price, and undoes what may stand of "
	    "them. Of several objectives all are rejected or none.",
	.examples = "purser reject web-prod/vm3 --by ann --note \"use the shared one\"\n"
		    "purser reject --batch web-prod --by ann",
	.options = reject_rows,
	.options_size = sizeof(struct decide_options),
	.needs = CMD_CONFIG,
	.max_args = ARGS_ANY,
	.run = reject_run,
};
