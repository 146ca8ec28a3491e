/*
 * Asking is a step's collect call once more, and where that finds drift another
 * that shows what it found, under purser-step like any other, but no
 * executions: they are not journalled. The folder of the first is the
 * objective's own, so that one asks at a time; it holds the second one's, and the
 * plan and the document with values in clear, and goes with all of it: what an
 * asking that was killed has left is swept by the next. The state is locked by
 * the tool itself while it reads; what it is to build it finds as the plan
 * has it, and nobody else writes another plan's files while the objective stands.
 */
#include "config.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "cli/drift_answer.h"
#include "driver/lock.h"
#include "driver/process.h"
#include "store/ledger.h"

#define ASK_TIMEOUT_MS (5 * 60 * 1000)
/* It holds nothing but a lock for reading. */
#define ASK_GRACE_MS (30 * 1000)
#define SHOW_FOLDER "show"

/* ---- the calls ---- */

static const struct step *
step_of(const struct plan *plan)
{
	for (size_t i = 0; i < plan->len; i++) {
		if (plan->steps[i].workspace != NULL && plan->steps[i].collect.len > 0)
			return &plan->steps[i];
	}
	return NULL;
}

/* Nothing acts in FOLDER, if it is there at all, and nothing will until *fd is closed. */
static int
hold_folder(const char *folder, int *fd, struct err *e)
{
	struct err why = { 0 };

	*fd = lock_take(folder, &why);
	return *fd == -1 && why.kind == ERR_BUSY
	    ? err_set(e, ERR_BUSY, "somebody else asks for its drift now")
	    : 0;
}

/* ERR_BUSY if somebody asks now. */
static int
clear_folder(const char *folder, struct err *e)
{
	AUTO_FREE char *show = file_join(folder, SHOW_FOLDER);
	CLEANUP(fd_cleanup) int fd = -1;
	CLEANUP(fd_cleanup) int show_fd = -1;

	if (!file_exists(folder))
		return 0;
	if (hold_folder(folder, &fd, e) == -1 || hold_folder(show, &show_fd, e) == -1)
		return -1;
	return file_remove_tree(folder, e);
}

void
drift_sweep(const struct cli *cli)
{
	AUTO_FREE char *parent = file_join(cli->paths.state, "drift");
	DIR *dir = opendir(parent);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		AUTO_FREE char *folder = file_join(parent, entry->d_name);
		AUTO_FREE char *plan = file_join(folder, TERRAFORM_DRIFT_PLAN);

		/* One that is about to begin has none yet. */
		if (id_is_valid(entry->d_name) && file_exists(plan))
			(void)clear_folder(folder, NULL);
	}
	if (dir != NULL)
		closedir(dir);
}

static void
on_refreshed(struct process *p, const struct result *r, void *data)
{
	(void)p;
	drift_take_refresh(data, r);
}

static void
on_shown(struct process *p, const struct result *r, void *data)
{
	(void)p;
	drift_take_document(data, r);
}

/*
 * One call, from its start to its end. The lock of FOLDER is ours until
 * process_free(), which is due; NULL: it was not started.
 */
static struct process *
call(struct drift_question *q, uv_loop_t *loop, const char *folder, const struct strv *argv,
    process_done_fn *done, struct err *e)
{
	const char *id = q->drift->objective.id;
	AUTO_FREE char *work = paths_work(&q->cli->paths, id);
	char execution[ID_SIZE];
	struct process *p;

	id_new(execution);
	p = process_prepare(
	    &(struct process_spec){
		.execution_id = execution,
		.objective_id = id,
		.folder = folder,
		.argv = argv,
		.work = work,
		.workspace = q->step->workspace,
		.secrets = q->step->secrets,
		.environment = q->strategy->environment,
		.timeout_ms = ASK_TIMEOUT_MS,
		.grace_ms = ASK_GRACE_MS,
	    },
	    e);
	if (p == NULL)
		return NULL;
	if (process_start(p, loop, q->cli->paths.step, done, q, e) == -1) {
		process_free(p);
		return NULL;
	}
	uv_run(loop, UV_RUN_DEFAULT);
	return p;
}

/* Where nothing has drifted, there is nothing to show. */
static int
ask_calls(struct drift_question *q, uv_loop_t *loop, const char *folder, struct err *e)
{
	AUTO_FREE char *show_folder = file_join(folder, SHOW_FOLDER);
	AUTO_FREE char *plan = file_join(folder, TERRAFORM_DRIFT_PLAN);
	CLEANUP(strv_clear) struct strv refresh = { 0 };
	CLEANUP(strv_clear) struct strv show = { 0 };
	struct process *p, *shown = NULL;
	bool shows;

	if (!terraform_drift_refresh(q->step, &refresh) ||
	    !terraform_drift_show(q->step, plan, &show))
		return err_set(e, ERR_CORRUPT, "its plan has nothing to ask with");
	p = call(q, loop, folder, &refresh, on_refreshed, e);
	if (p == NULL)
		return -1;
	shows = drift_is_any(q->drift);
	if (shows)
		shown = call(q, loop, show_folder, &show, on_shown, e);
	process_free(shown);
	process_free(p);
	return shows && shown == NULL ? -1 : 0;
}

static int
ask(struct drift_question *q, struct err *e)
{
	AUTO_FREE char *folder =
	    xasprintf("%s/drift/%s", q->cli->paths.state, q->drift->objective.id);
	uv_loop_t loop;
	int rc;

	if (clear_folder(folder, e) == -1)
		return -1;
	if (uv_loop_init(&loop) != 0)
		return err_set(e, ERR_SYSTEM, "start the event loop");
	rc = ask_calls(q, &loop, folder, e);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	file_remove_tree(folder, NULL);
	return rc;
}

/* What it holds now. */
static int
load_money(struct store *s, struct drift *d, struct err *e)
{
	const struct reservation_filter f = {
		.objective = d->objective.id,
		.states = 1u << RESERVATION_HELD | 1u << RESERVATION_COMMITTED,
		.limit = 1,
	};
	struct reservation *v = NULL;
	size_t len = 0;

	if (store_reservations(s, &f, &v, &len, e) < 0)
		return -1;
	d->reserved = len > 0;
	if (len > 0)
		d->monthly = v[0].monthly;
	store_reservations_free(v, len);
	return 0;
}

int
drift_ask(struct cli *cli, const struct plan *plan, struct drift *d, struct err *e)
{
	const char *id = d->objective.id;
	struct drift_question q = {
		.cli = cli,
		.strategy = strategy_find(strategies, plan->strategy),
		.step = step_of(plan),
		.drift = d,
	};
	struct resource *resources = NULL;
	struct err why = { 0 };

	if (q.strategy == NULL || q.step == NULL)
		return err_set(
		    e, ERR_CORRUPT, "objective %s: its plan has nothing to ask with", id);
	if (load_money(cli->store, d, e) < 0 ||
	    store_resources(cli->store, id, &resources, &q.n_resources, e) < 0)
		return -1;
	q.resources = resources;
	/* Whatever keeps this one from being asked, the others may still be. */
	if (ask(&q, &why) < 0)
		failure_set(&d->failure, FAILURE_UNKNOWN, NULL, q.step->name, "%s", why.msg);
	if (failure_is_set(&d->failure))
		drift_forget(d);
	store_resources_free(resources, q.n_resources);
	return 0;
}
