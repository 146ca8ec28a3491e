#include "config.h"

#include "cli/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#define VISIBLE_MAX (64u * 1024 * 1024)
#define INVALID ((uint32_t)-1)

struct span {
	uint32_t first, last;
};

/* Marks that stand on the letter before them, and those of no width. */
static const struct span no_columns[] = {
	{ 0x0300, 0x036f },
	{ 0x0483, 0x0489 },
	{ 0x0591, 0x05bd },
	{ 0x0610, 0x061a },
	{ 0x064b, 0x065f },
	{ 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff },
	{ 0x200b, 0x200d },
	{ 0x20d0, 0x20ff },
	{ 0xfe00, 0xfe0f },
	{ 0xfe20, 0xfe2f },
};

static const struct span two_columns[] = {
	{ 0x1100, 0x115f },
	{ 0x2e80, 0x303e },
	{ 0x3041, 0xa4cf },
	{ 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f },
	{ 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f },
	{ 0x1f680, 0x1f6ff },
	{ 0x1f900, 0x1f9ff },
	{ 0x20000, 0x3fffd },
};

static bool
in_spans(uint32_t c, const struct span *spans, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (c >= spans[i].first && c <= spans[i].last)
			return true;
	}
	return false;
}

/* The character at *p, which moves behind it; INVALID for a byte that begins none. */
static uint32_t
next_char(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;
	size_t len = utf8_length(*p, strnlen(*p, 4));
	uint32_t c = len <= 1 ? s[0] : s[0] & (0x7fu >> len);

	for (size_t i = 1; i < len; i++)
		c = c << 6 | (s[i] & 0x3fu);
	*p += len > 0 ? len : 1;
	return len > 0 ? c : INVALID;
}

static void
add_escaped(struct buf *out, uint32_t c)
{
	if (c == '\n')
		buf_adds(out, "\\n");
	else if (c == '\t')
		buf_adds(out, "\\t");
	else if (c == '\r')
		buf_adds(out, "\\r");
	else if (c < 0x100)
		buf_addf(out, "\\x%02" PRIx32, c);
	else
		buf_addf(out, "\\u{%" PRIx32 "}", c);
}

static char *
visible(const char *text, const char *kept)
{
	struct buf out = BUF_INIT(VISIBLE_MAX);

	for (const char *p = text != NULL ? text : ""; *p != '\0';) {
		const char *start = p;
		uint32_t c = next_char(&p);

		if (c == INVALID)
			add_escaped(&out, (unsigned char)*start);
		else if (c < 0x80 && strchr(kept, (int)c) != NULL)
			buf_addc(&out, (char)c);
		else if (utf8_control(start) > 0)
			add_escaped(&out, c);
		else
			buf_add(&out, start, (size_t)(p - start));
	}
	return buf_take(&out);
}

char *
text_visible(const char *text)
{
	return visible(text, "");
}

char *
text_visible_lines(const char *text)
{
	return visible(text, "\n\t");
}

static size_t
char_width(uint32_t c)
{
	if (c == INVALID)
		return 1;
	if (in_spans(c, no_columns, COUNT_OF(no_columns)))
		return 0;
	return in_spans(c, two_columns, COUNT_OF(two_columns)) ? 2 : 1;
}

size_t
text_width(const char *text)
{
	size_t width = 0;

	while (*text != '\0')
		width += char_width(next_char(&text));
	return width;
}

char *
text_cut(const char *text, size_t columns)
{
	const char *p = text, *end = text;
	size_t width = 0, kept = columns > 2 ? columns - 2 : columns;

	if (text_width(text) <= columns)
		return xstrdup(text);
	while (*p != '\0') {
		width += char_width(next_char(&p));
		if (width > kept)
			break;
		end = p;
	}
	return xasprintf("%.*s%s", (int)(end - text), text, columns > 2 ? ".." : "");
}

static void
wrap(FILE *out, const char *text, size_t indent, size_t width, bool indented)
{
	size_t used = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " \n");
		AUTO_FREE char *word = xstrndup(text, len);
		size_t columns = text_width(word);

		if (used > 0 && indent + used + 1 + columns > width) {
			fputc('\n', out);
			used = 0;
		}
		if (len > 0) {
			fprintf(out, "%*s%s", used > 0 ? 1 : indented ? 0 : (int)indent, "", word);
			used += columns + (used > 0);
			indented = false;
		}
		if (text[len] == '\n') {
			fputc('\n', out);
			used = 0;
		}
		text += len + (text[len] != '\0');
	}
	if (used > 0)
		fputc('\n', out);
}

void
text_wrap(FILE *out, const char *text, size_t indent, size_t width)
{
	wrap(out, text, indent, width, false);
}

void
text_wrap_after(FILE *out, const char *text, size_t indent, size_t width)
{
	wrap(out, text, indent, width, true);
}

const char *
text_when(int64_t ms, int64_t now_ms, char *out, size_t size)
{
	char span[CLOCK_TEXT_SIZE];
	int64_t distance = now_ms - ms;

	if (distance > -1000 && distance < 1000)
		snprintf(out, size, "just now");
	else if (distance > 0)
		snprintf(out, size, "%s ago", clock_format_span(distance, span));
	else
		snprintf(out, size, "in %s", clock_format_span(-distance, span));
	return out;
}

const char *
text_age(int64_t span_ms, char *out, size_t size)
{
	int64_t seconds = span_ms > 0 ? span_ms / 1000 : 0;

	if (seconds < 120)
		snprintf(out, size, "%" PRId64 "s", seconds);
	else if (seconds < 120 * 60)
		snprintf(out, size, "%" PRId64 "m", seconds / 60);
	else if (seconds < 48 * 3600)
		snprintf(out, size, "%" PRId64 "h", seconds / 3600);
	else
		snprintf(out, size, "%" PRId64 "d", seconds / 86400);
	return out;
}

const char *
text_span(int64_t span_ms, char out[static CLOCK_TEXT_SIZE])
{
	return clock_format_span(span_ms / 1000 * 1000, out);
}

const char *
text_day(int64_t ms, char out[static CLOCK_TEXT_SIZE])
{
	clock_format(ms, out);
	out[strlen("2026-11-21")] = '\0';
	return out;
}

const char *
text_second(int64_t ms, char out[static CLOCK_TEXT_SIZE])
{
	clock_format(ms, out);
	memcpy(out + strlen("2026-11-21T02:03:04"), "Z", sizeof("Z"));
	return out;
}

void
text_count(struct buf *out, int64_t count, const char *noun)
{
	buf_addf(out, "%" PRId64 " %s%s", count, noun, count == 1 ? "" : "s");
}
