/*
 * One row for each name, found by hash, and each objective is counted once,
 * however many reservations it had in the month. The total is summed from the
 * rows, so that a spreadsheet comes to the same.
 */
#include "config.h"

#include "cli/tally.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/reserved.h"
#include "core/names.h"
#include "core/suggest.h"

#define LABEL_WORD "label:"

enum by { BY_RESOURCE_GROUP, BY_CAPABILITY, BY_OBJECTIVE, BY_LABEL };

static const char *const by_words[] = {
	[BY_RESOURCE_GROUP] = "resource_group",
	[BY_CAPABILITY] = "capability",
	[BY_OBJECTIVE] = "objective",
};

/* An objective that was met: it may have several reservations in a month, and is counted once. */
struct met {
	char id[ID_SIZE];
	size_t row;
	bool unpriced;
};

struct tallying {
	struct tally *tally;
	struct store *store;
	enum by by;
	const char *label;
	int64_t now_ms, start_ms, end_ms; /* of the month */
	struct names rows;                /* name -> row */
	size_t none, unmatched;           /* rows; NAMES_NONE: not there yet */
	struct names ids;                 /* id -> met */
	struct met **met;
	size_t n_met, met_cap;
	bool label_met;
	struct strv labels; /* the names of all that were met */
};

/* Of whom a row is made; all borrowed. */
struct owner {
	const char *id, *batch, *name, *capability, *resource_group;
	const cJSON *labels;
};

/* ---- rows ---- */

static size_t
add_row(struct tally *t, enum tally_kind kind, char *name)
{
	t->v = xgrow(t->v, t->len, &t->cap, sizeof(*t->v));
	t->v[t->len] = (struct tally_row){ .kind = kind, .name = name };
	return t->len++;
}

static size_t
special_row(struct tallying *t, size_t *row, enum tally_kind kind, const char *name)
{
	if (*row == NAMES_NONE)
		*row = add_row(t->tally, kind, xstrdup(name));
	return *row;
}

/* The caller's own; NULL or "" for none. */
static char *
name_of(const struct tallying *t, const struct owner *o)
{
	const cJSON *label;
	char *name;

	switch (t->by) {
	case BY_CAPABILITY:
		return xstrdup(o->capability);
	case BY_OBJECTIVE:
		/* A name may be used again; the id tells which one it was. */
		return xasprintf("%s/%s (%s)", o->batch, o->name, id_short(o->id));
	case BY_LABEL:
		label = cJSON_GetObjectItemCaseSensitive(o->labels, t->label);
		return cJSON_IsString(label) ? xstrdup(label->valuestring) : NULL;
	case BY_RESOURCE_GROUP:
		break;
	}
	name = xstrdup(o->resource_group);
	/* As Azure compares. */
	for (char *p = name; p != NULL && *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return name;
}

static size_t
row_of(struct tallying *t, const struct owner *o)
{
	AUTO_FREE char *name = name_of(t, o);
	size_t row;

	if (name == NULL || *name == '\0')
		return special_row(t, &t->none, TALLY_NONE, "(none)");
	row = names_find(&t->rows, name);
	if (row != NAMES_NONE)
		return row;
	row = add_row(t->tally, TALLY_NAMED, take(name));
	names_put(&t->rows, t->tally->v[row].name, row);
	return row;
}

static void
meet_labels(struct tallying *t, const cJSON *labels)
{
	const cJSON *label;

	cJSON_ArrayForEach (label, labels) {
		t->label_met = t->label_met || strcmp(label->string, t->label) == 0;
		if (!strv_has(&t->labels, label->string))
			strv_add(&t->labels, label->string);
	}
}

static struct met *
meet(struct tallying *t, const struct owner *o)
{
	size_t i = names_find(&t->ids, o->id);
	struct met *m;

	if (i != NAMES_NONE)
		return t->met[i];
	m = xcalloc(1, sizeof(*m));
	memcpy(m->id, o->id, sizeof(m->id));
	m->row = row_of(t, o);
	if (t->by == BY_LABEL)
		meet_labels(t, o->labels);
	t->tally->v[m->row].objectives++;
	t->met = xgrow(t->met, t->n_met, &t->met_cap, sizeof(struct met *));
	t->met[t->n_met] = m;
	names_put(&t->ids, m->id, t->n_met++);
	return m;
}

/* ---- by estimate ---- */

static int
add_reservation(void *data, const struct reservation *r, struct err *e)
{
	struct tallying *t = data;
	const struct owner owner = {
		.id = r->objective_id,
		.batch = r->batch,
		.name = r->name,
		.capability = r->capability,
		.resource_group = r->resource_group,
		.labels = r->labels,
	};
	int64_t at_ms = t->now_ms < t->end_ms ? t->now_ms : t->end_ms;
	struct amounts spent;
	struct tally_row *row;
	struct met *m;

	/* What was only held never stood, and cost nothing. */
	if (r->stood_ms == 0 || r->stood_ms > at_ms ||
	    (r->ended_ms != 0 && r->ended_ms <= t->start_ms))
		return 0;
	m = meet(t, &owner);
	row = &t->tally->v[m->row];
	if (r->unpriced && !m->unpriced)
		row->unpriced++;
	m->unpriced = m->unpriced || r->unpriced;
	if ((r->ended_ms == 0 || r->ended_ms > at_ms) &&
	    money_add(row->committed, r->monthly.high, &row->committed, e) < 0)
		return -1;
	if (amounts_in_month(&r->monthly, t->tally->month, r->stood_ms,
		r->ended_ms != 0 ? r->ended_ms : t->now_ms, &spent, e) < 0)
		return -1;
	return amounts_add(&row->spent, &spent, e);
}

static int
add_reservations(struct tallying *t, struct err *e)
{
	const struct reservation_filter f = { .from_ms = t->start_ms, .to_ms = t->end_ms };

	return reserved_each(t->store, &f, add_reservation, t, e);
}

/* ---- actual ---- */

/* The row of one that had no reservation in the month: it cost something all the same. */
static int
meet_stored(struct tallying *t, const char *id, size_t *row, struct err *e)
{
	struct objective o;
	int rc;

	objective_init(&o);
	rc = store_get(t->store, id, &o, e);
	if (rc == 0) {
		const struct owner owner = {
			.id = o.id,
			.batch = o.batch,
			.name = o.name,
			.capability = o.capability,
			.resource_group = o.resource_group,
			.labels = o.labels,
		};

		*row = meet(t, &owner)->row;
	}
	objective_clear(&o);
	return rc;
}

static int
add_actual(struct tallying *t, const struct actual *a, struct err *e)
{
	size_t met = names_find(&t->ids, a->objective_id), at = 0;
	struct tally_row *row;

	if (a->objective_id[0] == '\0')
		at = special_row(t, &t->unmatched, TALLY_UNMATCHED, "(unmatched)");
	else if (met != NAMES_NONE)
		at = t->met[met]->row;
	else if (meet_stored(t, a->objective_id, &at, e) < 0)
		return -1;
	row = &t->tally->v[at];
	row->has_actual = true;
	if (a->until_ms > t->tally->actual_until_ms)
		t->tally->actual_until_ms = a->until_ms;
	return money_add(row->actual, a->amount, &row->actual, e);
}

static int
add_actuals(struct tallying *t, struct err *e)
{
	struct actual *v = NULL;
	size_t len = 0;
	int rc = 0;

	if (store_actuals(t->store, t->tally->month, &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len && rc == 0; i++)
		rc = add_actual(t, &v[i], e);
	store_actuals_free(v, len);
	return rc;
}

/* ---- the whole ---- */

static int
by_kind_and_name(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->name, y->name);
}

static int
sum_up(struct tally *t, struct err *e)
{
	struct tally_row *sum = &t->total;

	sum->kind = TALLY_TOTAL;
	sum->name = xstrdup("total");
	for (size_t i = 0; i < t->len; i++) {
		const struct tally_row *row = &t->v[i];

		if (money_add(sum->committed, row->committed, &sum->committed, e) < 0 ||
		    amounts_add(&sum->spent, &row->spent, e) < 0 ||
		    money_add(sum->actual, row->actual, &sum->actual, e) < 0)
			return err_in(e, "the total");
		sum->has_actual = sum->has_actual || row->has_actual;
		sum->objectives += row->objectives;
		sum->unpriced += row->unpriced;
	}
	return 0;
}

/* A slip would otherwise be answered by one row of all that there is. */
static int
check_label(const struct tallying *t, struct err *e)
{
	char month[MONTH_TEXT_SIZE], near_text[128];
	struct suggest near;

	if (t->by != BY_LABEL || t->label_met || t->n_met == 0)
		return 0;
	suggest_init(&near, t->label);
	for (size_t i = 0; i < t->labels.len; i++)
		suggest_offer(&near, t->labels.v[i]);
	for (size_t i = 0; i < COUNT_OF(by_words); i++) {
		if (by_words[i] != NULL)
			suggest_offer(&near, by_words[i]);
	}
	return err_set(e, ERR_INPUT, "--by: no objective of %s has a label \"%s\"%s",
	    month_format(t->tally->month, month), t->label,
	    suggest_text(&near, near_text, sizeof(near_text)));
}

static void
choose_by(struct tallying *t, const char *by)
{
	t->by = BY_LABEL;
	t->label = by;
	for (size_t i = 0; i < COUNT_OF(by_words); i++) {
		if (strcmp(by, by_words[i]) == 0)
			t->by = (enum by)i;
	}
	if (strncmp(by, LABEL_WORD, strlen(LABEL_WORD)) == 0)
		t->label = by + strlen(LABEL_WORD);
}

int
tally_make(struct tally *tally, struct store *s, const char *by, month_t month, int64_t now_ms,
    struct err *e)
{
	struct tallying t = {
		.tally = tally,
		.store = s,
		.now_ms = now_ms,
		.start_ms = month_start_ms(month),
		.end_ms = month_start_ms(month + 1),
		.none = NAMES_NONE,
		.unmatched = NAMES_NONE,
	};
	int rc = 0;

	*tally = (struct tally){ .month = month };
	choose_by(&t, by);
	if (s != NULL && (add_reservations(&t, e) < 0 || add_actuals(&t, e) < 0))
		rc = -1;
	if (rc == 0)
		rc = check_label(&t, e);
	strv_clear(&t.labels);
	for (size_t i = 0; i < t.n_met; i++)
		free(t.met[i]);
	free(t.met);
	names_clear(&t.ids);
	names_clear(&t.rows);
	if (rc < 0)
		return -1;
	if (tally->len > 0)
		qsort(tally->v, tally->len, sizeof(*tally->v), by_kind_and_name);
	return sum_up(tally, e);
}

void
tally_clear(struct tally *t)
{
	for (size_t i = 0; i < t->len; i++)
		free(t->v[i].name);
	free(t->v);
	free(t->total.name);
	*t = (struct tally){ .v = NULL };
}
