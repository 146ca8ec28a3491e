/* What the parts of the runner share: its jobs, its timers, its signals, and how it stops. */
#include "config.h"

#include "engine/loop.h"

#include <signal.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/mem.h"
#include "engine/wake.h"

void
loop_add_job(struct loop *r, struct job *j)
{
	j->runner = r;
	j->next = r->jobs;
	r->jobs = j;
	r->n_jobs++;
}

void
loop_remove_job(struct loop *r, struct job *j)
{
	for (struct job **at = &r->jobs; *at != NULL; at = &(*at)->next)
		if (*at == j) {
			*at = j->next;
			r->n_jobs--;
			break;
		}
	job_free(j);
}

struct job *
loop_find_job(struct loop *r, const char *objective_id)
{
	struct job *j = r->jobs;

	while (j != NULL && strcmp(j->objective.id, objective_id) != 0)
		j = j->next;
	return j;
}

static void
drop_changes(struct loop *r, bool leave)
{
	while (r->changes != NULL) {
		struct change *c = r->changes;
		struct job *unclaimed = c->claims ? c->job : NULL;

		r->changes = c->link;
		if (leave)
			change_leave(c);
		else
			change_drop(c);
		if (unclaimed != NULL)
			loop_remove_job(r, unclaimed);
	}
}

void
loop_drop_jobs(struct loop *r, bool leave)
{
	drop_changes(r, leave);
	while (r->jobs != NULL)
		loop_remove_job(r, r->jobs);
}

static void
on_turn(uv_timer_t *timer)
{
	struct loop *r = timer->data;

	r->take_turn(r);
}

/* Comes once in each round of the loop, after all that the poll before it has brought. */
static void
on_soon(uv_idle_t *idle)
{
	struct loop *r = idle->data;

	uv_idle_stop(idle);
	r->take_turn(r);
}

void
loop_want_turn(struct loop *r, uint64_t in_ms)
{
	if (r->quits)
		return;
	if (in_ms == 0)
		uv_idle_start(&r->soon, on_soon);
	else if (!uv_is_active((uv_handle_t *)&r->turn) || uv_timer_get_due_in(&r->turn) > in_ms)
		uv_timer_start(&r->turn, on_turn, in_ms, 0);
}

void
loop_quit(struct loop *r)
{
	r->quits = true;
	uv_stop(&r->loop);
}

void
loop_break_down(struct loop *r, const struct err *e)
{
	if (r->failure.kind == ERR_NONE)
		r->failure = *e;
	loop_quit(r);
}

static void
got_signal(uv_signal_t *signal, int number)
{
	struct loop *r = signal->data;

	(void)number;
	if (r->scene.stopping) {
		r->summary->detached = r->n_jobs > 0;
		loop_quit(r);
		return;
	}
	r->scene.stopping = true;
	r->claims_no_more = true;
	r->summary->interrupted = true;
	if (r->options->progress != NULL) {
		struct progress p = { .kind = PROGRESS_STOPPING };

		r->options->progress(&p, r->options->data);
	}
	loop_want_turn(r, 0);
}

static void
got_wake(uv_poll_t *poll, int status, int events)
{
	struct loop *r = poll->data;

	(void)events;
	if (status < 0)
		return;
	wake_drain(r->wake_fd);
	r->woken = true;
	r->look_at_queue = true;
	loop_want_turn(r, 0);
}

static void
free_handle(uv_handle_t *handle)
{
	free(handle);
}

void
loop_listen(struct loop *r, int fd)
{
	uv_poll_t *poll = xcalloc(1, sizeof *poll);

	r->wake_fd = fd;
	if (fd == -1 || uv_poll_init(&r->loop, poll, fd) != 0) {
		free(poll);
		return;
	}
	poll->data = r;
	r->wake = poll;
	uv_poll_start(poll, UV_READABLE, got_wake);
}

void
loop_stop_listening(struct loop *r)
{
	if (r->wake != NULL)
		uv_close((uv_handle_t *)r->wake, free_handle);
	r->wake = NULL;
}

int
loop_begin(struct loop *r, void (*turn)(struct loop *r), uv_timer_cb tick, struct err *e)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	int rc = uv_loop_init(&r->loop);

	if (rc != 0)
		return err_set(e, ERR_SYSTEM, "start the event loop: %s", uv_strerror(rc));
	uv_timer_init(&r->loop, &r->turn);
	uv_timer_init(&r->loop, &r->tick);
	uv_idle_init(&r->loop, &r->soon);
	r->turn.data = r;
	r->soon.data = r;
	r->tick.data = r;
	uv_timer_start(&r->tick, tick, TICK_MS, TICK_MS);
	r->take_turn = turn;
	for (size_t i = 0; i < COUNT_OF(r->signals); i++) {
		uv_signal_init(&r->loop, &r->signals[i]);
		r->signals[i].data = r;
		uv_signal_start(&r->signals[i], got_signal, numbers[i]);
	}
	return 0;
}

static void
close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void
loop_end(struct loop *r)
{
	uv_walk(&r->loop, close_handle, NULL);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	uv_loop_close(&r->loop);
}
