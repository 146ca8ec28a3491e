/*
 * Whether an alternative is affordable is asked here without reserving anything: what its
 * claim then is told counts. If none is, the first goes there all the same, so that the
 * objective is held for its money like any other.
 */
#include "config.h"

#include "engine/substitute.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/ledger.h"

struct chooser {
	const struct planner *planner;
	const struct sizing *sizing;
	const struct capability *capability;
	const char *parameter; /* that is the size */
	struct objective *o;
	struct strv *reasons;
};

static const struct parameter *
size_parameter(const struct planner *p, const struct objective *o)
{
	const struct capability *c = library_find(p->library, o->capability);

	return c != NULL && o->alternatives.len > 0 ? capability_size(c) : NULL;
}

static const char *
asked_size(const struct objective *o, const char *parameter)
{
	return json_str(o->instead != NULL ? o->instead : o->parameters,
	    o->instead != NULL ? "asked" : parameter);
}

static bool
is_among(const struct strv *sizes, const char *size)
{
	for (size_t i = 0; sizes != NULL && i < sizes->len; i++)
		if (strcasecmp(sizes->v[i], size) == 0)
			return true;
	return false;
}

/* Takes REASON over. */
static void
tell(const struct chooser *ch, char *reason)
{
	AUTO_FREE char *owned = reason;

	if (ch->reasons != NULL)
		strv_addf(ch->reasons, "size: %s", reason);
}

/* Of the size that O has now. */
static const struct scarcity *
remembered(const struct chooser *ch)
{
	struct wanted wanted;

	if (ch->sizing->scarce == NULL ||
	    !wanted_of(&wanted, ch->capability, ch->o, ch->sizing->subscription))
		return NULL;
	return scarcity_find(ch->sizing->scarce, &wanted);
}

/* Refused here, or remembered to have been refused: told, with why. */
static bool
is_not_to_be_had(const struct chooser *ch, const char *size)
{
	const struct scarcity *s = remembered(ch);

	if (s != NULL)
		tell(ch, scarcity_text(s));
	else if (is_among(ch->sizing->refused, size))
		tell(ch, xasprintf("%s could not be had in an earlier attempt", size));
	else
		return false;
	return true;
}

/* A plan that was approved is taken for the one that will be made. */
static int
rule(const struct chooser *ch, const struct price *price, struct ruling *ruling, struct err *e)
{
	struct store *s = ch->sizing->store;
	struct approval *approvals = NULL;
	size_t len = 0;
	int rc;

	if (store_approvals(s, ch->o->id, &approvals, &len, e) == -1)
		return -1;
	const struct demand d = {
		.amount = price->monthly.high,
		.unpriced = price->unpriced,
		.why_unpriced = price->why_unpriced,
		.digest = len > 0 ? approvals[0].digest : "",
	};
	rc = store_budget_try(
	    s, &ch->planner->config->budget, ch->o, &d, clock_now_ms(), ruling, e);
	store_approvals_free(approvals, len);
	return rc;
}

/* *admits: as far as can be told before its claim. */
static int
ask_budget(const struct chooser *ch, const char *size, bool *admits, struct err *e)
{
	struct ruling ruling = { .len = 0 };
	struct price price;
	int rc;

	*admits = true;
	if (ch->sizing->store == NULL)
		return 0;
	price_init(&price);
	rc = planner_estimate(ch->planner, ch->o, &price, e);
	if (rc == 0)
		rc = rule(ch, &price, &ruling, e);
	else if (e->kind == ERR_INPUT)
		rc = 0; /* what is wrong with it, its planning tells */
	*admits = ruling.verdict == VERDICT_ADMIT;
	if (rc == 0 && !*admits)
		tell(ch, xasprintf("%s would be %s: %s", size,
			     ruling.verdict == VERDICT_DENY ? "denied" : "held",
			     ruling.len > 0 ? ruling.v[0].message : "over the budget"));
	ruling_clear(&ruling);
	price_clear(&price);
	return rc;
}

/* The first that the budget admits, else the first; *found NULL: none is left. */
static int
choose_alternative(const struct chooser *ch, const char **found, struct err *e)
{
	const struct strv *list = &ch->o->alternatives;

	*found = NULL;
	for (size_t i = 0; i < list->len; i++) {
		bool admits;

		objective_substitute(ch->o, ch->parameter, list->v[i]);
		if (is_not_to_be_had(ch, list->v[i]))
			continue;
		if (ask_budget(ch, list->v[i], &admits, e) == -1)
			return -1;
		if (admits || *found == NULL)
			*found = list->v[i];
		if (admits)
			break;
	}
	return 0;
}

/* All are remembered as scarce: the first that was not refused to this one itself. */
static const char *
first_untried(const struct chooser *ch, const char *asked)
{
	const struct strv *refused = ch->sizing->refused, *list = &ch->o->alternatives;

	if (!is_among(refused, asked))
		return asked;
	for (size_t i = 0; i < list->len; i++)
		if (!is_among(refused, list->v[i]))
			return list->v[i];
	return NULL;
}

int
substitute_choose(const struct planner *p, const struct sizing *sizing, struct objective *o,
    struct strv *reasons, struct err *e)
{
	const struct parameter *size = size_parameter(p, o);
	const char *asked = size != NULL ? asked_size(o, size->name) : NULL, *found;

	if (asked == NULL)
		return 0;
	AUTO_FREE char *first = xstrdup(asked);
	AUTO_FREE char *last = xstrdup(json_str(o->parameters, size->name));
	const struct chooser ch = {
		.planner = p,
		.sizing = sizing,
		.capability = library_find(p->library, o->capability),
		.parameter = size->name,
		.o = o,
		.reasons = reasons,
	};

	objective_substitute(o, size->name, NULL);
	if (!is_not_to_be_had(&ch, first))
		return 0;
	if (choose_alternative(&ch, &found, e) == -1)
		return -1;
	if (found == NULL)
		found = first_untried(&ch, first);
	objective_substitute(o, size->name, found != NULL ? found : last);
	if (o->instead != NULL)
		tell(&ch, xasprintf("%s takes the place of %s", json_str(o->instead, "value"), first));
	return 0;
}

const char *
substitute_size(const struct planner *p, const struct objective *o)
{
	const struct parameter *size = size_parameter(p, o);

	return size != NULL ? json_str(o->parameters, size->name) : NULL;
}

bool
substitute_is_left(
    const struct planner *p, const struct objective *o, const struct strv *refused)
{
	const struct parameter *size = size_parameter(p, o);
	const char *now = substitute_size(p, o), *asked;

	if (now == NULL || (asked = asked_size(o, size->name)) == NULL)
		return false;
	if (strcasecmp(asked, now) != 0 && !is_among(refused, asked))
		return true;
	for (size_t i = 0; i < o->alternatives.len; i++)
		if (strcasecmp(o->alternatives.v[i], now) != 0 &&
		    !is_among(refused, o->alternatives.v[i]))
			return true;
	return false;
}
