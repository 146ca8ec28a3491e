/*
 * What an objective costs as it stands: the estimate of it, made of what the
 * state of its tool says. It is the capability's own, so that it can be held
 * against what was committed.
 */
#include "config.h"

#include "cli/drift.h"

#include "base/mem.h"
#include "cli/estimate.h"
#include "core/planned.h"

static int
estimate_as(
    const struct cli *cli, const struct objective *as, struct drift_cost *now, struct err *e)
{
	CLEANUP(estimate_clear) struct estimate estimate = { 0 };
	struct pricer pricer;
	int rc = pricer_open(&pricer, cli, e);

	if (rc == 0)
		rc = pricer_estimate(&pricer, cli, as, &estimate, e);
	pricer_close(&pricer);
	if (rc < 0)
		return -1;
	now->known = true;
	now->monthly = estimate.monthly;
	now->why = xstrdup(estimate.why);
	return 0;
}

/* Without a word on what its resources cost, the parameters tell only what it was to be. */
static bool
can_be_told(const struct capability *c, const cJSON *standing)
{
	return standing != NULL || c == NULL || c->cost.none;
}

void
drift_price(const struct cli *cli, const cJSON *standing, struct drift *d)
{
	CLEANUP(planned_clear) struct objective as = { 0 };
	const char *unpriced = planned_unpriced(standing);
	struct err e = { 0 };

	if (!can_be_told(library_find(&cli->library, d->objective.capability), standing)) {
		d->now.why = xstrdup("its capability does not say what each resource costs");
		return;
	}
	planned_apply(standing, &d->objective, &as);
	if (estimate_as(cli, &as, &d->now, &e) < 0)
		d->now.why = xstrdup(e.msg);
	if (unpriced != NULL) {
		free(d->now.why);
		d->now.why = xstrdup(unpriced);
	}
}
