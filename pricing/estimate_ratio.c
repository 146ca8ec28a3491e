/* Ratios of prices between regions. */
#include "config.h"

#include "pricing/estimate_ratio.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static const char *const basket_sizes[RATIO_BASKET] = {
	"Standard_B2s",
	"Standard_D2s_v3",
	"Standard_D4s_v4",
	"Standard_D2s_v5",
	"Standard_D4as_v5",
	"Standard_E4s_v3",
	"Standard_E2s_v5",
	"Standard_F4s_v2",
};

void
ratio_list_clear(struct ratio_list *list)
{
	free(list->v);
	*list = (struct ratio_list){ 0 };
}

void
ratio_list_add(struct ratio_list *list, money_t wanted, money_t other)
{
	decimal_t ratio;

	if (decimal_div(wanted, other, &ratio, NULL) < 0)
		return;
	if (list->len == list->cap) {
		list->cap = list->cap == 0 ? 64 : list->cap * 2;
		list->v = xrealloc(list->v, list->cap, sizeof(*list->v));
	}
	list->v[list->len++] = ratio;
}

static int
by_number(const void *a, const void *b)
{
	const decimal_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

struct ratio
ratio_of(struct ratio_list *list)
{
	size_t n = list->len;

	if (n < RATIO_PEERS_MIN)
		return (struct ratio){ 0 };
	qsort(list->v, n, sizeof(*list->v), by_number);
	return (struct ratio){
		.low = list->v[n / 10],
		.middle = list->v[n / 2],
		.high = list->v[n - 1 - n / 10],
		.peers = n,
	};
}

decimal_t
ratio_distance(const struct ratio *r)
{
	return r->middle > DECIMAL_ONE ? r->middle - DECIMAL_ONE : DECIMAL_ONE - r->middle;
}

struct ratio
ratio_of_vms(const struct vm_prices *wanted, const struct vm_prices *other)
{
	struct ratio_list list = { 0 };
	struct ratio ratio;

	for (size_t i = 0; i < wanted->len; i++) {
		for (size_t k = 0; k < other->len; k++) {
			if (strcasecmp(wanted->v[i].size, other->v[k].size) == 0)
				ratio_list_add(&list, wanted->v[i].hourly, other->v[k].hourly);
		}
	}
	ratio = ratio_of(&list);
	ratio_list_clear(&list);
	return ratio;
}

static int
by_meter(const struct meter_price *a, const struct meter_price *b)
{
	int rc = strcasecmp(a->sku, b->sku);

	if (rc == 0)
		rc = strcasecmp(a->meter, b->meter);
	return rc != 0 ? rc : strcasecmp(a->unit.text, b->unit.text);
}

static money_t
first_price(const struct meter_price *m)
{
	for (size_t i = 0; i < m->n_tiers; i++)
		if (m->tiers[i].price > 0)
			return m->tiers[i].price;
	return 0;
}

struct ratio
ratio_of_meters(const struct meter_prices *wanted, const struct meter_prices *other)
{
	struct ratio_list list = { 0 };
	struct ratio ratio;

	for (size_t i = 0; i < wanted->len; i++) {
		money_t price = first_price(&wanted->v[i]);

		for (size_t k = 0; k < other->len && price > 0; k++) {
			if (by_meter(&wanted->v[i], &other->v[k]) == 0 &&
			    first_price(&other->v[k]) > 0)
				ratio_list_add(&list, price, first_price(&other->v[k]));
		}
	}
	ratio = ratio_of(&list);
	ratio_list_clear(&list);
	return ratio;
}

int
ratio_basket_load(struct ratio_basket *basket, struct book *book, const char *region, struct err *e)
{
	*basket = (struct ratio_basket){ 0 };
	/* One that does not fit is no region of the book, and sells nothing. */
	if (strlen(region) >= sizeof(basket->region))
		return 0;
	memcpy(basket->region, region, strlen(region) + 1);
	for (size_t i = 0; i < RATIO_BASKET; i++) {
		struct vm_price price;
		struct err why = { 0 };

		if (book_vm(book, basket_sizes[i], region, VM_LINUX, VM_ON_DEMAND, &price, &why) ==
		    0) {
			basket->hourly[i] = price.hourly;
		} else if (why.kind != ERR_NOT_FOUND) {
			*e = why;
			return -1;
		}
	}
	return 0;
}

struct ratio
ratio_of_baskets(const struct ratio_basket *wanted, const struct ratio_basket *other)
{
	struct ratio_list list = { 0 };
	struct ratio ratio;

	for (size_t i = 0; i < RATIO_BASKET; i++)
		if (wanted->hourly[i] > 0 && other->hourly[i] > 0)
			ratio_list_add(&list, wanted->hourly[i], other->hourly[i]);
	ratio = ratio_of(&list);
	ratio_list_clear(&list);
	return ratio;
}
