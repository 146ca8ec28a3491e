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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/keys.h"

#define NAME_LEN_MAX 128 /* Azure's own limit for names of subscriptions is 64 */
#define FOLDERS_MAX 64

static const char *const type_names[SETTING_TYPES] = {
	[SETTING_INTEGER] = "integer",
	[SETTING_DURATION] = "duration",
	[SETTING_SIZE] = "size",
	[SETTING_NAME] = "string",
	[SETTING_FOLDERS] = "list of strings",
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

static void *
member(struct config *c, const struct setting *s)
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

static int
wrong_type(const struct setting *s, const cJSON *value, const char *expected, const char *where,
    struct faults *faults)
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
		return wrong_type(s, value, "a whole number", where, faults);
	if (in_range(s, number, where, faults) < 0)
		return -1;
	*(int64_t *)member(c, s) = number;
	return 0;
}

static int
take_duration(struct config *c, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	struct err e = { 0 };
	int64_t ms;

	/* A bare number would leave the unit to be guessed. */
	if (!cJSON_IsString(value))
		return wrong_type(
		    s, value, "a duration such as \"90s\", \"5m\" or \"2h\"", where, faults);
	if (clock_parse_span(value->valuestring, &ms, &e) < 0)
		return faults_add(faults, where,
		    "%s.%s: \"%s\" is not a duration such as \"90s\", \"5m\" or \"2h\"", s->section,
		    s->key, value->valuestring);
	if (in_range(s, ms, where, faults) < 0)
		return -1;
	*(int64_t *)member(c, s) = ms;
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
		return wrong_type(s, value, "a size such as 10000000 or \"10MB\"", where, faults);
	}
	if (in_range(s, bytes, where, faults) < 0)
		return -1;
	*(int64_t *)member(c, s) = bytes;
	return 0;
}

/* A name that becomes the value of a tool's option: no control characters, and nothing like an option. */
static int
take_name(struct config *c, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	char **to = member(c, s);
	const char *text;

	if (!cJSON_IsString(value))
		return wrong_type(s, value, "a string", where, faults);
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

/* Relative folders start at the folder of the file that names them, so that it means the same from everywhere. */
static char *
folder_from(const char *file, const char *folder)
{
	const char *slash = strrchr(file, '/');

	if (*folder == '/' || slash == NULL)
		return xstrdup(folder);
	return xasprintf("%.*s/%s", (int)(slash - file), file, folder);
}

static int
take_folders(struct config *c, const struct setting *s, const cJSON *value, const struct doc *doc,
    struct faults *faults)
{
	struct strv *to = member(c, s);
	char where[PLACE_MAX];
	const cJSON *folder;
	int failed = 0;

	doc_where(doc, value, where, sizeof(where));
	if (!cJSON_IsArray(value))
		return wrong_type(s, value, "a list of folders", where, faults);
	if (cJSON_GetArraySize(value) > FOLDERS_MAX)
		return faults_add(faults, where, "%s.%s names more than %d folders", s->section,
		    s->key, FOLDERS_MAX);
	strv_clear(to);
	cJSON_ArrayForEach (folder, value) {
		doc_where(doc, folder, where, sizeof(where));
		if (!cJSON_IsString(folder))
			failed = wrong_type(s, folder, "a list of strings", where, faults);
		else if (*folder->valuestring == '\0')
			failed = faults_add(faults, where, "%s.%s: the name of a folder is empty",
			    s->section, s->key);
		else if (utf8_has_control(folder->valuestring))
			failed = faults_add(faults, where, "%s.%s must not hold control characters",
			    s->section, s->key);
		else if (*folder->valuestring == '~')
			failed = faults_add(faults, where,
			    "%s.%s: \"%s\": write the full path, \"~\" is not replaced", s->section,
			    s->key, folder->valuestring);
		else
			strv_take(to, folder_from(doc->path, folder->valuestring));
	}
	return failed;
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
	case SETTING_FOLDERS:
		return take_folders(c, s, value, doc, faults);
	case SETTING_TYPES:
		break;
	}
	assert(!"a setting without a type");
	return -1;
}

void
setting_default(struct config *c, const struct setting *s)
{
	int64_t *to = member(c, s);
	struct err e = { 0 };
	int failed = 0;

	if (s->default_value == NULL)
		return;
	if (s->type == SETTING_DURATION)
		failed = clock_parse_span(s->default_value, to, &e);
	else
		failed = size_parse(s->default_value, to);
	assert(failed == 0 && *to >= s->min && *to <= s->max);
}
