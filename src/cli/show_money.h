/* The money of an objective, as show prints it. */
#ifndef CLI_SHOW_MONEY_H
#define CLI_SHOW_MONEY_H

#include "cli/report.h"

/* Below the hold for REASON: what is asked for, the rules that object and where they stand. */
void show_objections(const struct report *r, const char *reason);
/* What it holds and held, and what was approved; nothing if there is none. */
void show_money(const struct report *r, const char *currency, int64_t now_ms);
/* What to type about what it waits for. */
void show_next_money(const struct report *r);

#endif
