/* Filling in placeholders and references. */
#include <config.h>

#include "strategies/filling.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "core/placeholder.h"
#include "core/reference.h"

static const cJSON *
known_output(const struct plan_request *request, const struct reference *r)
{
	for (size_t i = 0; i < request->n_known; i++)
		if (strcmp(request->known[i].name, r->name) == 0)
			return cJSON_GetObjectItemCaseSensitive(
			    request->known[i].outputs, r->field);
	return NULL;
}

/* A number or a truth value as a text; NULL for what has no text. */
static const char *
scalar_text(const cJSON *value, char number[static 32])
{
	int64_t whole;

	if (cJSON_IsString(value))
		return value->valuestring;
	if (cJSON_IsBool(value))
		return cJSON_IsTrue(value) ? "true" : "false";
	if (json_is_int(value, &whole))
		snprintf(number, 32, "%" PRId64, whole);
	else if (cJSON_IsNumber(value))
		snprintf(number, 32, "%.15g", value->valuedouble);
	else
		return NULL;
	return number;
}

static int
unknown_output(const struct plan_request *request, const struct reference *r, const char *where,
    struct faults *faults)
{
	if (request->preview)
		return 0;
	return faults_add(
	    faults, where, "the output \"%s\" of \"%s\" is not known", r->field, r->name);
}

static cJSON *
resolve_text(
    const struct plan_request *request, const char *text, const char *where, struct faults *faults)
{
	struct reference r;
	char number[32];

	if (reference_is_whole(text, &r)) {
		const cJSON *value = known_output(request, &r);
		if (value && !cJSON_IsNull(value))
			return cJSON_Duplicate(value, true);
		unknown_output(request, &r, where, faults);
		return cJSON_CreateString(text);
	}
	struct buf out = BUF_INIT(FILLING_TEXT_MAX);
	while (reference_next(text, &r) == REFERENCE_FOUND) {
		const cJSON *value = known_output(request, &r);
		const char *filled = value ? scalar_text(value, number) : NULL;

		buf_add(&out, text, (size_t)(r.start - text));
		if (filled)
			buf_adds(&out, filled);
		else
			buf_add(&out, r.start, r.len);
		if (!filled)
			unknown_output(request, &r, where, faults);
		text = r.start + r.len;
	}
	buf_adds(&out, text);
	if (buf_is_cut(&out))
		faults_add(faults, where,
		    "the text is longer than %d bytes with its references replaced",
		    FILLING_TEXT_MAX);
	cJSON *value = cJSON_CreateString(buf_str(&out));
	buf_clear(&out);
	return value;
}

static cJSON *
resolve(const struct plan_request *request, const cJSON *value, const char *where,
    struct faults *faults)
{
	const cJSON *item;

	if (cJSON_IsString(value))
		return resolve_text(request, value->valuestring, where, faults);
	if (!cJSON_IsArray(value) && !cJSON_IsObject(value))
		return cJSON_Duplicate(value, true);
	cJSON *copy = cJSON_IsArray(value) ? cJSON_CreateArray() : cJSON_CreateObject();
	cJSON_ArrayForEach (item, value) {
		cJSON *next = resolve(request, item, where, faults);
		if (cJSON_IsArray(value))
			cJSON_AddItemToArray(copy, next);
		else
			cJSON_AddItemToObject(copy, item->string, next);
	}
	return copy;
}

/* True if a reference stands in it still: only in a preview. */
static bool
is_open(const cJSON *value)
{
	const cJSON *item;

	if (cJSON_IsString(value))
		return strstr(value->valuestring, "${") != NULL;
	cJSON_ArrayForEach (item, value)
		if (is_open(item))
			return true;
	return false;
}

/* Filled in at the start of a step, by those who start it (core/plan.h). */
static const char *const at_start[] = { "{run}", "{work}", "{resource}" };

static size_t
occurrences(const char *text, const char *word)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
		n++;
	return n;
}

/* The word of at_start that a user's text holds; NULL if it holds none. */
static const char *
word_of_start(const cJSON *value)
{
	const cJSON *item;

	for (size_t i = 0; i < COUNT_OF(at_start); i++)
		if ((cJSON_IsString(value) && strstr(value->valuestring, at_start[i])) ||
		    (value->string && strstr(value->string, at_start[i])))
			return at_start[i];
	cJSON_ArrayForEach (item, value) {
		const char *word = word_of_start(item);
		if (word)
			return word;
	}
	return NULL;
}

static void
check_start_words(const cJSON *table, const char *what, const char *where, struct faults *faults)
{
	const cJSON *value;

	cJSON_ArrayForEach (value, table) {
		const char *word = word_of_start(value);
		if (word)
			faults_add(faults, where,
			    "%s \"%s\" holds %s, which means something else to purser", what,
			    value->string, word);
	}
}

int
filling_init(struct filling *f, const struct plan_request *request, struct faults *faults)
{
	const struct objective *o = request->objective;
	AUTO_FREE char *where = objective_label(o);
	size_t before = faults->count;
	const cJSON *value;

	*f = (struct filling){
		.request = request,
		.words = { .objective = o },
		.id = o->id[0] ? o->id : "ID",
		.parameters = cJSON_CreateObject(),
	};
	cJSON_ArrayForEach (value, o->parameters) {
		const struct parameter *p =
		    capability_parameter(request->capability, value->string);
		cJSON *final = resolve(request, value, where, faults);

		cJSON_AddItemToObject(f->parameters, value->string, final);
		if (!p)
			faults_add(faults, where, "unknown parameter \"%s\" of \"%s\"",
			    value->string, request->capability->name);
		else if (!is_open(final))
			parameter_check(p, final, where, faults);
		else if (!request->preview && faults->count == before)
			faults_add(faults, where,
			    "parameter \"%s\" holds a reference even after its references "
			    "were replaced",
			    p->name);
	}
	check_start_words(f->parameters, "parameter", where, faults);
	check_start_words(o->labels, "label", where, faults);
	return faults->count == before ? 0 : -1;
}

void
filling_clear(struct filling *f)
{
	cJSON_Delete(f->parameters);
	f->parameters = NULL;
}

const cJSON *
filling_value(const struct filling *f, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(f->parameters, name);
}

static const char *
find(void *data, const char *name)
{
	struct filling *f = data;
	const cJSON *value = filling_value(f, name);

	if (value)
		return scalar_text(value, f->number);
	/* These are filled in at the start of the step, by those who start it. */
	if (strcmp(name, "run") == 0)
		return "{run}";
	if (strcmp(name, "resource") == 0)
		return "{resource}";
	if (f->each > 0 && strcmp(name, "n") == 0) {
		snprintf(f->number, sizeof(f->number), "%" PRId64, f->each);
		return f->number;
	}
	return objective_word(&f->words, name);
}

char *
filling_text(struct filling *f, const char *text, const char *where, struct faults *faults)
{
	struct buf out = BUF_INIT(FILLING_TEXT_MAX);
	char unknown[PLACEHOLDER_MAX + 1];

	if (!placeholder_fill(text, find, f, &out, unknown)) {
		faults_add(faults, where, "{%s} has no value for this objective", unknown);
		buf_clear(&out);
		return NULL;
	}
	if (buf_is_cut(&out)) {
		faults_add(faults, where, "longer than %d bytes once filled in", FILLING_TEXT_MAX);
		buf_clear(&out);
		return NULL;
	}
	/* Such a word can also come about where two values meet. */
	for (size_t i = 0; i < COUNT_OF(at_start); i++) {
		if (occurrences(buf_str(&out), at_start[i]) <= occurrences(text, at_start[i]))
			continue;
		faults_add(faults, where, "\"%.60s\" holds %s once filled in", text, at_start[i]);
		buf_clear(&out);
		return NULL;
	}
	return buf_take(&out);
}

cJSON *
filling_tags(const struct filling *f)
{
	cJSON *tags = cJSON_CreateObject();
	const cJSON *label;

	json_add_str(tags, OBJECTIVE_TAG, f->id);
	cJSON_ArrayForEach (label, f->words.objective->labels)
		json_add_str(tags, label->string, label->valuestring);
	return tags;
}
