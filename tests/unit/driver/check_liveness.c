/*
 * What can be said of an execution when the runner or the helper has died.
 * Death is SIGKILL at a chosen place of a process of our own.
 */
#include "config.h"

#include "scene.h"

/*
 * Runs SCRIPT from a child that is killed as soon as the tool has made the
 * file "ready"; POINT as in base/failpoint.h, or NULL.
 */
static pid_t
begin_elsewhere(const char *script, const char *point)
{
	pid_t runner = fork();

	if (runner == 0) {
		CLEANUP(strv_clear) struct strv argv = { 0 };
		struct process_spec spec = { .execution_id = SCENE_ID,
			.objective_id = SCENE_OBJECTIVE,
			.folder = scene.folder,
			.argv = &argv,
			.timeout_ms = 20000 };

		if (point != NULL)
			setenv("PURSER_FAILPOINT", point, 1);
		scene_script(script, &argv);
		scene_start(scene_prepare(&spec));
		scene_await();
		_exit(0);
	}
	return runner;
}

static void
kill_and_wait(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* Looks once; the lock is given up at once. */
static enum liveness
look(bool same_boot)
{
	enum liveness liveness;
	struct err e = { 0 };
	int fd;

	result_clear(&scene.result);
	result_init(&scene.result);
	ck_assert_msg(
	    process_look(scene.folder, SCENE_ID, same_boot, true, &liveness, &fd, &scene.result, &e) == 0,
	    "%s", e.msg);
	ck_assert((fd == -1) == (liveness == LIVENESS_HELD || !file_exists(scene.folder)));
	if (fd != -1)
		close(fd);
	return liveness;
}

static enum liveness
look_until_free(void)
{
	enum liveness liveness;

	while ((liveness = look(true)) == LIVENESS_HELD)
		scene_pause();
	return liveness;
}

/* The helper's pid, from its mark. */
static pid_t
await_helper(void)
{
	AUTO_FREE char *path = scene_path(STEP_STARTED_NAME);
	AUTO_FREE char *text = scene_await_file(path);
	long long since_boot_ms;
	int pid;

	ck_assert_int_eq(sscanf(text, "%d %lld\n", &pid, &since_boot_ms), 2);
	ck_assert_int_gt(since_boot_ms, clock_boot_ms() - 60000);
	ck_assert_int_le(since_boot_ms, clock_boot_ms());
	return pid;
}

START_TEST(step_outlives_the_runner)
{
	AUTO_FREE char *ready = scene_path("ready");
	pid_t runner = begin_elsewhere(
	    "echo $$ > ready; while [ ! -e go ]; do sleep .02; done; echo done; exit 7", NULL);
	AUTO_FREE char *tool = scene_await_file(ready);
	AUTO_FREE char *go = scene_path("go");
	pid_t holders[8];

	kill_and_wait(runner);
	ck_assert_int_eq(look(true), LIVENESS_HELD);
	ck_assert_int_eq(look(false), LIVENESS_HELD);
	/* The helper, the tool, and perhaps a sleep. */
	ck_assert_int_ge(process_holders(scene.folder, holders, 8), 2);
	ck_assert(scene_is_alive(scene_pid(tool)));
	ck_assert_int_eq(file_create(go, "", 0, 0600, NULL), 0);
	ck_assert_int_eq(look_until_free(), LIVENESS_ENDED);
	ck_assert_int_eq(scene.result.ending, END_EXITED);
	ck_assert_int_eq(scene.result.code, 7);
	ck_assert_str_eq(scene.result.out, "done\n");
	ck_assert_int_eq(process_holders(scene.folder, holders, 8), 0);
	ck_assert_int_eq(look(false), LIVENESS_ENDED);
}
END_TEST

/* As a logout does, and job control: neither is meant for the step. */
START_TEST(step_outlives_signals_to_the_group)
{
	AUTO_FREE char *ready = scene_path("ready");
	pid_t runner =
	    begin_elsewhere("echo $$ > ready; while [ ! -e go ]; do sleep .02; done", NULL);
	AUTO_FREE char *tool = scene_await_file(ready);
	AUTO_FREE char *go = scene_path("go");
	pid_t helper = await_helper();

	for (size_t i = 0; i < 5; i++)
		kill(helper, (const int[]){ SIGHUP, SIGQUIT, SIGUSR1, SIGPIPE, SIGALRM }[i]);
	kill(scene_pid(tool), SIGHUP);
	kill_and_wait(runner);
	ck_assert_int_eq(file_create(go, "", 0, 0600, NULL), 0);
	ck_assert_int_eq(look_until_free(), LIVENESS_ENDED);
	ck_assert_int_eq(scene.result.ending, END_EXITED);
	ck_assert_int_eq(scene.result.code, 0);
}
END_TEST

START_TEST(helper_told_to_stop_stops_the_tool)
{
	static const int signals[] = { SIGTERM, SIGINT };
	AUTO_FREE char *ready = scene_path("ready");
	pid_t runner = begin_elsewhere("echo $$ > ready; exec sleep 20", NULL);

	free(scene_await_file(ready));
	kill(await_helper(), signals[_i]);
	ck_assert_int_eq(look_until_free(), LIVENESS_ENDED);
	ck_assert_int_eq(scene.result.ending, END_TIMED_OUT);
	ck_assert_int_eq(scene.result.code, SIGINT);
	ck_assert_int_lt(scene.result.ended_ms - scene.result.started_ms, 10000);
	kill_and_wait(runner);
}
END_TEST

/* The helper is dead, but the tool lives and holds the lock: not told before it has ended. */
START_TEST(killed_helper_is_lost_when_the_tool_ends)
{
	AUTO_FREE char *ready = scene_path("ready");
	AUTO_FREE char *go = scene_path("go");
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = { .execution_id = SCENE_ID,
		.objective_id = SCENE_OBJECTIVE,
		.folder = scene.folder,
		.argv = &argv,
		.timeout_ms = 20000 };

	scene_script("echo $$ > ready; echo seen; while [ ! -e go ]; do sleep .02; done", &argv);
	struct process *p = scene_prepare(&spec);
	scene_start(p);
	free(scene_await_file(ready));
	kill(await_helper(), SIGKILL);
	for (int64_t until = clock_boot_ms() + 400; clock_boot_ms() < until; scene_pause())
		uv_run(&scene.loop, UV_RUN_NOWAIT);
	ck_assert_int_eq(scene.done, 0);
	ck_assert_int_eq(look(true), LIVENESS_HELD);
	ck_assert_int_eq(file_create(go, "", 0, 0600, NULL), 0);
	scene_await();
	ck_assert_int_eq(scene.result.ending, END_LOST);
	ck_assert_str_eq(scene.result.out, "seen\n");
	/* Until it is freed the lock is ours. */
	ck_assert_int_eq(look(true), LIVENESS_HELD);
	process_free(p);
	ck_assert_int_eq(look(true), LIVENESS_LOST);
}
END_TEST

/* Prepared by a runner that stands still, and then is killed. */
START_TEST(stopped_before_the_start)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = { .execution_id = SCENE_ID,
		.objective_id = SCENE_OBJECTIVE,
		.folder = scene.folder,
		.argv = &argv };
	pid_t runner;
	int ready[2];
	char c;

	ck_assert_int_eq(pipe(ready), 0);
	runner = fork();
	if (runner == 0) {
		scene_script("exit 0", &argv);
		struct process *p = scene_prepare(&spec);
		ck_assert_int_eq(write(ready[1], "x", 1), 1);
		raise(SIGSTOP);
		scene_start(p);
		_exit(0);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	ck_assert_int_eq(look(true), LIVENESS_HELD);
	kill_and_wait(runner);
	ck_assert_int_eq(look(true), LIVENESS_NOT_STARTED);
	/* Whatever happened before a power cut cannot be told. */
	ck_assert_int_eq(look(false), LIVENESS_LOST);
}
END_TEST

START_TEST(freed_process_goes_on)
{
	AUTO_FREE char *ready = scene_path("ready");
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = { .execution_id = SCENE_ID,
		.objective_id = SCENE_OBJECTIVE,
		.folder = scene.folder,
		.argv = &argv,
		.timeout_ms = 5000 };

	scene_script("echo $$ > ready; sleep .2; echo end", &argv);
	struct process *p = scene_prepare(&spec);
	scene_start(p);
	free(scene_await_file(ready));
	process_free(p);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(scene.done, 0);
	ck_assert_int_eq(look(true), LIVENESS_HELD);
	ck_assert_int_eq(look_until_free(), LIVENESS_ENDED);
	ck_assert_str_eq(scene.result.out, "end\n");
}
END_TEST

START_TEST(vanished_folder_is_lost)
{
	ck_assert_int_eq(look(true), LIVENESS_LOST);
}
END_TEST

#ifdef WITH_FAILPOINTS

/* The helper, or the runner, is killed there; the tool writes "ran". */
static const struct {
	const char *point;
	enum liveness liveness;
	enum ending ending; /* what a runner that lives is told */
	bool ran;
} points[] = {
	{ "process.prepared", LIVENESS_NOT_STARTED, ENDINGS, false },
	{ "process.before_spawn", LIVENESS_NOT_STARTED, ENDINGS, false },
	{ "process.after_spawn", LIVENESS_ENDED, ENDINGS, true },
	{ "process.result_read", LIVENESS_ENDED, ENDINGS, true },
	{ "step.begin", LIVENESS_NOT_STARTED, END_NOT_STARTED, false },
	{ "step.started", LIVENESS_LOST, END_LOST, false },
	{ "step.spawned", LIVENESS_LOST, END_LOST, true },
	{ "step.ended", LIVENESS_LOST, END_LOST, true },
	{ "step.renamed", LIVENESS_ENDED, END_EXITED, true },
};

START_TEST(killed_at_any_point)
{
	AUTO_FREE char *ran = scene_path("ran");
	pid_t runner = begin_elsewhere("sleep .1; echo ran > ran", points[_i].point);

	ck_assert_int_eq(waitpid(runner, NULL, 0), runner);
	ck_assert_int_eq(look_until_free(), points[_i].liveness);
	ck_assert_int_eq(file_exists(ran), points[_i].ran);
	if (points[_i].liveness == LIVENESS_ENDED)
		ck_assert_int_eq(scene.result.ending, END_EXITED);
	if (points[_i].ending == ENDINGS)
		return;
	file_remove_tree(scene.folder, NULL);
	setenv("PURSER_FAILPOINT", points[_i].point, 1);
	result_clear(&scene.result);
	scene_run_script("sleep .1; echo ran > ran", 5000, 0);
	ck_assert_int_eq(scene.result.ending, points[_i].ending);
	ck_assert_int_eq(file_exists(ran), points[_i].ran);
}
END_TEST

#endif

static Suite *
liveness_suite(void)
{
	Suite *suite = suite_create("liveness");
	TCase *tcase = tcase_create("liveness");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, scene_open, scene_close);
	tcase_add_test(tcase, step_outlives_the_runner);
	tcase_add_test(tcase, step_outlives_signals_to_the_group);
	tcase_add_loop_test(tcase, helper_told_to_stop_stops_the_tool, 0, 2);
	tcase_add_test(tcase, killed_helper_is_lost_when_the_tool_ends);
	tcase_add_test(tcase, stopped_before_the_start);
	tcase_add_test(tcase, freed_process_goes_on);
	tcase_add_test(tcase, vanished_folder_is_lost);
#ifdef WITH_FAILPOINTS
	tcase_add_loop_test(tcase, killed_at_any_point, 0, COUNT_OF(points));
#endif
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return unit_run(liveness_suite());
}
