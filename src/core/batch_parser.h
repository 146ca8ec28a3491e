/*
 * What the parts of reading a batch share: batch.c finds the objectives in the
 * document, batch_objective.c and batch_parameters.c read each by itself,
 * batch_names.c makes names that nobody gave, and batch_graph.c looks at what they say of one another. For these
 * files only.
 */
#ifndef CORE_BATCH_PARSER_H
#define CORE_BATCH_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/batch.h"
#include "core/names.h"

struct batch_parser {
	const struct doc *doc;
	const struct library *library;
	struct faults *faults;
	struct batch *b;
	int64_t now_ms;
	const cJSON **nodes;                    /* of each objective, for places */
	const struct capability **capabilities; /* of each objective; NULL if unknown */
	struct names names;                     /* name -> index */
	struct strv made;     /* names of resources that were made, with their place */
	struct names made_by; /* of these -> index */
	char where[PLACE_MAX];
};

/*
 * The place of NODE, borrowed until the next call. It may search the document,
 * so it is asked for only where there is a fault, and is NULL once no fault is
 * kept any longer.
 */
const char *batch_where(struct batch_parser *p, const cJSON *node);

#define FAULT(p, node, ...) faults_add((p)->faults, batch_where(p, node), __VA_ARGS__)

/* The member NAME of an objective's table if it has the type it must have, else NULL. */
const cJSON *batch_member(const cJSON *node, const char *name);

/* Reads the next objective of the batch. What is wrong in it does not end its reading. */
void batch_read_objective(struct batch_parser *p, const cJSON *node);
/*
 * Reads the parameters of O, which NODE describes, against those of C, and fills in what rules
 * decide and the defaults.
 */
void batch_read_parameters(
    struct batch_parser *p, const cJSON *node, struct objective *o, const struct capability *c);
/* True if there is a "${" anywhere in VALUE. */
bool batch_has_reference(const cJSON *value);
/*
 * That the submitter did not say NAME, a parameter or "resource_group": the digest covers VALUE
 * instead, which is taken over; NULL: nothing.
 */
void batch_not_said(struct objective *o, const char *name, cJSON *value);
/* Gives O, which has none, a resource group by the setting. False if a label for it is missing. */
bool batch_make_group(struct batch_parser *p, struct objective *o);
/* What {naming} stands for: the caller's own. NULL if it cannot be known, and that has been told. */
char *batch_make_name(struct batch_parser *p, const cJSON *node, const struct objective *o,
    const struct capability *c);
/* TEXT, a default with that name in it, as PARAMETER's kind wants it. The caller's own. */
char *
batch_fit_name(const struct objective *o, const struct parameter *parameter, const char *text);
/* Remembers a name that was made for O, which is in the batch: a second one that is the same is a fault. */
void batch_keep_name(struct batch_parser *p, const cJSON *node, const struct objective *o,
    const struct parameter *parameter, const char *name);
/* Dependencies, references, cycles and keys, once all objectives are read. Fills in depends_on. */
void batch_check_graph(struct batch_parser *p);

#endif
