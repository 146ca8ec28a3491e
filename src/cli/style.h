/* Colour, only where it helps: on a terminal, with NO_COLOR unset, and without --no-color. */
#ifndef CLI_STYLE_H
#define CLI_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/event.h"

enum style {
	STYLE_PLAIN,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_GOOD,
	STYLE_BAD,
	STYLE_WARN,
	STYLE_BUSY,
	STYLES
};

/* Decides once for stdout; never afterwards. */
void style_init(bool no_color);
/* The sequence that begins it, "" without colour; and what ends any. */
const char *style_on(enum style style);
const char *style_off(enum style style);
enum style style_of_state(enum state state);

/* True on a terminal that shows more than ASCII, as the locale of the environment says. */
bool style_utf8(void);

/*
 * Columns of the terminal on stdout; COLUMNS wins. 0 where there is none: then
 * nothing is cut, because what is read by a program must be whole.
 */
size_t style_columns(void);
/* The same for prose and wrapped lines: 80 where there is no terminal. */
size_t style_text_columns(void);

#endif
