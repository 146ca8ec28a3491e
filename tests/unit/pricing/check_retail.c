/* Rows of the Retail Prices API: which of them are prices, and which of several is the one that holds now. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "pricing/book.h"
#include "pricing/retail.h"
#include "tests/unit/unit.h"

static char folder[64];

static void
make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/purser-retail-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
	file_remove_tree(folder, NULL);
}

struct outcome {
	size_t kept, dropped[RETAIL_DROPS];
	struct book *book;
};

/* Writes what was gathered to a book and opens it. */
static void
conclude(struct retail *r, struct outcome *out)
{
	AUTO_FREE char *at = file_join(folder, "b.db");
	struct err e = { 0 };
	struct book_writer *w = book_writer_new(at, "USD", &e);
	int64_t source;

	ck_assert_msg(w != NULL, "%s", e.msg);
	ck_assert_int_eq(book_writer_source(w, "2026-11-21", "test", "test", &source, &e), 0);
	ck_assert_msg(retail_write(r, w, source, &out->kept, out->dropped, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(book_writer_finish(w, 0600, &e), 0);
	book_writer_free(w);
	retail_free(r);
	out->book = book_open(at, &e);
	ck_assert_ptr_nonnull(out->book);
}

static int64_t
at_time(const char *text)
{
	int64_t ms;

	ck_assert_int_eq(clock_parse(text, &ms, NULL), 0);
	return ms;
}

#define NOW "2026-11-21T12:00:00Z"

/* The fields that a row differs in from an ordinary one; NULL: as there. */
struct fields {
	const char *product, *sku, *meter, *type, *size, *price, *start, *end, *unit, *tier,
	    *service, *region, *currency;
};

static const char * or (const char *value, const char *other)
{
	return value != NULL ? value : other;
}

static void
add_item(struct buf *out, const struct fields *f)
{
	buf_addf(out,
	    "%s{\"currencyCode\":\"%s\",\"tierMinimumUnits\":%s,\"retailPrice\":%s,\"armRegionName\":\"%s\","
	    "\"meterName\":\"%s\",\"productName\":\"%s\",\"skuName\":\"%s\",\"serviceName\":\"%s\","
	    "\"unitOfMeasure\":\"%s\",\"type\":\"%s\",\"isPrimaryMeterRegion\":true,\"armSkuName\":\"%s\","
	    "\"effectiveStartDate\":\"%s\"",
	    out->len > 1 ? "," : "", or (f->currency, "USD"), or (f->tier, "0.0"),
	    or (f->price, "0.115"), or (f->region, "westeurope"), or (f->meter, "D2s v5"),
	    or (f->product, "Virtual Machines Dsv5 Series"), or (f->sku, "D2s v5"),
	    or (f->service, "Virtual Machines"), or (f->unit, "1 Hour"),
	    or (f->type, "Consumption"), or (f->size, "Standard_D2s_v5"),
	    or (f->start, "2024-01-01T00:00:00Z"));
	if (f->end != NULL)
		buf_addf(out, ",\"effectiveEndDate\":\"%s\"", f->end);
	buf_addc(out, '}');
}

static struct retail *
gather(const struct fields *rows, size_t n)
{
	const struct retail_scope scope = { "USD", NULL, NULL, at_time(NOW) };
	struct retail *r = retail_new(&scope);
	struct buf text = BUF_INIT(1 << 16);
	struct err e = { 0 };
	cJSON *items;

	buf_addc(&text, '[');
	for (size_t i = 0; i < n; i++)
		add_item(&text, &rows[i]);
	buf_addc(&text, ']');
	items = json_parse(buf_str(&text), text.len, 1, &e);
	ck_assert_msg(items != NULL, "%s", e.msg);
	ck_assert_int_eq(retail_add(r, items, &e), 0);
	cJSON_Delete(items);
	buf_clear(&text);
	return r;
}

/* One row, and what becomes of it. */
static const struct {
	struct fields row;
	enum retail_drop drop;
} singles[] = {
	{ { 0 }, RETAIL_KEPT },
	{ { .type = "Reservation" }, RETAIL_TYPE },
	{ { .type = "DevTestConsumption" }, RETAIL_TYPE },
	{ { .type = "" }, RETAIL_ODD },
	{ { .product = "Virtual Machines Dsv5 Series Windows" }, RETAIL_KEPT },
	{ { .product = "Dv3 Series Cloud Services" }, RETAIL_PRODUCT },
	{ { .product = "Dv3 Series CloudServices" }, RETAIL_PRODUCT },
	{ { .product = "Dsv3 Series Dedicated Host" }, RETAIL_PRODUCT },
	{ { .sku = "D2s v5 Low Priority" }, RETAIL_PRIORITY },
	{ { .meter = "D2s v5 Low Priority" }, RETAIL_PRIORITY },
	{ { .meter = "D2s v5 Spot" }, RETAIL_KEPT },
	{ { .price = "0.0" }, RETAIL_ZERO },
	{ { .price = "-1" }, RETAIL_ODD },
	{ { .price = "\"x\"" }, RETAIL_ODD },
	{ { .price = "null" }, RETAIL_ODD },
	{ { .price = "0.0000000001" }, RETAIL_ODD },
	{ { .unit = "1 Day" }, RETAIL_UNIT },
	{ { .unit = "1 Furlong", .service = "Storage" }, RETAIL_UNIT },
	{ { .tier = "5.0" }, RETAIL_ODD },
	{ { .size = "" }, RETAIL_ODD },
	{ { .currency = "EUR" }, RETAIL_CURRENCY },
	{ { .end = "2026-11-01T00:00:00Z" }, RETAIL_ENDED },
	{ { .end = "2026-12-01T00:00:00Z" }, RETAIL_KEPT },
	{ { .end = "tomorrow" }, RETAIL_ODD },
	{ { .service = "Storage", .price = "0.0" }, RETAIL_KEPT },
	{ { .service = "Storage", .sku = "" }, RETAIL_ODD },
	/* The only row that there is, though of next month: nothing else can be meant. */
	{ { .start = "2026-12-01T00:00:00Z" }, RETAIL_KEPT },
};

START_TEST(single)
{
	struct outcome got;

	conclude(gather(&singles[_i].row, 1), &got);
	ck_assert_uint_eq(got.kept, singles[_i].drop == RETAIL_KEPT);
	if (singles[_i].drop != RETAIL_KEPT)
		ck_assert_uint_eq(got.dropped[singles[_i].drop], 1);
	book_close(got.book);
}
END_TEST

START_TEST(all_of_a_size)
{
	static const struct fields rows[] = {
		{ .price = "0.115" },
		{ .price = "0.207", .product = "Virtual Machines Dsv5 Series Windows" },
		{ .price = "0.023", .sku = "D2s v5 Spot", .meter = "D2s v5 Spot" },
		{ .price = "0.041",
		    .sku = "D2s v5 Spot",
		    .product = "Virtual Machines Dsv5 Series Windows" },
		{ .price = "0.024", .sku = "D2s v5 Low Priority" },
		{ .price = "0.207", .product = "Dsv5 Series Cloud Services" },
		{ .price = "595.0", .type = "Reservation" },
		{ .price = "0.115",
		    .type = "DevTestConsumption",
		    .product = "Virtual Machines Dsv5 Series Windows" },
	};
	static const int64_t want[VM_OSES][VM_MARKETS] = { { 115000000, 23000000 },
		{ 207000000, 41000000 } };
	struct outcome got;

	conclude(gather(rows, COUNT_OF(rows)), &got);
	ck_assert_uint_eq(got.kept, 4);
	for (int os = 0; os < VM_OSES; os++) {
		for (int market = 0; market < VM_MARKETS; market++) {
			struct vm_price p;

			ck_assert_int_eq(book_vm(got.book, "Standard_D2s_v5", "westeurope",
					     (enum vm_os)os, (enum vm_market)market, &p, NULL),
			    0);
			ck_assert_int_eq(p.hourly, want[os][market]);
		}
	}
	book_close(got.book);
}
END_TEST

#define PAST "2024-01-01T00:00:00Z"
#define RECENT "2026-11-01T00:00:00Z"
#define SOON "2026-12-01T00:00:00Z"

/* Two or three rows of one thing; the price that holds, NULL if that cannot be told. */
static const struct {
	struct fields rows[3];
	size_t n;
	const char *price;
} changes[] = {
	/* Before a change: the current row ends, and both claim to begin at the change. */
	{ { { .price = "1", .start = SOON, .end = SOON }, { .price = "2", .start = SOON } }, 2,
	    "1" },
	{ { { .price = "2", .start = SOON }, { .price = "1", .start = SOON, .end = SOON } }, 2,
	    "1" },
	{ { { .price = "1", .start = PAST, .end = SOON }, { .price = "2", .start = SOON } }, 2,
	    "1" },
	{ { { .price = "2", .start = SOON }, { .price = "1", .start = PAST, .end = SOON } }, 2,
	    "1" },
	{ { { .price = "1", .start = PAST }, { .price = "2", .start = SOON } }, 2, "1" },
	/* After it: the old row stays a while. */
	{ { { .price = "1", .start = PAST, .end = RECENT }, { .price = "2", .start = RECENT } }, 2,
	    "2" },
	{ { { .price = "1", .start = PAST }, { .price = "2", .start = RECENT } }, 2, "2" },
	{ { { .price = "2", .start = RECENT }, { .price = "1", .start = PAST } }, 2, "2" },
	/* Twice the same is no question, two prices are. */
	{ { { .price = "1", .start = PAST }, { .price = "1", .start = PAST } }, 2, "1" },
	{ { { .price = "1", .start = PAST }, { .price = "2", .start = PAST } }, 2, NULL },
	{ { { .price = "1", .start = PAST }, { .price = "2", .start = PAST },
	      { .price = "3", .start = RECENT } },
	    3, "3" },
	{ { { .price = "3", .start = RECENT }, { .price = "1", .start = PAST },
	      { .price = "2", .start = PAST } },
	    3, "3" },
};

START_TEST(change)
{
	struct outcome got;
	struct vm_price p;
	money_t want;

	conclude(gather(changes[_i].rows, changes[_i].n), &got);
	if (changes[_i].price == NULL) {
		ck_assert_uint_eq(got.kept, 0);
		ck_assert_uint_eq(got.dropped[RETAIL_AMBIGUOUS], changes[_i].n);
	} else {
		ck_assert_int_eq(money_parse(changes[_i].price, &want, NULL), 0);
		ck_assert_uint_eq(got.kept, 1);
		ck_assert_int_eq(book_vm(got.book, "Standard_D2s_v5", "westeurope", VM_LINUX,
				     VM_ON_DEMAND, &p, NULL),
		    0);
		ck_assert_int_eq(p.hourly, want);
	}
	book_close(got.book);
}
END_TEST

/* Tiers of the list to come do not mix with those of today's. */
START_TEST(tiers)
{
	static const struct fields rows[] = {
		{ .service = "Storage", .unit = "1 GB", .price = "3", .tier = "100.0" },
		{ .service = "Storage", .unit = "1 GB", .price = "0", .tier = "0.0" },
		{ .service = "Storage",
		    .unit = "1 GB",
		    .price = "9",
		    .tier = "50.0",
		    .start = SOON },
	};
	const struct meter_key key = { "Storage", "Virtual Machines Dsv5 Series", "D2s v5",
		"D2s v5", "westeurope", "1 GB" };
	struct meter_price m;
	struct outcome got;

	conclude(gather(rows, COUNT_OF(rows)), &got);
	ck_assert_uint_eq(got.kept, 2);
	ck_assert_uint_eq(got.dropped[RETAIL_COMING], 1);
	ck_assert_int_eq(book_meter(got.book, &key, &m, NULL), 0);
	ck_assert_uint_eq(m.n_tiers, 2);
	ck_assert_int_eq(m.tiers[0].price, 0);
	ck_assert_int_eq(m.tiers[1].price, 3 * MONEY_ONE);
	meter_price_clear(&m);
	book_close(got.book);
}
END_TEST

START_TEST(no_region_is_global)
{
	static const struct fields row = { .service = "Bandwidth", .region = "" };
	const struct meter_key key = { "Bandwidth", "Virtual Machines Dsv5 Series", "D2s v5",
		"D2s v5", BOOK_REGION_GLOBAL, NULL };
	struct meter_price m;
	struct outcome got;

	conclude(gather(&row, 1), &got);
	ck_assert_int_eq(book_meter(got.book, &key, &m, NULL), 0);
	meter_price_clear(&m);
	book_close(got.book);
}
END_TEST

START_TEST(not_a_page)
{
	const struct retail_scope scope = { "USD", NULL, NULL, 0 };
	struct retail *r = retail_new(&scope);
	AUTO_JSON cJSON *object = cJSON_CreateObject(), *odd = cJSON_Parse("[1,null,\"x\",{},[]]");

	ck_assert_int_eq(retail_add(r, NULL, NULL), -1);
	ck_assert_int_eq(retail_add(r, object, NULL), -1);
	ck_assert_int_eq(retail_add(r, odd, NULL), 0);
	ck_assert_uint_eq(retail_count(r), 5);
	retail_free(r);
}
END_TEST

/* ---- real answers ---- */

static struct retail *
gather_sample(const char *name, const char *now)
{
	const char *source = getenv("srcdir");
	AUTO_FREE char *at =
	    xasprintf("%s/tests/data/retail-api/%s", source != NULL ? source : ".", name);
	const struct retail_scope scope = { "USD", NULL, NULL, at_time(now) };
	struct retail *r = retail_new(&scope);
	struct buf text = BUF_INIT(1 << 20);
	AUTO_JSON cJSON *page = NULL;
	struct err e = { 0 };

	ck_assert_msg(file_read(at, 1 << 20, &text, &e) == 0, "%s", e.msg);
	page = json_parse(buf_str(&text), text.len, 1, &e);
	ck_assert_msg(page != NULL, "%s: %s", name, e.msg);
	ck_assert_int_eq(retail_add(r, json_at(page, "Items"), &e), 0);
	buf_clear(&text);
	return r;
}

static const char *const samples[] = { "aks_eastus_price_change.json",
	"cognitive_search_eastus2.json", "cosmosdb_eastus2.json", "keyvault_westeurope.json",
	"postgresql_flexible_westeurope.json", "storage_eastus2_page1.json",
	"unfiltered_page1_2024.json", "unfiltered_page1_2026.json", "vm_eastus2_page1_2026.json",
	"vm_eastus_page1.json", "vm_eastus_page2.json", "vm_italynorth_page1.json",
	"vm_italynorth_page2.json", "vm_westeurope_page1.json", "vm_westeurope_page2.json" };

/* Every row is either a price or counted as what it is; none of the real ones is odd or ambiguous. */
START_TEST(sample)
{
	struct retail *r = gather_sample(samples[_i], NOW);
	size_t rows = retail_count(r), sum;
	struct outcome got;

	conclude(r, &got);
	sum = got.kept;
	for (int i = RETAIL_KEPT + 1; i < RETAIL_DROPS; i++) {
		if (got.dropped[i] > 0)
			printf("# %s: %zu %s\n", samples[_i], got.dropped[i],
			    retail_drop_text((enum retail_drop)i));
		sum += got.dropped[i];
	}
	ck_assert_uint_eq(sum, rows);
	ck_assert_uint_gt(got.kept, 0);
	ck_assert_uint_eq(got.dropped[RETAIL_AMBIGUOUS], 0);
	ck_assert_uint_eq(got.dropped[RETAIL_ODD], 0);
	ck_assert_uint_eq(got.dropped[RETAIL_UNIT], 0);
	book_close(got.book);
}
END_TEST

static const struct {
	const char *now, *price;
} days[] = {
	{ "2026-09-15T00:00:00Z", "0.01" },
	{ "2026-11-21T00:00:00Z", "0.05" },
};

/* A meter that the API has twice, before and after the day of its change. */
START_TEST(price_change)
{
	const struct meter_key key = { "Azure Kubernetes Service", "Azure Kubernetes Service",
		"FreeTierInfrastructureCost", "FreeTierInfrastructureCost Uptime SLA", "eastus",
		NULL };
	struct meter_price m;
	struct outcome got;
	struct err e = { 0 };
	money_t want;

	conclude(gather_sample("aks_eastus_price_change.json", days[_i].now), &got);
	ck_assert_int_eq(money_parse(days[_i].price, &want, NULL), 0);
	ck_assert_msg(book_meter(got.book, &key, &m, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(m.tiers[0].price, want);
	meter_price_clear(&m);
	book_close(got.book);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("retail");
	TCase *tests = tcase_create("retail");

	tcase_add_checked_fixture(tests, make_folder, remove_folder);
	tcase_add_loop_test(tests, single, 0, COUNT_OF(singles));
	tcase_add_test(tests, all_of_a_size);
	tcase_add_loop_test(tests, change, 0, COUNT_OF(changes));
	tcase_add_test(tests, tiers);
	tcase_add_test(tests, no_region_is_global);
	tcase_add_test(tests, not_a_page);
	tcase_add_loop_test(tests, sample, 0, COUNT_OF(samples));
	tcase_add_loop_test(tests, price_change, 0, COUNT_OF(days));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
