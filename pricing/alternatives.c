/* Which changes there are, row by row of what an objective costs. */
#include "config.h"

#include "pricing/alternatives.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "pricing/alternatives_change.h"

static const char region_word[] = "region";

static const char *const kind_names[ALTERNATIVE_KINDS] = {
	[ALTERNATIVE_SIZE] = "size",
	[ALTERNATIVE_FEWER] = "fewer",
	[ALTERNATIVE_REGION] = region_word,
};

const char *
alternative_kind_name(enum alternative_kind kind)
{
	return kind_names[kind];
}

/* ---- fewer ---- */

static int
try_number(struct finder *f, const struct parameter *p, int64_t asked, struct err *e)
{
	CLEANUP(changes_clear)
	struct changes list = { .kind = ALTERNATIVE_FEWER, .name = p->name };
	/* None of what is wanted is no alternative. */
	int64_t least = p->has_min && p->min > 1 ? (int64_t)p->min : 1, step;

	if (asked <= least)
		return 0;
	step = (asked - least) / ALTERNATIVES_MAX + 1;
	for (int64_t n = least; n < asked; n += step)
		changes_add(&list, NULL, n);
	return finder_choose(f, &list, e) < 0 ? -1 : 0;
}

static int
try_fewer(struct finder *f, const struct cost_row *row, struct err *e)
{
	for (size_t i = 0; i < row->quantity.n; i++) {
		const char *name = row->quantity.factors[i].parameter;
		const struct parameter *p = name != NULL ? capability_parameter(f->c, name) : NULL;
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(f->o->parameters, name);
		int64_t asked;

		if (p == NULL || p->type != VALUE_INTEGER || strv_has(&f->seen, name))
			continue;
		strv_add(&f->seen, name);
		if (!json_is_int(value != NULL ? value : p->default_value, &asked))
			continue;
		if (try_number(f, p, asked, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- regions ---- */

/* Zones and the like are no places that anything stands in. */
static bool
is_region(const char *name)
{
	return strcasecmp(name, BOOK_REGION_GLOBAL) != 0 && strchr(name, ' ') == NULL;
}

static void
add_region(const struct finder *f, struct changes *list, const char *region)
{
	if (!is_region(region) || strcasecmp(region, f->o->region) == 0)
		return;
	/* Of several units the same region comes again. */
	if (list->len == 0 || strcmp(list->v[list->len - 1].to, region) != 0)
		changes_add(list, region, 0);
}

static int
add_vm_regions(
    struct finder *f, const struct estimate_item *item, struct changes *list, struct err *e)
{
	CLEANUP(vm_prices_clear) struct vm_prices found = { 0 };

	for (enum vm_os os = VM_LINUX; os < VM_OSES; os++)
		if (strcmp(item->texts[COST_OS], vm_os_name(os)) == 0 &&
		    book_vm_regions(f->book, item->texts[COST_VM], os,
			item->spot ? VM_SPOT : VM_ON_DEMAND, &found, e) < 0)
			return -1;
	for (size_t i = 0; i < found.len; i++)
		add_region(f, list, found.v[i].region);
	return 0;
}

static int
add_meter_regions(
    struct finder *f, const struct estimate_item *item, struct changes *list, struct err *e)
{
	CLEANUP(meter_prices_clear) struct meter_prices found = { 0 };
	struct meter_key key = {
		.service = item->texts[COST_SERVICE],
		.product = item->texts[COST_PRODUCT],
		.sku = item->texts[COST_SKU],
		.meter = item->texts[COST_METER],
	};

	if (book_meter_regions(f->book, &key, &found, e) < 0)
		return -1;
	for (size_t i = 0; i < found.len; i++)
		add_region(f, list, found.v[i].region);
	return 0;
}

/* Those that sell what the row is about. The other rows are looked at with the estimate. */
static int
add_regions(struct finder *f, const struct cost_row *row, struct changes *list, struct err *e)
{
	CLEANUP(estimate_item_clear) struct estimate_item item;

	if (estimate_item_fill(&item, row, f->c, f->o, e) < 0)
		return -1;
	if (!item.applies || item.unknown != NULL ||
	    strcasecmp(item.texts[COST_REGION], f->o->region) != 0)
		return 0;
	return row->texts[COST_VM] != NULL ? add_vm_regions(f, &item, list, e)
					   : add_meter_regions(f, &item, list, e);
}

static int
try_regions(struct finder *f, struct err *e)
{
	CLEANUP(changes_clear)
	struct changes list = { .kind = ALTERNATIVE_REGION, .name = region_word };

	if (f->o->region == NULL || !f->c->needs_region)
		return 0;
	for (size_t i = 0; i < f->c->cost.n_rows && list.len == 0; i++)
		if (add_regions(f, &f->c->cost.rows[i], &list, e) < 0)
			return -1;
	return finder_choose(f, &list, e) < 0 ? -1 : 0;
}

/* ---- all of them ---- */

static int
dearest_first(const void *a, const void *b)
{
	const struct alternative *x = a, *y = b;

	if (x->monthly.high != y->monthly.high)
		return x->monthly.high > y->monthly.high ? -1 : 1;
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static int
try_row(struct finder *f, const struct cost_row *row, struct err *e)
{
	CLEANUP(estimate_item_clear) struct estimate_item item;

	if (estimate_item_fill(&item, row, f->c, f->o, e) < 0)
		return -1;
	if (!item.applies)
		return 0;
	return finder_try_sizes(f, row, &item, e) < 0 || try_fewer(f, row, e) < 0 ? -1 : 0;
}

static int
find_all(struct finder *f, struct err *e)
{
	if (estimate_make(f->estimator, f->c, f->o, &f->asked, e) < 0)
		return -1;
	for (size_t i = 0; i < f->c->cost.n_rows; i++)
		if (try_row(f, &f->c->cost.rows[i], e) < 0)
			return -1;
	return try_regions(f, e);
}

int
alternatives_find(struct estimator *r, struct book *book, const struct capability *c,
    const struct objective *o, money_t approved, alternative_would_do *would_do, void *data,
    struct alternatives *out, struct err *e)
{
	struct finder f = {
		.estimator = r,
		.book = book,
		.c = c,
		.o = o,
		.approved = approved,
		.would_do = would_do,
		.data = data,
		.out = out,
	};
	int rc;

	*out = (struct alternatives){ 0 };
	rc = find_all(&f, e);
	if (out->len > 0) {
		qsort(out->v, out->len, sizeof(*out->v), dearest_first);
		alternative_clear(&out->least);
	}
	estimate_clear(&f.asked);
	strv_clear(&f.seen);
	return rc;
}

void
alternatives_clear(struct alternatives *a)
{
	for (size_t i = 0; i < a->len; i++)
		alternative_clear(&a->v[i]);
	free(a->v);
	alternative_clear(&a->least);
	*a = (struct alternatives){ 0 };
}

static void
add_decimal(cJSON *json, const char *key, decimal_t quantity)
{
	char text[MONEY_TEXT_SIZE];

	if (quantity > 0)
		json_add_str(json, key, decimal_format(quantity, text));
}

static void
add_machine(cJSON *json, const char *key, const struct machine *machine)
{
	cJSON *object = cJSON_AddObjectToObject(json, key);

	add_decimal(object, "vcpus", machine->vcpus);
	add_decimal(object, "memory_gib", machine->memory_gib);
}

cJSON *
alternative_to_json(const struct alternative *a)
{
	cJSON *json = cJSON_CreateObject(), *machines;

	json_add_str(json, "kind", alternative_kind_name(a->kind));
	json_add_str(json, "name", a->name);
	json_add_str(json, "from", a->from);
	json_add_str(json, "to", a->to);
	cJSON_AddItemToObject(json, "monthly", amounts_to_json(&a->monthly));
	json_add_str(json, "confidence", estimate_confidence_name(a->confidence));
	if (a->kind != ALTERNATIVE_SIZE)
		return json;
	json_add_bool(json, "by_name", a->by_name);
	machines = cJSON_AddObjectToObject(json, "machine");
	add_machine(machines, "from", &a->from_machine);
	add_machine(machines, "to", &a->to_machine);
	return json;
}
