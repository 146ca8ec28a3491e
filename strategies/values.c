/* Placeholders keep the type of what they stand for. */
#include <config.h>

#include "strategies/values.h"

#include <string.h>

#include "base/mem.h"
#include "core/placeholder.h"

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

const struct parameter *
values_parameter(const struct capability *c, const cJSON *value)
{
	struct placeholder found;

	if (!cJSON_IsString(value) || !placeholder_is_whole(value->valuestring, &found))
		return NULL;
	return capability_parameter(c, found.name);
}

static bool
is_tags(const cJSON *value)
{
	return cJSON_IsString(value) && strcmp(value->valuestring, "{tags}") == 0;
}

static int
check_within(struct azure_step_check *c, const cJSON *value, const char *extra)
{
	const struct parameter *p = values_parameter(c->capability, value);
	const cJSON *item;
	int rc = 0;

	if ((p && !p->secret) || is_tags(value))
		return 0;
	if (cJSON_IsString(value))
		return azure_step_check_text(c, value, value->valuestring, extra);
	cJSON_ArrayForEach (item, value)
		rc |= check_within(c, item, extra);
	return rc;
}

int
values_check(struct azure_step_check *c, const cJSON *values, const char *extra)
{
	const cJSON *value;
	int rc = 0;

	/* Only here may a secret stand: it is handed over apart from the others. */
	cJSON_ArrayForEach (value, values)
		if (!values_parameter(c->capability, value))
			rc |= check_within(c, value, extra);
	return rc;
}

int
values_fill(
    struct filling *f, const cJSON *values, cJSON *out, cJSON **secrets, struct faults *faults)
{
	AUTO_FREE char *where = objective_label(f->words.objective);
	size_t before = faults->count;
	const cJSON *value;

	cJSON_ArrayForEach (value, values) {
		const struct parameter *p = values_parameter(f->request->capability, value);

		if (p && !filling_value(f, p->name))
			continue;
		if (p && p->secret) {
			if (!*secrets)
				*secrets = cJSON_CreateObject();
			json_add_str(*secrets, value->string,
			    cJSON_GetStringValue(filling_value(f, p->name)));
			continue;
		}
		cJSON *filled = fill_value(f, value, where, faults);
		if (filled)
			cJSON_AddItemToObject(out, value->string, filled);
	}
	return faults->count == before ? 0 : -1;
}
