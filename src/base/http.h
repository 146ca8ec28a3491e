/*
 * HTTP GET by libcurl, one at a time, waiting. No redirect is followed, nothing
 * but http and https is spoken, certificates are checked, and the answer has a
 * maximum. The proxy variables of the environment hold (https_proxy, no_proxy).
 */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct http_request {
	const char *url;
	const char *accept; /* "application/json"; NULL: anything */
	int64_t timeout_ms; /* for the whole of it */
	size_t max_bytes;   /* of the body */
};

struct http_answer {
	int status;             /* 200, 404, 429 ... */
	int64_t retry_after_ms; /* what Retry-After asks for; -1: nothing */
	struct buf body;
};

/*
 * 0 if an answer came whole, whatever its status; ANSWER is the caller's to
 * clear, in any case. Else -1: ERR_BUSY where the same call may succeed soon (no
 * connection, a time-out, a body that was cut off), ERR_INPUT for a URL that is
 * none or a body above the maximum, ERR_SYSTEM for the rest (no libcurl, a
 * certificate that is not trusted).
 */
int http_get(const struct http_request *request, struct http_answer *answer, struct err *e);
void http_answer_clear(struct http_answer *answer);

/*
 * Scheme, host and port of a URL, lower case, as "https://host:443": the port is
 * always there. The caller's own; NULL and ERR_INPUT if it is no http or https URL, or
 * holds a name or a password.
 */
char *http_origin(const char *url, struct err *e);
/* The origin is a loopback address (127.0.0.0/8, [::1], localhost). */
bool http_origin_is_local(const char *origin);
/* Nobody in between can read what is sent there: it is https, or this machine. */
bool http_origin_is_private(const char *origin);
/* Adds TEXT to OUT as part of a URL: all but letters, digits and -._~ as %XX. */
void http_escape(struct buf *out, const char *text);

#endif
