/*
 * A growing byte buffer with a maximum from birth. Appending past the maximum
 * keeps what fits and remembers that something was cut: callers that must not
 * lose bytes ask buf_is_cut().
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* always NUL-terminated once something was added; may be NULL before */
	size_t len;
	size_t cap;
	size_t max;
	bool cut;
};

#define BUF_INIT(max_bytes)        \
	{                          \
		.max = (max_bytes) \
	}

void buf_init(struct buf *b, size_t max);
void buf_clear(struct buf *b); /* frees; the maximum stays */
void buf_reset(struct buf *b); /* empties, keeps the memory */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool buf_is_cut(const struct buf *b);
/* The text, "" if empty; borrowed. */
const char *buf_str(const struct buf *b);
/* The text as the caller's own (never NULL); the buffer is empty afterwards. */
char *buf_take(struct buf *b);

#endif
