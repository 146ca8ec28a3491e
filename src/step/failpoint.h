/*
 * The helper's own part of base/failpoint.h, which it does not link: kill and
 * stop at "step.begin", "step.started", "step.spawned", "step.ended" and
 * "step.renamed". A helper passes each once, so that a wish for a later pass
 * never comes true here.
 */
#ifndef STEP_FAILPOINT_H
#define STEP_FAILPOINT_H

#ifdef WITH_FAILPOINTS
void failpoint(const char *name);
#else
static inline void
failpoint(const char *name)
{
	(void)name;
}
#endif

#endif
