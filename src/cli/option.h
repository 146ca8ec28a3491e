/*
 * Options as rows: parsing and help are made of the same table. --NAME VALUE,
 * --NAME=VALUE, -L VALUE and -LVALUE mean the same; options may stand before,
 * between and behind the arguments; "--" ends them.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/strv.h"

enum option_kind {
	OPTION_FLAG,  /* bool */
	OPTION_TEXT,  /* const char *, borrowed from argv */
	OPTION_COUNT, /* int64_t from min to max */
	OPTION_SPAN,  /* int64_t milliseconds */
	OPTION_LIST,  /* struct strv, one element for each time it is given; see options_clear() */
};

struct option_row {
	const char *name; /* without the dashes; NULL ends the table */
	char letter;      /* 0: none */
	enum option_kind kind;
	const char *argument; /* as help shows it: "N"; NULL for flags */
	size_t offset;        /* of the member in the command's struct of options */
	int64_t min, max;
	const char *help;
};

struct option_set {
	const struct option_row *rows; /* NULL: none */
	void *values;
};

/*
 * Reads argv[0] .. argv[argc - 1] into the first of SETS that knows an option;
 * other words go to WORDS. With STOP it ends before the first word. Returns
 * how many elements were used, or -1 and ERR_INPUT.
 */
int options_parse(const struct option_set *sets, size_t n_sets, int argc, char **argv, bool stop,
    struct strv *words, struct err *e);
/* Frees the lists among the values of ROWS (NULL: none). */
void options_clear(const struct option_row *rows, void *values);
void options_help(const struct option_row *rows, FILE *out);

#endif
