/*
 * Decision rules: what holds for an objective, and what follows from it.
 * Reading them is in decide_parse.c.
 */
#include <config.h>

#include "core/decide.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/keys.h"
#include "core/placeholder.h"

#define TEXT_MAX 4096

void
decide_clear(struct decide *d)
{
	for (size_t i = 0; i < d->n_rules; i++)
		free(d->rules[i].when);
	free(d->rules);
	strv_clear(&d->reads);
	*d = (struct decide){ 0 };
}

bool
decide_reads(const struct decide *d, const char *parameter)
{
	return strv_has(&d->reads, parameter);
}

bool
decide_sets(const struct decide *d, const char *parameter)
{
	for (size_t i = 0; i < d->n_rules; i++)
		if (keys_get(d->rules[i].set, parameter))
			return true;
	return false;
}

/* ---- applying ---- */

struct facts {
	const struct parameter *parameters;
	size_t n_parameters;
	const struct objective *o;
};

/* What the parameter is as long as nothing else sets it; NULL if that is not known here. */
static const cJSON *
literal_default(const struct facts *f, const char *name)
{
	struct placeholder found;

	for (size_t i = 0; i < f->n_parameters; i++) {
		const cJSON *value = f->parameters[i].default_value;

		if (strcmp(f->parameters[i].name, name) != 0)
			continue;
		return cJSON_IsString(value) && placeholder_next(value->valuestring, &found)
		    ? NULL
		    : value;
	}
	return NULL;
}

static bool
is_wanted(const cJSON *wanted, const struct decide_condition *c, const struct facts *f)
{
	const cJSON *value;

	switch (c->subject) {
	case DECIDE_REGION:
		return f->o->region && strcmp(f->o->region, wanted->valuestring) == 0;
	case DECIDE_LABEL:
		/* Azure does not tell the tag "Team" from "team". */
		value = cJSON_GetObjectItem(f->o->labels, c->name);
		return cJSON_IsString(value) &&
		    strcmp(value->valuestring, wanted->valuestring) == 0;
	case DECIDE_PARAMETER:
		value = keys_get(f->o->parameters, c->name);
		return cJSON_Compare(value ? value : literal_default(f, c->name), wanted, true);
	}
	return false;
}

static bool
holds(const struct decide_condition *c, const struct facts *f)
{
	const cJSON *wanted;

	if (!cJSON_IsArray(c->values))
		return is_wanted(c->values, c, f);
	cJSON_ArrayForEach (wanted, c->values)
		if (is_wanted(wanted, c, f))
			return true;
	return false;
}

static bool
all_hold(const struct decide_rule *rule, const struct facts *f)
{
	for (size_t i = 0; i < rule->n_when; i++)
		if (!holds(&rule->when[i], f))
			return false;
	return true;
}

static void
set_values(const struct decide_rule *rule, struct objective *o)
{
	const cJSON *value;

	cJSON_ArrayForEach (value, rule->set) {
		if (keys_get(o->parameters, value->string))
			continue;
		cJSON_AddItemToObject(o->parameters, value->string, cJSON_Duplicate(value, true));
		if (!o->decided)
			o->decided = cJSON_CreateObject();
		json_add_str(o->decided, value->string, rule->name);
	}
}

void
decide_apply(const struct decide *d, const struct parameter *p, size_t n_p, struct objective *o)
{
	struct facts f = { .parameters = p, .n_parameters = n_p, .o = o };

	for (size_t i = 0; i < d->n_rules; i++)
		if (all_hold(&d->rules[i], &f))
			set_values(&d->rules[i], o);
}

/* ---- in words ---- */

static void
add_value(struct buf *out, const cJSON *value)
{
	AUTO_FREE char *text = cJSON_IsString(value) ? NULL : json_text(value);

	buf_adds(out, text ? text : value->valuestring);
}

static void
add_condition(struct buf *out, const struct decide_condition *c)
{
	const cJSON *value;

	buf_addf(out, "%s%s is ", c->subject == DECIDE_LABEL ? "label " : "", c->name);
	if (!cJSON_IsArray(c->values)) {
		add_value(out, c->values);
		return;
	}
	cJSON_ArrayForEach (value, c->values) {
		if (value != c->values->child)
			buf_adds(out, value->next ? ", " : " or ");
		add_value(out, value);
	}
}

char *
decide_when_text(const struct decide_rule *rule)
{
	struct buf out = BUF_INIT(TEXT_MAX);

	for (size_t i = 0; i < rule->n_when; i++) {
		if (i > 0)
			buf_adds(&out, i + 1 < rule->n_when ? ", " : " and ");
		add_condition(&out, &rule->when[i]);
	}
	return buf_take(&out);
}

char *
decide_set_text(const struct decide_rule *rule)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	const cJSON *value;

	cJSON_ArrayForEach (value, rule->set) {
		buf_addf(&out, "%s%s = ", value == rule->set->child ? "" : ", ", value->string);
		add_value(&out, value);
	}
	return buf_take(&out);
}
