/* Errors on the caller's stack. A message that does not fit is cut between two characters. */
#include "config.h"
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/redact.h"
#include "base/utf8.h"

#define MSG_SIZE sizeof(((struct err *)NULL)->msg)

/*
 * The arguments may point into e->msg, so the text is made beside it first.
 * Two texts are joined with ": "; suffix may be NULL.
 */
static void __attribute__((format(printf, 3, 0)))
set_message(struct err *e, const char *suffix, const char *fmt, va_list ap)
{
	char text[MSG_SIZE];
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	size_t len = n < 0 ? 0 : (size_t)n;

	if (suffix != NULL && len < sizeof(text)) {
		n = snprintf(text + len, sizeof(text) - len, ": %s", suffix);
		len += n < 0 ? 0 : (size_t)n;
	}
	if (len >= sizeof(text))
		len = utf8_cut(text, sizeof(text) - 1);
	/* A message quotes what it is about. */
	redact(text, len);
	memcpy(e->msg, text, len);
	e->msg[len] = '\0';
}

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	set_message(e, NULL, fmt, ap);
	va_end(ap);
	e->kind = kind;
	return -1;
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	char reason[256];
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	/* The GNU strerror_r, which need not use the buffer. */
	set_message(e, strerror_r(saved, reason, sizeof(reason)), fmt, ap);
	va_end(ap);
	e->kind = saved == ENOSPC || saved == EDQUOT ? ERR_FULL : ERR_SYSTEM;
	errno = saved;
	return -1;
}

int
err_in(struct err *e, const char *fmt, ...)
{
	char old[MSG_SIZE];
	va_list ap;

	if (e == NULL)
		return -1;
	memcpy(old, e->msg, sizeof(old));
	old[sizeof(old) - 1] = '\0';
	va_start(ap, fmt);
	set_message(e, old, fmt, ap);
	va_end(ap);
	return -1;
}
