/* The wait that a service asks for in the middle of a text. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/failure_index.h"

/* No service asks for more; such a number is something else. */
#define WAIT_MAX_MS ((int64_t)7 * 24 * 3600 * 1000)

/* Words after which a wait may stand. A bare number is seconds only behind the first. */
static const struct {
	const char *words;
	bool bare;
} announcements[] = {
	{ "retry-after", true },
	{ "retryafter", true },
	{ "retry after", true },
	{ "retried after", false },
	{ "retried in", false },
	{ "retry in", false },
	{ "retrying in", false },
	{ "try again after", false },
	{ "try again in", false },
	{ "try after", false },
	{ "please wait", false },
	{ "wait for", false },
};

static const struct {
	const char *name;
	int64_t ms;
} units[] = {
	{ "milliseconds", 1 },
	{ "millisecond", 1 },
	{ "ms", 1 },
	{ "seconds", 1000 },
	{ "second", 1000 },
	{ "secs", 1000 },
	{ "sec", 1000 },
	{ "s", 1000 },
	{ "minutes", 60000 },
	{ "minute", 60000 },
	{ "mins", 60000 },
	{ "min", 60000 },
	{ "m", 60000 },
	{ "hours", 3600000 },
	{ "hour", 3600000 },
	{ "h", 3600000 },
};

static const char *
skip_fillers(const char *p)
{
	static const char *const fillers[] = { "about ", "at least ", "approximately ", "another ",
		"for " };

	for (bool again = true; again;) {
		again = false;
		p += strspn(p, " \t:=\"'`([\\");
		for (size_t i = 0; i < COUNT_OF(fillers); i++)
			if (strncmp(p, fillers[i], strlen(fillers[i])) == 0) {
				p += strlen(fillers[i]);
				again = true;
			}
	}
	return p;
}

/* The unit at P, a whole word; 0 if there is none. */
static int64_t
unit_at(const char *p)
{
	size_t len;

	p += strspn(p, " '\"`)]\\");
	len = strspn(p, "abcdefghijklmnopqrstuvwxyz");
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (strlen(units[i].name) == len && strncmp(p, units[i].name, len) == 0)
			return units[i].ms;
	return 0;
}

/* Up to nine digits; more are no time. */
static bool
number_at(const char **p, int64_t *number)
{
	size_t digits = strspn(*p, "0123456789");

	if (digits == 0 || digits > 9)
		return false;
	*number = strtol(*p, NULL, 10);
	*p += digits;
	return true;
}

/* "00:01:30" */
static bool
clock_at(const char *p, int64_t *ms)
{
	int64_t hours, minutes, seconds;

	if (!number_at(&p, &hours) || *p++ != ':' || !number_at(&p, &minutes) || *p++ != ':' ||
	    !number_at(&p, &seconds) || minutes > 59 || seconds > 59)
		return false;
	*ms = (hours * 3600 + minutes * 60 + seconds) * 1000;
	return true;
}

/* The time at P, behind an announcement; 0 if there stands none. A fraction is rounded up. */
static int64_t
wait_at(const char *p, bool bare)
{
	int64_t number, ms, unit = 0;

	if (bare && strncmp(p, "-ms", 3) == 0) {
		unit = 1;
		p += 3;
	}
	p = skip_fillers(p);
	if (clock_at(p, &ms))
		return ms;
	if (!number_at(&p, &number))
		return 0;
	if (*p == '.' && isdigit((unsigned char)p[1])) {
		number++;
		p += 1 + strspn(p + 1, "0123456789");
	}
	if (unit == 0)
		unit = unit_at(p);
	if (unit == 0 && bare)
		unit = 1000;
	return number * unit;
}

int64_t
failure_wait_ms(const char *text)
{
	int64_t longest = 0;

	for (size_t i = 0; i < COUNT_OF(announcements); i++) {
		const char *words = announcements[i].words;
		for (const char *p = strstr(text, words); p; p = strstr(p, words)) {
			p += strlen(words);
			int64_t ms = wait_at(p, announcements[i].bare);
			if (ms > longest && ms <= WAIT_MAX_MS)
				longest = ms;
		}
	}
	return longest;
}
