/*
 * Notices: what [notify] command is to be told, written in the transaction of
 * what it tells of. That a batch has come to rest is decided at the commit: in
 * between, its last objective may have ended before those that it releases are
 * queued.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "store/backend.h"

static const char SQL_ADD[] = "INSERT INTO notices (line) VALUES (?1)";
static const char SQL_DUE[] =
    "SELECT number, line, tries FROM notices WHERE not_before_ms <= ?1 ORDER BY number LIMIT ?2";
static const char SQL_DONE[] = "DELETE FROM notices WHERE number = ?1";
static const char SQL_FAILED[] =
    "UPDATE notices SET tries = tries + 1, not_before_ms = ?2 WHERE number = ?1";
static const char SQL_CAPABILITY[] = "SELECT capability FROM objectives WHERE seq = ?1";
static const char SQL_BATCH[] = "SELECT name FROM batches WHERE id = ?1";
static const char SQL_TALLIES[] = "SELECT state, n FROM tallies WHERE batch_id = ?1";

static const char *const kind_names[NOTICE_KINDS] = {
	[NOTICE_FAILED] = "failed",
	[NOTICE_HELD] = "held",
	[NOTICE_ORPHANED] = "orphaned",
	[NOTICE_BATCH] = "batch",
	[NOTICE_BUDGET] = "budget",
};

const char *
notice_kind_name(enum notice_kind kind)
{
	return kind_names[kind];
}

enum notice_kind
notice_kind_from_name(const char *name)
{
	enum notice_kind kind = 0;

	while (kind < NOTICE_KINDS && (name == NULL || strcmp(kind_names[kind], name) != 0))
		kind++;
	return kind;
}

void
store_want_notices(struct store *s, unsigned kinds)
{
	s->notices = kinds;
}

static cJSON *
begin_line(enum notice_kind kind, int64_t now_ms, const char *batch)
{
	cJSON *line = cJSON_CreateObject();
	char time[CLOCK_TEXT_SIZE];

	json_add_str(line, "event", kind_names[kind]);
	json_add_str(line, "time", clock_format(now_ms, time));
	json_add_str(line, "batch", batch);
	return line;
}

static int
add_line(struct store *s, const cJSON *line, struct err *e)
{
	AUTO_FREE char *text = json_text(line);

	return sql_run(s, SQL_ADD, ARGS(TEXT(text)), e);
}

int
notice_write(struct store *s, enum notice_kind kind, const struct row *r, const cJSON *details,
    int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *line = NULL;
	AUTO_STMT stmt = NULL;
	const cJSON *member;

	if (!notice_wanted(s, kind))
		return 0;
	line = begin_line(kind, now_ms, r->batch);
	json_add_str(line, "objective", r->id);
	json_add_str(line, "name", r->name);
	if ((stmt = sql_start(s, SQL_CAPABILITY, ARGS(INT(r->seq)), e)) == NULL ||
	    sql_step(s, stmt, e) < 0)
		return -1;
	json_add_str(line, "capability", column_text(stmt, 0));
	json_add_str(line, "state", state_name(r->state));
	if (r->destroying)
		json_add_bool(line, "destroying", true);
	cJSON_ArrayForEach (member, details)
		cJSON_AddItemToObject(line, member->string, cJSON_Duplicate(member, true));
	return add_line(s, line, e);
}

int
notice_budget(struct store *s, const cJSON *details, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *line = NULL;
	const cJSON *member;

	if (!notice_wanted(s, NOTICE_BUDGET))
		return 0;
	line = begin_line(NOTICE_BUDGET, now_ms, NULL);
	cJSON_ArrayForEach (member, details)
		cJSON_AddItemToObject(line, member->string, cJSON_Duplicate(member, true));
	return add_line(s, line, e);
}

void
notice_quieted(struct store *s, int64_t batch_id, int64_t now_ms)
{
	size_t from = s->marked ? s->at_mark.n_quiet : 0;

	if (!notice_wanted(s, NOTICE_BATCH))
		return;
	/* What stands before the mark must still be there after a revert. */
	for (size_t i = from; i < s->pending.n_quiet; i++) {
		if (s->quiet[i].batch_id == batch_id) {
			s->quiet[i].now_ms = now_ms;
			return;
		}
	}
	s->quiet = xgrow(s->quiet, s->pending.n_quiet, &s->cap_quiet, sizeof(*s->quiet));
	s->quiet[s->pending.n_quiet++] = (struct quieted){ batch_id, now_ms };
}

/* The tallies as {"succeeded": 3}; *busy: how many are queued or running. */
static int
read_counts(struct store *s, int64_t batch_id, cJSON *counts, int64_t *busy, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_TALLIES, ARGS(INT(batch_id)), e);
	int rc;

	*busy = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		enum state state = state_from_name(column_text(stmt, 0));
		int64_t n = sqlite3_column_int64(stmt, 1);

		if (state == STATE_QUEUED || state == STATE_RUNNING)
			*busy += n;
		else if (n > 0)
			json_add_int(counts, column_text(stmt, 0), n);
	}
	return rc;
}

static int
tell_of_batch(struct store *s, const struct quieted *q, struct err *e)
{
	AUTO_JSON cJSON *counts = cJSON_CreateObject();
	AUTO_JSON cJSON *line = NULL;
	AUTO_STMT stmt = NULL;
	int64_t busy;

	if (read_counts(s, q->batch_id, counts, &busy, e) < 0)
		return -1;
	if (busy > 0)
		return 0;
	if ((stmt = sql_start(s, SQL_BATCH, ARGS(INT(q->batch_id)), e)) == NULL ||
	    sql_step(s, stmt, e) < 0)
		return -1;
	line = begin_line(NOTICE_BATCH, q->now_ms, column_text(stmt, 0));
	cJSON_AddItemToObject(line, "counts", take(counts));
	return add_line(s, line, e);
}

int
notice_batches(struct store *s, struct err *e)
{
	for (size_t i = 0; i < s->pending.n_quiet; i++) {
		bool again = false;

		for (size_t j = i + 1; j < s->pending.n_quiet && !again; j++)
			again = s->quiet[j].batch_id == s->quiet[i].batch_id;
		if (!again && tell_of_batch(s, &s->quiet[i], e) < 0)
			return -1;
	}
	s->pending.n_quiet = 0;
	return 0;
}

int
store_notices(
    struct store *s, int64_t now_ms, size_t max, struct notice **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_DUE, ARGS(INT(now_ms), INT((int64_t)max)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		(*v)[(*len)++] = (struct notice){
			.number = sqlite3_column_int64(stmt, 0),
			.line = column_dup(stmt, 1),
			.tries = column_int(stmt, 2),
		};
	}
	return LIST_END(rc, v, len, store_notices_free);
}

void
store_notices_free(struct notice *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(v[i].line);
	free(v);
}

int
store_notice_done(struct store *s, int64_t number, struct err *e)
{
	if (writing(s, e) < 0)
		return -1;
	if (sql_run(s, SQL_DONE, ARGS(INT(number)), e) < 0)
		return -1;
	if (sqlite3_changes(s->db) == 0)
		return err_set(
		    e, ERR_NOT_FOUND, "there is no notice %lld any more", (long long)number);
	return 0;
}

int
store_notice_failed(struct store *s, int64_t number, int64_t not_before_ms, struct err *e)
{
	if (writing(s, e) < 0)
		return -1;
	return sql_run(s, SQL_FAILED, ARGS(INT(number), INT(not_before_ms)), e);
}
