/*
 * The runner's loop and all that its parts share. For engine/runner.c, turn.c
 * and life.c; others see engine/runner.h.
 */
#ifndef ENGINE_LOOP_H
#define ENGINE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "engine/audit.h"
#include "engine/change.h"
#include "engine/job.h"
#include "engine/notify.h"
#include "engine/probe.h"
#include "engine/runner.h"

#define TICK_MS 250 /* the pulse of the display and of what has no event of its own */

/* How far limits and prices are known; see rules.h. */
struct rules {
	char stamp[DIGEST_SIZE]; /* of the files as they were read */
	char seen[DIGEST_SIZE];  /* of the files at the last look, where it was another; "" else */
	char written[DIGEST_SIZE]; /* what we have set last; "": nothing yet */
	int64_t seen_ms;           /* boot clock: since when */
	int64_t look_ms;           /* boot clock: the next look */
	int64_t broken_ms;         /* boot clock: since when they cannot be used; 0: they can */
	bool doubted;              /* others are in force than we went by */
	bool unwritten;            /* they were read, and are not set yet */
	bool unsettled;            /* what is in force, or will be at once, is not known */
};

struct loop {
	struct scene scene;
	struct planner planner; /* with what the probe found out */
	struct probe probe;
	struct contracts contracts; /* as they were pinned at the last look */
	const struct runner_options *options;
	struct runner_summary *summary;
	struct notifier *notifier;
	struct audit_limits audit_limits;
	struct runner self;
	char *host;
	bool alive;   /* our row is in the store */
	int life_fd;  /* the lock of our life */
	int wake_fd;  /* others wake us by it; -1: we only look by ourselves */
	size_t slots; /* objectives at a time */

	uv_loop_t loop;
	uv_timer_t turn, tick;
	uv_idle_t soon; /* a turn as soon as what has happened by now is gathered */
	void (*take_turn)(struct loop *r);
	uv_signal_t signals[3];
	uv_poll_t *wake; /* NULL: nobody can wake us */
	bool quits;

	struct job *jobs;
	size_t n_jobs;
	struct change *changes; /* made, not yet written */
	struct woken woken_up;  /* by the last transaction */
	bool look_at_queue;
	bool woken; /* somebody may have changed more: wishes to cancel, what is scheduled */
	bool claims_no_more; /* a signal came, or --once has its one */
	bool idle;           /* the last look at the queue found nothing */
	int64_t poll_at_ms, scan_at_ms, renew_at_ms,
	    wake_at_ms; /* boot clock, but wake: wall clock */
	struct rules rules;
	int64_t began_ms;       /* boot clock */
	int64_t see_through_ms; /* wall clock: the latest of what this run postponed */
	int64_t audit_number, audit_marked;
	bool audit_due;

	struct err failure; /* what made the runner itself stop */
};

/* Signals, and the tick every TICK_MS; the turn runs when it is wanted. */
int loop_begin(struct loop *r, void (*turn)(struct loop *r), uv_timer_cb tick, struct err *e);
void loop_end(struct loop *r);
/* From now on a datagram to FD makes us look at the queue; and no more. */
void loop_listen(struct loop *r, int fd);
void loop_stop_listening(struct loop *r);
void loop_want_turn(struct loop *r, uint64_t in_ms);
void loop_quit(struct loop *r);
/* The runner itself cannot go on. Steps outlive it, and the next run finds them. */
void loop_break_down(struct loop *r, const struct err *e);

void loop_add_job(struct loop *r, struct job *j);
void loop_remove_job(struct loop *r, struct job *j);
struct job *loop_find_job(struct loop *r, const char *objective_id);
/*
 * The steps that run go on; whoever owns the objectives in the store finds
 * them. LEAVE: a commit may have recorded what the changes prepared, so that
 * their folders must stay.
 */
void loop_drop_jobs(struct loop *r, bool leave);

#endif
