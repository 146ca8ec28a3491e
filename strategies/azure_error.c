/*
 * Reading the errors of az: finds the codes, the HTTP status and the message in
 * what it wrote, and asks core/failure_table.h what they mean.
 */
#include <config.h>

#include "strategies/azure_error.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "strategies/http_status.h"

#define CODE_MAX 80
#define CODES_MAX 32    /* of one text */
#define MESSAGE_MAX 500 /* bytes */
#define JSON_TRIES 8    /* opening braces from which JSON is tried */
#define DEPTH_MAX 16    /* of errors within errors */

/* az sends again what was answered with 408, 429 or 5xx, and where no connection could be made. */
#define AZ_TRIES 4

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
	char *target; /* what it is about; NULL if it is not told */
	bool leaf;    /* no code stands inside it */
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
	f->target = NULL;
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
	if (own) {
		own->leaf = !inside;
		own->target = xstrdup(json_str(node, "target"));
	}
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

/* "Target: X" behind what it belongs to. */
static void
note_target(struct found_codes *codes, const char *text, size_t len)
{
	struct found_code *last = codes->len > 0 ? &codes->v[codes->len - 1] : NULL;

	if (last != NULL && last->target == NULL)
		last->target = one_line(text, len);
}

/*
 * "(Code) Message", else "Code: X" with "Message: Y" after it, and for both "Target: Z".
 * Lines and tabs part the pieces.
 */
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
		} else if (end - start > 8 && memcmp(start, "Target: ", 8) == 0) {
			note_target(codes, start + 8, (size_t)(end - start - 8));
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
codes_clear(struct found_codes *codes)
{
	for (size_t i = 0; i < codes->len; i++) {
		free(codes->v[i].message);
		free(codes->v[i].target);
	}
	codes->len = 0;
}

/* "AADSTS" and the number that follows it first; false if there is none. */
static bool
read_entra(struct azure_error *e, const char *text)
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

/* What az rest begins with ("Not Found({...})"), else what the text tells; 0 if it tells none. */
static int
http_status_of(const char *text)
{
	const char *start = skip_prefixes(text, text + strlen(text));
	size_t words = strspn(start, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz -");
	int status = start[words] == '(' ? http_status_of_phrase(start) : 0;

	return status != 0 ? status : http_status_find(text);
}

/* The word of OAuth that counts more than the number beside it, which Microsoft may change. */
static const char oauth_later[] = "temporarily_unavailable";

/* The codes of an output, of the outermost first and the cause last. */
static size_t
order_codes(const struct found_codes *found, const struct found_code *cause,
    const char *codes[static CODES_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < found->len; i++)
		if (&found->v[i] != cause)
			codes[len++] = found->v[i].code;
	codes[len++] = cause->code;
	return len;
}

/* They are about what was accepted, or answered with another status than those that az repeats at. */
static const char *const sent_once[] = {
	"OSProvisioningTimedOut",
	"OSProvisioningInternalError",
	"VMStartTimedOut",
	"VMRedeploymentTimedOut",
	"VMRedeploymentFailed",
	"VMExtensionProvisioningTimeout",
	"VMAgentStatusCommunicationError",
	"ResourceUpdateBlockedOnPlatformUpdate",
	"ResourceGroupDeletionTimeout",
};

/* Not throttling, but answered with 429. */
static const char *const sent_again[] = {
	"RetryableErrorDueToAnotherOperation",
	"ReferencedResourceNotProvisioned",
};

static bool
status_is_repeated(int status)
{
	return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

/*
 * How often az had sent the request. az rest sends once, Entra is asked once,
 * and an error within another one is about what was accepted.
 */
static int64_t
tries_of(const struct azure_error *e, const char *text)
{
	const char *start = skip_prefixes(text, text + strlen(text));

	if (http_status_of_phrase(start) != 0 && strstr(start, "({"))
		return 1;
	if (e->code && e->outer &&
	    (strncmp(e->code, "AADSTS", 6) == 0 || strcasecmp(e->code, e->outer) != 0))
		return 1;
	if (is_one_of(e->code, sent_once, COUNT_OF(sent_once)) ||
	    strcasestr(text, "wait cancelled"))
		return 1;
	if (is_one_of(e->code, sent_again, COUNT_OF(sent_again)) ||
	    status_is_repeated(e->http_status))
		return AZ_TRIES;
	return e->class == FAILURE_THROTTLED || e->class == FAILURE_TRANSIENT ||
		e->class == FAILURE_TIMEOUT
	    ? AZ_TRIES
	    : 1;
}

static void
judge(struct azure_error *e, const struct failure_table *known, const struct tool_output *s)
{
	struct failure f = { 0 };

	e->rule = failure_table_find(known, s);
	failure_table_classify(known, s, &f);
	e->class = f.class;
	e->retry = f.retry;
	e->fallback = f.fallback;
	e->wait_ms = f.wait_ms;
	e->scarce_ms = f.scarce_ms;
	failure_clear(&f);
}

/* "Code: Message" at the start of the text: taken for a code only if it is a known one. */
static bool
read_leading_code(struct azure_error *e, const struct failure_table *known, const char *text,
    const struct tool_output *s)
{
	const char *start = skip_prefixes(text, text + strlen(text));
	const char *colon = start + strcspn(start, ": \t\r\n");
	char code[CODE_MAX + 1];

	if (*colon != ':' || !copy_code(code, start, (size_t)(colon - start)))
		return false;
	const char *const codes[] = { code };
	struct tool_output asked = *s;
	asked.codes = codes;
	asked.n_codes = 1;
	const struct failure_rule *rule = failure_table_find(known, &asked);
	if (!rule || !rule->code)
		return false;
	/* Not the outermost code: this form is no proof, and no answer about absence. */
	e->code = xstrdup(code);
	free(e->message);
	e->message = one_line(colon + 1, strcspn(colon + 1, "\n"));
	asked.message = e->message;
	judge(e, known, &asked);
	return true;
}

/* The cause's own target, else that of what wraps it most closely, else what its message names. */
static void
find_target(struct azure_error *e, const struct found_codes *found, const struct found_code *cause)
{
	for (size_t i = (size_t)(cause - found->v) + 1; i-- > 0;)
		trace_set_target(&e->trace, found->v[i].target);
	trace_find_target(&e->trace, cause->message);
}

static void
judge_codes(struct azure_error *e, const struct failure_table *known,
    const struct found_codes *found, const struct tool_output *s)
{
	const char *codes[CODES_MAX];
	struct tool_output asked = *s;
	const struct found_code *cause = innermost(found);

	e->code = xstrdup(cause->code);
	e->outer = xstrdup(found->v[0].code);
	e->message = xstrdup(cause->message);
	find_target(e, found, cause);
	asked.codes = codes;
	asked.n_codes = order_codes(found, cause, codes);
	asked.message = e->message;
	judge(e, known, &asked);
}

static void
judge_entra(struct azure_error *e, const struct failure_table *known, const struct tool_output *s)
{
	const char *const codes[] = { e->code, oauth_later };
	struct tool_output asked = *s;

	asked.codes = codes;
	asked.n_codes = strstr(s->text, oauth_later) ? 2 : 1;
	asked.message = e->message;
	judge(e, known, &asked);
}

void
azure_error_read(
    struct azure_error *e, const struct failure_table *known, const char *text, int status)
{
	AUTO_FREE char *plain = without_escapes(text);
	struct found_codes codes = { 0 };
	struct tool_output s = { .tool = "az", .status = status, .text = plain };

	*e = (struct azure_error){ .http_status = http_status_of(plain) };
	s.http_status = e->http_status;
	collect_plain(&codes, plain);
	if (codes.len > 0)
		codes.v[codes.len - 1].leaf = true;
	collect_json_of_text(&codes, plain);
	if (codes.len > 0) {
		judge_codes(e, known, &codes, &s);
	} else if (read_entra(e, plain)) {
		judge_entra(e, known, &s);
	} else {
		e->message = first_message(plain);
		s.message = e->message;
		if (!read_leading_code(e, known, plain, &s))
			judge(e, known, &s);
	}
	trace_read(&e->trace, plain);
	e->tool_tries = e->outer || !e->code ? tries_of(e, plain) : 1;
	codes_clear(&codes);
}

void
azure_error_read_json(struct azure_error *e, const struct failure_table *known, const cJSON *error)
{
	AUTO_FREE char *text = error ? json_text(error) : xstrdup("");
	struct found_codes codes = { 0 };
	struct tool_output s = { .tool = "az", .status = -1, .text = text };

	*e = (struct azure_error){ .tool_tries = 1 };
	if (collect_json(&codes, error, 0)) {
		judge_codes(e, known, &codes, &s);
	} else {
		e->message = xstrdup("Azure gave no reason");
		s.message = e->message;
		judge(e, known, &s);
	}
	trace_read(&e->trace, text);
	codes_clear(&codes);
}

void
azure_error_clear(struct azure_error *e)
{
	free(e->code);
	free(e->outer);
	free(e->message);
	trace_clear(&e->trace);
	*e = (struct azure_error){ 0 };
}

void
azure_error_tell(const struct azure_error *e, const char *code, const char *step, struct failure *f)
{
	failure_set(f, e->class, e->code ? e->code : code, step, "%s", e->message);
	f->retry = e->retry;
	f->fallback = e->fallback;
	f->wait_ms = e->wait_ms;
	f->tool_tries = e->tool_tries;
	f->scarce_ms = e->scarce_ms;
	f->advice_id = e->rule ? xstrdup(e->rule->id) : NULL;
	trace_copy(&f->trace, &e->trace);
}

bool
azure_error_is_absence(const struct azure_error *e)
{
	return e->outer && is_one_of(e->code, absence_codes, COUNT_OF(absence_codes));
}
