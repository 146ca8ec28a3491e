/* Sizes that could take the place of the one that an objective's machine has, with their price. */
#ifndef PRICING_SIZES_H
#define PRICING_SIZES_H

#include "core/capability.h"
#include "core/objective.h"
#include "pricing/book.h"

struct sizes {
	/* That names the size, borrowed from the capability; NULL: it has no machine. */
	const char *parameter;
	char asked[BOOK_SIZE_MAX];
	struct vm_prices list;
};

/*
 * Of the family that is asked for, sold in the objective's region and market, without the size
 * itself: up to MAX, those closest in price to it, cheapest first. None is fine. 0 or -1; OUT is
 * to be cleared in any case.
 */
int sizes_find(struct book *b, const struct capability *c, const struct objective *o, size_t max,
    struct sizes *out, struct err *e);
void sizes_clear(struct sizes *s);

#endif
