/*
 * How an objective leaves the state running, how it ends without ever having
 * run, and how a person cancels it.
 */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "store/account.h"

static const char SQL_UNMET[] =
    "SELECT count(*) FROM dependencies WHERE objective = ?1 AND met = 0";
static const char SQL_ACTED[] =
    "SELECT count(*) FROM executions WHERE objective = ?1 AND attempt = ?2 AND act IN ('run', 'undo')"
    " AND (outcome IS NULL OR outcome <> ?3)";

/* Also what was found in the making, by an earlier request. */
static const char SQL_DOUBTS[] =
    "SELECT count(*) FROM attempts WHERE objective = ?1 AND number = ?2 AND doubt_since_ms > 0";

static const char *const records[EVENTS] = {
	[EVENT_POSTPONE] = "objective.postponed",
	[EVENT_SUCCEED] = "objective.succeeded",
	[EVENT_FAIL] = "objective.failed",
	[EVENT_CANCEL] = "objective.cancelled",
	[EVENT_DESTROYED] = "objective.destroyed",
};

static int
end_attempt(struct store *s, struct row *r, int64_t now_ms, struct err *e)
{
	if (r->attempt_open && attempt_close(s, r, now_ms, e) < 0)
		return -1;
	r->attempt_open = false;
	r->cancel_wanted = false;
	r->not_before_ms = 0;
	return 0;
}

/* Its key and its name are free again; what is left of it is its story. */
static int
end_existence(struct store *s, struct row *r, struct err *e)
{
	int64_t unmet;

	if (row_set_outputs(s, r, NULL, e) < 0 || row_set_failure(s, r, NULL, e) < 0 ||
	    sql_number(s, SQL_UNMET, ARGS(INT(r->seq)), 0, &unmet, e) < 0)
		return -1;
	r->destroying = false;
	r->unmet = (int)unmet;
	return 0;
}

static int
tell_of_failure(
    struct store *s, const struct row *r, const cJSON *failure, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *details = NULL;

	if (!notice_wanted(s, NOTICE_FAILED))
		return 0;
	details = cJSON_CreateObject();
	if (failure != NULL)
		cJSON_AddItemToObject(details, "failure", cJSON_Duplicate(failure, true));
	return notice_write(s, NOTICE_FAILED, r, details, now_ms, e);
}

static int
tell_dependents(struct store *s, const struct row *r, enum event event, bool was_destroying,
    int64_t now_ms, struct err *e)
{
	switch (event) {
	case EVENT_SUCCEED:
		return dependency_met(s, r, now_ms, e);
	case EVENT_FAIL:
		return r->destroying ? dependency_undo_failed(s, r, now_ms, e)
				     : dependency_failed(s, r, now_ms, e);
	case EVENT_CANCEL:
		return dependency_failed(s, r, now_ms, e);
	case EVENT_DESTROYED:
		return was_destroying ? dependency_undone(s, r, now_ms, e) : 0;
	default:
		return 0;
	}
}

int
row_end(
    struct store *s, struct row *r, enum event event, cJSON *details, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *owned = details;
	bool was_destroying = r->destroying;

	if (row_move(r, event, e) < 0 || end_attempt(s, r, now_ms, e) < 0 ||
	    (event == EVENT_DESTROYED && end_existence(s, r, e) < 0) ||
	    row_save(s, r, now_ms, e) < 0 || reservation_end(s, r, event, now_ms, e) < 0 ||
	    history_end(s, r, event, now_ms, e) < 0 ||
	    (event == EVENT_FAIL && tell_of_failure(s, r, owned, now_ms, e) < 0) ||
	    row_record(s, r, records[event], take(owned), now_ms, e) < 0)
		return -1;
	return tell_dependents(s, r, event, was_destroying, now_ms, e);
}

int
row_fail(struct store *s, struct row *r, const struct failure *f, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *json = NULL;
	AUTO_FREE char *text = NULL;

	if (f != NULL && history_sign(s, r, f, &json, e) < 0)
		return -1;
	text = text_of_json(json);
	if ((json != NULL && history_note_end(s, r, json, now_ms, e) < 0) ||
	    row_set_failure(s, r, text, e) < 0 || row_set_outputs(s, r, NULL, e) < 0)
		return -1;
	return row_end(s, r, EVENT_FAIL, take(json), now_ms, e);
}

int
row_cancel(struct store *s, struct row *r, cJSON *details, int64_t now_ms, struct err *e)
{
	if (row_set_outputs(s, r, NULL, e) < 0) {
		cJSON_Delete(details);
		return -1;
	}
	return row_end(s, r, EVENT_CANCEL, details, now_ms, e);
}

static int
postpone(struct store *s, struct row *r, int64_t until_ms, int64_t now_ms, struct err *e)
{
	char until[CLOCK_TEXT_SIZE];
	cJSON *details;

	/* Its time may be over before: its runner must know then, to undo what was begun. */
	if (r->due_ms > now_ms && until_ms > r->due_ms)
		until_ms = r->due_ms;
	/* Another strategy is to try: until it does, this is why. */
	if (!r->attempt_open && row_take_failure(s, r, e) < 0)
		return -1;
	r->not_before_ms = until_ms;
	if (row_move(r, EVENT_POSTPONE, e) < 0 || row_save(s, r, now_ms, e) < 0)
		return -1;
	details = cJSON_CreateObject();
	/* Another attempt is due at once. */
	if (until_ms > 0)
		json_add_str(details, "until", clock_format(until_ms, until));
	return row_record(s, r, records[EVENT_POSTPONE], details, now_ms, e);
}

static int
hold(struct store *s, struct row *r, const struct move *m, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *failure = NULL;

	if (m->failure != NULL && history_sign(s, r, m->failure, &failure, e) < 0)
		return -1;
	if (hold_add(s, r, m->reason, m->detail, failure, now_ms, e) < 0)
		return -1;
	return m->contract != NULL
	    ? contract_hold_note(s, r, m->contract->server, m->contract->tool, e)
	    : 0;
}

/* What is being destroyed never succeeds, and goes on with its undo or ends. */
static int
check_move(const struct row *r, enum event event, struct err *e)
{
	static const bool ends_claim[EVENTS] = {
		[EVENT_POSTPONE] = true,
		[EVENT_HOLD] = true,
		[EVENT_SUCCEED] = true,
		[EVENT_FAIL] = true,
		[EVENT_CANCEL] = true,
		[EVENT_DESTROYED] = true,
	};
	static const bool of_destroying[EVENTS] = {
		[EVENT_POSTPONE] = true,
		[EVENT_HOLD] = true,
		[EVENT_FAIL] = true,
		[EVENT_DESTROYED] = true,
	};
	bool rests = event == EVENT_POSTPONE || event == EVENT_HOLD;

	if (!ends_claim[event])
		return err_set(e, ERR_CONFLICT, NAMED ": %s does not end a claim", NAMES(r),
		    event_name(event));
	if (r->destroying ? of_destroying[event] && (r->attempt_open || !rests)
			  : event != EVENT_DESTROYED)
		return 0;
	return err_set(e, ERR_CONFLICT, NAMED " %s: %s is not possible now", NAMES(r),
	    r->destroying ? "is being destroyed" : "is not to be destroyed", event_name(event));
}

/* Who wanted it cancelled was told that it will be. */
static int
check_wish(const struct row *r, enum event event, struct err *e)
{
	if (event != EVENT_SUCCEED || !r->cancel_wanted)
		return 0;
	return err_set(e, ERR_INPUT, NAMED " is to be cancelled", NAMES(r));
}

/* Of what was cancelled nothing stands: else a destroy must still be possible. */
static int
cancel_or_fail(struct store *s, struct row *r, int64_t now_ms, struct err *e)
{
	CLEANUP(failure_clear) struct failure f = { .class = FAILURE_UNKNOWN };
	AUTO_FREE char *left = NULL;
	bool stays;

	if (resource_leftovers(s, r->seq, &left, e) < 0 || reservation_stays(s, r, &stays, e) < 0)
		return -1;
	if (left == NULL && !stays)
		return row_cancel(s, r, NULL, now_ms, e);
	failure_set(&f, FAILURE_CONFLICT, NULL, NULL, "was cancelled, but not all is undone: %s",
	    left != NULL ? left : "a step took effect, and nobody knows on what");
	return row_fail(s, r, &f, now_ms, e);
}

int
store_move(
    struct store *s, const struct claim *c, const struct move *m, int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (row_claimed(s, c, &r, e) < 0 || check_move(&r, m->event, e) < 0 ||
	    check_wish(&r, m->event, e) < 0)
		return -1;
	row_take_unsaved(s, &r);
	switch (m->event) {
	case EVENT_POSTPONE:
		return postpone(s, &r, m->until_ms, now_ms, e);
	case EVENT_HOLD:
		assert(m->reason != NULL);
		return hold(s, &r, m, now_ms, e);
	case EVENT_SUCCEED:
		if (row_set_failure(s, &r, NULL, e) < 0)
			return -1;
		return row_end(s, &r, EVENT_SUCCEED, NULL, now_ms, e);
	case EVENT_FAIL:
		return row_fail(s, &r, m->failure, now_ms, e);
	case EVENT_CANCEL:
		return cancel_or_fail(s, &r, now_ms, e);
	default:
		assert(m->event == EVENT_DESTROYED);
		return destroy_go_on(s, &r, now_ms, e);
	}
}

int
store_refuse(struct store *s, const struct objective *o, const struct failure *why, int64_t now_ms,
    struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (writing(s, e) < 0 || row_get(s, o->id, &r, e) < 0)
		return -1;
	if (r.revision != o->revision || r.state != STATE_QUEUED || r.attempt_open)
		return err_set(e, ERR_CONFLICT, NAMED " has changed meanwhile", NAMES(&r));
	return row_fail(s, &r, why, now_ms, e);
}

/* ---- cancelling ---- */

int
row_has_acted(struct store *s, const struct row *r, bool *acted, struct err *e)
{
	int64_t standing, runs, doubts;

	*acted = false;
	if (!r->attempt_open)
		return 0;
	if (resource_count(s, r->seq, &standing, e) < 0 ||
	    sql_number(s, SQL_ACTED,
		ARGS(INT(r->seq), INT(r->attempt), TEXT(outcome_name(OUTCOME_DID_NOT_HAPPEN))), 0,
		&runs, e) < 0 ||
	    sql_number(s, SQL_DOUBTS, ARGS(INT(r->seq), INT(r->attempt)), 0, &doubts, e) < 0)
		return -1;
	*acted = standing > 0 || runs > 0 || doubts > 0;
	return 0;
}

cJSON *
user_details(const char *user)
{
	cJSON *details = cJSON_CreateObject();

	json_add_str(details, "user", user);
	return details;
}

/* Undo needs no approval, budget or dependency: all holds go. Doubt does not: what to undo is not known. */
int
row_want_cancel(struct store *s, struct row *r, const char *user, int64_t now_ms, struct err *e)
{
	bool in_doubt;

	if (r->cancel_wanted)
		return 0;
	if (hold_exists(s, r->seq, "in_doubt", &in_doubt, e) < 0)
		return -1;
	if (in_doubt) {
		return err_set(e, ERR_INPUT,
		    NAMED
		    " is held in doubt, and what would have to be undone is not known: see \"purser show %s\", "
		    "resolve it first",
		    NAMES(r), id_short(r->id));
	}
	r->cancel_wanted = true;
	if (r->state != STATE_RUNNING)
		r->not_before_ms = 0;
	if (r->state == STATE_HELD && row_move(r, EVENT_LIFT, e) < 0)
		return -1;
	if (row_save(s, r, now_ms, e) < 0)
		return -1;
	return row_record(s, r, "objective.cancel_wanted", user_details(user), now_ms, e);
}

int
store_cancel(
    struct store *s, const char *id, const char *user, int64_t now_ms, bool *at_once, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	int64_t standing;
	bool acted, stays;

	*at_once = false;
	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0)
		return -1;
	if (state_is_final(r.state)) {
		return err_set(e, ERR_INPUT, NAMED " %s %s already", NAMES(&r),
		    r.state == STATE_SUCCEEDED || r.state == STATE_FAILED ? "has" : "is",
		    state_name(r.state));
	}
	if (r.destroying)
		return err_set(e, ERR_INPUT, NAMED " is being destroyed", NAMES(&r));
	if (r.state == STATE_RUNNING)
		return row_want_cancel(s, &r, user, now_ms, e);
	if (row_has_acted(s, &r, &acted, e) < 0 || resource_count(s, r.seq, &standing, e) < 0 ||
	    reservation_stays(s, &r, &stays, e) < 0)
		return -1;
	if (!r.attempt_open && (standing > 0 || stays))
		return err_set(e, ERR_INPUT,
		    NAMED
		    ": what an earlier attempt made still stands, and only \"purser destroy %s\" undoes it",
		    NAMES(&r), id_short(r.id));
	if (acted)
		return row_want_cancel(s, &r, user, now_ms, e);
	*at_once = true;
	return row_cancel(s, &r, user_details(user), now_ms, e);
}
