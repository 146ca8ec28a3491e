/*
 * The money in the store: what objectives hold and stand for, by scope, and what
 * people decided about it. Continues store.h and follows its rules; amounts are
 * nano-units a month (core/money.h).
 *
 * A reservation is what one objective may cost. It is made by the claim of a new
 * attempt, in the same transaction, at the high estimate, and follows the
 * objective from there: store_claim() is all that it needs, and store_refine()
 * where more becomes known before anything is built.
 *
 *	held		from the claim on; through backoff, hold, doubt and fallback
 *	committed	it stands and costs: the objective succeeded, or it ended and
 *			something of it stands, or may (orphans keep their money)
 *	released	it was proven that nothing was ever built
 *	settled		what was built is gone, and it is known from when to when it stood
 *
 * An objective has at most one that is held or committed ("open"). One that asks
 * anew adjusts it; down only if nothing stands. Each change is a row of the
 * ledger, which is never changed: the sums of the open reservations, the ledger
 * up to any of its rows, and the totals of the scopes all tell the same amounts.
 */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "core/budget.h"
#include "store/store.h"

/* ---- the claim ---- */

/* What a new attempt asks for. All borrowed. */
struct admission {
	const struct budget *budget;
	const char *rules; /* its digest; ERR_OUTDATED if others are in force. NULL: whatever are */
	const char *prices;     /* and of what state of the price book; the same */
	struct amounts monthly; /* of what is known */
	bool unpriced;
	const char *why_unpriced; /* NULL unless unpriced */
	const char *digest; /* of the normalised plan, for approvals; "" where none may be needed */
	const char
	    *estimate; /* JSON text, kept with the reservation; NULL: costs nothing by itself */
};

/*
 * [W] What the open attempt of O, claimed by C, is going to cost is known better:
 * its tool PLANNED it (core/planned.h). An audit record (attempt.planned), and the
 * reservation becomes what A asks for. If RULING says that it is not admitted the
 * reservation stays, and either the objective was held (the claim has ended, the
 * attempt is open), or it is denied, and nothing but the records was written.
 * ERR_OUTDATED as of store_claim(). RULING is written in any case, and to be cleared.
 */
int store_refine(struct store *s, const struct claim *c, const struct objective *o,
    const cJSON *planned, const struct admission *a, int64_t now_ms, struct ruling *ruling,
    struct err *e);

/* ---- rules and waiting ---- */

/*
 * [W] These rules and prices are in force from now on (PRICES names the book's
 * state). Where either differs from before: an audit record (budget.rules), all
 * that is held for approval, budget or unpriced will be decided anew, and
 * thresholds that are crossed now are announced. A new month counts too.
 */
int store_budget_set(
    struct store *s, const struct budget *b, const char *prices, int64_t now_ms, struct err *e);
/* [R] Whether the rules of this digest and these prices are those that were set last. */
int store_budget_in_force(
    struct store *s, const char *rules, const char *prices, bool *in_force, struct err *e);
/*
 * [W] Looks again at those held for money, where money became free since each
 * was looked at last, a grant was made, or a month began: holds for which there
 * is money now are lifted, oldest first and only as many as it suffices for. Up
 * to WAKE_MAX at a time; store_next_wake() tells of the rest. *lifted may be NULL.
 */
int store_budget_wake(
    struct store *s, const struct budget *b, int64_t now_ms, size_t *lifted, struct err *e);

/* ---- what people decide ---- */

/*
 * [W] Lifts the hold for approval, and with an amount (0: none was named) that
 * for unpriced; binds them to the plan and the rules that asked. Without an
 * amount the one that was asked for is approved. UNTIL_MS 0: without end. BY is
 * needed; note may be NULL. ERR_INPUT, with what to do instead: it is not held
 * for either, it is unpriced and no amount is named, the amount is lower than
 * what is known to be asked for, or UNTIL_MS has passed.
 */
int store_approve(struct store *s, const char *id, money_t amount, int64_t until_ms, const char *by,
    const char *note, int64_t now_ms, struct err *e);
/*
 * [W] It is not to be: fails it (class policy, code Rejected), or where something
 * of it may stand turns it to undo. ERR_INPUT: it is not held for approval,
 * budget or unpriced.
 */
int store_reject(struct store *s, const char *id, const char *by, const char *note, int64_t now_ms,
    struct err *e);
/* [R] Newest first. */
int
store_approvals(struct store *s, const char *id, struct approval **v, size_t *len, struct err *e);
void store_approvals_free(struct approval *v, size_t len);

struct grant {
	int64_t number; /* of its row in the ledger */
	char *scope;
	enum budget_period period;
	money_t amount; /* on top of the limit */
	int64_t until_ms;
	char *by, *reason;
	int64_t given_ms;
};
/* [W] All but number and given_ms is read; ERR_INPUT: an amount of 0 or less, a time that has passed, no name or reason. */
int store_grant(struct store *s, const struct grant *g, int64_t now_ms, struct err *e);
/* [R] Those in force at now_ms; 0: all there ever were. */
int store_grants(struct store *s, int64_t now_ms, struct grant **v, size_t *len, struct err *e);
void store_grants_free(struct grant *v, size_t len);

/* ---- reading ---- */

/* [R] How one scope stands; of one that never occurred all is 0. */
int store_standing(
    struct store *s, const char *scope, int64_t now_ms, struct standing *st, struct err *e);
/* [R] All scopes that ever occurred, by name; grants included. */
int
store_standings(struct store *s, int64_t now_ms, struct standing **v, size_t *len, struct err *e);
void store_standings_free(struct standing *v, size_t len);

enum reservation_state {
	RESERVATION_HELD,
	RESERVATION_COMMITTED,
	RESERVATION_SETTLED,
	RESERVATION_RELEASED,
	RESERVATION_STATES
};
const char *reservation_state_name(enum reservation_state state);
/* RESERVATION_STATES for a name that is none. */
enum reservation_state reservation_state_from_name(const char *name);

struct reservation {
	int64_t seq;
	char objective_id[ID_SIZE];
	char *batch, *name, *capability,
	    *resource_group; /* of the objective; the group "" if it has none */
	cJSON *labels;       /* an object of texts; NULL if it has none */
	enum state objective_state;
	enum reservation_state state;
	int attempt;            /* that it was last made or adjusted for */
	struct amounts monthly; /* .high is what it holds */
	bool unpriced;          /* something of it has no known price */
	cJSON *estimate;        /* as in struct admission; NULL if there is none */
	int64_t held_ms;
	int64_t stood_ms; /* from when on it costs; 0 while held, or if it never did */
	int64_t ended_ms; /* settled or released; 0 else */
};
struct reservation_filter {
	const char *scope;      /* NULL: all */
	const char *objective;  /* an id; NULL: all */
	unsigned states;        /* bits 1 << enum reservation_state; 0: all */
	int64_t from_ms, to_ms; /* that held anything in this span; 0, 0: always */
	int64_t after_seq;      /* the page begins behind this one */
	size_t limit;
};
/* [R] One page, oldest first. */
int store_reservations(struct store *s, const struct reservation_filter *f, struct reservation **v,
    size_t *len, struct err *e);
void store_reservations_free(struct reservation *v, size_t len);

/* One that waits for money: held for approval, budget or unpriced. */
struct waiting {
	char objective_id[ID_SIZE];
	char *batch, *name;
	enum objection_reason reason;
	money_t amount;    /* that it asks for, a month */
	cJSON *objections; /* of this reason: an array of objection_to_json() */
	int64_t since_ms;
};
/* [R] Oldest first, at most MAX; ID NULL: of all objectives. *more may be NULL. */
int store_waiting(struct store *s, const char *id, size_t max, struct waiting **v, size_t *len,
    bool *more, struct err *e);
void store_waiting_free(struct waiting *v, size_t len);

/*
 * [R] The ruling that a claim of the objective O would get now if it asked for D
 * (holds and approvals are filled in). Nothing changes.
 */
int store_budget_try(struct store *s, const struct budget *b, const struct objective *o,
    const struct demand *d, int64_t now_ms, struct ruling *ruling, struct err *e);

/* ---- the ledger itself ---- */

/*
 * Its rows are never changed. Each tells a change of one reservation, or a grant:
 * event "held", "adjusted", "committed", "settled", "released" or "granted"; the
 * amount that the reservation has after it, or that the grant adds; and how each
 * of its scopes stands after it, {"global": {"reserved", "committed"}}. Where money
 * was admitted also the limits that it was admitted under, grants included: "limit"
 * and "daily_limit", or "warns_above" and "warns_above_daily" where they only warn.
 */
struct ledger_report {
	int64_t entries, reservations, scopes;
	int64_t warned; /* admissions above a limit that only warns, in each of their scopes */
};
/*
 * [R] Recomputes everything: the totals of each scope from the open reservations,
 * and from the ledger after each of its rows; that the run-rate and a day of it
 * kept the limits that each admission was made under; that what stands has its
 * money. ERR_CORRUPT names the first thing that is not so; the report then is not filled in.
 */
int store_ledger_verify(struct store *s, struct ledger_report *report, struct err *e);

#endif
