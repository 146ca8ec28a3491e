/*
 * The terraform strategy: an objective becomes a module that terraform applies
 * in a folder of the objective's own.
 *
 *	[terraform]
 *	folder = "terraform"	the module, in the capability's folder: files NAME.tf
 *	values = { ... }	its variables; a string that is one placeholder keeps the parameter's
 *				type, and "{tags}" is the object of all tags
 *	outputs = { id = "id" }	the objective's field = the module's output
 *	timeout = "60m"		of the apply; settle = "5m": how long an unanswered request may
 *				still take effect
 *	complex = true		several resources: terraform is the better choice for it
 *	planned = { ... }	what a plan says of the cost: strategies/terraform_planned.h
 *
 * The module is static, and a part of the plan: what was approved is what is
 * applied. Values go in by terraform.tfvars.json, secrets by a descriptor, so that
 * no value is ever read as code. One step, whose calls are
 *
 *	checks	init, and plan: the plan is saved, and says what is missing; and where the
 *		capability prices what is planned, show -json of it
 *	run	apply of that saved plan; one that changes nothing does nothing
 *	collect	plan -refresh-only: all that the state knows of, with its ids, no secrets
 *	guard	state list: is it in the state still?
 *	undo	destroy: all of the state, so that the first undo does the work of all
 *	prove	state list
 *
 * A run that was lost is never repeated by its old plan. What it has completed is
 * imported first, where the state lacks it; then it is planned anew, and that plan
 * makes what is missing. The journal of a run is what it told with -json.
 */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/keys.h"
#include "strategies/step_keys.h"
#include "strategies/strategy.h"
#include "strategies/terraform_backend.h"
#include "strategies/terraform_check.h"
#include "strategies/terraform_failure.h"
#include "strategies/terraform_mend.h"
#include "strategies/terraform_planned.h"
#include "strategies/terraform_stream.h"
#include "strategies/values.h"

#define PLAN_FILE "purser.tfplan"
#define VALUES_FILE "terraform.tfvars.json"
#define SECRETS_FILE "secrets.auto.tfvars.json"
/* Only what writes the state takes its lock: a look that is killed leaves none behind. */
#define LOCK_TIMEOUT "-lock-timeout=20s"
#define NO_LOCK "-lock=false"

enum { CALL_INIT, CALL_PLAN, CALL_SHOW };

static const char *const set[] = {
	"TF_IN_AUTOMATION=1",
	"TF_INPUT=0",
	"CHECKPOINT_DISABLE=1",
	"LC_ALL=C.UTF-8",
	NULL,
};

static const char *const unset[] = {
	/* They change what a command means, or where it writes. */
	"TF_CLI_ARGS*",
	"TF_VAR_*",
	"TF_WORKSPACE",
	"TF_DATA_DIR",
	"TF_LOG*",
	"TF_REATTACH_PROVIDERS",
	"TF_PLUGIN_CACHE_*",
	"TF_STATE_*",
	"TF_FORCE_*",
	"TF_SKIP_*",
	"TF_IGNORE",
	NULL,
};

static const struct environment environment = {
	.set = set,
	.unset = unset,
};

static bool
suits(const struct capability *c)
{
	return cJSON_IsTrue(keys_get(keys_get(c->strategies, terraform.name), "complex"));
}

/* ---- compile ---- */

/* terraform in the objective's folder; a subscription that is known is the one that it works in. */
static void
begin_call(struct strv *argv, const char *subscription, const char *verb)
{
	if (subscription != NULL) {
		strv_add(argv, "env");
		strv_addf(argv, "ARM_SUBSCRIPTION_ID=%s", subscription);
	}
	strv_add(argv, "terraform");
	strv_add(argv, "-chdir={work}");
	strv_add(argv, verb);
}

static void
add_words(struct strv *argv, const char *const *words)
{
	for (; *words != NULL; words++)
		strv_add(argv, *words);
}

static void
compile_calls(const struct plan_request *request, const char *subscription, struct step *step)
{
	static const char *const init[] = { "-input=false", "-no-color", NULL };
	static const char *const plan[] = { "-input=false", "-json", "-detailed-exitcode",
		NO_LOCK, "-out=" PLAN_FILE, NULL };
	static const char *const show[] = { "-json", PLAN_FILE, NULL };
	static const char *const apply[] = { "-input=false", "-json", LOCK_TIMEOUT, PLAN_FILE,
		NULL };
	static const char *const refresh[] = { "-refresh-only", "-input=false", "-json",
		NO_LOCK, NULL };
	static const char *const destroy[] = { "-auto-approve", "-input=false", "-json",
		LOCK_TIMEOUT, NULL };
	static const char *const list[] = { "list", "-no-color", "-id={resource}", NULL };
	struct call {
		struct strv *argv;
		const char *verb;
		const char *const *words;
	} calls[] = {
		{ &step->checks[CALL_INIT], "init", init },
		{ &step->checks[CALL_PLAN], "plan", plan },
		{ &step->checks[CALL_SHOW], "show", show },
		{ &step->run, "apply", apply },
		{ &step->collect, "plan", refresh },
		{ &step->guard, "state", list },
		{ &step->undo, "destroy", destroy },
		{ &step->prove, "state", list },
	};

	terraform_backend_begin_init(request, &step->checks[CALL_INIT]);
	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		begin_call(calls[i].argv, subscription, calls[i].verb);
		add_words(calls[i].argv, calls[i].words);
	}
	step->n_checks = step->planned != NULL ? CALL_SHOW + 1 : CALL_PLAN + 1;
}

static int
compile_workspace(struct filling *f, const cJSON *table, struct step *step, struct faults *faults)
{
	const struct capability *c = f->request->capability;
	cJSON *values = cJSON_CreateObject(), *backend;

	step->workspace = cJSON_CreateObject();
	for (size_t i = 0; i < c->n_files; i++) {
		const char *name = terraform_module_file(table, &c->files[i]);

		if (name != NULL)
			json_add_str(step->workspace, name, c->files[i].text);
	}
	backend = terraform_backend_file(f->request, f->id);
	if (backend != NULL)
		cJSON_AddItemToObject(step->workspace, TERRAFORM_BACKEND_FILE, backend);
	cJSON_AddItemToObject(step->workspace, VALUES_FILE, values);
	if (values_fill(f, keys_get(table, "values"), values, &step->secrets, faults) < 0)
		return -1;
	if (step->secrets != NULL)
		json_add_bool(step->workspace, SECRETS_FILE, true);
	return 0;
}

static int
compile(const struct plan_request *request, struct plan *plan, struct faults *faults)
{
	const cJSON *table = keys_get(request->capability->strategies, terraform.name), *output;
	const char *subscription = request->objective->subscription != NULL
	    ? request->objective->subscription
	    : request->subscription;
	struct filling f;
	struct step *step;
	int rc;

	plan_init(plan);
	rc = filling_init(&f, request, faults);
	plan->strategy = xstrdup(terraform.name);
	plan->objective_id = xstrdup(f.id);
	step = plan_add(plan);
	step->name = xstrdup("module");
	step->summary = xasprintf("apply the module of %s", request->capability->name);
	step_keys_compile(&f, table, step);
	step->idempotent = true;
	step->outputs = cJSON_CreateObject();
	cJSON_ArrayForEach (output, keys_get(table, "outputs"))
		json_add_str(step->outputs, output->string, output->valuestring);
	step->planned = terraform_planned_compile(request->capability, table);
	if (rc == 0)
		rc = compile_workspace(&f, table, step, faults);
	compile_calls(request, subscription, step);
	if (rc == -1)
		plan_clear(plan);
	filling_clear(&f);
	return rc;
}

/* ---- read ---- */

static bool
is_good(const struct result *r)
{
	return r->ending == END_EXITED && r->code == 0;
}

/* With -detailed-exitcode 2 says that there is something to do. */
static bool
is_planned(const struct result *r)
{
	return r->ending == END_EXITED && (r->code == 0 || r->code == 2);
}

static bool
read_outputs(const struct step *step, const cJSON *told, struct reading *reading)
{
	const cJSON *name;
	bool complete = true;

	reading->outputs = cJSON_CreateObject();
	cJSON_ArrayForEach (name, step->outputs) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(
		    cJSON_GetObjectItemCaseSensitive(told, name->valuestring), "value");

		if (value != NULL && !cJSON_IsNull(value))
			cJSON_AddItemToObject(
			    reading->outputs, name->string, cJSON_Duplicate(value, true));
		else
			complete = false;
	}
	return complete;
}

/* Whether it has anything to do or not: the saved plan is what makes it so. */
static void
tell_part(struct reading *reading, bool stands)
{
	reading->answer = stands ? ANSWER_OURS_COMPLETE : ANSWER_ABSENT;
	reading->ended_badly = stands;
}

/* It holds values in clear. */
static void
read_planned(const struct failure_table *known, const struct step *step, const struct result *r,
    struct reading *reading)
{
	AUTO_JSON cJSON *plan = terraform_planned_parse(r);

	reading->conclusive = true;
	reading->confidential = true;
	reading->answer = ANSWER_CANNOT_TELL;
	if (!is_good(r))
		terraform_failure(known, step, r, NULL, &reading->failure);
	else if ((reading->planned = terraform_planned_read(step->planned, plan, r->out)) != NULL)
		tell_part(reading, terraform_planned_stands(plan, &reading->resources));
	else
		failure_set(&reading->failure, FAILURE_INVALID, "PlanUnreadable", step->name,
		    "terraform did not tell its plan in a form that is known");
}

static void
add_ids(const struct terraform_resources *list, struct strv *ids)
{
	for (size_t i = 0; i < list->ids.len; i++)
		if (!strv_has(ids, list->ids.v[i]))
			strv_add(ids, list->ids.v[i]);
}

static void
read_check(const struct failure_table *known, const struct step *step, size_t call,
    const struct result *r, struct reading *reading)
{
	struct terraform_stream s;

	if (call == CALL_INIT) {
		reading->conclusive = !is_good(r);
		if (reading->conclusive)
			terraform_failure(known, step, r, NULL, &reading->failure);
		return;
	}
	if (call == CALL_SHOW) {
		read_planned(known, step, r, reading);
		return;
	}
	terraform_stream_read(&s, r->out);
	reading->conclusive = true;
	if (is_planned(r)) {
		add_ids(&s.known, &reading->resources);
		tell_part(reading, s.stands);
		reading->conclusive = step->planned == NULL;
	} else {
		terraform_failure(known, step, r, &s, &reading->failure);
		terraform_mend_lock(step, &s, reading);
	}
	terraform_stream_clear(&s);
}

/* It ended by itself, with an error: what it made is in the state. */
static void
read_bad_end(const struct step *step, const struct terraform_stream *s, const struct result *r,
    struct reading *reading)
{
	if (terraform_mend_is_unsaved(r, &reading->failure)) {
		reading->outcome = OUTCOME_IN_DOUBT;
		terraform_mend_unsaved(step, reading);
	} else if (s->began || r->out_cut) {
		reading->outcome = OUTCOME_HAPPENED;
		reading->ended_badly = true;
	} else {
		reading->outcome = OUTCOME_DID_NOT_HAPPEN;
		terraform_mend_lock(step, s, reading);
	}
}

/* It was cut off. Whatever it has told of the state or of its plan it told with the lock. */
static void
note_lost(const struct terraform_stream *s, struct reading *reading)
{
	reading->lost = true;
	reading->held = s->planned || s->began || s->stands;
}

static void
read_run(const struct failure_table *known, const struct step *step, const struct result *r,
    struct reading *reading)
{
	struct terraform_stream s;

	terraform_stream_read(&s, r->out);
	add_ids(&s.made, &reading->resources);
	add_ids(&s.removed, &reading->gone);
	if (is_good(r)) {
		reading->outcome = OUTCOME_HAPPENED;
		if (!read_outputs(step, s.outputs, reading)) {
			failure_set(&reading->failure, FAILURE_INVALID, "OutputMissing", step->name,
			    "the module gives no value for an output that its capability promises");
			reading->ended_badly = true;
		}
	} else {
		terraform_failure(known, step, r, &s, &reading->failure);
		if (r->ending == END_NOT_STARTED) {
			reading->outcome = OUTCOME_DID_NOT_HAPPEN;
		} else if (r->ending == END_EXITED) {
			read_bad_end(step, &s, r, reading);
		} else {
			reading->outcome = OUTCOME_IN_DOUBT;
			note_lost(&s, reading);
			/* It may have come as far as to write that file: then it has all that was made. */
			terraform_mend_unsaved(step, reading);
			terraform_mend_state(step, &s, reading);
		}
	}
	terraform_stream_clear(&s);
}

static void
read_collection(const struct failure_table *known, const struct step *step, const struct result *r,
    struct reading *reading)
{
	struct terraform_stream s;

	terraform_stream_read(&s, r->out);
	if (is_planned(r) && !r->out_cut) {
		reading->outcome = OUTCOME_HAPPENED;
		add_ids(&s.found, &reading->resources);
	} else {
		terraform_failure(known, step, r, &s, &reading->failure);
		terraform_mend_lock(step, &s, reading);
		terraform_mend_init(step, reading);
	}
	terraform_stream_clear(&s);
}

static void
read_undo(const struct failure_table *known, const struct step *step, const struct result *r,
    struct reading *reading)
{
	struct terraform_stream s;

	terraform_stream_read(&s, r->out);
	/* What the state had, as far as it has come to read it. */
	add_ids(&s.known, &reading->resources);
	add_ids(&s.doomed, &reading->resources);
	if (is_good(r)) {
		reading->outcome = OUTCOME_HAPPENED;
	} else {
		reading->outcome = OUTCOME_IN_DOUBT;
		/* One that has ended by itself has given its lock back. */
		if (r->ending == END_EXITED)
			reading->outcome = s.began ? OUTCOME_HAPPENED : OUTCOME_DID_NOT_HAPPEN;
		else
			note_lost(&s, reading);
		terraform_failure(known, step, r, &s, &reading->failure);
		terraform_mend_lock(step, &s, reading);
		terraform_mend_init(step, reading);
	}
	terraform_stream_clear(&s);
}

/* A line for each address that has the id. Nothing was ever made where there is no state. */
static void
read_list(const struct failure_table *known, const struct step *step, const struct result *r,
    struct reading *reading)
{
	reading->conclusive = true;
	if (!is_good(r) && strstr(r->err, "No state file was found") != NULL) {
		reading->answer = ANSWER_ABSENT;
	} else if (!is_good(r)) {
		terraform_failure(known, step, r, NULL, &reading->failure);
		terraform_mend_init(step, reading);
	} else {
		reading->answer =
		    r->out[strspn(r->out, " \n")] == '\0' ? ANSWER_ABSENT : ANSWER_OURS_COMPLETE;
	}
}

static void
read_result(const struct failure_table *known, const struct plan *plan, const struct step *step,
    enum act act, size_t call, const char *resource, const struct result *r,
    struct reading *reading)
{
	(void)plan;
	(void)resource;
	switch (act) {
	case ACT_CHECK:
		read_check(known, step, call, r, reading);
		break;
	case ACT_RUN:
		read_run(known, step, r, reading);
		break;
	case ACT_COLLECT:
		read_collection(known, step, r, reading);
		break;
	case ACT_UNDO:
		read_undo(known, step, r, reading);
		break;
	case ACT_GUARD:
	case ACT_PROVE:
		read_list(known, step, r, reading);
		break;
	case ACT_MEND:
		terraform_mend_read(known, step, r, reading);
		break;
	case ACTS:
		break;
	}
}

const struct strategy terraform = {
	.name = "terraform",
	.summary = "Terraform: a module for each capability.",
	.environment = &environment,
	.tool = "terraform",
	.install = "https://developer.hashicorp.com/terraform/install",
	.suits = suits,
	.validate = terraform_check,
	.compile = compile,
	.read = read_result,
	.progress = terraform_progress,
};
