/* FOCUS rows: complete, exact, and read again by the reader of bills. */
#include <config.h>

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "pricing/csv.h"
#include "pricing/focus.h"
#include "pricing/focus_service.h"
#include "tests/unit/unit.h"

#define NOVEMBER (2025 * 12 + 10) /* of 30 days */

static struct focus_charge charge;
static struct csv csv;
static struct buf text;
static char *names[CSV_FIELDS_MAX], *cells[CSV_FIELDS_MAX];
static size_t n_names;

static void
keep(char **to)
{
	for (size_t i = 0; i < csv.n; i++) {
		free(to[i]);
		to[i] = xstrdup(csv.fields[i]);
	}
}

static void
teardown(void)
{
	for (size_t i = 0; i < CSV_FIELDS_MAX; i++) {
		free(names[i]);
		free(cells[i]);
	}
	buf_clear(&text);
}

/* The row of this component from a day of November to another; what focus_add() returned. */
static int
make(const char *component, int from_day, int to_day)
{
	AUTO_JSON cJSON *json = cJSON_Parse(component),
			*labels = cJSON_Parse("{\"team\":\"m\\\"l,\"}");
	struct err e = { 0 };
	int rc;

	ck_assert_ptr_nonnull(json);
	charge = (struct focus_charge){
		.account = "store",
		.objective_id = "0193a5b2-7c4e-7d1f-8a2b-3c4d5e6f7a8b",
		.batch = "b",
		.name = "web",
		.capability = "linux_vm",
		.resource_group = "",
		.state = "committed",
		.labels = labels,
		.service = "Virtual Machines",
		.component = json,
		.currency = "USD",
		.month = NOVEMBER,
		.from_ms = month_start_ms(NOVEMBER) + (from_day - 1) * INT64_C(86400000),
		.to_ms = month_start_ms(NOVEMBER) + (to_day - 1) * INT64_C(86400000),
	};
	buf_clear(&text);
	buf_init(&text, 65536);
	focus_header(&text);
	rc = focus_add(&text, &charge, &e);
	csv_init(&csv, "focus", &text);
	ck_assert_int_eq(csv_next(&csv, &e), 1);
	keep(names);
	n_names = csv.n;
	ck_assert_int_eq(csv_next(&csv, &e), rc == 1);
	if (rc == 1)
		ck_assert_uint_eq(csv.n, n_names);
	keep(cells);
	return rc;
}

static const char *
cell(const char *name)
{
	for (size_t i = 0; i < n_names; i++) {
		if (strcmp(names[i], name) == 0)
			return cells[i];
	}
	ck_abort_msg("no column %s", name);
}

#define VM                                                                                     \
	"{\"name\":\"machines\",\"what\":\"Standard_B2s, linux\",\"confidence\":\"exact\","    \
	"\"quantity\":{\"low\":\"2\",\"expected\":\"2\",\"high\":\"2\"},\"hours\":\"730\","    \
	"\"unit\":\"1 Hour\",\"monthly\":{\"low\":\"60.736\",\"expected\":\"60.736\",\"high\"" \
	":\"60.736\"},\"region\":\"westeurope\",\"as_of\":\"2026-08-01\",\"source\":\"list\"}"

START_TEST(a_whole_month)
{
	static const char *const rows[][2] = {
		{ "ListUnitPrice", "0.0416" },
		{ "PricingQuantity", "1460" },
		{ "PricingUnit", "Hours" },
		{ "ListCost", "60.736" },
		{ "BilledCost", "60.736" },
		{ "EffectiveCost", "60.736" },
		{ "ContractedCost", "60.736" },
		{ "ContractedUnitPrice", "0.0416" },
		{ "BillingPeriodStart", "2025-11-01T00:00:00Z" },
		{ "BillingPeriodEnd", "2025-12-01T00:00:00Z" },
		{ "ChargePeriodStart", "2025-11-01T00:00:00Z" },
		{ "ChargePeriodEnd", "2025-12-01T00:00:00Z" },
		{ "ChargeCategory", "Usage" },
		{ "ChargeClass", "" },
		{ "BillingCurrency", "USD" },
		{ "BillingAccountId", "store" },
		{ "ServiceName", "Virtual Machines" },
		{ "ServiceCategory", "Compute" },
		{ "SkuId", "Standard_B2s, linux" },
		{ "SkuPriceId", "Standard_B2s, linux/westeurope/Hours" },
		{ "RegionId", "westeurope" },
		{ "ResourceId", "" },
		{ "Tags",
		    "{\"team\":\"m\\\"l,\",\"purser-objective\":\"0193a5b2-7c4e-7d1f-8a2b-3c4d5e6f7a8b\"}" },
		{ "x_IsEstimate", "true" },
		{ "x_Confidence", "exact" },
		{ "x_PriceAsOf", "2026-08-01" },
	};

	ck_assert_int_eq(make(VM, 1, 31), 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_msg(strcmp(cell(rows[i][0]), rows[i][1]) == 0, "%s: %s", rows[i][0],
		    cell(rows[i][0]));
}
END_TEST

/* None of these may be null in any version, but for those that the specification allows to. */
START_TEST(what_must_be_told_is)
{
	static const char *const needed[] = { "BilledCost", "BillingAccountId", "BillingCurrency",
		"BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeFrequency",
		"ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "ContractedUnitPrice",
		"EffectiveCost", "InvoiceIssuerName", "ListCost", "ListUnitPrice",
		"PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName",
		"PublisherName", "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId" };
	static const char *const there[] = { "BillingAccountName", "ChargeClass",
		"ChargeDescription" };

	ck_assert_int_eq(make(VM, 1, 31), 1);
	for (size_t i = 0; i < COUNT_OF(needed); i++)
		ck_assert_msg(*cell(needed[i]) != '\0', "%s", needed[i]);
	for (size_t i = 0; i < COUNT_OF(there); i++)
		cell(there[i]);
}
END_TEST

START_TEST(a_part_of_a_month)
{
	ck_assert_int_eq(make(VM, 11, 21), 1);
	ck_assert_str_eq(cell("ListUnitPrice"), "0.0416");
	ck_assert_str_eq(cell("PricingQuantity"), "486.666666667");
	/* 0.0416 * 486.666666667 */
	ck_assert_str_eq(cell("ListCost"), "20.2453333333472");
	ck_assert_str_eq(cell("ChargePeriodStart"), "2025-11-11T00:00:00Z");
	ck_assert_str_eq(cell("ChargePeriodEnd"), "2025-11-21T00:00:00Z");
	ck_assert_str_eq(cell("x_LowCost"), "20.245333333");
}
END_TEST

/* Tiers, and what comes to no price that nine decimals hold. */
START_TEST(the_month_as_the_unit)
{
	static const char odd[] =
	    "{\"name\":\"egress\",\"quantity\":{\"expected\":\"700\"},\"hours\":\"730\",\"unit\":\"1 GB\","
	    "\"monthly\":{\"low\":\"0.00\",\"expected\":\"10.00\",\"high\":\"99.00\"},\"region\":\"Global\"}";

	ck_assert_int_eq(make(odd, 1, 31), 1);
	ck_assert_str_eq(cell("PricingUnit"), "Months");
	ck_assert_str_eq(cell("PricingQuantity"), "1");
	ck_assert_str_eq(cell("ListUnitPrice"), "10");
	ck_assert_str_eq(cell("ListCost"), "10");
	ck_assert_str_eq(cell("RegionId"), "");
	ck_assert_str_eq(cell("SkuId"), "egress");
	ck_assert_str_eq(cell("x_HighCost"), "99.00");
}
END_TEST

START_TEST(what_costs_nothing_or_is_not_known)
{
	static const char none[] =
	    "{\"name\":\"egress\",\"quantity\":{\"expected\":\"0\"},\"hours\":\"730\",\"unit\":\"1 GB\","
	    "\"monthly\":{\"low\":\"0.00\",\"expected\":\"0.00\",\"high\":\"0.00\"}}";

	ck_assert_int_eq(make(none, 1, 31), 1);
	ck_assert_str_eq(cell("ListCost"), "0");
	ck_assert_int_eq(make("{\"name\":\"egress\",\"confidence\":\"unknown\"}", 1, 31), 0);
	ck_assert_int_eq(make(VM, 5, 5), 0);
	ck_assert_int_eq(make("{\"name\":\"x\",\"monthly\":{\"low\":\"x\"}}", 1, 31), -1);
}
END_TEST

static const struct {
	const char *text, *focus;
} units[] = {
	{ "1 Hour", "Hours" },
	{ "100 Hours", "100 Hours" },
	{ "1 GB", "GB" },
	{ "1 GB/Month", "GB/Month" },
	{ "1 GB Hour", "GB-Hours" },
	{ "10K", "10000 Units" },
	{ "1/Month", "Units/Month" },
	{ "1/3 Months", "Units/3 Months" },
	{ "1 IOPS/Month", "IOPS/Month" },
};

START_TEST(unit_of)
{
	struct buf out = BUF_INIT(64);
	struct unit unit;

	ck_assert_int_eq(unit_parse(units[_i].text, &unit, NULL), 0);
	focus_unit(&out, &unit);
	ck_assert_str_eq(buf_str(&out), units[_i].focus);
	buf_clear(&out);
}
END_TEST

START_TEST(category)
{
	ck_assert_str_eq(focus_category("storage"), "Storage");
	ck_assert_str_eq(focus_category("Nobody knows"), "Other");
	ck_assert_str_eq(focus_category(NULL), "Other");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("focus");
	TCase *tests = tcase_create("focus");

	tcase_add_checked_fixture(tests, NULL, teardown);
	tcase_add_test(tests, a_whole_month);
	tcase_add_test(tests, what_must_be_told_is);
	tcase_add_test(tests, a_part_of_a_month);
	tcase_add_test(tests, the_month_as_the_unit);
	tcase_add_test(tests, what_costs_nothing_or_is_not_known);
	tcase_add_loop_test(tests, unit_of, 0, COUNT_OF(units));
	tcase_add_test(tests, category);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
