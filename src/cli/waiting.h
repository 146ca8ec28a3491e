/*
 * What waits for money, and what would have to be done so that it fits: a
 * decision, a grant, or things that stand and could go.
 */
#ifndef CLI_WAITING_H
#define CLI_WAITING_H

#include "cli/cli.h"
#include "core/relief.h"
#include "store/ledger.h"

/* One that waits, and the ways out. */
struct waiting_entry {
	const struct waiting *waiting;
	struct ruling ruling; /* as it would be now; of a wait for money */
	struct relief *reliefs;
	size_t n_reliefs;
};

struct waiting_list {
	struct waiting *v; /* from the store: one for each objective and reason */
	size_t len;
	bool more;
	struct waiting_entry *shown[OBJECTION_REASONS]; /* the oldest of each reason ... */
	size_t n_shown[OBJECTION_REASONS];
	size_t counts[OBJECTION_REASONS]; /* ... and how many there are of it */
};

/* W must be cleared in any case. */
int waiting_list_load(
    struct waiting_list *w, struct store *s, const struct budget *b, int64_t now_ms, struct err *e);
void waiting_list_clear(struct waiting_list *w);
/* Prints a list for each reason; nothing if nothing waits. */
void waiting_list_print(const struct waiting_list *w, int64_t now_ms);
/* The caller's own. */
cJSON *waiting_list_to_json(const struct waiting_list *w);

/* Sets of reasons, as bits 1 << enum objection_reason. */
#define WAITING_SETS (1u << OBJECTION_REASONS)
/* How many objectives are held for each set of reasons; BATCH NULL: of all. */
int waiting_count(
    struct store *s, const char *batch, int64_t counts[static WAITING_SETS], struct err *e);
/* How many of them are held for REASON, whatever else they are held for. */
int64_t waiting_for(const int64_t counts[static WAITING_SETS], enum objection_reason reason);

#endif
