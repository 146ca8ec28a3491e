/*
 * The parts of pricing/alternatives.c: values that might be asked for instead, all
 * of one parameter, and how the best of them is chosen.
 */
#ifndef PRICING_ALTERNATIVES_CHANGE_H
#define PRICING_ALTERNATIVES_CHANGE_H

#include "pricing/alternatives.h"
#include "pricing/estimate_item.h"

struct change {
	char *to;
	int64_t number;         /* of an integer */
	struct machine machine; /* of a size */
	size_t order;           /* as added */
	struct amounts monthly;
	enum estimate_confidence confidence;
};

struct changes {
	enum alternative_kind kind;
	const char *name;     /* of the parameter, or "region"; borrowed */
	bool by_name;         /* as in struct alternative */
	struct machine asked; /* of sizes */
	struct change *v;
	size_t len, cap;
};

/* What is looked for, and what was found so far. */
struct finder {
	struct estimator *estimator;
	struct book *book;
	const struct capability *c;
	const struct objective *o;
	money_t approved;
	alternative_would_do *would_do;
	void *data;
	struct alternatives *out;
	struct estimate asked; /* of the objective as it is */
	struct strv seen;      /* parameters that were tried */
};

/* TO NULL: the number. One above ALTERNATIVES_MAX is left out. */
void changes_add(struct changes *list, const char *to, int64_t number);
void changes_add_size(struct changes *list, const struct vm_price *vm);
void changes_clear(struct changes *list);
/* 1: one of the list would do, and is kept; 0: none would; -1 and an error. The list is sorted and has lost those without a price. */
int finder_choose(struct finder *f, struct changes *list, struct err *e);
/* Other sizes of the row's machine; ITEM is the row, filled in. 0 or -1. */
int finder_try_sizes(
    struct finder *f, const struct cost_row *row, const struct estimate_item *item, struct err *e);
void alternative_clear(struct alternative *a);

#endif
