/*
 * From a name to a number, by hash: a batch may have a hundred thousand
 * objectives, and looking names up one by one would be quadratic.
 */
#ifndef CORE_NAMES_H
#define CORE_NAMES_H

#include <stddef.h>

#define NAMES_NONE ((size_t)-1)

struct names {
	struct name_slot {
		const char *name; /* borrowed; NULL: free */
		size_t value;
	} * slots;
	size_t len, cap; /* cap is a power of two */
};

void names_clear(struct names *n);
/* Remembers VALUE for NAME, unless the name is known: then its value is returned, else NAMES_NONE. */
size_t names_put(struct names *n, const char *name, size_t value);
/* The value of NAME, or NAMES_NONE. */
size_t names_find(const struct names *n, const char *name);

#endif
