/*
 * A step that is an ARM template, deployed under a name that was fixed at
 * planning: the same name is the same deployment, which makes the step
 * idempotent, and the record under that name tells afterwards what became of
 * it. The template is a static file; values go in by a parameters file.
 */
#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "core/keys.h"
#include "core/placeholder.h"
#include "strategies/azure_answer.h"
#include "strategies/azure_step.h"

#define PARAMETERS_FILE "parameters.json"
#define PARAMETERS_SCHEMA \
	"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
#define DEPLOYMENT_NAME_MAX 64  /* Azure's limit */
#define DEPLOYMENT_ID_DIGITS 12 /* of the objective's id: its random tail */

/* What the two queries leave of the answers. */
#define LIST_QUERY "[].{id:id,tags:tags,state:provisioningState}"
#define OPERATIONS_QUERY                                                                  \
	"[].{id:properties.targetResource.id,operation:properties.provisioningOperation," \
	"state:properties.provisioningState,time:properties.timestamp}"

/* ARM's name of a parameter type. */
static bool
arm_type_fits(const char *arm, enum value_type type)
{
	static const char *const names[VALUE_TYPES] = {
		[VALUE_STRING] = "string",
		[VALUE_INTEGER] = "int",
		[VALUE_NUMBER] = "",
		[VALUE_BOOLEAN] = "bool",
		[VALUE_ARRAY] = "array",
		[VALUE_OBJECT] = "object",
	};

	return strcasecmp(arm, names[type]) == 0;
}

static bool
arm_type_is_secure(const char *arm)
{
	return strncasecmp(arm, "secure", 6) == 0;
}

/* ARM compares names without case. */
static const cJSON *
arm_get(const cJSON *table, const char *name)
{
	return cJSON_GetObjectItem(table, name);
}

/* Any JSON with placeholders in its strings, but not in its keys. */
static int
check_inner_value(struct azure_step_check *c, const cJSON *value)
{
	struct placeholder found;
	const cJSON *item;
	int rc = 0;

	if (!cJSON_IsString(value)) {
		cJSON_ArrayForEach (item, value)
			if (check_inner_value(c, item) < 0)
				rc = -1;
		return rc;
	}
	if (!placeholder_is_whole(value->valuestring, &found))
		return azure_step_check_text(c, value, value->valuestring, NULL);
	if (strcmp(found.name, "tags") == 0 && !found.spliced)
		return 0;
	const struct parameter *p = capability_parameter(c->capability, found.name);
	if (!p)
		return azure_step_check_text(c, value, value->valuestring, NULL);
	if (p->secret)
		return azure_step_fault(c, value,
		    "{%s} is a secret: it may only be the whole value of a template's "
		    "parameter",
		    p->name);
	if (!p->required && !p->fallback)
		return azure_step_fault(c, value,
		    "{%s} may have no value: make it required, or give it a default", p->name);
	return 0;
}

/* A parameter of ours as the whole value of one of the template's. */
static int
check_handed_over(
    struct azure_step_check *c, const cJSON *value, const struct parameter *p, const cJSON *arm)
{
	const char *type = keys_str(arm, "type");

	if (!type)
		return azure_step_fault(
		    c, value, "the template's parameter \"%s\" has no type", value->string);
	if (p->secret != arm_type_is_secure(type))
		return azure_step_fault(c, value,
		    p->secret ? "{%s} is a secret, but the template's parameter is of "
				"type %s and not secureString"
			      : "{%s} is no secret, but the template's parameter is of "
				"type %s",
		    p->name, type);
	if (!p->secret && !arm_type_fits(type, p->type))
		return azure_step_fault(c, value,
		    "{%s} is of type %s, the template's parameter of type %s", p->name,
		    value_type_name(p->type), type);
	if (!p->required && !p->fallback && !keys_get(arm, "defaultValue"))
		return azure_step_fault(c, value,
		    "{%s} may have no value, and the template's parameter has no "
		    "default",
		    p->name);
	return 0;
}

static int
check_value(struct azure_step_check *c, const cJSON *value, const cJSON *arm_parameters)
{
	const cJSON *arm = arm_get(arm_parameters, value->string);
	struct placeholder found;

	if (!arm)
		return azure_step_fault(
		    c, value, "\"%s\" is no parameter of the template", value->string);
	if (cJSON_IsString(value) && placeholder_is_whole(value->valuestring, &found)) {
		const struct parameter *p = capability_parameter(c->capability, found.name);
		if (p)
			return check_handed_over(c, value, p, arm);
	}
	return check_inner_value(c, value);
}

static bool
holds_tags(const cJSON *value)
{
	const cJSON *item;

	if (cJSON_IsString(value))
		return strcmp(value->valuestring, "{tags}") == 0;
	cJSON_ArrayForEach (item, value)
		if (holds_tags(item))
			return true;
	return false;
}

static int
check_values(struct azure_step_check *c, const cJSON *template)
{
	const cJSON *values = keys_get(c->table, "values"),
		    *arm_parameters = keys_get(template, "parameters"), *item;
	int rc = 0;

	cJSON_ArrayForEach (item, values)
		if (check_value(c, item, arm_parameters) < 0)
			rc = -1;
	cJSON_ArrayForEach (item, arm_parameters)
		if (!keys_get(item, "defaultValue") && !arm_get(values, item->string))
			rc = azure_step_fault(c, values,
			    "the template's parameter \"%s\" has neither a value here nor "
			    "a default there",
			    item->string);
	if (!holds_tags(values))
		rc = azure_step_fault(c, values,
		    "no value is \"{tags}\": without its tag purser could not tell what "
		    "it made from what others made");
	return rc;
}

static int
check_outputs(struct azure_step_check *c, const cJSON *template)
{
	const cJSON *outputs = keys_get(c->table, "outputs"),
		    *arm_outputs = keys_get(template, "outputs"), *item;
	int rc = 0;

	cJSON_ArrayForEach (item, outputs) {
		const struct output *output = capability_output(c->capability, item->string);
		const cJSON *arm =
		    cJSON_IsString(item) ? keys_get(arm_outputs, item->valuestring) : NULL;

		if (!output)
			rc = azure_step_fault(c, item, "\"%s\" is no output of \"%s\"",
			    item->string, c->capability->name);
		else if (!arm)
			rc = azure_step_fault(c, item, "the template has no output \"%s\"",
			    cJSON_IsString(item) ? item->valuestring : "?");
		else if (!keys_str(arm, "type") ||
		    !arm_type_fits(keys_str(arm, "type"), output->type))
			rc = azure_step_fault(c, item,
			    "\"%s\" is of type %s, the template's output of another", item->string,
			    value_type_name(output->type));
	}
	return rc;
}

static int
check_file(struct azure_step_check *c, const cJSON *node, const struct capability_file **file)
{
	*file = capability_file(c->capability, node->valuestring);
	if (!*file)
		return azure_step_fault(
		    c, node, "there is no file \"%s\" in the folder", node->valuestring);
	if (!(*file)->json)
		return azure_step_fault(c, node, "\"%s\" is no ARM template: %s", node->valuestring,
		    (*file)->fault ? (*file)->fault : "its name does not end in .json");
	if (!keys_get((*file)->json, "$schema") || !keys_get((*file)->json, "contentVersion"))
		return azure_step_fault(c, node,
		    "\"%s\" is no ARM template: it lacks $schema or contentVersion",
		    node->valuestring);
	const cJSON *resources = keys_get((*file)->json, "resources");
	if (!resources || !resources->child)
		return azure_step_fault(
		    c, node, "the template \"%s\" makes nothing", node->valuestring);
	return 0;
}

int
azure_template_check(struct azure_step_check *c)
{
	static const struct key keys[] = {
		{ "name", KEY_STRING, true, NULL },
		{ "summary", KEY_STRING, true, NULL },
		{ "when", KEY_STRING, false, NULL },
		{ "template", KEY_STRING, true, NULL },
		{ "values", KEY_OBJECT, true, NULL },
		{ "outputs", KEY_OBJECT, false, NULL },
		{ "timeout", KEY_STRING, false, NULL },
		{ "settle", KEY_STRING, false, NULL },
		{ "targets", KEY_ANY, true, NULL },
		{ NULL, KEY_ANY, false, NULL },
	};
	const struct capability_file *file;
	int rc;

	if (keys_check(&c->capability->doc, c->table, keys, "a template step", c->faults) < 0)
		return -1;
	rc = azure_targets_check(c, true);
	if (!c->capability->needs_resource_group)
		rc = azure_step_fault(c, c->table,
		    "a template is deployed to a group: it needs requires = "
		    "[\"resource_group\"]");
	if (check_file(c, keys_get(c->table, "template"), &file) < 0)
		return -1;
	rc |= check_values(c, file->json);
	rc |= check_outputs(c, file->json);
	return rc;
}

/* "purser-1a2b3c4d5e6f-STEP-g0". The tail of an id is its random part. */
static char *
deployment_name(const struct filling *f, const char *step)
{
	char tail[DEPLOYMENT_ID_DIGITS + 1], end[16];
	size_t len = strlen(f->id);

	snprintf(tail, sizeof(tail), "%s",
	    len > DEPLOYMENT_ID_DIGITS ? f->id + len - DEPLOYMENT_ID_DIGITS : f->id);
	snprintf(end, sizeof(end), "-g%d", f->words.objective->generation);
	int room = DEPLOYMENT_NAME_MAX - (int)(strlen("purser-") + strlen(tail) + 1 + strlen(end));
	return xasprintf("purser-%s-%.*s%s", tail, room, step, end);
}

static cJSON *
fill_value(struct filling *f, const cJSON *value, const char *where, struct faults *faults);

static cJSON *
fill_string(struct filling *f, const char *text, const char *where, struct faults *faults)
{
	struct placeholder found;

	if (placeholder_is_whole(text, &found)) {
		const cJSON *value = filling_value(f, found.name);
		if (strcmp(found.name, "tags") == 0)
			return filling_tags(f);
		if (value)
			return cJSON_Duplicate(value, true);
	}
	AUTO_FREE char *filled = filling_text(f, text, where, faults);
	return filled ? cJSON_CreateString(filled) : NULL;
}

static cJSON *
fill_value(struct filling *f, const cJSON *value, const char *where, struct faults *faults)
{
	const cJSON *item;

	if (cJSON_IsString(value))
		return fill_string(f, value->valuestring, where, faults);
	if (!cJSON_IsArray(value) && !cJSON_IsObject(value))
		return cJSON_Duplicate(value, true);
	cJSON *copy = cJSON_IsArray(value) ? cJSON_CreateArray() : cJSON_CreateObject();
	cJSON_ArrayForEach (item, value) {
		cJSON *next = fill_value(f, item, where, faults);
		if (!next)
			continue;
		if (cJSON_IsArray(value))
			cJSON_AddItemToArray(copy, next);
		else
			cJSON_AddItemToObject(copy, item->string, next);
	}
	return copy;
}

/* The parameter that is the whole of VALUE; NULL if it is something else. */
static const struct parameter *
whole_parameter(const struct filling *f, const cJSON *value)
{
	struct placeholder found;

	if (!cJSON_IsString(value) || !placeholder_is_whole(value->valuestring, &found))
		return NULL;
	return capability_parameter(f->request->capability, found.name);
}

/* Secrets go their own way; an optional parameter without a value is left to the template's default. */
static int
compile_values(struct filling *f, const cJSON *values, struct step *step, struct faults *faults)
{
	AUTO_FREE char *where = objective_label(f->words.objective);
	size_t before = faults->count;
	const cJSON *value;

	cJSON *file = cJSON_CreateObject();
	json_add_str(file, "$schema", PARAMETERS_SCHEMA);
	json_add_str(file, "contentVersion", "1.0.0.0");
	cJSON *parameters = cJSON_AddObjectToObject(file, "parameters");
	step->files = cJSON_CreateObject();
	cJSON_AddItemToObject(step->files, PARAMETERS_FILE, file);
	cJSON_ArrayForEach (value, values) {
		const struct parameter *p = whole_parameter(f, value);

		if (p && !filling_value(f, p->name))
			continue;
		if (p && p->secret) {
			if (!step->secrets)
				step->secrets = cJSON_CreateObject();
			json_add_str(step->secrets, value->string,
			    cJSON_GetStringValue(filling_value(f, p->name)));
			continue;
		}
		cJSON *filled = fill_value(f, value, where, faults);
		if (filled)
			cJSON_AddItemToObject(
			    cJSON_AddObjectToObject(parameters, value->string), "value", filled);
	}
	return faults->count == before ? 0 : -1;
}

static void
add_deployment(struct strv *argv, const char *const *words, const char *group, const char *name)
{
	for (; *words; words++)
		strv_add(argv, *words);
	strv_addf(argv, "--resource-group=%s", group);
	if (name)
		strv_addf(argv, "--name=%s", name);
}

static void
compile_calls(const struct filling *f, const char *template, const char *name, struct step *step)
{
	static const char *const create[] = { "az", "deployment", "group", "create", NULL };
	static const char *const show[] = { "az", "deployment", "group", "show", NULL };
	static const char *const list[] = { "az", "resource", "list", NULL };
	static const char *const operations[] = { "az", "deployment", "operation", "group", "list",
		NULL };
	const char *group = f->words.objective->resource_group;

	add_deployment(&step->run, create, group, name);
	strv_add(&step->run, "--mode=Incremental");
	strv_addf(&step->run, "--template-file=%s/%s", f->request->capability->folder, template);
	strv_add(&step->run, "--parameters=@{run}/" PARAMETERS_FILE);
	if (step->secrets)
		strv_addf(&step->run, "--parameters=@/proc/self/fd/%d", PLAN_SECRETS_FD);
	azure_argv_end(f, &step->run);
	add_deployment(&step->checks[0], show, group, name);
	azure_argv_end(f, &step->checks[0]);
	add_deployment(&step->checks[1], list, group, NULL);
	strv_add(&step->checks[1], "--query=" LIST_QUERY);
	azure_argv_end(f, &step->checks[1]);
	step->n_checks = 2;
	add_deployment(&step->collect, operations, group, name);
	strv_add(&step->collect, "--query=" OPERATIONS_QUERY);
	azure_argv_end(f, &step->collect);
	azure_undo_compile(f, step);
}

int
azure_template_compile(
    struct filling *f, const cJSON *table, struct step *step, struct faults *faults)
{
	const cJSON *outputs = keys_get(table, "outputs"), *item;

	if (!f->words.objective->resource_group) {
		AUTO_FREE char *where = objective_label(f->words.objective);
		return faults_add(faults, where, "a template needs a \"resource_group\"");
	}
	if (compile_values(f, keys_get(table, "values"), step, faults) < 0)
		return -1;
	AUTO_FREE char *name = deployment_name(f, step->name);
	compile_calls(f, keys_str(table, "template"), name, step);
	step->idempotent = true;
	step->outputs = cJSON_CreateObject();
	cJSON_ArrayForEach (item, outputs) {
		AUTO_FREE char *path = xasprintf("properties.outputs.%s.value", item->valuestring);
		json_add_str(step->outputs, item->string, path);
	}
	return azure_targets_compile(f, keys_get(table, "targets"), step, faults);
}

static void
read_run(const struct step *step, const struct result *result, struct reading *reading)
{
	struct azure_error e = { 0 };

	if (azure_answer_is_good(result)) {
		AUTO_JSON cJSON *answer = azure_answer_parse(result);
		const char *state = json_str(answer, "properties.provisioningState");
		if (state && strcasecmp(state, "Succeeded") == 0 &&
		    azure_answer_outputs(step, answer, reading)) {
			reading->outcome = OUTCOME_HAPPENED;
			return;
		}
		reading->outcome = OUTCOME_IN_DOUBT;
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "az succeeded, but its answer could not be read in full");
		return;
	}
	bool refused = azure_answer_failure(step, result, reading, &e);
	/* A deployment that failed halfway has made what came before the failure. */
	if (azure_error_is_deployment_failure(&e))
		refused = false;
	reading->outcome = refused ? OUTCOME_DID_NOT_HAPPEN : OUTCOME_IN_DOUBT;
	azure_error_clear(&e);
}

static void
read_bad_record(
    const struct step *step, const cJSON *answer, const char *state, struct reading *reading)
{
	struct azure_error e;

	azure_error_read_json(&e, json_at(answer, "properties.error"));
	reading->ended_badly = true;
	failure_set(
	    &reading->failure, e.class, e.code ? e.code : state, step->name, "%s", e.message);
	azure_error_clear(&e);
}

/* az deployment group show */
static void
read_record(const struct step *step, const struct result *result, struct reading *reading)
{
	struct azure_error e = { 0 };

	reading->conclusive = true;
	if (!azure_answer_is_good(result)) {
		azure_answer_failure(step, result, reading, &e);
		if (result->ending == END_EXITED && result->code == 3 &&
		    azure_error_is_absence(&e)) {
			/* No record; but what it would have made may stand all the same. */
			reading->answer = ANSWER_ABSENT;
			reading->conclusive = false;
			failure_clear(&reading->failure);
		}
		azure_error_clear(&e);
		return;
	}
	AUTO_JSON cJSON *answer = azure_answer_parse(result);
	const char *state = json_str(answer, "properties.provisioningState");
	if (!state) {
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "the answer of az could not be read");
		return;
	}
	switch (azure_answer_state(state)) {
	case AZURE_RUNNING:
		reading->answer = ANSWER_OURS_IN_PROGRESS;
		break;
	case AZURE_FAILED:
		reading->answer = ANSWER_OURS_COMPLETE;
		read_bad_record(step, answer, state, reading);
		break;
	case AZURE_SUCCEEDED:
		if (azure_answer_outputs(step, answer, reading))
			reading->answer = ANSWER_OURS_COMPLETE;
		else
			failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
			    "the deployment succeeded, but one of its outputs is missing");
		break;
	}
}

/* A target is the whole id, or its end from the provider on. */
static bool
is_target_id(const char *target, const char *id)
{
	if (strncasecmp(target, "/subscriptions/", 15) == 0)
		return strcasecmp(target, id) == 0;
	for (const char *at = strcasestr(id, "/providers/"); at;
	     at = strcasestr(at + 1, "/providers/"))
		if (strcasecmp(at + strlen("/providers"), target) == 0)
			return true;
	return false;
}

static bool
is_target(const struct step *step, const char *id)
{
	for (size_t i = 0; i < step->targets.len; i++)
		if (is_target_id(step->targets.v[i], id))
			return true;
	return false;
}

struct survey {
	size_t ours, running;
	const char *foreign; /* the first; borrowed from the answer */
};

static void
survey_one(const struct plan *plan, const struct step *step, const cJSON *item, struct survey *s,
    struct reading *reading)
{
	const char *id = json_str(item, "id");

	if (!id || !is_target(step, id))
		return;
	if (!azure_answer_is_ours(keys_get(item, "tags"), plan->objective_id)) {
		/* Those that are not ours come first, if there are any: see read_list(). */
		if (!s->foreign)
			strv_clear(&reading->resources);
		s->foreign = s->foreign ? s->foreign : id;
		strv_add(&reading->resources, id);
		return;
	}
	s->ours++;
	s->running += azure_answer_state(json_str(item, "state")) == AZURE_RUNNING;
	if (!s->foreign)
		strv_add(&reading->resources, id);
}

/*
 * az resource list, asked only if there is no record of the deployment. What
 * carries our tag then was made under an earlier name and is not known to be
 * whole, so that the deployment is to run again, over it.
 */
static void
read_list(const struct plan *plan, const struct step *step, const struct result *result,
    struct reading *reading)
{
	struct azure_error e = { 0 };
	struct survey survey = { 0 };
	const cJSON *item;

	reading->conclusive = true;
	if (!azure_answer_is_good(result)) {
		azure_answer_failure(step, result, reading, &e);
		if (result->ending == END_EXITED && result->code == 3 &&
		    azure_error_is_absence(&e)) {
			reading->answer = ANSWER_ABSENT;
			failure_clear(&reading->failure);
		}
		azure_error_clear(&e);
		return;
	}
	AUTO_JSON cJSON *answer = azure_answer_parse(result);
	if (!cJSON_IsArray(answer)) {
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "the answer of az could not be read");
		return;
	}
	cJSON_ArrayForEach (item, answer)
		survey_one(plan, step, item, &survey, reading);
	if (survey.foreign) {
		reading->answer = ANSWER_FOREIGN;
		failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
		    "%s stands already and was not made for this objective", survey.foreign);
	} else if (survey.running > 0) {
		reading->answer = ANSWER_OURS_IN_PROGRESS;
	} else if (survey.ours > 0) {
		reading->answer = ANSWER_OURS_COMPLETE;
		reading->ended_badly = true;
		failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
		    "%zu of its %zu resources stand, but there is no record of their deployment",
		    survey.ours, step->targets.len);
	} else {
		reading->answer = ANSWER_ABSENT;
	}
}

/* Times are compared as texts: ARM writes all of them in the same form, in UTC. */
static int
by_time(const void *a, const void *b)
{
	const cJSON *const *x = a, *const *y = b;
	const char *s = json_str(*x, "time"), *t = json_str(*y, "time");

	return strcmp(s ? s : "", t ? t : "");
}

/* az deployment operation group list: what was made, in the order in which it was done. */
static void
read_operations(const struct step *step, const struct result *result, struct reading *reading)
{
	const cJSON *item;
	size_t len = 0;

	if (!azure_answer_is_good(result)) {
		azure_answer_failure(step, result, reading, NULL);
		return;
	}
	AUTO_JSON cJSON *answer = azure_answer_parse(result);
	if (!cJSON_IsArray(answer)) {
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "the answer of az could not be read");
		return;
	}
	AUTO_FREE const cJSON **list =
	    xcalloc((size_t)cJSON_GetArraySize(answer) + 1, sizeof(cJSON *));
	cJSON_ArrayForEach (item, answer) {
		const char *operation = json_str(item, "operation");
		if (operation && strcasecmp(operation, "Create") == 0 && json_str(item, "id"))
			list[len++] = item;
	}
	qsort(list, len, sizeof(*list), by_time);
	for (size_t i = 0; i < len; i++)
		if (!strv_has(&reading->resources, json_str(list[i], "id")))
			strv_add(&reading->resources, json_str(list[i], "id"));
	reading->outcome = OUTCOME_HAPPENED;
}

void
azure_template_read(const struct plan *plan, const struct step *step, enum act act, size_t call,
    const char *subject, const struct result *result, struct reading *reading)
{
	switch (act) {
	case ACT_RUN:
		read_run(step, result, reading);
		break;
	case ACT_CHECK:
		if (call == 0)
			read_record(step, result, reading);
		else
			read_list(plan, step, result, reading);
		break;
	case ACT_COLLECT:
		read_operations(step, result, reading);
		break;
	case ACT_UNDO:
		azure_undo_read(step, result, reading);
		break;
	case ACT_PROVE:
		azure_prove_read(plan, step, subject, result, reading);
		break;
	case ACTS:
		break;
	}
}
