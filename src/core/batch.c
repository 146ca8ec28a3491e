/*
 * A batch: from a document to objectives. Two passes: the first reads each
 * objective by itself, the second looks at what they say of one another. Both
 * are linear in the size of the document.
 */
#include <config.h>

#include "core/batch.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/keys.h"
#include "core/names.h"
#include "core/placeholder.h"
#include "core/reference.h"
#include "core/suggest.h"

#define DEPENDENCIES_MAX 1000 /* of one objective */
#define LABELS_MAX 45         /* Azure allows 50 tags; some are left for ours and for policies */
#define LABEL_NAME_MAX 512
#define LABEL_VALUE_MAX 256
#define RESOURCE_GROUP_MAX 90
#define REGION_MAX 41
#define SUBSCRIPTION_MAX 64
#define PRIORITY_MAX 100
#define SUGGEST_AMONG 10000 /* names compared for "did you mean" */

static const struct key document_keys[] = {
	{ "batch", KEY_STRING, false, NULL },
	{ "objective", KEY_OBJECTS, true, NULL },
	{ "$schema", KEY_STRING, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

/* The help texts are those of the schema too. */
const struct key objective_keys[] = {
	{ "name", KEY_STRING, true,
	    "Unique in the batch: a-z, 0-9 and . _ -, at most 64 characters." },
	{ "capability", KEY_STRING, true, "What is wanted: see purser capabilities." },
	{ "region", KEY_STRING, false, "The Azure region, such as eastus." },
	{ "resource_group", KEY_STRING, false, "The Azure resource group." },
	{ "subscription", KEY_STRING, false,
	    "Id or name of the subscription; else the one that az is logged in to." },
	{ "parameters", KEY_OBJECT, false, "The capability's parameters." },
	{ "labels", KEY_OBJECT, false, "Put on each resource as tags; budgets may count by them." },
	{ "depends_on", KEY_STRINGS, false,
	    "Names of objectives that must have succeeded before." },
	{ "key", KEY_STRING, false,
	    "The submitter's own key: the same key submitted again is the same objective." },
	{ "strategy", KEY_STRING, false, "How it is to be done; \"auto\" leaves that to purser." },
	{ "priority", KEY_INTEGER, false, "-100 to 100, higher first." },
	{ "not_before", KEY_STRING, false, "Do not start before this time (RFC 3339)." },
	{ "deadline", KEY_STRING, false,
	    "Fail if it has not been started by this time (RFC 3339)." },
	{ "on_failure", KEY_STRING, false, "\"rollback\" (take away what was made) or \"keep\"." },
	{ NULL, KEY_ANY, false, NULL },
};

struct parser {
	const struct doc *doc;
	const struct library *library;
	struct faults *faults;
	struct batch *b;
	const cJSON **nodes;                    /* of each objective, for places */
	const struct capability **capabilities; /* of each objective; NULL if unknown */
	struct names names;                     /* name -> index */
	char where[PLACE_MAX];
};

/*
 * The place of NODE. It may search the document, so it is asked for only where
 * there is a fault, and no more once no fault is kept any longer.
 */
static const char *
where(struct parser *p, const cJSON *node)
{
	if (p->faults->list.len >= FAULTS_MAX)
		return NULL;
	return doc_where(p->doc, node, p->where, sizeof(p->where));
}

#define FAULT(p, node, ...) faults_add((p)->faults, where(p, node), __VA_ARGS__)

static bool
is_made_of(const char *text, const char *allowed, size_t max)
{
	size_t len = strspn(text, allowed);

	return len > 0 && text[len] == '\0' && len <= max;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* "West Europe" and "westeurope" are the same region. NULL if it is none. */
static char *
normal_region(const char *text)
{
	AUTO_FREE char *region = xmalloc(strlen(text) + 1);
	size_t len = 0;

	for (; *text; text++)
		if (*text != ' ')
			region[len++] =
			    *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
	region[len] = '\0';
	if (len < 2 || !strchr(LOWER, region[0]) || !is_made_of(region, LOWER DIGITS, REGION_MAX))
		return NULL;
	return take(region);
}

static void
read_place(struct parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *region = keys_get(node, "region"), *group = keys_get(node, "resource_group");
	const cJSON *subscription = keys_get(node, "subscription");

	if (region && !(o->region = normal_region(region->valuestring)))
		FAULT(p, region, "\"%.60s\" is no region, expected a name such as \"eastus\"",
		    region->valuestring);
	if (group) {
		const char *text = group->valuestring;
		if (!is_made_of(text, LOWER UPPER DIGITS "-_.()", RESOURCE_GROUP_MAX) ||
		    text[strlen(text) - 1] == '.')
			FAULT(p, group,
			    "\"%.100s\" is no name of a resource group, expected letters, digits and "
			    "-_.(), at most %d, not ending in a period",
			    text, RESOURCE_GROUP_MAX);
		o->resource_group = xstrdup(text);
	}
	if (subscription) {
		const char *text = subscription->valuestring;
		if (!is_made_of(text, LOWER UPPER DIGITS " -_.()", SUBSCRIPTION_MAX) ||
		    *text == '-' || *text == ' ')
			FAULT(
			    p, subscription, "\"%.70s\" is no id or name of a subscription", text);
		o->subscription = xstrdup(text);
	}
}

static int64_t
read_time(struct parser *p, const cJSON *node, const char *name)
{
	const cJSON *value = keys_get(node, name);
	int64_t ms = 0;
	struct err e = { 0 };

	if (value && clock_parse(value->valuestring, &ms, &e) < 0)
		FAULT(p, value, "\"%s\": %s, expected a time such as 2026-11-21T02:00:00Z", name,
		    e.msg);
	return ms;
}

static void
read_wishes(struct parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *strategy = keys_get(node, "strategy"), *priority = keys_get(node, "priority");
	const cJSON *on_failure = keys_get(node, "on_failure"), *key = keys_get(node, "key");

	o->strategy = xstrdup(strategy ? strategy->valuestring : "auto");
	if (strategy && !value_name_is_valid(strategy->valuestring))
		FAULT(p, strategy, "\"%.60s\" is no name of a strategy", strategy->valuestring);
	if (priority) {
		if (priority->valuedouble < -PRIORITY_MAX || priority->valuedouble > PRIORITY_MAX)
			FAULT(p, priority, "priority %.15g is out of range, expected -%d to %d",
			    priority->valuedouble, PRIORITY_MAX, PRIORITY_MAX);
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
	if (key) {
		for (const char *c = key->valuestring; *c; c++) {
			if ((unsigned char)*c < 0x20 || *c == 0x7f) {
				FAULT(p, key, "the key has a control character");
				break;
			}
		}
		if (!*key->valuestring || strlen(key->valuestring) > OBJECTIVE_KEY_MAX)
			FAULT(p, key, "the key is %zu bytes long, expected 1 to %d",
			    strlen(key->valuestring), OBJECTIVE_KEY_MAX);
		o->key = xstrdup(key->valuestring);
	}
	o->not_before_ms = read_time(p, node, "not_before");
	o->deadline_ms = read_time(p, node, "deadline");
	if (o->deadline_ms > 0 && o->deadline_ms <= o->not_before_ms)
		FAULT(p, keys_get(node, "deadline"), "the deadline is not after \"not_before\"");
}

static void
read_depends_on(struct parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *list = keys_get(node, "depends_on"), *item;

	if (cJSON_GetArraySize(list) > DEPENDENCIES_MAX) {
		FAULT(p, list, "%d dependencies, expected at most %d", cJSON_GetArraySize(list),
		    DEPENDENCIES_MAX);
		return;
	}
	cJSON_ArrayForEach (item, list)
		if (!strv_has(&o->depends_on, item->valuestring))
			strv_add(&o->depends_on, item->valuestring);
}

/* The limits of Azure's tags, and what az would take for something else. */
static const char *
label_fault(const cJSON *label)
{
	const char *name = label->string, *value = label->valuestring;

	if (strcmp(name, "purser-objective") == 0)
		return "is the one that purser sets itself";
	if (!*name || strlen(name) > LABEL_NAME_MAX)
		return "has a name that is empty or longer than 512 bytes";
	if (strpbrk(name, "<>%&\\?/=") || *name == '-' || *name == '@')
		return "has a name with one of < > % & \\ ? / = in it, or a first - or @";
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return "has a name with a control character";
	if (!cJSON_IsString(label))
		return "is no string";
	if (strlen(value) > LABEL_VALUE_MAX)
		return "has a value longer than 256 bytes";
	if (*value == '@')
		return "has a value that begins with @, which az takes for the name of a file";
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return "has a value with a control character";
	return NULL;
}

static void
read_labels(struct parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *labels = keys_get(node, "labels"), *label;
	int count = 0;

	cJSON_ArrayForEach (label, labels) {
		const char *fault = label_fault(label);
		count++;
		if (fault)
			FAULT(p, label, "label \"%.60s\" %s", label->string, fault);
	}
	if (count > LABELS_MAX)
		FAULT(p, labels, "%d labels, expected at most %d", count, LABELS_MAX);
	o->labels = labels ? cJSON_Duplicate(labels, true) : cJSON_CreateObject();
}

static bool
has_reference(const cJSON *value)
{
	const cJSON *item;

	if (cJSON_IsString(value))
		return strstr(value->valuestring, "${") != NULL;
	if (cJSON_IsArray(value) || cJSON_IsObject(value))
		cJSON_ArrayForEach (item, value)
			if (has_reference(item))
				return true;
	return false;
}

static void
unknown_parameter(struct parser *p, const cJSON *value, const struct capability *c)
{
	char hint[PLACE_MAX];
	struct suggest suggest;

	suggest_init(&suggest, value->string);
	for (size_t i = 0; i < c->n_parameters; i++)
		suggest_offer(&suggest, c->parameters[i].name);
	FAULT(p, value, "unknown parameter \"%.60s\" of \"%s\"%s", value->string, c->name,
	    suggest_text(&suggest, hint, sizeof(hint)));
}

/* Checks without the place first: that is the common case, and the place is dear. */
static void
check_value(
    struct parser *p, const struct parameter *parameter, const cJSON *value, const cJSON *node)
{
	struct faults found = { 0 };

	if (parameter_check(parameter, value, NULL, &found) < 0)
		parameter_check(parameter, value, where(p, node), p->faults);
	faults_clear(&found);
}

static const char *
find_word(void *data, const char *name)
{
	return objective_word(data, name);
}

/*
 * Fills in a default. One that cannot be filled lacks the region or the group,
 * of which check_needs() has complained already.
 */
static void
add_default(struct parser *p, const cJSON *node, struct objective *o,
    const struct parameter *parameter, struct objective_words *words)
{
	struct placeholder found;
	const char *text = cJSON_GetStringValue(parameter->fallback);
	char unknown[PLACEHOLDER_MAX + 1];

	if (!text || !placeholder_next(text, &found)) {
		cJSON_AddItemToObject(
		    o->parameters, parameter->name, cJSON_Duplicate(parameter->fallback, true));
		return;
	}
	struct buf filled = BUF_INIT(4096);
	if (placeholder_fill(text, find_word, words, &filled, unknown)) {
		cJSON *value = cJSON_CreateString(buf_str(&filled));
		cJSON_AddItemToObject(o->parameters, parameter->name, value);
		check_value(p, parameter, value, node);
	}
	buf_clear(&filled);
}

static void
read_parameters(
    struct parser *p, const cJSON *node, struct objective *o, const struct capability *c)
{
	const cJSON *given = keys_get(node, "parameters"), *value;
	struct objective_words words = { .objective = o };

	o->parameters = cJSON_CreateObject();
	cJSON_ArrayForEach (value, given) {
		const struct parameter *parameter = capability_parameter(c, value->string);

		if (!parameter) {
			unknown_parameter(p, value, c);
			continue;
		}
		cJSON_AddItemToObject(o->parameters, parameter->name, cJSON_Duplicate(value, true));
		/* What a reference stands for is not known yet; check_references() looks at its type. */
		if (!has_reference(value))
			check_value(p, parameter, value, value);
	}
	for (size_t i = 0; i < c->n_parameters; i++) {
		const struct parameter *parameter = &c->parameters[i];

		if (keys_get(given, parameter->name))
			continue;
		if (parameter->required)
			FAULT(p, given ? given : node, "\"%s\" needs the parameter \"%s\": %s",
			    c->name, parameter->name, parameter->help);
		else if (parameter->fallback)
			add_default(p, node, o, parameter, &words);
	}
}

static const struct capability *
read_capability(struct parser *p, const cJSON *node, struct objective *o)
{
	const cJSON *value = keys_get(node, "capability");
	const struct capability *c = library_find(p->library, value->valuestring);

	if (!c) {
		const char *near = library_suggest(p->library, value->valuestring);
		FAULT(p, value, "unknown capability \"%.60s\"%s%s%s", value->valuestring,
		    near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
		return NULL;
	}
	o->capability = xstrdup(c->name);
	return c;
}

static void
check_needs(
    struct parser *p, const cJSON *node, const struct objective *o, const struct capability *c)
{
	if (c->needs_region && !o->region && !keys_get(node, "region"))
		FAULT(p, node, "\"%s\" needs a \"region\"", c->name);
	if (c->needs_resource_group && !o->resource_group)
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
check_size(struct parser *p, const cJSON *node)
{
	if (size_bound(node) <= OBJECTIVE_BODY_MAX)
		return;
	AUTO_FREE char *text = json_canonical(node);
	if (strlen(text) > OBJECTIVE_BODY_MAX)
		FAULT(p, node, "the objective is %zu bytes long, expected at most %d", strlen(text),
		    OBJECTIVE_BODY_MAX);
}

static void
read_name(struct parser *p, const cJSON *node, struct objective *o, size_t index)
{
	const cJSON *value = keys_get(node, "name");

	o->name = xstrdup(value->valuestring);
	if (!objective_name_is_valid(o->name)) {
		FAULT(p, value,
		    "\"%.80s\" is no name of an objective, expected a-z, 0-9 and . _ -, beginning with a "
		    "letter or digit, at most %d characters",
		    o->name, OBJECTIVE_NAME_MAX);
		return;
	}
	size_t before = names_put(&p->names, o->name, index);
	if (before != NAMES_NONE) {
		char other[PLACE_MAX];
		FAULT(p, value, "a second objective is named \"%s\"; the first is at %s", o->name,
		    doc_where(p->doc, p->nodes[before], other, sizeof(other)));
	}
}

static void
read_objective(struct parser *p, const cJSON *node)
{
	size_t index = p->b->len++;
	struct objective *o = &p->b->v[index];

	objective_init(o);
	p->nodes[index] = node;
	if (!cJSON_IsObject(node)) {
		FAULT(p, node, "an objective is a table, not %s", json_type_name(node));
		return;
	}
	if (keys_check(p->doc, node, objective_keys, "an objective", p->faults) < 0)
		return;
	o->batch = xstrdup(p->b->name);
	check_size(p, node);
	read_name(p, node, o, index);
	read_place(p, node, o);
	read_wishes(p, node, o);
	read_depends_on(p, node, o);
	read_labels(p, node, o);
	const struct capability *c = read_capability(p, node, o);
	if (!c)
		return;
	p->capabilities[index] = c;
	check_needs(p, node, o, c);
	read_parameters(p, node, o, c);
}

static void
unknown_name(struct parser *p, const cJSON *node, const char *what, const char *name)
{
	char hint[PLACE_MAX];
	struct suggest suggest;

	suggest_init(&suggest, name);
	for (size_t i = 0; i < p->b->len && i < SUGGEST_AMONG && p->faults->list.len < FAULTS_MAX;
	     i++)
		if (p->b->v[i].name)
			suggest_offer(&suggest, p->b->v[i].name);
	FAULT(p, node, "%s \"%.80s\", which is no objective of this batch%s", what, name,
	    suggest_text(&suggest, hint, sizeof(hint)));
}

/* TYPE is that of the value the reference stands for alone; VALUE_TYPES: it stands inside a text. */
static void
check_reference(struct parser *p, const cJSON *node, struct objective *o, const struct reference *r,
    enum value_type type)
{
	char hint[PLACE_MAX];
	struct suggest suggest;
	size_t index = names_find(&p->names, r->name);

	if (index == NAMES_NONE) {
		unknown_name(p, node, "it refers to", r->name);
		return;
	}
	if (!strv_has(&o->depends_on, r->name))
		strv_add(&o->depends_on, r->name);
	const struct capability *c = p->capabilities[index];
	if (!c)
		return;
	const struct output *output = capability_output(c, r->field);
	if (!output) {
		suggest_init(&suggest, r->field);
		for (size_t i = 0; i < c->n_outputs; i++)
			suggest_offer(&suggest, c->outputs[i].name);
		FAULT(p, node, "\"%s\" is a \"%s\", which has no output \"%s\"%s", r->name, c->name,
		    r->field, suggest_text(&suggest, hint, sizeof(hint)));
		return;
	}
	bool fits = type == VALUE_TYPES
	    ? output->type != VALUE_ARRAY && output->type != VALUE_OBJECT
	    : output->type == type || (type == VALUE_NUMBER && output->type == VALUE_INTEGER);
	if (!fits)
		FAULT(p, node, "the output \"%s\" of \"%s\" is of type %s, expected %s", r->field,
		    r->name, value_type_name(output->type),
		    type == VALUE_TYPES ? "one that fits into a text" : value_type_name(type));
}

/* TYPE is what the text as a whole would have to be. */
static void
check_text(struct parser *p, const cJSON *node, struct objective *o, const char *text,
    enum value_type type)
{
	struct reference r;
	enum reference_found found;

	if (reference_is_whole(text, &r)) {
		check_reference(p, node, o, &r, type);
		return;
	}
	for (bool first = true; (found = reference_next(text, &r)) != REFERENCE_NONE;
	     text = r.start + r.len) {
		if (found == REFERENCE_BROKEN) {
			FAULT(p, node, "\"%.*s\" is no reference, expected ${NAME.outputs.FIELD}",
			    (int)(r.len > 80 ? 80 : r.len), r.start);
			return;
		}
		if (first && type != VALUE_STRING)
			FAULT(p, node, "a text with a reference in it, expected a value of type %s",
			    value_type_name(type));
		first = false;
		check_reference(p, node, o, &r, VALUE_TYPES);
	}
}

static void
check_references(struct parser *p, size_t index)
{
	struct objective *o = &p->b->v[index];
	const cJSON *given = keys_get(p->nodes[index], "parameters"), *value, *item;

	cJSON_ArrayForEach (value, given) {
		const struct parameter *parameter =
		    capability_parameter(p->capabilities[index], value->string);

		if (!parameter || !has_reference(value))
			continue;
		if (parameter->secret)
			FAULT(p, value,
			    "parameter \"%s\" is a secret and cannot refer to an output",
			    parameter->name);
		else if (cJSON_IsString(value))
			check_text(p, value, o, value->valuestring, parameter->type);
		else if (!value_has_type(value, parameter->type))
			parameter_check(parameter, value, where(p, value), p->faults);
		else
			cJSON_ArrayForEach (item, value)
				check_text(p, item, o, item->valuestring, VALUE_STRING);
	}
}

static void
check_dependencies(struct parser *p, size_t index)
{
	const struct objective *o = &p->b->v[index];
	const cJSON *list = keys_get(p->nodes[index], "depends_on");

	for (size_t i = 0; i < o->depends_on.len; i++) {
		const char *name = o->depends_on.v[i];
		const cJSON *node = cJSON_GetArrayItem(list, (int)i);

		if (o->name && strcmp(name, o->name) == 0)
			FAULT(p, node ? node : p->nodes[index], "\"%s\" depends on itself", name);
		else if (names_find(&p->names, name) == NAMES_NONE && node)
			unknown_name(p, node, "it depends on", name);
	}
}

/* Where the search stands in one objective: the next of its dependencies to look at. */
struct visit {
	size_t index, next;
};

enum colour { WHITE, GREY, BLACK }; /* not seen; on the way down; done */

static void
name_cycle(struct parser *p, const struct visit *stack, size_t depth, size_t index)
{
	struct buf path = BUF_INIT(600);
	size_t from = 0;

	while (stack[from].index != index)
		from++;
	for (size_t i = from; i < depth; i++)
		buf_addf(&path, "%s -> ", p->b->v[stack[i].index].name);
	buf_adds(&path, p->b->v[index].name);
	FAULT(p, p->nodes[index], "the dependencies go in a circle: %s%s", buf_str(&path),
	    buf_is_cut(&path) ? " ..." : "");
	buf_clear(&path);
}

/* Depth first, with a stack of our own: a chain may be as long as the batch. */
static void
find_cycles_from(struct parser *p, size_t start, unsigned char *colours, struct visit *stack)
{
	size_t depth = 0;

	stack[depth++] = (struct visit){ start, 0 };
	colours[start] = GREY;
	while (depth > 0) {
		struct visit *top = &stack[depth - 1];
		const struct strv *list = &p->b->v[top->index].depends_on;

		if (top->next == list->len) {
			colours[top->index] = BLACK;
			depth--;
			continue;
		}
		size_t to = names_find(&p->names, list->v[top->next++]);
		/* Unknown names and self-reference were told already. */
		if (to == NAMES_NONE || to == top->index)
			continue;
		if (colours[to] == GREY) {
			name_cycle(p, stack, depth, to);
		} else if (colours[to] == WHITE) {
			colours[to] = GREY;
			stack[depth++] = (struct visit){ to, 0 };
		}
	}
}

static void
find_cycles(struct parser *p)
{
	AUTO_FREE unsigned char *colours = xcalloc(p->b->len + 1, 1);
	AUTO_FREE struct visit *stack = xcalloc(p->b->len + 1, sizeof(*stack));

	for (size_t i = 0; i < p->b->len; i++)
		if (colours[i] == WHITE)
			find_cycles_from(p, i, colours, stack);
}

static void
check_keys(struct parser *p)
{
	struct names keys = { 0 };

	for (size_t i = 0; i < p->b->len; i++) {
		const struct objective *o = &p->b->v[i];

		if (!o->key)
			continue;
		size_t before = names_put(&keys, o->key, i);
		if (before != NAMES_NONE)
			FAULT(p, keys_get(p->nodes[i], "key"),
			    "the key \"%s\" is that of \"%s\" already", o->key,
			    p->b->v[before].name);
	}
	names_clear(&keys);
}

static void
read_objectives(struct parser *p, const cJSON *first, size_t count)
{
	p->b->v = xcalloc(count + 1, sizeof(*p->b->v));
	p->nodes = xcalloc(count + 1, sizeof(*p->nodes));
	p->capabilities = xcalloc(count + 1, sizeof(*p->capabilities));
	for (const cJSON *node = first; node && p->b->len < count; node = node->next)
		read_objective(p, node);
	for (size_t i = 0; i < p->b->len; i++) {
		check_dependencies(p, i);
		if (p->capabilities[i])
			check_references(p, i);
	}
	find_cycles(p);
	check_keys(p);
}

/* "first-batch-2026-11-21" of "examples/First batch.toml". */
static char *
made_name(const char *path, int64_t now_ms)
{
	char date[CLOCK_TEXT_SIZE], stem[OBJECTIVE_NAME_MAX + 1];
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t len = 0, end = strcspn(base, "."), max = OBJECTIVE_NAME_MAX - 11;

	for (size_t i = 0; i < end && len < max; i++) {
		char c = base[i] >= 'A' && base[i] <= 'Z' ? (char)(base[i] - 'A' + 'a') : base[i];
		bool plain = strchr(LOWER DIGITS, c) != NULL;
		if (plain || len > 0)
			stem[len++] = plain || c == '_' ? c : '-';
	}
	stem[len] = '\0';
	clock_format(now_ms, date);
	return xasprintf("%s-%.10s", len > 0 ? stem : "batch", date);
}

static void
read_batch_name(struct parser *p, const char *name, const cJSON *value, int64_t now_ms)
{
	const char *given = name ? name : cJSON_GetStringValue(value);

	if (!given) {
		p->b->name = made_name(p->doc->path, now_ms);
		return;
	}
	p->b->name = xstrdup(given);
	if (objective_name_is_valid(given))
		return;
	faults_add(p->faults, name ? "--batch" : where(p, value),
	    "\"%.80s\" is no name of a batch, expected a-z, 0-9 "
	    "and . _ -, beginning with a letter or digit, at most %d characters",
	    given, OBJECTIVE_NAME_MAX);
}

/* The first of the objectives in a row, in whatever shape the document has. */
static const cJSON *
objectives_of(struct parser *p, const cJSON **batch_name)
{
	const cJSON *root = p->doc->root;

	*batch_name = NULL;
	if (cJSON_IsArray(root))
		return root->child;
	if (!cJSON_IsObject(root)) {
		FAULT(p, root, "the document is %s, expected objectives", json_type_name(root));
		return NULL;
	}
	if (!keys_get(root, "objective") && keys_get(root, "capability"))
		return root;
	if (keys_check(p->doc, root, document_keys, "a submission", p->faults) < 0)
		return NULL;
	*batch_name = keys_get(root, "batch");
	return keys_get(root, "objective")->child;
}

int
batch_parse(const struct doc *doc, const char *name, const struct library *library, int64_t now_ms,
    struct batch *b, struct faults *faults)
{
	struct parser p = { .doc = doc, .library = library, .faults = faults, .b = b };
	size_t before = faults->count, count = 0;
	const cJSON *batch_name;

	*b = (struct batch){ 0 };
	const cJSON *first = objectives_of(&p, &batch_name);
	for (const cJSON *node = first; node; node = node->next)
		count++;
	if (count == 0 && faults->count == before)
		FAULT(&p, doc->root, "there is no objective in it");
	if (count > BATCH_OBJECTIVES_MAX)
		FAULT(&p, doc->root, "%zu objectives, expected at most %d in one batch", count,
		    BATCH_OBJECTIVES_MAX);
	if (faults->count == before) {
		read_batch_name(&p, name, batch_name, now_ms);
		read_objectives(&p, first, count);
	}
	free(p.nodes);
	free(p.capabilities);
	names_clear(&p.names);
	if (faults->count == before)
		return 0;
	batch_clear(b);
	return -1;
}

void
batch_clear(struct batch *b)
{
	for (size_t i = 0; i < b->len; i++)
		objective_clear(&b->v[i]);
	free(b->v);
	free(b->name);
	*b = (struct batch){ 0 };
}
