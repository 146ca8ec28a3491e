/* What a run did and what remains: for a person, for the mail of a cron job, and as JSON. */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "cli/cli.h"
#include "cli/display.h"
#include "cli/status.h"
#include "cli/waiting.h"
#include "store/ledger.h"
#include "store/store.h"

/* What there is now, of the queue or of the batch. */
struct left {
	int64_t counts[STATES]; /* objectives in each state */
	int64_t waiting
	    [WAITING_SETS]; /* of the held ones, those that wait for money, approval or a price */
};

/* SPAN_MS: how long the run took. */

/* All in one line on stdout, for the mail of a cron job and for the journal. */
void summary_line(const struct runner_summary *sum, const struct left *left, int64_t span_ms);
/* The same as one JSON object, with the exit status. */
void summary_json(
    const struct runner_summary *sum, const struct left *left, int64_t span_ms, enum status status);
/* For a person, with hints; BATCH (NULL: all) is what was asked for, D holds the troubles. */
void summary_tell(struct cli *cli, const char *batch, const struct display *d,
    const struct runner_summary *sum, const struct left *left, int64_t span_ms);

#endif
