/*
 * Places where a test can kill or stop the program: compiled in by
 * --enable-failpoints only. PURSER_FAILPOINT="NAME[:N][=kill|stop|fail]"
 * acts at the N-th pass (1 by default) through NAME: kill (the default) is
 * SIGKILL to ourselves, stop is SIGSTOP, fail makes failpoint_fails() true.
 * PURSER_FAILPOINT_LOG=FILE appends the name of every point passed.
 */
#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

#include <stdbool.h>

#ifdef WITH_FAILPOINTS
void failpoint(const char *name);
bool failpoint_fails(const char *name);
#else
static inline void
failpoint(const char *name)
{
	(void)name;
}
static inline bool
failpoint_fails(const char *name)
{
	(void)name;
	return false;
}
#endif

#endif
