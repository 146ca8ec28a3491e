/* Checking the keys of a table. */
#include <config.h>

#include "core/keys.h"

#include <string.h>

#include "base/mem.h"
#include "core/suggest.h"

static const char *const type_texts[] = {
	[KEY_ANY] = "a value",
	[KEY_STRING] = "a string",
	[KEY_INTEGER] = "a whole number",
	[KEY_NUMBER] = "a number",
	[KEY_BOOLEAN] = "true or false",
	[KEY_STRINGS] = "an array of strings",
	[KEY_OBJECT] = "a table",
	[KEY_OBJECTS] = "an array of tables",
};

static bool
all_are(const cJSON *array, cJSON_bool (*is)(const cJSON *))
{
	const cJSON *item;

	if (!cJSON_IsArray(array))
		return false;
	cJSON_ArrayForEach (item, array)
		if (!is(item))
			return false;
	return true;
}

static bool
has_type(const cJSON *value, enum key_type type)
{
	int64_t number;

	switch (type) {
	case KEY_ANY:
		return !cJSON_IsNull(value);
	case KEY_STRING:
		return cJSON_IsString(value);
	case KEY_INTEGER:
		return json_is_int(value, &number);
	case KEY_NUMBER:
		return cJSON_IsNumber(value);
	case KEY_BOOLEAN:
		return cJSON_IsBool(value);
	case KEY_STRINGS:
		return all_are(value, cJSON_IsString);
	case KEY_OBJECT:
		return cJSON_IsObject(value);
	case KEY_OBJECTS:
		return all_are(value, cJSON_IsObject);
	}
	return false;
}

/* Finding a place may cost a search of the document: not for faults that nobody will see. */
static const char *
where(const struct doc *doc, const cJSON *value, char place[static PLACE_MAX],
    const struct faults *faults)
{
	return faults->list.len < FAULTS_MAX ? doc_where(doc, value, place, PLACE_MAX) : NULL;
}

static int
unknown_key(const struct doc *doc, const cJSON *value, const struct key *keys, const char *what,
    struct faults *faults)
{
	char place[PLACE_MAX], hint[PLACE_MAX];
	struct suggest suggest;

	suggest_init(&suggest, value->string);
	for (const struct key *key = keys; key->name; key++)
		suggest_offer(&suggest, key->name);
	return faults_add(faults, where(doc, value, place, faults), "unknown key \"%s\" in %s%s",
	    value->string, what, suggest_text(&suggest, hint, sizeof(hint)));
}

static const struct key *
find_key(const struct key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

int
keys_check(const struct doc *doc, const cJSON *table, const struct key *keys, const char *what,
    struct faults *faults)
{
	char place[PLACE_MAX];
	const cJSON *value;
	int rc = 0;

	cJSON_ArrayForEach (value, table) {
		const struct key *key = find_key(keys, value->string);

		if (!key)
			rc = unknown_key(doc, value, keys, what, faults);
		else if (!has_type(value, key->type))
			rc = faults_add(faults, where(doc, value, place, faults),
			    "\"%s\" is %s, expected %s", key->name, keys_kind(value),
			    type_texts[key->type]);
	}
	for (const struct key *key = keys; key->name; key++)
		if (key->required && !keys_get(table, key->name))
			rc = faults_add(faults, where(doc, table, place, faults),
			    "%s needs \"%s\" (%s)", what, key->name, type_texts[key->type]);
	return rc;
}

const cJSON *
keys_typed(const cJSON *table, const struct key *keys, const char *name)
{
	const cJSON *value = keys_get(table, name);
	const struct key *key = find_key(keys, name);

	return value && key && has_type(value, key->type) ? value : NULL;
}

const cJSON *
keys_get(const cJSON *table, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(table, name);
}

const char *
keys_str(const cJSON *table, const char *name)
{
	return cJSON_GetStringValue(keys_get(table, name));
}

const char *
keys_kind(const cJSON *value)
{
	static const char *const kinds[] = { "a string", "an integer", "a number", "a boolean",
		"an array", "an object" };
	const char *name = json_type_name(value);

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(strchr(kinds[i], ' ') + 1, name) == 0)
			return kinds[i];
	return name;
}
