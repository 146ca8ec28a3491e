/*
 * Bills: the cloud's exports of actual cost, as CSV. Which of the formats a file
 * has is told by the names of its columns, because order and case differ between
 * agreements and versions:
 *
 *	FOCUS		1.0, 1.0r2 and 1.2, Microsoft's own columns (x_...) included
 *	MCA, EA		cost details of these agreements, actual or amortized
 *	usage		older usage details, and those of pay-as-you-go accounts
 *
 * The amount is the cost in the billing currency. Of FOCUS it is EffectiveCost: a
 * reservation's share is told on the day and resource that use it, which is what
 * an estimate can be held against; BilledCost has it on the day of purchase. Of
 * the others it is what the export was asked for, actual or amortized cost.
 *
 * All or nothing: what is not understood, cut off, in another currency or in the
 * future refuses the file, with line and column, and so does a row of estimates
 * (x_IsEstimate). The end of a file that was cut between two lines cannot be told
 * from a whole one. Several files may be parts of one export; where two have the
 * same line, or tell of the same account and day in other columns, they are
 * refused, because charges would count twice.
 */
#ifndef PRICING_BILL_H
#define PRICING_BILL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/actual.h"

#define BILL_CURRENCY_CODE "USD"             /* that of the price book */
#define BILL_BYTES_MAX (1024u * 1024 * 1024) /* of one file; Azure partitions larger ones */

enum bill_format { BILL_FOCUS, BILL_MCA, BILL_EA, BILL_USAGE, BILL_FORMATS };
/* "FOCUS", "MCA", "EA", "usage". */
const char *bill_format_name(enum bill_format format);

struct bill;

/* Charges of days behind NOW_MS are refused. */
struct bill *bill_new(int64_t now_ms);
void bill_free(struct bill *b);
DEFINE_CLEANUP(struct bill *, bill_free)

/*
 * Adds a file: 0; or -1 and ERR_INPUT "FILE:LINE: COLUMN: ..." or what file_read()
 * says, and then the bill is good for nothing more.
 */
int bill_read(struct bill *b, const char *path, enum bill_format *format, struct err *e);
/*
 * Its charges: the sums of resource, day, tag, group and service, which are
 * exact to 18 decimals and rounded once, here. Borrowed. ERR_INPUT: one does not fit.
 */
int bill_charges(struct bill *b, const struct charge **v, size_t *len, struct err *e);
/* Lines of all files, without the headers. */
int64_t bill_lines(const struct bill *b);

#endif
