/* Look-ups of virtual machines. */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pricing/reader.h"

const char *
vm_os_name(enum vm_os os)
{
	static const char *const names[VM_OSES] = { "linux", "windows" };

	assert(os < VM_OSES);
	return names[os];
}

const char *
vm_market_name(enum vm_market market)
{
	static const char *const names[VM_MARKETS] = { "on-demand", "spot" };

	assert(market < VM_MARKETS);
	return names[market];
}

void
vm_prices_clear(struct vm_prices *list)
{
	free(list->v);
	memset(list, 0, sizeof(*list));
}

static int
vm_of(struct book *b, sqlite3_stmt *stmt, struct vm_price *out, struct err *e)
{
	int kind = sqlite3_column_int(stmt, 3);

	memset(out, 0, sizeof(*out));
	book_column_copy(stmt, 0, out->size, sizeof(out->size));
	book_column_copy(stmt, 1, out->region, sizeof(out->region));
	book_column_copy(stmt, 2, out->family, sizeof(out->family));
	out->hourly = sqlite3_column_int64(stmt, 4);
	out->vcpus = sqlite3_column_int64(stmt, 5);
	out->memory_gib = sqlite3_column_int64(stmt, 6);
	book_column_copy(stmt, 7, out->gpu, sizeof(out->gpu));
	out->gpus = sqlite3_column_int64(stmt, 8);
	if (kind < 0 || kind >= VM_OSES * VM_MARKETS || out->hourly <= 0)
		return err_set(e, ERR_CORRUPT, "%s is damaged: a price of %s makes no sense",
		    b->path, out->size);
	out->os = (enum vm_os)(kind / VM_MARKETS);
	out->market = (enum vm_market)(kind % VM_MARKETS);
	return book_source_of(b, stmt, 9, &out->source, e);
}

static struct vm_price *
vm_slot(struct vm_prices *list)
{
	if (list->len == list->cap) {
		list->cap = list->cap == 0 ? 16 : list->cap * 2;
		list->v = xrealloc(list->v, list->cap, sizeof(*list->v));
	}
	return &list->v[list->len++];
}

int
vm_prices_add(struct book *b, sqlite3_stmt *stmt, struct vm_prices *list, struct err *e)
{
	struct vm_price price;

	if (vm_of(b, stmt, &price, e) < 0)
		return -1;
	*vm_slot(list) = price;
	return 0;
}

static int
vm_list(struct book *b, sqlite3_stmt *stmt, struct vm_prices *out, struct err *e)
{
	int rc;

	while ((rc = book_step(b, stmt, e)) == 1) {
		if (vm_prices_add(b, stmt, out, e) < 0)
			return -1;
	}
	return rc;
}

static bool
exists(struct book *b, enum sql which, const char *name)
{
	AUTO_STMT stmt = book_start(b, which, NULL);

	if (stmt == NULL)
		return false;
	book_bind(stmt, 1, name);
	return book_step(b, stmt, NULL) == 1;
}

static int
vm_unknown(struct book *b, const char *size, const char *region, enum vm_os os,
    enum vm_market market, struct err *e)
{
	if (!exists(b, SQL_SIZE_EXISTS, size))
		return err_set(
		    e, ERR_NOT_FOUND, "no price is known for the VM size \"%.80s\"", size);
	if (!exists(b, SQL_REGION_EXISTS, region))
		return err_set(
		    e, ERR_NOT_FOUND, "no prices are known for the region \"%.80s\"", region);
	return err_set(e, ERR_NOT_FOUND, "no %s %s price is known for %.80s in %.80s",
	    vm_market_name(market), vm_os_name(os), size, region);
}

int
book_vm(struct book *b, const char *size, const char *region, enum vm_os os, enum vm_market market,
    struct vm_price *out, struct err *e)
{
	AUTO_STMT stmt = book_start(b, SQL_VM, e);
	int rc;

	if (stmt == NULL)
		return -1;
	book_bind(stmt, 1, size);
	book_bind(stmt, 2, region);
	sqlite3_bind_int(stmt, 3, BOOK_KIND(os, market));
	rc = book_step(b, stmt, e);
	if (rc == 0)
		return vm_unknown(b, size, region, os, market, e);
	return rc < 0 ? -1 : vm_of(b, stmt, out, e);
}

int
book_vm_regions(struct book *b, const char *size, enum vm_os os, enum vm_market market,
    struct vm_prices *out, struct err *e)
{
	AUTO_STMT stmt = book_start(b, SQL_VM_REGIONS, e);

	if (stmt == NULL)
		return -1;
	book_bind(stmt, 1, size);
	sqlite3_bind_int(stmt, 2, BOOK_KIND(os, market));
	return vm_list(b, stmt, out, e);
}

int
book_vm_family(struct book *b, const char *family, const char *region, enum vm_os os,
    enum vm_market market, struct vm_prices *out, struct err *e)
{
	AUTO_STMT stmt = book_start(b, SQL_VM_FAMILY, e);

	if (stmt == NULL)
		return -1;
	book_bind(stmt, 1, family);
	book_bind(stmt, 2, region);
	sqlite3_bind_int(stmt, 3, BOOK_KIND(os, market));
	return vm_list(b, stmt, out, e);
}

int
book_vm_region(struct book *b, const char *region, enum vm_os os, enum vm_market market,
    struct vm_prices *out, struct err *e)
{
	AUTO_STMT stmt = book_start(b, SQL_VM_REGION, e);

	if (stmt == NULL)
		return -1;
	book_bind(stmt, 1, region);
	sqlite3_bind_int(stmt, 2, BOOK_KIND(os, market));
	return vm_list(b, stmt, out, e);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Of "Standard_E8-4s_v5" leaves out "8-4": the first digits behind letters, and what a hyphen adds. */
void
vm_family(const char *size, char out[static BOOK_SIZE_MAX])
{
	const char *underscore = strchr(size, '_');
	const char *at = underscore != NULL ? underscore + 1 : size;
	size_t front, end;

	while (*at != '\0' && !is_digit(*at) && *at != '_')
		at++;
	front = (size_t)(at - size);
	while (is_digit(*at))
		at++;
	if (*at == '-' && is_digit(at[1])) {
		at++;
		while (is_digit(*at))
			at++;
	}
	end = (size_t)(at - size);
	snprintf(out, BOOK_SIZE_MAX, "%.*s%s", (int)front, size, size + end);
}
