/*
 * The contracts of MCP tools as they were pinned: at first use, or by a person. What
 * is held because one has changed goes on when a person trusts the new one.
 */
#include "config.h"

#include <string.h>

#include "store/backend.h"

#define COLUMNS "SELECT server, tool, digest, body FROM contracts"

static const char SQL_LIST[] = COLUMNS " ORDER BY server, tool";
static const char SQL_GET[] = COLUMNS " WHERE server = ?1 AND tool = ?2";
static const char SQL_PIN[] =
    "INSERT INTO contracts (server, tool, digest, body, pinned_by, pinned_ms)"
    " VALUES (?1, ?2, ?3, ?4, NULL, ?5) ON CONFLICT (server, tool) DO NOTHING";
static const char SQL_TRUST[] =
    "INSERT INTO contracts (server, tool, digest, body, pinned_by, pinned_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (server, tool) DO UPDATE SET"
    " digest = excluded.digest, body = excluded.body, pinned_by = excluded.pinned_by,"
    " pinned_ms = excluded.pinned_ms";
static const char SQL_SAME[] =
    "SELECT count(*) FROM contracts WHERE server = ?1 AND tool = ?2 AND digest = ?3";
static const char SQL_NOTE[] =
    "UPDATE holds SET asks = ?2 WHERE objective = ?1 AND reason = '" HOLD_CONTRACT "'";
static const char SQL_HELD[] =
    "SELECT o.id FROM holds h JOIN objectives o ON o.seq = h.objective"
    " WHERE h.reason = '" HOLD_CONTRACT "' AND h.asks = ?1 ORDER BY o.seq";

static int
read_contract(struct store *s, sqlite3_stmt *stmt, struct contract *c, struct err *e)
{
	cJSON *body;

	if (column_json(stmt, 3, &body, e) < 0)
		return -1;
	contract_of_body(c, column_text(stmt, 0), column_text(stmt, 1), body);
	if (strcmp(c->digest, column_text(stmt, 2)) == 0)
		return 0;
	err_set(e, ERR_CORRUPT, "%s: the contract of %s of %s is not the one that was pinned",
	    s->path, c->tool, c->server);
	contract_clear(c);
	return -1;
}

int
store_contracts(struct store *s, struct contracts *all, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LIST, ARGS(NO_ARG), e);
	size_t cap = 0;
	int rc;

	*all = (struct contracts){ .v = NULL };
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		all->v = xgrow(all->v, all->len, &cap, sizeof(*all->v));
		rc = read_contract(s, stmt, &all->v[all->len], e);
		if (rc < 0)
			break;
		all->len++;
	}
	if (rc < 0)
		contracts_clear(all);
	return rc;
}

int
store_contract(
    struct store *s, const char *server, const char *tool, struct contract *c, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_GET, ARGS(TEXT(server), TEXT(tool)), e);
	int rc;

	*c = (struct contract){ .server = NULL };
	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND, "%s of %s was never used", tool, server);
	return read_contract(s, stmt, c, e);
}

static cJSON *
describe(const struct contract *c, const char *user)
{
	cJSON *details = cJSON_CreateObject();

	json_add_str(details, "server", c->server);
	json_add_str(details, "tool", c->tool);
	json_add_str(details, "digest", c->digest);
	json_add_str(details, "user", user);
	return details;
}

int
store_contract_pin(struct store *s, const struct contract *c, int64_t now_ms, struct err *e)
{
	AUTO_FREE char *body = text_of_json(c->body);
	AUTO_JSON cJSON *details = describe(c, NULL);

	if (writing(s, e) < 0 ||
	    sql_run(s, SQL_PIN,
		ARGS(TEXT(c->server), TEXT(c->tool), TEXT(c->digest), TEXT(body), INT(now_ms)),
		e) < 0)
		return -1;
	if (sqlite3_changes(s->db) == 0)
		return 0; /* somebody was faster; the next use compares with that */
	return store_audit_add(s, "contract.pinned", NULL, details, now_ms, e);
}

/* As it stands in the hold of one that waits for it. The caller's own. */
static char *
asks_of(const char *server, const char *tool)
{
	AUTO_JSON cJSON *asks = cJSON_CreateObject();

	json_add_str(asks, "server", server);
	json_add_str(asks, "tool", tool);
	return json_canonical(asks);
}

int
contract_hold_note(
    struct store *s, const struct row *r, const char *server, const char *tool, struct err *e)
{
	AUTO_FREE char *asks = asks_of(server, tool);

	return sql_run(s, SQL_NOTE, ARGS(INT(r->seq), TEXT(asks)), e);
}

static int
lift_held(struct store *s, const struct contract *c, const char *user, int64_t now_ms,
    size_t *lifted, struct err *e)
{
	AUTO_FREE char *asks = asks_of(c->server, c->tool);
	char ids[WAKE_MAX][ID_SIZE];
	size_t len;

	do {
		if (sql_ids(s, SQL_HELD, ARGS(TEXT(asks)), WAKE_MAX, ids, &len, e) < 0)
			return -1;
		for (size_t i = 0; i < len; i++)
			if (store_hold_lift(s, ids[i], HOLD_CONTRACT, user, now_ms, e) < 0)
				return -1;
		*lifted += len;
	} while (len == WAKE_MAX);
	return 0;
}

/* *is: it is pinned already, just so. */
static int
is_pinned(struct store *s, const struct contract *c, bool *is, struct err *e)
{
	int64_t n;

	if (sql_number(
		s, SQL_SAME, ARGS(TEXT(c->server), TEXT(c->tool), TEXT(c->digest)), 0, &n, e) < 0)
		return -1;
	*is = n > 0;
	return 0;
}

static int
trust(struct store *s, const struct contract *c, const char *user, int64_t now_ms, struct err *e)
{
	AUTO_FREE char *body = text_of_json(c->body);
	AUTO_JSON cJSON *details = describe(c, user);

	if (sql_run(s, SQL_TRUST,
		ARGS(TEXT(c->server), TEXT(c->tool), TEXT(c->digest), TEXT(body), TEXT(user),
		    INT(now_ms)),
		e) < 0)
		return -1;
	return store_audit_add(s, "contract.trusted", NULL, details, now_ms, e);
}

int
store_contract_trust(struct store *s, const struct contract *c, const char *user, int64_t now_ms,
    size_t *lifted, struct err *e)
{
	bool same;

	*lifted = 0;
	if (writing(s, e) < 0 || is_pinned(s, c, &same, e) < 0 ||
	    (!same && trust(s, c, user, now_ms, e) < 0))
		return -1;
	return lift_held(s, c, user, now_ms, lifted, e);
}
