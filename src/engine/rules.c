#include "config.h"

#include "engine/rules.h"

#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "pricing/book.h"
#include "store/ledger.h"

#define LOOK_MS 1000 /* between looks at the files */
/* Somebody may be in the middle of writing a file; so long nothing is begun, and it is looked at again. */
#define PATIENCE_MS 5000
#define PATIENCE_PAUSE_MS 250
#define BUSY_PAUSE_MS 3

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

void
rules_note(struct loop *r)
{
	budget_digest(&r->planner.config->budget, r->scene.rules);
	stamp_files(r, r->rules_stamp);
	r->rules_look_ms = clock_boot_ms() + LOOK_MS;
	r->rules_doubted = false;
}

int
rules_set(struct loop *r, struct err *e)
{
	return store_budget_set(
	    r->scene.store, &r->planner.config->budget, r->planner.prices, clock_now_ms(), e);
}

void
rules_doubt(struct loop *r)
{
	r->rules_doubted = true;
	loop_want_turn(r, 0);
}

static bool
files_have_changed(struct loop *r)
{
	char stamp[DIGEST_SIZE];

	if (clock_boot_ms() < r->rules_look_ms)
		return false;
	r->rules_look_ms = clock_boot_ms() + LOOK_MS;
	stamp_files(r, stamp);
	return strcmp(stamp, r->rules_stamp) != 0;
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

/* What our file says has not changed, and is not in force: whose limits are to hold? */
static int
check_agreement(struct loop *r, const char *before, struct err *e)
{
	char in_force[DIGEST_SIZE];

	if (!r->rules_doubted || strcmp(before, r->scene.rules) != 0)
		return 0;
	if (store_budget_rules(r->scene.store, in_force, e) == -1)
		return -1;
	if (strcmp(in_force, r->scene.rules) == 0)
		return 0;
	return err_set(e, ERR_INPUT,
	    "%s sets other limits than those in force, which a later runner has set from another configuration: "
	    "\"purser audit\" tells which; let all runners of one state folder use one file",
	    r->scene.paths->config);
}

static int
renew(struct loop *r, struct err *e)
{
	char before[DIGEST_SIZE];
	bool doubted = r->rules_doubted;

	memcpy(before, r->scene.rules, DIGEST_SIZE);
	if (r->options->reload != NULL &&
	    r->options->reload(&r->planner, r->options->reload_data, e) == -1)
		return -1;
	rules_note(r);
	r->rules_doubted = doubted;
	if (check_agreement(r, before, e) == -1 || write_rules(r, e) == -1)
		return -1;
	r->rules_doubted = false;
	r->look_at_queue = r->woken = true;
	return 0;
}

int
rules_keep_up(struct loop *r)
{
	struct err e = { 0 };

	if (!files_have_changed(r) && !r->rules_doubted)
		return 0;
	if (renew(r, &e) == 0) {
		r->rules_broken_ms = 0;
		return 0;
	}
	/* It is not written yet, or cannot be read: nothing is known to be in force. */
	r->rules_doubted = true;
	if (e.kind == ERR_BUSY) {
		loop_want_turn(r, BUSY_PAUSE_MS);
		return -1;
	}
	if (r->rules_broken_ms == 0)
		r->rules_broken_ms = clock_boot_ms();
	if (e.kind != ERR_INPUT || clock_boot_ms() - r->rules_broken_ms >= PATIENCE_MS)
		loop_break_down(r, &e);
	else
		loop_want_turn(r, PATIENCE_PAUSE_MS);
	return -1;
}
