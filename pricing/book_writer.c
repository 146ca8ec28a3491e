/*
 * One transaction without a journal: a file that did not get as far as the
 * rename is thrown away, so there is nothing to roll back to. Ids are given in
 * the order of the calls and nothing depends on the time.
 */
#include "config.h"

#include "pricing/book_writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/file.h"
#include "pricing/schema.h"

#define NAME_MAX_BYTES \
	200 /* of a service, product, sku or meter; the longest there is has some 120 */
#define HEADER_TEXT_SIZE 160

enum sql {
	SQL_FIND_SOURCE,
	SQL_ADD_SOURCE,
	SQL_FIND_REGION,
	SQL_ADD_REGION,
	SQL_FIND_NAME,
	SQL_ADD_NAME,
	SQL_FIND_SIZE,
	SQL_ADD_SIZE,
	SQL_ADD_VM,
	SQL_ADD_METER,
	SQL_FORGET_VM,
	SQL_FORGET_METER,
	SQL_ADD_META,
	SQL_COUNT
};

static const char *const sql_texts[SQL_COUNT] = {
	[SQL_FIND_SOURCE] = "SELECT id FROM source WHERE as_of = ?1 AND name = ?2 AND about = ?3",
	[SQL_ADD_SOURCE] = "INSERT INTO source(as_of, name, about) VALUES(?1, ?2, ?3)",
	[SQL_FIND_REGION] = "SELECT id FROM region WHERE name = ?1",
	[SQL_ADD_REGION] = "INSERT INTO region(name) VALUES(?1)",
	[SQL_FIND_NAME] = "SELECT id FROM name WHERE text = ?1",
	[SQL_ADD_NAME] = "INSERT INTO name(text) VALUES(?1)",
	[SQL_FIND_SIZE] = "SELECT id FROM vm_size WHERE name = ?1",
	[SQL_ADD_SIZE] = "INSERT INTO vm_size(name, family, vcpus, memory, gpu, gpus)"
			 " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_ADD_VM] = "INSERT INTO vm_price(size, kind, region, price, source)"
		       " VALUES(?1, ?2, ?3, ?4, ?5)",
	[SQL_ADD_METER] =
	    "INSERT INTO meter_price(service, product, sku, meter, region, unit, tier_from, price,"
	    " source) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[SQL_FORGET_VM] = "DELETE FROM vm_price WHERE"
			  " ?1 IS NULL OR region = (SELECT id FROM region WHERE name = ?1)",
	[SQL_FORGET_METER] =
	    "DELETE FROM meter_price WHERE"
	    " (?1 IS NULL OR region = (SELECT id FROM region WHERE name = ?1)) AND"
	    " (?2 IS NULL OR service IN (SELECT id FROM name WHERE text = ?2 COLLATE NOCASE))",
	[SQL_ADD_META] = "INSERT INTO meta(key, value) VALUES(?1, ?2)",
};

#define SQL_COPY                                           \
	"INSERT INTO source SELECT * FROM old.source;"     \
	"INSERT INTO region SELECT * FROM old.region;"     \
	"INSERT INTO name SELECT * FROM old.name;"         \
	"INSERT INTO vm_size SELECT * FROM old.vm_size;"   \
	"INSERT INTO vm_price SELECT * FROM old.vm_price;" \
	"INSERT INTO meter_price SELECT * FROM old.meter_price;"

/* What no price refers to any more. */
#define SQL_TIDY                                                           \
	"DELETE FROM source WHERE id NOT IN (SELECT source FROM vm_price)" \
	" AND id NOT IN (SELECT source FROM meter_price);"

struct book_writer {
	sqlite3 *db;
	char *path, *temporary, *folder;
	char *currency;
	bool finished;
	sqlite3_stmt *statements[SQL_COUNT];
};

static int
fault(struct book_writer *w, int rc, struct err *e)
{
	return book_fault(w->db, w->temporary, rc, e);
}

static int
run(struct book_writer *w, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(w->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fault(w, rc, e);
}

/* ---- begin and end ---- */

static int
make_temporary(struct book_writer *w, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = -1;
	const char *slash;

	slash = strrchr(w->path, '/');
	w->folder = slash == w->path ? xstrdup("/") : xstrndup(w->path, (size_t)(slash - w->path));
	w->temporary = xasprintf("%s/.%s.XXXXXX", w->folder, slash + 1);
	fd = mkostemp(w->temporary, O_CLOEXEC);
	if (fd < 0) {
		err_sys(e, "create %s", w->temporary);
		free(w->temporary);
		w->temporary = NULL;
		return -1;
	}
	return 0;
}

static int
begin(struct book_writer *w, struct err *e)
{
	char header[HEADER_TEXT_SIZE];
	int rc = sqlite3_open_v2(w->temporary, &w->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc != SQLITE_OK)
		return fault(w, rc, e);
	snprintf(header, sizeof(header),
	    "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
	    "PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN",
	    BOOK_APPLICATION_ID, BOOK_SCHEMA);
	return run(w, header, e) < 0 || run(w, BOOK_TABLES, e) < 0 ? -1 : 0;
}

struct book_writer *
book_writer_new(const char *path, const char *currency, struct err *e)
{
	CLEANUP(book_writer_free_cleanup) struct book_writer *w = xcalloc(1, sizeof(*w));

	w->path = file_absolute(path);
	w->currency = xstrdup(currency);
	if (make_temporary(w, e) < 0 || begin(w, e) < 0)
		return NULL;
	return take(w);
}

static void
close_database(struct book_writer *w)
{
	for (size_t i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(w->statements[i]);
		w->statements[i] = NULL;
	}
	sqlite3_close(w->db);
	w->db = NULL;
}

void
book_writer_free(struct book_writer *w)
{
	if (w == NULL)
		return;
	close_database(w);
	if (w->temporary != NULL && !w->finished)
		unlink(w->temporary);
	free(w->path);
	free(w->temporary);
	free(w->folder);
	free(w->currency);
	free(w);
}

static int
sync_file(const char *path, unsigned mode, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open %s", path);
	if (fchmod(fd, (mode_t)mode) != 0)
		return err_sys(e, "chmod %s", path);
	if (fsync(fd) != 0)
		return err_sys(e, "fsync %s", path);
	return 0;
}

/* ---- statements ---- */

static sqlite3_stmt *
start(struct book_writer *w, enum sql which, struct err *e)
{
	sqlite3_stmt **slot = &w->statements[which];

	if (*slot == NULL) {
		int rc = sqlite3_prepare_v3(
		    w->db, sql_texts[which], -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);

		if (rc != SQLITE_OK) {
			fault(w, rc, e);
			return NULL;
		}
	}
	sqlite3_reset(*slot);
	sqlite3_clear_bindings(*slot);
	return *slot;
}

static void
bind_text(sqlite3_stmt *stmt, int parameter, const char *text)
{
	if (text != NULL)
		sqlite3_bind_text(stmt, parameter, text, -1, SQLITE_STATIC);
}

/* To the end. */
static int
finish(struct book_writer *w, sqlite3_stmt *stmt, struct err *e)
{
	int rc = sqlite3_step(stmt);

	if (rc != SQLITE_DONE)
		fault(w, rc, e);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* 1 and the id of the row that TEXT names; 0: there is none. */
static int
find_id(struct book_writer *w, enum sql which, const char *text, int64_t *id, struct err *e)
{
	sqlite3_stmt *stmt = start(w, which, e);
	int rc;

	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, text);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*id = sqlite3_column_int64(stmt, 0);
	else if (rc != SQLITE_DONE)
		fault(w, rc, e);
	sqlite3_reset(stmt);
	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : -1;
}

static int
check_name(const char *what, const char *text, size_t max, struct err *e)
{
	size_t len = strlen(text);

	if (len == 0)
		return err_set(e, ERR_INPUT, "the %s is empty", what);
	if (len >= max)
		return err_set(e, ERR_INPUT, "the %s \"%.40s...\" has more than %zu bytes", what,
		    text, max - 1);
	return 0;
}

/* The id of TEXT in a table of names, made if need be. */
static int
intern(struct book_writer *w, enum sql find, enum sql add, const char *what, const char *text,
    size_t max, int64_t *id, struct err *e)
{
	int found = find_id(w, find, text, id, e);
	sqlite3_stmt *stmt;

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (check_name(what, text, max, e) < 0)
		return -1;
	stmt = start(w, add, e);
	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, text);
	if (finish(w, stmt, e) < 0)
		return -1;
	*id = sqlite3_last_insert_rowid(w->db);
	return 0;
}

static int
intern_region(struct book_writer *w, const char *region, int64_t *id, struct err *e)
{
	return intern(w, SQL_FIND_REGION, SQL_ADD_REGION, "region", region, BOOK_REGION_MAX, id, e);
}

static int
intern_name(struct book_writer *w, const char *what, const char *text, int64_t *id, struct err *e)
{
	return intern(w, SQL_FIND_NAME, SQL_ADD_NAME, what, text, NAME_MAX_BYTES, id, e);
}

/* ---- rows ---- */

int
book_writer_source(struct book_writer *w, const char *as_of, const char *name, const char *about,
    int64_t *id, struct err *e)
{
	const char *const texts[] = { as_of, name, about };

	for (int adding = 0; adding <= 1; adding++) {
		sqlite3_stmt *stmt = start(w, adding ? SQL_ADD_SOURCE : SQL_FIND_SOURCE, e);
		int rc;

		if (stmt == NULL)
			return -1;
		for (int i = 0; i < (int)COUNT_OF(texts); i++)
			bind_text(stmt, i + 1, texts[i]);
		rc = sqlite3_step(stmt);
		*id = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0)
				       : sqlite3_last_insert_rowid(w->db);
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			fault(w, rc, e);
		sqlite3_reset(stmt);
		if (rc == SQLITE_ROW || (rc == SQLITE_DONE && adding))
			return 0;
		if (rc != SQLITE_DONE)
			return -1;
	}
	return -1;
}

int
book_writer_size(
    struct book_writer *w, const char *size, const struct vm_shape *shape, struct err *e)
{
	char family[BOOK_SIZE_MAX];
	sqlite3_stmt *stmt;

	if (check_name("size", size, BOOK_SIZE_MAX, e) < 0)
		return -1;
	if (strlen(shape->gpu) >= BOOK_GPU_MAX)
		return err_set(e, ERR_INPUT, "the GPU's name \"%.40s\" is too long", shape->gpu);
	vm_family(size, family);
	stmt = start(w, SQL_ADD_SIZE, e);
	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, size);
	bind_text(stmt, 2, family);
	sqlite3_bind_int64(stmt, 3, shape->vcpus);
	sqlite3_bind_int64(stmt, 4, shape->memory_gib);
	bind_text(stmt, 5, shape->gpu);
	sqlite3_bind_int64(stmt, 6, shape->gpus);
	if (finish(w, stmt, e) == 0)
		return 0;
	if (e != NULL && e->kind == ERR_CONFLICT)
		err_set(e, ERR_CONFLICT, "the size %s is described already", size);
	return -1;
}

static int
intern_size(struct book_writer *w, const char *size, int64_t *id, struct err *e)
{
	static const struct vm_shape unknown = { .gpu = "" };
	int found = find_id(w, SQL_FIND_SIZE, size, id, e);

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (book_writer_size(w, size, &unknown, e) < 0)
		return -1;
	*id = sqlite3_last_insert_rowid(w->db);
	return 0;
}

int
book_writer_vm(struct book_writer *w, const char *size, const char *region, enum vm_os os,
    enum vm_market market, money_t hourly, int64_t source, struct err *e)
{
	int64_t size_id, region_id;
	sqlite3_stmt *stmt;

	if (hourly <= 0)
		return err_set(e, ERR_INPUT, "the price of %s must be above 0", size);
	if (intern_size(w, size, &size_id, e) < 0 || intern_region(w, region, &region_id, e) < 0)
		return -1;
	stmt = start(w, SQL_ADD_VM, e);
	if (stmt == NULL)
		return -1;
	sqlite3_bind_int64(stmt, 1, size_id);
	sqlite3_bind_int(stmt, 2, BOOK_KIND(os, market));
	sqlite3_bind_int64(stmt, 3, region_id);
	sqlite3_bind_int64(stmt, 4, hourly);
	sqlite3_bind_int64(stmt, 5, source);
	if (finish(w, stmt, e) == 0)
		return 0;
	if (e != NULL && e->kind == ERR_CONFLICT)
		err_set(e, ERR_CONFLICT, "%s in %s (%s, %s) has a price already", size, region,
		    vm_os_name(os), vm_market_name(market));
	return -1;
}

int
book_writer_meter(struct book_writer *w, const struct meter_key *key, decimal_t tier_from,
    money_t price, int64_t source, struct err *e)
{
	int64_t ids[5];
	sqlite3_stmt *stmt;

	if (tier_from < 0 || price < 0)
		return err_set(e, ERR_INPUT, "a price of %s is negative", key->meter);
	if (check_name("unit", key->unit, UNIT_TEXT_SIZE, e) < 0 ||
	    intern_name(w, "service", key->service, &ids[0], e) < 0 ||
	    intern_name(w, "product", key->product, &ids[1], e) < 0 ||
	    intern_name(w, "sku", key->sku, &ids[2], e) < 0 ||
	    intern_name(w, "meter", key->meter, &ids[3], e) < 0 ||
	    intern_region(w, key->region, &ids[4], e) < 0)
		return -1;
	stmt = start(w, SQL_ADD_METER, e);
	if (stmt == NULL)
		return -1;
	for (int i = 0; i < (int)COUNT_OF(ids); i++)
		sqlite3_bind_int64(stmt, i + 1, ids[i]);
	bind_text(stmt, 6, key->unit);
	sqlite3_bind_int64(stmt, 7, tier_from);
	sqlite3_bind_int64(stmt, 8, price);
	sqlite3_bind_int64(stmt, 9, source);
	if (finish(w, stmt, e) == 0)
		return 0;
	if (e != NULL && e->kind == ERR_CONFLICT)
		err_set(e, ERR_CONFLICT, "%s / %s in %s has a price for this tier already",
		    key->sku, key->meter, key->region);
	return -1;
}

/* ---- of an older book ---- */

/* The older book's own checks, before anything is taken from it. */
static int
check_old(struct book_writer *w, const char *from, struct err *e)
{
	CLEANUP(book_close_cleanup) struct book *old = book_open(from, e);

	if (old == NULL)
		return -1;
	if (strcmp(book_currency(old), w->currency) != 0)
		return err_set(
		    e, ERR_INPUT, "%s is in %s, not in %s", from, book_currency(old), w->currency);
	return 0;
}

int
book_writer_copy(struct book_writer *w, const char *from, struct err *e)
{
	AUTO_FREE char *absolute = file_absolute(from);
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (check_old(w, absolute, e) < 0)
		return -1;
	/* A database can be attached outside of transactions only. */
	if (run(w, "COMMIT", e) < 0)
		return -1;
	rc = sqlite3_prepare_v2(w->db, "ATTACH ?1 AS old", -1, &stmt, NULL);
	if (rc == SQLITE_OK) {
		bind_text(stmt, 1, absolute);
		rc = sqlite3_step(stmt);
	}
	sqlite3_finalize(stmt);
	if (rc != SQLITE_DONE)
		return fault(w, rc, e);
	if (run(w, "BEGIN", e) < 0 || run(w, SQL_COPY, e) < 0 || run(w, "COMMIT", e) < 0 ||
	    run(w, "DETACH old", e) < 0)
		return -1;
	return run(w, "BEGIN", e);
}

static int
forget(struct book_writer *w, enum sql which, const char *region, const char *service,
    int64_t *count, struct err *e)
{
	sqlite3_stmt *stmt = start(w, which, e);

	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, region);
	if (which == SQL_FORGET_METER)
		bind_text(stmt, 2, service);
	if (finish(w, stmt, e) < 0)
		return -1;
	*count += sqlite3_changes(w->db);
	return 0;
}

int
book_writer_forget(
    struct book_writer *w, const char *service, const char *region, int64_t *count, struct err *e)
{
	*count = 0;
	if ((service == NULL || strcasecmp(service, BOOK_VM_SERVICE) == 0) &&
	    forget(w, SQL_FORGET_VM, region, NULL, count, e) < 0)
		return -1;
	if (service != NULL && strcasecmp(service, BOOK_VM_SERVICE) == 0)
		return 0;
	return forget(w, SQL_FORGET_METER, region, service, count, e);
}

static int
write_meta(struct book_writer *w, struct err *e)
{
	sqlite3_stmt *stmt = start(w, SQL_ADD_META, e);

	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, "currency");
	bind_text(stmt, 2, w->currency);
	return finish(w, stmt, e);
}

int
book_writer_finish(struct book_writer *w, unsigned mode, struct err *e)
{
	assert(!w->finished);
	if (write_meta(w, e) < 0 || run(w, SQL_TIDY "COMMIT", e) < 0)
		return -1;
	close_database(w);
	if (sync_file(w->temporary, mode, e) < 0)
		return -1;
	failpoint("prices.rename");
	if (rename(w->temporary, w->path) != 0)
		return err_sys(e, "rename %s to %s", w->temporary, w->path);
	w->finished = true;
	return file_sync_folder(w->folder, e);
}
