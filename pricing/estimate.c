/*
 * Estimates: each row is filled in, priced and multiplied out for itself, and
 * the totals are the sums of what is shown, so that nothing is rounded twice.
 */
#include "config.h"

#include "pricing/estimate.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pricing/estimate_item.h"
#include "pricing/estimate_rate.h"

static const char *const confidence_names[ESTIMATE_CONFIDENCES] = {
	[ESTIMATE_EXACT] = "exact",
	[ESTIMATE_RATIO] = "ratio",
	[ESTIMATE_UNKNOWN] = "unknown",
};

struct estimator {
	struct rates rates;
};

struct estimator *
estimator_new(struct book *book)
{
	struct estimator *r = xcalloc(1, sizeof(*r));

	r->rates.book = book;
	return r;
}

void
estimator_free(struct estimator *r)
{
	if (r == NULL)
		return;
	rates_clear(&r->rates);
	free(r);
}

/* ---- one component ---- */

static void
component_clear(struct estimate_component *c)
{
	free(c->name);
	free(c->help);
	free(c->what);
	free(c->reason);
	free(c->unit);
	free(c->region);
	free(c->as_of);
	free(c->source);
}

static char *
what_of(const struct estimate_item *item, const struct cost_row *row)
{
	if (row->texts[COST_VM] == NULL)
		return xstrdup(
		    item->texts[COST_METER] != NULL ? item->texts[COST_METER] : row->name);
	return xasprintf("%s, %s%s",
	    item->texts[COST_VM] != NULL ? item->texts[COST_VM] : "machine",
	    item->texts[COST_OS] != NULL ? item->texts[COST_OS] : "unknown system",
	    item->spot ? ", spot" : "");
}

static void
be_unknown(struct estimate_component *c, const char *reason)
{
	c->confidence = ESTIMATE_UNKNOWN;
	c->reason = xstrdup(reason);
}

/* The rate; NULL with an error, or without one if the item names nothing that could have a price. */
static const struct rate *
rate_of(struct estimator *r, const struct estimate_item *item, struct estimate_component *c,
    struct err *e)
{
	const char *region = item->texts[COST_REGION], *os = item->texts[COST_OS];

	if (item->texts[COST_VM] == NULL) {
		struct meter_key key = {
			.service = item->texts[COST_SERVICE],
			.product = item->texts[COST_PRODUCT],
			.sku = item->texts[COST_SKU],
			.meter = item->texts[COST_METER],
			.region = region,
		};
		return rates_meter(&r->rates, &key, e);
	}
	for (enum vm_os i = VM_LINUX; i < VM_OSES; i++)
		if (strcmp(os, vm_os_name(i)) == 0)
			return rates_vm(&r->rates, item->texts[COST_VM], region, i,
			    item->spot ? VM_SPOT : VM_ON_DEMAND, e);
	c->confidence = ESTIMATE_UNKNOWN;
	c->reason = xasprintf("no price is known for the operating system \"%.80s\"", os);
	return NULL;
}

static int
hourly_of(const struct amounts *monthly, struct amounts *hourly, struct err *e)
{
	if (money_div(monthly->low, MONTH_HOURS_DECIMAL, &hourly->low, e) < 0 ||
	    money_div(monthly->expected, MONTH_HOURS_DECIMAL, &hourly->expected, e) < 0 ||
	    money_div(monthly->high, MONTH_HOURS_DECIMAL, &hourly->high, e) < 0)
		return -1;
	return 0;
}

static int
multiply(const struct estimate_item *item, const struct rate *rate, struct estimate_component *c,
    struct err *e)
{
	if (meter_cost(&rate->low, item->low, item->hours, &c->monthly.low, e) < 0 ||
	    meter_cost(&rate->expected, item->quantity, item->hours, &c->monthly.expected, e) < 0 ||
	    meter_cost(&rate->high, item->high, item->hours, &c->monthly.high, e) < 0)
		return -1;
	return hourly_of(&c->monthly, &c->hourly, e);
}

static int
component_price(struct estimator *r, const struct estimate_item *item, struct estimate_component *c,
    struct err *e)
{
	const struct rate *rate = rate_of(r, item, c, e);

	if (rate == NULL)
		return c->reason != NULL ? 0 : -1;
	c->confidence = rate->confidence;
	c->reason = xstrdup(rate->reason);
	if (rate->confidence == ESTIMATE_UNKNOWN)
		return 0;
	c->unit = xstrdup(rate->expected.unit.text);
	c->region = xstrdup(rate->region);
	c->as_of = xstrdup(rate->source != NULL ? rate->source->as_of : NULL);
	c->source = xstrdup(rate->source != NULL ? rate->source->name : NULL);
	return multiply(item, rate, c, e);
}

static int
component_make(struct estimator *r, const struct cost_row *row, const struct estimate_item *item,
    struct estimate_component *c, struct err *e)
{
	*c = (struct estimate_component){
		.name = xstrdup(row->name),
		.help = xstrdup(row->help),
		.what = what_of(item, row),
		.low_quantity = item->low,
		.quantity = item->quantity,
		.high_quantity = item->high,
		.hours = item->hours,
	};
	if (item->unknown != NULL) {
		be_unknown(c, item->unknown);
		return 0;
	}
	if (component_price(r, item, c, e) < 0)
		return err_in(e, "cost \"%s\"", row->name);
	return 0;
}

/* ---- all of them ---- */

static void
be_unpriced(struct estimate *estimate, const char *name, const char *reason)
{
	estimate->confidence = ESTIMATE_UNKNOWN;
	estimate->unpriced = true;
	if (estimate->why == NULL)
		estimate->why = xasprintf("%s: %s", name, reason);
}

static int
add_component(struct estimate *estimate, const struct estimate_component *c, struct err *e)
{
	if (c->confidence == ESTIMATE_UNKNOWN)
		be_unpriced(estimate, c->name, c->reason);
	else if (c->confidence > estimate->confidence)
		estimate->confidence = c->confidence;
	if (c->as_of != NULL &&
	    (estimate->as_of == NULL || strcmp(c->as_of, estimate->as_of) < 0)) {
		free(estimate->as_of);
		estimate->as_of = xstrdup(c->as_of);
	}
	if (amounts_add(&estimate->monthly, &c->monthly, e) < 0)
		return -1;
	return amounts_add(&estimate->hourly, &c->hourly, e);
}

static int
estimate_row(struct estimator *r, const struct capability *c, const struct cost_row *row,
    const struct objective *o, struct estimate *estimate, struct err *e)
{
	CLEANUP(estimate_item_clear) struct estimate_item item;

	if (estimate_item_fill(&item, row, c, o, e) < 0)
		return -1;
	if (!item.applies)
		return 0;
	struct estimate_component *component = &estimate->v[estimate->len++];
	if (component_make(r, row, &item, component, e) < 0)
		return -1;
	return add_component(estimate, component, e);
}

int
estimate_make(struct estimator *r, const struct capability *c, const struct objective *o,
    struct estimate *estimate, struct err *e)
{
	*estimate = (struct estimate){ .currency = xstrdup(book_currency(r->rates.book)) };
	if (c->cost.n_rows == 0 && !c->cost.none)
		be_unpriced(estimate, c->name, "the capability does not say what it costs");
	estimate->v = xcalloc(c->cost.n_rows + 1, sizeof(*estimate->v));
	for (size_t i = 0; i < c->cost.n_rows; i++)
		if (estimate_row(r, c, &c->cost.rows[i], o, estimate, e) < 0)
			return -1;
	return 0;
}

void
estimate_clear(struct estimate *estimate)
{
	for (size_t i = 0; i < estimate->len; i++)
		component_clear(&estimate->v[i]);
	free(estimate->v);
	free(estimate->why);
	free(estimate->as_of);
	free(estimate->currency);
	*estimate = (struct estimate){ 0 };
}

const char *
estimate_confidence_name(enum estimate_confidence confidence)
{
	return confidence_names[confidence];
}

/* ---- JSON ---- */

static void
add_decimal(cJSON *object, const char *key, decimal_t quantity)
{
	char text[MONEY_TEXT_SIZE];

	json_add_str(object, key, decimal_format(quantity, text));
}

/* Without amounts where none are known: nobody is to read a zero there. */
static cJSON *
component_to_json(const struct estimate_component *c)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "name", c->name);
	json_add_str(json, "what", c->what);
	json_add_str(json, "help", c->help);
	json_add_str(json, "confidence", estimate_confidence_name(c->confidence));
	json_add_str(json, "reason", c->reason);
	if (c->confidence == ESTIMATE_UNKNOWN)
		return json;
	cJSON *quantity = cJSON_AddObjectToObject(json, "quantity");
	add_decimal(quantity, "low", c->low_quantity);
	add_decimal(quantity, "expected", c->quantity);
	add_decimal(quantity, "high", c->high_quantity);
	add_decimal(json, "hours", c->hours);
	json_add_str(json, "unit", c->unit);
	cJSON_AddItemToObject(json, "hourly", amounts_to_json(&c->hourly));
	cJSON_AddItemToObject(json, "monthly", amounts_to_json(&c->monthly));
	json_add_str(json, "region", c->region);
	json_add_str(json, "as_of", c->as_of);
	json_add_str(json, "source", c->source);
	return json;
}

cJSON *
estimate_to_json(const struct estimate *estimate)
{
	cJSON *json = cJSON_CreateObject(), *components;

	json_add_str(json, "currency", estimate->currency);
	json_add_bool(json, "unpriced", estimate->unpriced);
	json_add_str(json, "why", estimate->why);
	json_add_str(json, "confidence", estimate_confidence_name(estimate->confidence));
	json_add_str(json, "as_of", estimate->as_of);
	cJSON_AddItemToObject(json, "hourly", amounts_to_json(&estimate->hourly));
	cJSON_AddItemToObject(json, "monthly", amounts_to_json(&estimate->monthly));
	components = cJSON_AddArrayToObject(json, "components");
	for (size_t i = 0; i < estimate->len; i++)
		cJSON_AddItemToArray(components, component_to_json(&estimate->v[i]));
	return json;
}
