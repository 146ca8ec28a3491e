/* What something costs: at least, likely, and at most. Limits bind on the last. */
#ifndef CORE_AMOUNTS_H
#define CORE_AMOUNTS_H

#include <cjson/cJSON.h>

#include "core/money.h"

struct amounts {
	money_t low, expected, high;
};

/* Adds ONE to SUM; ERR_INPUT if it does not fit. */
int amounts_add(struct amounts *sum, const struct amounts *one, struct err *e);
/* {"low": "1.00", "expected": ..., "high": ...}; the caller's own. */
cJSON *amounts_to_json(const struct amounts *amounts);

#endif
