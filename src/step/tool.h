/* The tool, and how it is started. */
#ifndef STEP_TOOL_H
#define STEP_TOOL_H

/*
 * Starts ARGV in a process group of its own, with no signal blocked, and waits
 * until its program has begun or could not; a name without a slash is looked
 * for along PATH. The pid, or minus the error's number: then nothing was started.
 */
long tool_start(char **argv);

#endif
