/* What was asked for and what came out of it, as show prints it. */
#ifndef CLI_SHOW_ASKED_H
#define CLI_SHOW_ASKED_H

#include "cli/report.h"

/* The submission, with what rules, settings and scarcity have decided, and its times. */
void show_asked(const struct report *r, int64_t now_ms);
void show_dependencies(const struct report *r);
void show_outputs(const cJSON *outputs);

#endif
