/* Where terraform keeps states and providers, by the settings. */
#ifndef STRATEGIES_TERRAFORM_BACKEND_H
#define STRATEGIES_TERRAFORM_BACKEND_H

#include "core/plan.h"
#include "strategies/strategy.h"

/* The file of the workspace that names the backend. */
#define TERRAFORM_BACKEND_FILE "purser_backend.tf.json"

/* The file's content for the objective ID, the caller's own; NULL: the settings name no backend. */
cJSON *terraform_backend_file(const struct plan_request *request, const char *id);
/*
 * What stands before a command that may download providers. Only one at a time
 * may write the cache, and the lock is terraform's own as long as it lives.
 */
void terraform_backend_begin_init(const struct plan_request *request, struct strv *argv);

#endif
