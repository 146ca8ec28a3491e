#include "config.h"

#include "pricing/bill_value.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "core/objective.h"

#define DECIMALS 18
#define DIGITS_MAX 36 /* of a mantissa: twice of them still fit in 128 bits */
#define EXPONENT_MAX 99
#define NANO INT64_C(1000000000) /* 10^-18 in 10^-9 */

__extension__ typedef __int128 int128_t;

/* ---- amounts ---- */

/* Digits and a point; digits behind the point that tell nothing any more are passed over. */
static bool
take_mantissa(const char **at, int128_t *value, int *decimals)
{
	bool after_point = false;
	int digits = 0;
	const char *p = *at;

	if (!isdigit((unsigned char)*p))
		return false;
	for (*value = 0, *decimals = 0; isdigit((unsigned char)*p) || (*p == '.' && !after_point);
	     p++) {
		if (*p == '.') {
			after_point = true;
			continue;
		}
		if (digits == DIGITS_MAX && !after_point)
			return false;
		if (digits == DIGITS_MAX)
			continue;
		*value = *value * 10 + (*p - '0');
		digits += *value != 0;
		*decimals += after_point;
	}
	*at = p;
	return p[-1] != '.';
}

static bool
take_exponent(const char **at, int *exponent)
{
	const char *p = *at;
	bool negative;

	*exponent = 0;
	if (*p != 'e' && *p != 'E')
		return true;
	p++;
	negative = *p == '-';
	p += *p == '-' || *p == '+';
	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++) {
		*exponent = *exponent * 10 + (*p - '0');
		if (*exponent > EXPONENT_MAX)
			return false;
	}
	if (negative)
		*exponent = -*exponent;
	*at = p;
	return true;
}

static int128_t
divide(int128_t a, int128_t by)
{
	int128_t rest = a % by;

	return a / by + (rest >= by - rest);
}

/* VALUE, which is positive, times 10^SCALE; false beyond 10^10 units. */
static bool
scale_by(int128_t *value, int scale)
{
	const int128_t max = (int128_t)10 * NANO * NANO * NANO;
	int128_t by = 1;

	for (; scale > 0 && *value != 0; scale--) {
		*value *= 10;
		if (*value > max)
			return false;
	}
	/* What is divided by more than it can be is 0. */
	for (; scale < 0 && by <= *value; scale++)
		by *= 10;
	*value = scale < 0 ? 0 : divide(*value, by);
	return *value <= max;
}

bool
bill_amount_parse(const char *text, __int128 *out)
{
	bool negative = *text == '-';
	int decimals, exponent;

	text += negative;
	if (!take_mantissa(&text, out, &decimals) || !take_exponent(&text, &exponent) ||
	    *text != '\0')
		return false;
	if (!scale_by(out, DECIMALS - decimals + exponent))
		return false;
	if (negative)
		*out = -*out;
	return true;
}

int
bill_amount_round(__int128 amount, money_t *out, struct err *e)
{
	int128_t nanos = amount < 0 ? -divide(-amount, NANO) : divide(amount, NANO);

	if (nanos > INT64_MAX || nanos < INT64_MIN)
		return err_set(e, ERR_INPUT,
		    "the charges of a day are too large: beyond 9223372036 "
		    "nothing can be calculated");
	*out = (money_t)nanos;
	return 0;
}

/* ---- days ---- */

/* From MIN to MAX digits. */
static bool
take_number(const char **at, int min, int max, int *out)
{
	const char *p = *at;

	for (*out = 0; p - *at < max && isdigit((unsigned char)*p); p++)
		*out = *out * 10 + (*p - '0');
	if (p - *at < min)
		return false;
	*at = p;
	return true;
}

static bool
day_of(int year, int month, int day, int64_t *ms)
{
	char text[CLOCK_TEXT_SIZE];

	snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00Z", year, month, day);
	return clock_parse(text, ms, NULL) == 0;
}

/* Nothing, or a time of day that does not tell of another zone. */
static bool
is_time(const char *text)
{
	if (*text == '\0')
		return true;
	if (*text != 'T' && *text != ' ')
		return false;
	text++;
	if (!isdigit((unsigned char)*text))
		return false;
	text += strspn(text, "0123456789:.");
	return *text == '\0' || strcmp(text, "Z") == 0 || strcasecmp(text, " AM") == 0;
}

enum bill_day
bill_day_parse(const char *text, int64_t *ms)
{
	const char *at = text;
	int year, month, day;

	if (take_number(&at, 4, 4, &year) && *at++ == '-' && take_number(&at, 2, 2, &month) &&
	    *at++ == '-' && take_number(&at, 2, 2, &day))
		return is_time(at) && day_of(year, month, day, ms) ? BILL_DAY_CLEAR : BILL_DAY_NONE;
	at = text;
	if (!take_number(&at, 1, 2, &month) || *at++ != '/' || !take_number(&at, 1, 2, &day) ||
	    *at++ != '/' || !take_number(&at, 4, 4, &year) || !is_time(at) ||
	    !day_of(year, month, day, ms))
		return BILL_DAY_NONE;
	if (day > 12)
		return BILL_DAY_PROOF;
	return day == month ? BILL_DAY_CLEAR : BILL_DAY_AMBIGUOUS;
}

/* ---- tags and accounts ---- */

int
bill_tag_find(const char *tags, char **value, struct err *e)
{
	AUTO_FREE char *text = NULL;
	AUTO_JSON cJSON *json = NULL;
	const cJSON *tag;

	*value = NULL;
	if (strcasestr(tags, OBJECTIVE_TAG) == NULL)
		return 0;
	tags += strspn(tags, " \t\r\n");
	text = *tags == '{' ? xstrdup(tags) : xasprintf("{%s}", tags);
	json = json_parse(text, strlen(text), 1, e);
	if (json == NULL)
		return -1;
	if (!cJSON_IsObject(json))
		return err_set(e, ERR_INPUT, "it is no JSON object");
	tag = cJSON_GetObjectItem(json, OBJECTIVE_TAG); /* whatever its case */
	if (cJSON_IsString(tag) && id_is_valid(tag->valuestring))
		*value = xstrdup(tag->valuestring);
	return 0;
}

char *
bill_account_name(const char *text)
{
	static const char *const folders[] = { "subscriptions/", "billingAccounts/" };
	char *name;

	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		const char *at = strcasestr(text, folders[i]);

		if (at != NULL) {
			text = at + strlen(folders[i]);
			break;
		}
	}
	name = xstrndup(text, strcspn(text, "/"));
	for (char *p = name; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return name;
}
