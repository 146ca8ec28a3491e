/* Walks over what the store has reserved, a page at a time: there may be a million of them. */
#ifndef CLI_RESERVED_H
#define CLI_RESERVED_H

#include "store/ledger.h"

/* 0, or -1 and an error, which ends the walk. R is borrowed for the call. */
typedef int reserved_fn(void *data, const struct reservation *r, struct err *e);

/* Calls EACH for every reservation that the filter wants, oldest first; its page and limit are not looked at. */
int reserved_each(struct store *s, const struct reservation_filter *filter, reserved_fn *each,
    void *data, struct err *e);

#endif
