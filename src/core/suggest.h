/* "Did you mean": the known word most like the one that was written. */
#ifndef CORE_SUGGEST_H
#define CORE_SUGGEST_H

#include <stddef.h>

struct suggest {
	const char *word; /* what was written; borrowed */
	const char *best; /* the nearest so far; borrowed */
	size_t distance;  /* of best */
};

void suggest_init(struct suggest *s, const char *word);
void suggest_offer(struct suggest *s, const char *known);
/* The nearest word on offer; NULL if none is near enough to be a slip of the fingers. */
const char *suggest_best(const struct suggest *s);
/* "; did you mean \"x\"?" or "", for the end of a message. */
const char *suggest_text(const struct suggest *s, char *out, size_t size);

#endif
