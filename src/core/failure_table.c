/*
 * What a tool's output means, by the table of failures: the index that finds a
 * rule, and the failure that is made of it.
 */
#include <config.h>

#include "core/failure_table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "core/failure_index.h"

/* The beginning and the end of a text that are looked through: there is the error. */
#define TEXT_MAX ((size_t)64 * 1024)

char *
text_lowered(const char *text, size_t len)
{
	char *copy = xstrndup(text, len);

	for (char *p = copy; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

/* ---- the index ---- */

static bool
is_prefix(const char *code)
{
	return code[strlen(code) - 1] == '*';
}

static void
add_entry(struct entries *to, const char *code, size_t len, size_t rule)
{
	to->v = xrealloc(to->v, to->len + 1, sizeof(*to->v));
	to->v[to->len++] = (struct entry){ text_lowered(code, len), rule };
}

static void
add_number(size_t **v, size_t *len, size_t rule)
{
	*v = xrealloc(*v, *len + 1, sizeof(**v));
	(*v)[(*len)++] = rule;
}

static int
by_code(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->code, y->code);

	return order ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

void
failure_table_index(struct failure_table *t)
{
	for (size_t i = 0; i < t->len; i++) {
		const struct failure_rule *rule = &t->rules[i];
		if (rule->code && is_prefix(rule->code))
			add_entry(&t->prefixes, rule->code, strlen(rule->code) - 1, i);
		else if (rule->code)
			add_entry(&t->codes, rule->code, strlen(rule->code), i);
		else if (rule->status != STATUS_ANY)
			add_number(&t->statuses, &t->n_statuses, i);
		else
			add_number(&t->plain, &t->n_plain, i);
	}
	if (t->codes.len > 1)
		qsort(t->codes.v, t->codes.len, sizeof(*t->codes.v), by_code);
}

static void
entries_clear(struct entries *e)
{
	for (size_t i = 0; i < e->len; i++)
		free(e->v[i].code);
	free(e->v);
}

void
failure_table_free(struct failure_table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->len; i++) {
		free(t->rules[i].id);
		free(t->rules[i].code);
		free(t->rules[i].text);
		free(t->rules[i].tool);
		free(t->rules[i].advice);
		free(t->rules[i].docs);
		free(t->texts[i]);
	}
	free(t->rules);
	free(t->texts);
	free(t->statuses);
	free(t->plain);
	entries_clear(&t->codes);
	entries_clear(&t->prefixes);
	for (size_t i = 0; i < t->n_commands; i++) {
		strv_clear(&t->commands[i].codes);
		strv_clear(&t->commands[i].list);
	}
	free(t->commands);
	free(t);
}

/* ---- looking up ---- */

/* 'web-1' becomes '': what is so called may be called after any failure. Sentences stay. */
static void
blank_names(char *text)
{
	char *to = text;

	for (const char *p = text; *p != '\0';) {
		size_t len = *p == '\'' ? strcspn(p + 1, "' \n") : 0;
		bool opens = to == text || !isalnum((unsigned char)to[-1]);

		*to++ = *p++;
		if (len > 0 && opens && p[len] == '\'' && !isalnum((unsigned char)p[len + 1]))
			p += len;
	}
	*to = '\0';
}

/* The text in lower case; of a long one the two ends. */
static char *
lowered_ends(const char *text)
{
	size_t len = strlen(text), half = TEXT_MAX / 2;

	if (len <= TEXT_MAX)
		return text_lowered(text, len);
	AUTO_FREE char *ends = xasprintf("%.*s\n%s", (int)half, text, text + len - half);
	return text_lowered(ends, strlen(ends));
}

/* What is left of it to be looked through for the words of a rule. */
static char *
words_of(const char *text)
{
	char *words = lowered_ends(text);

	blank_names(words);
	return words;
}

/* LOWERED is where the rule's own text must occur. */
static bool
fits(const struct failure_table *t, size_t i, const struct tool_output *o, const char *lowered)
{
	const struct failure_rule *rule = &t->rules[i];

	if (rule->tool && strcmp(rule->tool, HTTP) == 0) {
		if (rule->status != o->http_status)
			return false;
	} else if (rule->tool) {
		if (!o->tool || strcmp(rule->tool, o->tool) != 0 ||
		    (rule->status != STATUS_ANY && rule->status != o->status))
			return false;
	}
	return !rule->text || strstr(lowered, t->texts[i]);
}

static const struct failure_rule *
find_code(const struct failure_table *t, const struct tool_output *o, const char *code,
    const char *message)
{
	AUTO_FREE char *key = text_lowered(code, strlen(code));
	size_t low = 0, high = t->codes.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(t->codes.v[middle].code, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < t->codes.len && strcmp(t->codes.v[low].code, key) == 0; low++)
		if (fits(t, t->codes.v[low].rule, o, message))
			return &t->rules[t->codes.v[low].rule];
	return NULL;
}

static const struct failure_rule *
find_prefix(const struct failure_table *t, const struct tool_output *o, const char *code,
    const char *message)
{
	for (size_t i = 0; i < t->prefixes.len; i++) {
		const struct entry *e = &t->prefixes.v[i];
		if (strncasecmp(e->code, code, strlen(e->code)) == 0 &&
		    fits(t, e->rule, o, message))
			return &t->rules[e->rule];
	}
	return NULL;
}

static const struct failure_rule *
find_number(const struct failure_table *t, const struct tool_output *o, const size_t *v, size_t len,
    const char *text)
{
	for (size_t i = 0; i < len; i++)
		if (fits(t, v[i], o, text))
			return &t->rules[v[i]];
	return NULL;
}

const struct failure_rule *
failure_table_find(const struct failure_table *t, const struct tool_output *o)
{
	const struct failure_rule *found = NULL;

	if (!t)
		return NULL;
	AUTO_FREE char *message = words_of(o->message);
	for (size_t i = o->n_codes; i-- > 0 && !found;) {
		found = find_code(t, o, o->codes[i], message);
		if (!found)
			found = find_prefix(t, o, o->codes[i], message);
	}
	if (found)
		return found;
	AUTO_FREE char *text = words_of(o->text);
	found = find_number(t, o, t->statuses, t->n_statuses, text);
	return found ? found : find_number(t, o, t->plain, t->n_plain, text);
}

const struct failure_rule *
failure_table_rule(const struct failure_table *t, const char *id)
{
	for (size_t i = 0; t != NULL && id != NULL && i < t->len; i++)
		if (strcmp(t->rules[i].id, id) == 0)
			return &t->rules[i];
	return NULL;
}

void
failure_table_classify(
    const struct failure_table *t, const struct tool_output *o, struct failure *f)
{
	const struct failure_rule *rule = failure_table_find(t, o);
	AUTO_FREE char *text = lowered_ends(o->text);
	struct failure usual = { 0 };

	failure_set(&usual, FAILURE_UNKNOWN, NULL, NULL, "%s", "");
	f->class = rule ? rule->class : usual.class;
	f->retry = rule ? rule->retry : usual.retry;
	f->fallback = rule ? rule->fallback : usual.fallback;
	failure_clear(&usual);
	free(f->advice_id);
	f->advice_id = rule ? xstrdup(rule->id) : NULL;
	f->wait_ms = failure_wait_ms(text);
	if (f->wait_ms == 0 && rule)
		f->wait_ms = rule->wait_ms;
	f->scarce_ms = rule ? rule->scarce_ms : 0;
}

static bool
has_code(const struct strv *codes, const char *code)
{
	for (size_t i = 0; i < codes->len && code != NULL; i++)
		if (strcasecmp(codes->v[i], code) == 0)
			return true;
	return false;
}

const struct strv *
failure_table_commands(const struct failure_table *t, const struct failure *f)
{
	const struct strv *of_class = NULL;

	for (size_t i = 0; t != NULL && i < t->n_commands; i++) {
		const struct commands *row = &t->commands[i];

		if (has_code(&row->codes, f->code))
			return &row->list;
		if (of_class == NULL && row->codes.len == 0 && row->class == f->class)
			of_class = &row->list;
	}
	return of_class;
}

const struct failure_rule *
failure_table_rules(const struct failure_table *t, size_t *len)
{
	*len = t->len;
	return t->rules;
}
