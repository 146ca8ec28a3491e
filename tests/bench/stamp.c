/*
 * The tool of the latency benchmark: appends the time at which it was started
 * to the file BENCH_STAMPS, in nanoseconds. It begins like purser-step, without
 * libc where that is possible: the time that a tool's own libraries take to
 * start is not the runner's.
 */
#include "config.h"

#include <fcntl.h>
#include <time.h>

#include "step/system.h"

int
step_main(int argc, char **argv)
{
	const char *path = system_variable("BENCH_STAMPS");
	struct timespec now;
	char line[32];
	struct text text;
	int fd;

	(void)argc;
	(void)argv;
	CALL(clock_gettime, CLOCK_REALTIME, &now);
	if (path == NULL)
		return 2;
	text_begin(&text, line, sizeof line);
	text_add_number(&text, (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
	text_add(&text, "\n");
	fd = system_open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	return fd >= 0 && CALL(write, fd, text.data, text.len) == (long)text.len ? 0 : 1;
}
