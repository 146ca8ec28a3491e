/* The note behind an objective in a list. */
#ifndef CLI_NOTE_H
#define CLI_NOTE_H

#include "store/store.h"

/* Why it is not done yet, or why it never will be, in one line; "" if there is nothing to say. The caller's own. */
char *note_objective(struct store *s, const struct objective *o, int64_t now_ms);

#endif
