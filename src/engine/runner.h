/*
 * The runner: drains the queue. One thread, one event loop; each turn gathers
 * what happened, writes it down in one transaction, and only then acts.
 */
#ifndef ENGINE_RUNNER_H
#define ENGINE_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"
#include "engine/audit.h"
#include "engine/paths.h"
#include "engine/planner.h"
#include "store/store.h"

/* What a display wants to know. All strings are borrowed for the call. */
enum progress_kind {
	PROGRESS_CLAIMED,    /* taken up; detail: that its machine has another size than was asked for */
	PROGRESS_ADOPTED,    /* taken over from a runner that is gone */
	PROGRESS_STEP,       /* an execution starts: step, act */
	PROGRESS_DETAIL,     /* it goes on: detail says with what; is_end: something of it is over */
	PROGRESS_STEP_ENDED, /* it ended: detail says how */
	PROGRESS_WAITING,    /* postponed until until_ms; detail: why */
	PROGRESS_RETRY,      /* the step did nothing and is tried again at until_ms; detail: why */
	PROGRESS_THROTTLED,  /* the service wants no requests for a while; detail: why */
	PROGRESS_FALLBACK,   /* nothing of it stands, another strategy or size is to be tried; detail: why */
	PROGRESS_UNDOING,    /* what was made is undone from now on; detail: why */
	PROGRESS_ORPHANED,   /* detail: a resource that could not be undone, and why */
	PROGRESS_HELD,       /* detail: the reason */
	PROGRESS_WARNED,     /* detail: a limit that only warns is exceeded, and it goes on */
	PROGRESS_SUCCEEDED,
	PROGRESS_FAILED, /* detail: class, code, message */
	PROGRESS_CANCELLED,
	PROGRESS_DESTROYED,
	PROGRESS_STOPPING, /* the runner claims no more; objective is NULL */
};

struct progress {
	enum progress_kind kind;
	const struct objective *objective; /* NULL for the runner itself */
	const char *step;                  /* NULL if none */
	int step_number, steps;            /* 1 of 4; 0 if none */
	enum act act;
	const char *detail; /* NULL if none */
	bool is_end;        /* of PROGRESS_DETAIL */
	int64_t until_ms;   /* wall clock, of what was postponed; 0 if it is due at once */
	int64_t elapsed_ms; /* of the step or the objective that ended */
};

struct runner_options {
	int jobs;          /* 0: as configured */
	const char *batch; /* NULL: all */
	bool once;         /* end after one objective was taken up and ended or postponed */
	bool watch;        /* stay when the queue is empty */
	int64_t
	    wait_ms; /* stay for work that becomes due, or is left by another runner, within so long */
	/*
	 * Brings what has changed of limits and prices into P: the files may have
	 * changed. -1: one of them cannot be used, and the runner stops. NULL: they
	 * never change.
	 */
	int (*reload)(struct planner *p, void *data, struct err *e);
	void *reload_data;
	void (*progress)(const struct progress *p, void *data); /* NULL: none */
	void (*tick)(void *data); /* about four times a second, for a live display; NULL: none */
	void *data;
};

struct runner_summary {
	/* In this run. */
	int64_t succeeded, failed, held, cancelled, destroyed;
	int64_t postponed, retried, fallen_back;
	int64_t orphaned;  /* resources */
	int64_t throttled; /* answers that asked for patience */
	int64_t later_ms;  /* when the next scheduled work is due; 0: none */
	bool detached;     /* a second signal left steps running */
	bool interrupted;
};

/*
 * Runs until nothing can be done now. SIGINT and SIGTERM: the first stops
 * claiming and lets steps end, the second leaves them to the next run. 0, or
 * -1 and an error: the runner itself failed; nothing is lost, steps that run
 * are found by the next run.
 */
int runner_run(struct store *s, const struct paths *paths, const struct planner *planner,
    const struct runner_options *options, struct runner_summary *summary, struct err *e);

#endif
