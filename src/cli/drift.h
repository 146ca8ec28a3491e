/* What changed outside of purser since an objective was built: its tool is asked, and nothing is written. */
#ifndef CLI_DRIFT_H
#define CLI_DRIFT_H

#include <stdbool.h>

#include "cli/cli.h"
#include "core/amounts.h"
#include "core/plan.h"

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
};

struct drift {
	struct objective objective;
	size_t n_resources; /* of it that stand, as the registry has it */
	struct drift_item *items;
	size_t n_items;
	struct strv outputs;    /* the module's, that have other values now */
	bool reserved;          /* something is; then: */
	struct amounts monthly; /* what it counts as */
	struct failure failure; /* it could not be asked; nothing else is known then */
};

void drift_init(struct drift *d);
/*
 * Asks for the drift of d->objective, which was built by PLAN. 0, also where it
 * could not be asked (failure is set); -1 and an error: the store failed.
 */
int drift_ask(struct cli *cli, const struct plan *plan, struct drift *d, struct err *e);
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
