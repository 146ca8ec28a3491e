/*
 * Decision rules: the [[decide]] rows of a capability.toml. What a submitter
 * says of the purpose (workload, environment) is turned into sizes and SKUs by
 * data.
 *
 *	[[decide]]
 *	name = "gpu in production"      shown beside each value that it set; unique
 *	when = { workload = "ml", environment = ["prod", "production"] }
 *	set = { node_size = "Standard_NC24ads_A100_v4", tier = "premium" }
 *
 * The rules are tried in their order. One whose conditions all hold sets those
 * of its parameters that neither the submitter nor an earlier rule has set; what
 * is left then gets its default. A condition is about a parameter, "region", or
 * "labels.NAME": its value is the one given, or one of a list. A parameter
 * that nobody has set yet counts with its default: so a rule may not read what
 * a later one sets. What a rule reads must be literal, because it is decided
 * when the objective is submitted, before there is any output.
 */
#ifndef CORE_DECIDE_H
#define CORE_DECIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/doc.h"
#include "base/faults.h"
#include "base/strv.h"
#include "core/objective.h"
#include "core/parameter.h"

#define DECIDE_NAME_MAX 60 /* bytes of a rule's name */

/* All text and values below are borrowed from the capability's document. */

enum decide_subject { DECIDE_PARAMETER, DECIDE_REGION, DECIDE_LABEL };

struct decide_condition {
	enum decide_subject subject;
	const char *name;    /* of the parameter or the label; "region" */
	const cJSON *values; /* one of them, or the one */
};

struct decide_rule {
	const char *name;
	struct decide_condition *when; /* all must hold */
	size_t n_when;
	const cJSON *set; /* parameter -> value */
};

struct decide {
	struct decide_rule *rules;
	size_t n_rules;
	struct strv reads; /* the parameters that any rule reads */
};

/*
 * Reads VALUE, the key "decide" of a capability's document DOC (NULL: it has no
 * rules), whose parameters are those of P. All faults with their places. 0 or
 * -1; decide_clear() is due either way.
 */
int decide_parse(struct decide *d, const struct doc *doc, const cJSON *value,
    const struct parameter *p, size_t n_p, struct faults *faults);
void decide_clear(struct decide *d);

/* True if a rule reads the parameter: its value must be literal then. */
bool decide_reads(const struct decide *d, const char *parameter);
/* True if a rule may set the parameter. */
bool decide_sets(const struct decide *d, const char *parameter);

/*
 * Adds to O's parameters, which are those that were given, what the rules set,
 * and to o->decided which rule it was.
 */
void
decide_apply(const struct decide *d, const struct parameter *p, size_t n_p, struct objective *o);

/* "workload is ml and environment is prod or production". The caller's own. */
char *decide_when_text(const struct decide_rule *rule);
/* "node_size = Standard_NC24ads_A100_v4, tier = premium". The caller's own. */
char *decide_set_text(const struct decide_rule *rule);

#endif
