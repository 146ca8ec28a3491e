/*
 * The strategies of the program, the best first. It stands alone, so that a
 * test program can link a table of its own.
 */
#include <config.h>

#include "strategies/strategy.h"

const struct strategy *const strategies[] = { &mcp, &azure_cli, &terraform, NULL };
