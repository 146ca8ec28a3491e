/*
 * What a step is going to build, as its own tool plans it before it does
 * anything: the values of the parameters that the capability's cost reads, so
 * that the estimate can be made anew of what is really planned.
 *
 *	{
 *		"digest": SHA-256 of all that the tool told of its plan, which is not kept
 *		"resources": how many are planned
 *		"parameters": { "count": 3, "size": "Standard_B2s", "region": "westeurope" }
 *		"unpriced": "azurerm_lb: ..."	what of it has no known price; absent if nothing
 *	}
 *
 * A parameter that it does not tell keeps the objective's own value.
 */
#ifndef CORE_PLANNED_H
#define CORE_PLANNED_H

#include "core/objective.h"

#define PLANNED_REGION "region" /* is no parameter, but is told like one */

/*
 * The objective O as it is planned: AS borrows everything of O but for its
 * parameters and region. PLANNED NULL: as O says. planned_clear() is due.
 */
void planned_apply(const cJSON *planned, const struct objective *o, struct objective *as);
void planned_clear(struct objective *as);
/* How it differs from what O says: "count 3 instead of 2, size ..."; the caller's own, NULL if it does not. */
char *planned_differences(const cJSON *planned, const struct objective *o);
/* What of it has no known price; NULL if that is nothing. Borrowed. */
const char *planned_unpriced(const cJSON *planned);

#endif
