/* Where things lie: arguments win over the environment, the environment over XDG, and root has its own places. */
#ifndef ENGINE_PATHS_H
#define ENGINE_PATHS_H

#include <stdbool.h>

#include "base/err.h"

struct paths {
	char *config;      /* config.toml; may not exist */
	bool config_named; /* the user named it: then it must exist */
	char *state;       /* folder of purser.db, audit.log, runs/ */
	char *templates;   /* the installed capabilities, or PURSER_TEMPLATES */
	char *step;        /* purser-step, or PURSER_STEP */
	char *failures;    /* failures.toml, or PURSER_FAILURES */
	char *prices;      /* the installed price book, or PURSER_PRICES */
};

/* config and state_dir are the arguments --config and --state-dir, or NULL. */
int paths_init(struct paths *p, const char *config, const char *state_dir, struct err *e);
void paths_clear(struct paths *p);
/*
 * PURSER_CACHE_DIR, else the folder WHAT below purser's cache: for what is worth
 * nothing once it was used. The caller's own; NULL and an error if there is no place.
 */
char *paths_cache(const char *what, struct err *e);
/* work/OBJECTIVE below the state folder, what a strategy keeps of it between its steps; the caller's own. */
char *paths_work(const struct paths *p, const char *objective_id);
/* runs/OBJECTIVE/EXECUTION below the state folder; the caller's own. */
char *paths_execution(const struct paths *p, const char *objective_id, const char *execution_id);

#endif
