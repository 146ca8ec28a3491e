/* Reading the answers of az. Nothing is read from stdout unless az ended well. */
#include <config.h>

#include "strategies/azure_answer.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
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

/* Another strategy has another tool. */
static void
failed_to_start(const char *step, const struct result *r, struct failure *f)
{
	/* A tool that is not there will not be there at the next try either. */
	bool lasting = r->code == ENOENT || r->code == EACCES || r->code == ENOEXEC;

	failure_set(f, lasting ? FAILURE_INVALID : FAILURE_TRANSIENT, NULL, step,
	    "az was not started%s%s", r->code ? ": " : "", r->code ? strerror(r->code) : "");
	f->fallback = true;
}

void
azure_answer_why(const struct failure_table *known, const char *step, const struct result *r,
    struct failure *f, struct azure_error *error)
{
	*error = (struct azure_error){ 0 };
	switch (r->ending) {
	case END_NOT_STARTED:
		failed_to_start(step, r, f);
		break;
	case END_TIMED_OUT:
		failure_set(
		    f, FAILURE_TIMEOUT, NULL, step, "az did not end in time and was stopped");
		break;
	case END_SIGNALED:
		failure_set(f, FAILURE_TRANSIENT, NULL, step, "az was ended by signal %d", r->code);
		break;
	case END_EXITED:
		azure_error_read(error, known, r->err ? r->err : "", r->code);
		azure_error_tell(error, NULL, step, f);
		break;
	case END_LOST:
	case ENDINGS:
		failure_set(f, FAILURE_TRANSIENT, NULL, step, "how az ended was not recorded");
		break;
	}
}

void
azure_answer_failure(const struct failure_table *known, const struct step *step,
    const struct result *r, struct reading *reading)
{
	struct azure_error e;

	azure_answer_why(known, step->name, r, &reading->failure, &e);
	azure_error_clear(&e);
}

enum outcome
azure_answer_outcome(const struct failure_table *known, enum act act, const struct step *step,
    const struct result *r, struct reading *reading)
{
	struct azure_error e;

	azure_answer_why(known, step->name, r, &reading->failure, &e);
	bool proven = azure_proves_nothing_happened(act, step, &e, r);
	azure_error_clear(&e);
	return proven ? OUTCOME_DID_NOT_HAPPEN : OUTCOME_IN_DOUBT;
}

bool
azure_answer_absence(const struct failure_table *known, const struct step *step,
    const struct result *r, struct reading *reading)
{
	struct azure_error e;

	azure_answer_why(known, step->name, r, &reading->failure, &e);
	bool absent = r->ending == END_EXITED && r->code == AZURE_STATUS_NOT_FOUND &&
	    azure_error_is_absence(&e);
	azure_error_clear(&e);
	if (absent)
		failure_clear(&reading->failure);
	return absent;
}
