/* UTF-8 as RFC 3629 has it: shortest forms only, no surrogates, up to U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at s, of which max may be looked at; 0 if they are none. */
size_t utf8_length(const char *s, size_t max);
/* The longest length up to max at which text can be cut without splitting a character. */
size_t utf8_cut(const char *text, size_t max);

#endif
