/*
 * Destroying what objectives have built. First all is looked at and every
 * obstacle told; then what never began or left nothing behind ends at once, and
 * the rest is queued with an attempt that undoes.
 *
 * Order: an objective is undone when nothing that needs it stands any more. An
 * undoing attempt takes away what one attempt made; what others left is undone
 * by the attempts that follow, the latest first.
 */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "base/faults.h"
#include "store/backend.h"

static const char SQL_DEPENDENTS[] =
    "SELECT objective FROM dependencies WHERE needs = ?1 ORDER BY objective";
/* Those that would be left standing on nothing, or are being destroyed. */
static const char SQL_LIVE_DEPENDENTS[] =
    "SELECT o.seq FROM dependencies d JOIN objectives o ON o.seq = d.objective WHERE d.needs = ?1"
    " AND o.state NOT IN ('destroyed', 'cancelled') AND (o.state <> 'failed' OR o.destroying = 1"
    " OR EXISTS (SELECT 1 FROM resources r WHERE r.objective = o.seq AND r.state IN ('live', 'orphaned')))"
    " ORDER BY o.seq";
static const char SQL_MARK[] = "UPDATE objectives SET destroying = 1 WHERE seq = ?1";
static const char SQL_LATEST[] =
    "SELECT MAX(attempt) FROM resources WHERE objective = ?1 AND state = 'live' AND attempt < ?2";

enum fate {
	FATE_LEAVE,   /* ended or being destroyed already */
	FATE_CANCEL,  /* never began */
	FATE_AT_ONCE, /* nothing of it stands */
	FATE_UNDO,
};

struct target {
	int64_t seq;
	enum fate fate;
	bool wished; /* named by the caller, not found as a dependent */
};

/* In the order of seq, each once. */
struct targets {
	struct target *v;
	size_t len, cap;
};

static void
targets_clear(struct targets *t)
{
	free(t->v);
}

static size_t
targets_place(const struct targets *t, int64_t seq)
{
	size_t low = 0, high = t->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->v[middle].seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
targets_has(const struct targets *t, int64_t seq)
{
	size_t i = targets_place(t, seq);

	return i < t->len && t->v[i].seq == seq;
}

/* False: it is there already. */
static bool
targets_add(struct targets *t, int64_t seq, bool wished)
{
	size_t i = targets_place(t, seq);

	if (i < t->len && t->v[i].seq == seq)
		return false;
	t->v = xgrow(t->v, t->len, &t->cap, sizeof(*t->v));
	memmove(&t->v[i + 1], &t->v[i], (t->len - i) * sizeof(*t->v));
	t->v[i] = (struct target){ .seq = seq, .wished = wished };
	t->len++;
	return true;
}

/* ---- what is to be destroyed, and what stands in the way ---- */

static int
add_wished(struct store *s, struct targets *t, const struct strv *ids, struct err *e)
{
	for (size_t i = 0; i < ids->len; i++) {
		CLEANUP(row_clear) struct row r = { .seq = 0 };

		if (row_get(s, ids->v[i], &r, e) < 0)
			return -1;
		targets_add(t, r.seq, true);
	}
	return 0;
}

/* Everything that needs them, also through one that has ended. */
static int
add_dependents(struct store *s, struct targets *t, struct err *e)
{
	AUTO_FREE int64_t *todo = xcalloc(t->len + 1, sizeof(*todo));
	size_t n = 0, cap = t->len + 1;

	for (size_t i = 0; i < t->len; i++)
		todo[n++] = t->v[i].seq;
	while (n > 0) {
		AUTO_FREE int64_t *v = NULL;
		size_t len;

		if (sql_numbers(s, SQL_DEPENDENTS, ARGS(INT(todo[--n])), &v, &len, e) < 0)
			return -1;
		if (n + len > cap) {
			cap = 2 * (n + len);
			todo = xrealloc(todo, cap, sizeof(*todo));
		}
		for (size_t i = 0; i < len; i++) {
			if (targets_add(t, v[i], false))
				todo[n++] = v[i];
		}
	}
	return 0;
}

static int
obstacle(struct faults *faults, const struct row *r, const char *what, const char *advice)
{
	AUTO_FREE char *label = xasprintf(NAMED, NAMES(r));

	return faults_add(
	    faults, NULL, "%s %s: purser %s %s", label, what, advice, id_short(r->id));
}

/* What an attempt in progress has built is not known before it has ended. */
static int
find_fate_of_begun(
    struct store *s, const struct row *r, struct target *t, struct faults *faults, struct err *e)
{
	bool in_doubt = false, acted;
	int64_t standing;

	if (r->state == STATE_HELD && hold_exists(s, r->seq, "in_doubt", &in_doubt, e) < 0)
		return -1;
	if (in_doubt) {
		obstacle(faults, r, "is held in doubt", "resolve");
		return 0;
	}
	if (row_has_acted(s, r, &acted, e) < 0 || resource_count(s, r->seq, &standing, e) < 0)
		return -1;
	if (acted && standing == 0) {
		obstacle(faults, r, "has an open attempt", "cancel");
		return 0;
	}
	t->fate = standing > 0 ? FATE_UNDO : FATE_AT_ONCE;
	return 0;
}

static int
find_fate(
    struct store *s, const struct row *r, struct target *t, struct faults *faults, struct err *e)
{
	bool waits = r->state == STATE_QUEUED || r->state == STATE_HELD;

	t->fate = FATE_LEAVE;
	if (r->state == STATE_DESTROYED || r->state == STATE_CANCELLED)
		return 0;
	if (r->destroying && r->state != STATE_FAILED)
		return 0;
	if (waits && r->attempt == 0) {
		t->fate = FATE_CANCEL;
		return 0;
	}
	if (r->state == STATE_RUNNING)
		obstacle(faults, r, "runs", "cancel");
	else if (r->state == STATE_QUEUED && r->attempt_open)
		obstacle(faults, r, "has an open attempt", "cancel");
	else
		return find_fate_of_begun(s, r, t, faults, e);
	return 0;
}

/* What is on its way to be destroyed is waited for; one that could not be must be tried again too. */
static int
check_dependents(struct store *s, const struct targets *t, const struct row *r,
    struct faults *faults, struct err *e)
{
	AUTO_FREE int64_t *v = NULL;
	size_t len;

	if (sql_numbers(s, SQL_LIVE_DEPENDENTS, ARGS(INT(r->seq)), &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		CLEANUP(row_clear) struct row d = { .seq = 0 };

		if (targets_has(t, v[i]))
			continue;
		if (row_at(s, v[i], &d, e) < 0)
			return -1;
		if (d.destroying && d.state != STATE_FAILED)
			continue;
		faults_add(faults, NULL,
		    NAMED ", which is %s, depends on " NAMED
			  ": destroy it too, or all that depends on it, "
			  "by --cascade",
		    NAMES(&d), state_name(d.state), NAMES(r));
	}
	return 0;
}

static int
check_all(struct store *s, struct targets *t, struct err *e)
{
	CLEANUP(faults_clear) struct faults faults = { .count = 0 };
	AUTO_FREE char *list = NULL;

	for (size_t i = 0; i < t->len; i++) {
		CLEANUP(row_clear) struct row r = { .seq = 0 };

		if (row_at(s, t->v[i].seq, &r, e) < 0 ||
		    find_fate(s, &r, &t->v[i], &faults, e) < 0 ||
		    (t->v[i].fate != FATE_LEAVE && check_dependents(s, t, &r, &faults, e) < 0))
			return -1;
	}
	if (faults.count == 0)
		return 0;
	list = strv_join(&faults.list, "; ");
	return err_set(e, ERR_INPUT, "%s", list);
}

/* ---- what happens to them ---- */

static int
end_at_once(
    struct store *s, const struct target *t, const char *user, int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (row_at(s, t->seq, &r, e) < 0)
		return -1;
	if (t->fate == FATE_CANCEL)
		return row_cancel(s, &r, user_details(user), now_ms, e);
	if (row_move(&r, EVENT_DESTROY, e) < 0)
		return -1;
	return row_end(s, &r, EVENT_DESTROYED, user_details(user), now_ms, e);
}

static int
begin_undo(struct store *s, const struct target *t, const char *user, int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	cJSON *details;
	int64_t latest;

	if (row_at(s, t->seq, &r, e) < 0 || row_move(&r, EVENT_DESTROY, e) < 0 ||
	    (r.attempt_open && attempt_close(s, &r, now_ms, e) < 0))
		return -1;
	r.attempts_past = r.attempt;
	r.generation++;
	r.destroying = true;
	r.cancel_wanted = false;
	r.not_before_ms = r.due_ms = 0;
	details = user_details(user);
	json_add_int(details, "generation", r.generation);
	if (row_record(s, &r, "objective.destroy_wanted", details, now_ms, e) < 0 ||
	    resource_reclaim(s, &r, now_ms, e) < 0 ||
	    sql_number(s, SQL_LATEST, ARGS(INT(r.seq), INT(INT64_MAX)), 0, &latest, e) < 0 ||
	    attempt_undo(s, &r, (int)latest, now_ms, e) < 0 ||
	    dependency_count_undoing(s, r.seq, &r.unmet, e) < 0 ||
	    row_set_outputs(s, &r, NULL, e) < 0)
		return -1;
	return row_save(s, &r, now_ms, e);
}

static int
wait_for_others(struct store *s, const struct target *t, int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (row_at(s, t->seq, &r, e) < 0)
		return -1;
	return r.unmet == 0 ? 0 : dependency_undo_wait(s, &r, now_ms, e);
}

/* Later ones mostly need earlier ones: from the back, few are held for one that ends here too. */
static int
end_all_at_once(
    struct store *s, const struct targets *t, const char *user, int64_t now_ms, struct err *e)
{
	for (size_t i = t->len; i-- > 0;) {
		enum fate fate = t->v[i].fate;

		if ((fate == FATE_CANCEL || fate == FATE_AT_ONCE) &&
		    end_at_once(s, &t->v[i], user, now_ms, e) < 0)
			return -1;
	}
	return 0;
}

/* All are marked before the first is queued, because each counts those before it. */
static int
begin_all(struct store *s, const struct targets *t, const char *user, int64_t now_ms, struct err *e)
{
	for (size_t i = 0; i < t->len; i++) {
		if (t->v[i].fate != FATE_UNDO)
			continue;
		if (sql_run(s, SQL_MARK, ARGS(INT(t->v[i].seq)), e) < 0)
			return -1;
		row_cache_forget(s);
	}
	for (size_t i = t->len; i-- > 0;) {
		if (t->v[i].fate == FATE_UNDO && begin_undo(s, &t->v[i], user, now_ms, e) < 0)
			return -1;
	}
	for (size_t i = t->len; i-- > 0;) {
		if (t->v[i].fate == FATE_UNDO && wait_for_others(s, &t->v[i], now_ms, e) < 0)
			return -1;
	}
	return 0;
}

int
store_destroy(struct store *s, const struct strv *ids, bool cascade, const char *user,
    int64_t now_ms, struct destroy_report *report, struct err *e)
{
	CLEANUP(targets_clear) struct targets t = { NULL, 0, 0 };

	*report = (struct destroy_report){ .queued = 0 };
	if (writing(s, e) < 0 || add_wished(s, &t, ids, e) < 0 ||
	    (cascade && add_dependents(s, &t, e) < 0) || check_all(s, &t, e) < 0)
		return -1;
	for (size_t i = 0; i < t.len; i++) {
		report->queued += t.v[i].fate == FATE_UNDO;
		report->at_once += t.v[i].fate == FATE_AT_ONCE;
		report->cancelled += t.v[i].fate == FATE_CANCEL;
		report->left += t.v[i].fate == FATE_LEAVE && t.v[i].wished;
	}
	if (end_all_at_once(s, &t, user, now_ms, e) < 0)
		return -1;
	return begin_all(s, &t, user, now_ms, e);
}

/* ---- the end of an undoing attempt ---- */

static int
undo_next(struct store *s, struct row *r, int number, int64_t now_ms, struct err *e)
{
	if (r->attempt_open && attempt_close(s, r, now_ms, e) < 0)
		return -1;
	if (row_move(r, EVENT_POSTPONE, e) < 0 || attempt_undo(s, r, number, now_ms, e) < 0)
		return -1;
	r->not_before_ms = 0;
	return row_save(s, r, now_ms, e);
}

int
destroy_go_on(struct store *s, struct row *r, int64_t now_ms, struct err *e)
{
	CLEANUP(failure_clear) struct failure f = { .class = FAILURE_UNKNOWN };
	AUTO_FREE char *left = NULL;
	int64_t latest;
	int undone;

	assert(r->destroying);
	/* What it has left is not to be tried over and over. */
	if (attempt_undone(s, r, &undone, e) < 0 ||
	    sql_number(s, SQL_LATEST, ARGS(INT(r->seq), INT(undone)), 0, &latest, e) < 0)
		return -1;
	if (latest > 0)
		return undo_next(s, r, (int)latest, now_ms, e);
	if (resource_leftovers(s, r->seq, &left, e) < 0)
		return -1;
	if (left == NULL)
		return row_end(s, r, EVENT_DESTROYED, NULL, now_ms, e);
	failure_set(&f, FAILURE_CONFLICT, NULL, NULL, "could not be destroyed: %s", left);
	return row_fail(s, r, &f, now_ms, e);
}
