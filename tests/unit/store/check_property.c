/*
 * Random verbs in random order, by two runners, with transactions undone and
 * the store closed in between: after each step the store verifies, what stands
 * ready can be claimed, stale claims are refused; and in the end all that can be
 * done is done. PURSER_TEST_SEED repeats a run, PURSER_TEST_STEPS makes it longer.
 */
#include "fixture.h"

#define CLAIMS_MAX 12
#define IDS_MAX 2000

static unsigned seed;
static int64_t now = NOW;
static char all[IDS_MAX][ID_SIZE]; /* every objective that was ever submitted */
static size_t n_all;
static struct claim claims[CLAIMS_MAX];  /* ours that hold */
static char open_x[CLAIMS_MAX][ID_SIZE]; /* their open execution; "" for none */
static size_t n_claims;
static struct claim stale; /* one that must not work any more */
static int batches, resources;

static int
dice(int sides)
{
	return (int)((unsigned)rand_r(&seed) % (unsigned)sides);
}

static void
forget(size_t i)
{
	stale = claims[i];
	claims[i] = claims[--n_claims];
	memcpy(open_x[i], open_x[n_claims], ID_SIZE);
}

static void
do_submit(bool undo)
{
	struct batch b;
	struct submitted out;
	char name[32];
	int n = 1 + dice(6);

	if (n_all + 6 > IDS_MAX)
		return;
	snprintf(name, sizeof(name), "batch-%d", batches++);
	batch_start(&b, name);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "o%d", i);
		struct objective *o = batch_add(&b, name);
		if (dice(3) == 0)
			o->resource_group = xasprintf("rg-%d", dice(4));
		if (dice(4) == 0)
			o->priority = dice(5) - 2;
		if (dice(5) == 0)
			o->not_before_ms = now + dice(4000);
		if (dice(8) == 0)
			o->deadline_ms = now + dice(9000);
		for (int j = 0; j < i; j++) {
			if (dice(3) == 0) {
				snprintf(name, sizeof(name), "o%d", j);
				strv_add(&o->depends_on, name);
			}
		}
	}
	OK(store_submit(s, &b, "tester", now, &out, &err));
	for (int i = 0; i < n && !undo; i++)
		memcpy(all[n_all++], b.v[i].id, ID_SIZE);
	batch_end(&b);
}

/* The number for a new attempt, or 0 to go on with the open one. */
static int
next_attempt(const char *id)
{
	struct attempt a;
	int number;

	if (store_attempt(s, id, &a, NULL, &err) < 0)
		return 1;
	number = a.ended_ms == 0 ? 0 : a.number + 1;
	attempt_clear(&a);
	return number;
}

static void
do_claim(bool undo)
{
	char ids[4][ID_SIZE];
	struct claim c;
	size_t len;

	OK(store_ready(s, NULL, now, 4, ids, &len, &err));
	if (len == 0 || n_claims == CLAIMS_MAX)
		return;
	const char *id = ids[dice((int)len)];
	clock_set_for_test(now, 1000);
	if (try_claim(s, id, dice(2) == 0 ? me : other, next_attempt(id), &c) < 0) {
		/* Only a deadline that store_wake() has not looked at yet keeps it. */
		ck_assert_int_eq(err.kind, ERR_CONFLICT);
		ck_assert_msg(strstr(err.msg, "deadline") != NULL, "%s", err.msg);
		return;
	}
	if (undo)
		return;
	open_x[n_claims][0] = '\0';
	claims[n_claims++] = c;
}

static void
do_move(bool undo)
{
	static const enum event events[] = { EVENT_POSTPONE, EVENT_HOLD, EVENT_SUCCEED,
		EVENT_SUCCEED, EVENT_FAIL, EVENT_CANCEL };
	static const char *const reasons[] = { "approval", "budget", "in_doubt" };
	struct failure f = { .class = FAILURE_UNKNOWN };
	struct move m = { .event = events[dice(6)],
		.until_ms = now + dice(3000),
		.reason = reasons[dice(3)],
		.failure = &f };
	size_t i = n_claims == 0 ? 0 : (size_t)dice((int)n_claims);

	if (n_claims == 0 || open_x[i][0] != '\0')
		return;
	failure_set(&f, FAILURE_CAPACITY, "SkuNotAvailable", NULL, "not here");
	OK(store_move(s, &claims[i], &m, now, &err));
	failure_clear(&f);
	if (!undo)
		forget(i);
}

static void
do_journal(bool undo)
{
	struct execution x;
	size_t i = n_claims == 0 ? 0 : (size_t)dice((int)n_claims);

	if (n_claims == 0)
		return;
	execution_init(&x);
	x.attempt = 1;
	x.run = 1;
	x.act = dice(2) == 0 ? ACT_RUN : ACT_CHECK;
	x.step_name = xstrdup("create");
	x.host = xstrdup("h");
	x.boot_id = xstrdup("b");
	if (open_x[i][0] == '\0') {
		id_new(x.id);
		x.intended_ms = now;
		OK(store_execution_begin(s, &claims[i], &x, &err));
		if (!undo)
			memcpy(open_x[i], x.id, ID_SIZE);
	} else {
		memcpy(x.id, open_x[i], ID_SIZE);
		x.outcome = (enum outcome)dice(OUTCOMES);
		x.ended_ms = now;
		OK(store_execution_end(s, &claims[i], &x, &err));
		if (!undo)
			open_x[i][0] = '\0';
	}
	execution_clear(&x);
}

static void
do_resource(bool undo)
{
	char id[64];
	struct resource r = { .id = id, .attempt = 1, .made_ms = now };

	(void)undo;
	if (n_claims == 0)
		return;
	snprintf(id, sizeof(id), "/R/%d", resources++);
	OK(store_resource_add(s, &claims[dice((int)n_claims)], &r, &err));
}

static void
do_turn(bool undo)
{
	struct attempt a;
	size_t i = n_claims == 0 ? 0 : (size_t)dice((int)n_claims);

	(void)undo;
	if (n_claims == 0 || store_attempt(s, claims[i].objective_id, &a, NULL, &err) < 0)
		return;
	if (a.ended_ms == 0) {
		attempt_turn(&a, GOAL_FAILED);
		if (dice(3) == 0)
			a.ended_ms = now;
		OK(store_attempt_save(s, &claims[i], &a, &err));
	}
	attempt_clear(&a);
}

static void
do_take_over(bool undo)
{
	struct claim c;
	size_t i = n_claims == 0 ? 0 : (size_t)dice((int)n_claims);

	if (n_claims == 0)
		return;
	OK(store_take_over(s, claims[i].objective_id, claims[i].runner_id,
	    strcmp(claims[i].runner_id, me) == 0 ? other : me, now, &c, &err));
	if (undo)
		return;
	stale = claims[i];
	claims[i] = c;
}

static void
do_cancel(bool undo)
{
	bool at_once;

	(void)undo;
	if (n_all == 0)
		return;
	if (store_cancel(s, all[dice((int)n_all)], "tester", now, &at_once, &err) < 0)
		ck_assert_msg(err.kind == ERR_INPUT, "%s", err.msg);
}

static void
do_lift(bool undo)
{
	struct hold *v;
	const char *id;
	size_t len;

	(void)undo;
	if (n_all == 0)
		return;
	id = all[dice((int)n_all)];
	OK(store_holds(s, id, &v, &len, &err));
	for (size_t i = 0; i < len; i++) {
		if (strcmp(v[i].reason, "dependency") != 0)
			OK(store_hold_lift(s, id, v[i].reason, "tester", now, &err));
	}
	store_holds_free(v, len);
}

static void
do_wake(bool undo)
{
	size_t moved;

	(void)undo;
	OK(store_wake(s, now, &moved, &err));
}

static void
do_flush(bool undo)
{
	struct audit_head head;

	(void)undo;
	OK(store_audit_head(s, &head, &err));
	if (head.number > head.flushed)
		OK(store_audit_flushed(
		    s, head.flushed + 1 + dice((int)(head.number - head.flushed)), &err));
}

static void
do_stale(bool undo)
{
	struct move m = { .event = EVENT_SUCCEED };

	(void)undo;
	if (stale.objective_id[0] != '\0')
		FAILS(ERR_CONFLICT, store_move(s, &stale, &m, now, &err));
}

static void (*const verbs[])(bool undo) = {
	do_submit,
	do_claim,
	do_claim,
	do_claim,
	do_claim,
	do_move,
	do_move,
	do_move,
	do_journal,
	do_journal,
	do_journal,
	do_resource,
	do_turn,
	do_take_over,
	do_cancel,
	do_lift,
	do_wake,
	do_flush,
	do_stale,
};

/* One verb, kept or undone in one of two ways. */
static void
step(void)
{
	int fate = dice(12);

	now += dice(200);
	OK(store_begin(s, &err));
	if (fate == 1) {
		OK(store_mark(s, &err));
		verbs[dice(COUNT_OF(verbs))](true);
		store_revert(s);
		OK(store_commit(s, &err));
	} else {
		verbs[dice(COUNT_OF(verbs))](fate == 0);
		if (fate == 0)
			store_rollback(s);
		else
			OK(store_commit(s, &err));
	}
	if (dice(200) == 0) {
		store_close(s);
		OK(store_open(folder, STORE_WRITE, &s, &err));
	}
}

/* Lets all end well: then nothing is left but ends, and what waits for something that failed. */
static void
drain(void)
{
	struct move m = { .event = EVENT_SUCCEED };
	int64_t counts[STATES];
	size_t len;

	do {
		while (n_claims > 0) {
			OK(store_begin(s, &err));
			OK(store_move(s, &claims[0], &m, now, &err));
			OK(store_commit(s, &err));
			forget(0);
		}
		now += 10000;
		OK(store_begin(s, &err));
		do_wake(false);
		for (size_t i = 0; i < n_all; i++) {
			struct hold *v;

			OK(store_holds(s, all[i], &v, &len, &err));
			for (size_t j = 0; j < len; j++) {
				if (strcmp(v[j].reason, "dependency") != 0)
					OK(store_hold_lift(
					    s, all[i], v[j].reason, NULL, now, &err));
			}
			store_holds_free(v, len);
		}
		for (int i = 0; i < CLAIMS_MAX; i++)
			do_claim(false);
		OK(store_commit(s, &err));
	} while (n_claims > 0);
	OK(store_counts(s, NULL, counts, &err));
	ck_assert_int_eq(counts[STATE_QUEUED], 0);
	ck_assert_int_eq(counts[STATE_RUNNING], 0);
	OK(store_next_wake(s, &now, &err));
	ck_assert_int_eq(now, 0);
}

START_TEST(random_verbs)
{
	const char *wanted = getenv("PURSER_TEST_SEED"), *steps = getenv("PURSER_TEST_STEPS");
	long n = steps != NULL ? strtol(steps, NULL, 10) : 600;

	seed =
	    wanted != NULL ? (unsigned)strtoul(wanted, NULL, 10) : (unsigned)getpid() * 2654435761u;
	printf("# random_verbs: PURSER_TEST_SEED=%u\n", seed);
	fflush(stdout);
	for (long i = 0; i < n; i++) {
		step();
		ck_assert_msg(store_verify(s, &err) == 0, "step %ld: %s", i, err.msg);
	}
	drain();
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("property", &t);

	tcase_add_test(t, random_verbs);
	return unit_run(suite);
}
