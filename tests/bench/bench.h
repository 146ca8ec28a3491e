/* What the benchmarks share: a clock, an end for what must not fail, and the middle of many. */
#ifndef BENCH_H
#define BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"

static struct err err __attribute__((unused));

/* For calls that fill in "err". */
#define MUST(call)                                                   \
	do {                                                         \
		if ((call) < 0) {                                    \
			fprintf(stderr, "%s: %s\n", #call, err.msg); \
			exit(1);                                     \
		}                                                    \
	} while (0)

static inline double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static inline double
now_ms(void)
{
	return now_us() / 1e3;
}

static inline int
compare_times(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The shortest first: so the median is in the middle. */
static inline void
sort_times(double *times, size_t n)
{
	qsort(times, n, sizeof(*times), compare_times);
}

#endif
