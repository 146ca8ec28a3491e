/* Why an objective failed or is held in doubt, what helped before, and what to do now. */
#ifndef CLI_ADVISE_H
#define CLI_ADVISE_H

#include "cli/cli.h"
#include "cli/report.h"
#include "core/advice.h"
#include "pricing/sizes.h"
#include "store/history.h"

struct advised {
	struct failure failure; /* not set: there is none to advise on */
	struct known_failure known;
	struct occurrence *before; /* of its signature, the latest first */
	size_t n_before;
	struct advice advice;
	struct sizes sizes; /* to choose from, where it is the size that cannot be had */
	char *currency;     /* of their prices; NULL: there are none */
};

/*
 * Of the objective in R. Never fails: what cannot be had (history, library, prices) is left
 * out, and the cause stands all the same. To be cleared.
 */
void advised_load(struct advised *a, struct cli *cli, const struct report *r);
void advised_clear(struct advised *a);
/* Nothing if there is nothing to advise on. */
void advised_print(const struct advised *a, const struct cli *cli, const struct report *r);
/*
 * {"signature", "seen", "resolved", "advice_id", "advice", "docs", "commands", "sizes"}; NULL if
 * there is nothing. The caller's own.
 */
cJSON *advised_to_json(const struct advised *a);
/*
 * "capacity, SkuNotAvailable (before: resolved 3 of 4 times by ...): ADVICE"; NULL if there is
 * nothing. The caller's own.
 */
char *advised_sentence(const struct advised *a);

#endif
