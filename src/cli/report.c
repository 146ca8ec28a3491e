#include "config.h"

#include "cli/report.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

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
	return 0;
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

	json_add_str(json, "id", o->id);
	json_add_str(json, "batch", o->batch);
	json_add_str(json, "name", o->name);
	json_add_str(json, "key", o->key);
	json_add_str(json, "state", state_name(o->state));
	json_add_str(json, "capability", o->capability);
	json_add_str(json, "strategy", o->strategy);
	json_add_str(json, "region", o->region);
	json_add_str(json, "resource_group", o->resource_group);
	json_add_str(json, "subscription", o->subscription);
	add_copy(json, "parameters", o->parameters);
	add_copy(json, "labels", o->labels);
	if (o->depends_on.len > 0)
		json_add_strv(json, "depends_on", &o->depends_on);
	json_add_int(json, "priority", o->priority);
	report_add_time(json, "not_before", o->not_before_ms);
	report_add_time(json, "deadline", o->deadline_ms);
	json_add_str(json, "on_failure", o->on_failure == ON_FAILURE_KEEP ? "keep" : "rollback");
	json_add_int(json, "generation", o->generation);
	json_add_int(json, "unmet", o->unmet);
	json_add_bool(json, "cancel_wanted", o->cancel_wanted);
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
	json_add_int(json, "step", a->step);
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

const char *
report_execution_word(const struct execution *x)
{
	if (x->ended_ms == 0)
		return "open";
	return x->act == ACT_CHECK || x->act == ACT_PROVE ? answer_name(x->answer)
							  : outcome_name(x->outcome);
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
		json_add_str(json,
		    x->act == ACT_CHECK || x->act == ACT_PROVE ? "answer" : "outcome",
		    report_execution_word(x));
	add_copy(json, "result", x->result);
	add_copy(json, "failure", x->failure);
	return json;
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

static cJSON *
resources_json(const struct report *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < r->n_resources; i++) {
		const struct resource *resource = &r->resources[i];
		cJSON *json = cJSON_CreateObject();

		json_add_str(json, "id", resource->id);
		json_add_str(json, "state", resource_state_name(resource->state));
		json_add_int(json, "attempt", resource->attempt);
		json_add_int(json, "step", resource->step);
		json_add_str(json, "execution", resource->execution_id);
		report_add_time(json, "made", resource->made_ms);
		report_add_time(json, "gone", resource->gone_ms);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

cJSON *
report_to_json(const struct report *r)
{
	cJSON *json = report_objective_json(&r->objective), *list;

	cJSON_AddItemToObject(json, "holds", holds_json(r));
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
