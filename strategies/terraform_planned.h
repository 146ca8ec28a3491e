/*
 * What a plan of terraform is going to cost, in the words of the capability.
 *
 *	[terraform.planned]
 *	azurerm_network_interface = {}		costs nothing by itself
 *	azurerm_public_ip = { public_ip = "#" }
 *	azurerm_linux_virtual_machine = { count = "#", size = "size", region = "location",
 *		os_disk_size_gb = "os_disk[0].disk_size_gb" }
 *
 *	azurerm_storage_account = { sku = "{account_tier}_{account_replication_type}" }
 *	"azurerm_cognitive_deployment.chat" = { chat_model = "model[0].name" }
 *
 * names each type of resource that the module plans, or TYPE.NAME of one block,
 * and what its attributes say of the parameters that the cost reads: "#" is how
 * many of them are planned (of a boolean: whether any is), else a path among the
 * attributes, as `terraform show -json` has them
 * (https://developer.hashicorp.com/terraform/internals/json-format), or a text
 * with such paths in braces. "region" is the objective's. A type that is not
 * named, or two resources that say different things, have no known price.
 * Without this table the estimate of the objective is all there is.
 *
 * The same document holds the state that the plan was made from, refreshed
 * (prior_state): by the same table it says what the resources cost that stand.
 */
#ifndef STRATEGIES_TERRAFORM_PLANNED_H
#define STRATEGIES_TERRAFORM_PLANNED_H

#include "strategies/azure_step.h"

/* The faults of the table, which stands in C. 0 or -1. */
int terraform_planned_check(struct azure_step_check *c);
/* The table as a plan keeps it, with the type of each parameter; the caller's own. NULL: there is none. */
cJSON *terraform_planned_compile(const struct capability *c, const cJSON *table);
/* The answer of `terraform show -json PLAN`, which holds values in clear; the caller's own, NULL: it is none. */
cJSON *terraform_planned_parse(const struct result *r);
/* Whether the state that the PLAN was made from has anything; adds the ids of all of that. */
bool terraform_planned_stands(const cJSON *plan, struct strv *ids);
/*
 * Read that answer, parsed and as TEXT, by what was compiled: what is there once
 * the plan was applied, and what is there now. The caller's own, in the form of
 * core/planned.h; NULL where PLAN is.
 */
cJSON *terraform_planned_read(const cJSON *compiled, const cJSON *plan, const char *text);
cJSON *terraform_planned_read_state(const cJSON *compiled, const cJSON *plan, const char *text);

#endif
