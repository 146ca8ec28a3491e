/* Low, expected and high: added together, so that a sum is right at all three or not made. */
#include <config.h>

#include "core/amounts.h"

#include "base/json.h"

int
amounts_add(struct amounts *sum, const struct amounts *one, struct err *e)
{
	struct amounts all;

	if (money_add(sum->low, one->low, &all.low, e) < 0 ||
	    money_add(sum->expected, one->expected, &all.expected, e) < 0 ||
	    money_add(sum->high, one->high, &all.high, e) < 0)
		return -1;
	*sum = all;
	return 0;
}

int
amounts_in_month(const struct amounts *monthly, month_t month, int64_t from_ms, int64_t to_ms,
    struct amounts *out, struct err *e)
{
	int64_t seconds = month_second(month, to_ms) - month_second(month, from_ms);
	int64_t length = month_seconds(month);

	if (seconds < 0)
		seconds = 0;
	if (accrual_part(monthly->low, seconds, length, &out->low, e) < 0 ||
	    accrual_part(monthly->expected, seconds, length, &out->expected, e) < 0)
		return -1;
	return accrual_part(monthly->high, seconds, length, &out->high, e);
}

cJSON *
amounts_to_json(const struct amounts *amounts)
{
	cJSON *json = cJSON_CreateObject();

	json_add_money(json, "low", amounts->low);
	json_add_money(json, "expected", amounts->expected);
	json_add_money(json, "high", amounts->high);
	return json;
}
