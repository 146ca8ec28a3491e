/* Estimates as the commands show them, and what they are made with. */
#ifndef CLI_ESTIMATE_H
#define CLI_ESTIMATE_H

#include "cli/cli.h"
#include "pricing/estimate.h"

/* Room for an amount with its mark. */
#define ESTIMATE_TEXT_SIZE (MONEY_TEXT_SIZE + 1)

struct pricer {
	struct book *book;
	struct estimator *estimator;
};

/* 0, or -1 for a price book that is missing or cannot be read. pricer_close() is due either way. */
int pricer_open(struct pricer *p, const struct cli *cli, struct err *e);
void pricer_close(struct pricer *p);
/*
 * The estimate of O, to be cleared in any case. -1 and ERR_NOT_FOUND if its
 * capability is there no more, else as estimate_make().
 */
int pricer_estimate(const struct pricer *p, const struct cli *cli, const struct objective *o,
    struct estimate *estimate, struct err *e);

/*
 * An amount of a component for a table: rounded to cents, "~" before what was
 * concluded from another region, "unknown" for what has no price.
 */
const char *estimate_amount(
    const struct estimate_component *c, money_t amount, char out[static ESTIMATE_TEXT_SIZE]);
/* The sum of a month in a sentence, and that it lacks what has no price. The caller's own. */
char *estimate_sentence(const struct estimate *estimate);

#endif
