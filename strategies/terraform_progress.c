/* What a line of terraform's tells people while it works. */
#include <config.h>

#include "strategies/terraform_stream.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* What is done with a resource, by terraform's name for it, and how each stage of that is told. */
static const struct {
	const char *action;
	const char *begins, *ended, *failed;
	bool is_change; /* its end is worth a line: something is made or gone */
} verbs[] = {
	{ "create", "creating", "created", "could not be created", true },
	{ "update", "changing", "changed", "could not be changed", true },
	{ "delete", "destroying", "destroyed", "could not be destroyed", true },
	{ "read", "reading", "read", "could not be read", false },
};

/* "ADDRESS: creating, 20 s"; seconds only once there are any. The caller's own. */
static char *
tell(const char *address, const char *stage, const cJSON *hook)
{
	int64_t seconds = json_int(hook, "elapsed_seconds", 0);
	char span[CLOCK_TEXT_SIZE];

	if (seconds <= 0)
		return xasprintf("%s: %s", address, stage);
	return xasprintf("%s: %s, %s", address, stage, clock_format_span(seconds * 1000, span));
}

static char *
tell_hook(const char *type, const cJSON *hook, bool *is_end)
{
	const char *address = json_str(hook, "resource.addr"), *action = json_str(hook, "action");

	for (size_t i = 0; address != NULL && action != NULL && i < COUNT_OF(verbs); i++) {
		if (strcmp(action, verbs[i].action) != 0)
			continue;
		if (strcmp(type, "apply_start") == 0 || strcmp(type, "apply_progress") == 0)
			return tell(address, verbs[i].begins, hook);
		*is_end = verbs[i].is_change;
		if (strcmp(type, "apply_complete") == 0)
			return tell(address, verbs[i].ended, hook);
		*is_end = true;
		if (strcmp(type, "apply_errored") == 0)
			return tell(address, verbs[i].failed, hook);
		*is_end = false;
	}
	return NULL;
}

char *
terraform_progress(const char *line, bool *is_end)
{
	AUTO_JSON cJSON *json = NULL;
	const char *type;

	*is_end = false;
	if (*line == '{')
		json = cJSON_Parse(line);
	type = json_str(json, "type");
	if (type == NULL)
		return NULL;
	if (strcmp(type, "state_lock_acquire") == 0)
		return xstrdup("waits for the lock of the state");
	return tell_hook(type, cJSON_GetObjectItemCaseSensitive(json, "hook"), is_end);
}
