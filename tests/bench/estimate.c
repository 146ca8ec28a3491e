/*
 * How long 10,000 estimates take: machines of every size that the book has in
 * 40 regions, half of which lack some of the meters, so that ratios are made
 * too; each objective differs from the others. The goal is 1 s in all.
 *
 *	tests/bench/estimate PRICES TEMPLATES [COUNT]
 */
#include "config.h"

#include <inttypes.h>

#include "base/mem.h"
#include "core/capability.h"
#include "pricing/estimate.h"
#include "tests/bench/bench.h"

#define GOAL_S 1.0
#define REGIONS_MAX 40

static void
fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static struct capability *
load(const char *templates)
{
	AUTO_FREE char *path = xasprintf("%s/linux_vm/capability.toml", templates);
	struct faults faults = { 0 };
	struct doc doc;
	struct err e = { 0 };

	if (doc_read(path, 1024 * 1024, &doc, &e) < 0)
		fail(e.msg);
	struct capability *c = capability_parse(&doc, NULL, &faults);
	if (c == NULL)
		fail(faults.list.v[0]);
	return c;
}

/* The I-th of many: another size, region, disk and count. */
static void
make_objective(struct objective *o, const struct capability *c, const struct vm_prices *sizes,
    const struct vm_prices *regions, size_t i)
{
	static const char *const disks[] = { "Standard_LRS", "StandardSSD_LRS", "Premium_LRS" };
	size_t n_regions = regions->len < REGIONS_MAX ? regions->len : REGIONS_MAX;

	objective_init(o);
	o->name = xstrdup("it");
	o->capability = xstrdup(c->name);
	o->region = xstrdup(regions->v[i % n_regions].region);
	o->parameters = cJSON_CreateObject();
	json_add_str(o->parameters, "size", sizes->v[i / n_regions % sizes->len].size);
	json_add_str(o->parameters, "image", "debian-12");
	json_add_str(o->parameters, "os_disk_type", disks[i % COUNT_OF(disks)]);
	json_add_int(o->parameters, "count", (int64_t)(1 + i % 100));
	json_add_int(o->parameters, "os_disk_size_gb", (int64_t)(30 + i % 4000));
	json_add_int(o->parameters, "egress_gb", (int64_t)(i % 20000));
	json_add_bool(o->parameters, "public_ip", i % 2 == 0);
}

int
main(int argc, char **argv)
{
	size_t n = argc > 3 ? strtoul(argv[3], NULL, 10) : 10000, unpriced = 0, concluded = 0;
	CLEANUP(vm_prices_clear) struct vm_prices sizes = { 0 }, regions = { 0 };
	struct amounts total = { 0 };
	struct err e = { 0 };
	char text[MONEY_TEXT_SIZE];

	if (argc < 3 || n == 0)
		fail("usage: estimate PRICES TEMPLATES [COUNT]");
	struct book *book = book_open(argv[1], &e);
	if (book == NULL)
		fail(e.msg);
	struct capability *c = load(argv[2]);
	struct book_search all = { .text = "Standard_", .region = "eastus", .limit = 2000 };
	CLEANUP(meter_prices_clear) struct meter_prices none = { 0 };
	bool more;
	if (book_search(book, &all, &sizes, &none, &more, &e) < 0 ||
	    book_vm_regions(book, "Standard_D2s_v5", VM_LINUX, VM_ON_DEMAND, &regions, &e) < 0)
		fail(e.msg);
	struct objective *v = xcalloc(n, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		make_objective(&v[i], c, &sizes, &regions, i);

	double begin = now_ms();
	struct estimator *r = estimator_new(book);
	for (size_t i = 0; i < n; i++) {
		struct estimate estimate;

		if (estimate_make(r, c, &v[i], &estimate, &e) < 0 ||
		    amounts_add(&total, &estimate.monthly, &e) < 0)
			fail(e.msg);
		unpriced += estimate.unpriced;
		concluded += estimate.confidence == ESTIMATE_RATIO;
		estimate_clear(&estimate);
	}
	estimator_free(r);
	double took = (now_ms() - begin) / 1e3;

	printf("%zu estimates of %zu sizes in %zu regions: %.3f s (goal: %.0f for 10000)\n", n,
	    sizes.len, regions.len < REGIONS_MAX ? regions.len : (size_t)REGIONS_MAX, took, GOAL_S);
	printf("%zu with a ratio, %zu unpriced, %s USD a month in all\n", concluded, unpriced,
	    money_format_people(total.expected, text));
	for (size_t i = 0; i < n; i++)
		objective_clear(&v[i]);
	free(v);
	capability_free(c);
	book_close(book);
	return took * 10000 / (double)n <= GOAL_S ? 0 : 1;
}
