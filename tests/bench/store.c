/*
 * How fast the store is when it is full: submission of 100,000 objectives, what a
 * runner asks of it for 10,000 that have one step each, then stores of a million objectives that are made to hurt, and in each the time of
 * what a runner and a person ask of it. Prints a table; the goals are in its
 * last column. Not a test: times depend on the machine.
 *
 *	make bench-store [BENCH_OBJECTIVES=1000000]
 */
#include "config.h"

#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "core/batch.h"
#include "store/ledger.h"
#include "tests/bench/bench.h"

#define NOW 1763690000000
#define REPEATS 50
#define RUN_MANY 10000
#define GOAL_MS 10.0

static char runner_id[ID_SIZE];

/* What makes a store hurt. */
struct scene {
	const char *name;
	int groups; /* lanes in each batch */
	int batches;
	int64_t not_before_ms;
	bool chained; /* all need the first, which is scheduled */
	bool blocked; /* all lanes are throttled */
	const char *subscription;
};

static const struct scene scenes[] = {
	{ .name = "one lane", .groups = 1, .batches = 1 },
	{ .name = "100,000 lanes", .groups = 100000, .batches = 1 },
	{ .name = "200 batches", .groups = 5, .batches = 200 },
	{ .name = "all scheduled", .groups = 10, .batches = 10, .not_before_ms = NOW + 3600000 },
	{ .name = "all waiting for one", .groups = 10, .batches = 10, .chained = true },
	{ .name = "all throttled", .groups = 10000, .batches = 10, .blocked = true },
};

static void
fill(struct batch *b, const struct scene *scene, size_t n)
{
	static const char *const capabilities[] = { "linux_vm", "storage_account",
		"virtual_network", "resource_group" };

	b->v = xcalloc(n, sizeof(*b->v));
	b->len = n;
	for (size_t i = 0; i < n; i++) {
		struct objective *o = &b->v[i];

		objective_init(o);
		o->batch = xstrdup(b->name);
		o->name = xasprintf("objective-%zu", i);
		o->capability = xstrdup(i == n / 2 ? "rare" : capabilities[i % 4]);
		o->region = xstrdup("eastus");
		o->resource_group = xasprintf("rg-%zu", i % (size_t)scene->groups);
		o->subscription = xstrdup(scene->subscription);
		o->strategy = xstrdup("auto");
		o->parameters = cJSON_CreateObject();
		json_add_str(o->parameters, "size", "Standard_B2s");
		json_add_int(o->parameters, "count", 2);
		o->labels = cJSON_CreateObject();
		json_add_str(o->labels, "team", i == n / 2 ? "rare" : i % 3 == 0 ? "web" : "data");
		json_add_str(o->labels, "environment", "dev");
		o->not_before_ms = scene->not_before_ms;
		if (scene->chained && i == 0)
			o->not_before_ms = NOW + 3600000;
		if (scene->chained && i > 0)
			strv_add(&o->depends_on, "objective-0");
	}
}

static void
empty(struct batch *b)
{
	for (size_t i = 0; i < b->len; i++)
		objective_clear(&b->v[i]);
	free(b->v);
	free(b->name);
}

static void
register_runner(struct store *s)
{
	struct runner r = { .host = (char[]){ "h" }, .boot_id = (char[]){ "b" }, .pid = 1 };

	id_new(runner_id);
	memcpy(r.id, runner_id, ID_SIZE);
	MUST(store_begin(s, &err));
	MUST(store_runner_add(s, &r, &err));
	MUST(store_commit(s, &err));
}

static double
submit(struct store *s, const char *name, const struct scene *scene, size_t n)
{
	struct batch b = { .name = xstrdup(name) };
	struct submitted out;
	double begin;

	fill(&b, scene, n);
	begin = now_ms();
	MUST(store_begin(s, &err));
	MUST(store_submit(s, &b, "bench", NOW, &out, &err));
	MUST(store_commit(s, &err));
	begin = now_ms() - begin;
	store_checkpoint(s);
	empty(&b);
	return begin;
}

static void
throttle_all(const char *folder)
{
	AUTO_FREE char *path = file_join(folder, "purser.db");
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db,
		"PRAGMA wal_autocheckpoint = 0; BEGIN;"
		"UPDATE lanes SET blocked_until_ms = 1763699999000; UPDATE batches SET head = NULL; COMMIT",
		NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(db));
		exit(1);
	}
	sqlite3_close(db);
}

/* ---- a night's work ---- */

#define RUN_AT_A_TIME 8

/* What a runner has in hand. */
struct work {
	struct objective o;
	struct attempt a;
	struct plan plan;
	struct claim claim;
	struct execution x;
};

static void
plan_work(struct store *s, const char *id, struct work *w)
{
	MUST(store_get(s, id, &w->o, &err));
	attempt_init(&w->a);
	plan_init(&w->plan);
	execution_init(&w->x);
	w->a.number = 1;
	w->a.strategy = xstrdup("azure_cli");
	w->a.started_ms = NOW;
	w->plan.strategy = xstrdup("azure_cli");
	w->plan.objective_id = xstrdup(id);
	memset(w->plan.inputs, 'a', DIGEST_LEN);
	struct step *step = plan_add(&w->plan);
	step->name = xstrdup("create");
	strv_add(&step->run, "az");
	strv_add(&step->run, "--name=one");
	id_new(w->x.id);
	memcpy(w->x.objective_id, id, ID_SIZE);
	w->x.attempt = w->x.run = 1;
	w->x.step_name = xstrdup("create");
	w->x.act = ACT_RUN;
	w->x.host = xstrdup("h");
	w->x.boot_id = xstrdup("b");
	w->x.intended_ms = NOW;
	strv_add(&w->x.argv, "az");
	strv_add(&w->x.argv, "--name=one");
}

static void
begin_work(struct store *s, struct work *w)
{
	int64_t due_ms, until_ms;
	struct ruling ruling;

	MUST(store_mark(s, &err));
	MUST(store_claim(s, &w->o, runner_id, NULL, &w->a, &w->plan, NULL, NOW, &w->claim, &due_ms,
	    &ruling, &err));
	MUST(store_throttled(s, w->o.id, NOW, &until_ms, &err));
	MUST(store_execution_begin(s, &w->claim, &w->x, &err));
	MUST(store_release(s, &err));
}

static void
end_work(struct store *s, struct work *w)
{
	const struct move m = { .event = EVENT_SUCCEED };
	struct result r;

	result_init(&r);
	r.ending = END_EXITED;
	r.started_ms = NOW;
	r.ended_ms = w->x.ended_ms = w->a.ended_ms = NOW + 5;
	w->x.outcome = OUTCOME_HAPPENED;
	w->x.result = result_to_json(&r);
	MUST(store_mark(s, &err));
	MUST(store_execution_end(s, &w->claim, &w->x, &err));
	MUST(store_attempt_save(s, &w->claim, &w->a, &err));
	MUST(store_move(s, &w->claim, &m, NOW + 5, &err));
	MUST(store_release(s, &err));
	result_clear(&r);
	objective_clear(&w->o);
	attempt_clear(&w->a);
	plan_clear(&w->plan);
	execution_clear(&w->x);
}

static double
cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

/* All that is ready, a few at a time: the commit that ends some begins the next. */
static void
run_all(struct store *s, size_t n)
{
	struct work work[2][RUN_AT_A_TIME];
	char ids[RUN_AT_A_TIME][ID_SIZE];
	size_t len = 0, ending, turn = 0;
	double begin = now_ms(), cpu = cpu_ms();

	do {
		ending = len;
		MUST(store_ready(s, NULL, NOW, RUN_AT_A_TIME, ids, &len, &err));
		turn++;
		for (size_t i = 0; i < len; i++)
			plan_work(s, ids[i], &work[turn % 2][i]);
		MUST(store_begin(s, &err));
		for (size_t i = 0; i < ending; i++)
			end_work(s, &work[(turn + 1) % 2][i]);
		for (size_t i = 0; i < len; i++)
			begin_work(s, &work[turn % 2][i]);
		MUST(store_commit(s, &err));
		store_checkpoint(s);
	} while (len > 0);
	printf("%zu objectives of one step: %.3f ms each, %.3f ms of them CPU time\n", n,
	    (now_ms() - begin) / (double)n, (cpu_ms() - cpu) / (double)n);
	MUST(store_verify(s, &err));
}

/* ---- measuring ---- */

struct subject {
	struct store *s;
	char (*ids)[ID_SIZE]; /* some that are there */
	int n;                /* how often it was asked */
};

static void
ask_claim(struct subject *u)
{
	char ids[8][ID_SIZE];
	struct objective o;
	struct attempt a;
	struct plan plan;
	struct claim claim;
	struct ruling ruling;
	int64_t due_ms;
	size_t len;

	MUST(store_ready(u->s, NULL, NOW, 8, ids, &len, &err));
	if (len == 0)
		return;
	MUST(store_get(u->s, ids[0], &o, &err));
	attempt_init(&a);
	plan_init(&plan);
	a.number = 1;
	a.strategy = xstrdup("azure_cli");
	a.started_ms = NOW;
	plan.strategy = xstrdup("azure_cli");
	plan_add(&plan)->name = xstrdup("create");
	memset(plan.inputs, 'a', DIGEST_LEN);
	MUST(store_begin(u->s, &err));
	MUST(store_claim(u->s, &o, runner_id, NULL, &a, &plan, NULL, NOW, &claim, &due_ms, &ruling,
	    &err));
	MUST(store_commit(u->s, &err));
	plan_clear(&plan);
	attempt_clear(&a);
	objective_clear(&o);
}

static void
ask_wake(struct subject *u)
{
	struct woken woken;
	int64_t when;

	MUST(store_next_wake(u->s, &when, &err));
	MUST(store_begin(u->s, &err));
	MUST(store_wake(u->s, NOW, &woken, &err));
	MUST(store_commit(u->s, &err));
}

static void
list(struct subject *u, const struct store_filter *f)
{
	struct objective *v;
	size_t len;

	MUST(store_list(u->s, f, &v, &len, &err));
	store_list_free(v, len);
}

#define ASK_LIST(name, ...)                                           \
	static void ask_##name(struct subject *u)                     \
	{                                                             \
		struct store_filter f = { .limit = 50, __VA_ARGS__ }; \
		list(u, &f);                                          \
	}

ASK_LIST(first_page, .batch = NULL)
ASK_LIST(newest_page, .newest_first = true)
ASK_LIST(middle_page, .after_seq = 500000)
ASK_LIST(batch_page, .batch = "batch-0")
ASK_LIST(batch_failed_page, .batch = "batch-0", .states = 1u << STATE_FAILED)
ASK_LIST(capability_page, .capability = "linux_vm", .newest_first = true)
ASK_LIST(rare_capability_page, .capability = "rare", .newest_first = true)
ASK_LIST(failed_page, .states = 1u << STATE_FAILED)
ASK_LIST(unfinished_page, .states = 1u << STATE_QUEUED | 1u << STATE_RUNNING | 1u << STATE_HELD)
ASK_LIST(label_page, .label = "team=web")
ASK_LIST(rare_label_page, .label = "team=rare")

static void
ask_counts(struct subject *u)
{
	int64_t counts[STATES];

	MUST(store_counts(u->s, NULL, counts, &err));
	MUST(store_counts(u->s, "batch-0", counts, &err));
}

static void
ask_batches(struct subject *u)
{
	struct batch_row *v;
	size_t len;

	MUST(store_batches(u->s, 50, &v, &len, &err));
	store_batches_free(v, len);
}

static void
ask_tail(struct subject *u)
{
	struct objective o;

	MUST(store_find(u->s, id_short(u->ids[u->n % 50]), &o, &err));
	objective_clear(&o);
}

static void
ask_name(struct subject *u)
{
	AUTO_FREE char *ref = xasprintf("batch-0/objective-%d", u->n);
	struct objective o;

	MUST(store_find(u->s, ref, &o, &err));
	objective_clear(&o);
}

static const struct question {
	const char *name;
	void (*ask)(struct subject *u);
} questions[] = {
	{ "ready and claim", ask_claim },
	{ "wake", ask_wake },
	{ "list", ask_first_page },
	{ "list, newest first", ask_newest_page },
	{ "list, middle", ask_middle_page },
	{ "list --batch", ask_batch_page },
	{ "list --batch, failed", ask_batch_failed_page },
	{ "list --capability", ask_capability_page },
	{ "list --capability, rare", ask_rare_capability_page },
	{ "list, failed (none)", ask_failed_page },
	{ "list, unfinished", ask_unfinished_page },
	{ "list --label", ask_label_page },
	{ "list --label, rare", ask_rare_label_page },
	{ "counts", ask_counts },
	{ "batches", ask_batches },
	{ "find by tail", ask_tail },
	{ "find by name", ask_name },
};

static void
measure(struct subject *u, const char *scene, const struct question *q)
{
	double times[REPEATS];

	for (u->n = 0; u->n < REPEATS; u->n++) {
		double begin = now_ms();

		q->ask(u);
		times[u->n] = now_ms() - begin;
	}
	double first = times[0];
	sort_times(times, REPEATS);
	printf("%-20s %-26s %9.3f %9.3f %9.3f  %s\n", scene, q->name, first, times[REPEATS / 2],
	    times[REPEATS - 1], times[REPEATS - 1] < GOAL_MS ? "ok" : "OVER 10 ms");
}

static void
run_scene(const char *top, const struct scene *scene, size_t n)
{
	AUTO_FREE char *folder = xasprintf("%s/%d", top, (int)(scene - scenes));
	AUTO_FREE char *db = xasprintf("%s/purser.db", folder);
	struct store_filter f = { .limit = 50, .after_seq = (int64_t)n / 3 };
	struct objective *v;
	struct subject u = { .n = 0 };
	struct stat st;
	double total = 0;
	size_t len;

	MUST(store_open(folder, STORE_WRITE, &u.s, &err));
	register_runner(u.s);
	for (int i = 0; i < scene->batches; i++) {
		AUTO_FREE char *name = xasprintf("batch-%d", i);

		total += submit(u.s, name, scene, n / (size_t)scene->batches);
	}
	if (scene->blocked)
		throttle_all(folder);
	/* A few that may be claimed, behind all the others. */
	submit(u.s, "last", &(const struct scene){ .groups = 10, .subscription = "last" }, 100);
	/* The questions come to a store that was just opened. */
	store_close(u.s);
	MUST(stat(db, &st));
	printf("%-20s %zu objectives submitted in %.1f s, %.0f MB\n", scene->name, n, total / 1e3,
	    (double)st.st_size / 1e6);
	double begin = now_ms();
	MUST(store_open(folder, STORE_WRITE, &u.s, &err));
	printf("%-20s %-26s %9.3f\n", scene->name, "open", now_ms() - begin);
	MUST(store_list(u.s, &f, &v, &len, &err));
	u.ids = xcalloc(50, ID_SIZE);
	for (size_t i = 0; i < 50; i++)
		memcpy(u.ids[i], v[i % len].id, ID_SIZE);
	store_list_free(v, len);
	for (size_t i = 0; i < COUNT_OF(questions); i++)
		measure(&u, scene->name, &questions[i]);
	begin = now_ms();
	MUST(store_verify(u.s, &err));
	printf("%-20s %-26s %9.0f\n", scene->name, "verify", now_ms() - begin);
	free(u.ids);
	store_close(u.s);
	MUST(file_remove_tree(folder, &err));
	fflush(stdout);
}

int
main(void)
{
	const char *wanted = getenv("BENCH_OBJECTIVES"), *tmp = getenv("TMPDIR"),
		   *only = getenv("BENCH_SCENE");
	size_t n = wanted != NULL ? strtoul(wanted, NULL, 10) : 1000000;
	AUTO_FREE char *top = xasprintf("%s/purser-bench-XXXXXX", tmp != NULL ? tmp : "/var/tmp");
	struct rusage usage;
	struct store *s;

	if (mkdtemp(top) == NULL || n < 2000) {
		perror(top);
		return 1;
	}
	AUTO_FREE char *again = file_join(top, "night");
	MUST(store_open(top, STORE_WRITE, &s, &err));
	printf("100,000 objectives in one transaction: %.2f s (goal: 4)\n",
	    submit(s, "b", &(const struct scene){ .groups = 100 }, 100000) / 1e3);
	store_close(s);
	MUST(store_open(again, STORE_WRITE, &s, &err));
	register_runner(s);
	submit(s, "night", &(const struct scene){ .groups = 10 }, RUN_MANY);
	run_all(s, RUN_MANY);
	store_close(s);
	printf("\n%-20s %-26s %9s %9s %9s\n", "store", "question (ms)", "first", "median", "worst");
	for (size_t i = 0; i < COUNT_OF(scenes); i++) {
		if (only == NULL || strtoul(only, NULL, 10) == i)
			run_scene(top, &scenes[i], n);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("peak memory %ld MB\n", usage.ru_maxrss / 1024);
	MUST(file_remove_tree(top, &err));
	return 0;
}
