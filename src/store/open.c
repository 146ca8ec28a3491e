/*
 * Opening purser.db: where it may lie, whether it was lost, how SQLite is set up.
 */
#include "config.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/backend.h"

#define OPEN_WAIT_MS 5000 /* for another process that is making the store or recovering it */
#define SAVEPOINT_BYTES (1024 * 1024) /* what a savepoint keeps beyond that goes into a file */

/* In place before the first page is read. */
static const char SETTINGS[] = "PRAGMA trusted_schema = OFF;"
			       "PRAGMA cell_size_check = ON;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA wal_autocheckpoint = 0;"
			       "PRAGMA journal_size_limit = 4194304;";
static const char SET_NO_FILES[] = "PRAGMA temp_store = MEMORY;";
static const char SET_WAL[] = "PRAGMA journal_mode = WAL;";
static const char SET_READ_ONLY[] = "PRAGMA query_only = ON;";

static int
exec(struct store *s, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sql_fault(s, rc, "open", e);
}

/* An audit log, a folder of runs with something in it or a write-ahead log: there was a store. */
static bool
was_there(const struct store *s)
{
	AUTO_FREE char *wal = xasprintf("%s-wal", s->path);
	AUTO_FREE char *runs = file_join(s->folder, "runs");
	struct dirent *entry;
	struct stat st;
	bool found = stat(wal, &st) == 0 && st.st_size > 0;
	DIR *dir;

	if ((dir = opendir(s->folder)) != NULL) {
		while (!found && (entry = readdir(dir)) != NULL)
			found = strncmp(entry->d_name, "audit.log", strlen("audit.log")) == 0;
		closedir(dir);
	}
	if ((dir = opendir(runs)) != NULL) {
		while (!found && (entry = readdir(dir)) != NULL)
			found = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
		closedir(dir);
	}
	return found;
}

/* 1: there is one to open; 0: one must be made. A file of no bytes is one whose making was cut short. */
static int
look(struct store *s, struct err *e)
{
	struct stat st;

	if (stat(s->path, &st) < 0) {
		if (errno != ENOENT)
			return err_sys(e, "%s", s->path);
	} else if (!S_ISREG(st.st_mode)) {
		return err_set(e, ERR_CORRUPT, "%s is not a plain file", s->path);
	} else if (st.st_size > 0) {
		return 1;
	}
	if (was_there(s)) {
		return err_set(e, ERR_CORRUPT,
		    "%s is gone, but the audit log or runs beside it show that there was one: put it back, or run "
		    "\"purser doctor --set-aside\" to move the rest away and begin anew",
		    s->path);
	}
	if (s->mode == STORE_READ)
		return err_set(e, ERR_NOT_FOUND,
		    "%s: there is no store yet: \"purser submit\" makes it", s->path);
	return 0;
}

static int
open_lock(struct store *s, struct err *e)
{
	AUTO_FREE char *path = file_join(s->folder, "checkpoint.lock");

	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return s->lock < 0 ? err_sys(e, "open %s", path) : 0;
}

static int
on_commit(void *data, sqlite3 *db, const char *name, int pages)
{
	struct store *s = data;

	(void)db;
	(void)name;
	s->wal_bytes = (int64_t)pages * 4096;
	return SQLITE_OK;
}

/* The file has all the pages that its header counts, as far as no log holds them. */
static int
check_length(struct store *s, struct err *e)
{
	AUTO_FREE char *wal = xasprintf("%s-wal", s->path);
	CLEANUP(fd_cleanup) int fd = open(s->path, O_RDONLY | O_CLOEXEC);
	unsigned char head[100];
	struct stat st, log;
	int64_t size, pages;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open %s", s->path);
	if (stat(wal, &log) == 0 && log.st_size > 0) {
		s->wal_bytes = log.st_size;
		return 0;
	}
	if (read(fd, head, sizeof(head)) != (ssize_t)sizeof(head) ||
	    memcmp(head, "SQLite format 3", 16) != 0)
		return err_set(e, ERR_CORRUPT,
		    "%s is not a store: nothing may go on with it; \"purser doctor --set-aside\" moves it away",
		    s->path);
	size = head[16] << 8 | head[17];
	pages = (int64_t)head[28] << 24 | head[29] << 16 | head[30] << 8 | head[31];
	if (st.st_size < pages * (size == 1 ? 65536 : size))
		return err_set(e, ERR_CORRUPT,
		    "%s is cut off: nothing may go on with it; \"purser doctor --set-aside\" moves it away",
		    s->path);
	return 0;
}

/*
 * What only the whole process can have: no statistics of memory, which cost a
 * lock for each allocation, and what a savepoint keeps of the pages before in
 * one large piece, and not in four for each page. False: SQLite is in use already.
 */
static bool
tune_sqlite(void)
{
	static bool asked, tuned;

	if (!asked)
		tuned = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK &&
		    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, SAVEPOINT_BYTES) == SQLITE_OK;
	asked = true;
	return tuned;
}

static int
connect(struct store *s, bool create, struct err *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
	    SQLITE_OPEN_EXRESCODE;
	mode_t mask = umask(077);
	int rc;

	s->tuned = tune_sqlite();
	rc = sqlite3_open_v2(s->path, &s->db, flags | (create ? SQLITE_OPEN_CREATE : 0), NULL);
	umask(mask);
	if (rc != SQLITE_OK)
		return sql_fault(s, rc, "open", e);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_busy_timeout(s->db, s->mode == STORE_READ ? READ_WAIT_MS : OPEN_WAIT_MS);
	return 0;
}

/* -wal and -shm are made at the first look into the database, and take over its mode. */
static int
set_up(struct store *s, bool create, struct err *e)
{
	mode_t mask = umask(077);
	int rc = exec(s, SETTINGS, e);

	/* With too small a piece every other savepoint would go into a temporary file. */
	if (rc == 0 && !s->tuned)
		rc = exec(s, SET_NO_FILES, e);
	if (rc == 0 && create)
		rc = exec(s, SET_WAL, e);
	if (rc == 0)
		rc = schema_prepare(s, e);
	umask(mask);
	sqlite3_wal_hook(s->db, on_commit, s);
	if (rc == 0 && s->mode == STORE_READ)
		rc = exec(s, SET_READ_ONLY, e);
	return rc;
}

static int
open_database(struct store *s, struct err *e)
{
	bool locked = s->mode == STORE_WRITE;
	int there = look(s, e);
	struct stat st = { 0 };
	int rc;

	if (there < 0)
		return -1;
	if (locked) {
		/* One process makes it; others wait and find it made. */
		if (lock_wait(s, there == 1 ? LOCK_SH : LOCK_EX, OPEN_WAIT_MS, e) < 0)
			return -1;
		there = look(s, e);
	}
	rc = there < 0 ? -1 : 0;
	if (rc == 0 && there == 1)
		rc = check_length(s, e);
	if (rc == 0)
		rc = connect(s, there == 0, e);
	if (rc == 0)
		rc = set_up(s, there == 0, e);
	if (rc == 0 && there == 0)
		rc = file_sync_folder(s->folder, e);
	if (rc == 0 && stat(s->path, &st) < 0)
		rc = err_sys(e, "%s", s->path);
	if (locked)
		lock_free(s);
	if (rc < 0)
		return -1;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	sqlite3_busy_timeout(s->db, READ_WAIT_MS);
	return 0;
}

static void
disconnect(struct store *s)
{
	sql_forget(s);
	if (s->db != NULL) {
		int rc = sqlite3_close(s->db);

		assert(rc == SQLITE_OK);
	}
	s->db = NULL;
}

int
store_open(const char *folder, enum store_mode mode, struct store **out, struct err *e)
{
	struct store *s = xcalloc(1, sizeof(*s));
	const char *remote = NULL;
	int rc = 0;

	*out = NULL;
	s->folder = file_absolute(folder);
	s->path = file_join(s->folder, "purser.db");
	s->mode = mode;
	s->lock = -1;
	if (mode == STORE_WRITE)
		rc = file_make_folder(s->folder, e);
	if (rc == 0 && file_is_remote(s->folder, &remote))
		rc = err_set(e, ERR_INPUT,
		    "%s lies on a network file system (%s), where locks cannot be trusted: choose a local folder "
		    "with --state-dir",
		    s->folder, remote);
	if (rc == 0 && mode == STORE_WRITE)
		rc = open_lock(s, e);
	if (rc == 0)
		rc = open_database(s, e);
	if (rc < 0) {
		store_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->db != NULL) {
		/* A command that wrote much and ends leaves no long log to those that come. */
		store_rollback(s);
		store_checkpoint(s);
	}
	disconnect(s);
	fd_cleanup(&s->lock);
	free(s->quiet);
	free(s->folder);
	free(s->path);
	free(s);
}

/*
 * The write at the end settles the matter: whatever the log held of the failed
 * commit is either before it, and so committed, or overwritten by it. Else a
 * recovery much later could bring to life what we have read as not done.
 */
int
store_reopen(struct store *s, struct err *e)
{
	static const char SQL_SETTLE[] = "UPDATE meta SET value = value + 1 WHERE key = 'reopened'";
	char id[ID_SIZE];
	dev_t dev = s->dev;
	ino_t ino = s->ino;

	assert(s->reading == 0);
	memcpy(id, s->id, sizeof(id));
	if (s->db != NULL)
		store_rollback(s);
	disconnect(s);
	if (open_database(s, e) < 0)
		return -1;
	if (strcmp(s->id, id) != 0 || s->dev != dev || s->ino != ino)
		return err_set(e, ERR_CORRUPT, "%s is not the store any more that it was", s->path);
	s->broken.kind = ERR_NONE;
	if (s->mode == STORE_READ)
		return 0;
	if (store_begin_wait(s, OPEN_WAIT_MS, e) < 0)
		return -1;
	if (sql_run(s, SQL_SETTLE, ARGS(NO_ARG), e) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}

int
store_schema(const struct store *s)
{
	return s->schema;
}

const char *
store_id(const struct store *s)
{
	return s->id;
}
