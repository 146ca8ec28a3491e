/*
 * A private folder and a loop, for the tests of this layer. Each test runs in
 * a process of its own; what it starts ends by itself within seconds, and the
 * folder is removed at the test's end.
 */
#ifndef TESTS_UNIT_DRIVER_SCENE_H
#define TESTS_UNIT_DRIVER_SCENE_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "driver/process.h"
#include "step/protocol.h"
#include "unit.h"

#define SCENE_ID "0192f0c1-7a00-7000-8000-00000000abcd"
#define SCENE_OBJECTIVE "0192f0c1-7a00-7000-8000-0000000000ff"

struct scene {
	char *root;   /* private */
	char *folder; /* of the execution; not made yet */
	uv_loop_t loop;
	struct result result;
	int done; /* how often it was called */
};

static struct scene scene;

static inline void
scene_open(void)
{
	const char *tmp = getenv("TMPDIR");

	scene.root = xasprintf("%s/purser-driver-XXXXXX", tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(scene.root));
	scene.folder = xasprintf("%s/runs/objective/execution", scene.root);
	ck_assert_int_eq(uv_loop_init(&scene.loop), 0);
	ck_assert_ptr_nonnull(getenv("PURSER_STEP"));
}

static inline void
scene_close(void)
{
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&scene.loop), 0);
	file_remove_tree(scene.root, NULL);
	result_clear(&scene.result);
	free(scene.root);
	free(scene.folder);
}

static inline char *
scene_path(const char *name)
{
	return file_join(scene.folder, name);
}

/* The text of a file, "" if there is none; the caller's own. */
static inline char *
scene_text(const char *path)
{
	struct buf b = BUF_INIT(16 * 1024 * 1024);

	(void)file_read(path, 16 * 1024 * 1024, &b, NULL);
	return buf_take(&b);
}

static inline void
scene_done(struct process *p, const struct result *r, void *data)
{
	(void)p;
	ck_assert_ptr_eq(data, &scene);
	scene.done++;
	result_clear(&scene.result);
	scene.result = *r;
	scene.result.out = xstrdup(r->out);
	scene.result.err = xstrdup(r->err);
}

static inline struct process *
scene_prepare(const struct process_spec *spec)
{
	struct err e = { 0 };
	struct process *p = process_prepare(spec, &e);

	ck_assert_msg(p != NULL, "%s", e.msg);
	return p;
}

static inline void
scene_start(struct process *p)
{
	struct err e = { 0 };

	ck_assert_msg(
	    process_start(p, &scene.loop, getenv("PURSER_STEP"), scene_done, &scene, &e) == 0, "%s",
	    e.msg);
}

/* Turns the loop until done() was called. */
static inline void
scene_await(void)
{
	while (scene.done == 0)
		uv_run(&scene.loop, UV_RUN_ONCE);
}

/* Runs SPEC, whose ids and folder are filled in here, to its end. */
static inline void
scene_run(struct process_spec *spec)
{
	struct process *p;

	spec->execution_id = SCENE_ID;
	spec->objective_id = SCENE_OBJECTIVE;
	spec->folder = scene.folder;
	p = scene_prepare(spec);
	scene_start(p);
	scene_await();
	process_free(p);
}

/* "/bin/sh -c SCRIPT". */
static inline void
scene_script(const char *script, struct strv *argv)
{
	strv_add(argv, "/bin/sh");
	strv_add(argv, "-c");
	strv_add(argv, script);
}

static inline void
scene_run_script(const char *script, int64_t timeout_ms, int64_t grace_ms)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = {
		.argv = &argv, .timeout_ms = timeout_ms, .grace_ms = grace_ms
	};

	scene_script(script, &argv);
	scene_run(&spec);
}

static inline void
scene_pause(void)
{
	const struct timespec t = { .tv_nsec = 5000000 };

	nanosleep(&t, NULL);
}

/* Waits until the file exists and is not empty; its text, the caller's own. */
static inline char *
scene_await_file(const char *path)
{
	struct stat st;

	while (stat(path, &st) == -1 || st.st_size == 0)
		scene_pause();
	return scene_text(path);
}

static inline pid_t
scene_pid(const char *text)
{
	long pid = strtol(text, NULL, 10);

	ck_assert_int_gt(pid, 1);
	return (pid_t)pid;
}

/* True while the process is there and no zombie. */
static inline bool
scene_is_alive(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/stat", (int)pid);
	AUTO_FREE char *text = scene_text(path);
	const char *end = strrchr(text, ')');

	return end != NULL && end[2] != 'Z' && end[2] != 'X';
}

#endif
