/* Why a call of terraform failed. */
#ifndef STRATEGIES_TERRAFORM_FAILURE_H
#define STRATEGIES_TERRAFORM_FAILURE_H

#include "core/execution.h"
#include "core/failure_table.h"
#include "core/plan.h"
#include "strategies/terraform_stream.h"

/* Codes of failures that are terraform's own. */
#define TERRAFORM_STATE_LOCKED "StateLocked"
#define TERRAFORM_STATE_NOT_SAVED "StateNotSaved"
#define TERRAFORM_PLAN_STALE "PlanStale"
#define TERRAFORM_NOT_INITIALIZED "NotInitialized"
#define TERRAFORM_MIGRATION "BackendChanged"
#define TERRAFORM_EXISTS "ResourceExists"

/*
 * Fills F by how the call ended and what it told; STREAM NULL: it was no call with
 * -json, and its text is on stderr. The innermost code of a provider's message
 * decides, then what terraform itself says.
 */
void terraform_failure(const struct failure_table *known, const struct step *step,
    const struct result *r, const struct terraform_stream *stream, struct failure *f);
/* What terraform wrote for people, without frames and line breaks; the caller's own. */
char *terraform_words(const char *text);
/* The id of whoever holds the lock, as the message names it; the caller's own, NULL if it does not. */
char *terraform_lock_holder(const char *text);
/*
 * When that holder took it, as the message tells ("Created: 2026-11-21
 * 20:15:03.1 +0000 UTC"); 0 if it does not: of some backends what is printed is
 * the lock that was asked for. TEXT may be NULL.
 */
int64_t terraform_lock_time(const char *text);

#endif
