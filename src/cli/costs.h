/* The parts of the command costs. */
#ifndef CLI_COSTS_H
#define CLI_COSTS_H

#include <stdbool.h>

#include "cli/cli.h"
#include "cli/status.h"
#include "core/accrual.h"

struct costs_options {
	const char *month;  /* show, export */
	const char *output; /* export */
	bool focus, json;
};

/* Estimate against actual by objective, and what belongs to none. */
enum status costs_show(struct cli *cli, const struct costs_options *o, month_t month);
/* The estimates as FOCUS rows. */
enum status costs_export(struct cli *cli, const struct costs_options *o, month_t month);

#endif
