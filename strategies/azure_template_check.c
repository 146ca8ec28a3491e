/*
 * Checking a step that is an ARM template, before anything is planned with it:
 * the template and the step's table must fit together, and all that the
 * template makes must be among the targets.
 */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "core/keys.h"
#include "core/placeholder.h"
#include "strategies/azure_step.h"
#include "strategies/azure_target.h"

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
	if (!p->required && !p->default_value)
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
	if (!p->required && !p->default_value && !keys_get(arm, "defaultValue"))
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
	const char *text = cJSON_GetStringValue(value);
	const cJSON *item;

	if (text)
		return strcmp(text, "{tags}") == 0;
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

static int check_resources(struct azure_step_check *c, const cJSON *resources, const char *parent);

/* PARENT is the full type of the resource that holds this one, or NULL. */
static int
check_resource(struct azure_step_check *c, const cJSON *resource, const char *parent)
{
	const cJSON *targets = keys_get(c->table, "targets"), *at = keys_get(c->table, "template");
	const char *own = cJSON_GetStringValue(arm_get(resource, "type"));

	if (!own)
		return azure_step_fault(c, at, "a resource of the template has no type");
	/* "subnets" below a network; a name with a dot is a provider's, and the type whole. */
	bool whole = !parent || memchr(own, '.', strcspn(own, "/"));
	AUTO_FREE char *type = whole ? xstrdup(own) : xasprintf("%s/%s", parent, own);
	/* Only referred to, and made elsewhere. */
	if (cJSON_IsTrue(arm_get(resource, "existing")))
		return check_resources(c, arm_get(resource, "resources"), type);
	if (strcasecmp(type, "Microsoft.Resources/deployments") == 0)
		return azure_step_fault(c, at,
		    "the template holds a deployment of its own, and purser could not tell "
		    "what that made");
	int rc = check_resources(c, arm_get(resource, "resources"), type);
	if (!azure_targets_cover(targets, type))
		rc = azure_step_fault(
		    c, targets, "the template makes a %s, but no target is of that type", type);
	return rc;
}

/* Every resource must be among the targets, or below one. An array, or a table by symbolic name. */
static int
check_resources(struct azure_step_check *c, const cJSON *resources, const char *parent)
{
	const cJSON *resource;
	int rc = 0;

	cJSON_ArrayForEach (resource, resources)
		if (check_resource(c, resource, parent) < 0)
			rc = -1;
	return rc;
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
	rc |= check_resources(c, keys_get(file->json, "resources"), NULL);
	return rc;
}
