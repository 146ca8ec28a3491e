/*
 * A step that is an az command. Values become whole parts of one argv element,
 * after a "=", and can neither become an option nor the name of a file to read:
 * az replaces every value that begins with "@", also after "=", by that file's
 * contents.
 */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/keys.h"
#include "core/placeholder.h"
#include "strategies/azure_answer.h"
#include "strategies/azure_guard.h"
#include "strategies/azure_step.h"
#include "strategies/azure_target.h"

static const char *const refused_options[] = {
	/* purser sets these itself. */
	"--output",
	"-o",
	"--only-show-errors",
	"--subscription",
	/* They would make "accepted" look like "done", or print tokens. */
	"--no-wait",
	"--debug",
	"--verbose",
};

static const char *
value_of(const char *element)
{
	const char *equals = strchr(element, '=');

	return equals ? equals + 1 : NULL;
}

static bool
is_option(const char *text, const char *option)
{
	size_t len = strcspn(text, "=");

	return strlen(option) == len && strncmp(option, text, len) == 0;
}

static int
check_option(struct azure_step_check *c, const cJSON *element)
{
	const char *text = element->valuestring;

	for (size_t i = 0; i < COUNT_OF(refused_options); i++)
		if (is_option(text, refused_options[i]))
			return azure_step_fault(
			    c, element, "\"%s\" may not be used here", refused_options[i]);
	const char *value = value_of(text);
	if (*text == '@' || (value && *value == '@'))
		return azure_step_fault(
		    c, element, "\"%s\": az takes what begins with @ for a file", text);
	return 0;
}

/* EXTRA is a placeholder that is allowed beside the common ones, or NULL. */
static int
check_element(struct azure_step_check *c, const cJSON *element, const char *extra)
{
	const char *text = element->valuestring;
	const char *value = value_of(text);
	struct placeholder found;

	if (check_option(c, element) < 0)
		return -1;
	if (!placeholder_next(text, &found))
		return 0;
	if (placeholder_is_whole(text, &found) && found.spliced && strcmp(found.name, "tags") == 0)
		return 0;
	if (!value || found.start < value)
		return azure_step_fault(c, element,
		    "\"%s\": a value that stands alone could become an option; write "
		    "it as --name={value} or key={value}",
		    text);
	return azure_step_check_text(c, element, text, extra);
}

/* The command's verb: the last word before the first option. */
static const char *
verb_of(const cJSON *argv)
{
	const cJSON *element;
	const char *verb = "";

	cJSON_ArrayForEach (element, argv) {
		if (*element->valuestring == '-')
			break;
		verb = element->valuestring;
	}
	return verb;
}

static bool
has_tags(const cJSON *argv)
{
	const cJSON *element;

	cJSON_ArrayForEach (element, argv)
		if (strcmp(element->valuestring, "{tags...}") == 0)
			return true;
	return false;
}

static int
check_argv(struct azure_step_check *c, const char *key, const char *extra, const char *verb)
{
	const cJSON *argv = keys_get(c->table, key), *element;
	int rc = 0;

	if (!argv)
		return 0;
	if (cJSON_GetArraySize(argv) < 3 || strcmp(argv->child->valuestring, "az") != 0)
		return azure_step_fault(
		    c, argv, "\"%s\" must begin with \"az\" and a command", key);
	cJSON_ArrayForEach (element, argv)
		if (check_element(c, element, extra) < 0)
			rc = -1;
	/* A look must not change anything, and its reader understands "show" only. */
	if (verb && strcmp(verb_of(argv), verb) != 0)
		rc = azure_step_fault(c, argv,
		    "\"%s\" must be an az command that ends in \"%s\", not \"%s\"", key, verb,
		    verb_of(argv));
	return rc;
}

static int
check_paths(struct azure_step_check *c)
{
	const cJSON *outputs = keys_get(c->table, "outputs"), *path;
	int rc = 0;

	cJSON_ArrayForEach (path, outputs) {
		if (!capability_output(c->capability, path->string))
			rc = azure_step_fault(c, path, "\"%s\" is no output of \"%s\"",
			    path->string, c->capability->name);
		else if (!cJSON_IsString(path) || !*path->valuestring)
			rc = azure_step_fault(c, path,
			    "expected the path of \"%s\" in the answer, such as "
			    "\"properties.id\"",
			    path->string);
	}
	return rc;
}

/* A query that fails comes after the effect and hides it, and one that works hides parts of the answer. */
static int
check_no_query(struct azure_step_check *c, const char *key)
{
	const cJSON *element;

	cJSON_ArrayForEach (element, keys_get(c->table, key))
		if (is_option(element->valuestring, "--query"))
			return azure_step_fault(
			    c, element, "\"--query\" may not be used in \"%s\"", key);
	return 0;
}

int
azure_command_check(struct azure_step_check *c)
{
	static const struct key keys[] = {
		{ "name", KEY_STRING, true, NULL },
		{ "summary", KEY_STRING, true, NULL },
		{ "when", KEY_STRING, false, NULL },
		{ "run", KEY_STRINGS, true, NULL },
		{ "check", KEY_STRINGS, true, NULL },
		{ "guard", KEY_STRINGS, false, NULL },
		{ "undo", KEY_STRINGS, false, NULL },
		{ "prove", KEY_STRINGS, false, NULL },
		{ "id", KEY_STRING, false, NULL },
		{ "outputs", KEY_OBJECT, false, NULL },
		{ "idempotent", KEY_BOOLEAN, false, NULL },
		{ "timeout", KEY_STRING, false, NULL },
		{ "settle", KEY_STRING, false, NULL },
		{ "targets", KEY_ANY, false, NULL },
		{ NULL, KEY_ANY, false, NULL },
	};
	const cJSON *run = keys_get(c->table, "run");
	int rc = 0;

	if (keys_check(&c->capability->doc, c->table, keys, "an az step", c->faults) < 0)
		return -1;
	rc |= check_argv(c, "run", NULL, NULL);
	rc |= check_no_query(c, "run");
	rc |= check_argv(c, "check", NULL, "show");
	rc |= check_argv(c, "guard", "resource", "list");
	rc |= check_no_query(c, "guard");
	if (keys_get(c->table, "guard") && !keys_get(c->table, "undo"))
		rc = azure_step_fault(c, keys_get(c->table, "guard"),
		    "\"guard\" without \"undo\": what purser undoes by itself takes one "
		    "resource only");
	rc |= check_argv(c, "undo", "resource", "delete");
	rc |= check_argv(c, "prove", "resource", "show");
	rc |= check_paths(c);
	rc |= azure_targets_check(c, false);
	if (!has_tags(run))
		rc = azure_step_fault(c, run,
		    "\"run\" lacks the element \"{tags...}\": without its tag purser could "
		    "not tell what it made from what others made");
	return rc;
}

static int
add_tags(const struct filling *f, struct strv *argv, const char *where, struct faults *faults)
{
	AUTO_JSON cJSON *tags = filling_tags(f);
	const cJSON *tag;

	cJSON_ArrayForEach (tag, tags) {
		/* Submission refuses such labels already; this is the last line of defence. */
		if (*tag->string == '-' || *tag->string == '@' || strchr(tag->string, '=') ||
		    *tag->valuestring == '@')
			return faults_add(
			    faults, where, "the label \"%s\" cannot be handed to az", tag->string);
		strv_addf(argv, "%s=%s", tag->string, tag->valuestring);
	}
	return 0;
}

static int
add_element(struct filling *f, const char *text, struct strv *argv, const char *where,
    struct faults *faults)
{
	if (strcmp(text, "{tags...}") == 0)
		return add_tags(f, argv, where, faults);
	AUTO_FREE char *element = filling_text(f, text, where, faults);
	if (!element)
		return -1;
	const char *value = value_of(element);
	if (value && *value == '@')
		return faults_add(faults, where,
		    "\"%.*s\" would be \"%.60s\", and az takes what begins with @ for a "
		    "file",
		    (int)(value - 1 - element), element, value);
	strv_take(argv, take(element));
	return 0;
}

static int
compile_argv(struct filling *f, const cJSON *template, struct strv *argv, struct faults *faults)
{
	AUTO_FREE char *where = objective_label(f->words.objective);
	const cJSON *element;

	cJSON_ArrayForEach (element, template)
		if (add_element(f, element->valuestring, argv, where, faults) < 0)
			return -1;
	azure_argv_end(f, argv);
	return 0;
}

int
azure_command_compile(
    struct filling *f, const cJSON *table, struct step *step, struct faults *faults)
{
	const cJSON *undo = keys_get(table, "undo"), *prove = keys_get(table, "prove");
	const cJSON *check = keys_get(table, "check"), *guard = keys_get(table, "guard");
	const cJSON *outputs = keys_get(table, "outputs");
	const char *id = keys_str(table, "id");
	int rc = 0;

	rc |= compile_argv(f, keys_get(table, "run"), &step->run, faults);
	rc |= compile_argv(f, check, &step->checks[0], faults);
	step->n_checks = 1;
	if (undo) {
		rc |= compile_argv(f, undo, &step->undo, faults);
		if (guard)
			rc |= compile_argv(f, guard, &step->guard, faults);
		rc |= compile_argv(f, prove ? prove : check, &step->prove, faults);
	} else {
		azure_undo_compile(f, step);
	}
	step->id = xstrdup(id ? id : "id");
	step->outputs = outputs ? cJSON_Duplicate(outputs, true) : NULL;
	rc |= azure_targets_compile(f, keys_get(table, "targets"), step, faults);
	return rc;
}

static void
read_run(const struct failure_table *known, const struct step *step, const struct result *result,
    struct reading *reading)
{
	if (!azure_answer_is_good(result)) {
		reading->outcome = azure_answer_outcome(known, ACT_RUN, step, result, reading);
		return;
	}
	AUTO_JSON cJSON *answer = azure_answer_parse(result);
	const char *id = answer ? json_str(answer, step->id) : NULL;
	if (id && azure_answer_outputs(step, answer, reading)) {
		reading->outcome = OUTCOME_HAPPENED;
		strv_add(&reading->resources, id);
		return;
	}
	/* It happened, but what it made is not known: the check tells. */
	reading->outcome = OUTCOME_IN_DOUBT;
	failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
	    "az succeeded, but its answer %s",
	    answer ? "lacks an id or an output" : "could not be read");
}

static void
read_state(
    const struct step *step, const cJSON *answer, bool outputs_complete, struct reading *reading)
{
	const char *text;

	switch (azure_answer_state_of(answer, &text)) {
	case AZURE_RUNNING:
		reading->answer = ANSWER_OURS_IN_PROGRESS;
		break;
	case AZURE_FAILED:
		reading->answer = ANSWER_OURS_COMPLETE;
		reading->ended_badly = true;
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "%s stands in the state %s", reading->resources.v[0], text);
		break;
	case AZURE_SUCCEEDED:
		if (outputs_complete)
			reading->answer = ANSWER_OURS_COMPLETE;
		else
			failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
			    "%s stands, but an output is missing in what az shows of it",
			    reading->resources.v[0]);
		break;
	}
}

static void
read_check(const struct failure_table *known, const struct plan *plan, const struct step *step,
    const struct result *result, struct reading *reading)
{
	reading->conclusive = true;
	if (!azure_answer_is_good(result)) {
		if (azure_answer_absence(known, step, result, reading))
			reading->answer = ANSWER_ABSENT;
		return;
	}
	AUTO_JSON cJSON *answer = azure_answer_parse(result);
	const char *id = answer ? json_str(answer, step->id) : NULL;
	if (!id) {
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "the answer of az %s", answer ? "lacks an id" : "could not be read");
		return;
	}
	strv_add(&reading->resources, id);
	bool complete = azure_answer_outputs(step, answer, reading);
	if (azure_answer_is_ours(keys_get(answer, "tags"), plan->objective_id)) {
		read_state(step, answer, complete, reading);
		return;
	}
	reading->answer = ANSWER_FOREIGN;
	failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
	    "%s stands already and was not made for this objective", id);
}

void
azure_command_read(const struct failure_table *known, const struct plan *plan,
    const struct step *step, enum act act, const char *resource, const struct result *result,
    struct reading *reading)
{
	switch (act) {
	case ACT_RUN:
		read_run(known, step, result, reading);
		break;
	case ACT_CHECK:
		read_check(known, plan, step, result, reading);
		break;
	case ACT_GUARD:
		azure_guard_read(known, plan, step, result, reading);
		break;
	case ACT_UNDO:
		azure_undo_read(known, step, result, reading);
		break;
	case ACT_PROVE:
		azure_prove_read(known, plan, step, resource, result, reading);
		break;
	case ACT_COLLECT:
	case ACT_MEND:
	case ACTS:
		break;
	}
}
