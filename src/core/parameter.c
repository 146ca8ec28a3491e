/* One parameter of a capability: reading its table, and checking a value against it. */
#include <config.h>

#include "core/parameter.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/keys.h"
#include "core/objective.h"
#include "core/placeholder.h"
#include "core/suggest.h"

#define VALUE_NAME_MAX 64
#define SHOWN_MAX 60 /* bytes of a value that messages repeat */

static const char *const type_names[VALUE_TYPES] = {
	[VALUE_STRING] = "string",
	[VALUE_INTEGER] = "integer",
	[VALUE_NUMBER] = "number",
	[VALUE_BOOLEAN] = "boolean",
	[VALUE_ARRAY] = "array",
	[VALUE_OBJECT] = "object",
};

static const struct key parameter_keys[] = {
	{ "type", KEY_STRING, true, NULL },
	{ "help", KEY_STRING, true, NULL },
	{ "default", KEY_ANY, false, NULL },
	{ "required", KEY_BOOLEAN, false, NULL },
	{ "pattern", KEY_STRING, false, NULL },
	{ "min", KEY_NUMBER, false, NULL },
	{ "max", KEY_NUMBER, false, NULL },
	{ "values", KEY_ANY, false, NULL },
	{ "secret", KEY_BOOLEAN, false, NULL },
	{ "kind", KEY_STRING, false, NULL },
	{ "example", KEY_ANY, false, NULL },
	{ "goes_with", KEY_STRING, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

/* Words that placeholders use for other things. */
static const char *const reserved_names[] = { "tags", "run", "resource", "n", "subscription",
	NAMING_WORD };

const char *
value_type_name(enum value_type type)
{
	return type_names[type];
}

enum value_type
value_type_from_name(const char *name)
{
	for (enum value_type type = 0; type < VALUE_TYPES; type++)
		if (strcmp(type_names[type], name) == 0)
			return type;
	return VALUE_TYPES;
}

bool
value_name_is_valid(const char *name)
{
	static const char others[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	if (*name < 'a' || *name > 'z')
		return false;
	return strspn(name, others) == strlen(name) && strlen(name) <= VALUE_NAME_MAX;
}

static bool
holds_strings(const cJSON *value)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, value)
		if (!cJSON_IsString(item))
			return false;
	return true;
}

bool
value_has_type(const cJSON *value, enum value_type type)
{
	int64_t number;

	switch (type) {
	case VALUE_STRING:
		return cJSON_IsString(value);
	case VALUE_INTEGER:
		return json_is_int(value, &number);
	case VALUE_NUMBER:
		return cJSON_IsNumber(value);
	case VALUE_BOOLEAN:
		return cJSON_IsBool(value);
	case VALUE_ARRAY:
		return cJSON_IsArray(value) && holds_strings(value);
	case VALUE_OBJECT:
		return cJSON_IsObject(value) && holds_strings(value);
	case VALUE_TYPES:
		break;
	}
	return false;
}

static const char *
expected(enum value_type type)
{
	switch (type) {
	case VALUE_INTEGER:
		return "a whole number";
	case VALUE_BOOLEAN:
		return "true or false";
	case VALUE_ARRAY:
		return "an array of strings";
	case VALUE_OBJECT:
		return "a table of strings";
	case VALUE_NUMBER:
		return "a number";
	case VALUE_STRING:
	case VALUE_TYPES:
		break;
	}
	return "a string";
}

bool
parameter_is_named(const struct parameter *p)
{
	const char *text = cJSON_GetStringValue(p->default_value);

	return p->kind && text && strstr(text, "{" NAMING_WORD "}");
}

static size_t
characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static bool
is_secret_source(const char *text)
{
	static const char word[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	if (strncmp(text, "file:/", 6) == 0)
		return text[6] != '\0';
	if (strncmp(text, "env:", 4) != 0 || !text[4] || (text[4] >= '0' && text[4] <= '9'))
		return false;
	return strspn(text + 4, word) == strlen(text + 4);
}

static int
check_string(const struct parameter *p, const char *text, const char *where, struct faults *faults)
{
	if (utf8_has_control(text))
		return faults_add(faults, where,
		    "parameter \"%s\" has a control character in its value", p->name);
	if (p->secret && !is_secret_source(text))
		return faults_add(faults, where,
		    "parameter \"%s\" is a secret: give where to find it, "
		    "as \"env:NAME\" or \"file:/PATH\"",
		    p->name);
	if (p->pattern && !p->secret && regexec(&p->regex, text, 0, NULL, 0) != 0)
		return faults_add(faults, where, "parameter \"%s\": \"%.*s\" does not match %s",
		    p->name, SHOWN_MAX, text, p->pattern);
	if (p->kind && !naming_is_valid(p->kind, text))
		return faults_add(faults, where,
		    "parameter \"%s\": \"%.*s\" is no name of %s, expected %s", p->name, SHOWN_MAX,
		    text, p->kind->what, p->kind->rule);
	return 0;
}

static int
check_strings(
    const struct parameter *p, const cJSON *value, const char *where, struct faults *faults)
{
	const cJSON *item;
	int rc = 0;

	cJSON_ArrayForEach (item, value) {
		if (item->string && utf8_has_control(item->string))
			rc = faults_add(faults, where,
			    "parameter \"%s\" has a control character in a key", p->name);
		if (check_string(p, item->valuestring, where, faults) < 0)
			rc = -1;
	}
	return rc;
}

/* The number that min and max are about, and what to call it. */
static double
measure(const cJSON *value, const char **unit)
{
	if (cJSON_IsNumber(value)) {
		*unit = "";
		return value->valuedouble;
	}
	if (cJSON_IsString(value)) {
		*unit = " characters";
		return (double)characters(value->valuestring);
	}
	*unit = " entries";
	return cJSON_GetArraySize(value);
}

static int
check_range(const struct parameter *p, const cJSON *value, const char *where, struct faults *faults)
{
	const char *unit;

	if (p->secret || cJSON_IsBool(value) || (!p->has_min && !p->has_max))
		return 0;
	double n = measure(value, &unit);
	if (p->has_min && n < p->min)
		return faults_add(faults, where,
		    "parameter \"%s\": %.15g%s, expected at least %.15g", p->name, n, unit, p->min);
	if (p->has_max && n > p->max)
		return faults_add(faults, where,
		    "parameter \"%s\": %.15g%s, expected at most %.15g", p->name, n, unit, p->max);
	return 0;
}

static int
check_values(
    const struct parameter *p, const cJSON *value, const char *where, struct faults *faults)
{
	struct buf list = BUF_INIT(2000);
	char hint[PLACE_MAX] = "";
	struct suggest suggest;
	const cJSON *allowed;

	if (!p->values)
		return 0;
	cJSON_ArrayForEach (allowed, p->values)
		if (cJSON_Compare(allowed, value, true))
			return 0;
	AUTO_FREE char *shown = json_text(value);
	suggest_init(&suggest, cJSON_IsString(value) ? value->valuestring : "");
	cJSON_ArrayForEach (allowed, p->values) {
		AUTO_FREE char *text = json_text(allowed);
		buf_addf(&list, "%s%s", allowed == p->values->child ? "" : ", ", text);
		if (cJSON_IsString(allowed) && cJSON_IsString(value))
			suggest_offer(&suggest, allowed->valuestring);
	}
	faults_add(faults, where, "parameter \"%s\": %.*s is not allowed, expected one of %s%s",
	    p->name, SHOWN_MAX, shown, buf_str(&list), suggest_text(&suggest, hint, sizeof(hint)));
	buf_clear(&list);
	return -1;
}

int
parameter_check(
    const struct parameter *p, const cJSON *value, const char *where, struct faults *faults)
{
	int rc = 0;

	assert(value != NULL);
	if (!value_has_type(value, p->type))
		return faults_add(faults, where, "parameter \"%s\" is %s, expected %s", p->name,
		    keys_kind(value), expected(p->type));
	if (cJSON_IsString(value))
		rc = check_string(p, value->valuestring, where, faults);
	else if (cJSON_IsArray(value) || cJSON_IsObject(value))
		rc = check_strings(p, value, where, faults);
	if (rc == 0)
		rc = check_range(p, value, where, faults);
	if (rc == 0)
		rc = check_values(p, value, where, faults);
	return rc;
}

/* 0 if TEXT is an extended regular expression; else WHY says what is wrong with it. */
static int
try_pattern(const char *text, char *why, size_t size)
{
	regex_t regex;
	int rc = regcomp(&regex, text, REG_EXTENDED | REG_NOSUB);

	if (rc == 0)
		regfree(&regex);
	else
		regerror(rc, &regex, why, size);
	return rc;
}

/*
 * The pattern must be one by itself: what is right only between our own
 * parentheses, such as "a)|(b", would not be anchored at both ends. A closing
 * parenthesis without its opening one is an ordinary character to regcomp(),
 * and shows by pairing with one put before it.
 */
static int
parse_pattern(struct parameter *p, const cJSON *value, const char *where, struct faults *faults)
{
	const char *pattern = value->valuestring;
	AUTO_FREE char *opened = xasprintf("(%s", pattern);
	AUTO_FREE char *anchored = xasprintf("^(%s)$", pattern);
	char why[200] = "", ignored[200];

	if (try_pattern(pattern, why, sizeof(why)) != 0)
		return faults_add(
		    faults, where, "\"pattern\" is no extended regular expression: %s", why);
	if (try_pattern(opened, ignored, sizeof(ignored)) == 0)
		return faults_add(faults, where,
		    "\"pattern\" is no extended regular expression: Unmatched ) or \\)");
	int rc = regcomp(&p->regex, anchored, REG_EXTENDED | REG_NOSUB);
	if (rc != 0) {
		regerror(rc, &p->regex, why, sizeof(why));
		return faults_add(faults, where, "\"pattern\" cannot be anchored: %s", why);
	}
	p->pattern = xstrdup(pattern);
	return 0;
}

static int
parse_values(struct parameter *p, const cJSON *values, const char *where, struct faults *faults)
{
	const cJSON *value;

	if (!cJSON_IsArray(values) || !values->child)
		return faults_add(faults, where,
		    "\"values\" is %s, expected an array with the allowed values",
		    keys_kind(values));
	cJSON_ArrayForEach (value, values)
		if (!value_has_type(value, p->type))
			return faults_add(faults, where,
			    "\"values\" has %s among them, expected %s", keys_kind(value),
			    expected(p->type));
	p->values = cJSON_Duplicate(values, true);
	return 0;
}

/* A default with placeholders is known only for an objective: all else is checked here. */
static int
parse_default(struct parameter *p, const cJSON *value, const char *where, struct faults *faults)
{
	struct placeholder found;
	const char *text = cJSON_GetStringValue(value);

	if (p->secret)
		return faults_add(faults, where, "a secret has no default");
	if (p->required)
		return faults_add(faults, where, "a required parameter has no default");
	p->default_value = cJSON_Duplicate(value, true);
	if (!text || !placeholder_next(text, &found))
		return parameter_check(p, value, where, faults);
	if (p->type != VALUE_STRING)
		return parameter_check(p, value, where, faults);
	do {
		bool named = strcmp(found.name, NAMING_WORD) == 0;
		if (named && !p->kind)
			return faults_add(
			    faults, where, "{" NAMING_WORD "} needs a \"kind\" to be fitted to");
		if (found.spliced || (!named && !objective_word_is_known(found.name)))
			return faults_add(faults, where,
			    "the default has an unknown placeholder \"%.*s\", expected "
			    "{region}, {resource_group}, {objective}, {batch} or {hash}",
			    (int)found.len, found.start);
	} while (placeholder_next(found.start + found.len, &found));
	return 0;
}

static int
parse_kind(struct parameter *p, const cJSON *value, const char *where, struct faults *faults)
{
	const char *name = value->valuestring;
	char hint[PLACE_MAX];
	struct suggest suggest;

	if (p->type != VALUE_STRING || p->secret)
		return faults_add(
		    faults, where, "\"kind\" belongs to a name: type string, no secret");
	if ((p->kind = naming_kind_find(name)))
		return 0;
	suggest_init(&suggest, name);
	for (size_t i = 0; naming_kind_at(i); i++)
		suggest_offer(&suggest, naming_kind_at(i)->name);
	return faults_add(faults, where, "unknown kind of resource \"%s\"%s", name,
	    suggest_text(&suggest, hint, sizeof(hint)));
}

static int
parse_example(struct parameter *p, const cJSON *value, const char *where, struct faults *faults)
{
	if (p->secret)
		return faults_add(faults, where, "a secret has no example");
	p->example = cJSON_Duplicate(value, true);
	return parameter_check(p, value, where, faults);
}

static int
check_name(const struct parameter *p, const char *where, struct faults *faults)
{
	if (!value_name_is_valid(p->name))
		return faults_add(faults, where,
		    "the name of parameter \"%s\" is not of the form [a-z][a-z0-9_]*", p->name);
	for (size_t i = 0; i < COUNT_OF(reserved_names); i++)
		if (strcmp(p->name, reserved_names[i]) == 0)
			return faults_add(faults, where,
			    "\"%s\" cannot be the name of a parameter: as a "
			    "placeholder it means something else",
			    p->name);
	if (objective_word_is_known(p->name))
		return faults_add(faults, where,
		    "\"%s\" cannot be the name of a parameter: each objective has "
		    "it already",
		    p->name);
	return 0;
}

static int
parse_range(struct parameter *p, const cJSON *table, const char *where, struct faults *faults)
{
	const cJSON *min = keys_get(table, "min"), *max = keys_get(table, "max");

	if (min) {
		p->has_min = true;
		p->min = min->valuedouble;
	}
	if (max) {
		p->has_max = true;
		p->max = max->valuedouble;
	}
	if (p->has_min && p->has_max && p->min > p->max)
		return faults_add(faults, where, "\"min\" is greater than \"max\"");
	return 0;
}

/* In the order in which they are read: example and default are checked against the others. */
static const struct {
	const char *key;
	int (*parse)(
	    struct parameter *p, const cJSON *value, const char *where, struct faults *faults);
} parts[] = {
	{ "pattern", parse_pattern },
	{ "values", parse_values },
	{ "kind", parse_kind },
	{ "example", parse_example },
	{ "default", parse_default },
};

int
parameter_parse(
    struct parameter *p, const struct doc *doc, const cJSON *table, struct faults *faults)
{
	char where[PLACE_MAX];
	int rc;

	p->name = xstrdup(table->string);
	doc_where(doc, table, where, sizeof(where));
	rc = check_name(p, where, faults);
	if (keys_check(doc, table, parameter_keys, "a parameter", faults) < 0)
		return -1;
	p->type = value_type_from_name(keys_str(table, "type"));
	if (p->type == VALUE_TYPES)
		return faults_add(faults,
		    doc_where(doc, keys_get(table, "type"), where, sizeof(where)),
		    "unknown type \"%s\", expected string, integer, number, boolean, array or object",
		    keys_str(table, "type"));
	p->help = xstrdup(keys_str(table, "help"));
	p->goes_with = xstrdup(keys_str(table, "goes_with"));
	p->required = cJSON_IsTrue(keys_get(table, "required"));
	p->secret = cJSON_IsTrue(keys_get(table, "secret"));
	if (p->secret && p->type != VALUE_STRING)
		rc = faults_add(faults, where, "a secret must be of type string");
	if (parse_range(p, table, where, faults) < 0)
		rc = -1;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		const cJSON *value = keys_get(table, parts[i].key);
		if (value &&
		    parts[i].parse(p, value, doc_where(doc, value, where, sizeof(where)), faults) <
			0)
			rc = -1;
	}
	return rc;
}

void
parameter_clear(struct parameter *p)
{
	free(p->name);
	cJSON_Delete(p->default_value);
	if (p->pattern)
		regfree(&p->regex);
	free(p->pattern);
	cJSON_Delete(p->values);
	cJSON_Delete(p->example);
	free(p->goes_with);
	free(p->help);
	*p = (struct parameter){ 0 };
}
