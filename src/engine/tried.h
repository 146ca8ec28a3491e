/*
 * What earlier attempts at an objective came to, and by that the size of the machine of the
 * next one. Since a person last wanted something of it: a retry begins with all of them anew.
 */
#ifndef ENGINE_TRIED_H
#define ENGINE_TRIED_H

#include "engine/planner.h"

struct tried {
	struct strv strategies; /* that could not do it, whatever the size, or not with the present one */
	struct strv sizes;      /* that were refused to it */
	struct strv reasons;    /* why the next attempt has another size than was asked for */
	bool stands;            /* something of an earlier attempt does: another size would be another thing */
	bool admitted;          /* the size was chosen because the budget admits it */
};

/*
 * Of a stored objective. IS_NEW: it is about to begin another attempt, and is given the size
 * for it (substitute.h); not if something stands. TRIED is to be cleared in any case. -1: the
 * store or the price book cannot be read.
 */
int tried_load(struct tried *tried, struct store *s, const struct planner *p, struct objective *o,
    bool is_new, struct err *e);
void tried_clear(struct tried *tried);
/* Whether there is another size for an attempt at O as it is now. */
bool tried_has_another_size(
    const struct tried *tried, const struct planner *p, const struct objective *o);

#endif
