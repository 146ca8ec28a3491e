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

void
field(const char *label, const char *text)
{
	AUTO_FREE char *shown = text_visible(text);

	if (text == NULL || *text == '\0')
		return;
	/* A label of a user's own may be longer than its place. */
	printf("  %-*s%s", LABEL_MAX, label, strlen(label) > LABEL_MAX ? "\n" : " ");
	if (strlen(label) > LABEL_MAX)
		printf("%*s", FIELD_INDENT, "");
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

void
field_time(const char *label, int64_t ms, int64_t now_ms)
{
	char at[CLOCK_TEXT_SIZE], when[64];

	if (ms != 0)
		fieldf(label, "%s (%s)", text_second(ms, at),
		    text_when(ms, now_ms, when, sizeof(when)));
}
