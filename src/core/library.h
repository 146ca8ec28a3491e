/*
 * All capabilities that are installed; names and synonyms are unique in it.
 * engine/library.h fills it from the folders.
 */
#ifndef CORE_LIBRARY_H
#define CORE_LIBRARY_H

#include <stddef.h>

#include "base/faults.h"
#include "core/capability.h"

struct library {
	struct capability **v; /* sorted by name */
	size_t len;
	const struct naming *naming; /* how names are made; NULL: by the default patterns */
};

/*
 * Takes C in at its place. A name or synonym that is known already is a fault,
 * and C is freed then. 0 or -1.
 */
int library_add(struct library *l, struct capability *c, struct faults *faults);
/* By name or synonym; NULL if there is none. */
const struct capability *library_find(const struct library *l, const char *name);
/* The name most like it, for "did you mean"; NULL if none is near. */
const char *library_suggest(const struct library *l, const char *name);
void library_clear(struct library *l);

#endif
