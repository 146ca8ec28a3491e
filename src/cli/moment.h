/*
 * What happened to an objective between its steps, as the audit log tells it: how it
 * began and ended, waits, holds, turns to undo, and what people asked for.
 */
#ifndef CLI_MOMENT_H
#define CLI_MOMENT_H

#include "base/json.h"
#include "store/store.h"

struct moment {
	int64_t time_ms;
	const char *word; /* what happened, in a word or two */
	size_t rank;      /* of what happened at the same time the cause has the lower one */
	cJSON *record;    /* of the audit log */
};

struct moments {
	const char *objective_id; /* borrowed */
	struct moment *v;         /* in order */
	size_t len;
};

/*
 * Those of one objective, from the log in the folder STATE and from what waits
 * in the store. 0, or -1 if the log could not be read: M then holds what was
 * read before. M must be cleared in any case.
 */
int moments_load(
    struct moments *m, struct store *s, const char *state, const char *objective_id, struct err *e);
void moments_clear(struct moments *m);
/* Who, why, until when: in one line; a reason whose message is TOLD (NULL: none) is left out. The caller's own. */
char *moment_details(const struct moment *m, const char *told);
/* A list of the records without what is the same in all; the caller's own. */
cJSON *moments_to_json(const struct moments *m);

#endif
