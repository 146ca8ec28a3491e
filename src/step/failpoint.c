#include "config.h"
#include "step/failpoint.h"

#ifdef WITH_FAILPOINTS

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
log_pass(const char *name)
{
	const char *path = getenv("PURSER_FAILPOINT_LOG");
	int fd;

	if (path == NULL || *path == '\0')
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd == -1)
		return;
	dprintf(fd, "%s\n", name);
	close(fd);
}

void
failpoint(const char *name)
{
	const char *wish = getenv("PURSER_FAILPOINT");
	size_t len = strlen(name);

	log_pass(name);
	if (wish == NULL || strncmp(wish, name, len) != 0)
		return;
	wish += len;
	if (strncmp(wish, ":1", 2) == 0 && (wish[2] == '\0' || wish[2] == '='))
		wish += 2;
	if (*wish == '\0' || strcmp(wish, "=kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(wish, "=stop") == 0)
		kill(getpid(), SIGSTOP);
}

#else
/* ISO C wants a translation unit to declare something. */
extern int step_has_no_failpoints;
#endif
