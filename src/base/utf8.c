/* UTF-8: what is a character, and where one ends. */
#include "config.h"
#include "base/utf8.h"

#include <string.h>

#include "base/mem.h"

static bool
is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The second byte alone shows forms that are too long, surrogates, and what lies past U+10FFFF. */
static bool
is_second(unsigned char first, char c)
{
	unsigned char second = (unsigned char)c;

	if (!is_tail(c))
		return false;
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second < 0xa0;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second < 0x90;
	default:
		return true;
	}
}

size_t
utf8_length(const char *s, size_t max)
{
	unsigned char first;
	size_t len;

	if (max == 0)
		return 0;
	first = (unsigned char)s[0];
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	len = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (len > max || !is_second(first, s[1]))
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (!is_tail(s[i]))
			return 0;
	}
	return len;
}

size_t
utf8_cut(const char *text, size_t max)
{
	size_t start = max;

	while (start > 0 && max - start < 4 && is_tail(text[start - 1]))
		start--;
	if (start == 0 || (unsigned char)text[start - 1] < 0xc0)
		return max;
	start--;
	return utf8_length(text + start, max - start) == 0 ? start : max;
}

/* The last byte of U+200E, U+200F, U+2028 to U+202E. */
static bool
is_mark(unsigned char c)
{
	return c == 0x8e || c == 0x8f || (c >= 0xa8 && c <= 0xae);
}

/* Reads no further than the NUL: each byte is looked at only if the one before it was not the end. */
size_t
utf8_control(const char *at)
{
	const unsigned char *p = (const unsigned char *)at;

	switch (p[0]) {
	case 0xc2:
		return p[1] >= 0x80 && p[1] < 0xa0 ? 2 : 0;
	case 0xd8:
		return p[1] == 0x9c ? 2 : 0;
	case 0xe2:
		return (p[1] == 0x80 && is_mark(p[2])) ||
			(p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)
		    ? 3
		    : 0;
	case 0xef:
		return p[1] == 0xbb && p[2] == 0xbf ? 3 : 0;
	default:
		return p[0] != '\0' && (p[0] < 0x20 || p[0] == 0x7f) ? 1 : 0;
	}
}

bool
utf8_has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if (utf8_control(text) > 0)
			return true;
	}
	return false;
}

char *
utf8_line(const char *text, size_t max)
{
	char *line = xstrndup(text, utf8_cut(text, strnlen(text, max)));

	for (char *at = line; *at != '\0'; at++)
		memset(at, ' ', utf8_control(at));
	return line;
}
