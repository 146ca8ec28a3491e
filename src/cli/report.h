/*
 * Everything that is known of one objective, read from the store in one go:
 * what show prints and what export writes are made of the same.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "store/store.h"

struct report {
	struct objective objective;
	struct hold *holds;
	size_t n_holds;
	struct dependency *dependencies;
	size_t n_dependencies;
	struct attempt *attempts;
	size_t n_attempts;
	struct execution *executions;
	size_t n_executions;
	struct resource *resources;
	size_t n_resources;
	struct plan plan; /* of the last attempt; empty if there was none */
};

/* R must be cleared in any case. ID is whole. */
int report_load(struct report *r, struct store *s, const char *id, struct err *e);
void report_clear(struct report *r);
/* The document; the caller's own. */
cJSON *report_to_json(const struct report *r);
/* One objective without its history, as list shows it; the caller's own. */
cJSON *report_objective_json(const struct objective *o);
/* One execution; the caller's own. */
cJSON *report_execution_json(const struct execution *x);
cJSON *report_attempt_json(const struct attempt *a);
/* How an execution ended in a word or two: "happened", "ours, complete", "running". */
const char *report_execution_word(const struct execution *x);
/* "2026-11-21T02:03:04Z" into OBJECT, to the millisecond; nothing for 0. */
void report_add_time(cJSON *object, const char *key, int64_t ms);

#endif
