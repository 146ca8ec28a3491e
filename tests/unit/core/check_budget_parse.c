/* [budget] as people write it: what is taken over, and what each slip is told, with its place. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/budget.h"
#include "core/config.h"
#include "tests/unit/unit.h"

#define ONE MONEY_ONE

static int
apply(struct config *c, const char *text, struct faults *faults)
{
	struct err e = { 0 };
	struct doc doc;
	int rc;

	ck_assert_msg(doc_parse("dir/c.toml", text, strlen(text), &doc, &e) == 0, "%s", e.msg);
	config_init(c);
	rc = config_apply(c, &doc, faults);
	doc_clear(&doc);
	return rc;
}

static void
limit_is(
    const struct budget *b, const char *scope, money_t amount, const char *key, const char *where)
{
	const struct budget_limit *limit = budget_limit(b, scope, BUDGET_MONTHLY);

	ck_assert_msg(limit != NULL, "no limit of %s", scope);
	ck_assert_str_eq(limit->scope, scope);
	ck_assert_int_eq(limit->amount, amount);
	ck_assert_str_eq(limit->key, key);
	ck_assert_str_eq(limit->where, where);
}

static const char all[] = "[budget]\n"
			  "currency = \"USD\"\n"
			  "monthly_limit = 500.0\n"
			  "daily_limit = \"20.00\"\n"
			  "alert_thresholds = [100, 12.5, 80, 1000]\n"
			  "on_exceed = \"warn\"\n"
			  "unpriced = \"deny\"\n"
			  "approval_above = 200\n"
			  "[budget.resource_groups]\n"
			  "\"Test-RG\" = 100.0\n"
			  "\"rg.(1)\" = 0\n"
			  "[budget.labels.team]\n"
			  "ml = 2000.0\n"
			  "\"a b=c\" = \"0.000000001\"\n"
			  "[budget.labels.\"cost center\"]\n"
			  "\"\" = 7\n";

START_TEST(everything)
{
	struct faults faults = { 0 };
	const struct budget_limit *daily;
	struct budget *b;
	struct config c;

	ck_assert_int_eq(apply(&c, all, &faults), 0);
	b = &c.budget;
	ck_assert_int_eq(faults.count, 0);
	ck_assert_str_eq(b->currency, "USD");
	ck_assert_int_eq(b->n_limits, 7);
	limit_is(b, "global", 500 * ONE, "budget.monthly_limit", "dir/c.toml:3:1");
	limit_is(
	    b, "group:test-rg", 100 * ONE, "budget.resource_groups.Test-RG", "dir/c.toml:10:1");
	limit_is(b, "group:rg.(1)", 0, "budget.resource_groups.\"rg.(1)\"", "dir/c.toml:11:1");
	limit_is(b, "label:team=ml", 2000 * ONE, "budget.labels.team.ml", "dir/c.toml:13:1");
	limit_is(b, "label:team=a b=c", 1, "budget.labels.team.\"a b=c\"", "dir/c.toml:14:1");
	limit_is(b, "label:cost center=", 7 * ONE, "budget.labels.\"cost center\".\"\"",
	    "dir/c.toml:16:1");
	daily = budget_limit(b, "global", BUDGET_DAILY);
	ck_assert_ptr_nonnull(daily);
	ck_assert_int_eq(daily->amount, 20 * ONE);
	ck_assert_str_eq(daily->key, "budget.daily_limit");
	ck_assert_ptr_null(budget_limit(b, "group:test-rg", BUDGET_DAILY));
	ck_assert_ptr_null(budget_limit(b, "group:other", BUDGET_MONTHLY));
	ck_assert_int_eq(b->n_thresholds, 4);
	ck_assert_int_eq(b->thresholds[0], 12 * ONE + ONE / 2);
	ck_assert_int_eq(b->thresholds[1], 80 * ONE);
	ck_assert_int_eq(b->thresholds[3], 1000 * ONE);
	ck_assert_int_eq(b->on_exceed, REACTION_ADMIT);
	ck_assert_str_eq(b->on_exceed_where, "dir/c.toml:6:1");
	ck_assert_int_eq(b->unpriced, REACTION_DENY);
	ck_assert_str_eq(b->unpriced_where, "dir/c.toml:7:1");
	ck_assert(b->approves);
	ck_assert_int_eq(b->approval_above, 200 * ONE);
	ck_assert_str_eq(b->approval_where, "dir/c.toml:8:1");
	config_clear(&c);
}
END_TEST

START_TEST(defaults)
{
	struct faults faults = { 0 };
	struct config c;

	ck_assert_int_eq(apply(&c, "[budget]\n", &faults), 0);
	ck_assert_int_eq(c.budget.n_limits, 0);
	ck_assert_int_eq(c.budget.n_thresholds, 3);
	ck_assert_int_eq(c.budget.thresholds[2], 100 * ONE);
	ck_assert_int_eq(c.budget.on_exceed, REACTION_HOLD);
	ck_assert_int_eq(c.budget.unpriced, REACTION_HOLD);
	ck_assert_ptr_null(c.budget.on_exceed_where);
	ck_assert(!c.budget.approves);
	config_clear(&c);
	ck_assert_int_eq(apply(&c, "[budget]\nalert_thresholds = []\n", &faults), 0);
	ck_assert_int_eq(c.budget.n_thresholds, 0);
	config_clear(&c);
	budget_clear(&c.budget);
	budget_clear(NULL);
}
END_TEST

/* The rows of the settings are for people, and budget_init() has the defaults: both say the same. */
START_TEST(rows_tell_the_defaults)
{
	char text[1024] = "[budget]\n", ours[DIGEST_SIZE], theirs[DIGEST_SIZE];
	struct faults faults = { 0 };
	struct budget b;
	struct config c;
	size_t len = strlen(text);

	for (const struct setting *s = config_settings; s->section != NULL; s++) {
		const char *quote = s->type == SETTING_WORD ? "\"" : "";

		if (strcmp(s->section, "budget") == 0 && s->default_value != NULL)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s = %s%s%s\n",
			    s->key, quote, s->default_value, quote);
	}
	ck_assert_int_eq(apply(&c, text, &faults), 0);
	budget_init(&b);
	budget_digest(&b, ours);
	budget_digest(&c.budget, theirs);
	ck_assert_str_eq(ours, theirs);
	config_clear(&c);
}
END_TEST

static const struct {
	const char *a, *b;
	bool same;
} pairs[] = {
	{ "monthly_limit = 500", "monthly_limit = \"500.00\"", true },
	{ "monthly_limit = 500.0", "\n\nmonthly_limit = \"500\"", true },
	{ "resource_groups.a = 1\nresource_groups.B = 2",
	    "resource_groups.b = 2\nresource_groups.a = 1", true },
	{ "on_exceed = \"hold\"", "", true },
	{ "alert_thresholds = [80, 50, 100.0]", "", true },
	{ "monthly_limit = 500", "monthly_limit = 500.000000001", false },
	{ "monthly_limit = 500", "daily_limit = 500", false },
	{ "monthly_limit = 0", "", false },
	{ "approval_above = 0", "", false },
	{ "on_exceed = \"deny\"", "", false },
	{ "unpriced = \"deny\"", "", false },
	{ "alert_thresholds = [80]", "", false },
	{ "labels.a.b = 1", "labels.a.c = 1", false },
};

START_TEST(digest)
{
	char text[256], a[DIGEST_SIZE], b[DIGEST_SIZE];
	struct faults faults = { 0 };
	struct config c;

	snprintf(text, sizeof(text), "[budget]\n%s\n", pairs[_i].a);
	ck_assert_int_eq(apply(&c, text, &faults), 0);
	budget_digest(&c.budget, a);
	config_clear(&c);
	snprintf(text, sizeof(text), "[budget]\n%s\n", pairs[_i].b);
	ck_assert_int_eq(apply(&c, text, &faults), 0);
	budget_digest(&c.budget, b);
	config_clear(&c);
	ck_assert_int_eq(strcmp(a, b) == 0, pairs[_i].same);
}
END_TEST

static const struct {
	const char *text, *fault; /* the whole of it */
} slips[] = {
	{ "budget = 5\n", "dir/c.toml:1:1: [budget] must be a table" },
	{ "[[budget]]\n", "dir/c.toml:1:3: [budget] must be a table" },
	{ "[budget]\nmonthly_limt = 5\n",
	    "dir/c.toml:2:1: unknown setting \"monthly_limt\" in [budget]; did you mean "
	    "\"monthly_limit\"?" },
	{ "[budget]\n\"test-rg\" = 5\n",
	    "dir/c.toml:2:1: unknown setting \"test-rg\" in [budget]" },
	{ "[run]\nmonthly_limit = 5\n",
	    "dir/c.toml:2:1: unknown setting \"monthly_limit\" in [run]; it belongs below [budget]" },
	{ "monthly_limit = 5\n",
	    "dir/c.toml:1:1: setting \"monthly_limit\" belongs below [budget]" },
	{ "[budgets]\n", "dir/c.toml:1:2: unknown section \"budgets\"; did you mean \"budget\"?" },
	{ "[budget]\ncurrency = \"EUR\"\n",
	    "dir/c.toml:2:1: budget.currency is \"EUR\", but the price book is in USD, and so must "
	    "the limits be" },
	{ "[budget]\ncurrency = 1\n",
	    "dir/c.toml:2:1: budget.currency must be a string, not an integer" },
	{ "[budget]\n monthly_limit = -1\n",
	    "dir/c.toml:2:2: budget.monthly_limit: -1 must not be negative" },
	{ "[budget]\nmonthly_limit = -0.01\n",
	    "dir/c.toml:2:1: budget.monthly_limit: -0.01 must not be negative" },
	{ "[budget]\nmonthly_limit = \"-1\"\n",
	    "dir/c.toml:2:1: budget.monthly_limit: \"-1\" must not have a sign" },
	{ "[budget]\nmonthly_limit = \"1,000\"\n",
	    "dir/c.toml:2:1: budget.monthly_limit: \"1,000\": write it without \",\" and with a "
	    "point before the decimals" },
	{ "[budget]\nmonthly_limit = \"nan\"\n",
	    "dir/c.toml:2:1: budget.monthly_limit: \"nan\" is no amount such as 500 or 0.25" },
	{ "[budget]\nmonthly_limit = \"\"\n",
	    "dir/c.toml:2:1: budget.monthly_limit: \"\" is no amount such as 500 or 0.25" },
	{ "[budget]\nmonthly_limit = true\n",
	    "dir/c.toml:2:1: budget.monthly_limit must be an amount such as 500 or \"500.00\", not "
	    "a boolean" },
	{ "[budget]\nmonthly_limit = [500]\n",
	    "dir/c.toml:2:1: budget.monthly_limit must be an amount such as 500 or \"500.00\", not "
	    "an array" },
	{ "[budget]\ndaily_limit = 0.0000000001\n",
	    "dir/c.toml:2:1: budget.daily_limit: \"1e-10\" has more than 9 decimals" },
	{ "[budget]\ndaily_limit = \"0.1234567891\"\n",
	    "dir/c.toml:2:1: budget.daily_limit: \"0.1234567891\" has more than 9 decimals" },
	{ "[budget]\ndaily_limit = 9223372037\n",
	    "dir/c.toml:2:1: budget.daily_limit: \"9223372037\" is too large" },
	{ "[budget]\napproval_above = -200.0\n",
	    "dir/c.toml:2:1: budget.approval_above: -200 must not be negative" },
	{ "[budget]\non_exceed = \"stop\"\n",
	    "dir/c.toml:2:1: budget.on_exceed: \"stop\" is none of hold, deny, warn" },
	{ "[budget]\non_exceed = \"Hold\"\n",
	    "dir/c.toml:2:1: budget.on_exceed: \"Hold\" is none of hold, deny, warn; did you mean "
	    "\"hold\"?" },
	{ "[budget]\non_exceed = \"allow\"\n",
	    "dir/c.toml:2:1: budget.on_exceed: \"allow\" is none of hold, deny, warn" },
	{ "[budget]\non_exceed = false\n",
	    "dir/c.toml:2:1: budget.on_exceed must be a string, not a boolean" },
	{ "[budget]\nunpriced = \"warn\"\n",
	    "dir/c.toml:2:1: budget.unpriced: \"warn\" is none of hold, deny, allow" },
	{ "[budget]\nalert_thresholds = 50\n",
	    "dir/c.toml:2:1: budget.alert_thresholds must be a list of percents such as "
	    "[50, 80, 100], not an integer" },
	{ "[budget]\nalert_thresholds = [50, \"80\"]\n",
	    "dir/c.toml:2:25: budget.alert_thresholds must be a list of percents such as "
	    "[50, 80, 100], not of a string" },
	{ "[budget]\nalert_thresholds = [50, 0]\n",
	    "dir/c.toml:2:25: budget.alert_thresholds: 0 is not above 0 and at most 1000" },
	{ "[budget]\nalert_thresholds = [1000.5]\n",
	    "dir/c.toml:2:21: budget.alert_thresholds: 1000.5 is not above 0 and at most 1000" },
	{ "[budget]\nalert_thresholds = [-50]\n",
	    "dir/c.toml:2:21: budget.alert_thresholds: -50 must not be negative" },
	{ "[budget]\nalert_thresholds = [80, 50, 80.0]\n",
	    "dir/c.toml:2:29: budget.alert_thresholds: 80 stands there already" },
	{ "[budget]\nalert_thresholds = [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21]\n",
	    "dir/c.toml:2:1: budget.alert_thresholds has more than 20 thresholds" },
	{ "[budget]\nresource_groups = 5\n",
	    "dir/c.toml:2:1: budget.resource_groups must be a table of limits, NAME = AMOUNT, not an "
	    "integer" },
	{ "[budget.resource_groups]\n\"rg/x\" = 1\n",
	    "dir/c.toml:2:1: budget.resource_groups: \"rg/x\" is no name of a resource group" },
	{ "[budget.resource_groups]\n\"\" = 1\n",
	    "dir/c.toml:2:1: budget.resource_groups: \"\" is no name of a resource group" },
	{ "[budget.resource_groups]\nrg = \"x\"\n",
	    "dir/c.toml:2:1: budget.resource_groups.rg: \"x\" is no amount such as 500 or 0.25" },
	{ "[budget.resource_groups]\nrg = { limit = 5 }\n",
	    "dir/c.toml:2:1: budget.resource_groups.rg must be an amount such as 500 or \"500.00\", "
	    "not an object" },
	{ "[budget.resource_groups]\ntest-rg = 1\nother = 2\nTEST-RG = 3\n",
	    "dir/c.toml:4:1: budget.resource_groups: \"TEST-RG\" stands there already, in other "
	    "letters" },
	{ "[budget.labels.team]\nml = 1\n[budget.labels.Team]\nml = 2\n",
	    "dir/c.toml:4:1: budget.labels.Team: \"ml\" stands there already, in other letters" },
	{ "[budget]\nlabels = 1\n",
	    "dir/c.toml:2:1: budget.labels must be a table of labels, not an integer" },
	{ "[budget.labels]\nteam = 1\n",
	    "dir/c.toml:2:1: budget.labels.team must be a table of limits, VALUE = AMOUNT, not an "
	    "integer" },
	{ "[budget.labels.\"a=b\"]\nml = 1\n",
	    "dir/c.toml:2:1: budget.labels.\"a=b\": label \"a=b=ml\" has a name with one of < > % & "
	    "\\ ? / = in it, or a first - or @" },
	{ "[budget.labels.Purser-Objective]\nml = 1\n",
	    "dir/c.toml:2:1: budget.labels.Purser-Objective: label \"Purser-Objective=ml\" is the "
	    "one that purser sets itself" },
	{ "[budget.labels.team]\n\"a\\tb\" = 1\n",
	    "dir/c.toml:2:1: budget.labels.team: label \"team=a\tb\" has a value with a control "
	    "character" },
	{ "[budget.labels.team]\nml = -1\n",
	    "dir/c.toml:2:1: budget.labels.team.ml: -1 must not be negative" },
};

START_TEST(a_slip_is_told_with_its_place)
{
	struct faults faults = { 0 };
	struct config c;

	ck_assert_int_eq(apply(&c, slips[_i].text, &faults), -1);
	ck_assert_int_eq(faults.count, 1);
	ck_assert_str_eq(faults.list.v[0], slips[_i].fault);
	faults_clear(&faults);
	config_clear(&c);
}
END_TEST

/* They do not get as far as to [budget], and the file is refused all the same. */
START_TEST(not_finite)
{
	static const char *const numbers[] = { "nan", "-nan", "inf", "+inf", "-inf", "1e400" };

	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		AUTO_FREE char *text = xasprintf("[budget]\nmonthly_limit = %s\n", numbers[i]);
		struct err e = { 0 };
		struct doc doc;

		ck_assert_int_eq(doc_parse("dir/c.toml", text, strlen(text), &doc, &e), -1);
		ck_assert_int_eq(e.kind, ERR_INPUT);
		ck_assert_msg(strstr(e.msg, "dir/c.toml: line 2, column ") != NULL, "%s", e.msg);
	}
}
END_TEST

START_TEST(all_slips_are_told_at_once)
{
	struct faults faults = { 0 };
	struct config c;

	ck_assert_int_eq(
	    apply(&c,
		"[budget]\nmonthly_limit = -1\nx = 1\nalert_thresholds = [0, -1, 50, 50]\n"
		"[budget.resource_groups]\na = -1\nA = 1\n[budget.labels.team]\na = -1\nb = true\n"
		"[run]\njobs = 0\n",
		&faults),
	    -1);
	ck_assert_int_eq(faults.count, 9);
	faults_clear(&faults);
	config_clear(&c);
}
END_TEST

START_TEST(as_json)
{
	struct faults faults = { 0 };
	struct config c;

	ck_assert_int_eq(apply(&c,
			     "[budget]\nmonthly_limit = 500\nalert_thresholds = [12.5]\n"
			     "approval_above = 200\nunpriced = \"allow\"\n",
			     &faults),
	    0);
	AUTO_JSON cJSON *json = budget_to_json(&c.budget);
	AUTO_FREE char *text = json_text(json);
	ck_assert_str_eq(text,
	    "{\"currency\":\"USD\",\"limits\":[{\"scope\":\"global\",\"period\":\"monthly\","
	    "\"amount\":\"500.00\",\"where\":\"dir/c.toml:2:1\"}],\"alert_thresholds\":[\"12.5\"],"
	    "\"on_exceed\":\"hold\",\"unpriced\":\"allow\",\"approval_above\":\"200.00\"}");
	config_clear(&c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("budget_parse");
	TCase *tests = tcase_create("budget_parse");

	tcase_add_test(tests, everything);
	tcase_add_test(tests, defaults);
	tcase_add_test(tests, rows_tell_the_defaults);
	tcase_add_loop_test(tests, digest, 0, COUNT_OF(pairs));
	tcase_add_loop_test(tests, a_slip_is_told_with_its_place, 0, COUNT_OF(slips));
	tcase_add_test(tests, not_finite);
	tcase_add_test(tests, all_slips_are_told_at_once);
	tcase_add_test(tests, as_json);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
