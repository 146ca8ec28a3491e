/* The machine is found by the capability's [[cost]] rows, as the estimate finds it. */
#include "config.h"

#include "pricing/sizes.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "pricing/estimate_item.h"

static enum vm_os
os_of(const struct estimate_item *item)
{
	enum vm_os os = VM_LINUX;

	while (os < VM_OSES && strcmp(item->texts[COST_OS], vm_os_name(os)) != 0)
		os++;
	return os;
}

static money_t
distance(const struct vm_price *vm, money_t from)
{
	return vm->hourly > from ? vm->hourly - from : from - vm->hourly;
}

/* The list is sorted by price, so what is farthest stands at one of its ends. */
static void
keep_closest(struct vm_prices *list, money_t price, size_t max)
{
	while (list->len > max) {
		bool first =
		    distance(&list->v[0], price) > distance(&list->v[list->len - 1], price);

		list->len--;
		if (first)
			memmove(list->v, list->v + 1, list->len * sizeof(*list->v));
	}
}

static void
leave_out(struct vm_prices *list, const char *size)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->len; i++)
		if (strcasecmp(list->v[i].size, size) != 0)
			list->v[kept++] = list->v[i];
	list->len = kept;
}

/* What is asked for may be sold nowhere: then the cheapest are as good as any. */
static int
price_of(struct book *b, const struct estimate_item *item, enum vm_os os, enum vm_market market,
    money_t *price, struct err *e)
{
	struct vm_price asked;
	struct err why = { 0 };

	*price = 0;
	if (book_vm(b, item->texts[COST_VM], item->texts[COST_REGION], os, market, &asked, &why) ==
	    0)
		*price = asked.hourly;
	else if (why.kind != ERR_NOT_FOUND)
		return err_set(e, why.kind, "%s", why.msg);
	return 0;
}

static int
find_of_item(
    struct book *b, const struct estimate_item *item, size_t max, struct sizes *out, struct err *e)
{
	enum vm_market market = item->spot ? VM_SPOT : VM_ON_DEMAND;
	char family[BOOK_SIZE_MAX];
	enum vm_os os = os_of(item);
	money_t price;

	if (os == VM_OSES)
		return 0;
	snprintf(out->asked, sizeof(out->asked), "%s", item->texts[COST_VM]);
	vm_family(out->asked, family);
	if (price_of(b, item, os, market, &price, e) < 0 ||
	    book_vm_family(b, family, item->texts[COST_REGION], os, market, &out->list, e) < 0)
		return -1;
	leave_out(&out->list, out->asked);
	keep_closest(&out->list, price, max);
	return 0;
}

int
sizes_find(struct book *b, const struct capability *c, const struct objective *o, size_t max,
    struct sizes *out, struct err *e)
{
	*out = (struct sizes){ .parameter = NULL };
	for (size_t i = 0; i < c->cost.n_rows; i++) {
		CLEANUP(estimate_item_clear) struct estimate_item item;
		const struct parameter *p = capability_row_size(c, &c->cost.rows[i]);

		if (estimate_item_fill(&item, &c->cost.rows[i], c, o, e) < 0)
			return -1;
		if (p == NULL || !item.applies || item.texts[COST_VM] == NULL ||
		    item.texts[COST_OS] == NULL || item.texts[COST_REGION] == NULL)
			continue;
		out->parameter = p->name;
		return find_of_item(b, &item, max, out, e);
	}
	return 0;
}

void
sizes_clear(struct sizes *s)
{
	vm_prices_clear(&s->list);
	*s = (struct sizes){ .parameter = NULL };
}
