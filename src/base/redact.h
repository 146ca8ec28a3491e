/*
 * Masks secrets in a text of unknown origin: what a tool printed, or a message that
 * quotes what a user wrote. They are found by the name they stand under ("adminPassword":
 * "...", Password=...;, --client-secret ..., ?sig=...), whatever the quoting, also in JSON
 * within a string of JSON, and by their own shape (keys of clouds and services, tokens,
 * private keys, passwords in addresses).
 *
 * Identifiers, digests, public keys, certificates and what only refers to a secret stay.
 */
#ifndef BASE_REDACT_H
#define BASE_REDACT_H

#include <stddef.h>

/* No secret is longer: so much is looked at from its name on. */
#define REDACT_MAX ((size_t)64 * 1024)

/*
 * Writes '*' over the secrets of LEN bytes, of which none may be a NUL; returns how many
 * it found. The length stays, and what was JSON stays JSON: of a number the digits
 * become 9. Takes time in proportion to LEN. A masked text may be masked again.
 */
size_t redact(char *text, size_t len);

#endif
