/*
 * Reading the errors of az. Decides on codes first, on the exit status next and
 * on texts last. What the codes and texts mean stands in azure_error_table.c.
 */
#include <config.h>

#include "strategies/azure_error.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "strategies/azure_error_table.h"

#define CODE_MAX 80
#define CODES_MAX 32    /* of one text */
#define MESSAGE_MAX 500 /* bytes */
#define JSON_TRIES 8    /* opening braces from which JSON is tried */
#define DEPTH_MAX 16    /* of errors within errors */

/* They say that something failed, and another code inside says what. */
static const char *const wrappers[] = {
	"DeploymentFailed",
	"ResourceDeploymentFailure",
	"InvalidTemplateDeployment",
	"BadRequest",
	"Conflict",
};

static const char *const absence_codes[] = {
	"ResourceNotFound",
	"ResourceGroupNotFound",
	"ParentResourceNotFound",
	"StorageAccountNotFound",
	"NotFound",
	"DeploymentNotFound",
};

struct found_code {
	char code[CODE_MAX + 1];
	char *message;
	bool leaf; /* no code stands inside it */
};

struct found_codes {
	struct found_code v[CODES_MAX];
	size_t len;
};

static bool
is_one_of(const char *code, const char *const *list, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (code && strcasecmp(code, list[i]) == 0)
			return true;
	return false;
}

static bool
is_wrapper(const char *code)
{
	return is_one_of(code, wrappers, COUNT_OF(wrappers));
}

/* True for what may be a code, so that "(see below)" is none. */
static bool
copy_code(char out[static CODE_MAX + 1], const char *text, size_t len)
{
	if (len < 3 || len > CODE_MAX || !isalpha((unsigned char)*text))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_' && text[i] != '.' &&
		    text[i] != '/')
			return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

/* One line of at most MESSAGE_MAX bytes, with blanks for control characters, cut between characters. */
static char *
one_line(const char *text, size_t len)
{
	struct buf line = BUF_INIT(MESSAGE_MAX + 8);
	bool blank = true;
	size_t i;

	for (i = 0; i < len && line.len < MESSAGE_MAX; i++) {
		unsigned char c = (unsigned char)text[i];
		bool space = c <= 0x20 || c == 0x7f;
		if (space && blank)
			continue;
		buf_addc(&line, space ? ' ' : (char)c);
		blank = space;
	}
	/* A character that was begun is ended. */
	for (; i < len && ((unsigned char)text[i] & 0xc0) == 0x80 && line.len < MESSAGE_MAX + 4;
	     i++)
		buf_addc(&line, text[i]);
	while (line.len > 0 && line.data[line.len - 1] == ' ')
		line.data[--line.len] = '\0';
	return buf_take(&line);
}

static struct found_code *
add_code(struct found_codes *codes, const char *code, size_t code_len, const char *message,
    size_t message_len)
{
	struct found_code *f = &codes->v[codes->len];

	if (codes->len == CODES_MAX || !copy_code(f->code, code, code_len))
		return NULL;
	f->message = one_line(message, message_len);
	f->leaf = true;
	codes->len++;
	return f;
}

static bool collect_json(struct found_codes *codes, const cJSON *node, int depth);

/* A message may hold a JSON document of its own, which knows more. */
static bool
collect_message(struct found_codes *codes, const char *message, int depth)
{
	const char *brace = message ? strchr(message, '{') : NULL;

	if (!brace)
		return false;
	const char *end = strrchr(brace, '}');
	if (!end)
		return false;
	AUTO_JSON cJSON *inner = json_parse(brace, (size_t)(end + 1 - brace), 1, NULL);
	return inner && collect_json(codes, inner, depth + 1);
}

/* Adds the codes of NODE and of all that it wraps; false if there is none. */
static bool
collect_json(struct found_codes *codes, const cJSON *node, int depth)
{
	static const char *const inner_keys[] = { "error", "innererror", "innerError", "details" };
	const char *code = NULL, *message = NULL;
	struct found_code *own = NULL;
	bool inside = false;

	if (depth > DEPTH_MAX)
		return false;
	if (cJSON_IsArray(node)) {
		const cJSON *item;
		cJSON_ArrayForEach (item, node)
			inside |= collect_json(codes, item, depth + 1);
		return inside;
	}
	if (!cJSON_IsObject(node))
		return false;
	code = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(node, "code"));
	message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(node, "message"));
	if (code)
		own = add_code(codes, code, strlen(code), message ? message : "",
		    message ? strlen(message) : 0);
	for (size_t i = 0; i < COUNT_OF(inner_keys); i++)
		inside |= collect_json(
		    codes, cJSON_GetObjectItemCaseSensitive(node, inner_keys[i]), depth + 1);
	inside |= collect_message(codes, message, depth);
	if (own)
		own->leaf = !inside;
	return own || inside;
}

/* The byte after the brace that closes the one at TEXT; NULL if none does. */
static const char *
closing_brace(const char *text)
{
	bool quoted = false;
	int depth = 0;

	for (; *text; text++) {
		if (quoted) {
			if (*text == '\\' && text[1])
				text++;
			else if (*text == '"')
				quoted = false;
		} else if (*text == '"') {
			quoted = true;
		} else if (*text == '{') {
			depth++;
		} else if (*text == '}' && --depth == 0) {
			return text + 1;
		}
	}
	return NULL;
}

/* All documents in the text: az prints inner errors as further ones after the first. */
static void
collect_json_of_text(struct found_codes *codes, const char *text)
{
	int tries = 0;

	for (const char *brace = strchr(text, '{'); brace && tries < JSON_TRIES; tries++) {
		const char *end = closing_brace(brace);
		AUTO_JSON cJSON *json =
		    end ? json_parse(brace, (size_t)(end - brace), 1, NULL) : NULL;

		if (json)
			collect_json(codes, json, 0);
		brace = strchr(json ? end : brace + 1, '{');
	}
}

static const char *
skip_prefixes(const char *p, const char *end)
{
	static const char *const prefixes[] = { "ERROR: ", "Exception Details:", " ", "\r" };
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
			size_t len = strlen(prefixes[i]);
			if ((size_t)(end - p) >= len && memcmp(p, prefixes[i], len) == 0) {
				p += len;
				again = true;
			}
		}
	}
	return p;
}

/* "(Code) Message", else "Code: X" with "Message: Y" after it. Lines and tabs part the pieces. */
static void
collect_plain(struct found_codes *codes, const char *text)
{
	struct found_code *last = NULL;
	const char *end;

	for (const char *p = text; *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, "\n\t");
		const char *start = skip_prefixes(p, end), *close;

		if (start < end && *start == '(' &&
		    (close = memchr(start, ')', (size_t)(end - start)))) {
			const char *message = close + 1;
			if (add_code(codes, start + 1, (size_t)(close - start - 1), message,
				(size_t)(end - message)))
				last = NULL;
		} else if (end - start > 6 && memcmp(start, "Code: ", 6) == 0 && codes->len == 0) {
			size_t len = strcspn(start + 6, " \r\n\t");
			last = add_code(codes, start + 6, len, "", 0);
		} else if (last && end - start > 9 && memcmp(start, "Message: ", 9) == 0) {
			free(last->message);
			last->message = one_line(start + 9, (size_t)(end - start - 9));
			last = NULL;
		}
	}
	for (size_t i = 0; i + 1 < codes->len; i++)
		codes->v[i].leaf = false;
}

/* The colour codes of a terminal would stand between prefix and code. */
static char *
without_escapes(const char *text)
{
	char *plain = xmalloc(strlen(text) + 1), *to = plain;

	while (*text) {
		if (text[0] == '\033' && text[1] == '[') {
			text += 2;
			while (*text && !isalpha((unsigned char)*text))
				text++;
			text += *text != '\0';
			continue;
		}
		*to++ = *text++;
	}
	*to = '\0';
	return plain;
}

/* The first leaf that names a cause, else the last code that does, else the last of all. */
static const struct found_code *
innermost(const struct found_codes *codes)
{
	for (size_t i = 0; i < codes->len; i++)
		if (codes->v[i].leaf && !is_wrapper(codes->v[i].code))
			return &codes->v[i];
	for (size_t i = codes->len; i-- > 0;)
		if (!is_wrapper(codes->v[i].code))
			return &codes->v[i];
	return codes->len > 0 ? &codes->v[codes->len - 1] : NULL;
}

static void
decide_by_code(struct azure_error *e, const struct found_codes *codes)
{
	const struct found_code *inner = innermost(codes);
	bool known = azure_class_of_code(inner->code, inner->message, &e->class);

	e->code = xstrdup(inner->code);
	e->outer = xstrdup(codes->v[0].code);
	e->message = xstrdup(inner->message);
	/* An inner code that nobody knows: the nearest one around it that somebody does. */
	for (size_t i = codes->len; i-- > 0 && !known;)
		known = azure_class_of_code(codes->v[i].code, inner->message, &e->class);
}

static void
codes_clear(struct found_codes *codes)
{
	for (size_t i = 0; i < codes->len; i++)
		free(codes->v[i].message);
	codes->len = 0;
}

static bool
decide_by_entra(struct azure_error *e, const char *text)
{
	const char *at = strstr(text, "AADSTS");

	if (!at)
		return false;
	size_t digits = strspn(at + 6, "0123456789");
	if (digits < 4 || digits > 9)
		return false;
	e->code = xstrndup(at, 6 + digits);
	e->outer = xstrdup(e->code);
	e->message = one_line(at, strcspn(at, "\n"));
	e->class = azure_class_of_entra(strtoul(at + 6, NULL, 10));
	return true;
}

/* The first line that says something; one that ends in a colon only announces the next. */
static char *
first_message(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *start = skip_prefixes(text, text + len), *end = text + len;

		if (start < end && strncmp(start, "WARNING:", 8) != 0) {
			if (end[-1] == ':' && *end)
				end += 1 + strcspn(end + 1, "\n");
			return one_line(start, (size_t)(end - start));
		}
		text += len + (text[len] != '\0');
	}
	return xstrdup("az said nothing about it");
}

void
azure_error_read(struct azure_error *e, const char *text, int status)
{
	AUTO_FREE char *plain = without_escapes(text);
	struct found_codes codes = { 0 };

	*e = (struct azure_error){ 0 };
	collect_plain(&codes, plain);
	if (codes.len > 0)
		codes.v[codes.len - 1].leaf = true;
	collect_json_of_text(&codes, plain);
	if (codes.len > 0) {
		decide_by_code(e, &codes);
	} else if (!decide_by_entra(e, plain)) {
		e->message = first_message(plain);
		e->class = azure_class_of_text(plain);
	}
	codes_clear(&codes);
	if (status == AZURE_STATUS_PARSER)
		e->class = FAILURE_INVALID;
	else if (status == AZURE_STATUS_NOT_FOUND && e->class == FAILURE_UNKNOWN)
		e->class = FAILURE_NOT_FOUND;
}

void
azure_error_read_json(struct azure_error *e, const cJSON *error)
{
	struct found_codes codes = { 0 };

	*e = (struct azure_error){ 0 };
	if (collect_json(&codes, error, 0))
		decide_by_code(e, &codes);
	else
		e->message = xstrdup("Azure gave no reason");
	codes_clear(&codes);
}

void
azure_error_clear(struct azure_error *e)
{
	free(e->code);
	free(e->outer);
	free(e->message);
	*e = (struct azure_error){ 0 };
}

bool
azure_error_is_absence(const struct azure_error *e)
{
	return is_one_of(e->code, absence_codes, COUNT_OF(absence_codes));
}
