/*
 * The end of every unit test's main(): runs the suite and prints TAP. Each
 * test runs in a process of its own, so that one crash fails one test;
 * CK_FORK=no keeps them in one process for a debugger.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whether the whole of a test is asked for, and not the part that make check runs: see tests/long. */
static inline bool
unit_is_long(void)
{
	const char *length = getenv("TEST_LENGTH");

	return length != NULL && strcmp(length, "long") == 0;
}

static inline int
unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

#endif
