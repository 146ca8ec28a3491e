/* What az commands and ARM templates have in common as steps. */
#include <config.h>

#include "strategies/azure_step.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "core/keys.h"
#include "core/placeholder.h"
#include "core/suggest.h"
#include "strategies/azure_answer.h"

int
azure_step_fault(struct azure_step_check *c, const cJSON *node, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	AUTO_FREE char *text = xvasprintf(fmt, ap);
	va_end(ap);
	capability_where(c->capability, node, c->where, sizeof(c->where));
	return faults_add(c->faults, c->where, "%s", text);
}

static int
unknown_placeholder(struct azure_step_check *c, const cJSON *node, const char *name)
{
	char hint[PLACE_MAX];
	struct suggest suggest;

	suggest_init(&suggest, name);
	for (size_t i = 0; i < c->capability->n_parameters; i++)
		suggest_offer(&suggest, c->capability->parameters[i].name);
	return azure_step_fault(c, node,
	    "{%s} is no parameter of \"%s\", nor {region}, {resource_group}, {objective}, "
	    "{batch} or {hash}%s",
	    name, c->capability->name, suggest_text(&suggest, hint, sizeof(hint)));
}

static int
check_word(struct azure_step_check *c, const cJSON *node, const char *name)
{
	if (strcmp(name, "region") == 0 && !c->capability->needs_region)
		return azure_step_fault(c, node, "{region} needs requires = [\"region\"]");
	if (strcmp(name, "resource_group") == 0 && !c->capability->needs_resource_group)
		return azure_step_fault(
		    c, node, "{resource_group} needs requires = [\"resource_group\"]");
	return 0;
}

static int
check_parameter(struct azure_step_check *c, const cJSON *node, const struct parameter *p)
{
	if (p->secret)
		return azure_step_fault(c, node,
		    "{%s} is a secret: it may only be the whole value of a template's "
		    "parameter",
		    p->name);
	if (p->type == VALUE_ARRAY || p->type == VALUE_OBJECT)
		return azure_step_fault(c, node, "{%s} is of type %s and does not fit into a text",
		    p->name, value_type_name(p->type));
	if (!p->required && !p->fallback)
		return azure_step_fault(c, node,
		    "{%s} may have no value: make it required, or give it a default", p->name);
	return 0;
}

int
azure_step_check_text(
    struct azure_step_check *c, const cJSON *node, const char *text, const char *extra)
{
	struct placeholder found;
	int rc = 0;

	for (; placeholder_next(text, &found); text = found.start + found.len) {
		const struct parameter *p = capability_parameter(c->capability, found.name);

		if (found.spliced)
			rc = azure_step_fault(
			    c, node, "%.*s must stand alone", (int)found.len, found.start);
		else if (p)
			rc = check_parameter(c, node, p) < 0 ? -1 : rc;
		else if (objective_word_is_known(found.name))
			rc = check_word(c, node, found.name) < 0 ? -1 : rc;
		else if (!extra || strcmp(found.name, extra) != 0)
			rc = unknown_placeholder(c, node, found.name);
	}
	return rc;
}

void
azure_argv_end(const struct filling *f, struct strv *argv)
{
	const char *subscription = f->words.objective->subscription;

	if (!subscription)
		subscription = f->request->subscription;
	strv_add(argv, "--output=json");
	strv_add(argv, "--only-show-errors");
	if (subscription)
		strv_addf(argv, "--subscription=%s", subscription);
}

/* "/Namespace/type/name", with a further pair for each child. */
static bool
is_target(const char *text)
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

static int
check_target(struct azure_step_check *c, const cJSON *item)
{
	const cJSON *id = cJSON_IsObject(item) ? keys_get(item, "id") : item;
	const char *each = keys_str(item, "each"), *when = keys_str(item, "when");

	if (!cJSON_IsString(id))
		return azure_step_fault(
		    c, item, "a target is a text, or a table with \"id\" and \"each\" or \"when\"");
	if (!is_target(id->valuestring) && strncmp(id->valuestring, "/subscriptions/", 15) != 0)
		return azure_step_fault(
		    c, id, "\"%s\" is no target, expected /NAMESPACE/TYPE/NAME", id->valuestring);
	if (each) {
		const struct parameter *p = capability_parameter(c->capability, each);
		if (!p || p->type != VALUE_INTEGER || (!p->required && !p->fallback))
			return azure_step_fault(c, item,
			    "\"each\" is \"%s\", expected an integer parameter that "
			    "always has a value",
			    each);
	}
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
	if (!is_target(target) && strncmp(target, "/subscriptions/", 15) != 0)
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
		for (int n = 1; n <= count && rc == 0; n++) {
			f->each = each ? n : 0;
			rc = add_target(f, id, step, faults);
		}
		f->each = 0;
	}
	return rc;
}

void
azure_undo_compile(const struct filling *f, struct step *step)
{
	static const char *const undo[] = { "az", "resource", "delete", "--ids={resource}" };
	static const char *const prove[] = { "az", "resource", "show", "--ids={resource}" };

	for (size_t i = 0; i < COUNT_OF(undo); i++)
		strv_add(&step->undo, undo[i]);
	azure_argv_end(f, &step->undo);
	for (size_t i = 0; i < COUNT_OF(prove); i++)
		strv_add(&step->prove, prove[i]);
	azure_argv_end(f, &step->prove);
}

void
azure_undo_read(const struct step *step, const struct result *result, struct reading *reading)
{
	struct azure_error e = { 0 };

	if (azure_answer_is_good(result)) {
		reading->outcome = OUTCOME_HAPPENED;
		return;
	}
	bool refused = azure_answer_failure(step, result, reading, &e);
	reading->outcome = refused ? OUTCOME_DID_NOT_HAPPEN : OUTCOME_IN_DOUBT;
	/* It is gone already, which is all that an undo wants. */
	if (azure_error_is_absence(&e) && result->code == 3) {
		reading->outcome = OUTCOME_HAPPENED;
		failure_clear(&reading->failure);
	}
	azure_error_clear(&e);
}

/* A child such as a subnet takes no tags; what it stands below does. */
static bool
is_child(const char *id)
{
	const char *provider = NULL;
	size_t slashes = 0;

	for (const char *at = id; at && (at = strcasestr(at, "/providers/")); at++)
		provider = at;
	if (!provider)
		return false;
	for (const char *p = provider + strlen("/providers"); *p; p++)
		slashes += *p == '/';
	return slashes > 3;
}

static void
read_survivor(const struct plan *plan, const struct step *step, const char *subject,
    const cJSON *answer, struct reading *reading)
{
	const char *text;

	if (subject)
		strv_add(&reading->resources, subject);
	if (azure_answer_state_of(answer, &text) == AZURE_RUNNING) {
		reading->answer = ANSWER_OURS_IN_PROGRESS;
	} else if (azure_answer_is_ours(keys_get(answer, "tags"), plan->objective_id) ||
	    (subject && is_child(subject))) {
		reading->answer = ANSWER_OURS_COMPLETE;
	} else {
		reading->answer = ANSWER_FOREIGN;
		failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
		    "%s stands, but does not carry our tag any more", subject ? subject : "it");
	}
}

void
azure_prove_read(const struct plan *plan, const struct step *step, const char *subject,
    const struct result *result, struct reading *reading)
{
	struct azure_error e = { 0 };

	reading->conclusive = true;
	if (azure_answer_is_good(result)) {
		AUTO_JSON cJSON *answer = azure_answer_parse(result);
		if (cJSON_IsObject(answer))
			read_survivor(plan, step, subject, answer, reading);
		else
			failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
			    "the answer of az could not be read");
		return;
	}
	azure_answer_failure(step, result, reading, &e);
	if (result->ending == END_EXITED && result->code == 3 && azure_error_is_absence(&e)) {
		reading->answer = ANSWER_ABSENT;
		failure_clear(&reading->failure);
	}
	azure_error_clear(&e);
}
