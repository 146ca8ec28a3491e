/*
 * How soon a submitted objective gets to its tool when a runner waits for it
 * (purser run --watch): from the moment its commit has returned to the start of
 * the tool, which is tests/bench/stamp. With "tidy" it does afterwards what
 * "purser submit" does, whose writes meet those of the runner. Prints the
 * median, the ninth tenth and the longest, in ms.
 *
 *	PURSER_STATE_DIR=... BENCH_STAMPS=FILE tests/bench/latency SUBMITS NAME [tidy]
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/batch.h"
#include "engine/audit.h"
#include "engine/library.h"
#include "engine/paths.h"
#include "engine/wake.h"

#define LOOK_NS 100000
/* For the runner to end with the one before and to rest. */
#define REST_NS 30000000
#define PATIENCE_MS 10000

static struct err err;
static struct faults faults;
static bool tidies; /* the audit log and the store, as "purser submit" does */

#define MUST(call)                                                          \
	do {                                                                \
		if ((call) < 0) {                                           \
			fprintf(stderr, "%s: %s\n", #call,                  \
			    faults.count > 0 ? faults.list.v[0] : err.msg); \
			exit(1);                                            \
		}                                                           \
	} while (0)

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
rest(long ns)
{
	nanosleep(&(const struct timespec){ .tv_nsec = ns }, NULL);
}

static void
submit(struct store *store, const struct paths *paths, const struct library *library,
    const char *name, int64_t *committed_ns)
{
	static const char text[] = "{\"name\":\"one\",\"capability\":\"stamp\"}";
	static const struct audit_limits limits = { .max_bytes = 10 * 1024 * 1024, .files = 5 };
	struct submitted done;
	struct doc doc;
	struct batch b;

	MUST(doc_parse("latency.json", text, strlen(text), &doc, &err));
	MUST(batch_parse(&doc, name, library, clock_now_ms(), &b, &faults));
	doc_clear(&doc);
	MUST(store_begin_wait(store, PATIENCE_MS, &err));
	MUST(store_submit(store, &b, "bench", clock_now_ms(), &done, &err));
	MUST(store_commit(store, &err));
	*committed_ns = now_ns();
	wake_all(paths);
	if (tidies) {
		(void)audit_flush(store, paths->state, &limits, &err);
		store_checkpoint(store);
	}
	batch_clear(&b);
}

/* The next line of FD, which may yet have to be written. */
static int64_t
read_stamp(int fd)
{
	char line[32] = "";
	size_t len = 0;

	for (int64_t until_ms = clock_boot_ms() + PATIENCE_MS; clock_boot_ms() < until_ms;) {
		ssize_t n = read(fd, line + len, sizeof(line) - 1 - len);

		if (n > 0)
			len += (size_t)n;
		if (len > 0 && line[len - 1] == '\n')
			return strtoll(line, NULL, 10);
		rest(LOOK_NS);
	}
	fprintf(stderr, "latency: the tool was not started\n");
	exit(1);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	int n = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
	const char *stamps = getenv("BENCH_STAMPS");
	struct library library = { 0 };
	CLEANUP(strv_clear) struct strv folders = { 0 };
	struct store *store;
	struct paths paths;

	if (n < 1 || stamps == NULL)
		return 2;
	tidies = argc > 3 && strcmp(argv[3], "tidy") == 0;
	int fd = open(stamps, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	AUTO_FREE double *took_ms = xcalloc((size_t)n, sizeof(*took_ms));

	MUST(fd);
	MUST(lseek(fd, 0, SEEK_END)); /* what was stamped before is not ours */
	MUST(paths_init(&paths, NULL, NULL, &err));
	strv_add(&folders, paths.templates);
	MUST(library_load(&library, &folders, strategies, &faults));
	MUST(store_open(paths.state, STORE_WRITE, &store, &err));
	for (int i = 0; i < n; i++) {
		int64_t committed_ns;

		AUTO_FREE char *name = xasprintf("%s-%d", argv[2], i);

		submit(store, &paths, &library, name, &committed_ns);
		took_ms[i] = (double)(read_stamp(fd) - committed_ns) / 1e6;
		rest(REST_NS);
	}
	qsort(took_ms, (size_t)n, sizeof(*took_ms), compare);
	printf("%.2f %.2f %.2f\n", took_ms[n / 2], took_ms[n * 9 / 10], took_ms[n - 1]);
	store_close(store);
	library_clear(&library);
	paths_clear(&paths);
	close(fd);
	return 0;
}
