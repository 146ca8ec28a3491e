/*
 * A table for people. Cells are made visible (cli/text.h) and columns are as
 * wide as their widest cell; where the terminal is too narrow, columns that
 * may give way are cut, those of the highest give first.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/style.h"

struct table_column {
	const char *title; /* in capitals */
	bool right;        /* numbers stand at the right */
	int give;          /* 0: is never cut */
	size_t min;        /* but to no less than this */
	size_t max;        /* where there is no terminal, no wider than this; 0: as wide as it is */
};

struct table_cell {
	char *text;
	enum style style;
};

struct table {
	const struct table_column *columns;
	size_t n_columns;
	struct table_cell *cells; /* row by row */
	size_t len;
	bool untitled; /* a further page of the same table */
	bool whole;    /* nothing is cut, however wide it gets */
};

void table_init(struct table *t, const struct table_column *columns, size_t n_columns);
void table_clear(struct table *t);
/* The next cell, row by row. TEXT is copied; NULL is "". */
void table_add(struct table *t, enum style style, const char *text);
void table_addf(struct table *t, enum style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Columns that it takes where all that give way have done so. */
size_t table_least_width(const struct table *t);
/* All rows below the titles; nothing if there are none. Columns that are empty in every row are left out. */
void table_print(const struct table *t, FILE *out);

#endif
