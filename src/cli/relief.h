/* What would have to go so that something fits. */
#ifndef CLI_RELIEF_H
#define CLI_RELIEF_H

#include "cli/waiting.h"

/* A relief for each scope whose limit objects in the ruling of WAIT. */
void relief_add(struct wait *wait, int64_t now_ms);
/* Looks at what stands in these scopes, once in each, and fills in what could go. */
int relief_find(struct wait *waits, size_t n_waits, struct store *s, struct err *e);
/* Frees the reliefs of WAIT. */
void relief_clear(struct wait *wait);

#endif
