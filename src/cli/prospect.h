/*
 * What the budget would say to objectives if they were submitted, or claimed,
 * now. Nothing is reserved; of several new ones each finds what those before it
 * would have reserved.
 */
#ifndef CLI_PROSPECT_H
#define CLI_PROSPECT_H

#include "cli/cli.h"
#include "core/budget.h"
#include "core/names.h"
#include "pricing/estimate.h"

struct prospects {
	struct cli *cli;
	int64_t now_ms;
	struct standing *v; /* of the scopes that occurred, with what was counted */
	size_t len, cap;
	struct names names; /* scope -> index */
	bool told;          /* why nothing can be said is told once */
	struct err e;       /* why nothing can be said; ERR_NONE: it can */
};

struct prospect {
	struct ruling ruling;
	struct err e; /* why there is none */
	bool told;    /* ... and that was told of another */
};

/* Opens the store to read, if there is one: before the first day nothing is spent. Never fails, and tells nobody. */
void prospects_init(struct prospects *p, struct cli *cli);
void prospects_clear(struct prospects *p);
/*
 * False, and *out is empty: it was claimed already, or it is to be destroyed, and
 * the budget has nothing to say to it. A stored one comes with what it holds, and
 * with what people have approved of it. OUT is to be cleared in any case.
 */
bool prospect_of(struct prospects *p, const struct objective *o, const struct estimate *estimate,
    struct prospect *out);
/* True for a stored one that is still to be claimed, or that was denied: a retry would ask again. */
bool prospect_is_due(const struct objective *o);
/* True for one of these of which no attempt is open: the next run plans it anew. */
bool prospect_is_to_begin(struct store *s, const struct objective *o);
/* True for one that failed because the budget denied it. */
bool prospect_was_denied(const struct objective *o);
void prospect_clear(struct prospect *p);
/*
 * Adds to REFUSALS what would hinder it: "web-dev/web would be held: ...
 * (config.toml:3:17)", or where several rules do, a line for each below; and to
 * WARNINGS a line for each limit that only warns and would be exceeded.
 */
void prospect_tell(const struct prospect *p, const struct objective *o, struct strv *refusals,
    struct strv *warnings);
/* {"verdict": "hold", "objections": [...]}, or {"verdict": "unknown", "why"}; the caller's own. */
cJSON *prospect_to_json(const struct prospect *p);
/* "MESSAGE (config.toml:3:17)", or with the rule where a default rules; the caller's own. */
char *prospect_objection_text(const struct objection *o);

#endif
