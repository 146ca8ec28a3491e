/*
 * The book is opened immutable: it is never changed under its name, so SQLite
 * need neither lock nor look whether it did. Statements are prepared at their
 * first use and kept.
 */
#include "config.h"

#include "pricing/book.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "pricing/reader.h"

#define URI_MAX (3 * 4096 + 64)

#define VM_COLUMNS                                                                                     \
	"SELECT s.name, r.name, s.family, p.kind, p.price, s.vcpus, s.memory, s.gpu, s.gpus, p.source" \
	" FROM vm_size s JOIN vm_price p ON p.size = s.id JOIN region r ON r.id = p.region"
#define METER_COLUMNS                                                                           \
	"SELECT s.text, p.text, k.text, m.text, r.name, t.unit, t.tier_from, t.price, t.source" \
	" FROM meter_price t JOIN name s ON s.id = t.service JOIN name p ON p.id = t.product"   \
	" JOIN name k ON k.id = t.sku JOIN name m ON m.id = t.meter JOIN region r ON r.id = t.region"
#define OF_SERVICE "t.service = (SELECT id FROM name WHERE text = ?1)"
#define OF_PRODUCT "t.product = (SELECT id FROM name WHERE text = ?2)"
#define OF_SKU "t.sku = (SELECT id FROM name WHERE text = ?3)"
#define OF_METER "t.meter = (SELECT id FROM name WHERE text = ?4)"
#define OF_KEY OF_SERVICE " AND " OF_PRODUCT " AND " OF_SKU " AND " OF_METER

/* Subqueries give the ids by which a primary key is searched; joins only bring the names back. */
static const char *const sql_texts[SQL_COUNT] = {
	[SQL_VM] = VM_COLUMNS " WHERE s.name = ?1 AND r.name = ?2 AND p.kind = ?3",
	[SQL_VM_REGIONS] = VM_COLUMNS " WHERE s.name = ?1 AND p.kind = ?2 ORDER BY r.name",
	[SQL_VM_FAMILY] = VM_COLUMNS " WHERE s.family = ?1 AND r.name = ?2 AND p.kind = ?3"
				     " ORDER BY p.price, s.name",
	[SQL_VM_REGION] = VM_COLUMNS " WHERE r.name = ?1 AND p.kind = ?2"
				     " ORDER BY p.price, s.name",
	[SQL_VM_ALL] = VM_COLUMNS " WHERE (?1 IS NULL OR r.name = ?1)"
				  " ORDER BY s.name, r.name, p.kind",
	[SQL_SIZE_EXISTS] = "SELECT 1 FROM vm_size WHERE name = ?1",
	[SQL_REGION_EXISTS] = "SELECT 1 FROM region WHERE name = ?1",
	[SQL_METER] =
	    METER_COLUMNS " WHERE " OF_KEY " AND t.region = (SELECT id FROM region WHERE name = ?5)"
			  " AND (?6 IS NULL OR t.unit = ?6)"
			  " ORDER BY t.unit, t.tier_from",
	[SQL_METER_REGIONS] = METER_COLUMNS " WHERE " OF_KEY " AND (?5 IS NULL OR t.unit = ?5)"
					    " ORDER BY r.name, t.unit, t.tier_from",
	[SQL_METER_PRODUCT] =
	    METER_COLUMNS " WHERE " OF_SERVICE " AND " OF_PRODUCT
			  " AND t.region = (SELECT id FROM region WHERE name = ?3)"
			  " ORDER BY k.text, m.text, t.unit, t.tier_from",
	[SQL_METER_ALL] = METER_COLUMNS
	" WHERE (?1 IS NULL OR t.region = (SELECT id FROM region WHERE name = ?1))"
	" ORDER BY s.text, p.text, k.text, m.text, r.name, t.unit, t.tier_from",
};

int
book_fault(sqlite3 *db, const char *path, int rc, struct err *e)
{
	const char *why = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		abort();
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* a table or column is missing */
		return err_set(e, ERR_CORRUPT,
		    "%s is damaged (%s): remove it, and fetch new prices with \"purser prices update\"",
		    path, why);
	case SQLITE_FULL:
		return err_set(e, ERR_FULL, "%s: the disk is full", path);
	case SQLITE_CONSTRAINT:
		return err_set(e, ERR_CONFLICT, "%s: %s", path, why);
	default:
		return err_set(e, ERR_SYSTEM, "%s: %s", path, why);
	}
}

static int
fault(struct book *b, int rc, struct err *e)
{
	return book_fault(b->db, b->path, rc, e);
}

/* ---- open ---- */

/* file:PATH?immutable=1, with what has a meaning in a URI escaped. */
static char *
uri_of(const char *path)
{
	struct buf uri = BUF_INIT(URI_MAX);

	buf_adds(&uri, "file:");
	for (const char *at = path; *at != '\0'; at++) {
		if (strchr("%?#", *at) != NULL)
			buf_addf(&uri, "%%%02x", (unsigned)*at);
		else
			buf_addc(&uri, *at);
	}
	buf_adds(&uri, "?immutable=1");
	return buf_take(&uri);
}

static int
read_pragma(struct book *b, const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(b->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 0 : fault(b, rc, e);
}

static int
check_header(struct book *b, struct err *e)
{
	int64_t application = 0, schema = 0;

	if (read_pragma(b, "PRAGMA application_id", &application, e) < 0 ||
	    read_pragma(b, "PRAGMA user_version", &schema, e) < 0)
		return -1;
	if (application != BOOK_APPLICATION_ID)
		return err_set(e, ERR_CORRUPT, "%s is no price book", b->path);
	if (schema != BOOK_SCHEMA)
		return err_set(e, ERR_INPUT,
		    "%s is a price book of version %" PRId64
		    ", this purser reads version %d: remove it, and fetch new prices with \"purser prices update\"",
		    b->path, schema, BOOK_SCHEMA);
	return 0;
}

static void
add_source(struct book *b, sqlite3_stmt *stmt)
{
	size_t n = b->n_sources++;

	b->sources = xrealloc(b->sources, b->n_sources, sizeof(*b->sources));
	b->source_ids = xrealloc(b->source_ids, b->n_sources, sizeof(*b->source_ids));
	b->source_ids[n] = sqlite3_column_int64(stmt, 0);
	b->sources[n].as_of = book_column_dup(stmt, 1);
	b->sources[n].name = book_column_dup(stmt, 2);
	b->sources[n].about = book_column_dup(stmt, 3);
}

/* The sources, and the currency in the first column of a further row; rows are few. */
static int
read_sources(struct book *b, struct err *e)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(
	    b->db, "SELECT id, as_of, name, about FROM source ORDER BY id", -1, &stmt, NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			add_source(b, stmt);
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : fault(b, rc, e);
}

static int
read_currency(struct book *b, struct err *e)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(
	    b->db, "SELECT value FROM meta WHERE key = 'currency'", -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		b->currency = book_column_dup(stmt, 0);
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return err_set(e, ERR_CORRUPT, "%s does not say its currency", b->path);
	return rc == SQLITE_ROW ? 0 : fault(b, rc, e);
}

struct book *
book_open(const char *path, struct err *e)
{
	AUTO_FREE char *absolute = file_absolute(path);
	AUTO_FREE char *uri = uri_of(absolute);
	CLEANUP(book_close_cleanup) struct book *b = xcalloc(1, sizeof(*b));
	int rc;

	b->path = take(absolute);
	if (!file_exists(b->path)) {
		err_set(e, ERR_NOT_FOUND, "%s: there is no price book", b->path);
		return NULL;
	}
	rc = sqlite3_open_v2(
	    uri, &b->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK) {
		fault(b, rc, e);
		return NULL;
	}
	if (check_header(b, e) < 0 || read_sources(b, e) < 0 || read_currency(b, e) < 0)
		return NULL;
	return take(b);
}

struct book *
book_open_best(const char *state_folder, const char *installed, struct err *e)
{
	AUTO_FREE char *own = file_join(state_folder, BOOK_NAME);

	return book_open(file_exists(own) ? own : installed, e);
}

void
book_close(struct book *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(b->statements[i]);
	sqlite3_close(b->db);
	for (size_t i = 0; i < b->n_sources; i++) {
		free((void *)(uintptr_t)b->sources[i].as_of);
		free((void *)(uintptr_t)b->sources[i].name);
		free((void *)(uintptr_t)b->sources[i].about);
	}
	free(b->sources);
	free(b->source_ids);
	free(b->currency);
	free(b->path);
	free(b);
}

const char *
book_path(const struct book *b)
{
	return b->path;
}

const char *
book_currency(const struct book *b)
{
	return b->currency;
}

const struct book_source *
book_sources(const struct book *b, size_t *len)
{
	*len = b->n_sources;
	return b->sources;
}

/* ---- statements ---- */

sqlite3_stmt *
book_start(struct book *b, enum sql which, struct err *e)
{
	sqlite3_stmt **slot = &b->statements[which];

	if (*slot == NULL) {
		int rc = sqlite3_prepare_v3(
		    b->db, sql_texts[which], -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);

		if (rc != SQLITE_OK) {
			fault(b, rc, e);
			return NULL;
		}
	}
	assert(!sqlite3_stmt_busy(*slot));
	sqlite3_clear_bindings(*slot);
	return *slot;
}

void
book_bind(sqlite3_stmt *stmt, int parameter, const char *text)
{
	if (text != NULL)
		sqlite3_bind_text(stmt, parameter, text, -1, SQLITE_STATIC);
}

int
book_step(struct book *b, sqlite3_stmt *stmt, struct err *e)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : fault(b, rc, e);
}

const char *
book_column(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text != NULL ? text : "";
}

char *
book_column_dup(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return xstrdup(text != NULL ? text : "");
}

void
book_column_copy(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	snprintf(out, size, "%s", text != NULL ? text : "");
}

int
book_source_of(
    struct book *b, sqlite3_stmt *stmt, int column, const struct book_source **out, struct err *e)
{
	int64_t id = sqlite3_column_int64(stmt, column);

	for (size_t i = 0; i < b->n_sources; i++) {
		if (b->source_ids[i] == id) {
			*out = &b->sources[i];
			return 0;
		}
	}
	return err_set(e, ERR_CORRUPT, "%s is damaged: a price has no source", b->path);
}
