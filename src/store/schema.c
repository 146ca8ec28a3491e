/*
 * The schema, and how a store of an older version becomes one of this version:
 * one row of migrations[] for each version, each in a transaction of its own
 * that also writes the version down. Rows are only ever added to the table.
 *
 * The subset is the one that PostgreSQL shares: no rowids but through INTEGER
 * PRIMARY KEY, partial indexes, texts and 64-bit integers, times in ms.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "store/backend.h"

static const char SCHEMA_1[] =
    /* schema: version; store: the store's own id; reopened: see store_reopen() */
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);"

    /* The token of the last claim. */
    "CREATE TABLE fences (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL);"
    "INSERT INTO fences (one, last) VALUES (1, 0);"

    /*
     * live: objectives that are neither destroyed nor cancelled; a name is free
     * again when there is none. head: the highest priority that stands ready in a
     * lane that is not blocked, NULL if none does. served: token of the last claim
     * in it, so that the batch that was served longest ago comes first.
     */
    "CREATE TABLE batches ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " live INTEGER NOT NULL CHECK (live >= 0),"
    " head INTEGER,"
    " served INTEGER NOT NULL DEFAULT 0,"
    " created_ms INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX batches_live ON batches (name) WHERE live > 0;"
    "CREATE INDEX batches_name ON batches (name, id);"
    "CREATE INDEX batches_ready ON batches (head DESC, served) WHERE head IS NOT NULL;"

    /* Objectives by state: of each batch, and of all under batch_id 0. */
    "CREATE TABLE tallies ("
    " batch_id INTEGER NOT NULL,"
    " state TEXT NOT NULL,"
    " n INTEGER NOT NULL CHECK (n >= 0),"
    " PRIMARY KEY (batch_id, state)) WITHOUT ROWID;"
    "INSERT INTO tallies (batch_id, state, n) VALUES (0, 'queued', 0), (0, 'running', 0), (0, 'held', 0),"
    " (0, 'succeeded', 0), (0, 'failed', 0), (0, 'cancelled', 0), (0, 'destroyed', 0);"

    /* What may be throttled or limited together. provider is the capability's name in this version. */
    "CREATE TABLE lanes ("
    " id INTEGER PRIMARY KEY,"
    " batch_id INTEGER NOT NULL REFERENCES batches (id),"
    " resource_group TEXT NOT NULL,"
    " subscription TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " ready INTEGER NOT NULL DEFAULT 0 CHECK (ready >= 0),"
    " running INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0),"
    " head INTEGER,"
    " served INTEGER NOT NULL DEFAULT 0,"
    " blocked_until_ms INTEGER NOT NULL DEFAULT 0,"
    " UNIQUE (batch_id, resource_group, subscription, provider));"
    "CREATE INDEX lanes_ready ON lanes (batch_id, head DESC, served)"
    " WHERE head IS NOT NULL AND blocked_until_ms = 0;"
    "CREATE INDEX lanes_blocked ON lanes (blocked_until_ms) WHERE blocked_until_ms > 0;"
    "CREATE INDEX lanes_throttle ON lanes (subscription, provider, blocked_until_ms);"

    /*
     * tail: the last twelve digits of the id backward, so that what a person types
     * is a prefix of it. ready 1: it stands in its lane. expires_ms: its deadline
     * while it waits and nothing was begun, else 0. body: objective_to_json().
     */
    "CREATE TABLE objectives ("
    " seq INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " tail TEXT NOT NULL,"
    " batch_id INTEGER NOT NULL REFERENCES batches (id),"
    " lane_id INTEGER NOT NULL REFERENCES lanes (id),"
    " name TEXT NOT NULL,"
    " key TEXT,"
    " capability TEXT NOT NULL,"
    " resource_group TEXT NOT NULL,"
    " digest TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " priority INTEGER NOT NULL,"
    " not_before_ms INTEGER NOT NULL,"
    " deadline_ms INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL,"
    " unmet INTEGER NOT NULL CHECK (unmet >= 0),"
    " ready INTEGER NOT NULL,"
    " revision INTEGER NOT NULL,"
    " generation INTEGER NOT NULL,"
    " cancel_wanted INTEGER NOT NULL,"
    " owner TEXT,"
    " fence INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL,"
    " attempt_open INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL,"
    " outputs TEXT,"
    " failure TEXT,"
    " body TEXT NOT NULL,"
    " UNIQUE (batch_id, name));"
    "CREATE UNIQUE INDEX objectives_key ON objectives (key)"
    " WHERE key IS NOT NULL AND state NOT IN ('cancelled', 'destroyed');"
    "CREATE INDEX objectives_tail ON objectives (tail);"
    "CREATE INDEX objectives_state ON objectives (state, seq);"
    "CREATE INDEX objectives_batch ON objectives (batch_id, state, seq);"
    "CREATE INDEX objectives_capability ON objectives (capability, state, seq);"
    "CREATE INDEX objectives_ready ON objectives (lane_id, priority DESC, seq) WHERE ready = 1;"
    "CREATE INDEX objectives_scheduled ON objectives (not_before_ms)"
    " WHERE state = 'queued' AND ready = 0 AND unmet = 0;"
    "CREATE INDEX objectives_expiring ON objectives (expires_ms) WHERE expires_ms > 0;"
    "CREATE INDEX objectives_owner ON objectives (owner) WHERE owner IS NOT NULL;"

    /* label: \"key=value\" */
    "CREATE TABLE labels ("
    " label TEXT NOT NULL,"
    " seq INTEGER NOT NULL,"
    " PRIMARY KEY (label, seq)) WITHOUT ROWID;"

    "CREATE TABLE dependencies ("
    " objective INTEGER NOT NULL REFERENCES objectives (seq),"
    " needs INTEGER NOT NULL REFERENCES objectives (seq),"
    " met INTEGER NOT NULL,"
    " PRIMARY KEY (objective, needs)) WITHOUT ROWID;"
    "CREATE INDEX dependencies_needs ON dependencies (needs, met);"

    "CREATE TABLE holds ("
    " objective INTEGER NOT NULL REFERENCES objectives (seq),"
    " reason TEXT NOT NULL,"
    " detail TEXT,"
    " since_ms INTEGER NOT NULL,"
    " PRIMARY KEY (objective, reason)) WITHOUT ROWID;"

    "CREATE TABLE plans ("
    " id INTEGER PRIMARY KEY,"
    " objective INTEGER NOT NULL REFERENCES objectives (seq),"
    " strategy TEXT NOT NULL,"
    " generation INTEGER NOT NULL,"
    " inputs TEXT NOT NULL,"
    " digest TEXT NOT NULL,"
    " body TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL);"
    "CREATE INDEX plans_objective ON plans (objective);"

    "CREATE TABLE attempts ("
    " objective INTEGER NOT NULL REFERENCES objectives (seq),"
    " number INTEGER NOT NULL,"
    " plan_id INTEGER NOT NULL REFERENCES plans (id),"
    " strategy TEXT NOT NULL,"
    " phase TEXT NOT NULL,"
    " goal TEXT NOT NULL,"
    " step INTEGER NOT NULL,"
    " stage TEXT NOT NULL,"
    " call INTEGER NOT NULL,"
    " runs INTEGER NOT NULL,"
    " asks INTEGER NOT NULL,"
    " doubt_since_ms INTEGER NOT NULL,"
    " wait_until_ms INTEGER NOT NULL,"
    " resource TEXT,"
    " stood TEXT,"
    " failure TEXT,"
    " started_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL,"
    " PRIMARY KEY (objective, number)) WITHOUT ROWID;"

    "CREATE TABLE executions ("
    " seq INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " objective INTEGER NOT NULL REFERENCES objectives (seq),"
    " attempt INTEGER NOT NULL,"
    " step INTEGER NOT NULL,"
    " call INTEGER NOT NULL,"
    " run INTEGER NOT NULL,"
    " step_name TEXT NOT NULL,"
    " act TEXT NOT NULL,"
    " resource TEXT,"
    " host TEXT NOT NULL,"
    " boot_id TEXT NOT NULL,"
    " fence INTEGER NOT NULL,"
    " intended_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL,"
    " argv TEXT,"
    " stood TEXT,"
    " outcome TEXT,"
    " answer TEXT,"
    " result TEXT,"
    " failure TEXT);"
    "CREATE INDEX executions_objective ON executions (objective, seq);"
    "CREATE UNIQUE INDEX executions_open ON executions (objective) WHERE ended_ms = 0;"

    /* folded: the id without regard to case, as Azure compares. */
    "CREATE TABLE resources ("
    " seq INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL,"
    " folded TEXT NOT NULL,"
    " objective INTEGER NOT NULL REFERENCES objectives (seq),"
    " execution_id TEXT NOT NULL,"
    " attempt INTEGER NOT NULL,"
    " step INTEGER NOT NULL,"
    " state TEXT NOT NULL,"
    " made_ms INTEGER NOT NULL,"
    " gone_ms INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX resources_standing ON resources (folded) WHERE state IN ('live', 'orphaned');"
    "CREATE INDEX resources_objective ON resources (objective, seq);"

    "CREATE TABLE runners ("
    " id TEXT PRIMARY KEY,"
    " host TEXT NOT NULL,"
    " boot_id TEXT NOT NULL,"
    " pid INTEGER NOT NULL,"
    " started_ms INTEGER NOT NULL,"
    " lease_boot_ms INTEGER NOT NULL,"
    " lease_wall_ms INTEGER NOT NULL);"

    "CREATE TABLE audit_head ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " number INTEGER NOT NULL,"
    " hash TEXT NOT NULL,"
    " flushed INTEGER NOT NULL,"
    " anchor_number INTEGER NOT NULL,"
    " anchor_hash TEXT NOT NULL);"
    "INSERT INTO audit_head (one, number, hash, flushed, anchor_number, anchor_hash) VALUES"
    " (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0,"
    "  0, '0000000000000000000000000000000000000000000000000000000000000000');"
    "CREATE TABLE audit_outbox (number INTEGER PRIMARY KEY, line TEXT NOT NULL);";

static const char SCHEMA_2[] =
    /* provider: from this version on the objective's, where it names one. */
    "ALTER TABLE lanes ADD COLUMN passed_over INTEGER NOT NULL DEFAULT 0;"
    "DROP INDEX lanes_ready;"
    "CREATE INDEX lanes_ready ON lanes (batch_id, head DESC, served)"
    " WHERE head IS NOT NULL AND blocked_until_ms = 0 AND passed_over = 0;"
    "CREATE INDEX lanes_passed_over ON lanes (batch_id) WHERE passed_over = 1;"

    /*
     * unmet of one that is destroying counts those that need it and are destroying
     * too. expires_ms: due_ms, where it is fixed already.
     */
    "ALTER TABLE objectives ADD COLUMN destroying INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE objectives ADD COLUMN attempts_past INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE objectives ADD COLUMN due_ms INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX objectives_undoing ON objectives (lane_id, priority DESC, seq)"
    " WHERE ready = 1 AND (destroying = 1 OR cancel_wanted = 1);"

    "ALTER TABLE attempts ADD COLUMN undoes INTEGER NOT NULL DEFAULT 0;"

    "ALTER TABLE resources ADD COLUMN why TEXT;"
    "CREATE INDEX resources_state ON resources (state, seq);"

    /* A number is never used twice: what was delivered under it is not taken for another. */
    "CREATE TABLE notices ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " line TEXT NOT NULL,"
    " tries INTEGER NOT NULL DEFAULT 0,"
    " not_before_ms INTEGER NOT NULL DEFAULT 0);";

/* Of a label "Key=Value": "label:key=Value". */
#define LABEL_SCOPE                                                      \
	"'label:' || lower(substr(l.label, 1, instr(l.label, '=') - 1))" \
	" || substr(l.label, instr(l.label, '='))"

static const char SCHEMA_3[] =
    /*
     * Of holds for approval, budget and unpriced. amount: a month, that is asked
     * for. asks: {"digest", "objections"}. epoch: that of the money when it was
     * last looked at; -1: another rule may let it go; -2: prices are others now.
     */
    "ALTER TABLE objectives ADD COLUMN told TEXT NOT NULL DEFAULT '';" /* reasons of holds that were told of since its last claim */
    "ALTER TABLE holds ADD COLUMN amount INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE holds ADD COLUMN asks TEXT;"
    "ALTER TABLE holds ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX holds_waiting ON holds (reason, epoch, objective);"

    /*
     * epoch grows when money may have become free, day is the one that was seen
     * last, rules and prices tell those in force. binds 1: the rules limit something.
     */
    "CREATE TABLE money ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " epoch INTEGER NOT NULL,"
    " day INTEGER NOT NULL,"
    " rules TEXT NOT NULL,"
    " binds INTEGER NOT NULL,"
    " prices TEXT NOT NULL);"
    "INSERT INTO money (one, epoch, day, rules, binds, prices) VALUES (1, 0, 0, '', 0, '');"

    /*
     * Amounts are nano-units a month; high is what is held. It was made for
     * first_attempt and adjusted last for attempt. estimate: its components.
     */
    "CREATE TABLE reservations ("
    " seq INTEGER PRIMARY KEY,"
    " objective INTEGER NOT NULL REFERENCES objectives (seq),"
    " state TEXT NOT NULL,"
    " first_attempt INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL,"
    " low INTEGER NOT NULL,"
    " expected INTEGER NOT NULL,"
    " high INTEGER NOT NULL CHECK (high >= 0),"
    " unpriced INTEGER NOT NULL,"
    " estimate TEXT,"
    " held_ms INTEGER NOT NULL,"
    " stood_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX reservations_open ON reservations (objective)"
    " WHERE state IN ('held', 'committed');"
    "CREATE INDEX reservations_objective ON reservations (objective, seq);"
    "CREATE INDEX reservations_ended ON reservations (ended_ms, seq);"

    /*
     * Everything that reservations count in, limited or not. reserved and
     * committed are struct accrual, of the month; actual and actual_replaces are
     * those of struct standing.
     */
    "CREATE TABLE scopes ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"
    " month INTEGER NOT NULL,"
    " reserved INTEGER NOT NULL CHECK (reserved >= 0),"
    " reserved_units INTEGER NOT NULL,"
    " reserved_nanos INTEGER NOT NULL,"
    " committed INTEGER NOT NULL CHECK (committed >= 0),"
    " committed_units INTEGER NOT NULL,"
    " committed_nanos INTEGER NOT NULL,"
    " actual INTEGER NOT NULL DEFAULT 0,"
    " actual_replaces INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE reservation_scopes ("
    " reservation INTEGER NOT NULL REFERENCES reservations (seq),"
    " scope INTEGER NOT NULL REFERENCES scopes (id),"
    " PRIMARY KEY (reservation, scope)) WITHOUT ROWID;"
    "CREATE INDEX reservation_scopes_scope ON reservation_scopes (scope, reservation);"

    /* Rows are never changed. amount: of the reservation after it. scopes: how they stand after it. */
    "CREATE TABLE ledger ("
    " number INTEGER PRIMARY KEY,"
    " at_ms INTEGER NOT NULL,"
    " event TEXT NOT NULL,"
    " objective INTEGER REFERENCES objectives (seq),"
    " reservation INTEGER REFERENCES reservations (seq),"
    " amount INTEGER NOT NULL,"
    " scopes TEXT NOT NULL);"
    "CREATE INDEX ledger_objective ON ledger (objective, number) WHERE objective IS NOT NULL;"
    "CREATE TABLE grants ("
    " number INTEGER PRIMARY KEY REFERENCES ledger (number),"
    " scope TEXT NOT NULL,"
    " period TEXT NOT NULL,"
    " amount INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL,"
    " given_by TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " given_ms INTEGER NOT NULL);"
    "CREATE INDEX grants_scope ON grants (scope, until_ms);"
    "CREATE TABLE approvals ("
    " seq INTEGER PRIMARY KEY,"
    " objective INTEGER NOT NULL REFERENCES objectives (seq),"
    " digest TEXT NOT NULL,"
    " rule TEXT NOT NULL,"
    " amount INTEGER NOT NULL,"
    " names_amount INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL,"
    " given_by TEXT NOT NULL,"
    " note TEXT,"
    " given_ms INTEGER NOT NULL);"
    "CREATE INDEX approvals_objective ON approvals (objective, seq);"

    /* Thresholds that were announced; in nano-percent. */
    "CREATE TABLE crossings ("
    " scope TEXT NOT NULL,"
    " month INTEGER NOT NULL,"
    " threshold INTEGER NOT NULL,"
    " PRIMARY KEY (scope, month, threshold)) WITHOUT ROWID;"

    /* Actual cost: a resource on a day. folded: its id without regard to case. objective NULL: of none of ours. */
    "CREATE TABLE charges ("
    " seq INTEGER PRIMARY KEY,"
    " account TEXT NOT NULL,"
    " day_ms INTEGER NOT NULL,"
    " resource TEXT NOT NULL,"
    " folded TEXT NOT NULL,"
    " objective INTEGER REFERENCES objectives (seq),"
    " resource_group TEXT NOT NULL,"
    " service TEXT NOT NULL,"
    " amount INTEGER NOT NULL);"
    "CREATE INDEX charges_day ON charges (account, day_ms);"
    "CREATE INDEX charges_objective ON charges (day_ms, objective);"
    "CREATE INDEX resources_folded ON resources (folded, seq);"

    /* What older programs built has no known price, but it is there. */
    "INSERT INTO reservations (objective, state, first_attempt, attempt, low, expected, high, unpriced, estimate,"
    " held_ms, stood_ms, ended_ms)"
    " SELECT o.seq, CASE WHEN o.state IN ('queued', 'running', 'held') THEN 'held' ELSE 'committed' END,"
    " 1, o.attempt, 0, 0, 0, 1, NULL, o.created_ms,"
    " CASE WHEN o.state IN ('queued', 'running', 'held') THEN 0 ELSE o.created_ms END, 0 FROM objectives o"
    " WHERE o.attempt_open = 1 OR EXISTS (SELECT 1 FROM resources r WHERE r.objective = o.seq"
    " AND r.state IN ('live', 'orphaned'));"
    /* So that a limit finds them once something is known of them; see scopes_of(). */
    "INSERT INTO scopes (name, month, reserved, reserved_units, reserved_nanos, committed, committed_units,"
    " committed_nanos) SELECT DISTINCT name, 0, 0, 0, 0, 0, 0, 0 FROM ("
    "SELECT 'global' AS name FROM reservations UNION SELECT 'group:' || lower(o.resource_group) FROM reservations v"
    " JOIN objectives o ON o.seq = v.objective WHERE o.resource_group <> ''"
    " UNION SELECT " LABEL_SCOPE " FROM reservations v JOIN labels l ON l.seq = v.objective);"
    "INSERT INTO reservation_scopes (reservation, scope) SELECT v.seq, s.id FROM reservations v"
    " JOIN objectives o ON o.seq = v.objective JOIN scopes s ON s.name = 'global'"
    " OR (o.resource_group <> '' AND s.name = 'group:' || lower(o.resource_group))"
    " OR EXISTS (SELECT 1 FROM labels l WHERE l.seq = v.objective AND s.name = " LABEL_SCOPE ");";

/* struct attempt: calls that it still has to make, what it is going to build, and lost calls. */
static const char SCHEMA_4[] = "ALTER TABLE attempts ADD COLUMN mend TEXT;"
			       "ALTER TABLE attempts ADD COLUMN planned TEXT;"
			       "ALTER TABLE attempts ADD COLUMN lost TEXT;";

static const char SCHEMA_5[] =
    /* What MCP tools promise. pinned_by: who trusts it; NULL: it was so at its first use. */
    "CREATE TABLE contracts ("
    " server TEXT NOT NULL,"
    " tool TEXT NOT NULL,"
    " digest TEXT NOT NULL,"
    " body TEXT NOT NULL,"
    " pinned_by TEXT,"
    " pinned_ms INTEGER NOT NULL,"
    " PRIMARY KEY (server, tool)) WITHOUT ROWID;"
    /* Of holds for a contract, asks is {"server", "tool"}. */
    "CREATE INDEX holds_contract ON holds (asks) WHERE reason = 'contract';";

/*
 * What failed, by signature, and each occurrence of it: in one attempt of an objective,
 * with all tries. label: BATCH/NAME of the objective; the same may be submitted anew.
 * person: who told what had become of it.
 */
static const char SCHEMA_6[] =
    "CREATE TABLE signatures ("
    " id INTEGER PRIMARY KEY,"
    " signature TEXT NOT NULL UNIQUE,"
    " class TEXT NOT NULL,"
    " code TEXT,"
    " capability TEXT NOT NULL,"
    " step TEXT,"
    " message TEXT NOT NULL,"
    " seen INTEGER NOT NULL,"
    " first_ms INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL);"
    "CREATE INDEX signatures_last ON signatures (last_ms DESC, id DESC);"
    "CREATE TABLE occurrences ("
    " seq INTEGER PRIMARY KEY,"
    " signature INTEGER NOT NULL REFERENCES signatures (id),"
    " objective INTEGER NOT NULL REFERENCES objectives (seq),"
    " attempt INTEGER NOT NULL,"
    " step INTEGER NOT NULL,"
    " strategy TEXT,"
    " label TEXT NOT NULL,"
    " times INTEGER NOT NULL,"
    " first_ms INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL,"
    " person TEXT,"
    " sequel TEXT NOT NULL,"
    " resolver TEXT,"
    " detail TEXT,"
    " ended_ms INTEGER NOT NULL,"
    " UNIQUE (objective, attempt, signature));"
    "CREATE INDEX occurrences_signature ON occurrences (signature, sequel, seq);"
    "CREATE INDEX occurrences_open ON occurrences (objective) WHERE sequel = 'open';"
    "CREATE INDEX occurrences_label ON occurrences (label, objective) WHERE sequel <> 'resolved';"

    /* Sizes of machines that could not be had. zone, subscription: '' if it had or told none. */
    "CREATE TABLE scarcities ("
    " size_folded TEXT NOT NULL,"
    " region TEXT NOT NULL,"
    " zone TEXT NOT NULL,"
    " subscription TEXT NOT NULL,"
    " size TEXT NOT NULL,"
    " class TEXT NOT NULL,"
    " code TEXT,"
    " times INTEGER NOT NULL,"
    " seen_ms INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL,"
    " PRIMARY KEY (size_folded, region, zone, subscription)) WITHOUT ROWID;"
    /* struct objective: what its machine has instead. size: that the attempt is made with, where there is a choice. */
    "ALTER TABLE objectives ADD COLUMN instead TEXT;"
    "ALTER TABLE attempts ADD COLUMN size TEXT;"

    /* See store/search.h. articles NULL: it was never answered; why NULL: it was when it was asked last. */
    "CREATE TABLE searches ("
    " source TEXT NOT NULL,"
    " query TEXT NOT NULL,"
    " articles TEXT,"
    " retrieved_ms INTEGER NOT NULL,"
    " why TEXT,"
    " failed_ms INTEGER NOT NULL,"
    " PRIMARY KEY (source, query)) WITHOUT ROWID;"

    /* The last one that was submitted under a key, dead ones too. */
    "CREATE INDEX objectives_of_key ON objectives (key, seq) WHERE key IS NOT NULL;";

static const struct migration {
	int version;
	const char *sql;
} migrations[] = {
	{ 1, SCHEMA_1 },
	{ 2, SCHEMA_2 },
	{ 3, SCHEMA_3 },
	{ 4, SCHEMA_4 },
	{ 5, SCHEMA_5 },
	{ 6, SCHEMA_6 },
};

static const char SQL_BEGIN[] = "BEGIN IMMEDIATE";
static const char SQL_COMMIT[] = "COMMIT";
static const char SQL_APPLICATION[] = "PRAGMA application_id";
static const char SQL_TABLES[] = "SELECT count(*) FROM sqlite_master";
static const char SQL_VERSION[] = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'schema'";
static const char SQL_ALIVE[] = "SELECT count(*) FROM runners WHERE lease_wall_ms > ?1";
static const char SQL_ID[] = "SELECT value FROM meta WHERE key = 'store'";
static const char SQL_META[] = "INSERT INTO meta (key, value) VALUES (?1, ?2)"
			       " ON CONFLICT (key) DO UPDATE SET value = excluded.value";

static int
newest(void)
{
	return migrations[COUNT_OF(migrations) - 1].version;
}

static int
exec(struct store *s, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sql_fault(s, rc, "schema", e);
}

static int
write_meta(struct store *s, int version, struct err *e)
{
	AUTO_FREE char *number = xasprintf("%d", version);
	char id[ID_SIZE];

	if (sql_run(s, SQL_META, ARGS(TEXT("schema"), TEXT(number)), e) < 0)
		return -1;
	if (version > 1)
		return 0;
	id_new(id);
	if (sql_run(s, SQL_META, ARGS(TEXT("store"), TEXT(id)), e) < 0)
		return -1;
	return sql_run(s, SQL_META, ARGS(TEXT("reopened"), TEXT("0")), e);
}

static int
read_version(struct store *s, struct err *e)
{
	int64_t tables, application, version;

	if (sql_number(s, SQL_TABLES, ARGS(NO_ARG), 0, &tables, e) < 0 ||
	    sql_number(s, SQL_APPLICATION, ARGS(NO_ARG), 0, &application, e) < 0)
		return -1;
	s->schema = 0;
	if (tables == 0 && application == 0)
		return 0; /* its making was cut short */
	if (application != STORE_APPLICATION_ID) {
		return err_set(e, ERR_CORRUPT,
		    "%s is a database of another program: nothing may go on with it; \"purser doctor --set-aside\" "
		    "moves it away",
		    s->path);
	}
	if (sql_number(s, SQL_VERSION, ARGS(NO_ARG), 0, &version, e) < 0)
		return -1;
	if (version < 1)
		return err_set(e, ERR_CORRUPT, "%s does not say which schema it has", s->path);
	s->schema = (int)version;
	return 0;
}

/* A runner of an older program would go on by the older rules: without money, say. */
static int
check_runners(struct store *s, struct err *e)
{
	int64_t alive;

	if (s->schema == 0)
		return 0;
	if (sql_number(s, SQL_ALIVE, ARGS(INT(clock_now_ms())), 0, &alive, e) < 0)
		return -1;
	return alive == 0
	    ? 0
	    : err_set(e, ERR_INPUT,
		  "%s is of an older version, and a runner of that version works on it: let it end first",
		  s->path);
}

/* One version, or none of it. The version is read again inside: another process may have been faster. */
static int
migrate(struct store *s, const struct migration *m, struct err *e)
{
	AUTO_FREE char *application = xasprintf("PRAGMA application_id = %d", STORE_APPLICATION_ID);

	if (exec(s, SQL_BEGIN, e) < 0)
		return -1;
	if (read_version(s, e) < 0)
		goto undo;
	if (s->schema < m->version) {
		if (check_runners(s, e) < 0 || exec(s, m->sql, e) < 0 ||
		    exec(s, application, e) < 0 || write_meta(s, m->version, e) < 0)
			goto undo;
		s->schema = m->version;
	}
	if (exec(s, SQL_COMMIT, e) < 0)
		goto undo;
	return 0;
undo:
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

static int
read_id(struct store *s, struct err *e)
{
	size_t len;

	if (sql_ids(s, SQL_ID, ARGS(NO_ARG), 1, &s->id, &len, e) < 0)
		return -1;
	if (len != 1 || !id_is_valid(s->id))
		return err_set(e, ERR_CORRUPT, "%s has no id of its own", s->path);
	return 0;
}

int
schema_prepare(struct store *s, struct err *e)
{
	if (read_version(s, e) < 0)
		return -1;
	if (s->schema > newest()) {
		return err_set(e, ERR_INPUT,
		    "%s has schema %d, and this program knows schemas up to %d: use a newer purser",
		    s->path, s->schema, newest());
	}
	if (s->schema < newest() && s->mode == STORE_READ) {
		return err_set(e, s->schema == 0 ? ERR_NOT_FOUND : ERR_INPUT,
		    "%s has schema %d, older than this program's %d: \"purser run\" or \"purser submit\" brings it up",
		    s->path, s->schema, newest());
	}
	for (size_t i = 0; i < COUNT_OF(migrations); i++) {
		if (s->schema < migrations[i].version && migrate(s, &migrations[i], e) < 0)
			return -1;
	}
	return read_id(s, e);
}
