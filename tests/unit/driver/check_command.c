/* Short programs: what they are given, how they end, and what they cannot do to us. */
#include "config.h"

#include <dirent.h>
#include <linux/close_range.h>

#include "driver/command.h"
#include "scene.h"

static struct {
	int done;
	enum ending ending;
	int code;
	char *output;
} got;

static void
command_done(struct command *c, const struct command_result *result, void *data)
{
	ck_assert_ptr_eq(data, &got);
	got.done++;
	got.ending = result->ending;
	got.code = result->code;
	free(got.output);
	got.output = xstrdup(result->output);
	command_free(c);
}

static struct command *
begin(const char *script, const char *input, int64_t timeout_ms)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct command_spec spec = {
		.argv = &argv, .input = input, .timeout_ms = timeout_ms, .grace_ms = 200
	};
	struct err e = { 0 };
	struct command *c;

	scene_script(script, &argv);
	c = command_start(&spec, &scene.loop, command_done, &got, &e);
	ck_assert_msg(c != NULL, "%s", e.msg);
	return c;
}

static void
run(const char *script, const char *input, int64_t timeout_ms)
{
	got.done = 0;
	begin(script, input, timeout_ms);
	while (got.done == 0)
		uv_run(&scene.loop, UV_RUN_ONCE);
}

static int
open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* ---- how it ends ---- */

static const struct {
	const char *script, *input;
	enum ending ending;
	int code;
	const char *output;
} ends[] = {
	{ "exit 0", "", END_EXITED, 0, "" },
	{ "cat", "{\"event\":\"failed\"}\n", END_EXITED, 0, "{\"event\":\"failed\"}\n" },
	{ "exec <&-; exit 0", "never read\n", END_EXITED, 0, "" },
	{ "echo out; echo err >&2; exit 7", "", END_EXITED, 7, "out\nerr\n" },
	{ "kill -TERM $$", "", END_SIGNALED, SIGTERM, "" },
	{ "kill -PIPE $$", "", END_SIGNALED, SIGPIPE, "" },
	{ "printf 'a\\377b'", "", END_EXITED, 0,
	    "a\xef\xbf\xbd"
	    "b" },
	{ "read line; echo \"$line\"; read line || echo end", "one\n", END_EXITED, 0,
	    "one\nend\n" },
	/* A session and a group of its own. */
	{ "set -- $(cat /proc/$$/stat); [ $5 = $$ ] && [ $6 = $$ ] && echo own", "", END_EXITED, 0,
	    "own\n" },
	/* It cannot change what it is told. */
	{ "echo more >&0 2>/dev/null || echo sealed", "", END_EXITED, 0, "sealed\n" },
};

START_TEST(ends_as_told)
{
	run(ends[_i].script, ends[_i].input, 10000);
	ck_assert_int_eq(got.ending, ends[_i].ending);
	ck_assert_int_eq(got.code, ends[_i].code);
	ck_assert_str_eq(got.output, ends[_i].output);
}
END_TEST

START_TEST(what_cannot_start_is_an_error)
{
	static const char *const programs[] = { "/nonexistent/tool", "purser-no-such-tool",
		"/etc/passwd" };
	int before = open_descriptors();

	for (size_t i = 0; i < COUNT_OF(programs); i++) {
		CLEANUP(strv_clear) struct strv argv = { 0 };
		struct command_spec spec = { .argv = &argv, .input = "" };
		struct err e = { 0 };

		strv_add(&argv, programs[i]);
		ck_assert_ptr_null(command_start(&spec, &scene.loop, command_done, &got, &e));
		ck_assert_int_eq(e.kind, ERR_SYSTEM);
		ck_assert_ptr_nonnull(strstr(e.msg, programs[i]));
	}
	ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(a_large_text_arrives_and_an_unread_one_does_no_harm)
{
	AUTO_FREE char *text = xmalloc(3000001);

	memset(text, 'x', 3000000);
	text[3000000] = '\0';
	run("wc -c", text, 10000);
	ck_assert_int_eq(strtol(got.output, NULL, 10), 3000000);
	run("exit 4", text, 10000);
	ck_assert_int_eq(got.code, 4);
}
END_TEST

START_TEST(the_end_of_the_output_is_kept)
{
	run("head -c 20000000 /dev/zero | tr '\\0' z; echo; echo last words >&2", "", 30000);
	ck_assert_uint_eq(strlen(got.output), COMMAND_OUTPUT_MAX);
	ck_assert_str_eq(got.output + COMMAND_OUTPUT_MAX - 12, "\nlast words\n");
	run("for i in 1 2 3 4 5 6 7; do printf '%1000d' $i; done", "", 10000);
	ck_assert_uint_eq(strlen(got.output), COMMAND_OUTPUT_MAX);
	ck_assert_str_eq(got.output + COMMAND_OUTPUT_MAX - 3, "  7");
}
END_TEST

/* ---- time ---- */

static const struct {
	const char *script;
	int code;
} overdue[] = {
	{ "exec sleep 20", SIGTERM },
	{ "trap '' TERM; sleep 20; sleep 20", SIGKILL },
	{ "kill -STOP $$", SIGTERM },
	{ "exec yes", SIGTERM },
	/* It gives in, but tells so by its status. */
	{ "trap 'exit 3' TERM; while :; do sleep .05; done", 3 },
};

START_TEST(takes_too_long)
{
	int64_t began = clock_boot_ms();

	run(overdue[_i].script, "", 300);
	ck_assert_int_eq(got.ending, END_TIMED_OUT);
	ck_assert_int_eq(got.code, overdue[_i].code);
	ck_assert_int_lt(clock_boot_ms() - began, 5000);
}
END_TEST

START_TEST(its_children_end_with_it_when_its_time_is_over)
{
	AUTO_FREE char *path = file_join(scene.root, "child");
	AUTO_FREE char *script =
	    xasprintf("(trap '' TERM; sh -c 'echo $PPID' > %s; sleep 20; sleep 20) & wait", path);
	AUTO_FREE char *text = NULL;

	run(script, "", 500);
	ck_assert_int_eq(got.ending, END_TIMED_OUT);
	text = scene_await_file(path);
	for (int i = 0; i < 400 && scene_is_alive(scene_pid(text)); i++)
		scene_pause();
	ck_assert(!scene_is_alive(scene_pid(text)));
}
END_TEST

START_TEST(its_children_may_go_on_when_it_ends_in_time)
{
	int64_t began = clock_boot_ms();
	pid_t child;

	run("sleep 20 & echo $!", "", 10000);
	ck_assert_int_lt(clock_boot_ms() - began, 5000);
	child = scene_pid(got.output);
	ck_assert(scene_is_alive(child));
	kill(child, SIGKILL);
}
END_TEST

/* ---- us ---- */

START_TEST(no_descriptor_is_left_behind)
{
	int before;

	run("exit 0", "", 1000);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	before = open_descriptors();
	for (int i = 0; i < 50; i++)
		run("echo a", "text", 1000);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(none_of_ours_is_open_in_it)
{
	/* What the test itself was born with is nobody's fault; 3 is the folder that ls reads. */
	ck_assert_int_eq(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), 0);
	run("ls /proc/self/fd | tr '\\n' ' '", "", 10000);
	ck_assert_str_eq(got.output, "0 1 2 3 ");
}
END_TEST

START_TEST(standard_descriptors_may_be_closed)
{
	int saved[3];

	for (int i = 0; i < 3; i++) {
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		close(i);
	}
	run("cat; echo err >&2", "text\n", 10000);
	for (int i = 0; i < 3; i++) {
		dup2(saved[i], i);
		close(saved[i]);
	}
	ck_assert_str_eq(got.output, "text\nerr\n");
}
END_TEST

START_TEST(what_we_ignore_it_does_not)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	run("kill -TERM $$; echo blocked", "", 10000);
	ck_assert_int_eq(got.ending, END_SIGNALED);
	run("kill -PIPE $$; echo ignored", "", 10000);
	ck_assert_int_eq(got.ending, END_SIGNALED);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
END_TEST

/* Left by us while it runs: it prints, reads all of its text, and ends as it wants to. */
START_TEST(goes_on_without_us)
{
	AUTO_FREE char *path = file_join(scene.root, "told");
	AUTO_FREE char *script = xasprintf(
	    "sleep .3; echo printed; head -c 300000 /dev/zero; cat > %s.new; mv %s.new %s", path,
	    path, path);
	AUTO_FREE char *text = NULL;
	pid_t runner = fork();

	if (runner == 0) {
		begin(script, "what it is told\n", 10000);
		uv_run(&scene.loop, UV_RUN_NOWAIT);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(runner, NULL, 0), runner);
	text = scene_await_file(path);
	ck_assert_str_eq(text, "what it is told\n");
}
END_TEST

START_TEST(is_left_alone_when_it_is_freed)
{
	AUTO_FREE char *path = file_join(scene.root, "told");
	AUTO_FREE char *script =
	    xasprintf("sleep .2; cat > %s.new; mv %s.new %s", path, path, path);
	AUTO_FREE char *text = NULL;

	got.done = 0;
	command_free(begin(script, "still\n", 100));
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	text = scene_await_file(path);
	ck_assert_str_eq(text, "still\n");
	ck_assert_int_eq(got.done, 0);
	command_free(NULL);
}
END_TEST

START_TEST(many_at_once)
{
	got.done = 0;
	for (int i = 0; i < 20; i++)
		begin("cat; exit 0", "text", 10000);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(got.done, 20);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static void
close_all(void)
{
	scene_close();
	free(got.output);
	got.output = NULL;
}

int
main(void)
{
	Suite *suite = suite_create("command");
	TCase *cases = tcase_create("command");

	tcase_add_checked_fixture(cases, scene_open, close_all);
	tcase_add_loop_test(cases, ends_as_told, 0, COUNT_OF(ends));
	tcase_add_test(cases, what_cannot_start_is_an_error);
	tcase_add_test(cases, a_large_text_arrives_and_an_unread_one_does_no_harm);
	tcase_add_test(cases, the_end_of_the_output_is_kept);
	tcase_add_loop_test(cases, takes_too_long, 0, COUNT_OF(overdue));
	tcase_add_test(cases, its_children_end_with_it_when_its_time_is_over);
	tcase_add_test(cases, its_children_may_go_on_when_it_ends_in_time);
	tcase_add_test(cases, no_descriptor_is_left_behind);
	tcase_add_test(cases, none_of_ours_is_open_in_it);
	tcase_add_test(cases, standard_descriptors_may_be_closed);
	tcase_add_test(cases, what_we_ignore_it_does_not);
	tcase_add_test(cases, goes_on_without_us);
	tcase_add_test(cases, is_left_alone_when_it_is_freed);
	tcase_add_test(cases, many_at_once);
	suite_add_tcase(suite, cases);
	return unit_run(suite);
}
