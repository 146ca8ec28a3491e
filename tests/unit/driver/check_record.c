/* Records that are torn, another's, or promise output that is not there any more. */
#include "config.h"

#include "driver/record.h"

#include "scene.h"

#define LINE(id, ending, out_bytes)                                                          \
	"{\"execution\":\"" id "\",\"ending\":\"" ending                                     \
	"\",\"code\":3,\"started_ms\":11,\"ended_ms\":22,"                                   \
	"\"user_us\":33,\"system_us\":44,\"max_rss_kb\":55,\"stdout_bytes\":" #out_bytes "," \
	"\"stderr_bytes\":0,\"strays\":0}"

/* Four bytes stand in stdout. */
static const struct {
	const char *line;
	const char *seal; /* "" is the right one, NULL none */
	bool is_there;
} rows[] = {
	{ LINE(SCENE_ID, "exited", 4), "", true },
	{ LINE(SCENE_ID, "signaled", 0), "", true },
	{ LINE(SCENE_ID, "exited", 5), "", false }, /* lost in a power cut */
	{ LINE(SCENE_ID, "exited", 4), "0000000000000000\n", false },
	{ LINE(SCENE_ID, "exited", 4), NULL, false },
	{ LINE("another", "exited", 4), "", false },
	{ LINE(SCENE_ID, "lost", 4), "", false },
	{ LINE(SCENE_ID, "gone", 4), "", false },
	{ "{\"execution\":\"" SCENE_ID "\",\"ending\":\"exited\"}", "", false },
	{ "{}", "", false },
	{ "[]", "", false },
	{ "not JSON", "", false },
	{ "", "", false },
};

static void
write_result(const char *line, const char *seal)
{
	AUTO_FREE char *path = scene_path(STEP_RESULT_NAME);
	CLEANUP(buf_clear) struct buf text = BUF_INIT(4096);

	buf_adds(&text, line);
	if (seal != NULL)
		buf_addc(&text, '\n');
	if (seal != NULL && *seal != '\0')
		buf_adds(&text, seal);
	else if (seal != NULL)
		buf_addf(&text, "%016" PRIx64 "\n", step_checksum(line, strlen(line)));
	ck_assert_int_eq(file_create(path, buf_str(&text), text.len, 0600, NULL), 0);
}

static void
open_with_output(void)
{
	scene_open();
	AUTO_FREE char *out = scene_path(STEP_STDOUT_NAME);
	AUTO_FREE char *err = scene_path(STEP_STDERR_NAME);

	ck_assert_int_eq(file_make_folder(scene.folder, NULL), 0);
	ck_assert_int_eq(file_create(out, "four", 4, 0600, NULL), 0);
	ck_assert_int_eq(file_create(err, "", 0, 0600, NULL), 0);
}

START_TEST(whole_or_absent)
{
	bool is_there;
	struct err e = { 0 };

	write_result(rows[_i].line, rows[_i].seal);
	result_init(&scene.result);
	ck_assert_int_eq(record_read(scene.folder, SCENE_ID, &scene.result, &is_there, &e), 0);
	ck_assert(is_there == rows[_i].is_there);
	ck_assert_str_eq(scene.result.out, "four");
	ck_assert_int_eq(scene.result.ended_ms, rows[_i].is_there ? 22 : 0);
	ck_assert_int_eq(scene.result.max_rss_kb, rows[_i].is_there ? 55 : 0);
}
END_TEST

START_TEST(a_starved_tool_proves_nothing)
{
	bool is_there;
	struct err e = { 0 };

	write_result("{\"execution\":\"" SCENE_ID "\",\"ending\":\"exited\",\"code\":3,"
		     "\"stdout_bytes\":4,\"stderr_bytes\":0,\"starved\":true}",
	    "");
	result_init(&scene.result);
	ck_assert_int_eq(record_read(scene.folder, SCENE_ID, &scene.result, &is_there, &e), 0);
	ck_assert(is_there);
	ck_assert_int_eq(scene.result.ending, END_LOST);
}
END_TEST

/* Not one byte may be missing or another. */
START_TEST(any_damage_is_seen)
{
	AUTO_FREE char *path = scene_path(STEP_RESULT_NAME);
	bool is_there;

	write_result(rows[0].line, rows[0].seal);
	AUTO_FREE char *whole = scene_text(path);
	size_t len = strlen(whole);

	for (size_t i = 0; i < 2 * len; i++) {
		AUTO_FREE char *text = xstrdup(whole);

		text[i % len] ^= 1;
		unlink(path);
		ck_assert_int_eq(file_create(path, text, i < len ? len : i - len, 0600, NULL), 0);
		result_init(&scene.result);
		ck_assert_int_eq(
		    record_read(scene.folder, SCENE_ID, &scene.result, &is_there, NULL), 0);
		ck_assert_msg(!is_there, "%zu", i);
		result_clear(&scene.result);
	}
}
END_TEST

/* A disk that cannot be asked has not said that there is nothing. */
START_TEST(unreadable_is_an_error)
{
	static const char *const names[] = { STEP_RESULT_NAME, STEP_STDOUT_NAME };
	AUTO_FREE char *path = scene_path(names[_i]);
	bool is_there;
	struct err e = { 0 };

	unlink(path);
	ck_assert_int_eq(file_make_folder(path, NULL), 0);
	result_init(&scene.result);
	ck_assert_int_eq(record_read(scene.folder, SCENE_ID, &scene.result, &is_there, &e), -1);
}
END_TEST

static Suite *
record_suite(void)
{
	Suite *suite = suite_create("record");
	TCase *tcase = tcase_create("record");

	tcase_add_checked_fixture(tcase, open_with_output, scene_close);
	tcase_add_test(tcase, a_starved_tool_proves_nothing);
	tcase_add_loop_test(tcase, whole_or_absent, 0, COUNT_OF(rows));
	tcase_add_test(tcase, any_damage_is_seen);
	tcase_add_loop_test(tcase, unreadable_is_an_error, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return unit_run(record_suite());
}
