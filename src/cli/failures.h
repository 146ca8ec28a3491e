/* What the occurrences of a failure teach, as the commands tell it. */
#ifndef CLI_FAILURES_H
#define CLI_FAILURES_H

#include "base/json.h"
#include "core/history.h"

/* A field for each thing that resolved it, the most frequent first; false if nothing did. */
bool failures_print_lessons(const char *label, const struct occurrence *v, size_t len);
/* [{"by", "detail", "times", "of", "after_ms"}]; the caller's own. */
cJSON *failures_lessons_json(const struct occurrence *v, size_t len);

#endif
