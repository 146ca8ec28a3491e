/*
 * From a machine or a meter to its price in a region. Where the book has it for
 * other regions only, one of these is taken together with the ratio of prices
 * that both regions have: those most alike (the same family of machines, the
 * same product), else those of common machines. Of the possible regions it is
 * the one with most prices to compare, and of several the one most alike.
 */
#include "config.h"

#include "pricing/estimate_rate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

#define KEY_MAX 2048

/* ---- what is kept ---- */

static void
rate_free(struct rate *rate)
{
	free(rate->key);
	free(rate->reason);
	meter_price_clear(&rate->low);
	meter_price_clear(&rate->expected);
	meter_price_clear(&rate->high);
	free(rate);
}

void
rates_clear(struct rates *r)
{
	for (size_t i = 0; i < r->len; i++)
		rate_free(r->v[i]);
	free(r->v);
	free(r->baskets);
	names_clear(&r->names);
	*r = (struct rates){ .book = r->book };
}

static const struct rate *
keep(struct rates *r, struct rate *rate)
{
	if (r->len == r->cap) {
		r->cap = r->cap == 0 ? 64 : r->cap * 2;
		r->v = xrealloc(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->len] = rate;
	names_put(&r->names, rate->key, r->len);
	return r->v[r->len++];
}

static int
basket(struct rates *r, const char *region, struct ratio_basket *out, struct err *e)
{
	for (size_t i = 0; i < r->n_baskets; i++) {
		if (strcasecmp(r->baskets[i].region, region) == 0) {
			*out = r->baskets[i];
			return 0;
		}
	}
	if (ratio_basket_load(out, r->book, region, e) < 0)
		return -1;
	if (out->region[0] == '\0')
		return 0;
	r->baskets = xrealloc(r->baskets, r->n_baskets + 1, sizeof(*r->baskets));
	r->baskets[r->n_baskets++] = *out;
	return 0;
}

/* ---- making a rate ---- */

/* The price of a machine as that of a meter by the hour. */
static void
price_of_vm(const struct vm_price *vm, struct meter_price *out)
{
	*out = (struct meter_price){ .source = vm->source, .n_tiers = 1 };
	unit_parse("1 Hour", &out->unit, NULL);
	out->tiers = xcalloc(1, sizeof(*out->tiers));
	out->tiers[0].price = vm->hourly;
	out->meter = xstrdup(vm->size);
	memcpy(out->region, vm->region, sizeof(out->region));
}

/* The same tiers at RATIO times the price. */
static int
price_times(const struct meter_price *base, decimal_t ratio, struct meter_price *out, struct err *e)
{
	*out = (struct meter_price){ .unit = base->unit, .source = base->source };
	out->meter = xstrdup(base->meter);
	out->tiers = xcalloc(base->n_tiers + 1, sizeof(*out->tiers));
	out->n_tiers = base->n_tiers;
	memcpy(out->region, base->region, sizeof(out->region));
	for (size_t i = 0; i < base->n_tiers; i++) {
		out->tiers[i].from = base->tiers[i].from;
		if (money_muldiv(
			base->tiers[i].price, ratio, DECIMAL_ONE, &out->tiers[i].price, e) < 0)
			return -1;
	}
	return 0;
}

/* Others may have used up what is free: the first that is paid begins at 0. */
static void
without_allowance(struct meter_price *m)
{
	if (m->n_tiers > 1 && m->tiers[0].price == 0)
		m->tiers[0].price = m->tiers[1].price;
}

static void
be_unknown(struct rate *rate, const char *reason)
{
	rate->confidence = ESTIMATE_UNKNOWN;
	free(rate->reason);
	rate->reason = xstrdup(reason);
}

/* Fills RATE from BASE and RATIO. */
static int
set_prices(
    struct rate *rate, const struct meter_price *base, const struct ratio *ratio, struct err *e)
{
	/* What the first amounts cost is not known; nothing can be summed from there. */
	if (base->n_tiers == 0 || base->tiers[0].from > 0) {
		be_unknown(rate, "the book lacks the meter's first tier");
		return 0;
	}
	rate->source = base->source;
	memcpy(rate->region, base->region, sizeof(rate->region));
	if (price_times(base, ratio->low, &rate->low, e) < 0 ||
	    price_times(base, ratio->middle, &rate->expected, e) < 0 ||
	    price_times(base, ratio->high, &rate->high, e) < 0)
		return -1;
	without_allowance(&rate->high);
	return 0;
}

static const struct ratio no_change = {
	.low = DECIMAL_ONE,
	.middle = DECIMAL_ONE,
	.high = DECIMAL_ONE,
};

static int
set_exact(struct rate *rate, const struct meter_price *m, struct err *e)
{
	bool global = strcasecmp(m->region, BOOK_REGION_GLOBAL) == 0;

	rate->confidence = ESTIMATE_EXACT;
	rate->reason = xstrdup(global ? "exact meter, the same in all regions" : "exact meter");
	return set_prices(rate, m, &no_change, e);
}

/* "1.0833": four decimals are enough to be told; the exact one is calculated with. */
static const char *
ratio_text(decimal_t ratio, char out[static MONEY_TEXT_SIZE])
{
	decimal_t step = DECIMAL_ONE / 10000;

	return decimal_format((ratio + step / 2) / step * step, out);
}

/* WHAT were compared: "sizes of Standard_Ds_v5". */
static int
set_ratio(struct rate *rate, const struct meter_price *base, const struct ratio *ratio,
    const char *what, struct err *e)
{
	char low[MONEY_TEXT_SIZE], middle[MONEY_TEXT_SIZE], high[MONEY_TEXT_SIZE];

	rate->confidence = ESTIMATE_RATIO;
	ratio_text(ratio->low, low);
	ratio_text(ratio->middle, middle);
	ratio_text(ratio->high, high);
	if (ratio->low == DECIMAL_ONE && ratio->high == DECIMAL_ONE)
		rate->reason = xasprintf(
		    "as in %s, where %zu %s cost the same", base->region, ratio->peers, what);
	else
		rate->reason = xasprintf("%s's price times %s (%s to %s), the ratio of %zu %s",
		    base->region, middle, low, high, ratio->peers, what);
	return set_prices(rate, base, ratio, e);
}

/* The region to conclude from, as far as was looked. */
struct choice {
	size_t at;
	struct ratio ratio;
};

static void
offer(struct choice *best, size_t at, const struct ratio *ratio)
{
	if (ratio->peers < best->ratio.peers || ratio->peers == 0)
		return;
	if (ratio->peers == best->ratio.peers &&
	    ratio_distance(ratio) >= ratio_distance(&best->ratio))
		return;
	*best = (struct choice){ .at = at, .ratio = *ratio };
}

/* ---- machines ---- */

struct vm_wanted {
	const char *size, *region;
	enum vm_os os;
	enum vm_market market;
	char family[BOOK_SIZE_MAX];
};

/* Compares the family's prices of OS and MARKET in the wanted region with those in each of OTHERS. */
static int
choose_by_family(struct rates *r, const struct vm_wanted *w, enum vm_os os, enum vm_market market,
    const struct vm_prices *others, struct choice *best, struct err *e)
{
	CLEANUP(vm_prices_clear) struct vm_prices here = { 0 };

	if (book_vm_family(r->book, w->family, w->region, os, market, &here, e) < 0)
		return -1;
	for (size_t i = 0; i < others->len && here.len >= RATIO_PEERS_MIN; i++) {
		CLEANUP(vm_prices_clear) struct vm_prices there = { 0 };

		if (book_vm_family(r->book, w->family, others->v[i].region, os, market, &there, e) <
		    0)
			return -1;
		struct ratio ratio = ratio_of_vms(&here, &there);
		offer(best, i, &ratio);
	}
	return 0;
}

/*
 * A licence costs the same everywhere and a spot price may be as high as the
 * other: where only the ratio of plain machines is known, the price is not
 * taken to be lower than in the other region, nor the spot one surely below
 * that on demand.
 */
static int
widen(struct rates *r, const struct vm_wanted *w, const struct vm_price *base, struct ratio *ratio,
    struct err *e)
{
	struct vm_price on_demand;
	struct err why = { 0 };
	decimal_t most;

	if (ratio->high < DECIMAL_ONE)
		ratio->high = DECIMAL_ONE;
	if (w->market != VM_SPOT)
		return 0;
	if (book_vm(r->book, w->size, w->region, w->os, VM_ON_DEMAND, &on_demand, &why) < 0) {
		if (why.kind == ERR_NOT_FOUND)
			return 0;
		*e = why;
		return -1;
	}
	if (decimal_div(on_demand.hourly, base->hourly, &most, NULL) == 0 && most > ratio->high)
		ratio->high = most;
	return 0;
}

/* The size is sold elsewhere, in OTHERS. */
static int
conclude_vm(struct rates *r, const struct vm_wanted *w, const struct vm_prices *others,
    struct rate *rate, struct err *e)
{
	struct choice best = { 0 };
	CLEANUP(meter_price_clear) struct meter_price base = { 0 };
	AUTO_FREE char *what = NULL;
	bool plain = w->os == VM_LINUX && w->market == VM_ON_DEMAND;

	if (choose_by_family(r, w, w->os, w->market, others, &best, e) < 0)
		return -1;
	what = xasprintf("sizes of %s", w->family);
	if (best.ratio.peers == 0 && !plain) {
		if (choose_by_family(r, w, VM_LINUX, VM_ON_DEMAND, others, &best, e) < 0)
			return -1;
		if (best.ratio.peers > 0 && widen(r, w, &others->v[best.at], &best.ratio, e) < 0)
			return -1;
		free(what);
		what = xasprintf("sizes of %s with linux on demand", w->family);
	}
	/* A region without the family does not sell the size: no price can be right. */
	if (best.ratio.peers == 0)
		return 0;
	price_of_vm(&others->v[best.at], &base);
	return set_ratio(rate, &base, &best.ratio, what, e);
}

static int
find_vm(struct rates *r, const struct vm_wanted *w, struct rate *rate, struct err *e)
{
	CLEANUP(vm_prices_clear) struct vm_prices others = { 0 };
	CLEANUP(meter_price_clear) struct meter_price price = { 0 };
	struct vm_price vm;
	struct err why = { 0 };

	if (book_vm(r->book, w->size, w->region, w->os, w->market, &vm, &why) == 0) {
		price_of_vm(&vm, &price);
		return set_exact(rate, &price, e);
	}
	if (why.kind != ERR_NOT_FOUND) {
		*e = why;
		return -1;
	}
	be_unknown(rate, why.msg);
	if (book_vm_regions(r->book, w->size, w->os, w->market, &others, e) < 0)
		return -1;
	if (others.len == 0)
		return 0;
	free(rate->reason);
	rate->reason = NULL;
	if (conclude_vm(r, w, &others, rate, e) < 0)
		return -1;
	if (rate->reason == NULL)
		be_unknown(rate, why.msg);
	return 0;
}

static struct rate *
rate_new(const char *key)
{
	struct rate *rate = xcalloc(1, sizeof(*rate));

	rate->key = xstrdup(key);
	rate->confidence = ESTIMATE_UNKNOWN;
	return rate;
}

const struct rate *
rates_vm(struct rates *r, const char *size, const char *region, enum vm_os os,
    enum vm_market market, struct err *e)
{
	struct vm_wanted w = { .size = size, .region = region, .os = os, .market = market };
	char key[KEY_MAX];
	size_t at;

	snprintf(key, sizeof(key), "vm\n%d\n%d\n%s\n%s", (int)os, (int)market, region, size);
	at = names_find(&r->names, key);
	if (at != NAMES_NONE)
		return r->v[at];
	vm_family(size, w.family);
	struct rate *rate = rate_new(key);
	if (find_vm(r, &w, rate, e) < 0) {
		rate_free(rate);
		return NULL;
	}
	return keep(r, rate);
}

/* ---- meters ---- */

static bool
is_region(const char *name)
{
	/* Zones and the like are no places that machines stand in. */
	return strcasecmp(name, BOOK_REGION_GLOBAL) != 0 && strchr(name, ' ') == NULL;
}

/* Compares what else of the product both regions sell. */
static int
choose_by_product(struct rates *r, const struct meter_key *key, const struct meter_prices *others,
    struct choice *best, struct err *e)
{
	CLEANUP(meter_prices_clear) struct meter_prices here = { 0 };

	if (book_meter_product(r->book, key, &here, e) < 0)
		return -1;
	for (size_t i = 0; i < others->len && here.len >= RATIO_PEERS_MIN; i++) {
		CLEANUP(meter_prices_clear) struct meter_prices there = { 0 };
		struct meter_key other = *key;

		other.region = others->v[i].region;
		if (!is_region(other.region))
			continue;
		if (book_meter_product(r->book, &other, &there, e) < 0)
			return -1;
		struct ratio ratio = ratio_of_meters(&here, &there);
		offer(best, i, &ratio);
	}
	return 0;
}

static int
choose_by_basket(struct rates *r, const struct meter_key *key, const struct meter_prices *others,
    struct choice *best, struct err *e)
{
	struct ratio_basket here, there;

	if (basket(r, key->region, &here, e) < 0)
		return -1;
	for (size_t i = 0; i < others->len; i++) {
		if (!is_region(others->v[i].region))
			continue;
		if (basket(r, others->v[i].region, &there, e) < 0)
			return -1;
		struct ratio ratio = ratio_of_baskets(&here, &there);
		offer(best, i, &ratio);
	}
	return 0;
}

static int
conclude_meter(struct rates *r, const struct meter_key *key, const struct meter_prices *others,
    struct rate *rate, struct err *e)
{
	struct choice best = { 0 };
	AUTO_FREE char *what = xasprintf("other meters of %s", key->product);

	if (choose_by_product(r, key, others, &best, e) < 0)
		return -1;
	if (best.ratio.peers == 0) {
		if (choose_by_basket(r, key, others, &best, e) < 0)
			return -1;
		free(what);
		what = xstrdup("common VM sizes");
	}
	if (best.ratio.peers == 0)
		return 0;
	return set_ratio(rate, &others->v[best.at], &best.ratio, what, e);
}

/* The meter in KEY's region, else the one that is sold everywhere alike. */
static int
find_exact(struct rates *r, const struct meter_key *key, struct meter_price *out, struct err *e)
{
	struct meter_key global = *key;
	struct err why = { 0 };

	if (book_meter(r->book, key, out, e) == 0)
		return 0;
	if (e->kind != ERR_NOT_FOUND || !is_region(key->region))
		return -1;
	meter_price_clear(out);
	global.region = BOOK_REGION_GLOBAL;
	if (book_meter(r->book, &global, out, &why) == 0)
		return 0;
	/* What the region itself lacks is the better explanation. */
	if (why.kind != ERR_NOT_FOUND)
		*e = why;
	return -1;
}

static int
find_meter(struct rates *r, const struct meter_key *key, struct rate *rate, struct err *e)
{
	CLEANUP(meter_prices_clear) struct meter_prices others = { 0 };
	CLEANUP(meter_price_clear) struct meter_price price = { 0 };
	struct err why = { 0 };

	if (find_exact(r, key, &price, &why) == 0)
		return set_exact(rate, &price, e);
	/* Several units fit, or one that is not understood: nothing can be calculated. */
	if (why.kind == ERR_CONFLICT || why.kind == ERR_INPUT) {
		be_unknown(rate, why.msg);
		return 0;
	}
	if (why.kind != ERR_NOT_FOUND) {
		*e = why;
		return -1;
	}
	if (is_region(key->region)) {
		if (book_meter_regions(r->book, key, &others, e) < 0 ||
		    conclude_meter(r, key, &others, rate, e) < 0)
			return -1;
	}
	if (rate->reason == NULL)
		be_unknown(rate, why.msg);
	return 0;
}

const struct rate *
rates_meter(struct rates *r, const struct meter_key *key, struct err *e)
{
	char text[KEY_MAX];
	size_t at;

	snprintf(text, sizeof(text), "meter\n%s\n%s\n%s\n%s\n%s", key->service, key->product,
	    key->sku, key->meter, key->region);
	at = names_find(&r->names, text);
	if (at != NAMES_NONE)
		return r->v[at];
	struct rate *rate = rate_new(text);
	if (find_meter(r, key, rate, e) < 0) {
		rate_free(rate);
		return NULL;
	}
	return keep(r, rate);
}
