/*
 * Claims: who works on an objective. Each carries a fencing token that is
 * higher than all before it; what comes with an older one is refused.
 */
#include "config.h"

#include <string.h>

#include "store/account.h"

static const char SQL_KNOWN[] = "SELECT count(*) FROM runners WHERE id = ?1";
static const char SQL_OWNED[] =
    "SELECT id FROM objectives WHERE owner IS NOT NULL AND owner = ?1 ORDER BY seq LIMIT ?2";
static const char SQL_ABANDONED[] =
    "SELECT id FROM objectives WHERE owner IS NOT NULL AND owner NOT IN (SELECT id FROM runners)"
    " ORDER BY seq LIMIT ?1";
static const char SQL_CANCELS[] =
    "SELECT id FROM objectives WHERE owner IS NOT NULL AND owner = ?1 AND cancel_wanted = 1 ORDER BY seq LIMIT ?2";

/* A runner that was declared dead while it was stopped must not take up anything. */
static int
check_runner(struct store *s, const char *runner_id, struct err *e)
{
	int64_t known;

	if (strcmp(s->seen.registered, runner_id) == 0)
		return 0;
	if (sql_number(s, SQL_KNOWN, ARGS(TEXT(runner_id)), 0, &known, e) < 0)
		return -1;
	if (known == 0)
		return err_set(e, ERR_CONFLICT, "runner %s is not registered, or was declared dead",
		    id_short(runner_id));
	memcpy(s->seen.registered, runner_id, ID_SIZE);
	return 0;
}

static int
check_claim(
    const struct objective *o, const struct row *r, bool fresh, int64_t now_ms, struct err *e)
{
	if (r->revision != o->revision || r->state != STATE_QUEUED || !r->ready)
		return err_set(e, ERR_CONFLICT, NAMED " has changed meanwhile", NAMES(r));
	if (fresh == r->attempt_open) {
		return err_set(e, ERR_CONFLICT, NAMED " %s", NAMES(r),
		    fresh ? "has an open attempt, which must go on"
			  : "has no open attempt to go on with");
	}
	if (fresh && r->destroying)
		return err_set(e, ERR_CONFLICT, NAMED " is being destroyed", NAMES(r));
	if (fresh &&
	    ((r->deadline_ms > 0 && r->deadline_ms <= now_ms) ||
		(r->due_ms > 0 && r->due_ms <= now_ms)))
		return err_set(
		    e, ERR_CONFLICT, NAMED ": its deadline or timeout has passed", NAMES(r));
	if (r->blocked_until_ms > 0)
		return err_set(e, ERR_CONFLICT, NAMED ": its lane is blocked", NAMES(r));
	return 0;
}

static int
own(struct store *s, struct row *r, const char *runner_id, struct claim *claim, struct err *e)
{
	if (fence_next(s, &r->fence, e) < 0)
		return -1;
	memcpy(r->owner, runner_id, ID_SIZE);
	memcpy(claim->objective_id, r->id, ID_SIZE);
	memcpy(claim->runner_id, runner_id, ID_SIZE);
	claim->fence = r->fence;
	return 0;
}

static void
add_claim(struct buf *details, const struct claim *claim, const struct row *r)
{
	member_str(details, "runner", claim->runner_id);
	member_int(details, "fence", claim->fence);
	member_int(details, "attempt", r->attempt);
}

/* The first claim since submission or retry sets the time that it has. An undo is not timed. */
static void
fix_due(struct row *r, const struct objective *o, int64_t now_ms)
{
	if (r->due_ms > 0 || r->destroying)
		return;
	r->due_ms = r->deadline_ms;
	if (o->timeout_ms > 0 && (r->due_ms == 0 || r->due_ms - now_ms > o->timeout_ms))
		r->due_ms = now_ms + o->timeout_ms;
}

/* What an earlier attempt left as outputs and failure is not of this one. */
static int
begin_attempt(struct store *s, struct row *r, const struct objective *o, const struct attempt *a,
    const struct plan *plan, int64_t now_ms, char digest[static DIGEST_SIZE], struct err *e)
{
	if (a->number != r->attempt + 1)
		return err_set(e, ERR_CONFLICT, NAMED ": attempt %d cannot follow attempt %d",
		    NAMES(r), a->number, r->attempt);
	r->attempt = a->number;
	r->attempt_open = true;
	if (row_set_outputs(s, r, NULL, e) < 0 || row_set_failure(s, r, NULL, e) < 0 ||
	    row_set_instead(s, r, o->instead, e) < 0 || hold_told_none(s, r, e) < 0)
		return -1;
	return attempt_insert(s, r, a, plan, now_ms, digest, e);
}

/* DIGEST: of the plan, where the attempt is new. */
static int
record_claim(struct store *s, const struct row *r, const struct claim *claim,
    const struct attempt *a, const char *digest, int64_t now_ms, struct err *e)
{
	CLEANUP(buf_clear) struct buf claimed = MEMBERS_INIT;
	CLEANUP(buf_clear) struct buf started = MEMBERS_INIT;

	add_claim(&claimed, claim, r);
	if (a != NULL) {
		member_str(&claimed, "strategy", a->strategy);
		member_str(&claimed, "plan", digest);
	}
	if (row_record_members(s, r, "objective.claimed", &claimed, now_ms, e) < 0)
		return -1;
	if (a == NULL)
		return 0;
	member_int(&started, "attempt", a->number);
	member_str(&started, "strategy", a->strategy);
	member_int(&started, "generation", r->generation);
	member_str(&started, "size", a->size);
	return row_record_members(s, r, "attempt.started", &started, now_ms, e);
}

int
store_claim(struct store *s, const struct objective *o, const char *runner_id,
    const struct claim_limits *limits, const struct attempt *a, const struct plan *plan,
    const struct admission *admission, int64_t now_ms, struct claim *claim, int64_t *due_ms,
    struct ruling *ruling, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	char digest[DIGEST_SIZE] = "";

	memset(ruling, 0, sizeof(*ruling));

	if (writing(s, e) < 0 || row_get(s, o->id, &r, e) < 0 ||
	    check_claim(o, &r, a != NULL, now_ms, e) < 0 || check_runner(s, runner_id, e) < 0 ||
	    limit_check(s, &r, limits, e) < 0)
		return -1;
	if (a != NULL && admission != NULL &&
	    admission_decide(s, &r, a->number, o, admission, now_ms, ruling, e) < 0)
		return -1;
	/* Whoever is to decide about its money has to see what it is for. */
	if (ruling->verdict != VERDICT_ADMIT)
		return a != NULL ? row_set_instead(s, &r, o->instead, e) : 0;
	fix_due(&r, o, now_ms);
	*due_ms = r.due_ms;
	if (a != NULL && begin_attempt(s, &r, o, a, plan, now_ms, digest, e) < 0)
		return -1;
	if (row_move(&r, EVENT_CLAIM, e) < 0 || own(s, &r, runner_id, claim, e) < 0 ||
	    row_save(s, &r, now_ms, e) < 0)
		return -1;
	return record_claim(s, &r, claim, a, digest, now_ms, e);
}

int
store_owned(struct store *s, const char *runner_id, size_t max, char (*ids)[ID_SIZE], size_t *len,
    struct err *e)
{
	if (runner_id == NULL)
		return sql_ids(s, SQL_ABANDONED, ARGS(INT((int64_t)max)), max, ids, len, e);
	return sql_ids(s, SQL_OWNED, ARGS(TEXT(runner_id), INT((int64_t)max)), max, ids, len, e);
}

int
store_cancels(struct store *s, const char *runner_id, size_t max, char (*ids)[ID_SIZE], size_t *len,
    struct err *e)
{
	return sql_ids(s, SQL_CANCELS, ARGS(TEXT(runner_id), INT((int64_t)max)), max, ids, len, e);
}

/* It runs under from_runner, or, where that is NULL, under one that is not in the table any more. */
static int
check_abandoned(struct store *s, const struct row *r, const char *from_runner, struct err *e)
{
	int64_t known = 0;

	if (from_runner == NULL && sql_number(s, SQL_KNOWN, ARGS(TEXT(r->owner)), 0, &known, e) < 0)
		return -1;
	if (r->state == STATE_RUNNING && known == 0 &&
	    (from_runner == NULL || strcmp(r->owner, from_runner) == 0))
		return 0;
	return err_set(e, ERR_CONFLICT, NAMED " was taken over or ended meanwhile", NAMES(r));
}

int
store_take_over(struct store *s, const char *id, const char *from_runner, const char *runner_id,
    int64_t now_ms, struct claim *claim, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	CLEANUP(buf_clear) struct buf details = MEMBERS_INIT;
	char from[ID_SIZE];

	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0 || check_runner(s, runner_id, e) < 0)
		return -1;
	if (check_abandoned(s, &r, from_runner, e) < 0)
		return -1;
	memcpy(from, r.owner, ID_SIZE);
	if (own(s, &r, runner_id, claim, e) < 0 || row_save(s, &r, now_ms, e) < 0)
		return -1;
	add_claim(&details, claim, &r);
	member_str(&details, "from", from);
	return row_record_members(s, &r, "objective.taken_over", &details, now_ms, e);
}
