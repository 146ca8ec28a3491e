/*
 * A classified failure: what went wrong in the one word that decisions use,
 * with the innermost code and message that the tool gave.
 */
#ifndef CORE_FAILURE_H
#define CORE_FAILURE_H

#include <stdbool.h>

#include "base/json.h"
#include "core/trace.h"

enum failure_class {
	FAILURE_UNKNOWN,
	FAILURE_TRANSIENT,
	FAILURE_THROTTLED,
	FAILURE_CAPACITY,
	FAILURE_QUOTA,
	FAILURE_AUTH,
	FAILURE_PERMISSION,
	FAILURE_CONFLICT,
	FAILURE_NOT_FOUND,
	FAILURE_INVALID,
	FAILURE_POLICY,
	FAILURE_TIMEOUT,
	FAILURE_CLASSES
};

/* Whether the same call may be made again, once it is known that this one did nothing. */
enum retry {
	RETRY_NEVER,
	RETRY_LATER,
	RETRY_AFTER_DEPENDENCY, /* only where another objective may just have made what was missed */
	RETRIES
};

struct failure {
	enum failure_class class;
	char *code;      /* innermost, as the tool spelled it; NULL if it gave none */
	char *message;   /* one line for people; never NULL once something failed */
	char *step;      /* the step's name; NULL if no step was begun */
	char *advice_id; /* of the row in the table of failures that tells of it; NULL: none does */
	struct trace trace;

	enum retry retry;
	bool fallback;      /* another strategy may succeed where this one did not */
	int64_t wait_ms;    /* that the service asks for before the next try; 0: it said nothing */
	int64_t tool_tries; /* how often the tool itself had tried already; 0 and 1 are the same */
	int64_t scarce_ms;  /* so long the machine's size is taken for not to be had there; 0: it is not about that */
};

const char *failure_class_name(enum failure_class class);
/* FAILURE_UNKNOWN for a name that is none. */
enum failure_class failure_class_from_name(const char *name);

void failure_clear(struct failure *f);
const char *retry_name(enum retry retry); /* "never", "later", "after dependency" */
/* RETRIES for a name that is none. */
enum retry retry_from_name(const char *name);

/*
 * Replaces what is there; code and step may be NULL. Secrets in the message are
 * masked. Retry and fallback become what is usual for the class.
 */
void failure_set(struct failure *f, enum failure_class class, const char *code, const char *step,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void failure_copy(struct failure *to, const struct failure *from);
bool failure_is_set(const struct failure *f);
/*
 * {"class", "code", "message", "step", "advice_id", "target", "correlation", "request", "retry",
 * "fallback", "wait_ms", "tool_tries", "scarce_ms"}; NULL if nothing failed. The caller's own.
 */
cJSON *failure_to_json(const struct failure *f);
void failure_from_json(struct failure *f, const cJSON *json);

#endif
