/*
 * The API's texts are not an enumeration, but they are made of few words: a
 * number with K, M or B, what is counted, and for how long. What is made of
 * other words is refused.
 */
#include "config.h"

#include "pricing/unit.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define BLOCK_MAX INT64_C(1000000000000)

static const char *const amount_names[UNIT_AMOUNTS] = {
	[UNIT_COUNT] = "count",
	[UNIT_MB] = "MB",
	[UNIT_MIB] = "MiB",
	[UNIT_GB] = "GB",
	[UNIT_GIB] = "GiB",
	[UNIT_TB] = "TB",
	[UNIT_TIB] = "TiB",
	[UNIT_IOPS] = "IOPS",
};

static const char *const time_names[UNIT_TIMES] = {
	[UNIT_ONCE] = "once",
	[UNIT_SECOND] = "second",
	[UNIT_MINUTE] = "minute",
	[UNIT_HOUR] = "hour",
	[UNIT_DAY] = "day",
	[UNIT_MONTH] = "month",
	[UNIT_YEAR] = "year",
};

static const int64_t time_seconds[UNIT_TIMES] = {
	[UNIT_ONCE] = 0,
	[UNIT_SECOND] = 1,
	[UNIT_MINUTE] = 60,
	[UNIT_HOUR] = 3600,
	[UNIT_DAY] = 24 * 3600,
	[UNIT_MONTH] = MONTH_HOURS * 3600,
	[UNIT_YEAR] = 12 * MONTH_HOURS * 3600,
};

/* Words for what is counted; case matters to none of them. */
static const struct {
	const char *word;
	enum unit_amount amount;
} amount_words[] = {
	{ "MB", UNIT_MB },
	{ "MiB", UNIT_MIB },
	{ "GB", UNIT_GB },
	{ "GiB", UNIT_GIB },
	{ "TB", UNIT_TB },
	{ "TiB", UNIT_TIB },
	{ "IOPS", UNIT_IOPS },
	{ "Unit", UNIT_COUNT },
	{ "Units", UNIT_COUNT },
	{ "Count", UNIT_COUNT },
	{ "User", UNIT_COUNT },
	{ "Users", UNIT_COUNT },
	{ "Rotation", UNIT_COUNT },
	{ "Rotations", UNIT_COUNT },
	{ "Transaction", UNIT_COUNT },
	{ "Transactions", UNIT_COUNT },
	{ "Request", UNIT_COUNT },
	{ "Requests", UNIT_COUNT },
};

/* The last ones are localised spellings that price sheets carry. */
static const struct {
	const char *word;
	enum unit_time time;
} time_words[] = {
	{ "Second", UNIT_SECOND }, { "Seconds", UNIT_SECOND }, { "Minute", UNIT_MINUTE },
	{ "Minutes", UNIT_MINUTE }, { "Hour", UNIT_HOUR }, { "Hours", UNIT_HOUR },
	{ "Day", UNIT_DAY }, { "Days", UNIT_DAY }, { "Month", UNIT_MONTH },
	{ "Months", UNIT_MONTH }, { "Year", UNIT_YEAR }, { "Years", UNIT_YEAR },
	{ "hora", UNIT_HOUR }, { "mes", UNIT_MONTH },
	{ "\xe5\xb0\x8f\xe6\x97\xb6", UNIT_HOUR }, /* Chinese "hour" */
	{ "\xe6\x9c\x88", UNIT_MONTH },            /* Chinese "month" */
};

const char *
unit_amount_name(enum unit_amount amount)
{
	assert(amount < UNIT_AMOUNTS);
	return amount_names[amount];
}

const char *
unit_time_name(enum unit_time time)
{
	assert(time < UNIT_TIMES);
	return time_names[time];
}

/* Digits at *at as a number above 0; FALLBACK if there are none, -1 if it is none that makes sense. */
static int64_t
read_number(const char **at, int64_t fallback)
{
	int64_t number = 0;

	if (!isdigit((unsigned char)**at))
		return fallback;
	for (; isdigit((unsigned char)**at); (*at)++) {
		number = number * 10 + (**at - '0');
		if (number > BLOCK_MAX)
			return -1;
	}
	return number > 0 ? number : -1;
}

/* K, M or B right behind the number, and nothing behind it that makes it a word. */
static int64_t
read_suffix(const char **at)
{
	int64_t times = 1;

	switch (**at) {
	case 'K':
		times = 1000;
		break;
	case 'M':
		times = 1000 * 1000;
		break;
	case 'B':
		times = 1000 * 1000 * 1000;
		break;
	default:
		return 1;
	}
	if ((*at)[1] != '\0' && (*at)[1] != ' ' && (*at)[1] != '/')
		return 1;
	(*at)++;
	return times;
}

static void
skip_space(const char **at)
{
	for (;;) {
		if (**at == ' ')
			(*at)++;
		else if (strncmp(*at, "\xc2\xa0", 2) == 0) /* no-break space */
			*at += 2;
		else
			return;
	}
}

/* The length of the word at hand, up to a space or a slash. */
static size_t
word_length(const char *at)
{
	size_t len = 0;

	while (at[len] != '\0' && at[len] != ' ' && at[len] != '/' &&
	    strncmp(at + len, "\xc2\xa0", 2) != 0)
		len++;
	return len;
}

static bool
is_word(const char *at, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(at, word, len) == 0;
}

static bool
take_amount(const char **at, struct unit *u)
{
	size_t len = word_length(*at);

	for (size_t i = 0; i < COUNT_OF(amount_words); i++) {
		if (is_word(*at, len, amount_words[i].word)) {
			u->amount = amount_words[i].amount;
			*at += len;
			return true;
		}
	}
	return false;
}

static bool
take_time(const char **at, struct unit *u)
{
	size_t len = word_length(*at);

	for (size_t i = 0; i < COUNT_OF(time_words); i++) {
		if (is_word(*at, len, time_words[i].word)) {
			u->time = time_words[i].time;
			*at += len;
			return true;
		}
	}
	return false;
}

static bool
parse(const char *at, struct unit *u)
{
	bool numbered = isdigit((unsigned char)*at);

	u->block = read_number(&at, 1);
	if (u->block < 0)
		return false;
	if (numbered)
		u->block *= read_suffix(&at);
	if (numbered && *at != '\0' && *at != ' ' && *at != '/' && strncmp(at, "\xc2\xa0", 2) != 0)
		return false;
	skip_space(&at);
	if (*at == '\0')
		return numbered;
	if (*at != '/') {
		if (!take_amount(&at, u))
			return take_time(&at, u) && *at == '\0';
		skip_space(&at);
		if (*at == '\0')
			return true;
	}
	if (*at == '/') {
		at++;
		u->period = read_number(&at, 1);
		skip_space(&at);
	}
	return u->period > 0 && take_time(&at, u) && *at == '\0';
}

int
unit_parse(const char *text, struct unit *out, struct err *e)
{
	struct unit u = { .amount = UNIT_COUNT, .time = UNIT_ONCE, .period = 1 };

	if (strlen(text) >= sizeof(u.text) || !parse(text, &u))
		return err_set(e, ERR_INPUT, "unit \"%.60s\" not understood", text);
	snprintf(u.text, sizeof(u.text), "%s", text);
	*out = u;
	return 0;
}

static int64_t
common_divisor(int64_t a, int64_t b)
{
	while (b != 0) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Divides both by what they have in common; a * b is to stand above the line and by below. */
static void
reduce(int64_t *a, int64_t *by)
{
	int64_t divisor = common_divisor(*a, *by);

	if (divisor > 1) {
		*a /= divisor;
		*by /= divisor;
	}
}

int
unit_quantity(const struct unit *u, decimal_t amount, decimal_t hours, __int128 *numerator,
    __int128 *denominator, struct err *e)
{
	/* amount * hours * 3600 above the line; the others below. */
	int64_t above[] = { amount, hours, 3600 };
	int64_t below[] = { u->block, DECIMAL_ONE, time_seconds[u->time], u->period };
	__int128 n = 1, d = 1;

	if (amount < 0 || hours < 0)
		return err_set(e, ERR_INPUT, "a quantity must not be negative");
	if (u->time == UNIT_ONCE) {
		above[1] = above[2] = 1;
		below[1] = below[2] = 1;
	}
	for (size_t i = 0; i < COUNT_OF(above); i++) {
		for (size_t j = 0; j < COUNT_OF(below); j++)
			reduce(&above[i], &below[j]);
	}
	for (size_t i = 0; i < COUNT_OF(above); i++) {
		if (__builtin_mul_overflow(n, (__int128)above[i], &n))
			return err_set(e, ERR_INPUT, "a quantity of \"%s\" is too large", u->text);
	}
	for (size_t j = 0; j < COUNT_OF(below); j++) {
		if (__builtin_mul_overflow(d, (__int128)below[j], &d))
			return err_set(e, ERR_INPUT, "unit \"%s\" is too large", u->text);
	}
	*numerator = n;
	*denominator = d;
	return 0;
}
