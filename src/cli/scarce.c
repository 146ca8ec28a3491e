#include "config.h"

#include "cli/scarce.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/substitute.h"
#include "engine/tried.h"

void
scarce_init(struct scarce *s, struct cli *cli, struct estimator *estimator)
{
	*s = (struct scarce){ .cli = cli, .planner = cli_planner(cli) };
	s->planner.estimator = estimator;
	if (cli->store != NULL)
		store_scarcities(cli->store, clock_now_ms(), &s->all, &s->e);
}

void
scarce_clear(struct scarce *s)
{
	scarcities_clear(&s->all);
}

/* One that allows no other size is tried all the same. */
static void
warn(const struct scarce *s, const struct objective *o, struct strv *notes)
{
	const struct capability *c = library_find(&s->cli->library, o->capability);
	const struct scarcity *found = NULL;
	struct wanted wanted;
	char until[CLOCK_TEXT_SIZE];

	if (c != NULL && wanted_of(&wanted, c, o, planner_subscription(&s->planner)))
		found = scarcity_find(&s->all, &wanted);
	if (found == NULL)
		return;
	AUTO_FREE char *text = scarcity_text(found);

	strv_addf(notes,
	    "size: %s, and until %.19sZ it is not to be expected: alternatives = [\"SIZE\", ...] would let another one "
	    "be tried",
	    text, clock_format(found->until_ms, until));
}

/* A new one has nothing behind it. */
static int
choose_new(const struct scarce *s, struct objective *o, struct strv *notes, struct err *e)
{
	const struct sizing sizing = { .scarce = &s->all, .store = s->cli->store };

	return s->all.len > 0 ? substitute_choose(&s->planner, &sizing, o, notes, NULL, e) : 0;
}

static int
choose_stored(const struct scarce *s, struct objective *o, struct strv *notes, struct err *e)
{
	CLEANUP(tried_clear) struct tried tried = { .stands = false };

	if (tried_load(&tried, s->cli->store, &s->planner, o, true, e) == -1)
		return -1;
	strv_copy(notes, &tried.reasons);
	return 0;
}

void
scarce_look(const struct scarce *s, struct objective *o, struct strv *notes)
{
	struct err e = { 0 };
	int rc = 0;

	if (s->cli->store == NULL)
		return;
	if (o->alternatives.len == 0)
		warn(s, o, notes);
	else if (*o->id == '\0')
		rc = choose_new(s, o, notes, &e);
	else
		rc = choose_stored(s, o, notes, &e);
	if (s->e.kind != ERR_NONE || rc == -1)
		strv_addf(notes, "size: what is scarce is not known: %s",
		    rc == -1 ? e.msg : s->e.msg);
}
