/*
 * Rows for spreadsheets: RFC 4180, amounts exact, with a point and without
 * separators of thousands.
 */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/money.h"

struct csv {
	FILE *out;
	bool begun; /* the row has a field already */
};

/* NULL is an empty field. What a spreadsheet would take for a formula begins with an apostrophe. */
void csv_text(struct csv *csv, const char *text);
void csv_count(struct csv *csv, int64_t count);
void csv_money(struct csv *csv, money_t amount);
void csv_end(struct csv *csv);

#endif
