/*
 * A delivery goes through: read what is due, start the command, wait, write down
 * how it ended. Nothing is written before, so that a crash anywhere repeats the
 * delivery. What could not be written down stays in memory, and nothing else is
 * begun, until it could.
 *
 * Two notices that fail one after the other mean that it is the command that
 * fails: then the notifier rests, instead of failing a long queue one by one
 * while a run waits for its end.
 */
#include "config.h"

#include "engine/notify.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "driver/command.h"

#define DELAY_FIRST_MS (10 * 1000)
#define DELAY_MAX_MS (10 * 60 * 1000)
#define FAILURES_MAX 2 /* in a row, before a rest */
/* How long the end of the last delivery may wait for other writers when a run ends. */
#define LAST_WAIT_MS 1000
#define SUBJECT "notify"

struct notifier {
	uv_loop_t *loop;
	struct store *store;
	const struct config *config;
	char *lock_path;
	int lock_fd; /* -1: not ours */

	struct command *command; /* that runs; NULL: none */
	/* What it tells, and once it has ended, until that is written down, how. */
	struct notice notice; /* number 0: none */
	bool has_ended;
	char *why; /* it is not delivered; NULL: it is */

	bool is_due;
	int failures;        /* in a row */
	int64_t rests_to_ms; /* boot clock */
	/* What another process had in hand when we last looked, and since when (boot clock). */
	int64_t elsewhere, elsewhere_since_ms;

	void (*idle)(void *data);
	void *data;
};

/* Before the next try, after so many. */
static int64_t
delay_after(int tries)
{
	int64_t delay = DELAY_FIRST_MS;

	while (--tries > 0 && delay < DELAY_MAX_MS)
		delay *= 2;
	return delay < DELAY_MAX_MS ? delay : DELAY_MAX_MS;
}

static void
rest(struct notifier *n, int64_t delay_ms)
{
	n->is_due = false;
	n->rests_to_ms = clock_boot_ms() + delay_ms;
	fd_cleanup(&n->lock_fd);
}

/* The store, or the disk, refused something: not our business, but it may pass. */
static void
stumble(struct notifier *n, const struct err *e)
{
	if (e->kind == ERR_BUSY)
		return;
	log_warn(SUBJECT, "%s", e->msg);
	rest(n, DELAY_FIRST_MS);
}

static void
forget(struct notifier *n)
{
	free(n->notice.line);
	free(n->why);
	n->notice = (struct notice){ .number = 0 };
	n->why = NULL;
	n->has_ended = false;
}

/* ---- the end of a delivery ---- */

static bool
is_last_try(const struct notifier *n)
{
	return n->notice.tries + 1 >= NOTIFY_TRIES;
}

static int
write_dropped(struct notifier *n, struct err *e)
{
	AUTO_JSON cJSON *notice = json_parse(n->notice.line, strlen(n->notice.line), 1, NULL);
	AUTO_JSON cJSON *details = cJSON_CreateObject();
	const char *objective = json_str(notice, "objective");

	json_add_int(details, "number", n->notice.number);
	json_add_str(details, "event", json_str(notice, "event"));
	json_add_str(details, "batch", json_str(notice, "batch"));
	json_add_int(details, "tries", n->notice.tries + 1);
	json_add_str(details, "why", n->why);
	return store_audit_add(n->store, "notice.dropped",
	    objective != NULL && id_is_valid(objective) ? objective : NULL, details, clock_now_ms(),
	    e);
}

static int
write_end(struct notifier *n, struct err *e)
{
	struct store *s = n->store;

	if (n->why != NULL && !is_last_try(n))
		return store_notice_failed(
		    s, n->notice.number, clock_now_ms() + delay_after(n->notice.tries + 1), e);
	if (store_notice_done(s, n->notice.number, e) == -1)
		return -1;
	return n->why != NULL ? write_dropped(n, e) : 0;
}

/* In a transaction that is open; 0 once it is committed. */
static int
commit_end(struct notifier *n, struct err *e)
{
	if (write_end(n, e) == -1) {
		store_rollback(n->store);
		/* An uncertain commit of ours was none in fact, or another process was faster. */
		return e->kind == ERR_NOT_FOUND ? 0 : -1;
	}
	/* After an uncertain commit the store takes no more: the runner ends, and the next one delivers again. */
	return store_commit(n->store, e);
}

/* False: it could not be written down yet, or it is time for a rest. */
static bool
settle(struct notifier *n)
{
	bool failed = n->why != NULL;
	struct err e = { 0 };

	if (!n->has_ended)
		return true;
	if (store_begin(n->store, &e) == -1 || commit_end(n, &e) == -1) {
		stumble(n, &e);
		return false;
	}
	failpoint("notify.written");
	forget(n);
	if (!failed || n->failures < FAILURES_MAX)
		return true;
	rest(n, delay_after(n->failures - FAILURES_MAX + 1));
	return false;
}

static void
log_failure(const struct notifier *n)
{
	const char *program = n->config->notify_command.v[0];
	int left = NOTIFY_TRIES - n->notice.tries - 1;

	if (left <= 0)
		log_warn(SUBJECT, "%s: %s; given up after %d tries: %s", program, n->why,
		    NOTIFY_TRIES, n->notice.line);
	else
		log_warn(SUBJECT, "%s: %s; it is tried %d more %s", program, n->why, left,
		    left == 1 ? "time" : "times");
}

/* WHY (owned) NULL: it is delivered. */
static void
end_delivery(struct notifier *n, char *why)
{
	n->has_ended = true;
	n->why = why;
	if (why == NULL) {
		n->failures = 0;
		return;
	}
	log_failure(n);
	n->failures++;
}

/* The last line that says something. */
static char *
last_line(const char *text)
{
	size_t end = strlen(text), begin;

	while (end > 0 && strchr(" \t\r\n", text[end - 1]) != NULL)
		end--;
	begin = end;
	while (begin > 0 && text[begin - 1] != '\n')
		begin--;
	return xstrndup(text + begin, end - begin);
}

/* What went wrong, for people; NULL if nothing did. */
static char *
judge(const struct command_result *r)
{
	AUTO_FREE char *said = last_line(r->output);
	const char *colon = *said != '\0' ? ": " : "";

	if (r->ending == END_TIMED_OUT)
		return xasprintf("it took too long%s%s", colon, said);
	if (r->ending == END_SIGNALED)
		return xasprintf("it was ended by signal %d%s%s", r->code, colon, said);
	return r->code != 0 ? xasprintf("exit status %d%s%s", r->code, colon, said) : NULL;
}

static void
command_is_done(struct command *c, const struct command_result *result, void *data)
{
	struct notifier *n = data;

	failpoint("notify.ended");
	end_delivery(n, judge(result));
	command_free(c);
	n->command = NULL;
	notifier_look(n);
	if (n->idle != NULL && !notifier_is_busy(n))
		n->idle(n->data);
}

/* ---- the beginning ---- */

/* The notice with its number in front, by which a repetition is known. */
static char *
numbered(const struct notice *notice)
{
	assert(notice->line[0] == '{');
	return xasprintf("{\"number\":%" PRId64 ",%s\n", notice->number, notice->line + 1);
}

static void
begin_delivery(struct notifier *n, struct notice *notice)
{
	AUTO_FREE char *input = numbered(notice);
	const struct command_spec spec = {
		.argv = &n->config->notify_command,
		.input = input,
		.timeout_ms = n->config->notify_timeout_ms,
	};
	struct err e = { 0 };

	n->notice = *notice;
	notice->line = NULL;
	n->command = command_start(&spec, n->loop, command_is_done, n, &e);
	failpoint("notify.started");
	if (n->command == NULL)
		end_delivery(n, xstrdup(e.msg));
}

/*
 * Another process has it in hand: a run waits for it, because it may have looked
 * for the last time before what is due now was committed; but not for one that
 * does not get on.
 */
static void
leave_elsewhere(struct notifier *n, int64_t number)
{
	int64_t now = clock_boot_ms();

	if (n->elsewhere != number) {
		n->elsewhere = number;
		n->elsewhere_since_ms = now;
	}
	n->is_due = now - n->elsewhere_since_ms <=
	    n->config->notify_timeout_ms + 2 * (int64_t)COMMAND_GRACE_MS;
}

/* With the oldest that is due. True: look once more, for the lock was not ours when it was read. */
static bool
take_up(struct notifier *n, struct notice *notice)
{
	struct err e = { 0 };

	n->is_due = true;
	if (n->lock_fd != -1) {
		begin_delivery(n, notice);
		return false;
	}
	n->lock_fd = file_lock(n->lock_path, &e);
	if (n->lock_fd != -1)
		return true;
	if (e.kind == ERR_BUSY)
		leave_elsewhere(n, notice->number);
	else
		stumble(n, &e);
	return false;
}

static bool
look_for_next(struct notifier *n)
{
	struct notice *v = NULL;
	struct err e = { 0 };
	size_t len = 0;
	bool again = false;

	if (store_notices(n->store, clock_now_ms(), 1, &v, &len, &e) == -1) {
		stumble(n, &e);
		return false;
	}
	if (len > 0) {
		again = take_up(n, &v[0]);
	} else {
		n->is_due = false;
		fd_cleanup(&n->lock_fd);
	}
	store_notices_free(v, len);
	return again;
}

/* ---- the interface ---- */

struct notifier *
notifier_new(
    uv_loop_t *loop, struct store *s, const struct paths *paths, const struct config *config)
{
	struct notifier *n = xcalloc(1, sizeof *n);

	n->loop = loop;
	n->store = s;
	n->config = config;
	n->lock_path = file_join(paths->state, NOTIFY_LOCK_NAME);
	n->lock_fd = -1;
	return n;
}

void
notifier_look(struct notifier *n)
{
	if (n->config->notify_command.len == 0 || n->command != NULL ||
	    clock_boot_ms() < n->rests_to_ms)
		return;
	while (settle(n))
		if (!look_for_next(n) && !n->has_ended)
			return;
}

bool
notifier_is_busy(const struct notifier *n)
{
	return n->command != NULL ||
	    ((n->is_due || n->has_ended) && clock_boot_ms() >= n->rests_to_ms);
}

void
notifier_on_idle(struct notifier *n, void (*idle)(void *data), void *data)
{
	n->idle = idle;
	n->data = data;
}

void
notifier_free(struct notifier *n)
{
	struct err e = { 0 };

	if (n == NULL)
		return;
	command_free(n->command);
	if (n->has_ended && store_begin_wait(n->store, LAST_WAIT_MS, &e) == 0)
		(void)commit_end(n, &e);
	forget(n);
	fd_cleanup(&n->lock_fd);
	free(n->lock_path);
	free(n);
}
