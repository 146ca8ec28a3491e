/* A time to come, as people type one on the command line. */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

#include <stdint.h>

#include "base/err.h"

/*
 * "2026-12-31" (to the end of that day, UTC), "2026-12-31T18:00:00Z", or "+7d":
 * so long from NOW_MS on. -1 and ERR_INPUT, which says what is expected of --OPTION.
 */
int when_parse(const char *option, const char *text, int64_t now_ms, int64_t *out, struct err *e);

#endif
