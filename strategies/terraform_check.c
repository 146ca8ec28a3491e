#include <config.h>

#include "strategies/terraform_check.h"

#include <string.h>

#include "core/keys.h"
#include "strategies/azure_step.h"
#include "strategies/step_keys.h"
#include "strategies/terraform_planned.h"
#include "strategies/values.h"

#define FOLDER "terraform"

static const struct key keys[] = {
	{ "folder", KEY_STRING, false, NULL },
	{ "values", KEY_OBJECT, false, NULL },
	{ "outputs", KEY_OBJECT, false, NULL },
	{ "timeout", KEY_STRING, false, NULL },
	{ "settle", KEY_STRING, false, NULL },
	{ "complex", KEY_BOOLEAN, false, NULL },
	{ "planned", KEY_OBJECT, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

static const char *
folder_of(const cJSON *table)
{
	const char *folder = keys_str(table, "folder");

	return folder != NULL ? folder : FOLDER;
}

const char *
terraform_module_file(const cJSON *table, const struct capability_file *file)
{
	const char *folder = folder_of(table);
	size_t len = strlen(folder);

	if (strncmp(file->name, folder, len) != 0 || file->name[len] != '/' ||
	    strchr(file->name + len + 1, '/') != NULL || file->text == NULL)
		return NULL;
	return file->name + len + 1;
}

static int
check_outputs(struct azure_step_check *c, const cJSON *table)
{
	const cJSON *outputs = keys_get(table, "outputs"), *output;
	int rc = 0;

	cJSON_ArrayForEach (output, outputs)
		if (!cJSON_IsString(output))
			rc = azure_step_fault(
			    c, output, "\"%s\" must name an output of the module", output->string);
	for (size_t i = 0; i < c->capability->n_outputs; i++)
		if (keys_get(outputs, c->capability->outputs[i].name) == NULL)
			rc = azure_step_fault(c, table, "terraform gives no output \"%s\"",
			    c->capability->outputs[i].name);
	return rc;
}

int
terraform_check(const struct capability *capability, struct faults *faults)
{
	const cJSON *table = keys_get(capability->strategies, terraform.name);
	struct azure_step_check c = { .capability = capability, .faults = faults, .table = table };
	bool has_module = false;
	int rc;

	if (keys_check(&capability->doc, table, keys, "terraform", faults) < 0)
		return -1;
	for (size_t i = 0; i < capability->n_files; i++)
		has_module =
		    has_module || terraform_module_file(table, &capability->files[i]) != NULL;
	rc = has_module ? 0
			: azure_step_fault(&c, table, "there is no module: no file %s/NAME.tf",
			      folder_of(table));
	rc |= values_check(&c, keys_get(table, "values"), NULL);
	rc |= check_outputs(&c, table);
	rc |= terraform_planned_check(&c);
	return rc | step_keys_check(&c);
}
