/*
 * What else could be asked for where an objective costs too much, or something
 * that has no known price: one value changed, another size of its machines, fewer
 * of what is counted, or another region. Which parameters these are is read from
 * the [[cost]] rows of the capability; whether a change would do is asked of the
 * caller, who knows the budget.
 */
#ifndef PRICING_ALTERNATIVES_H
#define PRICING_ALTERNATIVES_H

#include "pricing/estimate.h"

/* No more changes of one parameter are estimated; of sizes the dearest are left out. */
#define ALTERNATIVES_MAX 2000

enum alternative_kind {
	ALTERNATIVE_SIZE,   /* another value of a parameter that names a machine: vm = "{size}" */
	ALTERNATIVE_FEWER,  /* less of an integer that a quantity reads: quantity = "{count}" */
	ALTERNATIVE_REGION, /* that sells the first of the rows which is priced by region */
	ALTERNATIVE_KINDS
};
/* "size", "fewer", "region". */
const char *alternative_kind_name(enum alternative_kind kind);

struct alternative {
	enum alternative_kind kind;
	char *name; /* of the parameter; "region" */
	char *from, *to;
	struct amounts monthly;
	enum estimate_confidence confidence; /* never unknown */
};

struct alternatives {
	/* Those that would do: at most one of each parameter, and one for the region; the dearest first. */
	struct alternative *v;
	size_t len;
	/* The cheapest that was tried, where none would do; its name is NULL if there was nothing to try. */
	struct alternative least;
};

/*
 * 1: O, a changed objective, would be admitted at that high amount a month; 0: it
 * would not; -1 and an error. It depends on the amount alone, if the scopes are the
 * same: if one amount would do, each lower one would.
 */
typedef int
alternative_would_do(void *data, const struct objective *o, money_t monthly, struct err *e);

/*
 * For each kind the one closest to what is asked for: the dearest that would do,
 * of those that cost less. Of sizes those of the same family go first; none has
 * more vCPUs than what is asked for, or another kind of processor or GPU. Where
 * what is asked for has no known price: the size with the most similar name, and
 * the cheapest region. 0 or -1; OUT is to be cleared in any case.
 */
int alternatives_find(struct estimator *r, struct book *book, const struct capability *c,
    const struct objective *o, alternative_would_do *would_do, void *data, struct alternatives *out,
    struct err *e);
void alternatives_clear(struct alternatives *a);
/* {"kind", "name", "from", "to", "monthly", "confidence"}; the caller's own. */
cJSON *alternative_to_json(const struct alternative *a);

#endif
