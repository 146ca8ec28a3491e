/*
 * Prices with how sure they are: of the meter itself, or concluded from another
 * region. What was looked up once is kept. For pricing/estimate.c.
 */
#ifndef PRICING_ESTIMATE_RATE_H
#define PRICING_ESTIMATE_RATE_H

#include "core/names.h"
#include "pricing/book.h"
#include "pricing/estimate.h"
#include "pricing/estimate_ratio.h"

struct rate {
	char *key;
	enum estimate_confidence confidence;
	char *reason;
	struct meter_price low, expected, high; /* of a machine: by the hour; empty if unknown */
	char region[BOOK_REGION_MAX];           /* of the price that it was made from */
	const struct book_source *source;       /* NULL if unknown */
};

struct rates {
	struct book *book;
	struct names names; /* key -> index */
	struct rate **v;
	size_t len, cap;
	struct ratio_basket *baskets;
	size_t n_baskets;
};

void rates_clear(struct rates *r);

/*
 * Never NOT_FOUND: that is a rate which is ESTIMATE_UNKNOWN. Borrowed until
 * rates_clear(); NULL and an error for a book that cannot be read.
 */
const struct rate *rates_vm(struct rates *r, const char *size, const char *region, enum vm_os os,
    enum vm_market market, struct err *e);
const struct rate *rates_meter(struct rates *r, const struct meter_key *key, struct err *e);

#endif
