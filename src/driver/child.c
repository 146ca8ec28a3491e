/*
 * Started by fork() and not by posix_spawn(), because the child itself has to
 * ask for its end with ours. Between fork() and exec() nothing is called that
 * might wait for a lock of another thread.
 *
 * That end comes to the program alone, and a program may be a wrapper, whose server
 * would work on with nobody there. So a guard is posted beside its group, a
 * process that only waits: for the word that it is dismissed, or for the end of a stream
 * that is open as long as we live. Then it ends the group. Where somebody has ended the
 * guard as well, it is the lock that tells that the server is still there.
 */
#include "config.h"

#include "driver/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "driver/descriptor.h"
#include "driver/process.h"

#define GUARD_NAME "mcp-guard"

struct child {
	pid_t pid; /* 0: waited for */
	int pidfd;
	int guard; /* while the guard is posted; -1 */
	uv_poll_t poll;
	bool is_freed, is_closed;
	child_ended_fn *ended;
	void *data;
};

/* What the new process needs, all made before it is. */
struct launch {
	const char *path;
	char *const *argv, *const *environment;
	int in, out, err; /* its ends */
	int watch;        /* the guard's end */
	int lock_fd;      /* -1: none */
	int report;       /* errno goes there if it cannot become the program; closed if it does */
	pid_t parent;
};

/* ---- the new process ---- */

/* A program expects signals to do what they do by default. */
static void
reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		sigaction(i, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void __attribute__((noreturn)) stand_guard(int watch, pid_t group)
{
	static const int polite[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE };
	char word;
	ssize_t n;

	/* Whoever ends programs of our name does not mean it. */
	prctl(PR_SET_NAME, GUARD_NAME);
	for (size_t i = 0; i < COUNT_OF(polite); i++)
		signal(polite[i], SIG_IGN);
	setpgid(0, 0);
	/* It holds no lock, and keeps no stream of others open. */
	if (dup2(watch, STDIN_FILENO) == -1 || close_range(STDIN_FILENO + 1, ~0U, 0) == -1)
		_exit(1);
	do
		n = read(STDIN_FILENO, &word, 1);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		kill(-group, SIGKILL);
	_exit(0);
}

/* It is nobody's child: programs may wonder at one that they have not started. */
static int
post_guard(int watch)
{
	pid_t group = getpid(), between = _Fork();
	int status = 0;

	if (between == 0) {
		pid_t guard = _Fork();

		if (guard == 0)
			stand_guard(watch, group);
		_exit(guard == -1 ? errno : 0);
	}
	if (between == -1)
		return -1;
	while (waitpid(between, &status, 0) == -1 && errno == EINTR)
		continue;
	errno = WEXITSTATUS(status);
	return errno == 0 ? 0 : -1;
}

static int
hand_over(int lock_fd)
{
	return lock_fd == -1 ? 0 : fcntl(lock_fd, F_SETFD, 0);
}

static void __attribute__((noreturn)) become(const struct launch *l)
{
	int error;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* We may have died before that was asked for. */
	if (getppid() != l->parent)
		_exit(127);
	reset_signals();
	/* Ours are closed by exec() anyway; those that somebody left open for us are not. */
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	if (post_guard(l->watch) != -1 && hand_over(l->lock_fd) != -1 &&
	    dup2(l->in, STDIN_FILENO) != -1 && dup2(l->out, STDOUT_FILENO) != -1 &&
	    dup2(l->err, STDERR_FILENO) != -1)
		execve(l->path, l->argv, l->environment);
	error = errno;
	if (write(l->report, &error, sizeof error) == -1)
		_exit(126);
	_exit(127);
}

/* ---- starting ---- */

/* 0, or the errno for which it did not become the program; it was waited for then. */
static int
await_program(pid_t pid, int report)
{
	int error = 0;
	ssize_t n;

	do
		n = read(report, &error, sizeof error);
	while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof error)
		return 0;
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	return error;
}

static int
launch(struct child *c, struct launch *l, struct err *e)
{
	CLEANUP(fd_cleanup) int report = -1;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_sys(e, "make a pipe");
	report = ends[0];
	l->report = descriptor_raise(ends[1], e);
	if (l->report == -1)
		return -1;
	c->pid = fork();
	if (c->pid == 0)
		become(l);
	error = c->pid == -1 ? errno : 0;
	close(l->report);
	if (c->pid > 0)
		error = await_program(c->pid, report);
	if (error == 0)
		return 0;
	c->pid = 0;
	errno = error;
	return err_sys(e, "start %s", l->path);
}

/* Ours does not wait; theirs lies above the standard streams. */
static int
open_stream(int family, int *ours, int *theirs, struct err *e)
{
	int ends[2];
	int made = family == AF_UNIX ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)
				     : pipe2(ends, O_CLOEXEC);

	if (made == -1)
		return err_sys(e, "make a pipe");
	*ours = ends[0];
	*theirs = descriptor_raise(ends[1], e);
	if (*theirs == -1)
		return -1;
	return fcntl(*ours, F_SETFL, O_NONBLOCK) == -1 ? err_sys(e, "set up a pipe") : 0;
}

/* By a word, so that it does not end a group whose number is another's by then. */
static void
dismiss_guard(struct child *c)
{
	if (c->guard != -1)
		(void)send(c->guard, "", 1, MSG_NOSIGNAL);
	fd_cleanup(&c->guard);
	c->guard = -1;
}

static void
on_closed(uv_handle_t *handle)
{
	struct child *c = handle->data;

	c->is_closed = true;
	if (c->is_freed)
		free(c);
}

static void
on_end(uv_poll_t *poll, int poll_status, int events)
{
	struct child *c = poll->data;
	siginfo_t info = { 0 };
	int status = SIGKILL;

	(void)poll_status;
	(void)events;
	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid == 0)
		return;
	/*
	 * What it leaves behind in its group ends with it; until it is waited for the
	 * number is nobody else's.
	 */
	kill(-c->pid, SIGKILL);
	dismiss_guard(c);
	while (waitpid(c->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	c->pid = 0;
	uv_close((uv_handle_t *)poll, on_closed);
	fd_cleanup(&c->pidfd);
	c->ended(c, status, c->data);
}

static int
watch_end(struct child *c, uv_loop_t *loop, struct err *e)
{
	c->pidfd = pidfd_open(c->pid, 0);
	if (c->pidfd == -1)
		return err_sys(e, "watch a program");
	if (uv_poll_init(loop, &c->poll, c->pidfd) != 0)
		return err_set(e, ERR_SYSTEM, "a program cannot be watched");
	c->poll.data = c;
	uv_poll_start(&c->poll, UV_READABLE, on_end);
	return 0;
}

static void
kill_unwatched(struct child *c)
{
	kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	fd_cleanup(&c->pidfd);
}

static int
start(struct child *c, const struct child_spec *spec, struct child_streams *ours, uv_loop_t *loop,
    struct err *e)
{
	AUTO_FREE char *path = process_which(spec->argv->v[0]);
	CLEANUP(fd_cleanup) int in = -1;
	CLEANUP(fd_cleanup) int out = -1;
	CLEANUP(fd_cleanup) int err = -1;
	CLEANUP(fd_cleanup) int watch = -1;
	struct launch l = { .path = path,
		.argv = spec->argv->v,
		.environment = spec->environment->v,
		.lock_fd = spec->lock_fd,
		.parent = getpid() };

	if (path == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no program %s%s", spec->argv->v[0],
		    strchr(spec->argv->v[0], '/') == NULL ? " on PATH" : "");
	if (open_stream(AF_UNIX, &ours->in, &in, e) == -1 ||
	    open_stream(0, &ours->out, &out, e) == -1 ||
	    open_stream(0, &ours->err, &err, e) == -1 ||
	    open_stream(AF_UNIX, &c->guard, &watch, e) == -1)
		return -1;
	l.in = in;
	l.out = out;
	l.err = err;
	l.watch = watch;
	if (launch(c, &l, e) == -1)
		return -1;
	if (watch_end(c, loop, e) == 0)
		return 0;
	kill_unwatched(c);
	return -1;
}

struct child *
child_start(const struct child_spec *spec, struct child_streams *streams, uv_loop_t *loop,
    child_ended_fn *ended, void *data, struct err *e)
{
	struct child *c = xcalloc(1, sizeof *c);

	*streams = (struct child_streams){ -1, -1, -1 };
	c->pidfd = c->guard = -1;
	c->ended = ended;
	c->data = data;
	if (start(c, spec, streams, loop, e) == 0)
		return c;
	dismiss_guard(c);
	fd_cleanup(&streams->in);
	fd_cleanup(&streams->out);
	fd_cleanup(&streams->err);
	free(c);
	return NULL;
}

void
child_signal(struct child *c, int signal)
{
	if (c->pid == 0)
		return;
	kill(-c->pid, signal);
	/* A stopped one would not hear of it. */
	kill(-c->pid, SIGCONT);
}

void
child_free(struct child *c)
{
	if (c == NULL)
		return;
	assert(c->pid == 0);
	c->is_freed = true;
	if (c->is_closed)
		free(c);
}
