#include "config.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/selection.h"

struct retry_options {
	const char *batch;
	bool from_start, json;
};

static const struct option_row retry_rows[] = {
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct retry_options, batch),
	    .help = "all objectives of this batch that failed" },
	{ .name = "from-start",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct retry_options, from_start),
	    .help =
		"under new deployment names, so that nothing of an earlier attempt is taken for "
		"its own" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct retry_options, json),
	    .help = "what was queued again, as JSON" },
	{ .name = NULL },
};

struct retried {
	const char *user;
	bool from_start;
	cJSON *list; /* for --json */
	size_t failed, waiting;
};

static int
retry_one(struct store *s, const struct objective *o, void *data, struct err *e)
{
	struct retried *done = data;
	cJSON *json;

	if (store_retry(s, o->id, done->from_start, done->user, clock_now_ms(), e) < 0)
		return -1;
	if (o->state == STATE_FAILED)
		done->failed++;
	else
		done->waiting++;
	json = cJSON_CreateObject();
	report_add_name(json, o);
	json_add_str(json, "was", state_name(o->state));
	json_add_bool(json, "from_start", done->from_start);
	cJSON_AddItemToArray(done->list, json);
	return 0;
}

static int
retry_all(struct store *s, const struct selection *what, void *data, struct err *e)
{
	size_t count = 0;

	if (selection_each(s, what, retry_one, data, &count, e) < 0)
		return -1;
	return count > 0
	    ? 0
	    : err_set(e, ERR_INPUT, "batch %s has no objective that failed", what->batch);
}

static void
tell(const struct retried *done, bool json)
{
	AUTO_FREE char *text = NULL;

	if (json) {
		text = json_pretty(done->list);
		fputs(text, stdout);
		return;
	}
	if (done->failed > 0)
		say_done("%zu objective%s queued again%s", done->failed,
		    done->failed == 1 ? "" : "s", done->from_start ? ", from the start" : "");
	if (done->waiting > 0)
		say_done("%zu objective%s no longer wait%s for the next try", done->waiting,
		    done->waiting == 1 ? "" : "s", done->waiting == 1 ? "s" : "");
	say_next("purser run");
}

static enum status
retry_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct retry_options *o = options;
	const struct selection what = {
		.refs = args,
		.batch = o->batch,
		.states = 1u << STATE_FAILED,
	};
	AUTO_FREE char *user = cli_user();
	AUTO_JSON cJSON *list = cJSON_CreateArray();
	struct retried done = { .user = user, .from_start = o->from_start, .list = list };
	enum status status = selection_change(cli, "retry", &what, retry_all, &done);

	if (status == STATUS_DONE)
		tell(&done, o->json);
	return status;
}

const struct cmd cmd_retry = {
	.name = "retry",
	.usage = "OBJECTIVE... | --batch NAME [--from-start] [--json]",
	.summary = "try objectives again that failed",
	.about =
	    "Queues failed objectives for a new attempt, the best strategy first, with its tries and its timeout "
	    "counted anew. What waits for a failed one is released once it succeeds. An objective that waits for "
	    "its next try is tried at once. Of several objectives all are queued or none.",
	.examples = "purser retry web-dev/web\n"
		    "purser retry --batch web-dev\n"
		    "purser retry 1a2b3c4d --from-start",
	.options = retry_rows,
	.options_size = sizeof(struct retry_options),
	.needs = CMD_CONFIG,
	.max_args = ARGS_ANY,
	.run = retry_run,
};
