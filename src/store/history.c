/* How the history of failures is written; what resolved what is decided in core/history.c. */
#include "config.h"

#include <string.h>

#include "store/backend.h"
#include "store/history.h"

static const char SQL_SIGNATURE[] =
    "INSERT INTO signatures (signature, class, code, capability, step, message, seen, first_ms, last_ms)"
    " SELECT ?1, ?2, ?3, o.capability, ?4, ?5, 1, ?6, ?6 FROM objectives o WHERE o.seq = ?7 ON CONFLICT (signature) DO UPDATE SET"
    " message = excluded.message, seen = signatures.seen + 1, last_ms = excluded.last_ms";
static const char SQL_OCCURRENCE[] =
    "INSERT INTO occurrences (signature, objective, attempt, step, strategy, label, times, first_ms, last_ms,"
    " sequel, ended_ms) SELECT g.id, ?2, ?3, ?4, (SELECT a.strategy FROM attempts a WHERE a.objective = ?2"
    " AND a.number = ?3), ?5, 1, ?6, ?6, 'open', 0 FROM signatures g WHERE g.signature = ?1"
    " ON CONFLICT (objective, attempt, signature) DO UPDATE SET times = occurrences.times + 1,"
    " last_ms = excluded.last_ms, sequel = 'open', resolver = NULL, detail = NULL, ended_ms = 0";
static const char SQL_KNOWN[] =
    "SELECT count(*) FROM occurrences c JOIN signatures g ON g.id = c.signature"
    " WHERE c.objective = ?1 AND c.attempt = ?2 AND g.signature = ?3";
#define COLUMNS                                                                                            \
	"SELECT seq, objective, attempt, strategy, person, (SELECT a.size FROM attempts a"                 \
	" WHERE a.objective = occurrences.objective AND a.number = occurrences.attempt) FROM occurrences"
static const char SQL_PASSED[] =
    COLUMNS " WHERE objective = ?1 AND sequel = 'open' AND attempt = ?2 AND step < ?3";
/* Of the objective itself, and of those before it that had its batch and name, or its key. */
static const char SQL_UNRESOLVED[] =
    COLUMNS " WHERE label = ?1 AND sequel <> 'resolved' AND objective <= ?2"
	    " UNION " COLUMNS
	    " WHERE sequel <> 'resolved' AND objective IN (SELECT o.seq FROM objectives o WHERE"
	    " o.key = (SELECT p.key FROM objectives p WHERE p.seq = ?2) AND o.seq <= ?2)"
	    " ORDER BY objective DESC";
static const char SQL_RESOLVE[] =
    "UPDATE occurrences SET sequel = 'resolved', resolver = ?2, detail = ?3, ended_ms = ?4 WHERE seq = ?1";
static const char SQL_CLOSE[] =
    "UPDATE occurrences SET sequel = ?2, ended_ms = ?3 WHERE objective = ?1 AND sequel = 'open'";
static const char SQL_PERSON[] =
    "UPDATE occurrences SET person = ?2 WHERE objective = ?1 AND sequel = 'open'";
static const char SQL_ID[] = "SELECT id FROM objectives WHERE seq = ?1";
static const char SQL_PASSING[] =
    "SELECT strategy, size FROM attempts WHERE objective = ?1 AND number = ?2";

/* What is behind an occurrence in the store. */
struct entry {
	int64_t seq, objective;
	struct occurrence c; /* attempt, strategy, size and person only */
};

struct entries {
	struct entry *v;
	size_t len, cap;
};

static void
entries_clear(struct entries *list)
{
	for (size_t i = 0; i < list->len; i++)
		occurrence_clear(&list->v[i].c);
	free(list->v);
}

/* ---- what befell an objective ---- */

int
history_sign(
    struct store *s, const struct row *r, const struct failure *f, cJSON **json, struct err *e)
{
	CLEANUP(strv_clear) struct strv names = { 0 };
	CLEANUP(objective_clear) struct objective o;
	char signature[SIGNATURE_SIZE];

	*json = NULL;
	objective_init(&o);
	if (!failure_is_set(f))
		return 0;
	if (store_get(s, r->id, &o, e) < 0)
		return -1;
	history_names(&o, &names);
	signature_of(f, o.capability, &names, signature);
	*json = failure_to_json(f);
	json_add_str(*json, "signature", signature);
	return 0;
}

/* Of an objective, through all submissions of it. The caller's own. */
static char *
label_of(const struct row *r)
{
	return xasprintf("%s/%s", r->batch, r->name);
}

int
history_note(struct store *s, const struct row *r, int step, const cJSON *failure, int64_t now_ms,
    struct err *e)
{
	const char *signature = json_str(failure, "signature");
	AUTO_FREE char *label = label_of(r);

	if (sql_run(s, SQL_SIGNATURE,
		ARGS(TEXT(signature), TEXT(json_str(failure, "class")),
		    TEXT(json_str(failure, "code")), TEXT(json_str(failure, "step")),
		    TEXT(json_str(failure, "message")), INT(now_ms), INT(r->seq)),
		e) < 0)
		return -1;
	return sql_run(s, SQL_OCCURRENCE,
	    ARGS(
		TEXT(signature), INT(r->seq), INT(r->attempt), INT(step), TEXT(label), INT(now_ms)),
	    e);
}

int
history_note_end(
    struct store *s, const struct row *r, const cJSON *failure, int64_t now_ms, struct err *e)
{
	int64_t known;

	if (sql_number(s, SQL_KNOWN,
		ARGS(INT(r->seq), INT(r->attempt), TEXT(json_str(failure, "signature"))), 0, &known,
		e) < 0)
		return -1;
	return known > 0 ? 0 : history_note(s, r, 0, failure, now_ms, e);
}

int
history_note_person(struct store *s, const struct row *r, const char *user, struct err *e)
{
	return sql_run(s, SQL_PERSON, ARGS(INT(r->seq), TEXT(user)), e);
}

/* ---- what became of it ---- */

static int
read_entries(
    struct store *s, const char *sql, const struct arg *args, struct entries *list, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, args, e);
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		list->v = xgrow(list->v, list->len, &list->cap, sizeof(*list->v));
		list->v[list->len++] = (struct entry){
			.seq = sqlite3_column_int64(stmt, 0),
			.objective = sqlite3_column_int64(stmt, 1),
			.c.attempt = column_int(stmt, 2),
			.c.strategy = column_dup(stmt, 3),
			.c.person = column_dup(stmt, 4),
			.c.size = column_dup(stmt, 5),
		};
	}
	return rc;
}

static int
read_objective(struct store *s, int64_t seq, struct objective *o, struct err *e)
{
	char id[1][ID_SIZE];
	size_t len;

	if (sql_ids(s, SQL_ID, ARGS(INT(seq)), 1, id, &len, e) < 0)
		return -1;
	return len == 1 ? store_get(s, id[0], o, e)
			: err_set(e, ERR_CORRUPT, "%s: what failed in %lld has no objective",
			      s->path, (long long)seq);
}

static void
passing_clear(struct passing *by)
{
	free(by->strategy);
	free(by->size);
}

static int
read_passing(struct store *s, const struct row *r, struct passing *by, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_PASSING, ARGS(INT(r->seq), INT(r->attempt)), e);
	int rc;

	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 1)
		*by = (struct passing){
			.strategy = column_dup(stmt, 0),
			.size = column_dup(stmt, 1),
		};
	return 0;
}

static int
resolve(struct store *s, const struct row *r, const struct entry *entry, struct passing *passing,
    int64_t now_ms, struct err *e)
{
	CLEANUP(objective_clear) struct objective then;
	CLEANUP(objective_clear) struct objective now;
	AUTO_FREE char *detail = NULL;
	bool is_own = entry->objective == r->seq;
	enum resolver by;

	objective_init(&then);
	objective_init(&now);
	if (!is_own &&
	    (read_objective(s, entry->objective, &then, e) < 0 ||
		read_objective(s, r->seq, &now, e) < 0))
		return -1;
	/* What it has now may not be what failed then. */
	if (entry->c.size != NULL && then.instead != NULL)
		objective_substitute(&then, json_str(then.instead, "parameter"), entry->c.size);
	passing->same = is_own && entry->c.attempt == r->attempt;
	by = history_resolver(&entry->c, &then, &now, passing, &detail);
	return sql_run(s, SQL_RESOLVE,
	    ARGS(INT(entry->seq), TEXT(resolver_name(by)), TEXT(detail), INT(now_ms)), e);
}

/* Those of the objective itself come first; of others only the next one counts. */
static int
resolve_all(
    struct store *s, const struct row *r, const struct entries *list, int64_t now_ms, struct err *e)
{
	CLEANUP(passing_clear) struct passing passing = { .same = false };
	int64_t before = 0;

	if (list->len == 0)
		return 0;
	if (read_passing(s, r, &passing, e) < 0)
		return -1;
	for (size_t i = 0; i < list->len; i++) {
		int64_t objective = list->v[i].objective;

		if (objective != r->seq && before == 0)
			before = objective;
		if (objective != r->seq && objective != before)
			break;
		if (resolve(s, r, &list->v[i], &passing, now_ms, e) < 0)
			return -1;
	}
	return 0;
}

int
history_pass(struct store *s, const struct row *r, int step, int64_t now_ms, struct err *e)
{
	CLEANUP(entries_clear) struct entries list = { .v = NULL };

	if (step == 0)
		return 0;
	if (read_entries(s, SQL_PASSED, ARGS(INT(r->seq), INT(r->attempt), INT(step)), &list, e) <
	    0)
		return -1;
	return resolve_all(s, r, &list, now_ms, e);
}

static int
succeed(struct store *s, const struct row *r, int64_t now_ms, struct err *e)
{
	CLEANUP(entries_clear) struct entries list = { .v = NULL };
	AUTO_FREE char *label = label_of(r);

	if (read_entries(s, SQL_UNRESOLVED, ARGS(TEXT(label), INT(r->seq)), &list, e) < 0)
		return -1;
	return resolve_all(s, r, &list, now_ms, e);
}

int
history_end(struct store *s, const struct row *r, enum event event, int64_t now_ms, struct err *e)
{
	enum sequel sequel = event == EVENT_FAIL ? SEQUEL_FAILED : SEQUEL_CANCELLED;

	if (event == EVENT_SUCCEED)
		return succeed(s, r, now_ms, e);
	/* Nothing can have befallen it. */
	if (event != EVENT_FAIL && r->attempt == 0)
		return 0;
	return sql_run(s, SQL_CLOSE, ARGS(INT(r->seq), TEXT(sequel_name(sequel)), INT(now_ms)), e);
}
