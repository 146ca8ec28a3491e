#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/batch.h"
#include "tests/unit/unit.h"

#define NOW_MS 1795226400000 /* 2026-11-21T02:00:00Z */

#define HEAD                                                                               \
	"name = \"cluster\"\nsummary = \"s\"\nrequires = [\"region\"]\n"                   \
	"[parameters.workload]\ntype = \"string\"\nhelp = \"h\"\ndefault = \"general\"\n"  \
	"values = [\"general\", \"ml\"]\n"                                                 \
	"[parameters.gpu]\ntype = \"boolean\"\nhelp = \"h\"\ndefault = false\n"            \
	"[parameters.size]\ntype = \"string\"\nhelp = \"h\"\ndefault = \"small\"\n"        \
	"pattern = \"[a-z]+\"\n"                                                           \
	"[parameters.nodes]\ntype = \"integer\"\nhelp = \"h\"\nmax = 9\nrequired = true\n" \
	"[parameters.tier]\ntype = \"string\"\nhelp = \"h\"\n"                             \
	"[parameters.path]\ntype = \"string\"\nhelp = \"h\"\ndefault = \"{objective}\"\n"  \
	"[parameters.zones]\ntype = \"array\"\nhelp = \"h\"\n"                             \
	"[parameters.key]\ntype = \"string\"\nhelp = \"h\"\nsecret = true\n"               \
	"[outputs.id]\ntype = \"string\"\nhelp = \"h\"\n"
#define TAIL "[[azure_cli.step]]\nname = \"x\"\n"
#define RULE(name, when, set) "[[decide]]\nname = \"" name "\"\nwhen = " when "\nset = " set "\n"

static struct capability *
parse(const char *rules, struct faults *faults)
{
	AUTO_FREE char *text = xasprintf("%s%s%s", HEAD, rules, TAIL);
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_parse("c.toml", text, strlen(text), &doc, &e) == 0, "%s", e.msg);
	return capability_parse(&doc, NULL, faults);
}

static const struct {
	const char *rules, *fault; /* a part of the one fault */
} bad[] = {
	{ RULE("r", "{ worklod = \"ml\" }", "{ size = \"big\" }"),
	    "there is no parameter \"worklod\", \"region\" or \"labels.NAME\"; did you mean "
	    "\"workload\"" },
	{ RULE("r", "{ gpu = true }", "{ sizes = \"big\" }"),
	    "c.toml:43:9: there is no parameter \"sizes\"; did you mean \"size\"" },
	{ RULE("r", "{ gpu = \"yes\" }", "{ size = \"big\" }"), "expected true or false" },
	{ RULE("r", "{ workload = \"games\" }", "{ size = \"big\" }"), "is not allowed" },
	{ RULE("r", "{ workload = [\"ml\", \"games\"] }", "{ size = \"big\" }"), "is not allowed" },
	{ RULE("r", "{ workload = [] }", "{ size = \"big\" }"), "\"workload\" has no value" },
	{ RULE("r", "{ zones = \"1\" }", "{ size = \"big\" }"), "which no rule can read" },
	{ RULE("r", "{ key = \"env:A\" }", "{ size = \"big\" }"), "is a secret" },
	{ RULE("r", "{ gpu = true }", "{ key = \"env:A\" }"), "is a secret" },
	{ RULE("r", "{ region = \"West Europe\" }", "{ size = \"big\" }"),
	    "\"region\" has a value that is none such as \"eastus\"" },
	{ RULE("r", "{ region = 1 }", "{ size = \"big\" }"), "\"region\" is no string" },
	{ RULE("r", "{ \"labels.team\" = 3 }", "{ size = \"big\" }"),
	    "label \"team\" is no string" },
	{ RULE("r", "{ \"labels.\" = \"x\" }", "{ size = \"big\" }"), "has a name that is empty" },
	{ RULE("r", "{ }", "{ size = \"big\" }"), "what always holds is a default" },
	{ RULE("r", "{ gpu = true }", "{ }"), "has no effect: it sets nothing" },
	{ RULE("r", "{ gpu = true }", "{ size = \"BIG\" }"), "does not match" },
	{ RULE("r", "{ gpu = true }", "{ nodes = 10 }"), "expected at most 9" },
	{ RULE("r", "{ gpu = true }", "{ nodes = \"2\" }"), "expected a whole number" },
	{ RULE("r", "{ gpu = true }", "{ tier = \"${net.outputs.id}\" }"), "is literal" },
	{ RULE("r", "{ gpu = true }", "{ tier = \"{region}\" }"), "is literal" },
	{ RULE("r", "{ gpu = true }", "{ gpu = true }"), "which it reads" },
	{ RULE("", "{ gpu = true }", "{ size = \"big\" }"), "the name of a rule has 1 to" },
	{ RULE("r", "{ gpu = true }", "{ size = \"big\" }")
		RULE("r", "{ gpu = false }", "{ size = \"big\" }"),
	    "there is a rule \"r\" already" },
	{ RULE("wide", "{ gpu = true }", "{ size = \"big\", nodes = 3 }")
		RULE("narrow", "{ gpu = true, workload = \"ml\" }", "{ size = \"huge\" }"),
	    "rule \"narrow\" has no effect: where it holds, rule \"wide\" has set this already" },
	{ RULE("list", "{ \"labels.env\" = [\"a\", \"b\"] }", "{ size = \"big\" }")
		RULE("one", "{ \"labels.env\" = \"b\" }", "{ size = \"huge\" }"),
	    "rule \"one\" has no effect" },
	{ RULE("early", "{ tier = \"x\" }", "{ size = \"big\" }")
		RULE("late", "{ gpu = true }", "{ tier = \"x\" }"),
	    "rule \"early\" reads parameter \"tier\", which the later rule \"late\" sets" },
	{ "[[decide]]\nname = \"r\"\nwhen = { gpu = true }\n", "a decision rule needs \"set\"" },
	{ "[[decide]]\nname = \"r\"\nwhen = { gpu = true }\nset = { nodes = 1 }\nif = 1\n",
	    "unknown key \"if\" in a decision rule" },
	{ "[decide]\nname = \"r\"\n", "\"decide\" is an object, expected [[decide]] tables" },
};

START_TEST(faults_of_rules)
{
	struct faults faults = { 0 };
	struct capability *c = parse(bad[_i].rules, &faults);

	ck_assert_ptr_null(c);
	ck_assert_msg(faults.count == 1, "%zu faults: %s", faults.count,
	    faults.list.v ? faults.list.v[0] : "");
	ck_assert_msg(strstr(faults.list.v[0], bad[_i].fault) != NULL, "%s", faults.list.v[0]);
	ck_assert_msg(strncmp(faults.list.v[0], "c.toml:", 7) == 0, "%s", faults.list.v[0]);
	faults_clear(&faults);
}
END_TEST

#define RULES                                                                       \
	RULE("gpu in production",                                                   \
	    "{ workload = \"ml\", gpu = true, labels.env = [\"prod\", \"live\"] }", \
	    "{ size = \"huge\", tier = \"premium\" }")                              \
	RULE("ml", "{ workload = \"ml\" }", "{ size = \"big\", nodes = 4 }")        \
	RULE("premium", "{ tier = \"premium\" }", "{ nodes = 8, path = \"/p\" }")   \
	RULE("no gpu", "{ gpu = false, region = [\"eastus\", \"westus\"] }", "{ nodes = 1 }")

static const struct {
	const char *given;
	const char *parameters, *decided; /* as JSON; decided NULL: nothing */
} cases[] = {
	/* What was not given counts with its default. */
	{ "",
	    "{\"nodes\":1,\"workload\":\"general\",\"gpu\":false,\"size\":\"small\",\"path\":\"o\"}",
	    "{\"nodes\":\"no gpu\"}" },
	{ "parameters.nodes = 2\n",
	    "{\"nodes\":2,\"workload\":\"general\",\"gpu\":false,\"size\":\"small\",\"path\":\"o\"}",
	    NULL },
	/* The first rule that sets a parameter wins. */
	{ "parameters.workload = \"ml\"\n",
	    "{\"workload\":\"ml\",\"size\":\"big\",\"nodes\":4,\"gpu\":false,\"path\":\"o\"}",
	    "{\"size\":\"ml\",\"nodes\":\"ml\"}" },
	/* What the submitter gave is never changed. */
	{ "parameters = { workload = \"ml\", size = \"mine\" }\n",
	    "{\"workload\":\"ml\",\"size\":\"mine\",\"nodes\":4,\"gpu\":false,\"path\":\"o\"}",
	    "{\"nodes\":\"ml\"}" },
	{ "labels = { Env = \"live\" }\nparameters = { workload = \"ml\", gpu = true }\n",
	    "{\"workload\":\"ml\",\"gpu\":true,\"size\":\"huge\",\"tier\":\"premium\",\"nodes\":4,"
	    "\"path\":\"/p\"}",
	    "{\"size\":\"gpu in production\",\"tier\":\"gpu in production\",\"nodes\":\"ml\","
	    "\"path\":\"premium\"}" },
	{ "labels = { env = \"Live\" }\nparameters = { workload = \"ml\", gpu = true }\n",
	    "{\"workload\":\"ml\",\"gpu\":true,\"size\":\"big\",\"nodes\":4,\"path\":\"o\"}",
	    "{\"size\":\"ml\",\"nodes\":\"ml\"}" },
	/* A rule may read what an earlier one has set. */
	{ "parameters = { tier = \"premium\", gpu = true }\n",
	    "{\"tier\":\"premium\",\"gpu\":true,\"nodes\":8,\"path\":\"/p\",\"workload\":\"general\","
	    "\"size\":\"small\"}",
	    "{\"nodes\":\"premium\",\"path\":\"premium\"}" },
};

static int
submit(const char *rules, const char *given, struct batch *b, struct faults *faults)
{
	AUTO_FREE char *text = xasprintf("batch = \"b\"\n[[objective]]\nname = \"o\"\n"
					 "capability = \"cluster\"\nregion = \"eastus\"\n%s",
	    given);
	struct library library = { 0 };
	struct doc doc = { 0 };
	struct err e = { 0 };
	struct capability *c = parse(rules, faults);

	ck_assert_msg(c != NULL, "%s", faults->list.v ? faults->list.v[0] : "");
	library_add(&library, c, faults);
	ck_assert_msg(doc_parse("in.toml", text, strlen(text), &doc, &e) == 0, "%s", e.msg);
	int rc = batch_parse(&doc, NULL, &library, NOW_MS, b, faults);
	doc_clear(&doc);
	library_clear(&library);
	return rc;
}

static void
assert_json(const cJSON *got, const char *wanted)
{
	AUTO_JSON cJSON *want = wanted ? json_parse(wanted, strlen(wanted), 1, NULL) : NULL;
	AUTO_FREE char *text = got ? json_text(got) : xstrdup("nothing");

	ck_assert_msg(wanted ? cJSON_Compare(got, want, true) : !got, "%s", text);
}

START_TEST(rules_decide)
{
	struct faults faults = { 0 };
	struct batch b;
	int rc = submit(RULES, cases[_i].given, &b, &faults);

	ck_assert_msg(rc == 0, "%s", faults.list.v ? faults.list.v[0] : "");
	assert_json(b.v[0].parameters, cases[_i].parameters);
	assert_json(b.v[0].decided, cases[_i].decided);
	batch_clear(&b);
}
END_TEST

/* Rules that come, go or change do not make another submission of it. */
START_TEST(digest_is_of_what_was_said)
{
	static const char *const rules[] = {
		RULES,
		RULE("other", "{ workload = \"ml\" }",
		    "{ size = \"other\", nodes = 2, tier = \"t\" }"),
		RULE("least", "{ region = \"eastus\" }", "{ nodes = 2 }"),
	};
	struct faults faults = { 0 };
	char first[DIGEST_SIZE], digest[DIGEST_SIZE];

	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		struct objective back;
		struct err e = { 0 };
		struct batch b;

		ck_assert_int_eq(
		    submit(rules[i], "parameters.workload = \"ml\"\n", &b, &faults), 0);
		objective_digest(&b.v[0], i == 0 ? first : digest);
		if (i > 0)
			ck_assert_str_eq(first, digest);
		AUTO_JSON cJSON *json = objective_to_json(&b.v[0]);
		ck_assert_int_eq(objective_from_json(&back, json, &e), 0);
		ck_assert(cJSON_Compare(back.decided, b.v[0].decided, true));
		objective_digest(&back, digest);
		ck_assert_str_eq(first, digest);
		objective_clear(&back);
		batch_clear(&b);
	}
	/* But what the submitter says is another submission, even if it is the same value. */
	struct batch b;
	ck_assert_int_eq(
	    submit(RULES, "parameters = { workload = \"ml\", size = \"big\" }\n", &b, &faults), 0);
	objective_digest(&b.v[0], digest);
	ck_assert_str_ne(first, digest);
	batch_clear(&b);
}
END_TEST

START_TEST(a_rule_reads_no_reference)
{
	struct faults faults = { 0 };
	struct batch b;

	ck_assert_int_eq(
	    submit(RULES,
		"parameters = { nodes = 1, tier = \"${p.outputs.id}\" }\n"
		"[[objective]]\nname = \"p\"\ncapability = \"cluster\"\nregion = \"eastus\"\n",
		&b, &faults),
	    -1);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_msg(strstr(faults.list.v[0],
			  "in.toml:6:27: a decision rule reads parameter \"tier\", which cannot "
			  "refer to an output") != NULL,
	    "%s", faults.list.v[0]);
	faults_clear(&faults);
}
END_TEST

START_TEST(what_no_rule_sets_is_missing)
{
	struct faults faults = { 0 };
	struct batch b;

	ck_assert_int_eq(submit(RULES, "parameters.gpu = true\n", &b, &faults), -1);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_msg(strstr(faults.list.v[0], "needs the parameter \"nodes\"") != NULL, "%s",
	    faults.list.v[0]);
	faults_clear(&faults);
}
END_TEST

START_TEST(rules_in_words)
{
	struct faults faults = { 0 };
	struct capability *c = parse(RULES, &faults);
	AUTO_FREE char *when = decide_when_text(&c->decide.rules[0]);
	AUTO_FREE char *set = decide_set_text(&c->decide.rules[0]);
	AUTO_FREE char *last = decide_when_text(&c->decide.rules[3]);

	ck_assert_str_eq(when, "workload is ml, gpu is true and label env is prod or live");
	ck_assert_str_eq(set, "size = huge, tier = premium");
	ck_assert_str_eq(last, "gpu is false and region is eastus or westus");
	ck_assert(decide_reads(&c->decide, "tier") && !decide_reads(&c->decide, "nodes"));
	ck_assert(decide_sets(&c->decide, "nodes") && !decide_sets(&c->decide, "gpu"));
	capability_free(c);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("decide");
	TCase *t = tcase_create("rules");

	tcase_add_loop_test(t, faults_of_rules, 0, COUNT_OF(bad));
	tcase_add_loop_test(t, rules_decide, 0, COUNT_OF(cases));
	tcase_add_test(t, digest_is_of_what_was_said);
	tcase_add_test(t, a_rule_reads_no_reference);
	tcase_add_test(t, what_no_rule_sets_is_missing);
	tcase_add_test(t, rules_in_words);
	suite_add_tcase(s, t);
	return unit_run(s);
}
