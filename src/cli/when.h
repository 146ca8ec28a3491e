/* Times to come, and months that have begun, as people type them on the command line. */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

#include <stdint.h>

#include "base/err.h"
#include "core/accrual.h"

/*
 * "2026-12-31" (to the end of that day, UTC), "2026-12-31T18:00:00Z", or "+7d":
 * so long from NOW_MS on. -1 and ERR_INPUT, which says what is expected of --OPTION.
 */
int when_parse(const char *option, const char *text, int64_t now_ms, int64_t *out, struct err *e);
/* "2026-11", of --month; NULL: the present one. -1 and ERR_INPUT, also for one that is still to come. */
int when_parse_month(const char *text, int64_t now_ms, month_t *out, struct err *e);

#endif
