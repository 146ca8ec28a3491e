/*
 * Changes are estimated and sorted by what they cost at most. Then the dearest
 * that would do is found by halving: a lower amount keeps every limit that a
 * higher one keeps.
 */
#include "config.h"

#include "pricing/alternatives_change.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
changes_clear(struct changes *list)
{
	for (size_t i = 0; i < list->len; i++)
		free(list->v[i].to);
	free(list->v);
	list->v = NULL;
	list->len = list->cap = 0;
}

void
changes_add(struct changes *list, const char *to, int64_t number)
{
	if (list->len == ALTERNATIVES_MAX)
		return;
	list->v = xgrow(list->v, list->len, &list->cap, sizeof(*list->v));
	list->v[list->len] = (struct change){
		.to = to != NULL ? xstrdup(to) : xasprintf("%" PRId64, number),
		.number = number,
		.order = list->len,
	};
	list->len++;
}

void
changes_add_size(struct changes *list, const struct vm_price *vm)
{
	size_t len = list->len;

	changes_add(list, vm->size, 0);
	if (list->len > len)
		list->v[len].machine = (struct machine){ vm->vcpus, vm->memory_gib };
}

/* The objective with the change made: all but its parameters is borrowed. */
static struct objective
changed_start(const struct finder *f, const struct changes *list, const struct change *change)
{
	struct objective o = *f->o;

	o.parameters = cJSON_Duplicate(f->o->parameters, true);
	if (list->kind == ALTERNATIVE_REGION) {
		o.region = change->to;
		return o;
	}
	cJSON_DeleteItemFromObjectCaseSensitive(o.parameters, list->name);
	if (list->kind == ALTERNATIVE_FEWER)
		json_add_int(o.parameters, list->name, change->number);
	else
		json_add_str(o.parameters, list->name, change->to);
	return o;
}

static void
changed_end(struct objective *o)
{
	cJSON_Delete(o->parameters);
}

static bool
is_admitted_by_rules(const struct finder *f, const struct changes *list, const struct objective *o)
{
	const struct parameter *p = capability_parameter(f->c, list->name);
	CLEANUP(faults_clear) struct faults ignored = { 0 };

	if (list->kind == ALTERNATIVE_REGION)
		return true;
	return parameter_check(p, cJSON_GetObjectItemCaseSensitive(o->parameters, list->name), "",
		   &ignored) == 0;
}

/* A price that is known, for one that is to be replaced. */
static bool
is_cheap_enough(const struct finder *f, const struct changes *list, money_t monthly)
{
	money_t most;

	if (!f->asked.unpriced)
		return monthly < f->asked.monthly.high;
	if (f->approved == 0)
		return true;
	if (!list->by_name)
		return monthly < f->approved;
	return money_muldiv(f->approved, ALTERNATIVE_BY_NAME_TIMES, 1, &most, NULL) < 0 ||
	    monthly <= most;
}

/* 1: it has a price, and one that is below what is asked for; 0: no; -1 and an error. */
static int
price(struct finder *f, const struct changes *list, struct change *change, struct err *e)
{
	CLEANUP(changed_end) struct objective o = changed_start(f, list, change);
	CLEANUP(estimate_clear) struct estimate estimate = { 0 };
	struct err why = { 0 };

	if (!is_admitted_by_rules(f, list, &o))
		return 0;
	if (estimate_make(f->estimator, f->c, &o, &estimate, &why) < 0) {
		/* What does not fit into an amount is no alternative. */
		if (why.kind == ERR_INPUT)
			return 0;
		*e = why;
		return -1;
	}
	change->monthly = estimate.monthly;
	change->confidence = estimate.confidence;
	if (estimate.unpriced)
		return 0;
	return is_cheap_enough(f, list, estimate.monthly.high);
}

static int
by_amount(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	if (x->monthly.high != y->monthly.high)
		return x->monthly.high < y->monthly.high ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Only those stay that have a price; the cheapest first. */
static int
price_all(struct finder *f, struct changes *list, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->len; i++) {
		int rc = price(f, list, &list->v[i], e);

		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		struct change change = list->v[i];
		list->v[i] = list->v[kept];
		list->v[kept++] = change;
	}
	for (size_t i = kept; i < list->len; i++)
		free(list->v[i].to);
	list->len = kept;
	if (kept > 0)
		qsort(list->v, kept, sizeof(*list->v), by_amount);
	return 0;
}

static int
ask(struct finder *f, const struct changes *list, const struct change *change, struct err *e)
{
	CLEANUP(changed_end) struct objective o = changed_start(f, list, change);

	return f->would_do(f->data, &o, change->monthly.high, e);
}

/* How many of the list, from the cheapest, would do; -1 and an error. */
static int
count_good(struct finder *f, const struct changes *list, size_t *count, struct err *e)
{
	size_t low = 0, high = list->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int rc = ask(f, list, &list->v[middle], e);

		if (rc < 0)
			return -1;
		if (rc == 1)
			low = middle + 1;
		else
			high = middle;
	}
	*count = low;
	return 0;
}

/* ---- what is found ---- */

void
alternative_clear(struct alternative *a)
{
	free(a->name);
	free(a->from);
	free(a->to);
	*a = (struct alternative){ 0 };
}

static char *
present_value(const struct finder *f, const struct changes *list)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(f->o->parameters, list->name);
	const struct parameter *p = capability_parameter(f->c, list->name);

	if (list->kind == ALTERNATIVE_REGION)
		return xstrdup(f->o->region);
	if (value == NULL && p != NULL)
		value = p->default_value;
	return cJSON_IsString(value) ? xstrdup(value->valuestring)
	    : value != NULL          ? json_text(value)
				     : xstrdup("");
}

static struct alternative
make_alternative(const struct finder *f, const struct changes *list, const struct change *change)
{
	return (struct alternative){
		.kind = list->kind,
		.name = xstrdup(list->name),
		.from = present_value(f, list),
		.to = xstrdup(change->to),
		.by_name = list->by_name,
		.from_machine = list->asked,
		.to_machine = change->machine,
		.monthly = change->monthly,
		.confidence = change->confidence,
	};
}

static void
keep(struct finder *f, const struct changes *list, const struct change *change)
{
	struct alternatives *out = f->out;

	out->v = xrealloc(out->v, out->len + 1, sizeof(*out->v));
	out->v[out->len++] = make_alternative(f, list, change);
}

static void
keep_least(struct finder *f, const struct changes *list)
{
	struct alternative *least = &f->out->least;

	if (list->len == 0 ||
	    (least->name != NULL && least->monthly.high <= list->v[0].monthly.high))
		return;
	alternative_clear(least);
	*least = make_alternative(f, list, &list->v[0]);
}

int
finder_choose(struct finder *f, struct changes *list, struct err *e)
{
	size_t good;

	if (price_all(f, list, e) < 0 || count_good(f, list, &good, e) < 0)
		return -1;
	if (good == 0) {
		keep_least(f, list);
		return 0;
	}
	/* Nothing tells which region would be closest to a price that is not known. */
	if (list->kind == ALTERNATIVE_REGION && f->asked.unpriced)
		good = 1;
	keep(f, list, &list->v[good - 1]);
	return 1;
}
