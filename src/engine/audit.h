/*
 * The audit log: STATE/audit.log, JSON lines without gaps, chained by SHA-256
 * through rotation (audit.log.1 is the next older one). Lines are made in the
 * transaction of what they tell and wait in the store's outbox; any process may
 * bring them into the file.
 *
 *	{"n":7,"prev":"HASH OF LINE 6","time":"...","event":"objective.claimed",
 *	 "objective":"ID","batch":"...","name":"...","details":{...}}
 *
 * A line's hash is SHA-256 of its bytes without the newline.
 */
#ifndef ENGINE_AUDIT_H
#define ENGINE_AUDIT_H

#include <stdint.h>

#include "base/faults.h"
#include "store/store.h"

struct audit_limits {
	int64_t max_bytes; /* a file that has reached it is rotated before the next line */
	int64_t files;     /* kept, the present one included */
};

/*
 * Brings the outbox into the file: takes audit.lock (ERR_BUSY: somebody else is
 * at it, which is fine), cuts a torn last line, appends what is above the
 * file's last number, fdatasyncs, and marks it flushed. No transaction may be
 * open. ERR_FULL, ERR_SYSTEM: the log cannot be written, so no new work may start.
 */
int
audit_flush(struct store *s, const char *state, const struct audit_limits *limits, struct err *e);

/*
 * The same without the mark: *number is the last one that is safely in the file,
 * for store_audit_flushed() in a transaction that the caller opens anyway.
 */
int audit_append(struct store *s, const char *state, const struct audit_limits *limits,
    int64_t *number, struct err *e);

struct audit_report {
	int64_t first, last; /* numbers in the files */
	int64_t pending;     /* still in the outbox */
	int64_t pruned;      /* up to this number, by rotation */
	int files;
};

/*
 * Proves chain, numbering, and agreement with the store (head, anchor, outbox).
 * 0 if all is well; -1 with faults that name file and line, or ERR_* if it cannot be read.
 */
int audit_verify(struct store *s, const char *state, struct audit_report *report,
    struct faults *faults, struct err *e);

/* Calls each line from the oldest file to the outbox, parsed; stops at the first non-zero answer and returns it. */
typedef int audit_each_fn(const cJSON *record, const char *line, void *data);
int audit_each(struct store *s, const char *state, audit_each_fn *each, void *data, struct err *e);

#endif
