/*
 * Every call of the store fails once, in each way: what was not committed is
 * not there, what was is, the store verifies, and the same work done again
 * comes to its end. With TEST_LENGTH=long (see tests/long) that is each call in each
 * way; else each way has its share of the calls. Needs a build with
 * --enable-failpoints. The work is done by this program executed anew, because a
 * process reads its wish but once.
 */
#include "config.h"

#include "fixture.h"

#ifdef WITH_FAILPOINTS

#define WALK_MAX 400

/* Exit statuses of the child. */
enum { DONE = 10, REFUSED = 20 };

static int
one_transaction(struct store *store, int (*work)(struct store *))
{
	if (store_begin(store, &err) < 0)
		return -1;
	if (work(store) == 0 && store_commit(store, &err) == 0)
		return 0;
	store_rollback(store);
	return -1;
}

static int
submit_work(struct store *store)
{
	struct batch b;
	struct submitted out;
	int rc;

	batch_start(&b, "b");
	batch_add(&b, "a")->key = xstrdup("k");
	strv_add(&batch_add(&b, "d")->depends_on, "a");
	b.v[1].key = xstrdup("k2");
	rc = store_submit(store, &b, "tester", NOW, &out, &err);
	batch_end(&b);
	return rc;
}

/* Claims what is ready, makes a resource and succeeds. */
static int
build_work(struct store *store)
{
	char ids[1][ID_SIZE], name[8 + ID_SIZE];
	struct resource r = { .id = name, .attempt = 1, .made_ms = NOW };
	struct move m = { .event = EVENT_SUCCEED };
	struct claim c;
	size_t len;

	if (store_ready(store, NULL, NOW, 1, ids, &len, &err) < 0)
		return -1;
	if (len == 0)
		return 0;
	if (try_claim(store, ids[0], me, 1, &c) < 0)
		return -1;
	snprintf(name, sizeof(name), "/r/%s", ids[0]);
	if (store_resource_add(store, &c, &r, &err) < 0)
		return -1;
	return store_move(store, &c, &m, NOW, &err);
}

static int
destroy_work(struct store *store)
{
	CLEANUP(strv_clear) struct strv ids = { NULL, 0, 0 };
	struct destroy_report report;
	struct objective o;

	if (store_find(store, "b/a", &o, &err) < 0)
		return -1;
	strv_add(&ids, o.id);
	objective_clear(&o);
	return store_destroy(store, &ids, true, "tester", NOW, &report, &err);
}

/* Twice is as once. */
static int
trust_work(struct store *store)
{
	CLEANUP(contract_clear) struct contract first, second;
	size_t lifted;

	contract_of_body(&first, "server", "tool", cJSON_CreateObject());
	contract_of_body(&second, "server", "tool", cJSON_CreateArray());
	if (store_contract_pin(store, &first, NOW, &err) < 0)
		return -1;
	return store_contract_trust(store, &second, "tester", NOW, &lifted, &err);
}

static int (*const works[])(
    struct store *) = { submit_work, build_work, build_work, destroy_work, trust_work };

/* Goes on until all is done; what failed is done again. */
static void __attribute__((noreturn)) child(void)
{
	struct store *store = NULL;
	bool refused = false;

	while (store_open(folder, STORE_WRITE, &store, &err) < 0)
		refused = true;
	store_want_notices(store, (1u << NOTICE_KINDS) - 1);
	for (size_t i = 0; i < COUNT_OF(works);) {
		if (one_transaction(store, works[i]) == 0) {
			i++;
			continue;
		}
		if (refused) {
			fprintf(stderr, "# twice: work %zu: %s\n", i, err.msg);
			_exit(1);
		}
		refused = true;
		if (err.kind == ERR_UNCERTAIN) {
			if (store_reopen(store, &err) < 0)
				_exit(2);
			/* It may have taken effect: look, and do not do it twice. */
			int64_t counts[STATES];
			if (store_counts(store, NULL, counts, &err) < 0)
				_exit(3);
			static const struct {
				enum state state;
				int64_t n;
			} effects[] = { { STATE_QUEUED, 2 }, { STATE_SUCCEEDED, 1 },
				{ STATE_SUCCEEDED, 2 }, { STATE_QUEUED, 2 }, { STATE_QUEUED, 2 } };
			if (counts[effects[i].state] == effects[i].n)
				i++;
		}
	}
	store_close(store);
	_exit(refused ? REFUSED : DONE);
}

static void
walk(const char *kind, int first, int step)
{
	int status = 0;

	for (int n = first; n < WALK_MAX; n += step) {
		char wish[64];
		int64_t counts[STATES];
		pid_t pid;

		snprintf(wish, sizeof(wish), "%d:%s", n, kind);
		fixture_teardown();
		fixture_setup();
		store_close(s);
		s = NULL;
		pid = fork();
		if (pid == 0) {
			setenv("PURSER_STORE_FAULT", wish, 1);
			execl("/proc/self/exe", "check_fault", folder, me, (char *)NULL);
			_exit(4);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) >= DONE, "%s: status %x",
		    wish, (unsigned)status);
		OK(store_open(folder, STORE_WRITE, &s, &err));
		OK(store_verify(s, &err));
		OK(store_counts(s, NULL, counts, &err));
		ck_assert_msg(
		    counts[STATE_QUEUED] == 2 && counts[STATE_SUCCEEDED] == 0, "%s", wish);
		if (WEXITSTATUS(status) == DONE) {
			ck_assert_msg(n > 4, "%s: nothing failed", wish);
			return;
		}
	}
	ck_abort_msg("%s: no end", kind);
}

static const char *const kinds[] = { "busy", "full", "error", "uncertain", "uncertain-written" };

START_TEST(every_call_fails_once)
{
	if (unit_is_long())
		walk(kinds[_i], 1, 1);
	else
		walk(kinds[_i], 1 + 2 * _i, 2 * (int)COUNT_OF(kinds));
}
END_TEST

#endif

int
main(int argc, char **argv)
{
	TCase *t;
	Suite *suite = fixture_suite("fault", &t);

	(void)argc;
	(void)argv;
	tcase_set_timeout(t, 120);
#ifdef WITH_FAILPOINTS
	if (argc == 3) {
		snprintf(folder, sizeof(folder), "%s", argv[1]);
		snprintf(me, sizeof(me), "%s", argv[2]);
		child();
	}
	tcase_add_loop_test(t, every_call_fails_once, 0, (int)COUNT_OF(kinds));
#endif
	return unit_run(suite);
}
