#include "config.h"
#include "step/record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/statvfs.h>

#include "step/protocol.h"

/* Removes what could not be finished; errno stays. */
static int
withdraw(int fd, const char *name)
{
	int reason = errno;

	close(fd);
	unlink(name);
	errno = reason;
	return -1;
}

int
record_reserve(void)
{
	int fd = open(STEP_RESULT_TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd == -1)
		return -1;
	/* Unlike the rest of libc it answers with the error's number. */
	errno = posix_fallocate(fd, 0, STEP_RESULT_MAX);
	return errno == 0 ? fd : withdraw(fd, STEP_RESULT_TEMPORARY);
}

/* The first bytes of a file of /proc as text; "" if it cannot be read. */
static void
read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd != -1)
		close(fd);
}

/* Field 22 of proc(5)'s stat; the second, the program's name, may hold blanks and ends at the last ')'. */
static unsigned long long
start_time(void)
{
	char text[1024];
	char *field;

	read_text("/proc/self/stat", text, sizeof text);
	field = strrchr(text, ')');
	for (int i = 2; field != NULL && i < 22; i++)
		field = strchr(field + 1, ' ');
	return field == NULL ? 0 : strtoull(field + 1, NULL, 10);
}

int
record_mark_started(void)
{
	char boot_id[64], line[128];
	int fd = open(STEP_STARTED_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t written;
	int len;

	if (fd == -1)
		return -1;
	read_text("/proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id);
	boot_id[strcspn(boot_id, "\n")] = '\0';
	len = snprintf(line, sizeof line, "%d %llu %s\n", (int)getpid(), start_time(), boot_id);
	written = write(fd, line, (size_t)len);
	if (written != len) {
		/* A short write does not say why; there is but one reason. */
		if (written >= 0)
			errno = ENOSPC;
		return withdraw(fd, STEP_STARTED_NAME);
	}
	close(fd);
	return 0;
}

static int64_t
microseconds(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

/* Near the end of the disk nobody knows what the tool could not write, its own error message included. */
static bool
is_starved(void)
{
	struct statvfs fs;

	return fstatvfs(STDERR_FILENO, &fs) == 0 &&
	    (unsigned long long)fs.f_bavail * fs.f_frsize < STEP_STARVED_BYTES;
}

static size_t
describe(const struct record *r, char text[static STEP_RESULT_MAX])
{
	int len = snprintf(text, STEP_RESULT_MAX,
	    "{\"execution\":\"%s\",\"ending\":\"%s\",\"code\":%d,"
	    "\"started_ms\":%" PRId64 ",\"ended_ms\":%" PRId64 ","
	    "\"user_us\":%" PRId64 ",\"system_us\":%" PRId64 ",\"max_rss_kb\":%ld,"
	    "\"stdout_bytes\":%lld,\"stderr_bytes\":%lld,\"strays\":%d,\"starved\":%s}",
	    r->execution, r->ending, r->code, r->started_ms, r->ended_ms,
	    microseconds(r->usage.ru_utime), microseconds(r->usage.ru_stime), r->usage.ru_maxrss,
	    (long long)r->stdout_bytes, (long long)r->stderr_bytes, r->strays,
	    is_starved() ? "true" : "false");

	len += snprintf(text + len, STEP_RESULT_MAX - (size_t)len, "\n%016" PRIx64 "\n",
	    step_checksum(text, (size_t)len));
	return (size_t)len;
}

static void
sync_folder(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return;
	(void)fsync(fd);
	close(fd);
}

int
record_result(int fd, const struct record *r, bool lasting)
{
	char text[STEP_RESULT_MAX];
	size_t len = describe(r, text);

	if (pwrite(fd, text, len, 0) != (ssize_t)len || ftruncate(fd, (off_t)len) == -1)
		return -1;
	/* The output first: a result must not promise what a power cut has taken. */
	if (lasting) {
		(void)fdatasync(STDOUT_FILENO);
		(void)fdatasync(STDERR_FILENO);
		(void)fsync(fd);
	}
	if (rename(STEP_RESULT_TEMPORARY, STEP_RESULT_NAME) == -1)
		return -1;
	if (lasting)
		sync_folder();
	return 0;
}
