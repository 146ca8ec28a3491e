/* Offers what stands to those that are short of money. */
#include "config.h"

#include "cli/relief.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/needed.h"
#include "cli/reserved.h"

static int
offer(struct relief *r, const struct waiting_entry *entry, const struct reservation *found,
    struct needed *needed, struct err *e)
{
	bool is_needed;

	/* What is being destroyed already is neither succeeded nor failed. */
	if (found->objective_state != STATE_SUCCEEDED && found->objective_state != STATE_FAILED)
		return 0;
	if (strcmp(found->objective_id, entry->waiting->objective_id) == 0 ||
	    !relief_wants(r, found->monthly.high))
		return 0;
	/* With a network its machines would have to go: no cheap way out, and destroy refuses it. */
	if (needed_has(needed, found->batch, found->name, &is_needed, e) < 0)
		return -1;
	if (!is_needed)
		relief_take(r, found->objective_id, xasprintf("%s/%s", found->batch, found->name),
		    found->monthly.high);
	return 0;
}

/* What is looked for, while the reservations of one scope are walked over. */
struct search {
	struct waiting_entry *entries;
	size_t n_entries;
	const char *scope;
	struct needed needed;
};

static int
offer_all(void *data, const struct reservation *found, struct err *e)
{
	struct search *search = data;

	for (size_t i = 0; i < search->n_entries; i++) {
		struct waiting_entry *entry = &search->entries[i];

		for (size_t k = 0; k < entry->n_reliefs; k++) {
			struct relief *r = &entry->reliefs[k];

			if (strcmp(r->scope, search->scope) == 0 &&
			    offer(r, entry, found, &search->needed, e) < 0)
				return -1;
		}
	}
	return 0;
}

static int
walk_scope(struct search *search, struct store *s, const char *scope, struct err *e)
{
	const struct reservation_filter f = {
		.scope = scope,
		.states = 1u << RESERVATION_COMMITTED,
	};

	search->scope = scope;
	return reserved_each(s, &f, offer_all, search, e);
}

/* ---- choice ---- */

/* A name that means another objective by now would have the wrong one destroyed. */
static void
name_safely(struct relief_part *part, struct store *s)
{
	struct objective o;
	struct err e = { 0 };

	objective_init(&o);
	if (store_find(s, part->label, &o, &e) < 0 || strcmp(o.id, part->id) != 0) {
		free(part->label);
		part->label = xstrdup(id_short(part->id));
	}
	objective_clear(&o);
}

static void
settle(struct relief *r, struct store *s)
{
	relief_settle(r);
	for (size_t i = 0; i < r->n_parts; i++)
		name_safely(&r->parts[i], s);
}

int
relief_find(struct waiting_entry *entries, size_t n_entries, struct store *s, struct err *e)
{
	struct search search = {
		.entries = entries,
		.n_entries = n_entries,
		.needed = { .store = s },
	};
	struct strv walked = { 0 };
	int rc = 0;

	for (size_t i = 0; i < n_entries; i++) {
		for (size_t k = 0; k < entries[i].n_reliefs && rc == 0; k++) {
			const char *scope = entries[i].reliefs[k].scope;

			if (strv_has(&walked, scope))
				continue;
			strv_add(&walked, scope);
			rc = walk_scope(&search, s, scope, e);
		}
	}
	for (size_t i = 0; i < n_entries && rc == 0; i++) {
		for (size_t k = 0; k < entries[i].n_reliefs; k++)
			settle(&entries[i].reliefs[k], s);
	}
	strv_clear(&walked);
	needed_clear(&search.needed);
	return rc;
}

/* ---- what to type ---- */

char *
relief_grant(const struct relief *r)
{
	char amount[MONEY_TEXT_SIZE];
	CLEANUP(strv_clear) struct strv argv = { 0 };
	AUTO_FREE char *scope = NULL;

	strv_add(&argv, r->scope);
	scope = strv_shell(&argv);
	return xasprintf("purser budget grant --scope %s --amount %s%s", scope,
	    money_format(r->over, amount), r->period == BUDGET_DAILY ? " --daily" : "");
}
