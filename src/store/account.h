/*
 * Inside the store: the money's own files. How a reservation lives is told in
 * ledger.h; here is how its changes are posted. Like backend.h for the rest.
 */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include "store/backend.h"
#include "store/ledger.h"

/* ---- scopes (scope.c) ---- */

struct scope {
	int64_t id; /* 0: nothing has counted in it yet */
	struct standing standing;
};
struct scopes {
	struct scope *v;
	size_t len;
};
void scopes_clear(struct scopes *scopes);
/* As they stand in the month of now_ms, grants included, in the order of NAMES. */
int scopes_read(struct store *s, const struct strv *names, int64_t now_ms, struct scopes *scopes,
    struct err *e);
/* Those that a reservation counts in, by name, without grants. */
int scopes_of_reservation(
    struct store *s, int64_t reservation, int64_t now_ms, struct scopes *scopes, struct err *e);
/* Writes its accruals; one that nothing has counted in gets its id. */
int scope_write(struct store *s, struct scope *scope, struct err *e);

/* ---- reservations (reservation.c) ---- */

/* The part of one that decisions need. */
struct holding {
	int64_t seq; /* 0: there is none */
	enum reservation_state state;
	int first_attempt; /* that it was made for */
	int attempt;       /* that asks now */
	money_t amount;
	int64_t held_ms, stood_ms;
};
/* The open one of an objective; seq 0: it has none. */
int holding_open(struct store *s, int64_t objective, struct holding *h, struct err *e);
/*
 * What R asks for h->attempt is admitted: the objective holds AMOUNT from now on,
 * or more if something stands. SCOPES are its own, read in this transaction.
 */
int
reservation_hold(struct store *s, const struct row *r, struct holding *h, const struct admission *a,
    money_t amount, struct scopes *scopes, int64_t now_ms, struct err *e);
/* Whether anything of R stands, or may: a resource, or a run that took effect and left none that an undo could find. */
int reservation_stays(struct store *s, const struct row *r, bool *stays, struct err *e);
/* The objective R has ended by EVENT: its money is committed, settled or released. */
int reservation_end(
    struct store *s, const struct row *r, enum event event, int64_t now_ms, struct err *e);

/* ---- posting (posting.c) ---- */

/* One change of a reservation. AMOUNT and times are those of H; they are to be written by the caller. */
struct posting {
	const char *event; /* "held", "adjusted", "committed", "settled", "released" */
	enum reservation_state before, after; /* held before: RESERVATION_STATES if it is new */
	money_t amount_before, amount_after;
	int64_t held_ms, stood_ms; /* of the reservation after it */
	const struct budget
	    *budget; /* whose limits an admission kept; NULL: nothing was admitted */
};
/*
 * What P changes in one scope. What is held counts from when it was reserved, what
 * is committed from when it stood; a change of what is committed from now on.
 */
int posting_move(struct standing *st, const struct posting *p, int64_t now_ms, struct err *e);
/*
 * From the posting that one row of a reservation's ledger tells to that of the next.
 * What is before the first one has RESERVATION_STATES after it, and no amount. The times stay.
 */
void posting_next(struct posting *p, const char *event, money_t amount);
/* Moves the money in each scope, writes the ledger's row and the audit record. Nothing if no amount changes or moves. */
int post(struct store *s, const struct row *r, int64_t reservation, const struct posting *p,
    struct scopes *scopes, int64_t now_ms, struct err *e);
/* A row of the ledger; SCOPES is the text of a JSON object. The objective and the reservation may be 0. */
int ledger_add(struct store *s, const char *event, int64_t objective, int64_t reservation,
    money_t amount, const char *scopes, int64_t now_ms, int64_t *number, struct err *e);

/* ---- claims (admission.c) ---- */

/*
 * Rules on what ATTEMPT of R asks for, and reserves what is admitted. If it is
 * not, RULING says why, and R has been held or failed; but one that runs is not
 * failed, because that is for its attempt to do.
 */
int admission_decide(struct store *s, struct row *r, int attempt, const struct objective *o,
    const struct admission *a, int64_t now_ms, struct ruling *ruling, struct err *e);
/* As budget_rule(), with how SCOPES stand, grants included; never an error because of an amount. */
int admission_rule(const struct budget *b, const struct demand *d, const struct scopes *scopes,
    int64_t now_ms, struct ruling *ruling, struct err *e);

/* ---- the state of the money (budget_rules.c) ---- */

struct money {
	int64_t epoch;
	int64_t day; /* that was seen last: days since 1970, UTC */
	char rules[DIGEST_SIZE];
	bool binds; /* they limit something */
	char *prices;
};
int money_read(struct store *s, struct money *m, struct err *e);
void money_clear(struct money *m);
/* Money became free: who waits for some is to be looked at again. */
int money_freed(struct store *s, struct err *e);
/* The same for a new day, which also is a new look at the thresholds; M follows. */
int money_see_day(
    struct store *s, const struct budget *b, struct money *m, int64_t now_ms, struct err *e);
int64_t money_day_end_ms(const struct money *m);

/* Epochs of holds that another rule may let go, and of those that have another price. */
#define HOLD_OTHER_RULES (-1)
#define HOLD_OTHER_PRICES (-2)

/* ---- waiting (budget_wake.c) ---- */

/* When store_budget_wake() will have something to do; 0: never. */
int money_next_wake(struct store *s, int64_t *when_ms, struct err *e);

/* ---- thresholds (threshold.c) ---- */

/* Announces those that SCOPE, grants included, has crossed for the first time in its month. */
int threshold_look(struct store *s, const struct budget *b, const struct standing *standing,
    int64_t now_ms, struct err *e);
/* The same for each scope that has a limit: what was crossed while nobody looked, or is by a lower limit. */
int threshold_look_all(struct store *s, const struct budget *b, int64_t now_ms, struct err *e);

#endif
