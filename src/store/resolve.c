/* A person tells whether a run that is in doubt has happened. */
#include "config.h"

#include "store/backend.h"

static const char SQL_LAST_RUN[] =
    "SELECT id FROM executions WHERE objective = ?1 AND attempt = ?2 AND step = ?3 AND act = 'run'"
    " ORDER BY seq DESC LIMIT 1";
static const char SQL_OPEN[] =
    "SELECT count(*) FROM executions WHERE objective = ?1 AND ended_ms = 0";

static int
check_doubt(struct store *s, const struct row *r, struct err *e)
{
	bool in_doubt = false;
	int64_t open;

	if (r->state == STATE_HELD && hold_exists(s, r->seq, "in_doubt", &in_doubt, e) < 0)
		return -1;
	if (!in_doubt)
		return err_set(e, ERR_INPUT, NAMED " is %s, and not held in doubt", NAMES(r),
		    state_name(r->state));
	if (sql_number(s, SQL_OPEN, ARGS(INT(r->seq)), 0, &open, e) < 0)
		return -1;
	if (open > 0)
		return err_set(
		    e, ERR_INPUT, NAMED ": an execution of it may still be going on", NAMES(r));
	return 0;
}

static bool
puts_out(const struct plan *plan, const char *field)
{
	for (size_t i = 0; i < plan->len; i++) {
		if (plan->steps[i].outputs != NULL &&
		    cJSON_GetObjectItemCaseSensitive(plan->steps[i].outputs, field) != NULL)
			return true;
	}
	return false;
}

/* Without them nobody could undo it later, and what needs it could not be planned. */
static int
check_happened(
    const struct row *r, const struct step *step, const struct resolution *what, struct err *e)
{
	const cJSON *output;

	if (step->collect.len > 0)
		return 0; /* its own list tells */
	if (step->undo.len > 0 && what->resources.len == 0)
		return err_set(e, ERR_INPUT,
		    NAMED
		    ": name what the step \"%s\" made by --resource ID, so that it can be undone later",
		    NAMES(r), step->name);
	cJSON_ArrayForEach (output, step->outputs) {
		if (!cJSON_HasObjectItem(what->outputs, output->string))
			return err_set(e, ERR_INPUT,
			    NAMED ": give what the step \"%s\" puts out by --output %s=VALUE",
			    NAMES(r), step->name, output->string);
	}
	return 0;
}

static int
check_resolution(const struct row *r, const struct attempt *a, const struct plan *plan,
    const struct resolution *what, struct err *e)
{
	const cJSON *output;

	if (!what->happened && (what->resources.len > 0 || cJSON_GetArraySize(what->outputs) > 0))
		return err_set(e, ERR_INPUT,
		    NAMED ": what did not happen has made and put out nothing", NAMES(r));
	cJSON_ArrayForEach (output, what->outputs) {
		if (!puts_out(plan, output->string))
			return err_set(e, ERR_INPUT, NAMED ": \"%s\" is no output of its plan",
			    NAMES(r), output->string);
	}
	if (!what->happened || (size_t)a->step >= plan->len)
		return 0;
	return check_happened(r, &plan->steps[a->step], what, e);
}

static int
last_run(struct store *s, const struct row *r, int step, char id[static ID_SIZE], struct err *e)
{
	size_t len;

	id[0] = '\0';
	return sql_ids(s, SQL_LAST_RUN, ARGS(INT(r->seq), INT(r->attempt), INT(step)), 1,
	    (char(*)[ID_SIZE])id, &len, e);
}

static int
take_resources(struct store *s, const struct row *r, int step, const struct strv *ids,
    int64_t now_ms, struct err *e)
{
	struct resource made = { .attempt = r->attempt, .step = step, .made_ms = now_ms };

	if (ids->len > 0 && last_run(s, r, step, made.execution_id, e) < 0)
		return -1;
	for (size_t i = 0; i < ids->len; i++) {
		made.id = ids->v[i];
		if (resource_insert(s, r, &made, e) < 0)
			return -1;
	}
	return 0;
}

static cJSON *
resolution_details(const struct resolution *what, const char *user, int attempt, int step)
{
	cJSON *details = user_details(user);

	json_add_bool(details, "happened", what->happened);
	json_add_int(details, "attempt", attempt);
	json_add_int(details, "step", step);
	if (what->resources.len > 0)
		json_add_strv(details, "resources", &what->resources);
	if (cJSON_GetArraySize(what->outputs) > 0)
		cJSON_AddItemToObject(details, "outputs", cJSON_Duplicate(what->outputs, true));
	return details;
}

/* Held before its run, because looking could not tell: that nothing happened is as much as to look anew. */
static bool
look_again(struct attempt *a, bool happened)
{
	if (happened || a->phase != PHASE_FORWARD || a->stage != STAGE_LOOK)
		return false;
	a->call = a->asks = 0;
	a->wait_until_ms = 0;
	return true;
}

static int
resolve(struct store *s, struct row *r, struct attempt *a, const struct resolution *what,
    const char *user, int64_t now_ms, struct err *e)
{
	int step = a->step;

	if (!r->attempt_open ||
	    (!attempt_resolve(a, what->happened) && !look_again(a, what->happened)))
		return err_set(e, ERR_INPUT,
		    NAMED " is held, but no run of it is in doubt: see \"purser show %s\"",
		    NAMES(r), id_short(r->id));
	if (take_resources(s, r, step, &what->resources, now_ms, e) < 0 ||
	    (cJSON_GetArraySize(what->outputs) > 0 && outputs_add(s, r, what->outputs, e) < 0))
		return -1;
	r->not_before_ms = 0;
	if (row_record(s, r, "objective.resolved", resolution_details(what, user, a->number, step),
		now_ms, e) < 0 ||
	    history_note_person(s, r, user, e) < 0 || attempt_store(s, r, a, now_ms, e) < 0)
		return -1;
	return hold_remove(s, r, "in_doubt", user, now_ms, e);
}

int
store_resolve(struct store *s, const char *id, const struct resolution *what, const char *user,
    int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	struct attempt a;
	struct plan plan;
	int rc;

	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0 || check_doubt(s, &r, e) < 0 ||
	    store_attempt(s, id, &a, &plan, e) < 0)
		return -1;
	rc = check_resolution(&r, &a, &plan, what, e);
	if (rc == 0)
		rc = resolve(s, &r, &a, what, user, now_ms, e);
	attempt_clear(&a);
	plan_clear(&plan);
	return rc;
}
