/* Attempts and the plans that they follow. */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "store/backend.h"

static const char SQL_PLAN_ADD[] =
    "INSERT INTO plans (objective, strategy, generation, inputs, digest, body, created_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
/* body: plan_record(); of older stores plan_text(), or all of plan_to_json(). */
static const char SQL_PLAN[] = "SELECT p.body, p.inputs, o.id FROM plans p"
			       " JOIN objectives o ON o.seq = p.objective WHERE p.id = ?1";
static const char SQL_ADD[] =
    "INSERT INTO attempts (strategy, phase, goal, step, stage, call, runs, asks, doubt_since_ms, wait_until_ms,"
    " resource, stood, failure, started_ms, ended_ms, objective, number, undoes, mend, planned, lost, size, plan_id)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)";
static const char SQL_SAVE[] =
    "UPDATE attempts SET strategy = ?1, phase = ?2, goal = ?3, step = ?4, stage = ?5, call = ?6, runs = ?7,"
    " asks = ?8, doubt_since_ms = ?9, wait_until_ms = ?10, resource = ?11, stood = ?12, failure = ?13,"
    " started_ms = ?14, ended_ms = ?15, undoes = ?18, mend = ?19, planned = ?20, lost = ?21, size = ?22 WHERE objective = ?16 AND number = ?17";
static const char SQL_PLAN_OF[] =
    "SELECT plan_id FROM attempts WHERE objective = ?1 AND number = ?2";
static const char SQL_PLAN_OF_ID[] =
    "SELECT a.plan_id FROM attempts a JOIN objectives o ON o.seq = a.objective"
    " WHERE o.id = ?1 AND a.number = ?2";
static const char SQL_STRATEGY[] =
    "SELECT strategy FROM attempts WHERE objective = ?1 AND number = ?2";
static const char SQL_LOST[] = "SELECT lost FROM attempts WHERE objective = ?1 AND number = ?2";
static const char SQL_UNDOES[] = "SELECT undoes FROM attempts WHERE objective = ?1 AND number = ?2";
static const char SQL_CLOSE[] =
    "UPDATE attempts SET ended_ms = ?3 WHERE objective = ?1 AND number = ?2 AND ended_ms = 0";
static const char SQL_PHASE[] = "SELECT phase FROM attempts WHERE objective = ?1 AND number = ?2";
static const char SQL_LIST[] =
    "SELECT a.number, a.strategy, a.phase, a.goal, a.step, a.stage, a.call, a.runs, a.asks, a.doubt_since_ms,"
    " a.wait_until_ms, a.resource, a.stood, a.failure, a.started_ms, a.ended_ms, a.plan_id, a.undoes, a.mend, a.planned, a.lost, a.size"
    " FROM attempts a JOIN objectives o ON o.seq = a.objective"
    " WHERE o.id = ?1 AND a.number >= ?2 ORDER BY a.number DESC LIMIT ?3";

/* The caller's own; NULL: none was lost. */
static char *
text_of_lost(const struct lost *lost)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();

	if (lost->until_ms == 0)
		return NULL;
	json_add_int(json, "from_ms", lost->from_ms);
	json_add_int(json, "until_ms", lost->until_ms);
	json_add_bool(json, "held", lost->held);
	return json_text(json);
}

static int
column_lost(sqlite3_stmt *stmt, int column, struct lost *lost, struct err *e)
{
	AUTO_JSON cJSON *json = NULL;

	if (column_json(stmt, column, &json, e) < 0)
		return -1;
	*lost = (struct lost){
		.from_ms = json_int(json, "from_ms", 0),
		.until_ms = json_int(json, "until_ms", 0),
		.held = json_bool(json, "held", false),
	};
	return 0;
}

/* Binds all members, the key, and for a new attempt its plan; plan_id 0: it is there already. */
static int
run_with_members(struct store *s, const char *sql, const struct attempt *a, int64_t objective,
    int64_t plan_id, struct err *e)
{
	AUTO_FREE char *stood = text_of_strv(&a->stood);
	AUTO_JSON cJSON *failure = failure_to_json(&a->failure);
	AUTO_FREE char *why = text_of_json(failure);
	AUTO_FREE char *mend = text_of_json(a->mend);
	AUTO_FREE char *planned = text_of_json(a->planned);
	AUTO_FREE char *lost = text_of_lost(&a->lost);
	struct arg args[] = {
		TEXT(a->strategy),
		TEXT(phase_name(a->phase)),
		TEXT(goal_name(a->goal)),
		INT(a->step),
		TEXT(stage_name(a->stage)),
		INT(a->call),
		INT(a->runs),
		INT(a->asks),
		INT(a->doubt_since_ms),
		INT(a->wait_until_ms),
		TEXT(a->resource),
		TEXT(stood),
		TEXT(why),
		INT(a->started_ms),
		INT(a->ended_ms),
		INT(objective),
		INT(a->number),
		INT(a->undoes),
		TEXT(mend),
		TEXT(planned),
		TEXT(lost),
		TEXT(a->size),
		INT(plan_id),
		NO_ARG,
	};

	if (plan_id == 0)
		args[COUNT_OF(args) - 2] = (struct arg)NO_ARG;
	return sql_run(s, sql, args, e);
}

int
attempt_insert(struct store *s, const struct row *r, const struct attempt *a,
    const struct plan *plan, int64_t now_ms, char digest[static DIGEST_SIZE], struct err *e)
{
	AUTO_FREE char *text = plan_record(plan);

	plan_digest(plan, digest);
	if (sql_run(s, SQL_PLAN_ADD,
		ARGS(INT(r->seq), TEXT(plan->strategy), INT(r->generation), TEXT(plan->inputs),
		    TEXT(digest), TEXT(text), INT(now_ms)),
		e) < 0)
		return -1;
	return run_with_members(s, SQL_ADD, a, r->seq, sqlite3_last_insert_rowid(s->db), e);
}

int
attempt_close(struct store *s, const struct row *r, int64_t now_ms, struct err *e)
{
	return sql_run(s, SQL_CLOSE, ARGS(INT(r->seq), INT(r->attempt), INT(now_ms)), e);
}

int
attempt_phase(struct store *s, const struct row *r, enum phase *phase, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_PHASE, ARGS(INT(r->seq), INT(r->attempt)), e);
	int rc;

	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	*phase = rc == 0 ? PHASES : phase_from_name(column_text(stmt, 0));
	if (*phase == PHASES)
		return err_set(e, ERR_CORRUPT, "%s: attempt %d of %s is missing or odd", s->path,
		    r->attempt, r->id);
	return 0;
}

static int
record_turn(struct store *s, const struct attempt *a, const struct row *r, int64_t now_ms,
    struct err *e)
{
	cJSON *details, *failure;

	if (history_sign(s, r, &a->failure, &failure, e) < 0)
		return -1;
	details = cJSON_CreateObject();
	json_add_int(details, "attempt", a->number);
	json_add_str(details, "goal", goal_name(a->goal));
	json_add_int(details, "generation", r->generation);
	if (failure != NULL)
		cJSON_AddItemToObject(details, "failure", failure);
	return row_record(s, r, "attempt.turned", details, now_ms, e);
}

/* An undo makes the deployments to come another generation: the record of an undone one is not taken for theirs. */
int
attempt_store(
    struct store *s, struct row *r, const struct attempt *a, int64_t now_ms, struct err *e)
{
	enum phase before = a->phase;
	bool turned, ended;

	if (!r->attempt_open || a->number != r->attempt)
		return err_set(
		    e, ERR_CONFLICT, NAMED ": attempt %d is not the open one", NAMES(r), a->number);
	/* Never back: the phase before matters only where it may have been another one. */
	if ((a->phase == PHASE_UNDO && attempt_phase(s, r, &before, e) < 0) ||
	    run_with_members(s, SQL_SAVE, a, r->seq, 0, e) < 0)
		return -1;
	if (sqlite3_changes(s->db) == 0)
		return err_set(
		    e, ERR_CORRUPT, "%s: attempt %d of %s is missing", s->path, a->number, r->id);
	if (a->phase == PHASE_FORWARD && history_pass(s, r, a->step, now_ms, e) < 0)
		return -1;
	turned = before == PHASE_FORWARD && a->phase == PHASE_UNDO;
	ended = a->ended_ms != 0;
	if (!turned && !ended)
		return 0;
	r->generation += (int)turned;
	r->attempt_open = !ended;
	if (!turned) {
		/* Mostly the objective moves at once, and is saved then. */
		row_save_later(s, r, now_ms);
		return 0;
	}
	if (row_save(s, r, now_ms, e) < 0)
		return -1;
	return record_turn(s, a, r, now_ms, e);
}

int
store_attempt_save(struct store *s, const struct claim *c, const struct attempt *a, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (row_claimed(s, c, &r, e) < 0)
		return -1;
	return attempt_store(s, &r, a, clock_now_ms(), e);
}

static int
strategy_of(struct store *s, int64_t objective, int number, char **strategy, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_STRATEGY, ARGS(INT(objective), INT(number)), e);
	int rc;

	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_CORRUPT, "%s: attempt %d, whose resources stand, is missing",
		    s->path, number);
	*strategy = column_dup(stmt, 0);
	return 0;
}

static int
lost_of(struct store *s, int64_t objective, int number, struct lost *lost, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LOST, ARGS(INT(objective), INT(number)), e);
	int rc;

	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	return rc == 0 ? 0 : column_lost(stmt, 0, lost, e);
}

int
attempt_undo(struct store *s, struct row *r, int number, int64_t now_ms, struct err *e)
{
	CLEANUP(attempt_clear) struct attempt a;
	cJSON *details;
	int64_t plan_id;

	attempt_init(&a);
	a.number = r->attempt + 1;
	a.undoes = number;
	a.started_ms = now_ms;
	attempt_turn(&a, GOAL_DESTROYED);
	if (strategy_of(s, r->seq, number, &a.strategy, e) < 0 ||
	    lost_of(s, r->seq, r->attempt, &a.lost, e) < 0 ||
	    sql_number(s, SQL_PLAN_OF, ARGS(INT(r->seq), INT(number)), 0, &plan_id, e) < 0 ||
	    run_with_members(s, SQL_ADD, &a, r->seq, plan_id, e) < 0)
		return -1;
	r->attempt = a.number;
	r->attempt_open = true;
	details = cJSON_CreateObject();
	json_add_int(details, "attempt", a.number);
	json_add_str(details, "strategy", a.strategy);
	json_add_int(details, "generation", r->generation);
	json_add_int(details, "undoes", number);
	return row_record(s, r, "attempt.started", details, now_ms, e);
}

int
attempt_undone(struct store *s, const struct row *r, int *number, struct err *e)
{
	int64_t undoes;

	if (sql_number(s, SQL_UNDOES, ARGS(INT(r->seq), INT(r->attempt)), 0, &undoes, e) < 0)
		return -1;
	*number = (int)undoes;
	return 0;
}

static int
read_attempt(struct store *s, sqlite3_stmt *stmt, struct attempt *a, struct err *e)
{
	AUTO_JSON cJSON *failure = NULL;

	attempt_init(a);
	a->number = column_int(stmt, 0);
	a->strategy = column_dup(stmt, 1);
	a->phase = phase_from_name(column_text(stmt, 2));
	a->goal = goal_from_name(column_text(stmt, 3));
	a->step = column_int(stmt, 4);
	a->stage = stage_from_name(column_text(stmt, 5));
	a->call = column_int(stmt, 6);
	a->runs = column_int(stmt, 7);
	a->asks = column_int(stmt, 8);
	a->doubt_since_ms = sqlite3_column_int64(stmt, 9);
	a->wait_until_ms = sqlite3_column_int64(stmt, 10);
	a->resource = column_dup(stmt, 11);
	a->started_ms = sqlite3_column_int64(stmt, 14);
	a->ended_ms = sqlite3_column_int64(stmt, 15);
	a->undoes = column_int(stmt, 17);
	a->size = column_dup(stmt, 21);
	if (column_strv(stmt, 12, &a->stood, e) < 0 || column_json(stmt, 13, &failure, e) < 0 ||
	    column_json(stmt, 18, &a->mend, e) < 0 ||
	    column_json(stmt, 19, &a->planned, e) < 0 || column_lost(stmt, 20, &a->lost, e) < 0)
		return -1;
	if (failure != NULL)
		failure_from_json(&a->failure, failure);
	if (a->phase == PHASES || a->goal == GOALS || a->stage == STAGES)
		return err_set(e, ERR_CORRUPT, "%s: attempt %d has an unknown phase, goal or stage",
		    s->path, a->number);
	return 0;
}

static int
read_plan(struct store *s, int64_t plan_id, struct plan *plan, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_PLAN, ARGS(INT(plan_id)), e);
	AUTO_JSON cJSON *body = NULL;
	int rc;

	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(
		    e, ERR_CORRUPT, "%s: plan %lld is missing", s->path, (long long)plan_id);
	if (column_json(stmt, 0, &body, e) < 0)
		return -1;
	if (!cJSON_HasObjectItem(body, "inputs"))
		json_add_str(body, "inputs", column_text(stmt, 1));
	if (!cJSON_HasObjectItem(body, "objective_id"))
		json_add_str(body, "objective_id", column_text(stmt, 2));
	return plan_from_json(plan, body, e);
}

int
store_attempt(struct store *s, const char *id, struct attempt *a, struct plan *plan, struct err *e)
{
	AUTO_STMT stmt = NULL;
	int rc;

	attempt_init(a);
	if (plan != NULL)
		plan_init(plan);
	if ((stmt = sql_start(s, SQL_LIST, ARGS(TEXT(id), INT(0), INT(1)), e)) == NULL)
		return -1;
	if ((rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND, "there was no attempt at %s yet", id);
	if (read_attempt(s, stmt, a, e) < 0 ||
	    (plan != NULL && read_plan(s, sqlite3_column_int64(stmt, 16), plan, e) < 0)) {
		attempt_clear(a);
		if (plan != NULL)
			plan_clear(plan);
		return -1;
	}
	return 0;
}

int
store_plan(struct store *s, const char *id, int number, struct plan *plan, struct err *e)
{
	int64_t plan_id;

	plan_init(plan);
	if (sql_number(s, SQL_PLAN_OF_ID, ARGS(TEXT(id), INT(number)), 0, &plan_id, e) < 0)
		return -1;
	if (plan_id == 0)
		return err_set(e, ERR_NOT_FOUND, "%s has no attempt %d", id, number);
	if (read_plan(s, plan_id, plan, e) < 0) {
		plan_clear(plan);
		return -1;
	}
	return 0;
}

int
store_attempts(struct store *s, const char *id, struct attempt **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LIST, ARGS(TEXT(id), INT(0), INT(-1)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		rc = read_attempt(s, stmt, &(*v)[(*len)++], e);
		if (rc < 0)
			break;
	}
	for (size_t i = 0; i < *len / 2; i++) {
		struct attempt other = (*v)[i];

		(*v)[i] = (*v)[*len - 1 - i];
		(*v)[*len - 1 - i] = other;
	}
	return LIST_END(rc, v, len, store_attempts_free);
}

void
store_attempts_free(struct attempt *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		attempt_clear(&v[i]);
	free(v);
}
