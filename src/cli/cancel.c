#include "config.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/selection.h"

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
	const char *user;
	cJSON *list; /* for --json */
	size_t at_once, undoing;
};

static int
cancel_one(struct store *s, const struct objective *o, void *data, struct err *e)
{
	struct cancelled *done = data;
	bool at_once;
	cJSON *json;

	if (store_cancel(s, o->id, done->user, clock_now_ms(), &at_once, e) < 0)
		return -1;
	if (at_once)
		done->at_once++;
	else
		done->undoing++;
	json = cJSON_CreateObject();
	report_add_name(json, o);
	json_add_bool(json, "at_once", at_once);
	cJSON_AddItemToArray(done->list, json);
	return 0;
}

static int
cancel_all(struct store *s, const struct selection *what, void *data, struct err *e)
{
	size_t count = 0;

	if (selection_each(s, what, cancel_one, data, &count, e) < 0)
		return -1;
	return count > 0 ? 0
			 : err_set(e, ERR_NOT_FOUND, "batch %s has no objective that has not ended",
			       what->batch);
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
	const struct selection what = {
		.refs = args,
		.batch = o->batch,
		.states = 1u << STATE_QUEUED | 1u << STATE_RUNNING | 1u << STATE_HELD,
	};
	AUTO_FREE char *user = cli_user();
	AUTO_JSON cJSON *list = cJSON_CreateArray();
	struct cancelled done = { .user = user, .list = list };
	enum status status = selection_change(cli, "cancel", &what, cancel_all, &done);

	if (status == STATUS_DONE)
		tell(&done, o->json);
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
