/*
 * Articles of the documentation on the web, about a failure: what is asked for, and what is
 * taken from an answer. Decisions only; cli/lookup.h asks.
 *
 * The forms are those of Microsoft Learn: of the search that stands behind its web site, of
 * which no contract was published, so that every member may be missing; and of the result of
 * its MCP server's tool. An answer is a stranger's text: nothing but addresses of
 * learn.microsoft.com and plain text of bounded length is taken from it.
 */
#ifndef CORE_ARTICLE_H
#define CORE_ARTICLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"
#include "core/failure.h"

#define ARTICLES_BEST 3

struct article {
	char *title;   /* NULL: none was given */
	char *address; /* without language, query and fragment */
	char *about;   /* one line; NULL: none was given */
};

/* The best ones, the best first. */
struct articles {
	struct article v[ARTICLES_BEST];
	size_t len;
};

void articles_clear(struct articles *a);

/*
 * What to search for: the code, and where a code is so general that it says little the class
 * and PROVIDER (may be NULL) too. Nothing else of a failure leaves this machine. The caller's
 * own; NULL for no code, or one that does not look like a public one.
 */
char *article_query(enum failure_class class, const char *code, const char *provider);

/*
 * From the body of an answer of the search. CODE ranks them: those with it in title or address
 * come first, then those with it in the description, then pages on errors, all else as it
 * came. One that stands twice counts once. A is to be cleared in any case; ERR_INPUT if the
 * body is no such answer.
 */
int articles_of_search(
    struct articles *a, const char *body, size_t len, const char *code, struct err *e);
/* The same from the result of the tool of the MCP server. */
int articles_of_tool(struct articles *a, const cJSON *result, const char *code, struct err *e);

/*
 * The name of the tool that searches, of {"tools": [...]}: the one that is known, else one that
 * says it searches documentation and needs nothing but a query. Borrowed; NULL if there is none.
 */
const char *article_tool(const cJSON *tools);

/* [{"title", "address", "description"}]; the caller's own. */
cJSON *articles_to_json(const struct articles *a);
/* What is not as articles_to_json() makes it is left out. A is to be cleared. */
void articles_from_json(struct articles *a, const cJSON *json);

#endif
