/*
 * What a person sees while the runner works: on a terminal a block with a line
 * for each running objective, redrawn in place, below lines that stay; plain
 * lines elsewhere; or a JSON line for each event.
 */
#ifndef CLI_DISPLAY_H
#define CLI_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/objective.h"
#include "engine/runner.h"

enum display_mode { DISPLAY_NONE, DISPLAY_LINES, DISPLAY_LIVE, DISPLAY_JSON };

/* More running objectives than a runner may have are not shown. */
#define DISPLAY_RUNNING_MAX 256
#define DISPLAY_TROUBLES_MAX 20

struct running {
	char id[ID_SIZE];
	char *label;  /* batch/name, visible */
	char *step;   /* visible; NULL before the first */
	char *detail; /* visible; what the step last told of itself, NULL: nothing */
	enum act act;
	int number, of;
	int64_t since_ms; /* boot time when the step began */
	bool ended;       /* that step, or it was told that it is still being looked */
};

/* What needs a person afterwards. */
struct trouble {
	char id[ID_SIZE];
	char *label;
	enum progress_kind kind; /* PROGRESS_FAILED or PROGRESS_HELD */
};

struct display {
	enum display_mode mode;
	bool verbose;
	bool stopping;
	struct running running[DISPLAY_RUNNING_MAX];
	size_t n_running;
	struct trouble troubles[DISPLAY_TROUBLES_MAX];
	size_t n_troubles, more_troubles;
	char told_id[ID_SIZE]; /* the objective of the line before, */
	char *told;            /* and its reason; NULL if it had none */
	int64_t ended;         /* objectives so far */
	int64_t begun_ms;      /* boot time */
	int64_t drawn_ms;
	size_t drawn_lines; /* of the block, on the terminal now */
};

/* One at a time: the log makes room for it. */
void display_open(struct display *d, enum display_mode mode, bool verbose);
/* Takes the block away, for good; troubles stay until display_clear(). */
void display_close(struct display *d);
void display_clear(struct display *d);
/* The two functions of struct runner_options; data is the display. */
void display_progress(const struct progress *p, void *data);
void display_tick(void *data);
/* It is held since what it needs failed; DETAIL (may be NULL) says what that was. No trouble of its own. */
void display_dependent(struct display *d, const struct objective *o, const char *detail);

#endif
