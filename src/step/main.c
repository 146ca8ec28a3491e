/*
 * purser-step: stands between the runner and one tool, and outlives the
 * runner. It holds the execution's lock for as long as anything that the tool
 * has started may act, ends what takes too long, and records how it ended.
 *
 * Two processes are started for each step, so this one is to cost next to
 * nothing: plain libc, linked statically, no allocation on the usual way.
 *
 * All signals are blocked from beginning to end, and taken one by one in
 * wait_for_news(): there are no handlers, and nothing but SIGKILL and SIGSTOP
 * can interfere between two steps of the order below.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "step/failpoint.h"
#include "step/output.h"
#include "step/protocol.h"
#include "step/record.h"
#include "step/strays.h"

#define NEVER INT64_MAX
/* A result that took so long to come by is worth the wait for the disk. */
#define LASTING_MS 1000
/* How often the output is looked at: seldom while it rests, and as often as it takes while it grows. */
#define LOOK_FIRST_MS 250
#define LOOK_SELDOM_MS 2000
#define LOOK_OFTEN_MS 10
#define LOOK_BYTES (4 * 1024 * 1024)
/* Between two rounds of killing strays; it doubles. */
#define STRAYS_ROUND_MS 20
#define STRAYS_ROUND_MAX_MS 2000

struct orders {
	const char *execution;
	int64_t timeout_ms, grace_ms;
	char **argv;
};

struct watch {
	const struct orders *orders;
	pid_t tool; /* 0 once it was waited for: the number may be another's then */
	bool childless;
	int status;
	int64_t ended_ms; /* wall clock */
	size_t rung;      /* of the ladder, the next one */
	int64_t act_at;   /* climb on, or kill strays */
	int64_t round_ms; /* 0: strays are still given time */
	int64_t look_at, look_pause;
	struct output out, err;
	int strays;
};

/* The tool alone gets the first two: terraform stops its own children in an orderly way. */
static const struct {
	int signal;
	bool group;
} ladder[] = {
	{ SIGINT, false },
	{ SIGTERM, false },
	{ SIGKILL, true },
};
#define RUNGS (sizeof ladder / sizeof ladder[0])

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool
read_ms(const char *text, int64_t *ms)
{
	char *end;

	errno = 0;
	*ms = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *ms >= 0 &&
	    *ms <= INT32_MAX * INT64_C(1000);
}

/* The id goes into JSON as it is. */
static bool
is_id(const char *text)
{
	size_t len =
	    strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");

	return len > 0 && len <= STEP_ID_MAX && text[len] == '\0';
}

static bool
read_orders(int argc, char **argv, struct orders *o)
{
	if (argc < 6 || strcmp(argv[4], "--") != 0)
		return false;
	o->execution = argv[1];
	o->argv = argv + 5;
	return is_id(o->execution) && read_ms(argv[2], &o->timeout_ms) &&
	    read_ms(argv[3], &o->grace_ms);
}

/*
 * A runner in a shell's background hands down SIGINT ignored, and an ignored
 * SIGCHLD would cost us the tool's status: all begin anew, but for SIGHUP,
 * whose being ignored terraform heeds and needs. The tool inherits it all.
 */
static void
settle_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int i = 1; i < NSIG; i++)
		signal(i, i == SIGHUP ? SIG_IGN : SIG_DFL);
}

static void
leave_runner(void)
{
	const struct rlimit none = { 0, 0 };

	/* Fails only where the session is ours already. */
	(void)setsid();
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)setrlimit(RLIMIT_CORE, &none);
	umask(077);
}

/* Numbers 0 to 2 are given in this order, because the lowest free one is always taken. */
static int
open_standard_files(void)
{
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW;

	(void)close_range(STEP_SECRETS_FD + 1, ~0U, 0);
	(void)close_range(STEP_LOCK_FD + 1, STEP_SECRETS_FD - 1, 0);
	(void)close_range(STDIN_FILENO, STDERR_FILENO, 0);
	if (open("/dev/null", O_RDONLY) != STDIN_FILENO ||
	    open(STEP_STDOUT_NAME, flags, 0600) != STDOUT_FILENO ||
	    open(STEP_STDERR_NAME, flags, 0600) != STDERR_FILENO)
		return -1;
	return 0;
}

/*
 * posix_spawn() returns when the tool's program has begun or could not: the
 * process group exists by then, and a missing program is known as such. The
 * number of the error, or 0.
 */
static int
spawn_tool(char **argv, pid_t *pid)
{
	posix_spawnattr_t attr;
	sigset_t none;
	int error;

	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	error = posix_spawnp(pid, argv[0], NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	return error;
}

static void
reap(struct watch *w)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == w->tool) {
			w->tool = 0;
			w->status = status;
			w->ended_ms = clock_ms(CLOCK_REALTIME);
			w->act_at = clock_ms(CLOCK_MONOTONIC) + STEP_STRAYS_MS;
		} else if (w->round_ms > 0) {
			w->strays++;
		}
	}
	w->childless = pid == -1 && errno == ECHILD;
}

static void
climb(struct watch *w, int64_t now)
{
	int signal = ladder[w->rung].signal;

	/* The tool may have left its group: it is always meant itself. */
	kill(w->tool, signal);
	if (ladder[w->rung].group)
		kill(-w->tool, signal);
	/* One that was stopped would never hear of it. */
	kill(w->tool, SIGCONT);
	w->rung++;
	w->act_at = w->rung < RUNGS ? now + w->orders->grace_ms : NEVER;
}

static void
kill_strays(struct watch *w, int64_t now)
{
	strays_kill();
	if (w->round_ms < STRAYS_ROUND_MAX_MS)
		w->round_ms = w->round_ms == 0 ? STRAYS_ROUND_MS : w->round_ms * 2;
	w->act_at = now + w->round_ms;
}

static void
look_at_output(struct watch *w, int64_t now)
{
	off_t grown = output_trim(&w->out) + output_trim(&w->err);

	if (grown == 0) {
		w->look_pause *= 2;
	} else {
		w->look_pause = w->look_pause * LOOK_BYTES / grown;
		if (w->look_pause > LOOK_FIRST_MS)
			w->look_pause = LOOK_FIRST_MS;
	}
	if (w->look_pause > LOOK_SELDOM_MS)
		w->look_pause = LOOK_SELDOM_MS;
	if (w->look_pause < LOOK_OFTEN_MS)
		w->look_pause = LOOK_OFTEN_MS;
	w->look_at = now + w->look_pause;
}

/* Sleeps until a child ends, we are told to stop, or there is something to do. */
static void
wait_for_news(struct watch *w)
{
	int64_t until = w->act_at < w->look_at ? w->act_at : w->look_at;
	int64_t left = until - clock_ms(CLOCK_MONOTONIC);
	struct timespec timeout = { .tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000 };
	sigset_t news;
	int signal;

	if (left <= 0)
		return;
	sigemptyset(&news);
	sigaddset(&news, SIGCHLD);
	sigaddset(&news, SIGINT);
	sigaddset(&news, SIGTERM);
	signal = sigtimedwait(&news, NULL, &timeout);
	/* Told to stop: as if the time were up now. A second time changes nothing. */
	if ((signal == SIGINT || signal == SIGTERM) && w->rung == 0)
		w->act_at = 0;
}

/* Returns when neither the tool nor anything that it started is left. */
static void
watch_tool(struct watch *w)
{
	for (;;) {
		int64_t now;

		reap(w);
		if (w->childless)
			return;
		now = clock_ms(CLOCK_MONOTONIC);
		if (now >= w->act_at && w->tool > 0)
			climb(w, now);
		else if (now >= w->act_at)
			kill_strays(w, now);
		if (now >= w->look_at)
			look_at_output(w, now);
		wait_for_news(w);
	}
}

static void
describe_ending(const struct watch *w, struct record *r)
{
	bool signaled = WIFSIGNALED(w->status);

	r->ending = w->rung > 0 ? "timed_out" : signaled ? "signaled" : "exited";
	if (signaled)
		r->code = WTERMSIG(w->status);
	else
		r->code = w->rung > 0 ? ladder[w->rung - 1].signal : WEXITSTATUS(w->status);
	r->ended_ms = w->ended_ms;
	r->stdout_bytes = w->out.size;
	r->stderr_bytes = w->err.size;
	r->strays = w->strays;
	getrusage(RUSAGE_CHILDREN, &r->usage);
}

/* Runs the tool from its start to the end of its last descendant. */
static void
perform(const struct orders *o, struct record *r)
{
	int64_t now = clock_ms(CLOCK_MONOTONIC);
	struct watch w = {
		.orders = o,
		.act_at = o->timeout_ms > 0 ? now + o->timeout_ms : NEVER,
		.look_at = now + LOOK_FIRST_MS,
		.look_pause = LOOK_FIRST_MS,
		.out.fd = STDOUT_FILENO,
		.err.fd = STDERR_FILENO,
	};

	r->started_ms = clock_ms(CLOCK_REALTIME);
	r->code = spawn_tool(o->argv, &w.tool);
	if (r->code != 0) {
		r->ending = "not_started";
		r->ended_ms = clock_ms(CLOCK_REALTIME);
		return;
	}
	/* The tool alone keeps the secrets. */
	close(STEP_SECRETS_FD);
	failpoint("step.spawned");
	watch_tool(&w);
	(void)output_trim(&w.out);
	(void)output_trim(&w.err);
	describe_ending(&w, r);
}

static int
step_main(int argc, char **argv)
{
	pid_t runner = getppid();
	struct orders orders;
	struct record record = { 0 };
	int result_fd;
	bool lasting;

	settle_signals();
	/* Whoever starts something holds the lock; taking it again costs nothing if it is ours. */
	if (!read_orders(argc, argv, &orders) || flock(STEP_LOCK_FD, LOCK_EX | LOCK_NB) == -1) {
		static const char usage[] =
		    "usage: purser-step ID TIMEOUT-MS GRACE-MS -- TOOL [ARGUMENT...] "
		    "3<>lock (started by purser only)\n";

		(void)!write(STDERR_FILENO, usage, sizeof usage - 1);
		return STEP_EXIT_USAGE;
	}
	failpoint("step.begin");
	leave_runner();
	record.execution = orders.execution;
	if (open_standard_files() == -1)
		return STEP_EXIT_ERRNO + errno;
	result_fd = record_reserve();
	if (result_fd == -1)
		return errno == EEXIST ? STEP_EXIT_USAGE : STEP_EXIT_ERRNO + errno;
	if (record_mark_started() == -1)
		return errno == EEXIST ? STEP_EXIT_USAGE : STEP_EXIT_ERRNO + errno;
	failpoint("step.started");
	perform(&orders, &record);
	failpoint("step.ended");
	lasting = getppid() != runner || record.ended_ms - record.started_ms > LASTING_MS;
	if (record_result(result_fd, &record, lasting) == -1)
		return STEP_EXIT_UNRECORDED;
	failpoint("step.renamed");
	return STEP_EXIT_RECORDED;
}

int
main(int argc, char **argv)
{
	/* Nothing is buffered, so there is nothing to flush. */
	_exit(step_main(argc, argv));
}
