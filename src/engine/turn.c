/*
 * A turn of the loop: gather, make, write, act. If the transaction does not
 * come about, nothing in memory has moved; the changes wait for the next turn
 * or are dropped and made again from the store.
 */
#include "config.h"

#include "engine/turn.h"

#include <string.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/gather.h"
#include "engine/life.h"
#include "engine/rules.h"
#include "engine/tell.h"

#define BUSY_PAUSE_MS 3 /* until the next try when another process writes */
#define TAKE_OVER_MAX 256
/* What a run postpones itself, by up to so long, it sees through before it ends. */
#define SEE_THROUGH_MAX_MS (10 * 60 * 1000)

/* ---- write ---- */

static int
write_changes(struct loop *r, struct err *e)
{
	struct store *s = r->scene.store;

	for (const struct change *c = r->changes; c != NULL; c = c->link)
		if (change_record_throttling(&r->scene, c, e) == -1)
			return -1;
	for (struct change *c = r->changes; c != NULL; c = c->link) {
		if (store_mark(s, e) == -1)
			return -1;
		if (change_record(&r->scene, c, e) == 0) {
			if (store_release(s, e) == -1)
				return -1;
			continue;
		}
		if (!c->lost && !c->again && !c->limited && !c->outdated)
			return -1;
		store_revert(s);
		if (c->limited && store_pass_over(s, c->job->objective.id, e) == -1)
			return -1;
	}
	return 0;
}

struct taken {
	struct claim v[TAKE_OVER_MAX];
	size_t len;
};

static int
write_take_overs(struct loop *r, struct wreckage *w, struct taken *taken, struct err *e)
{
	struct store *s = r->scene.store;

	if (!w->any)
		return 0;
	/* The last round, with no casualty, is for what runners left that went away. */
	for (size_t i = 0; i <= w->len; i++) {
		struct casualty *c = i < w->len ? &w->v[i] : NULL;
		size_t room =
		    r->slots > r->n_jobs + taken->len ? r->slots - r->n_jobs - taken->len : 0;

		if (room > TAKE_OVER_MAX - taken->len)
			room = TAKE_OVER_MAX - taken->len;
		if (room > 0 &&
		    recovery_take_over(s, c, r->host, r->self.id, room, taken->v, &taken->len, e) ==
			-1)
			return -1;
	}
	return 0;
}

static int
renew(struct loop *r, struct err *e)
{
	life_extend_lease(r);
	return store_runner_renew(r->scene.store, &r->self, e);
}

static bool
is_time_to_wake(const struct loop *r)
{
	return r->wake_at_ms != 0 && r->wake_at_ms <= clock_now_ms();
}

/* By limits that are not in force nobody is looked at. */
static int
wake_for_money(struct loop *r, struct err *e)
{
	struct store *s = r->scene.store;
	bool in_force;

	if (store_budget_in_force(s, r->scene.rules, r->scene.prices, &in_force, e) == -1)
		return -1;
	if (in_force)
		return store_budget_wake(s, &r->planner.config->budget, clock_now_ms(), NULL, e);
	rules_doubt(r);
	return 0;
}

static int
write_all(struct loop *r, struct wreckage *wreckage, struct taken *taken, struct err *e)
{
	struct store *s = r->scene.store;
	bool wakes = is_time_to_wake(r);

	/* Whoever was overtaken meanwhile is told so by each verb, by its token. */
	if (clock_boot_ms() >= r->renew_at_ms && renew(r, e) == -1)
		return -1;
	if (write_changes(r, e) == -1)
		return -1;
	r->woken_up.moved = r->woken_up.expired = 0;
	if (wakes &&
	    (store_wake(s, clock_now_ms(), &r->woken_up, e) == -1 || wake_for_money(r, e) == -1))
		return -1;
	if (write_take_overs(r, wreckage, taken, e) == -1)
		return -1;
	if (r->audit_number > r->audit_marked && store_audit_flushed(s, r->audit_number, e) == -1)
		return -1;
	failpoint("run.written");
	if (store_commit(s, e) == -1)
		return -1;
	if (wakes) {
		r->look_at_queue = true;
		r->woken = true; /* what was due is done: when is the next? */
	}
	r->audit_marked = r->audit_number;
	r->scene.lease_boot_ms = r->self.lease_boot_ms;
	return 0;
}

/* ---- act ---- */

static void
count(struct loop *r, const struct change *c)
{
	struct runner_summary *sum = r->summary;

	sum->orphaned += c->found.resource != NULL && !c->found.gone;
	sum->throttled += c->found.throttled_until_ms > 0;
	switch (c->kind) {
	case DECIDE_SUCCEED:
		sum->succeeded++;
		break;
	case DECIDE_FAIL:
		sum->failed++;
		break;
	case DECIDE_HOLD:
		sum->held++;
		break;
	case DECIDE_CANCELLED:
		sum->cancelled++;
		break;
	case DECIDE_DESTROYED:
		sum->destroyed++;
		break;
	case DECIDE_FALLBACK:
		sum->fallen_back++;
		break;
	case DECIDE_POSTPONE:
		sum->retried += change_is_retry(c);
		sum->postponed++;
		break;
	case DECIDE_EXECUTE:
		break;
	}
}

/* False if our hold on the job ended with the change. */
static bool
act_on(struct loop *r, struct change *c, bool *lapsed)
{
	enum decision_kind kind = c->decision.kind;
	int64_t until_ms = c->decision.until_ms;
	struct err e = { 0 };
	bool done = false;

	if (c->claims && r->options->once)
		r->claims_no_more = true;
	count(r, c);
	if (change_apply(&r->scene, c, &done, &e) == -1) {
		loop_break_down(r, &e);
		return true;
	}
	if (kind == DECIDE_POSTPONE && until_ms > r->see_through_ms &&
	    until_ms <= clock_now_ms() + SEE_THROUGH_MAX_MS)
		r->see_through_ms = until_ms;
	if (done && kind == DECIDE_EXECUTE)
		*lapsed = true;
	/* What was put off or throttled, and what is free because of it, has its time now. */
	r->woken = r->woken || kind != DECIDE_EXECUTE;
	r->look_at_queue = true;
	return !done;
}

/*
 * Starts what the commit recorded. True if this life of the runner must end:
 * the lease ran out before a start, or the store disowned what we had in hand.
 */
static bool
act(struct loop *r)
{
	bool lapsed = false;

	while (r->changes != NULL) {
		struct change *c = r->changes;
		struct job *j = c->job;
		bool keeps = false;

		r->changes = c->link;
		if (c->again) {
			change_drop(c);
			keeps = true;
			loop_want_turn(r, 0);
		} else if (c->outdated) {
			keeps = !c->claims;
			change_drop(c);
			rules_doubt(r);
		} else if (c->lost || c->limited) {
			lapsed = lapsed || !c->claims;
			/* It may still be there, to be planned otherwise. */
			r->look_at_queue = r->look_at_queue || c->lost;
			change_drop(c);
		} else if (change_is_refused(c)) {
			tell_refusal(&r->scene, c);
			count(r, c);
			r->woken = r->look_at_queue = true;
			change_drop(c);
		} else if (r->quits) {
			change_leave(c); /* recorded, and not started: the next run sees that */
		} else {
			keeps = act_on(r, c, &lapsed);
		}
		if (!keeps)
			loop_remove_job(r, j);
	}
	return lapsed;
}

/* What failed because its deadline passed while it waited: this run tells of it. */
static void
tell_expired(struct loop *r)
{
	const struct woken *w = &r->woken_up;

	r->summary->failed += (int64_t)w->expired;
	for (size_t i = 0; i < w->expired && r->options->progress != NULL; i++) {
		CLEANUP(objective_clear) struct objective o;
		CLEANUP(failure_clear) struct failure f = { .class = FAILURE_UNKNOWN };

		objective_init(&o);
		if (store_get(r->scene.store, w->ids[i], &o, NULL) == -1)
			continue;
		failure_from_json(&f, o.failure);
		struct progress p = {
			.kind = PROGRESS_FAILED,
			.objective = &o,
			.detail = f.message,
		};
		r->options->progress(&p, r->options->data);
	}
}

static void
adopt(struct loop *r, const struct taken *taken)
{
	for (size_t i = 0; i < taken->len; i++) {
		struct err e = { 0 };
		struct job *j = job_load_taken(r->scene.store, &r->planner, &taken->v[i], &e);

		if (j == NULL) {
			loop_break_down(r, &e);
			return;
		}
		recovery_tidy(r->scene.paths, j->objective.id, j->execution.id);
		loop_add_job(r, j);
		if (r->options->progress != NULL) {
			struct progress p = { .kind = PROGRESS_ADOPTED,
				.objective = &j->objective };

			r->options->progress(&p, r->options->data);
		}
	}
	if (taken->len > 0)
		loop_want_turn(r, 0);
}

static void
write_failed(struct loop *r, const struct err *e)
{
	store_rollback(r->scene.store);
	r->scan_at_ms = 0; /* what others left is still to be taken over */
	switch (e->kind) {
	case ERR_BUSY:
		loop_want_turn(r, BUSY_PAUSE_MS);
		break;
	case ERR_CONFLICT:
		log_warn(NULL,
		    "this runner was stopped for longer than its lease and was overtaken; it begins anew");
		life_begin_anew(r);
		break;
	case ERR_UNCERTAIN:
		/*
		 * The commit may or may not have taken effect, and what is read back
		 * may not be on the disk: nothing is started. The next run reads it.
		 */
		loop_drop_jobs(r, true);
		loop_break_down(r, e);
		break;
	default:
		loop_break_down(r, e);
		break;
	}
}

static bool
is_time_to_write(const struct loop *r, const struct wreckage *w)
{
	return r->changes != NULL || w->any || clock_boot_ms() >= r->renew_at_ms ||
	    is_time_to_wake(r);
}

bool
turn_note_next_wake(struct loop *r)
{
	struct err e = { 0 };

	if (store_next_wake(r->scene.store, &r->wake_at_ms, &e) == 0)
		return true;
	if (e.kind != ERR_BUSY)
		loop_break_down(r, &e);
	return false;
}

/* Objectives that other runners have in hand: one of them may die within the time that we stay. */
static bool
others_are_busy(struct loop *r)
{
	int64_t counts[STATES];
	struct err e = { 0 };

	if (r->options->wait_ms == 0 || clock_boot_ms() >= r->began_ms + r->options->wait_ms)
		return false;
	/* A store that cannot tell now is asked again. */
	return store_counts(r->scene.store, r->options->batch, counts, &e) == -1 ||
	    counts[STATE_RUNNING] > 0;
}

/*
 * Nothing in hand and nothing to be had: true if it is time to go. What this
 * run postponed itself (a look at what is still being built, say) it sees through.
 */
static bool
is_over(struct loop *r)
{
	int64_t stay_ms = clock_now_ms() + r->options->wait_ms;

	if (r->n_jobs > 0 || (r->rules.unsettled && !r->claims_no_more) ||
	    (!r->claims_no_more && (!r->idle || r->look_at_queue || r->options->watch)))
		return false;
	/* A night that failed is told of before the run ends. */
	notifier_look(r->notifier);
	if (notifier_is_busy(r->notifier))
		return false;
	if (r->claims_no_more)
		return true;
	if (!turn_note_next_wake(r))
		return false;
	if (stay_ms < r->see_through_ms)
		stay_ms = r->see_through_ms;
	if (r->wake_at_ms != 0 && r->wake_at_ms <= stay_ms)
		return false;
	return !others_are_busy(r);
}

/* The tick would be late for what is scheduled soon. */
static void
want_turn_for_scheduled(struct loop *r)
{
	int64_t in_ms = r->wake_at_ms - clock_now_ms();

	if (r->wake_at_ms != 0 && in_ms < TICK_MS)
		loop_want_turn(r, in_ms > 0 ? (uint64_t)in_ms : 0);
}

void
turn_take(struct loop *r)
{
	CLEANUP(wreckage_clear) struct wreckage wreckage = { 0 };
	struct taken taken = { .len = 0 };
	struct err e = { 0 };

	if (r->quits)
		return;
	rules_keep_up(r);
	if (r->quits)
		return;
	if (r->woken)
		turn_note_next_wake(r);
	if (gather(r, &wreckage) == -1) {
		loop_want_turn(r, BUSY_PAUSE_MS);
		return;
	}
	r->woken = false;
	if (is_time_to_write(r, &wreckage)) {
		if (store_begin(r->scene.store, &e) == -1 ||
		    write_all(r, &wreckage, &taken, &e) == -1) {
			write_failed(r, &e);
			return;
		}
		recovery_bury(r->scene.paths, wreckage.v, wreckage.len);
		tell_expired(r);
		if (act(r))
			life_begin_anew(r); /* and what was taken over is found again */
		else
			adopt(r, &taken);
		r->audit_due = true;
		notifier_look(r->notifier);
		if (r->woken)
			turn_note_next_wake(r);
		store_checkpoint(r->scene.store);
	}
	if (is_over(r))
		loop_quit(r);
	else if (r->look_at_queue && !r->claims_no_more && r->slots > r->n_jobs &&
	    !r->rules.unsettled)
		loop_want_turn(r, 0);
	else
		want_turn_for_scheduled(r);
}
