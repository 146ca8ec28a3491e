/* The names of scopes, for the other files of this folder; core/budget.h says what scopes are. */
#ifndef CORE_SCOPE_H
#define CORE_SCOPE_H

#include <stdbool.h>

/* What objectives may have as a resource group; a limit by any other name would limit nothing. */
bool scope_group_is_valid(const char *name);
/* The same for labels: NULL, or what is wrong with it. */
const char *scope_label_fault(const char *key, const char *value);
/* "group:NAME" in lower case, "label:KEY=VALUE" with the key in lower case; the caller's own. */
char *scope_of_group(const char *name);
char *scope_of_label(const char *key, const char *value);

#endif
