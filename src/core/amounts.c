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

static void
add_money(cJSON *object, const char *key, money_t amount)
{
	char text[MONEY_TEXT_SIZE];

	json_add_str(object, key, money_format(amount, text));
}

cJSON *
amounts_to_json(const struct amounts *amounts)
{
	cJSON *json = cJSON_CreateObject();

	add_money(json, "low", amounts->low);
	add_money(json, "expected", amounts->expected);
	add_money(json, "high", amounts->high);
	return json;
}
