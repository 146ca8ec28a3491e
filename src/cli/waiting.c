/*
 * Gathers what waits. The rulings are made anew, as things are now; how many wait
 * for each is told of all of them, but the ways out only of the oldest.
 */
#include "config.h"

#include "cli/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/relief.h"
#include "core/names.h"

#define SHOWN_MAX 20
#define PAGE 500
/* More are not counted: nobody decides on ten thousand one by one. */
#define COUNTED_MAX 10000

/* What is asked for, ruled upon as things are now: some of what was in the way may be gone, or more came. */
static int
rule_anew(struct waiting_entry *entry, struct store *s, const struct budget *b, int64_t now_ms,
    struct err *e)
{
	const struct waiting *w = entry->waiting;
	const struct demand demand = { .amount = w->amount, .digest = "" };
	struct objective o;
	int rc;

	objective_init(&o);
	rc = store_get(s, w->objective_id, &o, e);
	if (rc == 0)
		rc = store_budget_try(s, b, &o, &demand, now_ms, &entry->ruling, e);
	objective_clear(&o);
	return rc;
}

static int
add_shown(struct waiting_list *w, const struct waiting *waiting, struct store *s,
    const struct budget *b, int64_t now_ms, struct err *e)
{
	enum objection_reason reason = waiting->reason;
	struct waiting_entry *entry;

	w->counts[reason]++;
	if (w->n_shown[reason] == SHOWN_MAX)
		return 0;
	if (w->shown[reason] == NULL)
		w->shown[reason] = xcalloc(SHOWN_MAX, sizeof(*w->shown[reason]));
	entry = &w->shown[reason][w->n_shown[reason]++];
	entry->waiting = waiting;
	if (reason != OBJECTION_BUDGET)
		return 0;
	if (rule_anew(entry, s, b, now_ms, e) < 0)
		return -1;
	reliefs_of(&entry->ruling, now_ms, &entry->reliefs, &entry->n_reliefs);
	return 0;
}

int
waiting_list_load(
    struct waiting_list *w, struct store *s, const struct budget *b, int64_t now_ms, struct err *e)
{
	*w = (struct waiting_list){ .v = NULL };
	if (store_waiting(s, NULL, COUNTED_MAX, &w->v, &w->len, &w->more, e) < 0)
		return -1;
	for (size_t i = 0; i < w->len; i++) {
		if (add_shown(w, &w->v[i], s, b, now_ms, e) < 0)
			return -1;
	}
	return relief_find(w->shown[OBJECTION_BUDGET], w->n_shown[OBJECTION_BUDGET], s, e);
}

void
waiting_list_clear(struct waiting_list *w)
{
	for (size_t r = 0; r < OBJECTION_REASONS; r++) {
		for (size_t i = 0; i < w->n_shown[r]; i++) {
			struct waiting_entry *entry = &w->shown[r][i];

			reliefs_free(entry->reliefs, entry->n_reliefs);
			ruling_clear(&entry->ruling);
		}
		free(w->shown[r]);
	}
	store_waiting_free(w->v, w->len);
	*w = (struct waiting_list){ .v = NULL };
}

/* ---- counting ---- */

/* The sets of reasons of the objectives that were met. */
struct census {
	struct waiting *v; /* from the store; names borrow from it */
	size_t len;
	struct names ids; /* id -> set */
	unsigned *sets;
	size_t n_sets;
};

static void
census_take(struct census *c, const struct waiting *waiting)
{
	size_t at = names_put(&c->ids, waiting->objective_id, c->n_sets);

	if (at == NAMES_NONE)
		at = c->n_sets++;
	c->sets[at] |= 1u << waiting->reason;
}

static int
add_counts(struct store *s, const char *id, int64_t *counts, struct err *e)
{
	struct census c = { .v = NULL };

	if (store_waiting(s, id, COUNTED_MAX, &c.v, &c.len, NULL, e) < 0)
		return -1;
	c.sets = xcalloc(c.len + 1, sizeof(*c.sets));
	for (size_t i = 0; i < c.len; i++)
		census_take(&c, &c.v[i]);
	for (size_t i = 0; i < c.n_sets; i++)
		counts[c.sets[i]]++;
	free(c.sets);
	names_clear(&c.ids);
	store_waiting_free(c.v, c.len);
	return 0;
}

int
waiting_count(
    struct store *s, const char *batch, int64_t counts[static WAITING_SETS], struct err *e)
{
	struct store_filter f = { .batch = batch, .states = 1u << STATE_HELD, .limit = PAGE };
	size_t len;

	memset(counts, 0, WAITING_SETS * sizeof(*counts));
	if (batch == NULL)
		return add_counts(s, NULL, counts, e);
	do {
		struct objective *v = NULL;
		int rc = 0;

		if (store_list(s, &f, &v, &len, e) < 0)
			return -1;
		for (size_t i = 0; i < len && rc == 0; i++) {
			f.after_seq = v[i].seq;
			rc = add_counts(s, v[i].id, counts, e);
		}
		store_list_free(v, len);
		if (rc < 0)
			return -1;
	} while (len == PAGE);
	return 0;
}

int64_t
waiting_for(const int64_t counts[static WAITING_SETS], enum objection_reason reason)
{
	int64_t sum = 0;

	for (unsigned set = 0; set < WAITING_SETS; set++)
		sum += (set & 1u << reason) != 0 ? counts[set] : 0;
	return sum;
}
