/* What changed outside of purser since an objective was built: its tool is asked, and nothing is written. */
#ifndef CLI_DRIFT_H
#define CLI_DRIFT_H

#include <stdbool.h>

#include "cli/cli.h"
#include "core/amounts.h"
#include "core/plan.h"
#include "strategies/terraform_drift.h"

enum drift_kind {
	DRIFT_CHANGED,
	DRIFT_GONE,
	DRIFT_UNKNOWN, /* the tool's state has it no more: it may stand all the same */
	DRIFT_KINDS
};
const char *drift_name(enum drift_kind kind);

struct drift_item {
	enum drift_kind kind;
	char *address; /* in the module; NULL if it is not known */
	char *id;      /* NULL if it is not known */
	struct terraform_change change; /* which attributes; of what has changed */
};

/* What it costs as it stands: by what the tool's state says of it, at the prices of today. */
struct drift_cost {
	bool known;             /* then: */
	struct amounts monthly; /* of all that has a known price */
	char *why; /* what has none, or why nothing is known; NULL: all of it is known */
};

struct drift {
	struct objective objective;
	size_t n_resources; /* of it that stand, as the registry has it */
	struct drift_item *items;
	size_t n_items;
	struct strv outputs;    /* the module's, that have other values now */
	bool reserved;          /* something is; then: */
	struct amounts monthly; /* what it counts as */
	struct drift_cost now;  /* of one that has drifted */
	struct failure failure; /* it could not be asked; nothing else is known then */
};

void drift_init(struct drift *d);
/* Plans, with values in clear, that were left by those who asked and were killed go, whatever objective they are of. */
void drift_sweep(const struct cli *cli);
/*
 * Asks for the drift of d->objective, which was built by PLAN. 0, also where it
 * could not be asked (failure is set); -1 and an error: the store failed.
 */
int drift_ask(struct cli *cli, const struct plan *plan, struct drift *d, struct err *e);
/*
 * Into d->now: what d->objective costs as STANDING says (core/planned.h); NULL:
 * nothing can say it. Whatever keeps it from being known is told there.
 */
void drift_price(const struct cli *cli, const cJSON *standing, struct drift *d);
void drift_clear(struct drift *d);
bool drift_is_any(const struct drift *d);
/* How many of its resources are as KIND says. */
size_t drift_count(const struct drift *d, enum drift_kind kind);

/* What was asked and answered. */
struct drift_survey {
	struct cli *cli;
	struct strv ids; /* to be asked, in this order */
	bool named;      /* each of them: then one that does not stand is a slip */
	struct drift *v; /* the answers */
	size_t len, cap;
	size_t drifted, unanswered;
	size_t others;      /* that another strategy built, */
	struct strv makers; /* and which */
	size_t slips;
};

/* Tells which could not be asked, as a message. */
void drift_say_unanswered(const struct drift_survey *y);
/* All else, on stdout, and what to type next. */
void drift_print(const struct drift_survey *y);

#endif
