/*
 * Whether a failure of az PROVES that nothing happened. Fallback, release of
 * the money and an end without a look depend on it, so that it stands apart
 * from the classes of failures: a class says what to do about a failure and
 * may be a guess, a proof may not.
 *
 * It is a list of what proves; all else leaves doubt. In particular no proof is
 *
 *	a 404	az ends with status 3 for any: also of a poll, or of the last look after a
 *		request that was accepted. Only a missing group, parent or subscription proves
 *	a 429	it may answer a poll, or the repeat of a request whose first answer was lost
 *	a 409	that the work of the first of two such requests can cause
 *	lateness	az may be polling what the request has begun; so are unknown times
 */
#ifndef STRATEGIES_AZURE_PROOF_H
#define STRATEGIES_AZURE_PROOF_H

#include "core/execution.h"
#include "core/plan.h"
#include "strategies/azure_error.h"

/*
 * RESULT is that of a run or undo of STEP that did not end with status 0, and
 * ERROR what az said (azure_error_read()). False for the other acts.
 */
bool azure_proves_nothing_happened(enum act act, const struct step *step,
    const struct azure_error *error, const struct result *result);

#endif
