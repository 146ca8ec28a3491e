/*
 * What the tests of the store share: a store in a folder of its own, batches in
 * a line or two, and assertions that show the error. Each test ends with a full
 * verification of the store.
 */
#ifndef UNIT_STORE_FIXTURE_H
#define UNIT_STORE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"
#include "base/clock.h"
#include "base/file.h"
#include "store/ledger.h"

#define NOW 1763690000000 /* "now" of most tests, in ms */

static int64_t test_now = NOW; /* of what the helpers below write */
static char folder[64];
static struct store *s;
static struct err err;
static char me[ID_SIZE], other[ID_SIZE]; /* two runners, both registered */

#define OK(call)                                                      \
	do {                                                          \
		err.msg[0] = '\0';                                    \
		ck_assert_msg((call) == 0, "%s: %s", #call, err.msg); \
	} while (0)
#define FAILS(wanted, call)                                                                       \
	do {                                                                                      \
		err.kind = ERR_NONE;                                                              \
		ck_assert_msg((call) == -1, "%s: should fail", #call);                            \
		ck_assert_msg(err.kind == (wanted), "%s: kind %d: %s", #call, err.kind, err.msg); \
	} while (0)
/* One [W] verb in a transaction of its own. */
#define WRITE(call)                        \
	do {                               \
		OK(store_begin(s, &err));  \
		OK(call);                  \
		OK(store_commit(s, &err)); \
	} while (0)
#define REFUSES(wanted, call)             \
	do {                              \
		OK(store_begin(s, &err)); \
		FAILS(wanted, call);      \
		store_rollback(s);        \
	} while (0)

static inline void
runner_register(char id[static ID_SIZE], const char *host)
{
	char host_name[16];
	struct runner r = { .host = host_name, .boot_id = host_name, .pid = 1, .started_ms = NOW };

	snprintf(host_name, sizeof(host_name), "%s", host);
	id_new(id);
	memcpy(r.id, id, ID_SIZE);
	WRITE(store_runner_add(s, &r, &err));
}

static inline void
fixture_setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%.40s/purser-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	clock_set_for_test(NOW, 1000);
	OK(store_open(folder, STORE_WRITE, &s, &err));
	runner_register(me, "here");
	runner_register(other, "there");
}

static inline void
fixture_teardown(void)
{
	if (s != NULL)
		OK(store_verify(s, &err));
	store_close(s);
	s = NULL;
	OK(file_remove_tree(folder, &err));
}

static inline Suite *
fixture_suite(const char *name, TCase **cases)
{
	Suite *suite = suite_create(name);

	*cases = tcase_create(name);
	tcase_add_checked_fixture(*cases, fixture_setup, fixture_teardown);
	suite_add_tcase(suite, *cases);
	return suite;
}

/* ---- batches ---- */

static inline void
batch_start(struct batch *b, const char *name)
{
	*b = (struct batch){ .name = xstrdup(name) };
}

static inline struct objective *
batch_add(struct batch *b, const char *name)
{
	struct objective *o;

	b->v = xrealloc(b->v, b->len + 1, sizeof(*b->v));
	o = &b->v[b->len++];
	objective_init(o);
	o->batch = xstrdup(b->name);
	o->name = xstrdup(name);
	o->capability = xstrdup("linux_vm");
	o->strategy = xstrdup("auto");
	o->parameters = cJSON_CreateObject();
	o->labels = cJSON_CreateObject();
	return o;
}

static inline void
batch_end(struct batch *b)
{
	for (size_t i = 0; i < b->len; i++)
		objective_clear(&b->v[i]);
	free(b->v);
	free(b->name);
	*b = (struct batch){ .name = NULL };
}

static inline struct submitted
submit(struct batch *b)
{
	struct submitted out;

	WRITE(store_submit(s, b, "tester", NOW, &out, &err));
	return out;
}

/* A batch of one objective; its id. */
static inline void
submit_one(const char *batch, const char *name, char id[static ID_SIZE])
{
	struct batch b;

	batch_start(&b, batch);
	batch_add(&b, name);
	submit(&b);
	memcpy(id, b.v[0].id, ID_SIZE);
	batch_end(&b);
}

/* ---- claims ---- */

static inline enum state
state_of(const char *id)
{
	struct objective o;
	enum state state;

	OK(store_get(s, id, &o, &err));
	state = o.state;
	objective_clear(&o);
	return state;
}

static const struct claim_limits *claim_limits; /* NULL: none */
static int64_t claim_time = NOW, claim_due;     /* due_ms of the last claim */
static const struct admission *claim_admission; /* what it asks of the budget; NULL: nothing */
static struct ruling claim_ruling;              /* and what was ruled */
static const char *claim_undo, *claim_collect;  /* calls of the plan's step; NULL: none */

/* Claims it with a new attempt of one step, or goes on with the open one. */
static inline int
try_claim(struct store *store, const char *id, const char *runner, int attempt, struct claim *c)
{
	struct objective o;
	struct attempt a;
	struct plan plan;
	int rc;

	if (store_get(store, id, &o, &err) < 0)
		return -1;
	attempt_init(&a);
	plan_init(&plan);
	a.number = attempt;
	a.strategy = xstrdup("azure_cli");
	a.started_ms = NOW;
	plan.strategy = xstrdup("azure_cli");
	plan.objective_id = xstrdup(id);
	plan_add(&plan)->name = xstrdup("create");
	plan.steps[0].outputs = cJSON_Parse("{\"id\":\"id\"}");
	if (claim_undo != NULL)
		strv_add(&plan.steps[0].undo, claim_undo);
	if (claim_collect != NULL)
		strv_add(&plan.steps[0].collect, claim_collect);
	memset(plan.inputs, 'a', DIGEST_LEN);
	ruling_clear(&claim_ruling);
	rc = store_claim(store, &o, runner, claim_limits, attempt > 0 ? &a : NULL,
	    attempt > 0 ? &plan : NULL, claim_admission, claim_time, c, &claim_due, &claim_ruling,
	    &err);
	plan_clear(&plan);
	attempt_clear(&a);
	objective_clear(&o);
	return rc;
}

static inline struct claim
claim(const char *id, int attempt)
{
	struct claim c;

	WRITE(try_claim(s, id, me, attempt, &c));
	return c;
}

static inline void
move(const struct claim *c, enum event event)
{
	struct failure f = { .class = FAILURE_UNKNOWN };
	struct move m = { .event = event, .failure = &f };

	failure_set(&f, FAILURE_INVALID, "BadRequest", "create", "it was refused");
	WRITE(store_move(s, c, &m, test_now, &err));
	failure_clear(&f);
}

static inline void
postpone(const struct claim *c, int64_t until_ms)
{
	struct move m = { .event = EVENT_POSTPONE, .until_ms = until_ms };

	WRITE(store_move(s, c, &m, test_now, &err));
}

static inline void
hold(const struct claim *c, const char *reason)
{
	struct move m = { .event = EVENT_HOLD, .reason = reason, .detail = "because" };

	WRITE(store_move(s, c, &m, test_now, &err));
}

static inline size_t
ready(size_t max, char (*ids)[ID_SIZE])
{
	size_t len;

	OK(store_ready(s, NULL, test_now, max, ids, &len, &err));
	return len;
}

static struct woken woken; /* of the last call */

static inline size_t
wake(int64_t when_ms)
{
	WRITE(store_wake(s, when_ms, &woken, &err));
	return woken.moved + woken.expired;
}

/* ---- the journal ---- */

static inline void
begin_execution(const struct claim *c, enum act act, char id[static ID_SIZE])
{
	struct execution x;

	execution_init(&x);
	id_new(x.id);
	memcpy(id, x.id, ID_SIZE);
	memcpy(x.objective_id, c->objective_id, ID_SIZE);
	x.attempt = 1;
	x.run = 1;
	x.step_name = xstrdup("create");
	x.act = act;
	x.host = xstrdup("here");
	x.boot_id = xstrdup("boot");
	x.intended_ms = test_now;
	strv_add(&x.argv, "az");
	strv_add(&x.argv, "group");
	WRITE(store_execution_begin(s, c, &x, &err));
	execution_clear(&x);
}

static inline void
end_execution(const struct claim *c, const char *id, enum act act, enum outcome outcome)
{
	struct execution x;
	struct result r;

	execution_init(&x);
	result_init(&r);
	memcpy(x.id, id, ID_SIZE);
	x.step_name = xstrdup("create");
	x.act = act;
	x.outcome = outcome;
	x.answer = ANSWER_OURS_COMPLETE;
	x.ended_ms = test_now + 5;
	r.ending = END_EXITED;
	r.code = 3;
	r.started_ms = test_now;
	r.ended_ms = test_now + 5;
	x.result = result_to_json(&r);
	WRITE(store_execution_end(s, c, &x, &err));
	result_clear(&r);
	execution_clear(&x);
}

static inline void
add_resource_of(const struct claim *c, const char *id, int attempt)
{
	char name[200];
	struct resource r = { .id = name, .attempt = attempt, .made_ms = test_now };

	snprintf(name, sizeof(name), "%s", id);
	WRITE(store_resource_add(s, c, &r, &err));
}

static inline void
add_resource(const struct claim *c, const char *id)
{
	add_resource_of(c, id, 1);
}

/* Attempt NUMBER has ended, as one that another strategy follows. */
static inline void
end_attempt(const struct claim *c)
{
	struct attempt a;

	OK(store_attempt(s, c->objective_id, &a, NULL, &err));
	attempt_turn(&a, GOAL_FALLBACK);
	failure_set(&a.failure, FAILURE_CAPACITY, "SkuNotAvailable", "create", "not here");
	a.ended_ms = test_now;
	WRITE(store_attempt_save(s, c, &a, &err));
	attempt_clear(&a);
}

static inline void
move_resource(const struct claim *c, const char *id, enum resource_state state, const char *why)
{
	WRITE(store_resource_move(s, c, id, state, why, test_now, &err));
}

static inline bool
cancel_wanted(const char *id)
{
	struct objective o;
	bool wanted;

	OK(store_get(s, id, &o, &err));
	wanted = o.cancel_wanted;
	objective_clear(&o);
	return wanted;
}

static inline size_t
count_holds(const char *id, const char *reason)
{
	struct hold *v;
	size_t len, n = 0;

	OK(store_holds(s, id, &v, &len, &err));
	for (size_t i = 0; i < len; i++)
		n += reason == NULL || strcmp(v[i].reason, reason) == 0;
	store_holds_free(v, len);
	return n;
}

/* GRAPH: names separated by blanks, with what they need: "a b:a c:b,a". */
static inline void
submit_graph(struct batch *b, const char *graph)
{
	char text[200], *save = NULL;

	batch_start(b, "graph");
	snprintf(text, sizeof(text), "%s", graph);
	for (char *word = strtok_r(text, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		char *needs = strchr(word, ':'), *inner = NULL;

		if (needs != NULL)
			*needs++ = '\0';
		struct objective *o = batch_add(b, word);
		for (char *n = needs == NULL ? NULL : strtok_r(needs, ",", &inner); n != NULL;
		     n = strtok_r(NULL, ",", &inner))
			strv_add(&o->depends_on, n);
	}
	submit(b);
}

/* The states of all as their first letters. */
static inline const char *
states(const struct batch *b)
{
	static char text[64];

	for (size_t i = 0; i < b->len; i++)
		text[i] = state_name(state_of(b->v[i].id))[0];
	text[b->len] = '\0';
	return text;
}

#endif
