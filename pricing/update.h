/*
 * Brings the user's own price book up to date: fetches, takes what may stay into
 * a copy of the book in use, and puts that in place of the user's book by one
 * rename. Until then nothing has changed but the cache.
 */
#ifndef PRICING_UPDATE_H
#define PRICING_UPDATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pricing/client.h"
#include "pricing/retail.h"

struct update {
	const char *state;     /* folder of the user's own book; made if need be */
	const char *installed; /* the book to begin with if there is no own one; MAY be missing */
	const char *cache;     /* folder; made if need be */
	const char *url;       /* see struct client_question */
	const char *service, *region;                             /* NULL: all */
	void (*tell)(void *data, bool trouble, const char *text); /* MAY be NULL */
	void *data;
};

struct update_result {
	char as_of[16]; /* "2026-11-21": when the first page was fetched (UTC) */
	size_t pages, resumed, rows, kept;
	int64_t replaced; /* rows of the old book that were in the scope */
	size_t dropped[RETAIL_DROPS];
};

/*
 * ERR_NOT_FOUND: the service has no prices for this question, and the book is as it
 * was. ERR_BUSY: the service cannot be had now, or another update is under way;
 * the same call goes on where this one stopped.
 */
int update_run(const struct update *u, struct update_result *out, struct err *e);

#endif
