/* FOCUS' own words for what Azure's price list calls otherwise. */
#ifndef PRICING_FOCUS_SERVICE_H
#define PRICING_FOCUS_SERVICE_H

#include "base/buf.h"
#include "pricing/unit.h"

/* The one category of a service; "Other" of one that is not in the table, or NULL. */
const char *focus_category(const char *service);
/* "Hours", "GB/Month", "10000 Units". */
void focus_unit(struct buf *out, const struct unit *u);

#endif
