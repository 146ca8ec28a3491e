/*
 * What is looked up before anything of a submission is written, and what can be
 * wrong with it: all faults are told at once.
 */
#include "config.h"

#include <string.h>

#include "base/faults.h"
#include "store/submission.h"

static const char SQL_BATCH_LIVE[] = "SELECT count(*) FROM batches WHERE name = ?1 AND live > 0";
/* Those that keep the name and that cancelling would not end: it frees the name only if there is none. */
static const char SQL_BATCH_ENDED[] =
    "SELECT COALESCE(sum(t.n), 0) FROM batches b JOIN tallies t ON t.batch_id = b.id"
    " WHERE b.name = ?1 AND b.live > 0 AND t.state IN ('succeeded', 'failed')";
static const char SQL_KEY[] =
    "SELECT seq, id, digest, state, destroying FROM objectives WHERE key = ?1 AND key IS NOT NULL"
    " AND state NOT IN ('cancelled', 'destroyed')";

static int
compare_names(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return strcmp((*x)->o->name, (*y)->o->name);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return strcmp((*x)->o->key, (*y)->o->key);
}

struct entry *
submission_entry(const struct submission *u, const char *name)
{
	struct objective o = { .name = (char *)(uintptr_t)name };
	const struct entry wanted = { .o = &o }, *key = &wanted;
	struct entry **found =
	    bsearch(&key, u->by_name, u->batch->len, sizeof(*u->by_name), compare_names);

	return found == NULL ? NULL : *found;
}

static void
check_names(struct submission *u, struct faults *faults)
{
	u->by_name = xcalloc(u->batch->len + 1, sizeof(struct entry *));
	for (size_t i = 0; i < u->batch->len; i++)
		u->by_name[i] = &u->entries[i];
	qsort(u->by_name, u->batch->len, sizeof(*u->by_name), compare_names);
	for (size_t i = 1; i < u->batch->len; i++) {
		if (compare_names(&u->by_name[i - 1], &u->by_name[i]) == 0)
			faults_add(
			    faults, u->by_name[i]->o->name, "the name is used twice in this batch");
	}
}

static void
check_keys(struct submission *u, struct faults *faults)
{
	AUTO_FREE struct entry **v = xcalloc(u->batch->len + 1, sizeof(struct entry *));
	size_t len = 0;

	for (size_t i = 0; i < u->batch->len; i++) {
		if (u->entries[i].o->key != NULL)
			v[len++] = &u->entries[i];
	}
	qsort(v, len, sizeof(*v), compare_keys);
	for (size_t i = 1; i < len; i++) {
		if (compare_keys(&v[i - 1], &v[i]) == 0)
			faults_add(faults, v[i]->o->name,
			    "the key \"%s\" is used twice in this batch", v[i]->o->key);
	}
}

static int
look_up_key(struct store *s, struct entry *x, struct faults *faults, struct err *e)
{
	AUTO_STMT stmt = NULL;
	char digest[DIGEST_SIZE];
	int rc;

	if (x->o->key == NULL)
		return 0;
	if ((stmt = sql_start(s, SQL_KEY, ARGS(TEXT(x->o->key)), e)) == NULL ||
	    (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return 0;
	column_digest(stmt, 2, digest);
	if (strcmp(digest, x->digest) != 0) {
		faults_add(faults, x->o->name, "the key \"%s\" belongs to another submission (%s)",
		    x->o->key, column_text(stmt, 1));
		return 0;
	}
	x->known = true;
	x->seq = sqlite3_column_int64(stmt, 0);
	column_id(stmt, 1, x->o->id);
	x->o->state = state_from_name(column_text(stmt, 3));
	x->o->destroying = column_int(stmt, 4) != 0;
	return 0;
}

static int
look_up_all(struct store *s, struct submission *u, struct faults *faults, struct err *e)
{
	for (size_t i = 0; i < u->batch->len; i++) {
		struct entry *x = &u->entries[i];

		objective_digest(x->o, x->digest);
		if (look_up_key(s, x, faults, e) < 0)
			return -1;
		u->known += x->known;
		x->blocks = x->known && x->o->state == STATE_FAILED;
		if (x->known && x->o->state == STATE_HELD &&
		    hold_exists(s, x->seq, "dependency", &x->blocks, e) < 0)
			return -1;
	}
	return 0;
}

static int
check_batch_name(struct store *s, const struct submission *u, struct faults *faults, struct err *e)
{
	int64_t live, ended;

	if (u->known == u->batch->len)
		return 0;
	if (sql_number(s, SQL_BATCH_LIVE, ARGS(TEXT(u->batch->name)), 0, &live, e) < 0)
		return -1;
	if (live == 0)
		return 0;
	if (tally_save(s, e) < 0 ||
	    sql_number(s, SQL_BATCH_ENDED, ARGS(TEXT(u->batch->name)), 0, &ended, e) < 0)
		return -1;
	if (ended > 0)
		faults_add(faults, NULL,
		    "a batch named \"%s\" is live: submit this one as --batch OTHER (the same "
		    "objectives may be submitted twice only if each had a key from the start)",
		    u->batch->name);
	else
		faults_add(faults, NULL,
		    "a batch named \"%s\" is live: submit this one as --batch OTHER, or first end "
		    "that one by: purser cancel --batch %s (the same objectives may be submitted "
		    "twice only if each had a key from the start)",
		    u->batch->name, u->batch->name);
	return 0;
}

int
submission_check(struct store *s, struct submission *u, struct err *e)
{
	CLEANUP(faults_clear) struct faults faults = { .count = 0 };
	AUTO_FREE char *list = NULL;

	check_names(u, &faults);
	check_keys(u, &faults);
	if (look_up_all(s, u, &faults, e) < 0 || check_batch_name(s, u, &faults, e) < 0)
		return -1;
	if (faults.count == 0)
		return 0;
	list = strv_join(&faults.list, "; ");
	if (faults.count == 1)
		return err_set(e, ERR_INPUT, "%s", list);
	return err_set(e, ERR_INPUT, "%zu faults: %s", faults.count, list);
}
