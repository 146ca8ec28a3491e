#include "config.h"

#include "engine/work.h"

#include <dirent.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "driver/workspace.h"

int
work_prepare(const struct scene *set, const struct change *c, const char *folder, struct err *e)
{
	const char *cache = set->config->terraform_plugin_cache;
	enum act act = c->decision.act;
	bool restored = false;

	if (act == ACT_CHECK && cache != NULL && file_make_folder(cache, e) == -1) {
		/* The state folder is none the worse. */
		e->kind = ERR_INPUT;
		return err_in(e, "terraform.plugin_cache");
	}
	if (workspace_restore(folder, c->attempt.number, &restored, e) == -1)
		return -1;
	if (restored)
		log_warn(c->job->objective.id,
		    "terraform was killed while it wrote its state: the last whole copy is used");
	if (act != ACT_RUN && act != ACT_UNDO)
		return 0;
	return workspace_back_up(folder, c->attempt.number, e);
}

void
work_take_mend(const struct scene *set, const struct job *j)
{
	AUTO_FREE char *folder = paths_work(set->paths, j->objective.id);
	const struct execution *x = &j->execution;
	struct err e = { 0 };

	if (x->act != ACT_MEND || x->outcome != OUTCOME_HAPPENED)
		return;
	if (workspace_set_aside_pushed(folder, &x->argv, &e) == -1)
		log_warn(j->objective.id, "%s", e.msg);
}

/* It holds states, with values in clear: kept while something may stand, and no longer. */
static void
remove_spent(const struct paths *paths, const char *id)
{
	AUTO_FREE char *folder = paths_work(paths, id);
	struct err e = { 0 };

	if (!workspace_is_spent(folder))
		log_warn(id, "%s stays: terraform's state there lists what may still stand", folder);
	else if (file_remove_tree(folder, &e) == -1)
		log_warn(id, "the work folder stays: %s", e.msg);
}

static void
sweep(struct store *s, const struct paths *paths, const char *id)
{
	CLEANUP(objective_clear) struct objective o;
	struct err e = { 0 };

	objective_init(&o);
	if (!id_is_valid(id) || store_get(s, id, &o, &e) == -1 ||
	    (o.state != STATE_CANCELLED && o.state != STATE_DESTROYED))
		return;
	remove_spent(paths, id);
}

void
work_sweep(struct store *s, const struct paths *paths)
{
	AUTO_FREE char *all = paths_work(paths, ".");
	DIR *dir = opendir(all);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		sweep(s, paths, entry->d_name);
	if (dir != NULL)
		closedir(dir);
}

void
work_end(const struct scene *set, const struct change *c)
{
	if (c->kind == DECIDE_DESTROYED || c->kind == DECIDE_CANCELLED)
		remove_spent(set->paths, c->job->objective.id);
}
