/* JSON on top of cJSON: what is in a tree, and what goes into it. */
#include "config.h"
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* From 2^53 on, neighbours share one double: such a number may be another one than was written. */
#define EXACT_LIMIT 9007199254740992.0

static cJSON *
member_of(const cJSON *object, const char *key, size_t len)
{
	cJSON *child;

	cJSON_ArrayForEach (child, object) {
		if (child->string != NULL && strncmp(child->string, key, len) == 0 &&
		    child->string[len] == '\0')
			return child;
	}
	return NULL;
}

/* "[N]" at *path, which moves past it; NULL if there is no such member or no such text. */
static cJSON *
indexed(const cJSON *array, const char **path)
{
	const char *p = *path + 1;
	int index = 0;

	if (*p < '0' || *p > '9' || !cJSON_IsArray(array))
		return NULL;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(index, 10, &index) ||
		    __builtin_add_overflow(index, *p - '0', &index))
			return NULL;
	}
	if (*p != ']')
		return NULL;
	*path = p + 1;
	return cJSON_GetArrayItem(array, index);
}

cJSON *
json_at(const cJSON *root, const char *path)
{
	const cJSON *at = root;
	bool first = true;

	while (at != NULL && *path != '\0') {
		if (*path == '[') {
			at = indexed(at, &path);
		} else {
			size_t len;

			/* A dot stands between two members, and nowhere else. */
			if (!first && *path++ != '.')
				return NULL;
			len = strcspn(path, ".[");
			at = len > 0 && cJSON_IsObject(at) ? member_of(at, path, len) : NULL;
			path += len;
		}
		first = false;
	}
	return (cJSON *)(uintptr_t)at;
}

const char *
json_str(const cJSON *root, const char *path)
{
	return cJSON_GetStringValue(json_at(root, path));
}

int64_t
json_int(const cJSON *root, const char *path, int64_t fallback)
{
	int64_t value;

	return json_is_int(json_at(root, path), &value) ? value : fallback;
}

bool
json_bool(const cJSON *root, const char *path, bool fallback)
{
	const cJSON *value = json_at(root, path);

	return cJSON_IsBool(value) ? cJSON_IsTrue(value) : fallback;
}

bool
json_is_int(const cJSON *value, int64_t *out)
{
	if (value == NULL || !cJSON_IsNumber(value) || !(fabs(value->valuedouble) < EXACT_LIMIT) ||
	    value->valuedouble != trunc(value->valuedouble))
		return false;
	if (out != NULL)
		*out = (int64_t)value->valuedouble;
	return true;
}

const char *
json_type_name(const cJSON *value)
{
	if (value == NULL)
		return "null";
	switch (value->type & 0xff) {
	case cJSON_String:
		return "string";
	case cJSON_Number:
		return json_is_int(value, NULL) ? "integer" : "number";
	case cJSON_Raw:
		return "integer";
	case cJSON_True:
	case cJSON_False:
		return "boolean";
	case cJSON_Array:
		return "array";
	case cJSON_Object:
		return "object";
	default:
		return "null";
	}
}

/* cJSON answers NULL when memory is out. */
static void
add_item(cJSON *object, const char *key, cJSON *item)
{
	if (item == NULL || !cJSON_AddItemToObject(object, key, item))
		abort();
}

void
json_add_str(cJSON *object, const char *key, const char *value)
{
	if (value != NULL)
		add_item(object, key, cJSON_CreateString(value));
}

void
json_add_int(cJSON *object, const char *key, int64_t value)
{
	char text[32];

	if (fabs((double)value) < EXACT_LIMIT) {
		add_item(object, key, cJSON_CreateNumber((double)value));
		return;
	}
	/* A double would change it; its digits as they are do not. */
	snprintf(text, sizeof(text), "%" PRId64, value);
	add_item(object, key, cJSON_CreateRaw(text));
}

void
json_add_bool(cJSON *object, const char *key, bool value)
{
	add_item(object, key, cJSON_CreateBool(value));
}

void
json_add_strv(cJSON *object, const char *key, const struct strv *list)
{
	cJSON *array;

	if (list == NULL)
		return;
	array = cJSON_CreateArray();
	add_item(object, key, array);
	for (size_t i = 0; i < list->len; i++) {
		cJSON *item = cJSON_CreateString(list->v[i]);

		if (item == NULL || !cJSON_AddItemToArray(array, item))
			abort();
	}
}

void
json_get_strv(const cJSON *array, struct strv *out)
{
	const cJSON *child;

	if (!cJSON_IsArray(array))
		return;
	cJSON_ArrayForEach (child, array) {
		if (cJSON_IsString(child))
			strv_add(out, child->valuestring);
	}
}
