/*
 * The file is masked window by window. Each begins before the end of the one before it, by
 * as much as a secret may be long, so that none is missed that lies across. The middle of
 * a long output is a hole, and stays one.
 */
#include "config.h"

#include "driver/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/redact.h"

#define WINDOW_BYTES ((size_t)1024 * 1024)

struct output {
	int fd;
	const char *path;
	char *window;
	bool is_changed;
};

static ssize_t
read_window(const struct output *o, off_t at, off_t end, struct err *e)
{
	size_t len = 0, max = end - at < (off_t)WINDOW_BYTES ? (size_t)(end - at) : WINDOW_BYTES;

	while (len < max) {
		ssize_t n = pread(o->fd, o->window + len, max - len, at + (off_t)len);

		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
		else if (errno != EINTR)
			return err_sys(e, "read %s", o->path);
	}
	return (ssize_t)len;
}

static int
write_window(struct output *o, off_t at, size_t len, struct err *e)
{
	size_t done = 0;

	o->is_changed = true;
	while (done < len) {
		ssize_t n = pwrite(o->fd, o->window + done, len - done, at + (off_t)done);

		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR)
			return err_sys(e, "write %s", o->path);
	}
	return 0;
}

/* How far the next window begins behind this one: at the beginning of a line, if there is one. */
static size_t
next_window(const struct output *o)
{
	const char *from = o->window + WINDOW_BYTES - REDACT_MAX;
	const char *line = memchr(from, '\n', REDACT_MAX / 2);

	return (size_t)(line != NULL ? line + 1 - o->window : from - o->window);
}

/* The data from AT to END, without a hole in it. */
static int
redact_data(struct output *o, off_t at, off_t end, struct err *e)
{
	while (at < end) {
		ssize_t n = read_window(o, at, end, e);

		if (n <= 0)
			return (int)n;
		if (redact(o->window, (size_t)n) > 0 && write_window(o, at, (size_t)n, e) == -1)
			return -1;
		/* A shorter one is the last, whatever the size was. */
		if ((size_t)n < WINDOW_BYTES)
			return 0;
		at += at + n < end ? (off_t)next_window(o) : (off_t)n;
	}
	return 0;
}

static int
redact_all(struct output *o, off_t size, struct err *e)
{
	for (off_t at = 0, end; at < size; at = end) {
		at = lseek(o->fd, at, SEEK_DATA);
		if (at == -1)
			return errno == ENXIO ? 0 : err_sys(e, "look into %s", o->path);
		end = lseek(o->fd, at, SEEK_HOLE);
		if (end == -1)
			return err_sys(e, "look into %s", o->path);
		if (redact_data(o, at, end, e) == -1)
			return -1;
	}
	return 0;
}

int
output_redact(const char *path, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct output o = { .fd = fd, .path = path };
	struct stat st;

	if (fd == -1)
		return errno == ENOENT ? 0 : err_sys(e, "open %s", path);
	if (fstat(fd, &st) == -1)
		return err_sys(e, "stat %s", path);
	if (st.st_size == 0)
		return 0;
	AUTO_FREE char *window = xmalloc(WINDOW_BYTES);
	o.window = window;
	if (redact_all(&o, st.st_size, e) == -1)
		return -1;
	return !o.is_changed || fdatasync(fd) == 0 ? 0 : err_sys(e, "sync %s", path);
}
