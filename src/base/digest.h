/* SHA-256 in lower-case hex. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

#define DIGEST_LEN 64
#define DIGEST_SIZE (DIGEST_LEN + 1)

void digest_bytes(const void *data, size_t len, char out[static DIGEST_SIZE]);
void digest_text(const char *text, char out[static DIGEST_SIZE]);

#endif
