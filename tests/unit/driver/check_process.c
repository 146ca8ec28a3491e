#include "config.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "scene.h"

/* ---- how it ends ---- */

static const struct {
	const char *script;
	enum ending ending;
	int code;
	const char *out, *err;
} endings[] = {
	{ "exit 0", END_EXITED, 0, "", "" },
	{ "echo yes; echo no >&2; exit 3", END_EXITED, 3, "yes\n", "no\n" },
	{ "exit 255", END_EXITED, 255, "", "" },
	{ "kill -TERM $$", END_SIGNALED, SIGTERM, "", "" },
	{ "kill -KILL $$", END_SIGNALED, SIGKILL, "", "" },
	{ "kill -PIPE $$", END_SIGNALED, SIGPIPE, "", "" },
	/* Ignored, as the tool was born. */
	{ "kill -HUP $$; echo alive", END_EXITED, 0, "alive\n", "" },
	{ "cat; echo end", END_EXITED, 0, "end\n", "" },
	{ "printf 'a\\377b\\303\\251'", END_EXITED, 0,
	    "a\xef\xbf\xbd"
	    "b\xc3\xa9",
	    "" },
	{ "pwd | sed 's|.*/||'; umask; ulimit -c", END_EXITED, 0, "execution\n0077\n0\n", "" },
	/* It has a session that is not ours and a group that is its own. */
	{ "set -- $(cat /proc/$$/stat); [ $5 = $$ ] && [ $6 = $PPID ] && echo own", END_EXITED, 0,
	    "own\n", "" },
};

START_TEST(ends_as_told)
{
	scene_run_script(endings[_i].script, 10000, 0);
	ck_assert_int_eq(scene.result.ending, endings[_i].ending);
	ck_assert_int_eq(scene.result.code, endings[_i].code);
	ck_assert_str_eq(scene.result.out, endings[_i].out);
	ck_assert_str_eq(scene.result.err, endings[_i].err);
	ck_assert(!scene.result.out_cut && !scene.result.err_cut);
	ck_assert_int_gt(scene.result.started_ms, 0);
	ck_assert_int_ge(scene.result.ended_ms, scene.result.started_ms);
	ck_assert_int_gt(scene.result.max_rss_kb, 0);
	ck_assert_int_eq(scene.done, 1);
}
END_TEST

START_TEST(missing_tool_is_not_started)
{
	static const struct {
		const char *tool;
		int code;
	} rows[] = {
		{ "/nonexistent/tool", ENOENT },
		{ "purser-no-such-tool", ENOENT },
		{ "/dev/null", EACCES },
		{ "/etc/passwd", EACCES },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		CLEANUP(strv_clear) struct strv argv = { 0 };
		struct process_spec spec = { .argv = &argv, .timeout_ms = 1000 };

		strv_add(&argv, rows[i].tool);
		scene.done = 0;
		scene_run(&spec);
		ck_assert_int_eq(scene.result.ending, END_NOT_STARTED);
		ck_assert_int_eq(scene.result.code, rows[i].code);
		result_clear(&scene.result);
		file_remove_tree(scene.folder, NULL);
	}
}
END_TEST

/* As execvp(): what cannot be run is passed over, and remembered if nothing else is found. */
START_TEST(tool_is_found_along_path)
{
	static const struct {
		const char *path; /* %s: a folder with a "tool" that nobody may run */
		const char *tool;
		enum ending ending;
		int code;
	} rows[] = {
		{ "/nonexistent:/dev/null:%s:/usr/bin:/bin", "true", END_EXITED, 0 },
		{ "/usr/bin:/bin:/nonexistent", "false", END_EXITED, 1 },
		{ "/nonexistent:%s", "tool", END_NOT_STARTED, EACCES },
		{ "%s:/nonexistent", "tool", END_NOT_STARTED, EACCES },
		{ "/nonexistent:%s", "no-such-tool", END_NOT_STARTED, ENOENT },
		{ "/nonexistent", "", END_NOT_STARTED, ENOENT },
	};
	AUTO_FREE char *file = file_join(scene.root, "tool");
	AUTO_FREE char *before = xstrdup(getenv("PATH"));
	const char *mark = strstr(rows[_i].path, "%s");
	AUTO_FREE char *path = mark == NULL ? xstrdup(rows[_i].path)
					    : xasprintf("%.*s%s%s", (int)(mark - rows[_i].path),
						  rows[_i].path, scene.root, mark + 2);
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = { .argv = &argv, .timeout_ms = 5000 };

	ck_assert_int_eq(file_create(file, "", 0, 0600, NULL), 0);
	strv_add(&argv, rows[_i].tool);
	setenv("PATH", path, 1);
	scene_run(&spec);
	setenv("PATH", before, 1);
	ck_assert_int_eq(scene.result.ending, rows[_i].ending);
	ck_assert_int_eq(scene.result.code, rows[_i].code);
}
END_TEST

START_TEST(missing_helper_is_an_error)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = { .execution_id = SCENE_ID,
		.objective_id = SCENE_OBJECTIVE,
		.folder = scene.folder,
		.argv = &argv };
	enum liveness liveness;
	struct err e = { 0 };
	int fd;

	scene_script("exit 0", &argv);
	struct process *p = scene_prepare(&spec);
	ck_assert_int_eq(
	    process_start(p, &scene.loop, "/nonexistent/purser-step", scene_done, &scene, &e), -1);
	ck_assert_int_eq(e.kind, ERR_SYSTEM);
	result_init(&scene.result);
	ck_assert_int_eq(
	    process_look(scene.folder, SCENE_ID, true, true, &liveness, &fd, &scene.result, &e), 0);
	ck_assert_int_eq(liveness, LIVENESS_NOT_STARTED);
	close(fd);
	process_free(p);
	ck_assert_int_eq(scene.done, 0);
}
END_TEST

/* ---- time ---- */

static const struct {
	const char *script;
	int code;
	int least_ms, most_ms;
} timeouts[] = {
	{ "exec sleep 20", SIGINT, 200, 1500 },
	{ "trap 'exit 1' INT; while :; do sleep .05; done", SIGINT, 200, 1500 },
	{ "trap '' INT; exec sleep 20", SIGTERM, 500, 1800 },
	{ "trap '' INT TERM; exec sleep 20", SIGKILL, 800, 2200 },
	{ "trap '' INT TERM; sleep 20", SIGKILL, 800, 2200 },
	/* Of a group that is not the tool's. */
	{ "trap '' INT TERM; setsid sleep 20", SIGKILL, 800, 4500 },
	{ "kill -STOP $$", SIGINT, 200, 1500 },
};

START_TEST(timeout_climbs_the_ladder)
{
	int64_t begin = clock_boot_ms();

	scene_run_script(timeouts[_i].script, 200, 300);
	ck_assert_int_eq(scene.result.ending, END_TIMED_OUT);
	ck_assert_int_eq(scene.result.code, timeouts[_i].code);
	ck_assert_int_ge(
	    scene.result.ended_ms - scene.result.started_ms, timeouts[_i].least_ms - 5);
	ck_assert_int_le(clock_boot_ms() - begin, timeouts[_i].most_ms);
}
END_TEST

/* A grandchild in a session of its own, whose parents have all ended. */
START_TEST(strays_are_killed)
{
	AUTO_FREE char *path = scene_path("stray");
	AUTO_FREE char *result_path = scene_path(STEP_RESULT_NAME);
	int64_t begin = clock_boot_ms();

	scene_run_script("(setsid sh -c 'echo $$ > stray; sleep 30 & exec sleep 30' &) ; "
			 "while [ ! -s stray ]; do sleep .01; done",
	    10000, 0);
	AUTO_FREE char *pid = scene_text(path);
	AUTO_FREE char *text = scene_text(result_path);

	ck_assert_int_eq(scene.result.ending, END_EXITED);
	ck_assert_int_eq(scene.result.code, 0);
	ck_assert(!scene_is_alive(scene_pid(pid)));
	ck_assert_ptr_nonnull(strstr(text, "\"strays\":2,"));
	ck_assert_int_lt(scene.result.ended_ms - scene.result.started_ms, STEP_STRAYS_MS);
	ck_assert_int_ge(clock_boot_ms() - begin, STEP_STRAYS_MS);
}
END_TEST

/* One that ends in time is left in peace, and the result waits for it. */
START_TEST(late_children_are_waited_for)
{
	AUTO_FREE char *path = scene_path("late");
	AUTO_FREE char *result_path = scene_path(STEP_RESULT_NAME);

	scene_run_script("(sleep .3; echo yes > late) & exit 0", 10000, 0);
	AUTO_FREE char *late = scene_text(path);
	AUTO_FREE char *text = scene_text(result_path);

	ck_assert_str_eq(late, "yes\n");
	ck_assert_ptr_nonnull(strstr(text, "\"strays\":0,"));
}
END_TEST

/* ---- output ---- */

START_TEST(long_output_is_bounded)
{
	AUTO_FREE char *path = scene_path(STEP_STDOUT_NAME);
	struct stat st;

	/* 50 MB in lines of 100 bytes, some of it so slowly that it is trimmed meanwhile. */
	scene_run_script("yes \"$(printf '%099d' 7)\" | head -n 490000; sleep .4; "
			 "yes \"$(printf '%099d' 8)\" | head -n 9999; echo last",
	    30000, 0);
	ck_assert_int_eq(scene.result.ending, END_EXITED);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 499999 * 100 + 5);
	ck_assert_int_le(st.st_blocks * 512, STEP_HEAD_BYTES + STEP_TAIL_BYTES + 512 * 1024);
	ck_assert(scene.result.out_cut);
	ck_assert(!scene.result.err_cut);
	ck_assert_int_le(strlen(scene.result.out), STEP_HEAD_BYTES + STEP_TAIL_BYTES + 256);
	ck_assert_int_eq(strncmp(scene.result.out, "0000", 4), 0);
	ck_assert_str_eq(scene.result.out + strlen(scene.result.out) - 7, "8\nlast\n");
}
END_TEST

START_TEST(output_is_trimmed_while_it_grows)
{
	AUTO_FREE char *path = scene_path(STEP_STDERR_NAME);
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = { .execution_id = SCENE_ID,
		.objective_id = SCENE_OBJECTIVE,
		.folder = scene.folder,
		.argv = &argv,
		.timeout_ms = 20000 };
	struct stat st = { 0 };
	struct process *p;

	scene_script(
	    "yes | head -c 30000000 >&2; echo full; while [ ! -e go ]; do sleep .02; done", &argv);
	p = scene_prepare(&spec);
	scene_start(p);
	do {
		scene_pause();
		(void)stat(path, &st);
	} while (st.st_size < 30000000 ||
	    st.st_blocks * 512 > STEP_HEAD_BYTES + STEP_TAIL_BYTES + 512 * 1024);
	AUTO_FREE char *go = scene_path("go");
	ck_assert_int_eq(file_create(go, "", 0, 0600, NULL), 0);
	scene_await();
	ck_assert(scene.result.err_cut);
	ck_assert_str_eq(scene.result.out, "full\n");
	process_free(p);
}
END_TEST

/* ---- arguments ---- */

START_TEST(placeholders_stay_in_their_element)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = { .argv = &argv,
		.timeout_ms = 5000,
		.resource = "x --y '$(id)' {run} {resource} ;\n\"" };

	scene_script("printf '<%s>' \"$@\"", &argv);
	strv_add(&argv, "sh");
	strv_add(&argv, "--name={resource}!");
	strv_add(&argv, "@{run}/values.json");
	strv_add(&argv, "[?a=={b}].{c: d} {runs} {ru{run");
	strv_add(&argv, "");
	scene_run(&spec);
	AUTO_FREE char *expected =
	    xasprintf("<--name=%s!><@%s/values.json><[?a=={b}].{c: d} {runs} {ru{run><>",
		spec.resource, scene.folder);
	ck_assert_str_eq(scene.result.out, expected);
}
END_TEST

START_TEST(what_the_plan_must_not_ask)
{
	static const struct {
		const char *argument, *files, *secrets;
	} rows[] = {
		{ "{resource}", NULL, NULL },
		{ "a", "{\"../x\": {}}", NULL },
		{ "a", "{\"lock\": {}}", NULL },
		{ "a", "{\"result.json\": {}}", NULL },
		{ "a", "{\"\": {}}", NULL },
		{ "a", NULL, "{\"password\": \"env:PURSER_NO_SUCH_VARIABLE\"}" },
		{ "a", NULL, "{\"password\": \"plain\"}" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		CLEANUP(strv_clear) struct strv argv = { 0 };
		AUTO_JSON cJSON *files = rows[i].files != NULL ? cJSON_Parse(rows[i].files) : NULL;
		AUTO_JSON cJSON *secrets =
		    rows[i].secrets != NULL ? cJSON_Parse(rows[i].secrets) : NULL;
		struct process_spec spec = { .execution_id = SCENE_ID,
			.objective_id = SCENE_OBJECTIVE,
			.folder = scene.folder,
			.argv = &argv,
			.files = files,
			.secrets = secrets };
		struct err e = { 0 };

		strv_add(&argv, rows[i].argument);
		ck_assert_ptr_null(process_prepare(&spec, &e));
		ck_assert_int_eq(e.kind, ERR_INPUT);
		ck_assert(!file_exists(scene.folder));
	}
}
END_TEST

START_TEST(folder_holds_what_the_plan_says)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };
	AUTO_JSON cJSON *files = cJSON_Parse("{\"values.json\": {\"a\": [1, \"\\u00e9\"]}}");
	struct process_spec spec = { .argv = &argv, .files = files, .timeout_ms = 5000 };

	scene_script(
	    "cat values.json; stat -c ' %a' values.json . lock stdout stderr started", &argv);
	scene_run(&spec);
	ck_assert_str_eq(
	    scene.result.out, "{\"a\":[1,\"\xc3\xa9\"]} 600\n 700\n 600\n 600\n 600\n 600\n");
}
END_TEST

START_TEST(discard_leaves_nothing)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = { .execution_id = SCENE_ID,
		.objective_id = SCENE_OBJECTIVE,
		.folder = scene.folder,
		.argv = &argv };
	struct err e = { 0 };

	scene_script("exit 0", &argv);
	struct process *p = scene_prepare(&spec);
	ck_assert(file_exists(scene.folder));
	/* An execution is never reused. */
	ck_assert_ptr_null(process_prepare(&spec, &e));
	ck_assert(file_exists(scene.folder));
	process_discard(p);
	ck_assert(!file_exists(scene.folder));
}
END_TEST

/* ---- descriptors and secrets ---- */

START_TEST(tool_sees_no_other_descriptors)
{
	static const struct {
		const char *secrets, *seen;
	} rows[] = {
		{ NULL, "0\n1\n2\n3\n" },
		{ "{\"password\": \"env:PURSER_TEST_SECRET\"}", "0\n1\n2\n3\n9\n" },
	};

	/* Some that are not O_CLOEXEC, as a library may leave them. */
	for (int i = 0; i < 20; i++)
		ck_assert_int_ne(open("/dev/null", O_RDONLY), -1);
	setenv("PURSER_TEST_SECRET", "s", 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		CLEANUP(strv_clear) struct strv argv = { 0 };
		AUTO_JSON cJSON *secrets =
		    rows[i].secrets != NULL ? cJSON_Parse(rows[i].secrets) : NULL;
		struct process_spec spec = {
			.argv = &argv, .secrets = secrets, .timeout_ms = 5000
		};

		scene_script("ls /proc/$$/fd", &argv);
		scene.done = 0;
		scene_run(&spec);
		ck_assert_str_eq(scene.result.out, rows[i].seen);
		result_clear(&scene.result);
		file_remove_tree(scene.folder, NULL);
	}
}
END_TEST

START_TEST(secrets_come_by_descriptor)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };
	AUTO_JSON cJSON *secrets = cJSON_Parse("{\"greeting\": \"env:PURSER_TEST_SECRET\"}");
	struct process_spec spec = { .argv = &argv, .secrets = secrets, .timeout_ms = 5000 };

	setenv("PURSER_TEST_SECRET", "a\"b", 1);
	/* Twice by name, as az does, and once by number. */
	scene_script("cat /proc/self/fd/9; echo; cat /proc/self/fd/9; echo; cat <&9; "
		     "(echo x > /proc/self/fd/9) 2>/dev/null && cat /proc/self/fd/9",
	    &argv);
	scene_run(&spec);
	ck_assert_str_eq(scene.result.out,
	    "{\"parameters\":{\"greeting\":{\"value\":\"a\\\"b\"}}}\n"
	    "{\"parameters\":{\"greeting\":{\"value\":\"a\\\"b\"}}}\n"
	    "{\"parameters\":{\"greeting\":{\"value\":\"a\\\"b\"}}}");
}
END_TEST

/* Whatever the runner has done to its own signals, the tool's are as new. */
START_TEST(signals_are_as_new)
{
	sigset_t all;

	for (int i = 1; i < NSIG; i++)
		if (i != SIGCHLD && i != SIGALRM)
			signal(i, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	scene_run_script("grep -E '^Sig(Blk|Ign)' /proc/self/status", 5000, 0);
	/* 1 is SIGHUP; 80000000 and 100000000 are libc's own, which no program can set. */
	ck_assert_ptr_nonnull(strstr(scene.result.out, "SigBlk:\t0000000000000000\n"));
	const char *ignored = strstr(scene.result.out, "SigIgn:\t");
	ck_assert_ptr_nonnull(ignored);
	ck_assert_uint_eq(strtoull(ignored + 8, NULL, 16) & ~0x180000000ull, 1);
}
END_TEST

START_TEST(works_with_sigchld_ignored)
{
	signal(SIGCHLD, SIG_IGN);
	scene_run_script("exit 4", 5000, 0);
	ck_assert_int_eq(scene.result.ending, END_EXITED);
	ck_assert_int_eq(scene.result.code, 4);
}
END_TEST

/* ---- a disk that is full ---- */

static void
expect_not_started(int code)
{
	AUTO_FREE char *mark = scene_path(STEP_STARTED_NAME);
	AUTO_FREE char *ran = scene_path("ran");

	ck_assert_int_eq(scene.result.ending, END_NOT_STARTED);
	ck_assert_int_eq(scene.result.code, code);
	ck_assert(!file_exists(mark));
	ck_assert(!file_exists(ran));
}

/* The space of the result is taken before anything is started. */
START_TEST(no_room_for_a_result)
{
	const struct rlimit little = { STEP_RESULT_MAX / 2, RLIM_INFINITY };
	const struct rlimit much = { RLIM_INFINITY, RLIM_INFINITY };
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = { .execution_id = SCENE_ID,
		.objective_id = SCENE_OBJECTIVE,
		.folder = scene.folder,
		.argv = &argv };
	struct err e = { 0 };

	scene_script("echo > ran", &argv);
	struct process *p = scene_prepare(&spec);
	/* Only for the helper: libcheck itself writes to files. */
	(void)setrlimit(RLIMIT_FSIZE, &little);
	int started = process_start(p, &scene.loop, getenv("PURSER_STEP"), scene_done, &scene, &e);
	(void)setrlimit(RLIMIT_FSIZE, &much);
	ck_assert_int_eq(started, 0);
	scene_await();
	process_free(p);
	expect_not_started(EFBIG);
}
END_TEST

/* The disk's one page is taken: none is left for the mark and the result. Only root can mount it. */
START_TEST(no_room_on_the_disk)
{
	AUTO_FREE char *size = xasprintf("size=%ld", sysconf(_SC_PAGESIZE));
	AUTO_FREE char *runs = file_join(scene.root, "runs");

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1) {
		fprintf(stderr, "no_room_on_the_disk: not run: needs to mount a file system: %s\n",
		    strerror(errno));
		return;
	}
	ck_assert_int_eq(mkdir(runs, 0700), 0);
	ck_assert_int_eq(mount("tmpfs", runs, "tmpfs", 0, size), 0);
	AUTO_FREE char *path = file_join(runs, "page");
	ck_assert_int_eq(file_create(path, "x", 1, 0600, NULL), 0);
	scene_run_script("echo > ran", 5000, 0);
	expect_not_started(ENOSPC);
	ck_assert_int_eq(umount2(runs, MNT_DETACH), 0);
}
END_TEST

static Suite *
process_suite(void)
{
	Suite *suite = suite_create("process");
	TCase *tcase = tcase_create("process");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, scene_open, scene_close);
	tcase_add_loop_test(tcase, ends_as_told, 0, COUNT_OF(endings));
	tcase_add_test(tcase, missing_tool_is_not_started);
	tcase_add_loop_test(tcase, tool_is_found_along_path, 0, 6);
	tcase_add_test(tcase, missing_helper_is_an_error);
	tcase_add_loop_test(tcase, timeout_climbs_the_ladder, 0, COUNT_OF(timeouts));
	tcase_add_test(tcase, strays_are_killed);
	tcase_add_test(tcase, late_children_are_waited_for);
	tcase_add_test(tcase, long_output_is_bounded);
	tcase_add_test(tcase, output_is_trimmed_while_it_grows);
	tcase_add_test(tcase, placeholders_stay_in_their_element);
	tcase_add_test(tcase, what_the_plan_must_not_ask);
	tcase_add_test(tcase, folder_holds_what_the_plan_says);
	tcase_add_test(tcase, discard_leaves_nothing);
	tcase_add_test(tcase, tool_sees_no_other_descriptors);
	tcase_add_test(tcase, secrets_come_by_descriptor);
	tcase_add_test(tcase, signals_are_as_new);
	tcase_add_test(tcase, works_with_sigchld_ignored);
	tcase_add_test(tcase, no_room_for_a_result);
	tcase_add_test(tcase, no_room_on_the_disk);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return unit_run(process_suite());
}
