/*
 * What the files of one import have in common. Parts of one export are read
 * together; anything else that tells of the same account and day would have its
 * charges count twice: the same file named twice, or yesterday's export of the
 * month beside today's.
 */
#ifndef PRICING_BILL_FILES_H
#define PRICING_BILL_FILES_H

#include <stdint.h>

#include "base/buf.h"
#include "base/strv.h"
#include "pricing/csv.h"

struct bill_files;

struct bill_files *bill_files_new(void);
void bill_files_free(struct bill_files *files);
/*
 * The next file; lines belong to it from now on. -1 and ERR_INPUT: it is one that
 * was read already, by another name or as a copy.
 */
int
bill_files_begin(struct bill_files *files, const char *path, const struct buf *text, struct err *e);
/* Its columns. */
void bill_files_header(struct bill_files *files, const struct strv *names);
/*
 * The record at hand, which is of ACCOUNT and DAY_MS. -1 and ERR_INPUT with its
 * place: an earlier file has the same line, or tells of this account and day in
 * other columns, so that the two are no parts of one export.
 */
int bill_files_line(struct bill_files *files, const struct csv *record, const char *account,
    int64_t day_ms, struct err *e);

#endif
