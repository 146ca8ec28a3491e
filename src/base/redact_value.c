/*
 * What stands behind a name: the mark between the two, the quotes, and how far the value
 * goes. Every way of writing has its own end, and a value that was cut ends with its line.
 */
#include "config.h"
#include "base/redact_part.h"

#include <ctype.h>
#include <string.h>

#include "base/redact.h"

#define BLANKS_MAX 64 /* between a name and its value */

char
redact_at(const struct redact_text *t, size_t i)
{
	return i < t->len ? t->text[i] : '\0';
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static size_t
skip_blanks(const struct redact_text *t, size_t i, bool lines)
{
	for (size_t n = 0; n < BLANKS_MAX; n++, i++) {
		unsigned char c = (unsigned char)redact_at(t, i);

		/* What reads JSON takes any control character for a blank. */
		if (c == '\0' || c > ' ' || (!lines && (c == '\n' || c == '\r')))
			break;
	}
	return i;
}

char
redact_quote_at(const struct redact_text *t, size_t i, size_t *escapes)
{
	*escapes = 0;
	while (*escapes < REDACT_ESCAPES_MAX && redact_at(t, i + *escapes) == '\\')
		(*escapes)++;
	return is_quote(redact_at(t, i + *escapes)) ? redact_at(t, i + *escapes) : '\0';
}

/* The string around the one at I ends here: what follows is JSON again, or nothing. */
static bool
is_outer_end(const struct redact_text *t, size_t i)
{
	i = skip_blanks(t, i + 1, false);
	return redact_at(t, i) == '\0' || strchr(",:}]\n\r", redact_at(t, i)) != NULL;
}

size_t
redact_quoted_end(const struct redact_text *t, size_t from, char quote, size_t escapes)
{
	size_t run = 0, i = from;

	for (; i < t->len && i - from < REDACT_MAX; i++) {
		char c = t->text[i];

		if (c == '\n' || c == '\r')
			return i;
		if (c == quote && (run % (2 * (escapes + 1)) == escapes || run < escapes))
			return run < escapes ? i - run : i - escapes;
		if (c == '"' && quote != '"' && is_outer_end(t, i))
			return i - run;
		run = c == '\\' ? run + 1 : 0;
	}
	return i;
}

/* "name=" is next: a part of an address or of a connection string. */
static bool
is_next_part(const struct redact_text *t, size_t i)
{
	size_t n = 0;

	while (n < 40 && (redact_is_word_char(redact_at(t, i + n)) || redact_at(t, i + n) == ' '))
		n++;
	return n > 0 && redact_at(t, i + n) == '=';
}

/* A backslash in a string of JSON that stands for a line's end or a quote, and not for itself. */
static bool
is_escaped_end(const struct redact_text *t, size_t i)
{
	return redact_at(t, i + 1) == '\0' || strchr("nrtu\"'", redact_at(t, i + 1)) != NULL;
}

/* Where a value without quotes ends. WIDE: it may hold blanks, up to the next semicolon. */
static size_t
bare_end(const struct redact_text *t, size_t from, bool wide)
{
	size_t i = from;

	for (; i < t->len && i - from < REDACT_MAX; i++) {
		unsigned char c = (unsigned char)t->text[i];

		if ((c <= ' ' && !(wide && c == ' ')) || is_quote((char)c) || c == ';' ||
		    c == '<' || c == '>')
			break;
		if ((c == '&' || c == ',') && is_next_part(t, i + 1))
			break;
		if (c == '\\' && is_escaped_end(t, i))
			break;
		i += c == '\\' && i + 1 < t->len;
	}
	return i < t->len ? i : t->len;
}

size_t
redact_line_end(const struct redact_text *t, size_t from)
{
	size_t i = from;

	while (i < t->len && i - from < REDACT_MAX && t->text[i] != '\n' && t->text[i] != '\r' &&
	    t->text[i] != '"' && t->text[i] != '\'' &&
	    !(t->text[i] == '\\' && is_escaped_end(t, i)))
		i++;
	return i;
}

/* The brackets and stops that end a sentence around the value are not its own. */
static size_t
trim(const struct redact_text *t, size_t from, size_t end)
{
	while (end > from && strchr(")]}.,:", t->text[end - 1]) != NULL)
		end--;
	return end;
}

/* The mark between name and value; *i goes behind it. */
static enum redact_mark
take_mark(const struct redact_text *t, size_t name, size_t *i)
{
	bool option = name >= 2 && t->text[name - 1] == '-' && t->text[name - 2] == '-';
	size_t from = *i, escapes;

	if (redact_at(t, *i) == '>' && name > 0 && t->text[name - 1] == '<') {
		(*i)++;
		return MARK_TAG;
	}
	*i = skip_blanks(t, *i, false);
	if (redact_at(t, *i) == ':' || redact_at(t, *i) == '=') {
		enum redact_mark mark = redact_at(t, *i) == '=' || redact_at(t, *i + 1) == '='
		    ? MARK_EQUALS
		    : MARK_COLON;

		*i += redact_at(t, *i + 1) == '=' || redact_at(t, *i + 1) == '>' ? 2 : 1;
		return mark;
	}
	/* "--password", "..." in a list of arguments */
	if (option && redact_quote_at(t, from, &escapes) != '\0' &&
	    redact_at(t, from + escapes + 1) == ',') {
		*i = from + escapes + 2;
		return MARK_OPTION;
	}
	return option && *i > from ? MARK_OPTION : MARK_NONE;
}

struct redact_value
redact_value_of(const struct redact_text *t, size_t name, size_t end)
{
	struct redact_value v = { .mark = MARK_NONE };
	size_t escapes, i = end;
	char quote = redact_quote_at(t, i, &escapes);

	v.name_quoted = quote != '\0';
	if (v.name_quoted)
		i += escapes + 1;
	v.mark = take_mark(t, name, &i);
	if (v.mark == MARK_NONE && v.name_quoted) {
		i = end;
		v.mark = take_mark(t, name, &i);
	}
	if (v.mark == MARK_NONE)
		return v;
	i = v.mark == MARK_TAG ? i : skip_blanks(t, i, v.name_quoted);
	v.quote = v.mark == MARK_TAG ? '\0' : redact_quote_at(t, i, &v.escapes);
	/* The quote of "--password=" in a list is no value's. */
	if (v.quote == '"' && !v.name_quoted && is_outer_end(t, i + v.escapes))
		return (struct redact_value){ .mark = MARK_NONE };
	if (v.quote != '\0')
		i += v.escapes + 1;
	v.span.at = i;
	v.first = redact_at(t, i);
	return v;
}

/* It may stand in a connection string, which goes on behind the next semicolon. */
static bool
is_wide(const struct redact_text *t, size_t name, const struct redact_value *v)
{
	if (v->mark != MARK_EQUALS)
		return false;
	while (name > 0 && (redact_is_word_char(t->text[name - 1]) || t->text[name - 1] == ' '))
		name--;
	return name > 0 && t->text[name - 1] == ';';
}

void
redact_value_measure(const struct redact_text *t, size_t name, struct redact_value *v)
{
	size_t from = v->span.at, end;

	if (v->quote != '\0')
		end = redact_quoted_end(t, from, v->quote, v->escapes);
	else
		end = trim(t, from, bare_end(t, from, is_wide(t, name, v)));
	v->span.len = end - from;
}

bool
redact_is_number(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isdigit((unsigned char)text[i]) && strchr("+-.eE", text[i]) == NULL)
			return false;
	return len > 0 && (isdigit((unsigned char)text[0]) || text[0] == '-');
}

bool
redact_value_is_secret(const struct redact_text *t, const struct redact_value *v)
{
	const char *text = t->text + v->span.at;

	if (v->span.len == 0 || redact_is_reference(text, v->span.len))
		return false;
	if (v->mark == MARK_OPTION && v->first == '-')
		return false;
	if (v->quote != '\0' || v->mark == MARK_EQUALS || v->mark == MARK_TAG ||
	    (v->name_quoted && v->mark == MARK_COLON))
		return true;
	return !redact_is_prose(text, v->span.len, t->text + t->len);
}
