/* A reason that is not in the table has no command of its own: what to do about it is told elsewhere. */
#include "config.h"

#include "cli/remedy.h"

#include <string.h>

#include "base/mem.h"

#define APPROVAL "approval"
#define UNPRICED "unpriced"

static const struct {
	const char *reason, *verb, *rest, *note;
} remedies[] = {
	{ "in_doubt", "resolve", " --happened [--resource ID]", NULL },
	{ "in_doubt", "resolve", " --not-happened", NULL },
	{ "budget", "why", "", "what would pass" },
	{ APPROVAL, "approve", " --by NAME", NULL },
	{ APPROVAL, "reject", " --by NAME", NULL },
	{ UNPRICED, "approve", " --by NAME --amount AMOUNT", "a month, at most" },
	{ UNPRICED, "reject", " --by NAME", NULL },
};

char *
remedy_command(const char *reason, const char *id, size_t n, const char **note)
{
	for (size_t i = 0; i < COUNT_OF(remedies); i++) {
		if (strcmp(remedies[i].reason, reason) != 0 || n-- > 0)
			continue;
		*note = remedies[i].note;
		return xasprintf("purser %s %s%s", remedies[i].verb, id, remedies[i].rest);
	}
	return NULL;
}

static void
add_all(struct strv *todo, const char *id, const char *reason)
{
	const char *note;
	char *command;

	for (size_t n = 0; (command = remedy_command(reason, id, n, &note)) != NULL; n++) {
		AUTO_FREE char *line = xasprintf("%s%s%s%s", command, note != NULL ? "   (" : "",
		    note != NULL ? note : "", note != NULL ? ")" : "");

		free(command);
		if (!strv_has(todo, line))
			strv_add(todo, line);
	}
}

void
remedies_add(struct strv *todo, const char *id, const struct strv *reasons)
{
	for (size_t i = 0; i < reasons->len; i++) {
		/* An approval with an amount is one for both. */
		if (strcmp(reasons->v[i], APPROVAL) != 0 || !strv_has(reasons, UNPRICED))
			add_all(todo, id, reasons->v[i]);
	}
}
