#include "config.h"

#include "cli/needed.h"

#include "base/mem.h"

#define PAGE 500

void
needed_clear(struct needed *n)
{
	names_clear(&n->batches);
	names_clear(&n->names);
	strv_clear(&n->texts);
}

/* The name is the caller's no more. */
static void
remember(struct needed *n, struct names *names, char *text)
{
	strv_take(&n->texts, text);
	names_put(names, n->texts.v[n->texts.len - 1], 0);
}

/* Of one that failed something may stand. */
static int
is_live(struct store *s, const struct objective *o, bool *live, struct err *e)
{
	struct resource *v = NULL;
	size_t len = 0;

	*live = o->state != STATE_DESTROYED && o->state != STATE_CANCELLED;
	if (o->state != STATE_FAILED || o->destroying)
		return 0;
	if (store_resources(s, o->id, &v, &len, e) < 0)
		return -1;
	*live = false;
	for (size_t i = 0; i < len; i++)
		*live = *live || v[i].state != RESOURCE_GONE;
	store_resources_free(v, len);
	return 0;
}

static int
add_objective(struct needed *n, const struct objective *o, struct err *e)
{
	bool live;

	if (o->depends_on.len == 0)
		return 0;
	if (is_live(n->store, o, &live, e) < 0)
		return -1;
	for (size_t i = 0; live && i < o->depends_on.len; i++)
		remember(n, &n->names, xasprintf("%s/%s", o->batch, o->depends_on.v[i]));
	return 0;
}

static int
read_batch(struct needed *n, const char *batch, struct err *e)
{
	struct store_filter f = { .batch = batch, .limit = PAGE };
	size_t len;

	remember(n, &n->batches, xstrdup(batch));
	do {
		struct objective *v = NULL;
		int rc = 0;

		if (store_list(n->store, &f, &v, &len, e) < 0)
			return -1;
		for (size_t i = 0; i < len && rc == 0; i++) {
			f.after_seq = v[i].seq;
			rc = add_objective(n, &v[i], e);
		}
		store_list_free(v, len);
		if (rc < 0)
			return -1;
	} while (len == PAGE);
	return 0;
}

int
needed_has(struct needed *n, const char *batch, const char *name, bool *needed, struct err *e)
{
	AUTO_FREE char *label = xasprintf("%s/%s", batch, name);

	if (names_find(&n->batches, batch) == NAMES_NONE && read_batch(n, batch, e) < 0)
		return -1;
	*needed = names_find(&n->names, label) != NAMES_NONE;
	return 0;
}
