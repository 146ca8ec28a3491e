#include "config.h"

#include "cli/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/relief.h"

#define SHOWN_MAX 20
#define PAGE 500
/* More are not counted: nobody decides on ten thousand one by one. */
#define COUNTED_MAX 10000

/* What is asked for, ruled upon as things are now: some of what was in the way may be gone, or more came. */
static int
rule_anew(struct wait *wait, struct store *s, const struct budget *b, int64_t now_ms, struct err *e)
{
	const struct waiting *w = wait->waiting;
	const struct demand demand = { .amount = w->amount, .digest = "" };
	struct objective o;
	int rc;

	objective_init(&o);
	rc = store_get(s, w->objective_id, &o, e);
	if (rc == 0)
		rc = store_budget_try(s, b, &o, &demand, now_ms, &wait->ruling, e);
	objective_clear(&o);
	return rc;
}

static int
add_shown(struct waits *w, const struct waiting *waiting, struct store *s, const struct budget *b,
    int64_t now_ms, struct err *e)
{
	enum objection_reason reason = waiting->reason;
	struct wait *wait;

	w->counts[reason]++;
	if (w->n_shown[reason] == SHOWN_MAX)
		return 0;
	if (w->shown[reason] == NULL)
		w->shown[reason] = xcalloc(SHOWN_MAX, sizeof(*w->shown[reason]));
	wait = &w->shown[reason][w->n_shown[reason]++];
	wait->waiting = waiting;
	if (reason != OBJECTION_BUDGET)
		return 0;
	if (rule_anew(wait, s, b, now_ms, e) < 0)
		return -1;
	relief_add(wait, now_ms);
	return 0;
}

int
waits_load(struct waits *w, struct store *s, const struct budget *b, int64_t now_ms, struct err *e)
{
	*w = (struct waits){ .v = NULL };
	if (store_waiting(s, NULL, COUNTED_MAX, &w->v, &w->len, &w->more, e) < 0)
		return -1;
	for (size_t i = 0; i < w->len; i++) {
		if (add_shown(w, &w->v[i], s, b, now_ms, e) < 0)
			return -1;
	}
	return relief_find(w->shown[OBJECTION_BUDGET], w->n_shown[OBJECTION_BUDGET], s, e);
}

void
waits_clear(struct waits *w)
{
	for (size_t r = 0; r < OBJECTION_REASONS; r++) {
		for (size_t i = 0; i < w->n_shown[r]; i++) {
			relief_clear(&w->shown[r][i]);
			ruling_clear(&w->shown[r][i].ruling);
		}
		free(w->shown[r]);
	}
	store_waiting_free(w->v, w->len);
	*w = (struct waits){ .v = NULL };
}

static int
add_counts(struct store *s, const char *id, int64_t *counts, struct err *e)
{
	struct waiting *v = NULL;
	size_t len = 0;

	if (store_waiting(s, id, COUNTED_MAX, &v, &len, NULL, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		counts[v[i].reason]++;
	store_waiting_free(v, len);
	return 0;
}

int
waits_count(
    struct store *s, const char *batch, int64_t counts[static OBJECTION_REASONS], struct err *e)
{
	struct store_filter f = { .batch = batch, .states = 1u << STATE_HELD, .limit = PAGE };
	size_t len;

	memset(counts, 0, OBJECTION_REASONS * sizeof(*counts));
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
