/* Which machines cannot be had, as far as the store remembers, and what a run would take instead. */
#ifndef CLI_SCARCE_H
#define CLI_SCARCE_H

#include "cli/cli.h"
#include "pricing/estimate.h"
#include "store/scarcity.h"

struct scarce {
	struct cli *cli;
	struct planner planner;
	struct scarcities all;
	struct err e; /* why it is not known what is scarce; ERR_NONE: it is */
};

/*
 * By the store that is open, if there is one; without ESTIMATOR (NULL) nothing has a price.
 * Never fails: what cannot be read is told with each objective. To be cleared.
 */
void scarce_init(struct scarce *s, struct cli *cli, struct estimator *estimator);
void scarce_clear(struct scarce *s);
/*
 * Gives O, of which no attempt is open, the size that a run would choose now, and adds to
 * NOTES what is to be said of it: mostly nothing.
 */
void scarce_look(const struct scarce *s, struct objective *o, struct strv *notes);

#endif
