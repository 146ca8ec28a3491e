/* The lines of "purser budget": how each scope stands against its limits. */
#ifndef CLI_BUDGET_LINES_H
#define CLI_BUDGET_LINES_H

#include "cli/cli.h"
#include "core/budget.h"

/* A scope and one of its limits, or none. */
struct budget_line {
	char *scope;
	enum budget_period period;
	bool limited;
	money_t limit; /* with what is granted */
	money_t granted;
	struct outlook now; /* of a daily limit in amounts a day */
	decimal_t percent;  /* of the limit */
	const struct budget_limit *rule;
};

struct budget_lines {
	const struct budget *budget;
	int64_t now_ms;
	struct budget_line *v;
	size_t len, cap;
};

/*
 * Fills in the lines of all scopes that have a limit, of ALL that ever occurred.
 * Its first two members are set; cli->store may be NULL. To be cleared in any case.
 */
int budget_lines_load(struct budget_lines *l, struct cli *cli, bool all, struct err *e);
void budget_lines_clear(struct budget_lines *l);
/* A table with a bar for each limit, or where the window is too narrow some lines for each; nothing if there are none. */
void budget_lines_print(const struct budget_lines *l);

#endif
