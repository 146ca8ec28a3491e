/* Reading the answers of az. Nothing is read from stdout unless az ended well. */
#include <config.h>

#include "strategies/azure_answer.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "strategies/azure_error.h"
#include "strategies/azure_proof.h"
#include "strategies/filling.h"

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
	const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(tags, OBJECTIVE_TAG));

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

static void
failed_to_start(const struct step *step, const struct result *r, struct reading *reading)
{
	/* A tool that is not there will not be there at the next try either. */
	bool lasting = r->code == ENOENT || r->code == EACCES || r->code == ENOEXEC;

	failure_set(&reading->failure, lasting ? FAILURE_INVALID : FAILURE_TRANSIENT, NULL,
	    step->name, "az was not started%s%s", r->code ? ": " : "",
	    r->code ? strerror(r->code) : "");
}

/* Fills the failure, and ERROR if az ended by itself; azure_error_clear(ERROR) is due either way. */
static void
read_failure(const struct step *step, const struct result *r, struct reading *reading,
    struct azure_error *error)
{
	*error = (struct azure_error){ 0 };
	switch (r->ending) {
	case END_NOT_STARTED:
		failed_to_start(step, r, reading);
		break;
	case END_TIMED_OUT:
		failure_set(&reading->failure, FAILURE_TIMEOUT, NULL, step->name,
		    "az did not end in time and was stopped");
		break;
	case END_SIGNALED:
		failure_set(&reading->failure, FAILURE_TRANSIENT, NULL, step->name,
		    "az was ended by signal %d", r->code);
		break;
	case END_EXITED:
		azure_error_read(error, r->err ? r->err : "", r->code);
		failure_set(
		    &reading->failure, error->class, error->code, step->name, "%s", error->message);
		break;
	case END_LOST:
	case ENDINGS:
		failure_set(&reading->failure, FAILURE_TRANSIENT, NULL, step->name,
		    "how az ended was not recorded");
		break;
	}
}

void
azure_answer_failure(const struct step *step, const struct result *r, struct reading *reading)
{
	struct azure_error e;

	read_failure(step, r, reading, &e);
	azure_error_clear(&e);
}

enum outcome
azure_answer_outcome(
    enum act act, const struct step *step, const struct result *r, struct reading *reading)
{
	struct azure_error e;

	read_failure(step, r, reading, &e);
	bool proven = azure_proves_nothing_happened(act, step, &e, r);
	azure_error_clear(&e);
	return proven ? OUTCOME_DID_NOT_HAPPEN : OUTCOME_IN_DOUBT;
}

bool
azure_answer_absence(const struct step *step, const struct result *r, struct reading *reading)
{
	struct azure_error e;

	read_failure(step, r, reading, &e);
	bool absent = r->ending == END_EXITED && r->code == AZURE_STATUS_NOT_FOUND &&
	    azure_error_is_absence(&e);
	azure_error_clear(&e);
	if (absent)
		failure_clear(&reading->failure);
	return absent;
}
