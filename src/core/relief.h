/*
 * What would have to go so that something fits: how much each limit in the way is
 * short of, and which of the things that stand would free it. The cheapest single
 * one that is enough, else the fewest large ones. A scope may hold a million
 * things: each is offered once, and only the candidates are kept.
 */
#ifndef CORE_RELIEF_H
#define CORE_RELIEF_H

#include "base/id.h"
#include "core/budget.h"

/* Something that stands, and what it would free. */
struct relief_part {
	char id[ID_SIZE];
	char *label; /* "batch/name", or as the caller names it */
	money_t amount;
};

#define RELIEF_PARTS 8

/* The way out of one scope that is short of money. */
struct relief {
	const char *scope;         /* borrowed from an objection of the ruling */
	enum budget_period period; /* of the limit that objects */
	money_t over;              /* that a grant must add to it, in whole cents */
	money_t missing;           /* a month, that must go; MONEY_MAX: no destroying helps */
	struct relief_part
	    parts[RELIEF_PARTS]; /* the cheapest one that is enough, else the fewest */
	size_t n_parts;          /* 0: nothing that stands is enough */
	money_t frees;
};

/* One for each scope and period whose limit objects in RULING, which must outlive them. The caller's own. */
void reliefs_of(const struct ruling *ruling, int64_t now_ms, struct relief **v, size_t *len);
void reliefs_free(struct relief *v, size_t len);

/* Whether what frees AMOUNT is a better candidate than those so far. */
bool relief_wants(const struct relief *r, money_t amount);
/* It is one from now on: only what relief_wants(). Takes LABEL over. */
void relief_take(struct relief *r, const char id[static ID_SIZE], char *label, money_t amount);
/* All were offered: of the candidates as many remain, largest first, as are enough; none if all together are not. */
void relief_settle(struct relief *r);

#endif
