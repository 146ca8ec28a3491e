#include "config.h"
#include "step/failpoint.h"

#ifdef WITH_FAILPOINTS

#include <fcntl.h>
#include <signal.h>

#include "step/system.h"

static void
log_pass(const char *name)
{
	const char *path = system_variable("PURSER_FAILPOINT_LOG");
	char line[128];
	struct text t;
	int fd;

	if (path == NULL || *path == '\0')
		return;
	fd = system_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	text_begin(&t, line, sizeof line);
	text_add(&t, name);
	text_add(&t, "\n");
	(void)CALL(write, fd, t.data, t.len);
	system_close(fd);
}

void
failpoint(const char *name)
{
	const char *wish = system_variable("PURSER_FAILPOINT");

	log_pass(name);
	if (wish == NULL)
		return;
	while (*name != '\0' && *wish == *name)
		wish++, name++;
	if (*name != '\0')
		return;
	if (wish[0] == ':' && wish[1] == '1' && (wish[2] == '\0' || wish[2] == '='))
		wish += 2;
	if (*wish == '\0' || text_equal(wish, "=kill"))
		(void)CALL(kill, CALL(getpid, 0), SIGKILL);
	if (text_equal(wish, "=stop"))
		(void)CALL(kill, CALL(getpid, 0), SIGSTOP);
}

#else
/* ISO C wants a translation unit to declare something. */
extern int step_has_no_failpoints;
#endif
