/* Which of the strategies that there are is to do an objective. */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/suggest.h"
#include "strategies/strategy.h"

const struct strategy *
strategy_find(const struct strategy *const *table, const char *name)
{
	for (const struct strategy *const *s = table; *s; s++)
		if (strcmp((*s)->name, name) == 0)
			return *s;
	return NULL;
}

static int
unknown_strategy(
    const struct strategy *const *table, const char *where, const char *name, struct faults *faults)
{
	struct suggest suggest;
	char hint[200];

	suggest_init(&suggest, name);
	suggest_offer(&suggest, "auto");
	for (const struct strategy *const *s = table; *s; s++)
		suggest_offer(&suggest, (*s)->name);
	return faults_add(faults, where, "unknown strategy \"%s\"%s", name,
	    suggest_text(&suggest, hint, sizeof(hint)));
}

int
strategy_check_capability(
    const struct strategy *const *table, const struct capability *c, struct faults *faults)
{
	static const char *const sections[] = { "parameters", "outputs" };
	const cJSON *section;
	int rc = 0;

	cJSON_ArrayForEach (section, c->strategies) {
		const struct strategy *s = strategy_find(table, section->string);
		struct suggest suggest;
		char where[PLACE_MAX], hint[200];

		if (s) {
			if (s->validate(c, faults) < 0)
				rc = -1;
			continue;
		}
		suggest_init(&suggest, section->string);
		for (size_t i = 0; i < COUNT_OF(sections); i++)
			suggest_offer(&suggest, sections[i]);
		for (const struct strategy *const *k = table; *k; k++)
			suggest_offer(&suggest, (*k)->name);
		rc = faults_add(faults, capability_where(c, section, where, sizeof(where)),
		    "\"%s\" is neither a section of a capability nor a strategy%s", section->string,
		    suggest_text(&suggest, hint, sizeof(hint)));
	}
	return rc;
}

/* What is asked of each strategy. */
struct question {
	const struct objective *objective;
	const struct capability *capability;
	const char *demanded; /* NULL: none is */
	struct strv excluded;
	struct hindrance hindrance;
};

static void
question_init(struct question *q, const struct objective *o, const struct capability *c,
    const struct hindrance *hindrance)
{
	*q = (struct question){ .objective = o, .capability = c, .demanded = objective_demands(o) };
	objective_excludes(o, &q->excluded);
	if (hindrance)
		q->hindrance = *hindrance;
}

static void
question_clear(struct question *q)
{
	strv_clear(&q->excluded);
}

/* Why S cannot do the capability; NULL if it can. The caller's own. */
static char *
inability(const struct question *q, const struct strategy *s)
{
	if (s->lacks != NULL)
		return s->lacks(q->capability, &q->hindrance.mcp);
	if (!capability_has_strategy(q->capability, s->name))
		return xasprintf("not described by \"%s\"", q->capability->name);
	return NULL;
}

/* Why S cannot be chosen; NULL if it can. The caller's own. */
static char *
obstacle(const struct question *q, const struct strategy *s)
{
	const struct hindrance *h = &q->hindrance;

	if (q->demanded && strcmp(q->demanded, s->name) != 0)
		return xasprintf("the objective demands %s", q->demanded);
	if (strv_has(&q->excluded, s->name))
		return xstrdup("the objective excludes it");
	char *unable = inability(q, s);
	if (unable)
		return unable;
	if (h->tried && strv_has(h->tried, s->name))
		return xstrdup(h->silent == s ? "its tool does not tell its account"
					      : "an earlier attempt fell back from it");
	if (h->missing && s->tool && strv_has(h->missing, s->tool))
		return xasprintf("there is no %s on PATH (to install it: %s)", s->tool, s->install);
	return NULL;
}

static bool
can_do(const struct question *q, const struct strategy *s)
{
	AUTO_FREE char *why_not = obstacle(q, s);

	return !why_not;
}

static bool
suits(const struct question *q, const struct strategy *s)
{
	return s->suits && s->suits(q->capability);
}

/* N: of how many. NULL if there is none. */
static const struct strategy *
best_of(const struct strategy *const *table, const struct question *q, size_t *n)
{
	const struct strategy *best = NULL;

	*n = 0;
	for (const struct strategy *const *s = table; *s; s++) {
		if (!can_do(q, *s))
			continue;
		++*n;
		if (!best || (suits(q, *s) && !suits(q, best)))
			best = *s;
	}
	return best;
}

static const char *
why_best(const struct question *q, const struct strategy *best, size_t of)
{
	if (q->demanded)
		return "the objective demands it";
	if (of == 1)
		return "the only one that can do it";
	return suits(q, best) ? "the capability says that it suits best"
			      : "the first of those that can do it";
}

static void
tell_reasons(const struct strategy *const *table, const struct question *q,
    const struct strategy *best, size_t of, struct strv *reasons)
{
	for (const struct strategy *const *s = table; *s; s++) {
		AUTO_FREE char *why_not = obstacle(q, *s);

		if (*s == best)
			strv_addf(reasons, "%s: chosen, %s", best->name, why_best(q, best, of));
		else
			strv_addf(reasons, "%s: passed over, %s", (*s)->name,
			    why_not ? why_not : "left to fall back to");
	}
}

/* The faults of a wish in itself. */
static int
check_wish(const struct strategy *const *table, const struct question *q, struct faults *faults)
{
	AUTO_FREE char *where = objective_label(q->objective);
	int rc = 0;

	if (q->demanded && !strategy_find(table, q->demanded))
		rc = unknown_strategy(table, where, q->demanded, faults);
	for (size_t i = 0; i < q->excluded.len; i++)
		if (!strategy_find(table, q->excluded.v[i]))
			rc = unknown_strategy(table, where, q->excluded.v[i], faults);
	return rc;
}

static int
none_is_left(const struct strategy *const *table, const struct question *q, struct faults *faults)
{
	AUTO_FREE char *where = objective_label(q->objective);
	CLEANUP(strv_clear) struct strv whys = { 0 };

	for (const struct strategy *const *s = table; *s; s++) {
		AUTO_FREE char *why_not = obstacle(q, *s);

		if (!q->demanded || strcmp(q->demanded, (*s)->name) == 0)
			strv_addf(&whys, "%s: %s", (*s)->name, why_not);
	}
	AUTO_FREE char *all = strv_join(&whys, "; ");
	return faults_add(faults, where, "%s \"%s\": %s",
	    q->demanded ? "the strategy that is demanded cannot do" : "no strategy can do",
	    q->capability->name, all);
}

int
strategy_choose(const struct strategy *const *table, const struct objective *o,
    const struct capability *c, const struct hindrance *hindrance, struct choice *choice,
    struct faults *faults)
{
	CLEANUP(question_clear) struct question q;
	size_t of;

	*choice = (struct choice){ 0 };
	question_init(&q, o, c, hindrance);
	if (check_wish(table, &q, faults) < 0)
		return -1;
	choice->strategy = best_of(table, &q, &of);
	if (!choice->strategy)
		return none_is_left(table, &q, faults);
	tell_reasons(table, &q, choice->strategy, of, &choice->reasons);
	return 0;
}

bool
strategy_is_left(const struct strategy *const *table, const struct objective *o,
    const struct capability *c, const struct hindrance *hindrance, const char *strategy)
{
	CLEANUP(question_clear) struct question q;
	bool left = false;

	question_init(&q, o, c, hindrance);
	/* One that is demanded is the only one. */
	for (const struct strategy *const *s = table; *s && !q.demanded; s++)
		left = left || ((!strategy || strcmp(strategy, (*s)->name) != 0) && can_do(&q, *s));
	return left;
}

void
choice_clear(struct choice *choice)
{
	strv_clear(&choice->reasons);
	choice->strategy = NULL;
}
