/*
 * A batch: from a document to objectives. Two passes: the first reads each
 * objective by itself, the second looks at what they say of one another. Both
 * are linear in the size of the document.
 */
#include <config.h>

#include "core/batch.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/batch_parser.h"

static const struct key document_keys[] = {
	{ "batch", KEY_STRING, false, NULL },
	{ "objective", KEY_OBJECTS, true, NULL },
	{ "$schema", KEY_STRING, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

const char *
batch_where(struct batch_parser *p, const cJSON *node)
{
	if (p->faults->list.len >= FAULTS_MAX)
		return NULL;
	return doc_where(p->doc, node, p->where, sizeof(p->where));
}

static void
read_objectives(struct batch_parser *p, const cJSON *first, size_t count)
{
	p->b->v = xcalloc(count + 1, sizeof(*p->b->v));
	p->nodes = xcalloc(count + 1, sizeof(*p->nodes));
	p->capabilities = xcalloc(count + 1, sizeof(*p->capabilities));
	for (const cJSON *node = first; node && p->b->len < count; node = node->next)
		batch_read_objective(p, node);
	batch_check_graph(p);
}

/* "first-batch-2026-11-21" of "examples/First batch.toml". */
static char *
made_name(const char *path, int64_t now_ms)
{
	static const char letters_and_digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char date[CLOCK_TEXT_SIZE], stem[OBJECTIVE_NAME_MAX + 1];
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t len = 0, end = strcspn(base, "."), max = OBJECTIVE_NAME_MAX - 11;

	for (size_t i = 0; i < end && len < max; i++) {
		char c = base[i] >= 'A' && base[i] <= 'Z' ? (char)(base[i] - 'A' + 'a') : base[i];
		bool plain = strchr(letters_and_digits, c) != NULL;
		if (plain || len > 0)
			stem[len++] = plain || c == '_' ? c : '-';
	}
	stem[len] = '\0';
	clock_format(now_ms, date);
	return xasprintf("%s-%.10s", len > 0 ? stem : "batch", date);
}

static void
read_batch_name(struct batch_parser *p, const char *name, const cJSON *value)
{
	const char *given = name ? name : cJSON_GetStringValue(value);

	if (!given) {
		p->b->name = made_name(p->doc->path, p->now_ms);
		return;
	}
	p->b->name = xstrdup(given);
	if (objective_name_is_valid(given))
		return;
	faults_add(p->faults, name ? "--batch" : batch_where(p, value),
	    "\"%.80s\" is no name of a batch, expected a-z, 0-9 "
	    "and . _ -, beginning with a letter or digit, at most %d characters",
	    given, OBJECTIVE_NAME_MAX);
}

/* The first of the objectives in a row, in whatever shape the document has. */
static const cJSON *
objectives_of(struct batch_parser *p, const cJSON **batch_name)
{
	const cJSON *root = p->doc->root, *objectives;

	*batch_name = NULL;
	if (cJSON_IsArray(root))
		return root->child;
	if (!cJSON_IsObject(root)) {
		FAULT(p, root, "the document is %s, expected objectives", keys_kind(root));
		return NULL;
	}
	if (!keys_get(root, "objective") && keys_get(root, "capability"))
		return root;
	/* What is wrong up here hides nothing of what is wrong below. */
	keys_check(p->doc, root, document_keys, "a submission", p->faults);
	*batch_name = keys_typed(root, document_keys, "batch");
	objectives = keys_typed(root, document_keys, "objective");
	return objectives ? objectives->child : NULL;
}

/* The line and column in "file.toml:12:3: ...", as one number; 0 if there are none. */
static uint64_t
place_of(const char *fault)
{
	unsigned line, column;
	int end = 0;

	/* Names of files hold colons too: what counts is ":N:N: ". */
	for (const char *p = fault; (p = strchr(p, ':')) != NULL; p++) {
		if (sscanf(p, ":%u:%u:%n", &line, &column, &end) == 2 && end > 0 && p[end] == ' ')
			return (uint64_t)line << 32 | column;
	}
	return 0;
}

/* By place: found in two passes, they are told in the order of the file. There are few. */
static void
sort_faults(struct strv *list, size_t from)
{
	for (size_t i = from + 1; i < list->len; i++) {
		char *fault = list->v[i];
		uint64_t place = place_of(fault);
		size_t k = i;

		for (; k > from && place_of(list->v[k - 1]) > place; k--)
			list->v[k] = list->v[k - 1];
		list->v[k] = fault;
	}
}

int
batch_parse(const struct doc *doc, const char *name, const struct library *library, int64_t now_ms,
    struct batch *b, struct faults *faults)
{
	struct batch_parser p = {
		.doc = doc, .library = library, .faults = faults, .b = b, .now_ms = now_ms
	};
	size_t before = faults->count, kept = faults->list.len, count = 0;
	const cJSON *batch_name;

	*b = (struct batch){ 0 };
	const cJSON *first = objectives_of(&p, &batch_name);
	for (const cJSON *node = first; node; node = node->next)
		count++;
	if (count == 0 && faults->count == before)
		FAULT(&p, doc->root, "there is no objective in it");
	if (count > BATCH_OBJECTIVES_MAX) {
		FAULT(&p, doc->root, "%zu objectives, expected at most %d in one batch", count,
		    BATCH_OBJECTIVES_MAX);
	} else if (count > 0) {
		read_batch_name(&p, name, batch_name);
		read_objectives(&p, first, count);
	}
	sort_faults(&faults->list, kept);
	free(p.nodes);
	free(p.capabilities);
	names_clear(&p.names);
	names_clear(&p.made_by);
	strv_clear(&p.made);
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
