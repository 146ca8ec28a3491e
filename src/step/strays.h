/*
 * Descendants of the tool that live on after it. The helper is their
 * subreaper: whatever session or group they made for themselves, they become
 * its children when their parent ends.
 */
#ifndef STEP_STRAYS_H
#define STEP_STRAYS_H

/*
 * Sends SIGKILL to all children of this process. Those that are below them
 * become ours by that: call again until there are none left.
 */
void strays_kill(void);

#endif
