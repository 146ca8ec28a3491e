/*
 * The rules in force. The limits are kept in the order of their scopes, so that
 * one is found without a walk, and the same rules have the same digest wherever
 * they stand in their file.
 */
#include <config.h>

#include "core/budget.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/budget_names.h"

static const char *const period_names[BUDGET_PERIODS] = {
	[BUDGET_MONTHLY] = "monthly",
	[BUDGET_DAILY] = "daily",
};

/* Of on_exceed. */
static const char *const exceed_names[REACTIONS] = {
	[REACTION_HOLD] = "hold",
	[REACTION_DENY] = "deny",
	[REACTION_ADMIT] = "warn",
};

static const char *const unpriced_names[REACTIONS] = {
	[REACTION_HOLD] = "hold",
	[REACTION_DENY] = "deny",
	[REACTION_ADMIT] = "allow",
};

const char *
budget_period_name(enum budget_period period)
{
	assert(period < BUDGET_PERIODS);
	return period_names[period];
}

enum budget_period
budget_period_from_name(const char *name)
{
	enum budget_period period = 0;

	while (period < BUDGET_PERIODS && (name == NULL || strcmp(period_names[period], name) != 0))
		period++;
	return period;
}

const char *
budget_exceed_name(enum budget_reaction reaction)
{
	return exceed_names[reaction];
}

const char *
budget_unpriced_name(enum budget_reaction reaction)
{
	return unpriced_names[reaction];
}

void
budget_init(struct budget *b)
{
	*b = (struct budget){
		.currency = "USD",
		.thresholds = { 50 * DECIMAL_ONE, 80 * DECIMAL_ONE, 100 * DECIMAL_ONE },
		.n_thresholds = 3,
		.on_exceed = REACTION_HOLD,
		.unpriced = REACTION_HOLD,
	};
}

void
budget_clear(struct budget *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->n_limits; i++) {
		free(b->limits[i].scope);
		free(b->limits[i].key);
		free(b->limits[i].where);
	}
	free(b->limits);
	free(b->on_exceed_where);
	free(b->unpriced_where);
	free(b->approval_where);
	*b = (struct budget){ 0 };
}

int
budget_limit_compare(const void *a, const void *b)
{
	const struct budget_limit *one = a, *other = b;
	int order = strcmp(one->scope, other->scope);

	return order != 0 ? order : (int)one->period - (int)other->period;
}

const struct budget_limit *
budget_limit(const struct budget *b, const char *scope, enum budget_period period)
{
	size_t low = 0, high = b->n_limits;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct budget_limit *limit = &b->limits[middle];
		int order = strcmp(scope, limit->scope);

		if (order == 0)
			order = (int)period - (int)limit->period;
		if (order == 0)
			return limit;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static cJSON *
limits_to_json(const struct budget *b, bool with_places)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < b->n_limits; i++) {
		const struct budget_limit *limit = &b->limits[i];
		cJSON *one = cJSON_CreateObject();

		json_add_str(one, "scope", limit->scope);
		json_add_str(one, "period", budget_period_name(limit->period));
		json_add_money(one, "amount", limit->amount);
		if (with_places)
			json_add_str(one, "where", limit->where);
		cJSON_AddItemToArray(list, one);
	}
	return list;
}

static cJSON *
to_json(const struct budget *b, bool with_places)
{
	cJSON *json = cJSON_CreateObject(), *thresholds;
	char text[MONEY_TEXT_SIZE];

	json_add_str(json, "currency", b->currency);
	cJSON_AddItemToObject(json, "limits", limits_to_json(b, with_places));
	thresholds = cJSON_AddArrayToObject(json, "alert_thresholds");
	for (size_t i = 0; i < b->n_thresholds; i++)
		cJSON_AddItemToArray(
		    thresholds, cJSON_CreateString(decimal_format(b->thresholds[i], text)));
	json_add_str(json, "on_exceed", budget_exceed_name(b->on_exceed));
	json_add_str(json, "unpriced", budget_unpriced_name(b->unpriced));
	if (b->approves)
		json_add_money(json, "approval_above", b->approval_above);
	return json;
}

cJSON *
budget_to_json(const struct budget *b)
{
	return to_json(b, true);
}

/* The thresholds too, although no ruling asks for them: whoever changes them wants to be told anew. */
void
budget_digest(const struct budget *b, char out[static DIGEST_SIZE])
{
	AUTO_JSON cJSON *json = to_json(b, false);
	AUTO_FREE char *text = json_canonical(json);

	digest_text(text, out);
}

bool
budget_binds(const struct budget *b)
{
	return b->n_limits > 0 || b->approves;
}
