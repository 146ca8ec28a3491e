/* Which objectives others stand on: they cannot go by themselves. */
#ifndef CLI_NEEDED_H
#define CLI_NEEDED_H

#include <stdbool.h>

#include "core/names.h"
#include "store/store.h"

/* Batches are read when they are first asked about, each once. To begin with all but the store is zero. */
struct needed {
	struct store *store;
	struct strv texts;           /* what the names below borrow */
	struct names batches, names; /* read already; "batch/name" of what is needed */
};

void needed_clear(struct needed *n);
/* Whether destroying it would be refused, because something live depends on it. */
int needed_has(struct needed *n, const char *batch, const char *name, bool *needed, struct err *e);

#endif
