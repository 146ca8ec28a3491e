/*
 * Places where a test can kill or stop the program. The environment is read
 * once, at the first pass: the program under test gets it from the test.
 */
#include "config.h"
#include "base/failpoint.h"

#ifdef WITH_FAILPOINTS

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum action { ACTION_KILL, ACTION_STOP, ACTION_FAIL };

static const char *const action_names[] = {
	[ACTION_KILL] = "kill",
	[ACTION_STOP] = "stop",
	[ACTION_FAIL] = "fail",
};

/* What PURSER_FAILPOINT asks for; without a name, nothing. */
static struct {
	bool is_read;
	char name[128];
	unsigned long at; /* which pass acts, from 1 */
	unsigned long passed;
	enum action action;
	int log_fd;
} wish = { .at = 1, .log_fd = -1 };

/* A test that misspells its wish must not pass. */
static void __attribute__((noreturn)) refuse(const char *text)
{
	fprintf(stderr, "PURSER_FAILPOINT: not NAME[:N][=kill|stop|fail]: %s\n", text);
	abort();
}

static enum action
read_action(const char *text, const char *whole)
{
	for (size_t i = 0; i < COUNT_OF(action_names); i++) {
		if (strcmp(text, action_names[i]) == 0)
			return (enum action)i;
	}
	refuse(whole);
}

static void
read_wish(const char *whole)
{
	size_t name_len = strcspn(whole, ":=");
	const char *rest = whole + name_len;
	char *end;

	if (name_len == 0 || name_len >= sizeof(wish.name))
		refuse(whole);
	memcpy(wish.name, whole, name_len);
	if (*rest == ':') {
		wish.at = strtoul(rest + 1, &end, 10);
		if (end == rest + 1 || wish.at == 0 || wish.at == ULONG_MAX)
			refuse(whole);
		rest = end;
	}
	if (*rest == '=')
		wish.action = read_action(rest + 1, whole);
	else if (*rest != '\0')
		refuse(whole);
}

static void
read_environment(void)
{
	const char *text = getenv("PURSER_FAILPOINT");
	const char *log = getenv("PURSER_FAILPOINT_LOG");

	if (wish.is_read)
		return;
	wish.is_read = true;
	if (text != NULL && *text != '\0')
		read_wish(text);
	if (log != NULL && *log != '\0')
		wish.log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* One write, so that the lines of several processes do not mix. */
static void
log_pass(const char *name)
{
	char line[160];
	int len;

	if (wish.log_fd < 0)
		return;
	len = snprintf(line, sizeof(line), "%s\n", name);
	if (len > 0 && (size_t)len < sizeof(line))
		(void)!write(wish.log_fd, line, (size_t)len);
}

bool
failpoint_fails(const char *name)
{
	read_environment();
	log_pass(name);
	if (strcmp(name, wish.name) != 0 || ++wish.passed != wish.at)
		return false;
	switch (wish.action) {
	case ACTION_KILL:
		kill(getpid(), SIGKILL);
		return false;
	case ACTION_STOP:
		kill(getpid(), SIGSTOP);
		return false;
	case ACTION_FAIL:
		return true;
	}
	abort();
}

void
failpoint(const char *name)
{
	(void)failpoint_fails(name);
}

#endif
