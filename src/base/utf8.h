/* UTF-8 as RFC 3629 has it: shortest forms only, no surrogates, up to U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at s, of which max may be looked at; 0 if they are none. */
size_t utf8_length(const char *s, size_t max);
/* The longest length up to max at which text can be cut without splitting a character. */
size_t utf8_cut(const char *text, size_t max);

/*
 * Bytes of the character at AT (in UTF-8 that ends in NUL) if it could steer a terminal,
 * split a line or make it read other than it is; else 0: C0, DEL, C1, the ends of lines
 * and paragraphs (U+2028, U+2029), the mark of byte order (U+FEFF), and the marks,
 * embeddings, overrides and isolates of the writing direction (U+061C, U+200E, U+200F,
 * U+202A to U+202E, U+2066 to U+2069). Whatever prints what others wrote asks this.
 */
size_t utf8_control(const char *at);
/* There is one in the text. */
bool utf8_has_control(const char *text);
/* At most the first MAX bytes of the text, with spaces in their place. The caller's own. */
char *utf8_line(const char *text, size_t max);

#endif
