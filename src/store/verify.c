/*
 * The full consistency check: SQLite's own, and what row_save() keeps in step
 * against the rows themselves. Each question answers with the faults that it
 * finds, so that no answer is a good answer.
 */
#include "config.h"

#include <string.h>

#include "store/backend.h"

static const char SQL_INTEGRITY[] = "PRAGMA integrity_check(1)";
static const char SQL_FOREIGN[] = "PRAGMA foreign_key_check";
static const char SQL_OUTBOX[] = "SELECT number, line FROM audit_outbox ORDER BY number";

/* Each row is a fault; the first column names where. */
static const struct question {
	const char *fault;
	const char *sql;
} questions[] = {
	{ "a signature counts other failures than there are occurrences of it",
	    "SELECT g.signature FROM signatures g WHERE g.seen <>"
	    " (SELECT COALESCE(SUM(c.times), 0) FROM occurrences c WHERE c.signature = g.id) LIMIT 1" },
	{ "an objective has ended, and what befell it has not",
	    "SELECT o.id FROM occurrences c JOIN objectives o ON o.seq = c.objective WHERE c.sequel = 'open'"
	    " AND o.state IN ('succeeded', 'failed', 'cancelled', 'destroyed') LIMIT 1" },
	{ "the tally of a batch is not the number of its objectives",
	    "SELECT t.batch_id || ' ' || t.state FROM tallies t WHERE t.batch_id <> 0 AND t.n <>"
	    " (SELECT count(*) FROM objectives o WHERE o.batch_id = t.batch_id AND o.state = t.state) LIMIT 1" },
	{ "the tally of all is not the number of objectives",
	    "SELECT t.state FROM tallies t WHERE t.batch_id = 0 AND t.n <>"
	    " (SELECT count(*) FROM objectives o WHERE o.state = t.state) LIMIT 1" },
	{ "an objective is in no known state",
	    "SELECT id FROM objectives WHERE state NOT IN"
	    " ('queued', 'running', 'held', 'succeeded', 'failed', 'cancelled', 'destroyed') LIMIT 1" },
	{ "a batch counts other live objectives than it has",
	    "SELECT b.name FROM batches b WHERE b.live <> (SELECT count(*) FROM objectives o WHERE o.batch_id = b.id"
	    " AND o.state NOT IN ('cancelled', 'destroyed')) LIMIT 1" },
	{ "a lane counts other ready objectives than it has, or its head is not the first of them",
	    "SELECT l.id FROM lanes l WHERE l.ready <> (SELECT count(*) FROM objectives o WHERE o.lane_id = l.id"
	    " AND o.ready = 1) OR l.head IS DISTINCT FROM (SELECT MAX(o.priority) FROM objectives o"
	    " WHERE o.lane_id = l.id AND o.ready = 1) LIMIT 1" },
	{ "a lane counts other running objectives than it has",
	    "SELECT l.id FROM lanes l LEFT JOIN (SELECT lane_id, count(*) AS n FROM objectives WHERE state = 'running'"
	    " GROUP BY lane_id) r ON r.lane_id = l.id WHERE l.running <> COALESCE(r.n, 0) LIMIT 1" },
	{ "the head of a batch is not the best of its lanes",
	    "SELECT b.name FROM batches b WHERE b.head IS DISTINCT FROM (SELECT MAX(l.head) FROM lanes l"
	    " WHERE l.batch_id = b.id AND l.blocked_until_ms = 0 AND l.passed_over = 0) LIMIT 1" },
	{ "a lane is passed over although nothing runs that could release it",
	    "SELECT id FROM lanes WHERE passed_over = 1"
	    " AND NOT EXISTS (SELECT 1 FROM objectives WHERE owner IS NOT NULL) LIMIT 1" },
	{ "lanes of one subscription and provider are blocked for different times",
	    "SELECT MIN(id) FROM lanes WHERE blocked_until_ms > 0 GROUP BY subscription, provider"
	    " HAVING MIN(blocked_until_ms) <> MAX(blocked_until_ms) LIMIT 1" },
	{ "an objective's lane is of another batch",
	    "SELECT o.id FROM objectives o JOIN lanes l ON l.id = o.lane_id WHERE l.batch_id <> o.batch_id LIMIT 1" },
	{ "an objective is ready that may not be",
	    "SELECT id FROM objectives WHERE ready = 1 AND (state <> 'queued'"
	    " OR (unmet > 0 AND (cancel_wanted = 0 OR destroying = 1)))"
	    " LIMIT 1" },
	{ "an objective that is to be undone does not stand ready, and nothing will wake it",
	    "SELECT id FROM objectives WHERE state = 'queued' AND ready = 0 AND cancel_wanted = 1 AND unmet > 0"
	    " AND destroying = 0 LIMIT 1" },
	{ "an objective is running without an owner, or owned without running",
	    "SELECT id FROM objectives WHERE (state = 'running') <> (owner IS NOT NULL) LIMIT 1" },
	{ "an objective is held for nothing, or has holds and is not held",
	    "SELECT id FROM objectives o WHERE (state = 'held') <>"
	    " (EXISTS (SELECT 1 FROM holds h WHERE h.objective = o.seq)) LIMIT 1" },
	{ "an objective counts other unmet dependencies than it has",
	    "SELECT o.id FROM objectives o WHERE o.destroying = 0 AND o.unmet <>"
	    " (SELECT count(*) FROM dependencies d WHERE d.objective = o.seq AND d.met = 0) LIMIT 1" },
	{ "an objective that is to be destroyed counts others before it than there are",
	    "SELECT o.id FROM objectives o WHERE o.destroying = 1 AND o.unmet <>"
	    " (SELECT count(*) FROM dependencies d JOIN objectives n ON n.seq = d.objective"
	    " WHERE d.needs = o.seq AND n.destroying = 1) LIMIT 1" },
	{ "an objective is to be destroyed, and something that needs it stands and is not",
	    "SELECT o.id FROM objectives o JOIN dependencies d ON d.needs = o.seq JOIN objectives n"
	    " ON n.seq = d.objective WHERE o.destroying = 1 AND n.destroying = 0 AND n.state NOT IN"
	    " ('destroyed', 'cancelled', 'failed') LIMIT 1" },
	{ "an objective that is to be destroyed waits in vain for one that could not be",
	    "SELECT o.id FROM objectives o JOIN dependencies d ON d.needs = o.seq JOIN objectives n"
	    " ON n.seq = d.objective WHERE o.destroying = 1 AND o.state = 'queued' AND n.destroying = 1"
	    " AND n.state = 'failed' LIMIT 1" },
	{ "an objective that is to be destroyed has no attempt that undoes, or has ended",
	    "SELECT o.id FROM objectives o LEFT JOIN attempts a ON a.objective = o.seq AND a.number = o.attempt"
	    " WHERE o.destroying = 1 AND (o.state NOT IN ('queued', 'running', 'held', 'failed')"
	    " OR o.cancel_wanted = 1 OR a.phase IS NOT 'undo' OR a.goal IS NOT 'destroyed' OR a.undoes = 0"
	    " OR (o.state IN ('queued', 'held') AND o.attempt_open = 0)) LIMIT 1" },
	{ "a destroyed objective has resources that stand",
	    "SELECT o.id FROM resources r JOIN objectives o ON o.seq = r.objective"
	    " WHERE r.state IN ('live', 'orphaned') AND o.state = 'destroyed' LIMIT 1" },
	{ "a dependency is unmet although what is needed has succeeded",
	    "SELECT o.id FROM dependencies d JOIN objectives n ON n.seq = d.needs JOIN objectives o"
	    " ON o.seq = d.objective WHERE d.met = 0 AND n.state = 'succeeded' LIMIT 1" },
	{ "an objective expires at another time than its timeout or deadline",
	    "SELECT id FROM objectives WHERE expires_ms <>"
	    " CASE WHEN state NOT IN ('queued', 'held') OR attempt_open = 1 OR destroying = 1 THEN 0"
	    " WHEN due_ms > 0 THEN due_ms ELSE deadline_ms END LIMIT 1" },
	{ "an attempt is open that should not be, or the last one is missing",
	    "SELECT o.id FROM objectives o LEFT JOIN attempts a ON a.objective = o.seq AND a.number = o.attempt"
	    " WHERE (o.attempt > 0 AND (a.number IS NULL OR (a.ended_ms = 0) <> o.attempt_open))"
	    " OR (o.attempt = 0 AND o.attempt_open <> 0) LIMIT 1" },
	{ "an older attempt has no end",
	    "SELECT o.id FROM attempts a JOIN objectives o ON o.seq = a.objective"
	    " WHERE a.ended_ms = 0 AND a.number <> o.attempt LIMIT 1" },
	{ "an objective that has ended has an open attempt",
	    "SELECT id FROM objectives WHERE attempt_open = 1 AND state NOT IN ('queued', 'running', 'held') LIMIT 1" },
	{ "a scope has other totals than its reservations",
	    "SELECT s.name FROM scopes s LEFT JOIN (SELECT rs.scope,"
	    " SUM(CASE v.state WHEN 'held' THEN v.high ELSE 0 END) AS held,"
	    " SUM(CASE v.state WHEN 'committed' THEN v.high ELSE 0 END) AS committed"
	    " FROM reservation_scopes rs JOIN reservations v ON v.seq = rs.reservation GROUP BY rs.scope) t"
	    " ON t.scope = s.id WHERE s.reserved <> COALESCE(t.held, 0) OR s.committed <> COALESCE(t.committed, 0)"
	    " LIMIT 1" },
	{ "an objective that is gone still holds money",
	    "SELECT o.id FROM reservations v JOIN objectives o ON o.seq = v.objective"
	    " WHERE v.state IN ('held', 'committed') AND o.state IN ('cancelled', 'destroyed') LIMIT 1" },
	{ "an objective has a higher fencing token than was ever given",
	    "SELECT id FROM objectives WHERE fence > (SELECT last FROM fences) LIMIT 1" },
};

static int
fault(struct store *s, const char *what, const char *where, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "%s: %s (%s)", s->path, what, where == NULL ? "?" : where);
}

static int
verify_sqlite(struct store *s, struct err *e)
{
	AUTO_STMT integrity = NULL;
	AUTO_STMT foreign = NULL;
	int rc;

	if ((integrity = sql_start(s, SQL_INTEGRITY, ARGS(NO_ARG), e)) == NULL)
		return -1;
	while ((rc = sql_step(s, integrity, e)) == 1) {
		if (strcmp(column_text(integrity, 0), "ok") != 0)
			return fault(s, "the database is damaged", column_text(integrity, 0), e);
	}
	if (rc < 0 || (foreign = sql_start(s, SQL_FOREIGN, ARGS(NO_ARG), e)) == NULL)
		return -1;
	if ((rc = sql_step(s, foreign, e)) < 0)
		return -1;
	return rc == 0
	    ? 0
	    : fault(s, "a row refers to one that is missing", column_text(foreign, 0), e);
}

static int
verify_question(struct store *s, const struct question *q, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, q->sql, ARGS(NO_ARG), e);
	int rc;

	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	return rc == 0 ? 0 : fault(s, q->fault, column_text(stmt, 0), e);
}

/* The lines in the outbox are those behind the last flushed one, each with the hash of the one before it. */
static int
verify_outbox(struct store *s, struct err *e)
{
	AUTO_STMT stmt = NULL;
	struct audit_head head;
	char hash[DIGEST_SIZE] = "";
	int64_t number;
	int rc;

	if (store_audit_head(s, &head, e) < 0 ||
	    (stmt = sql_start(s, SQL_OUTBOX, ARGS(NO_ARG), e)) == NULL)
		return -1;
	number = head.flushed;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		const char *line = column_text(stmt, 1);
		AUTO_FREE char *begin =
		    xasprintf("{\"n\":%lld,\"prev\":\"%s", (long long)number + 1, hash);

		if (sqlite3_column_int64(stmt, 0) != ++number)
			return fault(s, "a record is missing from the audit outbox",
			    column_text(stmt, 0), e);
		if (strncmp(line, begin, strlen(begin)) != 0)
			return fault(
			    s, "the audit chain is broken in the outbox", column_text(stmt, 0), e);
		digest_text(line, hash);
	}
	if (rc < 0)
		return -1;
	if (number != head.number || (hash[0] != '\0' && strcmp(hash, head.hash) != 0))
		return fault(
		    s, "the head of the audit chain is not that of its last record", hash, e);
	return 0;
}

/* Each is read by its digest. */
static int
verify_contracts(struct store *s, struct err *e)
{
	struct contracts all;

	if (store_contracts(s, &all, e) < 0)
		return -1;
	contracts_clear(&all);
	return 0;
}

static int
verify_all(struct store *s, struct err *e)
{
	if (verify_sqlite(s, e) < 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		if (verify_question(s, &questions[i], e) < 0)
			return -1;
	}
	return verify_contracts(s, e) < 0 ? -1 : verify_outbox(s, e);
}

int
store_verify(struct store *s, struct err *e)
{
	int rc;

	if (tally_save(s, e) < 0 || read_begin(s, e) < 0)
		return -1;
	rc = verify_all(s, e);
	read_end(s);
	return rc;
}
