/*
 * The one question that a run asks a strategy's tool before it plans anything:
 * which account it is logged in to. Plans are pinned to the answer, so that a
 * login that changes meanwhile cannot make a check look elsewhere than its run.
 */
#ifndef ENGINE_PROBE_H
#define ENGINE_PROBE_H

#include <uv.h>

#include "engine/paths.h"
#include "strategies/strategy.h"

enum probe_state { PROBE_UNASKED, PROBE_ASKING, PROBE_ANSWERED, PROBE_FAILED };

struct probe {
	enum probe_state state;
	char *account;          /* once it is answered */
	struct failure failure; /* if it failed */
	const struct strategy *strategy;
	const struct failure_table *failures;
	struct process *process;
	char *folder;
	void (*done)(struct probe *p, void *data);
	void *data;
};

/* Starts asking; done is called once, from the loop. 0, or -1 and nothing was started. */
int probe_ask(struct probe *p, const struct strategy *strategy,
    const struct failure_table *failures, const struct paths *paths, uv_loop_t *loop,
    const char *runner_id, void (*done)(struct probe *p, void *data), void *data, struct err *e);
/* A probe that is still being asked is left to end by itself. */
void probe_clear(struct probe *p);

#endif
