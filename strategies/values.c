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

/* The parameter that is the whole of VALUE; NULL if it is something else. */
static const struct parameter *
whole_parameter(const struct filling *f, const cJSON *value)
{
	struct placeholder found;

	if (!cJSON_IsString(value) || !placeholder_is_whole(value->valuestring, &found))
		return NULL;
	return capability_parameter(f->request->capability, found.name);
}

int
values_fill(struct filling *f, const cJSON *values, cJSON *out, cJSON **secrets,
    struct faults *faults)
{
	AUTO_FREE char *where = objective_label(f->words.objective);
	size_t before = faults->count;
	const cJSON *value;

	cJSON_ArrayForEach (value, values) {
		const struct parameter *p = whole_parameter(f, value);

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
