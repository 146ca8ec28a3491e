/* Which price book commands use. */
#ifndef CLI_PRICES_H
#define CLI_PRICES_H

#include "cli/cli.h"
#include "engine/planner.h"
#include "pricing/book.h"

/*
 * The user's own book in the state folder, else the one that PURSER_PRICES names,
 * else the installed one. NULL and an error, with what to do about it, if there is none.
 */
struct book *prices_open(const struct cli *cli, struct err *e);
/* The book that a runner goes by. */
struct tariff {
	struct book *book;
	struct estimator *estimator;
	char *state; /* of the book: another text after each update */
};
/* Opens the book for PLANNER, or another one if it was replaced since. 0, or -1 and the tariff as it was. */
int tariff_renew(struct tariff *tariff, const struct cli *cli, struct planner *planner, struct err *e);
void tariff_clear(struct tariff *tariff);

#endif
