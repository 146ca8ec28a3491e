/*
 * Inside the table of failures: how it is kept. Rules stay in the order of the
 * file; beside them stands an index of the codes in lower case, sorted,
 * with the rules of one code in the order of the file.
 */
#ifndef CORE_FAILURE_INDEX_H
#define CORE_FAILURE_INDEX_H

#include "core/failure_table.h"

#define HTTP "http"
#define STATUS_ANY (-1)

struct entry {
	char *code; /* in lower case, without the '*' at its end */
	size_t rule;
};

struct entries {
	struct entry *v;
	size_t len;
};

/* A row of [[commands]]. */
struct commands {
	struct strv codes; /* empty: a row of the class */
	enum failure_class class;
	struct strv list;
};

struct failure_table {
	struct failure_rule *rules;
	char **texts; /* of each rule: its text in lower case; NULL if it has none */
	size_t len;
	struct entries codes;    /* sorted by code, then by place in the file */
	struct entries prefixes; /* in the order of the file */
	size_t *statuses, n_statuses;
	size_t *plain, n_plain; /* rules with a text only */
	struct commands *commands;
	size_t n_commands;
};

/* Makes the index of a table that has all its rules. */
void failure_table_index(struct failure_table *t);
/* In lower case; the caller's own. */
char *text_lowered(const char *text, size_t len);

/* ---- waits (failure_wait.c) ---- */

/*
 * The longest wait that a text asks for ("Retry-After: 30", "can be retried in 2
 * minutes"), in ms; 0 if there is none. TEXT is in lower case.
 */
int64_t failure_wait_ms(const char *text);

#endif
