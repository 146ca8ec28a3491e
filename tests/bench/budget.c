/*
 * How long it takes to ask the budget with a million reservations in the ledger,
 * and what it adds to a claim; and the same with a thousand, because it must not
 * depend on how much was spent before. Prints a table; not a test: times depend on
 * the machine.
 *
 *	make bench-budget [BENCH_RESERVATIONS=1000000]
 */
#include "config.h"

#include <sqlite3.h>
#include <string.h>

#include "base/file.h"
#include "core/batch.h"
#include "store/ledger.h"
#include "tests/bench/bench.h"

#define NOW 1763690000000 /* in the middle of a month */
#define FEW 1000
#define PROBES 1000    /* times that each question is asked */
#define GOAL_US 1000.0 /* of one check */
#define EACH 5         /* a month, of every reservation, in whole units */
#define GROUPS 1000
#define TEAMS 50

static char runner_id[ID_SIZE];
static char normalised[DIGEST_SIZE];

/* ---- a ledger that is long ---- */

/*
 * Objectives that stand, each with its money, and all the rows that led there.
 * ?1: how many; ?2, ?3: the month and its beginning; ?4: what each costs;
 * ?5, ?6: how many groups and teams there are.
 */
static const char *const fill_sql[] = {
	"CREATE TEMP TABLE many AS WITH RECURSIVE k (i) AS"
	" (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < ?1) SELECT i FROM k",
	"INSERT INTO objectives (seq, id, tail, batch_id, lane_id, name, key, capability, resource_group,"
	" digest, state, priority, not_before_ms, deadline_ms, expires_ms, unmet, ready, revision,"
	" generation, cancel_wanted, owner, fence, attempt, attempt_open, created_ms, changed_ms, outputs,"
	" failure, body)"
	" SELECT 1000000 + i, printf('%08x-0000-7000-8000-%012x', i, i), printf('%012x', i), batch_id,"
	" lane_id, 'many-' || i, NULL, capability, resource_group, digest, 'succeeded', 0, 0, 0, 0, 0, 0, 1,"
	" 0, 0, NULL, 0, 1, 0, created_ms, changed_ms, NULL, NULL, body"
	" FROM many, (SELECT * FROM objectives LIMIT 1)",
	"INSERT INTO scopes (id, name, month, reserved, reserved_units, reserved_nanos, committed,"
	" committed_units, committed_nanos)"
	" SELECT id, name, ?2, 0, 0, 0, n * ?4 * 1000000000, 0, 0 FROM ("
	" SELECT 1 AS id, 'global' AS name, ?1 AS n"
	" UNION ALL SELECT 2 + i % ?5, 'group:rg-' || (i % ?5), count(*) FROM many GROUP BY i % ?5"
	" UNION ALL SELECT 2 + ?5 + i % ?6, 'label:team=t' || (i % ?6), count(*) FROM many GROUP BY i % ?6)",
	"INSERT INTO reservations (seq, objective, state, first_attempt, attempt, low, expected, high, unpriced,"
	" estimate, held_ms, stood_ms, ended_ms)"
	" SELECT i, 1000000 + i, 'committed', 1, 1, 0, 0, ?4 * 1000000000, 0, NULL, ?3, ?3, 0 FROM many",
	"INSERT INTO reservation_scopes (reservation, scope) SELECT i, 1 FROM many"
	" UNION ALL SELECT i, 2 + i % ?5 FROM many UNION ALL SELECT i, 2 + ?5 + i % ?6 FROM many",
	/* h: 1 when it is held, 0 when it is committed. */
	"INSERT INTO ledger (number, at_ms, event, objective, reservation, amount, scopes)"
	" SELECT 2 * i - h, ?3, CASE h WHEN 1 THEN 'held' ELSE 'committed' END, 1000000 + i, i,"
	" ?4 * 1000000000, printf('{\"global\":{\"reserved\":\"%d.00\",\"committed\":\"%d.00\"},"
	"\"group:rg-%d\":{\"reserved\":\"%d.00\",\"committed\":\"%d.00\"},"
	"\"label:team=t%d\":{\"reserved\":\"%d.00\",\"committed\":\"%d.00\"}}',"
	" h * ?4, (i - h) * ?4, i % ?5, h * ?4, ((i - 1) / ?5 + 1 - h) * ?4,"
	" i % ?6, h * ?4, ((i - 1) / ?6 + 1 - h) * ?4)"
	" FROM many, (SELECT 1 AS h UNION ALL SELECT 0) ORDER BY 1",
};

static void
sql_must(sqlite3 *db, int rc, const char *what)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE) {
		fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
		exit(1);
	}
}

static void
sql_exec(sqlite3 *db, const char *sql)
{
	sql_must(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
}

static void
fill_ledger(const char *folder, int64_t n)
{
	AUTO_FREE char *path = file_join(folder, "purser.db");
	const int64_t values[] = { n, month_of(NOW), month_start_ms(month_of(NOW)), EACH, GROUPS,
		TEAMS };
	sqlite3 *db;

	sql_must(NULL, sqlite3_open(path, &db), path);
	/* Nothing of this has to survive a crash. */
	sql_exec(
	    db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000");
	for (size_t i = 0; i < COUNT_OF(fill_sql); i++) {
		sqlite3_stmt *stmt;

		sql_must(db, sqlite3_prepare_v2(db, fill_sql[i], -1, &stmt, NULL), fill_sql[i]);
		for (int k = 1; k <= sqlite3_bind_parameter_count(stmt); k++)
			sqlite3_bind_int64(stmt, k, values[k - 1]);
		sql_must(db, sqlite3_step(stmt), fill_sql[i]);
		sqlite3_finalize(stmt);
	}
	sqlite3_close(db);
}

/* ---- who asks ---- */

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

/* Each counts in three scopes that have limits, as those that stand do. */
static void
submit_probes(struct store *s, struct batch *b)
{
	struct submitted out;

	b->name = xstrdup("probes");
	b->len = (size_t)2 * PROBES;
	b->v = xcalloc(b->len, sizeof(*b->v));
	for (size_t i = 0; i < b->len; i++) {
		struct objective *o = &b->v[i];
		AUTO_FREE char *team = xasprintf("t%zu", i % TEAMS);

		objective_init(o);
		o->batch = xstrdup(b->name);
		o->name = xasprintf("probe-%zu", i);
		o->capability = xstrdup("linux_vm");
		o->region = xstrdup("eastus");
		o->resource_group = xasprintf("rg-%zu", i % GROUPS);
		o->strategy = xstrdup("auto");
		o->parameters = cJSON_CreateObject();
		o->labels = cJSON_CreateObject();
		json_add_str(o->labels, "team", team);
	}
	MUST(store_begin(s, &err));
	MUST(store_submit(s, b, "bench", NOW, &out, &err));
	MUST(store_commit(s, &err));
}

static int
by_scope(const void *a, const void *b)
{
	const struct budget_limit *one = a, *other = b;

	return strcmp(one->scope, other->scope);
}

/* A limit for everything that occurs, none of which binds: so each is looked at to the end. */
static void
make_budget(struct budget *b)
{
	size_t n = 0;

	budget_init(b);
	b->limits = xcalloc(1 + GROUPS + TEAMS, sizeof(*b->limits));
	for (size_t i = 0; i < 1 + GROUPS + TEAMS; i++) {
		struct budget_limit *limit = &b->limits[n++];

		if (i == 0)
			limit->scope = xstrdup(SCOPE_GLOBAL);
		else if (i <= GROUPS)
			limit->scope = xasprintf(SCOPE_GROUP "rg-%zu", i - 1);
		else
			limit->scope = xasprintf(SCOPE_LABEL "team=t%zu", i - 1 - GROUPS);
		limit->period = BUDGET_MONTHLY;
		limit->amount = 1000000000 * MONEY_ONE;
		limit->key = xstrdup("budget.bench");
		limit->where = xstrdup("bench:1:1");
	}
	qsort(b->limits, n, sizeof(*b->limits), by_scope);
	b->n_limits = n;
}

static double
ask(struct store *s, const struct budget *b, const struct objective *o)
{
	const struct demand d = { .amount = EACH * MONEY_ONE, .digest = normalised };
	struct ruling ruling;
	double begin = now_us();

	MUST(store_budget_try(s, b, o, &d, NOW, &ruling, &err));
	begin = now_us() - begin;
	if (ruling.verdict != VERDICT_ADMIT) {
		fprintf(stderr, "%s is not admitted\n", o->name);
		exit(1);
	}
	ruling_clear(&ruling);
	return begin;
}

/* The claim alone, without the disk that its commit waits for. B NULL: nothing is asked. */
static double
claim(struct store *s, const struct budget *b, const struct objective *o)
{
	const struct admission admission = {
		.budget = b,
		.monthly = { EACH * MONEY_ONE, EACH * MONEY_ONE, EACH * MONEY_ONE },
		.digest = normalised,
		.estimate = "{}",
	};
	struct ruling ruling;
	struct attempt a;
	struct plan plan;
	struct claim claim;
	int64_t due_ms;
	double begin;

	attempt_init(&a);
	plan_init(&plan);
	a.number = 1;
	a.strategy = xstrdup("azure_cli");
	a.started_ms = NOW;
	plan.strategy = xstrdup("azure_cli");
	plan_add(&plan)->name = xstrdup("create");
	memset(plan.inputs, 'a', DIGEST_LEN);
	MUST(store_begin(s, &err));
	begin = now_us();
	MUST(store_claim(s, o, runner_id, NULL, &a, &plan, b != NULL ? &admission : NULL, NOW,
	    &claim, &due_ms, &ruling, &err));
	begin = now_us() - begin;
	MUST(store_commit(s, &err));
	ruling_clear(&ruling);
	plan_clear(&plan);
	attempt_clear(&a);
	return begin;
}

/* ---- measuring ---- */

enum question { ASK, CLAIM, CLAIM_UNASKED, QUESTIONS };
static const char *const questions[QUESTIONS] = {
	[ASK] = "one budget check",
	[CLAIM] = "a claim, with it",
	[CLAIM_UNASKED] = "a claim, without it",
};

struct measured {
	double median, p99;
};

static struct measured
judge(double times[static PROBES])
{
	sort_times(times, PROBES);
	return (struct measured){ times[PROBES / 2], times[PROBES * 99 / 100] };
}

static void
measure(const char *top, int64_t n, struct measured results[static QUESTIONS])
{
	AUTO_FREE char *folder = xasprintf("%s/%lld", top, (long long)n);
	struct ledger_report report;
	static double times[QUESTIONS][PROBES];
	struct batch b = { .name = NULL };
	struct budget budget;
	struct store *s;
	double begin = now_us();

	MUST(store_open(folder, STORE_WRITE, &s, &err));
	register_runner(s);
	submit_probes(s, &b);
	store_close(s);
	fill_ledger(folder, n);
	MUST(store_open(folder, STORE_WRITE, &s, &err));
	printf("%lld reservations written in %.1f s\n", (long long)n, (now_us() - begin) / 1e6);
	make_budget(&budget);
	for (size_t i = 0; i < PROBES; i++) {
		times[ASK][i] = ask(s, &budget, &b.v[i]);
		times[CLAIM][i] = claim(s, &budget, &b.v[i]);
		store_checkpoint(s);
	}
	begin = now_us();
	MUST(store_ledger_verify(s, &report, &err));
	printf("%lld rows of the ledger verified in %.1f s\n", (long long)report.entries,
	    (now_us() - begin) / 1e6);
	for (size_t i = 0; i < PROBES; i++) {
		times[CLAIM_UNASKED][i] = claim(s, NULL, &b.v[PROBES + i]);
		store_checkpoint(s);
	}
	for (enum question q = 0; q < QUESTIONS; q++)
		results[q] = judge(times[q]);
	store_close(s);
	budget_clear(&budget);
	for (size_t i = 0; i < b.len; i++)
		objective_clear(&b.v[i]);
	free(b.v);
	free(b.name);
	MUST(file_remove_tree(folder, &err));
}

int
main(void)
{
	const char *wanted = getenv("BENCH_RESERVATIONS"), *tmp = getenv("TMPDIR");
	int64_t n = wanted != NULL ? strtoll(wanted, NULL, 10) : 1000000;
	AUTO_FREE char *top = xasprintf("%s/purser-bench-XXXXXX", tmp != NULL ? tmp : "/var/tmp");
	struct measured few[QUESTIONS], many[QUESTIONS];

	memset(normalised, 'd', DIGEST_LEN);
	if (mkdtemp(top) == NULL || n < FEW || n > 100000000) {
		perror(top);
		return 1;
	}
	measure(top, FEW, few);
	measure(top, n, many);
	printf(
	    "\n%-26s %12s %12s %12s %8s\n", "microseconds", "median", "99 %", "median of", "ratio");
	printf("%-26s %12lld %12s %12d\n", "with reservations", (long long)n, "", FEW);
	for (enum question q = 0; q < QUESTIONS; q++) {
		printf("%-26s %12.1f %12.1f %12.1f %8.2f", questions[q], many[q].median,
		    many[q].p99, few[q].median, many[q].median / few[q].median);
		printf("%s\n",
		    q != ASK                    ? ""
			: many[q].p99 < GOAL_US ? "  ok (goal: 1000)"
						: "  OVER 1000");
	}
	MUST(file_remove_tree(top, &err));
	return many[ASK].p99 < GOAL_US ? 0 : 1;
}
