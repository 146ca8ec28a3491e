/* The rows of the configuration: defaults, ranges, units, and what each slip is told. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/config.h"
#include "../unit.h"

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

START_TEST(defaults_are_those_of_the_rows)
{
	struct config c;

	config_init(&c);
	ck_assert_int_eq(c.jobs, 8);
	ck_assert_int_eq(c.lease_ms, 30000);
	ck_assert_int_eq(c.step_timeout_ms, 1800000);
	ck_assert_ptr_null(c.subscription);
	ck_assert_int_eq(c.templates.len, 0);
	ck_assert_int_eq(c.audit_max_bytes, 10000000);
	ck_assert_int_eq(c.audit_files, 5);
	ck_assert_int_eq(c.retry.max_retries, 3);
	ck_assert_int_eq(c.retry.delay_ms, 2000);
	ck_assert_int_eq(c.retry.max_delay_ms, 60000);
	ck_assert_int_eq(c.retry.jitter_percent, 20);
	ck_assert_ptr_null(c.limit_strategy);
	ck_assert_int_eq(config_limit(c.limit_strategy, "azure_cli"), 0);
	ck_assert_int_eq(config_limit(c.limit_group, NULL), 0);
	ck_assert_int_eq(c.notify_command.len, 0);
	ck_assert_int_eq(c.notify_on.len, 5);
	ck_assert_str_eq(c.notify_on.v[4], "budget");
	ck_assert_int_eq(c.notify_timeout_ms, 60000);
	ck_assert_ptr_null(c.terraform_backend);
	ck_assert_ptr_null(c.terraform_plugin_cache);
	ck_assert_uint_eq(c.mcp_servers.len, 0);
	ck_assert_int_eq(c.mcp_timeout_ms, 60000);
	ck_assert(!c.docs);
	ck_assert_str_eq(c.docs_url, "https://learn.microsoft.com/api/search");
	ck_assert_int_eq(c.docs_timeout_ms, 8000);
	config_clear(&c);
	config_clear(&c);
	config_clear(NULL);
}
END_TEST

START_TEST(servers_of_mcp_are_taken)
{
	struct faults faults = { 0 };
	const struct mcp_server *s;
	struct config c;

	ck_assert_int_eq(
	    apply(&c,
		"[mcp]\n"
		"servers = [\n"
		"{ name = \"old\", command = \"npx  -y server \" },\n"
		"{ name = \"new\", command = \"/opt/my tools/server\", args = [\"-a\", \"b c\", \"\"],"
		"  env = { TOKEN = \"env:TOKEN\" }, timeout = \"5m\", elicitation = \"defaults\" },\n"
		"{ name = \"web\", url = \"https://h/mcp\", headers = { Authorization = \"file:/t\" },"
		"  protocol = \"legacy\" },\n"
		"]\ndefault_timeout = 30\n",
		&faults),
	    0);
	ck_assert_uint_eq(c.mcp_servers.len, 3);
	s = mcp_servers_find(&c.mcp_servers, "old");
	ck_assert_str_eq(s->command, "npx");
	ck_assert_uint_eq(s->args.len, 2);
	ck_assert_str_eq(s->args.v[1], "server");
	ck_assert_int_eq(s->timeout_ms, 30000);
	s = mcp_servers_find(&c.mcp_servers, "new");
	ck_assert_str_eq(s->command, "/opt/my tools/server");
	ck_assert_uint_eq(s->args.len, 3);
	ck_assert_int_eq(s->timeout_ms, 300000);
	ck_assert_int_eq(s->elicitation, MCP_DEFAULTS);
	ck_assert_str_eq(json_str(s->env, "TOKEN"), "env:TOKEN");
	s = mcp_servers_find(&c.mcp_servers, "web");
	ck_assert_str_eq(s->url, "https://h/mcp");
	ck_assert_int_eq(s->era, MCP_ERA_LEGACY);
	ck_assert_ptr_null(mcp_servers_find(&c.mcp_servers, "none"));
	config_clear(&c);
	faults_clear(&faults);
}
END_TEST

START_TEST(all_settings_are_taken)
{
	struct faults faults = { 0 };
	struct config c;

	ck_assert_int_eq(
	    apply(&c,
		"[run]\njobs = 256\nlease = \"2s\"\nstep_timeout = \"2h\"\n"
		"[azure]\nsubscription = \"Pay As You Go\"\n"
		"[templates]\nfolders = [\"/srv/t\", \"mine\"]\n"
		"[audit]\nmax_size = \"64KiB\"\nfiles = 2\n"
		"[retry]\nmax_retries = 0\ndelay = \"50ms\"\nmax_delay = \"24h\"\njitter = 100\n"
		"[limits.strategy]\nazure_cli = 4\n"
		"[limits.resource_group]\ndefault = 2\nRG-Web = 10000\n\"rg.(1)\" = 1\n"
		"[notify]\ncommand = [\"/usr/bin/mail\", \"-s\", \"\", \"a b\"]\n"
		"on = [\"held\", \"budget\", \"held\"]\ntimeout = \"5s\"\n"
		"[analysis]\ndocs = true\ndocs_url = \"http://127.0.0.1:80/api/mcp\"\ndocs_timeout = \"1m\"\n"
		"[terraform]\nplugin_cache = \"/srv/c\"\n"
		"[terraform.backend]\ntype = \"s3\"\nkey = \"p/{id}.tfstate\"\nencrypt = true\n"
		"[terraform.backend.endpoints]\ns3 = \"https://h\"\n"
		"[budget]\nmonthly_limit = 500.0\n",
		&faults),
	    0);
	ck_assert_int_eq(faults.count, 0);
	ck_assert_int_eq(c.jobs, 256);
	ck_assert_int_eq(c.lease_ms, 2000);
	ck_assert_int_eq(c.step_timeout_ms, 7200000);
	ck_assert(c.docs);
	ck_assert_str_eq(c.docs_url, "http://127.0.0.1:80/api/mcp");
	ck_assert_int_eq(c.docs_timeout_ms, 60000);
	ck_assert_str_eq(c.subscription, "Pay As You Go");
	ck_assert_int_eq(c.templates.len, 2);
	ck_assert_str_eq(c.templates.v[0], "/srv/t");
	ck_assert_str_eq(c.templates.v[1], "dir/mine");
	ck_assert_int_eq(c.audit_max_bytes, 65536);
	ck_assert_int_eq(c.audit_files, 2);
	ck_assert_int_eq(c.retry.max_retries, 0);
	ck_assert_int_eq(c.retry.delay_ms, 50);
	ck_assert_int_eq(c.retry.max_delay_ms, 86400000);
	ck_assert_int_eq(c.retry.jitter_percent, 100);
	ck_assert_int_eq(c.notify_command.len, 4);
	ck_assert_str_eq(c.notify_command.v[2], "");
	ck_assert_int_eq(c.notify_on.len, 2);
	ck_assert_str_eq(c.notify_on.v[0], "held");
	ck_assert_str_eq(c.notify_on.v[1], "budget");
	ck_assert_int_eq(c.notify_timeout_ms, 5000);
	ck_assert_str_eq(c.terraform_plugin_cache, "/srv/c");
	ck_assert_str_eq(json_str(c.terraform_backend, "key"), "p/{id}.tfstate");
	ck_assert_str_eq(json_str(c.terraform_backend, "endpoints.s3"), "https://h");
	ck_assert_int_eq(c.budget.n_limits, 1);
	config_clear(&c);
}
END_TEST

START_TEST(limits_fall_back_to_the_default)
{
	struct faults faults = { 0 };
	struct config c;

	ck_assert_int_eq(apply(&c,
			     "[limits]\nstrategy.azure_cli = 4\n"
			     "[limits.resource_group]\ndefault = 2\nRG-Web = 7\n",
			     &faults),
	    0);
	ck_assert_int_eq(config_limit(c.limit_strategy, "azure_cli"), 4);
	ck_assert_int_eq(config_limit(c.limit_strategy, "terraform"), 0);
	ck_assert_int_eq(config_limit(c.limit_group, "rg-web"), 7);
	ck_assert_int_eq(config_limit(c.limit_group, "RG-WEB"), 7);
	ck_assert_int_eq(config_limit(c.limit_group, "rg-db"), 2);
	ck_assert_int_eq(config_limit(c.limit_group, NULL), 2);
	config_clear(&c);
}
END_TEST

static const struct {
	const char *text, *fault;
} slips[] = {
	{ "[run]\njobs = 0\n", "dir/c.toml:2:1: run.jobs must be from 1 to 256" },
	{ "[run]\njobs = 257\n", "dir/c.toml:2:1: run.jobs must be from 1 to 256" },
	{ "[run]\njobs = -9007199254740991\n", "run.jobs must be" },
	{ "[run]\njobs = 1.5\n", "run.jobs must be a whole number, not a number" },
	{ "[run]\njobs = \"8\"\n", "run.jobs must be a whole number, not a string" },
	{ "[run]\nlease = \"1s\"\n", "dir/c.toml:2:1: run.lease must be from 2 s to 10 min" },
	{ "[run]\nlease = \"11m\"\n", "run.lease must be from 2 s to 10 min" },
	{ "[run]\nlease = 30\n", "run.lease must be a duration such as" },
	{ "[run]\nlease = \"soon\"\n", "\"soon\" is not a duration" },
	{ "[run]\nlease = \"\"\n", "\"\" is not a duration" },
	{ "[run]\nstep_timeout = \"25h\"\n", "run.step_timeout must be from 1 s to 1 d" },
	{ "[run]\njobz = 8\n",
	    "dir/c.toml:2:1: unknown setting \"jobz\" in [run]; did you mean \"jobs\"?" },
	{ "[run]\nmax_size = 8\n",
	    "unknown setting \"max_size\" in [run]; it belongs below [audit]" },
	{ "[run]\nqqqqqq = 8\n", "unknown setting \"qqqqqq\" in [run]" },
	{ "[runn]\njobs = 8\n", "unknown section \"runn\"; did you mean \"run\"?" },
	{ "jobs = 8\n", "dir/c.toml:1:1: setting \"jobs\" belongs below [run]" },
	{ "run = 8\n", "[run] must be a table" },
	{ "[[run]]\njobs = 8\n", "[run] must be a table" },
	{ "[azure]\nsubscription = \"\"\n", "azure.subscription must not be empty" },
	{ "[azure]\nsubscription = \"--all\"\n",
	    "azure.subscription must not be empty or begin with" },
	{ "[azure]\nsubscription = \"a\\tb\"\n", "must not hold control characters" },
	{ "[azure]\nsubscription = \"a\\u2066b\"\n", "must not hold control characters" },
	{ "[templates]\nfolders = [\"a\\u202eb\"]\n", "must not hold control characters" },
	{ "[azure]\nsubscription = 5\n", "azure.subscription must be a string, not an integer" },
	{ "[templates]\nfolders = \"x\"\n",
	    "templates.folders must be a list of folders, not a string" },
	{ "[templates]\nfolders = [1]\n",
	    "templates.folders must be a list of strings, not an integer" },
	{ "[templates]\nfolders = [\"\"]\n", "the name of a folder is empty" },
	{ "[templates]\nfolders = [\"~/t\"]\n", "write the full path" },
	{ "[audit]\nmax_size = 63999\n", "audit.max_size must be from 64KB to 100GB" },
	{ "[audit]\nmax_size = \"10 potatoes\"\n", "is not a size such as" },
	{ "[audit]\nmax_size = \"99999999999GB\"\n", "is not a size such as" },
	{ "[audit]\nmax_size = \"-1\"\n", "is not a size such as" },
	{ "[audit]\nmax_size = true\n", "audit.max_size must be a size such as" },
	{ "[audit]\nfiles = 1\n", "audit.files must be from 2 to 100" },
	{ "[retry]\nmax_retries = 21\n", "dir/c.toml:2:1: retry.max_retries must be from 0 to 20" },
	{ "[retry]\nmax_retries = -1\n", "retry.max_retries must be from 0 to 20" },
	{ "[retry]\ndelay = \"9ms\"\n", "retry.delay must be from 10 ms to 1 h" },
	{ "[retry]\ndelay = 2\n", "retry.delay must be a duration such as" },
	{ "[retry]\nmax_delay = \"25h\"\n", "retry.max_delay must be from 10 ms to 1 d" },
	{ "[retry]\ndelay = \"5\"\n", "retry.delay: \"5\" is not a duration such as" },
	{ "[retry]\nmax_delay = \"1h\"\ndelay = \"61m\"\n", "must be from 10 ms to 1 h" },
	{ "[retry]\nmax_delay = \"5s\"\ndelay = \"6s\"\n",
	    "dir/c.toml:3:1: retry.delay (6 s) is longer than retry.max_delay (5 s)" },
	{ "[retry]\nmax_delay = \"1s\"\n",
	    "dir/c.toml:2:1: retry.delay (2 s) is longer than retry.max_delay (1 s)" },
	{ "[retry]\njitter = 101\n", "retry.jitter must be from 0 to 100" },
	{ "[retry]\nretries = 1\n", "unknown setting \"retries\" in [retry]" },
	{ "[limits]\njobs = 1\n", "unknown setting \"jobs\" in [limits]; it belongs below [run]" },
	{ "[limits]\nstrategy = 3\n", "limits.strategy must be a table of limits, NAME = N" },
	{ "[limits.strategies]\nazure_cli = 3\n", "did you mean \"strategy\"?" },
	{ "[limits.strategy]\nazure-cli = 3\n",
	    "dir/c.toml:2:1: limits.strategy: \"azure-cli\" is no name of a strategy" },
	{ "[limits.strategy]\nazure_cli = \"3\"\n",
	    "limits.strategy.azure_cli must be a whole number, not a string" },
	{ "[limits.strategy]\nazure_cli = 0\n",
	    "dir/c.toml:2:1: limits.strategy.azure_cli must be from 1 to 10000" },
	{ "[limits.resource_group]\n\n\"rg/x\" = 1\n",
	    "dir/c.toml:3:1: limits.resource_group: \"rg/x\" is no name of a resource group" },
	{ "[limits.resource_group]\n\"\" = 1\n", "is no name of a resource group" },
	{ "[limits.resource_group]\nrg = 1\nRG = 2\n",
	    "dir/c.toml:3:1: limits.resource_group: \"RG\" stands there already" },
	{ "[notify]\ncommand = \"/bin/mail\"\n",
	    "notify.command must be a list of a program and its arguments, not a string" },
	{ "[notify]\ncommand = []\n", "notify.command must be a list of a program" },
	{ "[notify]\ncommand = [\"mail\"]\n",
	    "notify.command: \"mail\": write the program's full path" },
	{ "[notify]\ncommand = [\"~/notify\"]\n", "write the program's full path" },
	{ "[notify]\ncommand = [\"/bin/a\\tb\"]\n", "must not hold control characters" },
	{ "[notify]\ncommand = [\"/bin/a\", 1]\n",
	    "notify.command must be a list of strings, not an integer" },
	{ "[notify]\non = \"failed\"\n", "notify.on must be a list of strings, not a string" },
	{ "[notify]\non = []\n", "notify.on is empty" },
	{ "[notify]\non = [\"fialed\"]\n",
	    "\"fialed\" is none of failed, held, orphaned, batch, budget; did you mean \"failed\"?" },
	{ "[notify]\non = [\"failed\", 3]\n", "notify.on must be a list of strings" },
	{ "[notify]\ntimeout = \"2h\"\n", "notify.timeout must be from 1 s to 1 h" },
	{ "[terraform]\nbackend = \"http\"\n",
	    "dir/c.toml:2:1: terraform.backend must be a table such as { type = \"http\", ... }, not a string" },
	{ "[terraform.backend]\naddress = \"http://h/{id}\"\n",
	    "terraform.backend needs a type such as \"http\" or \"azurerm\"" },
	{ "[terraform.backend]\ntype = \"local\"\npath = \"{id}\"\n",
	    "dir/c.toml:2:1: terraform.backend.type is \"local\"" },
	{ "[terraform.backend]\ntype = \"a b\"\npath = \"{id}\"\n",
	    "terraform.backend.type is no type of a backend" },
	{ "[terraform.backend]\ntype = \"http\"\naddress = \"http://h/x\"\n",
	    "terraform.backend must hold \"{id}\" in one of its texts" },
	{ "[terraform.backend]\ntype = \"http\"\naddress = \"http://h/{id}/${var.x}\"\n",
	    "dir/c.toml:3:1: terraform.backend.address must not hold \"${\" or \"%{\"" },
	{ "[terraform.backend]\ntype = \"http\"\naddress = \"http://h/{id}/%{if}\"\n",
	    "terraform.backend.address must not hold" },
	{ "[terraform.backend]\ntype = \"http\"\naddress = \"http://h/{id}\\t\"\n",
	    "must not hold control characters" },
	{ "[terraform.backend]\ntype = \"http\"\naddress = \"http://me:pw@h/{id}\"\n",
	    "dir/c.toml:3:1: terraform.backend.address holds a login: leave it out" },
	{ "[terraform.backend]\ntype = \"http\"\naddress = \"http://h/{id}\"\npassword = \"x\"\n",
	    "dir/c.toml:4:1: terraform.backend.password looks like a secret: leave it out" },
	{ "[terraform.backend]\ntype = \"azurerm\"\nkey = \"{id}\"\naccess_key = \"x\"\n",
	    "terraform.backend.access_key looks like a secret" },
	{ "[terraform.backend]\ntype = \"azurerm\"\nkey = \"{id}\"\nsas_token = \"x\"\n",
	    "terraform.backend.sas_token looks like a secret" },
	{ "[terraform.backend]\ntype = \"azurerm\"\nkey = \"{id}\"\nclient_secret = \"x\"\n",
	    "terraform.backend.client_secret looks like a secret" },
	{ "[terraform.backend]\ntype = \"s3\"\nkey = \"{id}\"\nassume_role = { token = \"x\" }\n",
	    "terraform.backend.token looks like a secret" },
	{ "[terraform.backend]\ntype = \"s3\"\nkey = \"{id}\"\n\"a b\" = 1\n",
	    "terraform.backend.a b is no name of an argument" },
	{ "[terraform]\nplugin_cache = \"cache\"\n",
	    "terraform.plugin_cache: \"cache\": write the full path" },
	{ "[terraform]\nplugin_cache = \"/c/{work}\"\n",
	    "dir/c.toml:2:1: terraform.plugin_cache must not be longer than" },
	{ "[analysis]\ndocs = \"yes\"\n", "analysis.docs must be true or false, not a string" },
	{ "[analysis]\ndocs_url = \"http://example.org/api/search\"\n",
	    "dir/c.toml:2:1: analysis.docs_url: \"http://example.org/api/search\" is no URL such as "
	    "https://host/path; http is for this machine only" },
	{ "[analysis]\ndocs_url = \"https://a:b@example.org/\"\n", "is no URL such as" },
	{ "[analysis]\ndocs_url = \"https://example.org/a b\"\n", "is no URL such as" },
	{ "[analysis]\ndocs_url = 1\n", "analysis.docs_url must be a string, not an integer" },
	{ "[analysis]\ndocs_timeout = \"2m\"\n",
	    "analysis.docs_timeout must be from 100 ms to 1 min" },
	{ "[terraform]\nplugin_cache = 1\n",
	    "terraform.plugin_cache must be a string, not an integer" },
};

START_TEST(a_slip_is_told_with_its_place)
{
	struct faults faults = { 0 };
	struct config c;

	ck_assert_int_eq(apply(&c, slips[_i].text, &faults), -1);
	ck_assert_int_eq(faults.count, 1);
	ck_assert_msg(strstr(faults.list.v[0], slips[_i].fault) != NULL, "wanted \"%s\" in \"%s\"",
	    slips[_i].fault, faults.list.v[0]);
	faults_clear(&faults);
	config_clear(&c);
}
END_TEST

START_TEST(all_slips_are_told_at_once)
{
	struct faults faults = { 0 };
	struct config c;

	ck_assert_int_eq(
	    apply(&c, "[run]\njobs = 0\nlease = 1\n[audit]\nfiles = 3\nx = 1\n[y]\n", &faults), -1);
	ck_assert_int_eq(faults.count, 4);
	faults_clear(&faults);
	config_clear(&c);
}
END_TEST

START_TEST(every_row_has_help)
{
	for (const struct setting *s = config_settings; s->section != NULL; s++) {
		ck_assert_ptr_nonnull(s->help);
		ck_assert_str_ne(setting_type_name(s->type), "");
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config");
	TCase *tc = tcase_create("config");

	tcase_add_test(tc, defaults_are_those_of_the_rows);
	tcase_add_test(tc, servers_of_mcp_are_taken);
	tcase_add_test(tc, all_settings_are_taken);
	tcase_add_test(tc, limits_fall_back_to_the_default);
	tcase_add_loop_test(tc, a_slip_is_told_with_its_place, 0, sizeof(slips) / sizeof(slips[0]));
	tcase_add_test(tc, all_slips_are_told_at_once);
	tcase_add_test(tc, every_row_has_help);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
