/*
 * Scopes are texts. That of an objective, of a limit and of a grant must be the
 * same text, or money would be counted in one place and looked for in another:
 * all three are made here.
 */
#include <config.h>

#include "core/scope.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "core/budget.h"

bool
scope_group_is_valid(const char *name)
{
	static const char made_of[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.()";
	size_t len = strlen(name);

	return len > 0 && len <= OBJECTIVE_GROUP_MAX && strspn(name, made_of) == len &&
	    name[len - 1] != '.';
}

/* The limits of Azure's tags, and what az would take for something else. */
const char *
scope_label_fault(const char *key, const char *value)
{
	if (strcasecmp(key, OBJECTIVE_TAG) == 0)
		return "is the one that purser sets itself";
	if (*key == '\0' || strlen(key) > OBJECTIVE_LABEL_NAME_MAX)
		return "has a name that is empty or too long";
	if (strpbrk(key, "<>%&\\?/=") != NULL || *key == '-' || *key == '@')
		return "has a name with one of < > % & \\ ? / = in it, or a first - or @";
	if (utf8_has_control(key))
		return "has a name with a control character";
	if (strlen(value) > OBJECTIVE_LABEL_VALUE_MAX)
		return "has a value that is too long";
	if (*value == '@')
		return "has a value that begins with @, which az takes for the name of a file";
	if (utf8_has_control(value))
		return "has a value with a control character";
	return NULL;
}

static void
fold(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
}

char *
scope_of_group(const char *name)
{
	char *scope = xasprintf(SCOPE_GROUP "%s", name);

	fold(scope, strlen(scope));
	return scope;
}

/* To Azure "Team" and "team" are one tag; but its values are told apart. */
char *
scope_of_label(const char *key, const char *value)
{
	char *scope = xasprintf(SCOPE_LABEL "%s=%s", key, value);

	fold(scope, strlen(SCOPE_LABEL) + strlen(key));
	return scope;
}

void
scopes_of(const struct objective *o, struct strv *scopes)
{
	const cJSON *label;

	strv_add(scopes, SCOPE_GLOBAL);
	if (o->resource_group != NULL)
		strv_take(scopes, scope_of_group(o->resource_group));
	cJSON_ArrayForEach (label, o->labels)
		strv_take(scopes, scope_of_label(label->string, label->valuestring));
}

static int
parse_group(const char *name, char **scope, struct err *e)
{
	if (!scope_group_is_valid(name))
		return err_set(e, ERR_INPUT, "\"%.100s\" is no name of a resource group", name);
	*scope = scope_of_group(name);
	return 0;
}

/* No name of a label has a "=" in it, but its value may. */
static int
parse_label(const char *text, char **scope, struct err *e)
{
	const char *equals = strchr(text, '='), *fault;
	AUTO_FREE char *key = NULL;

	if (equals == NULL)
		return err_set(
		    e, ERR_INPUT, "\"" SCOPE_LABEL "%.100s\": expected label:KEY=VALUE", text);
	key = xstrndup(text, (size_t)(equals - text));
	if ((fault = scope_label_fault(key, equals + 1)) != NULL)
		return err_set(e, ERR_INPUT, "label \"%.100s\" %s", text, fault);
	*scope = scope_of_label(key, equals + 1);
	return 0;
}

int
scope_parse(const char *text, char **scope, struct err *e)
{
	if (strncmp(text, SCOPE_GROUP, strlen(SCOPE_GROUP)) == 0)
		return parse_group(text + strlen(SCOPE_GROUP), scope, e);
	if (strncmp(text, SCOPE_LABEL, strlen(SCOPE_LABEL)) == 0)
		return parse_label(text + strlen(SCOPE_LABEL), scope, e);
	if (strcmp(text, SCOPE_GLOBAL) != 0)
		return err_set(e, ERR_INPUT,
		    "\"%.100s\" is no scope: expected global, group:NAME or label:KEY=VALUE", text);
	*scope = xstrdup(SCOPE_GLOBAL);
	return 0;
}
