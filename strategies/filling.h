/*
 * What the placeholders of a strategy's table stand for, for one objective:
 * its parameters with all references to outputs replaced, its region, group,
 * name, batch and hash, and its tags.
 */
#ifndef STRATEGIES_FILLING_H
#define STRATEGIES_FILLING_H

#include "base/buf.h"
#include "core/objective.h"
#include "strategies/strategy.h"

#define FILLING_TEXT_MAX 8192 /* bytes of one filled text */

struct filling {
	const struct plan_request *request;
	struct objective_words words;
	const char *id;    /* of the objective; "ID" in a preview of one not submitted */
	cJSON *parameters; /* references replaced */
	char number[32];   /* of the value that was asked for last */
	int64_t each;      /* {n}; 0: none */
};

/*
 * Replaces references by the outputs that are known and checks every value
 * once more, since only now it is known; one that holds {run} or {resource},
 * which the start of a step would fill in, is refused, as is such a label. In a preview what is unknown stays
 * as it was written. 0 or -1; filling_clear() is due either way.
 */
int filling_init(struct filling *f, const struct plan_request *request, struct faults *faults);
void filling_clear(struct filling *f);

/* The value of a parameter; NULL if it has none. Borrowed. */
const cJSON *filling_value(const struct filling *f, const char *name);
/* Replaces every placeholder of TEXT. The caller's own; NULL and a fault if one has no value that is a text. */
char *filling_text(struct filling *f, const char *text, const char *where, struct faults *faults);
/* {"purser-objective": ID} and the labels. The caller's own. */
cJSON *filling_tags(const struct filling *f);

#endif
