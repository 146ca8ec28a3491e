/*
 * [budget] of the configuration file. Strict, because a limit that is spelled
 * wrong would limit nothing, and nobody would know until the bill comes.
 */
#include <config.h>

#include "core/budget.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/budget_names.h"
#include "core/keys.h"
#include "core/names.h"
#include "core/scope.h"
#include "core/suggest.h"

#define LIMITS_MAX 100000
#define KEY_LEN_MAX 4096
#define THRESHOLD_MAX (1000 * DECIMAL_ONE)

struct parser {
	struct budget *b;
	const struct doc *doc;
	struct faults *faults;
	struct names scopes; /* of the limits, to their numbers */
	size_t cap;          /* of b->limits */
};

/* Adds a fault with the place of VALUE; its format is a literal, so that the compiler checks it. */
#define FAULT(p, value, ...)                                                                  \
	({                                                                                    \
		char place_[PLACE_MAX];                                                       \
		faults_add(                                                                   \
		    (p)->faults, doc_where((p)->doc, value, place_, PLACE_MAX), __VA_ARGS__); \
	})

static char *
where(const struct parser *p, const cJSON *value)
{
	char place[PLACE_MAX];

	return xstrdup(doc_where(p->doc, value, place, sizeof(place)));
}

/* ---- amounts and limits ---- */

/* "budget.labels.team" and "a b" make "budget.labels.team.\"a b\"", as one would write it. */
static char *
key_below(const char *parent, const char *name)
{
	static const char bare[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789_-";
	struct buf key = BUF_INIT(KEY_LEN_MAX);

	buf_addf(&key, "%s.", parent);
	if (*name != '\0' && name[strspn(name, bare)] == '\0')
		buf_adds(&key, name);
	else
		json_quote(&key, name);
	return buf_take(&key);
}

static int
take_amount(struct parser *p, const char *key, const cJSON *value, money_t *out)
{
	struct err e = { 0 };

	if (!cJSON_IsString(value) && !cJSON_IsNumber(value))
		return FAULT(p, value, "%s must be an amount such as 500 or \"500.00\", not %s",
		    key, keys_kind(value));
	if (money_from_json(value, out, &e) < 0)
		return FAULT(p, value, "%s: %s", key, e.msg);
	return 0;
}

static int
take_limit(struct parser *p, const char *scope, enum budget_period period, const char *key,
    const cJSON *value)
{
	struct budget *b = p->b;
	money_t amount;

	if (take_amount(p, key, value, &amount) < 0)
		return -1;
	if (b->n_limits >= LIMITS_MAX)
		return FAULT(p, value, "%s: there are more than %d limits", key, LIMITS_MAX);
	b->limits = xgrow(b->limits, b->n_limits, &p->cap, sizeof(*b->limits));
	b->limits[b->n_limits++] = (struct budget_limit){
		.scope = xstrdup(scope),
		.period = period,
		.amount = amount,
		.key = xstrdup(key),
		.where = where(p, value),
	};
	return 0;
}

static int
take_monthly(struct parser *p, const char *key, const cJSON *value)
{
	return take_limit(p, SCOPE_GLOBAL, BUDGET_MONTHLY, key, value);
}

static int
take_daily(struct parser *p, const char *key, const cJSON *value)
{
	return take_limit(p, SCOPE_GLOBAL, BUDGET_DAILY, key, value);
}

static int
take_approval(struct parser *p, const char *key, const cJSON *value)
{
	if (take_amount(p, key, value, &p->b->approval_above) < 0)
		return -1;
	p->b->approves = true;
	p->b->approval_where = where(p, value);
	return 0;
}

/* ---- tables of limits ---- */

/* One of a group or of a label. */
static int
take_scope(struct parser *p, const char *parent, const char *scope, const cJSON *value)
{
	AUTO_FREE char *key = key_below(parent, value->string);
	size_t number = p->b->n_limits;

	if (names_find(&p->scopes, scope) != NAMES_NONE)
		return FAULT(p, value, "%s: \"%s\" stands there already, in other letters", parent,
		    value->string);
	if (take_limit(p, scope, BUDGET_MONTHLY, key, value) < 0)
		return -1;
	/* The limit's own copy stays until all are read. */
	names_put(&p->scopes, p->b->limits[number].scope, number);
	return 0;
}

static int
take_group(struct parser *p, const char *parent, const cJSON *value)
{
	AUTO_FREE char *scope = NULL;

	if (!scope_group_is_valid(value->string))
		return FAULT(p, value, "%s: \"%.100s\" is no name of a resource group", parent,
		    value->string);
	scope = scope_of_group(value->string);
	return take_scope(p, parent, scope, value);
}

static int
take_label(struct parser *p, const char *parent, const char *name, const cJSON *value)
{
	const char *fault = scope_label_fault(name, value->string);
	AUTO_FREE char *scope = NULL;

	if (fault != NULL)
		return FAULT(
		    p, value, "%s: label \"%.60s=%.60s\" %s", parent, name, value->string, fault);
	scope = scope_of_label(name, value->string);
	return take_scope(p, parent, scope, value);
}

static int
take_groups(struct parser *p, const char *key, const cJSON *value)
{
	const cJSON *group;
	int failed = 0;

	if (!cJSON_IsObject(value))
		return FAULT(p, value, "%s must be a table of limits, NAME = AMOUNT, not %s", key,
		    keys_kind(value));
	cJSON_ArrayForEach (group, value)
		if (take_group(p, key, group) < 0)
			failed = -1;
	return failed;
}

static int
take_label_values(struct parser *p, const char *key, const cJSON *name)
{
	const cJSON *label;
	int failed = 0;

	if (!cJSON_IsObject(name))
		return FAULT(p, name, "%s must be a table of limits, VALUE = AMOUNT, not %s", key,
		    keys_kind(name));
	cJSON_ArrayForEach (label, name)
		if (take_label(p, key, name->string, label) < 0)
			failed = -1;
	return failed;
}

static int
take_labels(struct parser *p, const char *key, const cJSON *value)
{
	const cJSON *name;
	int failed = 0;

	if (!cJSON_IsObject(value))
		return FAULT(
		    p, value, "%s must be a table of labels, not %s", key, keys_kind(value));
	cJSON_ArrayForEach (name, value) {
		AUTO_FREE char *below = key_below(key, name->string);

		if (take_label_values(p, below, name) < 0)
			failed = -1;
	}
	return failed;
}

/* ---- words and percents ---- */

static int
take_currency(struct parser *p, const char *key, const cJSON *value)
{
	if (!cJSON_IsString(value))
		return FAULT(p, value, "%s must be a string, not %s", key, keys_kind(value));
	if (strcmp(value->valuestring, p->b->currency) != 0)
		return FAULT(p, value,
		    "%s is \"%.60s\", but the price book is in %s, and so must the limits be", key,
		    value->valuestring, p->b->currency);
	return 0;
}

static int
take_reaction(struct parser *p, const char *key, const cJSON *value,
    const char *(*name)(enum budget_reaction), enum budget_reaction *out, char **place)
{
	struct suggest near;
	char hint[PLACE_MAX];

	if (!cJSON_IsString(value))
		return FAULT(p, value, "%s must be a string, not %s", key, keys_kind(value));
	suggest_init(&near, value->valuestring);
	for (enum budget_reaction i = 0; i < REACTIONS; i++) {
		suggest_offer(&near, name(i));
		if (strcmp(value->valuestring, name(i)) == 0) {
			*out = i;
			*place = where(p, value);
			return 0;
		}
	}
	return FAULT(p, value, "%s: \"%.60s\" is none of %s, %s, %s%s", key, value->valuestring,
	    name(REACTION_HOLD), name(REACTION_DENY), name(REACTION_ADMIT),
	    suggest_text(&near, hint, sizeof(hint)));
}

static int
take_on_exceed(struct parser *p, const char *key, const cJSON *value)
{
	return take_reaction(
	    p, key, value, budget_exceed_name, &p->b->on_exceed, &p->b->on_exceed_where);
}

static int
take_unpriced(struct parser *p, const char *key, const cJSON *value)
{
	return take_reaction(
	    p, key, value, budget_unpriced_name, &p->b->unpriced, &p->b->unpriced_where);
}

/* Into its place among those that are there. */
static int
take_threshold(struct parser *p, const char *key, const cJSON *value)
{
	struct budget *b = p->b;
	struct err e = { 0 };
	decimal_t percent;
	size_t at = b->n_thresholds;

	if (!cJSON_IsNumber(value))
		return FAULT(p, value,
		    "%s must be a list of percents such as [50, 80, 100], not of %s", key,
		    keys_kind(value));
	if (decimal_from_json(value, &percent, &e) < 0)
		return FAULT(p, value, "%s: %s", key, e.msg);
	if (percent <= 0 || percent > THRESHOLD_MAX)
		return FAULT(
		    p, value, "%s: %.15g is not above 0 and at most 1000", key, value->valuedouble);
	while (at > 0 && b->thresholds[at - 1] >= percent)
		at--;
	if (at < b->n_thresholds && b->thresholds[at] == percent)
		return FAULT(p, value, "%s: %.15g stands there already", key, value->valuedouble);
	memmove(&b->thresholds[at + 1], &b->thresholds[at],
	    (b->n_thresholds++ - at) * sizeof(*b->thresholds));
	b->thresholds[at] = percent;
	return 0;
}

static int
take_thresholds(struct parser *p, const char *key, const cJSON *value)
{
	const cJSON *percent;
	int failed = 0;

	if (!cJSON_IsArray(value))
		return FAULT(p, value,
		    "%s must be a list of percents such as [50, 80, 100], not %s", key,
		    keys_kind(value));
	if (cJSON_GetArraySize(value) > BUDGET_THRESHOLDS_MAX)
		return FAULT(
		    p, value, "%s has more than %d thresholds", key, BUDGET_THRESHOLDS_MAX);
	p->b->n_thresholds = 0;
	cJSON_ArrayForEach (percent, value)
		if (take_threshold(p, key, percent) < 0)
			failed = -1;
	return failed;
}

/* ---- the section ---- */

static const struct {
	const char *name;
	int (*read)(struct parser *p, const char *key, const cJSON *value);
} keys[] = {
	{ "currency", take_currency },
	{ "monthly_limit", take_monthly },
	{ "daily_limit", take_daily },
	{ "alert_thresholds", take_thresholds },
	{ "on_exceed", take_on_exceed },
	{ "unpriced", take_unpriced },
	{ "approval_above", take_approval },
	{ "resource_groups", take_groups },
	{ "labels", take_labels },
};

static int
take_key(struct parser *p, const cJSON *value)
{
	struct suggest near;
	char hint[PLACE_MAX];

	suggest_init(&near, value->string);
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		suggest_offer(&near, keys[i].name);
		if (strcmp(keys[i].name, value->string) == 0) {
			AUTO_FREE char *key = key_below("budget", value->string);

			return keys[i].read(p, key, value);
		}
	}
	return FAULT(p, value, "unknown setting \"%s\" in [budget]%s", value->string,
	    suggest_text(&near, hint, sizeof(hint)));
}

int
budget_apply(struct budget *b, const cJSON *section, const struct doc *doc, struct faults *faults)
{
	struct parser p = { .b = b, .doc = doc, .faults = faults };
	const cJSON *value;
	int failed = 0;

	if (!cJSON_IsObject(section))
		return FAULT(&p, section, "[budget] must be a table");
	budget_clear(b);
	budget_init(b);
	b->stated = true;
	cJSON_ArrayForEach (value, section)
		if (take_key(&p, value) < 0)
			failed = -1;
	names_clear(&p.scopes);
	if (b->n_limits > 0)
		qsort(b->limits, b->n_limits, sizeof(*b->limits), budget_limit_compare);
	return failed;
}
