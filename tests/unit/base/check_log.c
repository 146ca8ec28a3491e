#include "config.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../unit.h"
#include "base/mem.h"

/* Puts a pipe in the place of stderr and reads what one call wrote. */
static int ends[2];
static char seen[64 * 1024];

static void
setup(void)
{
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
}

static const char *
written(void)
{
	ssize_t n = read(ends[0], seen, sizeof(seen) - 1);

	seen[n > 0 ? n : 0] = '\0';
	return seen;
}

static const struct {
	enum log_level level;
	const char *subject;
	const char *text;
	const char *line;
} rows[] = {
	{ LOG_INFO, "web-1", "started", "web-1: started\n" },
	{ LOG_WARN, "web-1", "slow", "web-1: warning: slow\n" },
	{ LOG_ERROR, NULL, "no store", "purser: error: no store\n" },
	{ LOG_DEBUG, "web-1", "hidden", "" },
	{ LOG_INFO, "a\nb", "c\td\x1b[31m\x7f", "a\\x0Ab: c\\x09d\\x1B[31m\\x7F\n" },
	{ LOG_INFO, "x", "\xc3\xa4 \xe2\x82\xac", "x: \xc3\xa4 \xe2\x82\xac\n" },
	{ LOG_INFO, "x",
	    "\xc2\x9b"
	    "31m \xff \xc3",
	    "x: \\xC2\\x9B31m \\xFF \\xC3\n" },
};

START_TEST(lines)
{
	log_line(rows[_i].level, rows[_i].subject, "%s", rows[_i].text);
	ck_assert_str_eq(written(), rows[_i].line);
}
END_TEST

START_TEST(levels)
{
	log_set_level(LOG_DEBUG);
	log_debug("x", "%d", 1);
	ck_assert_str_eq(written(), "x: debug: 1\n");
	log_set_level(LOG_ERROR);
	log_warn("x", "%d", 2);
	ck_assert_str_eq(written(), "");
	log_error("x", "%d", 3);
	ck_assert_str_eq(written(), "x: error: 3\n");
}
END_TEST

static void
before(void)
{
	(void)!write(STDERR_FILENO, "<", 1);
}

static void
after(void)
{
	(void)!write(STDERR_FILENO, ">", 1);
}

START_TEST(hooks)
{
	log_set_hooks(before, after);
	log_info("x", "y");
	log_debug("x", "hidden");
	ck_assert_str_eq(written(), "<x: y\n>");
	log_set_hooks(NULL, NULL);
	log_info("x", "y");
	ck_assert_str_eq(written(), "x: y\n");
}
END_TEST

START_TEST(a_long_line_is_one_line)
{
	AUTO_FREE char *text = xmalloc(30001);

	for (size_t i = 0; i < 30000; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	text[30000] = '\0';
	log_info("x", "%s", text);
	ck_assert_uint_le(strlen(written()), 16 * 1024);
	ck_assert_uint_gt(strlen(seen), 16 * 1024 - 8);
	ck_assert_ptr_eq(strchr(seen, '\n'), seen + strlen(seen) - 1);
}
END_TEST

START_TEST(errno_is_kept)
{
	errno = ENOENT;
	log_info("x", "y");
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, lines, 0, COUNT_OF(rows));
	tcase_add_test(tc, levels);
	tcase_add_test(tc, hooks);
	tcase_add_test(tc, a_long_line_is_one_line);
	tcase_add_test(tc, errno_is_kept);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
