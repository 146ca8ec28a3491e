#include <config.h>

#include "strategies/step_keys.h"

#include "base/clock.h"
#include "base/mem.h"
#include "core/keys.h"

static int
check_span(struct azure_step_check *c, const char *key)
{
	const cJSON *value = keys_get(c->table, key);
	struct err e = { 0 };
	int64_t ms;

	if (!cJSON_IsString(value) || clock_parse_span(value->valuestring, &ms, &e) == 0)
		return 0;
	return azure_step_fault(
	    c, value, "\"%s\": %s, expected a duration such as \"20m\"", key, e.msg);
}

static int
check_when(struct azure_step_check *c)
{
	const cJSON *when = keys_get(c->table, "when");
	const struct parameter *p;

	if (!cJSON_IsString(when))
		return 0;
	p = capability_parameter(c->capability, when->valuestring);
	if (p != NULL && p->type == VALUE_BOOLEAN)
		return 0;
	return azure_step_fault(
	    c, when, "\"when\" is \"%s\", expected a boolean parameter", when->valuestring);
}

int
step_keys_check(struct azure_step_check *c)
{
	const cJSON *summary = keys_get(c->table, "summary");
	int rc = check_span(c, "timeout");

	rc |= check_span(c, "settle");
	if (cJSON_IsString(summary))
		rc |= azure_step_check_text(c, summary, summary->valuestring, NULL);
	return rc | check_when(c);
}

static int64_t
span_of(const cJSON *table, const char *key, int64_t otherwise)
{
	const char *text = keys_str(table, key);
	int64_t ms;

	return text && clock_parse_span(text, &ms, NULL) == 0 ? ms : otherwise;
}

void
step_keys_compile(const struct filling *f, const cJSON *table, struct step *step)
{
	step->existing = f->request->capability->existing;
	step->timeout_ms = span_of(table, "timeout", f->request->step_timeout_ms);
	step->settle_ms = span_of(table, "settle", SETTLE_MS);
	step->idempotent = cJSON_IsTrue(keys_get(table, "idempotent"));
}

static bool
is_wanted(const struct filling *f, const cJSON *table)
{
	const char *when = keys_str(table, "when");

	return when == NULL || cJSON_IsTrue(filling_value(f, when));
}

int
step_keys_compile_rows(const struct plan_request *request, const char *name,
    int (*compile_row)(
	struct filling *f, const cJSON *table, struct step *step, struct faults *faults),
    struct plan *plan, struct faults *faults)
{
	const cJSON *rows = keys_get(keys_get(request->capability->strategies, name), "step");
	AUTO_FREE char *where = objective_label(request->objective);
	const cJSON *table;
	struct filling f;
	int rc;

	plan_init(plan);
	rc = filling_init(&f, request, faults);
	plan->strategy = xstrdup(name);
	plan->objective_id = xstrdup(f.id);
	cJSON_ArrayForEach (table, rows) {
		struct step *step;

		if (rc < 0 || !is_wanted(&f, table))
			continue;
		step = plan_add(plan);
		step->name = xstrdup(keys_str(table, "name"));
		step->summary = filling_text(&f, keys_str(table, "summary"), where, faults);
		step_keys_compile(&f, table, step);
		rc = step->summary != NULL ? compile_row(&f, table, step, faults) : -1;
	}
	if (rc == 0 && plan->len == 0)
		rc = faults_add(faults, where, "\"%s\" has no step for %s to do here",
		    request->capability->name, name);
	if (rc < 0)
		plan_clear(plan);
	filling_clear(&f);
	return rc;
}
