/*
 * What the orchestrator does with one objective at one moment. Every branch
 * that touches the world is behind change_record() and its commit.
 */
#include "config.h"

#include "engine/change.h"

#include <assert.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/refine.h"
#include "engine/tell.h"
#include "engine/work.h"

/* A look needs no longer; a run has its own limit. */
#define LOOK_TIMEOUT_MS (5 * 60 * 1000)
/* What is begun shortly before the time of its objective is over gets this much. */
#define TIMEOUT_MIN_MS 1000

static const struct strv *
call_argv(const struct step *s, enum act act, int call)
{
	switch (act) {
	case ACT_RUN:
		return &s->run;
	case ACT_COLLECT:
		return &s->collect;
	case ACT_GUARD:
		return &s->guard;
	case ACT_UNDO:
		return &s->undo;
	case ACT_PROVE:
		return &s->prove;
	case ACT_CHECK:
	case ACT_MEND:
	case ACTS:
		break;
	}
	return &s->checks[call];
}

/* The argv of the next execution: of the plan, or what an earlier call asked to have put right. */
static void
next_argv(const struct change *c, struct strv *argv)
{
	const struct attempt *a = &c->attempt;
	const struct step *s = &c->job->plan.steps[a->step];

	if (c->decision.act == ACT_MEND)
		json_get_strv(cJSON_GetArrayItem(a->mend, 0), argv);
	else
		strv_copy(argv, call_argv(s, c->decision.act, a->call));
}

/*
 * A step that has no check is found absent (see attempt_take_answer() for what is in
 * doubt), one without undo cannot be undone, and so on.
 */
static bool
call_is_missing(const struct step *s, enum act act, int call, struct reading *reading)
{
	if (act == ACT_CHECK && s->n_checks == 0) {
		reading->answer = ANSWER_ABSENT;
		reading->conclusive = true;
		return true;
	}
	if (act == ACT_MEND || call_argv(s, act, call)->len > 0)
		return false;
	reading->outcome = OUTCOME_DID_NOT_HAPPEN;
	reading->answer = ANSWER_CANNOT_TELL;
	reading->conclusive = true;
	failure_set(&reading->failure, FAILURE_INVALID, NULL, s->name, "the step has no %s call",
	    act_name(act));
	return true;
}

/*
 * What the attempt has to know. What the execution just showed is not in the
 * job's list of resources yet.
 */
static void
view_of(const struct scene *set, const struct change *c, struct attempt_view *view)
{
	const struct job *j = c->job;
	const struct objective *o = &j->objective;
	const struct resource *newest = job_newest_resource(j, c->found.resource);

	*view = (struct attempt_view){
		.plan = &j->plan,
		.retry = &set->config->retry,
		.seed = o->id,
		.depends = o->depends_on.len > 0,
		.another_strategy = j->another_strategy && !job_has_acted_untraced(j),
		.another_size = j->another_size && !job_has_acted_untraced(j),
		.stood = &j->stood,
		.undo_failure = &j->undo_failure,
		.keep = o->on_failure == ON_FAILURE_KEEP,
		.cancel_wanted = o->cancel_wanted,
		.due_ms = o->due_ms,
		.blocked_until_ms = j->blocked_until_ms,
		.newest = newest != NULL ? newest->id : NULL,
		.newest_step = newest != NULL ? newest->step : 0,
		.began_ms = j->execution.intended_ms,
		.now_ms = clock_now_ms(),
	};
	if (c->found.made.len > 0) {
		view->newest = c->found.made.v[c->found.made.len - 1];
		view->newest_step = j->attempt.step;
	}
}

static void
ask_attempt(const struct scene *set, struct change *c)
{
	struct attempt_view view;

	view_of(set, c, &view);
	attempt_decide(&c->attempt, &view, &c->decision);
}

/* What another objective owns is not ours, whatever it looked like. */
static void
disown(struct change *c, const struct attempt_view *view)
{
	const struct job *j = c->job;
	struct strv ours = { 0 };
	struct failure why = { 0 };

	for (size_t i = 0; i < c->found.made.len; i++) {
		if (strv_has(&j->disowned, c->found.made.v[i]))
			failure_set(&why, FAILURE_CONFLICT, "ResourceOfAnotherObjective",
			    j->execution.step_name, "%s belongs to another objective",
			    c->found.made.v[i]);
		else
			strv_add(&ours, c->found.made.v[i]);
	}
	strv_clear(&c->found.made);
	c->found.made = ours;
	if (failure_is_set(&why) && c->attempt.phase == PHASE_FORWARD)
		attempt_fail(&c->attempt, view, &why);
	failure_clear(&why);
}

static void
take_in(const struct scene *set, struct change *c)
{
	const struct job *j = c->job;
	int step = c->attempt.step;
	struct attempt_view view;

	if (j->void_start) {
		attempt_resume(&c->attempt);
		return;
	}
	view_of(set, c, &view);
	attempt_take(&c->attempt, &view, &j->reading, &c->found);
	if (j->disowned.len > 0)
		disown(c, &view);
	if (failure_is_set(&j->denied) && c->attempt.phase == PHASE_FORWARD &&
	    c->attempt.stage == STAGE_RUN)
		attempt_refused(&c->attempt, &view, &j->denied);
	c->adds_outputs = j->reading.outputs != NULL && c->attempt.phase == PHASE_FORWARD &&
	    (c->attempt.step > step || c->attempt.stage == STAGE_COLLECT);
}

/* What comes next; calls that a step lacks are answered here. */
static void
decide(const struct scene *set, struct change *c)
{
	const struct job *j = c->job;
	const struct contract *now;

	ask_attempt(set, c);
	while (c->decision.kind == DECIDE_EXECUTE) {
		struct attempt_view view;
		struct reading reading;
		const struct step *s = &j->plan.steps[c->attempt.step];

		reading_init(&reading);
		bool missing = call_is_missing(s, c->decision.act, c->attempt.call, &reading);
		if (missing) {
			view_of(set, c, &view);
			attempt_take(&c->attempt, &view, &reading, &c->found);
			ask_attempt(set, c);
		}
		reading_clear(&reading);
		if (!missing)
			break;
	}
	/* A call that was objected to is not made again before somebody trusts its tool. */
	if (job_objection(j, &now) != NULL && c->decision.kind == DECIDE_EXECUTE) {
		c->decision.kind = DECIDE_HOLD;
		c->objection = xstrdup(job_objection(j, &now));
	}
	if (set->stopping && c->decision.kind == DECIDE_EXECUTE) {
		c->decision.kind = DECIDE_POSTPONE;
		c->decision.until_ms = clock_now_ms();
	}
}

static void
move_on(const struct scene *set, struct change *c)
{
	if (c->job->attempt.number == 0) {
		c->decision.kind = DECIDE_FAIL;
		return;
	}
	if (c->job->ended)
		take_in(set, c);
	decide(set, c);
}

/* A run is stopped when the time of its objective is over; an undo gets all the time it needs. */
static int64_t
call_timeout(const struct objective *o, const struct step *s, enum act act)
{
	int64_t timeout = s->timeout_ms;

	if (act == ACT_UNDO)
		return timeout;
	if (act != ACT_RUN)
		return o->step_timeout_ms > 0 && o->step_timeout_ms < LOOK_TIMEOUT_MS
		    ? o->step_timeout_ms
		    : LOOK_TIMEOUT_MS;
	if (o->step_timeout_ms > 0)
		timeout = o->step_timeout_ms;
	if (o->due_ms > 0) {
		int64_t left = o->due_ms - clock_now_ms();

		if (left < TIMEOUT_MIN_MS)
			left = TIMEOUT_MIN_MS;
		if (timeout == 0 || left < timeout)
			timeout = left;
	}
	return timeout;
}

static void
describe_next(const struct scene *set, struct change *c)
{
	const struct job *j = c->job;
	const struct attempt *a = &c->attempt;
	const struct step *s = &j->plan.steps[a->step];
	struct execution *x = &c->next;
	enum act act = c->decision.act;

	id_new(x->id);
	memcpy(x->objective_id, j->objective.id, ID_SIZE);
	x->attempt = a->number;
	x->step = a->step;
	x->call = a->call;
	x->run = act == ACT_RUN || act == ACT_UNDO ? a->runs + 1 : a->asks + 1;
	x->step_name = xstrdup(s->name);
	x->act = act;
	x->resource = a->phase == PHASE_UNDO ? xstrdup(a->resource) : NULL;
	x->host = xstrdup(set->host);
	x->boot_id = xstrdup(clock_boot_id());
	x->intended_ms = clock_now_ms();
	next_argv(c, &x->argv);
	if (act == ACT_RUN)
		strv_copy(&x->stood, &a->stood);
}

/*
 * Makes the folder of the next execution and takes its lock. What only the
 * user can mend (a secret that is not there) fails the attempt; what the disk
 * refuses stops the runner.
 */
static int
prepare_next(const struct scene *set, struct change *c, struct err *e)
{
	const struct job *j = c->job;
	const struct step *s = &j->plan.steps[c->attempt.step];
	bool runs = c->decision.act == ACT_RUN;

	describe_next(set, c);
	AUTO_FREE char *folder = paths_execution(set->paths, j->objective.id, c->next.id);
	AUTO_FREE char *work =
	    s->workspace != NULL ? paths_work(set->paths, j->objective.id) : NULL;
	struct process_spec spec = {
		.execution_id = c->next.id,
		.objective_id = j->objective.id,
		.folder = folder,
		.argv = &c->next.argv,
		.work = work,
		.workspace = s->workspace,
		.resource = c->next.resource,
		.files = runs ? s->files : NULL,
		.secrets = runs || s->workspace != NULL ? s->secrets : NULL,
		.environment = j->strategy->environment,
		.timeout_ms = call_timeout(&j->objective, s, c->decision.act),
	};
	if (work != NULL && work_prepare(set, c, work, e) == -1)
		return -1;
	c->performance = performance_prepare(s, &spec, e);
	return c->performance == NULL ? -1 : 0;
}

static void
refuse_unprepared(const struct scene *set, struct change *c, const struct err *e)
{
	CLEANUP(failure_clear) struct failure why = { 0 };
	struct attempt_view view;

	execution_clear(&c->next);
	execution_init(&c->next);
	if (c->attempt.phase == PHASE_UNDO) {
		attempt_abandon(&c->attempt, e->msg, &c->found);
	} else {
		failure_set(&why, FAILURE_INVALID, "NotPreparable",
		    c->job->plan.steps[c->attempt.step].name, "%s", e->msg);
		view_of(set, c, &view);
		attempt_refused(&c->attempt, &view, &why);
	}
	decide(set, c);
}

/* The settings that its tool was given hold tokens, and what it told may: they go as soon as nothing uses them. */
static void
tidy_ended(const struct scene *set, const struct job *j)
{
	const struct environment *environment = j->strategy->environment;
	struct err e = { 0 };
	AUTO_FREE char *folder = paths_execution(set->paths, j->objective.id, j->execution.id);

	if (environment != NULL && environment->config_variable != NULL)
		process_tidy(folder);
	if (j->reading.confidential && process_forget_output(folder, &e) == -1)
		log_warn(j->objective.id, "what a step told in clear is kept: %s", e.msg);
}

struct change *
change_make(const struct scene *set, struct job *j, struct err *e)
{
	struct change *c = xcalloc(1, sizeof *c);

	c->job = j;
	c->claims = j->claim.fence == 0;
	c->claim = j->claim;
	attempt_init(&c->attempt);
	attempt_copy(&c->attempt, &j->attempt);
	finding_init(&c->found);
	execution_init(&c->next);
	if (j->ended)
		tidy_ended(set, j);
	move_on(set, c);
	int answer = c->decision.kind == DECIDE_EXECUTE ? prepare_next(set, c, e) : 0;
	if (answer == -1 && e->kind == ERR_INPUT) {
		refuse_unprepared(set, c, e);
		answer = c->decision.kind == DECIDE_EXECUTE ? prepare_next(set, c, e) : 0;
	}
	if (answer == -1 || refine_price(set, c, e) == -1) {
		change_drop(c);
		return NULL;
	}
	failpoint("run.prepared");
	return c;
}

/* ---- after the commit ---- */

static struct resource *
find_resource(struct job *j, const char *id)
{
	for (size_t i = 0; i < j->n_resources; i++)
		if (strcasecmp(j->resources[i].id, id) == 0 &&
		    j->resources[i].state != RESOURCE_GONE)
			return &j->resources[i];
	return NULL;
}

/* One that is found again keeps its place: it was made before what stands on it. */
static void
note_made(struct job *j, const char *id)
{
	struct resource *r = find_resource(j, id);

	if (r == NULL) {
		j->resources = xrealloc(j->resources, j->n_resources + 1, sizeof *j->resources);
		r = &j->resources[j->n_resources++];
		memset(r, 0, sizeof *r);
		r->id = xstrdup(id);
	}
	r->attempt = j->attempt.number;
	r->step = j->attempt.step;
	r->state = RESOURCE_LIVE;
}

/* The job's list of resources follows what was written. */
static void
apply_finding(struct job *j, const struct finding *found)
{
	struct resource *ended = found->resource != NULL ? find_resource(j, found->resource) : NULL;

	if (ended != NULL)
		ended->state = found->gone ? RESOURCE_GONE : RESOURCE_ORPHANED;
	for (size_t i = 0; i < found->removed.len; i++)
		if ((ended = find_resource(j, found->removed.v[i])) != NULL)
			ended->state = RESOURCE_GONE;
	for (size_t i = 0; i < found->made.len; i++)
		note_made(j, found->made.v[i]);
}

static void
forget_ended(struct job *j)
{
	performance_free(take(j->performance));
	if (j->lock_fd != -1)
		close(j->lock_fd);
	j->lock_fd = -1;
	execution_clear(&j->execution);
	execution_init(&j->execution);
	reading_clear(&j->reading);
	reading_init(&j->reading);
	j->ended = false;
	j->void_start = false;
}

static void
change_free(struct change *c)
{
	attempt_clear(&c->attempt);
	finding_clear(&c->found);
	execution_clear(&c->next);
	price_clear(&c->planned);
	ruling_clear(&c->ruling);
	free(c->objection);
	free(c);
}

/* What stood before this run takes the place of what stood before the last one of the step. */
static void
renew_stood(const struct scene *set, struct job *j, const struct execution *next)
{
	CLEANUP(strv_clear) struct strv now = { 0 };

	if (next->act != ACT_RUN || (j->stood.len == 0 && next->stood.len == 0))
		return;
	if (store_stood(set->store, j->objective.id, &now, NULL) == -1) {
		strv_copy(&j->stood, &next->stood); /* rather too many than too few */
		return;
	}
	strv_clear(&j->stood);
	strv_copy(&j->stood, &now);
}

bool
change_is_retry(const struct change *c)
{
	const struct attempt *a = &c->attempt;

	return c->kind == DECIDE_POSTPONE && a->phase == PHASE_FORWARD && a->stage == STAGE_LOOK &&
	    a->runs > 0 && a->asks == 0 && failure_is_set(&a->failure);
}

int
change_apply(const struct scene *set, struct change *c, bool *done, struct err *e)
{
	struct job *j = c->job;
	int answer = 0;

	if (c->claims && c->attempt.number > 0)
		tell_claim(set, c);
	if (c->claims)
		j->objective.due_ms = c->due_ms;
	if (j->ended) {
		tell_end_of_step(set, c);
		tell_finding(set, c);
		apply_finding(j, &c->found);
		work_take_mend(set, j);
		forget_ended(j);
	}
	if (j->attempt.phase == PHASE_FORWARD && c->attempt.phase == PHASE_UNDO &&
	    c->decision.kind == DECIDE_EXECUTE)
		tell_turn(set, c);
	j->claim = c->claim;
	j->attempt_is_new = false;
	attempt_copy(&j->attempt, &c->attempt);
	*done = c->decision.kind != DECIDE_EXECUTE;
	if (*done) {
		tell_move(set, c);
		work_end(set, c);
	} else {
		tell_step(set, c);
		renew_stood(set, j, &c->next);
		j->execution = c->next;
		execution_init(&c->next);
		j->performance = take(c->performance);
		failpoint("run.committed");
		/*
		 * A runner that was stopped for longer than its lease may have been
		 * overtaken: it must not act any more. Giving up the lock tells
		 * whoever took over that nothing was started.
		 */
		if (clock_boot_ms() >= set->lease_boot_ms) {
			log_warn(j->objective.id, "the lease ran out before the step could start");
			*done = true;
		} else {
			answer = performance_start(j->performance, &set->performing, j, e);
			failpoint("run.started");
		}
	}
	change_free(c);
	return answer;
}

void
change_drop(struct change *c)
{
	if (c == NULL)
		return;
	performance_discard(c->performance);
	change_free(c);
}

void
change_leave(struct change *c)
{
	performance_free(c->performance);
	change_free(c);
}
