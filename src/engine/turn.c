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
#include "engine/life.h"
#include "engine/recovery.h"

#define SCAN_MS 1000     /* how often dead runners are looked for */
#define BUSY_PAUSE_MS 3  /* until the next try when another process writes */
#define AGAIN_MS 1       /* not 0: such a timer, set by itself, would keep the loop from polling */
#define LOOK_FIRST_MS 50 /* pauses between looks at an adopted step */
#define LOOK_LAST_MS 500
#define TAKE_OVER_MAX 256

/* ---- gather and make ---- */

static bool
has_change(const struct loop *r, const struct job *j)
{
	for (const struct change *c = r->changes; c != NULL; c = c->link)
		if (c->job == j)
			return true;
	return false;
}

static int
make_change(struct loop *r, struct job *j)
{
	struct err e = { 0 };
	struct change *c = change_make(&r->scene, j, &e);

	if (c == NULL) {
		loop_break_down(r, &e);
		return -1;
	}
	c->link = r->changes;
	r->changes = c;
	return 0;
}

static void
look_at_adopted(struct loop *r, struct job *j, int64_t now)
{
	AUTO_FREE char *folder = paths_execution(r->scene.paths, j->objective.id, j->execution.id);
	struct err e = { 0 };

	if (job_look(j, folder, r->host, &e) == -1)
		log_warn(j->objective.id, "cannot look at its step: %s", e.msg);
	j->look_pause_ms = j->look_pause_ms == 0  ? LOOK_FIRST_MS
	    : j->look_pause_ms * 2 < LOOK_LAST_MS ? j->look_pause_ms * 2
						  : LOOK_LAST_MS;
	j->look_at_ms = now + j->look_pause_ms;
}

static int
gather_jobs(struct loop *r)
{
	int64_t now = clock_boot_ms();

	for (struct job *j = r->jobs; j != NULL; j = j->next) {
		if (job_has_open_execution(j) && !j->ended && j->process == NULL &&
		    now >= j->look_at_ms)
			look_at_adopted(r, j, now);
		if ((j->ended || !job_has_open_execution(j)) && !has_change(r, j) &&
		    make_change(r, j) == -1)
			return -1;
	}
	return 0;
}

static int
gather_ready(struct loop *r)
{
	char(*ids)[ID_SIZE];
	size_t room = r->slots > r->n_jobs ? r->slots - r->n_jobs : 0;
	size_t len = 0;
	struct err e = { 0 };
	int answer = 0;

	if (r->claims_no_more || room == 0 || !r->look_at_queue)
		return 0;
	if (r->options->once)
		room = 1;
	ids = xcalloc(room, sizeof *ids);
	answer =
	    store_ready(r->scene.store, r->options->batch, clock_now_ms(), room, ids, &len, &e);
	for (size_t i = 0; answer == 0 && i < len; i++) {
		struct job *j;

		if (loop_find_job(r, ids[i]) != NULL)
			continue;
		j = job_load_ready(r->scene.store, r->planner, ids[i], &e);
		if (j == NULL && e.kind == ERR_NOT_FOUND)
			continue;
		if (j == NULL) {
			answer = -1;
			break;
		}
		loop_add_job(r, j);
		answer = make_change(r, j);
	}
	free(ids);
	r->look_at_queue = false;
	r->idle = len == 0;
	if (answer == -1 && e.kind != ERR_NONE && e.kind != ERR_BUSY)
		loop_break_down(r, &e);
	return answer;
}

static int
gather_wishes(struct loop *r)
{
	char ids[TAKE_OVER_MAX][ID_SIZE];
	size_t len;
	struct err e = { 0 };

	if (r->n_jobs == 0)
		return 0;
	if (store_cancels(r->scene.store, r->self.id, TAKE_OVER_MAX, ids, &len, &e) == -1) {
		if (e.kind != ERR_BUSY)
			loop_break_down(r, &e);
		return -1;
	}
	for (size_t i = 0; i < len; i++) {
		struct job *j = loop_find_job(r, ids[i]);

		if (j != NULL)
			j->objective.cancel_wanted = true;
	}
	return 0;
}

/* What others left behind when they died, were stopped or went away. */
struct wreckage {
	struct casualty *v;
	size_t len;
	bool any; /* also objectives whose runner has no row any more */
};

static void
wreckage_clear(struct wreckage *w)
{
	recovery_scan_free(w->v, w->len);
}

static int
gather_wreckage(struct loop *r, struct wreckage *w)
{
	struct store *s = r->scene.store;
	char left[1][ID_SIZE];
	size_t n_left = 0;
	struct err e = { 0 };

	if (r->claims_no_more || clock_boot_ms() < r->scan_at_ms)
		return 0;
	r->scan_at_ms = clock_boot_ms() + SCAN_MS;
	if (recovery_scan(s, r->scene.paths, r->host, r->self.id, &w->v, &w->len, &e) == -1 ||
	    store_owned(s, NULL, 1, left, &n_left, &e) == -1) {
		if (e.kind != ERR_BUSY)
			loop_break_down(r, &e);
		return -1;
	}
	w->any = w->len > 0 || n_left > 0;
	return 0;
}

/* ---- write ---- */

static int
write_changes(struct loop *r, struct err *e)
{
	struct store *s = r->scene.store;

	for (struct change *c = r->changes; c != NULL; c = c->link) {
		if (store_mark(s, e) == -1)
			return -1;
		if (change_record(&r->scene, c, e) == 0) {
			if (store_release(s, e) == -1)
				return -1;
			continue;
		}
		if (!c->lost)
			return -1;
		store_revert(s);
	}
	return 0;
}

struct taken {
	struct claim v[TAKE_OVER_MAX];
	size_t len;
};

static int
write_take_overs(struct loop *r, const struct wreckage *w, struct taken *taken, struct err *e)
{
	struct store *s = r->scene.store;

	if (!w->any)
		return 0;
	/* The last round, with no casualty, is for what runners left that went away. */
	for (size_t i = 0; i <= w->len; i++) {
		const struct casualty *c = i < w->len ? &w->v[i] : NULL;
		size_t room =
		    r->slots > r->n_jobs + taken->len ? r->slots - r->n_jobs - taken->len : 0;

		if (room > TAKE_OVER_MAX - taken->len)
			room = TAKE_OVER_MAX - taken->len;
		if (room > 0 &&
		    recovery_take_over(s, c, r->self.id, room, taken->v, &taken->len, e) == -1)
			return -1;
	}
	return 0;
}

static int
write_all(struct loop *r, const struct wreckage *wreckage, struct taken *taken, struct err *e)
{
	struct store *s = r->scene.store;
	size_t moved = 0;

	life_extend_lease(r);
	if (store_runner_renew(s, &r->self, e) == -1)
		return -1;
	if (write_changes(r, e) == -1)
		return -1;
	if (r->wake_at_ms != 0 && r->wake_at_ms <= clock_now_ms() &&
	    store_wake(s, clock_now_ms(), &moved, e) == -1)
		return -1;
	if (write_take_overs(r, wreckage, taken, e) == -1)
		return -1;
	if (r->audit_number > r->audit_marked && store_audit_flushed(s, r->audit_number, e) == -1)
		return -1;
	failpoint("run.written");
	if (store_commit(s, e) == -1)
		return -1;
	r->audit_marked = r->audit_number;
	r->scene.lease_boot_ms = r->self.lease_boot_ms;
	return 0;
}

/* ---- act ---- */

static void
count_end(struct loop *r, enum decision_kind kind)
{
	struct runner_summary *sum = r->summary;

	switch (kind) {
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
	case DECIDE_DESTROYED:
		sum->cancelled++;
		break;
	case DECIDE_POSTPONE:
		sum->postponed++;
		break;
	case DECIDE_EXECUTE:
		break;
	}
}

static void
act(struct loop *r)
{
	bool lapsed = false;

	while (r->changes != NULL) {
		struct change *c = r->changes;
		struct job *j = c->job;
		enum decision_kind kind = c->decision.kind;
		int64_t until_ms = c->decision.until_ms;
		struct err e = { 0 };
		bool done = false;

		r->changes = c->link;
		if (c->lost) {
			change_drop(c);
			loop_remove_job(r, j);
			continue;
		}
		if (c->claims && r->options->once)
			r->claims_no_more = true;
		if (change_apply(&r->scene, c, &done, &e) == -1) {
			loop_break_down(r, &e);
			continue;
		}
		if (kind == DECIDE_POSTPONE && until_ms > r->see_through_ms)
			r->see_through_ms = until_ms;
		lapsed = lapsed || (done && kind == DECIDE_EXECUTE);
		if (done) {
			count_end(r, kind);
			loop_remove_job(r, j);
		}
		r->look_at_queue = true;
	}
	if (lapsed)
		life_begin_anew(r);
}

static void
adopt(struct loop *r, const struct taken *taken)
{
	for (size_t i = 0; i < taken->len; i++) {
		struct err e = { 0 };
		struct job *j = job_load_taken(r->scene.store, r->planner, &taken->v[i], &e);

		if (j == NULL) {
			loop_break_down(r, &e);
			return;
		}
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

/* The commit may or may not have taken effect: only the store knows. */
static void
look_again(struct loop *r)
{
	struct err e = { 0 };

	log_warn(NULL, "a commit failed; reading again what was written");
	loop_drop_jobs(r, true);
	if (store_reopen(r->scene.store, &e) == -1)
		loop_break_down(r, &e);
	else
		life_begin_anew(r);
}

static void
write_failed(struct loop *r, const struct err *e)
{
	store_rollback(r->scene.store);
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
		look_again(r);
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
	    (r->wake_at_ms != 0 && r->wake_at_ms <= clock_now_ms());
}

void
turn_note_next_wake(struct loop *r)
{
	struct err e = { 0 };

	if (store_next_wake(r->scene.store, &r->wake_at_ms, &e) == -1 && e.kind != ERR_BUSY)
		loop_break_down(r, &e);
}

/* Objectives that other runners have in hand: one of them may die within the time that we stay. */
static bool
others_are_busy(struct loop *r)
{
	int64_t counts[STATES];
	struct err e = { 0 };

	if (r->options->wait_ms == 0 || clock_boot_ms() >= r->began_ms + r->options->wait_ms)
		return false;
	return store_counts(r->scene.store, r->options->batch, counts, &e) == 0 &&
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

	if (r->n_jobs > 0)
		return false;
	if (r->claims_no_more)
		return true;
	if (!r->idle || r->look_at_queue || r->options->watch)
		return false;
	turn_note_next_wake(r);
	if (stay_ms < r->see_through_ms)
		stay_ms = r->see_through_ms;
	if (r->wake_at_ms != 0 && r->wake_at_ms <= stay_ms)
		return false;
	return !others_are_busy(r);
}

void
turn_take(uv_timer_t *timer)
{
	struct loop *r = timer->data;
	CLEANUP(wreckage_clear) struct wreckage wreckage = { 0 };
	struct taken taken = { .len = 0 };
	struct err e = { 0 };

	if (r->quits)
		return;
	if (gather_wishes(r) == -1 || gather_jobs(r) == -1 || gather_ready(r) == -1 ||
	    gather_wreckage(r, &wreckage) == -1) {
		loop_want_turn(r, BUSY_PAUSE_MS);
		return;
	}
	if (is_time_to_write(r, &wreckage)) {
		if (store_begin(r->scene.store, &e) == -1 ||
		    write_all(r, &wreckage, &taken, &e) == -1) {
			write_failed(r, &e);
			return;
		}
		act(r);
		adopt(r, &taken);
		r->audit_due = true;
		turn_note_next_wake(r);
		store_checkpoint(r->scene.store);
	}
	if (is_over(r))
		loop_quit(r);
	else if (r->look_at_queue && !r->claims_no_more && r->slots > r->n_jobs)
		loop_want_turn(r, AGAIN_MS);
}
