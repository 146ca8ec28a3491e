/*
 * One request to the sandbox, repeated as the Azure CLI repeats it: three times
 * more after 408, 429, 5xx, any refusal that says when to come again, and lost
 * connections. The pauses are the CLI's own (0, 1.6 and 3.2 s, or as asked),
 * times AZ_FAKE_PACE.
 */
#ifndef FAKES_AZ_HTTP_H
#define FAKES_AZ_HTTP_H

#include "base/buf.h"
#include "base/json.h"

struct reply {
	int status; /* 0: the connection was lost before an answer came */
	char *text; /* the body; never NULL */
	cJSON *body;
	char *async; /* the paths of Azure-AsyncOperation and Location; NULL without */
	char *location;
	double pause; /* that the service asks for, in seconds; below 0 if it asks for none */
};

void reply_clear(struct reply *reply);
#define AUTO_REPLY CLEANUP(reply_clear)

/* BODY may be NULL. Always fills the reply. */
void http_request(const char *method, const char *path, const cJSON *body, struct reply *reply);

/* Sleeps for so long, times AZ_FAKE_PACE. */
void http_pause(double seconds);

/* As in a URL: what is not a letter, a digit or one of "-._~" becomes %XX. */
void http_escape(struct buf *out, const char *text);

#endif
