/*
 * The row that the open transaction read or saved last; see struct row_cache for
 * what always holds of it.
 */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "store/backend.h"

static void
row_copy(struct row *to, const struct row *from)
{
	row_clear(to);
	*to = *from;
	to->batch = xstrdup(from->batch);
	to->name = xstrdup(from->name);
}

static bool
is_cached(const struct store *s, int64_t seq)
{
	return s->seen.cache.row.seq != 0 && s->seen.cache.row.seq == seq;
}

bool
row_cache_get(const struct store *s, const char *id, struct row *r)
{
	const struct row *cached = &s->seen.cache.row;

	if (cached->seq == 0 || strcmp(cached->id, id) != 0)
		return false;
	row_copy(r, cached);
	return true;
}

bool
row_cache_at(const struct store *s, int64_t seq, struct row *r)
{
	if (!is_cached(s, seq))
		return false;
	row_copy(r, &s->seen.cache.row);
	return true;
}

void
row_cache_keep(struct store *s, const struct row *r)
{
	struct row *cached = &s->seen.cache.row;
	char *batch = cached->batch, *name = cached->name;

	if (!s->begun || r == cached)
		return;
	if (!is_cached(s, r->seq)) {
		assert(!s->seen.cache.unsaved);
		row_copy(cached, r);
		return;
	}
	*cached = *r;
	cached->batch = batch;
	cached->name = name;
}

void
row_cache_texts(struct store *s, const struct row *r)
{
	if (!is_cached(s, r->seq))
		return;
	s->seen.cache.row.has_outputs = r->has_outputs;
	s->seen.cache.row.has_failure = r->has_failure;
	s->seen.cache.row.has_instead = r->has_instead;
}

void
row_cache_forget(struct store *s)
{
	assert(!s->seen.cache.unsaved);
	row_clear(&s->seen.cache.row);
}

void
row_cache_drop(struct store *s)
{
	s->seen.cache.unsaved = false;
	row_cache_forget(s);
}

void
row_save_later(struct store *s, const struct row *r, int64_t now_ms)
{
	/* What is queued may come to stand ready by being saved: not twice, by it and by a copy of it. */
	assert(
	    s->begun && r->state == r->was && r->ready == r->was_ready && r->state != STATE_QUEUED);
	row_cache_keep(s, r);
	s->seen.cache.unsaved = true;
	s->seen.cache.changed_ms = now_ms;
}

void
row_take_unsaved(struct store *s, const struct row *r)
{
	if (is_cached(s, r->seq))
		s->seen.cache.unsaved = false;
}

int
row_cache_flush(struct store *s, struct err *e)
{
	struct row_cache *cache = &s->seen.cache;

	if (!cache->unsaved)
		return 0;
	cache->unsaved = false;
	if (row_save(s, &cache->row, cache->changed_ms, &s->lost) == 0)
		return 0;
	return err_set(e, s->lost.kind, "%s", s->lost.msg);
}
