/*
 * How long to wait before the next try. Nothing sleeps through it: the time goes
 * into the store, as the objective's not_before.
 */
#ifndef CORE_RETRY_POLICY_H
#define CORE_RETRY_POLICY_H

#include <stdint.h>

#include "core/failure.h"

struct retry_policy {
	int64_t max_retries; /* of one step */
	int64_t delay_ms;    /* before the first retry; doubles with each */
	int64_t max_delay_ms;
	int64_t jitter_percent; /* the delay is longer or shorter by up to so much */
};

/*
 * The delay before the next try, after RETRIES of this step: min(delay_ms *
 * 2^retries, max_delay_ms), give or take the jitter. What the tool tried itself
 * counts too: az sends a throttled request four times before it gives up. A wait
 * that the service asked for wins, and is never cut short: jitter only adds to it.
 *
 * The jitter is drawn from SEED (the objective's id): the same objective waits as
 * long in every replay, two objectives do not come back at the same moment.
 */
int64_t retry_delay_ms(
    const struct retry_policy *policy, const struct failure *why, int retries, const char *seed);

#endif
