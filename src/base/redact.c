/*
 * One walk over the text, from left to right. At each word it asks whether the word is the
 * name of a secret, with a value behind it, or a secret itself. Brackets are followed, so
 * that in [{"name": "DB_PASSWORD", "value": "..."}] the value is known for what it is.
 *
 * No byte is looked at more than a bounded number of times: runs are measured once, and
 * whatever looks ahead for more than a few bytes either masks what it saw or stops where
 * the next of its kind begins.
 */
#include "config.h"
#include "base/redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/redact_part.h"

#define DEPTH_MAX 64
#define NAME_MAX_BYTES 256
#define SCHEME_MAX 32
#define LITERAL_MAX 64 /* bytes of a number or a word of JSON, and of the blanks behind it */
#define BLANKS_MAX 64 /* before an item of a list */

/* A list or an object that is open. */
struct level {
	bool secret; /* it is the value of a secret name: so are its strings, or its "value" */
	bool many;   /* of a plural: so are all of its members */
	bool named;  /* one of its members is the name of a secret: so is its "value" */
	bool list;
	struct redact_span value; /* "value", which came before the name */
};

struct walk {
	struct redact_text t;
	size_t at;
	size_t found;
	size_t token, token_end; /* the run of token characters around AT */
	size_t run_end;          /* of the run of base64 that was looked at last */
	struct level levels[DEPTH_MAX];
	size_t depth;      /* may be more than there are levels */
	struct level next; /* what is known of a bracket that stands at next_at */
	size_t next_at;
};

/* ---- masking ---- */

/* How much of an escape of JSON, \n or \u0022, stands at AT behind its backslash: it is no part of a secret. */
static size_t
rest_of_escape(const struct redact_text *t, size_t at)
{
	size_t backslashes = 0;

	while (backslashes < at && t->text[at - 1 - backslashes] == '\\')
		backslashes++;
	if (backslashes % 2 == 0)
		return 0;
	return t->text[at] == 'u' ? 5 : 1;
}

static void
mask(struct walk *w, struct redact_span s)
{
	size_t escape = s.len > 0 ? rest_of_escape(&w->t, s.at) : 0;

	if (s.len <= escape)
		return;
	s.at += escape;
	s.len -= escape;
	/* A control character is nobody's secret, and may stand between two members. */
	for (size_t i = s.at; i < s.at + s.len; i++)
		if ((unsigned char)w->t.text[i] >= ' ')
			w->t.text[i] = '*';
	w->found++;
}

/* The lines stay, and so do their ends that are written as \n. */
static void
mask_key(struct walk *w, struct redact_span s)
{
	char *text = w->t.text + s.at;

	for (size_t i = 0; i < s.len; i++) {
		if (text[i] == '\\')
			i += i + 1 < s.len && text[i + 1] == 'u' ? 5 : 1;
		else if (isalnum((unsigned char)text[i]) || strchr("+/=", text[i]) != NULL)
			text[i] = '*';
	}
	w->found += s.len > 0;
}

/* A number has to stay one; so has its exponent. */
static void
mask_number(struct walk *w, struct redact_span s)
{
	for (size_t i = s.at; i < s.at + s.len && tolower((unsigned char)w->t.text[i]) != 'e'; i++)
		if (isdigit((unsigned char)w->t.text[i]))
			w->t.text[i] = '9';
	w->found++;
}

/* ---- secrets by their names ---- */

static struct level *
level_of(struct walk *w)
{
	return w->depth > 0 && w->depth <= DEPTH_MAX ? &w->levels[w->depth - 1] : NULL;
}

static size_t
mask_value(struct walk *w, const struct redact_value *v)
{
	if (v->quote == '\0' && v->name_quoted &&
	    redact_is_number(w->t.text + v->span.at, v->span.len))
		mask_number(w, v->span);
	else
		mask(w, v->span);
	return v->span.at + v->span.len;
}

/* "Authorization: Bearer ..." without quotes: what is behind the scheme, to the line's end. */
static size_t
take_header(struct walk *w, const struct redact_value *v, bool cookie)
{
	static const char *const schemes[] = { "Bearer", "Basic", "Digest", "Token", "SharedKey",
		"SharedKeyLite", "SharedAccessSignature", "AWS4-HMAC-SHA256", "Negotiate",
		"ApiKey" };
	const char *text = w->t.text + v->span.at;
	size_t word = 0;
	bool known = cookie;

	while (word < SCHEME_MAX && redact_is_word_char(redact_at(&w->t, v->span.at + word)))
		word++;
	for (size_t i = 0; i < COUNT_OF(schemes) && !known; i++)
		if (strlen(schemes[i]) == word && strncasecmp(text, schemes[i], word) == 0)
			known = true;
	if (!known || (!cookie && redact_at(&w->t, v->span.at + word) != ' '))
		return 0;
	size_t from = v->span.at + (cookie ? 0 : word + 1), end = redact_line_end(&w->t, from);
	if (end > from)
		mask(w, (struct redact_span){ from, end - from });
	return end;
}

/* "sig=..." and "code=..." of an address; a code that is a word is no secret. */
static bool
is_link_secret(const struct walk *w, size_t name, const struct redact_value *v)
{
	char before = name > 0 ? w->t.text[name - 1] : '\0';

	if (v->mark != MARK_EQUALS)
		return false;
	if (w->t.text[name] == 's' || w->t.text[name] == 'S')
		return true;
	return (before == '?' || before == '&') &&
	    redact_is_random(w->t.text + v->span.at, w->t.len - v->span.at, false);
}

/* What the bracket at I, the value of a secret name, makes of its members. */
static void
expect(struct walk *w, size_t i, bool many)
{
	w->next = (struct level){ .secret = true, .many = many };
	w->next_at = i;
}

static bool
is_text(const struct walk *w, size_t from, size_t end, const char *word)
{
	return end - from == strlen(word) && strncasecmp(w->t.text + from, word, end - from) == 0;
}

/*
 * A member of an object that says what its "value" is, or is that value. Returns where to
 * go on, or 0.
 */
static size_t
take_member(struct walk *w, size_t name, size_t end, struct redact_value *v)
{
	struct level *l = level_of(w);
	bool is_value = is_text(w, name, end, "value"), many;

	if (l == NULL || !v->name_quoted || v->quote == '\0')
		return 0;
	if (is_value || l->many) {
		redact_value_measure(&w->t, name, v);
		if (l->named || l->secret)
			return redact_value_is_secret(&w->t, v) ? mask_value(w, v) : 0;
		l->value = v->span;
	} else if (is_text(w, name, end, "keyName")) {
		l->named = true;
	} else if (is_text(w, name, end, "name") || is_text(w, name, end, "key")) {
		redact_value_measure(&w->t, name, v);
		l->named = l->named ||
		    (v->span.len > 0 && v->span.len <= NAME_MAX_BYTES &&
			redact_name(w->t.text + v->span.at, v->span.len, &many) == NAME_SECRET);
	}
	if (l->named && l->value.len > 0 &&
	    !redact_is_reference(w->t.text + l->value.at, l->value.len)) {
		mask(w, l->value);
		l->value.len = 0;
	}
	return 0;
}

static bool
is_literal_char(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("+-.", c) != NULL);
}

/* A number or a word of JSON, which ends where it ends and not with its line; or nothing at all. */
static bool
is_literal(const struct walk *w, const struct redact_value *v)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t from = v->span.at, end = from, next;
	bool found;

	while (end - from < LITERAL_MAX && is_literal_char(redact_at(&w->t, end)))
		end++;
	found = end == from || redact_is_number(w->t.text + from, end - from);
	for (size_t i = 0; i < COUNT_OF(words) && !found; i++)
		found = is_text(w, from, end, words[i]);
	for (next = end; next - end < LITERAL_MAX; next++)
		if (redact_at(&w->t, next) == '\0' || redact_at(&w->t, next) > ' ')
			break;
	return found &&
	    (next - end == LITERAL_MAX || strchr(",}]", redact_at(&w->t, next)) != NULL);
}

/* The word from NAME to END has a value behind it. Returns where to go on, or 0. */
static size_t
take_named(struct walk *w, size_t name, size_t end, struct redact_value *v)
{
	bool many;
	enum redact_name kind = redact_name(w->t.text + name, end - name, &many);

	if (kind == NAME_PLAIN)
		return take_member(w, name, end, v);
	if (v->quote == '\0' && (v->first == '{' || v->first == '[')) {
		if (kind == NAME_SECRET)
			expect(w, v->span.at, many);
		return 0;
	}
	if (kind == NAME_HEADER && v->quote == '\0' && !(v->name_quoted && is_literal(w, v)))
		return take_header(w, v, tolower((unsigned char)w->t.text[end - 1]) == 'e');
	if (kind == NAME_LINK && !is_link_secret(w, name, v))
		return 0;
	if (kind == NAME_WEAK &&
	    !redact_is_random(w->t.text + v->span.at, w->t.len - v->span.at,
		isdigit((unsigned char)w->t.text[end - 1])))
		return take_member(w, name, end, v);
	redact_value_measure(&w->t, name, v);
	if (many && v->quote == '\0' && redact_is_number(w->t.text + v->span.at, v->span.len))
		return 0;
	return redact_value_is_secret(&w->t, v) ? mask_value(w, v) : 0;
}

/* ---- secrets by their shape ---- */

/* "Bearer ..." and "Basic ..." anywhere. */
static size_t
take_scheme(struct walk *w, size_t name, size_t end)
{
	bool basic = is_text(w, name, end, "Basic");
	size_t from = end + 1, i = from;
	bool digit = false, upper = false;

	if ((!basic && !is_text(w, name, end, "Bearer")) || redact_at(&w->t, end) != ' ')
		return 0;
	while (i < w->t.len &&
	    (redact_is_token_char(w->t.text[i]) || redact_is_base64_char(w->t.text[i]) ||
		w->t.text[i] == '=')) {
		digit = digit || isdigit((unsigned char)w->t.text[i]);
		upper = upper || isupper((unsigned char)w->t.text[i]);
		i++;
	}
	if (i - from < 16 || !digit || (basic && !upper))
		return 0;
	mask(w, (struct redact_span){ from, i - from });
	return i;
}

/* Measures the token and the run of base64 that begin here. A key that fills the run is masked. */
static size_t
look_at_run(struct walk *w, size_t i)
{
	size_t end = i, from = i;

	if (i < w->run_end)
		return 0;
	while (end < w->t.len && redact_is_base64_char(w->t.text[end]))
		end++;
	for (int padding = 0; padding < 2 && redact_at(&w->t, end) == '='; padding++)
		end++;
	w->run_end = end;
	if (!redact_is_account_key(w->t.text, from, end - from))
		return 0;
	mask(w, (struct redact_span){ from, end - from });
	return end;
}

static void
look_at_token(struct walk *w, size_t i)
{
	if (i < w->token_end)
		return;
	w->token = i;
	while (i < w->t.len && redact_is_token_char(w->t.text[i]))
		i++;
	w->token_end = i;
}

/* ---- the walk ---- */

static size_t
take_word(struct walk *w)
{
	size_t from = w->at, end, past;

	look_at_token(w, from);
	past = look_at_run(w, from);
	if (past > 0)
		return past;
	struct redact_span s = redact_shape(w->t.text, w->t.len, w->token, from, w->token_end);
	if (s.len > 0) {
		mask(w, s);
		return s.at + s.len;
	}
	for (end = from; end < w->t.len && redact_is_word_char(w->t.text[end]);)
		end++;
	past = take_scheme(w, from, end);
	if (past > 0)
		return past;
	struct redact_value v = redact_value_of(&w->t, from, end);
	if (v.mark != MARK_NONE)
		past = take_named(w, from, end, &v);
	return past > 0 ? past : end;
}

static void
open_level(struct walk *w, bool list)
{
	const struct level *outer = level_of(w);
	struct level inner = { .list = list };

	if (w->next.secret && w->next_at == w->at)
		inner = (struct level){ .secret = true, .many = w->next.many, .list = list };
	else if (outer != NULL && outer->list)
		inner.secret = outer->secret;
	w->depth++;
	if (w->depth <= DEPTH_MAX)
		w->levels[w->depth - 1] = inner;
}

/* What stands at I is an item of a list, and not a quote of some text. */
static bool
is_item(const struct walk *w, size_t i)
{
	for (size_t n = 0; n < BLANKS_MAX && i > 0 && isspace((unsigned char)w->t.text[i - 1]); n++)
		i--;
	return i > 0 && (w->t.text[i - 1] == '[' || w->t.text[i - 1] == ',');
}

/* A string that is an item of a secret list; in JSON within JSON its quotes have backslashes. */
static size_t
take_item(struct walk *w)
{
	const struct level *l = level_of(w);
	size_t from = w->at, escapes = 0;

	if (l == NULL || !l->list || !l->secret)
		return from + 1;
	while (
	    escapes < from && escapes < REDACT_ESCAPES_MAX && w->t.text[from - escapes - 1] == '\\')
		escapes++;
	if (!is_item(w, from - escapes))
		return from + 1;
	size_t end = redact_quoted_end(&w->t, from + 1, '"', escapes);
	const struct redact_value v = {
		.mark = MARK_COLON,
		.quote = '"',
		.span = { from + 1, end - from - 1 },
	};
	if (redact_value_is_secret(&w->t, &v))
		mask_value(w, &v);
	/* Behind the closing quote: that one opens nothing. */
	return end + escapes + 1;
}

static size_t
take_other(struct walk *w)
{
	size_t i = w->at, past;
	char c = w->t.text[i];

	if (c == '{' || c == '[') {
		open_level(w, c == '[');
	} else if ((c == '}' || c == ']') && w->depth > 0) {
		w->depth--;
	} else if (c == '"') {
		return take_item(w);
	} else if (c == ':' && redact_at(&w->t, i + 1) == '/' && redact_at(&w->t, i + 2) == '/') {
		struct redact_span s = redact_userinfo(w->t.text, w->t.len, i);

		mask(w, s);
		return s.len > 0 ? s.at + s.len : i + 3;
	} else if (redact_is_base64_char(c)) {
		past = look_at_run(w, i);
		return past > 0 ? past : i + 1;
	}
	return i + 1;
}

size_t
redact(char *text, size_t len)
{
	struct walk w = { .t = { text, len } };

	while (w.at < len) {
		char c = text[w.at];

		if (c == '-' && len - w.at >= 5 && memcmp(text + w.at, "-----", 5) == 0) {
			size_t past;

			mask_key(&w, redact_private_key(text, len, w.at, &past));
			w.at = past;
		} else if (c != '-' && redact_is_word_char(c)) {
			w.at = take_word(&w);
		} else {
			w.at = take_other(&w);
		}
	}
	return w.found;
}
