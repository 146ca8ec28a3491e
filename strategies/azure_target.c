/*
 * Targets: what a step is going to make, as full ids or as their ends from the
 * provider on, "/Microsoft.Storage/storageAccounts/st1". A look tells by them
 * which resources are the step's business.
 */
#include <config.h>

#include "strategies/azure_target.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/keys.h"
#include "core/placeholder.h"

#define SUBSCRIPTIONS "/subscriptions/"
#define PROVIDERS "/providers/"
#define EACH_MAX 1000 /* targets of one row: what a plan may grow to */

/* "/Namespace/type/name", with a further pair for each child. */
static bool
end_is_valid(const char *text)
{
	size_t slashes = 0;

	for (const char *p = text; *p; p++) {
		if (*p != '/')
			continue;
		if (p[1] == '/' || p[1] == '\0')
			return false;
		slashes++;
	}
	return *text == '/' && slashes >= 3 && slashes % 2 == 1;
}

/* Such an end of an id, or a whole one. */
static bool
target_is_valid(const char *text)
{
	return strncmp(text, SUBSCRIPTIONS, strlen(SUBSCRIPTIONS)) == 0 || end_is_valid(text);
}

static int
check_each(struct azure_step_check *c, const cJSON *item, const char *each)
{
	const struct parameter *p = capability_parameter(c->capability, each);

	if (!p || p->type != VALUE_INTEGER || (!p->required && !p->default_value))
		return azure_step_fault(c, item,
		    "\"each\" is \"%s\", expected an integer parameter that always has a value",
		    each);
	if (!p->has_max || p->max > EACH_MAX)
		return azure_step_fault(c, item,
		    "\"each\" is \"%s\", which needs a \"max\" of at most %d", each, EACH_MAX);
	return 0;
}

static int
check_target(struct azure_step_check *c, const cJSON *item)
{
	const cJSON *id = cJSON_IsObject(item) ? keys_get(item, "id") : item;
	const char *each = keys_str(item, "each"), *when = keys_str(item, "when");

	if (!cJSON_IsString(id))
		return azure_step_fault(
		    c, item, "a target is a text, or a table with \"id\" and \"each\" or \"when\"");
	if (!target_is_valid(id->valuestring))
		return azure_step_fault(
		    c, id, "\"%s\" is no target, expected /NAMESPACE/TYPE/NAME", id->valuestring);
	if (each && check_each(c, item, each) < 0)
		return -1;
	if (when) {
		const struct parameter *p = capability_parameter(c->capability, when);
		if (!p || p->type != VALUE_BOOLEAN)
			return azure_step_fault(
			    c, item, "\"when\" is \"%s\", expected a boolean parameter", when);
	}
	return azure_step_check_text(c, id, id->valuestring, each ? "n" : NULL);
}

int
azure_targets_check(struct azure_step_check *c, bool required)
{
	static const struct key target_keys[] = {
		{ "id", KEY_STRING, true, NULL },
		{ "each", KEY_STRING, false, NULL },
		{ "when", KEY_STRING, false, NULL },
		{ NULL, KEY_ANY, false, NULL },
	};
	const cJSON *targets = keys_get(c->table, "targets"), *item;
	int rc = 0;

	if (targets && !cJSON_IsArray(targets))
		return azure_step_fault(
		    c, targets, "\"targets\" is %s, expected an array", json_type_name(targets));
	if (required && cJSON_GetArraySize(targets) == 0)
		return azure_step_fault(
		    c, c->table, "\"targets\" is missing: it names what the template makes");
	cJSON_ArrayForEach (item, targets) {
		if (cJSON_IsObject(item) &&
		    keys_check(&c->capability->doc, item, target_keys, "a target", c->faults) < 0)
			rc = -1;
		else if (check_target(c, item) < 0)
			rc = -1;
	}
	return rc;
}

/*
 * "Namespace/type/child" of a target: the provider and every second part after
 * it. The caller's own.
 */
static char *
target_type(const char *target)
{
	const char *start = target;
	struct buf type = BUF_INIT(strlen(target) + 1);

	for (const char *at = target; (at = strcasestr(at, PROVIDERS)); at++)
		start = at + strlen(PROVIDERS) - 1;
	for (size_t part = 0; *start == '/'; part++) {
		size_t len = 1 + strcspn(start + 1, "/");
		if (part < 2 || part % 2 == 1)
			buf_add(&type, start + (part == 0), len - (part == 0));
		start += len;
	}
	return buf_take(&type);
}

/* TYPE itself, or a child of it. */
static bool
type_covers(const char *type, const char *made)
{
	size_t len = strlen(type);

	return strncasecmp(type, made, len) == 0 && (made[len] == '\0' || made[len] == '/');
}

bool
azure_targets_cover(const cJSON *targets, const char *type)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, targets) {
		const char *id =
		    cJSON_IsObject(item) ? keys_str(item, "id") : cJSON_GetStringValue(item);
		AUTO_FREE char *covered = id ? target_type(id) : NULL;
		if (covered && *covered && type_covers(covered, type))
			return true;
	}
	return false;
}

/* What a name reads must be literal: a target with a reference in it is refused before anything runs. */
static int
check_literal(struct filling *f, const char *text, const char *where, struct faults *faults)
{
	struct placeholder found;

	for (; placeholder_next(text, &found); text = found.start + found.len) {
		const char *value = cJSON_GetStringValue(
		    cJSON_GetObjectItemCaseSensitive(f->words.objective->parameters, found.name));
		if (value && strstr(value, "${"))
			return faults_add(faults, where,
			    "parameter \"%s\" is part of a resource's name and must be "
			    "written out, without a reference",
			    found.name);
	}
	return 0;
}

static int
add_target(struct filling *f, const char *text, struct step *step, struct faults *faults)
{
	AUTO_FREE char *where = objective_label(f->words.objective);

	if (check_literal(f, text, where, faults) < 0)
		return -1;
	AUTO_FREE char *target = filling_text(f, text, where, faults);
	if (!target)
		return -1;
	if (!target_is_valid(target))
		return faults_add(faults, where, "\"%s\" is no name of a resource", target);
	strv_take(&step->targets, take(target));
	return 0;
}

int
azure_targets_compile(
    struct filling *f, const cJSON *targets, struct step *step, struct faults *faults)
{
	const cJSON *item;
	int rc = 0;

	cJSON_ArrayForEach (item, targets) {
		const char *id = cJSON_IsObject(item) ? keys_str(item, "id") : item->valuestring;
		const char *each = keys_str(item, "each"), *when = keys_str(item, "when");
		int64_t count = 1;

		if (when && !cJSON_IsTrue(filling_value(f, when)))
			continue;
		if (each && !json_is_int(filling_value(f, each), &count))
			count = 0;
		for (int64_t n = 1; n <= count && rc == 0; n++) {
			f->each = each ? n : 0;
			rc = add_target(f, id, step, faults);
		}
		f->each = 0;
	}
	return rc;
}

/* A target is the whole id, or its end from the provider on. */
static bool
target_is(const char *target, const char *id)
{
	if (strncasecmp(target, SUBSCRIPTIONS, strlen(SUBSCRIPTIONS)) == 0)
		return strcasecmp(target, id) == 0;
	for (const char *at = id; (at = strcasestr(at, PROVIDERS)); at++)
		if (strcasecmp(at + strlen(PROVIDERS) - 1, target) == 0)
			return true;
	return false;
}

bool
step_makes(const struct step *step, const char *id)
{
	for (size_t i = 0; i < step->targets.len; i++)
		if (target_is(step->targets.v[i], id))
			return true;
	return false;
}
