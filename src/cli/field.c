#include "config.h"

#include "cli/field.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/style.h"
#include "cli/text.h"

#define LABEL_MAX (FIELD_INDENT - 3)

void
field_title(const char *text)
{
	printf("\n%s%s%s\n", style_on(STYLE_BOLD), text, style_off(STYLE_BOLD));
}

/* A label of a user's own may be longer than its place. */
static void
print_label(const char *label)
{
	printf("  %-*s%s", LABEL_MAX, label, strlen(label) > LABEL_MAX ? "\n" : " ");
	if (strlen(label) > LABEL_MAX)
		printf("%*s", FIELD_INDENT, "");
}

void
field(const char *label, const char *text)
{
	AUTO_FREE char *shown = text_visible(text);

	if (text == NULL || *text == '\0')
		return;
	print_label(label);
	text_wrap_after(stdout, shown, FIELD_INDENT, style_text_columns());
}

void
fieldf(const char *label, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	field(label, text);
}

/* The length of the argument at TEXT; blanks within quotes are its own. */
static size_t
argument_len(const char *text)
{
	bool quoted = false;
	size_t len = 0;

	for (; text[len] != '\0' && (quoted || text[len] != ' '); len++)
		if (text[len] == '\'')
			quoted = !quoted;
	return len;
}

void
field_command(const char *label, const char *command)
{
	AUTO_FREE char *shown = text_visible(command);
	/* With a blank and a backslash at the end. */
	const size_t width = style_text_columns() - FIELD_INDENT - 2;
	size_t column = 0;

	if (command == NULL || *command == '\0')
		return;
	print_label(label);
	for (const char *p = shown; *p != '\0'; p += strspn(p, " ")) {
		size_t len = argument_len(p);

		if (column > 0 && column + 1 + len > width) {
			printf(" \\\n%*s", FIELD_INDENT + 2, "");
			column = 2;
		} else if (column > 0) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)len, p);
		column += len;
		p += len;
	}
	putchar('\n');
}

void
field_time(const char *label, int64_t ms, int64_t now_ms)
{
	char at[CLOCK_TEXT_SIZE], when[64];

	if (ms != 0)
		fieldf(label, "%s (%s)", text_second(ms, at),
		    text_when(ms, now_ms, when, sizeof(when)));
}
