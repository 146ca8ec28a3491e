/*
 * Reading JSON. cJSON takes more than RFC 8259 allows (control characters,
 * numbers like 01 or 1., text after a NUL) and keeps duplicate keys, so a
 * scanner reads every text first and knows the place of what is wrong; cJSON
 * then builds the tree.
 */
#include "config.h"
#include "base/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Objects of more members are checked for duplicate keys by sorting. */
#define PAIRWISE_MAX 16

struct key {
	const char *text; /* into the document, or unescaped */
	char *unescaped;  /* owned; NULL if the key has no escapes */
	size_t len;
	size_t at; /* where its quote stands */
};

struct scanner {
	const char *text;
	size_t len;
	size_t at;
	unsigned depth;
	struct key *keys; /* of all objects that are open, innermost last */
	size_t n_keys, cap_keys;
	size_t wrong_at;
	char wrong[256];
};

static bool __attribute__((format(printf, 3, 4)))
wrong(struct scanner *s, size_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->wrong, sizeof(s->wrong), fmt, ap);
	va_end(ap);
	s->wrong_at = at;
	return false;
}

/* The character at hand, or -1 at the end. */
static int
peek(const struct scanner *s)
{
	return s->at < s->len ? (unsigned char)s->text[s->at] : -1;
}

static void
skip_space(struct scanner *s)
{
	for (;;) {
		switch (peek(s)) {
		case ' ':
		case '\t':
		case '\r':
		case '\n':
			s->at++;
			continue;
		default:
			return;
		}
	}
}

static bool
expected(struct scanner *s, const char *what)
{
	int c = peek(s);
	size_t len = utf8_length(s->text + s->at, s->len - s->at);

	if (c < 0)
		return wrong(s, s->at, "expected %s, but the text ends here", what);
	if (c < 0x20 || c == 0x7f || len == 0)
		return wrong(s, s->at, "expected %s, found the byte 0x%02x", what, (unsigned)c);
	return wrong(s, s->at, "expected %s, found '%.*s'", what, (int)len, s->text + s->at);
}

static int
hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits after "\u" at position at; -1 if they are none. */
static long
hex4(const struct scanner *s, size_t at)
{
	long value = 0;

	for (size_t i = 0; i < 4; i++) {
		int digit = at + i < s->len ? hex_value((unsigned char)s->text[at + i]) : -1;

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* "\uXXXX" at hand, or a pair of them that makes one character. */
static bool
scan_unicode(struct scanner *s)
{
	size_t start = s->at;
	long code = hex4(s, start + 2);

	if (code < 0)
		return wrong(s, start, "\\u needs four hexadecimal digits");
	if (code == 0)
		return wrong(s, start, "\\u0000 is not allowed in a string");
	s->at += 6;
	if (code < 0xd800 || code > 0xdfff)
		return true;
	if (code > 0xdbff || s->len - s->at < 6 || s->text[s->at] != '\\' ||
	    s->text[s->at + 1] != 'u')
		return wrong(s, start, "half of a surrogate pair");
	code = hex4(s, s->at + 2);
	if (code < 0xdc00 || code > 0xdfff)
		return wrong(s, start, "half of a surrogate pair");
	s->at += 6;
	return true;
}

static bool
scan_escape(struct scanner *s)
{
	int c = s->at + 1 < s->len ? (unsigned char)s->text[s->at + 1] : -1;

	if (c == 'u')
		return scan_unicode(s);
	if (c <= 0 || strchr("\"\\/bfnrt", c) == NULL)
		return wrong(s, s->at, "unknown escape in a string (a backslash is written \\\\)");
	s->at += 2;
	return true;
}

static bool
scan_string(struct scanner *s, bool *has_escape)
{
	size_t start = s->at++;

	*has_escape = false;
	for (;;) {
		int c = peek(s);
		size_t len;

		if (c == '"')
			break;
		if (c < 0 || c == '\n' || c == '\r')
			return wrong(s, start, "this string has no closing quote on its line");
		if (c == '\\') {
			*has_escape = true;
			if (!scan_escape(s))
				return false;
			continue;
		}
		if (c < 0x20)
			return wrong(s, s->at,
			    "a string cannot hold the byte 0x%02x: write \\u%04x", (unsigned)c,
			    (unsigned)c);
		len = c < 0x80 ? 1 : utf8_length(s->text + s->at, s->len - s->at);
		if (len == 0)
			return wrong(s, s->at, "the byte 0x%02x is not UTF-8", (unsigned)c);
		s->at += len;
	}
	s->at++;
	return true;
}

static bool
scan_digits(struct scanner *s)
{
	size_t start = s->at;

	while (peek(s) >= '0' && peek(s) <= '9')
		s->at++;
	return s->at > start;
}

static bool
is_finite(const char *text, size_t len)
{
	char copy[JSON_MAX_NUMBER + 1];

	memcpy(copy, text, len);
	copy[len] = '\0';
	return isfinite(strtod(copy, NULL));
}

static bool
scan_number(struct scanner *s)
{
	size_t start = s->at;
	bool has_exponent = false;
	size_t first;

	if (peek(s) == '-')
		s->at++;
	first = s->at;
	if (!scan_digits(s))
		return expected(s, "a digit");
	if (s->text[first] == '0' && s->at > first + 1)
		return wrong(s, start, "a number cannot begin with 0");
	if (peek(s) == '.') {
		s->at++;
		if (!scan_digits(s))
			return expected(s, "a digit");
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		has_exponent = true;
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		if (!scan_digits(s))
			return expected(s, "a digit");
	}
	if (s->at - start > JSON_MAX_NUMBER)
		return wrong(s, start, "a number of more than %d characters", JSON_MAX_NUMBER);
	/* Without an exponent, no number that is short enough is too large. */
	if (has_exponent && !is_finite(s->text + start, s->at - start))
		return wrong(s, start, "this number is too large");
	return true;
}

static bool
scan_word(struct scanner *s, const char *word)
{
	size_t len = strlen(word);

	if (s->len - s->at < len || memcmp(s->text + s->at, word, len) != 0)
		return expected(s, "a value");
	s->at += len;
	return true;
}

/* The text of a scanned string without its quotes, as cJSON reads it. */
static char *
unescape(const char *quoted, size_t len, size_t *out_len)
{
	cJSON *item = cJSON_ParseWithLength(quoted, len);
	char *text;

	/* The scanner found nothing wrong with it, so only memory can have failed. */
	if (item == NULL)
		abort();
	text = xstrdup(item->valuestring);
	cJSON_Delete(item);
	*out_len = strlen(text);
	return text;
}

static bool
scan_key(struct scanner *s)
{
	struct key key = { .at = s->at };
	bool has_escape;

	if (peek(s) != '"')
		return expected(s, "a key in double quotes");
	if (!scan_string(s, &has_escape))
		return false;
	if (has_escape) {
		key.unescaped = unescape(s->text + key.at, s->at - key.at, &key.len);
		key.text = key.unescaped;
	} else {
		key.text = s->text + key.at + 1;
		key.len = s->at - key.at - 2;
	}
	if (s->n_keys == s->cap_keys) {
		s->cap_keys = s->cap_keys > 0 ? s->cap_keys * 2 : 32;
		s->keys = xrealloc(s->keys, s->cap_keys, sizeof(*s->keys));
	}
	s->keys[s->n_keys++] = key;
	return true;
}

static int
compare_text(const struct key *a, const struct key *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->text, b->text, len);

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static int
compare_keys(const void *va, const void *vb)
{
	const struct key *a = va, *b = vb;
	int order = compare_text(a, b);

	return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static bool
duplicate(struct scanner *s, const struct key *key)
{
	int len = (int)utf8_cut(key->text, key->len < 100 ? key->len : 100);

	return wrong(s, key->at, "the key \"%.*s\" stands twice in this object", len, key->text);
}

/* Looks at the keys from first on and drops them. */
static bool
check_keys(struct scanner *s, size_t first)
{
	struct key *keys = s->keys + first;
	size_t n = s->n_keys - first;
	bool ok = true;

	if (n > PAIRWISE_MAX) {
		qsort(keys, n, sizeof(*keys), compare_keys);
		for (size_t i = 1; ok && i < n; i++) {
			if (compare_text(&keys[i - 1], &keys[i]) == 0)
				ok = duplicate(s, &keys[i]);
		}
	} else {
		for (size_t i = 1; ok && i < n; i++) {
			for (size_t j = 0; ok && j < i; j++) {
				if (compare_text(&keys[i], &keys[j]) == 0)
					ok = duplicate(s, &keys[i]);
			}
		}
	}
	while (s->n_keys > first)
		free(s->keys[--s->n_keys].unescaped);
	return ok;
}

static bool scan_value(struct scanner *s);

static bool
scan_object(struct scanner *s)
{
	size_t first_key = s->n_keys;

	s->at++;
	skip_space(s);
	if (peek(s) == '}') {
		s->at++;
		return true;
	}
	for (;;) {
		skip_space(s);
		if (!scan_key(s))
			return false;
		skip_space(s);
		if (peek(s) != ':')
			return expected(s, "':' after the key");
		s->at++;
		if (!scan_value(s))
			return false;
		skip_space(s);
		if (peek(s) == '}')
			break;
		if (peek(s) != ',')
			return expected(s, "',' or '}'");
		s->at++;
	}
	s->at++;
	return check_keys(s, first_key);
}

static bool
scan_array(struct scanner *s)
{
	s->at++;
	skip_space(s);
	if (peek(s) == ']') {
		s->at++;
		return true;
	}
	for (;;) {
		if (!scan_value(s))
			return false;
		skip_space(s);
		if (peek(s) == ']')
			break;
		if (peek(s) != ',')
			return expected(s, "',' or ']'");
		s->at++;
	}
	s->at++;
	return true;
}

static bool
scan_container(struct scanner *s)
{
	bool ok;

	if (s->depth == JSON_MAX_DEPTH)
		return wrong(s, s->at, "nested more than %d deep", JSON_MAX_DEPTH);
	s->depth++;
	ok = peek(s) == '{' ? scan_object(s) : scan_array(s);
	s->depth--;
	return ok;
}

static bool
scan_value(struct scanner *s)
{
	bool ignored;

	skip_space(s);
	switch (peek(s)) {
	case '{':
	case '[':
		return scan_container(s);
	case '"':
		return scan_string(s, &ignored);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	case '-':
	case '0' ... '9':
		return scan_number(s);
	default:
		return expected(s, "a value");
	}
}

static bool
scan_document(struct scanner *s)
{
	if (!scan_value(s))
		return false;
	skip_space(s);
	if (s->at < s->len)
		return wrong(s, s->at, "text after the end of the document");
	return true;
}

/* Columns count characters, as an editor does. */
static int
error_at(const struct scanner *s, long first_line, struct err *e)
{
	long line = first_line > 0 ? first_line : 1;
	long column = 1;

	for (size_t i = 0; i < s->wrong_at; i++) {
		if (s->text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)s->text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return err_set(e, ERR_INPUT, "line %ld, column %ld: %s", line, column, s->wrong);
}

cJSON *
json_parse(const char *text, size_t len, long first_line, struct err *e)
{
	struct scanner s = { .text = text, .len = len };
	cJSON *root = NULL;
	bool ok;

	/* RFC 8259 lets a parser ignore a byte order mark; some editors write one. */
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		s.text += 3;
		s.len -= 3;
	}
	ok = scan_document(&s);
	while (s.n_keys > 0)
		free(s.keys[--s.n_keys].unescaped);
	free(s.keys);
	if (!ok) {
		error_at(&s, first_line, e);
		return NULL;
	}
	root = cJSON_ParseWithLengthOpts(s.text, s.len, NULL, 0);
	if (root == NULL)
		err_set(e, ERR_INPUT, "line %ld: cJSON does not take this document",
		    first_line > 0 ? first_line : 1);
	return root;
}
