/*
 * The azure_cli strategy: an objective becomes calls of the real Azure CLI.
 *
 * A capability says how in rows of [[azure_cli.step]]. Common to all steps:
 *
 *	name		short, unique in the capability; part of deployment names
 *	summary		what it does, for people; may hold placeholders
 *	when		a boolean parameter: the step is left out unless it is true
 *	timeout		of the run, "20m"; else the setting of the runner
 *	settle		how long an unanswered request may still take effect, "5m"
 *	targets		what it makes: "/Microsoft.Storage/storageAccounts/{name}", or a table
 *			{ id = "/.../{name}-{n}", each = "count", when = "public_ip" };
 *			each needs a "max" of at most 1000. Of a template they must cover the
 *			type of every resource, or that of its parent
 *	outputs		field = "where it is in the answer"; of a template: its output's name
 *
 * A step that is a command:
 *
 *	run, check	argv arrays. A value stands after "=", as in --name={name}; the
 *			answer of run must come whole, without --query; the element "{tags...}" becomes purser-objective=ID and the labels
 *	undo, prove	argv arrays, with {resource}; else az resource delete and show
 *	guard		an argv array that ends in "list" and may hold {resource}: all that the
 *			undo would take. It is asked before each undo, and anything in its
 *			answer that is not this objective's stops the undo
 *	id		where the resource's id is in the answers; "id"
 *	idempotent	running it twice is as running it once
 *
 * A step that is an ARM template:
 *
 *	template	a file of the folder
 *	values		its parameters; a string that is one placeholder keeps the
 *			parameter's type, and "{tags}" is the object of all tags
 *
 * Placeholders are the capability's parameters and {region}, {resource_group},
 * {objective}, {batch} and {hash}.
 */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/keys.h"
#include "strategies/azure_answer.h"
#include "strategies/azure_step.h"
#include "strategies/strategy.h"

#define NAME_MAX_BYTES 24 /* of a step, so that deployment names have room */

static const char *const set[] = {
	"AZURE_CORE_OUTPUT=json",
	"AZURE_CORE_ONLY_SHOW_ERRORS=true",
	"AZURE_CORE_NO_COLOR=true",
	"AZURE_CORE_COLLECT_TELEMETRY=false",
	"AZURE_CORE_DISABLE_CONFIRM_PROMPT=true",
	"AZURE_CORE_LOGIN_EXPERIENCE_V2=false",
	"AZURE_CORE_SURVEY_MESSAGE=false",
	"AZURE_CORE_DISABLE_PROGRESS_BAR=true",
	"AZURE_AUTO_UPGRADE_ENABLE=false",
	"AZURE_BICEP_CHECK_VERSION=false",
	"AZURE_CLIENTS_SHOW_SECRETS_WARNING=false",
	/* Nothing is installed in the middle of a batch. */
	"AZURE_EXTENSION_USE_DYNAMIC_INSTALL=no",
	"AZURE_LOGGING_ENABLE_LOG_FILE=false",
	/* Labels may hold any UTF-8, also under a cron job's C locale. */
	"LC_ALL=C.UTF-8",
	NULL,
};

static const char *const unset[] = {
	/* They change what a command means. */
	"AZURE_DEFAULTS_*",
	"AZURE_STORAGE_*",
	"AZURE_LOGGING_*",
	"AZURE_CLI_DISABLE_CONNECTION_VERIFICATION",
	"AZURE_CLI_DIAGNOSTICS_TELEMETRY",
	NULL,
};

/* What is large, what az makes anew, and what two processes must not share. */
static const char *const config_skip[] = {
	"logs",
	"commands",
	"telemetry",
	"telemetry.txt",
	"cliextensions",
	"object_cache",
	"bin",
	"azuredevops",
	"error_diagnostics",
	"recommendation",
	"versionCheck.json",
	"extensionIndex.json",
	"extensionCommandTree.json",
	"msal_http_cache.bin",
	"msal_token_cache.json.lockfile",
	"msal_token_cache.bin.lockfile",
	"service_principal_entries.json.lockfile",
	NULL,
};

static const struct environment environment = {
	.set = set,
	.unset = unset,
	.config_variable = "AZURE_CONFIG_DIR",
	.config_default = ".azure",
	.config_skip = config_skip,
	.agent_variable = "AZURE_HTTP_USER_AGENT",
};

static bool
is_template(const cJSON *table)
{
	return keys_get(table, "template") != NULL;
}

static int
check_name(struct azure_step_check *c, const struct strv *names)
{
	const cJSON *name = keys_get(c->table, "name");
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	if (!cJSON_IsString(name))
		return 0; /* keys_check() has told it */
	if (!*name->valuestring || *name->valuestring == '-' ||
	    strspn(name->valuestring, allowed) != strlen(name->valuestring) ||
	    strlen(name->valuestring) > NAME_MAX_BYTES)
		return azure_step_fault(c, name,
		    "\"%s\" is no name of a step, expected a-z, 0-9 and -, at most %d",
		    name->valuestring, NAME_MAX_BYTES);
	if (strv_has(names, name->valuestring))
		return azure_step_fault(
		    c, name, "a second step is named \"%s\"", name->valuestring);
	return 0;
}

static int
check_common(struct azure_step_check *c, const struct strv *names)
{
	const cJSON *summary = keys_get(c->table, "summary"), *when = keys_get(c->table, "when");
	int rc = check_name(c, names);

	rc |= azure_step_check_span(c, "timeout");
	rc |= azure_step_check_span(c, "settle");
	if (cJSON_IsString(summary))
		rc |= azure_step_check_text(c, summary, summary->valuestring, NULL);
	if (cJSON_IsString(when)) {
		const struct parameter *p = capability_parameter(c->capability, when->valuestring);
		if (!p || p->type != VALUE_BOOLEAN)
			rc = azure_step_fault(c, when,
			    "\"when\" is \"%s\", expected a boolean parameter", when->valuestring);
	}
	return rc;
}

/* Every output that the capability promises must come from a step that always runs. */
static int
check_outputs(struct azure_step_check *c, const cJSON *steps)
{
	int rc = 0;

	for (size_t i = 0; i < c->capability->n_outputs; i++) {
		const char *name = c->capability->outputs[i].name;
		const cJSON *step;
		bool given = false;

		cJSON_ArrayForEach (step, steps)
			given |=
			    keys_get(keys_get(step, "outputs"), name) && !keys_get(step, "when");
		if (!given)
			rc = azure_step_fault(
			    c, steps, "no step that always runs gives the output \"%s\"", name);
	}
	return rc;
}

static int
validate(const struct capability *capability, struct faults *faults)
{
	static const struct key keys[] = {
		{ "step", KEY_OBJECTS, true, NULL },
		{ NULL, KEY_ANY, false, NULL },
	};
	struct azure_step_check c = { .capability = capability, .faults = faults };
	const cJSON *table = keys_get(capability->strategies, azure_cli.name), *steps;
	struct strv names = { 0 };
	int rc = 0;

	if (keys_check(&capability->doc, table, keys, "azure_cli", faults) < 0)
		return -1;
	steps = keys_get(table, "step");
	if (!steps->child)
		return azure_step_fault(&c, table, "azure_cli has no step");
	cJSON_ArrayForEach (c.table, steps) {
		rc |= check_common(&c, &names);
		rc |= is_template(c.table) ? azure_template_check(&c) : azure_command_check(&c);
		if (keys_str(c.table, "name"))
			strv_add(&names, keys_str(c.table, "name"));
	}
	strv_clear(&names);
	rc |= check_outputs(&c, steps);
	return rc;
}

static int
compile_step(struct filling *f, const cJSON *table, struct plan *plan, struct faults *faults)
{
	AUTO_FREE char *where = objective_label(f->words.objective);
	struct step *step = plan_add(plan);

	step->name = xstrdup(keys_str(table, "name"));
	step->summary = filling_text(f, keys_str(table, "summary"), where, faults);
	step->existing = f->request->capability->existing;
	step->timeout_ms = azure_step_span(table, "timeout", f->request->step_timeout_ms);
	step->settle_ms = azure_step_span(table, "settle", SETTLE_MS);
	step->idempotent = cJSON_IsTrue(keys_get(table, "idempotent"));
	if (!step->summary)
		return -1;
	return is_template(table) ? azure_template_compile(f, table, step, faults)
				  : azure_command_compile(f, table, step, faults);
}

static int
compile(const struct plan_request *request, struct plan *plan, struct faults *faults)
{
	const cJSON *steps = json_at(request->capability->strategies, "azure_cli.step"), *table;
	AUTO_FREE char *where = objective_label(request->objective);
	struct filling f;
	int rc;

	plan_init(plan);
	rc = filling_init(&f, request, faults);
	plan->strategy = xstrdup(azure_cli.name);
	plan->objective_id = xstrdup(f.id);
	cJSON_ArrayForEach (table, steps) {
		const char *when = keys_str(table, "when");
		if (rc == 0 && (!when || cJSON_IsTrue(filling_value(&f, when))))
			rc = compile_step(&f, table, plan, faults);
	}
	if (rc == 0 && plan->len == 0)
		rc = faults_add(faults, where, "\"%s\" has no step for azure_cli to do here",
		    request->capability->name);
	if (rc == -1)
		plan_clear(plan);
	filling_clear(&f);
	return rc;
}

static void
read_result(const struct failure_table *known, const struct plan *plan, const struct step *step,
    enum act act, size_t call, const char *resource, const struct result *result,
    struct reading *reading)
{
	if (azure_step_is_template(step))
		azure_template_read(known, plan, step, act, call, resource, result, reading);
	else
		azure_command_read(known, plan, step, act, resource, result, reading);
}

static const char *const probe[] = { "az", "account", "show", "--output=json", "--only-show-errors",
	NULL };

static char *
read_probe(const struct failure_table *known, const struct result *result, struct failure *why)
{
	AUTO_JSON cJSON *answer = azure_answer_is_good(result) ? azure_answer_parse(result) : NULL;
	const char *id = json_str(answer, "id");
	struct azure_error error;

	if (id != NULL)
		return xstrdup(id);
	azure_answer_why(known, NULL, result, why, &error);
	/* Most of what can go wrong with this question is that nobody is logged in. */
	if (why->class == FAILURE_UNKNOWN)
		failure_set(why, FAILURE_AUTH, error.code, NULL, "%s", error.message);
	azure_error_clear(&error);
	return NULL;
}

const struct strategy azure_cli = {
	.name = "azure_cli",
	.summary = "The Azure CLI: az commands and ARM templates.",
	.environment = &environment,
	.tool = "az",
	.install = "https://learn.microsoft.com/cli/azure/install-azure-cli",
	.probe = probe,
	.read_probe = read_probe,
	.validate = validate,
	.compile = compile,
	.read = read_result,
};
