/*
 * Writing JSON. cJSON would write whole numbers as 1e+15, and strings that are
 * not UTF-8 as they are.
 */
#include "config.h"
#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* Nothing in this program comes near it; see buf.h. */
#define TEXT_MAX ((size_t)1 << 31)

/* How a tree becomes text. */
struct printer {
	struct buf out;
	bool sorted;
	bool indented;
};

/* The fewest digits that give the same double again. */
static void
print_number(struct buf *out, const cJSON *number)
{
	double value = number->valuedouble;
	int64_t whole;
	char text[32];

	if (json_is_int(number, &whole)) {
		buf_addf(out, "%" PRId64, whole);
		return;
	}
	if (!isfinite(value)) {
		buf_adds(out, "null");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	/* In some locales the decimal point is a comma. */
	for (char *p = text; *p != '\0'; p++) {
		if (*p == ',')
			*p = '.';
	}
	buf_adds(out, text);
}

static void
print_break(struct printer *p, unsigned depth)
{
	if (!p->indented)
		return;
	buf_addc(&p->out, '\n');
	for (unsigned i = 0; i < depth; i++)
		buf_adds(&p->out, "  ");
}

static int
compare_members(const void *va, const void *vb)
{
	const cJSON *const *a = va, *const *b = vb;

	return strcmp((*a)->string, (*b)->string);
}

/* The members in the order to print; the caller's own. */
static const cJSON **
members_of(const cJSON *value, bool sorted, size_t *n)
{
	const cJSON **members;
	const cJSON *child;
	size_t count = 0;

	cJSON_ArrayForEach (child, value)
		count++;
	members = xcalloc(count, sizeof(*members));
	*n = 0;
	cJSON_ArrayForEach (child, value)
		members[(*n)++] = child;
	if (sorted)
		qsort(members, count, sizeof(*members), compare_members);
	return members;
}

static void print_value(struct printer *p, const cJSON *value, unsigned depth);

static void
print_container(struct printer *p, const cJSON *value, unsigned depth)
{
	bool object = cJSON_IsObject(value);
	AUTO_FREE const cJSON **members = NULL;
	size_t n;

	members = members_of(value, object && p->sorted, &n);
	buf_addc(&p->out, object ? '{' : '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&p->out, ',');
		print_break(p, depth + 1);
		if (object) {
			json_quote(&p->out, members[i]->string);
			buf_adds(&p->out, p->indented ? ": " : ":");
		}
		print_value(p, members[i], depth + 1);
	}
	if (n > 0)
		print_break(p, depth);
	buf_addc(&p->out, object ? '}' : ']');
}

static void
print_value(struct printer *p, const cJSON *value, unsigned depth)
{
	switch (value->type & 0xff) {
	case cJSON_False:
		buf_adds(&p->out, "false");
		return;
	case cJSON_True:
		buf_adds(&p->out, "true");
		return;
	case cJSON_Number:
		print_number(&p->out, value);
		return;
	case cJSON_String:
		json_quote(&p->out, value->valuestring);
		return;
	case cJSON_Raw:
		buf_adds(&p->out, value->valuestring);
		return;
	case cJSON_Array:
	case cJSON_Object:
		print_container(p, value, depth);
		return;
	default:
		buf_adds(&p->out, "null");
	}
}

static char *
print_tree(const cJSON *value, bool sorted, bool indented)
{
	struct printer p = { .out = BUF_INIT(TEXT_MAX), .sorted = sorted, .indented = indented };

	if (value == NULL)
		buf_adds(&p.out, "null");
	else
		print_value(&p, value, 0);
	if (indented)
		buf_addc(&p.out, '\n');
	assert(!buf_is_cut(&p.out));
	return buf_take(&p.out);
}

char *
json_canonical(const cJSON *value)
{
	return print_tree(value, true, false);
}

char *
json_text(const cJSON *value)
{
	return print_tree(value, false, false);
}

/* The character of LEN bytes at AT if it could steer a terminal or turn a line round; 0 if not. */
static unsigned
control_at(const char *at, size_t len)
{
	unsigned code;

	if (*at == '\n' || utf8_control(at) == 0)
		return 0;
	code = (unsigned char)at[0] & (len == 1 ? 0x7fu : 0x7fu >> len);
	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)at[i] & 0x3fu);
	return code;
}

/* Only strings hold such characters, so that they may be escaped wherever they stand. Frees TEXT. */
static char *
escape_controls(char *text)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	size_t len;

	for (const char *at = text; *at != '\0'; at += len) {
		len = utf8_length(at, strnlen(at, 4));
		len = len > 0 ? len : 1;
		unsigned code = control_at(at, len);
		if (code != 0)
			buf_addf(&out, "\\u%04x", code);
		else
			buf_add(&out, at, len);
	}
	assert(!buf_is_cut(&out));
	free(text);
	return buf_take(&out);
}

char *
json_pretty(const cJSON *value)
{
	return escape_controls(print_tree(value, false, true));
}

static void
quote_ascii(struct buf *out, char c)
{
	static const char *const shorts[] = {
		['\b'] = "\\b",
		['\t'] = "\\t",
		['\n'] = "\\n",
		['\f'] = "\\f",
		['\r'] = "\\r",
		['"'] = "\\\"",
		['\\'] = "\\\\",
	};
	size_t code = (unsigned char)c;

	if (code < COUNT_OF(shorts) && shorts[code] != NULL)
		buf_adds(out, shorts[code]);
	else if (code < 0x20)
		buf_addf(out, "\\u%04zx", code);
	else
		buf_addc(out, c);
}

/* How many bytes from here on stand in a JSON string as they are; only ASCII is looked at. */
static size_t
plain_length(const char *text)
{
	size_t len = 0;

	while (text[len] >= 0x20 && text[len] < 0x7f && text[len] != '"' && text[len] != '\\')
		len++;
	return len;
}

void
json_quote(struct buf *out, const char *text)
{
	size_t left = strlen(text);

	buf_addc(out, '"');
	while (left > 0) {
		size_t len = plain_length(text);

		/* Most texts are one such run. */
		if (len > 0) {
			buf_add(out, text, len);
			text += len;
			left -= len;
			continue;
		}
		len = utf8_length(text, left);
		if (len == 1)
			quote_ascii(out, *text);
		else if (len > 1)
			buf_add(out, text, len);
		else
			buf_adds(out, "\xef\xbf\xbd");
		len = len > 0 ? len : 1;
		text += len;
		left -= len;
	}
	buf_addc(out, '"');
}

char *
json_utf8(const char *bytes, size_t len)
{
	struct buf out = BUF_INIT(SIZE_MAX);

	while (len > 0) {
		size_t n = utf8_length(bytes, len);

		if (n == 0)
			buf_adds(&out, "\xef\xbf\xbd");
		else if (*bytes == '\0')
			buf_adds(&out, "\xe2\x90\x80");
		else
			buf_add(&out, bytes, n);
		n = n > 0 ? n : 1;
		bytes += n;
		len -= n;
	}
	return buf_take(&out);
}
