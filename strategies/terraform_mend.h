/*
 * Terraform's own records, after a call that was lost or could not write them:
 * what puts them right, and whether it did. A backend keeps a state and a lock;
 * the lock that a dead call has left is broken by its id, what that call has made
 * is imported, and a state that it could not save is pushed.
 */
#ifndef STRATEGIES_TERRAFORM_MEND_H
#define STRATEGIES_TERRAFORM_MEND_H

#include "core/execution.h"
#include "core/failure_table.h"
#include "core/plan.h"
#include "strategies/terraform_stream.h"

/*
 * If READING's failure is a lock: it is to be broken, where an earlier call of
 * ours was lost. The state is the objective's own, and none of ours lives.
 */
void terraform_mend_lock(
    const struct step *step, const struct terraform_stream *s, struct reading *reading);
/* What was made, and may not be in the state, because that is written at the end. */
void terraform_mend_state(
    const struct step *step, const struct terraform_stream *s, struct reading *reading);
/* It could not save the state. The first error may be another one. */
bool terraform_mend_is_unsaved(const struct result *r, const struct failure *f);
/* What terraform could not save it has left in a file; if there is none nothing is mended. */
void terraform_mend_unsaved(const struct step *step, struct reading *reading);
/* If READING's failure is a folder that is not initialised (it was restored, or cleaned): init, with which each forward step begins. */
void terraform_mend_init(const struct step *step, struct reading *reading);
/* A mend that has ended. No failure: the records are right by now, or were so before. */
void terraform_mend_read(const struct failure_table *known, const struct step *step,
    const struct result *r, struct reading *reading);

#endif
