/*
 * One execution: one start of one process or call, journalled by itself and
 * never reused. Here are the words for what it was meant to do, how it ended,
 * and what that means.
 */
#ifndef CORE_EXECUTION_H
#define CORE_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/strv.h"
#include "core/failure.h"

/* Which of a step's calls it is. */
enum act {
	ACT_CHECK,   /* look whether it is there; changes nothing */
	ACT_MEND,    /* put right what a lost call left in its tool's own records; nothing is built or removed */
	ACT_RUN,     /* the effect itself */
	ACT_COLLECT, /* list what a run made; changes nothing */
	ACT_GUARD,   /* before an undo: would it take anything that is not ours? changes nothing */
	ACT_UNDO,    /* take one resource away again */
	ACT_PROVE,   /* look whether the undone resource is gone; changes nothing */
	ACTS
};

/* How it ended, as purser-step saw it. */
enum ending {
	END_EXITED,      /* code is the exit status; of a tool's call, enum call_code */
	END_SIGNALED,    /* code is the signal */
	END_TIMED_OUT,   /* code is the signal that ended it */
	END_NOT_STARTED, /* the tool was never started: nothing can have happened; code is errno */
	END_LOST,        /* started, and no result was recorded */
	ENDINGS
};

/* How a tool's call was answered. */
enum call_code {
	CALL_DONE,    /* stdout is its result */
	CALL_FAILED,  /* the same, but it says that it is an error ("isError") */
	CALL_REFUSED, /* stdout is the error of the protocol: {"was_reached", "code", "http_status", "message", "data"} */
};

enum outcome { OUTCOME_DID_NOT_HAPPEN, OUTCOME_HAPPENED, OUTCOME_IN_DOUBT, OUTCOMES };

/* The five answers of a check. */
enum answer {
	ANSWER_ABSENT,
	ANSWER_OURS_COMPLETE,
	ANSWER_OURS_IN_PROGRESS,
	ANSWER_FOREIGN,
	ANSWER_CANNOT_TELL,
	ANSWERS
};

/* What a driver reports of one execution. The texts are bounded: head and tail of what the tool wrote. */
struct result {
	enum ending ending;
	int code;
	int64_t started_ms, ended_ms; /* wall clock; 0 if unknown */
	int64_t user_us, system_us;   /* processor time of the tool and its children */
	int64_t max_rss_kb;
	char *out;    /* stdout; valid UTF-8; never NULL after result_init */
	char *err;    /* stderr; likewise */
	bool out_cut; /* the middle of stdout is missing: do not parse it */
	bool err_cut;
};

void result_init(struct result *r);
void result_clear(struct result *r);
/*
 * What a tool wrote, as a result may have it: valid UTF-8, with its secrets masked. No
 * other text of a tool comes into the program. The caller's own.
 */
char *result_text(const char *bytes, size_t len);
/* Without the texts; for the journal. The caller's own. */
cJSON *result_to_json(const struct result *r);

/* What a strategy reads from a result. */
struct reading {
	enum outcome
	    outcome; /* of a run or undo; of a collect: HAPPENED if the list is whole, else IN_DOUBT */
	/*
	 * Of a check or prove. Of a guard: OURS_COMPLETE if the undo takes only what is
	 * ours, FOREIGN if it would take more (failure says what), ABSENT if there is
	 * nothing left to undo.
	 */
	enum answer answer;
	bool ended_badly;      /* OURS_COMPLETE or HAPPENED, but it ended Failed or Canceled: see failure; without one: a part of it is missing */
	bool conclusive;       /* a check: later checks of the step need not be asked */
	struct strv resources; /* full ids: made (run, collect) or found (check) */
	struct strv ours;      /* FOREIGN: those found beside that carry our tag */
	struct strv gone;      /* full ids: a run has taken away, to make them anew or for good */
	cJSON *outputs;        /* field -> value, NULL if none were read */
	cJSON *planned;        /* of a check: what the run is going to build (core/planned.h); NULL if it does not tell */
	bool confidential;     /* what the call wrote holds values in clear: it is not kept */
	/*
	 * Calls (an array of argv arrays) that put the tool's own records right, before
	 * anything else is done; NULL: none. mend_lost: they break a lock, which is right
	 * only where a call of ours that is dead must have left it. lock_ms: when it was
	 * taken; 0: that is not told.
	 */
	cJSON *mend;
	bool mend_lost;
	int64_t lock_ms;
	bool lost; /* the call was cut off, and may have left its tool's lock behind */
	bool held; /* ... and had it for certain */
	struct failure
	    failure; /* why, if it did not happen, is in doubt, foreign or cannot be told */
};

void reading_init(struct reading *r);
void reading_clear(struct reading *r);

const char *act_name(enum act act);
/* It only looks, and is answered (enum answer); else it has an outcome. */
bool act_is_look(enum act act);
const char *ending_name(enum ending ending);
const char *outcome_name(enum outcome outcome);
const char *answer_name(enum answer answer); /* "absent", "ours, complete", ... */

#endif
