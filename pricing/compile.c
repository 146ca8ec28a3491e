/*
 * Makes prices.db of the CSV files in pricing/data, while the program is built:
 *
 *	compile FOLDER PRICES.DB
 *
 * Every row is checked: a price of nothing, of no known source, for a unit that
 * nobody understands or twice for the same thing ends the build with its line.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/strv.h"
#include "pricing/book_writer.h"
#include "pricing/csv.h"

#define CSV_BYTES_MAX (64u * 1024 * 1024)
#define PARTS_MAX 64
#define BOOK_MODE 0644

/* Rows of sources.csv: what a part of the data is and where it comes from. */
struct part {
	char name[32];
	int64_t source;
};

struct compiler {
	struct book_writer *writer;
	const char *folder;
	struct part parts[PARTS_MAX];
	size_t n_parts;
};

static int
is_date(const char *text)
{
	char full[CLOCK_TEXT_SIZE];
	int64_t ms;

	snprintf(full, sizeof(full), "%.20sT00:00:00Z", text);
	return strlen(text) == strlen("2026-08-01") && clock_parse(full, &ms, NULL) == 0;
}

static int
take_source(struct compiler *c, char *const *f, struct err *e)
{
	struct part *part = &c->parts[c->n_parts];

	if (c->n_parts == PARTS_MAX)
		return err_set(e, ERR_INPUT, "more than %d parts", PARTS_MAX);
	if (*f[0] == '\0' || strlen(f[0]) >= sizeof(part->name))
		return err_set(e, ERR_INPUT, "\"%.40s\" is no name of a part", f[0]);
	for (size_t i = 0; i < c->n_parts; i++) {
		if (strcmp(c->parts[i].name, f[0]) == 0)
			return err_set(e, ERR_INPUT, "the part %s stands there already", f[0]);
	}
	if (!is_date(f[1]))
		return err_set(e, ERR_INPUT, "\"%.40s\" is no day such as 2026-08-01", f[1]);
	if (*f[2] == '\0' || *f[3] == '\0')
		return err_set(e, ERR_INPUT, "the source of %s is not described", f[0]);
	snprintf(part->name, sizeof(part->name), "%s", f[0]);
	c->n_parts++;
	return book_writer_source(c->writer, f[1], f[2], f[3], &part->source, e);
}

static int
find_part(const struct compiler *c, const char *name, int64_t *source, struct err *e)
{
	for (size_t i = 0; i < c->n_parts; i++) {
		if (strcmp(c->parts[i].name, name) == 0) {
			*source = c->parts[i].source;
			return 0;
		}
	}
	return err_set(e, ERR_INPUT, "\"%.40s\" is no part of sources.csv", name);
}

/* "westeurope", "Global", "Zone 1". */
static int
check_region(const char *region, struct err *e)
{
	size_t len = 0;

	while (isalnum((unsigned char)region[len]) || (len > 0 && region[len] == ' '))
		len++;
	if (len == 0 || region[len] != '\0')
		return err_set(e, ERR_INPUT, "\"%.40s\" is no region", region);
	return 0;
}

/* Empty: not known, which is 0. */
static int
take_quantity(const char *what, const char *text, decimal_t *out, struct err *e)
{
	struct err why;

	*out = 0;
	if (*text == '\0')
		return 0;
	if (decimal_parse(text, out, &why) < 0)
		return err_set(e, ERR_INPUT, "%s: %s", what, why.msg);
	return *out > 0 ? 0 : err_set(e, ERR_INPUT, "%s must be above 0, or be left out", what);
}

static int
take_price(const char *text, money_t *out, struct err *e)
{
	struct err why;

	if (money_parse(text, out, &why) < 0)
		return err_set(e, ERR_INPUT, "price: %s", why.msg);
	return 0;
}

static int
take_size(struct compiler *c, char *const *f, struct err *e)
{
	struct vm_shape shape = { .gpu = f[3] };

	if (take_quantity("vcpus", f[1], &shape.vcpus, e) < 0 ||
	    take_quantity("memory_gib", f[2], &shape.memory_gib, e) < 0 ||
	    take_quantity("gpus", f[4], &shape.gpus, e) < 0)
		return -1;
	return book_writer_size(c->writer, f[0], &shape, e);
}

static int
take_vm(struct compiler *c, char *const *f, struct err *e)
{
	int os = 0, market = 0;
	int64_t source = 0;
	money_t price = 0;

	while (os < VM_OSES && strcmp(f[2], vm_os_name((enum vm_os)os)) != 0)
		os++;
	while (market < VM_MARKETS && strcmp(f[3], vm_market_name((enum vm_market)market)) != 0)
		market++;
	if (os == VM_OSES)
		return err_set(e, ERR_INPUT, "\"%.40s\" is neither linux nor windows", f[2]);
	if (market == VM_MARKETS)
		return err_set(e, ERR_INPUT, "\"%.40s\" is neither on-demand nor spot", f[3]);
	if (check_region(f[1], e) < 0 || take_price(f[4], &price, e) < 0 ||
	    find_part(c, f[5], &source, e) < 0)
		return -1;
	return book_writer_vm(
	    c->writer, f[0], f[1], (enum vm_os)os, (enum vm_market)market, price, source, e);
}

static int
take_meter(struct compiler *c, char *const *f, struct err *e)
{
	const struct meter_key key = { f[0], f[1], f[2], f[3], f[4], f[5] };
	decimal_t from = 0;
	struct unit unit;
	struct err why;
	int64_t source = 0;
	money_t price = 0;

	if (unit_parse(key.unit, &unit, &why) < 0)
		return err_set(e, ERR_INPUT, "%s", why.msg);
	if (decimal_parse(f[6], &from, &why) < 0)
		return err_set(e, ERR_INPUT, "tier_from: %s", why.msg);
	if (check_region(key.region, e) < 0 || take_price(f[7], &price, e) < 0 ||
	    find_part(c, f[8], &source, e) < 0)
		return -1;
	return book_writer_meter(c->writer, &key, from, price, source, e);
}

/* In this order: later ones refer to earlier ones. */
static const struct {
	const char *file, *columns;
	size_t n_columns;
	int (*row)(struct compiler *c, char *const *fields, struct err *e);
} files[] = {
	{ "sources.csv", "part,as_of,name,about", 4, take_source },
	{ "azure_vm_sizes.csv", "size,vcpus,memory_gib,gpu,gpus", 5, take_size },
	{ "azure_vm.csv", "size,region,os,market,usd_per_hour,part", 6, take_vm },
	{ "azure_other.csv", "service,product,sku,meter,region,unit,tier_from,usd_per_unit,part", 9,
	    take_meter },
};

static int
take_file(struct compiler *c, size_t i, struct err *e)
{
	AUTO_FREE char *path = file_join(c->folder, files[i].file);
	CLEANUP(buf_clear) struct buf text = BUF_INIT(CSV_BYTES_MAX);
	AUTO_FREE struct csv *csv = xcalloc(1, sizeof(*csv));
	int rc;

	if (file_read(path, CSV_BYTES_MAX, &text, e) < 0)
		return -1;
	csv_init(csv, path, &text);
	if (csv_header(csv, files[i].columns, e) < 0)
		return -1;
	while ((rc = csv_next(csv, e)) == 1) {
		struct err why = { 0 };

		if (csv->n != files[i].n_columns)
			return csv_fault(csv, e, "%zu fields, not %zu", csv->n, files[i].n_columns);
		if (files[i].row(c, csv->fields, &why) < 0)
			return csv_fault(csv, e, "%s", why.msg);
	}
	return rc;
}

static int
compile(const char *folder, const char *path, struct err *e)
{
	struct compiler c = { .folder = folder };
	CLEANUP(book_writer_free_cleanup)
	struct book_writer *writer = book_writer_new(path, "USD", e);

	if (writer == NULL)
		return -1;
	c.writer = writer;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		if (take_file(&c, i, e) < 0)
			return -1;
	}
	return book_writer_finish(writer, BOOK_MODE, e);
}

int
main(int argc, char **argv)
{
	struct err e = { 0 };

	if (argc != 3) {
		fputs("usage: compile FOLDER PRICES.DB\n", stderr);
		return EXIT_FAILURE;
	}
	if (compile(argv[1], argv[2], &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
