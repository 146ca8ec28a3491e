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

/* TRIED may be NULL: nothing was. */
static bool
was_tried(const struct strv *tried, const char *name)
{
	return tried && strv_has(tried, name);
}

static int
choose_named(const struct strategy *const *table, const struct objective *o,
    const struct capability *c, const struct strv *tried, struct choice *choice,
    struct faults *faults)
{
	AUTO_FREE char *where = objective_label(o);
	const struct strategy *s = strategy_find(table, o->strategy);

	if (!s)
		return unknown_strategy(table, where, o->strategy, faults);
	if (!capability_has_strategy(c, s->name))
		return faults_add(faults, where, "\"%s\" cannot be done by %s", c->name, s->name);
	if (was_tried(tried, s->name))
		return faults_add(faults, where,
		    "%s was tried, and the objective names no other strategy", s->name);
	choice->strategy = s;
	strv_addf(&choice->reasons, "%s: the objective names it", s->name);
	return 0;
}

int
strategy_choose(const struct strategy *const *table, const struct objective *o,
    const struct capability *c, const struct strv *tried, struct choice *choice,
    struct faults *faults)
{
	bool all_tried = false;

	*choice = (struct choice){ 0 };
	if (strcmp(o->strategy, "auto") != 0)
		return choose_named(table, o, c, tried, choice, faults);
	for (const struct strategy *const *s = table; *s; s++) {
		if (!capability_has_strategy(c, (*s)->name)) {
			strv_addf(
			    &choice->reasons, "%s: not described by \"%s\"", (*s)->name, c->name);
			continue;
		}
		if (was_tried(tried, (*s)->name)) {
			strv_addf(&choice->reasons, "%s: an earlier attempt fell back from it",
			    (*s)->name);
			all_tried = true;
			continue;
		}
		strv_addf(&choice->reasons, "%s: %s", (*s)->name,
		    choice->strategy ? "possible, but ranked lower" : "the best that can do it");
		if (!choice->strategy)
			choice->strategy = *s;
	}
	if (choice->strategy)
		return 0;
	choice_clear(choice);
	AUTO_FREE char *where = objective_label(o);
	return faults_add(faults, where,
	    all_tried ? "every strategy that can do \"%s\" was tried" : "no strategy can do \"%s\"",
	    c->name);
}

bool
strategy_is_left(const struct strategy *const *table, const struct objective *o,
    const struct capability *c, const struct strv *tried, const char *strategy)
{
	/* One that the objective names is the only one. */
	if (strcmp(o->strategy, "auto") != 0)
		return false;
	for (const struct strategy *const *s = table; *s; s++)
		if (capability_has_strategy(c, (*s)->name) && !was_tried(tried, (*s)->name) &&
		    (!strategy || strcmp(strategy, (*s)->name) != 0))
			return true;
	return false;
}

void
choice_clear(struct choice *choice)
{
	strv_clear(&choice->reasons);
	choice->strategy = NULL;
}
