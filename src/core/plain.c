/*
 * What looks like markup goes, even if it was not meant so: a word that is lost does less
 * harm than one that steers a terminal. Each look ahead has an end, so that the time is in
 * proportion to the text.
 */
#include <config.h>

#include "core/plain.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#define LOOKED_AT_MAX 4096
#define AHEAD_MAX 512
#define MORE "..."
#define ESCAPE '\033'

/* Tags that stand within a word; all others part words. */
static const char *const inline_tags[] = { "a", "b", "code", "em", "i", "mark", "span", "strong" };

static const struct {
	const char *name, *text;
} entities[] = {
	{ "&amp;", "&" },
	{ "&lt;", "<" },
	{ "&gt;", ">" },
	{ "&quot;", "\"" },
	{ "&apos;", "'" },
	{ "&#39;", "'" },
	{ "&#x27;", "'" },
	{ "&nbsp;", " " },
};

struct plain {
	struct buf out;
	bool is_apart; /* a space is due before the next word */
	bool is_first; /* nothing but marks so far in this line of the text */
};

static void
put(struct plain *p, const char *text, size_t len)
{
	if (p->is_apart && p->out.len > 0)
		buf_addc(&p->out, ' ');
	buf_add(&p->out, text, len);
	p->is_apart = p->is_first = false;
}

/* The first C near AT; NULL if there is none. */
static const char *
near(const char *at, char c)
{
	return memchr(at, c, strnlen(at, AHEAD_MAX));
}

/* ---- what is left out: each answers how many bytes; 0: none of its kind ---- */

/* "ESC [ ... letter", "ESC ] ... BEL", and the shorter ones (ECMA-48). */
static size_t
escape_length(const char *at)
{
	size_t len = 2;

	if (at[0] != ESCAPE)
		return 0;
	if (at[1] == '[') {
		while (at[len] >= 0x20 && at[len] < 0x40)
			len++;
		return at[len] >= 0x40 ? len + 1 : len;
	}
	if (at[1] == ']') {
		while (at[len] != '\0' && at[len] != '\a' && at[len] != ESCAPE)
			len++;
		if (at[len] == ESCAPE && at[len + 1] == '\\')
			return len + 2;
		return at[len] == '\a' ? len + 1 : len;
	}
	return at[1] >= 0x30 ? 2 : 1;
}

static bool
is_inline(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(inline_tags); i++)
		if (strlen(inline_tags[i]) == len && strncasecmp(name, inline_tags[i], len) == 0)
			return true;
	return false;
}

static size_t
tag_length(struct plain *p, const char *at)
{
	const char *name = at + 1 + (at[0] == '<' && at[1] == '/'), *end;

	if (at[0] != '<' || !(isalpha((unsigned char)*name) || *name == '!'))
		return 0;
	end = near(at, '>');
	if (end == NULL)
		return 0;
	if (!is_inline(name, strcspn(name, " \t\n/>")))
		p->is_apart = true;
	return (size_t)(end - at) + 1;
}

/* "[" of "[text](address)", or "![" of a picture. */
static size_t
link_begin_length(const char *at)
{
	size_t len = at[0] == '!' && at[1] == '[' ? 2 : at[0] == '[' ? 1 : 0;
	const char *end = len > 0 ? near(at, ']') : NULL;

	return end != NULL && end[1] == '(' && near(end, ')') != NULL ? len : 0;
}

/* "](address)". */
static size_t
link_end_length(const char *at)
{
	const char *end = at[0] == ']' && at[1] == '(' ? near(at, ')') : NULL;

	return end != NULL ? (size_t)(end - at) + 1 : 0;
}

static size_t
mark_length(const struct plain *p, char c)
{
	return c == '*' || c == '`' || (p->is_first && (c == '#' || c == '>'));
}

static size_t
left_out(struct plain *p, const char *at)
{
	size_t len = escape_length(at);

	if (len == 0)
		len = tag_length(p, at);
	if (len == 0)
		len = link_begin_length(at);
	if (len == 0)
		len = link_end_length(at);
	return len > 0 ? len : mark_length(p, *at);
}

/* ---- what stays ---- */

static size_t
put_entity(struct plain *p, const char *at)
{
	for (size_t i = 0; *at == '&' && i < COUNT_OF(entities); i++) {
		size_t len = strlen(entities[i].name);

		if (strncmp(at, entities[i].name, len) != 0)
			continue;
		if (*entities[i].text == ' ')
			p->is_apart = true;
		else
			put(p, entities[i].text, 1);
		return len;
	}
	return 0;
}

static size_t
put_character(struct plain *p, const char *at)
{
	size_t len = utf8_length(at, strnlen(at, 4));
	char c[5] = "";

	if (len == 0)
		return 1;
	memcpy(c, at, len);
	if (*c != ' ' && !utf8_has_control(c)) {
		put(p, c, len);
		return len;
	}
	p->is_apart = true;
	p->is_first = p->is_first || *c == '\n';
	return len;
}

/* Takes LINE over. */
static char *
shorten(char *line, size_t max)
{
	AUTO_FREE char *whole = line;
	size_t len, word;

	if (strlen(line) <= max)
		return take(whole);
	len = word = utf8_cut(line, max - strlen(MORE));
	while (word > len / 2 && line[word] != ' ')
		word--;
	return xasprintf("%.*s" MORE, (int)(line[word] == ' ' ? word : len), line);
}

char *
plain_text(const char *text, size_t max)
{
	size_t looked_at = strnlen(text, LOOKED_AT_MAX);
	AUTO_FREE char *begin = xstrndup(text, utf8_cut(text, looked_at));
	struct plain p = { .out = BUF_INIT(LOOKED_AT_MAX * 2), .is_first = true };

	for (const char *at = begin; *at != '\0';) {
		size_t len = left_out(&p, at);

		if (len == 0)
			len = put_entity(&p, at);
		at += len > 0 ? len : put_character(&p, at);
	}
	return p.out.len > 0 ? shorten(buf_take(&p.out), max) : NULL;
}
