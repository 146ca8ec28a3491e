#include "config.h"

#include "driver/lines.h"

#include <string.h>

/* Memory above this is given back after a long line. */
#define KEEP_BYTES (256u * 1024)

void
lines_init(struct lines *l, size_t max_bytes)
{
	buf_init(&l->line, max_bytes);
}

void
lines_clear(struct lines *l)
{
	buf_clear(&l->line);
}

void
lines_feed(struct lines *l, const char *bytes, size_t len, lines_fn *done, void *data)
{
	const char *end = bytes + len, *newline;

	while (bytes < end && (newline = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		buf_add(&l->line, bytes, (size_t)(newline - bytes));
		bytes = newline + 1;
		done(buf_str(&l->line), l->line.len, buf_is_cut(&l->line), data);
		if (l->line.cap > KEEP_BYTES)
			buf_clear(&l->line);
		else
			buf_reset(&l->line);
	}
	buf_add(&l->line, bytes, (size_t)(end - bytes));
}

bool
lines_is_cut(const struct lines *l)
{
	return buf_is_cut(&l->line);
}
