/*
 * What keeps a lane from being served although it has ready objectives: a
 * service that wants no requests for a while, or a limit on how many may run.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "store/backend.h"

/* Only few are running, whatever else there is: their index is as short as that. */
#define RUNNING " FROM objectives o INDEXED BY objectives_owner"

static const char SQL_OF_STRATEGY[] =
    "SELECT count(*)" RUNNING " JOIN attempts a ON a.objective = o.seq AND a.number = o.attempt"
    " WHERE o.owner IS NOT NULL AND a.strategy = ?1";
static const char SQL_GROUP[] = "SELECT resource_group FROM lanes WHERE id = ?1";
static const char SQL_OF_GROUP[] =
    "SELECT count(*)" RUNNING " WHERE o.owner IS NOT NULL AND o.resource_group = ?1";
static const char SQL_ANY_RUNNING[] = "SELECT 1" RUNNING " WHERE o.owner IS NOT NULL LIMIT 1";

static const char SQL_PASS_OVER[] = "UPDATE lanes SET passed_over = 1 WHERE id = ?1";
static const char SQL_PASSED_OVER[] =
    "SELECT DISTINCT batch_id FROM lanes INDEXED BY lanes_passed_over WHERE passed_over = 1";
static const char SQL_RELEASE[] = "UPDATE lanes SET passed_over = 0 WHERE passed_over = 1";

/* All lanes that share subscription and provider with the one of the objective. */
static const char SQL_LANE[] = "SELECT subscription, provider FROM lanes WHERE id = ?1";
#define ALIKE " WHERE subscription = ?1 AND provider = ?2"
static const char SQL_LONGEST[] = "SELECT MAX(blocked_until_ms) FROM lanes" ALIKE;
static const char SQL_THROTTLED_BATCHES[] =
    "SELECT DISTINCT batch_id FROM lanes" ALIKE " AND blocked_until_ms < ?3 AND head IS NOT NULL";
static const char SQL_THROTTLE[] =
    "UPDATE lanes SET blocked_until_ms = ?3" ALIKE " AND blocked_until_ms < ?3";

/* ---- limits ---- */

static int
refuse(const struct row *r, const char *what, const char *which, int64_t limit, struct err *e)
{
	return err_set(e, ERR_LIMIT, NAMED ": %lld of %s %s run already, and more may not",
	    NAMES(r), (long long)limit, what, which);
}

static int
check_group(struct store *s, const struct row *r, int64_t limit, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_GROUP, ARGS(INT(r->lane_id)), e);
	AUTO_FREE char *group = NULL;
	int64_t running;

	if (stmt == NULL || sql_step(s, stmt, e) < 0)
		return -1;
	group = column_dup(stmt, 0);
	if (group == NULL || group[0] == '\0')
		return 0;
	if (sql_number(s, SQL_OF_GROUP, ARGS(TEXT(group)), 0, &running, e) < 0)
		return -1;
	return running >= limit ? refuse(r, "resource group", group, limit, e) : 0;
}

/* What undoes is never kept waiting: it gives back. */
static int
is_undoing(struct store *s, const struct row *r, bool *undoing, struct err *e)
{
	enum phase phase = PHASE_FORWARD;

	*undoing = r->destroying || r->cancel_wanted;
	if (*undoing || !r->attempt_open)
		return 0;
	if (attempt_phase(s, r, &phase, e) < 0)
		return -1;
	*undoing = phase == PHASE_UNDO;
	return 0;
}

int
limit_check(struct store *s, const struct row *r, const struct claim_limits *limits, struct err *e)
{
	bool undoing;
	int64_t running;

	if (limits == NULL || (limits->of_strategy <= 0 && limits->of_group <= 0))
		return 0;
	if (is_undoing(s, r, &undoing, e) < 0)
		return -1;
	if (undoing)
		return 0;
	if (limits->of_strategy > 0 && limits->strategy != NULL) {
		if (sql_number(s, SQL_OF_STRATEGY, ARGS(TEXT(limits->strategy)), 0, &running, e) <
		    0)
			return -1;
		if (running >= limits->of_strategy)
			return refuse(r, "strategy", limits->strategy, limits->of_strategy, e);
	}
	return limits->of_group > 0 ? check_group(s, r, limits->of_group, e) : 0;
}

int
store_pass_over(struct store *s, const char *id, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	int64_t any;

	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0 ||
	    sql_number(s, SQL_ANY_RUNNING, ARGS(NO_ARG), 0, &any, e) < 0)
		return -1;
	/* Where nothing runs, nobody would release it. */
	if (any == 0)
		return 0;
	s->seen.none_passed_over = false;
	if (sql_run(s, SQL_PASS_OVER, ARGS(INT(r.lane_id)), e) < 0)
		return -1;
	return lane_batch_head(s, r.batch_id, e);
}

int
limit_release(struct store *s, struct err *e)
{
	AUTO_FREE int64_t *v = NULL;
	size_t len;

	if (s->seen.none_passed_over)
		return 0;
	if (sql_numbers(s, SQL_PASSED_OVER, ARGS(NO_ARG), &v, &len, e) < 0)
		return -1;
	s->seen.none_passed_over = true;
	if (len == 0)
		return 0;
	if (sql_run(s, SQL_RELEASE, ARGS(NO_ARG), e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (lane_batch_head(s, v[i], e) < 0)
			return -1;
	}
	return 0;
}

/* ---- throttling ---- */

static int
record(struct store *s, const struct row *r, const char *subscription, const char *provider,
    int64_t until_ms, int64_t now_ms, struct err *e)
{
	cJSON *details = cJSON_CreateObject();
	char until[CLOCK_TEXT_SIZE];

	json_add_str(details, "subscription", subscription);
	json_add_str(details, "provider", provider);
	json_add_str(details, "until", clock_format(until_ms, until));
	return row_record(s, r, "lane.throttled", details, now_ms, e);
}

static int
throttle(struct store *s, const struct row *r, const char *subscription, const char *provider,
    int64_t until_ms, int64_t now_ms, struct err *e)
{
	AUTO_FREE int64_t *v = NULL;
	int64_t longest;
	size_t len;

	if (sql_number(s, SQL_LONGEST, ARGS(TEXT(subscription), TEXT(provider)), 0, &longest, e) <
	    0)
		return -1;
	if (until_ms <= now_ms || until_ms <= longest)
		return 0;
	if (sql_numbers(s, SQL_THROTTLED_BATCHES,
		ARGS(TEXT(subscription), TEXT(provider), INT(until_ms)), &v, &len, e) < 0 ||
	    sql_run(s, SQL_THROTTLE, ARGS(TEXT(subscription), TEXT(provider), INT(until_ms)), e) <
		0)
		return -1;
	row_cache_forget(s);
	for (size_t i = 0; i < len; i++) {
		if (lane_batch_head(s, v[i], e) < 0)
			return -1;
	}
	return record(s, r, subscription, provider, until_ms, now_ms, e);
}

int
store_throttle(struct store *s, const char *id, const char *default_subscription, int64_t until_ms,
    int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	AUTO_FREE char *usual =
	    default_subscription == NULL ? NULL : text_folded(default_subscription);
	AUTO_FREE char *subscription = NULL;
	AUTO_FREE char *provider = NULL;
	AUTO_STMT stmt = NULL;
	bool is_usual;

	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0 ||
	    (stmt = sql_start(s, SQL_LANE, ARGS(INT(r.lane_id)), e)) == NULL ||
	    sql_step(s, stmt, e) < 0)
		return -1;
	subscription = column_dup(stmt, 0);
	provider = column_dup(stmt, 1);
	if (throttle(s, &r, subscription, provider, until_ms, now_ms, e) < 0)
		return -1;
	/* The default one has two names: its own, and none. */
	is_usual = usual != NULL && strcmp(subscription, usual) == 0;
	if (is_usual)
		return throttle(s, &r, "", provider, until_ms, now_ms, e);
	return subscription[0] == '\0' && usual != NULL
	    ? throttle(s, &r, usual, provider, until_ms, now_ms, e)
	    : 0;
}

int
store_throttled(struct store *s, const char *id, int64_t now_ms, int64_t *until_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (row_get(s, id, &r, e) < 0)
		return -1;
	*until_ms = r.blocked_until_ms <= now_ms ? 0 : r.blocked_until_ms;
	return 0;
}
