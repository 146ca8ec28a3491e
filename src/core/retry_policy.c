/*
 * The delay before the next try: doubling, bounded, with a jitter that is drawn
 * from the objective's id and the number of the try instead of from chance, so
 * that a replay decides the same again.
 */
#include <config.h>

#include "core/retry_policy.h"

/* FNV-1a of the seed and the number, and a last stir: neighbours must not get like values. */
static uint64_t
draw(const char *seed, int number)
{
	uint64_t hash = 14695981039346656037u;

	for (const char *p = seed ? seed : ""; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211u;
	for (unsigned i = 0; i < sizeof(number); i++)
		hash = (hash ^ (((unsigned)number >> (8 * i)) & 0xff)) * 1099511628211u;
	hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
	hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
	return hash ^ (hash >> 33);
}

/* PERCENT of MS, without a product that could overflow. */
static int64_t
share(int64_t ms, int64_t percent)
{
	return ms / 100 * percent + ms % 100 * percent / 100;
}

/* min(delay * 2^doublings, max) */
static int64_t
doubled(const struct retry_policy *policy, int64_t doublings)
{
	int64_t ms = policy->delay_ms;

	for (; doublings > 0 && ms > 0 && ms < policy->max_delay_ms; doublings--) {
		if (ms > policy->max_delay_ms / 2)
			return policy->max_delay_ms;
		ms *= 2;
	}
	return ms < policy->max_delay_ms ? ms : policy->max_delay_ms;
}

int64_t
retry_delay_ms(
    const struct retry_policy *policy, const struct failure *why, int retries, const char *seed)
{
	uint64_t chance = draw(seed, retries);

	if (why && why->wait_ms > 0) {
		int64_t span = share(why->wait_ms, policy->jitter_percent);
		return why->wait_ms + (int64_t)(chance % (uint64_t)(span + 1));
	}
	int64_t own = why && why->tool_tries > 1 ? why->tool_tries - 1 : 0;
	int64_t ms = doubled(policy, (retries > 0 ? retries : 0) + own);
	int64_t span = share(ms, policy->jitter_percent);
	return ms - span + (int64_t)(chance % (uint64_t)(2 * span + 1));
}
