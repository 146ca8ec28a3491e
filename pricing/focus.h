/*
 * Estimates as FOCUS 1.0 rows (FinOps Open Cost and Usage Specification), CSV as
 * RFC 4180 has it: what one component of one objective's estimate comes to in a
 * calendar month, while it stands. FOCUS knows no estimates: x_IsEstimate is true
 * in each row, and the file must not be put together with one of real charges.
 *
 * A null is an empty field. ListUnitPrice times PricingQuantity is ListCost,
 * exactly, for which ListCost may have up to 18 decimals.
 */
#ifndef PRICING_FOCUS_H
#define PRICING_FOCUS_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/accrual.h"

#define FOCUS_VERSION "1.0"

/* All borrowed. */
struct focus_charge {
	const char *account; /* who pays; not empty */
	const char *objective_id, *batch, *name, *capability;
	const char *resource_group; /* "": none */
	const char *state;          /* of the reservation */
	const cJSON *labels;        /* an object of texts, or NULL */
	const char *service;        /* as the price list calls it; NULL: it is not known */
	const cJSON *component;     /* of estimate_to_json() */
	const char *currency;
	month_t month;
	int64_t from_ms, to_ms; /* the part of the month in which it stands */
};

void focus_header(struct buf *out);
/* 1: a row was added; 0: the component has no known price, or stands at no time of the month; -1 and an error. */
int focus_add(struct buf *out, const struct focus_charge *c, struct err *e);

#endif
