/* What az commands and ARM templates have in common as steps. */
#include <config.h>

#include "strategies/azure_step.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
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
	if (!p->required && !p->default_value)
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

int
azure_step_check_span(struct azure_step_check *c, const char *key)
{
	const cJSON *value = keys_get(c->table, key);
	struct err e = { 0 };
	int64_t ms;

	if (!cJSON_IsString(value) || clock_parse_span(value->valuestring, &ms, &e) == 0)
		return 0;
	return azure_step_fault(
	    c, value, "\"%s\": %s, expected a duration such as \"20m\"", key, e.msg);
}

int64_t
azure_step_span(const cJSON *table, const char *key, int64_t otherwise)
{
	const char *text = keys_str(table, key);
	int64_t ms;

	return text && clock_parse_span(text, &ms, NULL) == 0 ? ms : otherwise;
}

bool
azure_step_is_template(const struct step *step)
{
	return step->collect.len > 0;
}

void
azure_argv_end(const struct filling *f, struct strv *argv)
{
	const char *subscription = f->words.objective->subscription;

	if (!subscription)
		subscription = f->request->subscription;
	if (!subscription && f->request->preview)
		subscription = "SUBSCRIPTION"; /* as "ID" stands for the id */
	strv_add(argv, "--output=json");
	strv_add(argv, "--only-show-errors");
	if (subscription)
		strv_addf(argv, "--subscription=%s", subscription);
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
azure_undo_read(const struct failure_table *known, const struct step *step,
    const struct result *result, struct reading *reading)
{
	/* If it is gone already, that is all that an undo wants. */
	if (azure_answer_is_good(result) || azure_answer_absence(known, step, result, reading))
		reading->outcome = OUTCOME_HAPPENED;
	else
		reading->outcome = azure_answer_outcome(known, ACT_UNDO, step, result, reading);
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
read_survivor(const struct plan *plan, const struct step *step, const char *resource,
    const cJSON *answer, struct reading *reading)
{
	const char *text;

	if (resource)
		strv_add(&reading->resources, resource);
	if (azure_answer_state_of(answer, &text) == AZURE_RUNNING) {
		reading->answer = ANSWER_OURS_IN_PROGRESS;
	} else if (azure_answer_is_ours(keys_get(answer, "tags"), plan->objective_id) ||
	    (resource && is_child(resource))) {
		reading->answer = ANSWER_OURS_COMPLETE;
	} else {
		reading->answer = ANSWER_FOREIGN;
		failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
		    "%s stands, but does not carry our tag any more", resource ? resource : "it");
	}
}

void
azure_prove_read(const struct failure_table *known, const struct plan *plan,
    const struct step *step, const char *resource, const struct result *result,
    struct reading *reading)
{
	reading->conclusive = true;
	if (!azure_answer_is_good(result)) {
		if (azure_answer_absence(known, step, result, reading))
			reading->answer = ANSWER_ABSENT;
		return;
	}
	AUTO_JSON cJSON *answer = azure_answer_parse(result);
	if (cJSON_IsObject(answer))
		read_survivor(plan, step, resource, answer, reading);
	else
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "the answer of az could not be read");
}
