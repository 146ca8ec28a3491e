/* What is counted is one occurrence for each attempt, however often that tried. */
#include <config.h>

#include "core/history.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

static const char *const sequel_names[SEQUELS] = {
	[SEQUEL_OPEN] = "open",
	[SEQUEL_RESOLVED] = "resolved",
	[SEQUEL_FAILED] = "failed",
	[SEQUEL_CANCELLED] = "cancelled",
};

static const struct {
	const char *name, *words; /* "by ..." */
} resolvers[RESOLVERS] = {
	[RESOLVER_RETRY] = { "retry", "a retry" },
	[RESOLVER_STRATEGY] = { "strategy", "another strategy" },
	[RESOLVER_PARAMETER] = { "parameter", "another value" },
	[RESOLVER_PERSON] = { "person", "a person who resolved the doubt" },
};

const char *
sequel_name(enum sequel sequel)
{
	assert(sequel < SEQUELS);
	return sequel_names[sequel];
}

enum sequel
sequel_from_name(const char *name)
{
	enum sequel sequel = 0;

	while (sequel < SEQUELS && (name == NULL || strcmp(sequel_names[sequel], name) != 0))
		sequel++;
	return sequel;
}

const char *
resolver_name(enum resolver resolver)
{
	assert(resolver < RESOLVERS);
	return resolvers[resolver].name;
}

enum resolver
resolver_from_name(const char *name)
{
	enum resolver resolver = 0;

	while (
	    resolver < RESOLVERS && (name == NULL || strcmp(resolvers[resolver].name, name) != 0))
		resolver++;
	return resolver;
}

void
occurrence_clear(struct occurrence *c)
{
	free(c->batch);
	free(c->name);
	free(c->strategy);
	free(c->size);
	free(c->person);
	free(c->detail);
	*c = (struct occurrence){ .times = 0 };
}

/* What an undo meets is told with the resource that it leaves. */
bool
history_counts(enum act act, enum answer answer)
{
	switch (act) {
	case ACT_RUN:
	case ACT_COLLECT:
	case ACT_MEND:
		return true;
	case ACT_CHECK:
		return answer == ANSWER_CANNOT_TELL;
	case ACT_GUARD:
	case ACT_UNDO:
	case ACT_PROVE:
	case ACTS:
		break;
	}
	return false;
}

static void
add_texts(const cJSON *value, struct strv *names)
{
	const cJSON *member;

	if (cJSON_IsString(value))
		strv_add(names, value->valuestring);
	cJSON_ArrayForEach (member, value)
		add_texts(member, names);
}

void
history_names(const struct objective *o, struct strv *names)
{
	const char *const own[] = { o->name, o->batch, o->resource_group, o->region,
		o->subscription };

	for (size_t i = 0; i < COUNT_OF(own); i++)
		if (own[i] != NULL)
			strv_add(names, own[i]);
	add_texts(o->parameters, names);
}

/* ---- what resolved it ---- */

static void
add_change(struct strv *changes, const char *name, const char *then, const char *now)
{
	if (now != NULL && (then == NULL || strcmp(then, now) != 0))
		strv_addf(changes, "%s = %s", name, now);
}

/* For people: a string as it is. The caller's own; NULL for NULL. */
static char *
value_text(const cJSON *value)
{
	if (value == NULL)
		return NULL;
	return cJSON_IsString(value) ? xstrdup(value->valuestring) : json_canonical(value);
}

/* What NOW says otherwise than THEN. */
static void
find_changes(const struct objective *then, const struct objective *now, struct strv *changes)
{
	const cJSON *value;

	add_change(changes, "region", then->region, now->region);
	add_change(changes, "resource_group", then->resource_group, now->resource_group);
	cJSON_ArrayForEach (value, now->parameters) {
		const cJSON *before =
		    cJSON_GetObjectItemCaseSensitive(then->parameters, value->string);
		AUTO_FREE char *text = value_text(value);
		AUTO_FREE char *text_before = value_text(before);

		add_change(changes, value->string, text_before, text);
	}
}

enum resolver
history_resolver(const struct occurrence *c, const struct objective *then,
    const struct objective *now, const struct passing *by, char **detail)
{
	CLEANUP(strv_clear) struct strv changes = { 0 };

	*detail = NULL;
	if (c->person != NULL) {
		*detail = xstrdup(c->person);
		return RESOLVER_PERSON;
	}
	if (by->same)
		return RESOLVER_RETRY;
	find_changes(then, now, &changes);
	/* One objective may have been submitted with both. */
	if (changes.len == 0 && c->size != NULL)
		add_change(&changes, "size", c->size, by->size);
	if (changes.len > 0) {
		*detail = strv_join(&changes, ", ");
		return RESOLVER_PARAMETER;
	}
	if (c->strategy != NULL && by->strategy != NULL &&
	    strcmp(c->strategy, by->strategy) != 0) {
		*detail = xstrdup(by->strategy);
		return RESOLVER_STRATEGY;
	}
	return RESOLVER_RETRY;
}

/* ---- what is learned ---- */

static int
by_length(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int64_t
median(int64_t *v, size_t len)
{
	if (len == 0)
		return 0;
	qsort(v, len, sizeof(*v), by_length);
	return v[len / 2];
}

void
lesson_of(const struct occurrence *v, size_t len, struct lesson *lesson)
{
	AUTO_FREE int64_t *spans = xcalloc(len + 1, sizeof(*spans));

	*lesson = (struct lesson){ .ended = 0 };
	for (size_t i = 0; i < len; i++)
		lesson->ended += v[i].sequel != SEQUEL_OPEN;
	for (enum resolver by = 0; by < RESOLVERS; by++) {
		size_t n = 0;

		for (size_t i = 0; i < len; i++) {
			if (v[i].sequel != SEQUEL_RESOLVED || v[i].resolver != by)
				continue;
			if (n == 0)
				lesson->by[by].detail = v[i].detail;
			spans[n++] = v[i].ended_ms - v[i].first_ms;
		}
		lesson->by[by].times = (int64_t)n;
		lesson->by[by].after_ms = median(spans, n);
	}
}

/* The fraction of a second tells nothing where it took longer than some. */
static int64_t
rounded(int64_t ms)
{
	return ms < 10000 ? ms : (ms + 500) / 1000 * 1000;
}

char *
lesson_text(const struct lesson *lesson, enum resolver resolver)
{
	const char *detail = lesson->by[resolver].detail;
	int64_t times = lesson->by[resolver].times;
	char span[CLOCK_TEXT_SIZE];

	if (times == 0)
		return NULL;
	return xasprintf("resolved %lld of %lld times by %s%s%s%s after about %s", (long long)times,
	    (long long)lesson->ended, resolvers[resolver].words, detail != NULL ? " (" : "",
	    detail != NULL ? detail : "", detail != NULL ? ")" : "",
	    clock_format_span(rounded(lesson->by[resolver].after_ms), span));
}

size_t
lesson_order(const struct lesson *lesson, enum resolver order[static RESOLVERS])
{
	size_t n = 0, at;

	for (enum resolver by = 0; by < RESOLVERS; by++) {
		if (lesson->by[by].times == 0)
			continue;
		for (at = n++; at > 0 && lesson->by[order[at - 1]].times < lesson->by[by].times;
		     at--)
			order[at] = order[at - 1];
		order[at] = by;
	}
	return n;
}
