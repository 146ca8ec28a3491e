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
 * True if the text (UTF-8) holds what could steer a terminal, split a line or
 * make it read other than it is: C0, DEL, C1, and the embeddings, overrides and
 * isolates of the writing direction (U+202A to U+202E, U+2066 to U+2069).
 */
bool utf8_has_control(const char *text);

#endif
