/*
 * Transactions and checkpoints.
 *
 * A write transaction holds checkpoint.lock shared, a checkpoint holds it
 * exclusively: before 3.51.3, SQLite can corrupt a write-ahead log when a commit
 * meets the second of two checkpoints. The lock is flock(): it goes away with
 * the process, so that nobody has to clean up after a kill.
 *
 * Before each write the file's identity is looked at: a store that was moved or
 * deleted under us would go on taking commits that nobody ever finds again.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/failpoint.h"
#include "store/backend.h"

#define CHECKPOINT_BYTES ((int64_t)4 * 1024 * 1024)
#define CHECKPOINT_HUGE_BYTES ((int64_t)64 * 1024 * 1024)
#define CHECKPOINT_WAIT_MS 50
#define WAIT_STEP_MS 5

static const char SQL_BEGIN[] = "BEGIN IMMEDIATE";
static const char SQL_COMMIT[] = "COMMIT";
static const char SQL_ROLLBACK[] = "ROLLBACK";
static const char SQL_MARK[] = "SAVEPOINT mark";
static const char SQL_RELEASE[] = "RELEASE mark";
static const char SQL_REVERT[] = "ROLLBACK TO mark";
static const char SQL_BEGIN_READ[] = "BEGIN";

/* Not the clock that tests replace: it measures a wait that really happens. */
int64_t
monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
lock_wait(struct store *s, int mode, int64_t timeout_ms, struct err *e)
{
	int64_t end = monotonic_ms() + timeout_ms;

	while (flock(s->lock, mode | LOCK_NB) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_sys(e, "lock %s/checkpoint.lock", s->folder);
		if (timeout_ms <= 0 || monotonic_ms() >= end)
			return err_set(e, ERR_BUSY, "%s: another process is using it", s->path);
		poll(NULL, 0, WAIT_STEP_MS);
	}
	return 0;
}

void
lock_free(struct store *s)
{
	flock(s->lock, LOCK_UN);
}

static int
check_same_file(struct store *s, struct err *e)
{
	struct stat st;

	if (stat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
		return 0;
	return err_set(e, ERR_CORRUPT,
	    "%s was moved, deleted or replaced while it was open: nothing may go on with it; put it back, or run "
	    "\"purser doctor --set-aside\"",
	    s->path);
}

/* Whoever else is writing is not waited for; only reads are worth a wait, for a recovery. */
static int
begin_at_once(struct store *s, struct err *e)
{
	int rc;

	sqlite3_busy_timeout(s->db, 0);
	rc = sql_run(s, SQL_BEGIN, ARGS(NO_ARG), e);
	sqlite3_busy_timeout(s->db, READ_WAIT_MS);
	return rc;
}

int
store_begin(struct store *s, struct err *e)
{
	assert(!s->begun && s->reading == 0);
	assert(s->mode == STORE_WRITE);
	if (s->broken.kind != ERR_NONE)
		return err_set(e, s->broken.kind, "%s", s->broken.msg);
	if (check_same_file(s, e) < 0 || lock_wait(s, LOCK_SH, 0, e) < 0)
		return -1;
	if (begin_at_once(s, e) < 0) {
		lock_free(s);
		return -1;
	}
	s->begun = true;
	s->marked = false;
	s->lost.kind = ERR_NONE;
	return 0;
}

int
store_begin_wait(struct store *s, int64_t timeout_ms, struct err *e)
{
	int64_t end = monotonic_ms() + timeout_ms;
	struct err why;

	while (store_begin(s, &why) < 0) {
		if (why.kind != ERR_BUSY || monotonic_ms() >= end) {
			if (e != NULL)
				*e = why;
			return -1;
		}
		poll(NULL, 0, WAIT_STEP_MS);
	}
	return 0;
}

static void
forget_seen(struct store *s)
{
	row_cache_drop(s);
	memset(&s->seen, 0, sizeof(s->seen));
}

static void
finish(struct store *s)
{
	s->begun = s->marked = false;
	s->lost.kind = ERR_NONE;
	memset(&s->pending, 0, sizeof(s->pending));
	forget_seen(s);
	lock_free(s);
}

void
store_rollback(struct store *s)
{
	if (!s->begun)
		return;
	forget_seen(s);
	if (!sqlite3_get_autocommit(s->db))
		sql_run(s, SQL_ROLLBACK, ARGS(NO_ARG), NULL);
	finish(s);
}

int
writing(struct store *s, struct err *e)
{
	assert(s->begun);
	if (s->lost.kind != ERR_NONE)
		return err_set(e, s->lost.kind, "%s", s->lost.msg);
	return 0;
}

/*
 * A write that failed left no valid end of the transaction in the log, so it
 * did not happen. Where the flush failed the end may have reached the disk: a
 * later recovery could find it.
 */
static int
commit_failed(struct store *s, int rc, struct err *e)
{
	struct err why;

	sql_fault(s, rc, "commit", &why);
	store_rollback(s);
	if (why.kind != ERR_BUSY && why.kind != ERR_FULL && why.kind != ERR_CORRUPT &&
	    why.kind != ERR_CONFLICT)
		why.kind = ERR_UNCERTAIN;
	if ((rc & 0xff) == SQLITE_IOERR &&
	    (rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC))
		why.kind = ERR_UNCERTAIN;
	if (why.kind == ERR_UNCERTAIN)
		s->broken = why;
	return err_set(e, why.kind, "%s", why.msg);
}

int
store_commit(struct store *s, struct err *e)
{
	AUTO_STMT commit = NULL;
	enum fault fault;
	int rc;

	assert(s->begun && !s->marked);
	if (writing(s, e) < 0 || row_cache_flush(s, e) < 0 || tally_save(s, e) < 0 ||
	    notice_batches(s, e) < 0 || chain_save(s, e) < 0 ||
	    (commit = sql_start(s, SQL_COMMIT, ARGS(NO_ARG), e)) == NULL) {
		store_rollback(s);
		return -1;
	}
	failpoint("store-commit");
	switch (fault = fault_of_commit()) {
	case FAULT_BUSY:
		return commit_failed(s, SQLITE_BUSY, e);
	case FAULT_FULL:
		return commit_failed(s, SQLITE_FULL, e);
	case FAULT_ERROR:
	case FAULT_UNCERTAIN:
		return commit_failed(s, SQLITE_IOERR_FSYNC, e);
	default:
		break;
	}
	rc = sqlite3_step(commit);
	if (rc != SQLITE_DONE)
		return commit_failed(s, rc, e);
	if (fault == FAULT_WRITTEN)
		return commit_failed(s, SQLITE_IOERR_FSYNC, e);
	failpoint("store-committed");
	finish(s);
	return 0;
}

int
store_mark(struct store *s, struct err *e)
{
	assert(!s->marked);
	if (writing(s, e) < 0 || sql_run(s, SQL_MARK, ARGS(NO_ARG), e) < 0)
		return -1;
	s->marked = true;
	s->at_mark = s->pending;
	return 0;
}

int
store_release(struct store *s, struct err *e)
{
	assert(s->marked);
	if (writing(s, e) < 0 || sql_run(s, SQL_RELEASE, ARGS(NO_ARG), e) < 0)
		return -1;
	s->marked = false;
	return 0;
}

void
store_revert(struct store *s)
{
	struct err e;

	assert(s->marked);
	s->marked = false;
	s->pending = s->at_mark;
	forget_seen(s);
	if (s->lost.kind != ERR_NONE)
		return;
	if (sql_run(s, SQL_REVERT, ARGS(NO_ARG), &e) < 0 ||
	    sql_run(s, SQL_RELEASE, ARGS(NO_ARG), &e) < 0)
		s->lost =
		    e; /* what was to be undone is still there: nothing of it may be committed */
}

int
read_begin(struct store *s, struct err *e)
{
	if (!s->begun && s->reading == 0 && sql_run(s, SQL_BEGIN_READ, ARGS(NO_ARG), e) < 0)
		return -1;
	s->reading++;
	return 0;
}

void
read_end(struct store *s)
{
	assert(s->reading > 0);
	if (--s->reading == 0 && !s->begun && !sqlite3_get_autocommit(s->db))
		sql_run(s, SQL_ROLLBACK, ARGS(NO_ARG), NULL);
}

/*
 * RESTART lets the next commit begin at the front of the log again; where a
 * reader still needs the old front, what can be moved is moved, and the next
 * call tries again.
 */
void
store_checkpoint(struct store *s)
{
	int64_t wait_ms = s->wal_bytes >= CHECKPOINT_HUGE_BYTES ? CHECKPOINT_WAIT_MS : 0;
	int rc;

	assert(!s->begun);
	if (s->mode != STORE_WRITE || s->broken.kind != ERR_NONE || s->wal_bytes < CHECKPOINT_BYTES)
		return;
	if (lock_wait(s, LOCK_EX, wait_ms, NULL) < 0)
		return;
	sqlite3_busy_timeout(s->db, (int)wait_ms);
	/* A long log is cut: whoever opens the store first reads all of it. */
	rc = sqlite3_wal_checkpoint_v2(s->db, NULL,
	    s->wal_bytes >= 2 * CHECKPOINT_BYTES ? SQLITE_CHECKPOINT_TRUNCATE
						 : SQLITE_CHECKPOINT_RESTART,
	    NULL, NULL);
	if (rc == SQLITE_OK)
		s->wal_bytes = 0;
	else if (rc != SQLITE_BUSY && rc != SQLITE_LOCKED)
		sql_fault(s, rc, "checkpoint", &s->broken);
	sqlite3_busy_timeout(s->db, READ_WAIT_MS);
	lock_free(s);
}
