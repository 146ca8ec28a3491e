/*
 * Which size the machine of an objective is to have, where its submitter allows several:
 * the one that was asked for, unless that was refused, to this objective or lately, as
 * the store remembers, to any other; then the first alternative that the budget admits.
 *
 * What is remembered only says what is tried first: where nothing else is admitted, one
 * that was not refused to this objective itself is asked for all the same.
 */
#ifndef ENGINE_SUBSTITUTE_H
#define ENGINE_SUBSTITUTE_H

#include "engine/planner.h"
#include "store/scarcity.h"

/* What a choice is made of. */
struct sizing {
	const struct strv *refused;      /* sizes that were refused to it; NULL: none */
	const struct strv *tried;        /* strategies that are passed over; NULL: none */
	const struct scarcities *scarce; /* in force; NULL: nothing is remembered */
	struct store *store;             /* for what the budget says; NULL: nobody asks it */
};

/*
 * Gives the size to O, and adds to REASONS (may be NULL) why it is another than was asked
 * for; *admitted (may be NULL): because the budget would admit it now. Where each was
 * refused O keeps the one that it has: the last. 0; -1, and O is as it was: the store or
 * the price book cannot be read.
 */
int substitute_choose(const struct planner *p, const struct sizing *sizing, struct objective *o,
    struct strv *reasons, bool *admitted, struct err *e);
/* The size that O's machine has now; NULL: it allows no others. Borrowed. */
const char *substitute_size(const struct planner *p, const struct objective *o);
/* Whether there is a size besides that one and those that were REFUSED. */
bool substitute_is_left(
    const struct planner *p, const struct objective *o, const struct strv *refused);

#endif
