/*
 * Claims: who works on an objective. Each carries a fencing token that is
 * higher than all before it; what comes with an older one is refused.
 */
#include "config.h"

#include <string.h>

#include "store/backend.h"

static const char SQL_KNOWN[] = "SELECT count(*) FROM runners WHERE id = ?1";
static const char SQL_BLOCKED[] = "SELECT blocked_until_ms FROM lanes WHERE id = ?1";
static const char SQL_OWNED[] =
    "SELECT id FROM objectives WHERE owner IS NOT NULL AND owner = ?1 ORDER BY seq LIMIT ?2";
static const char SQL_ABANDONED[] =
    "SELECT id FROM objectives WHERE owner IS NOT NULL AND owner NOT IN (SELECT id FROM runners)"
    " ORDER BY seq LIMIT ?1";
static const char SQL_CANCELS[] =
    "SELECT id FROM objectives WHERE owner IS NOT NULL AND owner = ?1 AND cancel_wanted = 1 ORDER BY seq LIMIT ?2";
static const char SQL_NO_OUTPUTS[] =
    "UPDATE objectives SET outputs = NULL, failure = NULL WHERE seq = ?1";

/* A runner that was declared dead while it was stopped must not take up anything. */
static int
check_runner(struct store *s, const char *runner_id, struct err *e)
{
	int64_t known;

	if (sql_number(s, SQL_KNOWN, ARGS(TEXT(runner_id)), 0, &known, e) < 0)
		return -1;
	if (known == 0)
		return err_set(e, ERR_CONFLICT, "runner %s is not registered, or was declared dead",
		    id_short(runner_id));
	return 0;
}

static int
check_claim(struct store *s, const struct objective *o, const struct row *r, bool fresh,
    int64_t now_ms, struct err *e)
{
	int64_t blocked_until_ms;

	if (r->revision != o->revision || r->state != STATE_QUEUED || !r->ready)
		return err_set(e, ERR_CONFLICT, "%s/%s (%s) has changed meanwhile", r->batch,
		    r->name, id_short(r->id));
	if (fresh == r->attempt_open) {
		return err_set(e, ERR_CONFLICT, "%s/%s (%s) %s", r->batch, r->name, id_short(r->id),
		    fresh ? "has an open attempt, which must go on"
			  : "has no open attempt to go on with");
	}
	if (fresh && r->deadline_ms > 0 && r->deadline_ms <= now_ms)
		return err_set(e, ERR_CONFLICT, "%s/%s (%s): its deadline has passed", r->batch,
		    r->name, id_short(r->id));
	if (sql_number(s, SQL_BLOCKED, ARGS(INT(r->lane_id)), 0, &blocked_until_ms, e) < 0)
		return -1;
	if (blocked_until_ms > 0)
		return err_set(e, ERR_CONFLICT, "%s/%s (%s): its lane is blocked", r->batch,
		    r->name, id_short(r->id));
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

static cJSON *
claim_details(const struct claim *claim, const struct row *r)
{
	cJSON *details = cJSON_CreateObject();

	json_add_str(details, "runner", claim->runner_id);
	json_add_int(details, "fence", claim->fence);
	json_add_int(details, "attempt", r->attempt);
	return details;
}

/* What an earlier attempt left as outputs and failure is not of this one. */
static int
begin_attempt(struct store *s, struct row *r, const struct attempt *a, const struct plan *plan,
    int64_t now_ms, char digest[static DIGEST_SIZE], struct err *e)
{
	if (a->number != r->attempt + 1)
		return err_set(e, ERR_CONFLICT, "%s/%s (%s): attempt %d cannot follow attempt %d",
		    r->batch, r->name, id_short(r->id), a->number, r->attempt);
	r->attempt = a->number;
	r->attempt_open = true;
	if (sql_run(s, SQL_NO_OUTPUTS, ARGS(INT(r->seq)), e) < 0)
		return -1;
	return attempt_insert(s, r, a, plan, now_ms, digest, e);
}

int
store_claim(struct store *s, const struct objective *o, const char *runner_id,
    const struct attempt *a, const struct plan *plan, int64_t now_ms, struct claim *claim,
    struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	AUTO_JSON cJSON *details = NULL;
	char digest[DIGEST_SIZE];

	if (writing(s, e) < 0 || row_get(s, o->id, &r, e) < 0 ||
	    check_claim(s, o, &r, a != NULL, now_ms, e) < 0 || check_runner(s, runner_id, e) < 0)
		return -1;
	if (a != NULL && begin_attempt(s, &r, a, plan, now_ms, digest, e) < 0)
		return -1;
	if (row_move(&r, EVENT_CLAIM, e) < 0 || own(s, &r, runner_id, claim, e) < 0 ||
	    row_save(s, &r, now_ms, e) < 0 || lane_served(s, &r, e) < 0)
		return -1;
	details = claim_details(claim, &r);
	if (a != NULL) {
		json_add_str(details, "strategy", a->strategy);
		json_add_str(details, "plan", digest);
	}
	if (row_record(s, &r, "objective.claimed", take(details), now_ms, e) < 0)
		return -1;
	if (a == NULL)
		return 0;
	details = cJSON_CreateObject();
	json_add_int(details, "attempt", a->number);
	json_add_str(details, "strategy", a->strategy);
	json_add_int(details, "generation", r.generation);
	return row_record(s, &r, "attempt.started", take(details), now_ms, e);
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
	return err_set(e, ERR_CONFLICT, "%s/%s (%s) was taken over or ended meanwhile", r->batch,
	    r->name, id_short(r->id));
}

int
store_take_over(struct store *s, const char *id, const char *from_runner, const char *runner_id,
    int64_t now_ms, struct claim *claim, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	char from[ID_SIZE];
	cJSON *details;

	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0 || check_runner(s, runner_id, e) < 0)
		return -1;
	if (check_abandoned(s, &r, from_runner, e) < 0)
		return -1;
	memcpy(from, r.owner, ID_SIZE);
	if (own(s, &r, runner_id, claim, e) < 0 || row_save(s, &r, now_ms, e) < 0)
		return -1;
	details = claim_details(claim, &r);
	json_add_str(details, "from", from);
	return row_record(s, &r, "objective.taken_over", details, now_ms, e);
}
