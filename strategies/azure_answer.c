/* Reading the answers of az. Nothing is read from stdout unless az ended well. */
#include <config.h>

#include "strategies/azure_answer.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "strategies/filling.h"

/*
 * A refusal of the request itself comes back at once. Later, az may be polling
 * the operation that the request has begun, and a refusal of that look says
 * nothing about the request.
 */
#define REFUSAL_MAX_MS 30000

bool
azure_answer_is_good(const struct result *r)
{
	return r->ending == END_EXITED && r->code == 0;
}

cJSON *
azure_answer_parse(const struct result *r)
{
	return r->out_cut || !r->out ? NULL : json_parse(r->out, strlen(r->out), 1, NULL);
}

enum azure_state
azure_answer_state(const char *text)
{
	if (!text || strcasecmp(text, "Succeeded") == 0)
		return AZURE_SUCCEEDED;
	if (strcasecmp(text, "Failed") == 0 || strcasecmp(text, "Canceled") == 0)
		return AZURE_FAILED;
	return AZURE_RUNNING;
}

enum azure_state
azure_answer_state_of(const cJSON *resource, const char **text)
{
	*text = json_str(resource, "properties.provisioningState");
	if (!*text)
		*text = json_str(resource, "provisioningState");
	return azure_answer_state(*text);
}

bool
azure_answer_is_ours(const cJSON *tags, const char *objective_id)
{
	/* Azure keeps the case of a tag's name but compares without it. */
	const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(tags, TAG_OBJECTIVE));

	return value && strcmp(value, objective_id) == 0;
}

bool
azure_answer_outputs(const struct step *step, const cJSON *answer, struct reading *reading)
{
	const cJSON *path;
	bool complete = true;

	if (!step->outputs)
		return true;
	cJSON_Delete(reading->outputs);
	reading->outputs = cJSON_CreateObject();
	cJSON_ArrayForEach (path, step->outputs) {
		const cJSON *value = json_at(answer, path->valuestring);
		if (value && !cJSON_IsNull(value))
			cJSON_AddItemToObject(
			    reading->outputs, path->string, cJSON_Duplicate(value, true));
		else
			complete = false;
	}
	return complete;
}

static bool
failed_to_start(const struct step *step, const struct result *r, struct reading *reading)
{
	/* A tool that is not there will not be there at the next try either. */
	bool lasting = r->code == ENOENT || r->code == EACCES || r->code == ENOEXEC;

	failure_set(&reading->failure, lasting ? FAILURE_INVALID : FAILURE_TRANSIENT, NULL,
	    step->name, "az was not started%s%s", r->code ? ": " : "",
	    r->code ? strerror(r->code) : "");
	return true;
}

static bool
came_late(const struct result *r)
{
	return r->started_ms > 0 && r->ended_ms - r->started_ms > REFUSAL_MAX_MS;
}

bool
azure_answer_failure(const struct step *step, const struct result *r, struct reading *reading,
    struct azure_error *error)
{
	struct azure_error own = { 0 };
	struct azure_error *e = error ? error : &own;
	bool refused;

	*e = (struct azure_error){ 0 };
	switch (r->ending) {
	case END_NOT_STARTED:
		return failed_to_start(step, r, reading);
	case END_TIMED_OUT:
		failure_set(&reading->failure, FAILURE_TIMEOUT, NULL, step->name,
		    "az did not end in time and was stopped");
		return false;
	case END_SIGNALED:
		failure_set(&reading->failure, FAILURE_TRANSIENT, NULL, step->name,
		    "az was ended by signal %d", r->code);
		return false;
	case END_EXITED:
		break;
	case END_LOST:
	case ENDINGS:
		failure_set(&reading->failure, FAILURE_TRANSIENT, NULL, step->name,
		    "how az ended was not recorded");
		return false;
	}
	azure_error_read(e, r->err ? r->err : "", r->code);
	failure_set(&reading->failure, e->class, e->code, step->name, "%s", e->message);
	refused = e->refused && (r->code == 2 || !came_late(r));
	azure_error_clear(&own);
	return refused;
}
