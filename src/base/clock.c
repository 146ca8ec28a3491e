/* Time in milliseconds, and its texts. Dates are those of the Gregorian calendar, in UTC. */
#include "config.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

static const struct {
	const char *name;  /* as a person types it */
	const char *shown; /* as we write it */
	int64_t ms;
} units[] = {
	{ "d", "d", DAY_MS },
	{ "h", "h", HOUR_MS },
	{ "m", "min", MINUTE_MS },
	{ "s", "s", SECOND_MS },
	{ "ms", "ms", 1 },
	{ "", NULL, SECOND_MS },
};

static int64_t test_now_ms = -1;
static int64_t test_boot_ms = -1;

static int64_t
read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * SECOND_MS + ts.tv_nsec / 1000000;
}

int64_t
clock_now_ms(void)
{
	return test_now_ms >= 0 ? test_now_ms : read_clock(CLOCK_REALTIME);
}

int64_t
clock_boot_ms(void)
{
	return test_boot_ms >= 0 ? test_boot_ms : read_clock(CLOCK_BOOTTIME);
}

void
clock_set_for_test(int64_t now_ms, int64_t boot_ms)
{
	test_now_ms = now_ms;
	test_boot_ms = boot_ms;
}

const char *
clock_boot_id(void)
{
	static char id[64];
	CLEANUP(buf_clear) struct buf text = BUF_INIT(sizeof(id) - 1);

	if (id[0] == '\0' &&
	    file_read("/proc/sys/kernel/random/boot_id", sizeof(id) - 1, &text, NULL) == 0) {
		size_t len = strcspn(buf_str(&text), "\n");

		memcpy(id, buf_str(&text), len);
		id[len] = '\0';
	}
	return id;
}

const char *
clock_format(int64_t ms, char out[static CLOCK_TEXT_SIZE])
{
	int64_t rest = ms % SECOND_MS;
	time_t seconds = (time_t)(ms / SECOND_MS);
	struct tm tm;

	/* C rounds towards zero; before 1970 that is the wrong way. */
	if (rest < 0) {
		rest += SECOND_MS;
		seconds--;
	}
	/* RFC 3339 has four digits for the year and no sign. */
	if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
		snprintf(out, CLOCK_TEXT_SIZE, "%" PRId64 " ms", ms);
	else
		snprintf(out, CLOCK_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		    (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
		    (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100,
		    (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100, (unsigned)rest % 1000);
	return out;
}

/* The largest unit that fits, and the next one below it unless that is zero. */
const char *
clock_format_span(int64_t ms, char out[static CLOCK_TEXT_SIZE])
{
	uint64_t left = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;
	const char *sign = ms < 0 ? "-" : "";
	size_t i = 0;
	uint64_t first, second;

	if (left == 0) {
		snprintf(out, CLOCK_TEXT_SIZE, "0 s");
		return out;
	}
	while (left < (uint64_t)units[i].ms)
		i++;
	first = left / (uint64_t)units[i].ms;
	/* Milliseconds beside seconds would only distract. */
	second = 0;
	if (units[i].ms > SECOND_MS)
		second = left % (uint64_t)units[i].ms / (uint64_t)units[i + 1].ms;
	if (second > 0)
		snprintf(out, CLOCK_TEXT_SIZE, "%s%" PRIu64 " %s %" PRIu64 " %s", sign, first,
		    units[i].shown, second, units[i + 1].shown);
	else
		snprintf(out, CLOCK_TEXT_SIZE, "%s%" PRIu64 " %s", sign, first, units[i].shown);
	return out;
}

/* Exactly n digits at *p, which moves past them; -1 if they are none. */
static int
take_digits(const char **p, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static bool
take_char(const char **p, const char *allowed)
{
	if (**p == '\0' || strchr(allowed, **p) == NULL)
		return false;
	(*p)++;
	return true;
}

static int
days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
take_date(const char **p, struct tm *tm)
{
	int year, month, day;

	if ((year = take_digits(p, 4)) < 0 || !take_char(p, "-") ||
	    (month = take_digits(p, 2)) < 1 || month > 12 || !take_char(p, "-") ||
	    (day = take_digits(p, 2)) < 1 || day > days_of_month(year, month))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return true;
}

/* The second 60 of a leap second is taken as the first of the next minute. */
static bool
take_time(const char **p, struct tm *tm)
{
	if ((tm->tm_hour = take_digits(p, 2)) < 0 || tm->tm_hour > 23 || !take_char(p, ":") ||
	    (tm->tm_min = take_digits(p, 2)) < 0 || tm->tm_min > 59 || !take_char(p, ":") ||
	    (tm->tm_sec = take_digits(p, 2)) < 0 || tm->tm_sec > 60)
		return false;
	return true;
}

/* What is finer than a millisecond is dropped. */
static bool
take_fraction(const char **p, int64_t *ms)
{
	int64_t weight = SECOND_MS / 10;
	int digit = 0;

	*ms = 0;
	if (!take_char(p, "."))
		return true;
	if (**p < '0' || **p > '9')
		return false;
	while (**p >= '0' && **p <= '9' && (digit = take_digits(p, 1)) >= 0) {
		*ms += digit * weight;
		weight /= 10;
	}
	return true;
}

static bool
take_offset(const char **p, int64_t *ms)
{
	int64_t sign = **p == '-' ? -1 : 1;
	int hours, minutes;

	*ms = 0;
	if (take_char(p, "Zz"))
		return true;
	if (!take_char(p, "+-") || (hours = take_digits(p, 2)) < 0 || hours > 23 ||
	    !take_char(p, ":") || (minutes = take_digits(p, 2)) < 0 || minutes > 59)
		return false;
	*ms = sign * (hours * HOUR_MS + minutes * MINUTE_MS);
	return true;
}

int
clock_parse(const char *text, int64_t *ms, struct err *e)
{
	const char *p = text;
	int64_t fraction, offset;
	struct tm tm = { 0 };

	if (!take_date(&p, &tm) || !take_char(&p, "Tt ") || !take_time(&p, &tm) ||
	    !take_fraction(&p, &fraction) || !take_offset(&p, &offset) || *p != '\0')
		return err_set(e, ERR_INPUT,
		    "\"%s\" is no time like 2026-11-21T02:00:00Z or 2026-11-21T02:00:00+01:00",
		    text);
	*ms = (int64_t)timegm(&tm) * SECOND_MS + fraction - offset;
	return 0;
}

int
clock_parse_span(const char *text, int64_t *ms, struct err *e)
{
	const char *p = text;
	int64_t value = 0;

	while (*p >= '0' && *p <= '9') {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *p - '0', &value))
			return err_set(e, ERR_INPUT, "\"%s\" is too long a time", text);
		p++;
	}
	for (size_t i = 0; p > text && i < COUNT_OF(units); i++) {
		if (strcmp(p, units[i].name) != 0)
			continue;
		if (__builtin_mul_overflow(value, units[i].ms, &value))
			return err_set(e, ERR_INPUT, "\"%s\" is too long a time", text);
		*ms = value;
		return 0;
	}
	return err_set(
	    e, ERR_INPUT, "\"%s\" is no span of time like 90s, 5m, 2h, 1d or 250ms", text);
}
