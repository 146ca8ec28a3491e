/*
 * Other sizes of a machine. Those of the same family are tried first, then those
 * that have at least half the memory, and none is larger than what is asked for:
 * that would be another machine, not a cheaper one.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "core/suggest.h"
#include "pricing/alternatives_change.h"

/*
 * Behind the capitals of a series small letters tell what is special, "p" that
 * the processor is an ARM one, which cannot run the images of others:
 * https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions
 */
static bool
is_arm(const char *family)
{
	const char *at = strchr(family, '_');

	if (at == NULL)
		return false;
	do
		at++;
	while (isupper((unsigned char)*at));
	while (islower((unsigned char)*at) && *at != 'p')
		at++;
	return *at == 'p';
}

struct sold {
	struct vm_prices list; /* that are sold in the region */
	struct vm_price asked; /* there or elsewhere */
	bool is_known;
};

/* The machine that is asked for, as the book describes it. */
static int
find_asked(struct finder *f, const struct estimate_item *item, enum vm_os os, enum vm_market market,
    struct sold *sizes, struct err *e)
{
	CLEANUP(vm_prices_clear) struct vm_prices elsewhere = { 0 };
	const char *size = item->texts[COST_VM];
	struct err why = { 0 };

	if (size == NULL)
		return 0;
	if (book_vm(f->book, size, item->texts[COST_REGION], os, market, &sizes->asked, &why) ==
	    0) {
		sizes->is_known = true;
		return 0;
	}
	if (why.kind != ERR_NOT_FOUND) {
		*e = why;
		return -1;
	}
	if (book_vm_regions(f->book, size, os, market, &elsewhere, e) < 0)
		return -1;
	if (elsewhere.len > 0) {
		sizes->asked = elsewhere.v[0];
		sizes->is_known = true;
	}
	return 0;
}

static bool
is_like(const struct vm_price *asked, const struct vm_price *other)
{
	if (strcmp(asked->gpu, other->gpu) != 0 || is_arm(asked->family) != is_arm(other->family))
		return false;
	return asked->vcpus == 0 || (other->vcpus > 0 && other->vcpus <= asked->vcpus);
}

/* Where it is not known, nothing speaks against it. */
static bool
has_memory(const struct vm_price *asked, const struct vm_price *other)
{
	return other->memory_gib == 0 || other->memory_gib >= asked->memory_gib / 2;
}

enum kinship { KIN_FAMILY, KIN_MEMORY, KIN_ANY };

static bool
is_kin(const struct vm_price *asked, const struct vm_price *other, enum kinship kinship)
{
	switch (kinship) {
	case KIN_FAMILY:
		return strcasecmp(other->family, asked->family) == 0;
	case KIN_MEMORY:
		return has_memory(asked, other);
	case KIN_ANY:
		break;
	}
	return true;
}

static int
choose_kin(struct finder *f, const char *name, const struct sold *sizes, enum kinship kinship,
    struct err *e)
{
	const struct vm_price *asked = &sizes->asked;
	CLEANUP(changes_clear)
	struct changes list = {
		.kind = ALTERNATIVE_SIZE,
		.name = name,
		.asked = { asked->vcpus, asked->memory_gib },
	};

	for (size_t i = 0; i < sizes->list.len; i++) {
		const struct vm_price *vm = &sizes->list.v[i];

		if (strcasecmp(vm->size, asked->size) != 0 && is_like(asked, vm) &&
		    is_kin(asked, vm, kinship))
			changes_add_size(&list, vm);
	}
	return finder_choose(f, &list, e);
}

/* The nearest kin of which one would do. */
static int
choose_like(struct finder *f, const char *name, const struct sold *sizes, struct err *e)
{
	int rc = 0;

	for (enum kinship kinship = KIN_FAMILY; kinship <= KIN_ANY && rc == 0; kinship++)
		rc = choose_kin(f, name, sizes, kinship, e);
	return rc;
}

/* What all names begin with tells nothing of how alike two of them are. */
static const char *
telling_part(const char *size)
{
	static const char beginning[] = "Standard_";
	size_t len = sizeof(beginning) - 1;

	return strncasecmp(size, beginning, len) == 0 ? size + len : size;
}

/* A size that nobody sells may be a slip of the fingers. */
static int
choose_by_name(
    struct finder *f, const char *name, const char *size, const struct sold *sizes, struct err *e)
{
	CLEANUP(changes_clear)
	struct changes list = { .kind = ALTERNATIVE_SIZE, .name = name, .by_name = true };
	struct suggest near;

	suggest_init(&near, telling_part(size));
	for (size_t i = 0; i < sizes->list.len; i++)
		suggest_offer(&near, telling_part(sizes->list.v[i].size));
	for (size_t i = 0; i < sizes->list.len; i++)
		if (telling_part(sizes->list.v[i].size) == suggest_best(&near))
			changes_add_size(&list, &sizes->list.v[i]);
	return finder_choose(f, &list, e);
}

static int
choose_size(struct finder *f, const char *name, const struct estimate_item *item, struct err *e)
{
	enum vm_market market = item->spot ? VM_SPOT : VM_ON_DEMAND;
	const char *region = item->texts[COST_REGION], *size = item->texts[COST_VM];
	struct sold sizes = { 0 };
	enum vm_os os = VM_LINUX;
	int rc = 0;

	while (os < VM_OSES && strcmp(item->texts[COST_OS], vm_os_name(os)) != 0)
		os++;
	if (os == VM_OSES)
		return 0;
	if (book_vm_region(f->book, region, os, market, &sizes.list, e) < 0 ||
	    find_asked(f, item, os, market, &sizes, e) < 0)
		rc = -1;
	else if (!sizes.is_known)
		rc = choose_by_name(f, name, size, &sizes, e);
	else
		rc = choose_like(f, name, &sizes, e);
	vm_prices_clear(&sizes.list);
	return rc < 0 ? -1 : 0;
}

int
finder_try_sizes(
    struct finder *f, const struct cost_row *row, const struct estimate_item *item, struct err *e)
{
	const struct parameter *p = capability_row_size(f->c, row);

	if (p == NULL || p->type != VALUE_STRING || strv_has(&f->seen, p->name) ||
	    item->texts[COST_OS] == NULL || item->texts[COST_REGION] == NULL ||
	    item->texts[COST_VM] == NULL)
		return 0;
	strv_add(&f->seen, p->name);
	return choose_size(f, p->name, item, e);
}
