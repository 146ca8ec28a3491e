/*
 * The opened book, for the files that look things up in it: statements, each
 * prepared at its first use and kept, and columns of the row at hand.
 */
#ifndef PRICING_READER_H
#define PRICING_READER_H

#include <sqlite3.h>

#include "pricing/book.h"
#include "pricing/schema.h"

enum sql {
	SQL_VM,
	SQL_VM_REGIONS,
	SQL_VM_FAMILY,
	SQL_VM_REGION,
	SQL_VM_ALL,
	SQL_SIZE_EXISTS,
	SQL_REGION_EXISTS,
	SQL_METER,
	SQL_METER_REGIONS,
	SQL_METER_PRODUCT,
	SQL_METER_ALL,
	SQL_COUNT
};

struct book {
	sqlite3 *db;
	char *path;
	char *currency;
	struct book_source *sources; /* by id, as source_ids */
	int64_t *source_ids;
	size_t n_sources;
	sqlite3_stmt *statements[SQL_COUNT];
};

static inline void
statement_end(sqlite3_stmt **stmt)
{
	if (*stmt != NULL)
		sqlite3_reset(*stmt);
}
#define AUTO_STMT CLEANUP(statement_end) sqlite3_stmt *

/* Reset, with nothing bound; NULL and an error. It may not be in use already. */
sqlite3_stmt *book_start(struct book *b, enum sql which, struct err *e);
/* Text lives until the statement is reset; NULL binds NULL. */
void book_bind(sqlite3_stmt *stmt, int parameter, const char *text);
/* 1: a row; 0: the end; -1 and an error. */
int book_step(struct book *b, sqlite3_stmt *stmt, struct err *e);

/* The text of a column, "" for none; borrowed until the next step. */
const char *book_column(sqlite3_stmt *stmt, int column);
/* The same as the caller's own. */
char *book_column_dup(sqlite3_stmt *stmt, int column);
void book_column_copy(sqlite3_stmt *stmt, int column, char *out, size_t size);
int book_source_of(
    struct book *b, sqlite3_stmt *stmt, int column, const struct book_source **out, struct err *e);

/* The price of the row at hand, appended. */
int vm_prices_add(struct book *b, sqlite3_stmt *stmt, struct vm_prices *list, struct err *e);
/*
 * The row at hand as a further tier of the last meter that was added since FIRST, if it is
 * one: true.
 */
bool meter_prices_add_tier(struct meter_prices *list, size_t first, sqlite3_stmt *stmt);
/* The row at hand as a new meter. One whose unit is not understood is left out, and ODD says so. */
int meter_prices_add(
    struct book *b, sqlite3_stmt *stmt, struct meter_prices *list, struct err *odd, struct err *e);

#endif
