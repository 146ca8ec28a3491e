/*
 * A step that is an ARM template, deployed under a name that was fixed at
 * planning: the same name is the same deployment, which makes the step
 * idempotent, and the record under that name tells afterwards what became of
 * it. The template is a static file; values go in by a parameters file.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "core/keys.h"
#include "core/placeholder.h"
#include "strategies/azure_step.h"
#include "strategies/values.h"
#include "strategies/azure_target.h"

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

static int
compile_values(struct filling *f, const cJSON *values, struct step *step, struct faults *faults)
{
	AUTO_JSON cJSON *filled = cJSON_CreateObject();
	cJSON *file = cJSON_CreateObject(), *parameters;
	const cJSON *value;

	step->files = cJSON_CreateObject();
	cJSON_AddItemToObject(step->files, PARAMETERS_FILE, file);
	json_add_str(file, "$schema", PARAMETERS_SCHEMA);
	json_add_str(file, "contentVersion", "1.0.0.0");
	parameters = cJSON_AddObjectToObject(file, "parameters");
	if (values_fill(f, values, filled, &step->secrets, faults) < 0)
		return -1;
	cJSON_ArrayForEach (value, filled)
		cJSON_AddItemToObject(cJSON_AddObjectToObject(parameters, value->string), "value",
		    cJSON_Duplicate(value, true));
	return 0;
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
