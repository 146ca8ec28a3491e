/*
 * Settings that are lists of strings, or a table of limits: each element has a
 * place of its own, and all faults in them are told at once.
 */
#include <config.h>

#include "core/setting.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "core/keys.h"
#include "core/parameter.h"
#include "core/scope.h"
#include "core/suggest.h"

#define FOLDERS_MAX 64
#define LIMITS_MAX 1000
#define ARGV_MAX 64
#define ARGUMENT_MAX 4096 /* bytes */

static int
too_many(const struct setting *s, int max, const char *elements, const char *where,
    struct faults *faults)
{
	return faults_add(
	    faults, where, "%s.%s has more than %d %s", s->section, s->key, max, elements);
}

/* ---- lists of strings ---- */

struct element {
	const struct setting *s;
	const char *text;
	bool is_first;
	const char *file;  /* that it stands in */
	const char *where; /* ... and where */
	struct faults *faults;
};

/* What such a list is. */
struct form {
	const char *expected; /* "a list of folders" */
	const char *elements; /* "folders" */
	int max;
	bool needs_one;
	int (*add)(struct strv *to, const struct element *);
};

static int
take_list(struct config *c, const struct setting *s, const struct form *form, const cJSON *value,
    const struct doc *doc, struct faults *faults)
{
	struct strv *to = setting_member(c, s);
	char where[PLACE_MAX];
	const cJSON *item;
	int failed = 0;

	doc_where(doc, value, where, sizeof(where));
	if (!cJSON_IsArray(value) || (form->needs_one && value->child == NULL))
		return setting_wrong_type(s, value, form->expected, where, faults);
	if (cJSON_GetArraySize(value) > form->max)
		return too_many(s, form->max, form->elements, where, faults);
	strv_clear(to);
	cJSON_ArrayForEach (item, value) {
		const struct element element = {
			.s = s,
			.text = item->valuestring,
			.is_first = item == value->child,
			.file = doc->path,
			.where = where,
			.faults = faults,
		};

		doc_where(doc, item, where, sizeof(where));
		if (!cJSON_IsString(item))
			failed = setting_wrong_type(s, item, "a list of strings", where, faults);
		else if (form->add(to, &element) < 0)
			failed = -1;
	}
	return failed;
}

static int
controls(const struct element *l)
{
	return faults_add(l->faults, l->where, "%s.%s must not hold control characters",
	    l->s->section, l->s->key);
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
add_folder(struct strv *to, const struct element *l)
{
	if (*l->text == '\0')
		return faults_add(l->faults, l->where, "%s.%s: the name of a folder is empty",
		    l->s->section, l->s->key);
	if (utf8_has_control(l->text))
		return controls(l);
	if (*l->text == '~')
		return faults_add(l->faults, l->where,
		    "%s.%s: \"%s\": write the full path, \"~\" is not replaced", l->s->section,
		    l->s->key, l->text);
	strv_take(to, folder_from(l->file, l->text));
	return 0;
}

int
setting_take_folders(struct config *c, const struct setting *s, const cJSON *value,
    const struct doc *doc, struct faults *faults)
{
	static const struct form folders = {
		.expected = "a list of folders",
		.elements = "folders",
		.max = FOLDERS_MAX,
		.add = add_folder,
	};

	return take_list(c, s, &folders, value, doc, faults);
}

/* Who is called at night has another PATH and another folder: the program's full path is asked for. */
static int
add_argument(struct strv *to, const struct element *l)
{
	if (strlen(l->text) > ARGUMENT_MAX)
		return faults_add(l->faults, l->where, "%s.%s: an argument has more than %d bytes",
		    l->s->section, l->s->key, ARGUMENT_MAX);
	if (l->is_first && *l->text != '/')
		return faults_add(l->faults, l->where,
		    "%s.%s: \"%.100s\": write the program's full path", l->s->section, l->s->key,
		    l->text);
	if (l->is_first && utf8_has_control(l->text))
		return controls(l);
	strv_add(to, l->text);
	return 0;
}

int
setting_take_argv(struct config *c, const struct setting *s, const cJSON *value,
    const struct doc *doc, struct faults *faults)
{
	static const struct form argv = {
		.expected = "a list of a program and its arguments",
		.elements = "elements",
		.max = ARGV_MAX,
		.needs_one = true,
		.add = add_argument,
	};

	return take_list(c, s, &argv, value, doc, faults);
}

/* The words are those of the notices that the store keeps. */
static int
add_event(struct strv *to, const struct element *l)
{
	static const char *const events[] = { "failed", "held", "orphaned", "batch", "budget" };
	struct suggest near;
	char hint[PLACE_MAX];

	suggest_init(&near, l->text);
	for (size_t i = 0; i < COUNT_OF(events); i++) {
		suggest_offer(&near, events[i]);
		if (strcmp(l->text, events[i]) != 0)
			continue;
		if (!strv_has(to, events[i]))
			strv_add(to, events[i]);
		return 0;
	}
	return faults_add(l->faults, l->where,
	    "%s.%s: \"%.60s\" is none of failed, held, orphaned, batch, budget%s", l->s->section,
	    l->s->key, l->text, suggest_text(&near, hint, sizeof(hint)));
}

int
setting_take_events(struct config *c, const struct setting *s, const cJSON *value,
    const struct doc *doc, struct faults *faults)
{
	static const struct form events = {
		.expected = "a list of strings",
		.elements = "words",
		.max = INT_MAX,
		.add = add_event,
	};
	char where[PLACE_MAX];

	if (cJSON_IsArray(value) && value->child == NULL)
		return faults_add(faults, doc_where(doc, value, where, sizeof(where)),
		    "%s.%s is empty; to be told of nothing leave %s.command out", s->section,
		    s->key, s->section);
	return take_list(c, s, &events, value, doc, faults);
}

/* ---- a table of limits ---- */

/* A limit that no name can match would limit nothing, and nobody would know. */
static int
check_limit_name(
    const struct setting *s, const char *name, const char *where, struct faults *faults)
{
	if (strcmp(s->key, "strategy") == 0) {
		if (!value_name_is_valid(name))
			return faults_add(faults, where,
			    "%s.%s: \"%.60s\" is no name of a strategy such as azure_cli",
			    s->section, s->key, name);
	} else if (!scope_group_is_valid(name)) {
		return faults_add(faults, where, "%s.%s: \"%.100s\" is no name of a resource group",
		    s->section, s->key, name);
	}
	return 0;
}

static int
take_limit(cJSON *to, const struct setting *s, const cJSON *value, const char *where,
    struct faults *faults)
{
	int64_t number;

	if (check_limit_name(s, value->string, where, faults) < 0)
		return -1;
	if (!json_is_int(value, &number))
		return faults_add(faults, where, "%s.%s.%s must be a whole number, not %s",
		    s->section, s->key, value->string, keys_kind(value));
	if (number < s->min || number > s->max)
		return faults_add(faults, where, "%s.%s.%s must be from %" PRId64 " to %" PRId64,
		    s->section, s->key, value->string, s->min, s->max);
	if (cJSON_GetObjectItem(to, value->string) != NULL)
		return faults_add(faults, where,
		    "%s.%s: \"%s\" stands there already, in other letters", s->section, s->key,
		    value->string);
	json_add_int(to, value->string, number);
	return 0;
}

int
setting_take_limits(struct config *c, const struct setting *s, const cJSON *value,
    const struct doc *doc, struct faults *faults)
{
	cJSON **to = setting_member(c, s);
	char where[PLACE_MAX];
	const cJSON *limit;
	int failed = 0;

	doc_where(doc, value, where, sizeof(where));
	if (!cJSON_IsObject(value))
		return setting_wrong_type(s, value, "a table of limits, NAME = N", where, faults);
	if (cJSON_GetArraySize(value) > LIMITS_MAX)
		return too_many(s, LIMITS_MAX, "limits", where, faults);
	cJSON_Delete(*to);
	*to = cJSON_CreateObject();
	cJSON_ArrayForEach (limit, value) {
		doc_where(doc, limit, where, sizeof(where));
		if (take_limit(*to, s, limit, where, faults) < 0)
			failed = -1;
	}
	return failed;
}
