/*
 * Amounts of an estimate know tiers, free allowances and prices concluded from
 * other regions. Where the month divided by its units is a price without a
 * remainder, the row is told in these units; else the month itself is the unit.
 */
#include "config.h"

#include "pricing/focus.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cell.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "core/cost.h"
#include "core/objective.h"
#include "pricing/estimate.h"
#include "pricing/focus_service.h"

#define PROVIDER "Microsoft"
#define UNIT_MAX 64
#define ATTO_DIGITS 18
#define EXACT_SIZE 48 /* 128 bits in decimal, a sign, a point */

__extension__ typedef __int128 int128_t;

/* In the order of the specification, and ours behind. */
enum column {
	BILLED_COST,
	BILLING_ACCOUNT_ID,
	BILLING_ACCOUNT_NAME,
	BILLING_CURRENCY,
	BILLING_PERIOD_END,
	BILLING_PERIOD_START,
	CHARGE_CATEGORY,
	CHARGE_CLASS,
	CHARGE_DESCRIPTION,
	CHARGE_FREQUENCY,
	CHARGE_PERIOD_END,
	CHARGE_PERIOD_START,
	CONSUMED_QUANTITY,
	CONSUMED_UNIT,
	CONTRACTED_COST,
	CONTRACTED_UNIT_PRICE,
	EFFECTIVE_COST,
	INVOICE_ISSUER_NAME,
	LIST_COST,
	LIST_UNIT_PRICE,
	PRICING_CATEGORY,
	PRICING_QUANTITY,
	PRICING_UNIT,
	PROVIDER_NAME,
	PUBLISHER_NAME,
	REGION_ID,
	REGION_NAME,
	RESOURCE_ID,
	RESOURCE_NAME,
	RESOURCE_TYPE,
	SERVICE_CATEGORY,
	SERVICE_NAME,
	SKU_ID,
	SKU_PRICE_ID,
	SUB_ACCOUNT_ID,
	SUB_ACCOUNT_NAME,
	TAGS,
	X_IS_ESTIMATE,
	X_ESTIMATE_ID,
	X_BATCH,
	X_NAME,
	X_CAPABILITY,
	X_COMPONENT,
	X_RESOURCE_GROUP,
	X_RESERVATION_STATE,
	X_LOW_COST,
	X_HIGH_COST,
	X_CONFIDENCE,
	X_PRICE_AS_OF,
	X_PRICE_SOURCE,
	COLUMNS
};

static const char *const column_names[COLUMNS] = {
	[BILLED_COST] = "BilledCost",
	[BILLING_ACCOUNT_ID] = "BillingAccountId",
	[BILLING_ACCOUNT_NAME] = "BillingAccountName",
	[BILLING_CURRENCY] = "BillingCurrency",
	[BILLING_PERIOD_END] = "BillingPeriodEnd",
	[BILLING_PERIOD_START] = "BillingPeriodStart",
	[CHARGE_CATEGORY] = "ChargeCategory",
	[CHARGE_CLASS] = "ChargeClass",
	[CHARGE_DESCRIPTION] = "ChargeDescription",
	[CHARGE_FREQUENCY] = "ChargeFrequency",
	[CHARGE_PERIOD_END] = "ChargePeriodEnd",
	[CHARGE_PERIOD_START] = "ChargePeriodStart",
	[CONSUMED_QUANTITY] = "ConsumedQuantity",
	[CONSUMED_UNIT] = "ConsumedUnit",
	[CONTRACTED_COST] = "ContractedCost",
	[CONTRACTED_UNIT_PRICE] = "ContractedUnitPrice",
	[EFFECTIVE_COST] = "EffectiveCost",
	[INVOICE_ISSUER_NAME] = "InvoiceIssuerName",
	[LIST_COST] = "ListCost",
	[LIST_UNIT_PRICE] = "ListUnitPrice",
	[PRICING_CATEGORY] = "PricingCategory",
	[PRICING_QUANTITY] = "PricingQuantity",
	[PRICING_UNIT] = "PricingUnit",
	[PROVIDER_NAME] = "ProviderName",
	[PUBLISHER_NAME] = "PublisherName",
	[REGION_ID] = "RegionId",
	[REGION_NAME] = "RegionName",
	[RESOURCE_ID] = "ResourceId",
	[RESOURCE_NAME] = "ResourceName",
	[RESOURCE_TYPE] = "ResourceType",
	[SERVICE_CATEGORY] = "ServiceCategory",
	[SERVICE_NAME] = "ServiceName",
	[SKU_ID] = "SkuId",
	[SKU_PRICE_ID] = "SkuPriceId",
	[SUB_ACCOUNT_ID] = "SubAccountId",
	[SUB_ACCOUNT_NAME] = "SubAccountName",
	[TAGS] = "Tags",
	[X_IS_ESTIMATE] = "x_IsEstimate",
	[X_ESTIMATE_ID] = "x_EstimateId",
	[X_BATCH] = "x_Batch",
	[X_NAME] = "x_Name",
	[X_CAPABILITY] = "x_Capability",
	[X_COMPONENT] = "x_Component",
	[X_RESOURCE_GROUP] = "x_ResourceGroupName",
	[X_RESERVATION_STATE] = "x_ReservationState",
	[X_LOW_COST] = "x_LowCost",
	[X_HIGH_COST] = "x_HighCost",
	[X_CONFIDENCE] = "x_Confidence",
	[X_PRICE_AS_OF] = "x_PriceAsOf",
	[X_PRICE_SOURCE] = "x_PriceSource",
};

/* What a row is made of. */
struct row {
	const char *cells[COLUMNS]; /* NULL: a null */
	struct amounts monthly;
	money_t price;      /* of one unit ... */
	decimal_t quantity; /* ... and how many of them in this part of the month */
	char unit[UNIT_MAX];
	char cost[EXACT_SIZE], price_text[EXACT_SIZE], quantity_text[EXACT_SIZE];
	char low[MONEY_TEXT_SIZE], high[MONEY_TEXT_SIZE];
	char period_start[CLOCK_TEXT_SIZE], period_end[CLOCK_TEXT_SIZE];
	char start[CLOCK_TEXT_SIZE], end[CLOCK_TEXT_SIZE];
	char *description, *sku_price, *tags;
};

static void
row_clear(struct row *r)
{
	free(r->description);
	free(r->sku_price);
	free(r->tags);
}

/* ---- amounts ---- */

/* price * quantity, not rounded; neither is negative. */
static void
format_product(money_t price, decimal_t quantity, char out[static EXACT_SIZE])
{
	int128_t product = (int128_t)price * quantity;
	char text[EXACT_SIZE];
	size_t at = sizeof(text);
	int decimals = ATTO_DIGITS;

	text[--at] = '\0';
	for (; decimals > 0 && product % 10 == 0; decimals--)
		product /= 10;
	for (; product > 0 || decimals > 0; product /= 10) {
		text[--at] = (char)('0' + (int)(product % 10));
		if (decimals > 0 && --decimals == 0)
			text[--at] = '.';
	}
	if (text[at] == '.' || text[at] == '\0')
		text[--at] = '0';
	snprintf(out, EXACT_SIZE, "%s", &text[at]);
}

static int
read_amounts(const cJSON *component, struct amounts *out, struct err *e)
{
	if (money_from_json(json_at(component, "monthly.low"), &out->low, e) < 0 ||
	    money_from_json(json_at(component, "monthly.expected"), &out->expected, e) < 0 ||
	    money_from_json(json_at(component, "monthly.high"), &out->high, e) < 0)
		return err_in(e, "estimate");
	return 0;
}

/* True, and PRICE and the QUANTITY of a month, if the month can be told in the unit of the price. */
static bool
price_by_unit(const struct row *r, const cJSON *component, struct unit *unit, money_t *price,
    decimal_t *quantity)
{
	const char *text = json_str(component, "unit");
	decimal_t amount, hours;
	int128_t numerator, denominator, month = (int128_t)r->monthly.expected * DECIMAL_ONE;

	if (text == NULL || unit_parse(text, unit, NULL) < 0 ||
	    decimal_from_json(json_at(component, "quantity.expected"), &amount, NULL) < 0 ||
	    decimal_from_json(json_at(component, "hours"), &hours, NULL) < 0 ||
	    unit_quantity(unit, amount, hours, &numerator, &denominator, NULL) < 0)
		return false;
	if (numerator <= 0 || numerator % denominator != 0 || numerator / denominator > INT64_MAX)
		return false;
	*quantity = (decimal_t)(numerator / denominator);
	if (month % *quantity != 0 || month / *quantity > INT64_MAX)
		return false;
	*price = (money_t)(month / *quantity);
	return true;
}

static int
set_price(struct row *r, const struct focus_charge *c, int64_t seconds, struct err *e)
{
	struct buf text = BUF_INIT(UNIT_MAX - 1);
	struct unit unit;

	if (price_by_unit(r, c->component, &unit, &r->price, &r->quantity)) {
		focus_unit(&text, &unit);
	} else {
		r->price = r->monthly.expected;
		r->quantity = DECIMAL_ONE;
		buf_adds(&text, "Months");
	}
	snprintf(r->unit, sizeof(r->unit), "%s", buf_str(&text));
	buf_clear(&text);
	return money_muldiv(r->quantity, seconds, month_seconds(c->month), &r->quantity, e);
}

static int
fill_amounts(struct row *r, const struct focus_charge *c, int64_t seconds, struct err *e)
{
	static const enum column costs[] = { BILLED_COST, CONTRACTED_COST, EFFECTIVE_COST,
		LIST_COST };
	struct amounts cost;

	if (read_amounts(c->component, &r->monthly, e) < 0 || set_price(r, c, seconds, e) < 0 ||
	    amounts_in_month(&r->monthly, c->month, c->from_ms, c->to_ms, &cost, e) < 0)
		return -1;
	format_product(r->price, r->quantity, r->cost);
	format_product(r->price, DECIMAL_ONE, r->price_text);
	format_product(DECIMAL_ONE, r->quantity, r->quantity_text);
	for (size_t i = 0; i < COUNT_OF(costs); i++)
		r->cells[costs[i]] = r->cost;
	r->cells[CONTRACTED_UNIT_PRICE] = r->cells[LIST_UNIT_PRICE] = r->price_text;
	r->cells[CONSUMED_QUANTITY] = r->cells[PRICING_QUANTITY] = r->quantity_text;
	r->cells[CONSUMED_UNIT] = r->cells[PRICING_UNIT] = r->unit;
	r->cells[X_LOW_COST] = money_format(cost.low, r->low);
	r->cells[X_HIGH_COST] = money_format(cost.high, r->high);
	return 0;
}

/* ---- the other columns ---- */

/* "2026-11-21T02:03:04Z": FOCUS has no fractions. */
static const char *
format_second(int64_t ms, char out[static CLOCK_TEXT_SIZE])
{
	clock_format(ms - ms % 1000, out);
	snprintf(out + strlen("2026-11-21T02:03:04"), 2, "Z");
	return out;
}

static void
fill_period(struct row *r, const struct focus_charge *c)
{
	r->cells[BILLING_PERIOD_START] = format_second(month_start_ms(c->month), r->period_start);
	r->cells[BILLING_PERIOD_END] = format_second(month_start_ms(c->month + 1), r->period_end);
	r->cells[CHARGE_PERIOD_START] = format_second(c->from_ms, r->start);
	r->cells[CHARGE_PERIOD_END] = format_second(c->to_ms, r->end);
}

static void
fill_charge(struct row *r, const struct focus_charge *c)
{
	const char *component = json_str(c->component, "name"),
		   *what = json_str(c->component, "what");

	r->description = xasprintf("Estimate of %s/%s: %s%s%s", c->batch, c->name, component,
	    what != NULL ? ", " : "", what != NULL ? what : "");
	r->cells[BILLING_ACCOUNT_ID] = c->account;
	r->cells[BILLING_ACCOUNT_NAME] = PACKAGE_NAME;
	r->cells[BILLING_CURRENCY] = c->currency;
	r->cells[CHARGE_CATEGORY] = "Usage";
	r->cells[CHARGE_DESCRIPTION] = r->description;
	r->cells[CHARGE_FREQUENCY] = "Usage-Based";
	r->cells[INVOICE_ISSUER_NAME] = PROVIDER;
	r->cells[PRICING_CATEGORY] = "Standard";
	r->cells[PROVIDER_NAME] = PROVIDER;
	r->cells[PUBLISHER_NAME] = PROVIDER;
}

/* A place that stands for all regions is none of them. */
static const char *
region_of(const cJSON *component)
{
	const char *region = json_str(component, "region");

	return region != NULL && strcasecmp(region, "Global") == 0 ? NULL : region;
}

static void
fill_service(struct row *r, const struct focus_charge *c)
{
	const char *region = region_of(c->component), *what = json_str(c->component, "what");

	r->cells[REGION_ID] = r->cells[REGION_NAME] = region;
	r->cells[SERVICE_NAME] = c->service != NULL ? c->service : c->capability;
	r->cells[SERVICE_CATEGORY] = focus_category(c->service);
	r->cells[SKU_ID] = what != NULL ? what : json_str(c->component, "name");
	r->sku_price =
	    xasprintf("%s/%s/%s", r->cells[SKU_ID], region != NULL ? region : "Global", r->unit);
	r->cells[SKU_PRICE_ID] = r->sku_price;
}

static void
fill_tags(struct row *r, const struct focus_charge *c)
{
	AUTO_JSON cJSON *tags =
	    c->labels != NULL ? cJSON_Duplicate(c->labels, true) : cJSON_CreateObject();

	cJSON_DeleteItemFromObjectCaseSensitive(tags, OBJECTIVE_TAG);
	json_add_str(tags, OBJECTIVE_TAG, c->objective_id);
	r->tags = json_text(tags);
	r->cells[TAGS] = r->tags;
}

static void
fill_own(struct row *r, const struct focus_charge *c)
{
	r->cells[X_IS_ESTIMATE] = "true";
	r->cells[X_ESTIMATE_ID] = c->objective_id;
	r->cells[X_BATCH] = c->batch;
	r->cells[X_NAME] = c->name;
	r->cells[X_CAPABILITY] = c->capability;
	r->cells[X_COMPONENT] = json_str(c->component, "name");
	r->cells[X_RESOURCE_GROUP] = c->resource_group;
	r->cells[X_RESERVATION_STATE] = c->state;
	r->cells[X_CONFIDENCE] = json_str(c->component, "confidence");
	r->cells[X_PRICE_AS_OF] = json_str(c->component, "as_of");
	r->cells[X_PRICE_SOURCE] = json_str(c->component, "source");
}

/* ---- rows ---- */

static void
put_row(struct buf *out, const char *const *cells)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (i > 0)
			buf_addc(out, ',');
		cell_add(out, cells[i]);
	}
	buf_adds(out, "\r\n");
}

void
focus_header(struct buf *out)
{
	put_row(out, column_names);
}

int
focus_add(struct buf *out, const struct focus_charge *c, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .price = 0 };
	int64_t seconds = month_second(c->month, c->to_ms) - month_second(c->month, c->from_ms);

	if (seconds <= 0 || json_at(c->component, "monthly") == NULL)
		return 0;
	if (fill_amounts(&r, c, seconds, e) < 0)
		return err_in(e, "%s/%s", c->batch, c->name);
	fill_period(&r, c);
	fill_charge(&r, c);
	fill_service(&r, c);
	fill_tags(&r, c);
	fill_own(&r, c);
	put_row(out, r.cells);
	return 1;
}
