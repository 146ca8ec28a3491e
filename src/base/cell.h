/* One field of comma-separated values, as RFC 4180 has it. */
#ifndef BASE_CELL_H
#define BASE_CELL_H

#include "base/buf.h"

/* Adds TEXT, in quotes only where it has to be; nothing for NULL. */
void cell_add(struct buf *out, const char *text);

#endif
