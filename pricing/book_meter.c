/* Look-ups of meters: rows are tiers, and those of one meter come together. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "pricing/reader.h"

void
meter_price_clear(struct meter_price *m)
{
	free(m->service);
	free(m->product);
	free(m->sku);
	free(m->meter);
	free(m->tiers);
	memset(m, 0, sizeof(*m));
}

void
meter_prices_clear(struct meter_prices *list)
{
	for (size_t i = 0; i < list->len; i++)
		meter_price_clear(&list->v[i]);
	free(list->v);
	memset(list, 0, sizeof(*list));
}

/* The row at hand is a further tier of M. */
static bool
is_of(const struct meter_price *m, sqlite3_stmt *stmt)
{
	return strcmp(m->unit.text, book_column(stmt, 5)) == 0 &&
	    strcmp(m->region, book_column(stmt, 4)) == 0 &&
	    strcmp(m->meter, book_column(stmt, 3)) == 0 &&
	    strcmp(m->sku, book_column(stmt, 2)) == 0 &&
	    strcmp(m->product, book_column(stmt, 1)) == 0 &&
	    strcmp(m->service, book_column(stmt, 0)) == 0;
}

static struct meter_price *
meter_slot(struct meter_prices *list)
{
	if (list->len == list->cap) {
		list->cap = list->cap == 0 ? 4 : list->cap * 2;
		list->v = xrealloc(list->v, list->cap, sizeof(*list->v));
	}
	memset(&list->v[list->len], 0, sizeof(*list->v));
	return &list->v[list->len++];
}

static void
add_tier(struct meter_price *m, sqlite3_stmt *stmt)
{
	m->tiers = xrealloc(m->tiers, m->n_tiers + 1, sizeof(*m->tiers));
	m->tiers[m->n_tiers].from = sqlite3_column_int64(stmt, 6);
	m->tiers[m->n_tiers].price = sqlite3_column_int64(stmt, 7);
	m->n_tiers++;
}

bool
meter_prices_add_tier(struct meter_prices *list, size_t first, sqlite3_stmt *stmt)
{
	if (list->len == first || !is_of(&list->v[list->len - 1], stmt))
		return false;
	add_tier(&list->v[list->len - 1], stmt);
	return true;
}

int
meter_prices_add(
    struct book *b, sqlite3_stmt *stmt, struct meter_prices *list, struct err *odd, struct err *e)
{
	struct unit unit;
	struct meter_price *m;

	if (unit_parse(book_column(stmt, 5), &unit, odd) < 0)
		return 0;
	m = meter_slot(list);
	m->service = book_column_dup(stmt, 0);
	m->product = book_column_dup(stmt, 1);
	m->sku = book_column_dup(stmt, 2);
	m->meter = book_column_dup(stmt, 3);
	book_column_copy(stmt, 4, m->region, sizeof(m->region));
	m->unit = unit;
	add_tier(m, stmt);
	return book_source_of(b, stmt, 8, &m->source, e);
}

/* Rows come with the tiers of a meter together. ODD says what unit was not understood, if any. */
static int
meter_list(
    struct book *b, sqlite3_stmt *stmt, struct meter_prices *out, struct err *odd, struct err *e)
{
	size_t first = out->len;
	int rc;

	while ((rc = book_step(b, stmt, e)) == 1) {
		if (!meter_prices_add_tier(out, first, stmt) &&
		    meter_prices_add(b, stmt, out, odd, e) < 0)
			return -1;
	}
	return rc;
}

static int
bind_key(
    struct book *b, enum sql which, const struct meter_key *key, sqlite3_stmt **stmt, struct err *e)
{
	*stmt = book_start(b, which, e);
	if (*stmt == NULL)
		return -1;
	book_bind(*stmt, 1, key->service);
	book_bind(*stmt, 2, key->product);
	if (which == SQL_METER_PRODUCT) {
		book_bind(*stmt, 3, key->region);
		return 0;
	}
	book_bind(*stmt, 3, key->sku);
	book_bind(*stmt, 4, key->meter);
	if (which == SQL_METER)
		book_bind(*stmt, 5, key->region);
	book_bind(*stmt, which == SQL_METER ? 6 : 5, key->unit);
	return 0;
}

static int
meter_unknown(const struct meter_key *key, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND,
	    "no price is known for the meter %s / %s / %s / %s%s%s in %s", key->service,
	    key->product, key->sku, key->meter, key->unit != NULL ? " per " : "",
	    key->unit != NULL ? key->unit : "", key->region);
}

int
book_meter(struct book *b, const struct meter_key *key, struct meter_price *out, struct err *e)
{
	CLEANUP(meter_prices_clear) struct meter_prices found = { 0 };
	struct err odd = { 0 };
	AUTO_STMT stmt = NULL;

	memset(out, 0, sizeof(*out));
	if (bind_key(b, SQL_METER, key, &stmt, e) < 0 || meter_list(b, stmt, &found, &odd, e) < 0)
		return -1;
	if (found.len == 0 && odd.kind != ERR_NONE)
		return err_set(e, odd.kind, "%s in %s: %s", key->meter, key->region, odd.msg);
	if (found.len == 0)
		return meter_unknown(key, e);
	if (found.len > 1)
		return err_set(e, ERR_CONFLICT,
		    "%s in %s has a price per \"%s\" and one per \"%s\": the unit must be named",
		    key->meter, key->region, found.v[0].unit.text, found.v[1].unit.text);
	*out = found.v[0];
	found.len = 0;
	return 0;
}

int
book_meter_regions(
    struct book *b, const struct meter_key *key, struct meter_prices *out, struct err *e)
{
	AUTO_STMT stmt = NULL;

	if (bind_key(b, SQL_METER_REGIONS, key, &stmt, e) < 0)
		return -1;
	return meter_list(b, stmt, out, NULL, e);
}

int
book_meter_product(
    struct book *b, const struct meter_key *key, struct meter_prices *out, struct err *e)
{
	AUTO_STMT stmt = NULL;

	if (bind_key(b, SQL_METER_PRODUCT, key, &stmt, e) < 0)
		return -1;
	return meter_list(b, stmt, out, NULL, e);
}
