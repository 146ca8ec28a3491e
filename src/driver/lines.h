/* Bytes cut into lines, in bounded memory. Pure. */
#ifndef DRIVER_LINES_H
#define DRIVER_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct lines {
	struct buf line; /* the one that has not ended */
};

/* CUT: the line is longer, and its end is missing. TEXT ends with a NUL that is not counted. */
typedef void lines_fn(const char *text, size_t len, bool cut, void *data);

void lines_init(struct lines *l, size_t max_bytes);
void lines_clear(struct lines *l);
/* Calls DONE for each line that ends within these bytes, without its newline. */
void lines_feed(struct lines *l, const char *bytes, size_t len, lines_fn *done, void *data);
/* The line that has not ended is longer than the maximum already. */
bool lines_is_cut(const struct lines *l);

#endif
