/*
 * The budget: the limits that finance has set, and whether one more objective
 * keeps them. Pure: the store hands in how the scopes stand, inside the claim's
 * transaction, and writes down what was ruled.
 *
 * Scopes. Each objective counts in "global", in "group:NAME" if it has a resource
 * group, and in "label:KEY=VALUE" for each of its labels; NAME and KEY are in lower
 * case, as Azure compares. All limits of all its scopes must hold, on its high estimate:
 *
 *	run-rate	what is reserved and committed a month, plus this, <= monthly limit
 *	daily		24/730 of that, <= daily limit
 *	forecast	spent this month so far, plus the rest of the month at the new
 *			run-rate, <= monthly limit
 *
 * A grant raises the limit of its scope for a time. What an objective holds
 * already is not counted twice, and one that asks for no more than it holds keeps
 * it, whatever the limits say now.
 */
#ifndef CORE_BUDGET_H
#define CORE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/doc.h"
#include "base/faults.h"
#include "base/strv.h"
#include "core/accrual.h"
#include "core/amounts.h"
#include "core/objective.h"

/* ---- scopes ---- */

#define SCOPE_GLOBAL "global"
#define SCOPE_GROUP "group:"
#define SCOPE_LABEL "label:"

/* The scopes that an objective counts in, "global" first, each once. */
void scopes_of(const struct objective *o, struct strv *scopes);
/* "global", "group:NAME" or "label:KEY=VALUE" as a person wrote it, as scopes_of() has it; the caller's own. */
int scope_parse(const char *text, char **scope, struct err *e);

/* ---- rules ---- */

struct standing;

enum budget_period { BUDGET_MONTHLY, BUDGET_DAILY, BUDGET_PERIODS };
const char *budget_period_name(enum budget_period period); /* "monthly", "daily" */
enum budget_period budget_period_from_name(const char *name); /* BUDGET_PERIODS for none */

/* No single amount that a person names is higher: the sums of some must be calculable. */
#define BUDGET_AMOUNT_MAX (INT64_C(1000000000) * MONEY_ONE)

struct budget_limit {
	char *scope;
	enum budget_period period; /* daily: of "global" only */
	money_t amount;
	char *key;   /* "budget.monthly_limit", "budget.resource_groups.test-rg" */
	char *where; /* "/etc/purser/config.toml:3:17" */
};

enum budget_reaction { REACTION_HOLD, REACTION_DENY, REACTION_ADMIT, REACTIONS }; /* admit: "warn", "allow" */

#define BUDGET_THRESHOLDS_MAX 20
#define CURRENCY_SIZE 4

struct budget {
	bool stated; /* there is a [budget], if only an empty one: it is not just missing */
	char currency[CURRENCY_SIZE]; /* "USD": that of the price book; another one is a fault */
	struct budget_limit *limits;
	size_t n_limits;
	decimal_t thresholds[BUDGET_THRESHOLDS_MAX]; /* percent, ascending */
	size_t n_thresholds;
	enum budget_reaction on_exceed, unpriced;
	char *on_exceed_where, *unpriced_where; /* NULL: the default */
	bool approves;                          /* approval_above is set */
	money_t approval_above;
	char *approval_where;
};

/* The defaults: no limits, hold and hold, thresholds 50, 80 and 100. */
void budget_init(struct budget *b);
void budget_clear(struct budget *b);
/*
 * Takes over [budget], a part of DOC. A limit is a number or a decimal text, zero
 * or more, finite, of at most nine decimals. All faults at once, with their
 * places. 0 or -1.
 */
int budget_apply(struct budget *b, const cJSON *section, const struct doc *doc, struct faults *faults);
/* The limit of a scope; NULL: none. */
const struct budget_limit *budget_limit(const struct budget *b, const char *scope, enum budget_period period);
/* The limit with what is granted in its scope; where that does not fit, the highest amount there is. */
money_t budget_limit_in_force(const struct budget_limit *limit, const struct standing *standing);
/* Of all that a ruling depends on, and of the thresholds; places are left out. */
void budget_digest(const struct budget *b, char out[static DIGEST_SIZE]);
/* Whether it sets any limit, or asks for approval. */
bool budget_binds(const struct budget *b);
/* The rule that asks for approval, as its objections and approvals have it; the caller's own, NULL if there is none. */
char *budget_approval_rule(const struct budget *b);
/* {"currency", "limits": [{"scope","period","amount","where"}], "on_exceed", ...}; the caller's own. */
cJSON *budget_to_json(const struct budget *b);

/* ---- how a scope stands ---- */

struct standing {
	char *scope;
	month_t month;                      /* that the accruals are of */
	struct accrual reserved, committed; /* of all objectives that count in it */
	/* Actual cost as imported, up to some day, and what had been accrued by then in its place; both 0 if none. */
	money_t actual, actual_replaces;
	money_t granted[BUDGET_PERIODS]; /* by grants that are in force */
};

void standing_clear(struct standing *s);
/* The accruals are of MONTH from now on: what was spent in an earlier one is left behind. Nothing if they are of it or a later one. */
void standing_roll(struct standing *s, month_t month);
/* AMOUNT a month more is reserved from now on. */
int standing_reserve(struct standing *s, money_t amount, int64_t now_ms, struct err *e);

/* A scope in amounts, at a time of its month. */
struct outlook {
	money_t reserved, committed; /* a month */
	money_t run_rate;            /* their sum */
	money_t daily;               /* run_rate * 24 / 730, rounded */
	money_t spent;               /* this month so far: actual where it is known */
	money_t forecast;            /* for the whole month at the present run-rate */
};
int standing_outlook(const struct standing *s, int64_t now_ms, struct outlook *out, struct err *e);
/*
 * How many percent of its limits a scope uses, the largest of run-rate, daily and
 * forecast; it is at most PERCENT_MAX, which is also that of a
 * limit of 0 of which anything is used.
 * 0 if no limit is set.
 */
#define PERCENT_MAX (INT64_C(1000000) * DECIMAL_ONE)
int budget_used(const struct budget *b, const struct standing *s, int64_t now_ms, decimal_t *percent, struct err *e);

/* ---- rulings ---- */

/* What a person allowed. Bound to plan, rule, amount and time. */
struct approval {
	char digest[DIGEST_SIZE]; /* of the normalised plan */
	char *rule;               /* as the objection says */
	money_t amount;           /* a month, at most */
	bool names_amount;        /* the person named it: it also stands for an unknown price */
	int64_t until_ms;         /* 0: without end */
	char *by, *note;          /* note may be NULL */
	int64_t given_ms;
};
void approval_clear(struct approval *a);

/* What an objective asks for. All borrowed. */
struct demand {
	money_t amount; /* its high estimate a month; of one that is unpriced what is known of it */
	money_t holds;  /* reserved or committed for it already; 0 if nothing */
	bool unpriced;
	const char *why_unpriced;
	const char *digest; /* of the normalised plan */
	const struct approval *approvals;
	size_t n_approvals;
};

enum objection_reason { OBJECTION_APPROVAL, OBJECTION_BUDGET, OBJECTION_UNPRICED, OBJECTION_REASONS };
/* Those of the holds: "approval", "budget", "unpriced". */
const char *objection_reason_name(enum objection_reason reason);
/* OBJECTION_REASONS for a name that is none. */
enum objection_reason objection_reason_from_name(const char *name);
enum measure { MEASURE_RUN_RATE, MEASURE_DAILY, MEASURE_FORECAST, MEASURES };
const char *measure_name(enum measure measure); /* "run-rate", "daily", "forecast" */

enum verdict { VERDICT_ADMIT, VERDICT_HOLD, VERDICT_DENY };
const char *verdict_name(enum verdict verdict); /* "admit", "hold", "deny" */

struct objection {
	enum objection_reason reason;
	enum verdict verdict; /* admit: it only warns */
	char *rule;  /* "budget.monthly_limit = 500.00": what an approval is bound to */
	char *where; /* "config.toml:3:17"; NULL: a default */
	char *message; /* for people, with the figures */
	/* Of a limit only. */
	char *scope;
	enum measure measure;
	money_t limit;  /* grants included */
	money_t before; /* as measured without this objective */
	money_t after;
};

/* Codes of the failures, class policy, of those that were denied, and of one that a person rejected. */
#define CODE_OVER_BUDGET "OverBudget"
#define CODE_UNPRICED "Unpriced"
#define CODE_REJECTED "Rejected"

struct ruling {
	enum verdict verdict; /* the gravest of all */
	money_t reserves;    /* the amount that the objective has to hold if it is admitted */
	struct objection *v; /* why not; of one that is admitted all the same, the warnings */
	size_t len;
};

/*
 * STANDINGS: one for each scope of the objective, rolled to the month of NOW_MS.
 * Where several rules object all are told, so that a person sees them at once.
 * 0; -1 and ERR_INPUT if an amount does not fit.
 */
int budget_rule(const struct budget *b, const struct demand *d, const struct standing *standings,
    size_t n_standings, int64_t now_ms, struct ruling *ruling, struct err *e);
void ruling_clear(struct ruling *r);
/* {"reason","verdict","rule","where","message","scope","measure","limit","before","after"}; the caller's own. */
cJSON *objection_to_json(const struct objection *o);
/* An array of those of REASON; OBJECTION_REASONS: of all. The caller's own. */
cJSON *objections_to_json(const struct ruling *ruling, enum objection_reason reason);

#endif
