/*
 * Reading what az says about a deployment: of its run, of the record under its
 * name, of the resources in its group, and of its operations.
 */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "core/keys.h"
#include "strategies/azure_answer.h"
#include "strategies/azure_error.h"
#include "strategies/azure_step.h"
#include "strategies/azure_target.h"

static void
read_run(const struct failure_table *known, const struct step *step, const struct result *result,
    struct reading *reading)
{
	if (azure_answer_is_good(result)) {
		AUTO_JSON cJSON *answer = azure_answer_parse(result);
		const char *state = json_str(answer, "properties.provisioningState");
		if (state && strcasecmp(state, "Succeeded") == 0 &&
		    azure_answer_outputs(step, answer, reading)) {
			reading->outcome = OUTCOME_HAPPENED;
			return;
		}
		reading->outcome = OUTCOME_IN_DOUBT;
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "az succeeded, but its answer could not be read in full");
		return;
	}
	reading->outcome = azure_answer_outcome(known, ACT_RUN, step, result, reading);
}

static void
read_bad_record(const struct failure_table *known, const struct step *step, const cJSON *answer,
    const char *state, struct reading *reading)
{
	const char *correlation = json_str(answer, "properties.correlationId");
	struct azure_error e;

	azure_error_read_json(&e, known, json_at(answer, "properties.error"));
	reading->ended_badly = true;
	if (correlation != NULL) {
		free(e.trace.correlation);
		e.trace.correlation = xstrdup(correlation);
	}
	azure_error_tell(&e, state, step->name, &reading->failure);
	azure_error_clear(&e);
}

/* az deployment group show */
static void
read_record(const struct failure_table *known, const struct step *step, const struct result *result,
    struct reading *reading)
{
	reading->conclusive = true;
	if (!azure_answer_is_good(result)) {
		if (azure_answer_absence(known, step, result, reading)) {
			/* No record; but what it would have made may stand all the same. */
			reading->answer = ANSWER_ABSENT;
			reading->conclusive = false;
		}
		return;
	}
	AUTO_JSON cJSON *answer = azure_answer_parse(result);
	const char *state = json_str(answer, "properties.provisioningState");
	if (!state) {
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "the answer of az could not be read");
		return;
	}
	switch (azure_answer_state(state)) {
	case AZURE_RUNNING:
		reading->answer = ANSWER_OURS_IN_PROGRESS;
		break;
	case AZURE_FAILED:
		reading->answer = ANSWER_OURS_COMPLETE;
		read_bad_record(known, step, answer, state, reading);
		break;
	case AZURE_SUCCEEDED:
		if (azure_answer_outputs(step, answer, reading))
			reading->answer = ANSWER_OURS_COMPLETE;
		else
			failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
			    "the deployment succeeded, but one of its outputs is missing");
		break;
	}
}

struct survey {
	struct strv ours, foreign; /* ids of targets that stand */
	size_t running;            /* of ours */
};

static void
survey_one(const struct plan *plan, const struct step *step, const cJSON *item, struct survey *s)
{
	const char *id = json_str(item, "id");

	if (!id || !step_makes(step, id))
		return;
	if (!azure_answer_is_ours(keys_get(item, "tags"), plan->objective_id)) {
		strv_add(&s->foreign, id);
		return;
	}
	strv_add(&s->ours, id);
	s->running += azure_answer_state(json_str(item, "state")) == AZURE_RUNNING;
}

/*
 * What carries our tag was made under an earlier name and is not known to be
 * whole, so that the deployment is to run again, over it.
 */
static void
judge_survey(const struct step *step, const struct survey *s, struct reading *reading)
{
	if (s->foreign.len > 0) {
		reading->answer = ANSWER_FOREIGN;
		strv_copy(&reading->resources, &s->foreign);
		strv_copy(&reading->ours, &s->ours);
		failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
		    "%s stands already and was not made for this objective", s->foreign.v[0]);
		return;
	}
	strv_copy(&reading->resources, &s->ours);
	if (s->running > 0) {
		reading->answer = ANSWER_OURS_IN_PROGRESS;
	} else if (s->ours.len > 0) {
		reading->answer = ANSWER_OURS_COMPLETE;
		reading->ended_badly = true;
		failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
		    "%zu of its %zu resources stand, but there is no record of their deployment",
		    s->ours.len, step->targets.len);
	} else {
		reading->answer = ANSWER_ABSENT;
	}
}

/* az resource list, asked only if there is no record of the deployment. */
static void
read_list(const struct failure_table *known, const struct plan *plan, const struct step *step,
    const struct result *result, struct reading *reading)
{
	struct survey survey = { 0 };
	const cJSON *item;

	reading->conclusive = true;
	if (!azure_answer_is_good(result)) {
		if (azure_answer_absence(known, step, result, reading))
			reading->answer = ANSWER_ABSENT;
		return;
	}
	AUTO_JSON cJSON *answer = azure_answer_parse(result);
	if (!cJSON_IsArray(answer)) {
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "the answer of az could not be read");
		return;
	}
	cJSON_ArrayForEach (item, answer)
		survey_one(plan, step, item, &survey);
	judge_survey(step, &survey, reading);
	strv_clear(&survey.ours);
	strv_clear(&survey.foreign);
}

/* Times are compared as texts: ARM writes all of them in the same form, in UTC. */
static int
by_time(const void *a, const void *b)
{
	const cJSON *const *x = a, *const *y = b;
	const char *s = json_str(*x, "time"), *t = json_str(*y, "time");

	return strcmp(s ? s : "", t ? t : "");
}

/* az deployment operation group list: what was made, in the order in which it was done. */
static void
read_operations(const struct failure_table *known, const struct step *step,
    const struct result *result, struct reading *reading)
{
	const cJSON *item;
	size_t len = 0;

	if (!azure_answer_is_good(result)) {
		azure_answer_failure(known, step, result, reading);
		return;
	}
	AUTO_JSON cJSON *answer = azure_answer_parse(result);
	if (!cJSON_IsArray(answer)) {
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "the answer of az could not be read");
		return;
	}
	AUTO_FREE const cJSON **list =
	    xcalloc((size_t)cJSON_GetArraySize(answer) + 1, sizeof(cJSON *));
	cJSON_ArrayForEach (item, answer) {
		const char *operation = json_str(item, "operation");
		if (operation && strcasecmp(operation, "Create") == 0 && json_str(item, "id"))
			list[len++] = item;
	}
	qsort(list, len, sizeof(*list), by_time);
	for (size_t i = 0; i < len; i++)
		if (!strv_has(&reading->resources, json_str(list[i], "id")))
			strv_add(&reading->resources, json_str(list[i], "id"));
	reading->outcome = OUTCOME_HAPPENED;
}

void
azure_template_read(const struct failure_table *known, const struct plan *plan,
    const struct step *step, enum act act, size_t call, const char *resource,
    const struct result *result, struct reading *reading)
{
	switch (act) {
	case ACT_RUN:
		read_run(known, step, result, reading);
		break;
	case ACT_CHECK:
		if (call == 0)
			read_record(known, step, result, reading);
		else
			read_list(known, plan, step, result, reading);
		break;
	case ACT_COLLECT:
		read_operations(known, step, result, reading);
		break;
	case ACT_UNDO:
		azure_undo_read(known, step, result, reading);
		break;
	case ACT_PROVE:
		azure_prove_read(known, plan, step, resource, result, reading);
		break;
	case ACT_GUARD: /* its undo takes one resource only */
	case ACT_MEND:
	case ACTS:
		break;
	}
}
