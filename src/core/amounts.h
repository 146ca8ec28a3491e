/* What something costs: at least, likely, and at most. Limits bind on the last. */
#ifndef CORE_AMOUNTS_H
#define CORE_AMOUNTS_H

#include <cjson/cJSON.h>

#include "core/accrual.h"

struct amounts {
	money_t low, expected, high;
};

/* Adds ONE to SUM; ERR_INPUT if it does not fit. */
int amounts_add(struct amounts *sum, const struct amounts *one, struct err *e);
/*
 * What amounts a month come to from one time to another, as far as that is in MONTH;
 * nothing if it ends before it begins. ERR_INPUT if it does not fit.
 */
int amounts_in_month(const struct amounts *monthly, month_t month, int64_t from_ms, int64_t to_ms,
    struct amounts *out, struct err *e);
/* {"low": "1.00", "expected": ..., "high": ...}; the caller's own. */
cJSON *amounts_to_json(const struct amounts *amounts);

#endif
