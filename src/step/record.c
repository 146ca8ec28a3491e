#include "config.h"
#include "step/record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "step/protocol.h"
#include "step/system.h"

/* So much of the file is left to the mark. */
#define MARK_MAX 64

/* Where a file system cannot reserve, the bytes themselves do. */
static long
reserve(int fd)
{
	static const char nothing[STEP_RESULT_MAX - MARK_MAX];
	long answer = CALL(fallocate, fd, 0, 0, STEP_RESULT_MAX);

	if (answer != -EOPNOTSUPP && answer != -ENOSYS)
		return answer;
	answer = CALL(pwrite64, fd, nothing, sizeof nothing, MARK_MAX);
	return answer < 0 || answer == sizeof nothing ? answer : -ENOSPC;
}

static long
write_mark(int fd)
{
	char data[MARK_MAX];
	struct text t;
	long answer;

	text_begin(&t, data, sizeof data);
	text_add_number(&t, CALL(getpid, 0));
	text_add(&t, " ");
	text_add_number(&t, system_clock_ms(CLOCK_BOOTTIME));
	text_add(&t, "\n");
	answer = CALL(pwrite64, fd, t.data, t.len, 0);
	return answer < 0 || answer == (long)t.len ? answer : -ENOSPC;
}

int
record_begin(struct record *r)
{
	int fd = system_open(STEP_STARTED_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	long answer;

	if (fd < 0)
		return fd;
	answer = write_mark(fd);
	if (answer >= 0)
		answer = reserve(fd);
	if (answer < 0) {
		system_close(fd);
		(void)CALL(unlinkat, AT_FDCWD, STEP_STARTED_NAME, 0);
		return (int)answer;
	}
	r->fd = fd;
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
	struct statfs fs;

	return CALL(fstatfs, STDERR_FILENO, &fs) == 0 &&
	    (uint64_t)fs.f_bavail * (uint64_t)(fs.f_frsize > 0 ? fs.f_frsize : fs.f_bsize) <
	    STEP_STARVED_BYTES;
}

static void
describe(const struct record *r, struct text *t)
{
	const struct {
		const char *before;
		int64_t number;
	} numbers[] = {
		{ "\",\"code\":", r->code },
		{ ",\"started_ms\":", r->started_ms },
		{ ",\"ended_ms\":", r->ended_ms },
		{ ",\"user_us\":", microseconds(r->usage.ru_utime) },
		{ ",\"system_us\":", microseconds(r->usage.ru_stime) },
		{ ",\"max_rss_kb\":", r->usage.ru_maxrss },
		{ ",\"stdout_bytes\":", r->stdout_bytes },
		{ ",\"stderr_bytes\":", r->stderr_bytes },
		{ ",\"strays\":", r->strays },
	};

	text_add(t, "{\"execution\":\"");
	text_add(t, r->execution);
	text_add(t, "\",\"ending\":\"");
	text_add(t, r->ending);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		text_add(t, numbers[i].before);
		text_add_number(t, numbers[i].number);
	}
	text_add(t, is_starved() ? ",\"starved\":true}" : ",\"starved\":false}");
}

static void
seal(struct text *t)
{
	uint64_t checksum = step_checksum(t->data, t->len);

	text_add(t, "\n");
	text_add_hex(t, checksum);
	text_add(t, "\n");
}

static void
sync_folder(void)
{
	int fd = system_open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	if (fd < 0)
		return;
	(void)CALL(fsync, fd);
	system_close(fd);
}

int
record_end(const struct record *r, bool lasting)
{
	char data[STEP_RESULT_MAX];
	struct text t;
	long answer;

	text_begin(&t, data, sizeof data);
	describe(r, &t);
	seal(&t);
	answer = CALL(pwrite64, r->fd, t.data, t.len, 0);
	if (answer != (long)t.len)
		return answer < 0 ? (int)answer : -ENOSPC;
	answer = CALL(ftruncate, r->fd, t.len);
	if (answer < 0)
		return (int)answer;
	/* The output first: a result must not promise what a power cut has taken. */
	if (lasting) {
		(void)CALL(fdatasync, STDOUT_FILENO);
		(void)CALL(fdatasync, STDERR_FILENO);
		(void)CALL(fsync, r->fd);
	}
	answer = CALL(renameat2, AT_FDCWD, STEP_STARTED_NAME, AT_FDCWD, STEP_RESULT_NAME, 0);
	if (answer < 0)
		return (int)answer;
	if (lasting)
		sync_folder();
	return 0;
}
