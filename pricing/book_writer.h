/*
 * Makes a price book: all of it in a file of its own beside the final one, then
 * one rename. Whatever happens before book_writer_finish(), nothing has changed
 * under the final name. Equal calls make equal bytes.
 */
#ifndef PRICING_BOOK_WRITER_H
#define PRICING_BOOK_WRITER_H

#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/money.h"
#include "pricing/book.h"

struct book_writer;

/* A new empty book that is to become PATH; prices are in CURRENCY. */
struct book_writer *book_writer_new(const char *path, const char *currency, struct err *e);
/* Gives up and removes what was made, unless it is finished. */
void book_writer_free(struct book_writer *w);
DEFINE_CLEANUP(struct book_writer *, book_writer_free)

/* Everything of the book at FROM (see book_open() for its errors), first of all. Another currency is ERR_INPUT. */
int book_writer_copy(struct book_writer *w, const char *from, struct err *e);
/*
 * Forgets the prices of a service (NULL: of all) in a region (NULL: in all). *count
 * says how many rows that were.
 */
int book_writer_forget(
    struct book_writer *w, const char *service, const char *region, int64_t *count, struct err *e);

/* Where rows come from; the same text again gives the same id. */
int book_writer_source(struct book_writer *w, const char *as_of, const char *name,
    const char *about, int64_t *id, struct err *e);

/* What a size has; 0 and "": not known. A second description of a size is ERR_CONFLICT. */
struct vm_shape {
	decimal_t vcpus, memory_gib, gpus;
	const char *gpu;
};
int book_writer_size(
    struct book_writer *w, const char *size, const struct vm_shape *shape, struct err *e);
/*
 * One row; ERR_INPUT for what no book may hold (a VM's price of 0, a negative
 * one, a name that is too long), ERR_CONFLICT if the row is there already. A size
 * that was not described is made.
 */
int book_writer_vm(struct book_writer *w, const char *size, const char *region, enum vm_os os,
    enum vm_market market, money_t hourly, int64_t source, struct err *e);
/* KEY's unit must be named. */
int book_writer_meter(struct book_writer *w, const struct meter_key *key, decimal_t tier_from,
    money_t price, int64_t source, struct err *e);

/* Commits, syncs and renames; mode is that of the file. Afterwards only book_writer_free(). */
int book_writer_finish(struct book_writer *w, unsigned mode, struct err *e);

#endif
