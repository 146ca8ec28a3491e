/*
 * The order that loses nothing: a line is in the outbox before it is in the
 * file, and leaves the outbox only after fdatasync. A crash in between makes
 * lines stand in both, which the file's last number tells.
 */
#include "config.h"

#include "engine/audit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"
#include "engine/audit_file.h"

#define PAGE 1000
#define CHUNK_BYTES (4u * 1024 * 1024)

/* The present file while lines are being appended. */
struct appender {
	struct store *store;
	const char *state;
	const struct audit_limits *limits;
	char *path;
	int fd;
	int64_t number; /* of the last line in the files */
	char hash[DIGEST_SIZE];
	int64_t size;
};

static void
appender_clear(struct appender *a)
{
	if (a->fd != -1)
		close(a->fd);
	free(a->path);
}

static int
open_present(struct appender *a, struct err *e)
{
	bool is_new = !file_exists(a->path);

	a->fd = open(a->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (a->fd == -1)
		return err_sys(e, "open %s", a->path);
	return is_new ? file_sync_folder(a->state, e) : 0;
}

/* There are older files, so that a present one without a record was only just begun. */
static bool
is_rotated(const struct appender *a)
{
	struct strv paths = { 0 };
	bool rotated;

	audit_files(a->state, &paths);
	rotated = paths.len >= 2;
	strv_clear(&paths);
	return rotated;
}

/* Finds the last number in the files and cuts what a crash has torn. */
static int
find_end(struct appender *a, const struct audit_head *head, struct err *e)
{
	struct stat st;

	if (audit_file_tail(a->fd, &a->number, a->hash, &a->size, e) == -1)
		return err_in(e, "%s", a->path);
	if (fstat(a->fd, &st) == -1)
		return err_sys(e, "stat %s", a->path);
	/* What a crash has torn, or left as zeros, was not marked as flushed: it is cut, and appended again. */
	if (st.st_size > a->size &&
	    (a->number > 0 ? a->number < head->flushed : head->flushed > 0 && !is_rotated(a)))
		return err_set(e, ERR_CORRUPT, "%s: what stands behind record %lld is damaged",
		    a->path, (long long)a->number);
	if (st.st_size > a->size && ftruncate(a->fd, a->size) == -1)
		return err_sys(e, "cut the torn last line of %s", a->path);
	if (a->number == 0) {
		struct strv paths = { 0 };
		int answer = 0;

		/* Just rotated: the number before stands in the youngest older file. */
		audit_files(a->state, &paths);
		if (paths.len >= 2) {
			CLEANUP(fd_cleanup)
			int fd = open(paths.v[paths.len - 2], O_RDONLY | O_CLOEXEC);
			int64_t end;

			answer = fd == -1 ? err_sys(e, "open %s", paths.v[paths.len - 2])
					  : audit_file_tail(fd, &a->number, a->hash, &end, e);
		}
		strv_clear(&paths);
		if (answer == -1)
			return -1;
	}
	if (a->number > head->number)
		return err_set(e, ERR_CORRUPT,
		    "the audit log ends with record %lld, but the store knows only %lld: "
		    "the store was put back to an older state",
		    (long long)a->number, (long long)head->number);
	if (a->number < head->flushed)
		a->number =
		    head->flushed; /* records were taken from the file: audit_verify() tells */
	return 0;
}

/*
 * The anchor is in the store before the file that it stands for is removed; all
 * that was appended so far was synced by the caller.
 */
static int
prune(struct appender *a, struct err *e)
{
	struct strv paths = { 0 };
	int answer = 0;

	audit_files(a->state, &paths);
	for (size_t i = 0; answer == 0 && i + (size_t)a->limits->files <= paths.len; i++) {
		CLEANUP(fd_cleanup) int fd = open(paths.v[i], O_RDONLY | O_CLOEXEC);
		char hash[DIGEST_SIZE];
		int64_t number, end;

		if (fd == -1)
			answer = err_sys(e, "open %s", paths.v[i]);
		else if (audit_file_tail(fd, &number, hash, &end, e) == -1 ||
		    store_begin_wait(a->store, 1000, e) == -1)
			answer = -1;
		else if (store_audit_flushed(a->store, a->number, e) == -1 ||
		    store_audit_anchor(a->store, number, hash, e) == -1) {
			store_rollback(a->store);
			answer = -1;
		} else if (store_commit(a->store, e) == -1)
			answer = -1;
		else if (unlink(paths.v[i]) == -1)
			answer = err_sys(e, "remove %s", paths.v[i]);
	}
	strv_clear(&paths);
	return answer;
}

static int
rotate(struct appender *a, struct err *e)
{
	if (fdatasync(a->fd) == -1)
		return err_sys(e, "sync %s", a->path);
	if (prune(a, e) == -1)
		return -1;
	failpoint("audit.rotating");
	if (audit_files_shift(a->state, e) == -1)
		return -1;
	close(a->fd);
	a->size = 0;
	return open_present(a, e);
}

static int
write_chunk(struct appender *a, struct buf *chunk, struct err *e)
{
	if (chunk->len == 0)
		return 0;
	if (file_write_all(a->fd, chunk->data, chunk->len, e) == -1)
		return err_in(e, "%s", a->path);
	a->size += (int64_t)chunk->len;
	buf_reset(chunk);
	return 0;
}

static int
append_page(struct appender *a, const struct audit_line *lines, size_t len, struct err *e)
{
	CLEANUP(buf_clear) struct buf chunk = BUF_INIT(CHUNK_BYTES + AUDIT_LINE_MAX + 2);

	for (size_t i = 0; i < len; i++) {
		if (a->size + (int64_t)chunk.len >= a->limits->max_bytes &&
		    (write_chunk(a, &chunk, e) == -1 || rotate(a, e) == -1))
			return -1;
		buf_adds(&chunk, lines[i].line);
		buf_addc(&chunk, '\n');
		if (chunk.len >= CHUNK_BYTES && write_chunk(a, &chunk, e) == -1)
			return -1;
		a->number = lines[i].number;
	}
	return write_chunk(a, &chunk, e);
}

int
audit_append(struct store *s, const char *state, const struct audit_limits *limits, int64_t *number,
    struct err *e)
{
	AUTO_FREE char *lock_path = file_join(state, AUDIT_LOCK_NAME);
	CLEANUP(fd_cleanup) int lock = file_lock(lock_path, e);
	struct audit_head head;

	if (lock == -1 || store_audit_head(s, &head, e) == -1)
		return -1;

	CLEANUP(appender_clear)
	struct appender a = {
		.store = s,
		.state = state,
		.limits = limits,
		.fd = -1,
		.path = file_join(state, AUDIT_NAME),
	};
	if (open_present(&a, e) == -1 || find_end(&a, &head, e) == -1)
		return -1;

	bool wrote = false;
	for (;;) {
		struct audit_line *lines;
		size_t len;

		if (store_audit_pending(s, a.number, PAGE, &lines, &len, e) == -1)
			return -1;
		if (len == 0)
			break;
		wrote = true;
		int answer = append_page(&a, lines, len, e);
		store_audit_free(lines, len);
		if (answer == -1)
			return -1;
	}
	failpoint("audit.written");
	/* Also when nothing was written now: a crash may have left what was written unsynced. */
	if ((wrote || a.number > head.flushed) && fdatasync(a.fd) == -1)
		return err_sys(e, "sync %s", a.path);
	*number = a.number;
	return 0;
}

int
audit_flush(struct store *s, const char *state, const struct audit_limits *limits, struct err *e)
{
	int64_t number = 0;

	if (audit_append(s, state, limits, &number, e) == -1 || store_begin_wait(s, 1000, e) == -1)
		return -1;
	if (store_audit_flushed(s, number, e) == -1) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}
