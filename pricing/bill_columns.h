/* The columns that a bill is read by, wherever they stand and whatever they are called. */
#ifndef PRICING_BILL_COLUMNS_H
#define PRICING_BILL_COLUMNS_H

#include "base/strv.h"
#include "pricing/bill.h"
#include "pricing/csv.h"

enum bill_column {
	BILL_DAY,
	BILL_AMOUNT,
	BILL_CURRENCY,
	BILL_SUBSCRIPTION,
	BILL_PAYER, /* billing account, where a charge is of no subscription */
	BILL_RESOURCE,
	BILL_TAGS,
	BILL_GROUP,
	BILL_SERVICE,
	BILL_PERIOD_START, /* further dates, which show how dates are written */
	BILL_PERIOD_END,
	BILL_ESTIMATE, /* "true": it is no charge */
	BILL_COLUMNS
};

struct bill_layout {
	enum bill_format format;
	struct strv names;    /* of all columns, as the file spells them */
	int at[BILL_COLUMNS]; /* -1: it has none */
};

/* By the header that was just read; ERR_INPUT. L is to be cleared in any case. */
int bill_layout_find(struct bill_layout *l, const struct csv *header, struct err *e);
void bill_layout_clear(struct bill_layout *l);
/* The value in the record at hand, "" if there is no such column; borrowed from it. */
const char *
bill_field(const struct bill_layout *l, const struct csv *record, enum bill_column column);
/* As the file calls it; of one that it has not "". */
const char *bill_column_name(const struct bill_layout *l, enum bill_column column);

#endif
