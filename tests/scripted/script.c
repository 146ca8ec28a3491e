/*
 * The strategy "script", which only tests have: its steps are programs that
 * answer as plainly as can be, so that a few lines of sh can be a whole cloud.
 *
 *	[[script.step]]
 *	name		short, unique in the capability
 *	summary		what it does, for people; may hold placeholders
 *	when		a boolean parameter: the step is left out unless it is true
 *	run		an argv array; "{tags...}" becomes purser-objective=ID and the labels
 *	check		likewise; what has none is found absent
 *	collect		likewise: lists what a run made, where the run does not
 *	guard, undo, prove	likewise, with {resource}; what has no undo cannot be undone
 *	id		of what the step makes, where an answer names no resources
 *	outputs		names of the fields that the step puts out
 *	idempotent	running it twice is as running it once
 *	timeout, settle	durations
 *
 * Run, undo and collect end with
 *
 *	0	it happened: {"resources": [...], "outputs": {...}} on stdout, if anything
 *	1	it did not happen
 *	2	it is in doubt, as is whatever else became of the program once it was started
 *
 * Check, guard and prove end with
 *
 *	0	ours, and complete (stdout as above)	5	foreign
 *	3	absent					6	ours, but it ended badly
 *	4	ours, in progress			else	that cannot be told
 *
 * Why stands on stderr as "ERROR: (Code) message".
 */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/keys.h"
#include "core/placeholder.h"
#include "strategies/azure_step.h"
#include "strategies/filling.h"
#include "strategies/step_keys.h"
#include "tests/scripted/script.h"

enum status {
	STATUS_DONE = 0,
	STATUS_REFUSED = 1,
	STATUS_ABSENT = 3,
	STATUS_IN_PROGRESS = 4,
	STATUS_FOREIGN = 5,
	STATUS_ENDED_BADLY = 6,
};

static const struct key step_keys[] = {
	{ "name", KEY_STRING, true, NULL },
	{ "summary", KEY_STRING, true, NULL },
	{ "when", KEY_STRING, false, NULL },
	{ "run", KEY_STRINGS, true, NULL },
	{ "check", KEY_STRINGS, false, NULL },
	{ "collect", KEY_STRINGS, false, NULL },
	{ "guard", KEY_STRINGS, false, NULL },
	{ "undo", KEY_STRINGS, false, NULL },
	{ "prove", KEY_STRINGS, false, NULL },
	{ "id", KEY_STRING, false, NULL },
	{ "outputs", KEY_STRINGS, false, NULL },
	{ "idempotent", KEY_BOOLEAN, false, NULL },
	{ "timeout", KEY_STRING, false, NULL },
	{ "settle", KEY_STRING, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

/* The calls of a step, and whether {resource} means something in them. */
static const struct {
	const char *key;
	const char *extra;
} calls[] = {
	{ "run", NULL },
	{ "check", NULL },
	{ "collect", NULL },
	{ "guard", "resource" },
	{ "undo", "resource" },
	{ "prove", "resource" },
};

/* ---- the table of a capability ---- */

static int
check_argv(struct azure_step_check *c, const char *key, const char *extra)
{
	const cJSON *argv = keys_get(c->table, key), *element;
	int rc = 0;

	if (argv && cJSON_GetArraySize(argv) == 0)
		return azure_step_fault(c, argv, "\"%s\" names no program", key);
	cJSON_ArrayForEach (element, argv)
		if (strcmp(element->valuestring, "{tags...}") != 0)
			rc |= azure_step_check_text(c, element, element->valuestring, extra);
	return rc;
}

static int
check_outputs(struct azure_step_check *c)
{
	const cJSON *outputs = keys_get(c->table, "outputs"), *name;
	int rc = 0;

	cJSON_ArrayForEach (name, outputs)
		if (!capability_output(c->capability, name->valuestring))
			rc = azure_step_fault(c, name, "\"%s\" is no output of \"%s\"",
			    name->valuestring, c->capability->name);
	return rc;
}

static int
check_step(struct azure_step_check *c, struct strv *names)
{
	int rc = 0;

	if (keys_check(&c->capability->doc, c->table, step_keys, "a scripted step", c->faults) < 0)
		return -1;
	const char *name = keys_str(c->table, "name");
	if (strv_has(names, name))
		rc = azure_step_fault(c, c->table, "a second step is named \"%s\"", name);
	strv_add(names, name);
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		rc |= check_argv(c, calls[i].key, calls[i].extra);
	if (keys_str(c->table, "id"))
		rc |= azure_step_check_text(
		    c, keys_get(c->table, "id"), keys_str(c->table, "id"), NULL);
	rc |= check_outputs(c);
	return rc | step_keys_check(c);
}

static int
validate(const struct capability *capability, struct faults *faults)
{
	static const struct key keys[] = {
		{ "step", KEY_OBJECTS, true, NULL },
		{ NULL, KEY_ANY, false, NULL },
	};
	struct azure_step_check c = { .capability = capability, .faults = faults };
	const cJSON *table = keys_get(capability->strategies, script.name), *steps;
	struct strv names = { 0 };
	int rc = 0;

	if (keys_check(&capability->doc, table, keys, script.name, faults) < 0)
		return -1;
	steps = keys_get(table, "step");
	if (!steps->child)
		return azure_step_fault(&c, table, "script has no step");
	cJSON_ArrayForEach (c.table, steps)
		rc |= check_step(&c, &names);
	strv_clear(&names);
	return rc;
}

/* ---- from an objective to a plan ---- */

static void
add_tags(const struct filling *f, struct strv *argv)
{
	AUTO_JSON cJSON *tags = filling_tags(f);
	const cJSON *tag;

	cJSON_ArrayForEach (tag, tags)
		strv_addf(argv, "%s=%s", tag->string, tag->valuestring);
}

static int
compile_argv(struct filling *f, const cJSON *template, struct strv *argv, struct faults *faults)
{
	AUTO_FREE char *where = objective_label(f->words.objective);
	const cJSON *element;

	cJSON_ArrayForEach (element, template) {
		const char *text = element->valuestring;
		if (strcmp(text, "{tags...}") == 0) {
			add_tags(f, argv);
			continue;
		}
		char *filled = filling_text(f, text, where, faults);
		if (!filled)
			return -1;
		strv_take(argv, filled);
		if (*filled == '-' && *text != '-')
			return faults_add(
			    faults, where, "\"%s\" would become the option \"%s\"", text, filled);
	}
	return 0;
}

static cJSON *
compile_outputs(const cJSON *names)
{
	cJSON *outputs = names ? cJSON_CreateObject() : NULL;
	const cJSON *name;

	cJSON_ArrayForEach (name, names) {
		AUTO_FREE char *path = xasprintf("outputs.%s", name->valuestring);
		json_add_str(outputs, name->valuestring, path);
	}
	return outputs;
}

static int
compile_row(struct filling *f, const cJSON *table, struct step *step, struct faults *faults)
{
	AUTO_FREE char *where = objective_label(f->words.objective);
	const char *id = keys_str(table, "id");
	struct strv *const into[COUNT_OF(calls)] = { &step->run, &step->checks[0], &step->collect,
		&step->guard, &step->undo, &step->prove };
	int rc = 0;

	step->id = id ? filling_text(f, id, where, faults) : NULL;
	step->outputs = compile_outputs(keys_get(table, "outputs"));
	step->n_checks = keys_get(table, "check") ? 1 : 0;
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		rc |= compile_argv(f, keys_get(table, calls[i].key), into[i], faults);
	return !id || step->id ? rc : -1;
}

static int
compile(const struct plan_request *request, struct plan *plan, struct faults *faults)
{
	return step_keys_compile_rows(request, script.name, compile_row, plan, faults);
}

/* ---- from a result to what it means ---- */

/* Of "ERROR: (Code) message": both the caller's own; code NULL if there is none. */
static void
split_error(const char *text, char **code, char **message)
{
	static const char mark[] = "ERROR: ";
	const char *error = strstr(text, mark), *end;

	*code = NULL;
	if (error)
		text = error + strlen(mark);
	if (error && *text == '(' && (end = strchr(text, ')'))) {
		*code = xstrndup(text + 1, (size_t)(end - text - 1));
		text = end + 1;
		text += strspn(text, " ");
	}
	*message = xstrndup(text, strcspn(text, "\n"));
}

static void
read_error(const struct failure_table *known, const struct step *step, const struct result *r,
    struct failure *failure)
{
	AUTO_FREE char *code, *message;

	split_error(r->err, &code, &message);
	const char *const codes[] = { code };
	struct tool_output output = { .tool = script.name,
		.codes = codes,
		.n_codes = code ? 1 : 0,
		.status = r->code,
		.message = message,
		.text = r->err };
	failure_set(failure, FAILURE_UNKNOWN, code, step->name, "%s",
	    *message ? message : "the script said nothing");
	failure_table_classify(known, &output, failure);
}

static void
read_failure(const struct failure_table *known, const struct step *step, const struct result *r,
    struct reading *reading)
{
	struct failure *f = &reading->failure;

	switch (r->ending) {
	case END_EXITED:
		read_error(known, step, r, f);
		break;
	case END_SIGNALED:
		failure_set(f, FAILURE_TRANSIENT, NULL, step->name,
		    "the script was ended by signal %d", r->code);
		break;
	case END_TIMED_OUT:
		failure_set(f, FAILURE_TIMEOUT, NULL, step->name,
		    "the script did not end in time and was stopped");
		break;
	case END_NOT_STARTED:
		failure_set(f, FAILURE_INVALID, NULL, step->name, "the script was not started%s%s",
		    r->code ? ": " : "", r->code ? strerror(r->code) : "");
		f->fallback = true;
		break;
	case END_LOST:
	case ENDINGS:
		failure_set(f, FAILURE_TRANSIENT, NULL, step->name,
		    "how the script ended was not recorded");
		break;
	}
}

/* Resources and outputs of an answer; false if an output is missing. */
static bool
read_answer(const struct step *step, const struct result *r, struct reading *reading)
{
	AUTO_JSON cJSON *answer = r->out_cut ? NULL : json_parse(r->out, strlen(r->out), 1, NULL);
	const cJSON *path;
	bool complete = true;

	json_get_strv(json_at(answer, "resources"), &reading->resources);
	if (reading->resources.len == 0 && step->id)
		strv_add(&reading->resources, step->id);
	cJSON_ArrayForEach (path, step->outputs) {
		const cJSON *value = json_at(answer, path->valuestring);

		complete &= value != NULL;
		if (!reading->outputs)
			reading->outputs = cJSON_CreateObject();
		if (value)
			cJSON_AddItemToObject(
			    reading->outputs, path->string, cJSON_Duplicate(value, true));
	}
	return complete;
}

/* COMPLETE: an answer without all outputs tells too little. */
static void
read_effect(const struct failure_table *known, const struct step *step, const struct result *r,
    bool complete, struct reading *reading)
{
	reading->outcome = OUTCOME_IN_DOUBT;
	if (r->ending == END_EXITED && r->code == STATUS_DONE) {
		bool all = read_answer(step, r, reading);
		if (all || !complete)
			reading->outcome = OUTCOME_HAPPENED;
		else
			failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
			    "the script succeeded, but an output is missing in its answer");
		return;
	}
	read_failure(known, step, r, reading);
	if (r->ending == END_NOT_STARTED || (r->ending == END_EXITED && r->code == STATUS_REFUSED))
		reading->outcome = OUTCOME_DID_NOT_HAPPEN;
}

static void
found(const struct failure_table *known, const struct step *step, const struct result *r,
    bool complete, struct reading *reading)
{
	bool all = read_answer(step, r, reading);

	switch (r->code) {
	case STATUS_DONE:
		if (all || !complete)
			reading->answer = ANSWER_OURS_COMPLETE;
		else
			failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
			    "it stands, but an output is missing in what the script shows of it");
		break;
	case STATUS_ENDED_BADLY:
		reading->answer = ANSWER_OURS_COMPLETE;
		reading->ended_badly = true;
		read_failure(known, step, r, reading);
		break;
	case STATUS_FOREIGN:
		reading->answer = ANSWER_FOREIGN;
		failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
		    "%s stands and was not made for this objective",
		    reading->resources.len > 0 ? reading->resources.v[0] : "what the step makes");
		break;
	default:
		break;
	}
}

/* COMPLETE: as above. */
static void
read_look(const struct failure_table *known, const struct step *step, const struct result *r,
    bool complete, struct reading *reading)
{
	reading->conclusive = true;
	reading->answer = ANSWER_CANNOT_TELL;
	switch (r->ending == END_EXITED ? r->code : -1) {
	case STATUS_DONE:
	case STATUS_FOREIGN:
	case STATUS_ENDED_BADLY:
		found(known, step, r, complete, reading);
		break;
	case STATUS_ABSENT:
		reading->answer = ANSWER_ABSENT;
		break;
	case STATUS_IN_PROGRESS:
		reading->answer = ANSWER_OURS_IN_PROGRESS;
		break;
	default:
		read_failure(known, step, r, reading);
		break;
	}
}

static void
read_result(const struct failure_table *known, const struct plan *plan, const struct step *step,
    enum act act, size_t call, const char *resource, const struct result *r,
    struct reading *reading)
{
	(void)plan, (void)call, (void)resource;
	switch (act) {
	case ACT_RUN:
		read_effect(known, step, r, step->collect.len == 0, reading);
		break;
	case ACT_COLLECT:
		read_effect(known, step, r, true, reading);
		break;
	case ACT_UNDO:
		read_effect(known, step, r, false, reading);
		break;
	case ACT_CHECK:
		read_look(known, step, r, step->collect.len == 0, reading);
		break;
	case ACT_GUARD:
	case ACT_PROVE:
		read_look(known, step, r, false, reading);
		break;
	case ACT_MEND:
	case ACTS:
		break;
	}
}

const struct strategy script = {
	.name = "script",
	.summary = "Scripts, for tests.",
	.validate = validate,
	.compile = compile,
	.read = read_result,
};
