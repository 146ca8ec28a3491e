/*
 * What a run is going to cost, once its own tool has planned it: the budget is
 * asked for that before the run begins. See core/planned.h.
 */
#ifndef ENGINE_REFINE_H
#define ENGINE_REFINE_H

#include "engine/change.h"

/* What is asked of the budget for PRICE, which it borrows, by the limits that SET goes by. */
struct admission refine_admission(const struct scene *set, const struct price *price);
/* Prices what C is about to run, if that is planned: nothing else. -1: the price book cannot be read. */
int refine_price(const struct scene *set, struct change *c, struct err *e);
/*
 * Adjusts the reservation, behind the attempt and before the intent; or C is
 * refused (change_is_refused()), or -1 with c->again: the budget denies it, and
 * the job knows.
 */
int refine_record(const struct scene *set, struct change *c, struct err *e);

#endif
