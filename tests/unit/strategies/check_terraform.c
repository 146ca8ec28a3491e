/* What the terraform strategy makes of a capability, and refuses in one. */
#include <config.h>

#include <stdio.h>

#include "core/batch.h"
#include "tests/unit/strategies/terraform.h"

#define THING_ID "018f0000-0000-7000-8000-00000000000a"

static struct library library;
static struct faults faults;
static struct batch batch;
static struct plan plan;

/* Filled in here and there by the tests. */
static const char *subscription;
static bool preview;

static const char module_toml[] =
    "name = \"thing\"\nsummary = \"A thing.\"\nprovider = \"Test\"\nexisting = \"refuse\"\n"
    "requires = [\"region\"]\ncost = \"none\"\n"
    "[parameters.count]\ntype = \"integer\"\ndefault = 2\nhelp = \"How many.\"\n"
    "[parameters.word]\ntype = \"string\"\ndefault = \"none\"\nhelp = \"A word.\"\n"
    "[parameters.words]\ntype = \"array\"\ndefault = [\"a\"]\nhelp = \"Words.\"\n"
    "[parameters.open]\ntype = \"boolean\"\ndefault = true\nhelp = \"Is it?\"\n"
    "[parameters.token]\ntype = \"string\"\nsecret = true\nhelp = \"A secret.\"\n"
    "[outputs.names]\ntype = \"array\"\nhelp = \"Names.\"\n";
static const char usual_table[] =
    "[terraform]\nsettle = \"1m\"\ntimeout = \"2m\"\noutputs = { names = \"names\" }\n"
    "[terraform.values]\ncount = \"{count}\"\nword = \"{word}\"\nboth = \"{word}-{count}\"\n"
    "words = \"{words}\"\nopen = \"{open}\"\nsecret = \"{token}\"\ntags = \"{tags}\"\n"
    "nested = { inner = [\"{count}\", 7, true] }\n";

/* MODULE: the name of its only file; NULL: it has none. The library's own once it is added. */
static struct capability *
capability_with(const char *table, const char *module)
{
	AUTO_FREE char *toml = xasprintf("%s%s", module_toml, table);
	struct capability *c = capability_of_text(toml, &faults);

	ck_assert_msg(c != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	if (module != NULL)
		ck_assert_int_eq(capability_add_file(c, module, "# static\n", 9), 0);
	ck_assert_int_eq(capability_add_file(c, "README.md", "x", 1), 0);
	capability_seal(c);
	return c;
}

static void
teardown(void)
{
	plan_clear(&plan);
	batch_clear(&batch);
	library_clear(&library);
	faults_clear(&faults);
}

/* PARAMETERS: as in TOML, "" for none. */
static int
compile(const char *parameters)
{
	AUTO_FREE char *toml =
	    xasprintf("[[objective]]\nname = \"it\"\ncapability = \"thing\"\nregion = \"eastus\"\n"
		      "labels = { team = \"web\" }\nparameters = { %s }\n",
		parameters);
	struct doc doc = { 0 };
	struct err e = { 0 };

	if (library.len == 0)
		library_add(&library, capability_with(usual_table, "terraform/main.tf"), &faults);
	ck_assert_int_eq(doc_parse("batch.toml", toml, strlen(toml), &doc, &e), 0);
	batch_clear(&batch);
	ck_assert_msg(batch_parse(&doc, NULL, &library, 0, &batch, &faults) == 0, "%s",
	    faults.list.v ? faults.list.v[0] : "");
	doc_clear(&doc);
	memcpy(batch.v[0].id, THING_ID, ID_SIZE);
	const struct plan_request request = {
		.objective = &batch.v[0],
		.capability = library_find(&library, "thing"),
		.preview = preview,
		.subscription = subscription,
		.step_timeout_ms = 1000,
	};
	plan_clear(&plan);
	return terraform.compile(&request, &plan, &faults);
}

static const struct step *
compiled(const char *parameters)
{
	ck_assert_msg(compile(parameters) == 0, "%s", faults.list.v ? faults.list.v[0] : "");
	ck_assert_uint_eq(plan.len, 1);
	return &plan.steps[0];
}

/* ---- compile ---- */

static size_t
index_of(const struct strv *argv, const char *word)
{
	for (size_t i = 0; i < argv->len; i++)
		if (strcmp(argv->v[i], word) == 0)
			return i;
	return argv->len;
}

START_TEST(its_calls)
{
	const struct step *s = compiled("");
	const struct strv *const calls[] = { &s->checks[0], &s->checks[1], &s->run, &s->collect,
		&s->guard, &s->undo, &s->prove };
	static const char *const verbs[] = { "init", "plan", "apply", "plan", "state", "destroy",
		"state" };

	ck_assert_uint_eq(s->n_checks, 2);
	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		size_t at = index_of(calls[i], "terraform");

		ck_assert_uint_lt(at + 2, calls[i]->len);
		ck_assert_str_eq(calls[i]->v[at + 1], "-chdir={work}");
		ck_assert_str_eq(calls[i]->v[at + 2], verbs[i]);
		/* What the state lists asks nothing. */
		ck_assert(strcmp(verbs[i], "state") == 0 || strv_has(calls[i], "-input=false"));
	}
	/* What is applied is the plan that was saved, and it is the last word. */
	ck_assert(strv_has(&s->checks[1], "-out=purser.tfplan"));
	ck_assert(strv_has(&s->checks[1], "-detailed-exitcode"));
	ck_assert_str_eq(s->run.v[s->run.len - 1], "purser.tfplan");
	ck_assert(strv_has(&s->collect, "-refresh-only"));
	ck_assert(strv_has(&s->undo, "-auto-approve"));
	ck_assert(strv_has(&s->prove, "-id={resource}"));
	ck_assert(s->idempotent);
	ck_assert_int_eq(s->timeout_ms, 2 * 60 * 1000);
	ck_assert_int_eq(s->settle_ms, 60 * 1000);
	ck_assert_str_eq(json_str(s->outputs, "names"), "names");
}
END_TEST

START_TEST(its_subscription)
{
	subscription = "5a2db0c5";
	const struct step *s = compiled("");
	const struct strv *const calls[] = { &s->checks[0], &s->checks[1], &s->run, &s->collect,
		&s->guard, &s->undo, &s->prove };

	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		ck_assert(strv_has(calls[i], "ARM_SUBSCRIPTION_ID=5a2db0c5"));
		ck_assert_uint_lt(index_of(calls[i], "ARM_SUBSCRIPTION_ID=5a2db0c5"),
		    index_of(calls[i], "terraform"));
	}
	subscription = NULL;
	s = compiled("");
	ck_assert_uint_eq(index_of(&s->run, "terraform"), 0);
}
END_TEST

START_TEST(its_workspace)
{
	const struct step *s = compiled("word = \"%{x}\\\"\", count = 3");
	const cJSON *values = cJSON_GetObjectItem(s->workspace, "terraform.tfvars.json");

	/* The module as it stands, and nothing else of the folder. */
	ck_assert_str_eq(
	    cJSON_GetStringValue(cJSON_GetObjectItem(s->workspace, "main.tf")), "# static\n");
	ck_assert_ptr_null(cJSON_GetObjectItem(s->workspace, "README.md"));
	/* A placeholder alone keeps its type, others make a text. */
	ck_assert_int_eq(json_int(values, "count", 0), 3);
	ck_assert(cJSON_IsTrue(json_at(values, "open")));
	ck_assert(cJSON_IsArray(json_at(values, "words")));
	ck_assert_str_eq(json_str(values, "word"), "%{x}\"");
	ck_assert_str_eq(json_str(values, "both"), "%{x}\"-3");
	ck_assert_int_eq(cJSON_GetArrayItem(json_at(values, "nested.inner"), 0)->valueint, 3);
	ck_assert_str_eq(
	    cJSON_GetStringValue(cJSON_GetObjectItem(json_at(values, "tags"), "purser-objective")),
	    THING_ID);
	ck_assert_str_eq(json_str(values, "tags.team"), "web");
	/* A secret that is not given leaves the variable's default. */
	ck_assert_ptr_null(cJSON_GetObjectItem(values, "secret"));
	ck_assert_ptr_null(s->secrets);
}
END_TEST

START_TEST(a_secret)
{
	const struct step *s = compiled("token = \"env:TOKEN\"");
	AUTO_FREE char *text = plan_text(&plan);

	ck_assert_str_eq(json_str(s->secrets, "secret"), "env:TOKEN");
	ck_assert(cJSON_IsTrue(cJSON_GetObjectItem(s->workspace, "secrets.auto.tfvars.json")));
	ck_assert_ptr_null(cJSON_GetObjectItem(
	    cJSON_GetObjectItem(s->workspace, "terraform.tfvars.json"), "secret"));
	ck_assert_ptr_nonnull(text);
}
END_TEST

START_TEST(words_of_the_start)
{
	static const char *const words[] = { "{work}", "{run}", "x{resource}x" };
	AUTO_FREE char *parameters = xasprintf("word = \"%s\"", words[_i]);

	ck_assert_int_eq(compile(parameters), -1);
	ck_assert_ptr_nonnull(strstr(faults.list.v[0], "\"word\""));
	ck_assert_uint_eq(plan.len, 0);
}
END_TEST

/* The same in, the same out: an approval is bound to it. */
START_TEST(its_digest)
{
	char first[DIGEST_SIZE], second[DIGEST_SIZE];

	compiled("count = 3");
	plan_digest(&plan, first);
	compiled("count = 3");
	plan_digest(&plan, second);
	ck_assert_str_eq(first, second);
	compiled("count = 4");
	plan_digest(&plan, second);
	ck_assert_str_ne(first, second);
}
END_TEST

/* Every capability that has a module: its plan stands, and goes through JSON unharmed. */
START_TEST(through_json)
{
	struct plan again;
	struct err e = { 0 };
	AUTO_JSON cJSON *json = NULL;
	AUTO_FREE char *text = NULL, *same = NULL;

	compiled("token = \"file:/x\"");
	text = plan_text(&plan);
	json = plan_to_json(&plan);
	plan_init(&again);
	ck_assert_msg(plan_from_json(&again, json, &e) == 0, "%s", e.msg);
	same = plan_text(&again);
	ck_assert_str_eq(text, same);
	plan_clear(&again);
}
END_TEST

/* ---- validate ---- */

static const struct {
	const char *table;
	const char *module;
	const char *fault; /* NULL: it is good */
} tables[] = {
	{ "[terraform]\noutputs = { names = \"names\" }\n", "terraform/main.tf", NULL },
	{ "[terraform]\nfolder = \"tf\"\noutputs = { names = \"n\" }\n", "tf/x.tf", NULL },
	{ "[terraform]\noutputs = { names = \"names\" }\n", NULL, "there is no module" },
	{ "[terraform]\noutputs = { names = \"names\" }\n", "terraform/sub/main.tf",
	    "there is no module" },
	{ "[terraform]\noutputs = { names = \"names\" }\n", "terraform/main.txt",
	    "there is no module" },
	{ "[terraform]\nfolder = \"tf\"\noutputs = { names = \"n\" }\n", "terraform/main.tf",
	    "no file tf/NAME.tf" },
	{ "[terraform]\n", "terraform/main.tf", "terraform gives no output \"names\"" },
	{ "[terraform]\noutputs = { names = 7 }\n", "terraform/main.tf",
	    "\"names\" must name an output" },
	{ "[terraform]\noutputs = { names = \"names\" }\nvalues = { a = \"{nobody}\" }\n",
	    "terraform/main.tf", "{nobody}" },
	{ "[terraform]\noutputs = { names = \"names\" }\nvalues = { a = [{ b = \"x{nobody}\" }] }\n",
	    "terraform/main.tf", "{nobody}" },
	{ "[terraform]\noutputs = { names = \"names\" }\ntimeout = \"soon\"\n", "terraform/main.tf",
	    "\"timeout\"" },
	{ "[terraform]\noutputs = { names = \"names\" }\nsettle = \"-1s\"\n", "terraform/main.tf",
	    "\"settle\"" },
	{ "[terraform]\noutputs = { names = \"names\" }\ncomplex = \"yes\"\n", "terraform/main.tf",
	    "\"complex\"" },
	{ "[terraform]\noutputs = { names = \"names\" }\nvars = {}\n", "terraform/main.tf",
	    "\"vars\"" },
	{ "[terraform]\noutputs = { names = \"names\" }\nvalues = { a = { b = \"{token}\" } }\n",
	    "terraform/main.tf", "{token}" },
	{ "[terraform]\noutputs = { names = \"names\" }\n[terraform.planned]\nvm = { count = \"#\" }\n",
	    "terraform/main.tf", NULL },
	{ "[terraform]\noutputs = { names = \"names\" }\n[terraform.planned]\nvm = 7\n",
	    "terraform/main.tf", "vm: expected a table" },
	{ "[terraform]\noutputs = { names = \"names\" }\n[terraform.planned]\nvm = { size = \"s\" }\n",
	    "terraform/main.tf", "there is no parameter \"size\"" },
	{ "[terraform]\noutputs = { names = \"names\" }\n[terraform.planned]\nvm = { token = \"s\" }\n",
	    "terraform/main.tf", "no public parameter \"token\"" },
	{ "[terraform]\noutputs = { names = \"names\" }\n[terraform.planned]\nvm = { word = \"#\" }\n",
	    "terraform/main.tf", "a number of resources is no string" },
	{ "[terraform]\noutputs = { names = \"names\" }\n[terraform.planned]\nvm = { word = 7 }\n",
	    "terraform/main.tf", "expected \"#\" or the path" },
};

START_TEST(faults_of_a_capability)
{
	struct capability *c = capability_with(tables[_i].table, tables[_i].module);
	int rc = terraform.validate(c, &faults);

	if (tables[_i].fault == NULL) {
		ck_assert_msg(rc == 0, "%s", faults.list.v ? faults.list.v[0] : "");
	} else {
		ck_assert_int_eq(rc, -1);
		ck_assert_msg(
		    strstr(faults.list.v[0], tables[_i].fault) != NULL, "%s", faults.list.v[0]);
		/* With its place, below the tables that all have. */
		int line = 0;
		ck_assert_int_eq(sscanf(faults.list.v[0], "capability.toml:%d:", &line), 1);
		ck_assert_int_gt(line, 20);
	}
	capability_free(c);
}
END_TEST

START_TEST(a_secret_within_a_text)
{
	struct capability *c = capability_with("[terraform]\noutputs = { names = \"names\" }\n"
					       "values = { a = \"x-{token}\" }\n",
	    "terraform/main.tf");

	ck_assert_int_eq(terraform.validate(c, &faults), -1);
	ck_assert_ptr_nonnull(strstr(faults.list.v[0], "token"));
	capability_free(c);
}
END_TEST

START_TEST(what_it_suits)
{
	struct capability *c = capability_with(
	    "[terraform]\ncomplex = true\noutputs = { names = \"names\" }\n", "terraform/main.tf");

	ck_assert(terraform.suits(c));
	capability_free(c);
	c = capability_with("[terraform]\noutputs = { names = \"names\" }\n", "terraform/main.tf");
	ck_assert(!terraform.suits(c));
	capability_free(c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("terraform");
	TCase *tc = tcase_create("terraform");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, its_calls);
	tcase_add_test(tc, its_subscription);
	tcase_add_test(tc, its_workspace);
	tcase_add_test(tc, a_secret);
	tcase_add_loop_test(tc, words_of_the_start, 0, 3);
	tcase_add_test(tc, its_digest);
	tcase_add_test(tc, through_json);
	tcase_add_loop_test(tc, faults_of_a_capability, 0, (int)COUNT_OF(tables));
	tcase_add_test(tc, a_secret_within_a_text);
	tcase_add_test(tc, what_it_suits);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
