/*
 * What a person can type about a hold. One table for all commands, so that none
 * of them advises another thing than the next.
 */
#ifndef CLI_REMEDY_H
#define CLI_REMEDY_H

#include <stdbool.h>

#include "base/strv.h"

/*
 * The N-th command for an objective (its short ID) that is held for REASON, from
 * 0; NULL: there are no more. *note says what it does, or what is to be filled
 * in; NULL if nothing has to be said. The caller's own.
 */
char *remedy_command(const char *reason, const char *id, size_t n, const char **note);
/*
 * Adds to TODO all commands for the REASONS that it is held for, as
 * "purser why 1a2b3c4d   (what would pass)".
 */
void remedies_add(struct strv *todo, const char *id, const struct strv *reasons);

#endif
