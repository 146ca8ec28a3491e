/* Filling in a [[cost]] row: words, texts, conditions and quantities. */
#include "config.h"

#include "pricing/estimate_item.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/placeholder.h"

#define ITEM_TEXT_MAX 256 /* bytes of a name in the price book */

struct filler {
	struct estimate_item *item;
	const struct cost_row *row;
	const struct capability *c;
	const struct objective *o;
	char number[32];
};

/* The first reason is the one that is told. */
static void unknown(struct filler *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
unknown(struct filler *f, const char *fmt, ...)
{
	va_list ap;

	if (f->item->unknown != NULL)
		return;
	va_start(ap, fmt);
	f->item->unknown = xvasprintf(fmt, ap);
	va_end(ap);
}

/*
 * The value as it was submitted; NULL if there is none. An objective that is
 * older than a parameter has the default of today: one that holds a placeholder
 * would have to be filled in, and no price depends on a name.
 */
static const cJSON *
given(const struct filler *f, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(f->o->parameters, name);
	const struct parameter *p = capability_parameter(f->c, name);
	struct placeholder found;

	if (value == NULL && p != NULL)
		value = p->default_value;
	if (value == NULL || cJSON_IsNull(value))
		return NULL;
	if (p != NULL && value == p->default_value && cJSON_IsString(value) &&
	    placeholder_next(value->valuestring, &found))
		return NULL;
	return value;
}

/* The same; NULL, and it is unknown, without one or with one that is known only later. */
static const cJSON *
value_of(struct filler *f, const char *name)
{
	const cJSON *value = given(f, name);

	if (value == NULL) {
		unknown(f, "parameter \"%s\" has no value", name);
		return NULL;
	}
	if (cJSON_IsString(value) && strstr(value->valuestring, "${") != NULL) {
		unknown(f, "parameter \"%s\" refers to an output, which is not known yet", name);
		return NULL;
	}
	return value;
}

static const char *
text_of(struct filler *f, const char *name)
{
	const cJSON *value;
	int64_t whole;

	if (strcmp(name, "region") == 0) {
		if (f->o->region == NULL)
			unknown(f, "the objective has no region");
		return f->o->region;
	}
	value = value_of(f, name);
	if (value == NULL)
		return NULL;
	if (cJSON_IsString(value))
		return value->valuestring;
	if (cJSON_IsBool(value))
		return cJSON_IsTrue(value) ? "true" : "false";
	if (json_is_int(value, &whole))
		snprintf(f->number, sizeof(f->number), "%" PRId64, whole);
	else if (cJSON_IsNumber(value))
		snprintf(f->number, sizeof(f->number), "%.15g", value->valuedouble);
	else
		return NULL;
	return f->number;
}

/* The entry that is TEXT, else the longest beginning ("Standard*") of it. */
static const char *
map_text(const cJSON *is, const char *text)
{
	const cJSON *entry, *best = NULL;
	size_t longest = 0;

	cJSON_ArrayForEach (entry, is) {
		size_t len = strlen(entry->string);

		if (strcmp(entry->string, text) == 0)
			return entry->valuestring;
		if (len == 0 || entry->string[len - 1] != '*' ||
		    strncmp(entry->string, text, len - 1) != 0 || len <= longest)
			continue;
		longest = len;
		best = entry;
	}
	return best != NULL ? best->valuestring : NULL;
}

static const char *
map_number(const cJSON *up_to, double number)
{
	const cJSON *entry;

	cJSON_ArrayForEach (entry, up_to)
		if (number <= entry->child->valuedouble)
			return entry->child->next->valuestring;
	return NULL;
}

static const char *
word_text(struct filler *f, const struct cost_word *w)
{
	const char *text = text_of(f, w->of), *mapped = NULL;
	const cJSON *number;

	if (text == NULL)
		return NULL;
	if (w->is != NULL)
		mapped = map_text(w->is, text);
	else if ((number = value_of(f, w->of)) != NULL && cJSON_IsNumber(number))
		mapped = map_number(w->up_to, number->valuedouble);
	if (mapped == NULL)
		unknown(f, "no price is known for %s \"%.80s\"", w->of, text);
	return mapped;
}

static const char *
find(void *data, const char *name)
{
	struct filler *f = data;
	const struct cost_word *w = cost_word(f->row, name);

	return w != NULL ? word_text(f, w) : text_of(f, name);
}

static void
fill_texts(struct filler *f)
{
	for (size_t i = 0; i < COST_TEXTS; i++) {
		struct buf out = BUF_INIT(ITEM_TEXT_MAX);
		char name[PLACEHOLDER_MAX + 1];

		if (f->row->texts[i] == NULL)
			continue;
		if (!placeholder_fill(f->row->texts[i], find, f, &out, name))
			unknown(f, "{%s} has no value", name);
		else if (buf_is_cut(&out))
			unknown(
			    f, "a name longer than %d bytes is in no price book", ITEM_TEXT_MAX);
		else
			f->item->texts[i] = buf_take(&out);
		buf_clear(&out);
	}
}

/* ---- conditions ---- */

/* An optional parameter that was not given is not true, and is none of the values. */
static bool
holds(struct filler *f, const struct cost_condition *c)
{
	const cJSON *value = given(f, c->parameter), *wanted;

	if (value == NULL)
		return false;
	/* Whether it applies shows only later: it has to be taken for one that does. */
	if (value_of(f, c->parameter) == NULL)
		return true;
	if (c->values == NULL)
		return cJSON_IsTrue(value);
	if (!cJSON_IsArray(c->values))
		return cJSON_Compare(c->values, value, true);
	cJSON_ArrayForEach (wanted, c->values)
		if (cJSON_Compare(wanted, value, true))
			return true;
	return false;
}

/* ---- quantities ---- */

static int
factor(struct filler *f, const struct cost_factor *factor, decimal_t *out, struct err *e)
{
	*out = factor->number;
	if (factor->parameter == NULL)
		return 0;
	const cJSON *value = value_of(f, factor->parameter);
	*out = 0;
	if (value == NULL)
		return 0;
	if (cJSON_IsNumber(value) && value->valuedouble < 0)
		return err_set(e, ERR_INPUT,
		    "parameter \"%s\" is %.15g: nothing can be bought less than 0 times",
		    factor->parameter, value->valuedouble);
	if (decimal_from_json(value, out, e) < 0)
		return err_in(e, "parameter \"%s\"", factor->parameter);
	return 0;
}

static int
product(struct filler *f, const struct cost_quantity *q, decimal_t *out, struct err *e)
{
	decimal_t all = DECIMAL_ONE, one;

	for (size_t i = 0; i < q->n; i++)
		if (factor(f, &q->factors[i], &one, e) < 0 || decimal_mul(all, one, &all, e) < 0)
			return -1;
	*out = all;
	return 0;
}

static int
bound(struct filler *f, const struct cost_quantity *q, decimal_t *out, struct err *e)
{
	switch (q->amount) {
	case COST_AMOUNT_SHARE:
		return decimal_mul(f->item->quantity, q->factors[0].number, out, e);
	case COST_AMOUNT_GIVEN:
		return product(f, q, out, e);
	case COST_AMOUNT_SAME:
		break;
	}
	*out = f->item->quantity;
	return 0;
}

static int
fill_quantities(struct filler *f, struct err *e)
{
	struct estimate_item *item = f->item;
	const struct cost_row *row = f->row;
	char number[MONEY_TEXT_SIZE], limit[MONEY_TEXT_SIZE];

	if (product(f, &row->quantity, &item->quantity, e) < 0 ||
	    bound(f, &row->low, &item->low, e) < 0 || bound(f, &row->high, &item->high, e) < 0 ||
	    product(f, &row->hours, &item->hours, e) < 0)
		return -1;
	if (item->unknown != NULL)
		return 0;
	decimal_format(item->quantity, number);
	if (item->low > item->quantity)
		return err_set(e, ERR_INPUT, "the low quantity %s is above the expected %s",
		    decimal_format(item->low, limit), number);
	if (item->high < item->quantity)
		return err_set(e, ERR_INPUT, "the high quantity %s is below the expected %s",
		    decimal_format(item->high, limit), number);
	if (item->hours > MONTH_HOURS_DECIMAL)
		return err_set(e, ERR_INPUT, "%s hours a month: a month has %d",
		    decimal_format(item->hours, number), MONTH_HOURS);
	return 0;
}

static void
fill_spot(struct filler *f)
{
	const char *name = f->row->spot_parameter;

	f->item->spot = f->row->spot;
	/* Not given is not asked for. */
	if (name != NULL)
		f->item->spot = given(f, name) != NULL && cJSON_IsTrue(value_of(f, name));
}

int
estimate_item_fill(struct estimate_item *item, const struct cost_row *row,
    const struct capability *c, const struct objective *o, struct err *e)
{
	struct filler f = { .item = item, .row = row, .c = c, .o = o };

	*item = (struct estimate_item){ .applies = true };
	for (size_t i = 0; i < row->n_when && item->applies; i++)
		item->applies = holds(&f, &row->when[i]);
	if (!item->applies) {
		free(item->unknown);
		item->unknown = NULL;
		return 0;
	}
	fill_texts(&f);
	fill_spot(&f);
	if (fill_quantities(&f, e) < 0)
		return err_in(e, "cost \"%s\"", row->name);
	return 0;
}

void
estimate_item_clear(struct estimate_item *item)
{
	for (size_t i = 0; i < COST_TEXTS; i++)
		free(item->texts[i]);
	free(item->unknown);
	*item = (struct estimate_item){ 0 };
}
