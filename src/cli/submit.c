#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/say.h"
#include "cli/submission.h"

struct submit_options {
	const char *file, *batch;
	int64_t timeout_ms, step_timeout_ms;
	bool json;
};

static const struct option_row submit_rows[] = {
	{ .name = "file",
	    .letter = 'f',
	    .kind = OPTION_TEXT,
	    .argument = "FILE",
	    .offset = offsetof(struct submit_options, file),
	    .help = "the same as the argument" },
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct submit_options, batch),
	    .help = "name of the batch; wins over the one in the file" },
	{ .name = "timeout",
	    .kind = OPTION_SPAN,
	    .argument = "DURATION",
	    .offset = offsetof(struct submit_options, timeout_ms),
	    .help =
		"how long an objective may take from its first start on, where the file does not "
		"say; then it fails, and what it made is undone" },
	{ .name = "step-timeout",
	    .kind = OPTION_SPAN,
	    .argument = "DURATION",
	    .offset = offsetof(struct submit_options, step_timeout_ms),
	    .help = "how long each of its steps may run, where the file does not say" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct submit_options, json),
	    .help = "what was stored, as JSON" },
	{ .name = NULL },
};

static bool
check_span(const char *option, int64_t ms, int64_t max_ms)
{
	char low[CLOCK_TEXT_SIZE], high[CLOCK_TEXT_SIZE];

	if (ms == 0 || (ms >= BATCH_TIMEOUT_MIN_MS && ms <= max_ms))
		return true;
	say_usage("submit", "--%s must be from %s to %s", option,
	    clock_format_span(BATCH_TIMEOUT_MIN_MS, low), clock_format_span(max_ms, high));
	return false;
}

/* What the file says of an objective wins over what was typed for all of them. */
static void
set_timeouts(struct batch *b, const struct submit_options *o)
{
	for (size_t i = 0; i < b->len; i++) {
		if (b->v[i].timeout_ms == 0)
			b->v[i].timeout_ms = o->timeout_ms;
		if (b->v[i].step_timeout_ms == 0)
			b->v[i].step_timeout_ms = o->step_timeout_ms;
	}
}

/*
 * A commit whose end is not known: the store tells. The batch is there whole
 * or not at all, so that one of its objectives stands for all.
 */
static int
look_again(struct cli *cli, const struct batch *b, struct err *e)
{
	struct objective o;
	int rc;

	if (store_reopen(cli->store, e) < 0)
		return -1;
	objective_init(&o);
	rc = store_get(cli->store, b->v[b->len - 1].id, &o, e);
	objective_clear(&o);
	if (rc < 0 && e->kind == ERR_NOT_FOUND)
		return err_set(e, ERR_SYSTEM, "the batch could not be stored; submit it again");
	return rc;
}

static int
store_batch(struct cli *cli, struct batch *b, struct submitted *done, struct err *e)
{
	AUTO_FREE char *user = cli_user();

	if (store_begin_wait(cli->store, CLI_WAIT_MS, e) < 0)
		return -1;
	if (store_submit(cli->store, b, user, clock_now_ms(), done, e) < 0) {
		store_rollback(cli->store);
		return -1;
	}
	if (store_commit(cli->store, e) == 0)
		return 0;
	return e->kind == ERR_UNCERTAIN ? look_again(cli, b, e) : -1;
}

static void
tell_json(const struct batch *b, const struct submitted *done)
{
	AUTO_JSON cJSON *answer = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	cJSON *list;

	json_add_str(answer, "batch", b->name);
	json_add_int(answer, "added", (int64_t)done->added);
	json_add_int(answer, "known", (int64_t)done->known);
	list = cJSON_AddArrayToObject(answer, "objectives");
	for (size_t i = 0; i < b->len; i++) {
		cJSON *o = cJSON_CreateObject();

		json_add_str(o, "id", b->v[i].id);
		json_add_str(o, "name", b->v[i].name);
		json_add_str(o, "state", state_name(b->v[i].state));
		cJSON_AddItemToArray(list, o);
	}
	text = json_pretty(answer);
	fputs(text, stdout);
}

static void
tell(const struct batch *b, const struct submitted *done)
{
	if (done->added > 0)
		say_done("batch %s: %zu objective%s stored", b->name, done->added,
		    done->added == 1 ? "" : "s");
	if (done->known > 0)
		say_done("batch %s: %zu known already by their keys, nothing changed for them",
		    b->name, done->known);
	if (done->added > 0)
		say_next("purser run");
	else
		say_next("purser list");
}

static void
tell_mending(const char *file)
{
	if (strcmp(file, "-") == 0)
		say_next("purser capabilities   (what may be asked for)");
	else
		say_next("purser submit %s   (when that is mended)", file);
}

static enum status
submit_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct submit_options *o = options;
	const char *file = submission_file("submit", args, o->file);
	struct submitted done = { 0 };
	struct err e = { 0 };
	enum status status;
	struct batch b;

	if (file == NULL || !check_span("timeout", o->timeout_ms, BATCH_TIMEOUT_MAX_MS) ||
	    !check_span("step-timeout", o->step_timeout_ms, BATCH_STEP_TIMEOUT_MAX_MS))
		return STATUS_USAGE;
	status = submission_read(cli, file, o->batch, &b);
	set_timeouts(&b, o);
	if (status == STATUS_DONE)
		status = submission_check_plans(cli, &b);
	if (status == STATUS_USAGE)
		tell_mending(file);
	/* Only now: what is refused leaves no trace, not even an empty store. */
	if (status == STATUS_DONE)
		status = cli_need_store(cli, STORE_WRITE);
	if (status == STATUS_DONE && store_batch(cli, &b, &done, &e) < 0) {
		status = say_error(&e);
		if (status == STATUS_USAGE)
			say_next("purser list --batch %s", b.name);
	}
	if (status == STATUS_DONE) {
		cli_settle(cli);
		if (o->json)
			tell_json(&b, &done);
		else
			tell(&b, &done);
	}
	batch_clear(&b);
	return status;
}

const struct cmd cmd_submit = {
	.name = "submit",
	.usage = "FILE|- [--batch NAME] [--timeout DURATION] [--json]",
	.summary = "put the objectives of a file into the queue",
	.about =
	    "Reads objectives from a TOML or JSON file (or from standard input), checks all of them, and stores "
	    "them in one transaction: all or none. Nothing is provisioned yet. Objectives whose key is known "
	    "already are left as they are, so that a cron job may submit the same file twice.",
	.examples = "purser submit web.toml\n"
		    "purser submit web.toml --batch web-dev\n"
		    "purser submit web.toml --timeout 2h --step-timeout 20m\n"
		    "generate-objectives | purser submit - --json",
	.options = submit_rows,
	.options_size = sizeof(struct submit_options),
	.needs = CMD_LIBRARY,
	.max_args = 1,
	.run = submit_run,
};
