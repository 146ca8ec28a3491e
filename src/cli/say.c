#include "config.h"

#include "cli/say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/text.h"

static bool quiet;

void
say_quietly(void)
{
	quiet = true;
}

static void
say_text(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		AUTO_FREE char *line = xstrndup(text, len);
		AUTO_FREE char *shown = text_visible(line);

		fprintf(stderr, "purser: %s\n", shown);
		text += len + (text[len] != '\0');
	}
}

void
say(const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	say_text(text);
}

enum status
say_error(const struct err *e)
{
	say_text(e->msg);
	return status_of_error(e);
}

enum status
say_faults(const struct faults *faults)
{
	for (size_t i = 0; i < faults->list.len; i++)
		say_text(faults->list.v[i]);
	if (faults->count > faults->list.len)
		say("... and %zu more", faults->count - faults->list.len);
	return STATUS_USAGE;
}

enum status
say_usage(const char *command, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	if (command != NULL)
		say("%s: %s", command, text);
	else
		say_text(text);
	say_next("purser help%s%s", command != NULL ? " " : "", command != NULL ? command : "");
	return STATUS_USAGE;
}

void
say_next(const char *fmt, ...)
{
	AUTO_FREE char *text = NULL, *shown = NULL;
	va_list ap;

	if (quiet)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	shown = text_visible(text);
	/* What was said on stdout comes before it, where both are one terminal. */
	fflush(stdout);
	fprintf(stderr, "next: %s\n", shown);
}

void
say_done(const char *fmt, ...)
{
	AUTO_FREE char *text = NULL, *shown = NULL;
	va_list ap;

	if (quiet)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	shown = text_visible(text);
	puts(shown);
}
