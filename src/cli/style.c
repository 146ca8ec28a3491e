#include "config.h"

#include "cli/style.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"

#define COLUMNS_MIN 20
#define COLUMNS_MAX 1000

static const char *const sequences[STYLES] = {
	[STYLE_PLAIN] = "",
	[STYLE_BOLD] = "\033[1m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_BAD] = "\033[31m",
	[STYLE_WARN] = "\033[33m",
	[STYLE_BUSY] = "\033[36m",
};

static const enum style state_styles[STATES] = {
	[STATE_QUEUED] = STYLE_PLAIN,
	[STATE_RUNNING] = STYLE_BUSY,
	[STATE_HELD] = STYLE_WARN,
	[STATE_SUCCEEDED] = STYLE_GOOD,
	[STATE_FAILED] = STYLE_BAD,
	[STATE_CANCELLED] = STYLE_DIM,
	[STATE_DESTROYED] = STYLE_DIM,
};

static bool coloured;

void
style_init(bool no_color)
{
	const char *variable = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	coloured = !no_color && (variable == NULL || *variable == '\0') && isatty(STDOUT_FILENO) &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

const char *
style_on(enum style style)
{
	assert(style < STYLES);
	return coloured ? sequences[style] : "";
}

const char *
style_off(enum style style)
{
	return coloured && style != STYLE_PLAIN ? "\033[0m" : "";
}

enum style
style_of_state(enum state state)
{
	assert(state < STATES);
	return state_styles[state];
}

bool
style_utf8(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	/* The first that is set decides, as for setlocale(3). */
	for (size_t i = 0; i < COUNT_OF(variables); i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL && *value != '\0')
			return isatty(STDOUT_FILENO) &&
			    (strcasestr(value, "utf-8") != NULL ||
				strcasestr(value, "utf8") != NULL);
	}
	return false;
}

size_t
style_columns(void)
{
	const char *variable = getenv("COLUMNS");
	struct winsize size;

	if (variable != NULL) {
		unsigned long columns = strtoul(variable, NULL, 10);

		if (columns >= COLUMNS_MIN && columns <= COLUMNS_MAX)
			return columns;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= COLUMNS_MIN)
		return size.ws_col;
	return isatty(STDOUT_FILENO) ? 80 : 0;
}

size_t
style_text_columns(void)
{
	size_t columns = style_columns();

	/* Lines longer than this are hard to read, however wide the window is. */
	return columns == 0 || columns > 100 ? 80 : columns;
}
