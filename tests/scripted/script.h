/* A second strategy, for tests only: what stands before script.c. */
#ifndef TESTS_SCRIPTED_SCRIPT_H
#define TESTS_SCRIPTED_SCRIPT_H

#include "strategies/strategy.h"

extern const struct strategy script;

#endif
