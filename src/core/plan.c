/* A plan's record, its JSON form and its digest. */
#include <config.h>

#include "core/plan.h"

#include <string.h>

#include "base/mem.h"

void
plan_init(struct plan *p)
{
	*p = (struct plan){ 0 };
}

static void
step_clear(struct step *s)
{
	free(s->name);
	free(s->summary);
	free(s->server);
	strv_clear(&s->run);
	for (size_t i = 0; i < STEP_CHECKS_MAX; i++)
		strv_clear(&s->checks[i]);
	strv_clear(&s->collect);
	strv_clear(&s->undo);
	strv_clear(&s->guard);
	strv_clear(&s->prove);
	cJSON_Delete(s->files);
	cJSON_Delete(s->secrets);
	cJSON_Delete(s->workspace);
	cJSON_Delete(s->hints);
	free(s->id);
	cJSON_Delete(s->outputs);
	cJSON_Delete(s->planned);
	strv_clear(&s->targets);
	*s = (struct step){ 0 };
}

void
plan_clear(struct plan *p)
{
	for (size_t i = 0; i < p->len; i++)
		step_clear(&p->steps[i]);
	free(p->steps);
	free(p->strategy);
	free(p->objective_id);
	strv_clear(&p->reasons);
	plan_init(p);
}

struct step *
plan_add(struct plan *p)
{
	p->steps = xrealloc(p->steps, p->len + 1, sizeof(*p->steps));
	struct step *s = &p->steps[p->len++];
	*s = (struct step){ 0 };
	return s;
}

void
plan_tool_call(struct strv *call, const char *server, const char *tool, const cJSON *arguments)
{
	const char *const words[] = { "purser", "mcp", "call", server, tool };
	AUTO_FREE char *text = json_canonical(arguments);

	for (size_t i = 0; i < COUNT_OF(words); i++)
		strv_add(call, words[i]);
	strv_add(call, text);
}

/* Empty lists and what is not there are left out: most steps have few of these. */
static void
add_list(cJSON *json, const char *name, const struct strv *list)
{
	if (list->len > 0)
		json_add_strv(json, name, list);
}

static void
add_tree(cJSON *json, const char *name, const cJSON *tree)
{
	if (tree)
		cJSON_AddItemToObject(json, name, cJSON_Duplicate(tree, true));
}

static cJSON *
step_to_json(const struct step *s)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "name", s->name);
	json_add_str(json, "summary", s->summary);
	json_add_str(json, "server", s->server);
	add_list(json, "run", &s->run);
	if (s->n_checks > 0) {
		cJSON *checks = cJSON_AddArrayToObject(json, "checks");
		for (size_t i = 0; i < s->n_checks; i++) {
			cJSON *argv = cJSON_CreateArray();
			for (size_t k = 0; k < s->checks[i].len; k++)
				cJSON_AddItemToArray(argv, cJSON_CreateString(s->checks[i].v[k]));
			cJSON_AddItemToArray(checks, argv);
		}
	}
	add_list(json, "collect", &s->collect);
	add_list(json, "undo", &s->undo);
	add_list(json, "guard", &s->guard);
	add_list(json, "prove", &s->prove);
	add_tree(json, "files", s->files);
	add_tree(json, "secrets", s->secrets);
	add_tree(json, "workspace", s->workspace);
	add_tree(json, "hints", s->hints);
	json_add_str(json, "id", s->id);
	add_tree(json, "outputs", s->outputs);
	add_tree(json, "planned", s->planned);
	add_list(json, "targets", &s->targets);
	json_add_bool(json, "idempotent", s->idempotent);
	json_add_str(json, "existing", existing_name(s->existing));
	json_add_int(json, "timeout_ms", s->timeout_ms);
	json_add_int(json, "settle_ms", s->settle_ms);
	return json;
}

static cJSON *
steps_to_json(const struct plan *p)
{
	cJSON *steps = cJSON_CreateArray();

	for (size_t i = 0; i < p->len; i++)
		cJSON_AddItemToArray(steps, step_to_json(&p->steps[i]));
	return steps;
}

cJSON *
plan_to_json(const struct plan *p)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "strategy", p->strategy);
	json_add_str(json, "objective_id", p->objective_id);
	json_add_str(json, "inputs", p->inputs);
	add_list(json, "reasons", &p->reasons);
	cJSON_AddItemToObject(json, "steps", steps_to_json(p));
	return json;
}

static void
get_list(const cJSON *json, const char *name, struct strv *list)
{
	json_get_strv(cJSON_GetObjectItemCaseSensitive(json, name), list);
}

static cJSON *
get_tree(const cJSON *json, const char *name)
{
	const cJSON *tree = cJSON_GetObjectItemCaseSensitive(json, name);

	return tree ? cJSON_Duplicate(tree, true) : NULL;
}

static int
step_from_json(struct step *s, const cJSON *json, struct err *e)
{
	const cJSON *argv;

	if (!json_str(json, "name"))
		return err_set(e, ERR_CORRUPT, "stored plan: a step without a name");
	s->name = xstrdup(json_str(json, "name"));
	s->summary = xstrdup(json_str(json, "summary"));
	s->server = xstrdup(json_str(json, "server"));
	get_list(json, "run", &s->run);
	cJSON_ArrayForEach (argv, cJSON_GetObjectItemCaseSensitive(json, "checks")) {
		if (s->n_checks == STEP_CHECKS_MAX)
			return err_set(
			    e, ERR_CORRUPT, "stored plan: step %s has too many checks", s->name);
		json_get_strv(argv, &s->checks[s->n_checks++]);
	}
	get_list(json, "collect", &s->collect);
	get_list(json, "undo", &s->undo);
	get_list(json, "guard", &s->guard);
	get_list(json, "prove", &s->prove);
	s->files = get_tree(json, "files");
	s->secrets = get_tree(json, "secrets");
	s->workspace = get_tree(json, "workspace");
	s->hints = get_tree(json, "hints");
	s->id = xstrdup(json_str(json, "id"));
	s->outputs = get_tree(json, "outputs");
	s->planned = get_tree(json, "planned");
	get_list(json, "targets", &s->targets);
	s->idempotent = json_bool(json, "idempotent", false);
	if (!existing_from_name(json_str(json, "existing"), &s->existing))
		return err_set(
		    e, ERR_CORRUPT, "stored plan: step %s: unknown \"existing\"", s->name);
	s->timeout_ms = json_int(json, "timeout_ms", 0);
	s->settle_ms = json_int(json, "settle_ms", 0);
	return 0;
}

int
plan_from_json(struct plan *p, const cJSON *json, struct err *e)
{
	const cJSON *steps = cJSON_GetObjectItemCaseSensitive(json, "steps"), *node;
	const char *inputs = json_str(json, "inputs");

	plan_init(p);
	if (!json_str(json, "strategy") || !cJSON_IsArray(steps) || !inputs ||
	    strlen(inputs) >= DIGEST_SIZE)
		return err_set(e, ERR_CORRUPT, "stored plan: no strategy, steps or digest");
	p->strategy = xstrdup(json_str(json, "strategy"));
	p->objective_id = xstrdup(json_str(json, "objective_id"));
	memcpy(p->inputs, inputs, strlen(inputs) + 1);
	get_list(json, "reasons", &p->reasons);
	cJSON_ArrayForEach (node, steps) {
		if (step_from_json(plan_add(p), node, e) < 0) {
			plan_clear(p);
			return -1;
		}
	}
	return 0;
}

static cJSON *
normalised(const struct plan *p)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "strategy", p->strategy);
	cJSON_AddItemToObject(json, "steps", steps_to_json(p));
	return json;
}

char *
plan_text(const struct plan *p)
{
	AUTO_JSON cJSON *json = normalised(p);

	return json_canonical(json);
}

char *
plan_record(const struct plan *p)
{
	AUTO_JSON cJSON *json = normalised(p);

	add_list(json, "reasons", &p->reasons);
	return json_canonical(json);
}

void
plan_digest(const struct plan *p, char out[static DIGEST_SIZE])
{
	AUTO_FREE char *text = plan_text(p);

	digest_text(text, out);
}
