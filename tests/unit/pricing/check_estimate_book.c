/*
 * The estimator with the price book that is installed: a list of 200 published
 * prices, and the capabilities that come with purser, in every region.
 */
#include <config.h>

#include <stdio.h>

#include "tests/unit/pricing/estimate.h"

#define VM                                                                                  \
	"[[cost]]\nname = \"vms\"\nvm = \"{size}\"\nos = \"{system}\"\nspot = \"{spot}\"\n" \
	"quantity = 1\n"

static struct book *book;
static struct estimator *estimator;

static char *
path(const char *variable, const char *name)
{
	const char *folder = getenv(variable);

	ck_assert_msg(folder != NULL, "%s is not set", variable);
	return xasprintf("%s/%s", folder, name);
}

static void
set_up(void)
{
	AUTO_FREE char *name = path("builddir", BOOK_NAME);
	struct err e = { 0 };

	book = book_open(name, &e);
	ck_assert_msg(book != NULL, "%s", e.msg);
	estimator = estimator_new(book);
}

static void
tear_down(void)
{
	estimator_free(estimator);
	book_close(book);
}

static void
estimate(
    const struct capability *c, const char *region, const char *parameters, struct estimate *out)
{
	struct err e = { 0 };
	struct objective o;

	wish(&o, region, parameters);
	ck_assert_msg(estimate_make(estimator, c, &o, out, &e) == 0, "%s", e.msg);
	objective_clear(&o);
}

struct row {
	char size[BOOK_SIZE_MAX], region[BOOK_REGION_MAX], os[16], market[16], hourly[32],
	    monthly[32];
};

static void
check_row(const struct capability *c, const struct row *row)
{
	AUTO_FREE char *parameters =
	    xasprintf("{\"size\": \"%s\", \"system\": \"%s\", \"spot\": %s}", row->size, row->os,
		strcmp(row->market, "spot") == 0 ? "true" : "false");
	struct estimate e;

	estimate(c, row->region, parameters, &e);
	ck_assert_msg(!e.unpriced, "%s in %s: %s", row->size, row->region, e.why);
	ck_assert_msg(e.confidence == ESTIMATE_EXACT, "%s in %s", row->size, row->region);
	ck_assert_msg(e.hourly.expected == usd(row->hourly), "%s in %s", row->size, row->region);
	ck_assert_msg(e.monthly.low == usd(row->monthly), "%s in %s", row->size, row->region);
	ck_assert_msg(e.monthly.expected == usd(row->monthly), "%s in %s", row->size, row->region);
	ck_assert_msg(e.monthly.high == usd(row->monthly), "%s in %s", row->size, row->region);
	ck_assert_str_eq(e.v[0].region, row->region);
	ck_assert_ptr_nonnull(e.v[0].source);
	estimate_clear(&e);
}

START_TEST(published_prices)
{
	AUTO_FREE char *name = path("srcdir", "tests/data/pricing/vm-200.csv");
	struct capability *c = box(VM);
	FILE *f = fopen(name, "re");
	char line[300];
	size_t count = 0;

	ck_assert_msg(f != NULL, "%s", name);
	while (fgets(line, sizeof(line), f) != NULL) {
		struct row row;

		if (*line == '#' || strncmp(line, "size,", 5) == 0)
			continue;
		ck_assert_msg(
		    sscanf(line, "%63[^,],%47[^,],%15[^,],%15[^,],%31[^,],%31[^\n]", row.size,
			row.region, row.os, row.market, row.hourly, row.monthly) == 6,
		    "%s", line);
		check_row(c, &row);
		count++;
	}
	fclose(f);
	ck_assert_uint_eq(count, 200);
	capability_free(c);
}
END_TEST

START_TEST(egress_of_200_tb)
{
	struct capability *c = box("[[cost]]\nname = \"egress\"\nservice = \"Bandwidth\"\n"
				   "product = \"Rtn Preference: MGN\"\nsku = \"Standard\"\n"
				   "meter = \"Standard Data Transfer Out\"\nquantity = \"{gb}\"\n");
	struct estimate e;

	estimate(c, "eastus", "{\"gb\": 204800}", &e);
	/* 100 free, 10235 at .087, 40960 at .083, 102400 at .07, 51105 at .05. */
	ck_assert_int_eq(e.monthly.expected, usd("14013.375"));
	ck_assert_int_eq(e.monthly.low, usd("14013.375"));
	/* The free 100 GB are the account's: the high amount pays for them. */
	ck_assert_int_eq(e.monthly.high, usd("14022.075"));
	estimate_clear(&e);

	/* The book has the meter in one region only. */
	estimate(c, "westeurope", "{\"gb\": 204800}", &e);
	ck_assert_int_eq(e.confidence, ESTIMATE_RATIO);
	ck_assert_str_eq(e.v[0].region, "eastus");
	ck_assert_msg(strstr(e.v[0].reason, "eastus's price times ") != NULL, "%s", e.v[0].reason);
	estimate_clear(&e);
	estimate(c, "atlantis", "{\"gb\": 204800}", &e);
	ck_assert(e.unpriced);
	estimate_clear(&e);
	capability_free(c);
}
END_TEST

START_TEST(no_wrong_machine)
{
	struct capability *c = box(VM);
	struct estimate linux_, windows, spot;

	estimate(c, "eastus", "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\"}", &linux_);
	estimate(c, "eastus", "{\"size\": \"Standard_D2s_v5\", \"system\": \"windows\"}", &windows);
	estimate(c, "eastus",
	    "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"spot\": true}", &spot);
	ck_assert_int_gt(windows.monthly.low, linux_.monthly.high);
	ck_assert_int_lt(spot.monthly.high, linux_.monthly.low);
	estimate_clear(&linux_);
	estimate_clear(&windows);
	estimate_clear(&spot);
	/* As small a machine as there is, and no more than its name is wrong. */
	estimate(c, "eastus", "{\"size\": \"Standard_B1ss\", \"system\": \"linux\"}", &linux_);
	ck_assert(linux_.unpriced);
	ck_assert_int_eq(linux_.monthly.high, 0);
	estimate_clear(&linux_);
	capability_free(c);
}
END_TEST

/* ---- the capabilities that are installed ---- */

static struct capability *
installed(const char *name)
{
	AUTO_FREE char *relative = xasprintf("%s/capability.toml", name);
	AUTO_FREE char *file = path("PURSER_TEMPLATES", relative);
	struct faults faults = { 0 };
	struct doc doc;
	struct err e = { 0 };

	ck_assert_msg(doc_read(file, 1024 * 1024, &doc, &e) == 0, "%s", e.msg);
	struct capability *c = capability_parse(&doc, NULL, &faults);
	ck_assert_msg(c != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	return c;
}

/* The defaults, and over them what a test says. */
static char *
parameters_of(const struct capability *c, const char *given)
{
	AUTO_JSON cJSON *all = cJSON_CreateObject();
	AUTO_JSON cJSON *wanted = json_parse(given, strlen(given), 1, NULL);
	const cJSON *value;

	for (size_t i = 0; i < c->n_parameters; i++)
		if (c->parameters[i].default_value != NULL &&
		    cJSON_GetObjectItemCaseSensitive(wanted, c->parameters[i].name) == NULL)
			cJSON_AddItemToObject(all, c->parameters[i].name,
			    cJSON_Duplicate(c->parameters[i].default_value, true));
	cJSON_ArrayForEach (value, wanted)
		cJSON_AddItemToObject(all, value->string, cJSON_Duplicate(value, true));
	return json_text(all);
}

static const struct {
	const char *capability, *region, *parameters;
	bool unpriced;
	const char *low, *expected, *high; /* NULL: any */
	const char *why;
} wishes[] = {
	{ "resource_group", "eastus", "{}", false, "0", "0", "0", NULL },
	{ "virtual_network", "eastus", "{}", false, "0", "0", "0", NULL },
	{ "linux_vm", "eastus2", "{\"size\": \"Standard_B2s\", \"count\": 2}", false, NULL, NULL,
	    NULL, NULL },
	{ "linux_vm", "eastus2",
	    "{\"size\": \"Standard_B2s\", \"os_disk_type\": \"Premium_LRS\", \"os_disk_size_gb\": 100, \"egress_gb\": 0}",
	    false, "48.288", "48.288", "48.288", NULL },
	{ "linux_vm", "eastus2",
	    "{\"size\": \"Standard_B2s\", \"os_disk_type\": \"Premium_LRS\", \"os_disk_size_gb\": 100, \"egress_gb\": 0, \"public_ip\": true}",
	    false, "51.938", "51.938", "51.938", NULL },
	{ "linux_vm", "eastus2", "{\"size\": \"Standard_Nope\"}", true, NULL, NULL, NULL,
	    "machines: " },
	{ "linux_vm", "eastus2", "{\"image\": \"redhat:rhel:9-lvm:latest\"}", true, NULL, NULL,
	    NULL, "machines: no price is known for image" },
	{ "linux_vm", "eastus2", "{\"image\": \"Canonical:ubuntu-24_04-lts:server:latest\"}", false,
	    NULL, NULL, NULL, NULL },
	{ "linux_vm", "eastus2", "{\"image\": \"Canonical:ubuntu-24_04-lts:ubuntu-pro:latest\"}",
	    true, NULL, NULL, NULL, "machines: " },
	{ "storage_account", "eastus2", "{\"capacity_gb\": 1000, \"egress_gb\": 0}", false, "0",
	    "18.94", "42.20", NULL },
	{ "storage_account", "eastus", "{}", false, NULL, NULL, NULL, NULL },
	{ "storage_account", "eastus2", "{\"kind\": \"Storage\"}", true, NULL, NULL, NULL,
	    "capacity: no price is known for kind \"Storage\"" },
	{ "storage_account", "eastus2", "{\"sku\": \"Premium_LRS\", \"kind\": \"StorageV2\"}", true,
	    NULL, NULL, NULL, "premium_capacity: no price is known for kind \"StorageV2\"" },
};

START_TEST(installed_capability)
{
	struct capability *c = installed(wishes[_i].capability);
	AUTO_FREE char *parameters = parameters_of(c, wishes[_i].parameters);
	struct estimate e;

	estimate(c, wishes[_i].region, parameters, &e);
	ck_assert_msg(e.unpriced == wishes[_i].unpriced, "%s", e.why ? e.why : "priced");
	if (wishes[_i].why != NULL)
		ck_assert_msg(
		    strncmp(e.why, wishes[_i].why, strlen(wishes[_i].why)) == 0, "%s", e.why);
	if (wishes[_i].low != NULL) {
		char text[MONEY_TEXT_SIZE];

		ck_assert_msg(
		    e.monthly.low == usd(wishes[_i].low), "%s", money_format(e.monthly.low, text));
		ck_assert_msg(e.monthly.expected == usd(wishes[_i].expected), "%s",
		    money_format(e.monthly.expected, text));
		ck_assert_msg(e.monthly.high == usd(wishes[_i].high), "%s",
		    money_format(e.monthly.high, text));
	}
	check_sums(&e);
	estimate_clear(&e);
	capability_free(c);
}
END_TEST

static const char *const skus[] = { "Standard_LRS", "Standard_ZRS", "Standard_GRS",
	"Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS", "Premium_LRS", "Premium_ZRS" };

/* Every kind of account that there is has a price where the book knows all meters. */
START_TEST(every_account)
{
	struct capability *c = installed("storage_account");
	bool premium = strncmp(skus[_i], "Premium", 7) == 0;

	for (int cool = 0; cool < 2; cool++) {
		AUTO_FREE char *given = xasprintf(
		    "{\"sku\": \"%s\", \"kind\": \"%s\", \"access_tier\": \"%s\", \"egress_gb\": 0}",
		    skus[_i], premium ? "BlockBlobStorage" : "StorageV2", cool ? "Cool" : "Hot");
		AUTO_FREE char *parameters = parameters_of(c, given);
		struct estimate e;

		estimate(c, "westeurope", parameters, &e);
		ck_assert_msg(!e.unpriced, "%s: %s", given, e.why);
		for (size_t i = 0; i < e.len; i++)
			ck_assert_msg(e.v[i].confidence == ESTIMATE_EXACT ||
				strcmp(e.v[i].name, "egress") == 0,
			    "%s: %s", given, e.v[i].reason);
		ck_assert_uint_eq(e.len, premium ? 4 : cool ? 5 : 4);
		estimate_clear(&e);
	}
	capability_free(c);
}
END_TEST

/* Nowhere is a default machine unpriced, or a disk of any kind and size not found. */
START_TEST(every_region)
{
	CLEANUP(vm_prices_clear) struct vm_prices regions = { 0 };
	struct capability *c = installed("linux_vm");
	struct err err = { 0 };

	ck_assert_int_eq(
	    book_vm_regions(book, "Standard_D2s_v5", VM_LINUX, VM_ON_DEMAND, &regions, &err), 0);
	ck_assert_uint_gt(regions.len, 50);
	for (size_t i = 0; i < regions.len; i++) {
		AUTO_FREE char *parameters = parameters_of(c,
		    "{\"size\": \"Standard_D2s_v5\", \"public_ip\": true, \"os_disk_size_gb\": 4095}");
		struct estimate e;

		estimate(c, regions.v[i].region, parameters, &e);
		ck_assert_msg(!e.unpriced, "%s: %s", regions.v[i].region, e.why);
		ck_assert_int_eq(e.v[0].confidence, ESTIMATE_EXACT);
		ck_assert_int_eq(e.v[1].confidence, ESTIMATE_EXACT);
		check_sums(&e);
		estimate_clear(&e);
	}
	capability_free(c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("estimate_book");
	TCase *tcase = tcase_create("estimate_book");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, published_prices);
	tcase_add_test(tcase, egress_of_200_tb);
	tcase_add_test(tcase, no_wrong_machine);
	tcase_add_loop_test(tcase, installed_capability, 0, COUNT_OF(wishes));
	tcase_add_loop_test(tcase, every_account, 0, COUNT_OF(skus));
	tcase_add_test(tcase, every_region);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
