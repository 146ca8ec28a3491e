/*
 * Fetches the pages of one question to the Azure Retail Prices API into a
 * folder. A page is kept as soon as it is whole, so that what was interrupted goes
 * on where it stopped; pages older than a day are fetched anew. Only when the last
 * page is there does anybody read them.
 */
#ifndef PRICING_CLIENT_H
#define PRICING_CLIENT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CLIENT_URL "https://prices.azure.com/api/retail/prices"

struct client_question {
	const char *url;      /* CLIENT_URL, or a mirror's: https, or http of this machine */
	const char *currency; /* "USD" */
	const char *service, *region; /* NULL: all */
};

struct client {
	struct client_question question;
	const char *cache; /* folder that holds a folder for each question */
	/* What is going on, for the operator: a page that came, or trouble with one; MAY be NULL. */
	void (*tell)(void *data, bool trouble, const char *text);
	void *data;
};

/* The pages of a question, complete. */
struct client_pages {
	char *folder;     /* in the cache */
	size_t n;         /* pages are numbered from 1 */
	size_t kept;      /* of these were there before */
	int64_t first_ms; /* when the first one was fetched */
};

/*
 * All pages. ERR_INPUT if the question is refused or the answers make no sense (a link to
 * another host, one without end), ERR_BUSY if the service could not be reached
 * or asked to come back later: the pages so far are kept.
 */
int client_fetch(const struct client *c, struct client_pages *out, struct err *e);
void client_pages_clear(struct client_pages *p);
/* The items of a page; the tree they are in is the caller's own. NULL and an error. */
cJSON *client_page(const struct client_pages *p, size_t number, const cJSON **items, struct err *e);
/* The pages are not needed any more. */
int client_pages_remove(const struct client_pages *p, struct err *e);

#endif
