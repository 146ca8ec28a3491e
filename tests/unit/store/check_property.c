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
static const struct claim_limits limits = {
	.strategy = "azure_cli", .of_strategy = 4, .of_group = 2
};

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
		if (dice(8) == 0)
			o->timeout_ms = 1 + dice(9000);
		if (dice(4) == 0)
			o->provider = xasprintf("Provider.%d", dice(3));
		if (dice(4) == 0)
			o->subscription = xstrdup("Sub-1");
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

static bool
is_destroying(const char *id)
{
	struct objective o;
	bool destroying;

	OK(store_get(s, id, &o, &err));
	destroying = o.destroying;
	objective_clear(&o);
	return destroying;
}

static void
do_claim(bool undo)
{
	char ids[4][ID_SIZE];
	struct claim c;
	size_t len;

	OK(store_ready(s, NULL, now, 4, ids, &len, &err));
	for (size_t i = 1; i < len; i++) {
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(ids[i], ids[j]);
	}
	if (len == 0 || n_claims == CLAIMS_MAX)
		return;
	const char *id = ids[dice((int)len)];
	clock_set_for_test(now, 1000);
	claim_time = now;
	claim_limits = dice(3) == 0 ? &limits : NULL;
	if (try_claim(s, id, dice(2) == 0 ? me : other, next_attempt(id), &c) < 0) {
		if (err.kind == ERR_LIMIT) {
			ck_assert(!is_destroying(id) && !cancel_wanted(id));
			OK(store_pass_over(s, id, &err));
			return;
		}
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

static bool
has_open_attempt(const char *id)
{
	return next_attempt(id) == 0;
}

/* Most of what a claimed one has made is gone, or could not be undone. */
static void
undo_resources(const struct claim *c)
{
	struct resource *v;
	size_t len;

	OK(store_resources(s, c->objective_id, &v, &len, &err));
	for (size_t i = 0; i < len; i++) {
		if (v[i].state != RESOURCE_GONE && dice(8) != 0)
			OK(store_resource_move(s, c, v[i].id,
			    dice(6) == 0 ? RESOURCE_ORPHANED : RESOURCE_GONE, "locked", now, &err));
	}
	store_resources_free(v, len);
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
	if (is_destroying(claims[i].objective_id)) {
		bool closed = !has_open_attempt(claims[i].objective_id);

		if (m.event == EVENT_SUCCEED || m.event == EVENT_CANCEL)
			m.event = EVENT_DESTROYED;
		if (m.event == EVENT_DESTROYED && dice(4) != 0)
			undo_resources(&claims[i]);
		if (closed && (m.event == EVENT_POSTPONE || m.event == EVENT_HOLD))
			m.event = EVENT_FAIL;
	}
	if (m.event == EVENT_SUCCEED && cancel_wanted(claims[i].objective_id)) {
		FAILS(ERR_INPUT, store_move(s, &claims[i], &m, now, &err));
		m.event = EVENT_CANCEL;
	}
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
	const struct claim *c = n_claims == 0 ? NULL : &claims[dice((int)n_claims)];
	struct attempt a;

	(void)undo;
	if (c == NULL || is_destroying(c->objective_id))
		return;
	OK(store_attempt(s, c->objective_id, &a, NULL, &err));
	r.attempt = a.number;
	attempt_clear(&a);
	snprintf(id, sizeof(id), "/R/%d", resources++);
	OK(store_resource_add(s, c, &r, &err));
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
		if (a.phase == PHASE_FORWARD && dice(2) == 0)
			a.doubt_since_ms = dice(2) * now;
		else if (a.goal != GOAL_DESTROYED)
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
do_retry(bool undo)
{
	(void)undo;
	if (n_all > 0 &&
	    store_retry(s, all[dice((int)n_all)], dice(3) == 0, "tester", now, &err) < 0)
		ck_assert_msg(err.kind == ERR_INPUT, "%s", err.msg);
}

static void
do_destroy(bool undo)
{
	CLEANUP(strv_clear) struct strv ids = { NULL, 0, 0 };
	struct destroy_report report;

	(void)undo;
	for (int i = 0; n_all > 0 && i < 1 + dice(3); i++)
		strv_add(&ids, all[dice((int)n_all)]);
	if (n_all > 0 && store_destroy(s, &ids, dice(2) == 0, "tester", now, &report, &err) < 0)
		ck_assert_msg(err.kind == ERR_INPUT, "%s", err.msg);
}

static void
do_resolve(bool undo)
{
	struct resolution what = { .happened = dice(2) == 0 };

	(void)undo;
	if (what.happened && dice(4) != 0)
		what.outputs = cJSON_Parse("{\"id\":\"/R/x\"}");
	for (size_t i = 0; i < 20 && n_all > 0; i++) {
		if (store_resolve(s, all[dice((int)n_all)], &what, "tester", now, &err) < 0)
			ck_assert_msg(err.kind == ERR_INPUT, "%s", err.msg);
	}
	cJSON_Delete(what.outputs);
}

static void
do_throttle(bool undo)
{
	(void)undo;
	if (n_all > 0)
		OK(store_throttle(s, all[dice((int)n_all)], dice(2) == 0 ? NULL : "sub-1",
		    now + dice(1500), now, &err));
}

/* A third runner comes, and mostly goes again. */
static void
do_runner(bool undo)
{
	char name[] = "third";
	struct runner r = { .host = name, .boot_id = name, .pid = 1, .started_ms = now };

	(void)undo;
	id_new(r.id);
	OK(store_runner_add(s, &r, &err));
	if (dice(8) != 0)
		OK(store_runner_remove(s, r.id, &err));
}

static void
do_notice(bool undo)
{
	struct notice *v;
	size_t len;

	(void)undo;
	OK(store_notices(s, now, 4, &v, &len, &err));
	for (size_t i = 0; i < len; i++) {
		if (dice(3) == 0)
			OK(store_notice_failed(s, v[i].number, now + dice(1000), &err));
		else
			OK(store_notice_done(s, v[i].number, &err));
	}
	store_notices_free(v, len);
}

static void
do_wake(bool undo)
{
	(void)undo;
	OK(store_wake(s, now, &woken, &err));
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
	do_retry,
	do_destroy,
	do_destroy,
	do_resolve,
	do_throttle,
	do_runner,
	do_notice,
	do_lift,
	do_wake,
	do_flush,
	do_stale,
};

static void
do_any(bool undo)
{
	verbs[dice(COUNT_OF(verbs))](undo);
}

/* Up to three verbs, kept; or one undone, alone or between others that are kept. */
static void
step(void)
{
	int fate = dice(12);

	now += dice(200);
	OK(store_begin(s, &err));
	if (fate == 0) {
		do_any(true);
		store_rollback(s);
	} else {
		for (int n = dice(3); n >= 0; n--)
			do_any(false);
		if (fate < 4) {
			OK(store_mark(s, &err));
			do_any(true);
			store_revert(s);
			do_any(false);
		}
		OK(store_commit(s, &err));
	}
	if (dice(200) == 0) {
		store_close(s);
		OK(store_open(folder, STORE_WRITE, &s, &err));
		store_want_notices(s, (1u << NOTICE_KINDS) - 1);
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
			m.event = is_destroying(claims[0].objective_id) ? EVENT_DESTROYED
			    : cancel_wanted(claims[0].objective_id)     ? EVENT_CANCEL
									: EVENT_SUCCEED;
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
	for (enum state state = 0; state < STATES; state++)
		printf("# %s: %lld\n", state_name(state), (long long)counts[state]);
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
	store_want_notices(s, (1u << NOTICE_KINDS) - 1);
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
