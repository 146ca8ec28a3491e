#include "config.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/display.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/text.h"
#include "engine/runner.h"

#define JOBS_MAX 256
#define HINTS_MAX 5
/* So many held objectives are asked why: one over budget makes the exit status 4. */
#define HELD_ASKED 200

struct run_options {
	const char *batch;
	int64_t jobs, wait_ms;
	bool once, watch, json;
};

static const struct option_row run_rows[] = {
	{ .name = "jobs",
	    .letter = 'j',
	    .kind = OPTION_COUNT,
	    .argument = "N",
	    .min = 1,
	    .max = JOBS_MAX,
	    .offset = offsetof(struct run_options, jobs),
	    .help = "so many objectives at a time (default: run.jobs of the configuration)" },
	{ .name = "once",
	    .letter = '1',
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct run_options, once),
	    .help = "take up one objective and end with it" },
	{ .name = "watch",
	    .letter = 'w',
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct run_options, watch),
	    .help = "stay when the queue is empty, and wait for more" },
	{ .name = "wait",
	    .kind = OPTION_SPAN,
	    .argument = "DURATION",
	    .offset = offsetof(struct run_options, wait_ms),
	    .help = "stay for work that is scheduled within so long (\"10m\")" },
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct run_options, batch),
	    .help = "only the objectives of this batch" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct run_options, json),
	    .help = "a line of JSON for each event, and one for the end" },
	{ .name = NULL },
};

static enum display_mode
choose_mode(const struct cli *cli, const struct run_options *o)
{
	const char *term = getenv("TERM");

	if (o->json)
		return DISPLAY_JSON;
	if (cli->quiet)
		return DISPLAY_NONE;
	return isatty(STDOUT_FILENO) && term != NULL && strcmp(term, "dumb") != 0 ? DISPLAY_LIVE
										  : DISPLAY_LINES;
}

/* Held for want of money, or for a person's decision? */
static int
held_status(struct store *s, const char *batch, enum status *status, struct err *e)
{
	struct store_filter f = { .batch = batch, .states = 1u << STATE_HELD, .limit = HELD_ASKED };
	struct objective *v = NULL;
	size_t len = 0;
	int rc = 0;

	if (store_list(s, &f, &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len && rc == 0; i++) {
		struct hold *holds = NULL;
		size_t n = 0;

		*status = status_worse(*status, STATUS_HELD);
		rc = store_holds(s, v[i].id, &holds, &n, e);
		for (size_t k = 0; k < n; k++) {
			if (strcmp(holds[k].reason, "budget") == 0)
				*status = status_worse(*status, STATUS_BUDGET);
		}
		store_holds_free(holds, n);
	}
	store_list_free(v, len);
	return rc;
}

/*
 * What remains, as the exit status has it: of the whole queue, or of one batch.
 * What another runner has in hand remains as well.
 */
static int
final_status(struct store *s, const struct run_options *o, const struct runner_summary *sum,
    const int64_t *counts, enum status *status, struct err *e)
{
	*status = sum->failed > 0 ? STATUS_FAILED : STATUS_DONE;
	if (counts[STATE_QUEUED] + counts[STATE_RUNNING] > 0)
		*status = status_worse(*status, STATUS_LATER);
	return counts[STATE_HELD] > 0 ? held_status(s, o->batch, status, e) : 0;
}

static void
add_part(struct buf *line, int64_t count, const char *word)
{
	if (count > 0)
		buf_addf(line, "%s%" PRId64 " %s", line->len > 0 ? ", " : "", count, word);
}

static void
print_summary(const struct runner_summary *sum, const int64_t *counts, int64_t span_ms)
{
	struct buf line = BUF_INIT(1024);
	char span[CLOCK_TEXT_SIZE], when[64];

	add_part(&line, sum->succeeded, "succeeded");
	add_part(&line, sum->failed, "failed");
	add_part(&line, sum->held, "held");
	add_part(&line, sum->cancelled, "cancelled");
	add_part(&line, sum->postponed, "postponed");
	if (line.len == 0)
		buf_adds(&line, "nothing was to be done");
	printf("%s%s, in %s%s\n", style_on(STYLE_BOLD), buf_str(&line),
	    clock_format_span(span_ms, span), style_off(STYLE_BOLD));
	buf_reset(&line);
	add_part(&line, counts[STATE_QUEUED], "queued");
	add_part(&line, counts[STATE_RUNNING], "running");
	add_part(&line, counts[STATE_HELD], "held");
	if (line.len > 0)
		printf("left: %s\n", buf_str(&line));
	if (sum->later_ms > 0)
		printf("the next scheduled work is due %s\n",
		    text_when(sum->later_ms, clock_now_ms(), when, sizeof(when)));
	buf_clear(&line);
}

static void
print_hints(const struct display *d, const struct runner_summary *sum, const int64_t *counts)
{
	size_t shown = d->n_troubles < HINTS_MAX ? d->n_troubles : HINTS_MAX;
	int64_t due_s = (sum->later_ms - clock_now_ms()) / 1000 + 1;

	for (size_t i = 0; i < shown; i++)
		say_next("purser show %s   (%s %s)", id_short(d->troubles[i].id),
		    d->troubles[i].label,
		    d->troubles[i].kind == PROGRESS_FAILED ? "failed" : "is held");
	if (d->n_troubles + d->more_troubles > shown || (shown == 0 && counts[STATE_HELD] > 0))
		say_next("purser list --state failed,held");
	if (sum->detached)
		say_next("purser run   (steps go on by themselves; it takes them up again)");
	else if (sum->interrupted && counts[STATE_QUEUED] > 0)
		say_next("purser run");
	else if (sum->later_ms > 0)
		say_next("purser run --wait %" PRId64 "s", due_s > 0 ? due_s : 1);
}

static void
print_json_summary(
    const struct runner_summary *sum, const int64_t *counts, int64_t span_ms, enum status status)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	cJSON *left;

	report_add_time(json, "time", clock_now_ms());
	json_add_str(json, "event", "summary");
	json_add_int(json, "succeeded", sum->succeeded);
	json_add_int(json, "failed", sum->failed);
	json_add_int(json, "held", sum->held);
	json_add_int(json, "cancelled", sum->cancelled);
	json_add_int(json, "postponed", sum->postponed);
	left = cJSON_AddObjectToObject(json, "left");
	json_add_int(left, "queued", counts[STATE_QUEUED]);
	json_add_int(left, "running", counts[STATE_RUNNING]);
	json_add_int(left, "held", counts[STATE_HELD]);
	report_add_time(json, "later", sum->later_ms);
	json_add_bool(json, "interrupted", sum->interrupted);
	json_add_bool(json, "detached", sum->detached);
	json_add_int(json, "elapsed_ms", span_ms);
	json_add_int(json, "status", (int64_t)status);
	text = json_text(json);
	puts(text);
}

static enum status
finish(struct cli *cli, const struct run_options *o, const struct display *d,
    const struct runner_summary *sum)
{
	int64_t counts[STATES], span_ms = clock_boot_ms() - d->begun_ms;
	enum status status;
	struct err e = { 0 };

	if (store_counts(cli->store, o->batch, counts, &e) < 0 ||
	    final_status(cli->store, o, sum, counts, &status, &e) < 0)
		return say_error(&e);
	if (o->json) {
		print_json_summary(sum, counts, span_ms, status);
	} else if (!cli->quiet) {
		print_summary(sum, counts, span_ms);
		print_hints(d, sum, counts);
	}
	return status;
}

/* A batch that is not there is a slip; an empty queue is none. */
static enum status
check_batch(struct cli *cli, const char *batch)
{
	int64_t counts[STATES], all = 0;
	struct err e = { 0 };

	if (batch == NULL)
		return STATUS_DONE;
	if (store_counts(cli->store, batch, counts, &e) < 0)
		return say_error(&e);
	for (enum state st = 0; st < STATES; st++)
		all += counts[st];
	if (all > 0)
		return STATUS_DONE;
	say("there is no batch %s", batch);
	say_next("purser list --batches");
	return STATUS_USAGE;
}

static enum status
run_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct run_options *o = options;
	struct planner planner = cli_planner(cli);
	struct runner_summary sum = { 0 };
	AUTO_FREE struct display *d = xcalloc(1, sizeof(*d));
	struct runner_options how = {
		.jobs = (int)o->jobs,
		.batch = o->batch,
		.once = o->once,
		.watch = o->watch,
		.wait_ms = o->wait_ms,
		.progress = display_progress,
		.tick = display_tick,
		.data = d,
	};
	enum status status;
	struct err e = { 0 };
	int rc;

	(void)args;
	if (o->once && o->watch)
		return say_usage("run", "--once and --watch contradict one another");
	status = check_batch(cli, o->batch);
	if (status != STATUS_DONE)
		return status;
	/* A pager that was left must not end the runner. */
	signal(SIGPIPE, SIG_IGN);
	display_open(d, choose_mode(cli, o), cli->verbose);
	rc = runner_run(cli->store, &cli->paths, &planner, &how, &sum, &e);
	display_close(d);
	if (rc == 0) {
		status = finish(cli, o, d, &sum);
	} else {
		status = status_worse(say_error(&e), STATUS_BROKEN);
		say_next("purser doctor");
	}
	display_clear(d);
	return status;
}

const struct cmd cmd_run = {
	.name = "run",
	.usage = "[--batch NAME] [--jobs N] [--once|--watch] [OPTION...]",
	.summary = "work on the queue until it is empty",
	.about =
	    "Takes up objectives, runs their steps, and ends when nothing can be done now. What an earlier run left "
	    "behind, even one that was killed, is taken up first: steps that still run are adopted, those in "
	    "doubt are looked at, nothing is done twice. Interrupt it once and it takes up nothing more and lets "
	    "running steps end; twice, and it leaves them to the next run.",
	.examples = "purser run\n"
		    "purser run --jobs 2 --batch web-dev\n"
		    "purser run --wait 10m\n"
		    "purser run --json >> run.log",
	.options = run_rows,
	.options_size = sizeof(struct run_options),
	.needs = CMD_LIBRARY | CMD_WRITE,
	.run = run_run,
};
