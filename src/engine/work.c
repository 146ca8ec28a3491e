#include "config.h"

#include "engine/work.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "driver/workspace.h"

int
work_prepare(const struct scene *set, const struct change *c, const char *folder, struct err *e)
{
	const char *cache = set->config->terraform_plugin_cache;
	enum act act = c->decision.act;

	if (act == ACT_CHECK && cache != NULL && file_make_folder(cache, e) == -1) {
		/* The state folder is none the worse. */
		e->kind = ERR_INPUT;
		return err_in(e, "terraform.plugin_cache");
	}
	if (act != ACT_RUN && act != ACT_UNDO)
		return 0;
	return workspace_back_up(folder, c->attempt.number, e);
}

/* It holds states, with values in clear: kept while something may stand, and no longer. */
void
work_end(const struct scene *set, const struct change *c)
{
	AUTO_FREE char *folder = paths_work(set->paths, c->job->objective.id);
	struct err e = { 0 };

	if (c->kind != DECIDE_DESTROYED && c->kind != DECIDE_CANCELLED)
		return;
	if (file_remove_tree(folder, &e) == -1)
		log_warn(c->job->objective.id, "the work folder stays: %s", e.msg);
}
