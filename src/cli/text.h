/*
 * Text for a terminal: what came from outside is made harmless and measured in
 * columns. All text is UTF-8.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"

/*
 * The same text with control characters, marks of writing direction and
 * invalid bytes written as \n, \t, \xHH or \u{HHHH}; NULL in, "" out. The
 * caller's own.
 */
char *text_visible(const char *text);
/* The same for text of several lines: newlines and tabs stay. */
char *text_visible_lines(const char *text);
/* Columns that visible text takes. */
size_t text_width(const char *text);
/* Cut to at most so many columns, with ".." at the end if something was cut. The caller's own. */
char *text_cut(const char *text, size_t columns);
/* Visible text broken at spaces into lines of at most WIDTH columns, each after INDENT spaces; ends with a newline. */
void text_wrap(FILE *out, const char *text, size_t indent, size_t width);
/* The same, where the first line's indent has been written already. */
void text_wrap_after(FILE *out, const char *text, size_t indent, size_t width);
/* "3 s ago", "in 5 min", "just now"; of two wall-clock times. Borrowed buffer of the caller. */
const char *text_when(int64_t ms, int64_t now_ms, char *out, size_t size);
/* The span in its largest unit, for tables: "3s", "12m", "4h", "9d". */
const char *text_age(int64_t span_ms, char *out, size_t size);
/* "1 min 5 s": in whole seconds, because milliseconds would only flicker. */
const char *text_span(int64_t span_ms, char out[static CLOCK_TEXT_SIZE]);
/* "2026-11-21" and "2026-11-21T02:03:04Z", for people, who have no use for milliseconds. */
const char *text_day(int64_t ms, char out[static CLOCK_TEXT_SIZE]);
const char *text_second(int64_t ms, char out[static CLOCK_TEXT_SIZE]);
/* "1 step", "2 steps": adds an s to the noun unless the count is one. */
void text_count(struct buf *out, int64_t count, const char *noun);

#endif
