/*
 * The journal of executions. The intent is committed before the start; an
 * objective has at most one execution that has not ended.
 */
#include "config.h"

#include <string.h>

#include "store/backend.h"
#include "store/history.h"

#define COLUMNS                                                                                                   \
	"SELECT x.id, o.id, x.attempt, x.step, x.call, x.run, x.step_name, x.act, x.resource, x.host, x.boot_id," \
	" x.fence, x.intended_ms, x.ended_ms, x.argv, x.stood, x.outcome, x.answer, x.result, x.failure"          \
	" FROM executions x JOIN objectives o ON o.seq = x.objective"

/* The newest run of a step tells: before it, it was looked at anew. */
static const char SQL_STOOD[] =
    "SELECT x.stood FROM executions x JOIN objectives o ON o.seq = x.objective"
    " WHERE o.id = ?1 AND x.act = 'run' AND x.stood IS NOT NULL AND NOT EXISTS (SELECT 1 FROM executions y"
    " WHERE y.objective = x.objective AND y.seq > x.seq AND y.act = 'run' AND y.step_name = x.step_name)"
    " ORDER BY x.seq";
static const char SQL_BEGIN[] =
    "INSERT INTO executions (id, objective, attempt, step, call, run, step_name, act, resource, host, boot_id,"
    " fence, intended_ms, ended_ms, argv, stood)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, ?14, ?15)";
static const char SQL_OPEN[] =
    "SELECT count(*) FROM executions WHERE objective = ?1 AND ended_ms = 0";
static const char SQL_END[] =
    "UPDATE executions SET ended_ms = ?2, outcome = ?3, answer = ?4, result = ?5, failure = ?6"
    " WHERE id = ?1 AND objective = ?7 AND ended_ms = 0";
static const char SQL_LIST[] = COLUMNS " WHERE o.id = ?1 ORDER BY x.seq";
static const char SQL_LAST[] = COLUMNS " WHERE o.id = ?1 AND x.ended_ms = 0";

void
execution_init(struct execution *x)
{
	memset(x, 0, sizeof(*x));
}

void
execution_clear(struct execution *x)
{
	free(x->step_name);
	free(x->resource);
	free(x->host);
	free(x->boot_id);
	strv_clear(&x->argv);
	strv_clear(&x->stood);
	cJSON_Delete(x->result);
	cJSON_Delete(x->failure);
	execution_init(x);
}

static void
add_execution(struct buf *details, const struct execution *x)
{
	member_str(details, "execution", x->id);
	member_int(details, "attempt", x->attempt);
	member_str(details, "step", x->step_name);
	member_str(details, "act", act_name(x->act));
	member_int(details, "run", x->run);
	member_str(details, "resource", x->resource);
}

/* A row could not be added: it says so if that is because another one is open. */
static int
refuse_second(struct store *s, const struct row *r, const struct err *why, struct err *e)
{
	int64_t open = 0;

	if (why->kind == ERR_CONFLICT &&
	    sql_number(s, SQL_OPEN, ARGS(INT(r->seq)), 0, &open, e) < 0)
		return -1;
	if (open > 0)
		return err_set(e, ERR_CONFLICT, NAMED ": an execution is still open", NAMES(r));
	return err_set(e, why->kind, "%s", why->msg);
}

int
store_execution_begin(
    struct store *s, const struct claim *c, const struct execution *x, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	AUTO_FREE char *argv = text_of_strv(&x->argv);
	AUTO_FREE char *stood = text_of_strv(&x->stood);
	CLEANUP(buf_clear) struct buf details = MEMBERS_INIT;
	struct err why;

	if (row_claimed(s, c, &r, e) < 0)
		return -1;
	/* An index keeps a second one that has not ended from being added. */
	if (sql_run(s, SQL_BEGIN,
		ARGS(TEXT(x->id), INT(r.seq), INT(x->attempt), INT(x->step), INT(x->call),
		    INT(x->run), TEXT(x->step_name), TEXT(act_name(x->act)), TEXT(x->resource),
		    TEXT(x->host), TEXT(x->boot_id), INT(c->fence), INT(x->intended_ms), TEXT(argv),
		    TEXT(stood)),
		&why) < 0)
		return refuse_second(s, &r, &why, e);
	add_execution(&details, x);
	if (!act_is_look(x->act))
		member_text(&details, "argv", argv == NULL ? "[]" : argv);
	return row_record_members(s, &r, "execution.intended", &details, x->intended_ms, e);
}

/* The fields of result_to_json() that tell how it ended. */
static void
add_ending(struct buf *details, const cJSON *result)
{
	int64_t started_ms = json_int(result, "started_ms", 0),
		ended_ms = json_int(result, "ended_ms", 0);

	member_str(details, "ending", json_str(result, "ending"));
	if (cJSON_HasObjectItem(result, "code"))
		member_int(details, "code", json_int(result, "code", 0));
	if (started_ms > 0 && ended_ms >= started_ms)
		member_int(details, "ms", ended_ms - started_ms);
}

/* The failure as it is stored, with its signature; *text is the caller's own, NULL: it has none. */
static int
sign_failure(
    struct store *s, const struct row *r, const struct execution *x, char **text, struct err *e)
{
	CLEANUP(failure_clear) struct failure f = { .class = FAILURE_UNKNOWN };
	AUTO_JSON cJSON *failure = NULL;

	failure_from_json(&f, x->failure);
	if (history_sign(s, r, &f, &failure, e) < 0)
		return -1;
	*text = text_of_json(failure);
	return failure != NULL && history_counts(x->act, x->answer)
	    ? history_note(s, r, x->step, failure, x->ended_ms, e)
	    : 0;
}

int
store_execution_end(
    struct store *s, const struct claim *c, const struct execution *x, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	AUTO_FREE char *result = text_of_json(x->result);
	AUTO_FREE char *failure = NULL;
	CLEANUP(buf_clear) struct buf details = MEMBERS_INIT;

	if (row_claimed(s, c, &r, e) < 0 || sign_failure(s, &r, x, &failure, e) < 0)
		return -1;
	if (sql_run(s, SQL_END,
		ARGS(TEXT(x->id), INT(x->ended_ms), TEXT(outcome_name(x->outcome)),
		    TEXT(answer_name(x->answer)), TEXT(result), TEXT(failure), INT(r.seq)),
		e) < 0)
		return -1;
	if (sqlite3_changes(s->db) == 0)
		return err_set(
		    e, ERR_CONFLICT, "execution %s of %s/%s is not open", x->id, r.batch, r.name);
	add_execution(&details, x);
	if (!act_is_look(x->act))
		member_str(&details, "outcome", outcome_name(x->outcome));
	else
		member_str(&details, "answer", answer_name(x->answer));
	if (x->result != NULL)
		add_ending(&details, x->result);
	if (failure != NULL)
		member_text(&details, "failure", failure);
	return row_record_members(s, &r, "execution.ended", &details, x->ended_ms, e);
}

static enum act
act_from_name(const char *name)
{
	enum act act = 0;

	while (act < ACTS && strcmp(act_name(act), name) != 0)
		act++;
	return act;
}

static enum outcome
outcome_from_name(const char *name)
{
	enum outcome outcome = 0;

	while (outcome < OUTCOMES && strcmp(outcome_name(outcome), name) != 0)
		outcome++;
	return outcome;
}

static enum answer
answer_from_name(const char *name)
{
	enum answer answer = 0;

	while (answer < ANSWERS && strcmp(answer_name(answer), name) != 0)
		answer++;
	return answer;
}

static int
read_execution(struct store *s, sqlite3_stmt *stmt, struct execution *x, struct err *e)
{
	const char *outcome = column_text(stmt, 16), *answer = column_text(stmt, 17);

	execution_init(x);
	column_id(stmt, 0, x->id);
	column_id(stmt, 1, x->objective_id);
	x->attempt = column_int(stmt, 2);
	x->step = column_int(stmt, 3);
	x->call = column_int(stmt, 4);
	x->run = column_int(stmt, 5);
	x->step_name = column_dup(stmt, 6);
	x->act = act_from_name(column_text(stmt, 7));
	x->resource = column_dup(stmt, 8);
	x->host = column_dup(stmt, 9);
	x->boot_id = column_dup(stmt, 10);
	x->fence = sqlite3_column_int64(stmt, 11);
	x->intended_ms = sqlite3_column_int64(stmt, 12);
	x->ended_ms = sqlite3_column_int64(stmt, 13);
	x->outcome = outcome == NULL ? OUTCOME_DID_NOT_HAPPEN : outcome_from_name(outcome);
	x->answer = answer == NULL ? ANSWER_ABSENT : answer_from_name(answer);
	if (x->act == ACTS || x->outcome == OUTCOMES || x->answer == ANSWERS)
		return err_set(e, ERR_CORRUPT,
		    "%s: execution %s has an unknown act, outcome or answer", s->path, x->id);
	if (column_strv(stmt, 14, &x->argv, e) < 0 || column_strv(stmt, 15, &x->stood, e) < 0 ||
	    column_json(stmt, 18, &x->result, e) < 0)
		return -1;
	return column_json(stmt, 19, &x->failure, e);
}

int
store_executions(struct store *s, const char *id, struct execution **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LIST, ARGS(TEXT(id)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		rc = read_execution(s, stmt, &(*v)[(*len)++], e);
		if (rc < 0)
			break;
	}
	return LIST_END(rc, v, len, store_executions_free);
}

void
store_executions_free(struct execution *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		execution_clear(&v[i]);
	free(v);
}

int
store_stood(struct store *s, const char *id, struct strv *ids, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_STOOD, ARGS(TEXT(id)), e);
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		CLEANUP(strv_clear) struct strv some = { 0 };

		if (column_strv(stmt, 0, &some, e) < 0)
			return -1;
		for (size_t i = 0; i < some.len; i++)
			if (!strv_has(ids, some.v[i]))
				strv_add(ids, some.v[i]);
	}
	return rc;
}

int
store_open_execution(struct store *s, const char *id, struct execution *x, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LAST, ARGS(TEXT(id)), e);
	int rc;

	execution_init(x);
	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND, "%s has no open execution", id);
	if (read_execution(s, stmt, x, e) < 0) {
		execution_clear(x);
		return -1;
	}
	return 0;
}
