/* Days belong to UTC, as in budgets and bills. */
#include "config.h"

#include "cli/when.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define DAY_MS (24 * 60 * 60 * INT64_C(1000))
#define YEARS_MAX 100
/* No clock reaches further, and sums of times stay far from their end. */
#define SPAN_MAX_MS (YEARS_MAX * 366 * DAY_MS)

static int
parse_date(const char *text, int64_t *out)
{
	AUTO_FREE char *midnight = xasprintf("%s"
					     "T00:00:00Z",
	    text);

	if (strlen(text) != strlen("2026-12-31") || clock_parse(midnight, out, NULL) < 0)
		return -1;
	/* "Until Monday" means that Monday is in it. */
	*out += DAY_MS;
	return 0;
}

static int
parse_span(const char *text, int64_t now_ms, int64_t *out)
{
	int64_t span;

	if (*text == '+')
		text++;
	/* A bare number would leave the unit to be guessed. */
	if (text[strspn(text, "0123456789")] == '\0' || clock_parse_span(text, &span, NULL) < 0 ||
	    span > SPAN_MAX_MS)
		return -1;
	*out = now_ms + span;
	return 0;
}

int
when_parse(const char *option, const char *text, int64_t now_ms, int64_t *out, struct err *e)
{
	if (parse_date(text, out) == 0 || clock_parse(text, out, NULL) == 0 ||
	    parse_span(text, now_ms, out) == 0)
		return 0;
	return err_set(e, ERR_INPUT,
	    "--%s: \"%s\" is neither a date such as 2026-12-31, nor a time such as "
	    "2026-12-31T18:00:00Z, nor a duration such as +7d",
	    option, text);
}

int
when_parse_month(const char *text, int64_t now_ms, month_t *out, struct err *e)
{
	*out = month_of(now_ms);
	if (text != NULL && month_parse(text, out, e) < 0)
		return err_in(e, "--month");
	if (*out > month_of(now_ms))
		return err_set(e, ERR_INPUT, "--month: %s is still to come", text);
	return 0;
}
