/*
 * What terraform answers to one who asks for drift: what a refresh tells of the
 * resources, and the document of the plan that it left, which tells the rest.
 */
#ifndef CLI_DRIFT_ANSWER_H
#define CLI_DRIFT_ANSWER_H

#include "cli/drift.h"
#include "core/execution.h"
#include "store/store.h"

struct drift_question {
	struct cli *cli;
	const struct strategy *strategy;
	const struct step *step;
	struct drift *drift;              /* to be filled: what drifted, or its failure */
	const struct resource *resources; /* the registry's */
	size_t n_resources;
};

void drift_take_refresh(const struct drift_question *q, const struct result *r);
/* After the other. What it costs is told of the same document: both are of the same moment. */
void drift_take_document(const struct drift_question *q, const struct result *r);
/* All that the two have told, but for the failure. */
void drift_forget(struct drift *d);

#endif
