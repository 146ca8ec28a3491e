/* What the answers of az hold: ids, tags, states, outputs, and failures. */
#ifndef STRATEGIES_AZURE_ANSWER_H
#define STRATEGIES_AZURE_ANSWER_H

#include "core/execution.h"
#include "core/failure_table.h"
#include "core/plan.h"
#include "strategies/azure_error.h"

enum azure_state { AZURE_SUCCEEDED, AZURE_FAILED, AZURE_RUNNING };

/* True if az ended by itself with status 0. */
bool azure_answer_is_good(const struct result *r);
/* What it wrote on stdout as JSON; NULL if that is not all there or no JSON. The caller's own. */
cJSON *azure_answer_parse(const struct result *r);

/* The state of a resource: an absent one counts as succeeded, as ARM says. */
enum azure_state azure_answer_state(const char *text);
/* The state of a resource as "show" gives it: at the top level or in its properties. */
enum azure_state azure_answer_state_of(const cJSON *resource, const char **text);
/* True if the tags (an object or null) name this objective. */
bool azure_answer_is_ours(const cJSON *tags, const char *objective_id);

/* Reads step->outputs from ANSWER into READING; false if one of them is not there. */
bool azure_answer_outputs(const struct step *step, const cJSON *answer, struct reading *reading);

/*
 * A call did not end with status 0: why. ERROR is what az said, if it ended by
 * itself; azure_error_clear(ERROR) is due either way. STEP may be NULL.
 */
void azure_answer_why(const struct failure_table *known, const char *step, const struct result *r,
    struct failure *f, struct azure_error *error);
/* The same of a step's call. */
void azure_answer_failure(const struct failure_table *known, const struct step *step,
    const struct result *r, struct reading *reading);
/* The same of a run or undo: DID_NOT_HAPPEN if that is proven, else IN_DOUBT. */
enum outcome azure_answer_outcome(const struct failure_table *known, enum act act,
    const struct step *step, const struct result *r, struct reading *reading);
/*
 * The same of a look: true, and no failure, if it says that the thing or what
 * would hold it is not there, which is exit status 3 with a code that says so.
 * Else nothing can be told, and the failure says why.
 */
bool azure_answer_absence(const struct failure_table *known, const struct step *step,
    const struct result *r, struct reading *reading);

#endif
