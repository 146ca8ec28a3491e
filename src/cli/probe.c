#include "config.h"

#include "cli/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define LOCK_FD 3
#define CHUNK 4096

static void
set_variable(const char *assignment)
{
	AUTO_FREE char *name = xstrdup(assignment);
	char *equals = strchr(name, '=');

	if (equals == NULL)
		return;
	*equals = '\0';
	setenv(name, equals + 1, 1);
}

static void
unset_beginning(const char *prefix, size_t len)
{
	for (char **variable = environ; variable != NULL && *variable != NULL;) {
		AUTO_FREE char *name = xstrndup(*variable, strcspn(*variable, "="));

		/* The environment closes up behind a variable that is taken out. */
		if (strncmp(name, prefix, len) == 0 && unsetenv(name) == 0)
			variable = environ;
		else
			variable++;
	}
}

/* In the child, before exec. */
static void
apply_environment(const struct environment *env)
{
	for (size_t i = 0; env->unset != NULL && env->unset[i] != NULL; i++) {
		size_t len = strcspn(env->unset[i], "*");

		if (env->unset[i][len] == '*')
			unset_beginning(env->unset[i], len);
		else
			unsetenv(env->unset[i]);
	}
	for (size_t i = 0; env->set != NULL && env->set[i] != NULL; i++)
		set_variable(env->set[i]);
}

static _Noreturn void
child(const struct probe *p, int out, int err)
{
	int null = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	if (p->environment != NULL)
		apply_environment(p->environment);
	if (p->folder != NULL && chdir(p->folder) < 0)
		_exit(127);
	/* Upward first, so that no descriptor is overwritten before it is copied. */
	null = fcntl(null, F_DUPFD_CLOEXEC, 16);
	out = fcntl(out, F_DUPFD_CLOEXEC, 16);
	err = fcntl(err, F_DUPFD_CLOEXEC, 16);
	if (p->lock_fd >= 0) {
		int lock = fcntl(p->lock_fd, F_DUPFD_CLOEXEC, 16);

		dup2(lock, LOCK_FD);
	}
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	/* The only cast: execvp is older than const. */
	execvp(p->argv[0], (char *const *)(uintptr_t)p->argv);
	_exit(127);
}

/* Reads one of the two; closes it at its end. */
static void
drain(struct pollfd *fd, struct buf *to)
{
	char data[CHUNK];
	ssize_t n;

	if (fd->fd < 0 || fd->revents == 0)
		return;
	n = read(fd->fd, data, sizeof(data));
	if (n > 0) {
		buf_add(to, data, (size_t)n);
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		close(fd->fd);
		fd->fd = -1;
	}
}

/* True if all was read before the time was over. */
static bool
read_all(int out_fd, int err_fd, int64_t timeout_ms, struct buf *out, struct buf *err)
{
	struct pollfd fds[] = { { .fd = out_fd, .events = POLLIN },
		{ .fd = err_fd, .events = POLLIN } };
	int64_t end_ms = clock_boot_ms() + timeout_ms;

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		int64_t left = end_ms - clock_boot_ms();

		if (left <= 0)
			break;
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			break;
		drain(&fds[0], out);
		drain(&fds[1], err);
	}
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		if (fds[i].fd >= 0) {
			close(fds[i].fd);
			end_ms = 0;
		}
	}
	return end_ms != 0;
}

int
probe_run(const struct probe *p, struct buf *out, struct buf *err, struct err *e)
{
	CLEANUP(fd_cleanup) int out_write = -1, err_write = -1;
	int out_pipe[2], err_pipe[2], status;
	bool in_time;
	pid_t pid;

	if (pipe2(out_pipe, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");
	out_write = out_pipe[1];
	if (pipe2(err_pipe, O_CLOEXEC) < 0) {
		close(out_pipe[0]);
		return err_sys(e, "pipe");
	}
	err_write = err_pipe[1];
	pid = fork();
	if (pid == 0)
		child(p, out_write, err_write);
	if (pid < 0) {
		close(out_pipe[0]);
		close(err_pipe[0]);
		return err_sys(e, "fork");
	}
	/* Both of us say so: whoever comes first, the group is there before it is to be killed. */
	setpgid(pid, pid);
	fd_cleanup(&out_write);
	fd_cleanup(&err_write);
	in_time = read_all(out_pipe[0], err_pipe[0], p->timeout_ms, out, err);
	if (!in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		return err_set(e, ERR_SYSTEM, "%s gave no answer within %d s", p->argv[0],
		    (int)(p->timeout_ms / 1000));
	if (!WIFEXITED(status))
		return err_set(
		    e, ERR_SYSTEM, "%s was ended by signal %d", p->argv[0], WTERMSIG(status));
	if (WEXITSTATUS(status) == 127)
		return err_set(e, ERR_NOT_FOUND, "%s cannot be started", p->argv[0]);
	return WEXITSTATUS(status);
}
