/* How the history of failures is read. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "store/backend.h"
#include "store/history.h"

#define COUNT(sequel) \
	" (SELECT count(*) FROM occurrences c WHERE c.signature = g.id AND c.sequel = '" sequel "')"
#define COLUMNS                                                                                     \
	"SELECT g.signature, g.class, g.code, g.step, g.capability, g.message, g.seen, g.first_ms," \
	" g.last_ms," COUNT("open") "," COUNT("resolved") "," COUNT("failed") "," COUNT(            \
	    "cancelled") " FROM signatures g"

static const char SQL_LIST[] = COLUMNS " ORDER BY g.last_ms DESC, g.id DESC LIMIT ?1";
/* 'g' sorts behind all digits. */
static const char SQL_FIND[] =
    COLUMNS " WHERE g.signature >= ?1 AND g.signature < ?1 || 'g' ORDER BY g.signature LIMIT 2";
static const char SQL_OCCURRENCES[] =
    "SELECT o.id, b.name, o.name, c.attempt, c.strategy, c.times, c.first_ms, c.last_ms, c.person, c.sequel,"
    " c.resolver, c.detail, c.ended_ms FROM signatures g JOIN occurrences c ON c.signature = g.id"
    " JOIN objectives o ON o.seq = c.objective JOIN batches b ON b.id = o.batch_id"
    " WHERE g.signature = ?1 ORDER BY c.seq DESC LIMIT ?2";
static const char SQL_LAST[] =
    "SELECT g.signature FROM objectives o JOIN occurrences c ON c.objective = o.seq"
    " JOIN signatures g ON g.id = c.signature WHERE o.id = ?1 ORDER BY c.last_ms DESC, c.seq DESC LIMIT 1";

void
known_failure_clear(struct known_failure *k)
{
	free(k->code);
	free(k->step);
	free(k->capability);
	free(k->message);
	*k = (struct known_failure){ .seen = 0 };
}

static void
read_known(sqlite3_stmt *stmt, struct known_failure *k)
{
	*k = (struct known_failure){
		.class = failure_class_from_name(column_text(stmt, 1)),
		.code = column_dup(stmt, 2),
		.step = column_dup(stmt, 3),
		.capability = column_dup(stmt, 4),
		.message = column_dup(stmt, 5),
		.seen = sqlite3_column_int64(stmt, 6),
		.first_ms = sqlite3_column_int64(stmt, 7),
		.last_ms = sqlite3_column_int64(stmt, 8),
	};
	snprintf(k->signature, sizeof(k->signature), "%s", column_text(stmt, 0));
	for (enum sequel sequel = 0; sequel < SEQUELS; sequel++)
		k->sequels[sequel] = sqlite3_column_int64(stmt, 9 + (int)sequel);
}

int
store_known_failures(
    struct store *s, size_t max, struct known_failure **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LIST, ARGS(INT((int64_t)max)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		read_known(stmt, &(*v)[(*len)++]);
	}
	return LIST_END(rc, v, len, store_known_failures_free);
}

void
store_known_failures_free(struct known_failure *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		known_failure_clear(&v[i]);
	free(v);
}

int
store_known_failure(struct store *s, const char *beginning, struct known_failure *k, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_FIND, ARGS(TEXT(beginning)), e);
	int rc;

	*k = (struct known_failure){ .seen = 0 };
	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND, "no failure has the signature %s", beginning);
	read_known(stmt, k);
	if ((rc = sql_step(s, stmt, e)) < 0)
		return -1;
	return rc == 0 ? 0
		       : err_set(e, ERR_INPUT, "%s fits several signatures: %s and %s at least",
			     beginning, k->signature, column_text(stmt, 0));
}

static int
read_occurrence(struct store *s, sqlite3_stmt *stmt, struct occurrence *c, struct err *e)
{
	const char *resolver = column_text(stmt, 10);

	*c = (struct occurrence){
		.batch = column_dup(stmt, 1),
		.name = column_dup(stmt, 2),
		.attempt = column_int(stmt, 3),
		.strategy = column_dup(stmt, 4),
		.times = sqlite3_column_int64(stmt, 5),
		.first_ms = sqlite3_column_int64(stmt, 6),
		.last_ms = sqlite3_column_int64(stmt, 7),
		.person = column_dup(stmt, 8),
		.sequel = sequel_from_name(column_text(stmt, 9)),
		.resolver = resolver != NULL ? resolver_from_name(resolver) : RESOLVER_RETRY,
		.detail = column_dup(stmt, 11),
		.ended_ms = sqlite3_column_int64(stmt, 12),
	};
	column_id(stmt, 0, c->objective_id);
	if (c->sequel != SEQUELS && c->resolver != RESOLVERS)
		return 0;
	return err_set(e, ERR_CORRUPT, "%s: a failure of %s/%s has an unknown sequel", s->path,
	    c->batch, c->name);
}

int
store_occurrences(struct store *s, const char *signature, size_t max, struct occurrence **v,
    size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_OCCURRENCES, ARGS(TEXT(signature), INT((int64_t)max)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		rc = read_occurrence(s, stmt, &(*v)[(*len)++], e);
		if (rc < 0)
			break;
	}
	return LIST_END(rc, v, len, store_occurrences_free);
}

void
store_occurrences_free(struct occurrence *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		occurrence_clear(&v[i]);
	free(v);
}

int
store_last_signature(
    struct store *s, const char *id, char signature[static SIGNATURE_SIZE], struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LAST, ARGS(TEXT(id)), e);
	int rc;

	signature[0] = '\0';
	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 1)
		snprintf(signature, SIGNATURE_SIZE, "%s", column_text(stmt, 0));
	return 0;
}
