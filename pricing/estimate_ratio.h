/*
 * How prices of one region compare with those of another, from what the book
 * has in both: for a price that it lacks. For pricing/estimate_rate.c.
 */
#ifndef PRICING_ESTIMATE_RATIO_H
#define PRICING_ESTIMATE_RATIO_H

#include "pricing/book.h"

/* With fewer prices to compare nothing is concluded. */
#define RATIO_PEERS_MIN 3

/*
 * Prices in the wanted region divided by those of the other: the middle one,
 * and those that a tenth of them lies below and above (of less than ten: the
 * lowest and the highest).
 */
struct ratio {
	decimal_t low, middle, high;
	size_t peers; /* how many were compared; 0: there is no ratio */
};

/* Ratios on their way to becoming one. */
struct ratio_list {
	decimal_t *v;
	size_t len, cap;
};

void ratio_list_clear(struct ratio_list *list);
/* Adds WANTED / OTHER, both above zero; a quotient that does not fit is left out. */
void ratio_list_add(struct ratio_list *list, money_t wanted, money_t other);
/* Sorts LIST. No ratio of fewer than RATIO_PEERS_MIN. */
struct ratio ratio_of(struct ratio_list *list);

/* How far the middle one lies from 1: the nearer, the more alike are two regions. */
decimal_t ratio_distance(const struct ratio *r);

/* Of the sizes that are in both lists. */
struct ratio ratio_of_vms(const struct vm_prices *wanted, const struct vm_prices *other);
/* Of the meters that are in both, by their first price that is not free. */
struct ratio ratio_of_meters(const struct meter_prices *wanted, const struct meter_prices *other);

/*
 * Machines that nearly every region sells, as a measure of how dear a region
 * is: each one's price there, 0 where it is not known.
 */
#define RATIO_BASKET 8
struct ratio_basket {
	char region[BOOK_REGION_MAX];
	money_t hourly[RATIO_BASKET];
};

/* 0 or -1 for a book that cannot be read. */
int ratio_basket_load(
    struct ratio_basket *basket, struct book *book, const char *region, struct err *e);
struct ratio ratio_of_baskets(const struct ratio_basket *wanted, const struct ratio_basket *other);

#endif
