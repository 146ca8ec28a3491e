/*
 * Time is int64 milliseconds. Wall-clock time (UTC) is for records, boot time
 * (runs through suspend, never set) for leases and durations. Tests replace
 * both.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/err.h"

#define CLOCK_TEXT_SIZE 48

int64_t clock_now_ms(void);  /* CLOCK_REALTIME */
int64_t clock_boot_ms(void); /* CLOCK_BOOTTIME */
/* From now on both clocks answer these; a negative value gives the real one back. */
void clock_set_for_test(int64_t now_ms, int64_t boot_ms);

/* This boot's id (/proc/sys/kernel/random/boot_id); borrowed, "" if it cannot be read. */
const char *clock_boot_id(void);

/* "2026-11-21T02:03:04.567Z". */
const char *clock_format(int64_t ms, char out[static CLOCK_TEXT_SIZE]);
/* "3 s", "2 min 5 s", "4 h 10 min", "3 d 2 h". */
const char *clock_format_span(int64_t ms, char out[static CLOCK_TEXT_SIZE]);
/* RFC 3339 ("2026-11-21T02:00:00Z", with offset or fraction too) to ms since 1970. */
int clock_parse(const char *text, int64_t *ms, struct err *e);
/* "90s", "5m", "2h", "1d", "250ms" or plain seconds; to ms, not negative. */
int clock_parse_span(const char *text, int64_t *ms, struct err *e);

#endif
