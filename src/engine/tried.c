#include "config.h"

#include "engine/tried.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "engine/substitute.h"

void
tried_clear(struct tried *tried)
{
	strv_clear(&tried->strategies);
	strv_clear(&tried->sizes);
	strv_clear(&tried->reasons);
}

/* All that count; *open: the last one has not ended. */
static int
load_attempts(struct store *s, const struct objective *o, struct attempt **v, size_t *len,
    int *open, struct err *e)
{
	size_t kept = 0;

	*open = 0;
	if (store_attempts(s, o->id, v, len, e) == -1)
		return -1;
	for (size_t i = 0; i < *len; i++) {
		struct attempt *a = &(*v)[i];

		if (a->ended_ms == 0)
			*open = a->number;
		if (a->number > o->attempts_past && a->goal == GOAL_FALLBACK && a->ended_ms != 0)
			(*v)[kept++] = *a;
		else
			attempt_clear(a);
	}
	*len = kept;
	return 0;
}

static void
note_sizes(const struct attempt *v, size_t len, struct strv *sizes)
{
	for (size_t i = 0; i < len; i++)
		if (v[i].size != NULL && v[i].failure.scarce_ms > 0)
			strv_add(sizes, v[i].size);
}

/* Where it was the size that could not be had, the strategy may do it with another one. SIZE "": with any. */
static void
note_strategies(const struct attempt *v, size_t len, const char *size, struct strv *names)
{
	for (size_t i = 0; i < len; i++) {
		bool other = size != NULL && v[i].size != NULL && strcasecmp(v[i].size, size) != 0;

		if (!other || v[i].failure.scarce_ms == 0)
			strv_add(names, v[i].strategy);
	}
}

/* OPEN: the attempt in progress, whose own resources go with it. */
static int
look_at_resources(
    struct tried *tried, struct store *s, const struct objective *o, int open, struct err *e)
{
	struct resource *v;
	size_t len;

	if (store_resources(s, o->id, &v, &len, e) == -1)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (v[i].state != RESOURCE_GONE && v[i].attempt != open)
			tried->stands = true;
	store_resources_free(v, len);
	return 0;
}

static int
choose_size(struct tried *tried, struct store *s, const struct planner *p,
    const struct strv *passed_over, struct objective *o, struct err *e)
{
	CLEANUP(scarcities_clear) struct scarcities scarce = { .len = 0 };
	const struct sizing sizing = {
		.refused = &tried->sizes,
		.tried = passed_over,
		.scarce = &scarce,
		.store = s,
	};

	if (store_scarcities(s, clock_now_ms(), &scarce, e) == -1)
		return -1;
	return substitute_choose(p, &sizing, o, &tried->reasons, &tried->admitted, e);
}

int
tried_load(struct tried *tried, struct store *s, const struct planner *p, struct objective *o,
    bool is_new, struct err *e)
{
	CLEANUP(strv_clear) struct strv whatever_size = { 0 };
	bool sized = substitute_size(p, o) != NULL;
	struct attempt *v;
	size_t len;
	int open, rc = 0;

	*tried = (struct tried){ .stands = false };
	if (load_attempts(s, o, &v, &len, &open, e) == -1)
		return -1;
	note_sizes(v, len, &tried->sizes);
	if (sized)
		rc = look_at_resources(tried, s, o, open, e);
	note_strategies(v, len, "", &whatever_size);
	if (rc == 0 && sized && is_new && !tried->stands)
		rc = choose_size(tried, s, p, &whatever_size, o, e);
	note_strategies(v, len, substitute_size(p, o), &tried->strategies);
	store_attempts_free(v, len);
	return rc;
}

bool
tried_has_another_size(
    const struct tried *tried, const struct planner *p, const struct objective *o)
{
	return !tried->stands && substitute_is_left(p, o, &tried->sizes);
}
