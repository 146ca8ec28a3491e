/*
 * What a step costs beyond its tool: the time from start to end of /bin/true,
 * by itself and as an execution, one after the other and in the same run, so
 * that the ratio does not depend on the machine. PURSER_STEP is the helper.
 *
 *	tests/bench/spawn [ROUNDS]
 */
#include "config.h"

#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/file.h"
#include "base/mem.h"
#include "driver/process.h"
#include "tests/bench/bench.h"

static double
plain(int rounds)
{
	double begin = now_us();
	char tool[] = "/bin/true";
	char *argv[] = { tool, NULL };

	for (int i = 0; i < rounds; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			execv(tool, argv);
			_exit(127);
		}
		waitpid(pid, NULL, 0);
	}
	return (now_us() - begin) / rounds;
}

static double
spawned(int rounds)
{
	double begin = now_us();
	char tool[] = "/bin/true";
	char *argv[] = { tool, NULL };

	for (int i = 0; i < rounds; i++) {
		pid_t pid;

		if (posix_spawn(&pid, tool, NULL, NULL, argv, environ) == 0)
			waitpid(pid, NULL, 0);
	}
	return (now_us() - begin) / rounds;
}

static void
on_done(struct process *p, const struct result *r, void *data)
{
	(void)p;
	if (r->ending != END_EXITED || r->code != 0) {
		fprintf(stderr, "spawn: it did not end as it should\n");
		_exit(1);
	}
	*(bool *)data = true;
}

static double
steps(int rounds, const char *root, double *prepare_us, double *start_us)
{
	const char *step = getenv("PURSER_STEP");
	struct strv argv = { 0 };
	struct err e = { 0 };
	uv_loop_t loop;
	double begin = now_us();

	uv_loop_init(&loop);
	strv_add(&argv, "/bin/true");
	*prepare_us = *start_us = 0;
	for (int i = 0; i < rounds; i++) {
		AUTO_FREE char *folder = xasprintf("%s/%d", root, i);
		struct process_spec spec = { .execution_id = "bench",
			.objective_id = "bench",
			.folder = folder,
			.argv = &argv,
			.timeout_ms = 10000 };
		double t0 = now_us();
		struct process *p = process_prepare(&spec, &e);
		double t1 = now_us();
		bool done = false;

		if (p == NULL || step == NULL ||
		    process_start(p, &loop, step, on_done, &done, &e) == -1) {
			fprintf(stderr, "spawn: %s\n", e.msg);
			_exit(1);
		}
		*prepare_us += (t1 - t0) / rounds;
		*start_us += (now_us() - t1) / rounds;
		while (!done)
			uv_run(&loop, UV_RUN_ONCE);
		process_free(p);
	}
	double took = (now_us() - begin) / rounds;

	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	strv_clear(&argv);
	return took;
}

int
main(int argc, char **argv)
{
	int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 500;
	AUTO_FREE char *root = xasprintf(
	    "%s/purser-bench-XXXXXX", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	double prepare_us, start_us;

	if (rounds < 1 || mkdtemp(root) == NULL)
		return 2;
	(void)plain(rounds / 10 + 1);
	double fork_us = plain(rounds);
	double spawn_us = spawned(rounds);
	double step_us = steps(rounds, root, &prepare_us, &start_us);

	printf("fork and exec of true    %7.0f us\n", fork_us);
	printf("posix_spawn of true      %7.0f us\n", spawn_us);
	printf("step, whole              %7.0f us  (prepare %.0f, start %.0f)\n", step_us,
	    prepare_us, start_us);
	printf("ratio to fork and exec   %7.2f\n", step_us / fork_us);
	file_remove_tree(root, NULL);
	return 0;
}
