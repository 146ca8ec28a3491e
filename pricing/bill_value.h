/* Values in a bill: amounts, days, tags and accounts as exports write them. */
#ifndef PRICING_BILL_VALUE_H
#define PRICING_BILL_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/money.h"

/*
 * An amount in units of 10^-18, because exports have more decimals than money_t
 * has, and a day's many small charges are to be rounded only once: "-12.34",
 * "4.5E-07". False: it is none, or beyond 10^10. Sums of them do not overflow.
 */
bool bill_amount_parse(const char *text, __int128 *out);
/* Rounded to nano-units as core/money.h does. */
int bill_amount_round(__int128 amount, money_t *out, struct err *e);

/*
 * 11/05/2026 may be November 5 or May 11. Azure means the former; but what a
 * spreadsheet has saved again may be either, so something in the file must show it.
 */
enum bill_day {
	BILL_DAY_NONE,      /* not understood */
	BILL_DAY_CLEAR,     /* 2026-11-05, with or without a time in UTC; 11/11/2026 */
	BILL_DAY_PROOF,     /* 11/25/2026: the month comes first here */
	BILL_DAY_AMBIGUOUS, /* taken as if the month came first */
};
/* *ms: 00:00 UTC of that day. */
enum bill_day bill_day_parse(const char *text, int64_t *ms);

/*
 * The value of our tag, OBJECTIVE_TAG in whatever case; NULL if there is none. TAGS is a JSON object, with or
 * without its braces; one that does not name our tag is not looked at. -1 and
 * ERR_INPUT: it names the tag and is no JSON. The caller's own.
 */
int bill_tag_find(const char *tags, char **value, struct err *e);

/*
 * The name of a subscription or billing account without what stands before and
 * behind it, in lower case, so that exports of different formats agree on it:
 * "/subscriptions/ID", "ID". The caller's own.
 */
char *bill_account_name(const char *text);

#endif
