/*
 * A stored objective is ruled upon by the store, as its claim would be. For new
 * ones the standings are kept here and grow with each that would be admitted, so
 * that a batch is judged as a whole.
 */
#include "config.h"

#include "cli/prospect.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/ledger.h"

void
prospects_init(struct prospects *v, struct cli *cli)
{
	*v = (struct prospects){ .cli = cli, .now_ms = clock_now_ms() };
	cli_open_any_store(cli, &v->e);
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

/* DIGEST: of the plan that approvals are bound to. All borrowed. */
static struct demand
demand_of(const struct estimate *estimate, const char *digest)
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
	for (size_t i = 0; i < scopes->len; i++) {
		struct standing *st = standing_of(v, scopes->v[i], e);

		if (st == NULL || standing_reserve(st, amount, v->now_ms, e) < 0)
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
	struct demand d = demand_of(estimate, "");

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
	struct demand d = demand_of(estimate, len > 0 ? approvals[0].digest : "");
	rc = store_budget_try(v->cli->store, &v->cli->config.budget, o, &d, v->now_ms, ruling, e);
	store_approvals_free(approvals, len);
	return rc;
}

/* As the store writes it when the budget denies a claim. */
bool
prospect_was_denied(const struct objective *o)
{
	const char *code = json_str(o->failure, "code");

	return o->state == STATE_FAILED && code != NULL &&
	    (strcmp(code, CODE_OVER_BUDGET) == 0 || strcmp(code, CODE_UNPRICED) == 0);
}

bool
prospect_is_due(const struct objective *o)
{
	bool waits = o->state == STATE_QUEUED || o->state == STATE_HELD;

	return (waits || prospect_was_denied(o)) && !o->destroying && !o->cancel_wanted;
}

bool
prospect_is_to_begin(struct store *s, const struct objective *o)
{
	CLEANUP(attempt_clear) struct attempt a;
	struct err e = { 0 };

	attempt_init(&a);
	if (!prospect_is_due(o))
		return false;
	if (store_attempt(s, o->id, &a, NULL, &e) < 0)
		return e.kind == ERR_NOT_FOUND;
	return a.ended_ms != 0;
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

/* "NAME would be held: TEXT", or of several a line for each below that. */
static void
tell_refusal(const struct ruling *r, const char *name, struct strv *lines)
{
	const char *fate = r->verdict == VERDICT_DENY ? "denied" : "held";
	size_t n = 0;

	for (size_t i = 0; i < r->len; i++)
		n += r->v[i].verdict != VERDICT_ADMIT;
	if (n > 1)
		strv_addf(lines, "%s would be %s:", name, fate);
	for (size_t i = 0; i < r->len; i++) {
		AUTO_FREE char *text = prospect_objection_text(&r->v[i]);

		if (r->v[i].verdict == VERDICT_ADMIT)
			continue;
		if (n > 1)
			strv_addf(lines, "- %s", text);
		else
			strv_addf(lines, "%s would be %s: %s", name, fate, text);
	}
}

static void
tell_warnings(const struct ruling *r, const char *name, struct strv *lines)
{
	for (size_t i = 0; i < r->len; i++) {
		AUTO_FREE char *text = prospect_objection_text(&r->v[i]);

		if (r->v[i].verdict == VERDICT_ADMIT)
			strv_addf(lines, "%s would be admitted%s with a warning: %s", name,
			    r->verdict == VERDICT_ADMIT ? "" : ", but for that,", text);
	}
}

void
prospect_tell(const struct prospect *p, const struct objective *o, struct strv *refusals,
    struct strv *warnings)
{
	AUTO_FREE char *name = xasprintf(
	    "%s%s%s", o->batch != NULL ? o->batch : "", o->batch != NULL ? "/" : "", o->name);

	if (p->e.kind != ERR_NONE) {
		if (!p->told)
			strv_addf(
			    refusals, "%s: what the budget says is not known: %s", name, p->e.msg);
		return;
	}
	tell_refusal(&p->ruling, name, refusals);
	tell_warnings(&p->ruling, name, warnings);
}

cJSON *
prospect_to_json(const struct prospect *v)
{
	cJSON *json = cJSON_CreateObject();

	if (v->e.kind != ERR_NONE) {
		json_add_str(json, "verdict", "unknown");
		json_add_str(json, "why", v->e.msg);
		return json;
	}
	json_add_str(json, "verdict", verdict_name(v->ruling.verdict));
	cJSON_AddItemToObject(
	    json, "objections", objections_to_json(&v->ruling, OBJECTION_REASONS));
	return json;
}
