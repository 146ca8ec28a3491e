/* The HTTP status that a tool tells of, for failures without a code. */
#ifndef STRATEGIES_HTTP_STATUS_H
#define STRATEGIES_HTTP_STATUS_H

/* The status whose phrase ("Not Found") TEXT begins with; 0 if it is none that tells of an error. */
int http_status_of_phrase(const char *text);
/*
 * The first in the text: "Operation returned an invalid status 'Forbidden'", "unexpected
 * status 409 (409 Conflict)", "StatusCode: 503", "HTTP 429"; 0 if it tells none.
 */
int http_status_find(const char *text);

#endif
