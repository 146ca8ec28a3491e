/*
 * The price book: prices.db, one SQLite file that is only ever read here and
 * replaced as a whole (pricing/book_writer.h). A price that is not in it is
 * ERR_NOT_FOUND and never zero; a damaged book is ERR_CORRUPT and a book of
 * another version ERR_INPUT, and no other book is taken in its place.
 *
 * All prices are retail list prices for pay-as-you-go in book_currency(). Regions
 * and sizes are compared without regard to the case of ASCII letters and come back as Azure
 * spells them; the names of meters are compared exactly, because some differ by case
 * alone. Lists belong to the caller; const text in results is borrowed from the
 * book until book_close().
 */
#ifndef PRICING_BOOK_H
#define PRICING_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/money.h"
#include "pricing/unit.h"

#define BOOK_NAME "prices.db" /* in the state folder, and as it is installed */
#define BOOK_REGION_GLOBAL "Global"

struct book;

/* The book at PATH; ERR_NOT_FOUND if there is none. NULL and an error otherwise. */
struct book *book_open(const char *path, struct err *e);
/*
 * The user's own book, STATE_FOLDER/prices.db, if it exists, else the one at
 * INSTALLED. One that exists and cannot be read is an error.
 */
struct book *book_open_best(const char *state_folder, const char *installed, struct err *e);
void book_close(struct book *b);
DEFINE_CLEANUP(struct book *, book_close)

const char *book_path(const struct book *b);
const char *book_currency(const struct book *b); /* "USD" */

/* ---- where prices come from ---- */

struct book_source {
	const char *
	    as_of; /* "2026-08-01": the day of which the prices are; never later than they really are */
	const char *name;  /* short: "Azure Retail Prices API" */
	const char *about; /* where the data was taken from, and its licence */
};

/* All of them, in no order that means something; borrowed, *len of them. */
const struct book_source *book_sources(const struct book *b, size_t *len);

/* ---- virtual machines ---- */

enum vm_os { VM_LINUX, VM_WINDOWS, VM_OSES };
enum vm_market { VM_ON_DEMAND, VM_SPOT, VM_MARKETS };

/* "linux", "windows"; "on-demand", "spot". */
const char *vm_os_name(enum vm_os os);
const char *vm_market_name(enum vm_market market);

#define BOOK_SIZE_MAX 64   /* of a VM size's name, with its NUL */
#define BOOK_REGION_MAX 48 /* of a region's name, with its NUL */
#define BOOK_GPU_MAX 32

struct vm_price {
	char size[BOOK_SIZE_MAX];
	char region[BOOK_REGION_MAX];
	char family[BOOK_SIZE_MAX]; /* "Standard_Ds_v5" of "Standard_D2s_v5" */
	enum vm_os os;
	enum vm_market market;
	money_t hourly;         /* > 0 */
	decimal_t vcpus;        /* 0: not known */
	decimal_t memory_gib;   /* 0: not known */
	char gpu[BOOK_GPU_MAX]; /* "" if there is none */
	decimal_t gpus;         /* 0: none, or not known; fractions are parts of one */
	const struct book_source *source;
};

struct vm_prices {
	struct vm_price *v;
	size_t len, cap;
};

void vm_prices_clear(struct vm_prices *list);

/* The price of one size in one region; ERR_NOT_FOUND (the message says what is unknown: the size, the region or the pair). */
int book_vm(struct book *b, const char *size, const char *region, enum vm_os os,
    enum vm_market market, struct vm_price *out, struct err *e);
/* The size in all its regions, by region; none is fine. Appends to OUT. */
int book_vm_regions(struct book *b, const char *size, enum vm_os os, enum vm_market market,
    struct vm_prices *out, struct err *e);
/* The sizes of a family in one region, cheapest first; none is fine. Appends to OUT. */
int book_vm_family(struct book *b, const char *family, const char *region, enum vm_os os,
    enum vm_market market, struct vm_prices *out, struct err *e);
/* All sizes of one region, cheapest first; none is fine. Appends to OUT. */
int book_vm_region(struct book *b, const char *region, enum vm_os os, enum vm_market market,
    struct vm_prices *out, struct err *e);
/* "Standard_Ds_v5" of "Standard_D2s_v5" and of "Standard_D4-2s_v5": the name without its numbers of vCPUs. */
void vm_family(const char *size, char out[static BOOK_SIZE_MAX]);

/* ---- meters of everything else ---- */

struct meter_key {
	const char *service, *product, *sku, *meter, *region;
	const char *unit; /* as the API spells it; NULL: there must be only one */
};

/* The price from so many units on, up to the next tier. */
struct meter_tier {
	decimal_t
	    from;      /* in units as they are sold: of a price for "10K", 5 means from 50,000 on */
	money_t price; /* for one such unit: for 10,000 of "10K". 0 is a free allowance */
};

struct meter_price {
	char *service, *product, *sku, *meter; /* own; see meter_price_clear() */
	char region[BOOK_REGION_MAX];
	struct unit unit;
	struct meter_tier *
	    tiers; /* own; by from. The first begins at 0, unless nobody knows what lies below it */
	size_t n_tiers;
	const struct book_source *source;
};

struct meter_prices {
	struct meter_price *v;
	size_t len, cap;
};

void meter_price_clear(struct meter_price *m);
void meter_prices_clear(struct meter_prices *list);

/*
 * The one meter that KEY names, into *out (cleared by the caller in any case;
 * zeroed if it fails). ERR_NOT_FOUND if there is none; ERR_CONFLICT if several
 * units fit and none was named; ERR_INPUT if its unit is not understood.
 */
int book_meter(struct book *b, const struct meter_key *key, struct meter_price *out, struct err *e);
/*
 * The meter in all its regions (KEY's region is not looked at), by region. Those
 * of several units all come, and those with a unit that is not understood are
 * left out. None is fine. Appends to OUT.
 */
int book_meter_regions(
    struct book *b, const struct meter_key *key, struct meter_prices *out, struct err *e);
/*
 * All meters of a product in one region, by sku, meter and unit (KEY's sku,
 * meter and unit are not looked at): siblings for a ratio. Appends to OUT.
 */
int book_meter_product(
    struct book *b, const struct meter_key *key, struct meter_prices *out, struct err *e);

/*
 * What AMOUNT (GB, operations, pieces: not blocks) costs during HOURS, through
 * all tiers, rounded once. Free tiers are in it as often as this is called.
 * ERR_INPUT for negative amounts, for what does not fit and for an amount that
 * falls below the first known tier.
 */
int meter_cost(
    const struct meter_price *m, decimal_t amount, decimal_t hours, money_t *out, struct err *e);

/* ---- search, for people ---- */

struct book_search {
	const char *text;    /* words that must all occur somewhere in the names, case aside */
	const char *region;  /* NULL: all */
	const char *service; /* NULL: all; "Virtual Machines" are the sizes */
	size_t limit;        /* rows of each of the two lists */
};

/* More than LIMIT: *more is set. Appends to both lists; no match is fine. */
int book_search(struct book *b, const struct book_search *search, struct vm_prices *vms,
    struct meter_prices *meters, bool *more, struct err *e);

#endif
