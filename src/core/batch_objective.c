/* Reading one objective of a batch by itself: everything but its parameters. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/batch_parser.h"
#include "core/scope.h"

#define YEAR_2000_MS INT64_C(946684800000)

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* The help texts are those of the schema too. */
const struct key objective_keys[] = {
	{ "name", KEY_STRING, true,
	    "Unique in the batch: a-z, 0-9 and . _ -, at most 64 characters." },
	{ "capability", KEY_STRING, true, "What is wanted: see purser capabilities." },
	{ "region", KEY_STRING, false, "The Azure region, such as eastus." },
	{ "resource_group", KEY_STRING, false,
	    "The Azure resource group; else made of the labels by the setting naming.resource_group." },
	{ "subscription", KEY_STRING, false,
	    "Id or name of the subscription; else the one that az is logged in to." },
	{ "parameters", KEY_OBJECT, false, "The capability's parameters." },
	{ "alternatives", KEY_STRINGS, false,
	    "Sizes of its machine that do too, the best first: the next one is tried where one cannot be had." },
	{ "labels", KEY_OBJECT, false, "Put on each resource as tags; budgets may count by them." },
	{ "depends_on", KEY_STRINGS, false,
	    "Names of objectives that must have succeeded before." },
	{ "key", KEY_STRING, false,
	    "The submitter's own key: the same key submitted again is the same objective." },
	{ "strategy", KEY_ANY, false,
	    "How it is to be done: a strategy's name, \"not NAME\" or a list of those to exclude; \"auto\" "
	    "leaves that to purser." },
	{ "priority", KEY_INTEGER, false, "-100 to 100, higher first." },
	{ "not_before", KEY_STRING, false, "Do not start before this time (RFC 3339)." },
	{ "deadline", KEY_STRING, false,
	    "Fail, and undo what was made, if it is not done by this time (RFC 3339)." },
	{ "timeout", KEY_STRING, false,
	    "The same after so long (\"90s\", \"5m\", \"2h\") from its first start on, waits included." },
	{ "step_timeout", KEY_STRING, false,
	    "How long each of its steps may run, whatever the capability says." },
	{ "on_failure", KEY_STRING, false, "\"rollback\" (take away what was made) or \"keep\"." },
	{ NULL, KEY_ANY, false, NULL },
};

const cJSON *
batch_member(const cJSON *node, const char *name)
{
	return keys_typed(node, objective_keys, name);
}

static bool
is_made_of(const char *text, const char *allowed, size_t max)
{
	size_t len = strspn(text, allowed);

	return len > 0 && text[len] == '\0' && len <= max;
}

static void
read_region(struct batch_parser *p, const cJSON *value, struct objective *o)
{
	o->region = objective_region(value->valuestring);
	if (!o->region)
		FAULT(p, value, "\"%.60s\" is no region, expected a name such as \"eastus\"",
		    value->valuestring);
}

static void
read_resource_group(struct batch_parser *p, const cJSON *value, struct objective *o)
{
	const char *text = value->valuestring;

	if (scope_group_is_valid(text))
		o->resource_group = xstrdup(text);
	else
		FAULT(p, value,
		    "\"%.100s\" is no name of a resource group, expected letters, digits and -_.(), "
		    "at most %d, not ending in a period",
		    text, OBJECTIVE_GROUP_MAX);
}

static void
read_subscription(struct batch_parser *p, const cJSON *value, struct objective *o)
{
	const char *text = value->valuestring;

	if (is_made_of(text, LOWER UPPER DIGITS " -_.()", OBJECTIVE_SUBSCRIPTION_MAX) &&
	    *text != '-' && *text != ' ')
		o->subscription = xstrdup(text);
	else
		FAULT(p, value, "\"%.70s\" is no id or name of a subscription", text);
}

static void
read_place(struct batch_parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *region = batch_member(node, "region");
	const cJSON *group = batch_member(node, "resource_group");
	const cJSON *subscription = batch_member(node, "subscription");

	if (region)
		read_region(p, region, o);
	if (group)
		read_resource_group(p, group, o);
	if (subscription)
		read_subscription(p, subscription, o);
}

/* 0 for one that is not given, or is none. */
static int64_t
read_time(struct batch_parser *p, const cJSON *node, const char *name)
{
	const cJSON *value = batch_member(node, name);
	struct err e = { 0 };
	int64_t ms = 0;

	if (!value)
		return 0;
	if (clock_parse(value->valuestring, &ms, &e) < 0) {
		FAULT(p, value, "\"%s\": %s", name, e.msg);
		return 0;
	}
	if (ms < YEAR_2000_MS) {
		FAULT(p, value, "\"%s\" is \"%.40s\", which lies before the year 2000", name,
		    value->valuestring);
		return 0;
	}
	return ms;
}

/* 0 for one that is not given, or is none. */
static int64_t
read_span(struct batch_parser *p, const cJSON *node, const char *name, int64_t max_ms)
{
	const cJSON *value = batch_member(node, name);
	char low[CLOCK_TEXT_SIZE], high[CLOCK_TEXT_SIZE];
	struct err e = { 0 };
	int64_t ms = 0;

	if (!value)
		return 0;
	/* A bare number would leave the unit to be guessed. */
	if (value->valuestring[strspn(value->valuestring, "0123456789")] == '\0' ||
	    clock_parse_span(value->valuestring, &ms, &e) < 0) {
		FAULT(p, value,
		    "\"%s\" is \"%.40s\", expected a duration such as \"90s\", \"5m\" or \"2h\"",
		    name, value->valuestring);
		return 0;
	}
	if (ms >= BATCH_TIMEOUT_MIN_MS && ms <= max_ms)
		return ms;
	FAULT(p, value, "\"%s\" is \"%.40s\", expected from %s to %s", name, value->valuestring,
	    clock_format_span(BATCH_TIMEOUT_MIN_MS, low), clock_format_span(max_ms, high));
	return 0;
}

/*
 * A deadline that has passed is a fault, but not where there is a key: a
 * second submission with it means the objective that is known already, and
 * only the store can tell.
 */
static void
read_times(struct batch_parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *deadline = batch_member(node, "deadline");

	o->not_before_ms = read_time(p, node, "not_before");
	o->deadline_ms = read_time(p, node, "deadline");
	o->timeout_ms = read_span(p, node, "timeout", BATCH_TIMEOUT_MAX_MS);
	o->step_timeout_ms = read_span(p, node, "step_timeout", BATCH_STEP_TIMEOUT_MAX_MS);
	if (o->deadline_ms == 0)
		return;
	if (o->deadline_ms <= p->now_ms && !o->key)
		FAULT(p, deadline, "the deadline \"%.40s\" has passed already",
		    deadline->valuestring);
	else if (o->deadline_ms <= o->not_before_ms)
		FAULT(p, deadline, "the deadline is not after \"not_before\"");
}

static void
read_key(struct batch_parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *key = batch_member(node, "key");

	if (!key)
		return;
	if (utf8_has_control(key->valuestring))
		FAULT(p, key, "the key has a control character");
	if (!*key->valuestring || strlen(key->valuestring) > OBJECTIVE_KEY_MAX)
		FAULT(p, key, "the key is %zu bytes long, expected 1 to %d",
		    strlen(key->valuestring), OBJECTIVE_KEY_MAX);
	o->key = xstrdup(key->valuestring);
}

/* Adds the "not NAME" of "not NAME, not NAME", each once; false if it is not that. */
static bool
add_exclusions(const char *text, struct strv *list)
{
	for (;;) {
		size_t len = strcspn(text, ",");
		AUTO_FREE char *one = xstrndup(text, len);
		const char *name = one + strlen("not ");

		if (strncmp(one, "not ", strlen("not ")) != 0 || !value_name_is_valid(name) ||
		    strcmp(name, "auto") == 0)
			return false;
		if (!strv_has(list, one))
			strv_add(list, one);
		if (text[len] == '\0')
			return true;
		text += len + 1;
		text += strspn(text, " ");
	}
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One form for all that mean the same, so that the digest is the same. NULL if it is no wish; the caller's own. */
static char *
normal_strategy(const cJSON *value)
{
	CLEANUP(strv_clear) struct strv excluded = { 0 };
	const cJSON *item;

	if (cJSON_IsString(value) && value_name_is_valid(value->valuestring))
		return xstrdup(value->valuestring);
	if (cJSON_IsString(value) && !add_exclusions(value->valuestring, &excluded))
		return NULL;
	cJSON_ArrayForEach (item, value)
		if (!cJSON_IsString(item) || !add_exclusions(item->valuestring, &excluded))
			return NULL;
	if (excluded.len == 0)
		return NULL;
	qsort(excluded.v, excluded.len, sizeof(*excluded.v), by_text);
	return strv_join(&excluded, ", ");
}

static void
read_strategy(struct batch_parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *value = batch_member(node, "strategy");

	o->strategy = value ? normal_strategy(value) : xstrdup("auto");
	if (o->strategy)
		return;
	o->strategy = xstrdup("auto");
	AUTO_FREE char *text = cJSON_PrintUnformatted(value);
	FAULT(p, value,
	    "\"strategy\" is %.60s, expected a name such as \"terraform\", \"not terraform\", or a list "
	    "of those to exclude",
	    text);
}

static void
read_wishes(struct batch_parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *priority = batch_member(node, "priority");
	const cJSON *on_failure = batch_member(node, "on_failure");

	if (priority) {
		if (priority->valuedouble < -OBJECTIVE_PRIORITY_MAX ||
		    priority->valuedouble > OBJECTIVE_PRIORITY_MAX)
			FAULT(p, priority, "priority %.15g is out of range, expected -%d to %d",
			    priority->valuedouble, OBJECTIVE_PRIORITY_MAX, OBJECTIVE_PRIORITY_MAX);
		else
			o->priority = (int)priority->valuedouble;
	}
	if (on_failure) {
		o->on_failure = on_failure_from_name(on_failure->valuestring);
		if (strcmp(on_failure_name(o->on_failure), on_failure->valuestring) != 0)
			FAULT(p, on_failure,
			    "\"on_failure\" is \"%.60s\", expected \"rollback\" or \"keep\"",
			    on_failure->valuestring);
	}
}

/* NULL if nothing is wrong. */
static const char *
label_fault(const cJSON *label)
{
	if (!cJSON_IsString(label))
		return "is no string";
	return scope_label_fault(label->string, label->valuestring);
}

/* An earlier label that Azure, which does not tell "Team" from "team", takes for the same. */
static const cJSON *
same_label(const cJSON *labels, const cJSON *label)
{
	for (const cJSON *other = labels->child; other != label; other = other->next)
		if (strcasecmp(other->string, label->string) == 0)
			return other;
	return NULL;
}

static void
read_labels(struct batch_parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *labels = batch_member(node, "labels"), *label;
	int count = cJSON_GetArraySize(labels);

	if (count > OBJECTIVE_LABELS_MAX) {
		FAULT(p, labels, "%d labels, expected at most %d", count, OBJECTIVE_LABELS_MAX);
		return;
	}
	cJSON_ArrayForEach (label, labels) {
		const char *fault = label_fault(label);
		const cJSON *same = same_label(labels, label);
		if (fault)
			FAULT(p, label, "label \"%.60s\" %s", label->string, fault);
		else if (same)
			FAULT(p, label, "label \"%.60s\" differs from \"%.60s\" only in case",
			    label->string, same->string);
	}
	o->labels = labels ? cJSON_Duplicate(labels, true) : cJSON_CreateObject();
}

static const struct capability *
read_capability(struct batch_parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *value = batch_member(node, "capability");

	if (!value)
		return NULL;
	const struct capability *c = library_find(p->library, value->valuestring);
	if (!c) {
		const char *near = library_suggest(p->library, value->valuestring);
		FAULT(p, value, "unknown capability \"%.60s\"%s%s%s", value->valuestring,
		    near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
		return NULL;
	}
	o->capability = xstrdup(c->name);
	o->provider = xstrdup(c->provider ? c->provider : c->name);
	return c;
}

static void
check_needs(
    struct batch_parser *p, const cJSON *node, struct objective *o, const struct capability *c)
{
	if (c->needs_region && !keys_get(node, "region"))
		FAULT(p, node, "\"%s\" needs a \"region\"", c->name);
	if (c->needs_resource_group && !keys_get(node, "resource_group") && !batch_make_group(p, o))
		FAULT(p, node, "\"%s\" needs a \"resource_group\"", c->name);
}

/* An upper bound of the bytes of VALUE's canonical text: six for each byte of a string that must be escaped. */
static size_t
size_bound(const cJSON *value)
{
	size_t size = 32 + (value->string ? strlen(value->string) * 6 : 0);

	if (cJSON_IsString(value))
		size += strlen(value->valuestring) * 6;
	for (const cJSON *item = value->child; item; item = item->next)
		size += size_bound(item);
	return size;
}

static void
check_size(struct batch_parser *p, const cJSON *node)
{
	if (size_bound(node) <= OBJECTIVE_BODY_MAX)
		return;
	AUTO_FREE char *text = json_canonical(node);
	if (strlen(text) > OBJECTIVE_BODY_MAX)
		FAULT(p, node, "the objective is %zu bytes long, expected at most %d", strlen(text),
		    OBJECTIVE_BODY_MAX);
}

/* A name that is none is remembered too: who refers to it is not to be told of a second fault. */
static void
read_name(struct batch_parser *p, const cJSON *node, struct objective *o, size_t index)
{
	const cJSON *value = batch_member(node, "name");

	if (!value)
		return;
	o->name = xstrdup(value->valuestring);
	if (!objective_name_is_valid(o->name))
		FAULT(p, value,
		    "\"%.80s\" is no name of an objective, expected a-z, 0-9 and . _ -, beginning with a "
		    "letter or digit, at most %d characters",
		    o->name, OBJECTIVE_NAME_MAX);
	size_t before = names_put(&p->names, o->name, index);
	if (before != NAMES_NONE) {
		char other[PLACE_MAX];
		FAULT(p, value, "a second objective is named \"%.80s\"; the first is at %s",
		    o->name, doc_where(p->doc, p->nodes[before], other, sizeof(other)));
	}
}

void
batch_read_objective(struct batch_parser *p, const cJSON *node)
{
	size_t index = p->b->len++;
	struct objective *o = &p->b->v[index];

	objective_init(o);
	p->nodes[index] = node;
	if (!cJSON_IsObject(node)) {
		FAULT(p, node, "an objective is a table, not %s", keys_kind(node));
		return;
	}
	keys_check(p->doc, node, objective_keys, "an objective", p->faults);
	o->batch = xstrdup(p->b->name);
	check_size(p, node);
	read_name(p, node, o, index);
	read_place(p, node, o);
	read_key(p, node, o);
	read_strategy(p, node, o);
	read_wishes(p, node, o);
	read_times(p, node, o);
	read_labels(p, node, o);
	const struct capability *c = read_capability(p, node, o);
	if (!c)
		return;
	p->capabilities[index] = c;
	check_needs(p, node, o, c);
	batch_read_parameters(p, node, o, c);
}
