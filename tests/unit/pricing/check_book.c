/*
 * The price book: what is written is found, what is not is unknown, what is
 * damaged is told; and the real one holds its prices, with the cost of tiers and
 * of all units exact.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "pricing/book.h"
#include "pricing/book_writer.h"
#include "tests/unit/unit.h"

#define NANO(text) nano(text)
#define LISTS 100

static char folder[64];

static void
make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/purser-book-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
	file_remove_tree(folder, NULL);
}

static char *
path(const char *name)
{
	return file_join(folder, name);
}

static int64_t
nano(const char *text)
{
	int64_t out;

	ck_assert_int_eq(money_parse(text, &out, NULL), 0);
	return out;
}

static void
add_meter(struct book_writer *w, const char *meter, const char *region, const char *unit,
    const char *from, const char *price, int64_t source)
{
	const struct meter_key key = { "Storage", "Blob", "Hot LRS", meter, region, unit };
	struct err e = { 0 };

	ck_assert_msg(
	    book_writer_meter(w, &key, NANO(from), NANO(price), source, &e) == 0, "%s", e.msg);
}

/* A small book at NAME; the caller finishes it. */
static struct book_writer *
new_book(const char *name)
{
	const struct vm_shape shape = { NANO("2"), NANO("8"), 0, "" };
	AUTO_FREE char *at = path(name);
	struct err e = { 0 };
	struct book_writer *w = book_writer_new(at, "USD", &e);
	int64_t may, june;

	ck_assert_msg(w != NULL, "%s", e.msg);
	ck_assert_int_eq(book_writer_source(w, "2026-05-01", "List", "of May", &may, NULL), 0);
	ck_assert_int_eq(book_writer_source(w, "2026-06-01", "List", "of June", &june, NULL), 0);
	ck_assert_int_ne(may, june);
	ck_assert_int_eq(book_writer_source(w, "2026-05-01", "List", "of May", &june, NULL), 0);
	ck_assert_int_eq(may, june);
	ck_assert_int_eq(book_writer_size(w, "Standard_D2s_v5", &shape, NULL), 0);
	ck_assert_int_eq(book_writer_size(w, "Standard_D2s_v5", &shape, NULL), -1);
	ck_assert_int_eq(book_writer_vm(w, "Standard_D2s_v5", "westeurope", VM_LINUX, VM_ON_DEMAND,
			     NANO("0.115"), may, NULL),
	    0);
	ck_assert_int_eq(book_writer_vm(w, "Standard_D2s_v5", "westeurope", VM_WINDOWS,
			     VM_ON_DEMAND, NANO("0.207"), may, NULL),
	    0);
	ck_assert_int_eq(book_writer_vm(w, "Standard_D2s_v5", "eastus", VM_LINUX, VM_ON_DEMAND,
			     NANO("0.096"), may, NULL),
	    0);
	ck_assert_int_eq(book_writer_vm(w, "Standard_D4s_v5", "westeurope", VM_LINUX, VM_ON_DEMAND,
			     NANO("0.23"), may, NULL),
	    0);
	ck_assert_int_eq(book_writer_vm(w, "Standard_E8-4s_v5", "eastus", VM_LINUX, VM_SPOT,
			     NANO("0.1"), may, NULL),
	    0);
	add_meter(w, "Data Stored", "westeurope", "1 GB/Month", "0", "0.0196", may);
	add_meter(w, "Data Stored", "westeurope", "1 GB/Month", "51200", "0.0189", may);
	add_meter(w, "Data Stored", "eastus", "1 GB/Month", "0", "0.0208", may);
	add_meter(w, "Data stored", "eastus", "1 GB/Month", "0", "7", may);
	add_meter(w, "Base", "eastus", "1/Hour", "0", "0.0135", may);
	add_meter(w, "Base", "eastus", "1/Month", "0", "10", may);
	add_meter(w, "Odd", "eastus", "1 Furlong", "0", "1", may);
	add_meter(w, "IOPS", "eastus", "1/Month", "3000", "0.005", may);
	return w;
}

static void
finish(struct book_writer *w)
{
	struct err e = { 0 };

	ck_assert_msg(book_writer_finish(w, 0600, &e) == 0, "%s", e.msg);
	book_writer_free(w);
}

static struct book *
open_book(const char *name)
{
	AUTO_FREE char *at = path(name);
	struct err e = { 0 };
	struct book *b = book_open(at, &e);

	ck_assert_msg(b != NULL, "%s", e.msg);
	return b;
}

START_TEST(vm_prices_found)
{
	struct vm_prices list = { 0 };
	struct vm_price p;
	struct err e = { 0 };
	struct book *b;

	finish(new_book("b%?#.db"));
	b = open_book("b%?#.db");
	ck_assert_str_eq(book_currency(b), "USD");
	ck_assert_int_eq(
	    book_vm(b, "standard_d2S_v5", "WestEurope", VM_LINUX, VM_ON_DEMAND, &p, &e), 0);
	ck_assert_str_eq(p.size, "Standard_D2s_v5");
	ck_assert_str_eq(p.region, "westeurope");
	ck_assert_str_eq(p.family, "Standard_Ds_v5");
	ck_assert_int_eq(p.hourly, NANO("0.115"));
	ck_assert_int_eq(p.vcpus, 2 * DECIMAL_ONE);
	ck_assert_str_eq(p.source->as_of, "2026-05-01");
	ck_assert_int_eq(
	    book_vm(b, "Standard_D2s_v5", "westeurope", VM_WINDOWS, VM_ON_DEMAND, &p, &e), 0);
	ck_assert_int_eq(p.hourly, NANO("0.207"));
	/* A size that nobody described has a price all the same. */
	ck_assert_int_eq(
	    book_vm(b, "Standard_D4s_v5", "westeurope", VM_LINUX, VM_ON_DEMAND, &p, &e), 0);
	ck_assert_int_eq(p.vcpus, 0);

	ck_assert_int_eq(
	    book_vm(b, "Standard_D2s_v5", "westeurope", VM_LINUX, VM_SPOT, &p, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	ck_assert_int_eq(
	    book_vm(b, "Standard_D4s_v5", "eastus", VM_LINUX, VM_ON_DEMAND, &p, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	ck_assert_int_eq(book_vm(b, "Standard_X", "eastus", VM_LINUX, VM_ON_DEMAND, &p, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "VM size"));
	ck_assert_int_eq(
	    book_vm(b, "Standard_D2s_v5", "atlantis", VM_LINUX, VM_ON_DEMAND, &p, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "region"));

	ck_assert_int_eq(
	    book_vm_regions(b, "Standard_D2s_v5", VM_LINUX, VM_ON_DEMAND, &list, &e), 0);
	ck_assert_uint_eq(list.len, 2);
	ck_assert_str_eq(list.v[0].region, "eastus");
	ck_assert_str_eq(list.v[1].region, "westeurope");
	vm_prices_clear(&list);
	ck_assert_int_eq(book_vm_regions(b, "Standard_X", VM_LINUX, VM_ON_DEMAND, &list, &e), 0);
	ck_assert_uint_eq(list.len, 0);
	ck_assert_int_eq(
	    book_vm_family(b, "Standard_Ds_v5", "westeurope", VM_LINUX, VM_ON_DEMAND, &list, &e),
	    0);
	ck_assert_uint_eq(list.len, 2);
	ck_assert_str_eq(list.v[0].size, "Standard_D2s_v5");
	ck_assert_str_eq(list.v[1].size, "Standard_D4s_v5");
	vm_prices_clear(&list);
	book_close(b);
}
END_TEST

START_TEST(meter_prices_found)
{
	struct meter_key key = { "Storage", "Blob", "Hot LRS", "Data Stored", "WESTEUROPE", NULL };
	struct meter_prices list = { 0 };
	struct meter_price m;
	struct err e = { 0 };
	struct book *b;

	finish(new_book("b.db"));
	b = open_book("b.db");
	ck_assert_int_eq(book_meter(b, &key, &m, &e), 0);
	ck_assert_str_eq(m.region, "westeurope");
	ck_assert_int_eq(m.unit.amount, UNIT_GB);
	ck_assert_uint_eq(m.n_tiers, 2);
	ck_assert_int_eq(m.tiers[1].from, 51200 * DECIMAL_ONE);
	ck_assert_int_eq(m.tiers[1].price, NANO("0.0189"));
	meter_price_clear(&m);
	/* Names of meters may differ by case alone. */
	key.region = "eastus";
	key.meter = "Data stored";
	ck_assert_int_eq(book_meter(b, &key, &m, &e), 0);
	ck_assert_int_eq(m.tiers[0].price, 7 * MONEY_ONE);
	meter_price_clear(&m);

	key.meter = "Base";
	ck_assert_int_eq(book_meter(b, &key, &m, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFLICT);
	ck_assert_ptr_null(m.meter);
	key.unit = "1/Month";
	ck_assert_int_eq(book_meter(b, &key, &m, &e), 0);
	ck_assert_int_eq(m.tiers[0].price, 10 * MONEY_ONE);
	meter_price_clear(&m);
	key.unit = "1/Day";
	ck_assert_int_eq(book_meter(b, &key, &m, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	key.unit = NULL;
	key.meter = "Odd";
	ck_assert_int_eq(book_meter(b, &key, &m, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	key.meter = "None";
	ck_assert_int_eq(book_meter(b, &key, &m, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	key.region = "atlantis";
	ck_assert_int_eq(book_meter(b, &key, &m, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);

	key.meter = "Data Stored";
	ck_assert_int_eq(book_meter_regions(b, &key, &list, &e), 0);
	ck_assert_uint_eq(list.len, 2);
	ck_assert_str_eq(list.v[0].region, "eastus");
	ck_assert_uint_eq(list.v[1].n_tiers, 2);
	meter_prices_clear(&list);
	key.region = "eastus";
	ck_assert_int_eq(book_meter_product(b, &key, &list, &e), 0);
	ck_assert_uint_eq(list.len, 5);
	meter_prices_clear(&list);
	book_close(b);
}
END_TEST

START_TEST(below_the_first_tier)
{
	const struct meter_key key = { "Storage", "Blob", "Hot LRS", "IOPS", "eastus", NULL };
	struct meter_price m;
	money_t cost = 77;
	struct book *b;

	finish(new_book("b.db"));
	b = open_book("b.db");
	ck_assert_int_eq(book_meter(b, &key, &m, NULL), 0);
	ck_assert_int_eq(meter_cost(&m, 2999 * DECIMAL_ONE, MONTH_HOURS_DECIMAL, &cost, NULL), -1);
	ck_assert_int_eq(cost, 77);
	ck_assert_int_eq(meter_cost(&m, 4000 * DECIMAL_ONE, MONTH_HOURS_DECIMAL, &cost, NULL), 0);
	ck_assert_int_eq(cost, 5 * MONEY_ONE);
	meter_price_clear(&m);
	book_close(b);
}
END_TEST

START_TEST(refused_rows)
{
	struct book_writer *w = new_book("b.db");
	struct meter_key key = { "S", "P", "K", "M", "eastus", "1 Hour" };
	char text[300];
	struct err e = { 0 };

	ck_assert_int_eq(book_writer_vm(w, "A", "eastus", VM_LINUX, VM_ON_DEMAND, 0, 1, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_int_eq(book_writer_vm(w, "A", "eastus", VM_LINUX, VM_ON_DEMAND, -1, 1, &e), -1);
	ck_assert_int_eq(book_writer_vm(w, "A", "", VM_LINUX, VM_ON_DEMAND, 1, 1, &e), -1);
	ck_assert_int_eq(
	    book_writer_vm(w, "standard_d2s_V5", "EASTUS", VM_LINUX, VM_ON_DEMAND, 1, 1, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFLICT);
	ck_assert_int_eq(book_writer_meter(w, &key, 0, -1, 1, &e), -1);
	ck_assert_int_eq(book_writer_meter(w, &key, -1, 1, 1, &e), -1);
	ck_assert_int_eq(book_writer_meter(w, &key, 0, 1, 1, &e), 0);
	ck_assert_int_eq(book_writer_meter(w, &key, 0, 2, 1, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFLICT);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	key.sku = text;
	ck_assert_int_eq(book_writer_meter(w, &key, 0, 1, 1, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_int_eq(book_writer_vm(w, text, "eastus", VM_LINUX, VM_ON_DEMAND, 1, 1, &e), -1);
	book_writer_free(w);
}
END_TEST

START_TEST(nothing_half_written)
{
	AUTO_FREE char *at = path("b.db");
	struct book_writer *w = new_book("b.db");
	struct err e = { 0 };

	ck_assert(!file_exists(at));
	book_writer_free(w);
	ck_assert(!file_exists(at));
	/* Nothing is left beside it either. */
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert_ptr_null(book_open(at, &e));
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
}
END_TEST

START_TEST(equal_bytes)
{
	struct buf one = BUF_INIT(1 << 20), other = BUF_INIT(1 << 20);
	AUTO_FREE char *a = path("a.db"), *b = path("b.db");

	finish(new_book("a.db"));
	finish(new_book("b.db"));
	ck_assert_int_eq(file_read(a, 1 << 20, &one, NULL), 0);
	ck_assert_int_eq(file_read(b, 1 << 20, &other, NULL), 0);
	ck_assert_uint_eq(one.len, other.len);
	ck_assert_mem_eq(one.data, other.data, one.len);
	buf_clear(&one);
	buf_clear(&other);
}
END_TEST

START_TEST(copy_and_forget)
{
	AUTO_FREE char *from = path("a.db"), *to = path("b.db");
	struct meter_prices meters = { 0 };
	struct vm_prices vms_left = { 0 };
	struct book_search all = { .text = "", .limit = 1000 };
	struct err e = { 0 };
	struct book_writer *w;
	struct book *b;
	int64_t count;
	bool more;

	finish(new_book("a.db"));
	w = book_writer_new(to, "EUR", &e);
	ck_assert_int_eq(book_writer_copy(w, from, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	book_writer_free(w);
	w = book_writer_new(to, "USD", &e);
	ck_assert_int_eq(book_writer_copy(w, to, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	book_writer_free(w);

	w = book_writer_new(to, "USD", &e);
	ck_assert_msg(book_writer_copy(w, from, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(book_writer_forget(w, "virtual machines", "EASTUS", &count, &e), 0);
	ck_assert_int_eq(count, 2);
	ck_assert_int_eq(book_writer_forget(w, "storage", "westeurope", &count, &e), 0);
	ck_assert_int_eq(count, 2);
	ck_assert_int_eq(book_writer_forget(w, "None", NULL, &count, &e), 0);
	ck_assert_int_eq(count, 0);
	finish(w);
	b = open_book("b.db");
	ck_assert_int_eq(book_search(b, &all, &vms_left, &meters, &more, &e), 0);
	ck_assert(!more);
	ck_assert_uint_eq(vms_left.len, 3);
	ck_assert_uint_eq(meters.len, 5);
	vm_prices_clear(&vms_left);
	meter_prices_clear(&meters);
	book_close(b);
}
END_TEST

START_TEST(search)
{
	struct meter_prices found = { 0 };
	struct vm_prices sizes = { 0 };
	struct err e = { 0 };
	struct book *b;
	bool more;

	finish(new_book("b.db"));
	b = open_book("b.db");
	ck_assert_int_eq(book_search(b, &(struct book_search){ .text = "d2s EUROPE", .limit = 9 },
			     &sizes, &found, &more, &e),
	    0);
	ck_assert_uint_eq(sizes.len, 2);
	ck_assert_uint_eq(found.len, 0);
	vm_prices_clear(&sizes);
	ck_assert_int_eq(
	    book_search(b,
		&(struct book_search){ .text = "data  stored", .region = "WestEurope", .limit = 9 },
		&sizes, &found, &more, &e),
	    0);
	ck_assert_uint_eq(found.len, 1);
	ck_assert_uint_eq(found.v[0].n_tiers, 2);
	meter_prices_clear(&found);
	ck_assert_int_eq(
	    book_search(b, &(struct book_search){ .text = "", .service = "storage", .limit = 2 },
		&sizes, &found, &more, &e),
	    0);
	ck_assert_uint_eq(sizes.len, 0);
	ck_assert_uint_eq(found.len, 2);
	ck_assert(more);
	meter_prices_clear(&found);
	book_close(b);
}
END_TEST

START_TEST(damaged)
{
	AUTO_FREE char *at = path("b.db");
	struct buf text = BUF_INIT(1 << 20);
	struct err e = { 0 };
	struct vm_price p;
	struct book *b;

	ck_assert_int_eq(file_replace(at, "no database", 11, 0600, &e), 0);
	ck_assert_ptr_null(book_open(at, &e));
	ck_assert_int_eq(e.kind, ERR_CORRUPT);
	ck_assert_int_eq(file_replace(at, "", 0, 0600, &e), 0);
	ck_assert_ptr_null(book_open(at, &e));
	ck_assert_int_eq(e.kind, ERR_CORRUPT);

	/* Another version: bytes 60 to 63 of SQLite's header. */
	finish(new_book("b.db"));
	ck_assert_int_eq(file_read(at, 1 << 20, &text, &e), 0);
	text.data[63] = 99;
	ck_assert_int_eq(file_replace(at, text.data, text.len, 0600, &e), 0);
	ck_assert_ptr_null(book_open(at, &e));
	ck_assert_int_eq(e.kind, ERR_INPUT);

	/* Pages that are gone. */
	text.data[63] = 1;
	memset(text.data + 2 * 4096, 0xa5, text.len - 2 * 4096);
	ck_assert_int_eq(file_replace(at, text.data, text.len, 0600, &e), 0);
	b = book_open(at, &e);
	if (b != NULL)
		ck_assert_int_eq(
		    book_vm(b, "Standard_D2s_v5", "eastus", VM_LINUX, VM_ON_DEMAND, &p, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CORRUPT);
	book_close(b);
	buf_clear(&text);
}
END_TEST

START_TEST(best)
{
	AUTO_FREE char *installed = path("installed.db"), *own = path(BOOK_NAME);
	struct err e = { 0 };
	struct book *b;

	ck_assert_ptr_null(book_open_best(folder, installed, &e));
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	finish(new_book("installed.db"));
	b = book_open_best(folder, installed, &e);
	ck_assert_ptr_nonnull(b);
	ck_assert_str_eq(book_path(b), installed);
	book_close(b);
	finish(new_book(BOOK_NAME));
	b = book_open_best(folder, installed, &e);
	ck_assert_str_eq(book_path(b), own);
	book_close(b);
	/* A broken one of the user's is never passed over. */
	ck_assert_int_eq(file_replace(own, "x", 1, 0600, &e), 0);
	ck_assert_ptr_null(book_open_best(folder, installed, &e));
	ck_assert_int_eq(e.kind, ERR_CORRUPT);
}
END_TEST

static const struct {
	const char *size, *family;
} families[] = {
	{ "Standard_D2s_v5", "Standard_Ds_v5" },
	{ "Standard_E8-4s_v5", "Standard_Es_v5" },
	{ "Standard_NC24ads_A100_v4", "Standard_NCads_A100_v4" },
	{ "Standard_B1ms", "Standard_Bms" },
	{ "Standard_M128-32ms", "Standard_Mms" },
	{ "Basic_A0", "Basic_A" },
	{ "Standard_DC2as_v5", "Standard_DCas_v5" },
	{ "Standard", "Standard" },
	{ "", "" },
};

START_TEST(family)
{
	char out[BOOK_SIZE_MAX];

	vm_family(families[_i].size, out);
	ck_assert_str_eq(out, families[_i].family);
}
END_TEST

/* ---- the cost of a quantity ---- */

static const struct {
	const char *unit, *amount, *hours;
	const char *tiers[8]; /* from, price, from, price ... */
	const char *cost;     /* NULL: refused */
} costs[] = {
	{ "1 Hour", "1", "730", { "0", "0.096" }, "70.08" },
	{ "1 Hour", "3", "730", { "0", "0.096" }, "210.24" },
	{ "1/Day", "1", "730", { "0", "0.1666" }, "5.067416667" },
	{ "1/Day", "1", "24", { "0", "0.1666" }, "0.1666" },
	{ "10K", "50000", "730", { "0", "0.05" }, "0.25" },
	{ "10K", "1", "730", { "0", "0.05" }, "0.000005" },
	{ "100 Hours", "1", "730", { "0", "1" }, "7.3" },
	/* Egress: 100 GB are free, and 200 TB go through all tiers. */
	{ "1 GB", "204800", "0", { "0", "0", "100", "0.087", "10335", "0.083", "51295", "0.07" },
	    "15035.475" },
	{ "1 GB", "100", "0", { "0", "0", "100", "0.087" }, "0" },
	{ "1 GB", "101", "0", { "0", "0", "100", "0.087" }, "0.087" },
	{ "1 GB", "99.5", "0", { "0", "0", "100", "0.087" }, "0" },
	{ "1 GB", "100.5", "0", { "0", "0", "100", "0.087" }, "0.0435" },
	{ "10", "2000000", "0", { "0", "0", "100000", "0.000002" }, "0.2" },
	/* Rounded once, half up: a third of a cent thrice is a cent. */
	{ "1/3 Months", "1", "730", { "0", "0.01" }, "0.003333333" },
	{ "1/3 Months", "3", "730", { "0", "0.01" }, "0.01" },
	{ "1/Month", "1", "1", { "0", "0.000000365" }, "0.000000001" },
	{ "1/Month", "1", "1", { "0", "0.000000364" }, "0" },
	{ "1 Hour", "9000000000", "730", { "0", "1" }, NULL },
	{ "1 Second", "9000000000", "9000000000.000000001", { "0", "1000000" }, NULL },
};

START_TEST(cost)
{
	struct meter_tier tiers[4];
	char name[] = "m";
	struct meter_price m = { .meter = name, .tiers = tiers };
	money_t out = 77;

	ck_assert_int_eq(unit_parse(costs[_i].unit, &m.unit, NULL), 0);
	for (; m.n_tiers < 4 && costs[_i].tiers[2 * m.n_tiers] != NULL; m.n_tiers++) {
		tiers[m.n_tiers].from = NANO(costs[_i].tiers[2 * m.n_tiers]);
		tiers[m.n_tiers].price = NANO(costs[_i].tiers[2 * m.n_tiers + 1]);
	}
	if (costs[_i].cost == NULL) {
		ck_assert_int_eq(
		    meter_cost(&m, NANO(costs[_i].amount), NANO(costs[_i].hours), &out, NULL), -1);
		ck_assert_int_eq(out, 77);
		return;
	}
	ck_assert_int_eq(
	    meter_cost(&m, NANO(costs[_i].amount), NANO(costs[_i].hours), &out, NULL), 0);
	ck_assert_int_eq(out, NANO(costs[_i].cost));
}
END_TEST

/* ---- the real one ---- */

static struct book *
open_real(void)
{
	const char *at = getenv("PURSER_PRICES");
	struct err e = { 0 };
	struct book *b = book_open(at != NULL ? at : "prices.db", &e);

	ck_assert_msg(b != NULL, "%s (make prices.db)", e.msg);
	return b;
}

START_TEST(real_prices)
{
	const struct meter_key free_iops = { "Storage", "Azure Premium SSD v2", "Premium LRS",
		"Premium LRS Provisioned IOPS", "eastus", NULL };
	struct book *b = open_real();
	struct vm_price linux_price, windows_price;
	struct meter_price m;
	money_t out;
	size_t n;

	ck_assert_int_eq(
	    book_vm(b, "Standard_B2s", "eastus", VM_LINUX, VM_ON_DEMAND, &linux_price, NULL), 0);
	ck_assert_int_eq(linux_price.hourly, NANO("0.0416"));
	ck_assert_int_eq(
	    book_vm(b, "Standard_B2s", "eastus", VM_WINDOWS, VM_ON_DEMAND, &windows_price, NULL),
	    0);
	ck_assert_int_gt(windows_price.hourly, linux_price.hourly);
	ck_assert_int_eq(book_meter(b, &free_iops, &m, NULL), 0);
	ck_assert_int_eq(meter_cost(&m, 3000 * DECIMAL_ONE, MONTH_HOURS_DECIMAL, &out, NULL), 0);
	meter_price_clear(&m);
	ck_assert_ptr_nonnull(book_sources(b, &n));
	ck_assert_uint_gt(n, 3);
	book_close(b);
}
END_TEST

/* A Windows price under a Linux name is what catalogues get wrong. */
START_TEST(windows_is_dearer)
{
	struct book *b = open_real();
	struct meter_prices none = { 0 };
	struct vm_prices all = { 0 };
	size_t pairs = 0;
	bool more;

	ck_assert_int_eq(book_search(b,
			     &(struct book_search){
				 .text = "", .service = "Virtual Machines", .limit = SIZE_MAX },
			     &all, &none, &more, NULL),
	    0);
	ck_assert_uint_gt(all.len, 100000);
	/* Sorted by size, region and kind: Linux stands right before Windows, spot aside. */
	for (size_t i = 1; i < all.len; i++) {
		const struct vm_price *p = &all.v[i], *before = &all.v[i - 1];

		if (before->market == VM_SPOT && i > 1)
			before = &all.v[i - 2];
		if (p->os != VM_WINDOWS || before->os != VM_LINUX ||
		    before->market != VM_ON_DEMAND || strcmp(p->size, before->size) != 0 ||
		    strcmp(p->region, before->region) != 0)
			continue;
		pairs++;
		ck_assert_msg(p->hourly > before->hourly, "%s in %s", p->size, p->region);
	}
	ck_assert_uint_gt(pairs, 30000);
	vm_prices_clear(&all);
	book_close(b);
}
END_TEST

static int64_t
monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Under 20 us each; ten times that is allowed here for sanitizers and slow machines. */
START_TEST(quick)
{
	const struct meter_key key = { "Storage", "General Block Blob v2", "Hot LRS",
		"Hot LRS Data Stored", "westeurope", NULL };
	static const char *const regions[] = { "eastus", "westeurope", "japaneast", "uksouth" };
	const int rounds = 2000;
	struct book *b = open_real();
	int64_t begin = monotonic_ns(), middle, end;

	for (int i = 0; i < rounds; i++) {
		struct vm_price p;

		ck_assert_int_eq(
		    book_vm(b, "Standard_D2s_v5", regions[i % 4], VM_LINUX, VM_ON_DEMAND, &p, NULL),
		    0);
	}
	middle = monotonic_ns();
	for (int i = 0; i < rounds; i++) {
		struct meter_price m;

		ck_assert_int_eq(book_meter(b, &key, &m, NULL), 0);
		meter_price_clear(&m);
	}
	end = monotonic_ns();
	for (int i = 0; i < LISTS; i++) {
		struct meter_prices found = { 0 };
		struct vm_prices sizes = { 0 };

		ck_assert_int_eq(
		    book_vm_regions(b, "Standard_D2s_v5", VM_LINUX, VM_ON_DEMAND, &sizes, NULL), 0);
		ck_assert_int_eq(book_vm_family(b, "Standard_Ds_v5", "eastus", VM_LINUX,
				     VM_ON_DEMAND, &sizes, NULL),
		    0);
		ck_assert_int_eq(book_meter_regions(b, &key, &found, NULL), 0);
		ck_assert_int_eq(book_meter_product(b, &key, &found, NULL), 0);
		ck_assert_uint_gt(sizes.len, 60);
		ck_assert_uint_gt(found.len, 60);
		vm_prices_clear(&sizes);
		meter_prices_clear(&found);
	}
	printf("# all four lists: %lld ns\n", (long long)(monotonic_ns() - end) / LISTS);
	printf("# a size: %lld ns, a meter: %lld ns\n", (long long)(middle - begin) / rounds,
	    (long long)(end - middle) / rounds);
	ck_assert_int_lt((middle - begin) / rounds, 200000);
	ck_assert_int_lt((end - middle) / rounds, 200000);
	book_close(b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("book");
	TCase *tests = tcase_create("book");

	tcase_add_checked_fixture(tests, make_folder, remove_folder);
	tcase_add_test(tests, vm_prices_found);
	tcase_add_test(tests, meter_prices_found);
	tcase_add_test(tests, below_the_first_tier);
	tcase_add_test(tests, refused_rows);
	tcase_add_test(tests, nothing_half_written);
	tcase_add_test(tests, equal_bytes);
	tcase_add_test(tests, copy_and_forget);
	tcase_add_test(tests, search);
	tcase_add_test(tests, damaged);
	tcase_add_test(tests, best);
	tcase_add_loop_test(tests, family, 0, COUNT_OF(families));
	tcase_add_loop_test(tests, cost, 0, COUNT_OF(costs));
	suite_add_tcase(suite, tests);
	tests = tcase_create("real book");
	tcase_add_test(tests, real_prices);
	tcase_add_test(tests, windows_is_dearer);
	tcase_add_test(tests, quick);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
