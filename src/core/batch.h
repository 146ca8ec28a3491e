/*
 * A batch as it is submitted: objectives of one document, validated wholly
 * before anything is stored.
 */
#ifndef CORE_BATCH_H
#define CORE_BATCH_H

#include "base/doc.h"
#include "base/faults.h"
#include "core/keys.h"
#include "core/library.h"
#include "core/objective.h"

#define BATCH_FILE_MAX (256u * 1024 * 1024) /* bytes of a submission */
#define BATCH_OBJECTIVES_MAX 200000

/* "timeout" and "step_timeout"; the step's is that of the setting. */
#define BATCH_TIMEOUT_MIN_MS INT64_C(1000)
#define BATCH_TIMEOUT_MAX_MS (INT64_C(30) * 24 * 3600 * 1000)
#define BATCH_STEP_TIMEOUT_MAX_MS (INT64_C(24) * 3600 * 1000)
#define BATCH_SPAN_PATTERN "^[0-9]+(d|h|m|s|ms)?$"

struct batch {
	char *name;
	struct objective *v; /* in the order of the document */
	size_t len;
};

/*
 * Makes a batch of DOC: TOML with [[objective]] tables, JSON with an object
 * that has "objective": [...], or one objective, or an array of them, or one a
 * line. NAME (from --batch; may be NULL) wins over the document's own; where
 * neither is given the name is made of the file's name and the day of NOW_MS.
 * What the capabilities' rules decide and their defaults are filled in, synonyms replaced, references
 * ${NAME.outputs.FIELD} checked and added to depends_on, cycles refused, and
 * deadlines before NOW_MS where there is no key. All faults are told at once.
 * 0, or -1 with at least one fault and an empty batch.
 */
int batch_parse(const struct doc *doc, const char *name, const struct library *library,
    int64_t now_ms, struct batch *b, struct faults *faults);
void batch_clear(struct batch *b);

/* The keys of an objective, ended by a row without a name: what is checked, and what the schema says. */
extern const struct key objective_keys[];

/* The JSON Schema (draft 2020-12) of a submission for editors, made of the library. The caller's own. */
cJSON *batch_schema(const struct library *library);

#endif
