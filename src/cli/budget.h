/* The parts of the command budget. */
#ifndef CLI_BUDGET_H
#define CLI_BUDGET_H

#include <stdbool.h>

#include "cli/cli.h"
#include "cli/status.h"

struct budget_options {
	const char *scope, *amount, *until, *reason; /* grant */
	const char *by;                              /* grant: who; report: what makes a row */
	const char *month, *format;                  /* report */
	bool daily, again;                           /* grant */
	bool all, json;
};

/* Each scope with its limit, and what waits for money. */
enum status budget_overview(struct cli *cli, const struct budget_options *o);
/* What a month cost, by team, resource group and so on. */
enum status budget_report(struct cli *cli, const struct budget_options *o);

#endif
