#include "config.h"

#include "cli/selection.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/say.h"
#include "core/names.h"

#define PAGE 500

static int
each_named(struct store *s, const struct strv *refs, selection_fn *each, void *data, size_t *count,
    struct err *e)
{
	char(*ids)[ID_SIZE] = xcalloc(refs->len + 1, sizeof(*ids));
	struct names seen = { 0 };
	int rc = 0;

	for (size_t i = 0; i < refs->len && rc == 0; i++) {
		struct objective o;

		objective_init(&o);
		rc = store_find(s, refs->v[i], &o, e);
		memcpy(ids[i], o.id, sizeof(ids[i]));
		if (rc == 0 && names_put(&seen, ids[i], i) == NAMES_NONE) {
			rc = each(s, &o, data, e);
			++*count;
		}
		objective_clear(&o);
	}
	names_clear(&seen);
	free(ids);
	return rc;
}

static int
each_found(struct store *s, const struct selection *what, selection_fn *each, void *data,
    size_t *count, struct err *e)
{
	struct store_filter f = { .batch = what->batch, .states = what->states, .limit = PAGE };
	size_t len;

	do {
		struct objective *v = NULL;
		int rc = 0;

		if (store_list(s, &f, &v, &len, e) < 0)
			return -1;
		for (size_t i = 0; i < len && rc == 0; i++) {
			f.after_seq = v[i].seq;
			rc = each(s, &v[i], data, e);
			++*count;
		}
		store_list_free(v, len);
		if (rc < 0)
			return -1;
	} while (len == PAGE);
	return 0;
}

int
selection_each(struct store *s, const struct selection *what, selection_fn *each, void *data,
    size_t *count, struct err *e)
{
	size_t n = 0;

	if (count == NULL)
		count = &n;
	*count = 0;
	return what->batch == NULL && what->refs != NULL
	    ? each_named(s, what->refs, each, data, count, e)
	    : each_found(s, what, each, data, count, e);
}

/* Tells the error, and what to type next to look at what was named; the status of it. */
static enum status
tell_error(const struct selection *what, const struct err *e)
{
	enum status status = say_error(e);

	if (status != STATUS_USAGE)
		return status;
	if (e->kind == ERR_NOT_FOUND)
		say_next("purser list%s", what->batch != NULL ? " --batches" : "");
	else if (what->batch != NULL)
		say_next("purser list --batch %s", what->batch);
	else if (what->refs->len == 1)
		say_next("purser show %s", what->refs->v[0]);
	else
		say_next("purser list");
	return status;
}

static int
change_all(struct store *s, const struct selection *what,
    int (*change)(struct store *s, const struct selection *what, void *data, struct err *e),
    void *data, struct err *e)
{
	if (store_begin_wait(s, CLI_WAIT_MS, e) < 0)
		return -1;
	if (change(s, what, data, e) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}

enum status
selection_change(struct cli *cli, const char *command, const struct selection *what,
    int (*change)(struct store *s, const struct selection *what, void *data, struct err *e),
    void *data)
{
	struct err e = { 0 };
	enum status status;

	if ((what->batch != NULL) == (what->refs->len > 0))
		return say_usage(command, "name objectives, or a batch by --batch");
	status = cli_need_existing_store(cli);
	if (status != STATUS_DONE)
		return status;
	if (change_all(cli->store, what, change, data, &e) < 0)
		return tell_error(what, &e);
	cli_settle(cli);
	return STATUS_DONE;
}
