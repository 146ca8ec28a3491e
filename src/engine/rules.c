#include "config.h"

#include "engine/rules.h"

#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "engine/change.h"
#include "pricing/book.h"
#include "store/ledger.h"

#define LOOK_MS 1000 /* between looks at the files */
/* A file that has changed is taken once it has rested for so long: half of a configuration limits nothing. */
#define REST_MS 3000
#define READS_MAX 5 /* of files that change while they are read */
/* Somebody may be at work on a file that cannot be used: so long it is tried again. */
#define PATIENCE_MS 5000
#define PAUSE_MS 250
#define BUSY_PAUSE_MS 10

/* ---- the files ---- */

/* Tells one state of a file from another. */
static void
add_stamp(struct buf *stamp, const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		buf_adds(stamp, "-;");
	else
		buf_addf(stamp, "%lld %lld %lld.%09ld;", (long long)st.st_ino,
		    (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static void
stamp_files(const struct loop *r, char out[static DIGEST_SIZE])
{
	const struct paths *paths = r->scene.paths;
	AUTO_FREE char *own_book = file_join(paths->state, BOOK_NAME);
	CLEANUP(buf_clear) struct buf stamp = BUF_INIT(1024);

	add_stamp(&stamp, paths->config);
	add_stamp(&stamp, own_book);
	add_stamp(&stamp, paths->prices);
	digest_text(buf_str(&stamp), out);
}

int
rules_read(struct loop *r, struct err *e)
{
	char before[DIGEST_SIZE], after[DIGEST_SIZE];

	for (int i = 0; i < READS_MAX; i++) {
		stamp_files(r, before);
		if (r->options->reload != NULL &&
		    r->options->reload(&r->planner, r->options->reload_data, e) == -1)
			return -1;
		stamp_files(r, after);
		if (strcmp(before, after) != 0)
			continue;
		memcpy(r->rules.stamp, before, DIGEST_SIZE);
		budget_digest(&r->planner.config->budget, r->scene.rules);
		r->scene.prices = r->planner.prices;
		return 0;
	}
	return err_set(e, ERR_INPUT, "%s, or the price book, is being written all the time",
	    r->scene.paths->config);
}

/* ---- setting them ---- */

/* Limits and prices in one: whether they still are what we set. */
static void
digest_ours(const struct loop *r, char out[static DIGEST_SIZE])
{
	AUTO_FREE char *both = xasprintf("%s %s", r->scene.rules, r->scene.prices);

	digest_text(both, out);
}

int
rules_set(struct loop *r, struct err *e)
{
	struct store *s = r->scene.store;
	char now[DIGEST_SIZE], ours[DIGEST_SIZE];
	bool in_force;

	stamp_files(r, now);
	if (strcmp(now, r->rules.stamp) != 0)
		return err_set(
		    e, ERR_OUTDATED, "limits or prices have changed since they were read");
	if (store_budget_in_force(s, r->scene.rules, r->scene.prices, &in_force, e) == -1)
		return -1;
	digest_ours(r, ours);
	if (!in_force && strcmp(ours, r->rules.written) == 0)
		return err_set(e, ERR_INPUT,
		    "%s sets other limits, or goes by other prices, than those in force, which another runner "
		    "has set since: \"purser audit\" tells them; let all runners of one state folder use the same",
		    r->scene.paths->config);
	return store_budget_set(s, &r->planner.config->budget, r->scene.prices, clock_now_ms(), e);
}

void
rules_committed(struct loop *r)
{
	digest_ours(r, r->rules.written);
	r->rules.look_ms = clock_boot_ms() + LOOK_MS;
	r->rules.seen[0] = '\0';
	r->rules.broken_ms = 0;
	r->rules.doubted = r->rules.unsettled = r->rules.unwritten = false;
}

static int
write_rules(struct loop *r, struct err *e)
{
	struct store *s = r->scene.store;

	if (store_begin(s, e) == -1)
		return -1;
	if (rules_set(r, e) == -1 || store_commit(s, e) == -1) {
		store_rollback(s);
		return -1;
	}
	r->audit_due = true;
	return 0;
}

/* ---- keeping up ---- */

/* What was priced by other limits or prices is planned and priced anew. */
static void
drop_priced(struct loop *r)
{
	struct change **at = &r->changes;

	while (*at != NULL) {
		struct change *c = *at;
		struct job *j = c->job;

		bool claims = c->claims && j->attempt_is_new;

		if (!claims && c->attempt.planned == NULL) {
			at = &c->link;
			continue;
		}
		*at = c->link;
		change_drop(c);
		if (claims)
			loop_remove_job(r, j);
	}
}

void
rules_doubt(struct loop *r)
{
	r->rules.doubted = r->rules.unsettled = true;
	loop_want_turn(r, 0);
}

/* True if they have changed, and rest again. */
static bool
have_changed(struct loop *r)
{
	char now[DIGEST_SIZE];

	if (clock_boot_ms() < r->rules.look_ms)
		return false;
	r->rules.look_ms = clock_boot_ms() + LOOK_MS;
	stamp_files(r, now);
	if (strcmp(now, r->rules.stamp) == 0) {
		r->rules.seen[0] = '\0';
		r->rules.unsettled = r->rules.doubted || r->rules.unwritten;
		return false;
	}
	if (strcmp(now, r->rules.seen) != 0)
		r->rules.seen_ms = clock_boot_ms();
	memcpy(r->rules.seen, now, DIGEST_SIZE);
	r->rules.unsettled = true;
	return clock_boot_ms() - r->rules.seen_ms >= REST_MS;
}

static int
renew(struct loop *r, struct err *e)
{
	if (!r->rules.unwritten) {
		if (rules_read(r, e) == -1)
			return -1;
		drop_priced(r);
		r->rules.unwritten = true;
	}
	if (write_rules(r, e) == 0) {
		rules_committed(r);
		r->look_at_queue = r->woken = true;
		return 0;
	}
	/* But for a store that is busy, what was read may be what is wrong. */
	r->rules.unwritten = e->kind == ERR_BUSY;
	return -1;
}

void
rules_keep_up(struct loop *r)
{
	struct err e = { 0 };
	bool changed = have_changed(r);

	if (!changed && !r->rules.doubted && !r->rules.unwritten) {
		if (r->rules.unsettled)
			loop_want_turn(r, PAUSE_MS);
		return;
	}
	if (renew(r, &e) == 0)
		return;
	r->rules.doubted = r->rules.unsettled = true;
	if (e.kind == ERR_BUSY || e.kind == ERR_OUTDATED) {
		loop_want_turn(r, BUSY_PAUSE_MS);
		return;
	}
	if (r->rules.broken_ms == 0)
		r->rules.broken_ms = clock_boot_ms();
	if (e.kind == ERR_UNCERTAIN || e.kind == ERR_CORRUPT ||
	    clock_boot_ms() - r->rules.broken_ms >= PATIENCE_MS)
		loop_break_down(r, &e);
	else
		loop_want_turn(r, PAUSE_MS);
}
