/* What the tests of the estimator share: capabilities of a few lines, objectives, and a small price book. */
#ifndef UNIT_PRICING_ESTIMATE_H
#define UNIT_PRICING_ESTIMATE_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/capability.h"
#include "pricing/book_writer.h"
#include "pricing/estimate.h"
#include "tests/unit/unit.h"

#define PARAMETERS                                               \
	"[parameters.count]\ntype = \"integer\"\nhelp = \"h\"\n" \
	"[parameters.size]\ntype = \"string\"\nhelp = \"h\"\n"   \
	"[parameters.system]\ntype = \"string\"\nhelp = \"h\"\n" \
	"[parameters.sku]\ntype = \"string\"\nhelp = \"h\"\n"    \
	"[parameters.gb]\ntype = \"number\"\nhelp = \"h\"\n"     \
	"[parameters.top]\ntype = \"number\"\nhelp = \"h\"\n"    \
	"[parameters.hours]\ntype = \"number\"\nhelp = \"h\"\n"  \
	"[parameters.spot]\ntype = \"boolean\"\nhelp = \"h\"\n"  \
	"[parameters.public_ip]\ntype = \"boolean\"\nhelp = \"h\"\n"

/* COST: [[cost]] rows, or a line such as cost = "none". */
static inline struct capability *
box(const char *cost)
{
	bool is_row = strncmp(cost, "[[cost]]", 8) == 0;
	AUTO_FREE char *text =
	    xasprintf("name = \"box\"\nsummary = \"A box\"\nrequires = [\"region\"]\n%s" PARAMETERS
		      "[[azure_cli.step]]\nname = \"x\"\n%s",
		is_row ? "" : cost, is_row ? cost : "");
	struct faults faults = { 0 };
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_parse("capability.toml", text, strlen(text), &doc, &e) == 0, "%s", e.msg);
	struct capability *c = capability_parse(&doc, NULL, &faults);
	ck_assert_msg(c != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	faults_clear(&faults);
	return c;
}

static inline void
wish(struct objective *o, const char *region, const char *parameters)
{
	objective_init(o);
	o->name = xstrdup("it");
	o->capability = xstrdup("box");
	o->region = xstrdup(region);
	o->parameters = json_parse(parameters, strlen(parameters), 1, NULL);
	ck_assert_msg(o->parameters != NULL, "%s", parameters);
}

static inline money_t
usd(const char *text)
{
	money_t amount;

	ck_assert_msg(money_parse(text, &amount, NULL) == 0, "%s", text);
	return amount;
}

/* The parts make the whole, to the last digit. */
static inline void
check_sums(const struct estimate *estimate)
{
	struct amounts monthly = { 0 }, hourly = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < estimate->len; i++) {
		const struct amounts *m = &estimate->v[i].monthly, *h = &estimate->v[i].hourly;

		ck_assert_int_eq(amounts_add(&monthly, m, &e), 0);
		ck_assert_int_eq(amounts_add(&hourly, h, &e), 0);
		ck_assert(m->low <= m->expected && m->expected <= m->high);
	}
	ck_assert_mem_eq(&monthly, &estimate->monthly, sizeof(monthly));
	ck_assert_mem_eq(&hourly, &estimate->hourly, sizeof(hourly));
}

static const struct {
	const char *size, *region;
	enum vm_os os;
	enum vm_market market;
	const char *hourly;
} small_vms[] = {
	{ "Standard_D2s_v5", "here", VM_LINUX, VM_ON_DEMAND, "0.1" },
	{ "Standard_D4s_v5", "here", VM_LINUX, VM_ON_DEMAND, "0.2" },
	{ "Standard_D8s_v5", "here", VM_LINUX, VM_ON_DEMAND, "0.4" },
	{ "Standard_D16s_v5", "here", VM_LINUX, VM_ON_DEMAND, "0.8" },
	{ "Standard_D32s_v5", "here", VM_LINUX, VM_ON_DEMAND, "1.6" },
	{ "Standard_D2s_v5", "there", VM_LINUX, VM_ON_DEMAND, "0.12" },
	{ "Standard_D4s_v5", "there", VM_LINUX, VM_ON_DEMAND, "0.24" },
	{ "Standard_D8s_v5", "there", VM_LINUX, VM_ON_DEMAND, "0.48" },
	{ "Standard_D16s_v5", "there", VM_LINUX, VM_ON_DEMAND, "1.2" },
	{ "Standard_D2s_v5", "here", VM_WINDOWS, VM_ON_DEMAND, "0.192" },
	{ "Standard_D2s_v5", "here", VM_LINUX, VM_SPOT, "0.03" },
	{ "Standard_ND96asr_v4", "here", VM_LINUX, VM_ON_DEMAND, "27.2" },
	/* Common machines, a tenth dearer there. */
	{ "Standard_B2s", "here", VM_LINUX, VM_ON_DEMAND, "0.04" },
	{ "Standard_B2s", "there", VM_LINUX, VM_ON_DEMAND, "0.044" },
	{ "Standard_D2s_v3", "here", VM_LINUX, VM_ON_DEMAND, "0.1" },
	{ "Standard_D2s_v3", "there", VM_LINUX, VM_ON_DEMAND, "0.11" },
	{ "Standard_E2s_v5", "here", VM_LINUX, VM_ON_DEMAND, "0.12" },
	{ "Standard_E2s_v5", "there", VM_LINUX, VM_ON_DEMAND, "0.132" },
};

static const struct {
	const char *service, *product, *sku, *meter, *region, *unit, *from, *price;
} small_meters[] = {
	{ "Bandwidth", "MGN", "Standard", "Out", "here", "1 GB", "0", "0" },
	{ "Bandwidth", "MGN", "Standard", "Out", "here", "1 GB", "100", "0.087" },
	{ "Bandwidth", "MGN", "Standard", "Out", "here", "1 GB", "10335", "0.083" },
	{ "Bandwidth", "MGN", "Standard", "Out", "here", "1 GB", "51295", "0.07" },
	{ "Bandwidth", "MGN", "Standard", "Out", "here", "1 GB", "153695", "0.05" },
	{ "Bandwidth", "MGN", "Standard", "Out", "here", "1 GB", "512095", "0.05" },
	{ "Network", "IP", "Standard", "Address", "Global", "1 Hour", "0", "0.005" },
	{ "Storage", "Disks", "E4 LRS", "E4 LRS Disk", "here", "1/Month", "0", "2.4" },
	{ "Storage", "Disks", "E6 LRS", "E6 LRS Disk", "here", "1/Month", "0", "4.8" },
	{ "Storage", "Disks", "E10 LRS", "E10 LRS Disk", "here", "1/Month", "0", "9.6" },
	{ "Storage", "Disks", "E15 LRS", "E15 LRS Disk", "here", "1/Month", "0", "19.2" },
	{ "Storage", "Disks", "E4 LRS", "E4 LRS Disk", "there", "1/Month", "0", "3" },
	{ "Storage", "Disks", "E6 LRS", "E6 LRS Disk", "there", "1/Month", "0", "6" },
	{ "Storage", "Disks", "E10 LRS", "E10 LRS Disk", "there", "1/Month", "0", "12" },
	{ "Storage", "Blob", "Hot", "Writes", "here", "10K", "0", "0.05" },
	{ "Storage", "Blob", "Hot", "Late", "here", "1 GB", "50", "0.01" },
	{ "Storage", "Blob", "Hot", "Twice", "here", "1 GB", "0", "0.01" },
	{ "Storage", "Blob", "Hot", "Twice", "here", "10K", "0", "0.02" },
	{ "Storage", "Blob", "Hot", "Gift", "here", "1 GB", "0", "0" },
	{ "Storage", "Blob", "Hot", "Daily", "here", "1/Day", "0", "0.6" },
};

static inline struct book *
small_book(void)
{
	char folder[] = "/tmp/purser-book.XXXXXX";
	struct err e = { 0 };
	int64_t source;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	AUTO_FREE char *path = xasprintf("%s/%s", folder, BOOK_NAME);
	struct book_writer *w = book_writer_new(path, "USD", &e);
	ck_assert_msg(w != NULL, "%s", e.msg);
	ck_assert_int_eq(
	    book_writer_source(w, "2026-08-01", "test prices", "made up", &source, &e), 0);
	for (size_t i = 0; i < COUNT_OF(small_vms); i++)
		ck_assert_msg(
		    book_writer_vm(w, small_vms[i].size, small_vms[i].region, small_vms[i].os,
			small_vms[i].market, usd(small_vms[i].hourly), source, &e) == 0,
		    "%s", e.msg);
	ck_assert_int_eq(
	    book_writer_source(w, "2026-07-12", "test prices", "made up", &source, &e), 0);
	for (size_t i = 0; i < COUNT_OF(small_meters); i++) {
		struct meter_key key = {
			.service = small_meters[i].service,
			.product = small_meters[i].product,
			.sku = small_meters[i].sku,
			.meter = small_meters[i].meter,
			.region = small_meters[i].region,
			.unit = small_meters[i].unit,
		};
		ck_assert_msg(book_writer_meter(w, &key, usd(small_meters[i].from),
				  usd(small_meters[i].price), source, &e) == 0,
		    "%s", e.msg);
	}
	ck_assert_msg(book_writer_finish(w, 0600, &e) == 0, "%s", e.msg);
	book_writer_free(w);
	struct book *book = book_open(path, &e);
	ck_assert_msg(book != NULL, "%s", e.msg);
	unlink(path);
	rmdir(folder);
	return book;
}

#endif
