#include "config.h"
#include "driver/environment.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "step/protocol.h"

/* Where the user's own settings of the tool are. NULL: nowhere. The caller's own. */
static char *
settings_source(const struct environment *rules)
{
	const char *named = getenv(rules->config_variable);
	const char *home = getenv("HOME");

	if (named != NULL && *named != '\0')
		return xstrdup(named);
	if (home == NULL || *home == '\0' || rules->config_default == NULL)
		return NULL;
	return file_join(home, rules->config_default);
}

/* A user who has no settings yet gets an empty folder: the tool will say itself what it misses. */
static int
copy_settings(const struct environment *rules, const char *folder, struct strv *set, struct err *e)
{
	AUTO_FREE char *from = settings_source(rules);
	AUTO_FREE char *to = file_join(folder, STEP_SETTINGS_NAME);
	struct err why = { 0 };

	if (from != NULL && file_copy_tree(from, to, rules->config_skip, &why) == -1 &&
	    why.kind != ERR_NOT_FOUND)
		return err_set(e, why.kind, "copy the settings: %s", why.msg);
	if ((from == NULL || why.kind == ERR_NOT_FOUND) && file_make_folder(to, e) == -1)
		return -1;
	strv_addf(set, "%s=%s", rules->config_variable, to);
	return 0;
}

/* What a user has put there stays in front. */
static void
name_agent(const struct environment *rules, const char *objective_id, struct strv *set)
{
	const char *given = getenv(rules->agent_variable);
	bool has = given != NULL && *given != '\0';

	strv_addf(set, "%s=%s%s%s/%s objective/%s", rules->agent_variable, has ? given : "",
	    has ? " " : "", PACKAGE_NAME, PACKAGE_VERSION, objective_id);
}

/* True if ENTRY, "NAME=VALUE", is meant by RULE, "NAME" or "PREFIX*". */
static bool
is_meant(const char *entry, const char *rule)
{
	size_t len = strlen(rule);

	if (len > 0 && rule[len - 1] == '*')
		return strncmp(entry, rule, len - 1) == 0;
	return strncmp(entry, rule, len) == 0 && entry[len] == '=';
}

static bool
is_unset(const struct environment *rules, const char *entry)
{
	for (const char *const *rule = rules->unset; rule != NULL && *rule != NULL; rule++)
		if (is_meant(entry, *rule))
			return true;
	return false;
}

static bool
is_set_anew(const struct strv *set, const char *entry)
{
	size_t name = strcspn(entry, "=") + 1;

	for (size_t i = 0; i < set->len; i++)
		if (strncmp(set->v[i], entry, name) == 0)
			return true;
	return false;
}

int
environment_make(const struct environment *rules, const char *folder, const char *objective_id,
    struct strv *out, struct err *e)
{
	static const struct environment none;
	CLEANUP(strv_clear) struct strv set = { 0 };

	if (rules == NULL)
		rules = &none;
	for (const char *const *entry = rules->set; entry != NULL && *entry != NULL; entry++)
		strv_add(&set, *entry);
	if (rules->config_variable != NULL && copy_settings(rules, folder, &set, e) == -1)
		return -1;
	if (rules->agent_variable != NULL)
		name_agent(rules, objective_id, &set);
	for (char **entry = environ; *entry != NULL; entry++)
		if (!is_unset(rules, *entry) && !is_set_anew(&set, *entry))
			strv_add(out, *entry);
	strv_copy(out, &set);
	return 0;
}

int
environment_tidy(const char *folder, struct err *e)
{
	AUTO_FREE char *settings = file_join(folder, STEP_SETTINGS_NAME);

	return file_remove_tree(settings, e);
}
