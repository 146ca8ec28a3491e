#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/display.h"
#include "cli/lookup.h"
#include "cli/prices.h"
#include "cli/say.h"
#include "cli/summary.h"
#include "cli/waiting.h"
#include "engine/runner.h"

#define JOBS_MAX 256
/* So many lines of what is held by what it needs. */
#define DEPENDENTS_MAX 20
/* So many held objectives are asked why. */
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

/*
 * What remains, as the exit status has it: of the whole queue, or of one batch.
 * What another runner has in hand remains as well.
 */
static enum status
final_status(const struct runner_summary *sum, const struct left *left)
{
	enum status status = sum->failed > 0 ? STATUS_FAILED : STATUS_DONE;

	if (left->counts[STATE_QUEUED] + left->counts[STATE_RUNNING] > 0)
		status = status_worse(status, STATUS_LATER);
	if (left->counts[STATE_HELD] > 0)
		status = status_worse(status, STATUS_HELD);
	/* A night that only lacks money is another thing for a timer than one that needs a person's eyes. */
	if (waiting_for(left->waiting, OBJECTION_BUDGET) > 0)
		status = status_worse(status, STATUS_BUDGET);
	return status;
}

static int
count_left(struct store *s, const char *batch, struct left *left, struct err *e)
{
	if (store_counts(s, batch, left->counts, e) < 0)
		return -1;
	return left->counts[STATE_HELD] > 0 ? waiting_count(s, batch, left->waiting, e) : 0;
}

static enum status
finish(struct cli *cli, const struct run_options *o, const struct display *d,
    const struct runner_summary *sum)
{
	int64_t span_ms = clock_boot_ms() - d->begun_ms;
	struct left left = { .counts = { 0 } };
	enum status status;
	struct err e = { 0 };

	if (count_left(cli->store, o->batch, &left, &e) < 0)
		return say_error(&e);
	status = final_status(sum, &left);
	if (o->json) {
		summary_json(sum, &left, span_ms, status);
		return status;
	}
	if (!cli->quiet)
		summary_tell(cli, o->batch, d, sum, &left, span_ms);
	else if (status != STATUS_DONE && status != STATUS_LATER)
		summary_line(sum, &left, span_ms);
	return status;
}

static enum status
check_limits(const struct cli *cli)
{
	const char *limit = cli_unknown_limit(&cli->config);

	if (limit == NULL)
		return STATUS_DONE;
	say("%s: limits.strategy: there is no strategy %s", cli->paths.config, limit);
	say_next("purser doctor");
	return STATUS_USAGE;
}

/*
 * No step of theirs ended, so that the runner has nothing to tell of them: what
 * was held since SINCE_MS for want of another objective.
 */
static void
tell_dependents(struct store *s, const char *batch, struct display *d, int64_t since_ms)
{
	struct store_filter f = { .batch = batch, .states = 1u << STATE_HELD, .limit = HELD_ASKED };
	size_t len = 0, lines = 0;
	struct objective *v = NULL;
	struct err e = { 0 };

	if (store_list(s, &f, &v, &len, &e) < 0)
		return;
	for (size_t i = 0; i < len && lines < DEPENDENTS_MAX; i++) {
		struct hold *holds = NULL;
		size_t n = 0;

		if (store_holds(s, v[i].id, &holds, &n, &e) < 0)
			break;
		for (size_t k = 0; k < n; k++) {
			if (strcmp(holds[k].reason, "dependency") != 0 ||
			    holds[k].since_ms < since_ms)
				continue;
			display_dependent(d, &v[i], holds[k].detail);
			lines++;
		}
		store_holds_free(holds, n);
	}
	store_list_free(v, len);
}

/* What the files say by now that a runner goes by. */
struct renewal {
	struct cli *cli;
	struct tariff *tariff;
};

static int
reload(struct planner *planner, void *data, struct err *e)
{
	const struct renewal *r = data;

	return cli_reread_budget(r->cli, e) < 0 ? -1 : tariff_renew(r->tariff, r->cli, planner, e);
}

static enum status
run_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct run_options *o = options;
	struct planner planner = cli_planner(cli);
	struct runner_summary sum = { 0 };
	AUTO_FREE struct display *d = xcalloc(1, sizeof(*d));
	CLEANUP(tariff_clear) struct tariff tariff = { NULL };
	struct renewal renewal = { cli, &tariff };
	struct runner_options how = {
		.jobs = (int)o->jobs,
		.batch = o->batch,
		.once = o->once,
		.watch = o->watch,
		.wait_ms = o->wait_ms,
		.reload = reload,
		.reload_data = &renewal,
		.progress = display_progress,
		.tick = display_tick,
		.data = d,
	};
	enum status status;
	struct err e = { 0 };
	int64_t begun_ms;
	int rc;

	(void)args;
	if (o->once && o->watch)
		return say_usage("run", "--once and --watch contradict one another");
	begun_ms = clock_now_ms();
	status = check_limits(cli);
	if (status == STATUS_DONE && o->batch != NULL)
		status = cli_need_batch(cli, o->batch);
	if (status != STATUS_DONE)
		return status;
	if (tariff_renew(&tariff, cli, &planner, &e) < 0)
		return say_error(&e);
	/* A pager that was left must not end the runner. */
	signal(SIGPIPE, SIG_IGN);
	display_open(d, choose_mode(cli, o), cli->verbose);
	rc = runner_run(cli->store, &cli->paths, &planner, &how, &sum, &e);
	if (rc == 0)
		tell_dependents(cli->store, o->batch, d, begun_ms);
	display_close(d);
	if (rc == 0) {
		status = finish(cli, o, d, &sum);
		fflush(stdout);
		if (cli->config.docs && !sum.interrupted)
			lookup_recent(cli, begun_ms);
	} else {
		status = say_error(&e);
		/* A file that somebody broke meanwhile is theirs to mend; all else is ours. */
		if (e.kind != ERR_INPUT) {
			status = status_worse(status, STATUS_BROKEN);
			say_next("purser doctor");
		}
	}
	display_clear(d);
	return status;
}

const struct cmd cmd_run = {
	.name = "run",
	.usage = "[--batch NAME] [--jobs N] [--once|--watch] [OPTION...]",
	.summary = "work on the queue until it is empty",
	.about =
	    "Takes up objectives, runs their steps, and ends when nothing can be done now. For what it has itself "
	    "put off by up to ten minutes it waits (another try, a look at what is in the making, doubt that must "
	    "settle); what is due later is left to the next run, exit status 6. What an earlier run left "
	    "behind, even one that was killed, is taken up first: steps that still run are adopted, those in "
	    "doubt are looked at, nothing is done twice. Interrupt it once and it takes up nothing more and lets "
	    "running steps end; twice, and it leaves them to the next run. Several runners may work on one queue. "
	    "Where its output is no terminal, the last line sums up, for the mail of a cron job; with --quiet "
	    "that line comes only when something failed or is held.",
	.examples = "purser run\n"
		    "purser run --jobs 2 --batch web-dev\n"
		    "purser run --wait 10m\n"
		    "purser run --json >> run.log",
	.options = run_rows,
	.options_size = sizeof(struct run_options),
	.needs = CMD_LIBRARY | CMD_WRITE,
	.run = run_run,
};
