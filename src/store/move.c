/*
 * How an objective leaves the state running, how it ends without ever having
 * run, and how a person cancels it.
 */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "store/backend.h"

static const char SQL_FAILURE[] =
    "UPDATE objectives SET failure = ?2, outputs = NULL WHERE seq = ?1";
static const char SQL_NO_FAILURE[] = "UPDATE objectives SET failure = NULL WHERE seq = ?1";
static const char SQL_NO_OUTPUTS[] = "UPDATE objectives SET outputs = NULL WHERE seq = ?1";
static const char SQL_STANDING[] =
    "SELECT count(*) FROM resources WHERE objective = ?1 AND state IN ('live', 'orphaned')";
static const char SQL_ACTED[] =
    "SELECT count(*) FROM executions WHERE objective = ?1 AND attempt = ?2 AND act IN ('run', 'undo')"
    " AND (outcome IS NULL OR outcome <> ?3)";

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

/* An end of whatever kind: the attempt's too, and of what waited for it. */
static int
row_end(
    struct store *s, struct row *r, enum event event, cJSON *details, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *owned = details;

	if (row_move(r, event, e) < 0 || end_attempt(s, r, now_ms, e) < 0 ||
	    row_save(s, r, now_ms, e) < 0 ||
	    row_record(s, r, records[event], take(owned), now_ms, e) < 0)
		return -1;
	if (event == EVENT_SUCCEED)
		return dependency_met(s, r, now_ms, e);
	if (event == EVENT_FAIL || event == EVENT_CANCEL)
		return dependency_failed(s, r, now_ms, e);
	return 0;
}

int
row_fail(struct store *s, struct row *r, const struct failure *f, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *json = f == NULL ? NULL : failure_to_json(f);
	AUTO_FREE char *text = text_of_json(json);

	if (sql_run(s, SQL_FAILURE, ARGS(INT(r->seq), TEXT(text)), e) < 0)
		return -1;
	return row_end(s, r, EVENT_FAIL, take(json), now_ms, e);
}

int
row_cancel(struct store *s, struct row *r, cJSON *details, int64_t now_ms, struct err *e)
{
	if (sql_run(s, SQL_NO_OUTPUTS, ARGS(INT(r->seq)), e) < 0) {
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

	r->not_before_ms = until_ms;
	if (row_move(r, EVENT_POSTPONE, e) < 0 || row_save(s, r, now_ms, e) < 0)
		return -1;
	details = cJSON_CreateObject();
	json_add_str(details, "until", clock_format(until_ms, until));
	return row_record(s, r, records[EVENT_POSTPONE], details, now_ms, e);
}

int
store_move(
    struct store *s, const struct claim *c, const struct move *m, int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (row_claimed(s, c, &r, e) < 0)
		return -1;
	switch (m->event) {
	case EVENT_POSTPONE:
		return postpone(s, &r, m->until_ms, now_ms, e);
	case EVENT_HOLD:
		assert(m->reason != NULL);
		return hold_add(s, &r, m->reason, m->detail, now_ms, e);
	case EVENT_SUCCEED:
		if (sql_run(s, SQL_NO_FAILURE, ARGS(INT(r.seq)), e) < 0)
			return -1;
		return row_end(s, &r, EVENT_SUCCEED, NULL, now_ms, e);
	case EVENT_FAIL:
		return row_fail(s, &r, m->failure, now_ms, e);
	case EVENT_CANCEL:
		return row_cancel(s, &r, NULL, now_ms, e);
	case EVENT_DESTROYED:
		if (sql_run(s, SQL_NO_OUTPUTS, ARGS(INT(r.seq)), e) < 0)
			return -1;
		return row_end(s, &r, EVENT_DESTROYED, NULL, now_ms, e);
	default:
		return err_set(e, ERR_CONFLICT, "%s/%s (%s): %s does not end a claim", r.batch,
		    r.name, id_short(r.id), event_name(m->event));
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
		return err_set(e, ERR_CONFLICT, "%s/%s (%s) has changed meanwhile", r.batch, r.name,
		    id_short(r.id));
	return row_fail(s, &r, why, now_ms, e);
}

/* ---- cancelling ---- */

/* Whether anything of the open attempt stands, or may: then only an undo may end it. */
static int
has_acted(struct store *s, const struct row *r, bool *acted, struct err *e)
{
	int64_t standing, runs;

	*acted = false;
	if (!r->attempt_open)
		return 0;
	if (sql_number(s, SQL_STANDING, ARGS(INT(r->seq)), 0, &standing, e) < 0 ||
	    sql_number(s, SQL_ACTED,
		ARGS(INT(r->seq), INT(r->attempt), TEXT(outcome_name(OUTCOME_DID_NOT_HAPPEN))), 0,
		&runs, e) < 0)
		return -1;
	*acted = standing > 0 || runs > 0;
	return 0;
}

static cJSON *
user_details(const char *user)
{
	cJSON *details = cJSON_CreateObject();

	json_add_str(details, "user", user);
	return details;
}

/* Undo needs no approval, budget or dependency: all holds go. Doubt does not: what to undo is not known. */
static int
want_cancel(struct store *s, struct row *r, const char *user, int64_t now_ms, struct err *e)
{
	bool in_doubt;

	if (r->cancel_wanted)
		return 0;
	if (hold_exists(s, r->seq, "in_doubt", &in_doubt, e) < 0)
		return -1;
	if (in_doubt) {
		return err_set(e, ERR_INPUT,
		    "%s/%s (%s) is held in doubt, and what would have to be undone is not known: see \"purser show %s\", "
		    "resolve it first",
		    r->batch, r->name, id_short(r->id), id_short(r->id));
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
	bool acted;

	*at_once = false;
	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0)
		return -1;
	if (state_is_final(r.state)) {
		return err_set(e, ERR_INPUT, "%s/%s (%s) is %s already", r.batch, r.name,
		    id_short(r.id), state_name(r.state));
	}
	if (r.state == STATE_RUNNING)
		return want_cancel(s, &r, user, now_ms, e);
	if (has_acted(s, &r, &acted, e) < 0)
		return -1;
	if (acted)
		return want_cancel(s, &r, user, now_ms, e);
	*at_once = true;
	return row_cancel(s, &r, user_details(user), now_ms, e);
}
