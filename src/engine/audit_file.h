/* The files of the audit log: audit.log, and audit.log.1 (younger) to audit.log.N (older). For engine/audit*.c. */
#ifndef ENGINE_AUDIT_FILE_H
#define ENGINE_AUDIT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/strv.h"

#define AUDIT_NAME "audit.log"
#define AUDIT_LOCK_NAME "audit.lock"
#define AUDIT_FILES_MAX 100
#define AUDIT_LINE_MAX (1024 * 1024)

struct audit_place {
	const char *file; /* its name, without the folder */
	long line;        /* from 1 */
};

/* Paths of the files that exist, oldest first. */
void audit_files(const char *state, struct strv *paths);

/*
 * Calls each line (without newline, NUL-terminated) of one file; a non-zero
 * answer ends it and is returned. A last line without its newline was torn: it is not given, and
 * *torn is set. -1 and an error if the file cannot be read.
 */
typedef int
audit_line_fn(const char *line, size_t len, const struct audit_place *place, void *data);
int audit_file_lines(const char *path, audit_line_fn *each, void *data, bool *torn, struct err *e);

/* Number and hash of the last line that is a record; number 0 if there is none; *end is the offset behind it. */
int audit_file_tail(
    int fd, int64_t *number, char hash[static DIGEST_SIZE], int64_t *end, struct err *e);

/* The "n" of a line, or -1. */
int64_t audit_line_number(const char *line);

/* Makes audit.log the file .1 and moves the older ones on; the folder is synced. What falls beyond KEEP files is the caller's to remove first. */
int audit_files_shift(const char *state, struct err *e);

#endif
