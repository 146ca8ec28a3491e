/*
 * Planning is pure but for what it is handed: the same objective, capability,
 * outputs and settings give the same plan. Their digest is kept with the plan,
 * so that it can be told whether a plan is still the one that would be made.
 */
#include "config.h"

#include "engine/planner.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/planned.h"
#include "driver/process.h"

void
planner_look_for_tools(struct planner *p)
{
	for (const struct strategy *const *s = p->strategies; *s != NULL; s++) {
		AUTO_FREE char *path = (*s)->tool != NULL ? process_which((*s)->tool) : NULL;

		if ((*s)->tool != NULL && path == NULL)
			strv_add(&p->missing, (*s)->tool);
	}
}

void
planner_forget_tools(struct planner *p)
{
	strv_clear(&p->missing);
}

static struct mcp_offer
mcp_offer(const struct planner *p)
{
	return (struct mcp_offer){
		.servers = &p->config->mcp_servers,
		.match = p->config->mcp_match,
		.contracts = p->contracts,
	};
}

/* TRIED, and what this run knows of the tools. */
static struct hindrance
hindrance(const struct planner *p, const struct strv *tried)
{
	return (struct hindrance){
		.tried = tried,
		.missing = &p->missing,
		.silent = p->unusable,
		.mcp = mcp_offer(p),
	};
}

const char *
planner_subscription(const struct planner *p)
{
	return p->config->subscription != NULL ? p->config->subscription : p->account;
}

/* What is pinned tells whether a tool fits, and whether it may be called twice. */
static void
add_contracts(cJSON *inputs, const struct contracts *contracts)
{
	cJSON *list = cJSON_AddObjectToObject(inputs, "contracts");

	for (size_t i = 0; contracts != NULL && i < contracts->len; i++) {
		const struct contract *c = &contracts->v[i];
		AUTO_FREE char *name = xasprintf("%s %s", c->server, c->tool);

		json_add_str(list, name, c->digest);
	}
}

static void
digest_inputs(const struct planner *p, const struct objective *o, const struct capability *c,
    const struct known_outputs *known, size_t n_known, char out[static DIGEST_SIZE])
{
	AUTO_JSON cJSON *inputs = cJSON_CreateObject();
	cJSON *outputs = cJSON_AddObjectToObject(inputs, "outputs");

	cJSON_AddItemToObject(inputs, "objective", objective_to_json(o));
	json_add_int(inputs, "generation", o->generation);
	json_add_str(inputs, "capability", c->digest);
	json_add_str(inputs, "subscription", planner_subscription(p));
	json_add_int(inputs, "step_timeout_ms", p->config->step_timeout_ms);
	json_add_str(inputs, "terraform_plugin_cache", p->config->terraform_plugin_cache);
	add_contracts(inputs, p->contracts);
	if (p->config->terraform_backend != NULL)
		cJSON_AddItemToObject(inputs, "terraform_backend",
		    cJSON_Duplicate(p->config->terraform_backend, true));
	for (size_t i = 0; i < n_known; i++)
		cJSON_AddItemToObject(outputs, known[i].name,
		    known[i].outputs != NULL ? cJSON_Duplicate(known[i].outputs, true)
					     : cJSON_CreateNull());
	AUTO_FREE char *text = json_canonical(inputs);
	digest_text(text, out);
}

static int
make(const struct planner *p, const struct objective *o, const struct known_outputs *known,
    size_t n_known, const struct strv *tried, bool preview, struct plan *plan,
    struct faults *faults)
{
	AUTO_FREE char *label = objective_label(o);
	const struct capability *c = library_find(p->library, o->capability);

	if (c == NULL)
		return faults_add(
		    faults, label, "there is no capability \"%s\" any more", o->capability);

	CLEANUP(choice_clear) struct choice choice;
	const struct hindrance h = hindrance(p, tried);
	if (strategy_choose(p->strategies, o, c, &h, &choice, faults) == -1)
		return -1;

	struct plan_request request = {
		.objective = o,
		.capability = c,
		.known = known,
		.n_known = n_known,
		.preview = preview,
		.subscription = planner_subscription(p),
		.step_timeout_ms = p->config->step_timeout_ms,
		.terraform_backend = p->config->terraform_backend,
		.terraform_plugin_cache = p->config->terraform_plugin_cache,
		.mcp = mcp_offer(p),
	};
	if (choice.strategy->compile(&request, plan, faults) == -1)
		return -1;
	strv_copy(&plan->reasons, &choice.reasons);
	digest_inputs(p, o, c, known, n_known, plan->inputs);
	return 0;
}

int
planner_plan(const struct planner *p, const struct objective *o, const struct dependency *needs,
    size_t n_needs, const struct strv *tried, struct plan *plan, struct faults *faults)
{
	AUTO_FREE struct known_outputs *known = xcalloc(n_needs + 1, sizeof *known);

	for (size_t i = 0; i < n_needs; i++) {
		known[i].name = needs[i].name;
		known[i].outputs = needs[i].outputs;
	}
	return make(p, o, known, n_needs, tried, false, plan, faults);
}

/* ---- prices ---- */

void
price_init(struct price *price)
{
	memset(price, 0, sizeof *price);
}

void
price_clear(struct price *price)
{
	free(price->why_unpriced);
	free(price->estimate);
	price_init(price);
}

/*
 * Each undo makes another generation of deployment names. To whoever approved
 * what a plan builds and costs it is the same plan, so they are left out.
 */
static int
digest_normalised(const struct planner *p, const struct objective *o,
    const struct dependency *needs, size_t n_needs, const struct strv *tried,
    char out[static DIGEST_SIZE], struct err *e)
{
	CLEANUP(plan_clear) struct plan plan;
	CLEANUP(faults_clear) struct faults faults = { 0 };
	struct objective first = *o; /* a look: what it points to stays */

	first.generation = 0;
	plan_init(&plan);
	if (planner_plan(p, &first, needs, n_needs, tried, &plan, &faults) == -1)
		return err_set(e, ERR_INPUT, "%s", faults.list.v[0]);
	plan_digest(&plan, out);
	return 0;
}

/* Only what a person may have to approve needs a digest. */
static bool
may_need_approval(const struct budget *b, const struct price *price)
{
	return price->unpriced || (b->approves && price->monthly.high > b->approval_above);
}

static void
set_unpriced(struct price *price, const char *why)
{
	free(price->why_unpriced);
	price->unpriced = true;
	price->why_unpriced = xstrdup(why);
}

/* All of PRICE but the digest. C NULL: it is there no more. */
static int
estimate_price(const struct planner *p, const struct capability *c, const struct objective *o,
    struct price *price, struct err *e)
{
	CLEANUP(estimate_clear) struct estimate estimate = { 0 };

	if (c != NULL && c->cost.none)
		return 0;
	if (c == NULL || p->estimator == NULL) {
		set_unpriced(
		    price, c == NULL ? "its capability is gone" : "there is no price book");
		return 0;
	}
	if (estimate_make(p->estimator, c, o, &estimate, e) == -1)
		return -1;
	AUTO_JSON cJSON *json = estimate_to_json(&estimate);

	price->monthly = estimate.monthly;
	price->unpriced = estimate.unpriced;
	price->why_unpriced = xstrdup(estimate.why);
	price->estimate = json_text(json);
	return 0;
}

int
planner_estimate(
    const struct planner *p, const struct objective *o, struct price *price, struct err *e)
{
	return estimate_price(p, library_find(p->library, o->capability), o, price, e);
}

int
planner_price(const struct planner *p, const struct objective *o, const struct dependency *needs,
    size_t n_needs, const struct strv *tried, struct price *price, struct err *e)
{
	if (planner_estimate(p, o, price, e) == -1)
		return -1;
	return may_need_approval(&p->config->budget, price)
	    ? digest_normalised(p, o, needs, n_needs, tried, price->digest, e)
	    : 0;
}

int
planner_price_planned(const struct planner *p, const struct objective *o, const struct plan *plan,
    const cJSON *planned, struct price *price, struct err *e)
{
	CLEANUP(planned_clear) struct objective as;
	const char *unpriced = planned_unpriced(planned);

	planned_apply(planned, o, &as);
	if (planner_estimate(p, &as, price, e) == -1) {
		if (e->kind != ERR_INPUT)
			return -1;
		set_unpriced(price, e->msg);
	}
	if (unpriced != NULL)
		set_unpriced(price, unpriced);
	if (may_need_approval(&p->config->budget, price))
		plan_digest(plan, price->digest);
	return 0;
}

bool
planner_has_another(const struct planner *p, const struct objective *o, const struct strv *tried,
    const char *strategy)
{
	const struct capability *c = library_find(p->library, o->capability);

	const struct hindrance h = hindrance(p, tried);

	return c != NULL && strategy_is_left(p->strategies, o, c, &h, strategy);
}

int
planner_preview(
    const struct planner *p, const struct objective *o, struct plan *plan, struct faults *faults)
{
	static const struct strv none = { 0 };

	return make(p, o, NULL, 0, &none, true, plan, faults);
}

const struct strategy *
planner_lacks_account(const struct planner *p, const struct objective *o, const struct strv *tried)
{
	const struct capability *c = library_find(p->library, o->capability);
	CLEANUP(choice_clear) struct choice choice = { 0 };
	CLEANUP(faults_clear) struct faults ignored = { 0 };
	struct hindrance h = hindrance(p, tried);

	if (planner_subscription(p) != NULL || c == NULL)
		return NULL;
	if (strategy_choose(p->strategies, o, c, &h, &choice, &ignored) == -1) {
		/* Asked all the same: a tool without which nothing can be planned is to stop the run. */
		h.missing = NULL;
		if (strategy_choose(p->strategies, o, c, &h, &choice, &ignored) == -1)
			return NULL;
	}
	return choice.strategy->probe != NULL ? choice.strategy : NULL;
}

const struct strategy *
planner_strategy(const struct planner *p, const char *name)
{
	return strategy_find(p->strategies, name);
}
