/* How the value of one setting is read; for core/config.c. */
#ifndef CORE_SETTING_H
#define CORE_SETTING_H

#include "core/config.h"

/* In a table of limits: all that have no row of their own. */
#define SETTING_OTHERS "default"

/* Takes VALUE, a part of DOC, over into the row's member of C. 0, or -1 with at least one fault. */
int setting_take(struct config *c, const struct setting *s, const cJSON *value,
    const struct doc *doc, struct faults *faults);
/* The same for a row of type SETTING_BACKEND. */
int setting_take_backend(struct config *c, const struct setting *s, const cJSON *value,
    const struct doc *doc, struct faults *faults);
/* The same for a row of type SETTING_SERVERS. */
int setting_take_servers(struct config *c, const struct setting *s, const cJSON *value,
    const struct doc *doc, struct faults *faults);
/* The row's default into its member. */
void setting_default(struct config *c, const struct setting *s);

#endif
