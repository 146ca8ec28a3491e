/*
 * An error on the caller's stack. It owns nothing, and its kind says what may
 * be done about it: retry, fallback and budget decide on the kind, never on
 * the text.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

enum err_kind {
	ERR_NONE = 0,
	ERR_INPUT,     /* what the user gave is wrong; nothing was changed (exit 2) */
	ERR_NOT_FOUND, /* no such thing */
	ERR_CONFLICT,  /* the state has moved on: read again, decide again */
	ERR_BUSY,      /* somebody else is at it: the same call may succeed soon */
	ERR_OUTDATED,  /* what it was decided by is not in force any more: learn that anew */
	ERR_LIMIT,     /* as many as are allowed do it already: when one of them has ended, again */
	ERR_UNCERTAIN, /* a commit may or may not have taken effect: reopen and look */
	ERR_CORRUPT,   /* stored data is damaged or gone: stop everything (exit 5) */
	ERR_FULL,      /* no space left, or over a quota of the disk (exit 5) */
	ERR_SYSTEM,    /* the operating system refused (exit 5) */
};

struct err {
	enum err_kind kind;
	char msg[1024];
};

/* All three are always -1, so that a function may `return err_set(...)`. E may be NULL. Secrets in the text are masked. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds strerror(errno); ENOSPC and EDQUOT become ERR_FULL, all else ERR_SYSTEM. */
int err_sys(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts "context: " before the message that is there; the kind stays. */
int err_in(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
