/* The runners that are alive, as far as their leases say. */
#include "config.h"

#include <string.h>

#include "store/backend.h"

static const char SQL_ADD[] =
    "INSERT INTO runners (id, host, boot_id, pid, started_ms, lease_boot_ms, lease_wall_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char SQL_KNOWN[] = "SELECT count(*) FROM runners WHERE id = ?1";
static const char SQL_RENEW[] =
    "UPDATE runners SET lease_boot_ms = ?2, lease_wall_ms = ?3 WHERE id = ?1";
static const char SQL_REMOVE[] = "DELETE FROM runners WHERE id = ?1";
static const char SQL_LIST[] =
    "SELECT id, host, boot_id, pid, started_ms, lease_boot_ms, lease_wall_ms FROM runners ORDER BY started_ms, id";

void
runner_clear(struct runner *r)
{
	free(r->host);
	free(r->boot_id);
	memset(r, 0, sizeof(*r));
}

int
store_runner_add(struct store *s, const struct runner *r, struct err *e)
{
	/* Limits may be others by now. */
	if (writing(s, e) < 0 || limit_release(s, e) < 0)
		return -1;
	return sql_run(s, SQL_ADD,
	    ARGS(TEXT(r->id), TEXT(r->host), TEXT(r->boot_id), INT(r->pid), INT(r->started_ms),
		INT(r->lease_boot_ms), INT(r->lease_wall_ms)),
	    e);
}

int
store_runner_renew(struct store *s, const struct runner *r, struct err *e)
{
	int64_t known;

	if (writing(s, e) < 0 || sql_number(s, SQL_KNOWN, ARGS(TEXT(r->id)), 0, &known, e) < 0)
		return -1;
	if (known == 0)
		return err_set(e, ERR_CONFLICT,
		    "runner %s was declared dead while its lease had run out", id_short(r->id));
	memcpy(s->seen.registered, r->id, ID_SIZE);
	return sql_run(
	    s, SQL_RENEW, ARGS(TEXT(r->id), INT(r->lease_boot_ms), INT(r->lease_wall_ms)), e);
}

int
store_runner_remove(struct store *s, const char *runner_id, struct err *e)
{
	if (writing(s, e) < 0)
		return -1;
	s->seen.registered[0] = '\0';
	return sql_run(s, SQL_REMOVE, ARGS(TEXT(runner_id)), e);
}

int
store_runners(struct store *s, struct runner **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LIST, ARGS(NO_ARG), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		struct runner *r;

		*v = xgrow(*v, *len, &cap, sizeof(**v));
		r = &(*v)[(*len)++];
		column_id(stmt, 0, r->id);
		r->host = column_dup(stmt, 1);
		r->boot_id = column_dup(stmt, 2);
		r->pid = column_int(stmt, 3);
		r->started_ms = sqlite3_column_int64(stmt, 4);
		r->lease_boot_ms = sqlite3_column_int64(stmt, 5);
		r->lease_wall_ms = sqlite3_column_int64(stmt, 6);
	}
	return LIST_END(rc, v, len, store_runners_free);
}

void
store_runners_free(struct runner *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		runner_clear(&v[i]);
	free(v);
}
