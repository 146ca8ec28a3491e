/* Memory that never fails: a program that cannot get memory cannot promise anything either. */
#include "config.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *
checked(void *p)
{
	static const char text[] = "purser: out of memory\n";

	if (p == NULL) {
		(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
		abort();
	}
	return p;
}

/* Nothing is still something: callers may tell NULL from an empty block. */
static size_t
at_least_one(size_t n)
{
	return n > 0 ? n : 1;
}

void *
xmalloc(size_t size)
{
	return checked(malloc(at_least_one(size)));
}

void *
xcalloc(size_t count, size_t size)
{
	return checked(calloc(at_least_one(count), at_least_one(size)));
}

void *
xrealloc(void *old, size_t count, size_t size)
{
	return checked(reallocarray(old, at_least_one(count), at_least_one(size)));
}

void *
xgrow(void *v, size_t len, size_t *cap, size_t size)
{
	if (len < *cap)
		return v;
	*cap = *cap == 0 ? 8 : *cap * 2;
	return xrealloc(v, *cap, size);
}

char *
xstrdup(const char *s)
{
	return s != NULL ? checked(strdup(s)) : NULL;
}

char *
xstrndup(const char *s, size_t n)
{
	return s != NULL ? checked(strndup(s, n)) : NULL;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	return text;
}

char *
xvasprintf(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) == -1)
		text = NULL;
	return checked(text);
}

void
fd_cleanup(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}
