/* Inside the store: what the files about actual cost share. Like backend.h for the rest. */
#ifndef STORE_CHARGE_H
#define STORE_CHARGE_H

#include "store/actual.h"
#include "store/backend.h"

#define DAY_MS INT64_C(86400000)

/* The objective that a charge is of; 0: none of ours. FOLDED is its resource's id in lower case. (charge_match.c) */
int charge_match(
    struct store *s, const struct charge *c, const char *folded, int64_t *objective, struct err *e);
/*
 * Puts what is known of the month of now_ms into each scope that it counts in, and
 * takes it out of all others. (charge_scope.c)
 */
int charges_to_scopes(struct store *s, int64_t now_ms, struct err *e);

#endif
