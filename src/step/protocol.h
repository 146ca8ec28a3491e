/*
 * What the runner and purser-step agree on. purser-step is started with the
 * execution's folder as its working folder and
 *
 *	purser-step EXECUTION-ID TIMEOUT-MS GRACE-MS -- TOOL ARGUMENT...
 *
 * with descriptor STEP_LOCK_FD open on the execution's lock file, whose flock
 * it and all its children keep by keeping the descriptor, the environment of
 * the tool, and STEP_SECRETS_FD open if the tool is to find secrets there. All
 * other descriptors are closed; a timeout of 0 means none.
 *
 * Files of an execution's folder:
 *
 *	lock		flock'd by whoever may still act for this execution
 *	started		made before the tool is started, with the space of the result: "PID MS\n" of
 *			the helper and since the boot, and zeros; it becomes result.json
 *	stdout, stderr	what the tool wrote; the middle of a long one is a hole
 *	result.json	how it ended, put in place by rename; so it marks a start as well
 *	settings	the tool's own copy of the user's settings (made and removed by the runner)
 *
 * result.json is one line of JSON, then a line with the FNV-1a-64 checksum of
 * the first line (without its newline) in hex:
 *
 *	{"execution":"ID","ending":"exited","code":0,"started_ms":N,"ended_ms":N,
 *	 "user_us":N,"system_us":N,"max_rss_kb":N,"stdout_bytes":N,"stderr_bytes":N,"strays":N,
 *	 "starved":false}
 *
 * ending is "exited" (code is the status), "signaled" (the signal), "timed_out"
 * (the signal that ended it; also where the helper was told to stop) or
 * "not_started" (errno). An output file that is shorter than the result says
 * was lost in a power cut, and the result with it. strays counts the processes
 * that had to be killed after the tool itself had ended.
 * No result and no holder of the lock: not started, or lost.
 */
#ifndef STEP_PROTOCOL_H
#define STEP_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#define STEP_LOCK_FD 3
#define STEP_SECRETS_FD 9
#define STEP_LOCK_NAME "lock"
#define STEP_SERVER_LOCK_NAME "server.lock"
#define STEP_STARTED_NAME "started"
#define STEP_STDOUT_NAME "stdout"
#define STEP_STDERR_NAME "stderr"
#define STEP_RESULT_NAME "result.json"
#define STEP_SETTINGS_NAME "settings"
#define STEP_RESULT_MAX 1024
#define STEP_ID_MAX 64 /* letters, digits and hyphens */

/* starved: the disk had less free than this at the end, so that the output may not be all there. */
#define STEP_STARVED_BYTES (64 * 1024)

/* Of each output file so much of the head and of the tail is kept; the blocks between are given back. */
#define STEP_HEAD_BYTES (1024 * 1024)
#define STEP_TAIL_BYTES (1024 * 1024)

/* After the tool has ended its descendants have so long to end as well, before they are killed. */
#define STEP_STRAYS_MS 2000

/* The helper's own exit status; the runner trusts the files first. */
enum step_exit {
	STEP_EXIT_RECORDED = 0, /* result.json is in place */
	STEP_EXIT_USAGE =
	    2, /* called wrongly, without the lock or a second time: nothing was started by it */
	STEP_EXIT_UNRECORDED = 3, /* the tool has ended, but the result could not be written */
	STEP_EXIT_ERRNO =
	    100, /* so much plus errno (ENOSPC, say): no result, and nothing was started */
};

static inline uint64_t
step_checksum(const char *data, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)data[i]) * 0x100000001b3u;
	return hash;
}

#endif
