/* The part of why that is about money: what the budget says now, and which changes would pass. */
#ifndef CLI_WHY_MONEY_H
#define CLI_WHY_MONEY_H

#include "cli/prospect.h"
#include "pricing/alternatives.h"

struct why_money {
	struct cli *cli;
	const struct objective *o; /* borrowed */
	const char *unpriced;
	bool is_due;               /* it is still to be claimed: only then all this is filled in */
	struct prospects prospects;
	struct estimate estimate;
	struct prospect now;
	struct alternatives alternatives; /* of one that would not be admitted now */
	money_t approved;    /* for its unknown price; 0: nothing was, or it has a price */
	struct ruling least; /* what objects even to alternatives.least */
	struct err e;        /* why it could not be estimated */
};

/*
 * Never fails: what cannot be had is in e. To be cleared. UNPRICED: what of it
 * has no known price, whatever the estimate says; NULL if that is nothing.
 */
void why_money_load(
    struct why_money *m, struct cli *cli, const struct objective *o, const char *unpriced);
void why_money_clear(struct why_money *m);
/* True if it is known that the budget would not admit it now. */
bool why_money_is_short(const struct why_money *m);
/* The table of changes, or why there is none; nothing for one that would be admitted. */
void why_money_print(const struct why_money *m);
void why_money_add_json(const struct why_money *m, cJSON *json);
/* The commands that help, as one would type them. */
void why_money_next(const struct why_money *m, struct strv *commands);

#endif
