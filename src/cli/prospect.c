#include "config.h"

#include "cli/prospect.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/ledger.h"

static const char *const verdict_names[] = {
	[VERDICT_ADMIT] = "admit",
	[VERDICT_HOLD] = "hold",
	[VERDICT_DENY] = "deny",
};

void
prospects_init(struct prospects *v, struct cli *cli)
{
	*v = (struct prospects){ .cli = cli, .now_ms = clock_now_ms() };
	if (cli->store == NULL &&
	    store_open(cli->paths.state, STORE_READ, &cli->store, &v->e) < 0 &&
	    v->e.kind == ERR_NOT_FOUND)
		v->e = (struct err){ 0 };
}

void
prospects_clear(struct prospects *v)
{
	for (size_t i = 0; i < v->len; i++)
		standing_clear(&v->v[i]);
	free(v->v);
	names_clear(&v->names);
	*v = (struct prospects){ 0 };
}

void
prospect_clear(struct prospect *v)
{
	ruling_clear(&v->ruling);
	*v = (struct prospect){ 0 };
}

struct demand
prospect_demand(const struct estimate *estimate, const char *digest)
{
	return (struct demand){
		.amount = estimate->monthly.high,
		.unpriced = estimate->unpriced,
		.why_unpriced = estimate->why,
		.digest = digest,
	};
}

/* ---- new ones ---- */

static struct standing *
standing_of(struct prospects *v, const char *scope, struct err *e)
{
	size_t at = names_find(&v->names, scope);
	struct standing one = { 0 };

	if (at != NAMES_NONE)
		return &v->v[at];
	if (v->cli->store == NULL)
		one.scope = xstrdup(scope);
	else if (store_standing(v->cli->store, scope, v->now_ms, &one, e) < 0)
		return NULL;
	standing_roll(&one, month_of(v->now_ms));
	v->v = xgrow(v->v, v->len, &v->cap, sizeof(*v->v));
	v->v[v->len] = one;
	names_put(&v->names, v->v[v->len].scope, v->len);
	return &v->v[v->len++];
}

/* Those that come after it find its money reserved. */
static int
count(struct prospects *v, const struct strv *scopes, money_t amount, struct err *e)
{
	int64_t second = month_second(month_of(v->now_ms), v->now_ms);

	for (size_t i = 0; i < scopes->len; i++) {
		struct standing *st = standing_of(v, scopes->v[i], e);

		if (st == NULL || accrual_change(&st->reserved, amount, second, e) < 0)
			return -1;
	}
	return 0;
}

static int
rule_new(struct prospects *v, const struct objective *o, const struct estimate *estimate,
    struct ruling *ruling, struct err *e)
{
	CLEANUP(strv_clear) struct strv scopes = { 0 };
	AUTO_FREE struct standing *standings = NULL;
	struct demand d = prospect_demand(estimate, "");

	scopes_of(o, &scopes);
	standings = xcalloc(scopes.len, sizeof(*standings));
	for (size_t i = 0; i < scopes.len; i++) {
		const struct standing *st = standing_of(v, scopes.v[i], e);

		if (st == NULL)
			return -1;
		standings[i] = *st;
	}
	if (budget_rule(&v->cli->config.budget, &d, standings, scopes.len, v->now_ms, ruling, e) <
	    0)
		return -1;
	return ruling->verdict == VERDICT_ADMIT ? count(v, &scopes, ruling->reserves, e) : 0;
}

/* ---- stored ones ---- */

/*
 * A plan that was approved is taken for the one that will be made: which that is
 * shows only at the claim.
 */
static int
rule_stored(struct prospects *v, const struct objective *o, const struct estimate *estimate,
    struct ruling *ruling, struct err *e)
{
	struct approval *approvals;
	size_t len;
	int rc;

	if (store_approvals(v->cli->store, o->id, &approvals, &len, e) < 0)
		return -1;
	struct demand d = prospect_demand(estimate, len > 0 ? approvals[0].digest : "");
	rc = store_budget_try(v->cli->store, &v->cli->config.budget, o, &d, v->now_ms, ruling, e);
	store_approvals_free(approvals, len);
	return rc;
}

/* As the store writes it when the budget denies a claim. */
static bool
was_denied(const struct objective *o)
{
	const char *code = json_str(o->failure, "code");

	return o->state == STATE_FAILED && code != NULL &&
	    (strcmp(code, CODE_OVER_BUDGET) == 0 || strcmp(code, CODE_UNPRICED) == 0);
}

bool
prospect_is_due(const struct objective *o)
{
	bool waits = o->state == STATE_QUEUED || o->state == STATE_HELD;

	return (waits || was_denied(o)) && !o->destroying && !o->cancel_wanted;
}

bool
prospect_of(struct prospects *v, const struct objective *o, const struct estimate *estimate,
    struct prospect *out)
{
	bool is_new = *o->id == '\0';

	*out = (struct prospect){ 0 };
	if (!is_new && !prospect_is_due(o))
		return false;
	if (v->e.kind != ERR_NONE) {
		*out = (struct prospect){ .e = v->e, .told = v->told };
		v->told = true;
		return true;
	}
	if (is_new)
		rule_new(v, o, estimate, &out->ruling, &out->e);
	else
		rule_stored(v, o, estimate, &out->ruling, &out->e);
	return true;
}

/* ---- for people and programs ---- */

char *
prospect_objection_text(const struct objection *o)
{
	return xasprintf("%s (%s)", o->message, o->where != NULL ? o->where : o->rule);
}

void
prospect_tell(const struct prospect *p, const struct objective *o, struct strv *lines)
{
	const struct ruling *r = &p->ruling;
	AUTO_FREE char *name = xasprintf(
	    "%s%s%s", o->batch != NULL ? o->batch : "", o->batch != NULL ? "/" : "", o->name);
	const char *fate = r->verdict == VERDICT_DENY ? "denied" : "held";

	if (p->e.kind != ERR_NONE) {
		if (!p->told)
			strv_addf(
			    lines, "%s: what the budget says is not known: %s", name, p->e.msg);
		return;
	}
	if (r->verdict == VERDICT_ADMIT)
		return;
	if (r->len > 1)
		strv_addf(lines, "%s would be %s:", name, fate);
	for (size_t i = 0; i < r->len; i++) {
		AUTO_FREE char *text = prospect_objection_text(&r->v[i]);

		if (r->len > 1)
			strv_addf(lines, "- %s", text);
		else
			strv_addf(lines, "%s would be %s: %s", name, fate, text);
	}
}

cJSON *
prospect_to_json(const struct prospect *v)
{
	cJSON *json = cJSON_CreateObject(), *list;

	if (v->e.kind != ERR_NONE) {
		json_add_str(json, "verdict", "unknown");
		json_add_str(json, "why", v->e.msg);
		return json;
	}
	json_add_str(json, "verdict", verdict_names[v->ruling.verdict]);
	list = cJSON_AddArrayToObject(json, "objections");
	for (size_t i = 0; i < v->ruling.len; i++)
		cJSON_AddItemToArray(list, objection_to_json(&v->ruling.v[i]));
	return json;
}
