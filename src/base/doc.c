/* Documents that people wrote, in any of three formats, and the places in them. */
#include "config.h"
#include "base/doc.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

static const struct {
	const char *ending;
	enum doc_format format;
} endings[] = {
	{ ".toml", DOC_TOML },
	{ ".json", DOC_JSON },
	{ ".jsonl", DOC_JSON_LINES },
	{ ".ndjson", DOC_JSON_LINES },
};

static const char *
shown_path(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* The next line that is not blank, without its newline; false at the end. */
static bool
next_line(const char **text, size_t *left, long *number, const char **line, size_t *len)
{
	while (*left > 0) {
		const char *newline = memchr(*text, '\n', *left);
		size_t whole = newline != NULL ? (size_t)(newline - *text) + 1 : *left;
		bool blank = true;

		*line = *text;
		*len = newline != NULL ? whole - 1 : whole;
		*text += whole;
		*left -= whole;
		(*number)++;
		for (size_t i = 0; i < *len && blank; i++)
			blank = strchr(" \t\r", (*line)[i]) != NULL && (*line)[i] != '\0';
		if (!blank)
			return true;
	}
	return false;
}

static char
first_char(const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i < len ? line[i] : '\0';
}

static char
last_char(const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r'))
		len--;
	return len > 0 ? line[len - 1] : '\0';
}

/*
 * A line that ends an object, then one that begins another: in no single JSON
 * document, and in no TOML, can these follow each other.
 */
static bool
looks_like_lines(const char *text, size_t len)
{
	const char *line;
	size_t line_len;
	long number = 0;

	if (!next_line(&text, &len, &number, &line, &line_len) ||
	    first_char(line, line_len) != '{' || last_char(line, line_len) != '}')
		return false;
	return next_line(&text, &len, &number, &line, &line_len) &&
	    first_char(line, line_len) == '{';
}

/* '[' begins a JSON array or the header of a TOML table; only an array goes on with an object. */
static bool
looks_like_json(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && strchr(" \t\r\n", text[i]) != NULL && text[i] != '\0')
		i++;
	if (i < len && text[i] == '{')
		return true;
	if (i == len || text[i] != '[')
		return false;
	for (i++; i < len && strchr(" \t\r\n", text[i]) != NULL && text[i] != '\0';)
		i++;
	return i < len && (text[i] == '{' || text[i] == ']');
}

static enum doc_format
format_of(const char *path, const char *text, size_t len)
{
	size_t path_len = strlen(path);

	if (looks_like_lines(text, len))
		return DOC_JSON_LINES;
	for (size_t i = 0; i < COUNT_OF(endings); i++) {
		size_t n = strlen(endings[i].ending);

		if (path_len > n && strcasecmp(path + path_len - n, endings[i].ending) == 0)
			return endings[i].format;
	}
	return looks_like_json(text, len) ? DOC_JSON : DOC_TOML;
}

static int
parse_lines(const char *text, size_t len, struct doc *d, struct err *e)
{
	size_t count = 0, cap = 0;
	const char *line;
	size_t line_len;
	long number = 0;

	d->root = cJSON_CreateArray();
	while (next_line(&text, &len, &number, &line, &line_len)) {
		cJSON *member = json_parse(line, line_len, number, e);

		if (member == NULL)
			return -1;
		cJSON_AddItemToArray(d->root, member);
		if (!cJSON_IsObject(member))
			return err_set(e, ERR_INPUT,
			    "line %ld: each line must be an object, this is %s", number,
			    json_type_name(member));
		if (count == cap) {
			cap = cap > 0 ? cap * 2 : 64;
			d->lines = xrealloc(d->lines, cap, sizeof(*d->lines));
		}
		d->lines[count++] = number;
	}
	return 0;
}

static int
parse_as(const char *text, size_t len, struct doc *d, struct err *e)
{
	switch (d->format) {
	case DOC_TOML:
		d->root = toml_parse(text, len, &d->places, e);
		break;
	case DOC_JSON:
		d->root = json_parse(text, len, 1, e);
		break;
	case DOC_JSON_LINES:
		return parse_lines(text, len, d, e);
	}
	return d->root != NULL ? 0 : -1;
}

int
doc_parse(const char *path, const char *text, size_t len, struct doc *d, struct err *e)
{
	*d = (struct doc){ .path = xstrdup(path), .format = format_of(path, text, len) };
	if (parse_as(text, len, d, e) == 0)
		return 0;
	doc_clear(d);
	return err_in(e, "%s", shown_path(path));
}

int
doc_read(const char *path, size_t max_bytes, struct doc *d, struct err *e)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(max_bytes);

	*d = (struct doc){ 0 };
	if (file_read(path, max_bytes, &text, e) != 0)
		return -1;
	return doc_parse(path, buf_str(&text), text.len, d, e);
}

void
doc_clear(struct doc *d)
{
	if (d == NULL)
		return;
	cJSON_Delete(d->root);
	toml_places_clear(&d->places);
	free(d->lines);
	free(d->path);
	*d = (struct doc){ 0 };
}

static bool
holds(const cJSON *from, const cJSON *value)
{
	const cJSON *child;

	if (from == value)
		return true;
	cJSON_ArrayForEach (child, from) {
		if (holds(child, value))
			return true;
	}
	return false;
}

static void
add_key(struct buf *out, const char *key)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789_-";

	if (out->len > 0)
		buf_addc(out, '.');
	if (*key != '\0' && key[strspn(key, plain)] == '\0')
		buf_adds(out, key);
	else
		json_quote(out, key);
}

/* The steps from one value down to another that it must hold; cJSON keeps no way up. */
static void
add_path(struct buf *out, const cJSON *from, const cJSON *value)
{
	while (from != value) {
		const cJSON *child;
		size_t index = 0;

		cJSON_ArrayForEach (child, from) {
			if (holds(child, value))
				break;
			index++;
		}
		assert(child != NULL);
		if (cJSON_IsObject(from))
			add_key(out, child->string);
		else
			buf_addf(out, "[%zu]", index);
		from = child;
	}
}

static const struct toml_place *
find_place(const struct toml_places *places, const cJSON *value)
{
	size_t low = 0, high = places->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (places->v[middle].value == value)
			return &places->v[middle];
		if ((uintptr_t)places->v[middle].value < (uintptr_t)value)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The member of a JSON lines document that holds value, or NULL; line gets its line. */
static const cJSON *
find_line(const struct doc *d, const cJSON *value, long *line)
{
	const cJSON *member;
	size_t i = 0;

	cJSON_ArrayForEach (member, d->root) {
		if (holds(member, value)) {
			*line = d->lines[i];
			return member;
		}
		i++;
	}
	return NULL;
}

const char *
doc_where(const struct doc *d, const cJSON *value, char *out, size_t size)
{
	CLEANUP(buf_clear) struct buf path = BUF_INIT(size);
	const struct toml_place *place = find_place(&d->places, value);
	const char *shown = shown_path(d->path);
	const cJSON *root = d->root;
	const char *between;
	long line = 0;

	if (place != NULL) {
		snprintf(out, size, "%s:%u:%u", shown, place->line, place->column);
		return out;
	}
	if (d->format == DOC_JSON_LINES)
		root = find_line(d, value, &line);
	if (root != NULL && holds(root, value))
		add_path(&path, root, value);
	between = path.len > 0 ? ": " : "";
	if (line > 0)
		snprintf(out, size, "%s:%ld%s%s", shown, line, between, buf_str(&path));
	else
		snprintf(out, size, "%s%s%s", shown, between, buf_str(&path));
	return out;
}
