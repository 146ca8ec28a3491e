/*
 * Memory that never fails (out of memory aborts) and locals that free
 * themselves. AUTO_FREE is for what free() frees; CLEANUP(f) calls
 * f(&variable); take() hands a local's pointer over and leaves NULL behind.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#define AUTO_FREE __attribute__((cleanup(mem_cleanup_free)))
#define CLEANUP(function) __attribute__((cleanup(function)))
#define take(pointer)                                   \
	({                                              \
		__typeof__(pointer) taken_ = (pointer); \
		(pointer) = NULL;                       \
		taken_;                                 \
	})
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Defines name_cleanup(T **p) that calls ender(*p): for CLEANUP(name_cleanup). */
#define DEFINE_CLEANUP(type, ender)                       \
	static inline void ender##_cleanup(type *pointer) \
	{                                                 \
		ender(*pointer);                          \
	}

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t count, size_t size);
/*
 * A vector with room for one more than LEN; where all *CAP elements are taken it
 * doubles, so that adding one by one costs no more than adding all at once.
 */
void *xgrow(void *v, size_t len, size_t *cap, size_t size);
/* NULL in, NULL out. */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

static inline void
mem_cleanup_free(void *p)
{
	free(*(void **)p);
}

/* Closes a descriptor of a local: CLEANUP(fd_cleanup) int fd = -1; */
void fd_cleanup(int *fd);

#endif
