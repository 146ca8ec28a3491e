/*
 * What the objectives of a batch say of one another: dependencies, references
 * to outputs, cycles, and keys.
 */
#include <config.h>

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/batch_parser.h"
#include "core/reference.h"
#include "core/suggest.h"

#define SUGGEST_AMONG 10000 /* names compared for "did you mean" */

/* The objective whose words are looked at. */
struct checked {
	struct objective *o;
	size_t index;
	/* Of each objective of the batch: 1 + the index of the last one that was found to need it. */
	size_t *needed_by;
};

static void
unknown_name(struct batch_parser *p, const cJSON *node, const char *what, const char *name)
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

static void
add_dependency(struct batch_parser *p, struct checked *x, size_t index)
{
	if (x->needed_by[index] == x->index + 1)
		return;
	x->needed_by[index] = x->index + 1;
	strv_add(&x->o->depends_on, p->b->v[index].name);
}

static bool
is_itself(const struct checked *x, const char *name)
{
	return x->o->name && strcmp(x->o->name, name) == 0;
}

static void
check_dependencies(struct batch_parser *p, struct checked *x)
{
	const cJSON *list = batch_member(p->nodes[x->index], "depends_on"), *item;
	int count = cJSON_GetArraySize(list);

	if (count > OBJECTIVE_DEPENDENCIES_MAX) {
		FAULT(p, list, "%d dependencies, expected at most %d", count,
		    OBJECTIVE_DEPENDENCIES_MAX);
		return;
	}
	cJSON_ArrayForEach (item, list) {
		const char *name = item->valuestring;
		size_t to = names_find(&p->names, name);

		if (is_itself(x, name))
			FAULT(p, item, "\"%.80s\" depends on itself", name);
		else if (to == NAMES_NONE)
			unknown_name(p, item, "it depends on", name);
		else
			add_dependency(p, x, to);
	}
}

/* TYPE is that of the value the reference stands for alone; VALUE_TYPES: it stands inside a text. */
static void
check_reference(struct batch_parser *p, const cJSON *node, struct checked *x,
    const struct reference *r, enum value_type type)
{
	char hint[PLACE_MAX];
	struct suggest suggest;
	size_t index = names_find(&p->names, r->name);

	if (is_itself(x, r->name)) {
		FAULT(p, node, "\"%s\" refers to its own output \"%s\"", r->name, r->field);
		return;
	}
	if (index == NAMES_NONE) {
		unknown_name(p, node, "it refers to", r->name);
		return;
	}
	add_dependency(p, x, index);
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
check_text(struct batch_parser *p, const cJSON *node, struct checked *x, const char *text,
    enum value_type type)
{
	struct reference r;
	enum reference_found found;

	if (reference_is_whole(text, &r)) {
		check_reference(p, node, x, &r, type);
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
		check_reference(p, node, x, &r, VALUE_TYPES);
	}
}

static void
check_references(struct batch_parser *p, struct checked *x)
{
	const cJSON *node = p->nodes[x->index], *value, *item;

	if (!p->capabilities[x->index])
		return;

	cJSON_ArrayForEach (value, batch_member(node, "parameters")) {
		const struct parameter *parameter =
		    capability_parameter(p->capabilities[x->index], value->string);

		if (!parameter || !batch_has_reference(value))
			continue;
		if (parameter->secret)
			FAULT(p, value,
			    "parameter \"%s\" is a secret and cannot refer to an output",
			    parameter->name);
		else if (cost_reads(&p->capabilities[x->index]->cost, parameter->name))
			FAULT(p, value,
			    "what it costs depends on parameter \"%s\", which cannot refer to an output "
			    "for that",
			    parameter->name);
		else if (decide_reads(&p->capabilities[x->index]->decide, parameter->name))
			FAULT(p, value,
			    "a decision rule reads parameter \"%s\", which cannot refer to an output for "
			    "that",
			    parameter->name);
		else if (cJSON_IsString(value))
			check_text(p, value, x, value->valuestring, parameter->type);
		else if (!value_has_type(value, parameter->type))
			parameter_check(parameter, value, batch_where(p, value), p->faults);
		else
			cJSON_ArrayForEach (item, value)
				check_text(p, item, x, item->valuestring, VALUE_STRING);
	}
}

static void
check_needs(struct batch_parser *p)
{
	AUTO_FREE size_t *needed_by = xcalloc(p->b->len + 1, sizeof(*needed_by));

	for (size_t i = 0; i < p->b->len; i++) {
		struct checked x = { .o = &p->b->v[i], .index = i, .needed_by = needed_by };

		check_dependencies(p, &x);
		check_references(p, &x);
		if (x.o->depends_on.len > OBJECTIVE_DEPENDENCIES_MAX)
			FAULT(p, p->nodes[i],
			    "%zu dependencies, those by references included, expected at most %d",
			    x.o->depends_on.len, OBJECTIVE_DEPENDENCIES_MAX);
	}
}

/* Where the search stands in one objective: the next of its dependencies to look at. */
struct visit {
	size_t index, next;
};

enum colour { WHITE, GREY, BLACK }; /* not seen; on the way down; done */

static void
name_cycle(struct batch_parser *p, const struct visit *stack, size_t depth, size_t index)
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
find_cycles_from(struct batch_parser *p, size_t start, unsigned char *colours, struct visit *stack)
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
		if (colours[to] == GREY) {
			name_cycle(p, stack, depth, to);
		} else if (colours[to] == WHITE) {
			colours[to] = GREY;
			stack[depth++] = (struct visit){ to, 0 };
		}
	}
}

static void
find_cycles(struct batch_parser *p)
{
	AUTO_FREE unsigned char *colours = xcalloc(p->b->len + 1, 1);
	AUTO_FREE struct visit *stack = xcalloc(p->b->len + 1, sizeof(*stack));

	for (size_t i = 0; i < p->b->len; i++)
		if (colours[i] == WHITE)
			find_cycles_from(p, i, colours, stack);
}

static void
check_keys(struct batch_parser *p)
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
			    p->b->v[before].name ? p->b->v[before].name : "?");
	}
	names_clear(&keys);
}

void
batch_check_graph(struct batch_parser *p)
{
	check_needs(p);
	find_cycles(p);
	check_keys(p);
}
