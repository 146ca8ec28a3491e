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

/* One machine as the book describes it; all 0 where that is not known. */
struct machine {
	decimal_t vcpus, memory_gib;
};

struct alternative {
	enum alternative_kind kind;
	char *name; /* of the parameter; "region" */
	char *from, *to;
	bool
	    by_name; /* a size that nobody sells, and one that is written much like it: only the name speaks for it */
	struct machine from_machine, to_machine; /* of a size */
	struct amounts monthly;
	enum estimate_confidence confidence; /* never unknown */
};

struct alternatives {
	/* Those that would do: at most one of each parameter, and one for the region; the dearest first. */
	struct alternative *v;
	size_t len;
	/*
	 * Where none would do: the cheapest that was tried. Its name is NULL if there
	 * was nothing to try.
	 */
	struct alternative least;
};

/*
 * 1: O, a changed objective, would be admitted at that high amount a month; 0: it
 * would not; -1 and an error. It depends on the amount alone, if the scopes are the
 * same: if one amount would do, each lower one would.
 */
typedef int
alternative_would_do(void *data, const struct objective *o, money_t monthly, struct err *e);

/* What a similar name may cost, of what a person approved for the one that was asked for. */
#define ALTERNATIVE_BY_NAME_TIMES 10

/*
 * For each kind the one closest to what is asked for: the dearest that would do,
 * of those that cost less. Of sizes those of the same family go first, then those
 * with at least half the memory; none has more vCPUs than what is asked for, or
 * another kind of processor or GPU.
 *
 * What has no known price costs what was approved for it, APPROVED; 0: nothing
 * was. Then any price will do, and of regions the cheapest is taken. For a size
 * that is sold nowhere there is only the one with the most similar name, unless
 * that costs ALTERNATIVE_BY_NAME_TIMES as much as was approved.
 *
 * 0 or -1; OUT is to be cleared in any case.
 */
int alternatives_find(struct estimator *r, struct book *book, const struct capability *c,
    const struct objective *o, money_t approved, alternative_would_do *would_do, void *data,
    struct alternatives *out, struct err *e);
void alternatives_clear(struct alternatives *a);
/*
 * {"kind", "name", "from", "to", "monthly", "confidence"}; of a size also
 * "by_name", and "machine": {"from", "to"} of {"vcpus", "memory_gib"}. The caller's own.
 */
cJSON *alternative_to_json(const struct alternative *a);

#endif
