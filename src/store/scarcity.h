/*
 * The store's memory of sizes that could not be had. Marks and ownership are as in
 * store.h. The rows are few: one for each size, place and subscription, each with its
 * end.
 */
#ifndef STORE_SCARCITY_H
#define STORE_SCARCITY_H

#include "core/scarcity.h"
#include "store/store.h"

/* [W] It was refused, for WHY, which says for how long that is to be believed. */
int store_scarcity_note(struct store *s, const struct wanted *w, const struct failure *why,
    int64_t now_ms, struct err *e);
/* [W] It was to be had: in its zone, and so in its region. */
int store_scarcity_forget(struct store *s, const struct wanted *w, struct err *e);
/*
 * [W] A person knows better: all that is remembered of a size, in REGION or (NULL) anywhere,
 * with an audit record; *n says how many there were.
 */
int store_scarcity_forget_size(struct store *s, const char *size, const char *region,
    const char *user, int64_t now_ms, size_t *n, struct err *e);
/* [R] Those that are in force, the latest first; to be cleared. */
int store_scarcities(struct store *s, int64_t now_ms, struct scarcities *all, struct err *e);

#endif
