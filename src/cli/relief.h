/* What would have to go so that something fits. */
#ifndef CLI_RELIEF_H
#define CLI_RELIEF_H

#include "cli/waiting.h"

#define RELIEF_GRANT_REST "--until +7d --by NAME --reason TEXT"

/* A relief for each scope whose limit objects in the ruling of ENTRY. */
void relief_add(struct waiting_entry *entry, int64_t now_ms);
/* Looks at what stands in these scopes, once in each, and fills in what could go. */
int relief_find(struct waiting_entry *entries, size_t n_entries, struct store *s, struct err *e);
/* Frees the reliefs of ENTRY. */
void relief_clear(struct waiting_entry *entry);

/* The command that grants what is missing; the caller's own. Behind it comes RELIEF_GRANT_REST, to be filled in. */
char *relief_grant(const struct relief *r);

#endif
