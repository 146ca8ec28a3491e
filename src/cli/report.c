#include "config.h"

#include "cli/report.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* An objective is tried, kept and destroyed a few times at most. */
#define RESERVATIONS_MAX 1000

static int
load_money(struct report *r, struct store *s, const char *id, struct err *e)
{
	const struct reservation_filter f = { .objective = id, .limit = RESERVATIONS_MAX };

	if (store_waiting(s, id, OBJECTION_REASONS, &r->waiting, &r->n_waiting, NULL, e) < 0 ||
	    store_approvals(s, id, &r->approvals, &r->n_approvals, e) < 0)
		return -1;
	return store_reservations(s, &f, &r->reservations, &r->n_reservations, e);
}

static int
load(struct report *r, struct store *s, const char *id, struct err *e)
{
	if (store_get(s, id, &r->objective, e) < 0 ||
	    store_holds(s, id, &r->holds, &r->n_holds, e) < 0 ||
	    store_dependencies(s, id, &r->dependencies, &r->n_dependencies, e) < 0 ||
	    store_attempts(s, id, &r->attempts, &r->n_attempts, e) < 0 ||
	    store_executions(s, id, &r->executions, &r->n_executions, e) < 0 ||
	    store_resources(s, id, &r->resources, &r->n_resources, e) < 0)
		return -1;
	if (load_money(r, s, id, e) < 0)
		return -1;
	if (state_is_final(r->objective.state))
		return 0;
	return store_throttled(s, id, clock_now_ms(), &r->throttled_until_ms, e);
}

static int
load_plan(struct report *r, struct store *s, const char *id, struct err *e)
{
	struct attempt last;
	int rc;

	attempt_init(&last);
	rc = store_attempt(s, id, &last, &r->plan, e);
	attempt_clear(&last);
	return rc < 0 && e->kind != ERR_NOT_FOUND ? -1 : 0;
}

int
report_load(struct report *r, struct store *s, const char *id, struct err *e)
{
	memset(r, 0, sizeof(*r));
	objective_init(&r->objective);
	plan_init(&r->plan);
	return load(r, s, id, e) < 0 || load_plan(r, s, id, e) < 0 ? -1 : 0;
}

void
report_clear(struct report *r)
{
	objective_clear(&r->objective);
	store_holds_free(r->holds, r->n_holds);
	store_dependencies_free(r->dependencies, r->n_dependencies);
	store_attempts_free(r->attempts, r->n_attempts);
	store_executions_free(r->executions, r->n_executions);
	store_resources_free(r->resources, r->n_resources);
	store_waiting_free(r->waiting, r->n_waiting);
	store_approvals_free(r->approvals, r->n_approvals);
	store_reservations_free(r->reservations, r->n_reservations);
	plan_clear(&r->plan);
	memset(r, 0, sizeof(*r));
}

void
report_add_time(cJSON *object, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (ms != 0)
		json_add_str(object, key, clock_format(ms, text));
}

void
report_add_name(cJSON *object, const struct objective *o)
{
	json_add_str(object, "id", *o->id != '\0' ? o->id : NULL);
	json_add_str(object, "batch", o->batch);
	json_add_str(object, "name", o->name);
}

static void
add_copy(cJSON *object, const char *key, const cJSON *value)
{
	if (value != NULL)
		cJSON_AddItemToObject(object, key, cJSON_Duplicate(value, true));
}

cJSON *
report_objective_json(const struct objective *o)
{
	cJSON *json = cJSON_CreateObject();

	report_add_name(json, o);
	json_add_str(json, "key", o->key);
	json_add_str(json, "state", state_name(o->state));
	json_add_str(json, "capability", o->capability);
	json_add_str(json, "strategy", o->strategy);
	json_add_str(json, "region", o->region);
	json_add_str(json, "resource_group", o->resource_group);
	json_add_str(json, "subscription", o->subscription);
	add_copy(json, "parameters", o->parameters);
	add_copy(json, "decided", o->decided);
	if (o->alternatives.len > 0)
		json_add_strv(json, "alternatives", &o->alternatives);
	add_copy(json, "instead", o->instead);
	add_copy(json, "labels", o->labels);
	if (o->depends_on.len > 0)
		json_add_strv(json, "depends_on", &o->depends_on);
	json_add_int(json, "priority", o->priority);
	report_add_time(json, "not_before", o->not_before_ms);
	report_add_time(json, "deadline", o->deadline_ms);
	if (o->timeout_ms != 0)
		json_add_int(json, "timeout_ms", o->timeout_ms);
	if (o->step_timeout_ms != 0)
		json_add_int(json, "step_timeout_ms", o->step_timeout_ms);
	report_add_time(json, "due", o->due_ms);
	json_add_str(json, "on_failure", o->on_failure == ON_FAILURE_KEEP ? "keep" : "rollback");
	json_add_int(json, "generation", o->generation);
	json_add_int(json, "unmet", o->unmet);
	json_add_bool(json, "cancel_wanted", o->cancel_wanted);
	json_add_bool(json, "destroying", o->destroying);
	report_add_time(json, "created", o->created_ms);
	report_add_time(json, "changed", o->changed_ms);
	add_copy(json, "outputs", o->outputs);
	add_copy(json, "failure", o->failure);
	return json;
}

cJSON *
report_attempt_json(const struct attempt *a)
{
	cJSON *json = cJSON_CreateObject(), *failure = failure_to_json(&a->failure);

	json_add_int(json, "number", a->number);
	json_add_str(json, "strategy", a->strategy);
	json_add_str(json, "phase", phase_name(a->phase));
	json_add_str(json, "goal", goal_name(a->goal));
	json_add_str(json, "size", a->size);
	if (a->undoes != 0)
		json_add_int(json, "undoes", a->undoes);
	json_add_int(json, "step", a->step);
	json_add_int(json, "runs", a->runs);
	if (a->ended_ms == 0)
		json_add_str(json, "stage", stage_name(a->stage));
	report_add_time(json, "in_doubt_since", a->doubt_since_ms);
	report_add_time(json, "wait_until", a->wait_until_ms);
	report_add_time(json, "started", a->started_ms);
	report_add_time(json, "ended", a->ended_ms);
	if (failure != NULL)
		cJSON_AddItemToObject(json, "failure", failure);
	return json;
}

const struct attempt *
report_open_attempt(const struct report *r)
{
	const struct attempt *last = r->n_attempts > 0 ? &r->attempts[r->n_attempts - 1] : NULL;

	return last != NULL && last->ended_ms == 0 ? last : NULL;
}

const cJSON *
report_planned(const struct report *r)
{
	return r->n_attempts > 0 ? r->attempts[r->n_attempts - 1].planned : NULL;
}

char *
report_failure_text(const struct failure *f)
{
	if (!failure_is_set(f))
		return NULL;
	return xasprintf("%s%s%s: %s", failure_class_name(f->class), f->code != NULL ? " " : "",
	    f->code != NULL ? f->code : "", f->message);
}

const char *
report_wait_word(const struct attempt *a)
{
	if (a->phase != PHASE_FORWARD)
		return "goes on";
	if (a->doubt_since_ms > 0 || a->stage == STAGE_ASK || a->stage == STAGE_COLLECT)
		return "looks again";
	if (a->stage == STAGE_LOOK && (a->runs == 0 || a->asks > 0))
		return "looks again";
	return failure_is_set(&a->failure) ? "next try" : "goes on";
}

char *
report_throttled_text(const struct report *r, int64_t now_ms)
{
	char at[CLOCK_TEXT_SIZE], span[CLOCK_TEXT_SIZE];

	clock_format(r->throttled_until_ms, at);
	return xasprintf("until %.8s (in %s)", at + strlen("2026-11-21T"),
	    clock_format_span(r->throttled_until_ms - now_ms, span));
}

const char *
report_execution_word(const struct execution *x)
{
	if (x->ended_ms == 0)
		return "open";
	/* A guard's answer is about what the undo would take, not about what is there. */
	if (x->act == ACT_GUARD && x->answer == ANSWER_OURS_COMPLETE)
		return "only ours";
	if (x->act == ACT_GUARD && x->answer == ANSWER_FOREIGN)
		return "others' too";
	/* The deployment is there and ours, and it came to a bad end. */
	if (x->act == ACT_CHECK && x->answer == ANSWER_OURS_COMPLETE && x->failure != NULL)
		return "ours, failed";
	/* Of several looks one after the other only the last one answers. */
	if (x->act == ACT_CHECK && x->answer == ANSWER_CANNOT_TELL && x->failure == NULL)
		return "went on";
	return act_is_look(x->act) ? answer_name(x->answer) : outcome_name(x->outcome);
}

cJSON *
report_execution_json(const struct execution *x)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "id", x->id);
	json_add_int(json, "attempt", x->attempt);
	json_add_int(json, "step", x->step);
	json_add_str(json, "step_name", x->step_name);
	json_add_str(json, "act", act_name(x->act));
	json_add_int(json, "run", x->run);
	json_add_str(json, "resource", x->resource);
	json_add_strv(json, "argv", &x->argv);
	json_add_str(json, "host", x->host);
	report_add_time(json, "intended", x->intended_ms);
	report_add_time(json, "ended", x->ended_ms);
	if (x->ended_ms != 0)
		json_add_str(json, act_is_look(x->act) ? "answer" : "outcome",
		    act_is_look(x->act) ? answer_name(x->answer) : outcome_name(x->outcome));
	add_copy(json, "result", x->result);
	add_copy(json, "failure", x->failure);
	return json;
}

cJSON *
report_waiting_json(const struct waiting *w)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "reason", objection_reason_name(w->reason));
	/* Nothing is known of it: nobody is to read a zero. */
	if (w->reason != OBJECTION_UNPRICED || w->amount > 0)
		json_add_money(json, "asks_for", w->amount);
	add_copy(json, "objections", w->objections);
	report_add_time(json, "since", w->since_ms);
	return json;
}

static cJSON *
waiting_json(const struct report *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < r->n_waiting; i++)
		cJSON_AddItemToArray(list, report_waiting_json(&r->waiting[i]));
	return list;
}

static cJSON *
approvals_json(const struct report *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < r->n_approvals; i++) {
		const struct approval *a = &r->approvals[i];
		cJSON *json = cJSON_CreateObject();

		json_add_str(json, "by", a->by);
		json_add_str(json, "note", a->note);
		json_add_str(json, "rule", a->rule);
		json_add_str(json, "plan", a->digest);
		json_add_money(json, "amount", a->amount);
		json_add_bool(json, "names_amount", a->names_amount);
		report_add_time(json, "until", a->until_ms);
		report_add_time(json, "given", a->given_ms);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

static cJSON *
reservations_json(const struct report *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < r->n_reservations; i++) {
		const struct reservation *v = &r->reservations[i];
		cJSON *json = cJSON_CreateObject();

		json_add_str(json, "state", reservation_state_name(v->state));
		json_add_int(json, "attempt", v->attempt);
		cJSON_AddItemToObject(json, "monthly", amounts_to_json(&v->monthly));
		json_add_bool(json, "unpriced", v->unpriced);
		report_add_time(json, "held", v->held_ms);
		report_add_time(json, "stood", v->stood_ms);
		report_add_time(json, "ended", v->ended_ms);
		add_copy(json, "estimate", v->estimate);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

static cJSON *
holds_json(const struct report *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < r->n_holds; i++) {
		cJSON *json = cJSON_CreateObject();

		json_add_str(json, "reason", r->holds[i].reason);
		json_add_str(json, "detail", r->holds[i].detail);
		report_add_time(json, "since", r->holds[i].since_ms);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

static cJSON *
dependencies_json(const struct report *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < r->n_dependencies; i++) {
		cJSON *json = cJSON_CreateObject();

		json_add_str(json, "name", r->dependencies[i].name);
		json_add_str(json, "id", r->dependencies[i].id);
		json_add_str(json, "state", state_name(r->dependencies[i].state));
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

cJSON *
report_resource_json(const struct resource *r)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "id", r->id);
	json_add_str(json, "state", resource_state_name(r->state));
	json_add_str(json, "why", r->why);
	json_add_int(json, "attempt", r->attempt);
	json_add_int(json, "step", r->step);
	/* What a person said to be there was made by no execution of ours. */
	json_add_str(json, "execution", r->execution_id[0] != '\0' ? r->execution_id : NULL);
	report_add_time(json, "made", r->made_ms);
	report_add_time(json, "gone", r->gone_ms);
	return json;
}

/* The last occurrence of NEEDLE, or NULL. */
static const char *
find_last(const char *text, const char *needle)
{
	const char *found = NULL;

	for (const char *p = text; (p = strcasestr(p, needle)) != NULL; p++)
		found = p;
	return found;
}

const char *
report_resource_name(const char *id)
{
	static const char providers[] = "/providers/", groups[] = "/resourceGroups/";
	const char *at = find_last(id, providers), *type;

	if (at != NULL) {
		type = strchr(at + strlen(providers), '/');
		return type != NULL ? type + 1 : at + 1;
	}
	at = find_last(id, groups);
	return at != NULL ? at + 1 : id;
}

static cJSON *
resources_json(const struct report *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < r->n_resources; i++)
		cJSON_AddItemToArray(list, report_resource_json(&r->resources[i]));
	return list;
}

cJSON *
report_to_json(const struct report *r)
{
	cJSON *json = report_objective_json(&r->objective), *list;

	report_add_time(json, "throttled_until", r->throttled_until_ms);
	cJSON_AddItemToObject(json, "holds", holds_json(r));
	cJSON_AddItemToObject(json, "waiting", waiting_json(r));
	cJSON_AddItemToObject(json, "approvals", approvals_json(r));
	cJSON_AddItemToObject(json, "reservations", reservations_json(r));
	cJSON_AddItemToObject(json, "dependencies", dependencies_json(r));
	cJSON_AddItemToObject(json, "resources", resources_json(r));
	list = cJSON_AddArrayToObject(json, "attempts");
	for (size_t i = 0; i < r->n_attempts; i++)
		cJSON_AddItemToArray(list, report_attempt_json(&r->attempts[i]));
	list = cJSON_AddArrayToObject(json, "executions");
	for (size_t i = 0; i < r->n_executions; i++)
		cJSON_AddItemToArray(list, report_execution_json(&r->executions[i]));
	if (r->plan.len > 0)
		cJSON_AddItemToObject(json, "plan", plan_to_json(&r->plan));
	return json;
}
