/* What was done for an objective, and what stands of it, as show prints it: nothing where there is none. */
#ifndef CLI_SHOW_HISTORY_H
#define CLI_SHOW_HISTORY_H

#include "cli/report.h"

void show_resources(const struct report *r);
void show_attempts(const struct report *r);
void show_steps(const struct report *r);

#endif
