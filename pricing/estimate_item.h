/*
 * A [[cost]] row of a capability with an objective's parameters filled in: what
 * to look up in the price book, and how much of it. For pricing/estimate.c.
 */
#ifndef PRICING_ESTIMATE_ITEM_H
#define PRICING_ESTIMATE_ITEM_H

#include <stdbool.h>

#include "base/err.h"
#include "core/capability.h"
#include "core/objective.h"

struct estimate_item {
	bool applies;  /* false: "when" does not hold, and nothing else is filled in */
	char *unknown; /* why it has no price whatever the book says; NULL: it may have one */
	char *texts[COST_TEXTS]; /* NULL: not of this kind, or not known */
	bool spot;
	decimal_t low, quantity, high; /* low <= quantity <= high */
	decimal_t hours;
};

/*
 * 0, also if something is unknown; ERR_INPUT for a quantity that is negative or
 * does not fit, or whose low or high is on its wrong side. ITEM is to be cleared
 * in any case.
 */
int estimate_item_fill(struct estimate_item *item, const struct cost_row *row,
    const struct capability *c, const struct objective *o, struct err *e);
void estimate_item_clear(struct estimate_item *item);

#endif
