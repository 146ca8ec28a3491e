/*
 * Finding a tool for a capability that names none, where the operator consents
 * ([mcp] match = true). Only among tools whose contract is pinned: a plan is made
 * of what is known, and asks nobody.
 *
 * A tool fits by its name (storage_account, storage_account_create, or
 * create-storage-account; case and what stands between words do not count) and by
 * its schemas: each parameter of the capability, its region and its resource group
 * are arguments of a type that takes them, nothing else is required, and its answer
 * has an id and all outputs. Tools to look (get, show) and to undo (delete, remove)
 * are found in the same way, on the same server. Of two that fit neither is taken.
 */
#ifndef STRATEGIES_MCP_MATCH_H
#define STRATEGIES_MCP_MATCH_H

#include "strategies/strategy.h"

/* A table such as [mcp] of a capability would be; NULL if nothing, or more than one thing, fits. The caller's own. */
cJSON *mcp_match(const struct capability *c, const struct mcp_offer *offer);
/* Why there is none; NULL if there is. The caller's own. */
char *mcp_match_lacks(const struct capability *c, const struct mcp_offer *offer);

#endif
