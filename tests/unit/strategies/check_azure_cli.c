#include <config.h>

#include <errno.h>

#include "core/batch.h"
#include "strategies/strategy.h"
#include "tests/unit/strategies/az.h"

/* The ids that tests/data/az was recorded with. */
#define GROUP_ID "018f0000-0000-7000-8000-000000000001"
#define STORAGE_ID "018f0000-0000-7000-8000-000000000002"
#define NETWORK_ID "018f0000-0000-7000-8000-000000000003"
#define VM_ID "018f0000-0000-7000-8000-000000000004"
#define RG "/subscriptions/5a2db0c5-0000-4000-8000-000000000001/resourceGroups/rg-first-batch"

static struct library library;
static struct faults faults;
static struct batch batch;
static struct plan plan;
static struct failure_table *failures;

static void
setup(void)
{
	static const char *const names[] = { "linux_vm", "resource_group", "storage_account",
		"virtual_network" };
	static const char *const ids[] = { GROUP_ID, STORAGE_ID, NETWORK_ID, VM_ID };
	const char *srcdir = getenv("srcdir");
	AUTO_FREE char *path =
	    xasprintf("%s/contrib/examples/first-batch.toml", srcdir ? srcdir : ".");
	struct doc doc = { 0 };
	struct err e = { 0 };

	failures = installed_failures();
	for (size_t i = 0; i < COUNT_OF(names); i++)
		library_add(&library, capability_of_folder(names[i], &faults), &faults);
	ck_assert_int_eq(doc_read(path, 1024 * 1024, &doc, &e), 0);
	ck_assert_int_eq(batch_parse(&doc, NULL, &library, 0, &batch, &faults), 0);
	ck_assert_uint_eq(batch.len, 5);
	for (size_t i = 0; i < COUNT_OF(ids); i++)
		memcpy(batch.v[i].id, ids[i], ID_SIZE);
	doc_clear(&doc);
}

static void
teardown(void)
{
	plan_clear(&plan);
	batch_clear(&batch);
	library_clear(&library);
	failure_table_free(failures);
	faults_clear(&faults);
}

static int
compile(const struct objective *o, bool preview)
{
	struct plan_request request = {
		.objective = o,
		.capability = library_find(&library, o->capability),
		.preview = preview,
		.step_timeout_ms = 1000,
	};

	plan_clear(&plan);
	return azure_cli.compile(&request, &plan, &faults);
}

static const struct step *
step_of(size_t index)
{
	ck_assert_msg(
	    compile(&batch.v[index], true) == 0, "%s", faults.list.v ? faults.list.v[0] : "");
	ck_assert_uint_eq(plan.len, 1);
	return &plan.steps[0];
}

START_TEST(validate_templates)
{
	for (size_t i = 0; i < library.len; i++)
		ck_assert_msg(
		    azure_cli.validate(library.v[i], &faults) == 0, "%s", faults.list.v[0]);
}
END_TEST

START_TEST(argv_of_a_command)
{
	const struct step *s = step_of(1);
	AUTO_FREE char *run = strv_join(&s->run, "\n");

	ck_assert_str_eq(run,
	    "az\nstorage\naccount\ncreate\n--name=ste493909bbb\n--resource-group=rg-first-batch\n--location=eastus\n"
	    "--sku=Standard_LRS\n--kind=StorageV2\n--access-tier=Hot\n--https-only=true\n--min-tls-version=TLS1_2\n"
	    "--allow-blob-public-access=false\n--tags\npurser-objective=" STORAGE_ID
	    "\nteam=web\nenvironment=dev\n"
	    "--output=json\n--only-show-errors\n--subscription=SUBSCRIPTION");
	ck_assert_uint_eq(s->n_checks, 1);
	ck_assert_uint_eq(s->collect.len, 0);
	ck_assert(s->idempotent);
	ck_assert_str_eq(s->targets.v[0], "/Microsoft.Storage/storageAccounts/ste493909bbb");
	ck_assert_int_eq(s->timeout_ms, 15 * 60 * 1000);
	ck_assert_int_eq(s->settle_ms, 5 * 60 * 1000);
}
END_TEST

START_TEST(a_guard_comes_before_the_undo)
{
	const struct step *s = step_of(0);
	AUTO_FREE char *guard = strv_join(&s->guard, " ");

	ck_assert_str_eq(guard,
	    "az resource list --resource-group=rg-first-batch --output=json --only-show-errors "
	    "--subscription=SUBSCRIPTION");
	ck_assert_str_eq(s->undo.v[2], "delete");
	ck_assert_uint_eq(step_of(1)->guard.len, 0);
	ck_assert_uint_eq(step_of(3)->guard.len, 0);
}
END_TEST

START_TEST(argv_of_a_template)
{
	const struct step *s = step_of(3);

	ck_assert(strv_has(&s->run, "--name=purser-000000000004-machines-g0"));
	ck_assert(strv_has(&s->run, "--parameters=@{run}/parameters.json"));
	ck_assert(!strv_has(&s->run, "--parameters=@/proc/self/fd/9"));
	ck_assert_uint_eq(s->n_checks, 2);
	ck_assert_uint_gt(s->collect.len, 0);
	ck_assert_ptr_null(s->secrets);
	const cJSON *values =
	    cJSON_GetObjectItem(cJSON_GetObjectItem(s->files, "parameters.json"), "parameters");
	/* A placeholder alone keeps its type. */
	ck_assert_int_eq(json_int(values, "count.value", 0), 1);
	ck_assert(cJSON_IsFalse(json_at(values, "publicIp.value")));
	ck_assert_str_eq(json_str(values, "tags.value.purser-objective"), VM_ID);
	ck_assert_str_eq(json_str(values, "subnetId.value"), "${net.outputs.subnet_id}");
	/* Without public_ip there are no addresses among the targets. */
	ck_assert_uint_eq(s->targets.len, 2);
	/* The next generation is another deployment. */
	batch.v[3].generation = 2;
	ck_assert(strv_has(&step_of(3)->run, "--name=purser-000000000004-machines-g2"));
}
END_TEST

START_TEST(a_preview_has_placeholders)
{
	batch.v[1].id[0] = '\0';
	ck_assert(strv_has(&step_of(1)->run, "purser-objective=ID"));
	ck_assert_str_eq(plan.objective_id, "ID");
	ck_assert(strv_has(&plan.steps[0].run, "--subscription=SUBSCRIPTION"));
	ck_assert(strv_has(&plan.steps[0].prove, "--subscription=SUBSCRIPTION"));
	/* It stands for what is not known only, and in a preview only. */
	ck_assert_int_eq(compile(&batch.v[1], false), 0);
	AUTO_FREE char *run = strv_join(&plan.steps[0].run, "\n");
	ck_assert_ptr_null(strstr(run, "--subscription"));
	batch.v[1].subscription = xstrdup("sub-1");
	ck_assert(strv_has(&step_of(1)->run, "--subscription=sub-1"));
}
END_TEST

START_TEST(references_are_replaced)
{
	struct plan_request request = { .objective = &batch.v[3],
		.capability = library_find(&library, "linux_vm") };
	AUTO_JSON cJSON *outputs = cJSON_CreateObject();
	struct known_outputs known = { .name = "net", .outputs = outputs };

	/* Not known and no preview: a fault, and no plan. */
	ck_assert_int_eq(azure_cli.compile(&request, &plan, &faults), -1);
	ck_assert_uint_eq(plan.len, 0);
	ck_assert_ptr_nonnull(strstr(faults.list.v[0], "\"subnet_id\" of \"net\" is not known"));
	faults_clear(&faults);
	request.known = &known;
	request.n_known = 1;
	json_add_str(
	    outputs, "subnet_id", RG "/providers/Microsoft.Network/virtualNetworks/v/subnets/s");
	ck_assert_int_eq(azure_cli.compile(&request, &plan, &faults), 0);
	const cJSON *values = cJSON_GetObjectItem(
	    cJSON_GetObjectItem(plan.steps[0].files, "parameters.json"), "parameters");
	ck_assert_str_eq(json_str(values, "subnetId.value"),
	    RG "/providers/Microsoft.Network/virtualNetworks/v/subnets/s");
	plan_clear(&plan);
	/* What was given is checked like what was written. */
	cJSON_ReplaceItemInObject(outputs, "subnet_id", cJSON_CreateString("/etc/passwd"));
	ck_assert_int_eq(azure_cli.compile(&request, &plan, &faults), -1);
	faults_clear(&faults);
	cJSON_ReplaceItemInObject(outputs, "subnet_id",
	    cJSON_CreateString(RG "/providers/Microsoft.Network/virtualNetworks/v/subnets/t"));
	ck_assert_int_eq(azure_cli.compile(&request, &plan, &faults), 0);
}
END_TEST

START_TEST(plans_travel_as_json)
{
	struct plan back;
	struct err e = { 0 };
	char before[DIGEST_SIZE], after[DIGEST_SIZE];

	step_of(3);
	plan_digest(&plan, before);
	AUTO_JSON cJSON *json = plan_to_json(&plan);
	ck_assert_int_eq(plan_from_json(&back, json, &e), 0);
	plan_digest(&back, after);
	ck_assert_str_eq(before, after);
	ck_assert_str_eq(back.inputs, plan.inputs);
	ck_assert_str_eq(back.objective_id, VM_ID);
	plan_clear(&back);
	cJSON_DeleteItemFromObject(json, "steps");
	ck_assert_int_eq(plan_from_json(&back, json, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CORRUPT);
}
END_TEST

#define CAPABILITY                                                                                 \
	"name = \"box\"\nsummary = \"s\"\nrequires = [\"resource_group\"]\n"                       \
	"[parameters.name]\ntype = \"string\"\nhelp = \"h\"\nrequired = true\n"                    \
	"[parameters.list]\ntype = \"array\"\nhelp = \"h\"\ndefault = []\n"                        \
	"[parameters.few]\ntype = \"integer\"\nhelp = \"h\"\ndefault = 1\nmax = 1000\n"            \
	"[parameters.many]\ntype = \"integer\"\nhelp = \"h\"\ndefault = 1\nmax = 1001\n"           \
	"[parameters.endless]\ntype = \"integer\"\nhelp = \"h\"\ndefault = 1\n"                    \
	"[parameters.maybe]\ntype = \"string\"\nhelp = \"h\"\n"                                    \
	"[parameters.password]\ntype = \"string\"\nhelp = \"h\"\nrequired = true\nsecret = true\n" \
	"[outputs.id]\ntype = \"string\"\nhelp = \"h\"\n"
#define COMMAND(run, more)                                                               \
	CAPABILITY                                                                       \
	"[[azure_cli.step]]\nname = \"x\"\nsummary = \"s\"\noutputs = { id = \"id\" }\n" \
	"run = [\"az\", \"box\", \"create\", " run ", \"{tags...}\"]\n"                  \
	"check = [\"az\", \"box\", \"show\"]\n" more
#define TEMPLATE(values)                                                                 \
	CAPABILITY                                                                       \
	"[[azure_cli.step]]\nname = \"x\"\nsummary = \"s\"\noutputs = { id = \"id\" }\n" \
	"template = \"main.json\"\ntargets = [\"/N.S/boxes/{name}\"]\nvalues = { " values " }\n"
#define ARM                                                                                                        \
	"{\"$schema\": \"x\", \"contentVersion\": \"1.0.0.0\", \"parameters\": {\"name\": {\"type\": \"string\"}," \
	"\"tags\": {\"type\": \"object\"}, \"pw\": {\"type\": \"secureString\", \"defaultValue\": \"\"},"          \
	"\"other\": {\"type\": \"string\", \"defaultValue\": \"\"}}, \"resources\": [{\"type\": \"N.S/boxes\"}],"  \
	"\"outputs\": {\"id\": {\"type\": \"string\"}}}"

static const struct {
	const char *text;
	const char *fault; /* NULL: there is none */
} recipes[] = {
	{ COMMAND("\"--name={name}\"", ""), NULL },
	{ COMMAND("\"--set\", \"a.b={name}\"", ""), NULL },
	{ COMMAND("\"--name\", \"{name}\"", ""),
	    "a value that stands alone could become an option" },
	{ COMMAND("\"--na{name}=x\"", ""), "a value that stands alone could become an option" },
	{ COMMAND("\"x{name}\"", ""), "a value that stands alone could become an option" },
	{ COMMAND("\"--name={nam}\"", ""), "did you mean \"name\"" },
	{ COMMAND("\"--name={region}\"", ""), "needs requires = [\"region\"]" },
	{ COMMAND("\"--name={list}\"", ""), "does not fit into a text" },
	{ COMMAND("\"--name={maybe}\"", ""), "may have no value" },
	{ COMMAND("\"--password={password}\"", ""), "is a secret" },
	{ COMMAND("\"--name=@/etc/shadow\"", ""), "takes what begins with @ for a file" },
	{ COMMAND("\"--no-wait\"", ""), "\"--no-wait\" may not be used here" },
	{ COMMAND("\"--debug\"", ""), "may not be used here" },
	{ COMMAND("\"-o\", \"table\"", ""), "may not be used here" },
	{ COMMAND("\"--query=id\"", ""), "\"--query\" may not be used in \"run\"" },
	{ COMMAND("\"--query-text=id\"", ""), NULL },
	{ COMMAND("\"--x=1\"", "targets = [{ id = \"/N.S/boxes/{n}\", each = \"many\" }]\n"),
	    "needs a \"max\" of at most 1000" },
	{ COMMAND("\"--x=1\"", "targets = [{ id = \"/N.S/boxes/{n}\", each = \"endless\" }]\n"),
	    "needs a \"max\" of at most 1000" },
	{ COMMAND("\"--x=1\"", "targets = [{ id = \"/N.S/boxes/{n}\", each = \"few\" }]\n"), NULL },
	{ COMMAND("\"--x={tags...}\"", ""), "must stand alone" },
	{ COMMAND("\"--x=1\"", "rum = 3\n"), "did you mean \"run\"" },
	{ COMMAND("\"--x=1\"", "timeout = \"soon\"\n"), "expected a duration" },
	{ COMMAND("\"--x=1\"", "when = \"name\"\n"), "expected a boolean parameter" },
	{ COMMAND("\"--x=1\"", "targets = [\"boxes/{name}\"]\n"), "is no target" },
	{ COMMAND("\"--x=1\"", "undo = [\"az\", \"box\", \"create\"]\n"),
	    "must be an az command that ends in \"delete\"" },
	{ COMMAND("\"--x=1\"",
	      "undo = [\"az\", \"box\", \"delete\", \"--ids={resource}\"]\n"
	      "guard = [\"az\", \"box\", \"list\", \"--box={resource}\"]\n"),
	    NULL },
	{ COMMAND("\"--x=1\"", "guard = [\"az\", \"box\", \"list\"]\n"),
	    "\"guard\" without \"undo\"" },
	{ COMMAND("\"--x=1\"",
	      "undo = [\"az\", \"box\", \"delete\"]\nguard = [\"az\", \"box\", \"show\"]\n"),
	    "must be an az command that ends in \"list\"" },
	{ COMMAND("\"--x=1\"",
	      "undo = [\"az\", \"box\", \"delete\"]\n"
	      "guard = [\"az\", \"box\", \"list\", \"--query=[0]\"]\n"),
	    "\"--query\" may not be used in \"guard\"" },
	{ COMMAND("\"--x=1\"", "undo = [\"rm\", \"-rf\", \"/\"]\n"), "must begin with \"az\"" },
	{ CAPABILITY
	    "[[azure_cli.step]]\nname = \"x\"\nsummary = \"s\"\noutputs = { id = \"id\" }\n"
	    "run = [\"az\", \"box\", \"create\"]\ncheck = [\"az\", \"box\", \"show\"]\n",
	    "lacks the element" },
	{ CAPABILITY
	    "[[azure_cli.step]]\nname = \"x\"\nsummary = \"s\"\n"
	    "run = [\"az\", \"box\", \"create\", \"{tags...}\"]\ncheck = [\"az\", \"box\", \"show\"]\n",
	    "no step that always runs gives the output \"id\"" },
	{ CAPABILITY "[azure_cli]\nstep = []\n", "azure_cli has no step" },
	{ CAPABILITY
	    "[terrafrom]\nx = 1\n[[azure_cli.step]]\nname = \"x\"\nsummary = \"s\"\noutputs = { id = \"id\" }\n"
	    "run = [\"az\", \"box\", \"create\", \"{tags...}\"]\ncheck = [\"az\", \"box\", \"show\"]\n",
	    "neither a section of a capability nor a strategy" },
	{ TEMPLATE(
	      "name = \"{name}\", tags = \"{tags}\", pw = \"{password}\", other = \"{maybe}\""),
	    NULL },
	{ TEMPLATE("name = \"{name}\", pw = \"{password}\""),
	    "neither a value here nor a default there" },
	{ TEMPLATE("name = \"{name}\", tags = \"{tags}\", nme = 1"),
	    "\"nme\" is no parameter of the template" },
	{ TEMPLATE("name = \"{list}\", tags = \"{tags}\""), "{list} is of type array" },
	{ TEMPLATE("name = \"{password}\", tags = \"{tags}\""), "not secureString" },
	{ TEMPLATE("name = \"x{password}\", tags = \"{tags}\""), "is a secret" },
	{ TEMPLATE("name = \"{name}\", tags = \"{tags}\", pw = \"{name}\""), "is no secret" },
	{ TEMPLATE("name = \"{maybe}\", tags = \"{tags}\""), "has no default" },
};

START_TEST(validate_a_recipe)
{
	struct capability *c = capability_of_text(recipes[_i].text, &faults);

	ck_assert_msg(c != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	capability_add_file(c, "main.json", ARM, strlen(ARM));
	int rc = strategy_check_capability(strategies, c, &faults);
	if (!recipes[_i].fault) {
		ck_assert_msg(rc == 0, "%s", faults.list.v ? faults.list.v[0] : "");
	} else {
		bool found = false;
		ck_assert_int_eq(rc, -1);
		for (size_t i = 0; i < faults.list.len; i++)
			found |= strstr(faults.list.v[i], recipes[_i].fault) != NULL;
		ck_assert_msg(found, "%s", faults.list.v[0]);
		ck_assert_msg(
		    strncmp(faults.list.v[0], "capability.toml:", 16) == 0, "%s", faults.list.v[0]);
	}
	capability_free(c);
}
END_TEST

/* A1, A12: whatever a value is, it stays one element, after its own option. */
START_TEST(values_cannot_become_code)
{
	static const struct {
		const char *value, *element; /* NULL: refused */
	} rows[] = {
		{ "x --custom-data /etc/shadow", "--name=x --custom-data /etc/shadow" },
		{ "--query", "--name=--query" },
		{ "$(reboot); `x` ${y}", NULL },
		{ "{password}", "--name={password}" },
		{ "@/etc/shadow", NULL },
		{ "a\nb", NULL },
	};
	struct capability *c = capability_of_text(COMMAND("\"--name={name}\"", ""), &faults);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct objective o;
		objective_init(&o);
		o.parameters = cJSON_CreateObject();
		json_add_str(o.parameters, "name", rows[i].value);
		o.labels = cJSON_CreateObject();
		struct plan_request request = { .objective = &o, .capability = c };
		int rc = azure_cli.compile(&request, &plan, &faults);
		ck_assert_msg((rc == 0) == (rows[i].element != NULL), "%s", rows[i].value);
		if (rc == 0)
			ck_assert_str_eq(plan.steps[0].run.v[3], rows[i].element);
		plan_clear(&plan);
		objective_clear(&o);
	}
	capability_free(c);
}
END_TEST

/* What the start of a step fills in cannot come from a user. */
START_TEST(values_cannot_be_filled_at_start)
{
	static const struct {
		const char *name, *label, *value;
		const char *fault; /* NULL: none */
	} rows[] = {
		{ "x", "team", "{web}", NULL },
		{ "x", "{run", "run}", NULL },
		{ "{run", "team", "web", "holds {run} once filled in" },
		{ "a{run}b", "team", "web", "parameter \"name\" holds {run}" },
		{ "{resource}", "team", "web", "parameter \"name\" holds {resource}" },
		{ "x", "team", "{run}", "label \"team\" holds {run}" },
		{ "x", "{resource}", "web", "label \"{resource}\" holds {resource}" },
		/* Made of a brace of the recipe and a word of the user. */
		{ "run", "team", "web", "holds {run} once filled in" },
	};
	struct capability *c = capability_of_text(COMMAND("\"--x=a{{name}}\"", ""), &faults);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct objective o;
		objective_init(&o);
		o.parameters = cJSON_CreateObject();
		json_add_str(o.parameters, "name", rows[i].name);
		o.labels = cJSON_CreateObject();
		json_add_str(o.labels, rows[i].label, rows[i].value);
		struct plan_request request = { .objective = &o, .capability = c };
		int rc = azure_cli.compile(&request, &plan, &faults);
		ck_assert_msg((rc == 0) == (rows[i].fault == NULL), "row %zu", i);
		if (rows[i].fault)
			ck_assert_msg(strstr(faults.list.v[0], rows[i].fault) != NULL, "%s",
			    faults.list.v[0]);
		faults_clear(&faults);
		plan_clear(&plan);
		objective_clear(&o);
	}
	capability_free(c);
}
END_TEST

/* All that a template makes must be among the targets of its step, here /N.S/boxes. */
static const struct {
	const char *resources;
	const char *fault; /* NULL: none */
} made[] = {
	{ "[{\"type\": \"n.s/Boxes\"}]", NULL },
	{ "[{\"type\": \"N.S/boxes/lids\"}]", NULL },
	{ "[{\"type\": \"N.S/boxes\", \"resources\": [{\"type\": \"lids\"}]}]", NULL },
	{ "{\"box\": {\"type\": \"N.S/boxes\"}}", NULL },
	{ "{\"other\": {\"type\": \"O.S/other\", \"existing\": true}}", NULL },
	{ "[{\"type\": \"N.S/boxers\"}]", "makes a N.S/boxers, but no target" },
	{ "[{\"type\": \"N.S/boxes\"}, {\"type\": \"O.S/other\"}]",
	    "makes a O.S/other, but no target" },
	{ "{\"box\": {\"type\": \"O.S/other\"}}", "makes a O.S/other, but no target" },
	{ "[{\"type\": \"N.S/boxes\", \"resources\": [{\"type\": \"M.A/locks\"}]}]",
	    "makes a M.A/locks, but no target" },
	{ "[{\"type\": \"O.S/other\", \"existing\": true, \"resources\": [{\"type\": \"part\"}]}]",
	    "makes a O.S/other/part, but no target" },
	{ "[{\"type\": \"Microsoft.Resources/deployments\"}]", "a deployment of its own" },
	{ "[{}]", "has no type" },
};

START_TEST(targets_cover_the_template)
{
	struct capability *c =
	    capability_of_text(TEMPLATE("name = \"{name}\", tags = \"{tags}\""), &faults);
	AUTO_JSON cJSON *arm = json_parse(ARM, strlen(ARM), 1, NULL);

	cJSON_ReplaceItemInObject(
	    arm, "resources", json_parse(made[_i].resources, strlen(made[_i].resources), 1, NULL));
	AUTO_FREE char *text = json_text(arm);
	capability_add_file(c, "main.json", text, strlen(text));
	int rc = strategy_check_capability(strategies, c, &faults);
	ck_assert_msg((rc == 0) == (made[_i].fault == NULL), "%s",
	    faults.list.v ? faults.list.v[0] : made[_i].resources);
	if (made[_i].fault)
		ck_assert_msg(
		    strstr(faults.list.v[0], made[_i].fault) != NULL, "%s", faults.list.v[0]);
	capability_free(c);
}
END_TEST

/* An image that the template's table does not know must be whole. */
START_TEST(images)
{
	static const struct {
		const char *image;
		bool allowed;
	} rows[] = {
		{ "debian-12", true },
		{ "ubuntu-22.04", true },
		{ "ubuntu-24.04", true },
		{ "Debian:debian-12:12-gen2:latest", true },
		{ "debian-13", false },
		{ "ubuntu-22x04", false },
		{ "Debian:debian-12:12-gen2", false },
		{ "xdebian-12", false },
	};
	const struct parameter *p =
	    capability_parameter(library_find(&library, "linux_vm"), "image");

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		AUTO_JSON cJSON *value = cJSON_CreateString(rows[i].image);
		ck_assert_msg((parameter_check(p, value, "x", &faults) == 0) == rows[i].allowed,
		    "%s", rows[i].image);
	}
}
END_TEST

START_TEST(secrets_go_their_own_way)
{
	struct capability *c = capability_of_text(
	    TEMPLATE(
		"name = \"{name}\", tags = \"{tags}\", pw = \"{password}\", other = \"{maybe}\""),
	    &faults);
	struct objective o;

	objective_init(&o);
	o.resource_group = xstrdup("rg");
	o.parameters = cJSON_CreateObject();
	json_add_str(o.parameters, "name", "n");
	json_add_str(o.parameters, "password", "env:PW");
	struct plan_request request = { .objective = &o, .capability = c };
	ck_assert_msg(azure_cli.compile(&request, &plan, &faults) == 0, "%s",
	    faults.list.v ? faults.list.v[0] : "");
	const struct step *s = &plan.steps[0];
	ck_assert_str_eq(json_str(s->secrets, "pw"), "env:PW");
	ck_assert(strv_has(&s->run, "--parameters=@/proc/self/fd/9"));
	AUTO_FREE char *files = json_text(s->files), *run = strv_join(&s->run, " ");
	ck_assert_ptr_null(strstr(files, "env:PW"));
	ck_assert_ptr_null(strstr(run, "env:PW"));
	/* An optional parameter without a value is left to the template. */
	ck_assert_ptr_null(strstr(files, "other"));
	/* A name must be written out. */
	plan_clear(&plan);
	cJSON_ReplaceItemInObject(o.parameters, "name", cJSON_CreateString("${net.outputs.id}"));
	request.preview = true;
	ck_assert_int_eq(azure_cli.compile(&request, &plan, &faults), -1);
	ck_assert_ptr_nonnull(strstr(faults.list.v[0], "must be written out"));
	objective_clear(&o);
	capability_free(c);
}
END_TEST

enum { GROUP_STEP, STORAGE_STEP, NETWORK_STEP, VM_STEP };

/* What the real az printed, and what it means. */
static const struct {
	const char *name;
	size_t objective;
	enum act act;
	size_t call;
	const char *subject;
	enum outcome outcome;
	enum answer answer;
	bool ended_badly;
	const char *resource; /* the last one read */
	const char *output;   /* a field that must be there */
} readings[] = {
#define RUN(name, objective, outcome, resource, output)                                          \
	{                                                                                        \
		name, objective, ACT_RUN, 0, NULL, outcome, ANSWER_CANNOT_TELL, false, resource, \
		    output                                                                       \
	}
#define CHECK(name, objective, call, answer, badly, resource, output)                              \
	{                                                                                          \
		name, objective, ACT_CHECK, call, NULL, OUTCOME_IN_DOUBT, answer, badly, resource, \
		    output                                                                         \
	}
	RUN("group-create", GROUP_STEP, OUTCOME_HAPPENED, RG, "name"),
	RUN("storage-create", STORAGE_STEP, OUTCOME_HAPPENED,
	    RG "/providers/Microsoft.Storage/storageAccounts/ste493909bbb", "blob_endpoint"),
	RUN("network-create", NETWORK_STEP, OUTCOME_HAPPENED, NULL, "subnet_id"),
	RUN("vm-create", VM_STEP, OUTCOME_HAPPENED, NULL, "private_ips"),
	RUN("vm-create-sku", VM_STEP, OUTCOME_IN_DOUBT, NULL, NULL),
	RUN("vm-create-allocation", VM_STEP, OUTCOME_IN_DOUBT, NULL, NULL),
	RUN("vm-create-quota-preflight", VM_STEP, OUTCOME_DID_NOT_HAPPEN, NULL, NULL),
	RUN("storage-create-quota", STORAGE_STEP, OUTCOME_DID_NOT_HAPPEN, NULL, NULL),
	RUN("storage-create-throttle", STORAGE_STEP, OUTCOME_IN_DOUBT, NULL, NULL),
	RUN("storage-create-error-500", STORAGE_STEP, OUTCOME_IN_DOUBT, NULL, NULL),
	RUN("storage-create-drop-after", STORAGE_STEP, OUTCOME_IN_DOUBT, NULL, NULL),
	RUN("not-logged-in", STORAGE_STEP, OUTCOME_DID_NOT_HAPPEN, NULL, NULL),
	RUN("parser-error", STORAGE_STEP, OUTCOME_DID_NOT_HAPPEN, NULL, NULL),

	CHECK("group-show", GROUP_STEP, 0, ANSWER_OURS_COMPLETE, false, RG, "id"),
	CHECK("group-show-absent", GROUP_STEP, 0, ANSWER_ABSENT, false, NULL, NULL),
	/* The same answer for another objective. */
	CHECK("storage-show", STORAGE_STEP, 0, ANSWER_OURS_COMPLETE, false,
	    RG "/providers/Microsoft.Storage/storageAccounts/ste493909bbb", "blob_endpoint"),
	CHECK("storage-show-absent", STORAGE_STEP, 0, ANSWER_ABSENT, false, NULL, NULL),
	CHECK("storage-show-no-group", STORAGE_STEP, 0, ANSWER_ABSENT, false, NULL, NULL),
	CHECK("storage-show-authorization", STORAGE_STEP, 0, ANSWER_CANNOT_TELL, false, NULL, NULL),
	CHECK("not-logged-in", STORAGE_STEP, 0, ANSWER_CANNOT_TELL, false, NULL, NULL),
	CHECK("wrong-subscription", STORAGE_STEP, 0, ANSWER_CANNOT_TELL, false, NULL, NULL),
	CHECK("list-empty", STORAGE_STEP, 0, ANSWER_CANNOT_TELL, false, NULL, NULL),
	CHECK("network-show", NETWORK_STEP, 0, ANSWER_OURS_COMPLETE, false, NULL, "subnet_id"),
	CHECK("deployment-show-absent", NETWORK_STEP, 0, ANSWER_ABSENT, false, NULL, NULL),
	CHECK("deployment-show-no-group", NETWORK_STEP, 0, ANSWER_ABSENT, false, NULL, NULL),
	CHECK("deployment-show-authorization", NETWORK_STEP, 0, ANSWER_CANNOT_TELL, false, NULL,
	    NULL),
	CHECK("vm-show-failed", VM_STEP, 0, ANSWER_OURS_COMPLETE, true, NULL, NULL),
	CHECK("list-empty", NETWORK_STEP, 1, ANSWER_ABSENT, false, NULL, NULL),
	CHECK("list-no-group", NETWORK_STEP, 1, ANSWER_ABSENT, false, NULL, NULL),
	CHECK("network-list", NETWORK_STEP, 1, ANSWER_OURS_COMPLETE, true,
	    RG "/providers/Microsoft.Network/virtualNetworks/vnet-net", NULL),
	CHECK("vm-list-partial", VM_STEP, 1, ANSWER_OURS_COMPLETE, true,
	    RG "/providers/Microsoft.Network/networkInterfaces/nic-vm-web-1", NULL),

	{ "vm-operations", VM_STEP, ACT_COLLECT, 0, NULL, OUTCOME_HAPPENED, ANSWER_CANNOT_TELL,
	    false, RG "/providers/Microsoft.Compute/virtualMachines/vm-web-1", NULL },
	{ "operations-absent", VM_STEP, ACT_COLLECT, 0, NULL, OUTCOME_IN_DOUBT, ANSWER_CANNOT_TELL,
	    false, NULL, NULL },
	{ "vm-undo", VM_STEP, ACT_UNDO, 0, "x", OUTCOME_HAPPENED, ANSWER_CANNOT_TELL, false, NULL,
	    NULL },
	{ "group-undo-absent", GROUP_STEP, ACT_UNDO, 0, RG, OUTCOME_HAPPENED, ANSWER_CANNOT_TELL,
	    false, NULL, NULL },
	{ "vm-prove-absent", VM_STEP, ACT_PROVE, 0, "x", OUTCOME_IN_DOUBT, ANSWER_ABSENT, false,
	    NULL, NULL },
	{ "group-prove-absent", GROUP_STEP, ACT_PROVE, 0, RG, OUTCOME_IN_DOUBT, ANSWER_ABSENT,
	    false, NULL, NULL },
	{ "vm-prove-present", VM_STEP, ACT_PROVE, 0, "x", OUTCOME_IN_DOUBT, ANSWER_OURS_COMPLETE,
	    false, "x", NULL },
	{ "subnet-prove-present", NETWORK_STEP, ACT_PROVE, 0,
	    RG "/providers/Microsoft.Network/virtualNetworks/v/subnets/s", OUTCOME_IN_DOUBT,
	    ANSWER_OURS_COMPLETE, false,
	    RG "/providers/Microsoft.Network/virtualNetworks/v/subnets/s", NULL },
	{ "not-logged-in", VM_STEP, ACT_PROVE, 0, "x", OUTCOME_IN_DOUBT, ANSWER_CANNOT_TELL, false,
	    NULL, NULL },
};

START_TEST(read_what_az_printed)
{
	const struct step *s = step_of(readings[_i].objective);
	struct reading r;
	struct result result;

	az_answer(readings[_i].name, &result);
	reading_init(&r);
	azure_cli.read(failures, &plan, s, readings[_i].act, readings[_i].call,
	    readings[_i].subject, &result, &r);
	ck_assert_msg(r.outcome == readings[_i].outcome, "%s: %s, %s", readings[_i].name,
	    outcome_name(r.outcome), r.failure.message ? r.failure.message : "");
	ck_assert_msg(r.answer == readings[_i].answer, "%s: %s, %s", readings[_i].name,
	    answer_name(r.answer), r.failure.message ? r.failure.message : "");
	ck_assert_int_eq(r.ended_badly, readings[_i].ended_badly);
	ck_assert_pstr_eq(
	    r.resources.len ? r.resources.v[r.resources.len - 1] : NULL, readings[_i].resource);
	if (readings[_i].output)
		ck_assert_ptr_nonnull(cJSON_GetObjectItem(r.outputs, readings[_i].output));
	/* What did not go well says why. */
	if (readings[_i].act == ACT_RUN && r.outcome != OUTCOME_HAPPENED)
		ck_assert(failure_is_set(&r.failure));
	if (readings[_i].act == ACT_CHECK && (r.answer == ANSWER_CANNOT_TELL || r.ended_badly))
		ck_assert(failure_is_set(&r.failure));
	reading_clear(&r);
	result_clear(&result);
}
END_TEST

START_TEST(others_are_told_from_ours)
{
	static const char *const answers[][2] = { { "storage-show", "0" },
		{ "network-list", "1" } };
	static const size_t objectives[] = { STORAGE_STEP, NETWORK_STEP };

	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		const struct step *s = step_of(objectives[i]);
		struct reading r;
		struct result result;

		/* The same plan, but of another objective. */
		free(plan.objective_id);
		plan.objective_id = xstrdup("018f0000-0000-7000-8000-0000000000ff");
		az_answer(answers[i][0], &result);
		reading_init(&r);
		azure_cli.read(failures, &plan, s, ACT_CHECK, i, NULL, &result, &r);
		ck_assert_int_eq(r.answer, ANSWER_FOREIGN);
		ck_assert_int_eq(r.failure.class, FAILURE_CONFLICT);
		ck_assert_uint_eq(r.resources.len, 1);
		ck_assert_uint_eq(r.ours.len, 0);
		ck_assert(r.conclusive);
		reading_clear(&r);
		result_clear(&result);
	}
}
END_TEST

/* What is ours beside the foreign is told too, whichever comes first. */
START_TEST(ours_beside_foreign)
{
#define STANDS(name, tag)                                                           \
	"{\"id\": \"" RG "/providers/Microsoft.Network/networkInterfaces/nic-" name \
	"\", \"tags\": {\"purser-objective\": \"" tag "\"}, \"state\": \"Succeeded\"}"
	static const char *const lists[] = {
		"[" STANDS("vm-db-1", VM_ID) "," STANDS("vm-db-2", "x") "]",
		"[" STANDS("vm-db-2", "x") "," STANDS("vm-db-1", VM_ID) "," STANDS("z", "x") "]",
	};
	const struct step *s;

	cJSON_ReplaceItemInObject(batch.v[3].parameters, "name", cJSON_CreateString("vm-db"));
	cJSON_ReplaceItemInObject(batch.v[3].parameters, "count", cJSON_CreateNumber(2));
	s = step_of(VM_STEP);
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct reading r;
		struct result result;

		az_answer("list-empty", &result);
		free(result.out);
		result.out = xstrdup(lists[i]);
		reading_init(&r);
		azure_cli.read(failures, &plan, s, ACT_CHECK, 1, NULL, &result, &r);
		ck_assert_int_eq(r.answer, ANSWER_FOREIGN);
		ck_assert_uint_eq(r.resources.len, 1);
		ck_assert_ptr_nonnull(strstr(r.resources.v[0], "nic-vm-db-2"));
		ck_assert_uint_eq(r.ours.len, 1);
		ck_assert_ptr_nonnull(strstr(r.ours.v[0], "nic-vm-db-1"));
		reading_clear(&r);
		ck_assert_uint_eq(r.ours.len, 0);
		result_clear(&result);
	}
}
END_TEST

/* All requests of a deployment have one id, which is in its record. */
START_TEST(a_bad_record_is_traced)
{
	struct reading r;
	struct result result;

	az_answer("vm-show-failed", &result);
	reading_init(&r);
	azure_cli.read(failures, &plan, step_of(VM_STEP), ACT_CHECK, 0, NULL, &result, &r);
	ck_assert_str_eq(r.failure.trace.correlation, "d5ff4624-25d0-42bd-a2a5-342ecccd5eac");
	ck_assert_ptr_nonnull(strstr(r.failure.trace.target, "/providers/Microsoft.Compute/"));
	reading_clear(&r);
	result_clear(&result);
}
END_TEST

START_TEST(no_record_asks_on)
{
	const struct step *s = step_of(NETWORK_STEP);
	struct reading r;
	struct result result;

	az_answer("deployment-show-absent", &result);
	reading_init(&r);
	azure_cli.read(failures, &plan, s, ACT_CHECK, 0, NULL, &result, &r);
	ck_assert(!r.conclusive);
	reading_clear(&r);
	/* A refusal that comes late may be that of a look at what was begun. */
	result_clear(&result);
	az_answer("storage-create-quota", &result);
	result.started_ms = 1000000;
	result.ended_ms = 1000000 + 45000;
	azure_cli.read(failures, &plan, step_of(STORAGE_STEP), ACT_RUN, 0, NULL, &result, &r);
	ck_assert_int_eq(r.outcome, OUTCOME_IN_DOUBT);
	reading_clear(&r);
	result_clear(&result);
}
END_TEST

static const struct {
	enum ending ending;
	int code;
	enum outcome outcome;
	enum failure_class class;
} endings[] = {
	{ END_NOT_STARTED, ENOENT, OUTCOME_DID_NOT_HAPPEN, FAILURE_INVALID },
	{ END_NOT_STARTED, EAGAIN, OUTCOME_DID_NOT_HAPPEN, FAILURE_TRANSIENT },
	{ END_NOT_STARTED, 0, OUTCOME_DID_NOT_HAPPEN, FAILURE_TRANSIENT },
	{ END_SIGNALED, 9, OUTCOME_IN_DOUBT, FAILURE_TRANSIENT },
	{ END_TIMED_OUT, 15, OUTCOME_IN_DOUBT, FAILURE_TIMEOUT },
	{ END_LOST, 0, OUTCOME_IN_DOUBT, FAILURE_TRANSIENT },
	{ END_EXITED, 0, OUTCOME_IN_DOUBT, FAILURE_UNKNOWN }, /* without any answer */
};

START_TEST(other_endings)
{
	for (size_t objective = STORAGE_STEP; objective <= VM_STEP; objective++) {
		const struct step *s = step_of(objective);
		struct reading r;
		struct result result;

		result_init(&result);
		result.ending = endings[_i].ending;
		result.code = endings[_i].code;
		reading_init(&r);
		azure_cli.read(failures, &plan, s, ACT_RUN, 0, NULL, &result, &r);
		ck_assert_int_eq(r.outcome, endings[_i].outcome);
		ck_assert_int_eq(r.failure.class, endings[_i].class);
		/* Another strategy has another tool; and what took too long may pass. */
		ck_assert(r.failure.fallback);
		ck_assert_int_eq(r.failure.retry == RETRY_LATER,
		    endings[_i].class == FAILURE_TRANSIENT || endings[_i].class == FAILURE_TIMEOUT);
		reading_clear(&r);
		for (size_t call = 0; call < s->n_checks; call++) {
			azure_cli.read(failures, &plan, s, ACT_CHECK, call, NULL, &result, &r);
			ck_assert_int_eq(r.answer, ANSWER_CANNOT_TELL);
			ck_assert(failure_is_set(&r.failure));
			reading_clear(&r);
		}
		result_clear(&result);
	}
}
END_TEST

/* What was cut in the middle is not parsed, however good it looks. */
START_TEST(cut_output)
{
	const struct step *s = step_of(STORAGE_STEP);
	struct reading r;
	struct result result;

	az_answer("storage-create", &result);
	result.out_cut = true;
	reading_init(&r);
	azure_cli.read(failures, &plan, s, ACT_RUN, 0, NULL, &result, &r);
	ck_assert_int_eq(r.outcome, OUTCOME_IN_DOUBT);
	ck_assert_uint_eq(r.resources.len, 0);
	reading_clear(&r);
	result_clear(&result);
}
END_TEST

START_TEST(what_the_probe_says)
{
	struct failure why = { 0 };
	struct result r;

	az_answer("not-logged-in", &r);
	ck_assert_ptr_null(azure_cli.read_probe(failures, &r, &why));
	ck_assert_int_eq(why.class, FAILURE_AUTH);
	ck_assert(!why.fallback);
	/* What is not known of this question is most likely the login. */
	free(r.err);
	r.err = xstrdup("ERROR: what?");
	ck_assert_ptr_null(azure_cli.read_probe(failures, &r, &why));
	ck_assert_int_eq(why.class, FAILURE_AUTH);
	r.ending = END_NOT_STARTED;
	r.code = ENOENT;
	ck_assert_ptr_null(azure_cli.read_probe(failures, &r, &why));
	ck_assert_int_eq(why.class, FAILURE_INVALID);
	ck_assert(why.fallback);
	r.ending = END_TIMED_OUT;
	ck_assert_ptr_null(azure_cli.read_probe(failures, &r, &why));
	ck_assert_int_eq(why.class, FAILURE_TIMEOUT);
	failure_clear(&why);
	r.ending = END_EXITED;
	r.code = 0;
	free(r.out);
	r.out = xstrdup("{\"id\": \"5a2d\"}");
	AUTO_FREE char *id = azure_cli.read_probe(failures, &r, &why);
	ck_assert_str_eq(id, "5a2d");
	ck_assert(!failure_is_set(&why));
	result_clear(&r);
}
END_TEST

START_TEST(choosing)
{
	struct choice choice;
	struct objective *o = &batch.v[0];
	const struct capability *c = library_find(&library, "resource_group");

	ck_assert_int_eq(strategy_choose(strategies, o, c, NULL, &choice, &faults), 0);
	ck_assert_ptr_eq(choice.strategy, &azure_cli);
	ck_assert_uint_eq(choice.reasons.len, 3);
	choice_clear(&choice);
	free(o->strategy);
	o->strategy = xstrdup("azure_cil");
	ck_assert_int_eq(strategy_choose(strategies, o, c, NULL, &choice, &faults), -1);
	ck_assert_ptr_nonnull(strstr(faults.list.v[0], "did you mean \"azure_cli\""));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("azure_cli");
	TCase *tcase = tcase_create("azure_cli");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, validate_templates);
	tcase_add_test(tcase, argv_of_a_command);
	tcase_add_test(tcase, a_guard_comes_before_the_undo);
	tcase_add_test(tcase, argv_of_a_template);
	tcase_add_test(tcase, a_preview_has_placeholders);
	tcase_add_test(tcase, references_are_replaced);
	tcase_add_test(tcase, plans_travel_as_json);
	tcase_add_loop_test(tcase, validate_a_recipe, 0, COUNT_OF(recipes));
	tcase_add_test(tcase, values_cannot_become_code);
	tcase_add_test(tcase, values_cannot_be_filled_at_start);
	tcase_add_loop_test(tcase, targets_cover_the_template, 0, COUNT_OF(made));
	tcase_add_test(tcase, images);
	tcase_add_test(tcase, secrets_go_their_own_way);
	tcase_add_loop_test(tcase, read_what_az_printed, 0, COUNT_OF(readings));
	tcase_add_test(tcase, others_are_told_from_ours);
	tcase_add_test(tcase, ours_beside_foreign);
	tcase_add_test(tcase, a_bad_record_is_traced);
	tcase_add_test(tcase, no_record_asks_on);
	tcase_add_loop_test(tcase, other_endings, 0, COUNT_OF(endings));
	tcase_add_test(tcase, cut_output);
	tcase_add_test(tcase, what_the_probe_says);
	tcase_add_test(tcase, choosing);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
