/*
 * What the Azure CLI says when it fails. Its errors are texts, never JSON,
 * but JSON stands in some of them:
 *
 *	ERROR: (Code) Message / Code: X / Message: Y / Exception Details: (Inner) ...
 *	ERROR: {"status":"Failed","error":{"code":...,"details":[...]}}
 *	ERROR: Not Found({"error":{"code":...}})		az rest
 *	ERROR: AADSTS700082: ...				Entra
 *
 *	ERROR: Code: Message				some extensions
 *
 * The innermost code is the cause; the ones around it only wrap it. What a code
 * means stands in failures.toml.
 */
#ifndef STRATEGIES_AZURE_ERROR_H
#define STRATEGIES_AZURE_ERROR_H

#include <stdbool.h>

#include "base/json.h"
#include "core/failure.h"
#include "core/failure_table.h"

#define AZURE_STATUS_PARSER 2    /* az did not understand its command line */
#define AZURE_STATUS_NOT_FOUND 3 /* some 404 */

struct azure_error {
	char *code;    /* innermost; NULL if there is none */
	char *outer;   /* outermost; NULL if there is none, equal to code if there is only one */
	char *message; /* of code, one line; never NULL */
	struct trace trace;
	int http_status; /* that az told of; 0 if it did not */
	/* What to do about it; azure_proof.h tells whether it proves anything. */
	enum failure_class class;
	enum retry retry;
	bool fallback;
	int64_t wait_ms, scarce_ms;
	int64_t tool_tries; /* how often az itself had sent the request */
	const struct failure_rule
	    *rule; /* that tells so, borrowed; NULL if nothing is known of it */
};

/* Reads what az wrote on stderr when it ended with exit status STATUS (not 0). KNOWN may be NULL. */
void azure_error_read(
    struct azure_error *e, const struct failure_table *known, const char *text, int status);
/* Reads an error object: {"code", "message", "details": [...]}, or one that has it as "error". */
void
azure_error_read_json(struct azure_error *e, const struct failure_table *known, const cJSON *error);
void azure_error_clear(struct azure_error *e);

/* Fills F with it. CODE stands for the error's own if that has none; STEP may be NULL. */
void azure_error_tell(
    const struct azure_error *e, const char *code, const char *step, struct failure *f);
/* A 404 of the thing that was asked for, or of the group or parent that would hold it: it is not there. */
bool azure_error_is_absence(const struct azure_error *e);

#endif
