/*
 * A growing byte buffer. len <= max always holds, and so does len < cap once
 * there is data: the byte after the text is a NUL that len does not count.
 */
#include "config.h"
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* The smallest block that is worth a malloc. */
#define BUF_MIN_CAP 64

/* Makes room for len more bytes; len is within the maximum. */
static void
make_room(struct buf *b, size_t len)
{
	size_t needed = b->len + len + 1;
	size_t cap = b->cap > 0 ? b->cap : BUF_MIN_CAP;

	if (needed <= b->cap)
		return;
	while (cap < needed)
		cap = cap <= SIZE_MAX / 2 ? cap * 2 : needed;
	b->data = xrealloc(b->data, cap, 1);
	b->cap = cap;
}

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf)BUF_INIT(max);
}

void
buf_clear(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->data);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->cut = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_add(struct buf *b, const void *data, size_t len)
{
	/* One less than SIZE_MAX, so that the NUL has a place too. */
	size_t max = b->max < SIZE_MAX ? b->max : SIZE_MAX - 1;

	if (len > max - b->len) {
		len = max - b->len;
		b->cut = true;
	}
	make_room(b, len);
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	AUTO_FREE char *large = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(small)) {
		buf_add(b, small, (size_t)n);
		return;
	}
	va_start(ap, fmt);
	large = xvasprintf(fmt, ap);
	va_end(ap);
	buf_adds(b, large);
}

bool
buf_is_cut(const struct buf *b)
{
	return b->cut;
}

const char *
buf_str(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

char *
buf_take(struct buf *b)
{
	char *text = b->data != NULL ? b->data : xstrdup("");

	buf_init(b, b->max);
	return text;
}
