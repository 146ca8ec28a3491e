#include "config.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/say.h"

#define PAGE 500

struct cancel_options {
	const char *batch;
	bool json;
};

static const struct option_row cancel_rows[] = {
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct cancel_options, batch),
	    .help = "all objectives of this batch that have not ended" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct cancel_options, json),
	    .help = "what was cancelled, as JSON" },
	{ .name = NULL },
};

struct cancelled {
	cJSON *list; /* for --json */
	size_t at_once, undoing;
};

static int
cancel_one(struct store *s, const struct objective *o, const char *user, struct cancelled *done,
    struct err *e)
{
	bool at_once;
	cJSON *json;

	if (store_cancel(s, o->id, user, clock_now_ms(), &at_once, e) < 0)
		return -1;
	if (at_once)
		done->at_once++;
	else
		done->undoing++;
	json = cJSON_CreateObject();
	json_add_str(json, "id", o->id);
	json_add_str(json, "batch", o->batch);
	json_add_str(json, "name", o->name);
	json_add_bool(json, "at_once", at_once);
	cJSON_AddItemToArray(done->list, json);
	return 0;
}

static int
cancel_named(struct store *s, const struct strv *refs, const char *user, struct cancelled *done,
    struct err *e)
{
	for (size_t i = 0; i < refs->len; i++) {
		struct objective o;
		int rc;

		objective_init(&o);
		rc = store_find(s, refs->v[i], &o, e);
		if (rc == 0)
			rc = cancel_one(s, &o, user, done, e);
		objective_clear(&o);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
cancel_batch(
    struct store *s, const char *batch, const char *user, struct cancelled *done, struct err *e)
{
	struct store_filter f = {
		.batch = batch,
		.states = 1u << STATE_QUEUED | 1u << STATE_RUNNING | 1u << STATE_HELD,
		.limit = PAGE,
	};
	size_t len;

	do {
		struct objective *v = NULL;
		int rc = 0;

		if (store_list(s, &f, &v, &len, e) < 0)
			return -1;
		for (size_t i = 0; i < len && rc == 0; i++) {
			f.after_seq = v[i].seq;
			rc = cancel_one(s, &v[i], user, done, e);
		}
		store_list_free(v, len);
		if (rc < 0)
			return -1;
	} while (len == PAGE);
	if (done->at_once + done->undoing == 0)
		return err_set(
		    e, ERR_NOT_FOUND, "batch %s has no objective that has not ended", batch);
	return 0;
}

/* One transaction: of several names one is wrong, and nothing is cancelled. */
static int
cancel_all(struct store *s, const struct cancel_options *o, const struct strv *refs,
    struct cancelled *done, struct err *e)
{
	AUTO_FREE char *user = cli_user();
	int rc;

	if (store_begin_wait(s, CLI_WAIT_MS, e) < 0)
		return -1;
	rc = o->batch != NULL ? cancel_batch(s, o->batch, user, done, e)
			      : cancel_named(s, refs, user, done, e);
	if (rc < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}

static void
tell(const struct cancelled *done, bool json)
{
	AUTO_FREE char *text = NULL;

	if (json) {
		text = json_pretty(done->list);
		fputs(text, stdout);
		return;
	}
	if (done->at_once > 0)
		say_done("%zu objective%s cancelled", done->at_once, done->at_once == 1 ? "" : "s");
	if (done->undoing > 0) {
		say_done("%zu objective%s will be undone and then cancelled, by the runner",
		    done->undoing, done->undoing == 1 ? "" : "s");
		say_next("purser run");
	}
}

static enum status
cancel_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct cancel_options *o = options;
	struct cancelled done = { 0 };
	struct err e = { 0 };
	enum status status;

	if ((o->batch != NULL) == (args->len > 0))
		return say_usage("cancel", "cancel: name objectives, or a batch by --batch");
	status = cli_need_existing_store(cli);
	if (status != STATUS_DONE)
		return status;

	done.list = cJSON_CreateArray();
	if (cancel_all(cli->store, o, args, &done, &e) < 0) {
		status = say_error(&e);
		if (e.kind == ERR_NOT_FOUND)
			say_next("purser list");
	} else {
		cli_settle(cli);
		tell(&done, o->json);
	}
	cJSON_Delete(done.list);
	return status;
}

const struct cmd cmd_cancel = {
	.name = "cancel",
	.usage = "OBJECTIVE... | --batch NAME [--json]",
	.summary = "cancel objectives that have not ended",
	.about =
	    "What was not begun is cancelled at once. What was begun is undone by the runner first, the step made "
	    "last first; until then it shows as to be cancelled. Of several objectives all are cancelled or none.",
	.examples = "purser cancel web-dev/web 1a2b3c4d\n"
		    "purser cancel --batch web-dev",
	.options = cancel_rows,
	.options_size = sizeof(struct cancel_options),
	.needs = CMD_CONFIG,
	.max_args = ARGS_ANY,
	.run = cancel_run,
};
