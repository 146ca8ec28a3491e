/* One event of the work on stdout: a line for people, or one of JSON for programs. */
#ifndef CLI_PROGRESS_LINE_H
#define CLI_PROGRESS_LINE_H

#include <stdbool.h>

#include "core/objective.h"
#include "engine/runner.h"

/* "web-dev/vm", visible; the caller's own. */
char *progress_label(const struct objective *o);
/* A line only for those who want to see all. */
bool progress_is_verbose(enum progress_kind kind);
/* Its objective goes on at a later time, until_ms. */
bool progress_is_put_off(enum progress_kind kind);
/* "03:18:38Z web-dev/vm (ddb3338a): held: budget". DETAIL: that of P, or NULL if it was told already. */
void progress_print_line(const struct progress *p, const char *detail);
void progress_print_json(const struct progress *p);

#endif
