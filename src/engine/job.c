#include "config.h"

#include "engine/job.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/substitute.h"
#include "engine/tried.h"

/* A tool that cannot be started for so many times in a row has failed. */
#define VOID_STARTS_MAX 5

static struct job *
job_new(void)
{
	struct job *j = xcalloc(1, sizeof *j);

	objective_init(&j->objective);
	plan_init(&j->plan);
	attempt_init(&j->attempt);
	execution_init(&j->execution);
	reading_init(&j->reading);
	price_init(&j->price);
	j->lock_fd = -1;
	return j;
}

DEFINE_CLEANUP(struct job *, job_free)

/* A tool that says so may be called twice, as long as it is as it was pinned. */
static void
heed_contract(struct step *s, const struct contract *c)
{
	s->idempotent = s->idempotent || contract_is_idempotent(c);
}

/* Of a plan that was begun. It is no part of the plan that is kept: somebody may trust another contract meanwhile. */
static int
heed_contracts(struct job *j, struct store *s, struct err *e)
{
	for (size_t i = 0; i < j->plan.len; i++) {
		struct step *step = &j->plan.steps[i];
		struct contract pinned;
		struct err why = { 0 };

		if (step->server == NULL)
			continue;
		if (store_contract(s, step->server, step->run.v[TOOL_CALL_TOOL], &pinned, &why) ==
		    0) {
			heed_contract(step, &pinned);
			contract_clear(&pinned);
		} else if (why.kind != ERR_NOT_FOUND) {
			return err_set(e, why.kind, "%s", why.msg);
		}
	}
	return 0;
}

static int
find_strategy(struct job *j, const struct planner *planner, struct err *e)
{
	j->failures = planner->failures;
	j->strategy = planner_strategy(planner, j->plan.strategy);
	if (j->strategy == NULL)
		return err_set(e, ERR_CORRUPT, "objective %s: this program has no strategy \"%s\"",
		    j->objective.id, j->plan.strategy);
	return 0;
}

/* The first fault is enough for the record; `purser plan ID` tells them all. */
static void
note_unplannable(struct job *j, const struct faults *faults)
{
	const char *why = faults->list.len > 0 ? faults->list.v[0] : "no strategy could plan it";

	failure_set(&j->attempt.failure, FAILURE_INVALID, "NotPlannable", NULL, "%s", why);
}

static int
begin_attempt(struct job *j, struct store *s, const struct planner *planner, int number,
    const struct tried *tried, struct err *e)
{
	struct faults faults = { 0 };
	struct dependency *needs;
	size_t n_needs;
	bool unreadable = false; /* the price book: that stops the runner, and fails nobody */

	if (store_dependencies(s, j->objective.id, &needs, &n_needs, e) == -1)
		return -1;

	int answer = planner_plan(
	    planner, &j->objective, needs, n_needs, &tried->strategies, &j->plan, &faults);
	if (answer == 0 &&
	    planner_price(
		planner, &j->objective, needs, n_needs, &tried->strategies, &j->price, e) == -1) {
		answer = -1;
		if (e->kind != ERR_INPUT)
			unreadable = true;
		else
			faults_add(&faults, j->objective.name, "%s", e->msg);
	}
	store_dependencies_free(needs, n_needs);
	if (answer == -1) {
		note_unplannable(j, &faults);
		faults_clear(&faults);
		return unreadable ? -1 : 0;
	}
	j->attempt.number = number;
	j->attempt.strategy = xstrdup(j->plan.strategy);
	j->attempt.size = xstrdup(substitute_size(planner, &j->objective));
	strv_copy(&j->plan.reasons, &tried->reasons);
	j->size_is_admitted = tried->admitted;
	j->attempt.started_ms = clock_now_ms();
	j->attempt_is_new = true;
	return find_strategy(j, planner, e);
}

/* The last attempt if it is open; else *number is that of the next one. */
static int
load_attempt(
    struct job *j, struct store *s, const struct planner *planner, int *number, struct err *e)
{
	if (store_attempt(s, j->objective.id, &j->attempt, &j->plan, e) == -1) {
		if (e->kind != ERR_NOT_FOUND)
			return -1;
		*number = 1;
		return 0;
	}
	if (j->attempt.ended_ms == 0) {
		*number = 0;
		attempt_resume(&j->attempt);
		return find_strategy(j, planner, e);
	}
	struct lost lost = j->attempt.lost;

	*number = j->attempt.number + 1;
	attempt_clear(&j->attempt);
	j->attempt.lost = lost;
	plan_clear(&j->plan);
	return 0;
}

/* A strategy whose tool cannot be used is left out where another can do the objective. */
static void
pass_over_unusable(const struct job *j, const struct planner *planner, struct tried *tried)
{
	const struct strategy *unusable = planner->unusable;

	if (unusable != NULL && !strv_has(&tried->strategies, unusable->name) &&
	    planner_has_another(planner, &j->objective, &tried->strategies, unusable->name))
		strv_add(&tried->strategies, unusable->name);
}

static void
look_for_another(struct job *j, const struct planner *planner, const struct tried *tried)
{
	bool forward = j->attempt.number > 0 && j->attempt.phase == PHASE_FORWARD;

	j->another_strategy = forward &&
	    planner_has_another(
		planner, &j->objective, &tried->strategies, j->attempt.strategy);
	j->another_size =
	    forward && tried_has_another_size(tried, planner, &j->objective);
}

/* Of the first attempt at most objectives there is nothing to know. */
static bool
has_history(const struct job *j, int number)
{
	return number != 1 || j->objective.alternatives.len > 0;
}

struct job *
job_load_ready(struct store *s, const struct planner *planner, const char *id, struct err *e)
{
	CLEANUP(job_free_cleanup) struct job *j = job_new();
	CLEANUP(tried_clear) struct tried tried = { 0 };
	int number;

	if (store_get(s, id, &j->objective, e) == -1 ||
	    store_resources(s, id, &j->resources, &j->n_resources, e) == -1 ||
	    load_attempt(j, s, planner, &number, e) == -1 ||
	    (has_history(j, number) &&
		tried_load(&tried, s, planner, &j->objective, number > 0, e) == -1))
		return NULL;
	if (number != 1 && store_stood(s, id, &j->stood, e) == -1)
		return NULL;
	pass_over_unusable(j, planner, &tried);
	if (number > 0)
		j->unprobed = planner_lacks_account(planner, &j->objective, &tried.strategies);
	if (j->unprobed != NULL)
		return take(j);
	if (number > 0 ? begin_attempt(j, s, planner, number, &tried, e) == -1
		       : heed_contracts(j, s, e) == -1)
		return NULL;
	look_for_another(j, planner, &tried);
	return take(j);
}

struct job *
job_load_taken(
    struct store *s, const struct planner *planner, const struct claim *claim, struct err *e)
{
	CLEANUP(job_free_cleanup) struct job *j = job_new();
	CLEANUP(tried_clear) struct tried tried = { 0 };
	const char *id = claim->objective_id;

	j->claim = *claim;
	if (store_get(s, id, &j->objective, e) == -1 ||
	    store_resources(s, id, &j->resources, &j->n_resources, e) == -1 ||
	    store_attempt(s, id, &j->attempt, &j->plan, e) == -1 ||
	    find_strategy(j, planner, e) == -1 ||
	    tried_load(&tried, s, planner, &j->objective, false, e) == -1 ||
	    store_stood(s, id, &j->stood, e) == -1 || heed_contracts(j, s, e) == -1)
		return NULL;
	look_for_another(j, planner, &tried);
	if (store_open_execution(s, id, &j->execution, e) == -1) {
		if (e->kind != ERR_NOT_FOUND)
			return NULL;
		attempt_resume(&j->attempt);
	}
	return take(j);
}

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	performance_free(j->performance);
	if (j->lock_fd != -1)
		close(j->lock_fd);
	objective_clear(&j->objective);
	plan_clear(&j->plan);
	attempt_clear(&j->attempt);
	store_resources_free(j->resources, j->n_resources);
	execution_clear(&j->execution);
	reading_clear(&j->reading);
	price_clear(&j->price);
	strv_clear(&j->stood);
	failure_clear(&j->undo_failure);
	failure_clear(&j->denied);
	strv_clear(&j->disowned);
	free(j);
}

bool
job_has_open_execution(const struct job *j)
{
	return j->execution.id[0] != '\0';
}

bool
job_owns(const struct job *j, const char *id)
{
	for (size_t i = 0; i < j->n_resources; i++)
		if (j->resources[i].state != RESOURCE_GONE && strcasecmp(j->resources[i].id, id) == 0)
			return true;
	return false;
}

static bool
has_made(const struct job *j, int step)
{
	for (size_t i = 0; i < j->n_resources; i++)
		if (j->resources[i].attempt == j->attempt.number && j->resources[i].step == step)
			return true;
	return false;
}

bool
job_has_acted_untraced(const struct job *j)
{
	for (int step = 0; step < j->attempt.step && (size_t)step < j->plan.len; step++)
		if (j->plan.steps[step].existing != EXISTING_USE && !has_made(j, step))
			return true;
	return false;
}

/* Nothing was started, so nothing was learnt: the same call is made again. */
static void
take_void_start(struct job *j)
{
	struct execution *x = &j->execution;

	x->ended_ms = clock_now_ms();
	x->outcome = OUTCOME_DID_NOT_HAPPEN;
	x->answer = ANSWER_CANNOT_TELL;
	j->ended = true;
	j->void_start = true;
	j->void_starts++;
}

const char *
job_objection(const struct job *j, const struct contract **now)
{
	return j->ended && j->performance != NULL ? performance_objection(j->performance, now)
						  : NULL;
}

/* The same, once somebody trusts the tool as it is; the journal says why nothing was called. */
static void
take_objection(struct job *j, const char *objection)
{
	CLEANUP(failure_clear) struct failure why = { 0 };

	take_void_start(j);
	failure_set(
	    &why, FAILURE_POLICY, "ContractChanged", j->execution.step_name, "%s", objection);
	j->execution.failure = failure_to_json(&why);
}

/* The tool could not be started for a reason that is not its own: the helper was killed, the machine was full. */
static bool
is_void_start(const struct job *j, const struct result *result)
{
	static const int passing[] = { ECANCELED, EAGAIN, ENOMEM, ENOSPC, EDQUOT, EMFILE, ENFILE };

	if (result->ending != END_NOT_STARTED || j->void_starts >= VOID_STARTS_MAX)
		return false;
	for (size_t i = 0; i < COUNT_OF(passing); i++)
		if (result->code == passing[i])
			return true;
	return false;
}

void
job_take_result(struct job *j, const struct result *result)
{
	struct execution *x = &j->execution;
	struct step *step = &j->plan.steps[x->step];
	const struct contract *now;
	const char *objection =
	    j->performance != NULL ? performance_objection(j->performance, &now) : NULL;

	if (objection != NULL) {
		take_objection(j, objection);
		return;
	}
	if (is_void_start(j, result)) {
		take_void_start(j);
		return;
	}
	if (x->act == ACT_RUN && j->performance != NULL &&
	    performance_contract(j->performance) != NULL)
		heed_contract(step, performance_contract(j->performance));
	/* The looks between two runs say nothing of whether the run can be started. */
	if (x->act == ACT_RUN || x->act == ACT_UNDO)
		j->void_starts = 0;

	j->strategy->read(
	    j->failures, &j->plan, step, x->act, (size_t)x->call, x->resource, result, &j->reading);
	x->result = result_to_json(result);
	x->ended_ms = result->ended_ms > 0 ? result->ended_ms : clock_now_ms();
	x->outcome = j->reading.outcome;
	x->answer = j->reading.answer;
	x->failure = failure_to_json(&j->reading.failure);
	if (x->act == ACT_UNDO)
		failure_copy(&j->undo_failure, &j->reading.failure);
	j->ended = true;
}

/*
 * No call lasts longer than its step may, and then settles. What holds the lock of a server
 * for longer is something that it has left behind: what became of the call is looked for.
 */
static bool
may_server_act(const struct job *j)
{
	const struct step *s = &j->plan.steps[j->execution.step];
	int64_t limit_ms = s->timeout_ms + s->settle_ms;

	return clock_now_ms() < j->execution.intended_ms + limit_ms;
}

int
job_look(struct job *j, const char *folder, const char *host, struct err *e)
{
	struct execution *x = &j->execution;
	enum liveness liveness;
	struct result result;

	if (x->host == NULL || strcmp(x->host, host) != 0)
		return 0; /* only its own host can tell */
	result_init(&result);
	int answer = process_look(folder, x->id, strcmp(x->boot_id, clock_boot_id()) == 0,
	    may_server_act(j), &liveness, &j->lock_fd, &result, e);
	if (answer == 0 && liveness == LIVENESS_NOT_STARTED) {
		take_void_start(j);
	} else if (answer == 0 && liveness != LIVENESS_HELD) {
		if (liveness == LIVENESS_LOST)
			result.ending = END_LOST;
		job_take_result(j, &result);
	}
	result_clear(&result);
	return answer;
}

const struct resource *
job_newest_resource(const struct job *j, const char *but)
{
	int made_by = j->attempt.undoes > 0 ? j->attempt.undoes : j->attempt.number;

	for (size_t i = j->n_resources; i-- > 0;) {
		const struct resource *r = &j->resources[i];

		if (r->state == RESOURCE_LIVE && r->attempt == made_by &&
		    (but == NULL || strcmp(r->id, but) != 0))
			return r;
	}
	return NULL;
}
