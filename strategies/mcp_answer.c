/*
 * Reading the results of tools. Ids and outputs come from structuredContent, or
 * where a tool gives none from its one text, if that is a JSON object: servers of
 * older revisions answer so.
 *
 * An error of a tool ("isError") tells that something went wrong within it, and
 * not that nothing was done: it may have made two requests, of which the second
 * failed. It leaves doubt, unless the capability says otherwise.
 */
#include <config.h>

#include "strategies/mcp_answer.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/azure_answer.h"
#include "strategies/azure_error.h"

#define MASK "****" /* what a secret of the shortest kind becomes: driver/secret_mask.h */

/* Of JSON-RPC 2.0, section 5.1: what is wrong with the call, in the eyes of server or tool. */
#define RPC_INVALID_REQUEST (-32600)
#define RPC_INVALID_PARAMS (-32602)

/* ---- what was answered ---- */

/* The texts of the answer, one a line. The caller's own. */
static char *
texts_of(const cJSON *answer)
{
	CLEANUP(strv_clear) struct strv texts = { 0 };
	const cJSON *block;

	cJSON_ArrayForEach (block, cJSON_GetObjectItemCaseSensitive(answer, "content")) {
		const char *text = json_str(block, "text");

		if (text != NULL)
			strv_add(&texts, text);
	}
	return strv_join(&texts, "\n");
}

/* The structured part of an answer as it was parsed; NULL if it has none. The caller's own. */
static cJSON *
structured_of(cJSON *answer)
{
	AUTO_FREE char *text = texts_of(answer);
	cJSON *part = cJSON_DetachItemFromObjectCaseSensitive(answer, "structuredContent");

	if (part != NULL)
		return part;
	part = json_parse(text, strlen(text), 1, NULL);
	if (cJSON_IsObject(part))
		return part;
	cJSON_Delete(part);
	return NULL;
}

static bool
was_answered(const struct result *r, enum call_code code)
{
	return r->ending == END_EXITED && r->code == (int)code;
}

/* What a good answer holds; NULL if it is none, or not all there. The caller's own. */
static cJSON *
parse_good(const struct result *r)
{
	AUTO_JSON cJSON *answer = azure_answer_parse(r);

	return was_answered(r, CALL_DONE) && answer != NULL ? structured_of(answer) : NULL;
}

/* ---- failures ---- */

/* {"error": {...}}, or an object with a code of its own. */
static const cJSON *
error_object(const cJSON *structured)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(structured, "error");

	if (cJSON_IsObject(error))
		return error;
	return json_str(structured, "code") != NULL ? structured : NULL;
}

/* What the tool itself says. azure_error_clear(ERROR) is due. */
static void
read_tool_error(
    const struct failure_table *known, const struct result *r, struct azure_error *error)
{
	AUTO_JSON cJSON *answer = azure_answer_parse(r);
	AUTO_FREE char *text = texts_of(answer);
	AUTO_JSON cJSON *structured = answer != NULL ? structured_of(answer) : NULL;

	if (error_object(structured) != NULL)
		azure_error_read_json(error, known, error_object(structured));
	else
		azure_error_read(
		    error, known, *text != '\0' ? text : "the tool gives no reason", CALL_FAILED);
}

static void
fail_as_tool(const struct failure_table *known, const struct step *step, const struct result *r,
    struct failure *f)
{
	struct azure_error error;

	read_tool_error(known, r, &error);
	/* How often az would have tried is nothing to a tool. */
	error.tool_tries = 1;
	azure_error_tell(&error, NULL, step->name, f);
	azure_error_clear(&error);
	/* Also what stands beside the error. */
	trace_read(&f->trace, r->out != NULL ? r->out : "");
}

static void
fail_as_refused(const struct failure_table *known, const struct step *step, const struct result *r,
    struct failure *f)
{
	AUTO_JSON cJSON *answer = azure_answer_parse(r);
	const char *message = json_str(answer, "message");
	const int status = (int)json_int(answer, "http_status", 0);
	const int code = (int)json_int(answer, "code", 0);
	AUTO_FREE char *name = code != 0 ? xasprintf("%d", code) : NULL;
	const struct tool_output said = {
		.tool = "mcp",
		.status = -1,
		.http_status = status,
		.message = message != NULL ? message : "",
		.text = r->out,
	};

	failure_set(f, FAILURE_INVALID, name, step->name, "the call was refused: %s",
	    message != NULL ? message : "no reason was given");
	if (status != 0)
		failure_table_classify(known, &said, f);
	trace_set_target(&f->trace, json_str(answer, "data.target"));
	trace_read(&f->trace, said.text != NULL ? said.text : "");
}

/* A server that is not there will not be there at the next try either; another strategy needs none. */
static void
fail_as_unstarted(const struct step *step, const struct result *r, struct failure *f)
{
	bool lasting = r->code == ENOENT || r->code == EACCES || r->code == EINVAL;

	failure_set(f, lasting ? FAILURE_INVALID : FAILURE_TRANSIENT, NULL, step->name,
	    "the call was not made: %s",
	    r->err != NULL && *r->err != '\0' ? r->err : "no reason is known");
	f->fallback = true;
}

static void
read_failure(const struct failure_table *known, const struct step *step, const struct result *r,
    struct failure *f)
{
	switch (r->ending) {
	case END_NOT_STARTED:
		fail_as_unstarted(step, r, f);
		break;
	case END_TIMED_OUT:
		failure_set(f, FAILURE_TIMEOUT, NULL, step->name, "%s did not answer in time",
		    step->server);
		break;
	case END_EXITED:
		if (r->code == CALL_REFUSED)
			fail_as_refused(known, step, r, f);
		else
			fail_as_tool(known, step, r, f);
		break;
	case END_SIGNALED:
	case END_LOST:
	case ENDINGS:
		failure_set(f, FAILURE_TRANSIENT, NULL, step->name, "the answer was lost: %s",
		    r->err != NULL && *r->err != '\0' ? r->err : "nobody waited for it");
		break;
	}
}

/* ---- run and undo ---- */

/* Classes that say that the tool would not, and not that it could not finish. */
static bool is_refusal(enum failure_class class)
{
	static const bool refuses[FAILURE_CLASSES] = {
		[FAILURE_THROTTLED] = true,
		[FAILURE_CAPACITY] = true,
		[FAILURE_QUOTA] = true,
		[FAILURE_AUTH] = true,
		[FAILURE_PERMISSION] = true,
		[FAILURE_CONFLICT] = true,
		[FAILURE_NOT_FOUND] = true,
		[FAILURE_INVALID] = true,
		[FAILURE_POLICY] = true,
	};

	return refuses[class];
}

/*
 * Nothing was done, where the tool was not reached, which the client knows (was_reached in
 * driver/mcp.h). An error of the protocol may come from the tool itself, in the midst of
 * its work: then it is as one of the tool.
 */
static bool
did_nothing(const struct result *r, bool all_or_nothing)
{
	AUTO_JSON cJSON *answer = azure_answer_parse(r);
	int64_t code = json_int(answer, "code", 0);

	if (!json_bool(answer, "was_reached", true))
		return true;
	return all_or_nothing && (code == RPC_INVALID_REQUEST || code == RPC_INVALID_PARAMS);
}

static enum outcome
outcome_of(const struct step *step, const struct result *r, const struct failure *f)
{
	bool all_or_nothing = json_bool(step->hints, MCP_ALL_OR_NOTHING, false);
	bool nothing = r->ending == END_NOT_STARTED;

	if (was_answered(r, CALL_REFUSED))
		nothing = did_nothing(r, all_or_nothing);
	else if (was_answered(r, CALL_FAILED))
		nothing = all_or_nothing && is_refusal(f->class);
	return nothing ? OUTCOME_DID_NOT_HAPPEN : OUTCOME_IN_DOUBT;
}

/* A secret was masked in it: to go on by it would be to go on by something else. */
static bool
is_masked(const cJSON *value)
{
	const cJSON *item;

	if (cJSON_IsString(value))
		return strstr(value->valuestring, MASK) != NULL;
	cJSON_ArrayForEach (item, value)
		if (is_masked(item))
			return true;
	return false;
}

/* NULL if the answer does not tell it, or not whole. */
static const char *
id_of(const cJSON *answer, const struct step *step)
{
	const cJSON *id = json_at(answer, step->id);

	return is_masked(id) ? NULL : cJSON_GetStringValue(id);
}

static void
read_run(const struct failure_table *known, const struct step *step, const struct result *r,
    struct reading *reading)
{
	if (!was_answered(r, CALL_DONE)) {
		read_failure(known, step, r, &reading->failure);
		reading->outcome = outcome_of(step, r, &reading->failure);
		return;
	}
	AUTO_JSON cJSON *answer = parse_good(r);
	const char *id = id_of(answer, step);
	if (id != NULL && azure_answer_outputs(step, answer, reading) &&
	    !is_masked(reading->outputs)) {
		reading->outcome = OUTCOME_HAPPENED;
		strv_add(&reading->resources, id);
		return;
	}
	/* It happened, but what it made is not known: the check tells. */
	reading->outcome = OUTCOME_IN_DOUBT;
	failure_set(&reading->failure, FAILURE_UNKNOWN, "AnswerIncomplete", step->name,
	    "the tool succeeded, but its answer %s",
	    answer != NULL ? "lacks an id or an output, or has a secret in it" : "has no structured content");
}

/* Classes that say that the tool itself could not look. */
static bool is_blind(enum failure_class class)
{
	static const bool blinds[FAILURE_CLASSES] = {
		[FAILURE_TRANSIENT] = true,
		[FAILURE_THROTTLED] = true,
		[FAILURE_AUTH] = true,
		[FAILURE_PERMISSION] = true,
		[FAILURE_TIMEOUT] = true,
	};

	return blinds[class];
}

/* What the tool says is wrong: its error's message, else its texts. The caller's own. */
static char *
complaint_of(const struct result *r)
{
	AUTO_JSON cJSON *answer = azure_answer_parse(r);
	AUTO_FREE char *texts = texts_of(answer);
	AUTO_JSON cJSON *structured = answer != NULL ? structured_of(answer) : NULL;
	const char *message = json_str(error_object(structured), "message");

	return message != NULL ? xstrdup(message) : take(texts);
}

/*
 * It is not there, by a code of Azure's or the words that the capability names. These
 * are not looked for in the rest of the answer, which may well repeat what was asked.
 */
static bool
tells_absence(const struct failure_table *known, const struct step *step, const struct result *r)
{
	const char *words = json_str(step->hints, "absent");
	AUTO_FREE char *complaint = NULL;
	struct azure_error error;
	bool absent;

	if (!was_answered(r, CALL_FAILED))
		return false;
	complaint = complaint_of(r);
	read_tool_error(known, r, &error);
	absent = azure_error_is_absence(&error) ||
	    (words != NULL && !is_blind(error.class) && strcasestr(complaint, words) != NULL);
	azure_error_clear(&error);
	return absent;
}

static void
read_undo(const struct failure_table *known, const struct step *step, const struct result *r,
    struct reading *reading)
{
	if (was_answered(r, CALL_DONE) || tells_absence(known, step, r)) {
		reading->outcome = OUTCOME_HAPPENED;
		return;
	}
	read_failure(known, step, r, &reading->failure);
	reading->outcome = outcome_of(step, r, &reading->failure);
}

/* ---- check and prove ---- */

/* By what the answer has only if the thing is there. */
static bool
is_empty_handed(const struct step *step, const cJSON *answer)
{
	const char *path = json_str(step->hints, "found");
	const cJSON *found;

	if (path == NULL || answer == NULL)
		return false;
	found = json_at(answer, path);
	return found == NULL || cJSON_IsNull(found) || cJSON_IsFalse(found) ||
	    (cJSON_IsArray(found) && found->child == NULL) ||
	    (cJSON_IsString(found) && *found->valuestring == '\0');
}

static const cJSON *
tags_of(const struct step *step, const cJSON *answer)
{
	const char *path = json_str(step->hints, "tags");

	return json_at(answer, path != NULL ? path : "tags");
}

static enum azure_state
state_of(const struct step *step, const cJSON *answer, const char **text)
{
	const char *path = json_str(step->hints, "state");

	if (path == NULL)
		return azure_answer_state_of(answer, text);
	*text = json_str(answer, path);
	return azure_answer_state(*text);
}

/* It stands and is ours: is it whole? */
static void
read_state(
    const struct step *step, const cJSON *answer, bool outputs_complete, struct reading *reading)
{
	const char *text;
	enum azure_state state = state_of(step, answer, &text);

	if (state == AZURE_RUNNING) {
		reading->answer = ANSWER_OURS_IN_PROGRESS;
	} else if (state == AZURE_FAILED) {
		reading->answer = ANSWER_OURS_COMPLETE;
		reading->ended_badly = true;
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "%s stands in the state %s", reading->resources.v[0], text);
	} else if (outputs_complete) {
		reading->answer = ANSWER_OURS_COMPLETE;
	} else {
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "%s stands, but an output is missing in what the check tells of it",
		    reading->resources.v[0]);
	}
}

/* What carries no tags at all may be ours or not: only a person can tell. */
static void
read_owner(const struct plan *plan, const struct step *step, const cJSON *answer, const char *id,
    struct reading *reading)
{
	const cJSON *tags = tags_of(step, answer);
	bool complete = azure_answer_outputs(step, answer, reading);

	if (azure_answer_is_ours(tags, plan->objective_id)) {
		read_state(step, answer, complete, reading);
		return;
	}
	reading->answer = cJSON_IsObject(tags) ? ANSWER_FOREIGN : ANSWER_CANNOT_TELL;
	failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
	    cJSON_IsObject(tags) ? "%s stands already and was not made for this objective"
				 : "%s stands already, and no tags tell whose it is",
	    id);
}

/* True if ANSWER tells of something that stands; else the answer, as far as there is one, is in READING. */
static bool
read_presence(const struct failure_table *known, const struct step *step, const struct result *r,
    const cJSON *answer, const char *id, struct reading *reading)
{
	reading->conclusive = true;
	if (tells_absence(known, step, r) || is_empty_handed(step, answer)) {
		reading->answer = ANSWER_ABSENT;
		return false;
	}
	if (id != NULL)
		return true;
	if (was_answered(r, CALL_DONE))
		failure_set(&reading->failure, FAILURE_UNKNOWN, "AnswerIncomplete", step->name,
		    "the answer of the check %s",
		    answer != NULL ? "lacks an id, or has a secret in it" : "has no structured content");
	else
		read_failure(known, step, r, &reading->failure);
	return false;
}

static void
read_check(const struct failure_table *known, const struct plan *plan, const struct step *step,
    const struct result *r, struct reading *reading)
{
	AUTO_JSON cJSON *answer = parse_good(r);
	const char *id = id_of(answer, step);

	if (!read_presence(known, step, r, answer, id, reading))
		return;
	strv_add(&reading->resources, id);
	read_owner(plan, step, answer, id, reading);
}

/* After an undo: what has no tags is what was to be undone, for it was known to be ours. */
static void
read_proof(const struct failure_table *known, const struct plan *plan, const struct step *step,
    const struct result *r, struct reading *reading)
{
	AUTO_JSON cJSON *answer = parse_good(r);
	const char *id = id_of(answer, step), *text;
	const cJSON *tags = tags_of(step, answer);

	if (!read_presence(known, step, r, answer, id, reading))
		return;
	strv_add(&reading->resources, id);
	if (state_of(step, answer, &text) == AZURE_RUNNING) {
		reading->answer = ANSWER_OURS_IN_PROGRESS;
	} else if (!cJSON_IsObject(tags) || azure_answer_is_ours(tags, plan->objective_id)) {
		reading->answer = ANSWER_OURS_COMPLETE;
	} else {
		reading->answer = ANSWER_FOREIGN;
		failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
		    "%s stands, but does not carry our tag any more", id);
	}
}

void
mcp_answer_read(const struct failure_table *known, const struct plan *plan, const struct step *step,
    enum act act, size_t call, const char *resource, const struct result *r,
    struct reading *reading)
{
	(void)call;
	(void)resource;
	switch (act) {
	case ACT_RUN:
		read_run(known, step, r, reading);
		break;
	case ACT_UNDO:
		read_undo(known, step, r, reading);
		break;
	case ACT_CHECK:
		read_check(known, plan, step, r, reading);
		break;
	case ACT_PROVE:
		read_proof(known, plan, step, r, reading);
		break;
	case ACT_COLLECT:
	case ACT_GUARD:
	case ACT_MEND:
	case ACTS:
		break;
	}
}
