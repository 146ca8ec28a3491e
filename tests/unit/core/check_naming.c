#include <config.h>

#include <regex.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "core/batch.h"
#include "tests/unit/unit.h"

#define NOW_MS 1795226400000 /* 2026-11-21T02:00:00Z */
#define HASH "0123abcdef"
#define ROUNDS 4000

#define TEN "abcdefghij"
#define FIFTY TEN TEN TEN TEN TEN

static const struct {
	const char *kind, *name;
	bool valid;
} names[] = {
	{ "resource_group", "rg-web.dev(1)", true },
	{ "resource_group", "rg-web.", false },
	{ "resource_group", "", false },
	{ "resource_group", "rg web", false },
	{ "resource_group", FIFTY TEN TEN TEN TEN, true },
	{ "resource_group", FIFTY TEN TEN TEN TEN "x", false },
	{ "virtual_network", "a", false },
	{ "virtual_network", "v_", true },
	{ "virtual_network", "v-", false },
	{ "virtual_network", "_v", false },
	{ "subnet", "s", true },
	{ "network_security_group", "nsg.web", true },
	{ "public_ip", "ip/1", false },
	{ "virtual_machine_linux", "web-1", true },
	{ "virtual_machine_linux", "web_1", false },
	{ "virtual_machine_linux", FIFTY TEN "abcd", true },
	{ "virtual_machine_linux", FIFTY TEN "abcde", false },
	{ "virtual_machine_windows", "web-server-0001", true },
	{ "virtual_machine_windows", "web-server-00001", false },
	{ "virtual_machine_windows", "12345", false },
	{ "virtual_machine_windows", "web-", false },
	{ "vm_scale_set", "set-1", true },
	{ "vm_scale_set", "-set", false },
	{ "aks_cluster", "k8s_prod-1", true },
	{ "aks_cluster", "k8s_", false },
	{ "storage_account", "st0", true },
	{ "storage_account", "st", false },
	{ "storage_account", "St0", false },
	{ "storage_account", "st-0", false },
	{ "storage_account", TEN TEN "abcd", true },
	{ "storage_account", TEN TEN "abcde", false },
	{ "managed_disk", "disk_1.vhd", true },
	{ "managed_disk", "disk.", false },
	{ "postgresql_flexible", "pg-1", true },
	{ "postgresql_flexible", "PG-1", false },
	{ "postgresql_flexible", "pg-", false },
	{ "key_vault", "kv-Web", true },
	{ "key_vault", "1kv", false },
	{ "key_vault", "kv--web", false },
	{ "openai_account", "ai", true },
	{ "openai_account", "a.i", false },
	{ "databricks_workspace", "-w-", true },
	{ "databricks_workspace", "dw", false },
};

START_TEST(what_azure_allows)
{
	const struct naming_kind *kind = naming_kind_find(names[_i].kind);

	ck_assert_ptr_nonnull(kind);
	ck_assert_msg(naming_is_valid(kind, names[_i].name) == names[_i].valid, "%s: %s",
	    names[_i].kind, names[_i].name);
}
END_TEST

static const struct {
	const char *kind, *text;
	size_t max;
	const char *fitted;
} fits[] = {
	{ "resource_group", "rg-web-dev", 0, "rg-web-dev" },
	{ "resource_group", "rg-Web Team-dev.", 0, "rg-Web-Team-dev" },
	{ "resource_group", "\xc3\xa4", 0, HASH },
	{ "virtual_network", "_web / dev", 0, "web-dev" },
	{ "virtual_network", "w", 0, "w-" HASH },
	{ "virtual_network", "", 0, HASH },
	{ "virtual_machine_linux", "web_dev.1", 0, "web-dev-1" },
	{ "virtual_machine_linux", FIFTY TEN TEN, 0, FIFTY "abc-" HASH },
	{ "virtual_machine_linux", "abcdefghijklmnopqrstuvwxyz", 20, "abcdefghi-" HASH },
	{ "virtual_machine_windows", "data-production", 0, "data-production" },
	{ "virtual_machine_windows", "data-production1", 0, "data-" HASH },
	{ "virtual_machine_windows", "dat-production11", 0, "dat-" HASH },
	{ "virtual_machine_windows", "2026", 0, "2026-" HASH },
	{ "virtual_machine_windows", "web-production", 8, "0123abcd" },
	{ "aks_cluster", "_web_", 0, "web" },
	{ "storage_account", "Web-Dev", 0, "webdev" HASH },
	{ "storage_account", "webdev" HASH, 0, "webdev" HASH },
	{ "storage_account", "a-very-long-name-of-a-team", 0, "averylongnameo" HASH },
	{ "storage_account", "---", 0, HASH },
	{ "managed_disk", "web.dev", 0, "web.dev" },
	{ "postgresql_flexible", "Web-Dev", 0, "web-dev-" HASH },
	{ "key_vault", "web--dev", 0, "web-dev-" HASH },
	{ "key_vault", "1web", 0, "n1web-" HASH },
	{ "key_vault", "a-very-long-name", 0, "a-very-long-n-" HASH },
	{ "key_vault", "!", 0, "n" HASH },
	{ "openai_account", "Web.Dev", 0, "web-dev-" HASH },
	{ "databricks_workspace", "web-dev", 0, "web-dev" },
};

START_TEST(fitting)
{
	const struct naming_kind *kind = naming_kind_find(fits[_i].kind);
	AUTO_FREE char *fitted = naming_fit(kind, fits[_i].text, HASH, fits[_i].max);

	ck_assert_str_eq(fitted, fits[_i].fitted);
}
END_TEST

/* The same numbers each time: a failure can be repeated. */
static uint32_t
next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

static void
random_text(uint64_t *state, char *out, size_t max)
{
	static const char *const parts[] = { "a", "z", "A", "Z", "0", "9", "-", "-", "_", ".", "(",
		")", " ", "/", "\xc3\xa4", "\xe6\x97\xa5", "web", "42", "#", "=" };
	size_t count = next_random(state) % max;

	*out = '\0';
	for (size_t i = 0; i < count; i++) {
		const char *part = parts[next_random(state) % COUNT_OF(parts)];

		memcpy(out, part, strlen(part) + 1);
		out += strlen(part);
	}
}

/* Whatever the labels are: the name obeys its kind, is the same each time, and fits what it is already. */
START_TEST(fitted_names_obey)
{
	const struct naming_kind *kind = naming_kind_at((size_t)_i);
	AUTO_FREE char *regex_text = naming_regex(kind);
	uint64_t state = (uint64_t)_i + 1;
	char text[512], hash[11];
	regex_t regex;

	ck_assert_int_eq(regcomp(&regex, regex_text, REG_EXTENDED | REG_NOSUB), 0);
	for (int i = 0; i < ROUNDS; i++) {
		size_t max = next_random(&state) % 4 == 0 ? 13 + next_random(&state) % 20 : 0;

		random_text(&state, text, i % 2 == 0 ? 12 : 120);
		for (size_t k = 0; k < sizeof(hash) - 1; k++)
			hash[k] = "0123456789abcdef"[next_random(&state) % 16];
		hash[sizeof(hash) - 1] = '\0';
		/* A hash of digits only is one in a hundred. */
		if (i % 100 == 0)
			memcpy(hash, "0123456789", sizeof(hash));
		AUTO_FREE char *fitted = naming_fit(kind, text, hash, max);
		AUTO_FREE char *again = naming_fit(kind, fitted, hash, max);

		ck_assert_msg(naming_is_valid(kind, fitted), "%s: \"%s\" of \"%s\"", kind->name,
		    fitted, text);
		ck_assert_msg(max == 0 || strlen(fitted) <= max, "\"%s\"", fitted);
		ck_assert_str_eq(fitted, again);
		ck_assert_msg(
		    regexec(&regex, fitted, 0, NULL, 0) == 0, "%s: \"%s\"", regex_text, fitted);
		ck_assert_msg(
		    !naming_is_valid(kind, text) || regexec(&regex, text, 0, NULL, 0) == 0,
		    "%s: \"%s\"", regex_text, text);
	}
	regfree(&regex);
}
END_TEST

static const struct {
	const char *pattern, *fault; /* NULL: it is right */
} patterns[] = {
	{ "{team}-{environment}", NULL },
	{ "web", NULL },
	{ "{objective}{hash}", NULL },
	{ "{Team}", "a brace that belongs to no placeholder" },
	{ "{team", "a brace that belongs to no placeholder" },
	{ "}{team}", "a brace that belongs to no placeholder" },
	{ "{team}-{x...}", "a brace that belongs to no placeholder" },
	{ "${team.outputs.id}", "cannot refer to an output" },
	{ "x-{naming}", "cannot be made of itself" },
};

START_TEST(patterns_of_settings)
{
	const char *fault = naming_pattern_fault(patterns[_i].pattern);

	if (!patterns[_i].fault)
		ck_assert_msg(!fault, "%s", fault);
	else
		ck_assert_msg(fault && strstr(fault, patterns[_i].fault), "%s", fault ? fault : "");
}
END_TEST

/* ---- in a batch ---- */

static const char *const capabilities[] = {
	"name = \"vault\"\nsummary = \"s\"\nrequires = [\"resource_group\"]\n"
	"[parameters.name]\ntype = \"string\"\nhelp = \"h\"\ndefault = \"{naming}\"\n"
	"kind = \"key_vault\"\n"
	"[[azure_cli.step]]\nname = \"x\"\n",

	"name = \"net\"\nsummary = \"s\"\nrequires = [\"resource_group\"]\n"
	"[parameters.name]\ntype = \"string\"\nhelp = \"h\"\ndefault = \"vnet-{naming}\"\n"
	"kind = \"virtual_network\"\nmax = 30\n"
	"[parameters.team]\ntype = \"string\"\nhelp = \"h\"\ndefault = \"anyone\"\n"
	"[parameters.environment]\ntype = \"string\"\nhelp = \"h\"\n"
	"[outputs.id]\ntype = \"string\"\nhelp = \"h\"\n"
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
		ck_assert_msg(c != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
		library_add(&library, c, &faults);
	}
}

static void
teardown(void)
{
	batch_clear(&batch);
	faults_clear(&faults);
	library_clear(&library);
}

static int
submit(const char *text)
{
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_parse("in.toml", text, strlen(text), &doc, &e) == 0, "%s", e.msg);
	int rc = batch_parse(&doc, "b", &library, NOW_MS, &batch, &faults);
	doc_clear(&doc);
	return rc;
}

#define NET "[[objective]]\nname = \"n\"\ncapability = \"net\"\n"
#define VAULT "[[objective]]\nname = \"v\"\ncapability = \"vault\"\n"
#define GROUP "resource_group = \"rg\"\n"
#define LABELS "labels = { Team = \"Web\", environment = \"dev\" }\n"

static const struct {
	const char *text;
	const char *pattern; /* NULL: the default */
	const char *group, *name;
} made[] = {
	{ NET LABELS, NULL, "rg-Web-dev", "vnet-Web-dev" },
	{ NET GROUP LABELS, NULL, "rg", "vnet-Web-dev" },
	/* A label that is missing: the objective's name. */
	{ NET GROUP, NULL, "rg", "vnet-n" },
	/* Labels first, then parameters, also by their defaults. */
	{ NET GROUP "parameters.environment = \"test\"\n", NULL, "rg", "vnet-anyone-test" },
	{ NET GROUP LABELS "parameters.team = \"other\"\n", NULL, "rg", "vnet-Web-dev" },
	{ NET GROUP LABELS, "{batch}.{objective}", "rg", "vnet-b.n" },
	{ NET GROUP LABELS "region = \"eastus\"\n", "{team}-{region}", "rg", "vnet-Web-eastus" },
	{ NET GROUP LABELS, "{region}", "rg", "vnet-n" },
	/* A name that was given is not changed. */
	{ NET GROUP LABELS "parameters.name = \"Given_1\"\n", NULL, "rg", "Given_1" },
};

START_TEST(names_of_a_batch)
{
	struct naming naming = { .pattern = (char *)(uintptr_t)made[_i].pattern,
		.resource_group = (char *)(uintptr_t)NAMING_RESOURCE_GROUP };

	library.naming = made[_i].pattern ? &naming : NULL;
	ck_assert_msg(submit(made[_i].text) == 0, "%s", faults.list.v ? faults.list.v[0] : "");
	ck_assert_str_eq(batch.v[0].resource_group, made[_i].group);
	ck_assert_str_eq(json_str(batch.v[0].parameters, "name"), made[_i].name);
}
END_TEST

START_TEST(a_global_name_ends_in_the_hash)
{
	char hash[OBJECTIVE_HASH_SIZE], first[DIGEST_SIZE], second[DIGEST_SIZE];
	struct naming other = { .pattern = (char *)(uintptr_t) "{objective}",
		.resource_group = (char *)(uintptr_t) "group-{team}" };

	ck_assert_int_eq(submit(VAULT LABELS), 0);
	objective_hash(&batch.v[0], hash);
	AUTO_FREE char *name = xasprintf("web-dev-%s", hash);
	ck_assert_str_eq(json_str(batch.v[0].parameters, "name"), name);
	ck_assert_str_eq(json_str(batch.v[0].decided, "resource_group"), "naming.resource_group");
	objective_digest(&batch.v[0], first);
	batch_clear(&batch);

	/* Settings that change make no other submission of it. */
	library.naming = &other;
	ck_assert_int_eq(submit(VAULT LABELS), 0);
	ck_assert_str_eq(batch.v[0].resource_group, "group-Web");
	objective_digest(&batch.v[0], second);
	ck_assert_str_eq(first, second);
}
END_TEST

static const struct {
	const char *text, *fault; /* a part of the one fault */
} bad[] = {
	{ VAULT, "in.toml:1:1: \"vault\" needs a \"resource_group\"" },
	{ VAULT "labels = { team = \"web\" }\n", "needs a \"resource_group\"" },
	{ VAULT GROUP "parameters.name = \"web--dev\"\n",
	    "in.toml:5:12: parameter \"name\": \"web--dev\" is no name of a key vault, expected 3 to 24 "
	    "letters, digits and -" },
	{ NET GROUP LABELS "[[objective]]\nname = \"n2\"\ncapability = \"net\"\n"
			   "resource_group = \"RG\"\n" LABELS,
	    "in.toml:6:1: \"n2\" would get the same name as \"n\", \"vnet-Web-dev\": set "
	    "parameters.name" },
	{ NET GROUP "parameters.environment = \"${m.outputs.id}\"\n"
		    "[[objective]]\nname = \"m\"\ncapability = \"net\"\n" GROUP,
	    "in.toml:5:12: names are made of parameter \"environment\" (naming.pattern), which cannot "
	    "refer" },
};

START_TEST(faults_of_names)
{
	ck_assert_int_eq(submit(bad[_i].text), -1);
	ck_assert_msg(faults.count == 1, "%zu faults: %s", faults.count, faults.list.v[0]);
	ck_assert_msg(strstr(faults.list.v[0], bad[_i].fault) != NULL, "%s", faults.list.v[0]);
}
END_TEST

/* The same name in another group is another resource. */
START_TEST(same_name_elsewhere)
{
	ck_assert_msg(submit(NET GROUP LABELS "[[objective]]\nname = \"n2\"\ncapability = \"net\"\n"
					      "resource_group = \"other\"\n" LABELS) == 0,
	    "%s", faults.list.v ? faults.list.v[0] : "");
}
END_TEST

static const struct {
	const char *parameter, *fault;
} bad_kinds[] = {
	{ "type = \"string\"\nkind = \"key_vualt\"", "did you mean \"key_vault\"" },
	{ "type = \"integer\"\nkind = \"key_vault\"", "belongs to a name" },
	{ "type = \"string\"\ndefault = \"{naming}\"", "{naming} needs a \"kind\"" },
	{ "type = \"string\"\nkind = \"key_vault\"\ndefault = \"1\"", "is no name of a key vault" },
	{ "type = \"string\"\nkind = \"key_vault\"\nexample = \"1\"", "is no name of a key vault" },
	{ "type = \"string\"\nkind = \"key_vault\"\ndefault = \"{naming}{x}\"",
	    "unknown placeholder \"{x}\"" },
};

START_TEST(faults_of_kinds)
{
	AUTO_FREE char *text = xasprintf("name = \"box\"\nsummary = \"s\"\n[parameters.p]\n"
					 "help = \"h\"\n%s\n[[azure_cli.step]]\nname = \"x\"\n",
	    bad_kinds[_i].parameter);
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(doc_parse("c.toml", text, strlen(text), &doc, &e), 0);
	ck_assert_ptr_null(capability_parse(&doc, NULL, &faults));
	ck_assert_msg(faults.count == 1, "%zu faults: %s", faults.count, faults.list.v[0]);
	ck_assert_msg(
	    strstr(faults.list.v[0], bad_kinds[_i].fault) != NULL, "%s", faults.list.v[0]);
}
END_TEST

static int
count_kinds(void)
{
	int n = 0;

	while (naming_kind_at((size_t)n))
		n++;
	return n;
}

int
main(void)
{
	Suite *s = suite_create("naming");
	TCase *t = tcase_create("kinds");

	tcase_add_loop_test(t, what_azure_allows, 0, COUNT_OF(names));
	tcase_add_loop_test(t, fitting, 0, COUNT_OF(fits));
	tcase_add_loop_test(t, fitted_names_obey, 0, count_kinds());
	tcase_add_loop_test(t, patterns_of_settings, 0, COUNT_OF(patterns));
	suite_add_tcase(s, t);
	t = tcase_create("batch");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, names_of_a_batch, 0, COUNT_OF(made));
	tcase_add_test(t, a_global_name_ends_in_the_hash);
	tcase_add_loop_test(t, faults_of_names, 0, COUNT_OF(bad));
	tcase_add_test(t, same_name_elsewhere);
	tcase_add_loop_test(t, faults_of_kinds, 0, COUNT_OF(bad_kinds));
	suite_add_tcase(s, t);
	return unit_run(s);
}
