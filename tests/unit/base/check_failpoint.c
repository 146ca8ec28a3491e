#include "config.h"
#include "base/failpoint.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#ifdef WITH_FAILPOINTS

/* What becomes of a child that passes "commit" three times, then tells how often it failed. */
static const struct {
	const char *wish;
	int signal; /* 0: it exits */
	int status;
} rows[] = {
	{ NULL, 0, 0 },
	{ "", 0, 0 },
	{ "other", 0, 0 },
	{ "commi", 0, 0 },
	{ "commit", SIGKILL, 0 },
	{ "commit=kill", SIGKILL, 0 },
	{ "commit:3", SIGKILL, 0 },
	{ "commit:4", 0, 0 },
	{ "commit:2=stop", SIGSTOP, 0 },
	{ "commit=fail", 0, 1 }, /* at the first pass only */
	{ "commit:2=fail", 0, 2 },
	{ "commit=explode", SIGABRT, 0 },
	{ "commit:0", SIGABRT, 0 },
	{ "commit:x", SIGABRT, 0 },
	{ "commit:2x", SIGABRT, 0 },
	{ ":1", SIGABRT, 0 },
};

static void
pass_three_times(const char *wish)
{
	int failed_at = 0;

	if (wish != NULL)
		setenv("PURSER_FAILPOINT", wish, 1);
	close(STDERR_FILENO);
	for (int i = 1; i <= 3; i++) {
		if (failpoint_fails("commit"))
			failed_at = i;
		failpoint("unrelated");
	}
	_exit(failed_at);
}

START_TEST(wishes)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		pass_three_times(rows[_i].wish);
	ck_assert_int_eq(waitpid(child, &status, WUNTRACED), child);
	if (WIFSTOPPED(status)) {
		ck_assert_int_eq(WSTOPSIG(status), rows[_i].signal);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		return;
	}
	ck_assert_int_eq(WIFSIGNALED(status) ? WTERMSIG(status) : 0, rows[_i].signal);
	if (WIFEXITED(status))
		ck_assert_int_eq(WEXITSTATUS(status), rows[_i].status);
}
END_TEST

START_TEST(passes_are_logged)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(1000);
	char path[] = "/tmp/check_failpoint.XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	setenv("PURSER_FAILPOINT_LOG", path, 1);
	failpoint("one");
	ck_assert(!failpoint_fails("two"));
	failpoint("one");
	ck_assert_int_eq(file_read(path, 1000, &text, NULL), 0);
	ck_assert_str_eq(buf_str(&text), "one\ntwo\none\n");
	unlink(path);
	close(fd);
}
END_TEST

#else

START_TEST(nothing_is_built_in)
{
	setenv("PURSER_FAILPOINT", "commit=fail", 1);
	failpoint("commit");
	ck_assert(!failpoint_fails("commit"));
}
END_TEST

#endif

int
main(void)
{
	Suite *suite = suite_create("failpoint");
	TCase *tc = tcase_create("failpoint");

#ifdef WITH_FAILPOINTS
	tcase_add_loop_test(tc, wishes, 0, COUNT_OF(rows));
	tcase_add_test(tc, passes_are_logged);
#else
	tcase_add_test(tc, nothing_is_built_in);
#endif
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
