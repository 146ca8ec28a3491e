/*
 * What a service says of the request that failed, so that it can be found again: in the
 * portal, in the logs of who made it, or by the service's support.
 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

#include "base/json.h"

struct trace {
	char
	    *target; /* what it was about: an id, an address, a parameter; NULL if it is not told */
	char *correlation; /* of all requests of one operation; NULL if it is not told */
	char *request;     /* of the very one that failed; NULL if it is not told */
};

void trace_clear(struct trace *t);
void trace_copy(struct trace *to, const struct trace *from);

/*
 * Takes from TEXT the ids that T lacks, each the first that stands behind its label:
 * "Correlation ID: ...", "The tracking id is '...'", "\"x-ms-request-id\": \"...\"",
 * "RequestID: ...", "Trace ID: ...".
 */
void trace_read(struct trace *t, const char *text);
/* TARGET (may be NULL) is what it was about, unless that is known already. */
void trace_set_target(struct trace *t, const char *target);
/* The same of the first id of a resource of Azure's that TEXT is about. */
void trace_find_target(struct trace *t, const char *text);

/* {"target", "correlation", "request"} into OBJECT, as far as they are known. */
void trace_add_json(const struct trace *t, cJSON *object);
/* Replaces what is there. OBJECT may be NULL. */
void trace_from_json(struct trace *t, const cJSON *object);

#endif
