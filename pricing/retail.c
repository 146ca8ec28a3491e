/*
 * Each row becomes a key (what it is a price of) and a price. After the last
 * page the rows are sorted by key, and of each key one row stays: the one that
 * is valid now.
 */
#include "config.h"

#include "pricing/retail.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "pricing/schema.h"

#define KEY_SEPARATOR '\x1f'
#define FIELDS_MAX 6
#define NEVER INT64_MAX

/* A row that may stay: of a virtual machine if kind is not negative, else of a meter. */
struct row {
	char *key; /* VM: size, region. Meter: service, product, sku, meter, region, unit */
	int kind;
	decimal_t tier;
	money_t price;
	int64_t start_ms, end_ms; /* 0, NEVER: not said */
	bool primary;
	size_t order; /* as it came, so that sorting leaves nothing to chance */
};

struct retail {
	struct retail_scope scope;
	struct row *rows;
	size_t len, cap, count;
	size_t dropped[RETAIL_DROPS];
};

static const char *const drop_texts[RETAIL_DROPS] = {
	[RETAIL_KEPT] = "kept",
	[RETAIL_TYPE] = "reservations and prices for developers",
	[RETAIL_PRODUCT] = "cloud services and dedicated hosts",
	[RETAIL_PRIORITY] = "low priority",
	[RETAIL_ZERO] = "not on sale",
	[RETAIL_ENDED] = "no longer valid",
	[RETAIL_COMING] = "not valid yet",
	[RETAIL_UNIT] = "of a unit that is not understood",
	[RETAIL_CURRENCY] = "in another currency",
	[RETAIL_AMBIGUOUS] = "ambiguous",
	[RETAIL_ODD] = "not understood",
};

const char *
retail_drop_text(enum retail_drop drop)
{
	assert(drop < RETAIL_DROPS);
	return drop_texts[drop];
}

struct retail *
retail_new(const struct retail_scope *scope)
{
	struct retail *r = xcalloc(1, sizeof(*r));

	r->scope = *scope;
	return r;
}

void
retail_free(struct retail *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->len; i++)
		free(r->rows[i].key);
	free(r->rows);
	free(r);
}

size_t
retail_count(const struct retail *r)
{
	return r->count;
}

/* ---- one row ---- */

static const char *
field(const cJSON *item, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(item, name);

	return cJSON_IsString(value) ? value->valuestring : "";
}

static bool
has_word(const char *text, const char *word)
{
	return strcasestr(text, word) != NULL;
}

static bool
in_sku_or_meter(const cJSON *item, const char *word)
{
	return has_word(field(item, "skuName"), word) || has_word(field(item, "meterName"), word);
}

/* What both kinds of rows must be. */
static enum retail_drop
read_common(const struct retail *r, const cJSON *item, struct row *row)
{
	const char *start = field(item, "effectiveStartDate"),
		   *end = field(item, "effectiveEndDate");
	const cJSON *tier = cJSON_GetObjectItemCaseSensitive(item, "tierMinimumUnits");

	if (strcmp(field(item, "type"), "Consumption") != 0)
		return *field(item, "type") == '\0' ? RETAIL_ODD : RETAIL_TYPE;
	if (strcmp(field(item, "currencyCode"), r->scope.currency) != 0)
		return RETAIL_CURRENCY;
	if (money_from_json(
		cJSON_GetObjectItemCaseSensitive(item, "retailPrice"), &row->price, NULL) < 0)
		return RETAIL_ODD;
	row->tier = 0;
	if (tier != NULL && decimal_from_json(tier, &row->tier, NULL) < 0)
		return RETAIL_ODD;
	row->start_ms = 0;
	row->end_ms = NEVER;
	if (*start != '\0' && clock_parse(start, &row->start_ms, NULL) < 0)
		return RETAIL_ODD;
	if (*end != '\0' && clock_parse(end, &row->end_ms, NULL) < 0)
		return RETAIL_ODD;
	if (row->end_ms <= r->scope.now_ms)
		return RETAIL_ENDED;
	row->primary = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "isPrimaryMeterRegion"));
	return RETAIL_KEPT;
}

/* The fields as one text; false if one is empty or holds the separator. */
static bool
make_key(struct row *row, const char *const *fields, size_t n)
{
	struct buf key = BUF_INIT(4096);

	for (size_t i = 0; i < n; i++) {
		if (*fields[i] == '\0' || strchr(fields[i], KEY_SEPARATOR) != NULL) {
			buf_clear(&key);
			return false;
		}
		if (i > 0)
			buf_addc(&key, KEY_SEPARATOR);
		buf_adds(&key, fields[i]);
	}
	row->key = buf_take(&key);
	return true;
}

static const char *
region_of(const cJSON *item)
{
	const char *region = field(item, "armRegionName");

	return *region != '\0' ? region : BOOK_REGION_GLOBAL;
}

static enum retail_drop
read_vm(const cJSON *item, struct row *row)
{
	const char *product = field(item, "productName"), *size = field(item, "armSkuName");
	const char *fields[] = { size, region_of(item) };
	enum vm_os os = has_word(product, "Windows") ? VM_WINDOWS : VM_LINUX;
	enum vm_market market = in_sku_or_meter(item, "Spot") ? VM_SPOT : VM_ON_DEMAND;

	if (has_word(product, "Cloud Services") || has_word(product, "CloudServices") ||
	    has_word(product, "Dedicated Host"))
		return RETAIL_PRODUCT;
	if (in_sku_or_meter(item, "Low Priority"))
		return RETAIL_PRIORITY;
	if (row->price == 0)
		return RETAIL_ZERO;
	if (strcmp(field(item, "unitOfMeasure"), "1 Hour") != 0)
		return RETAIL_UNIT;
	if (row->tier != 0 || strlen(size) >= BOOK_SIZE_MAX)
		return RETAIL_ODD;
	row->kind = BOOK_KIND(os, market);
	return make_key(row, fields, COUNT_OF(fields)) ? RETAIL_KEPT : RETAIL_ODD;
}

static enum retail_drop
read_meter(const cJSON *item, struct row *row)
{
	const char *fields[FIELDS_MAX] = {
		field(item, "serviceName"),
		field(item, "productName"),
		field(item, "skuName"),
		field(item, "meterName"),
		region_of(item),
		field(item, "unitOfMeasure"),
	};
	struct unit unit;

	if (unit_parse(fields[5], &unit, NULL) < 0)
		return RETAIL_UNIT;
	row->kind = -1;
	return make_key(row, fields, FIELDS_MAX) ? RETAIL_KEPT : RETAIL_ODD;
}

/* What nobody asked for would stand beside the book's own row of the same thing. */
static bool
is_in_scope(const struct retail *r, const cJSON *item)
{
	const char *service = r->scope.service, *region = r->scope.region;

	return (service == NULL || strcasecmp(service, field(item, "serviceName")) == 0) &&
	    (region == NULL || strcasecmp(region, region_of(item)) == 0);
}

static enum retail_drop
read_row(const struct retail *r, const cJSON *item, struct row *row)
{
	enum retail_drop drop = read_common(r, item, row);

	if (drop != RETAIL_KEPT)
		return drop;
	if (!is_in_scope(r, item) || strlen(region_of(item)) >= BOOK_REGION_MAX)
		return RETAIL_ODD;
	if (strcmp(field(item, "serviceName"), BOOK_VM_SERVICE) == 0)
		return read_vm(item, row);
	return read_meter(item, row);
}

int
retail_add(struct retail *r, const cJSON *items, struct err *e)
{
	const cJSON *item;

	if (!cJSON_IsArray(items))
		return err_set(e, ERR_INPUT, "the answer has no list of items");
	cJSON_ArrayForEach (item, items) {
		struct row row = { .order = r->count++ };
		enum retail_drop drop = read_row(r, item, &row);

		if (drop != RETAIL_KEPT) {
			r->dropped[drop]++;
			continue;
		}
		if (r->len == r->cap) {
			r->cap = r->cap == 0 ? 1024 : r->cap * 2;
			r->rows = xrealloc(r->rows, r->cap, sizeof(*r->rows));
		}
		r->rows[r->len++] = row;
	}
	return 0;
}

/* ---- choosing ---- */

static int
compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_things(const struct row *a, const struct row *b)
{
	int order = compare_numbers(a->kind, b->kind);

	return order != 0 ? order : strcmp(a->key, b->key);
}

static int
compare(const void *one, const void *other)
{
	const struct row *a = one, *b = other;
	int order = compare_things(a, b);

	if (order == 0)
		order = compare_numbers(a->tier, b->tier);
	return order != 0 ? order : compare_numbers((int64_t)a->order, (int64_t)b->order);
}

/*
 * Above 0: A rather than B is what is charged now. A row that has begun goes
 * before one that has not, and of two that have begun the later one. Where both begin
 * on the same day, which the API does before a change, the one that has an end is
 * still valid and the other is its successor. What is left is decided by the primary
 * region's meter, and equal prices need no decision.
 */
static int
prefer(const struct retail *r, const struct row *a, const struct row *b)
{
	bool a_began = a->start_ms <= r->scope.now_ms, b_began = b->start_ms <= r->scope.now_ms;

	if (a_began != b_began)
		return a_began ? 1 : -1;
	if (a->start_ms != b->start_ms)
		return compare_numbers(a->start_ms, b->start_ms) * (a_began ? 1 : -1);
	if (a->end_ms != b->end_ms)
		return compare_numbers(b->end_ms, a->end_ms);
	return (int)a->primary - (int)b->primary;
}

/* Of rows[0] .. rows[n - 1], all of one thing, the valid one; NULL if that cannot be told. */
static const struct row *
choose(struct retail *r, const struct row *rows, size_t n)
{
	const struct row *best = &rows[0];
	bool clear = true;

	for (size_t i = 1; i < n; i++) {
		int better = prefer(r, &rows[i], best);

		if (better > 0) {
			best = &rows[i];
			clear = true;
		} else if (better == 0 && rows[i].price != best->price) {
			clear = false;
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (!clear)
			r->dropped[RETAIL_AMBIGUOUS]++;
		else if (&rows[i] != best)
			r->dropped[rows[i].start_ms > best->start_ms ||
				    rows[i].end_ms > best->end_ms
				? RETAIL_COMING
				: RETAIL_ENDED]++;
	}
	return clear ? best : NULL;
}

/*
 * Where some tiers of a thing are valid already, those that have not begun belong
 * to the next price list: together they would be tiers of two lists. Takes them
 * out of rows[0] .. rows[n - 1]; returns how many are left, in their order.
 */
static size_t
leave_out_coming(struct retail *r, struct row *rows, size_t n)
{
	size_t left = 0;
	bool began = false;

	for (size_t i = 0; i < n; i++)
		began = began || rows[i].start_ms <= r->scope.now_ms;
	for (size_t i = 0; i < n; i++) {
		if (began && rows[i].start_ms > r->scope.now_ms) {
			r->dropped[RETAIL_COMING]++;
			free(rows[i].key);
		} else {
			rows[left++] = rows[i];
		}
	}
	for (size_t i = left; i < n; i++)
		memset(&rows[i], 0, sizeof(rows[i]));
	return left;
}

/* Cuts the key into its fields, in place. */
static void
split(char *key, const char **fields)
{
	static const char separator[] = { KEY_SEPARATOR, '\0' };

	for (size_t i = 0; i < FIELDS_MAX; i++) {
		fields[i] = key;
		key += strcspn(key, separator);
		if (*key == '\0')
			return;
		*key++ = '\0';
	}
}

static int
write_row(const struct row *row, struct book_writer *w, int64_t source, struct err *e)
{
	AUTO_FREE char *key = xstrdup(row->key);
	const char *f[FIELDS_MAX] = { NULL };

	split(key, f);
	if (row->kind >= 0)
		return book_writer_vm(w, f[0], f[1], (enum vm_os)(row->kind / VM_MARKETS),
		    (enum vm_market)(row->kind % VM_MARKETS), row->price, source, e);
	return book_writer_meter(w, &(const struct meter_key){ f[0], f[1], f[2], f[3], f[4], f[5] },
	    row->tier, row->price, source, e);
}

/* rows[0] .. rows[n - 1] are all of one thing, by tier. */
static int
write_thing(struct retail *r, struct row *rows, size_t n, struct book_writer *w, int64_t source,
    size_t *kept, struct err *e)
{
	size_t same;

	n = leave_out_coming(r, rows, n);
	for (size_t i = 0; i < n; i += same) {
		const struct row *best;
		struct err why = { 0 };

		for (same = 1; i + same < n && rows[i].tier == rows[i + same].tier;)
			same++;
		best = choose(r, &rows[i], same);
		if (best == NULL)
			continue;
		if (write_row(best, w, source, &why) == 0)
			++*kept;
		else if (why.kind == ERR_INPUT || why.kind == ERR_CONFLICT)
			r->dropped[RETAIL_ODD]++;
		else
			return err_set(e, why.kind, "%s", why.msg);
	}
	return 0;
}

int
retail_write(struct retail *r, struct book_writer *w, int64_t source, size_t *kept,
    size_t dropped[RETAIL_DROPS], struct err *e)
{
	size_t n;

	*kept = 0;
	if (r->len > 0)
		qsort(r->rows, r->len, sizeof(*r->rows), compare);
	for (size_t i = 0; i < r->len; i += n) {
		for (n = 1; i + n < r->len && compare_things(&r->rows[i], &r->rows[i + n]) == 0;)
			n++;
		if (write_thing(r, &r->rows[i], n, w, source, kept, e) < 0)
			return -1;
	}
	memcpy(dropped, r->dropped, sizeof(r->dropped));
	return 0;
}
