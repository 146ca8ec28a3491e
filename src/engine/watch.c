/*
 * The tool's file is read as it grows. It may be cut short under us, and of a large
 * one the middle is given back: what is no line of the tool's tells nothing.
 */
#include "config.h"

#include "engine/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/redact.h"
#include "engine/change.h"
#include "engine/job.h"
#include "engine/tell.h"
#include "step/protocol.h"

/* At the end so many times WATCH_MAX are caught up with: some 10 ms of the loop. */
#define LOOKS_AT_END 16

static void
tell_line(const struct scene *set, const struct job *j, char *line)
{
	bool is_end = false;

	/* It is read while it grows, and so before its secrets are masked. */
	redact(line, strlen(line));
	AUTO_FREE char *detail = j->strategy->progress(line, &is_end);

	if (detail != NULL)
		tell_detail(set, j, detail, is_end);
}

/* Tells the whole lines of LEN bytes of TEXT; returns how many bytes are done with. */
static size_t
tell_lines(const struct scene *set, struct job *j, char *text, size_t len)
{
	size_t done = 0;
	char *end;

	while ((end = memchr(text + done, '\n', len - done)) != NULL) {
		*end = '\0';
		if (!j->watch.skips)
			tell_line(set, j, text + done);
		j->watch.skips = false;
		done = (size_t)(end - text) + 1;
	}
	if (done > 0 || len < WATCH_MAX)
		return done;
	j->watch.skips = true;
	return len;
}

/* The stdout of the open execution, at the place where it goes on; -1 if there is none, or nothing new. */
static int
open_output(const struct scene *set, struct job *j)
{
	AUTO_FREE char *folder = paths_execution(set->paths, j->objective.id, j->execution.id);
	AUTO_FREE char *path = file_join(folder, STEP_STDOUT_NAME);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		/* The tool has truncated its own output. */
		if (st.st_size < j->watch.offset)
			j->watch.offset = 0;
		if (st.st_size > j->watch.offset)
			return fd;
	}
	close(fd);
	return -1;
}

/* True if there may be more. */
static bool
look(const struct scene *set, struct job *j, int fd)
{
	AUTO_FREE char *text = xmalloc(WATCH_MAX);
	ssize_t n;
	size_t done;

	do
		n = pread(fd, text, WATCH_MAX, (off_t)j->watch.offset);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return false;
	done = tell_lines(set, j, text, (size_t)n);
	j->watch.offset += (int64_t)done;
	return n == WATCH_MAX;
}

static void
look_often(const struct scene *set, struct job *j, int times)
{
	CLEANUP(fd_cleanup) int fd = -1;

	if (set->options->progress == NULL || !job_has_open_execution(j) ||
	    j->strategy->progress == NULL)
		return;
	if (strcmp(j->watch.execution_id, j->execution.id) != 0) {
		j->watch = (struct watch){ .offset = 0 };
		memcpy(j->watch.execution_id, j->execution.id, ID_SIZE);
	}
	fd = open_output(set, j);
	while (fd != -1 && times-- > 0 && look(set, j, fd))
		continue;
}

void
watch_look(const struct scene *set, struct job *j)
{
	/* What it showed at its end is told when that is written down. */
	if (!j->ended)
		look_often(set, j, 1);
}

void
watch_end(const struct scene *set, struct job *j)
{
	look_often(set, j, LOOKS_AT_END);
}
