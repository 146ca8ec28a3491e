/* The strategies of purser-scripted, in the place of strategies/table.c. */
#include <config.h>

#include "tests/scripted/script.h"

const struct strategy *const strategies[] = { &azure_cli, &script, &terraform, &mcp, NULL };
