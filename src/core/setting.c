/*
 * One function for each type of setting says what a value of it must be. A
 * row's default is written as a user would write it, and is read by the same
 * functions, so that help cannot disagree with it.
 */
#include "config.h"

#include "core/setting.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/keys.h"

#define NAME_LEN_MAX 128 /* Azure's own limit for names of subscriptions is 64 */
#define URL_LEN_MAX 1024

static const char *const type_names[SETTING_TYPES] = {
	[SETTING_INTEGER] = "integer",
	[SETTING_DURATION] = "duration",
	[SETTING_SIZE] = "size",
	[SETTING_NAME] = "string",
	[SETTING_PATTERN] = "string",
	[SETTING_FOLDERS] = "list of strings",
	[SETTING_LIMITS] = "table of integers",
	[SETTING_ARGV] = "list of strings",
	[SETTING_EVENTS] = "list of strings",
	[SETTING_BACKEND] = "table",
	[SETTING_FOLDER] = "string",
	[SETTING_BOOLEAN] = "boolean",
	[SETTING_SERVERS] = "list of tables",
	[SETTING_URL] = "string",
	[SETTING_WORD] = "string",
	[SETTING_AMOUNT] = "amount",
	[SETTING_AMOUNTS] = "table of amounts",
	[SETTING_LABELS] = "table of tables of amounts",
	[SETTING_PERCENTS] = "list of numbers",
};

static const struct {
	const char *name;
	int64_t bytes;
} size_units[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "KB", 1000 },
	{ "MB", 1000 * 1000 },
	{ "GB", 1000 * 1000 * 1000 },
	{ "KiB", 1024 },
	{ "MiB", 1024 * 1024 },
	{ "GiB", 1024 * 1024 * 1024 },
};

const char *
setting_type_name(enum setting_type type)
{
	assert(type < SETTING_TYPES);
	return type_names[type];
}

void *
setting_member(struct config *c, const struct setting *s)
{
	return (char *)c + s->offset;
}

static int
size_parse(const char *text, int64_t *bytes)
{
	char *end;
	long long number;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno != 0)
		return -1;
	while (*end == ' ')
		end++;
	for (size_t i = 0; i < COUNT_OF(size_units); i++) {
		if (strcmp(end, size_units[i].name) == 0)
			return __builtin_mul_overflow(number, size_units[i].bytes, bytes) ? -1 : 0;
	}
	return -1;
}

/* "10MB" of 10000000: the largest unit that leaves no rest. */
static const char *
size_format(int64_t bytes, char *out, size_t size)
{
	size_t best = 0;

	for (size_t i = 1; i < COUNT_OF(size_units); i++) {
		if (bytes % size_units[i].bytes == 0 &&
		    size_units[i].bytes > size_units[best].bytes)
			best = i;
	}
	snprintf(out, size, "%" PRId64 "%s", bytes / size_units[best].bytes,
	    best == 0 ? " bytes" : size_units[best].name);
	return out;
}

static int
in_range(const struct setting *s, int64_t value, const char *where, struct faults *faults)
{
	char low[CLOCK_TEXT_SIZE], high[CLOCK_TEXT_SIZE];

	if (value >= s->min && value <= s->max)
		return 0;
	switch (s->type) {
	case SETTING_DURATION:
		clock_format_span(s->min, low);
		clock_format_span(s->max, high);
		break;
	case SETTING_SIZE:
		size_format(s->min, low, sizeof(low));
		size_format(s->max, high, sizeof(high));
		break;
	default:
		snprintf(low, sizeof(low), "%" PRId64, s->min);
		snprintf(high, sizeof(high), "%" PRId64, s->max);
		break;
	}
	return faults_add(
	    faults, where, "%s.%s must be from %s to %s", s->section, s->key, low, high);
}

int
setting_wrong_type(const struct setting *s, const cJSON *value, const char *expected,
    const char *where, struct faults *faults)
{
	return faults_add(faults, where, "%s.%s must be %s, not %s", s->section, s->key, expected,
	    keys_kind(value));
}

static int
take_integer(struct config *c, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	int64_t number;

	if (!json_is_int(value, &number))
		return setting_wrong_type(s, value, "a whole number", where, faults);
	if (in_range(s, number, where, faults) < 0)
		return -1;
	*(int64_t *)setting_member(c, s) = number;
	return 0;
}

static int
take_duration(struct config *c, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	struct err e = { 0 };
	int64_t ms;

	if (s->bare_ms > 0 && json_is_int(value, &ms) && ms >= 0 && ms <= s->max / s->bare_ms) {
		*(int64_t *)setting_member(c, s) = ms * s->bare_ms;
		return in_range(s, ms * s->bare_ms, where, faults);
	}
	/* A bare number would leave the unit to be guessed. */
	if (!cJSON_IsString(value))
		return setting_wrong_type(
		    s, value, "a duration such as \"90s\", \"5m\" or \"2h\"", where, faults);
	if (value->valuestring[strspn(value->valuestring, "0123456789")] == '\0' ||
	    clock_parse_span(value->valuestring, &ms, &e) < 0)
		return faults_add(faults, where,
		    "%s.%s: \"%s\" is not a duration such as \"90s\", \"5m\" or \"2h\"", s->section,
		    s->key, value->valuestring);
	if (in_range(s, ms, where, faults) < 0)
		return -1;
	*(int64_t *)setting_member(c, s) = ms;
	return 0;
}

static int
take_size(struct config *c, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	int64_t bytes;

	if (cJSON_IsString(value)) {
		if (size_parse(value->valuestring, &bytes) < 0)
			return faults_add(faults, where,
			    "%s.%s: \"%s\" is not a size such as 10000000, \"500KB\" or \"10MB\"",
			    s->section, s->key, value->valuestring);
	} else if (!json_is_int(value, &bytes)) {
		return setting_wrong_type(
		    s, value, "a size such as 10000000 or \"10MB\"", where, faults);
	}
	if (in_range(s, bytes, where, faults) < 0)
		return -1;
	*(int64_t *)setting_member(c, s) = bytes;
	return 0;
}

/* A name that becomes the value of a tool's option: no control characters, and nothing like an option. */
static int
take_name(struct config *c, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	char **to = setting_member(c, s);
	const char *text;

	if (!cJSON_IsString(value))
		return setting_wrong_type(s, value, "a string", where, faults);
	text = value->valuestring;
	if (*text == '\0' || *text == '-' || isspace((unsigned char)*text))
		return faults_add(faults, where,
		    "%s.%s must not be empty or begin with \"-\" or a space", s->section, s->key);
	if (strlen(text) > NAME_LEN_MAX)
		return faults_add(faults, where, "%s.%s must have at most %d characters",
		    s->section, s->key, NAME_LEN_MAX);
	if (utf8_has_control(text))
		return faults_add(
		    faults, where, "%s.%s must not hold control characters", s->section, s->key);
	free(*to);
	*to = xstrdup(text);
	return 0;
}

static int
take_pattern(struct config *c, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	const char *fault = cJSON_IsString(value) ? naming_pattern_fault(value->valuestring) : NULL;

	if (fault)
		return faults_add(faults, where, "%s.%s: \"%.100s\" %s", s->section, s->key,
		    value->valuestring, fault);
	return take_name(c, s, value, where, faults);
}

/* It becomes part of a command's line, in which braces may be filled in. */
static int
take_folder(struct config *c, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	char **to = setting_member(c, s);
	const char *text = value->valuestring;

	if (!cJSON_IsString(value))
		return setting_wrong_type(s, value, "a string", where, faults);
	if (*text != '/')
		return faults_add(faults, where, "%s.%s: \"%.100s\": write the full path",
		    s->section, s->key, text);
	if (strlen(text) >= PATH_MAX / 2 || strchr(text, '{') != NULL || utf8_has_control(text))
		return faults_add(faults, where,
		    "%s.%s must not be longer than %d bytes or hold \"{\" or control characters",
		    s->section, s->key, PATH_MAX / 2 - 1);
	free(*to);
	*to = xstrdup(text);
	return 0;
}

static int
take_boolean(struct config *c, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	bool *to = setting_member(c, s);

	if (!cJSON_IsBool(value))
		return setting_wrong_type(s, value, "true or false", where, faults);
	*to = cJSON_IsTrue(value);
	return 0;
}

static bool
is_url(const char *text)
{
	AUTO_FREE char *origin = http_origin(text, NULL);

	return origin != NULL && strlen(text) <= URL_LEN_MAX && strpbrk(text, " #") == NULL &&
	    !utf8_has_control(text) && http_origin_is_private(origin);
}

static int
take_url(struct config *c, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	char **to = setting_member(c, s);

	if (!cJSON_IsString(value))
		return setting_wrong_type(s, value, "a string", where, faults);
	if (!is_url(value->valuestring))
		return faults_add(faults, where,
		    "%s.%s: \"%.100s\" is no URL such as https://host/path; http is for this machine only",
		    s->section, s->key, value->valuestring);
	free(*to);
	*to = xstrdup(value->valuestring);
	return 0;
}

int
setting_take(struct config *c, const struct setting *s, const cJSON *value, const struct doc *doc,
    struct faults *faults)
{
	char where[PLACE_MAX];

	doc_where(doc, value, where, sizeof(where));
	switch (s->type) {
	case SETTING_INTEGER:
		return take_integer(c, s, value, where, faults);
	case SETTING_DURATION:
		return take_duration(c, s, value, where, faults);
	case SETTING_SIZE:
		return take_size(c, s, value, where, faults);
	case SETTING_NAME:
		return take_name(c, s, value, where, faults);
	case SETTING_PATTERN:
		return take_pattern(c, s, value, where, faults);
	case SETTING_FOLDERS:
		return setting_take_folders(c, s, value, doc, faults);
	case SETTING_LIMITS:
		return setting_take_limits(c, s, value, doc, faults);
	case SETTING_ARGV:
		return setting_take_argv(c, s, value, doc, faults);
	case SETTING_EVENTS:
		return setting_take_events(c, s, value, doc, faults);
	case SETTING_BACKEND:
		return setting_take_backend(c, s, value, doc, faults);
	case SETTING_FOLDER:
		return take_folder(c, s, value, where, faults);
	case SETTING_BOOLEAN:
		return take_boolean(c, s, value, where, faults);
	case SETTING_SERVERS:
		return setting_take_servers(c, s, value, doc, faults);
	case SETTING_URL:
		return take_url(c, s, value, where, faults);
	case SETTING_WORD:
	case SETTING_AMOUNT:
	case SETTING_AMOUNTS:
	case SETTING_LABELS:
	case SETTING_PERCENTS:
	case SETTING_TYPES:
		break;
	}
	assert(!"a setting of no type that is read one by one");
	return -1;
}

static void
default_list(struct config *c, const struct setting *s)
{
	AUTO_JSON cJSON *list = json_parse(s->default_value, strlen(s->default_value), 1, NULL);

	assert(cJSON_IsArray(list));
	json_get_strv(list, setting_member(c, s));
}

void
setting_default(struct config *c, const struct setting *s)
{
	int64_t *to = setting_member(c, s);
	struct err e = { 0 };
	int failed = 0;

	if (s->default_value == NULL)
		return;
	if (s->type == SETTING_PATTERN || s->type == SETTING_URL) {
		*(char **)setting_member(c, s) = xstrdup(s->default_value);
		return;
	}
	if (s->type == SETTING_EVENTS) {
		default_list(c, s);
		return;
	}
	if (s->type == SETTING_BOOLEAN) {
		*(bool *)setting_member(c, s) = strcmp(s->default_value, "true") == 0;
		return;
	}
	if (s->type == SETTING_DURATION)
		failed = clock_parse_span(s->default_value, to, &e);
	else
		failed = size_parse(s->default_value, to);
	assert(failed == 0 && *to >= s->min && *to <= s->max);
}
