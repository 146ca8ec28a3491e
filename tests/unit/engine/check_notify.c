/*
 * The notifier against a store that is made of an array and can refuse any call:
 * what is due is delivered at least once, and in the order and at the times that
 * the header promises.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/notify.h"

#define NOW INT64_C(1763690000000)
#define NOTICES_MAX 16
#define OBJECTIVE "0192f0c1-7a00-7000-8000-0000000000ff"

/* ---- the store ---- */

struct row {
	int64_t number, not_before_ms;
	int tries;
	bool done;
};

struct store {
	struct row rows[NOTICES_MAX], saved[NOTICES_MAX];
	size_t len;
	bool open;
	int calls, fails_at; /* the call that fails, from 1; 0: none */
	enum err_kind kind;
	bool commits_all_the_same; /* an uncertain commit took effect */
	int reopened;
	int dropped, dropped_saved;
	char why[200];
};

static struct store store;

static int
refuses(struct err *e)
{
	if (++store.calls != store.fails_at)
		return 0;
	return err_set(e, store.kind, "call %d is refused", store.calls);
}

int
store_notices(
    struct store *s, int64_t now_ms, size_t max, struct notice **v, size_t *len, struct err *e)
{
	*v = NULL;
	*len = 0;
	if (refuses(e) == -1)
		return -1;
	*v = xcalloc(max, sizeof **v);
	for (size_t i = 0; i < s->len && *len < max; i++) {
		const struct row *r = &s->rows[i];

		if (!r->done && r->not_before_ms <= now_ms)
			(*v)[(*len)++] = (struct notice){ .number = r->number,
				.tries = r->tries,
				.line = xstrdup("{\"event\":\"failed\",\"objective\":\"" OBJECTIVE
						"\",\"batch\":\"b\"}") };
	}
	return 0;
}

void
store_notices_free(struct notice *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(v[i].line);
	free(v);
}

static struct row *
find_row(struct store *s, int64_t number, struct err *e)
{
	ck_assert(s->open);
	for (size_t i = 0; i < s->len; i++)
		if (s->rows[i].number == number && !s->rows[i].done)
			return &s->rows[i];
	err_set(e, ERR_NOT_FOUND, "no notice %d", (int)number);
	return NULL;
}

int
store_notice_done(struct store *s, int64_t number, struct err *e)
{
	struct row *r;

	if (refuses(e) == -1 || (r = find_row(s, number, e)) == NULL)
		return -1;
	r->done = true;
	return 0;
}

int
store_notice_failed(struct store *s, int64_t number, int64_t not_before_ms, struct err *e)
{
	struct row *r;

	if (refuses(e) == -1 || (r = find_row(s, number, e)) == NULL)
		return -1;
	r->tries++;
	r->not_before_ms = not_before_ms;
	return 0;
}

int
store_audit_add(struct store *s, const char *event, const char *objective_id, const cJSON *details,
    int64_t now_ms, struct err *e)
{
	ck_assert(s->open);
	if (refuses(e) == -1)
		return -1;
	ck_assert_str_eq(event, "notice.dropped");
	ck_assert_str_eq(objective_id, OBJECTIVE);
	ck_assert_int_eq(json_int(details, "tries", 0), NOTIFY_TRIES);
	ck_assert_str_eq(json_str(details, "event"), "failed");
	ck_assert_int_ge(now_ms, NOW);
	snprintf(s->why, sizeof s->why, "%s", json_str(details, "why"));
	s->dropped++;
	return 0;
}

int
store_begin(struct store *s, struct err *e)
{
	ck_assert(!s->open);
	if (refuses(e) == -1)
		return -1;
	memcpy(s->saved, s->rows, sizeof s->rows);
	s->dropped_saved = s->dropped;
	s->open = true;
	return 0;
}

int
store_begin_wait(struct store *s, int64_t timeout_ms, struct err *e)
{
	(void)timeout_ms;
	return store_begin(s, e);
}

void
store_rollback(struct store *s)
{
	if (!s->open)
		return;
	memcpy(s->rows, s->saved, sizeof s->rows);
	s->dropped = s->dropped_saved;
	s->open = false;
}

int
store_commit(struct store *s, struct err *e)
{
	ck_assert(s->open);
	if (refuses(e) == -1) {
		if (e->kind != ERR_UNCERTAIN || !s->commits_all_the_same)
			store_rollback(s);
		s->open = false;
		return -1;
	}
	s->open = false;
	return 0;
}

int
store_reopen(struct store *s, struct err *e)
{
	ck_assert(!s->open);
	s->reopened++;
	return refuses(e);
}

/* ---- the scene ---- */

static char root[] = "/tmp/purser-notify.XXXXXX";
static struct paths paths;
static struct config config;
static uv_loop_t loop;
static struct notifier *notifier;
static int64_t wall, boot;
static char *told;

static void
pass(int64_t ms)
{
	wall += ms;
	boot += ms;
	clock_set_for_test(wall, boot);
}

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(root));
	log_set_level(LOG_ERROR);
	paths.state = xstrdup(root);
	told = file_join(root, "told");
	config.notify_timeout_ms = 10000;
	store = (struct store){ .len = 0 };
	wall = NOW;
	boot = 1000000;
	pass(0);
	ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void
end_notifier(void)
{
	notifier_free(notifier);
	notifier = NULL;
	uv_run(&loop, UV_RUN_DEFAULT);
}

static void
tear_down(void)
{
	end_notifier();
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	strv_clear(&config.notify_command);
	free(told);
	free(paths.state);
	ck_assert_int_eq(file_remove_tree(root, NULL), 0);
}

/* SCRIPT finds the file to tell in $0. */
static void
begin_notifier(const char *script)
{
	strv_clear(&config.notify_command);
	strv_add(&config.notify_command, "/bin/sh");
	strv_add(&config.notify_command, "-c");
	strv_add(&config.notify_command, script);
	strv_add(&config.notify_command, told);
	notifier = notifier_new(&loop, &store, &paths, &config);
}

static void
add_notices(int n)
{
	while (n-- > 0) {
		store.rows[store.len] = (struct row){ .number = (int64_t)store.len + 1 };
		store.len++;
	}
}

/* Looks, as a runner does that would end, until the notifier has nothing to do now. */
static void
deliver(void)
{
	notifier_look(notifier);
	while (notifier_is_busy(notifier)) {
		uv_run(&loop, UV_RUN_NOWAIT);
		notifier_look(notifier);
	}
}

static char *
told_text(void)
{
	struct buf text = BUF_INIT(1 << 20);

	(void)file_read(told, 1 << 20, &text, NULL);
	return buf_take(&text);
}

/* How often the command was told a notice. */
static int
told_times(int number)
{
	AUTO_FREE char *text = told_text();
	AUTO_FREE char *wanted = xasprintf("{\"number\":%d,\"event\":", number);
	int n = 0;

	for (const char *at = text; (at = strstr(at, wanted)) != NULL; at++)
		n++;
	return n;
}

static size_t
left(void)
{
	size_t n = 0;

	for (size_t i = 0; i < store.len; i++)
		n += !store.rows[i].done;
	return n;
}

static bool
lock_is_free(void)
{
	AUTO_FREE char *path = file_join(root, NOTIFY_LOCK_NAME);
	int fd = file_lock(path, NULL);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

static void
pause_briefly(void)
{
	const struct timespec t = { .tv_nsec = 5000000 };

	nanosleep(&t, NULL);
}

/* ---- delivery ---- */

START_TEST(delivers_in_order_each_once)
{
	AUTO_FREE char *text = NULL;

	begin_notifier("cat >> $0");
	deliver();
	ck_assert(!file_exists(told));
	add_notices(3);
	deliver();
	ck_assert_uint_eq(left(), 0);
	text = told_text();
	ck_assert(strstr(text, "{\"number\":1,") < strstr(text, "{\"number\":2,"));
	ck_assert(strstr(text, "{\"number\":2,") < strstr(text, "{\"number\":3,"));
	for (int i = 1; i <= 3; i++)
		ck_assert_int_eq(told_times(i), 1);
	ck_assert(lock_is_free());
	add_notices(1);
	deliver();
	ck_assert_int_eq(told_times(4), 1);
}
END_TEST

START_TEST(without_a_command_it_costs_nothing)
{
	config.notify_command = (struct strv){ .len = 0 };
	notifier = notifier_new(&loop, &store, &paths, &config);
	add_notices(1);
	deliver();
	ck_assert_int_eq(store.calls, 0);
	ck_assert_uint_eq(left(), 1);
}
END_TEST

static void
note_idle(void *data)
{
	++*(int *)data;
}

START_TEST(tells_when_it_is_idle)
{
	int idle = 0;

	begin_notifier("cat >> $0");
	notifier_on_idle(notifier, note_idle, &idle);
	add_notices(3);
	notifier_look(notifier);
	ck_assert(notifier_is_busy(notifier));
	while (idle == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_eq(left(), 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(idle, 1);
}
END_TEST

static const char *const failing[] = {
	"cat >> $0; exit 1",
	"cat >> $0; kill -9 $$",
	"cat >> $0; exec sleep 20",
};

START_TEST(a_failed_one_is_tried_again_later)
{
	config.notify_timeout_ms = 300;
	begin_notifier(failing[_i]);
	add_notices(1);
	deliver();
	ck_assert_int_eq(told_times(1), 1);
	ck_assert_int_eq(store.rows[0].tries, 1);
	ck_assert_int_eq(store.rows[0].not_before_ms, NOW + 10000);
	ck_assert(lock_is_free());
	pass(9999);
	deliver();
	ck_assert_int_eq(told_times(1), 1);
	pass(1);
	deliver();
	ck_assert_int_eq(told_times(1), 2);
	ck_assert_int_eq(store.rows[0].not_before_ms, NOW + 10000 + 20000);
}
END_TEST

START_TEST(it_is_given_up_in_the_end)
{
	static const int64_t delays[] = { 10, 20, 40, 80, 160, 320, 600 };

	begin_notifier("echo begins; cat >> $0; echo no such mailbox >&2; exit 3");
	add_notices(1);
	for (size_t i = 0; i < COUNT_OF(delays); i++) {
		deliver();
		ck_assert_int_eq(store.rows[0].not_before_ms - wall, delays[i] * 1000);
		pass(delays[i] * 1000);
	}
	ck_assert_int_eq(store.dropped, 0);
	deliver();
	ck_assert_int_eq(told_times(1), NOTIFY_TRIES);
	ck_assert_uint_eq(left(), 0);
	ck_assert_int_eq(store.dropped, 1);
	ck_assert_str_eq(store.why, "exit status 3: no such mailbox");
}
END_TEST

START_TEST(one_that_fails_holds_up_no_other)
{
	begin_notifier("read line; case $line in *:2,*) exit 1;; *) echo \"$line\" >> $0;; esac");
	add_notices(4);
	deliver();
	ck_assert_uint_eq(left(), 1);
	ck_assert_int_eq(store.rows[1].tries, 1);
	ck_assert_int_eq(told_times(3) + told_times(4), 2);
}
END_TEST

/* A run that waits for its end must not wait for each of a thousand. */
START_TEST(a_command_that_only_fails_is_given_a_rest)
{
	begin_notifier("cat >> $0; exit 1");
	add_notices(5);
	deliver();
	ck_assert_int_eq(told_times(1) + told_times(2) + told_times(3), 2);
	ck_assert(!notifier_is_busy(notifier));
	ck_assert(lock_is_free());
	pass(10000);
	deliver();
	ck_assert_int_eq(told_times(1), 2);
	ck_assert_int_eq(told_times(2), 1);
	pass(19999);
	deliver();
	ck_assert_int_eq(told_times(2), 1);
	end_notifier();
	begin_notifier("cat >> $0");
	deliver();
	ck_assert_int_eq(told_times(2), 2);
	ck_assert_int_eq(told_times(5), 1);
}
END_TEST

START_TEST(a_command_that_is_not_there)
{
	strv_add(&config.notify_command, "/nonexistent/mailer");
	notifier = notifier_new(&loop, &store, &paths, &config);
	add_notices(1);
	deliver();
	ck_assert_int_eq(store.rows[0].tries, 1);
	for (int i = 1; i < NOTIFY_TRIES; i++) {
		pass(600000);
		deliver();
	}
	ck_assert_int_eq(store.dropped, 1);
	ck_assert_ptr_nonnull(strstr(store.why, "start /nonexistent/mailer"));
}
END_TEST

/* ---- others ---- */

START_TEST(another_process_has_it_in_hand)
{
	AUTO_FREE char *path = file_join(root, NOTIFY_LOCK_NAME);
	int lock = file_lock(path, NULL);

	begin_notifier("cat >> $0");
	add_notices(2);
	notifier_look(notifier);
	ck_assert(notifier_is_busy(notifier));
	ck_assert(!file_exists(told));
	/* It gets on: we wait. */
	pass(19000);
	store.rows[0].done = true;
	notifier_look(notifier);
	ck_assert(notifier_is_busy(notifier));
	pass(19000);
	notifier_look(notifier);
	ck_assert(notifier_is_busy(notifier));
	/* It does not: we leave it. */
	pass(2000);
	notifier_look(notifier);
	ck_assert(!notifier_is_busy(notifier));
	/* It is gone. */
	close(lock);
	deliver();
	ck_assert_int_eq(told_times(2), 1);
	ck_assert_uint_eq(left(), 0);
}
END_TEST

START_TEST(what_runs_when_we_end_is_delivered_again)
{
	begin_notifier("sleep .2; cat >> $0");
	add_notices(1);
	notifier_look(notifier);
	ck_assert(notifier_is_busy(notifier));
	end_notifier();
	ck_assert_uint_eq(left(), 1);
	/* An exec lets its parent go on a moment before it closes what is to be closed. */
	while (!lock_is_free())
		pause_briefly();
	ck_assert_int_eq(told_times(1), 0);
	while (told_times(1) == 0)
		pause_briefly();
	begin_notifier("cat >> $0");
	deliver();
	ck_assert_int_eq(told_times(1), 2);
	ck_assert_uint_eq(left(), 0);
}
END_TEST

/* The lock dies with the process that held it, although the command lives on. */
START_TEST(a_killed_process_leaves_the_lock)
{
	pid_t pid = fork();

	if (pid == 0) {
		begin_notifier("sleep 1; echo survived >> $0");
		add_notices(1);
		notifier_look(notifier);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	begin_notifier("cat >> $0");
	add_notices(1);
	deliver();
	ck_assert_int_eq(told_times(1), 1);
}
END_TEST

/* ---- a store that refuses ---- */

static const struct {
	enum err_kind kind;
	bool commits;
} refusals[] = {
	{ ERR_BUSY, false },
	{ ERR_FULL, false },
	{ ERR_SYSTEM, false },
	{ ERR_UNCERTAIN, false },
	{ ERR_UNCERTAIN, true },
};

/* Each call fails once in turn, until a run makes fewer calls than that. */
START_TEST(any_call_may_fail)
{
	for (int at = 1;; at++) {
		store = (struct store){ .fails_at = at,
			.kind = refusals[_i].kind,
			.commits_all_the_same = refusals[_i].commits };
		unlink(told);
		add_notices(3);
		begin_notifier("cat >> $0");
		for (int round = 0; round < 3; round++) {
			deliver();
			pass(20000);
		}
		ck_assert_uint_eq(left(), 0);
		for (int i = 1; i <= 3; i++)
			ck_assert_int_eq(told_times(i), 1);
		ck_assert(!store.open);
		end_notifier();
		if (store.calls < at)
			break;
	}
}
END_TEST

START_TEST(giving_up_may_fail)
{
	for (int at = 1;; at++) {
		store = (struct store){ .fails_at = at,
			.kind = refusals[_i].kind,
			.commits_all_the_same = refusals[_i].commits };
		unlink(told);
		add_notices(1);
		store.rows[0].tries = NOTIFY_TRIES - 1;
		begin_notifier("cat >> $0; exit 1");
		for (int round = 0; round < 3; round++) {
			deliver();
			pass(20000);
		}
		ck_assert_uint_eq(left(), 0);
		ck_assert_int_eq(store.dropped, 1);
		ck_assert_int_eq(told_times(1), 1);
		end_notifier();
		if (store.calls < at)
			break;
	}
}
END_TEST

START_TEST(the_last_end_is_written_when_it_is_freed)
{
	begin_notifier("cat >> $0");
	add_notices(1);
	/* Twice notices, then the transaction: busy just when the command has ended. */
	store.fails_at = 3;
	store.kind = ERR_BUSY;
	notifier_look(notifier);
	while (store.calls < 3)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert(notifier_is_busy(notifier));
	ck_assert_uint_eq(left(), 1);
	end_notifier();
	ck_assert_uint_eq(left(), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("notify");
	TCase *cases = tcase_create("notify");

	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_test(cases, delivers_in_order_each_once);
	tcase_add_test(cases, without_a_command_it_costs_nothing);
	tcase_add_test(cases, tells_when_it_is_idle);
	tcase_add_loop_test(cases, a_failed_one_is_tried_again_later, 0, COUNT_OF(failing));
	tcase_add_test(cases, it_is_given_up_in_the_end);
	tcase_add_test(cases, one_that_fails_holds_up_no_other);
	tcase_add_test(cases, a_command_that_only_fails_is_given_a_rest);
	tcase_add_test(cases, a_command_that_is_not_there);
	tcase_add_test(cases, another_process_has_it_in_hand);
	tcase_add_test(cases, what_runs_when_we_end_is_delivered_again);
	tcase_add_test(cases, a_killed_process_leaves_the_lock);
	tcase_add_loop_test(cases, any_call_may_fail, 0, COUNT_OF(refusals));
	tcase_add_loop_test(cases, giving_up_may_fail, 0, COUNT_OF(refusals));
	tcase_add_test(cases, the_last_end_is_written_when_it_is_freed);
	suite_add_tcase(suite, cases);
	return unit_run(suite);
}
