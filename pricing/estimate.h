/*
 * What an objective will cost: the [[cost]] rows of its capability (core/cost.h),
 * filled in with its parameters and priced from the price book. The same
 * objective, capability and book give the same estimate.
 *
 * Low, expected and high: usage that is a guess (egress, operations) has a range
 * in its row, and so has a price that was concluded from another region's. The
 * high amount also does without free allowances, because these belong to the
 * whole account and other objectives may have used them up. Limits bind on it.
 *
 * Unknown is never zero: what has no known price makes the estimate unpriced,
 * and the totals are those of the other components only.
 */
#ifndef PRICING_ESTIMATE_H
#define PRICING_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"
#include "core/amounts.h"
#include "core/capability.h"
#include "core/objective.h"
#include "pricing/book.h"

/* From the surest; an estimate is no surer than its least sure component. */
enum estimate_confidence {
	ESTIMATE_EXACT,   /* the price of this very meter */
	ESTIMATE_RATIO,   /* that of another region, times a ratio */
	ESTIMATE_UNKNOWN, /* none */
	ESTIMATE_CONFIDENCES
};

struct estimate_component {
	char *name; /* of the row */
	char *help; /* of the row; NULL if it has none */
	char *what; /* "Standard_B2s, linux"; "E4 LRS Disk" */
	enum estimate_confidence confidence;
	char *reason; /* of that confidence */
	decimal_t low_quantity, quantity,
	    high_quantity;      /* a month, or of what is paid by time: at a time */
	decimal_t hours;        /* a month */
	char *unit;             /* as Azure spells it: "1 Hour"; NULL if unknown */
	struct amounts hourly;  /* the month's spread evenly over its 730 hours, rounded */
	struct amounts monthly; /* all zero if unknown */
	char *region;           /* of the price; NULL if unknown */
	char *as_of;            /* the day of the price; NULL if unknown */
	char *source;           /* where it is from; NULL if unknown */
};

struct estimate {
	struct estimate_component
	    *v; /* none: the capability costs nothing by itself, or is unpriced */
	size_t len;
	struct amounts hourly, monthly; /* exactly the sums of the components' */
	enum estimate_confidence confidence;
	bool unpriced; /* something has no known price, */
	char *why;     /* and this: "system_disks: no price is known for ..."; else NULL */
	char *as_of;   /* the oldest of its prices; NULL: it has none */
	char *currency;
};

/* Keeps what it looked up: make one for many estimates. It borrows the book. */
struct estimator;

struct estimator *estimator_new(struct book *book);
void estimator_free(struct estimator *r);
DEFINE_CLEANUP(struct estimator *, estimator_free)

/*
 * 0, also for one that is unpriced; -1 and ERR_INPUT for a quantity that is
 * negative or an amount that does not fit, or the kind of a book that cannot be
 * read. ESTIMATE is to be cleared in any case.
 */
int estimate_make(struct estimator *r, const struct capability *c, const struct objective *o,
    struct estimate *estimate, struct err *e);
void estimate_clear(struct estimate *estimate);

/* "exact", "ratio", "unknown". */
const char *estimate_confidence_name(enum estimate_confidence confidence);
/* Amounts are strings with exact decimals. The caller's own. */
cJSON *estimate_to_json(const struct estimate *estimate);

#endif
