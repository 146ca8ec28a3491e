/*
 * The audit's chain and outbox. The number, the hash of the line before and the
 * exact line are made in the transaction of what the record tells; engine/audit.c
 * brings the lines into the file.
 *
 * The head of the chain is read once in a transaction, kept in memory and
 * written back by the commit, because a submission makes many thousand records.
 */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "store/backend.h"

#define LINE_MAX_BYTES (4u * 1024 * 1024)

static const char SQL_HEAD[] =
    "SELECT number, hash, flushed, anchor_number, anchor_hash FROM audit_head WHERE one = 1";
static const char SQL_SAVE[] =
    "UPDATE audit_head SET number = ?1, hash = ?2, flushed = ?3, anchor_number = ?4, anchor_hash = ?5 WHERE one = 1";
static const char SQL_ADD[] = "INSERT INTO audit_outbox (number, line) VALUES (?1, ?2)";
static const char SQL_PENDING[] =
    "SELECT number, line FROM audit_outbox WHERE number > ?1 ORDER BY number LIMIT ?2";
static const char SQL_FLUSHED[] = "DELETE FROM audit_outbox WHERE number <= ?1";

int
store_audit_head(struct store *s, struct audit_head *h, struct err *e)
{
	AUTO_STMT stmt = NULL;
	int rc;

	if (s->begun && s->pending.chain.loaded) {
		*h = s->pending.chain.head;
		return 0;
	}
	if ((stmt = sql_start(s, SQL_HEAD, ARGS(NO_ARG), e)) == NULL ||
	    (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_CORRUPT, "%s has lost the head of its audit chain", s->path);
	h->number = sqlite3_column_int64(stmt, 0);
	column_digest(stmt, 1, h->hash);
	h->flushed = sqlite3_column_int64(stmt, 2);
	h->anchor_number = sqlite3_column_int64(stmt, 3);
	column_digest(stmt, 4, h->anchor_hash);
	return 0;
}

static int
chain_load(struct store *s, struct err *e)
{
	if (writing(s, e) < 0)
		return -1;
	if (s->pending.chain.loaded)
		return 0;
	if (store_audit_head(s, &s->pending.chain.head, e) < 0)
		return -1;
	s->pending.chain.loaded = true;
	return 0;
}

int
chain_save(struct store *s, struct err *e)
{
	const struct audit_head *h = &s->pending.chain.head;

	if (!s->pending.chain.dirty)
		return 0;
	if (sql_run(s, SQL_SAVE,
		ARGS(INT(h->number), TEXT(h->hash), INT(h->flushed), INT(h->anchor_number),
		    TEXT(h->anchor_hash)),
		e) < 0)
		return -1;
	s->pending.chain.dirty = false;
	return 0;
}

void
member_text(struct buf *object, const char *key, const char *json)
{
	buf_adds(object, object->len == 0 ? "{\"" : ",\"");
	buf_adds(object, key);
	buf_adds(object, "\":");
	buf_adds(object, json);
}

void
member_str(struct buf *object, const char *key, const char *value)
{
	if (value == NULL)
		return;
	member_text(object, key, "");
	json_quote(object, value);
}

void
member_int(struct buf *object, const char *key, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, value);
	member_text(object, key, digits);
}

int
audit_write(struct store *s, int64_t now_ms, const char *event, const char *objective_id,
    const char *batch, const char *name, const char *details, struct err *e)
{
	CLEANUP(buf_clear) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	struct audit_head *h = &s->pending.chain.head;
	char time[CLOCK_TEXT_SIZE];
	char hash[DIGEST_SIZE];

	if (chain_load(s, e) < 0)
		return -1;
	member_int(&line, "n", h->number + 1);
	member_str(&line, "prev", h->hash);
	member_str(&line, "time", clock_format(now_ms, time));
	member_str(&line, "event", event);
	member_str(&line, "objective", objective_id);
	member_str(&line, "batch", batch);
	member_str(&line, "name", name);
	member_text(&line, "details", details == NULL ? "{}" : details);
	buf_addc(&line, '}');
	assert(!buf_is_cut(&line));
	digest_bytes(line.data, line.len, hash);
	if (sql_run(s, SQL_ADD, ARGS(INT(h->number + 1), TEXT(line.data)), e) < 0)
		return -1;
	h->number++;
	memcpy(h->hash, hash, sizeof(hash));
	s->pending.chain.dirty = true;
	return 0;
}

int
store_audit_add(struct store *s, const char *event, const char *objective_id, const cJSON *details,
    int64_t now_ms, struct err *e)
{
	AUTO_FREE char *text = text_of_json(details);
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (writing(s, e) < 0)
		return -1;
	if (objective_id == NULL)
		return audit_write(s, now_ms, event, NULL, NULL, NULL, text, e);
	if (row_get(s, objective_id, &r, e) < 0)
		return -1;
	return audit_write(s, now_ms, event, r.id, r.batch, r.name, text, e);
}

int
store_audit_pending(
    struct store *s, int64_t above, size_t max, struct audit_line **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_PENDING, ARGS(INT(above), INT((int64_t)max)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		(*v)[*len].number = sqlite3_column_int64(stmt, 0);
		(*v)[(*len)++].line = column_dup(stmt, 1);
	}
	return LIST_END(rc, v, len, store_audit_free);
}

void
store_audit_free(struct audit_line *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(v[i].line);
	free(v);
}

int
store_audit_flushed(struct store *s, int64_t number, struct err *e)
{
	if (chain_load(s, e) < 0)
		return -1;
	if (number > s->pending.chain.head.number) {
		return err_set(e, ERR_CORRUPT,
		    "the audit log goes up to record %lld, but %s only to %lld: it is not the store that wrote the log",
		    (long long)number, s->path, (long long)s->pending.chain.head.number);
	}
	if (number <= s->pending.chain.head.flushed)
		return 0;
	s->pending.chain.head.flushed = number;
	s->pending.chain.dirty = true;
	return sql_run(s, SQL_FLUSHED, ARGS(INT(number)), e);
}

int
store_audit_anchor(struct store *s, int64_t number, const char *hash, struct err *e)
{
	struct audit_head *h = &s->pending.chain.head;

	if (chain_load(s, e) < 0)
		return -1;
	if (number > h->flushed || strlen(hash) != DIGEST_LEN)
		return err_set(e, ERR_CORRUPT, "audit: what is pruned up to %lld was never written",
		    (long long)number);
	if (number <= h->anchor_number)
		return 0;
	h->anchor_number = number;
	memcpy(h->anchor_hash, hash, DIGEST_SIZE);
	s->pending.chain.dirty = true;
	return 0;
}
