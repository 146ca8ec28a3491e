/*
 * Reading decision rules. What could never have an effect, or another one than
 * it seems to have, is a fault here and not a surprise at night.
 */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "core/decide.h"
#include "core/keys.h"
#include "core/placeholder.h"
#include "core/scope.h"
#include "core/suggest.h"

static const char region_word[] = "region", labels_word[] = "labels", label_prefix[] = "labels.";

static const struct key rule_keys[] = {
	{ "name", KEY_STRING, true, NULL },
	{ "when", KEY_OBJECT, true, NULL },
	{ "set", KEY_OBJECT, true, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

struct reader {
	struct decide *d;
	const struct doc *doc;
	const struct parameter *parameters;
	size_t n_parameters;
	struct faults *faults;
	char where[PLACE_MAX];
	int rc;
};

static const char *
where(struct reader *r, const cJSON *value)
{
	return doc_where(r->doc, value, r->where, sizeof(r->where));
}

#define FAULT(r, value, ...) ((r)->rc = faults_add((r)->faults, where(r, value), __VA_ARGS__))

/* The parameter that VALUE's key names; NULL and a fault if there is none, or it is a secret. */
static const struct parameter *
find_parameter(struct reader *r, const cJSON *value, const char *or_else)
{
	char hint[PLACE_MAX];
	struct suggest suggest;

	suggest_init(&suggest, value->string);
	for (size_t i = 0; i < r->n_parameters; i++) {
		const struct parameter *p = &r->parameters[i];

		if (strcmp(p->name, value->string) != 0) {
			suggest_offer(&suggest, p->name);
			continue;
		}
		if (p->secret)
			FAULT(r, value, "parameter \"%s\" is a secret, with which no rule can deal",
			    p->name);
		return p->secret ? NULL : p;
	}
	FAULT(r, value, "there is no parameter \"%s\"%s%s", value->string, or_else,
	    suggest_text(&suggest, hint, sizeof(hint)));
	return NULL;
}

static void
check_parameter(struct reader *r, const struct parameter *p, const cJSON *value)
{
	if (parameter_check(p, value, where(r, value), r->faults) < 0)
		r->rc = -1;
}

/* ---- when ---- */

/* NULL, or what hinders VALUE from ever being that of a region or a label. */
static const char *
text_fault(const struct decide_condition *c, const cJSON *value)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	if (!cJSON_IsString(value))
		return "is no string";
	if (c->subject == DECIDE_LABEL)
		return scope_label_fault(c->name, value->valuestring);
	return *value->valuestring &&
		value->valuestring[strspn(value->valuestring, allowed)] == '\0'
	    ? NULL
	    : "has a value that is none such as \"eastus\"";
}

static void
check_wanted(struct reader *r, const struct decide_condition *c, const struct parameter *p,
    const cJSON *value)
{
	if (p) {
		check_parameter(r, p, value);
		return;
	}
	const char *fault = text_fault(c, value);
	if (fault)
		FAULT(r, value, "%s\"%s\" %s", c->subject == DECIDE_LABEL ? "label " : "", c->name,
		    fault);
}

static void
add_condition(struct reader *r, struct decide_rule *rule, const cJSON *values,
    enum decide_subject subject, const char *name)
{
	struct decide_condition c = { .subject = subject, .name = name, .values = values };
	const struct parameter *p = NULL;
	const cJSON *value;

	if (subject == DECIDE_PARAMETER) {
		if (!(p = find_parameter(r, values, ", \"region\" or \"labels.NAME\"")))
			return;
		if (p->type == VALUE_ARRAY || p->type == VALUE_OBJECT) {
			FAULT(r, values, "parameter \"%s\" is of type %s, which no rule can read",
			    name, value_type_name(p->type));
			return;
		}
		if (!strv_has(&r->d->reads, name))
			strv_add(&r->d->reads, name);
	}
	if (cJSON_IsArray(values) && !values->child)
		FAULT(r, values, "\"%s\" has no value", values->string);
	else if (cJSON_IsArray(values))
		cJSON_ArrayForEach (value, values)
			check_wanted(r, &c, p, value);
	else
		check_wanted(r, &c, p, values);
	rule->when[rule->n_when++] = c;
}

/* { "labels.team" = ... }, and TOML's own reading of { labels.team = ... } without the quotes. */
static void
read_when(struct reader *r, struct decide_rule *rule, const cJSON *when)
{
	const size_t prefix = sizeof(label_prefix) - 1;
	const cJSON *values, *label;
	size_t count = 0;

	cJSON_ArrayForEach (values, when)
		count += cJSON_IsObject(values) ? (size_t)cJSON_GetArraySize(values) : 1;
	rule->when = xcalloc(count + 1, sizeof(*rule->when));
	if (count == 0)
		FAULT(r, when, "\"when\" is empty: what always holds is a default");
	cJSON_ArrayForEach (values, when) {
		if (strcmp(values->string, region_word) == 0)
			add_condition(r, rule, values, DECIDE_REGION, region_word);
		else if (strncmp(values->string, label_prefix, prefix) == 0)
			add_condition(r, rule, values, DECIDE_LABEL, values->string + prefix);
		else if (strcmp(values->string, labels_word) == 0 && cJSON_IsObject(values))
			cJSON_ArrayForEach (label, values)
				add_condition(r, rule, label, DECIDE_LABEL, label->string);
		else
			add_condition(r, rule, values, DECIDE_PARAMETER, values->string);
	}
}

/* ---- set ---- */

/* What is filled in elsewhere stays as it is written here, which nobody would expect. */
static bool
has_placeholder(const cJSON *value)
{
	struct placeholder found;

	if (cJSON_IsString(value))
		return strstr(value->valuestring, "${") ||
		    placeholder_next(value->valuestring, &found);
	for (const cJSON *item = value->child; item; item = item->next)
		if (has_placeholder(item))
			return true;
	return false;
}

static void
read_set(struct reader *r, struct decide_rule *rule, const cJSON *set)
{
	const cJSON *value;

	rule->set = set;
	if (!set->child)
		FAULT(r, set, "rule \"%s\" has no effect: it sets nothing", rule->name);
	cJSON_ArrayForEach (value, set) {
		const struct parameter *p = find_parameter(r, value, "");

		if (p && has_placeholder(value))
			FAULT(
			    r, value, "what a rule sets is literal: no placeholder, no reference");
		else if (p)
			check_parameter(r, p, value);
	}
}

/* ---- rules with one another ---- */

static bool
is_among(const cJSON *value, const cJSON *values)
{
	const cJSON *other;

	if (!cJSON_IsArray(values))
		return cJSON_Compare(value, values, true);
	cJSON_ArrayForEach (other, values)
		if (cJSON_Compare(value, other, true))
			return true;
	return false;
}

static bool
all_are_among(const cJSON *values, const cJSON *others)
{
	const cJSON *value;

	if (!cJSON_IsArray(values))
		return is_among(values, others);
	cJSON_ArrayForEach (value, values)
		if (!is_among(value, others))
			return false;
	return true;
}

/* True if WIDER holds whenever RULE does: each of its conditions is RULE's, with no more values. */
static bool
is_implied(const struct decide_rule *wider, const struct decide_rule *rule)
{
	for (size_t i = 0; i < wider->n_when; i++) {
		const struct decide_condition *c = &wider->when[i];
		bool found = false;

		for (size_t k = 0; k < rule->n_when && !found; k++)
			found = rule->when[k].subject == c->subject &&
			    strcmp(rule->when[k].name, c->name) == 0 &&
			    all_are_among(rule->when[k].values, c->values);
		if (!found)
			return false;
	}
	return true;
}

/* The earlier rule that sets the parameter whenever RULE would; else NULL. */
static const struct decide_rule *
find_earlier(const struct decide *d, const struct decide_rule *rule, const char *parameter)
{
	for (const struct decide_rule *other = d->rules; other < rule; other++)
		if (keys_get(other->set, parameter) && is_implied(other, rule))
			return other;
	return NULL;
}

static void
check_effect(struct reader *r, const struct decide_rule *rule)
{
	const struct decide_rule *earlier = NULL;
	const cJSON *value;

	if (!rule->set || !rule->set->child)
		return;
	cJSON_ArrayForEach (value, rule->set)
		if (!(earlier = find_earlier(r->d, rule, value->string)))
			return;
	FAULT(r, rule->set,
	    "rule \"%s\" has no effect: where it holds, rule \"%s\" has set %s already", rule->name,
	    earlier->name, rule->set->child->next ? "these" : "this");
}

static void
check_reads(struct reader *r, const struct decide_rule *rule)
{
	const struct decide_rule *end = r->d->rules + r->d->n_rules;

	for (size_t i = 0; i < rule->n_when; i++) {
		const struct decide_condition *c = &rule->when[i];

		if (c->subject != DECIDE_PARAMETER)
			continue;
		if (keys_get(rule->set, c->name))
			FAULT(r, keys_get(rule->set, c->name),
			    "rule \"%s\" sets parameter \"%s\", which it reads", rule->name,
			    c->name);
		for (const struct decide_rule *later = rule + 1; later < end; later++)
			if (keys_get(later->set, c->name))
				FAULT(r, c->values,
				    "rule \"%s\" reads parameter \"%s\", which the later rule \"%s\" "
				    "sets: put that one before it",
				    rule->name, c->name, later->name);
	}
}

static void
read_name(struct reader *r, struct decide_rule *rule, const cJSON *value)
{
	rule->name = value->valuestring;
	if (!*rule->name || strlen(rule->name) > DECIDE_NAME_MAX || utf8_has_control(rule->name))
		FAULT(r, value, "the name of a rule has 1 to %d bytes and no control characters",
		    DECIDE_NAME_MAX);
	for (const struct decide_rule *other = r->d->rules; other < rule; other++)
		if (strcmp(other->name, rule->name) == 0)
			FAULT(r, value, "there is a rule \"%s\" already", rule->name);
}

static void
read_rule(struct reader *r, const cJSON *table)
{
	if (!cJSON_IsObject(table)) {
		FAULT(r, table, "a decision rule is %s, expected a table", keys_kind(table));
		return;
	}
	if (keys_check(r->doc, table, rule_keys, "a decision rule", r->faults) < 0) {
		r->rc = -1;
		return;
	}
	struct decide_rule *rule = &r->d->rules[r->d->n_rules++];
	read_name(r, rule, keys_get(table, "name"));
	read_when(r, rule, keys_get(table, "when"));
	read_set(r, rule, keys_get(table, "set"));
}

int
decide_parse(struct decide *d, const struct doc *doc, const cJSON *value, const struct parameter *p,
    size_t n_p, struct faults *faults)
{
	struct reader r = {
		.d = d, .doc = doc, .parameters = p, .n_parameters = n_p, .faults = faults
	};
	const cJSON *table;

	*d = (struct decide){ 0 };
	if (!value)
		return 0;
	if (!cJSON_IsArray(value) || !value->child)
		return FAULT(&r, value, "\"decide\" is %s, expected [[decide]] tables",
		    cJSON_IsArray(value) ? "empty" : keys_kind(value));
	d->rules = xcalloc((size_t)cJSON_GetArraySize(value), sizeof(*d->rules));
	cJSON_ArrayForEach (table, value)
		read_rule(&r, table);
	if (r.rc < 0)
		return -1;
	for (size_t i = 0; i < d->n_rules; i++) {
		check_effect(&r, &d->rules[i]);
		check_reads(&r, &d->rules[i]);
	}
	return r.rc;
}
