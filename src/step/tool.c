#include "config.h"
#include "step/tool.h"

#include <errno.h>
#include <linux/limits.h>

#include "step/system.h"

/* What the child and we share while it becomes the tool. */
struct start {
	char **argv;
	const char *path; /* of the environment */
	long error;       /* 0 as long as nothing went wrong */
};

/* Returns only if it fails, and what failed before does not count once it works. */
static void
enter(struct start *s, const char *file)
{
	s->error = 0;
	s->error = CALL(execve, file, s->argv, system_environment());
}

/* As execvp() does it: what is there but may not be run is better known than what is not there. */
static void
search(struct start *s)
{
	const char *name = s->argv[0], *at = s->path != NULL ? s->path : "/bin:/usr/bin";
	char file[PATH_MAX];
	bool denied = false;

	for (;; at++) {
		struct text t;

		text_begin(&t, file, sizeof file);
		for (; *at != '\0' && *at != ':'; at++)
			text_add(&t, (const char[]){ *at, '\0' });
		if (t.len > 0)
			text_add(&t, "/");
		text_add(&t, name);
		if (t.len + 1 < t.size)
			enter(s, file);
		else
			s->error = -ENAMETOOLONG;
		denied = denied || s->error == -EACCES;
		if (s->error != -EACCES && s->error != -ENOENT && s->error != -ENOTDIR &&
		    s->error != -ESTALE && s->error != -ENODEV && s->error != -ETIMEDOUT &&
		    s->error != -ENAMETOOLONG)
			return;
		if (*at == '\0')
			break;
	}
	if (denied)
		s->error = -EACCES;
}

static bool
has_slash(const char *name)
{
	while (*name != '\0' && *name != '/')
		name++;
	return *name == '/';
}

static void
become_tool(void *arg)
{
	struct start *s = arg;

	(void)CALL(setpgid, 0, 0);
	system_mask(0);
	if (*s->argv[0] == '\0')
		s->error = -ENOENT;
	else if (has_slash(s->argv[0]))
		enter(s, s->argv[0]);
	else
		search(s);
}

long
tool_start(char **argv)
{
	struct start s = { .argv = argv, .path = system_variable("PATH") };
	long pid = system_spawn(become_tool, &s);

	if (pid < 0 || s.error == 0)
		return pid;
	(void)CALL(wait4, pid, NULL, 0, NULL);
	return s.error;
}
