/* A person wants one tried again that has failed, or that waits for its next try. */
#include "config.h"

#include "base/clock.h"
#include "store/backend.h"

/* What it needs is gone, or is going: what it would be built on. */
static const char SQL_GONE[] =
    "SELECT n.seq FROM dependencies d JOIN objectives n ON n.seq = d.needs WHERE d.objective = ?1"
    " AND (n.state IN ('cancelled', 'destroyed') OR n.destroying = 1) ORDER BY n.seq LIMIT 1";
static const char SQL_BLOCKING[] =
    "SELECT n.seq FROM dependencies d JOIN objectives n ON n.seq = d.needs WHERE d.objective = ?1"
    " AND d.met = 0 AND (n.state = 'failed' OR EXISTS"
    " (SELECT 1 FROM holds h WHERE h.objective = n.seq AND h.reason = 'dependency'))"
    " ORDER BY n.seq LIMIT 1";
/* The one that failed, through however many that wait for it. */
static const char SQL_ROOT[] =
    "WITH RECURSIVE up (seq) AS (SELECT needs FROM dependencies WHERE objective = ?1 AND met = 0"
    " UNION SELECT d.needs FROM up JOIN dependencies d ON d.objective = up.seq AND d.met = 0)"
    " SELECT o.seq FROM up JOIN objectives o ON o.seq = up.seq WHERE o.state = 'failed'"
    " ORDER BY o.seq LIMIT 1";
static const char SQL_REASON[] =
    "SELECT reason FROM holds WHERE objective = ?1 ORDER BY since_ms, reason LIMIT 1";
/* A look that waits for a doubt to settle is not hurried: only time makes it tell the truth. */
static const char SQL_HURRY[] =
    "UPDATE attempts SET wait_until_ms = 0 WHERE objective = ?1 AND number = ?2"
    " AND ended_ms = 0 AND doubt_since_ms = 0";

static int
record_retry(struct store *s, const struct row *r, bool from_start, const char *user,
    int64_t now_ms, struct err *e)
{
	cJSON *details = user_details(user);

	json_add_bool(details, "from_start", from_start);
	json_add_int(details, "generation", r->generation);
	return row_record(s, r, "objective.retried", details, now_ms, e);
}

static int
check_needs(struct store *s, const struct row *r, struct err *e)
{
	CLEANUP(row_clear) struct row n = { .seq = 0 };
	int64_t seq;

	if (sql_number(s, SQL_GONE, ARGS(INT(r->seq)), 0, &seq, e) < 0)
		return -1;
	if (seq == 0)
		return 0;
	if (row_at(s, seq, &n, e) < 0)
		return -1;
	return err_set(e, ERR_INPUT, NAMED " needs " NAMED ", which %s: submit both anew", NAMES(r),
	    NAMES(&n),
	    n.destroying                     ? "is being destroyed"
		: n.state == STATE_DESTROYED ? "was destroyed"
					     : "was cancelled");
}

static int
retry_failed(struct store *s, struct row *r, bool from_start, const char *user, int64_t now_ms,
    struct err *e)
{
	CLEANUP(row_clear) struct row blocking = { .seq = 0 };
	char deadline[CLOCK_TEXT_SIZE];
	int64_t seq;

	if (r->destroying)
		return err_set(e, ERR_INPUT,
		    NAMED " could not be destroyed: purser destroy %s tries that again", NAMES(r),
		    id_short(r->id));
	if (r->deadline_ms > 0 && r->deadline_ms <= now_ms)
		return err_set(e, ERR_INPUT,
		    NAMED ": its deadline, %s, has passed: submit it anew with another one",
		    NAMES(r), clock_format(r->deadline_ms, deadline));
	if (check_needs(s, r, e) < 0 || row_move(r, EVENT_RETRY, e) < 0)
		return -1;
	r->attempts_past = r->attempt;
	r->generation += (int)from_start;
	r->not_before_ms = r->due_ms = 0;
	if (row_save(s, r, now_ms, e) < 0 || record_retry(s, r, from_start, user, now_ms, e) < 0 ||
	    sql_number(s, SQL_BLOCKING, ARGS(INT(r->seq)), 0, &seq, e) < 0)
		return -1;
	/* It waits, as it would if it had not failed itself. */
	if (seq == 0)
		return 0;
	if (row_at(s, seq, &blocking, e) < 0)
		return -1;
	return dependency_failed(s, &blocking, now_ms, e);
}

static int
retry_queued(struct store *s, struct row *r, bool from_start, const char *user, int64_t now_ms,
    struct err *e)
{
	if (r->attempt == 0 || r->not_before_ms <= now_ms)
		return err_set(e, ERR_INPUT, NAMED " is %s: there is nothing to retry", NAMES(r),
		    r->attempt == 0 ? "queued and has not begun yet" : "queued already");
	if (from_start && r->attempt_open)
		return err_set(e, ERR_INPUT,
		    NAMED
		    " is in the middle of an attempt, which cannot begin from its start: retry it without "
		    "--from-start, or cancel it",
		    NAMES(r));
	r->generation += (int)from_start;
	r->not_before_ms = 0;
	if (sql_run(s, SQL_HURRY, ARGS(INT(r->seq), INT(r->attempt)), e) < 0 ||
	    row_save(s, r, now_ms, e) < 0)
		return -1;
	return record_retry(s, r, from_start, user, now_ms, e);
}

static int
refuse_waiting(struct store *s, const struct row *r, struct err *e)
{
	CLEANUP(row_clear) struct row root = { .seq = 0 };
	int64_t seq;

	if (r->destroying)
		return err_set(e, ERR_INPUT,
		    NAMED
		    " is to be destroyed, and waits for one that could not be: see \"purser show %s\", and "
		    "destroy that one again",
		    NAMES(r), id_short(r->id));
	if (sql_number(s, SQL_ROOT, ARGS(INT(r->seq)), 0, &seq, e) < 0)
		return -1;
	if (seq == 0)
		return err_set(e, ERR_INPUT,
		    NAMED
		    " is held, because what it needs was cancelled or destroyed: cancel it, and submit both anew",
		    NAMES(r));
	if (row_at(s, seq, &root, e) < 0)
		return -1;
	return err_set(e, ERR_INPUT, NAMED " is held, because " NAMED " failed: purser retry %s",
	    NAMES(r), NAMES(&root), id_short(root.id));
}

static int
refuse_held(struct store *s, const struct row *r, struct err *e)
{
	AUTO_STMT stmt = NULL;
	bool in_doubt, waits;

	if (hold_exists(s, r->seq, "in_doubt", &in_doubt, e) < 0 ||
	    hold_exists(s, r->seq, "dependency", &waits, e) < 0)
		return -1;
	if (in_doubt)
		return err_set(e, ERR_INPUT,
		    NAMED
		    " is held in doubt: whether its step happened must be told first, by purser resolve %s",
		    NAMES(r), id_short(r->id));
	if (waits)
		return refuse_waiting(s, r, e);
	if ((stmt = sql_start(s, SQL_REASON, ARGS(INT(r->seq)), e)) == NULL ||
	    sql_step(s, stmt, e) < 0)
		return -1;
	return err_set(e, ERR_INPUT, NAMED " is held for %s: see \"purser show %s\"", NAMES(r),
	    column_text(stmt, 0), id_short(r->id));
}

int
store_retry(struct store *s, const char *id, bool from_start, const char *user, int64_t now_ms,
    struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0)
		return -1;
	switch (r.state) {
	case STATE_FAILED:
		return retry_failed(s, &r, from_start, user, now_ms, e);
	case STATE_QUEUED:
		return retry_queued(s, &r, from_start, user, now_ms, e);
	case STATE_HELD:
		return refuse_held(s, &r, e);
	case STATE_RUNNING:
		return err_set(
		    e, ERR_INPUT, NAMED " is running: there is nothing to retry", NAMES(&r));
	case STATE_SUCCEEDED:
		return err_set(
		    e, ERR_INPUT, NAMED " has succeeded: there is nothing to retry", NAMES(&r));
	default:
		return err_set(
		    e, ERR_INPUT, NAMED " was %s: submit it anew", NAMES(&r), state_name(r.state));
	}
}
