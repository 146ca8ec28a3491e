/* The objectives that a command names: each by itself, or those of a batch. */
#ifndef CLI_SELECTION_H
#define CLI_SELECTION_H

#include "cli/cli.h"
#include "cli/status.h"
#include "store/store.h"

struct selection {
	const struct strv *refs; /* as typed; used where there is no batch. NULL: all there are */
	const char *batch;       /* NULL: the refs */
	unsigned states;         /* of a batch only those in these states (bits 1 << enum state) */
};

/* 0, or -1 and an error, which ends the walk. O is borrowed for the call. */
typedef int selection_fn(struct store *s, const struct objective *o, void *data, struct err *e);

/*
 * Calls EACH for every one of them, once even if it is named twice. A batch is
 * walked page by page, and EACH may change states meanwhile. 0; -1 with the
 * error of EACH, or that an objective or the batch is not there. *count (may be
 * NULL) says how many there were.
 */
int selection_each(struct store *s, const struct selection *what, selection_fn *each, void *data,
    size_t *count, struct err *e);

/*
 * What a COMMAND changes: CHANGE is called once, in one transaction, so that of
 * several names one may be wrong and nothing is changed. Objectives or a batch
 * must have been named. Tells the user what is wrong, and what to type next;
 * afterwards the runners are woken and the audit log is brought up to date.
 */
enum status selection_change(struct cli *cli, const char *command, const struct selection *what,
    int (*change)(struct store *s, const struct selection *what, void *data, struct err *e),
    void *data);

#endif
