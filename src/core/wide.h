/*
 * The way from sums of 128 bits back to amounts: a rate times the seconds of a
 * month is beyond 64 bits, and is to be rounded only once it was divided.
 */
#ifndef CORE_WIDE_H
#define CORE_WIDE_H

#include <stdint.h>

#include "base/err.h"

/* -1 and ERR_INPUT if it does not fit; *out is then as it was. */
int wide_fit(__int128 value, int64_t *out, struct err *e);
/* value / by by the rule of core/money.h; BY is above 0. The same failure. */
int wide_divide(__int128 value, int64_t by, int64_t *out, struct err *e);

#endif
