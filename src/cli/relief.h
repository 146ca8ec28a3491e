/* What stands and could go, so that what waits fits. */
#ifndef CLI_RELIEF_H
#define CLI_RELIEF_H

#include "cli/waiting.h"

#define RELIEF_GRANT_REST "--until +7d --by NAME --reason TEXT"

/* Looks at what stands in these scopes, once in each, and fills in what could go. */
int relief_find(struct waiting_entry *entries, size_t n_entries, struct store *s, struct err *e);

/* The command that grants what is missing; the caller's own. Behind it comes RELIEF_GRANT_REST, to be filled in. */
char *relief_grant(const struct relief *r);

#endif
