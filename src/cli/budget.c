/*
 * Limits and what was granted on top of them. Each action has its own options;
 * one that belongs to another is refused, because ignoring it would do what nobody
 * asked for.
 */
#include "config.h"

#include "cli/budget.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/text.h"
#include "cli/when.h"
#include "store/ledger.h"

static const struct option_row budget_rows[] = {
	{ .name = "all",
	    .letter = 'a',
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct budget_options, all),
	    .help = "every scope that ever occurred, limited or not" },
	{ .name = "scope",
	    .kind = OPTION_TEXT,
	    .argument = "SCOPE",
	    .offset = offsetof(struct budget_options, scope),
	    .help = "grant: global, group:NAME or label:KEY=VALUE; one that has a limit" },
	{ .name = "amount",
	    .kind = OPTION_TEXT,
	    .argument = "AMOUNT",
	    .offset = offsetof(struct budget_options, amount),
	    .help = "grant: so much a month on top of the limit" },
	{ .name = "daily",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct budget_options, daily),
	    .help = "grant: so much a day, on top of the daily limit" },
	{ .name = "until",
	    .kind = OPTION_TEXT,
	    .argument = "TIME",
	    .offset = offsetof(struct budget_options, until),
	    .help =
		"grant: 2026-12-31 (the whole day, UTC), 2026-12-31T18:00:00Z, or +7d from now on" },
	{ .name = "reason",
	    .kind = OPTION_TEXT,
	    .argument = "TEXT",
	    .offset = offsetof(struct budget_options, reason),
	    .help = "grant: why; it is kept in the ledger and in the audit log" },
	{ .name = "by",
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct budget_options, by),
	    .help = "grant: who grants it; needed" },
	{ .name = "again",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct budget_options, again),
	    .help = "grant: although there is one just like it" },
	{ .name = "by",
	    .kind = OPTION_TEXT,
	    .argument = "WHAT",
	    .offset = offsetof(struct budget_options, by),
	    .help = "report: a row for each resource_group (default), capability, objective, or "
		    "value of a label, such as team" },
	{ .name = "month",
	    .kind = OPTION_TEXT,
	    .argument = "MONTH",
	    .offset = offsetof(struct budget_options, month),
	    .help = "report: such as 2026-11 (default: the present one)" },
	{ .name = "format",
	    .kind = OPTION_TEXT,
	    .argument = "FORMAT",
	    .offset = offsetof(struct budget_options, format),
	    .help = "report: table (default), csv or json" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct budget_options, json),
	    .help = "as JSON, with exact amounts as text" },
	{ .name = NULL },
};

/* ---- grant ---- */

static enum status
unlimited_scope(const struct budget *b, const char *scope, enum budget_period period)
{
	const char *word = period == BUDGET_DAILY ? "daily" : "monthly";
	struct buf list = BUF_INIT(4096);

	for (size_t i = 0; i < b->n_limits; i++) {
		if (b->limits[i].period == period)
			buf_addf(&list, "%s%s", list.len > 0 ? ", " : "", b->limits[i].scope);
	}
	if (list.len == 0)
		say("budget grant: there is no %s limit, so that nothing has to be granted", word);
	else
		say("budget grant: %s has no %s limit; these have: %s", scope, word,
		    buf_str(&list));
	buf_clear(&list);
	say_next("purser budget --all");
	return STATUS_USAGE;
}

static int
read_grant(const struct budget_options *o, int64_t now_ms, struct grant *g, struct err *e)
{
	if (o->scope == NULL || o->amount == NULL || o->until == NULL || o->reason == NULL)
		return err_set(e, ERR_INPUT, "grant needs --scope, --amount, --until and --reason");
	/* Whoever is logged in on a server is not who decides about money. */
	if (o->by == NULL)
		return err_set(e, ERR_INPUT, "say who grants it: --by NAME");
	if (scope_parse(o->scope, &g->scope, e) < 0)
		return err_in(e, "--scope");
	if (money_parse(o->amount, &g->amount, e) < 0)
		return err_in(e, "--amount");
	if (g->amount == 0)
		return err_set(e, ERR_INPUT, "--amount: 0 grants nothing");
	if (when_parse("until", o->until, now_ms, &g->until_ms, e) < 0)
		return -1;
	if (g->until_ms <= now_ms)
		return err_set(e, ERR_INPUT, "--until: \"%s\" has passed", o->until);
	g->period = o->daily ? BUDGET_DAILY : BUDGET_MONTHLY;
	g->by = xstrdup(o->by);
	g->reason = xstrdup(o->reason);
	return 0;
}

static bool
is_alike(const struct grant *a, const struct grant *b)
{
	char day[CLOCK_TEXT_SIZE], other_day[CLOCK_TEXT_SIZE];

	/* "+7d" typed twice is not the same second. */
	return a->period == b->period && a->amount == b->amount &&
	    strcmp(a->scope, b->scope) == 0 && strcmp(a->reason, b->reason) == 0 &&
	    strcmp(text_day(a->until_ms, day), text_day(b->until_ms, other_day)) == 0;
}

/* A command that is typed again, because its answer was not seen, would grant twice as much. */
static int
check_alike(struct store *s, const struct grant *g, int64_t now_ms, struct err *e)
{
	struct grant *v = NULL;
	char given[CLOCK_TEXT_SIZE];
	size_t len = 0;
	int rc = store_grants(s, now_ms, &v, &len, e);

	for (size_t i = 0; i < len && rc == 0; i++) {
		if (is_alike(&v[i], g))
			rc = err_set(e, ERR_INPUT,
			    "grant %" PRId64
			    " is just like it (by %s, %s): say --again if another one is meant",
			    v[i].number, v[i].by, text_second(v[i].given_ms, given));
	}
	store_grants_free(v, len);
	return rc;
}

/* The newest grant has the highest number. */
static int
read_number(struct store *s, struct grant *g, int64_t now_ms, struct err *e)
{
	struct grant *v = NULL;
	size_t len = 0;

	if (store_grants(s, now_ms, &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (v[i].number > g->number)
			g->number = v[i].number;
	}
	store_grants_free(v, len);
	return 0;
}

static int
write_grant(struct store *s, struct grant *g, bool again, int64_t now_ms, struct err *e)
{
	if (store_begin_wait(s, CLI_WAIT_MS, e) < 0)
		return -1;
	if ((!again && check_alike(s, g, now_ms, e) < 0) || store_grant(s, g, now_ms, e) < 0 ||
	    read_number(s, g, now_ms, e) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}

/* The limit that is in force now; -1 if it cannot be told. */
static int
limit_now(struct store *s, const struct budget_limit *rule, int64_t now_ms, money_t *limit)
{
	struct standing st = { .scope = NULL };
	struct err e = { 0 };
	int rc = store_standing(s, rule->scope, now_ms, &st, &e);

	if (rc == 0)
		*limit = budget_limit_in_force(rule, &st);
	standing_clear(&st);
	return rc;
}

static void
tell_grant(struct cli *cli, const struct grant *g, const struct budget_limit *rule, int64_t now_ms,
    bool json)
{
	char amount[MONEY_TEXT_SIZE], until[CLOCK_TEXT_SIZE], total[MONEY_TEXT_SIZE];
	const char *period = g->period == BUDGET_DAILY ? "day" : "month";
	money_t limit = 0;
	bool known = limit_now(cli->store, rule, now_ms, &limit) == 0;

	if (json) {
		AUTO_JSON cJSON *answer = cJSON_CreateObject();
		AUTO_FREE char *text = NULL;

		json_add_int(answer, "number", g->number);
		json_add_str(answer, "scope", g->scope);
		json_add_str(answer, "period", budget_period_name(g->period));
		json_add_money(answer, "amount", g->amount);
		report_add_time(answer, "until", g->until_ms);
		json_add_str(answer, "by", g->by);
		json_add_str(answer, "reason", g->reason);
		if (known)
			json_add_money(answer, "limit", limit);
		text = json_pretty(answer);
		fputs(text, stdout);
		return;
	}
	say_done("grant %" PRId64 " by %s: %s has %s %s a %s more", g->number, g->by, g->scope,
	    money_format_people(g->amount, amount), cli->config.budget.currency, period);
	money_format_people(limit, total);
	say_done("until %s%s%s%s%s%s", text_second(g->until_ms, until),
	    known ? "; its limit is " : "", known ? total : "", known ? " a " : "",
	    known ? period : "", known ? " now" : "");
	say_next("purser run   (takes up what waited for money)");
}

static enum status
budget_grant(struct cli *cli, const struct budget_options *o)
{
	const struct budget *b = &cli->config.budget;
	const struct budget_limit *rule = NULL;
	int64_t now_ms = clock_now_ms();
	struct grant g = { .scope = NULL };
	enum status status = STATUS_DONE;
	struct err e = { 0 };

	if (read_grant(o, now_ms, &g, &e) < 0)
		status = say_usage("budget", "%s", e.msg);
	else if ((rule = budget_limit(b, g.scope, g.period)) == NULL)
		status = unlimited_scope(b, g.scope, g.period);
	else
		status = cli_need_store(cli, STORE_WRITE);
	if (status == STATUS_DONE && write_grant(cli->store, &g, o->again, now_ms, &e) < 0) {
		status = say_error(&e);
	} else if (status == STATUS_DONE) {
		cli_settle(cli);
		tell_grant(cli, &g, rule, now_ms, o->json);
	}
	free(g.scope);
	free(g.by);
	free(g.reason);
	return status;
}

/* ---- verify ---- */

static void
tell_proven(const struct ledger_report *r)
{
	if (r->entries == 0) {
		puts("ledger: it is empty, nothing was reserved yet");
		return;
	}
	printf("ledger: its %" PRId64 " entries, %" PRId64
	       " reservations and the totals of %" PRId64
	       " scopes agree, and each admission kept its limits\n",
	    r->entries, r->reservations, r->scopes);
	if (r->warned > 0)
		printf("%" PRId64 " time%s a limit that only warns was exceeded\n", r->warned,
		    r->warned == 1 ? "" : "s");
}

/* What was not proven is not counted. */
static void
print_verified(const struct ledger_report *r, const struct err *e, bool json)
{
	AUTO_JSON cJSON *document = NULL;
	AUTO_FREE char *text = NULL;
	bool proven = e->kind == ERR_NONE;

	if (!json && proven)
		tell_proven(r);
	if (!json)
		return;
	document = cJSON_CreateObject();
	json_add_bool(document, "proven", proven);
	if (proven) {
		json_add_int(document, "entries", r->entries);
		json_add_int(document, "reservations", r->reservations);
		json_add_int(document, "scopes", r->scopes);
		json_add_int(document, "warned", r->warned);
	} else {
		json_add_str(document, "fault", e->msg);
	}
	text = json_pretty(document);
	fputs(text, stdout);
}

static enum status
budget_verify(struct cli *cli, const struct budget_options *o)
{
	struct ledger_report report = { 0 };
	struct err e = { 0 };
	enum status status;

	if (cli_open_any_store(cli, &e) < 0)
		return say_error(&e);
	if (cli->store == NULL) {
		print_verified(&report, &e, o->json);
		return STATUS_DONE;
	}
	if (store_ledger_verify(cli->store, &report, &e) == 0 || e.kind == ERR_CORRUPT) {
		print_verified(&report, &e, o->json);
		fflush(stdout);
	}
	if (e.kind == ERR_NONE)
		return STATUS_DONE;
	status = say_error(&e);
	if (e.kind == ERR_CORRUPT)
		say("the ledger does not add up: keep a copy of the state folder before anything else is done");
	return status;
}

/* ---- the command ---- */

enum { OF_OVERVIEW = 1 << 0, OF_GRANT = 1 << 1, OF_VERIFY = 1 << 2, OF_REPORT = 1 << 3 };

static const struct {
	const char *name;
	unsigned bit;
	enum status (*run)(struct cli *cli, const struct budget_options *o);
} actions[] = {
	{ "show", OF_OVERVIEW, budget_overview },
	{ "grant", OF_GRANT, budget_grant },
	{ "verify", OF_VERIFY, budget_verify },
	{ "report", OF_REPORT, budget_report },
};

/* An option that belongs to another action was meant for it; ignored, it would have an effect that nobody asked for. */
static const char *
stray_option(const struct budget_options *o, unsigned action)
{
	const struct {
		const char *name;
		bool given;
		unsigned of;
	} rows[] = {
		{ "all", o->all, OF_OVERVIEW },
		{ "scope", o->scope != NULL, OF_GRANT },
		{ "amount", o->amount != NULL, OF_GRANT },
		{ "daily", o->daily, OF_GRANT },
		{ "until", o->until != NULL, OF_GRANT },
		{ "reason", o->reason != NULL, OF_GRANT },
		{ "again", o->again, OF_GRANT },
		{ "by", o->by != NULL, OF_GRANT | OF_REPORT },
		{ "month", o->month != NULL, OF_REPORT },
		{ "format", o->format != NULL, OF_REPORT },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (rows[i].given && (rows[i].of & action) == 0)
			return rows[i].name;
	}
	return NULL;
}

static enum status
budget_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct budget_options *o = options;
	const char *name = args->len > 0 ? args->v[0] : "show";

	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		const char *stray;

		if (strcmp(name, actions[i].name) != 0)
			continue;
		stray = stray_option(o, actions[i].bit);
		if (stray != NULL)
			return say_usage("budget", "%s takes no --%s", name, stray);
		return actions[i].run(cli, o);
	}
	return say_usage("budget", "\"%s\" is none of show, grant, verify, report", name);
}

const struct cmd cmd_budget = {
	.name = "budget",
	.usage = "[show|grant|verify|report] [OPTION...]",
	.summary = "show limits, what is spent and what waits for money; grant more",
	.about =
	    "show prints each scope that has a limit (with a + if some of it is granted): COMMITTED is what stands and costs, a month of 730 hours; "
	    "RESERVED what is being built; SPENT what this month has cost so far, by actual cost where it was "
	    "imported; FORECAST the whole month if nothing changes. USED is the larger of run-rate (committed and "
	    "reserved) and forecast, of the limit with its grants. Below stands what waits, and what would have "
	    "to go for it to fit.\n"
	    "\n"
	    "grant raises the limit of a scope for a time: a row of the ledger, with a name and a reason. One that "
	    "is just like another in force is taken for a slip, unless --again says that it is none. For good a "
	    "limit is raised in the configuration.\n"
	    "\n"
	    "verify proves that the totals of all scopes are the sums of the reservations and of the ledger, at "
	    "each of its rows; exit status 5 if not.\n"
	    "\n"
	    "report tells what a month cost: by estimate (low, expected, high, from the hours that things stood), "
	    "and actually, where cost was imported. Its total is the exact sum of its rows. In the table amounts "
	    "are rounded to cents; csv and json have them exactly.",
	.examples =
	    "purser budget\n"
	    "purser budget grant --scope global --amount 100 --until +7d --by ann --reason \"load test\"\n"
	    "purser budget report --month 2026-11 --by team --format csv > november.csv\n"
	    "purser budget verify",
	.options = budget_rows,
	.options_size = sizeof(struct budget_options),
	.needs = CMD_CONFIG,
	.max_args = 1,
	.run = budget_run,
};
