/*
 * The end is told by a pidfd, and by a pulse where there is none. The pulse also
 * empties the pipe, so that a program that floods it is slowed down instead of
 * keeping the loop busy. The program is waited for only after its process group
 * was signalled for the last time: until then its number is nobody else's.
 */
#include "config.h"

#include "driver/command.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "driver/descriptor.h"

#define PULSE_MS 50
/* Room for what a program prints after we have died; as much as anybody may ask for. */
#define PIPE_BYTES (1024 * 1024)
#define READS_MAX 64 /* of CHUNK_BYTES, at each pulse */
#define CHUNK_BYTES (16 * 1024)

struct command {
	pid_t pid;
	int pidfd;  /* -1: the pulse asks */
	int output; /* our end of the pipe */
	char tail[COMMAND_OUTPUT_MAX];
	size_t len;
	uint64_t deadline_ms, grace_ms; /* of the loop's clock; deadline 0: none */
	bool is_overdue;                /* it was sent SIGTERM, because its time was over */
	uv_poll_t poll;
	uv_timer_t pulse;
	int handles;   /* open ones */
	bool is_freed; /* only the handles are to be waited for */
	command_done_fn *done;
	void *data;
};

static void
command_release(struct command *c)
{
	if (c == NULL)
		return;
	assert(c->handles == 0);
	fd_cleanup(&c->output);
	fd_cleanup(&c->pidfd);
	free(c);
}
DEFINE_CLEANUP(struct command *, command_release)

/* ---- what it prints ---- */

static void
keep_tail(struct command *c, const char *data, size_t n)
{
	size_t room = sizeof c->tail;

	if (n >= room) {
		memcpy(c->tail, data + n - room, room);
		c->len = room;
		return;
	}
	if (c->len + n > room) {
		size_t excess = c->len + n - room;

		memmove(c->tail, c->tail + excess, c->len - excess);
		c->len -= excess;
	}
	memcpy(c->tail + c->len, data, n);
	c->len += n;
}

/* Takes what is there; never waits for more. */
static void
read_output(struct command *c)
{
	char chunk[CHUNK_BYTES];

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = read(c->output, chunk, sizeof chunk);

		if (n <= 0 && !(n == -1 && errno == EINTR))
			return;
		if (n > 0)
			keep_tail(c, chunk, (size_t)n);
	}
}

/* ---- the end ---- */

static void
on_closed(uv_handle_t *handle)
{
	struct command *c = handle->data;

	c->handles--;
	if (c->is_freed && c->handles == 0)
		command_release(c);
}

static void
close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

/* uv_close() takes the pidfd out of the loop at once: it may be closed after it. */
static void
stop_watching(struct command *c)
{
	close_handle((uv_handle_t *)&c->pulse);
	if (c->pidfd == -1)
		return;
	close_handle((uv_handle_t *)&c->poll);
	fd_cleanup(&c->pidfd);
}

static void
tell(struct command *c, int status)
{
	AUTO_FREE char *output = NULL;
	struct command_result result = {
		.ending = c->is_overdue   ? END_TIMED_OUT
		    : WIFSIGNALED(status) ? END_SIGNALED
					  : END_EXITED,
		.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	};

	read_output(c);
	result.output = output = json_utf8(c->tail, c->len);
	stop_watching(c);
	/* The callee may free C. */
	c->done(c, &result, c->data);
}

static void
look_for_end(struct command *c)
{
	siginfo_t info = { 0 };
	int status = 0;
	int rc;

	do
		rc = waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	while (rc == -1 && errno == EINTR);
	if (rc == 0 && info.si_pid == 0)
		return;
	/* Somebody else has waited for it, or SIGCHLD is ignored: how it ended is not known. */
	if (rc == -1) {
		tell(c, SIGKILL);
		return;
	}
	if (c->is_overdue)
		kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	tell(c, status);
}

static void
on_end(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	look_for_end(poll->data);
}

static void
on_pulse(uv_timer_t *pulse)
{
	struct command *c = pulse->data;
	uint64_t now = uv_now(pulse->loop);

	read_output(c);
	if (c->deadline_ms != 0 && now >= c->deadline_ms) {
		kill(-c->pid, c->is_overdue ? SIGKILL : SIGTERM);
		/* A stopped program would not hear of it. */
		kill(-c->pid, SIGCONT);
		c->is_overdue = true;
		c->deadline_ms = now + c->grace_ms;
	}
	if (c->pidfd == -1)
		look_for_end(c);
}

/* ---- starting ---- */

static int
open_input(const char *text, struct err *e)
{
	CLEANUP(fd_cleanup)
	int fd = memfd_create("purser-input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int mine = fd;

	if (fd == -1)
		return err_sys(e, "make room for the input of a command");
	if (file_write_all(fd, text, strlen(text), e) == -1)
		return -1;
	if (lseek(fd, 0, SEEK_SET) == -1 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL) == -1)
		return err_sys(e, "seal the input of a command");
	fd = -1;
	return mine;
}

/* *ours is read without waiting; *theirs, which is both ends, is written to. */
static int
open_output(int *ours, int *theirs, struct err *e)
{
	char path[64];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_sys(e, "make a pipe");
	*ours = ends[0];
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends[1]);
	*theirs = open(path, O_RDWR | O_CLOEXEC);
	if (*theirs == -1)
		err_sys(e, "open %s", path);
	close(ends[1]);
	if (*theirs == -1)
		return -1;
	(void)fcntl(*ours, F_SETPIPE_SZ, PIPE_BYTES);
	if (fcntl(*ours, F_SETFL, O_NONBLOCK) == -1)
		return err_sys(e, "set up a pipe");
	return 0;
}

/* What we ignore or block it must not: it is anybody's program. */
static void
set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	posix_spawnattr_init(attr);
	posix_spawnattr_setflags(
	    attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
}

static int
spawn(struct command *c, const struct strv *argv, int input, int output, struct err *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int error;

	set_attributes(&attr);
	posix_spawn_file_actions_init(&actions);
	error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	if (error == 0)
		error = posix_spawnp(&c->pid, argv->v[0], &actions, &attr, argv->v, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	if (error == 0)
		return 0;
	errno = error;
	return err_sys(e, "start %s", argv->v[0]);
}

/* Cannot fail any more: without a pidfd the pulse asks. */
static void
await_end(struct command *c, uv_loop_t *loop)
{
	uv_timer_init(loop, &c->pulse);
	c->pulse.data = c;
	c->handles++;
	uv_timer_start(&c->pulse, on_pulse, PULSE_MS, PULSE_MS);
	c->pidfd = pidfd_open(c->pid, 0);
	if (c->pidfd != -1 && uv_poll_init(loop, &c->poll, c->pidfd) != 0)
		fd_cleanup(&c->pidfd);
	if (c->pidfd == -1)
		return;
	c->poll.data = c;
	c->handles++;
	if (uv_poll_start(&c->poll, UV_READABLE, on_end) == 0)
		return;
	close_handle((uv_handle_t *)&c->poll);
	fd_cleanup(&c->pidfd);
}

struct command *
command_start(const struct command_spec *spec, uv_loop_t *loop, command_done_fn *done, void *data,
    struct err *e)
{
	CLEANUP(command_release_cleanup) struct command *c = xcalloc(1, sizeof *c);
	CLEANUP(fd_cleanup) int input = -1;
	CLEANUP(fd_cleanup) int output = -1;

	assert(spec->argv->len > 0);
	c->pidfd = c->output = -1;
	c->done = done;
	c->data = data;
	c->grace_ms = (uint64_t)(spec->grace_ms > 0 ? spec->grace_ms : COMMAND_GRACE_MS);
	input = descriptor_raise(open_input(spec->input, e), e);
	if (input == -1 || open_output(&c->output, &output, e) == -1)
		return NULL;
	output = descriptor_raise(output, e);
	if (output == -1 || spawn(c, spec->argv, input, output, e) == -1)
		return NULL;
	if (spec->timeout_ms > 0)
		c->deadline_ms = uv_hrtime() / 1000000 + (uint64_t)spec->timeout_ms;
	await_end(c, loop);
	return take(c);
}

void
command_free(struct command *c)
{
	if (c == NULL)
		return;
	c->is_freed = true;
	stop_watching(c);
	if (c->handles == 0)
		command_release(c);
}
