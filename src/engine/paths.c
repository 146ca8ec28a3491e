#include "config.h"

#include "engine/paths.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

/* An empty variable is as good as none. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

/*
 * A place below the folder that an XDG variable names, or below its default in
 * the home folder. The XDG specification says that relative values are ignored.
 * NULL if there is no home folder either.
 */
static char *
below_home(const char *xdg_variable, const char *xdg_default, const char *what)
{
	const char *base = variable(xdg_variable);
	const char *home = variable("HOME");

	if (base != NULL && *base == '/')
		return file_join(base, what);
	if (home == NULL || *home != '/')
		return NULL;
	return xasprintf("%s/%s/%s", home, xdg_default, what);
}

/* PLACE unless it is NULL; then nothing is known of a home folder. */
static char *
or_homeless(char *place, struct err *e)
{
	if (place == NULL)
		err_set(e, ERR_INPUT,
		    "HOME is not set to an absolute path, so there is no place for purser's files: "
		    "set HOME, or give --config and --state-dir");
	return place;
}

static char *
config_default(struct err *e)
{
	if (geteuid() == 0)
		return xstrdup("/etc/purser/config.toml");
	return or_homeless(below_home("XDG_CONFIG_HOME", ".config", "purser/config.toml"), e);
}

static char *
state_default(struct err *e)
{
	if (geteuid() == 0)
		return xstrdup("/var/lib/purser");
	return or_homeless(below_home("XDG_STATE_HOME", ".local/state", "purser"), e);
}

/* What is installed, unless a variable names another. Absolute: steps start in folders of their own. */
static char *
installed(const char *name, const char *otherwise)
{
	const char *named = variable(name);

	return file_absolute(named != NULL ? named : otherwise);
}

int
paths_init(struct paths *p, const char *config, const char *state_dir, struct err *e)
{
	memset(p, 0, sizeof(*p));
	if (config == NULL)
		config = variable("PURSER_CONFIG");
	if (state_dir == NULL)
		state_dir = variable("PURSER_STATE_DIR");
	if ((config != NULL && *config == '\0') || (state_dir != NULL && *state_dir == '\0'))
		return err_set(e, ERR_INPUT, "%s: the path is empty",
		    config != NULL && *config == '\0' ? "--config" : "--state-dir");

	p->config_named = config != NULL;
	p->config = config != NULL ? xstrdup(config) : config_default(e);
	/* Steps start in folders of their own: what they are told about must be absolute. */
	p->state = state_dir != NULL ? file_absolute(state_dir) : state_default(e);
	p->templates = installed("PURSER_TEMPLATES", PKGDATADIR "/templates");
	p->step = installed("PURSER_STEP", PKGLIBEXECDIR "/purser-step");
	p->failures = installed("PURSER_FAILURES", PKGDATADIR "/failures.toml");
	p->prices = installed("PURSER_PRICES", PKGDATADIR "/prices.db");
	if (p->config == NULL || p->state == NULL) {
		paths_clear(p);
		return -1;
	}
	return 0;
}

void
paths_clear(struct paths *p)
{
	if (p == NULL)
		return;
	free(p->config);
	free(p->state);
	free(p->templates);
	free(p->step);
	free(p->failures);
	free(p->prices);
	memset(p, 0, sizeof(*p));
}

char *
paths_execution(const struct paths *p, const char *objective_id, const char *execution_id)
{
	return xasprintf("%s/runs/%s/%s", p->state, objective_id, execution_id);
}

char *
paths_work(const struct paths *p, const char *objective_id)
{
	return xasprintf("%s/work/%s", p->state, objective_id);
}

char *
paths_cache(const char *what, struct err *e)
{
	const char *named = variable("PURSER_CACHE_DIR");
	AUTO_FREE char *place = xasprintf("purser/%s", what);
	char *cache;

	if (named != NULL)
		return file_absolute(named);
	if (geteuid() == 0)
		return file_join("/var/cache", place);
	cache = below_home("XDG_CACHE_HOME", ".cache", place);
	if (cache == NULL)
		err_set(e, ERR_INPUT,
		    "HOME is not set to an absolute path, so there is no place for a cache");
	return cache;
}
