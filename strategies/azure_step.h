/*
 * One row of the table [[azure_cli.step]] of a capability: an az command, or
 * an ARM template. strategies/azure_cli.c documents the keys.
 */
#ifndef STRATEGIES_AZURE_STEP_H
#define STRATEGIES_AZURE_STEP_H

#include "base/faults.h"
#include "core/capability.h"
#include "strategies/filling.h"
#include "strategies/strategy.h"

#define SETTLE_MS (5 * 60 * 1000) /* unless the step says otherwise */

/* What the checking of one step's table needs. */
struct azure_step_check {
	const struct capability *capability;
	const cJSON *table;
	struct faults *faults;
	char where[PLACE_MAX];
};

/* Adds a fault at NODE. Always -1. */
int azure_step_fault(struct azure_step_check *c, const cJSON *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * Checks the placeholders of TEXT, which stands at NODE: known, not secret,
 * and with a value in every case. EXTRA (may be NULL) is one more word that is
 * known there. 0 or -1.
 */
int azure_step_check_text(
    struct azure_step_check *c, const cJSON *node, const char *text, const char *extra);

/* Checks that the member KEY of the table, if it is there, is a duration. 0 or -1. */
int azure_step_check_span(struct azure_step_check *c, const char *key);
/* What such a member says, in ms; OTHERWISE if it is not there. */
int64_t azure_step_span(const cJSON *table, const char *key, int64_t otherwise);

/* az commands. */
int azure_command_check(struct azure_step_check *c);
int azure_command_compile(
    struct filling *f, const cJSON *table, struct step *step, struct faults *faults);
void azure_command_read(const struct failure_table *known, const struct plan *plan,
    const struct step *step, enum act act, const char *resource, const struct result *result,
    struct reading *reading);

/* ARM templates. */
int azure_template_check(struct azure_step_check *c);
int azure_template_compile(
    struct filling *f, const cJSON *table, struct step *step, struct faults *faults);
void azure_template_read(const struct failure_table *known, const struct plan *plan,
    const struct step *step, enum act act, size_t call, const char *resource,
    const struct result *result, struct reading *reading);

/* What both have in common. */

/* Only a template needs to be asked what it made. */
bool azure_step_is_template(const struct step *step);
/* Ends an argv of az with what every call has. */
void azure_argv_end(const struct filling *f, struct strv *argv);
/* az resource delete and show of one resource. */
void azure_undo_compile(const struct filling *f, struct step *step);
void azure_undo_read(const struct failure_table *known, const struct step *step,
    const struct result *result, struct reading *reading);
void azure_prove_read(const struct failure_table *known, const struct plan *plan,
    const struct step *step, const char *resource, const struct result *result,
    struct reading *reading);

#endif
