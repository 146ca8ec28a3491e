/*
 * JSON within a text may write a character in several ways (\u0026, \/), and JSON
 * within that doubles the backslashes. So the text is looked through as it is, then
 * unescaped once, then once more; each byte knows where it came from.
 */
#include "config.h"
#include "driver/secret_mask.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define DEPTH_MAX 3 /* JSON within JSON within JSON */

/* A text, and where in the original each of its bytes began; at[len] is the original's end. */
struct layer {
	char *text;
	size_t *at;
	size_t len;
};

/* ---- escapes ---- */

static size_t
put_utf8(char *out, unsigned code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* The code of "\uXXXX" at TEXT; 0 if there is none. */
static unsigned
read_unit(const char *text)
{
	char digits[5] = "";

	if (text[0] != '\\' || text[1] != 'u')
		return 0;
	memcpy(digits, text + 2, strnlen(text + 2, sizeof(digits) - 1));
	return strspn(digits, "0123456789abcdefABCDEF") == 4 ? (unsigned)strtoul(digits, NULL, 16)
							     : 0;
}

/* What stands at TEXT, unescaped, with its length; returns how many bytes of TEXT say so. */
static size_t
read_one(const char *text, char out[static 4], size_t *len)
{
	static const char letters[] = "bfnrt", controls[] = "\b\f\n\r\t";
	const char *letter;
	unsigned unit = read_unit(text), second;

	*len = 1;
	out[0] = text[0];
	if (text[0] != '\\' || text[1] == '\0')
		return 1;
	if (unit != 0) {
		second = unit >> 10 == 0xd800 >> 10 ? read_unit(text + 6) : 0;
		if (second >> 10 == 0xdc00 >> 10)
			unit = 0x10000 + ((unit & 0x3ff) << 10) + (second & 0x3ff);
		*len = put_utf8(out, unit);
		return unit >= 0x10000 ? 12 : 6;
	}
	letter = strchr(letters, text[1]);
	out[0] = letter != NULL ? controls[letter - letters] : text[1];
	return 2;
}

/* ---- layers ---- */

static void
layer_init(struct layer *l, const char *text)
{
	l->len = strlen(text);
	l->text = xstrdup(text);
	l->at = xcalloc(l->len + 1, sizeof(*l->at));
	for (size_t i = 0; i <= l->len; i++)
		l->at[i] = i;
}

static void
layer_clear(struct layer *l)
{
	explicit_bzero(l->text, l->len);
	free(l->text);
	free(l->at);
}

/* In place, because no escape is shorter than what it stands for. */
static void
layer_unescape(struct layer *l)
{
	size_t from = 0, to = 0;

	while (from < l->len) {
		size_t at = l->at[from], len;
		char one[4];

		from += read_one(l->text + from, one, &len);
		for (size_t i = 0; i < len; i++) {
			l->text[to] = one[i];
			l->at[to++] = at;
		}
	}
	l->text[to] = '\0';
	l->at[to] = l->at[l->len];
	l->len = to;
}

/* ---- masking ---- */

/* Where a message was made one line, spaces stand for each control character (base/utf8.h). */
static bool
may_be_blanked(char c)
{
	return (unsigned char)c < ' ' || (unsigned char)c >= 0x7f;
}

/* How many bytes at TEXT are the secret, or begin it and are the last of TEXT; 0 if none. */
static size_t
match(const char *text, const char *secret)
{
	size_t n = 0;

	while (secret[n] != '\0' &&
	    (text[n] == secret[n] || (text[n] == ' ' && may_be_blanked(secret[n]))))
		n++;
	return secret[n] == '\0' || (text[n] == '\0' && n >= SECRET_MASK_MIN) ? n : 0;
}

/* Marks in the original where the secret stands, also over itself. */
static void
mark_secret(bool *marks, const struct layer *l, const char *secret)
{
	size_t end = 0;

	for (size_t i = 0; i < l->len; i++) {
		size_t n = match(l->text + i, secret);

		if (i + n > end)
			end = i + n;
		for (size_t at = l->at[i]; i < end && at < l->at[i + 1]; at++)
			marks[at] = true;
	}
}

static void
mark_layer(bool *marks, const struct layer *l, const struct strv *secrets)
{
	for (size_t i = 0; i < secrets->len; i++)
		if (strlen(secrets->v[i]) >= SECRET_MASK_MIN)
			mark_secret(marks, l, secrets->v[i]);
}

void
secret_mask(char *text, const struct strv *secrets)
{
	AUTO_FREE bool *marks = NULL;
	struct layer l;

	if (secrets->len == 0)
		return;
	layer_init(&l, text);
	marks = xcalloc(l.len + 1, sizeof(*marks));
	mark_layer(marks, &l, secrets);
	for (int depth = 0; depth < DEPTH_MAX && strchr(l.text, '\\') != NULL; depth++) {
		layer_unescape(&l);
		mark_layer(marks, &l, secrets);
	}
	layer_clear(&l);
	for (size_t i = 0; text[i] != '\0'; i++)
		if (marks[i])
			text[i] = '*';
}

void
secret_mask_json(cJSON *json, const struct strv *secrets)
{
	cJSON *item;

	if (json == NULL)
		return;
	if (json->string != NULL && (json->type & cJSON_StringIsConst) == 0)
		secret_mask(json->string, secrets);
	if (cJSON_IsString(json))
		secret_mask(json->valuestring, secrets);
	cJSON_ArrayForEach (item, json)
		secret_mask_json(item, secrets);
}
