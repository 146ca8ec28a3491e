/*
 * Whether an alternative is affordable is asked here without reserving anything: what its
 * claim then is told counts. If none is, the one that was asked for, else the first that
 * would only be held goes there all the same, so that the objective waits for its money
 * like any other.
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
	const char *asked;
	struct objective *o;
	struct strv *reasons;
};

/* What speaks for a size, the best last. */
enum rank {
	RANK_REFUSED, /* to the objective itself */
	RANK_DENIED,
	RANK_HELD,
	RANK_ASKED,  /* nobody may have it now, but it is what was asked for */
	RANK_SCARCE, /* admitted, and not to be expected */
	RANK_ADMITTED,
};

static const struct parameter *
size_parameter(const struct planner *p, const struct objective *o)
{
	const struct capability *c = o->alternatives.len > 0
	    ? library_find(p->library, o->capability)
	    : NULL;

	return c != NULL ? capability_size(c) : NULL;
}

static const char *
asked_size(const struct objective *o, const char *parameter)
{
	return o->instead != NULL ? json_str(o->instead, "asked")
				  : json_str(o->parameters, parameter);
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
	    !wanted_of(
		&wanted, ch->capability, ch->o, planner_subscription(ch->planner)))
		return NULL;
	return scarcity_find(ch->sizing->scarce, &wanted);
}

/* ---- what the budget says ---- */

/* Approvals are bound to a plan: what nobody has approved needs none to compare. */
static int
price_of(const struct chooser *ch, bool approved, struct price *price, struct err *e)
{
	static const struct strv none = { 0 };
	struct dependency *needs;
	size_t n_needs;
	int rc;

	if (!approved)
		return planner_estimate(ch->planner, ch->o, price, e);
	if (store_dependencies(ch->sizing->store, ch->o->id, &needs, &n_needs, e) == -1)
		return -1;
	rc = planner_price(ch->planner, ch->o, needs, n_needs,
	    ch->sizing->tried != NULL ? ch->sizing->tried : &none, price, e);
	store_dependencies_free(needs, n_needs);
	return rc;
}

static int
rule(const struct chooser *ch, struct ruling *ruling, struct err *e)
{
	const struct budget *budget = &ch->planner->config->budget;
	struct store *s = ch->sizing->store;
	struct approval *approvals = NULL;
	struct price price;
	size_t len = 0;
	int rc;

	if (store_approvals(s, ch->o->id, &approvals, &len, e) == -1)
		return -1;
	store_approvals_free(approvals, len);
	price_init(&price);
	rc = price_of(ch, len > 0, &price, e);
	if (rc == 0) {
		const struct demand d = {
			.amount = price.monthly.high,
			.unpriced = price.unpriced,
			.why_unpriced = price.why_unpriced,
			.digest = price.digest,
		};
		rc = store_budget_try(s, budget, ch->o, &d, clock_now_ms(), ruling, e);
	}
	price_clear(&price);
	return rc;
}

/* What is wrong with it otherwise, its planning tells. */
static int
ask_budget(const struct chooser *ch, const char *size, enum verdict *verdict, struct err *e)
{
	struct ruling ruling = { .len = 0 };
	struct err why = { 0 };
	int rc = 0;

	*verdict = VERDICT_ADMIT;
	if (ch->sizing->store == NULL)
		return 0;
	if (rule(ch, &ruling, &why) == 0)
		*verdict = ruling.verdict;
	else if (why.kind != ERR_INPUT)
		rc = err_set(e, why.kind, "%s", why.msg);
	if (*verdict != VERDICT_ADMIT)
		tell(ch, xasprintf("%s would be %s: %s", size,
			     *verdict == VERDICT_DENY ? "denied" : "held",
			     ruling.len > 0 ? ruling.v[0].message : "over the budget"));
	ruling_clear(&ruling);
	return rc;
}

/* ---- choosing ---- */

static int
rank(const struct chooser *ch, const char *size, enum rank *rank, struct err *e)
{
	bool is_asked = strcasecmp(size, ch->asked) == 0;
	const struct scarcity *s;
	enum verdict verdict;

	objective_substitute(ch->o, ch->parameter, size);
	s = remembered(ch);
	if (s != NULL)
		tell(ch, scarcity_text(s));
	if (is_among(ch->sizing->refused, size)) {
		if (s == NULL)
			tell(ch, xasprintf("%s could not be had in an earlier attempt", size));
		*rank = RANK_REFUSED;
		return 0;
	}
	/* What was asked for and can be had is not replaced to save money. */
	if (is_asked && s == NULL) {
		*rank = RANK_ADMITTED;
		return 0;
	}
	if (ask_budget(ch, size, &verdict, e) == -1)
		return -1;
	if (verdict == VERDICT_ADMIT)
		*rank = s != NULL ? RANK_SCARCE : RANK_ADMITTED;
	else if (is_asked)
		*rank = RANK_ASKED;
	else
		*rank = verdict == VERDICT_HOLD ? RANK_HELD : RANK_DENIED;
	return 0;
}

/* Of equals the first; *best NULL: each was refused. */
static int
choose(const struct chooser *ch, const char **best, enum rank *best_rank, struct err *e)
{
	const struct strv *list = &ch->o->alternatives;
	enum rank r;

	*best = NULL;
	*best_rank = RANK_REFUSED;
	for (size_t i = 0; i <= list->len && *best_rank < RANK_ADMITTED; i++) {
		const char *size = i == 0 ? ch->asked : list->v[i - 1];

		if (rank(ch, size, &r, e) == -1)
			return -1;
		if (r <= *best_rank)
			continue;
		*best = size;
		*best_rank = r;
	}
	return 0;
}

int
substitute_choose(const struct planner *p, const struct sizing *sizing, struct objective *o,
    struct strv *reasons, bool *admitted, struct err *e)
{
	const struct parameter *size = size_parameter(p, o);
	const char *asked = size != NULL ? asked_size(o, size->name) : NULL, *best;
	enum rank best_rank;

	if (admitted != NULL)
		*admitted = false;
	if (asked == NULL)
		return 0;
	AUTO_FREE char *first = xstrdup(asked);
	AUTO_FREE char *last = xstrdup(json_str(o->parameters, size->name));
	const struct chooser ch = {
		.planner = p,
		.sizing = sizing,
		.capability = library_find(p->library, o->capability),
		.parameter = size->name,
		.asked = first,
		.o = o,
		.reasons = reasons,
	};

	int rc = choose(&ch, &best, &best_rank, e);
	objective_substitute(o, size->name, rc == 0 && best != NULL ? best : last);
	if (rc == -1)
		return -1;
	if (o->instead != NULL)
		tell(&ch,
		    xasprintf("%s takes the place of %s", json_str(o->instead, "value"), first));
	if (admitted != NULL)
		*admitted = o->instead != NULL && best_rank >= RANK_SCARCE;
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
