/* What the answer of an MCP tool means for the step that called it. */
#ifndef STRATEGIES_MCP_ANSWER_H
#define STRATEGIES_MCP_ANSWER_H

#include "core/execution.h"
#include "core/failure_table.h"
#include "core/plan.h"

/* In a step's hints: where the tool refuses, it has made nothing. */
#define MCP_ALL_OR_NOTHING "all_or_nothing"

/* The member "read" of the strategy: see struct strategy. */
void mcp_answer_read(const struct failure_table *known, const struct plan *plan,
    const struct step *step, enum act act, size_t call, const char *resource,
    const struct result *result, struct reading *reading);

#endif
