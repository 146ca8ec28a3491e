/* Messages for the person who typed the command: on stderr, harmless, and with what to do next. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include "base/err.h"
#include "base/faults.h"
#include "cli/status.h"

/* No hints and no confirmations from now on. */
void say_quietly(void);

/* "purser: ..."; each line of it. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The error, and the status that belongs to it. */
enum status say_error(const struct err *e);
/* All faults; STATUS_USAGE. */
enum status say_faults(const struct faults *faults);
/* "purser: COMMAND: ...": wrong usage of it (NULL: of purser itself), and where help is; STATUS_USAGE. */
enum status
say_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "next: purser ...": what to type. */
void say_next(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A line on stdout that tells that something was done; not with --quiet. */
void say_done(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
