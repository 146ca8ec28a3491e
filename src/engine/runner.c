/*
 * The loop. Whatever happens only asks for a turn; a turn looks at everything,
 * decides, writes all of it in one transaction, and then acts:
 *
 *	gather	ended steps, adopted steps, dead runners, what is ready
 *	make	a change for each: pure decision, folders and locks
 *	write	lease, what is due, take-overs, changes: one commit
 *	act	start what the commit recorded
 *
 * If the transaction does not come about, nothing in memory has moved; the
 * changes wait for the next turn or are dropped and made again from the store.
 */
#include "config.h"

#include "engine/runner.h"

#include <string.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/mem.h"
#include "engine/life.h"
#include "engine/loop.h"
#include "engine/tell.h"
#include "engine/turn.h"
#include "engine/watch.h"
#include "engine/work.h"

#define POLL_MS 500 /* how often the queue is looked at without a reason */

static void
write_audit(struct loop *r)
{
	struct err e = { 0 };

	r->audit_due = false;
	if (audit_append(
		r->scene.store, r->scene.paths->state, &r->audit_limits, &r->audit_number, &e) == 0)
		return;
	if (e.kind == ERR_BUSY)
		r->audit_due = true;
	else
		loop_break_down(r, &e);
}

/* Another process that is flushing does it for us. */
static void
flush_audit(struct loop *r)
{
	if (audit_flush(r->scene.store, r->scene.paths->state, &r->audit_limits, &r->failure) ==
		-1 &&
	    r->failure.kind == ERR_BUSY)
		r->failure.kind = ERR_NONE;
}

static void
step_is_done(struct performance *p, const struct result *result, void *data)
{
	struct job *j = data;

	(void)p;
	job_take_result(j, result);
	failpoint("run.result");
	loop_want_turn(j->runner, 0);
}

static void
step_goes_on(const char *text, void *data)
{
	const struct job *j = data;
	const struct loop *r = j->runner;

	tell_detail(&r->scene, j, text, false);
}

static void
on_tick(uv_timer_t *timer)
{
	struct loop *r = timer->data;
	int64_t now = clock_boot_ms();
	bool wants = now >= r->renew_at_ms || now >= r->scan_at_ms ||
	    (r->wake_at_ms != 0 && r->wake_at_ms <= clock_now_ms() + TICK_MS);

	for (struct job *j = r->jobs; j != NULL; j = j->next)
		watch_look(&r->scene, j);
	if (r->options->tick != NULL)
		r->options->tick(r->options->data);
	if (now >= r->poll_at_ms) {
		r->poll_at_ms = now + POLL_MS;
		r->look_at_queue = true;
		r->woken = true; /* other processes submit, postpone and cancel too */
		wants = true;
	}
	for (struct job *j = r->jobs; j != NULL && !wants; j = j->next)
		wants = j->performance == NULL && now >= j->look_at_ms;
	if (r->audit_due)
		write_audit(r);
	notifier_look(r->notifier);
	if (wants)
		loop_want_turn(r, 0);
}

static void
notifier_is_idle(void *data)
{
	loop_want_turn(data, 0);
}

/* The loop is there; what it works on comes and goes with this life of the runner. */
static void
run_loop(struct loop *r)
{
	r->notifier = notifier_new(&r->loop, r->scene.store, r->scene.paths, r->planner.config);
	notifier_on_idle(r->notifier, notifier_is_idle, r);
	r->scene.performing.servers = servers_new(
	    &r->planner.config->mcp_servers, r->scene.paths, r->scene.runner_id, &r->loop);
	if (life_begin(r, &r->failure) == 0) {
		turn_note_next_wake(r);
		write_audit(r); /* where it cannot be written, no work starts */
		loop_want_turn(r, 0);
		uv_run(&r->loop, UV_RUN_DEFAULT);
	}
	loop_quit(r); /* what the loop still does is ending servers */
	loop_drop_jobs(r, false);
	servers_free(r->scene.performing.servers);
	probe_clear(&r->probe);
	notifier_free(r->notifier);
	loop_stop_listening(r);
}

static bool
queue_is_empty(struct loop *r)
{
	int64_t counts[STATES];

	return store_counts(r->scene.store, r->options->batch, counts, NULL) == 0 &&
	    counts[STATE_QUEUED] + counts[STATE_RUNNING] == 0;
}

int
runner_run(struct store *s, const struct paths *paths, const struct planner *planner,
    const struct runner_options *options, struct runner_summary *summary, struct err *e)
{
	const struct config *config = planner->config;
	struct loop r = {
		.planner = *planner,
		.options = options,
		.summary = summary,
		.audit_limits = { config->audit_max_bytes, config->audit_files },
		.slots = (size_t)(options->jobs > 0 ? options->jobs : config->jobs),
		.life_fd = -1,
		.wake_fd = -1,
		.look_at_queue = true,
		.began_ms = clock_boot_ms(),
	};

	memset(summary, 0, sizeof *summary);
	planner_look_for_tools(&r.planner);
	r.planner.contracts = &r.contracts;
	r.host = config->host != NULL ? xstrdup(config->host) : life_host_id();
	r.scene = (struct scene){
		.store = s,
		.paths = paths,
		.runner_id = r.self.id,
		.host = r.host,
		.options = options,
		.config = config,
		.planner = &r.planner,
		.subscription = config->subscription,
		.performing = { .store = s,
		    .loop = &r.loop,
		    .helper = paths->step,
		    .done = step_is_done,
		    .progress = step_goes_on },
	};
	work_sweep(s, paths);
	if (loop_begin(&r, turn_take, on_tick, &r.failure) == 0) {
		run_loop(&r);
		loop_end(&r);
	}
	life_end(&r);
	/* What only waits for money may go on with the next month: that is no schedule. */
	summary->later_ms = queue_is_empty(&r) ? 0 : r.wake_at_ms;
	if (r.failure.kind == ERR_NONE)
		flush_audit(&r);
	runner_clear(&r.self);
	planner_forget_tools(&r.planner);
	contracts_clear(&r.contracts);
	free(r.host);
	if (r.failure.kind == ERR_NONE)
		return 0;
	if (e != NULL)
		*e = r.failure;
	return -1;
}
