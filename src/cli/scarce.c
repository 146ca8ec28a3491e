#include "config.h"

#include "cli/scarce.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/substitute.h"

void
scarce_init(struct scarce *s, struct cli *cli, struct estimator *estimator)
{
	struct err e = { 0 };

	*s = (struct scarce){ .cli = cli, .planner = cli_planner(cli) };
	s->planner.estimator = estimator;
	if (cli->store != NULL)
		store_scarcities(cli->store, clock_now_ms(), &s->all, &e);
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
	    "size: %s, and until %s it is not to be expected: alternatives = [\"SIZE\", ...] would let another one "
	    "be tried",
	    text, clock_format(found->until_ms, until));
}

void
scarce_look(const struct scarce *s, struct objective *o, struct strv *notes)
{
	const struct sizing sizing = {
		.scarce = &s->all,
		.subscription = planner_subscription(&s->planner),
		.store = s->cli->store,
	};
	struct err e = { 0 };

	if (s->all.len == 0)
		return;
	if (o->alternatives.len == 0)
		warn(s, o, notes);
	else
		substitute_choose(&s->planner, &sizing, o, notes, &e);
}
