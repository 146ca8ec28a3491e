/*
 * The JSON Schema of a submission, for editors. It is made of the same tables
 * and limits that a batch is checked by, but it says less: what objectives say
 * of one another only batch_parse() can tell.
 */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/batch.h"
#include "core/reference.h"

static const char *const json_types[] = {
	[KEY_ANY] = NULL,
	[KEY_STRING] = "string",
	[KEY_INTEGER] = "integer",
	[KEY_NUMBER] = "number",
	[KEY_BOOLEAN] = "boolean",
	[KEY_STRINGS] = "array",
	[KEY_OBJECT] = "object",
	[KEY_OBJECTS] = "array",
};

static cJSON *
type_schema(const char *type, const char *help)
{
	cJSON *schema = cJSON_CreateObject();

	json_add_str(schema, "type", type);
	json_add_str(schema, "description", help);
	return schema;
}

static void
add_strings_only(cJSON *schema, enum value_type type)
{
	if (type == VALUE_ARRAY)
		cJSON_AddItemToObject(schema, "items", type_schema("string", NULL));
	else if (type == VALUE_OBJECT)
		cJSON_AddItemToObject(schema, "additionalProperties", type_schema("string", NULL));
}

static void
add_range(cJSON *schema, const struct parameter *p)
{
	static const char *const names[VALUE_TYPES][2] = {
		[VALUE_STRING] = { "minLength", "maxLength" },
		[VALUE_INTEGER] = { "minimum", "maximum" },
		[VALUE_NUMBER] = { "minimum", "maximum" },
		[VALUE_ARRAY] = { "minItems", "maxItems" },
		[VALUE_OBJECT] = { "minProperties", "maxProperties" },
	};

	if (p->secret || !names[p->type][0])
		return;
	if (p->has_min)
		cJSON_AddNumberToObject(schema, names[p->type][0], p->min);
	if (p->has_max)
		cJSON_AddNumberToObject(schema, names[p->type][1], p->max);
}

static void
add_kind(cJSON *schema, const struct parameter *p)
{
	if (!p->has_min)
		cJSON_AddNumberToObject(schema, "minLength", (double)p->kind->min);
	if (!p->has_max)
		cJSON_AddNumberToObject(schema, "maxLength", (double)p->kind->max);
	if (p->pattern)
		return;
	AUTO_FREE char *regex = naming_regex(p->kind);
	json_add_str(schema, "pattern", regex);
}

/* What a value must be that is written out; a reference to an output may stand instead. */
static cJSON *
literal_schema(const struct parameter *p)
{
	cJSON *schema = type_schema(value_type_name(p->type), NULL);

	add_strings_only(schema, p->type);
	add_range(schema, p);
	if (p->secret) {
		json_add_str(schema, "pattern", PARAMETER_SECRET_PATTERN);
	} else if (p->pattern && p->type == VALUE_STRING) {
		AUTO_FREE char *anchored = xasprintf("^(%s)$", p->pattern);
		json_add_str(schema, "pattern", anchored);
	}
	if (p->kind)
		add_kind(schema, p);
	if (p->values)
		cJSON_AddItemToObject(schema, "enum", cJSON_Duplicate(p->values, true));
	return schema;
}

static cJSON *
parameter_schema(const struct parameter *p)
{
	cJSON *schema = cJSON_CreateObject();

	json_add_str(schema, "description", p->help);
	if (p->default_value)
		cJSON_AddItemToObject(schema, "default", cJSON_Duplicate(p->default_value, true));
	cJSON *choices = cJSON_AddArrayToObject(schema, "anyOf");
	cJSON_AddItemToArray(choices, literal_schema(p));
	if (!p->secret) {
		cJSON *reference = type_schema("string", NULL);
		json_add_str(reference, "pattern", REFERENCE_PATTERN);
		cJSON_AddItemToArray(choices, reference);
	}
	return schema;
}

/* What a rule may set need not be given. */
static bool
must_be_given(const struct capability *c, const struct parameter *p)
{
	return p->required && !decide_sets(&c->decide, p->name);
}

static cJSON *
parameters_schema(const struct capability *c)
{
	cJSON *schema = type_schema("object", c->summary);
	cJSON *properties = cJSON_AddObjectToObject(schema, "properties");
	struct strv required = { 0 };

	for (size_t i = 0; i < c->n_parameters; i++) {
		const struct parameter *p = &c->parameters[i];
		cJSON_AddItemToObject(properties, p->name, parameter_schema(p));
		if (must_be_given(c, p))
			strv_add(&required, p->name);
	}
	json_add_bool(schema, "additionalProperties", false);
	if (required.len > 0)
		json_add_strv(schema, "required", &required);
	strv_clear(&required);
	return schema;
}

static void
add_names(cJSON *array, const struct capability *c)
{
	cJSON_AddItemToArray(array, cJSON_CreateString(c->name));
	for (size_t i = 0; i < c->synonyms.len; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(c->synonyms.v[i]));
}

/* A resource group, or the labels that one can be made of. */
static void
add_group_or_labels(cJSON *schema)
{
	static const char *const choices[] = { "resource_group", "labels" };
	cJSON *any = cJSON_AddArrayToObject(schema, "anyOf");

	for (size_t i = 0; i < COUNT_OF(choices); i++) {
		cJSON *choice = cJSON_CreateObject();

		cJSON_AddItemToArray(
		    cJSON_AddArrayToObject(choice, "required"), cJSON_CreateString(choices[i]));
		cJSON_AddItemToArray(any, choice);
	}
}

/* True if the setting makes one for whoever names none, whatever the labels. */
static bool
group_needs_nothing(const struct library *library)
{
	static char any[] = "any";
	const struct objective o = { .name = any, .batch = any };
	struct naming_lack lack;
	AUTO_FREE char *made =
	    library->naming ? naming_fill(library->naming->resource_group, &o, NULL, &lack) : NULL;

	return made != NULL;
}

/* If the capability is C, then the parameters are C's. */
static cJSON *
rule_schema(const struct library *library, const struct capability *c)
{
	cJSON *rule = cJSON_CreateObject(), *condition = cJSON_AddObjectToObject(rule, "if");
	cJSON *capability =
	    cJSON_AddObjectToObject(cJSON_AddObjectToObject(condition, "properties"), "capability");
	cJSON *then = cJSON_AddObjectToObject(rule, "then"), *required = cJSON_CreateArray();
	bool needs_parameter = false;

	add_names(cJSON_AddArrayToObject(capability, "enum"), c);
	cJSON_AddItemToObject(
	    cJSON_AddObjectToObject(then, "properties"), "parameters", parameters_schema(c));
	for (size_t i = 0; i < c->n_parameters; i++)
		needs_parameter |= must_be_given(c, &c->parameters[i]);
	if (c->needs_region)
		cJSON_AddItemToArray(required, cJSON_CreateString("region"));
	if (c->needs_resource_group && !group_needs_nothing(library))
		add_group_or_labels(then);
	if (needs_parameter)
		cJSON_AddItemToArray(required, cJSON_CreateString("parameters"));
	cJSON_AddItemToObject(then, "required", required);
	return rule;
}

static cJSON *
label_schema(void)
{
	cJSON *schema = type_schema("string", NULL);

	json_add_int(schema, "maxLength", OBJECTIVE_LABEL_VALUE_MAX);
	return schema;
}

/* A name or "not NAME", or a list of those to exclude. */
static void
refine_strategy(cJSON *schema)
{
	cJSON *choices = cJSON_AddArrayToObject(schema, "anyOf");
	cJSON *text = type_schema("string", NULL), *list = type_schema("array", NULL);
	cJSON *items = type_schema("string", NULL);

	json_add_str(text, "pattern", OBJECTIVE_STRATEGY_PATTERN);
	json_add_str(items, "pattern", OBJECTIVE_EXCLUSIONS_PATTERN);
	json_add_int(list, "minItems", 1);
	cJSON_AddItemToObject(list, "items", items);
	cJSON_AddItemToArray(choices, text);
	cJSON_AddItemToArray(choices, list);
}

static void
refine_key(cJSON *schema, const char *name, const struct library *library)
{
	if (strcmp(name, "name") == 0) {
		json_add_str(schema, "pattern", OBJECTIVE_NAME_PATTERN);
	} else if (strcmp(name, "capability") == 0) {
		cJSON *names = cJSON_AddArrayToObject(schema, "enum");
		for (size_t i = 0; i < library->len; i++)
			add_names(names, library->v[i]);
	} else if (strcmp(name, "on_failure") == 0) {
		cJSON *names = cJSON_AddArrayToObject(schema, "enum");
		cJSON_AddItemToArray(names, cJSON_CreateString("rollback"));
		cJSON_AddItemToArray(names, cJSON_CreateString("keep"));
	} else if (strcmp(name, "priority") == 0) {
		json_add_int(schema, "minimum", -OBJECTIVE_PRIORITY_MAX);
		json_add_int(schema, "maximum", OBJECTIVE_PRIORITY_MAX);
	} else if (strcmp(name, "labels") == 0) {
		cJSON_AddItemToObject(schema, "additionalProperties", label_schema());
		json_add_int(schema, "maxProperties", OBJECTIVE_LABELS_MAX);
	} else if (strcmp(name, "depends_on") == 0) {
		json_add_int(schema, "maxItems", OBJECTIVE_DEPENDENCIES_MAX);
	} else if (strcmp(name, "key") == 0) {
		json_add_int(schema, "minLength", 1);
		json_add_int(schema, "maxLength", OBJECTIVE_KEY_MAX);
	} else if (strcmp(name, "resource_group") == 0) {
		json_add_str(schema, "pattern", OBJECTIVE_GROUP_PATTERN);
	} else if (strcmp(name, "strategy") == 0) {
		refine_strategy(schema);
	} else if (strcmp(name, "timeout") == 0 || strcmp(name, "step_timeout") == 0) {
		json_add_str(schema, "pattern", BATCH_SPAN_PATTERN);
	}
}

static cJSON *
objective_schema(const struct library *library)
{
	cJSON *schema = type_schema("object", "One desired outcome.");
	cJSON *properties = cJSON_AddObjectToObject(schema, "properties");
	cJSON *required = cJSON_AddArrayToObject(schema, "required");

	for (const struct key *key = objective_keys; key->name; key++) {
		cJSON *property = type_schema(json_types[key->type], key->help);
		if (key->type == KEY_STRINGS)
			cJSON_AddItemToObject(property, "items", type_schema("string", NULL));
		refine_key(property, key->name, library);
		cJSON_AddItemToObject(properties, key->name, property);
		if (key->required)
			cJSON_AddItemToArray(required, cJSON_CreateString(key->name));
	}
	json_add_bool(schema, "additionalProperties", false);
	cJSON *rules = cJSON_AddArrayToObject(schema, "allOf");
	for (size_t i = 0; i < library->len; i++)
		cJSON_AddItemToArray(rules, rule_schema(library, library->v[i]));
	return schema;
}

static cJSON *
reference_to_objective(void)
{
	cJSON *reference = cJSON_CreateObject();

	json_add_str(reference, "$ref", "#/$defs/objective");
	return reference;
}

static cJSON *
list_schema(const char *help)
{
	cJSON *list = type_schema("array", help);

	json_add_int(list, "minItems", 1);
	json_add_int(list, "maxItems", BATCH_OBJECTIVES_MAX);
	cJSON_AddItemToObject(list, "items", reference_to_objective());
	return list;
}

static cJSON *
document_schema(void)
{
	cJSON *schema = type_schema("object", NULL);
	cJSON *properties = cJSON_AddObjectToObject(schema, "properties");
	cJSON *batch = type_schema(
	    "string", "The name of the batch; else made from the file's name and the date.");

	json_add_str(batch, "pattern", OBJECTIVE_NAME_PATTERN);
	cJSON_AddItemToObject(properties, "$schema", type_schema("string", NULL));
	cJSON_AddItemToObject(properties, "batch", batch);
	cJSON_AddItemToObject(properties, "objective", list_schema("The objectives of the batch."));
	cJSON_AddItemToArray(
	    cJSON_AddArrayToObject(schema, "required"), cJSON_CreateString("objective"));
	json_add_bool(schema, "additionalProperties", false);
	return schema;
}

cJSON *
batch_schema(const struct library *library)
{
	cJSON *schema = cJSON_CreateObject();

	json_add_str(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_add_str(schema, "title", "A submission to purser");
	cJSON *shapes = cJSON_AddArrayToObject(schema, "anyOf");
	cJSON_AddItemToArray(shapes, document_schema());
	cJSON_AddItemToArray(shapes, reference_to_objective());
	cJSON_AddItemToArray(shapes, list_schema(NULL));
	cJSON_AddItemToObject(
	    cJSON_AddObjectToObject(schema, "$defs"), "objective", objective_schema(library));
	return schema;
}
