/*
 * Comma-separated values as RFC 4180 has them: quoted fields may hold commas,
 * doubled quotes and line breaks. UTF-8; a mark of byte order in front is skipped.
 */
#ifndef PRICING_CSV_H
#define PRICING_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define CSV_FIELDS_MAX 512

struct csv {
	const char *name; /* of the file, for messages; borrowed */
	char *at;         /* what is still to be read */
	char *end;
	long line; /* of the record that was read last, from 1 */
	long next_line;
	bool has_nul;
	char *fields[CSV_FIELDS_MAX]; /* of that record; borrowed until the next */
	size_t n;
};

/* Reads from TEXT, whose bytes are changed on the way and must outlive it. */
void csv_init(struct csv *c, const char *name, struct buf *text);
/* 1: a record; 0: the end; -1 and ERR_INPUT "NAME:LINE: ...". Empty lines are skipped. */
int csv_next(struct csv *c, struct err *e);
/* Reads the first record, which must be exactly these names, joined by commas. */
int csv_header(struct csv *c, const char *names, struct err *e);
/* ERR_INPUT with the file and line of the record in front. Always -1. */
int csv_fault(const struct csv *c, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
