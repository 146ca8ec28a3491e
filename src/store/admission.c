/*
 * Admission: whether a claim keeps the budget, decided in the claim's own
 * transaction on the totals that it changes. Two runners cannot both take what
 * is only there once.
 */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "store/account.h"

static const char SQL_ASK[] =
    "UPDATE holds SET amount = ?3, asks = ?4, epoch = (SELECT epoch FROM money WHERE one = 1)"
    " WHERE objective = ?1 AND reason = ?2";

/* ---- the ruling ---- */

/* Whether all that would be held in a scope can still be added up. */
static bool
fits(const struct demand *d, const struct standing *st)
{
	__int128 rate = (__int128)st->reserved.rate + st->committed.rate + d->amount - d->holds;

	return d->amount <= BUDGET_AMOUNT_MAX && rate <= MONEY_MAX / 2;
}

/* More than can be calculated is more than anybody may spend; it must not stop the others. */
static void
object_to_size(
    const struct budget *b, const struct demand *d, const char *scope, struct ruling *ruling)
{
	ruling_clear(ruling);
	ruling->reserves = d->amount;
	ruling->verdict = b->on_exceed == REACTION_DENY ? VERDICT_DENY : VERDICT_HOLD;
	ruling->v = xcalloc(1, sizeof(*ruling->v));
	ruling->len = 1;
	ruling->v[0] = (struct objection){
		.reason = OBJECTION_BUDGET,
		.verdict = ruling->verdict,
		.rule = xstrdup("what can be calculated"),
		.message = xasprintf(
		    "%s: it would come to more than can be calculated, whatever the limits", scope),
		.scope = xstrdup(scope),
	};
}

int
admission_rule(const struct budget *b, const struct demand *d, const struct scopes *scopes,
    int64_t now_ms, struct ruling *ruling, struct err *e)
{
	/* A look: the names stay those of SCOPES. */
	AUTO_FREE struct standing *v = xcalloc(scopes->len + 1, sizeof(*v));
	struct err why = { 0 };

	for (size_t i = 0; i < scopes->len; i++) {
		v[i] = scopes->v[i].standing;
		if (fits(d, &v[i]))
			continue;
		object_to_size(b, d, v[i].scope, ruling);
		return 0;
	}
	if (budget_rule(b, d, v, scopes->len, now_ms, ruling, &why) == 0)
		return 0;
	if (why.kind != ERR_INPUT)
		return err_set(e, why.kind, "%s", why.msg);
	object_to_size(b, d, SCOPE_GLOBAL, ruling);
	return 0;
}

/* What D asks for, and what is known of the objective besides. */
static int
rule(struct store *s, const struct budget *b, const struct objective *o, struct demand *d,
    const struct scopes *scopes, int64_t now_ms, struct ruling *ruling, struct err *e)
{
	struct approval *approvals = NULL;
	size_t n = 0;
	int rc;

	/* Nobody was asked about what is free. */
	if ((d->amount > 0 || d->unpriced) && store_approvals(s, o->id, &approvals, &n, e) < 0)
		return -1;
	d->approvals = approvals;
	d->n_approvals = n;
	rc = admission_rule(b, d, scopes, now_ms, ruling, e);
	store_approvals_free(approvals, n);
	d->approvals = NULL;
	d->n_approvals = 0;
	return rc;
}

int
store_budget_try(struct store *s, const struct budget *b, const struct objective *o,
    const struct demand *d, int64_t now_ms, struct ruling *ruling, struct err *e)
{
	CLEANUP(strv_clear) struct strv names = { NULL, 0, 0 };
	CLEANUP(scopes_clear) struct scopes scopes = { NULL, 0 };
	struct holding h = { .seq = 0 };
	struct demand asked = *d;
	int rc;

	memset(ruling, 0, sizeof(*ruling));
	scopes_of(o, &names);
	if (read_begin(s, e) < 0)
		return -1;
	rc = scopes_read(s, &names, now_ms, &scopes, e);
	if (rc == 0 && o->seq != 0)
		rc = holding_open(s, o->seq, &h, e);
	asked.holds = h.amount;
	if (rc == 0)
		rc = rule(s, b, o, &asked, &scopes, now_ms, ruling, e);
	read_end(s);
	return rc;
}

/* ---- what follows from it ---- */

/* Decision, figures and rules, whatever was decided. */
static int
record_ruling(struct store *s, const struct row *r, const char *event, const struct admission *a,
    const struct ruling *ruling, int64_t now_ms, struct err *e)
{
	cJSON *details = cJSON_CreateObject();

	json_add_str(details, "decision", verdict_name(ruling->verdict));
	cJSON_AddItemToObject(details, "monthly", amounts_to_json(&a->monthly));
	json_add_str(details, "currency", a->budget->currency);
	json_add_bool(details, "unpriced", a->unpriced);
	if (*a->digest != '\0')
		json_add_str(details, "plan", a->digest);
	cJSON_AddItemToObject(details, "objections", objections_to_json(ruling, OBJECTION_REASONS));
	return row_record(s, r, event, details, now_ms, e);
}

/* The first that does more than warn. */
static const struct objection *
first_objection(const struct ruling *ruling, enum objection_reason reason)
{
	for (size_t i = 0; i < ruling->len; i++)
		if (ruling->v[i].reason == reason && ruling->v[i].verdict != VERDICT_ADMIT)
			return &ruling->v[i];
	return NULL;
}

static int
hold_for(struct store *s, struct row *r, const struct admission *a, const struct ruling *ruling,
    enum objection_reason reason, int64_t now_ms, struct err *e)
{
	const struct objection *first = first_objection(ruling, reason);
	const char *name = objection_reason_name(reason);
	AUTO_JSON cJSON *asks = NULL;
	AUTO_FREE char *text = NULL;

	if (first == NULL)
		return 0;
	asks = cJSON_CreateObject();
	json_add_str(asks, "digest", a->digest);
	cJSON_AddItemToObject(asks, "objections", objections_to_json(ruling, reason));
	text = json_text(asks);
	if (hold_add(s, r, name, first->message, NULL, now_ms, e) < 0)
		return -1;
	return sql_run(
	    s, SQL_ASK, ARGS(INT(r->seq), TEXT(name), INT(ruling->reserves), TEXT(text)), e);
}

static int
deny(struct store *s, struct row *r, const struct ruling *ruling, int64_t now_ms, struct err *e)
{
	CLEANUP(failure_clear) struct failure why = { 0 };
	const struct objection *o = first_objection(ruling, OBJECTION_BUDGET);
	const char *code = CODE_OVER_BUDGET;

	if (o == NULL) {
		o = first_objection(ruling, OBJECTION_UNPRICED);
		code = CODE_UNPRICED;
	}
	assert(o != NULL);
	failure_set(&why, FAILURE_POLICY, code, NULL, "%s", o->message);
	return row_fail(s, r, &why, now_ms, e);
}

static int
refuse(struct store *s, struct row *r, const struct admission *a, const struct ruling *ruling,
    int64_t now_ms, struct err *e)
{
	if (record_ruling(s, r, "budget.refused", a, ruling, now_ms, e) < 0)
		return -1;
	if (ruling->verdict == VERDICT_DENY)
		return r->state == STATE_RUNNING ? 0 : deny(s, r, ruling, now_ms, e);
	for (enum objection_reason reason = 0; reason < OBJECTION_REASONS; reason++)
		if (hold_for(s, r, a, ruling, reason, now_ms, e) < 0)
			return -1;
	return 0;
}

static int
look_at_thresholds(struct store *s, const struct budget *b, const struct scopes *scopes,
    int64_t now_ms, struct err *e)
{
	for (size_t i = 0; i < scopes->len; i++)
		if (threshold_look(s, b, &scopes->v[i].standing, now_ms, e) < 0)
			return -1;
	return 0;
}

/* Whoever set other limits since was told that they hold. */
static int
check_rules(struct store *s, const struct admission *a, struct err *e)
{
	bool in_force;

	if (a->rules == NULL)
		return 0;
	if (store_budget_in_force(s, a->rules, a->prices, &in_force, e) < 0)
		return -1;
	return in_force ? 0 : err_set(e, ERR_OUTDATED, "other limits or prices are in force");
}

int
admission_decide(struct store *s, struct row *r, int attempt, const struct objective *o,
    const struct admission *a, int64_t now_ms, struct ruling *ruling, struct err *e)
{
	CLEANUP(strv_clear) struct strv names = { NULL, 0, 0 };
	CLEANUP(scopes_clear) struct scopes scopes = { NULL, 0 };
	struct demand d = {
		.amount = a->monthly.high,
		.unpriced = a->unpriced,
		.why_unpriced = a->why_unpriced,
		.digest = a->digest,
	};
	struct holding h;

	scopes_of(o, &names);
	if (check_rules(s, a, e) < 0 || holding_open(s, r->seq, &h, e) < 0 ||
	    scopes_read(s, &names, now_ms, &scopes, e) < 0)
		return -1;
	d.holds = h.amount;
	h.attempt = attempt;
	if (rule(s, a->budget, o, &d, &scopes, now_ms, ruling, e) < 0)
		return -1;
	if (ruling->verdict != VERDICT_ADMIT)
		return refuse(s, r, a, ruling, now_ms, e);
	if (ruling->len > 0 && record_ruling(s, r, "budget.warned", a, ruling, now_ms, e) < 0)
		return -1;
	if (reservation_hold(s, r, &h, a, ruling->reserves, &scopes, now_ms, e) < 0)
		return -1;
	return ruling->reserves > d.holds ? look_at_thresholds(s, a->budget, &scopes, now_ms, e)
					  : 0;
}

/* ---- what its tool has planned ---- */

static int
record_planned(struct store *s, const struct row *r, const cJSON *planned,
    const struct admission *a, int64_t now_ms, struct err *e)
{
	cJSON *details = cJSON_CreateObject();

	json_add_int(details, "attempt", r->attempt);
	json_add_str(details, "digest", json_str(planned, "digest"));
	json_add_int(details, "resources", json_int(planned, "resources", 0));
	cJSON_AddItemToObject(details, "monthly", amounts_to_json(&a->monthly));
	json_add_str(details, "currency", a->budget->currency);
	json_add_str(details, "unpriced", a->why_unpriced);
	return row_record(s, r, "attempt.planned", details, now_ms, e);
}

int
store_refine(struct store *s, const struct claim *c, const struct objective *o,
    const cJSON *planned, const struct admission *a, int64_t now_ms, struct ruling *ruling,
    struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	memset(ruling, 0, sizeof(*ruling));
	if (row_claimed(s, c, &r, e) < 0 || record_planned(s, &r, planned, a, now_ms, e) < 0)
		return -1;
	return admission_decide(s, &r, r.attempt, o, a, now_ms, ruling, e);
}
