/*
 * Identifiers: UUIDv7 (RFC 9562), so that they sort by time of birth. People
 * shorten them to their tail, which is random; the front is only a clock.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>

#define ID_LEN 36
#define ID_SIZE (ID_LEN + 1)
#define ID_SHORT_LEN 8 /* shown in tables: the last eight digits */
#define ID_MIN_TAIL 4  /* a person must type at least so many */

/* A new id; two of one process never sort against their order of birth. */
void id_new(char out[static ID_SIZE]);
bool id_is_valid(const char *text);
/* The tail that tables show; borrowed from id. */
const char *id_short(const char *id);
/* True for 4 to 12 lower-case hex digits: what may be the tail of an id. */
bool id_is_tail(const char *text);

#endif
