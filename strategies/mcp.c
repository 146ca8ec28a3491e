/*
 * The mcp strategy: an objective becomes the call of a tool that a server of the
 * Model Context Protocol offers. A capability says which:
 *
 *	[mcp]
 *	server = "azure"	of [mcp] servers in the configuration
 *	tool = "storage_account_create"
 *	arguments = { ... }	a string that is one placeholder keeps the parameter's type, and
 *				"{tags}" is the object of all tags
 *	id = "id"		where the resource's id is in the structured answer
 *	outputs = { id = "id" }	the objective's field = where it is in that answer
 *	summary = "..."		what it does, for people; may hold placeholders
 *	idempotent = true	calling it twice is as calling it once; where the tool itself says so
 *				that is heeded as well, by whoever calls it
 *	all_or_nothing = true	where it refuses (rights, quota, wrong input ...) it has made nothing;
 *				else an error of the tool leaves doubt
 *	timeout = "20m"		of the call; settle = "5m": how long an unanswered request may
 *				still take effect
 *
 *	[mcp.check]		the tool that looks whether it is there; without one, what is in
 *				doubt is held for a person
 *	tool, arguments		as above; the answer has id and outputs in the same places
 *	found = "exists"	what is false, null or empty in the answer, or missing, if it is absent
 *	absent = "no such disk"	what the tool's error says if it is absent, and never otherwise; not
 *				heeded where the tool could not look; codes of Azure's are known
 *	tags = "tags"		where its tags are, by which it is told whose it is
 *	state = "state"		where its state is: Succeeded, Failed, Canceled, or else in the making
 *
 *	[mcp.undo]		the tool that takes it away; needs the check, which proves it
 *	tool, arguments		as above, with {resource}
 *
 * One step, whose calls go to the server and not to a process. Where there is no
 * such table, a tool may be found by its name and schema: see mcp_match.h.
 */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/keys.h"
#include "strategies/azure_step.h"
#include "strategies/mcp_answer.h"
#include "strategies/mcp_match.h"
#include "strategies/step_keys.h"
#include "strategies/strategy.h"
#include "strategies/values.h"

/* ---- validate ---- */

static const struct key keys[] = {
	{ "server", KEY_STRING, true, NULL },
	{ "tool", KEY_STRING, true, NULL },
	{ "arguments", KEY_OBJECT, false, NULL },
	{ "id", KEY_STRING, false, NULL },
	{ "outputs", KEY_OBJECT, false, NULL },
	{ "summary", KEY_STRING, false, NULL },
	{ "idempotent", KEY_BOOLEAN, false, NULL },
	{ "all_or_nothing", KEY_BOOLEAN, false, NULL },
	{ "timeout", KEY_STRING, false, NULL },
	{ "settle", KEY_STRING, false, NULL },
	{ "check", KEY_OBJECT, false, NULL },
	{ "undo", KEY_OBJECT, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

static const struct key check_keys[] = {
	{ "tool", KEY_STRING, true, NULL },
	{ "arguments", KEY_OBJECT, false, NULL },
	{ "found", KEY_STRING, false, NULL },
	{ "absent", KEY_STRING, false, NULL },
	{ "tags", KEY_STRING, false, NULL },
	{ "state", KEY_STRING, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

static const struct key undo_keys[] = {
	{ "tool", KEY_STRING, true, NULL },
	{ "arguments", KEY_OBJECT, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

static int
check_outputs(struct azure_step_check *c)
{
	const cJSON *outputs = keys_get(c->table, "outputs"), *output;
	int rc = 0;

	cJSON_ArrayForEach (output, outputs)
		if (!cJSON_IsString(output))
			rc = azure_step_fault(
			    c, output, "\"%s\" must say where it is in the answer", output->string);
	for (size_t i = 0; i < c->capability->n_outputs; i++)
		if (keys_get(outputs, c->capability->outputs[i].name) == NULL)
			rc = azure_step_fault(c, c->table, "mcp gives no output \"%s\"",
			    c->capability->outputs[i].name);
	return rc;
}

/* No secret in what only looks or takes away: it would have to be known for as long as the thing stands. */
static int
check_no_secret(struct azure_step_check *c, const cJSON *arguments)
{
	const cJSON *argument;
	int rc = 0;

	cJSON_ArrayForEach (argument, arguments) {
		const struct parameter *p = values_parameter(c->capability, argument);

		if (p != NULL && p->secret)
			rc = azure_step_fault(c, argument,
			    "{%s} is a secret: only the arguments of the run may hold one",
			    p->name);
	}
	return rc;
}

static int
check_part(struct azure_step_check *c, const char *name, const struct key *part_keys,
    const char *what, const char *extra)
{
	const cJSON *part = keys_get(c->table, name), *arguments = keys_get(part, "arguments");

	if (part == NULL)
		return 0;
	if (keys_check(&c->capability->doc, part, part_keys, what, c->faults) < 0)
		return -1;
	return values_check(c, arguments, extra) | check_no_secret(c, arguments);
}

static int
validate(const struct capability *capability, struct faults *faults)
{
	struct azure_step_check c = {
		.capability = capability,
		.faults = faults,
		.table = keys_get(capability->strategies, mcp.name),
	};
	const cJSON *undo = keys_get(c.table, "undo");
	int rc = 0;

	if (keys_check(&capability->doc, c.table, keys, "mcp", faults) < 0)
		return -1;
	rc |= values_check(&c, keys_get(c.table, "arguments"), NULL);
	rc |= check_part(&c, "check", check_keys, "mcp.check", NULL);
	rc |= check_part(&c, "undo", undo_keys, "mcp.undo", "resource");
	if (undo != NULL && keys_get(c.table, "check") == NULL)
		rc = azure_step_fault(
		    &c, undo, "\"undo\" without \"check\": nothing would prove that it is gone");
	rc |= check_outputs(&c);
	return rc | step_keys_check(&c);
}

/* ---- the choice ---- */

static const cJSON *
table_of(const struct capability *c)
{
	return keys_get(c->strategies, mcp.name);
}

/* MCP comes first where the capability itself says how. */
static bool
suits(const struct capability *c)
{
	return table_of(c) != NULL;
}

static char *
lacks(const struct capability *c, const struct mcp_offer *offer)
{
	const char *server = keys_str(table_of(c), "server");

	if (table_of(c) == NULL)
		return mcp_match_lacks(c, offer);
	if (offer->servers != NULL && mcp_servers_find(offer->servers, server) != NULL)
		return NULL;
	return xasprintf("its server \"%s\" is not configured", server);
}

/* ---- compile ---- */

/* One call of the step: TABLE has tool and arguments. */
static int
compile_call(struct filling *f, const char *server, const cJSON *table, struct strv *call,
    cJSON **secrets, struct faults *faults)
{
	AUTO_JSON cJSON *arguments = cJSON_CreateObject();

	if (values_fill(f, keys_get(table, "arguments"), arguments, secrets, faults) < 0)
		return -1;
	plan_tool_call(call, server, keys_str(table, "tool"), arguments);
	return 0;
}

/* What reading the answers needs beside id and outputs. */
static cJSON *
hints_of(const cJSON *table)
{
	static const char *const of_check[] = { "found", "absent", "tags", "state" };
	const cJSON *check = keys_get(table, "check");
	cJSON *hints = cJSON_CreateObject();

	for (size_t i = 0; i < COUNT_OF(of_check); i++)
		json_add_str(hints, of_check[i], keys_str(check, of_check[i]));
	if (cJSON_IsTrue(keys_get(table, "all_or_nothing")))
		json_add_bool(hints, MCP_ALL_OR_NOTHING, true);
	return hints;
}

static int
compile_calls(struct filling *f, const cJSON *table, struct step *step, struct faults *faults)
{
	const cJSON *check = keys_get(table, "check"), *undo = keys_get(table, "undo");
	int rc = compile_call(f, step->server, table, &step->run, &step->secrets, faults);

	if (rc == 0 && check != NULL) {
		rc = compile_call(f, step->server, check, &step->checks[0], NULL, faults);
		step->n_checks = 1;
	}
	if (rc == 0 && undo != NULL) {
		rc = compile_call(f, step->server, undo, &step->undo, NULL, faults);
		strv_copy(&step->prove, &step->checks[0]);
	}
	return rc;
}

static int
compile_step(struct filling *f, const cJSON *table, struct step *step, struct faults *faults)
{
	const struct plan_request *request = f->request;
	AUTO_FREE char *where = objective_label(request->objective);
	const char *summary = keys_str(table, "summary"), *id = keys_str(table, "id");
	const cJSON *outputs = keys_get(table, "outputs");

	step->name = xstrdup(keys_str(table, "tool"));
	step->server = xstrdup(keys_str(table, "server"));
	step->summary = summary != NULL
	    ? filling_text(f, summary, where, faults)
	    : xasprintf("call %s of the server %s", step->name, step->server);
	step_keys_compile(f, table, step);
	step->id = xstrdup(id != NULL ? id : "id");
	step->outputs = outputs != NULL ? cJSON_Duplicate(outputs, true) : NULL;
	step->hints = hints_of(table);
	return step->summary != NULL ? compile_calls(f, table, step, faults) : -1;
}

static int
compile(const struct plan_request *request, struct plan *plan, struct faults *faults)
{
	const struct capability *c = request->capability;
	AUTO_JSON cJSON *match = table_of(c) == NULL ? mcp_match(c, &request->mcp) : NULL;
	const cJSON *table = match != NULL ? match : table_of(c);
	struct filling f;
	int rc;

	plan_init(plan);
	rc = filling_init(&f, request, faults);
	plan->strategy = xstrdup(mcp.name);
	plan->objective_id = xstrdup(f.id);
	if (match != NULL)
		strv_addf(&plan->reasons,
		    "mcp: the tool %s of the server %s fits \"%s\" by name and schema",
		    keys_str(match, "tool"), keys_str(match, "server"), c->name);
	if (rc == 0)
		rc = compile_step(&f, table, plan_add(plan), faults);
	if (rc == -1)
		plan_clear(plan);
	filling_clear(&f);
	return rc;
}

const struct strategy mcp = {
	.name = "mcp",
	.summary = "The Model Context Protocol: tools of the servers that are configured.",
	.lacks = lacks,
	.suits = suits,
	.validate = validate,
	.compile = compile,
	.read = mcp_answer_read,
};
