#include <config.h>

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/batch.h"
#include "tests/unit/unit.h"

#define NOW_MS 1795226400000 /* 2026-11-21T02:00:00Z */

static const char *const capabilities[] = {
	"name = \"network\"\nsummary = \"s\"\nrequires = [\"region\"]\nsynonyms = [\"vnet\"]\n"
	"provider = \"Microsoft.Network\"\n"
	"[parameters.name]\ntype = \"string\"\nhelp = \"h\"\ndefault = \"net{hash}-{region}\"\npattern = \"[a-z0-9-]+\"\n"
	"[outputs.id]\ntype = \"string\"\nhelp = \"h\"\n"
	"[outputs.count]\ntype = \"integer\"\nhelp = \"h\"\n"
	"[outputs.list]\ntype = \"array\"\nhelp = \"h\"\n"
	"[[azure_cli.step]]\nname = \"x\"\n",

	"name = \"vm\"\nsummary = \"s\"\n"
	"[parameters.size]\ntype = \"string\"\nhelp = \"h\"\nrequired = true\n"
	"[parameters.count]\ntype = \"integer\"\nhelp = \"h\"\ndefault = 1\nmax = 9\n"
	"[parameters.nets]\ntype = \"array\"\nhelp = \"h\"\n"
	"[parameters.password]\ntype = \"string\"\nhelp = \"h\"\nsecret = true\n"
	"[[azure_cli.step]]\nname = \"x\"\n",

	"name = \"volume\"\nsummary = \"s\"\n"
	"[parameters.name]\ntype = \"string\"\nhelp = \"h\"\ndefault = \"d-{objective}\"\npattern = \"[a-z-]+\"\n"
	"[[azure_cli.step]]\nname = \"x\"\n",
};

static struct library library;
static struct batch batch;
static struct faults faults;

static void
setup(void)
{
	for (size_t i = 0; i < COUNT_OF(capabilities); i++) {
		struct doc doc = { 0 };
		struct err e = { 0 };
		ck_assert_int_eq(
		    doc_parse("c.toml", capabilities[i], strlen(capabilities[i]), &doc, &e), 0);
		struct capability *c = capability_parse(&doc, NULL, &faults);
		ck_assert_ptr_nonnull(c);
		library_add(&library, c, &faults);
	}
	ck_assert_uint_eq(faults.count, 0);
}

static void
teardown(void)
{
	batch_clear(&batch);
	faults_clear(&faults);
	library_clear(&library);
}

static int
parse(const char *path, const char *text, const char *name)
{
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_parse(path, text, strlen(text), &doc, &e) == 0, "%s", e.msg);
	int rc = batch_parse(&doc, name, &library, NOW_MS, &batch, &faults);
	doc_clear(&doc);
	return rc;
}

#define NET "[[objective]]\nname = \"net\"\ncapability = \"network\"\nregion = \"eastus\"\n"
#define VM "[[objective]]\nname = \"vm\"\ncapability = \"vm\"\nparameters.size = \"s\"\n"

static const struct {
	const char *text;
	const char *fault; /* a part of the one fault */
} bad[] = {
	{ "batch = \"x\"\n", "a submission needs \"objective\"" },
	{ "batch = \"../x\"\n" NET, "is no name of a batch" },
	{ "batsh = \"x\"\n" NET, "did you mean \"batch\"" },
	{ NET "prioritiy = 3\n",
	    "in.toml:5:1: unknown key \"prioritiy\" in an objective; did you mean \"priority\"" },
	{ NET "priority = 101\n", "out of range" },
	{ NET "priority = \"high\"\n", "expected a whole number" },
	{ NET "on_failure = \"explode\"\n", "expected \"rollback\" or \"keep\"" },
	{ NET "deadline = \"tomorrow\"\n", "is no time like" },
	{ NET "deadline = \"2026-11-21T02:00:00Z\"\n",
	    "the deadline \"2026-11-21T02:00:00Z\" has passed already" },
	{ NET "deadline = \"1970-01-01T00:00:00Z\"\n", "before the year 2000" },
	{ NET "not_before = \"1999-12-31T23:59:59Z\"\n", "before the year 2000" },
	{ NET "key = \"k\"\ndeadline = \"1999-12-31T23:59:59Z\"\n", "before the year 2000" },
	{ NET "not_before = \"2026-11-21T04:00:00Z\"\ndeadline = \"2026-11-21T03:00:00Z\"\n",
	    "not after" },
	{ NET "timeout = \"soon\"\n",
	    "in.toml:5:1: \"timeout\" is \"soon\", expected a duration such as" },
	{ NET "timeout = 90\n", "\"timeout\" is an integer, expected a string" },
	{ NET "timeout = \"999ms\"\n", "expected from 1 s to 30 d" },
	{ NET "timeout = \"31d\"\n", "expected from 1 s to 30 d" },
	{ NET "step_timeout = \"25h\"\n", "\"step_timeout\" is \"25h\", expected from 1 s to 1 d" },
	{ NET "step_timout = \"5m\"\n", "did you mean \"step_timeout\"" },
	{ NET "key = \"\"\n", "expected 1 to 200" },
	{ NET "key = \"a\\u009b\"\n", "the key has a control character" },
	{ NET "key = \"a\\u202e\"\n", "the key has a control character" },
	{ NET NET, "a second objective is named \"net\"; the first is at in.toml:1" },
	{ "[[objective]]\nname = \"../../etc\"\ncapability = \"network\"\nregion = \"x1\"\n",
	    "is no name of an objective" },
	{ "[[objective]]\nname = \"Web\"\ncapability = \"network\"\nregion = \"x1\"\n",
	    "is no name of an objective" },
	{ "[[objective]]\nname = \"a\\u0000b\"\ncapability = \"network\"\nregion = \"x1\"\n",
	    NULL },
	{ "[[objective]]\nname = \"a\"\ncapability = \"netwrok\"\n", "did you mean \"network\"" },
	{ "[[objective]]\nname = \"a\"\ncapability = \"network\"\n",
	    "\"network\" needs a \"region\"" },
	{ "[[objective]]\nname = \"a\"\ncapability = \"network\"\nregion = \"east;us\"\n",
	    "is no region" },
	{ NET "resource_group = \"a/b\"\n", "no name of a resource group" },
	{ NET "resource_group = \"rg.\"\n", "no name of a resource group" },
	{ NET "subscription = \"--debug\"\n", "no id or name of a subscription" },
	{ NET "parameters = { nam = \"x\" }\n",
	    "unknown parameter \"nam\" of \"network\"; did you mean \"name\"" },
	{ NET "parameters = { name = \"x --custom-data /etc/shadow\" }\n", "does not match" },
	{ NET "parameters = { name = 3 }\n", "is an integer, expected a string" },
	{ "[[objective]]\nname = \"a\"\ncapability = \"vm\"\n", "needs the parameter \"size\"" },
	{ VM "parameters.count = 10\n", "expected at most 9" },
	{ VM "parameters.password = \"hunter2\"\n", "is a secret" },
	{ VM "depends_on = [\"nett\"]\n" NET, "no objective of this batch; did you mean \"net\"" },
	{ VM "depends_on = [\"vm\"]\n", "depends on itself" },
	{ VM "depends_on = [\"net\", \"net\", \"nett\"]\n" NET, "did you mean \"net\"" },
	{ NET "parameters.name = \"${net.outputs.id}\"\n",
	    "\"net\" refers to its own output \"id\"" },
	{ VM "parameters.nets = [\"a${vm.outputs.id}\"]\n", "refers to its own output" },
	/* Who depends on one whose name is refused is not told of a second fault. */
	{ "[[objective]]\nname = \"Web\"\ncapability = \"network\"\nregion = \"x1\"\n" VM
	  "depends_on = [\"Web\"]\n",
	    "is no name of an objective" },
	{ "[[objective]]\nname = \"a\"\ncapability = \"vm\"\nparameters = 3\n",
	    "\"parameters\" is an integer, expected a table" },
	{ "[[objective]]\nname = \"a\"\ncapability = \"network\"\nregion = [\"x1\"]\n",
	    "\"region\" is an array, expected a string" },
	{ VM "parameters.count = \"${nte.outputs.count}\"\n" NET, "it refers to \"nte\"" },
	{ VM "parameters.count = \"${net.outputs.cuont}\"\n" NET, "did you mean \"count\"" },
	{ VM "parameters.count = \"${net.outputs.id}\"\n" NET, "of type string, expected integer" },
	{ VM "parameters.count = \"1${net.outputs.count}\"\n" NET,
	    "expected a value of type integer" },
	{ VM "parameters.nets = [\"${net.outputs.list}\"]\n" NET,
	    "of type array, expected string" },
	{ VM "parameters.nets = [\"a${net.outputs.list}\"]\n" NET,
	    "expected one that fits into a text" },
	{ VM "parameters.nets = [\"${net.id}\"]\n" NET, "is no reference" },
	{ VM "parameters.password = \"${net.outputs.id}\"\n" NET, "cannot refer to an output" },
	{ NET "labels = { purser-objective = \"x\" }\n", "sets itself" },
	{ NET "labels = { \"a<b\" = \"x\" }\n", "has a name with one of" },
	{ NET "labels = { a = \"@/etc/shadow\" }\n", "takes for the name of a file" },
	{ NET "labels = { \"--query\" = \"x\" }\n", "a first - or @" },
	{ NET "labels = { a = 3 }\n", "is no string" },
	{ NET "labels = { Purser-Objective = \"x\" }\n", "sets itself" },
	{ NET "labels = { Team = \"x\", team = \"x\" }\n",
	    "label \"team\" differs from \"Team\" only in case" },
	{ NET "labels = { \"a\\u0085\" = \"x\" }\n", "has a name with a control character" },
	{ NET "labels = { a = \"\\u2069\" }\n", "has a value with a control character" },
	/* A default that does not fit is told as written, with what it gave. */
	{ "[[objective]]\nname = \"a.b\"\ncapability = \"volume\"\n",
	    "parameter \"name\": \"d-a.b\" does not match [a-z-]+; its default \"d-{objective}\" "
	    "gives \"d-a.b\" here: set parameters.name" },
};

START_TEST(faults_of_a_batch)
{
	struct doc doc = { 0 };
	struct err e = { 0 };
	const char *text = bad[_i].text;

	/* A NUL does not even become a document. */
	if (!bad[_i].fault) {
		ck_assert_int_eq(doc_parse("in.toml", text, strlen(text), &doc, &e), -1);
		return;
	}
	ck_assert_int_eq(parse("in.toml", text, NULL), -1);
	ck_assert_msg(faults.count == 1, "%zu faults: %s", faults.count,
	    faults.list.v ? faults.list.v[0] : "");
	ck_assert_msg(strstr(faults.list.v[0], bad[_i].fault) != NULL, "%s", faults.list.v[0]);
	ck_assert_msg(strncmp(faults.list.v[0], "in.toml:", 8) == 0, "%s", faults.list.v[0]);
	ck_assert_uint_eq(batch.len, 0);
}
END_TEST

START_TEST(all_faults_at_once)
{
	ck_assert_int_eq(parse("in.json",
			     "[{\"name\": \"a\", \"capability\": \"vm\", \"priority\": 1000},"
			     "{\"name\": \"a\", \"capability\": \"nothing\", \"region\": \"1\"}]",
			     NULL),
	    -1);
	ck_assert_uint_eq(faults.count, 5);
}
END_TEST

START_TEST(all_faults_of_one_objective_at_once)
{
	static const char *const wanted[] = {
		"\"priority\" is a string, expected a whole number",
		"\"deadline\" is null, expected a string",
		"unknown key \"regoin\" in an objective; did you mean \"region\"",
		"label \"a\" is no string",
		"needs the parameter \"size\"",
	};

	ck_assert_int_eq(parse("in.json",
			     "[{\"name\": \"a\", \"capability\": \"vm\", \"priority\": \"high\","
			     " \"deadline\": null, \"regoin\": \"x1\", \"labels\": {\"a\": 1}}]",
			     NULL),
	    -1);
	ck_assert_uint_eq(faults.count, COUNT_OF(wanted));
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		ck_assert_msg(strstr(faults.list.v[i], wanted[i]) != NULL, "%s", faults.list.v[i]);
}
END_TEST

/* An objective that is known by its key may be submitted again after its deadline. */
START_TEST(a_deadline_that_passed_with_a_key)
{
	ck_assert_int_eq(
	    parse("in.toml", NET "key = \"k\"\ndeadline = \"2026-11-20T02:00:00Z\"\n", NULL), 0);
	ck_assert_int_gt(batch.v[0].deadline_ms, 0);
}
END_TEST

/* By a list and by references: each counts once, and both together. */
START_TEST(dependencies_are_limited)
{
	struct buf text = BUF_INIT(1024 * 1024);

	for (int i = 0; i <= OBJECTIVE_DEPENDENCIES_MAX; i++)
		buf_addf(&text,
		    "{\"name\": \"n%d\", \"capability\": \"network\", \"region\": \"x1\"}\n", i);
	buf_adds(&text, "{\"name\": \"vm\", \"capability\": \"vm\", \"depends_on\": [\"n0\"");
	for (int i = 1; i < OBJECTIVE_DEPENDENCIES_MAX; i++)
		buf_addf(&text, ", \"n%d\"", i);
	AUTO_FREE char *enough =
	    xasprintf("%s], \"parameters\": {\"size\": \"${n0.outputs.id}\"}}", buf_str(&text));
	AUTO_FREE char *more = xasprintf("%s], \"parameters\": {\"size\": \"${n%d.outputs.id}\"}}",
	    buf_str(&text), OBJECTIVE_DEPENDENCIES_MAX);
	buf_clear(&text);

	ck_assert_msg(
	    parse("x.jsonl", enough, NULL) == 0, "%s", faults.list.v ? faults.list.v[0] : "");
	ck_assert_uint_eq(batch.v[batch.len - 1].depends_on.len, OBJECTIVE_DEPENDENCIES_MAX);
	batch_clear(&batch);
	ck_assert_int_eq(parse("x.jsonl", more, NULL), -1);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_msg(strstr(faults.list.v[0], "201 dependencies") != NULL, "%s", faults.list.v[0]);
}
END_TEST

START_TEST(cycles_are_named)
{
	ck_assert_int_eq(
	    parse("in.json",
		"[{\"name\": \"a\", \"capability\": \"network\", \"region\": \"x1\", \"depends_on\": [\"b\"]},"
		"{\"name\": \"b\", \"capability\": \"network\", \"region\": \"x1\", \"depends_on\": [\"c\"]},"
		"{\"name\": \"c\", \"capability\": \"vm\", \"parameters\": {\"size\": \"${b.outputs.id}\"}}]",
		NULL),
	    -1);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_msg(strstr(faults.list.v[0], "b -> c -> b") != NULL, "%s", faults.list.v[0]);
}
END_TEST

START_TEST(a_good_batch)
{
	ck_assert_msg(
	    parse("in.toml",
		"batch = \"night\"\n" NET "labels = { team = \"web\" }\n"
		"[[objective]]\nname = \"vm\"\ncapability = \"vm\"\nregion = \"West Europe\"\npriority = -5\n"
		"depends_on = [\"net\"]\non_failure = \"keep\"\nnot_before = 2026-11-21T02:00:00Z\n"
		"timeout = \"90m\"\nstep_timeout = \"300s\"\n"
		"parameters = { size = \"in ${net.outputs.id}\", count = \"${net.outputs.count}\" }\n",
		NULL) == 0,
	    "%s", faults.list.v ? faults.list.v[0] : "");
	ck_assert_str_eq(batch.name, "night");
	ck_assert_uint_eq(batch.len, 2);
	const struct objective *net = &batch.v[0], *vm = &batch.v[1];
	char hash[OBJECTIVE_HASH_SIZE];
	objective_hash(net, hash);
	AUTO_FREE char *name = xasprintf("net%s-eastus", hash);
	ck_assert_str_eq(json_str(net->parameters, "name"), name);
	ck_assert_str_eq(json_str(net->labels, "team"), "web");
	ck_assert_str_eq(net->strategy, "auto");
	ck_assert_int_eq(net->timeout_ms, 0);
	ck_assert_int_eq(vm->timeout_ms, 5400000);
	ck_assert_int_eq(vm->step_timeout_ms, 300000);
	/* What throttles it: the capability's provider, or for want of one the capability. */
	ck_assert_str_eq(net->provider, "Microsoft.Network");
	ck_assert_str_eq(vm->provider, "vm");
	ck_assert_str_eq(vm->region, "westeurope");
	ck_assert_int_eq(vm->priority, -5);
	ck_assert_int_eq(vm->on_failure, ON_FAILURE_KEEP);
	ck_assert_int_eq(vm->not_before_ms, NOW_MS);
	ck_assert_uint_eq(vm->depends_on.len, 1);
	ck_assert_str_eq(json_str(vm->parameters, "count"), "${net.outputs.count}");
	ck_assert_ptr_null(cJSON_GetObjectItem(vm->parameters, "nets"));
}
END_TEST

START_TEST(shapes)
{
	static const char one[] = "{\"name\": \"a\", \"capability\": \"vnet\", \"region\": \"x1\"}";
	AUTO_FREE char *array = xasprintf("[%s]", one);
	AUTO_FREE char *object = xasprintf("{\"batch\": \"given\", \"objective\": [%s]}", one);
	AUTO_FREE char *lines =
	    xasprintf("%s\n{\"name\": \"b\", \"capability\": \"vnet\", \"region\": \"x1\"}\n", one);

	ck_assert_int_eq(parse("dir/My batch.json", one, NULL), 0);
	ck_assert_str_eq(batch.name, "my-batch-2026-11-21");
	/* A synonym is replaced by the name. */
	ck_assert_str_eq(batch.v[0].capability, "network");
	batch_clear(&batch);
	ck_assert_int_eq(parse("-", array, NULL), 0);
	ck_assert_str_eq(batch.name, "batch-2026-11-21");
	batch_clear(&batch);
	ck_assert_int_eq(parse("x.json", object, NULL), 0);
	ck_assert_str_eq(batch.name, "given");
	batch_clear(&batch);
	ck_assert_int_eq(parse("x.json", object, "mine"), 0);
	ck_assert_str_eq(batch.name, "mine");
	batch_clear(&batch);
	ck_assert_int_eq(parse("x.jsonl", lines, NULL), 0);
	ck_assert_uint_eq(batch.len, 2);
	batch_clear(&batch);
	ck_assert_int_eq(parse("x.json", "[]", NULL), -1);
	ck_assert_int_eq(parse("x.json", one, "a/b"), -1);
}
END_TEST

START_TEST(keys_make_the_hash)
{
	ck_assert_int_eq(
	    parse("x.json",
		"[{\"name\": \"a\", \"capability\": \"network\", \"region\": \"x1\", \"key\": \"k\"},"
		"{\"name\": \"b\", \"capability\": \"network\", \"region\": \"x1\", \"key\": \"k\"}]",
		NULL),
	    -1);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_ptr_nonnull(strstr(faults.list.v[0], "is that of \"a\" already"));
	/* The same key in another batch and under another name: the same names of resources. */
	struct objective x = {
		.batch = (char[]){ "b1" }, .name = (char[]){ "x" }, .key = (char[]){ "k" }
	};
	struct objective y = {
		.batch = (char[]){ "b2" }, .name = (char[]){ "y" }, .key = (char[]){ "k" }
	};
	char hx[OBJECTIVE_HASH_SIZE], hy[OBJECTIVE_HASH_SIZE];
	objective_hash(&x, hx);
	objective_hash(&y, hy);
	ck_assert_str_eq(hx, hy);
	/* In another group or subscription it is another thing; Azure does not tell their case. */
	y.resource_group = (char[]){ "RG" };
	objective_hash(&y, hy);
	ck_assert_str_ne(hx, hy);
	x.resource_group = (char[]){ "rg" };
	objective_hash(&x, hx);
	ck_assert_str_eq(hx, hy);
	y.subscription = (char[]){ "mine" };
	objective_hash(&y, hy);
	ck_assert_str_ne(hx, hy);
	x.subscription = (char[]){ "Mine" };
	objective_hash(&x, hx);
	ck_assert_str_eq(hx, hy);
	y.key = NULL;
	objective_hash(&y, hy);
	ck_assert_str_ne(hx, hy);
}
END_TEST

START_TEST(a_chain_as_long_as_a_batch)
{
	struct buf text = BUF_INIT(64 * 1024 * 1024);

	buf_adds(&text, "{\"name\": \"n0\", \"capability\": \"network\", \"region\": \"x1\"}\n");
	for (int i = 1; i < 20000; i++)
		buf_addf(&text,
		    "{\"name\": \"n%d\", \"capability\": \"network\", \"region\": \"x1\", "
		    "\"depends_on\": [\"n%d\"]}\n",
		    i, i - 1);
	ck_assert_msg(parse("x.jsonl", buf_str(&text), NULL) == 0, "%s",
	    faults.list.v ? faults.list.v[0] : "");
	ck_assert_uint_eq(batch.len, 20000);
	buf_clear(&text);
}
END_TEST

START_TEST(travels_as_json)
{
	struct objective back;
	char before[DIGEST_SIZE], after[DIGEST_SIZE];
	struct err e = { 0 };

	ck_assert_int_eq(parse("in.toml", NET "key = \"k\"\n", "one"), 0);
	objective_digest(&batch.v[0], before);
	AUTO_JSON cJSON *json = objective_to_json(&batch.v[0]);
	ck_assert_int_eq(objective_from_json(&back, json, &e), 0);
	ck_assert_str_eq(back.key, "k");
	ck_assert_str_eq(back.batch, "one");
	/* Batch and key are not part of what the digest covers. */
	free(back.key);
	back.key = NULL;
	back.batch[0] = 'X';
	objective_digest(&back, after);
	ck_assert_str_eq(before, after);
	cJSON_DeleteItemFromObject(json, "labels");
	objective_clear(&back);
	ck_assert_int_eq(objective_from_json(&back, json, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CORRUPT);
}
END_TEST

/* Digests of submissions made before there were timeouts must stay what they were. */
START_TEST(timeouts_travel_only_when_set)
{
	struct objective back;
	char without[DIGEST_SIZE], with[DIGEST_SIZE];
	struct err e = { 0 };

	ck_assert_int_eq(parse("in.toml", NET, "one"), 0);
	AUTO_JSON cJSON *json = objective_to_json(&batch.v[0]);
	ck_assert_ptr_null(cJSON_GetObjectItem(json, "timeout_ms"));
	ck_assert_ptr_null(cJSON_GetObjectItem(json, "step_timeout_ms"));
	ck_assert_ptr_null(cJSON_GetObjectItem(json, "provider"));
	objective_digest(&batch.v[0], without);
	batch_clear(&batch);

	ck_assert_int_eq(
	    parse("in.toml", NET "timeout = \"2h\"\nstep_timeout = \"5m\"\n", "one"), 0);
	objective_digest(&batch.v[0], with);
	ck_assert_str_ne(without, with);
	AUTO_JSON cJSON *set = objective_to_json(&batch.v[0]);
	ck_assert_int_eq(objective_from_json(&back, set, &e), 0);
	ck_assert_int_eq(back.timeout_ms, 7200000);
	ck_assert_int_eq(back.step_timeout_ms, 300000);
	objective_digest(&back, without);
	ck_assert_str_eq(without, with);
	objective_clear(&back);
}
END_TEST

START_TEST(schema)
{
	AUTO_JSON cJSON *s = batch_schema(&library);

	ck_assert_str_eq(json_str(s, "$schema"), "https://json-schema.org/draft/2020-12/schema");
	const cJSON *objective = json_at(s, "$defs.objective");
	ck_assert_ptr_nonnull(objective);
	ck_assert_str_eq(json_str(objective, "allOf[0].if.properties.capability.enum[1]"), "vnet");
	ck_assert_str_eq(
	    json_str(objective, "properties.step_timeout.pattern"), BATCH_SPAN_PATTERN);
	ck_assert_str_eq(
	    json_str(objective, "allOf[1].then.properties.parameters.required[0]"), "size");
	ck_assert_int_eq(
	    json_int(objective,
		"allOf[1].then.properties.parameters.properties.count.anyOf[0].maximum", 0),
	    9);
}
END_TEST

/* What the schema says by a pattern, the code tests by hand: they must agree. */
static const struct {
	const char *key, *text;
} patterned[] = {
	{ "name", "a" },
	{ "name", "0.a_b-c" },
	{ "name", "-a" },
	{ "name", "" },
	{ "name", "A" },
	{ "name", "a b" },
	{ "name", "a123456789012345678901234567890123456789012345678901234567890123" },
	{ "name", "a1234567890123456789012345678901234567890123456789012345678901234" },
	{ "resource_group", "RG-1_(x).y" },
	{ "resource_group", "rg." },
	{ "resource_group", "." },
	{ "resource_group", "" },
	{ "resource_group", "r/g" },
	{ "resource_group",
	    "a12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" },
	{ "resource_group",
	    "a123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890" },
};

START_TEST(schema_agrees)
{
	AUTO_JSON cJSON *s = batch_schema(&library);
	const cJSON *properties = json_at(s, "$defs.objective.properties");
	const char *key = patterned[_i].key, *text = patterned[_i].text;
	bool is_name = strcmp(key, "name") == 0;
	AUTO_FREE char *body = xasprintf("{\"name\": \"%s\", \"capability\": \"network\","
					 " \"region\": \"x1\", \"resource_group\": \"%s\","
					 " \"parameters\": {\"name\": \"n\"}}",
	    is_name ? text : "a", is_name ? "rg" : text);
	regex_t regex;

	ck_assert_int_eq(
	    regcomp(&regex, keys_str(keys_get(properties, key), "pattern"), REG_EXTENDED), 0);
	ck_assert_int_eq(parse("x.json", body, NULL) == 0, regexec(&regex, text, 0, NULL, 0) == 0);
	regfree(&regex);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("batch");
	TCase *tcase = tcase_create("batch");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, faults_of_a_batch, 0, COUNT_OF(bad));
	tcase_add_test(tcase, all_faults_at_once);
	tcase_add_test(tcase, all_faults_of_one_objective_at_once);
	tcase_add_test(tcase, a_deadline_that_passed_with_a_key);
	tcase_add_test(tcase, dependencies_are_limited);
	tcase_add_test(tcase, cycles_are_named);
	tcase_add_test(tcase, a_good_batch);
	tcase_add_test(tcase, shapes);
	tcase_add_test(tcase, keys_make_the_hash);
	tcase_add_test(tcase, a_chain_as_long_as_a_batch);
	tcase_add_test(tcase, travels_as_json);
	tcase_add_test(tcase, timeouts_travel_only_when_set);
	tcase_add_test(tcase, schema);
	tcase_add_loop_test(tcase, schema_agrees, 0, COUNT_OF(patterned));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
