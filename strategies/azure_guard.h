/*
 * Guards: before an undo that takes more than one resource away, such as the
 * deletion of a group, what it would take is listed and looked at.
 */
#ifndef STRATEGIES_AZURE_GUARD_H
#define STRATEGIES_AZURE_GUARD_H

#include "core/execution.h"
#include "core/failure_table.h"
#include "core/plan.h"

/*
 * RESULT is that of an az command that lists resources with their ids and tags.
 * OURS_COMPLETE if each carries the objective's tag or lies below one that does;
 * FOREIGN if one does not, and the failure names up to three; ABSENT if what
 * holds them is gone; else CANNOT_TELL, and the failure says why.
 */
void azure_guard_read(const struct failure_table *known, const struct plan *plan,
    const struct step *step, const struct result *result, struct reading *reading);

#endif
