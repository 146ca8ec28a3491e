/* What a month cost, in rows for each team, resource group and so on. */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include "store/actual.h"
#include "store/ledger.h"

enum tally_kind {
	TALLY_NAMED,
	TALLY_NONE,      /* what is in no group, has no such label */
	TALLY_UNMATCHED, /* actual cost of none of ours */
	TALLY_TOTAL
};

struct tally_row {
	enum tally_kind kind;
	char *name;
	money_t committed;    /* a month, at the month's end or now */
	struct amounts spent; /* in the month, by estimate */
	bool has_actual;
	money_t actual;
	int64_t objectives; /* that stood in the month, or cost something */
	int64_t unpriced;   /* of these, whose estimate lacks something */
};

struct tally {
	month_t month;
	struct tally_row *v; /* by name, the kinds in their order */
	size_t len, cap;
	struct tally_row total;  /* the exact sum of the rows */
	int64_t actual_until_ms; /* end of the last day of which actual cost is known; 0: none is */
};

/*
 * BY: "resource_group", "capability", "objective", or the name of a label ("label:NAME"
 * where it is one of these words); ERR_INPUT for one that no objective of the month
 * has, if there are any. What stands is counted up to NOW_MS. T must be
 * cleared in any case.
 */
int tally_make(
    struct tally *t, struct store *s, const char *by, month_t month, int64_t now_ms, struct err *e);
void tally_clear(struct tally *t);

#endif
