/*
 * HTTP on the caller's loop, many requests at a time: libcurl's multi interface.
 * No redirect is followed, certificates are checked, the proxy variables of the
 * environment hold.
 */
#ifndef DRIVER_TRANSFER_H
#define DRIVER_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/err.h"
#include "base/strv.h"

struct transfers; /* the connections that are shared */
struct transfer;  /* one request */

struct transfer_end {
	int status;     /* 0: there was no answer, or none that came whole */
	bool sent;      /* a byte of the request may have reached the server */
	struct err why; /* of kind ERR_NONE if the answer came whole */
};

/* All from the loop. The transfer may be freed in each of them. */
struct transfer_events {
	/* A line of the answer's head; VALUE without spaces around it. */
	void (*header)(void *data, const char *name, const char *value);
	/* What came of the body. */
	void (*body)(void *data, int status, const char *bytes, size_t len);
	/* Once, the last. */
	void (*done)(void *data, const struct transfer_end *end);
};

struct transfer_spec {
	const char *url;
	const char *method;         /* "GET", "POST", "DELETE" */
	const struct strv *headers; /* "Name: value" */
	const char *body;           /* copied; NULL: none */
	size_t len;
	/*
	 * On a connection of its own: libcurl sends a request again by itself when a
	 * connection that it used before turns out to be closed.
	 */
	bool once;
};

/* NULL and ERR_SYSTEM if there is no libcurl. */
struct transfers *transfers_new(uv_loop_t *loop, struct err *e);
/* When no transfer is left. CLOSED comes from the loop, when nothing of it lives any more. */
void transfers_close(struct transfers *all, void (*closed)(void *data), void *data);

struct transfer *transfer_start(struct transfers *all, const struct transfer_spec *spec,
    const struct transfer_events *events, void *data);
/* A byte of it may have reached the server by now. */
bool transfer_is_sent(const struct transfer *t);
/* Gives it up if it is under way; nothing is told any more. NULL is fine. */
void transfer_free(struct transfer *t);

#endif
