/*
 * What is inside of prices.db; for the price book's own files. A book is made
 * in one go, never changed, and replaced as a whole by rename.
 */
#ifndef PRICING_SCHEMA_H
#define PRICING_SCHEMA_H

#include <sqlite3.h>

#include "base/err.h"
#include "pricing/book.h"

#define BOOK_APPLICATION_ID 0x50757250 /* "PurP", in the header of prices.db */
#define BOOK_SCHEMA 1
#define BOOK_VM_SERVICE "Virtual Machines"

/* One number for system and market, as vm_price keeps it. */
#define BOOK_KIND(os, market) ((int)(os)*VM_MARKETS + (int)(market))

/*
 * name holds services, products, skus and meters, each text once. Regions and
 * sizes are found whatever their case. Amounts are nano-units.
 */
#define BOOK_TABLES                                                                    \
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"  \
	"CREATE TABLE source(id INTEGER PRIMARY KEY, as_of TEXT NOT NULL,"             \
	" name TEXT NOT NULL, about TEXT NOT NULL, UNIQUE(as_of, name, about));"       \
	"CREATE TABLE region(id INTEGER PRIMARY KEY,"                                  \
	" name TEXT NOT NULL COLLATE NOCASE UNIQUE);"                                  \
	"CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"        \
	"CREATE TABLE vm_size(id INTEGER PRIMARY KEY,"                                 \
	" name TEXT NOT NULL COLLATE NOCASE UNIQUE,"                                   \
	" family TEXT NOT NULL COLLATE NOCASE, vcpus INTEGER NOT NULL,"                \
	" memory INTEGER NOT NULL, gpu TEXT NOT NULL, gpus INTEGER NOT NULL);"         \
	"CREATE INDEX vm_size_family ON vm_size(family);"                              \
	"CREATE TABLE vm_price(size INTEGER NOT NULL, kind INTEGER NOT NULL,"          \
	" region INTEGER NOT NULL, price INTEGER NOT NULL CHECK(price > 0),"           \
	" source INTEGER NOT NULL, PRIMARY KEY(size, kind, region)) WITHOUT ROWID;"    \
	"CREATE TABLE meter_price(service INTEGER NOT NULL, product INTEGER NOT NULL," \
	" sku INTEGER NOT NULL, meter INTEGER NOT NULL, region INTEGER NOT NULL,"      \
	" unit TEXT NOT NULL, tier_from INTEGER NOT NULL CHECK(tier_from >= 0),"       \
	" price INTEGER NOT NULL CHECK(price >= 0), source INTEGER NOT NULL,"          \
	" PRIMARY KEY(service, product, sku, meter, region, unit, tier_from)) WITHOUT ROWID;"

/* SQLite's last fault with this book as a kind of error; out of memory aborts. Always -1. */
int book_fault(sqlite3 *db, const char *path, int rc, struct err *e);

#endif
