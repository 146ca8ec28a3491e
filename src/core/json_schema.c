/* Walks schema and value side by side. The first thing that does not fit ends the walk. */
#include <config.h>

#include "core/json_schema.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* Schemas may refer to themselves, and come from others: beyond this nothing is known against a value. */
#define DEPTH_MAX 64
#define CHECKS_MAX 100000
#define PATTERN_MAX_BYTES 256
#define PATH_MAX_BYTES 256
#define SHOWN_MAX_BYTES 200 /* of values that would have been right */

/* Where the walk stands. */
struct walk {
	const cJSON *root; /* of the schema, for $ref */
	const char *what;
	char path[PATH_MAX_BYTES]; /* "" at the top */
	int depth, checks;
	struct err *e;
};

static int check(struct walk *w, const cJSON *schema, const cJSON *value);

static const cJSON *
member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* "argument \"size\": " before what is wrong with it; the value as a whole has no name. */
static int unfit(struct walk *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int
unfit(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	AUTO_FREE char *text = xvasprintf(fmt, ap);
	va_end(ap);
	if (w->path[0] == '\0')
		return err_set(w->e, ERR_INPUT, "the %ss: %s", w->what, text);
	return err_set(w->e, ERR_INPUT, "%s \"%s\": %s", w->what, w->path, text);
}

/* The same walk one level below. */
static int
check_below(struct walk *w, const cJSON *schema, const cJSON *value, const char *name, int index)
{
	size_t len = strlen(w->path);
	int rc;

	if (name != NULL)
		snprintf(w->path + len, sizeof(w->path) - len, "%s%s", len > 0 ? "." : "", name);
	else
		snprintf(w->path + len, sizeof(w->path) - len, "[%d]", index);
	rc = check(w, schema, value);
	w->path[len] = '\0';
	return rc;
}

/* ---- types and values ---- */

static bool
is_of_type(const cJSON *value, const char *type)
{
	const char *is = json_type_name(value);

	return strcmp(is, type) == 0 || (strcmp(is, "integer") == 0 && strcmp(type, "number") == 0);
}

static bool
is_known_type(const char *type)
{
	static const char *const types[] = { "string", "integer", "number", "boolean", "array",
		"object", "null" };

	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

static int
check_type(struct walk *w, const cJSON *type, const cJSON *value)
{
	CLEANUP(strv_clear) struct strv expected = { 0 };
	const cJSON *one;

	if (cJSON_IsString(type)) {
		strv_add(&expected, type->valuestring);
	} else {
		cJSON_ArrayForEach (one, type)
			if (cJSON_IsString(one))
				strv_add(&expected, one->valuestring);
	}
	for (size_t i = 0; i < expected.len; i++)
		if (!is_known_type(expected.v[i]) || is_of_type(value, expected.v[i]))
			return 0;
	if (expected.len == 0)
		return 0;
	AUTO_FREE char *text = strv_join(&expected, " or ");
	return unfit(w, "expected %s, not %s", text, json_type_name(value));
}

static int
check_const(struct walk *w, const cJSON *only, const cJSON *value)
{
	if (only == NULL || cJSON_Compare(only, value, true))
		return 0;
	AUTO_FREE char *text = json_text(only);
	return unfit(w, "expected %.*s", SHOWN_MAX_BYTES, text);
}

static int
check_enum(struct walk *w, const cJSON *allowed, const cJSON *value)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(SHOWN_MAX_BYTES);
	const cJSON *one;

	if (!cJSON_IsArray(allowed))
		return 0;
	cJSON_ArrayForEach (one, allowed) {
		AUTO_FREE char *shown = json_text(one);

		if (cJSON_Compare(one, value, true))
			return 0;
		buf_addf(&text, "%s%s", text.len > 0 ? ", " : "", shown);
	}
	return unfit(w, "expected one of %s%s", buf_str(&text), buf_is_cut(&text) ? " ..." : "");
}

/* ---- numbers and strings ---- */

static int
check_number(struct walk *w, const cJSON *schema, const cJSON *value)
{
	static const struct {
		const char *key, *words;
		int sign; /* of the difference that fits, beside an equal one */
		bool equal;
	} bounds[] = {
		{ "minimum", "at least", 1, true },
		{ "maximum", "at most", -1, true },
		{ "exclusiveMinimum", "more than", 1, false },
		{ "exclusiveMaximum", "less than", -1, false },
	};

	for (size_t i = 0; i < COUNT_OF(bounds); i++) {
		const cJSON *bound = member(schema, bounds[i].key);
		double more;

		if (!cJSON_IsNumber(bound))
			continue;
		more = (value->valuedouble - bound->valuedouble) * bounds[i].sign;
		if (more < 0 || (!bounds[i].equal && !(more > 0)))
			return unfit(w, "expected %s %.15g", bounds[i].words, bound->valuedouble);
	}
	return 0;
}

static int
check_count(struct walk *w, const cJSON *schema, const char *least_key, const char *most_key,
    int64_t count, const char *of)
{
	int64_t least = json_int(schema, least_key, 0);
	int64_t most = json_int(schema, most_key, INT64_MAX);

	if (count < least)
		return unfit(w, "expected at least %" PRId64 " %s", least, of);
	if (count > most)
		return unfit(w, "expected at most %" PRId64 " %s", most, of);
	return 0;
}

/* In characters, and not in bytes. */
static int64_t
length_of(const char *text)
{
	int64_t n = 0;

	for (; *text != '\0'; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* A count within braces multiplies what the compiled pattern takes: of one character, and below 1000. */
static bool
is_small_count(const char *pattern, const char *brace)
{
	if (brace == pattern || strchr(")}*+?", brace[-1]) != NULL)
		return false;
	for (const char *p = brace + 1; *p != '\0' && *p != '}'; p++) {
		size_t digits = strspn(p, "0123456789");

		if (digits > 3)
			return false;
		p += digits > 0 ? digits - 1 : 0;
	}
	return true;
}

/*
 * Not what ECMA's patterns have beyond POSIX (classes such as \d, groups such as
 * (?:, lazy repetition), nor what could take more memory than a pattern should.
 */
static bool
is_posix(const char *pattern)
{
	if (strlen(pattern) > PATTERN_MAX_BYTES)
		return false;
	for (const char *p = pattern; *p != '\0'; p++) {
		if (*p == '{' && !is_small_count(pattern, p))
			return false;
		if (*p == '\\' && (p[1] == '\0' || strchr("^$\\.*+?()[]{}|/-", *++p) == NULL))
			return false;
		if ((*p == '(' || *p == '*' || *p == '+' || *p == '}') && p[1] == '?')
			return false;
		/* Within brackets a backslash means itself in POSIX. */
		if (*p == '[' && memchr(p, '\\', strcspn(p, "]")) != NULL)
			return false;
	}
	return true;
}

/* True also where the pattern cannot be read. */
static bool
fits_pattern(const char *pattern, const char *text)
{
	regex_t regex;
	bool fits;

	if (!is_posix(pattern) || regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return true;
	fits = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return fits;
}

static int
check_string(struct walk *w, const cJSON *schema, const cJSON *value)
{
	const char *pattern = cJSON_GetStringValue(member(schema, "pattern"));

	if (check_count(w, schema, "minLength", "maxLength", length_of(value->valuestring),
		"characters") == -1)
		return -1;
	if (pattern != NULL && !fits_pattern(pattern, value->valuestring))
		return unfit(w, "expected what fits the pattern %.*s", SHOWN_MAX_BYTES, pattern);
	return 0;
}

/* ---- arrays and objects ---- */

static int
check_array(struct walk *w, const cJSON *schema, const cJSON *value)
{
	const cJSON *items = member(schema, "items"), *item;
	const cJSON *first = member(schema, "prefixItems");
	int i = 0;

	if (check_count(w, schema, "minItems", "maxItems", cJSON_GetArraySize(value), "elements") ==
	    -1)
		return -1;
	cJSON_ArrayForEach (item, value) {
		const cJSON *own = cJSON_GetArrayItem(first, i);

		if (check_below(w, own != NULL ? own : items, item, NULL, i++) == -1)
			return -1;
	}
	return 0;
}

static int
check_required(struct walk *w, const cJSON *required, const cJSON *value)
{
	const cJSON *name;

	cJSON_ArrayForEach (name, required) {
		if (!cJSON_IsString(name) || member(value, name->valuestring) != NULL)
			continue;
		if (w->path[0] == '\0')
			return err_set(w->e, ERR_INPUT, "%s \"%s\" is missing, and is required",
			    w->what, name->valuestring);
		return unfit(w, "\"%s\" is missing, and is required", name->valuestring);
	}
	return 0;
}

/* A name that no row of "properties" has: by its patterns, or else as one of the additional. */
static int
check_additional(struct walk *w, const cJSON *schema, const cJSON *item)
{
	const cJSON *others = member(schema, "additionalProperties"), *pattern;
	bool fits = false;

	cJSON_ArrayForEach (pattern, member(schema, "patternProperties")) {
		if (!fits_pattern(pattern->string, item->string))
			continue;
		fits = true;
		if (is_posix(pattern->string) &&
		    check_below(w, pattern, item, item->string, 0) == -1)
			return -1;
	}
	if (fits)
		return 0;
	if (!cJSON_IsFalse(others))
		return check_below(w, others, item, item->string, 0);
	if (w->path[0] == '\0')
		return err_set(w->e, ERR_INPUT, "there is no %s \"%s\"", w->what, item->string);
	return unfit(w, "it has no member \"%s\"", item->string);
}

static int
check_object(struct walk *w, const cJSON *schema, const cJSON *value)
{
	const cJSON *properties = member(schema, "properties"), *item;

	if (check_required(w, member(schema, "required"), value) == -1)
		return -1;
	cJSON_ArrayForEach (item, value) {
		const cJSON *own = member(properties, item->string);
		int rc = own != NULL ? check_below(w, own, item, item->string, 0)
				     : check_additional(w, schema, item);

		if (rc == -1)
			return -1;
	}
	return 0;
}

/* ---- schemas of schemas ---- */

/* "#/$defs/disk": a place in the same schema; NULL for any other. */
static const cJSON *
referred(const struct walk *w, const char *ref)
{
	const cJSON *at = w->root;

	if (*ref++ != '#')
		return NULL;
	while (at != NULL && *ref == '/') {
		size_t len = strcspn(++ref, "/");
		AUTO_FREE char *name = xstrndup(ref, len);

		at = member(at, name);
		ref += len;
	}
	return *ref == '\0' ? at : NULL;
}

/* At least one of them; the fault of one alone is told where there is only that one. */
static int
check_any(struct walk *w, const cJSON *schemas, const cJSON *value)
{
	struct err *told = w->e, first = { 0 };
	const cJSON *one;
	int rc = 0;

	cJSON_ArrayForEach (one, schemas) {
		struct err why = { 0 };

		w->e = &why;
		rc = check(w, one, value);
		w->e = told;
		if (rc == 0)
			return 0;
		if (first.kind == ERR_NONE)
			first = why;
	}
	if (rc == 0)
		return 0;
	if (schemas->child->next == NULL)
		return err_set(told, first.kind, "%s", first.msg);
	return unfit(w, "fits none of what is allowed (the first: %.300s)", first.msg);
}

static int
check_all(struct walk *w, const cJSON *schemas, const cJSON *value)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, schemas)
		if (check(w, one, value) == -1)
			return -1;
	return 0;
}

static int
check_parts(struct walk *w, const cJSON *schema, const cJSON *value)
{
	const char *ref = cJSON_GetStringValue(member(schema, "$ref"));

	if (ref != NULL && check(w, referred(w, ref), value) == -1)
		return -1;
	if (check_all(w, member(schema, "allOf"), value) == -1 ||
	    check_any(w, member(schema, "anyOf"), value) == -1)
		return -1;
	return check_any(w, member(schema, "oneOf"), value);
}

static int
check_keywords(struct walk *w, const cJSON *schema, const cJSON *value)
{
	if (check_type(w, member(schema, "type"), value) == -1 ||
	    check_const(w, member(schema, "const"), value) == -1 ||
	    check_enum(w, member(schema, "enum"), value) == -1)
		return -1;
	if (cJSON_IsNumber(value) && check_number(w, schema, value) == -1)
		return -1;
	if (cJSON_IsString(value) && check_string(w, schema, value) == -1)
		return -1;
	if (cJSON_IsArray(value) && check_array(w, schema, value) == -1)
		return -1;
	if (cJSON_IsObject(value) && check_object(w, schema, value) == -1)
		return -1;
	return check_parts(w, schema, value);
}

static int
check(struct walk *w, const cJSON *schema, const cJSON *value)
{
	int rc;

	if (cJSON_IsFalse(schema))
		return unfit(w, "nothing is allowed here");
	if (!cJSON_IsObject(schema) || w->depth == DEPTH_MAX || w->checks++ >= CHECKS_MAX)
		return 0;
	w->depth++;
	rc = check_keywords(w, schema, value);
	w->depth--;
	return rc;
}

int
json_schema_check(const cJSON *schema, const cJSON *value, const char *what, struct err *e)
{
	struct walk w = { .root = schema, .what = what, .e = e };

	return check(&w, schema, value);
}
