/* What terraform plans, or has in its state, and what that costs: see the header. */
#include <config.h>

#include "strategies/terraform_planned.h"

#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "core/keys.h"
#include "core/planned.h"

#define TABLE "planned"
#define NUMBER_OF "#"
#define WHY_MAX (8 * 1024)
#define VALUE_MAX 1024

/* ---- the capability's table ---- */

static int
check_attribute(struct azure_step_check *c, const cJSON *type, const cJSON *attribute)
{
	const char *name = attribute->string;
	const struct parameter *p = capability_parameter(c->capability, name);
	const char *path = cJSON_GetStringValue(attribute);

	if (path == NULL || *path == '\0')
		return azure_step_fault(c, attribute,
		    "%s.%s: expected \"#\" or the path of an attribute, such as \"os_disk[0].disk_size_gb\"",
		    type->string, name);
	if (strcmp(name, PLANNED_REGION) == 0)
		return 0;
	if (p == NULL || p->secret)
		return azure_step_fault(c, attribute, "%s.%s: there is no %sparameter \"%s\"",
		    type->string, name, p == NULL ? "" : "public ", name);
	if (strcmp(path, NUMBER_OF) == 0 && p->type != VALUE_INTEGER && p->type != VALUE_BOOLEAN)
		return azure_step_fault(c, attribute,
		    "%s.%s: a number of resources is no %s, expected an integer or a boolean",
		    type->string, name, value_type_name(p->type));
	return 0;
}

int
terraform_planned_check(struct azure_step_check *c)
{
	const cJSON *type, *attribute;
	int rc = 0;

	cJSON_ArrayForEach (type, keys_get(c->table, TABLE)) {
		if (!cJSON_IsObject(type)) {
			rc = azure_step_fault(c, type,
			    "%s: expected a table, {} for what costs nothing", type->string);
			continue;
		}
		cJSON_ArrayForEach (attribute, type)
			rc |= check_attribute(c, type, attribute);
	}
	return rc;
}

cJSON *
terraform_planned_compile(const struct capability *c, const cJSON *table)
{
	const cJSON *types = keys_get(table, TABLE), *type, *attribute;
	cJSON *compiled;

	if (types == NULL)
		return NULL;
	compiled = cJSON_CreateObject();
	cJSON_ArrayForEach (type, types) {
		cJSON *to = cJSON_AddObjectToObject(compiled, type->string);

		cJSON_ArrayForEach (attribute, type) {
			const struct parameter *p = capability_parameter(c, attribute->string);
			cJSON *as = cJSON_AddObjectToObject(to, attribute->string);

			json_add_str(as, "path", attribute->valuestring);
			json_add_str(
			    as, "type", value_type_name(p != NULL ? p->type : VALUE_STRING));
		}
	}
	return compiled;
}

/* ---- what is read ---- */

/* One resource, as it will be once the plan was applied, or as it is. Borrowed from the document. */
struct thing {
	const char *type, *name;
	const cJSON *values, *hidden; /* its attributes, and which of them are sensitive */
};

struct reader {
	const cJSON *compiled;
	struct thing *things;
	size_t n_things, capacity;
	cJSON *parameters;
	struct buf why; /* "azurerm_lb: its price is not known; ..." */
};

/* What is only read, or is removed, is none. */
static void
add_thing(struct reader *r, const cJSON *resource, const cJSON *values, const cJSON *hidden)
{
	const char *mode = json_str(resource, "mode"), *type = json_str(resource, "type"),
		   *name = json_str(resource, "name");

	if (mode == NULL || strcmp(mode, "managed") != 0 || type == NULL || !cJSON_IsObject(values))
		return;
	r->things = xgrow(r->things, r->n_things, &r->capacity, sizeof(*r->things));
	r->things[r->n_things++] = (struct thing){
		.type = type,
		.name = name != NULL ? name : "",
		.values = values,
		.hidden = hidden,
	};
}

static void
add_planned(struct reader *r, const cJSON *plan)
{
	const cJSON *change;

	cJSON_ArrayForEach (change, json_at(plan, "resource_changes"))
		add_thing(r, change, json_at(change, "change.after"),
		    json_at(change, "change.after_sensitive"));
}

static void
add_module(struct reader *r, const cJSON *module)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, json_at(module, "resources"))
		add_thing(r, item, json_at(item, "values"), json_at(item, "sensitive_values"));
	cJSON_ArrayForEach (item, json_at(module, "child_modules"))
		add_module(r, item);
}

/* ---- what it says ---- */

static void
add_reason(struct reader *r, const char *type, const char *why)
{
	AUTO_FREE char *reason = xasprintf("%s%s", type, why);

	if (strstr(buf_str(&r->why), reason) == NULL)
		buf_addf(&r->why, "%s%s", r->why.len > 0 ? "; " : "", reason);
}

/* Whether KEY, "TYPE" or "TYPE.NAME", means it. */
static bool
is_meant(const struct thing *thing, const char *key)
{
	AUTO_FREE char *block = xasprintf("%s.%s", thing->type, thing->name);

	return strcmp(key, thing->type) == 0 || strcmp(key, block) == 0;
}

/* NULL if it is not known yet, or hidden. */
static const cJSON *
attribute_at(const struct thing *thing, const char *path)
{
	return cJSON_IsTrue(thing->hidden) || cJSON_IsTrue(json_at(thing->hidden, path))
	    ? NULL
	    : json_at(thing->values, path);
}

/* TEXT with the attributes in its braces; the caller's own, NULL if one of them is no text that is known. */
static cJSON *
filled(const struct thing *thing, const char *text)
{
	CLEANUP(buf_clear) struct buf out = BUF_INIT(VALUE_MAX);

	while (*text != '\0') {
		size_t len = strcspn(text, "{");

		buf_add(&out, text, len);
		text += len;
		if (*text == '\0')
			break;
		len = strcspn(++text, "}");
		AUTO_FREE char *path = xstrndup(text, len);
		const char *value = cJSON_GetStringValue(attribute_at(thing, path));
		if (value == NULL)
			return NULL;
		buf_adds(&out, value);
		text += len + (text[len] == '}');
	}
	return cJSON_CreateString(buf_str(&out));
}

/* What the attribute says, where it has the parameter's TYPE; the caller's own, NULL else. */
static cJSON *
attribute_value(const struct thing *thing, const char *path, const char *type)
{
	const cJSON *value;
	const char *has;

	if (strchr(path, '{') != NULL)
		return filled(thing, path);
	value = attribute_at(thing, path);
	has = value != NULL ? json_type_name(value) : "null";
	if (strcmp(has, type) == 0 ||
	    (strcmp(type, "number") == 0 && strcmp(has, "integer") == 0))
		return cJSON_Duplicate(value, true);
	return NULL;
}

/* Azure writes "West Europe" and "westeurope", and means the same. */
static void
fold_region(cJSON *region)
{
	char *to = region->valuestring;

	for (const char *from = to; *from != '\0'; from++)
		if (*from != ' ')
			*to++ = (char)(*from >= 'A' && *from <= 'Z' ? *from - 'A' + 'a' : *from);
	*to = '\0';
}

/* Takes VALUE over. */
static void
take_value(struct reader *r, const char *of, const char *name, cJSON *value)
{
	const cJSON *known = cJSON_GetObjectItemCaseSensitive(r->parameters, name);

	if (strcmp(name, PLANNED_REGION) == 0)
		fold_region(value);
	if (known == NULL) {
		cJSON_AddItemToObject(r->parameters, name, value);
		return;
	}
	if (!cJSON_Compare(known, value, true)) {
		AUTO_FREE char *why =
		    xasprintf(": not all of them have the same %s", name);

		add_reason(r, of, why);
	}
	cJSON_Delete(value);
}

static void
read_thing(struct reader *r, const struct thing *thing)
{
	const cJSON *entry, *attribute;
	bool known = false;

	cJSON_ArrayForEach (entry, r->compiled) {
		if (!is_meant(thing, entry->string))
			continue;
		known = true;
		cJSON_ArrayForEach (attribute, entry) {
			const char *path = json_str(attribute, "path");
			cJSON *value = strcmp(path, NUMBER_OF) == 0
			    ? NULL
			    : attribute_value(thing, path, json_str(attribute, "type"));

			if (value != NULL)
				take_value(r, entry->string, attribute->string, value);
		}
	}
	if (!known) {
		AUTO_FREE char *block = xasprintf("%s.%s", thing->type, thing->name);

		add_reason(r, block, ": the capability does not say what it costs");
	}
}

static int64_t
count(const struct reader *r, const char *key)
{
	int64_t n = 0;

	for (size_t i = 0; i < r->n_things; i++)
		n += is_meant(&r->things[i], key);
	return n;
}

static void
read_numbers(struct reader *r, const cJSON *entry)
{
	const cJSON *attribute;

	cJSON_ArrayForEach (attribute, entry) {
		bool any = strcmp(json_str(attribute, "type"), "boolean") == 0;
		int64_t n;

		if (strcmp(json_str(attribute, "path"), NUMBER_OF) != 0)
			continue;
		n = count(r, entry->string);
		take_value(r, entry->string, attribute->string,
		    any ? cJSON_CreateBool(n > 0) : cJSON_CreateNumber((double)n));
	}
}

static cJSON *
planned_of(struct reader *r, const char *text)
{
	cJSON *planned = cJSON_CreateObject();
	char digest[DIGEST_SIZE];

	digest_text(text, digest);
	json_add_str(planned, "digest", digest);
	json_add_int(planned, "resources", (int64_t)r->n_things);
	cJSON_AddItemToObject(planned, "parameters", take(r->parameters));
	if (r->why.len > 0)
		json_add_str(planned, "unpriced", buf_str(&r->why));
	return planned;
}

/* Of the things that were added to R; TEXT is all that was told. */
static cJSON *
conclude(struct reader *r, const char *text)
{
	const cJSON *entry;
	cJSON *planned;

	r->parameters = cJSON_CreateObject();
	for (size_t i = 0; i < r->n_things; i++)
		read_thing(r, &r->things[i]);
	cJSON_ArrayForEach (entry, r->compiled)
		read_numbers(r, entry);
	planned = planned_of(r, text);
	buf_clear(&r->why);
	free(r->things);
	return planned;
}

cJSON *
terraform_planned_parse(const struct result *r)
{
	AUTO_JSON cJSON *json = r->out_cut ? NULL : cJSON_Parse(r->out);
	const char *version = json_str(json, "format_version");

	/* A minor version only adds. */
	return version != NULL && strncmp(version, "1.", 2) == 0 ? take(json) : NULL;
}

cJSON *
terraform_planned_read(const cJSON *compiled, const cJSON *plan, const char *text)
{
	struct reader reader = { .compiled = compiled, .why = BUF_INIT(WHY_MAX) };

	if (plan == NULL)
		return NULL;
	/* One without a resource has no list of them. */
	add_planned(&reader, plan);
	return conclude(&reader, text);
}

cJSON *
terraform_planned_read_state(const cJSON *compiled, const cJSON *plan, const char *text)
{
	struct reader reader = { .compiled = compiled, .why = BUF_INIT(WHY_MAX) };

	if (plan == NULL)
		return NULL;
	/* An empty state has no module. */
	add_module(&reader, json_at(plan, "prior_state.values.root_module"));
	return conclude(&reader, text);
}

bool
terraform_planned_stands(const cJSON *plan, struct strv *ids)
{
	const cJSON *change;
	bool stands = false;

	cJSON_ArrayForEach (change, json_at(plan, "resource_changes")) {
		const char *mode = json_str(change, "mode"), *id = json_str(change, "change.before.id");

		if (mode == NULL || strcmp(mode, "managed") != 0 ||
		    !cJSON_IsObject(json_at(change, "change.before")))
			continue;
		stands = true;
		if (id != NULL && *id != '\0' && !strv_has(ids, id))
			strv_add(ids, id);
	}
	return stands;
}
