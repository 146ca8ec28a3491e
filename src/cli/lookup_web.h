/* One search of the documentation on the web; for cli/lookup.c. */
#ifndef CLI_LOOKUP_WEB_H
#define CLI_LOOKUP_WEB_H

#include <stdint.h>

#include "core/article.h"

struct web_question {
	const char *url;   /* https, or http of this machine */
	const char *query; /* all that is sent */
	const char *code;  /* ranks what comes */
	int64_t timeout_ms;
	int64_t last_ms; /* when another process asked something last; 0: it is not known */
};

/*
 * The best articles; perhaps none. A URL that ends in /api/mcp is asked by MCP; one that ends
 * in /api/search, and has nothing that could be used, leads to the other one beside it. No two
 * of these begin within a second. A is to be cleared in any case. -1 and a reason in a few
 * words; ERR_INPUT if it was answered with what is no answer, ERR_BUSY if it may go better later.
 */
int web_search(const struct web_question *q, struct articles *a, struct err *e);

/* The same by MCP in any case, and at once. */
int web_search_by_mcp(const struct web_question *q, struct articles *a, struct err *e);

#endif
