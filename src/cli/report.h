/*
 * Everything that is known of one objective, read from the store in one go:
 * what show prints and what export writes are made of the same.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "store/ledger.h"
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
	struct waiting *waiting; /* for money, approval or a price */
	size_t n_waiting;
	struct approval *approvals; /* newest first */
	size_t n_approvals;
	struct reservation *reservations;
	size_t n_reservations;
	struct plan plan; /* of the last attempt; empty if there was none */
	int64_t
	    throttled_until_ms; /* nothing of its subscription and provider may start before; 0: it may */
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
/* One resource, without the objective it belongs to; the caller's own. */
cJSON *report_resource_json(const struct resource *r);
/*
 * The part of a resource's id that tells it from others of its group:
 * "virtualMachines/web", "resourceGroups/rg". Borrowed from ID.
 */
const char *report_resource_name(const char *id);
/* The attempt that is open; NULL if there is none. */
const struct attempt *report_open_attempt(const struct report *r);
/* What the tool of the last attempt has planned (core/planned.h); NULL if nothing. Borrowed. */
const cJSON *report_planned(const struct report *r);
/*
 * Why A goes on later, as "throttled TooManyRequests: ..."; NULL if its last
 * try did not fail. The caller's own.
 */
char *report_failure_text(const struct failure *f);
/* What an open attempt does when its time has come: "next try", "looks again", "goes on". */
const char *report_wait_word(const struct attempt *a);
/* "until 15:37:25 (in 60 s)", where it is throttled. The caller's own. */
char *report_throttled_text(const struct report *r, int64_t now_ms);
/* How an execution ended in a word or two: "happened", "ours, complete", "running". */
const char *report_execution_word(const struct execution *x);
/* One wait, without the objective it is of; the caller's own. */
cJSON *report_waiting_json(const struct waiting *w);
/* Which objective it is, into OBJECT: its batch and name, and its id if it has one yet. */
void report_add_name(cJSON *object, const struct objective *o);
/* "2026-11-21T02:03:04Z" into OBJECT, to the millisecond; nothing for 0. */
void report_add_time(cJSON *object, const char *key, int64_t ms);

#endif
