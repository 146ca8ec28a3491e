/*
 * Counts and batches, from the tallies that row_save() keeps. In a transaction
 * they are added up in memory and written once, by the commit or for a reader.
 */
#include "config.h"

#include <string.h>

#include "store/backend.h"

static const char SQL_ADD[] = "UPDATE tallies SET n = n + ?3 WHERE batch_id = ?1 AND state = ?2";
static const char SQL_TALLIES[] = "SELECT state, n FROM tallies WHERE batch_id = ?1";
static const char SQL_BATCHES[] =
    "SELECT id, name, created_ms FROM batches ORDER BY id DESC LIMIT ?1";

int
tally_add(struct store *s, int64_t batch_id, enum state state, int n, struct err *e)
{
	struct tallies *t = &s->pending.tallies;
	size_t i = 0;

	while (i < t->len && t->v[i].batch_id != batch_id)
		i++;
	if (i == TALLIES_MAX) {
		if (tally_save(s, e) < 0)
			return -1;
		i = 0;
	}
	if (i == t->len) {
		memset(&t->v[i], 0, sizeof(t->v[i]));
		t->v[i].batch_id = batch_id;
		t->len++;
	}
	t->v[i].n[state] += n;
	return 0;
}

static int
save_state(struct store *s, int64_t batch_id, enum state state, int64_t n, struct err *e)
{
	if (n == 0)
		return 0;
	return sql_run(s, SQL_ADD, ARGS(INT(batch_id), TEXT(state_name(state)), INT(n)), e);
}

int
tally_save(struct store *s, struct err *e)
{
	struct tallies *t = &s->pending.tallies;

	if (t->len == 0)
		return 0;
	if (writing(s, e) < 0)
		return -1;
	for (enum state state = 0; state < STATES; state++) {
		int64_t all = 0;

		for (size_t i = 0; i < t->len; i++) {
			if (save_state(s, t->v[i].batch_id, state, t->v[i].n[state], e) < 0)
				return -1;
			all += t->v[i].n[state];
		}
		if (save_state(s, 0, state, all, e) < 0)
			return -1;
	}
	t->len = 0;
	return 0;
}

static int
read_tallies(struct store *s, int64_t batch_id, int64_t counts[static STATES], struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_TALLIES, ARGS(INT(batch_id)), e);
	int rc;

	memset(counts, 0, STATES * sizeof(counts[0]));
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		enum state state = state_from_name(column_text(stmt, 0));

		if (state == STATES)
			return err_set(e, ERR_CORRUPT, "%s: a tally is of no known state", s->path);
		counts[state] = sqlite3_column_int64(stmt, 1);
	}
	return rc;
}

int
store_counts(struct store *s, const char *batch, int64_t counts[static STATES], struct err *e)
{
	int64_t batch_id = 0;
	int rc = 0;

	if (tally_save(s, e) < 0 || read_begin(s, e) < 0)
		return -1;
	if (batch != NULL)
		rc = batch_find(s, batch, &batch_id, e);
	if (rc == 0)
		rc = read_tallies(s, batch_id, counts, e);
	read_end(s);
	return rc;
}

static int
read_batches(struct store *s, size_t limit, struct batch_row **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_BATCHES, ARGS(INT((int64_t)limit)), e);
	size_t cap = 0;
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		struct batch_row *b;

		*v = xgrow(*v, *len, &cap, sizeof(**v));
		b = &(*v)[(*len)++];
		b->name = column_dup(stmt, 1);
		b->created_ms = sqlite3_column_int64(stmt, 2);
		if (read_tallies(s, sqlite3_column_int64(stmt, 0), b->counts, e) < 0)
			return -1;
	}
	return rc;
}

int
store_batches(struct store *s, size_t limit, struct batch_row **v, size_t *len, struct err *e)
{
	int rc;

	*v = NULL;
	*len = 0;
	if (tally_save(s, e) < 0 || read_begin(s, e) < 0)
		return -1;
	rc = read_batches(s, limit, v, len, e);
	read_end(s);
	return LIST_END(rc, v, len, store_batches_free);
}

void
store_batches_free(struct batch_row *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(v[i].name);
	free(v);
}
