/*
 * Reads the table of failures. No rule may be there in vain: one whose every case
 * an earlier row takes is a fault of the table, as is a row that asks for nothing.
 */
#include <config.h>

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/failure_index.h"
#include "core/keys.h"
#include "core/suggest.h"

#define ID_MAX 1024

static const struct key keys[] = {
	{ "code", KEY_STRING, false, NULL },
	{ "codes", KEY_STRINGS, false, NULL },
	{ "text", KEY_STRING, false, NULL },
	{ "tool", KEY_STRING, false, NULL },
	{ "status", KEY_INTEGER, false, NULL },
	{ "class", KEY_STRING, true, NULL },
	{ "retry", KEY_STRING, false, NULL },
	{ "fallback", KEY_BOOLEAN, false, NULL },
	{ "wait", KEY_STRING, false, NULL },
	{ "scarce", KEY_STRING, false, NULL },
	{ "advice", KEY_STRING, false, NULL },
	{ "docs", KEY_STRING, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

static const struct key commands_keys[] = {
	{ "codes", KEY_STRINGS, false, NULL },
	{ "class", KEY_STRING, false, NULL },
	{ "commands", KEY_STRINGS, true, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

static const struct key root_keys[] = {
	{ "failure", KEY_OBJECTS, true, NULL },
	{ "commands", KEY_OBJECTS, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

struct reader {
	const struct doc *doc;
	struct faults *faults;
	const cJSON **places; /* of each rule: where it stands */
	struct failure_table *table;
};

static int fault(struct reader *r, const cJSON *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
fault(struct reader *r, const cJSON *node, const char *fmt, ...)
{
	char place[PLACE_MAX];
	va_list ap;

	va_start(ap, fmt);
	AUTO_FREE char *text = xvasprintf(fmt, ap);
	va_end(ap);
	return faults_add(r->faults, doc_where(r->doc, node, place, sizeof(place)), "%s", text);
}

static int
read_class(struct reader *r, const cJSON *table, enum failure_class *found)
{
	const cJSON *class = keys_get(table, "class");
	struct suggest suggest;
	char hint[PLACE_MAX];

	*found = failure_class_from_name(class->valuestring);
	if (*found != FAILURE_UNKNOWN ||
	    strcmp(class->valuestring, failure_class_name(FAILURE_UNKNOWN)) == 0)
		return 0;
	suggest_init(&suggest, class->valuestring);
	for (enum failure_class known = 0; known < FAILURE_CLASSES; known++)
		suggest_offer(&suggest, failure_class_name(known));
	return fault(r, class, "unknown class \"%s\"%s", class->valuestring,
	    suggest_text(&suggest, hint, sizeof(hint)));
}

static int
read_actions(struct reader *r, const cJSON *table, struct failure_rule *rule)
{
	const cJSON *retry = keys_get(table, "retry"), *wait = keys_get(table, "wait");
	const cJSON *fallback = keys_get(table, "fallback");
	struct failure usual = { 0 };
	struct err e = { 0 };
	int rc = 0;

	failure_set(&usual, rule->class, NULL, NULL, "%s", "");
	rule->retry = retry ? retry_from_name(retry->valuestring) : usual.retry;
	rule->fallback = fallback ? cJSON_IsTrue(fallback) : usual.fallback;
	failure_clear(&usual);
	if (retry && rule->retry == RETRIES)
		rc = fault(r, retry,
		    "unknown retry \"%s\", expected \"never\", \"later\" or \"after dependency\"",
		    retry->valuestring);
	if (wait && clock_parse_span(wait->valuestring, &rule->wait_ms, &e) < 0)
		rc = fault(r, wait, "\"wait\": %s, expected a duration such as \"60s\"", e.msg);
	else if (wait && rc == 0 && rule->retry == RETRY_NEVER)
		rc = fault(r, wait, "\"wait\" without a retry");
	return rc;
}

static int
read_scarcity(struct reader *r, const cJSON *table, struct failure_rule *rule)
{
	const cJSON *scarce = keys_get(table, "scarce");
	struct err e = { 0 };

	if (!scarce)
		return 0;
	if (clock_parse_span(scarce->valuestring, &rule->scarce_ms, &e) < 0)
		return fault(
		    r, scarce, "\"scarce\": %s, expected a duration such as \"24h\"", e.msg);
	if (rule->class == FAILURE_CAPACITY || rule->class == FAILURE_QUOTA)
		return 0;
	return fault(r, scarce, "\"scarce\" of class \"%s\", expected capacity or quota",
	    failure_class_name(rule->class));
}

static int
read_status(struct reader *r, const cJSON *table, struct failure_rule *rule)
{
	const cJSON *status = keys_get(table, "status");
	const char *tool = keys_str(table, "tool");
	bool http = tool && strcmp(tool, HTTP) == 0;
	int64_t number;

	rule->status = STATUS_ANY;
	if (http && !status)
		return fault(r, table, "tool = \"http\" needs \"status\"");
	if (!status)
		return 0;
	json_is_int(status, &number);
	if (!tool)
		return fault(r, status, "\"status\" needs \"tool\": \"http\", or whose exit it is");
	if (number < (http ? 100 : 0) || number > (http ? 599 : 255))
		return fault(
		    r, status, "%" PRId64 " is no %s status", number, http ? "HTTP" : "exit");
	rule->status = (int)number;
	return 0;
}

static int
read_texts(struct reader *r, const cJSON *table)
{
	static const char *const names[] = { "code", "text", "tool", "advice", "docs" };
	const cJSON *codes = keys_get(table, "codes"), *code;
	int rc = 0;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *text = keys_str(table, names[i]);
		if (text && !*text)
			rc = fault(r, keys_get(table, names[i]), "\"%s\" is empty", names[i]);
	}
	cJSON_ArrayForEach (code, codes)
		if (!*code->valuestring)
			rc = fault(r, code, "a code is empty");
	const cJSON *docs = keys_get(table, "docs");
	if (docs && strncmp(docs->valuestring, "https://", 8) != 0)
		rc = fault(r, docs, "\"docs\" must begin with https://");
	if (codes && keys_get(table, "code"))
		rc = fault(r, codes, "\"code\" and \"codes\" exclude one another");
	else if (codes && !codes->child)
		rc = fault(r, codes, "\"codes\" is empty");
	else if (!codes && !keys_get(table, "code") && !keys_get(table, "text") &&
	    !keys_get(table, "status"))
		rc = fault(r, table, "a failure needs a code, a status or a text");
	return rc;
}

/* "exceeding approved" as "exceeding-approved". */
static void
add_slug(struct buf *to, const char *text)
{
	bool blank = false;

	for (; *text != '\0'; text++) {
		if (!isalnum((unsigned char)*text)) {
			blank = true;
			continue;
		}
		if (blank && to->len > 0 && to->data[to->len - 1] != '/')
			buf_addc(to, '-');
		buf_addc(to, (char)tolower((unsigned char)*text));
		blank = false;
	}
}

/* What it asks for; the caller's own. */
static char *
id_of(const struct failure_rule *rule)
{
	struct buf id = BUF_INIT(ID_MAX);

	if (rule->code != NULL)
		buf_addf(&id, "%s/", rule->code);
	if (rule->tool != NULL)
		buf_addf(&id, "%s/", rule->tool);
	if (rule->status != STATUS_ANY)
		buf_addf(&id, "%d/", rule->status);
	if (rule->text != NULL)
		add_slug(&id, rule->text);
	while (id.len > 0 && id.data[id.len - 1] == '/')
		id.data[--id.len] = '\0';
	return buf_take(&id);
}

/* One more rule like FORM, of CODE (NULL: of none). */
static void
add_rule(struct reader *r, const cJSON *table, const struct failure_rule *form, const char *code)
{
	struct failure_table *t = r->table;
	struct failure_rule *rule;
	const char *text = keys_str(table, "text");

	t->rules = xrealloc(t->rules, t->len + 1, sizeof(*t->rules));
	t->texts = xrealloc(t->texts, t->len + 1, sizeof(*t->texts));
	r->places = xrealloc(r->places, t->len + 1, sizeof(*r->places));
	rule = &t->rules[t->len];
	*rule = *form;
	rule->code = xstrdup(code);
	rule->text = xstrdup(text);
	rule->tool = xstrdup(keys_str(table, "tool"));
	rule->advice = xstrdup(keys_str(table, "advice"));
	rule->docs = xstrdup(keys_str(table, "docs"));
	rule->id = id_of(rule);
	t->texts[t->len] = text ? text_lowered(text, strlen(text)) : NULL;
	r->places[t->len++] = table;
}

static int
read_rule(struct reader *r, const cJSON *table)
{
	const cJSON *codes = keys_get(table, "codes"), *code;
	struct failure_rule form = { 0 };

	if (keys_check(r->doc, table, keys, "a failure", r->faults) < 0)
		return -1;
	int rc = read_class(r, table, &form.class);
	rc |= read_actions(r, table, &form);
	rc |= read_scarcity(r, table, &form);
	rc |= read_status(r, table, &form);
	rc |= read_texts(r, table);
	if (rc < 0)
		return -1;
	if (!codes)
		add_rule(r, table, &form, keys_str(table, "code"));
	cJSON_ArrayForEach (code, codes)
		add_rule(r, table, &form, code->valuestring);
	return 0;
}

static int
read_commands(struct reader *r, const cJSON *table)
{
	const cJSON *codes = keys_get(table, "codes"), *class = keys_get(table, "class");
	struct failure_table *t = r->table;
	struct commands row = { .class = FAILURE_UNKNOWN };

	if (keys_check(r->doc, table, commands_keys, "a row of commands", r->faults) < 0)
		return -1;
	if ((codes != NULL) == (class != NULL))
		return fault(r, table, "a row of commands has either \"codes\" or \"class\"");
	if (codes != NULL && codes->child == NULL)
		return fault(r, codes, "\"codes\" is empty");
	if (class != NULL && read_class(r, table, &row.class) < 0)
		return -1;
	json_get_strv(codes, &row.codes);
	json_get_strv(keys_get(table, "commands"), &row.list);
	t->commands = xrealloc(t->commands, t->n_commands + 1, sizeof(*t->commands));
	t->commands[t->n_commands++] = row;
	return 0;
}

/* ---- rules that are never reached ---- */

/* True if LATER, which stands behind EARLIER in the same list, is never reached because of it. */
static bool
covers(const struct failure_table *t, size_t earlier, size_t later)
{
	const struct failure_rule *a = &t->rules[earlier], *b = &t->rules[later];

	if (a->tool && (!b->tool || strcmp(a->tool, b->tool) != 0))
		return false;
	if (a->status != STATUS_ANY && a->status != b->status)
		return false;
	return !a->text || (b->text && strstr(t->texts[later], t->texts[earlier]));
}

static int
check_pair(struct reader *r, size_t earlier, size_t later)
{
	const struct failure_rule *rule = &r->table->rules[later];
	char place[PLACE_MAX];

	assert(r->places);
	if (!covers(r->table, earlier, later))
		return 0;
	doc_where(r->doc, r->places[earlier], place, sizeof(place));
	return fault(r, r->places[later], "%s%s%s is never reached: the row at %s comes first",
	    rule->code ? "\"" : "this row", rule->code ? rule->code : "", rule->code ? "\"" : "",
	    place);
}

static int
check_entries(struct reader *r, const struct entries *entries)
{
	int rc = 0;

	for (size_t i = 0; i < entries->len; i++)
		for (size_t j = i; j-- > 0 && strcmp(entries->v[i].code, entries->v[j].code) == 0;)
			rc |= check_pair(r, entries->v[j].rule, entries->v[i].rule);
	return rc;
}

static int
check_numbers(struct reader *r, const size_t *v, size_t len)
{
	int rc = 0;

	for (size_t i = 0; i < len; i++)
		for (size_t j = 0; j < i; j++)
			rc |= check_pair(r, v[j], v[i]);
	return rc;
}

static int
check_index(struct reader *r)
{
	const struct failure_table *t = r->table;
	int rc = check_entries(r, &t->codes);

	rc |= check_entries(r, &t->prefixes);
	rc |= check_numbers(r, t->statuses, t->n_statuses);
	return rc | check_numbers(r, t->plain, t->n_plain);
}

static int
check_ids(struct reader *r)
{
	const struct failure_table *t = r->table;
	int rc = 0;

	for (size_t i = 0; i < t->len; i++)
		for (size_t j = 0; j < i; j++)
			if (strcasecmp(t->rules[i].id, t->rules[j].id) == 0)
				rc = fault(r, r->places[i], "another row is named %s as well",
				    t->rules[i].id);
	return rc;
}

struct failure_table *
failure_table_parse(const struct doc *doc, struct faults *faults)
{
	struct reader r = { .doc = doc, .faults = faults };
	const cJSON *table;
	int rc = 0;

	if (keys_check(doc, doc->root, root_keys, "a table of failures", faults) < 0)
		return NULL;
	r.table = xcalloc(1, sizeof(*r.table));
	cJSON_ArrayForEach (table, keys_get(doc->root, "failure"))
		rc |= read_rule(&r, table);
	cJSON_ArrayForEach (table, keys_get(doc->root, "commands"))
		rc |= read_commands(&r, table);
	failure_table_index(r.table);
	if (rc == 0)
		rc = check_index(&r);
	if (rc == 0)
		rc = check_ids(&r);
	free(r.places);
	if (rc == 0)
		return r.table;
	failure_table_free(r.table);
	return NULL;
}
