/* What goes on while an objective waits for a person: money that stands or is reserved, and others that wait for it. */
#ifndef CLI_STAKE_H
#define CLI_STAKE_H

#include "cli/report.h"
#include "store/ledger.h"

struct stake {
	const struct reservation *open; /* that it holds or stands for, borrowed; NULL: none */
	money_t daily, so_far;          /* of what stands; 0: nothing does */
	struct dependency *waiting;     /* others that cannot begin, directly or through others */
	size_t n_waiting;
};

/* Of one that failed or is held; of others all is empty. To be cleared; R outlives it. */
int stake_load(struct stake *st, struct store *s, const struct report *r, int64_t now_ms, struct err *e);
void stake_clear(struct stake *st);
/* Nothing if nothing is at stake. */
void stake_print(const struct stake *st, const char *currency);
/* {"stands", "monthly", "daily", "so_far", "holds_up"}; NULL if nothing is. The caller's own. */
cJSON *stake_to_json(const struct stake *st);

#endif
