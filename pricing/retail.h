/*
 * Which rows of the Azure Retail Prices API are prices that a book may hold, and
 * what they are. Pure. The rows of one size are many: Windows, Spot, Low
 * Priority, Cloud Services, dedicated hosts, reservations for a whole term, prices for
 * developers, and around a change of price the row of before and the row of
 * after. A row that cannot be told apart is dropped and counted, never guessed.
 * The format: https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
 */
#ifndef PRICING_RETAIL_H
#define PRICING_RETAIL_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pricing/book_writer.h"

/* Why a row is not taken over. */
enum retail_drop {
	RETAIL_KEPT,
	RETAIL_TYPE,      /* a reservation, or a price for developers */
	RETAIL_PRODUCT,   /* cloud services, dedicated hosts: not a virtual machine by itself */
	RETAIL_PRIORITY,  /* low priority: the forerunner of spot */
	RETAIL_ZERO,      /* a virtual machine that is not on sale */
	RETAIL_ENDED,     /* was valid until a day that has passed */
	RETAIL_COMING,    /* will be valid, while another row still is */
	RETAIL_UNIT,      /* its unit is not understood */
	RETAIL_CURRENCY,  /* in another currency */
	RETAIL_AMBIGUOUS, /* several rows for the same thing with different prices */
	RETAIL_ODD,       /* a field is missing or makes no sense */
	RETAIL_DROPS
};
/* "reservations and developer prices", for a summary. */
const char *retail_drop_text(enum retail_drop drop);

struct retail;

/* What was asked for, and when. */
struct retail_scope {
	const char *currency;
	const char *service, *region; /* NULL: all; rows of others are odd */
	int64_t now_ms;               /* decides which rows are valid */
};

/* Gathers rows. The texts of SCOPE are borrowed. */
struct retail *retail_new(const struct retail_scope *scope);
void retail_free(struct retail *r);
DEFINE_CLEANUP(struct retail *, retail_free)

/* Takes the rows of one page: an array of items. ERR_INPUT if it is none. */
int retail_add(struct retail *r, const cJSON *items, struct err *e);
/* All rows that were added. */
size_t retail_count(const struct retail *r);
/*
 * After the last page: chooses among the rows of each thing and writes what is
 * left. Afterwards *kept rows are in the book, and dropped says of the others why.
 */
int retail_write(struct retail *r, struct book_writer *w, int64_t source, size_t *kept,
    size_t dropped[RETAIL_DROPS], struct err *e);

#endif
