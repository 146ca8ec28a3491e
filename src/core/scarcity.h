/*
 * What is remembered of sizes of machines that could not be had: in which region and
 * zone, for whom, since when, and until when it is taken to be so. The zone is what the
 * capability's parameter "zone" says, where it has one. Decisions only;
 * store/scarcity.h keeps them.
 */
#ifndef CORE_SCARCITY_H
#define CORE_SCARCITY_H

#include "core/capability.h"
#include "core/failure.h"
#include "core/objective.h"

struct scarcity {
	char *size, *region;
	char *zone;         /* "": it was refused in the region as a whole */
	char *subscription; /* "": it is not known whose */
	enum failure_class class; /* capacity or quota */
	char *code;               /* NULL: there was none */
	int64_t times;            /* that it was refused since it was last to be had */
	int64_t seen_ms, until_ms;
};
void scarcity_clear(struct scarcity *s);

struct scarcities {
	struct scarcity *v;
	size_t len;
};
void scarcities_clear(struct scarcities *all);

/* A machine that somebody wants: "" for a zone or subscription that is not said. All borrowed. */
struct wanted {
	const char *size, *region, *zone, *subscription;
};
/*
 * What O wants; SUBSCRIPTION is that of objectives which name none, NULL: not known. False
 * if it wants no machine, or nobody knows where.
 */
bool wanted_of(struct wanted *w, const struct capability *c, const struct objective *o,
    const char *subscription);

/* What tells that it cannot be had; NULL: nothing does. Borrowed. */
const struct scarcity *scarcity_find(const struct scarcities *all, const struct wanted *w);
/*
 * "Standard_D4s_v5 could not be had in westeurope, zone 1, at 2026-11-22T01:02:03Z
 * (SkuNotAvailable)". The caller's own.
 */
char *scarcity_text(const struct scarcity *s);
/* {"size", "region", "zone", "subscription", "class", "code", "times", "seen", "until"}; the caller's own. */
cJSON *scarcity_to_json(const struct scarcity *s);

#endif
