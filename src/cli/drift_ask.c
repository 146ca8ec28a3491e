/*
 * Asking is a step's collect call once more, under purser-step like any other, but
 * no execution: it is not journalled. Its folder is the objective's own, so that
 * one asks at a time, and what an asking that was killed has left is cleared by
 * the next. The state is locked by the tool itself while it reads; what it is
 * to build it finds as the plan has it, and nobody else writes another
 * plan's files while the objective stands.
 */
#include "config.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <uv.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "cli/drift.h"
#include "driver/lock.h"
#include "driver/process.h"
#include "store/ledger.h"
#include "strategies/terraform_failure.h"
#include "strategies/terraform_stream.h"

#define ASK_TIMEOUT_MS (5 * 60 * 1000)
/* It holds nothing but a lock for reading. */
#define ASK_GRACE_MS (30 * 1000)

const char *
drift_name(enum drift_kind kind)
{
	static const char *const names[DRIFT_KINDS] = {
		[DRIFT_CHANGED] = "changed",
		[DRIFT_GONE] = "gone",
		[DRIFT_UNKNOWN] = "not in the state",
	};

	return names[kind];
}

/* ---- what the answer says ---- */

struct question {
	struct cli *cli;
	const struct step *step;
	struct drift *drift;
	const struct resource *resources; /* the registry's */
	size_t n_resources;
};

static void
add_item(struct drift *d, enum drift_kind kind, const char *address, const char *id)
{
	d->items = xrealloc(d->items, d->n_items + 1, sizeof(*d->items));
	d->items[d->n_items++] = (struct drift_item){
		.kind = kind,
		.address = xstrdup(address),
		.id = id != NULL && *id != '\0' ? xstrdup(id) : NULL,
	};
}

static void
add_items(struct drift *d, enum drift_kind kind, const struct terraform_resources *list)
{
	for (size_t i = 0; i < list->addresses.len; i++)
		add_item(d, kind, list->addresses.v[i], list->ids.v[i]);
}

static bool
has_id(const struct strv *ids, const char *id)
{
	for (size_t i = 0; i < ids->len; i++) {
		if (strcasecmp(ids->v[i], id) == 0)
			return true;
	}
	return false;
}

/* What purser made and the state does not name: somebody took it out, or wrote another state. */
static void
add_unknown(const struct question *q, const struct terraform_stream *s)
{
	for (size_t i = 0; i < q->n_resources; i++) {
		const struct resource *r = &q->resources[i];

		if (r->state != RESOURCE_LIVE)
			continue;
		q->drift->n_resources++;
		if (!has_id(&s->known.ids, r->id) && !has_id(&s->found.ids, r->id))
			add_item(q->drift, DRIFT_UNKNOWN, NULL, r->id);
	}
}

static void
take_answer(struct process *p, const struct result *r, void *data)
{
	const struct question *q = data;
	struct drift *d = q->drift;
	struct terraform_stream s;

	(void)p;
	terraform_stream_read(&s, r->out);
	if (r->ending != END_EXITED || (r->code != 0 && r->code != 2)) {
		terraform_failure(q->cli->failures, q->step, r, &s, &d->failure);
	} else if (r->out_cut) {
		failure_set(&d->failure, FAILURE_UNKNOWN, NULL, q->step->name,
		    "it told more than is kept, and the middle of it is not known");
	} else {
		add_items(d, DRIFT_GONE, &s.gone);
		add_items(d, DRIFT_CHANGED, &s.changed);
		add_unknown(q, &s);
		strv_copy(&d->outputs, &s.changed_outputs);
	}
	terraform_stream_clear(&s);
}

/* ---- asking ---- */

static const struct step *
step_of(const struct plan *plan)
{
	for (size_t i = 0; i < plan->len; i++) {
		if (plan->steps[i].workspace != NULL && plan->steps[i].collect.len > 0)
			return &plan->steps[i];
	}
	return NULL;
}

/* What was left by one who asked and was killed goes; ERR_BUSY if somebody asks now. */
static int
clear_folder(const char *folder, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = -1;
	struct err why = { 0 };

	if (!file_exists(folder))
		return 0;
	fd = lock_take(folder, &why);
	if (fd == -1 && why.kind == ERR_BUSY)
		return err_set(e, ERR_BUSY, "somebody else asks for its drift now");
	return file_remove_tree(folder, e);
}

static int
run(struct question *q, const struct process_spec *spec, struct err *e)
{
	struct process *p = process_prepare(spec, e);
	uv_loop_t loop;
	int rc;

	if (p == NULL)
		return -1;
	if (uv_loop_init(&loop) != 0) {
		process_discard(p);
		return err_set(e, ERR_SYSTEM, "start the event loop");
	}
	rc = process_start(p, &loop, q->cli->paths.step, take_answer, q, e);
	if (rc == 0)
		uv_run(&loop, UV_RUN_DEFAULT);
	process_free(p);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	return rc;
}

static int
ask(struct question *q, const struct strategy *strategy, struct err *e)
{
	const struct step *step = q->step;
	const char *id = q->drift->objective.id;
	AUTO_FREE char *folder = xasprintf("%s/drift/%s", q->cli->paths.state, id);
	AUTO_FREE char *work = paths_work(&q->cli->paths, id);
	CLEANUP(strv_clear) struct strv argv = { 0 };
	char execution[ID_SIZE];
	int rc;

	if (clear_folder(folder, e) == -1)
		return -1;
	id_new(execution);
	strv_copy(&argv, &step->collect);
	strv_add(&argv, "-detailed-exitcode");
	rc = run(q,
	    &(struct process_spec){
		.execution_id = execution,
		.objective_id = id,
		.folder = folder,
		.argv = &argv,
		.work = work,
		.workspace = step->workspace,
		.secrets = step->secrets,
		.environment = strategy->environment,
		.timeout_ms = ASK_TIMEOUT_MS,
		.grace_ms = ASK_GRACE_MS,
	    },
	    e);
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
	const struct strategy *strategy = strategy_find(strategies, plan->strategy);
	struct question q = { .cli = cli, .step = step_of(plan), .drift = d };
	struct resource *resources = NULL;
	struct err why = { 0 };

	if (strategy == NULL || q.step == NULL)
		return err_set(
		    e, ERR_CORRUPT, "objective %s: its plan has nothing to ask with", id);
	if (load_money(cli->store, d, e) < 0 ||
	    store_resources(cli->store, id, &resources, &q.n_resources, e) < 0)
		return -1;
	q.resources = resources;
	/* Whatever keeps this one from being asked, the others may still be. */
	if (ask(&q, strategy, &why) < 0)
		failure_set(&d->failure, FAILURE_UNKNOWN, NULL, q.step->name, "%s", why.msg);
	store_resources_free(resources, q.n_resources);
	return 0;
}

void
drift_init(struct drift *d)
{
	memset(d, 0, sizeof(*d));
	objective_init(&d->objective);
}

void
drift_clear(struct drift *d)
{
	objective_clear(&d->objective);
	for (size_t i = 0; i < d->n_items; i++) {
		free(d->items[i].address);
		free(d->items[i].id);
	}
	free(d->items);
	strv_clear(&d->outputs);
	failure_clear(&d->failure);
	drift_init(d);
}

bool
drift_is_any(const struct drift *d)
{
	return d->n_items > 0 || d->outputs.len > 0;
}

size_t
drift_count(const struct drift *d, enum drift_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_items; i++)
		n += d->items[i].kind == kind;
	return n;
}
