/*
 * purser-step: stands between the runner and one tool, and outlives the
 * runner. It holds the execution's lock for as long as anything that the tool
 * has started may act, ends what takes too long, and records how it ended.
 *
 * Two processes are started for each step, so this one is to cost next to
 * nothing: no libc where it can be done without (see step/system.h), no
 * allocation, and no call to the kernel that the order below does not need.
 *
 * All signals are blocked from beginning to end, and taken one by one in
 * wait_for_news(): there are no handlers, and nothing but SIGKILL and SIGSTOP
 * can interfere between two steps of the order below.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "step/failpoint.h"
#include "step/output.h"
#include "step/protocol.h"
#include "step/record.h"
#include "step/strays.h"
#include "step/system.h"
#include "step/tool.h"

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
now_ms(void)
{
	return system_clock_ms(CLOCK_MONOTONIC);
}

/* The id goes into JSON as it is. */
static bool
is_id(const char *text)
{
	size_t len = 0;

	while ((text[len] >= '0' && text[len] <= '9') || (text[len] >= 'a' && text[len] <= 'z') ||
	    (text[len] >= 'A' && text[len] <= 'Z') || text[len] == '-')
		len++;
	return len > 0 && len <= STEP_ID_MAX && text[len] == '\0';
}

static bool
read_orders(int argc, char **argv, struct orders *o)
{
	const int64_t max_ms = INT32_MAX * INT64_C(1000);

	if (argc < 6 || !text_equal(argv[4], "--"))
		return false;
	o->execution = argv[1];
	o->timeout_ms = text_number(argv[2], max_ms);
	o->grace_ms = text_number(argv[3], max_ms);
	o->argv = argv + 5;
	return is_id(o->execution) && o->timeout_ms >= 0 && o->grace_ms >= 0;
}

/*
 * A runner in a shell's background hands down SIGINT ignored, and an ignored
 * SIGCHLD would cost us the tool's status: all begin anew, but for SIGHUP,
 * whose being ignored terraform heeds and needs. The tool inherits it all.
 */
static void
settle_signals(void)
{
	system_mask(SIGNALS_ALL);
	for (int i = 1; i <= SIGNALS_MAX; i++)
		system_dispose(i, i == SIGHUP);
}

static void
leave_runner(void)
{
	const struct rlimit none = { 0, 0 };

	/* Fails only where the session is ours already. */
	(void)CALL(setsid, 0);
	(void)CALL(prctl, PR_SET_CHILD_SUBREAPER, 1);
	(void)CALL(prlimit64, 0, RLIMIT_CORE, &none);
	(void)CALL(umask, 077);
}

/* Numbers 0 to 2 are given in this order, because the lowest free one is always taken. 0 or -errno. */
static int
open_standard_files(void)
{
	static const struct {
		const char *path;
		int flags;
	} files[] = {
		{ "/dev/null", O_RDONLY },
		{ STEP_STDOUT_NAME, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW },
		{ STEP_STDERR_NAME, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW },
	};

	(void)CALL(close_range, STEP_SECRETS_FD + 1, ~0U, 0);
	(void)CALL(close_range, STEP_LOCK_FD + 1, STEP_SECRETS_FD - 1, 0);
	(void)CALL(close_range, STDIN_FILENO, STDERR_FILENO, 0);
	for (int i = 0; i < 3; i++) {
		int fd = system_open(files[i].path, files[i].flags, 0600);

		if (fd != i)
			return fd < 0 ? fd : -EBADF;
	}
	return 0;
}

static void
reap(struct watch *w)
{
	long pid;
	int status;

	while ((pid = CALL(wait4, -1, &status, WNOHANG, NULL)) > 0) {
		if (pid == w->tool) {
			w->tool = 0;
			w->status = status;
			w->ended_ms = system_clock_ms(CLOCK_REALTIME);
			w->act_at = now_ms() + STEP_STRAYS_MS;
		} else if (w->round_ms > 0) {
			w->strays++;
		}
	}
	w->childless = pid == -ECHILD;
}

static void
climb(struct watch *w, int64_t now)
{
	int signal = ladder[w->rung].signal;

	/* The tool may have left its group: it is always meant itself. */
	(void)CALL(kill, w->tool, signal);
	if (ladder[w->rung].group)
		(void)CALL(kill, -w->tool, signal);
	/* One that was stopped would never hear of it. */
	(void)CALL(kill, w->tool, SIGCONT);
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
	int64_t left = until - now_ms();
	struct timespec timeout = { .tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000 };
	const signals_t news = SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGTERM);
	long signal;

	if (left <= 0)
		return;
	signal = CALL(rt_sigtimedwait, &news, NULL, &timeout, sizeof news);
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
		now = now_ms();
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
	(void)CALL(getrusage, RUSAGE_CHILDREN, &r->usage);
}

/* Runs the tool from its start to the end of its last descendant. */
static void
perform(const struct orders *o, struct record *r)
{
	int64_t now = now_ms();
	long pid;
	struct watch w = {
		.orders = o,
		.act_at = o->timeout_ms > 0 ? now + o->timeout_ms : NEVER,
		.look_at = now + LOOK_FIRST_MS,
		.look_pause = LOOK_FIRST_MS,
		.out.fd = STDOUT_FILENO,
		.err.fd = STDERR_FILENO,
	};

	r->started_ms = system_clock_ms(CLOCK_REALTIME);
	pid = tool_start(o->argv);
	if (pid < 0) {
		r->code = (int)-pid;
		r->ending = "not_started";
		r->ended_ms = system_clock_ms(CLOCK_REALTIME);
		return;
	}
	w.tool = (pid_t)pid;
	/* The tool alone keeps the secrets. */
	system_close(STEP_SECRETS_FD);
	failpoint("step.spawned");
	watch_tool(&w);
	(void)output_trim(&w.out);
	(void)output_trim(&w.err);
	describe_ending(&w, r);
}

static bool
holds_lock(void)
{
	/* Whoever starts something holds the lock; taking it again costs nothing if it is ours. */
	return CALL(flock, STEP_LOCK_FD, LOCK_EX | LOCK_NB) == 0;
}

static int
refuse(void)
{
	static const char usage[] =
	    "usage: purser-step ID TIMEOUT-MS GRACE-MS -- TOOL [ARGUMENT...] "
	    "3<>lock (started by purser only)\n";

	(void)CALL(write, STDERR_FILENO, usage, sizeof usage - 1);
	return STEP_EXIT_USAGE;
}

int
step_main(int argc, char **argv)
{
	long runner = CALL(getppid, 0);
	struct record record = { 0 };
	struct orders orders;
	bool lasting;
	int error;

	settle_signals();
	if (!read_orders(argc, argv, &orders) || !holds_lock())
		return refuse();
	failpoint("step.begin");
	leave_runner();
	record.execution = orders.execution;
	error = open_standard_files();
	if (error == 0)
		error = record_begin(&record);
	if (error < 0)
		return error == -EEXIST ? STEP_EXIT_USAGE : STEP_EXIT_ERRNO - error;
	failpoint("step.started");
	perform(&orders, &record);
	failpoint("step.ended");
	lasting = CALL(getppid, 0) != runner || record.ended_ms - record.started_ms > LASTING_MS;
	if (record_end(&record, lasting) < 0)
		return STEP_EXIT_UNRECORDED;
	failpoint("step.renamed");
	return STEP_EXIT_RECORDED;
}
