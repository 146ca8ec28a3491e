#include "config.h"

#include "driver/secret.h"

#include "driver/secret_mask.h"
#include "scene.h"

/* "@" stands for a file below root with CONTENT. */
static const struct {
	const char *reference; /* as JSON */
	const char *content;
	size_t len;
	const char *value; /* as JSON; NULL: refused */
} rows[] = {
	{ "\"env:PURSER_TEST_SECRET\"", NULL, 0, "\"from the \\\"environment\\\"\"" },
	{ "\"env:PURSER_NO_SUCH_VARIABLE\"", NULL, 0, NULL },
	{ "\"env:\"", NULL, 0, NULL },
	{ "\"@\"", "one line\n", 9, "\"one line\"" },
	{ "\"@\"", "one line\r\n", 10, "\"one line\"" },
	{ "\"@\"", "no newline", 10, "\"no newline\"" },
	{ "\"@\"", "two\n\n", 5, "\"two\\n\"" },
	{ "\"@\"", "\n", 1, "\"\"" },
	{ "\"@\"", "", 0, "\"\"" },
	{ "\"@\"", "\xc3\xa9{run}\t", 8, "\"\xc3\xa9{run}\\t\"" },
	{ "\"@\"", "\xff\xfe", 2, NULL },
	{ "\"@\"", "a\0b", 3, NULL },
	{ "\"file:/nonexistent/file\"", NULL, 0, NULL },
	{ "\"file:/tmp\"", NULL, 0, NULL },
	{ "\"file:/dev/zero\"", NULL, 0, NULL },
	{ "\"plain text\"", NULL, 0, NULL },
	{ "7", NULL, 0, NULL },
	{ "null", NULL, 0, NULL },
};

static cJSON *
references_of(const char *reference, const char *path)
{
	cJSON *references = cJSON_CreateObject();

	if (strcmp(reference, "\"@\"") == 0) {
		AUTO_FREE char *text = xasprintf("file:%s", path);

		cJSON_AddStringToObject(references, "password", text);
	} else {
		cJSON_AddItemToObject(references, "password", cJSON_Parse(reference));
	}
	return references;
}

START_TEST(values_and_refusals)
{
	AUTO_FREE char *path = file_join(scene.root, "secret");
	AUTO_JSON cJSON *references = references_of(rows[_i].reference, path);
	struct err e = { 0 };

	setenv("PURSER_TEST_SECRET", "from the \"environment\"", 1);
	if (rows[_i].content != NULL)
		ck_assert_int_eq(file_create(path, rows[_i].content, rows[_i].len, 0600, NULL), 0);
	CLEANUP(fd_cleanup) int fd = secret_open(references, true, &e);
	if (rows[_i].value == NULL) {
		ck_assert_int_eq(fd, -1);
		ck_assert_int_eq(e.kind, ERR_INPUT);
		ck_assert_ptr_nonnull(strstr(e.msg, "password"));
		return;
	}
	ck_assert_msg(fd > STEP_SECRETS_FD, "%d %s", fd, e.msg);
	AUTO_FREE char *name = xasprintf("/proc/self/fd/%d", fd);
	AUTO_FREE char *text = scene_text(name);
	AUTO_FREE char *expected =
	    xasprintf("{\"parameters\":{\"password\":{\"value\":%s}}}", rows[_i].value);
	ck_assert_str_eq(text, expected);
	ck_assert_int_eq(write(fd, "x", 1), -1);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
}
END_TEST

START_TEST(the_longest)
{
	AUTO_FREE char *path = file_join(scene.root, "secret");
	AUTO_FREE char *long_text = xcalloc(SECRET_MAX_BYTES + 2, 1);
	AUTO_JSON cJSON *references = references_of("\"@\"", path);
	struct err e = { 0 };

	/* Characters that take the most room in JSON. */
	memset(long_text, 1, SECRET_MAX_BYTES + 1);
	ck_assert_int_eq(file_create(path, long_text, SECRET_MAX_BYTES, 0600, NULL), 0);
	int fd = secret_open(references, true, &e);
	struct stat st;
	ck_assert_msg(fd != -1, "%s", e.msg);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_gt(st.st_size, SECRET_MAX_BYTES * 6);
	close(fd);
	unlink(path);
	ck_assert_int_eq(file_create(path, long_text, SECRET_MAX_BYTES + 1, 0600, NULL), 0);
	ck_assert_int_eq(secret_open(references, true, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	/* In the environment as well. */
	cJSON_Delete(references);
	references = cJSON_Parse("{\"password\": \"env:PURSER_TEST_SECRET\"}");
	setenv("PURSER_TEST_SECRET", long_text, 1);
	ck_assert_int_eq(secret_open(references, true, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
}
END_TEST

START_TEST(several)
{
	AUTO_JSON cJSON *references =
	    cJSON_Parse("{\"b\": \"env:PURSER_TEST_B\", \"a\": \"env:PURSER_TEST_A\"}");
	struct err e = { 0 };

	setenv("PURSER_TEST_A", "1", 1);
	setenv("PURSER_TEST_B", "2", 1);
	CLEANUP(fd_cleanup) int fd = secret_open(references, true, &e);
	AUTO_FREE char *name = xasprintf("/proc/self/fd/%d", fd);
	AUTO_FREE char *text = scene_text(name);
	ck_assert_str_eq(
	    text, "{\"parameters\":{\"b\":{\"value\":\"2\"},\"a\":{\"value\":\"1\"}}}");
}
END_TEST

static const struct {
	const char *secrets; /* separated by commas */
	const char *text, *masked;
} masks[] = {
	{ "hunter2", "hunter2 or hunter2-x", "******* or *******-x" },
	{ "hunter2", "Hunter2 hunter hunte", "Hunter2 hunter *****" },
	{ "hunter2", "cut: hunt", "cut: ****" },
	{ "hunter2", "cut: hun", "cut: hun" },
	{ "abc", "abc", "abc" },
	{ "a\x7f\xc2\x9bx", "as one line: a   x", "as one line: *****" },
	{ "a\nbc", "as one line: a bc", "as one line: ****" },
	{ "a\\nbc", "{\"x\":\"a\\\\nbc\"}", "{\"x\":\"******\"}" },
	{ "\xf0\x9f\x98\x80", "\"\\uD83D\\ude00\"", "\"************\"" },
	{ "p&q=", "\\\\\\\"p\\\\\\\\u0026q\\\\\\\\u003d\\\\\\\"", "\\\\\\\"********************\\\\\\\"" },
	{ "hunter2", "ends in \\", "ends in \\" },
	{ "hunter2", "\\u12", "\\u12" },
	/* One within another, and one into the other, in whatever order they are given. */
	{ "hunter2,my-hunter2-key", "my-hunter2-key hunter2", "************** *******" },
	{ "my-hunter2-key,hunter2", "my-hunter2-key hunter2", "************** *******" },
	{ "hunter2,ter2xyz", "hunter2xyz", "**********" },
	{ "ter2xyz,hunter2", "hunter2xyz", "**********" },
	{ "abab", "xabababx", "x******x" },
	{ "a/bcd,x\\/y", "\"a\\/bcd x\\\\\\/y\"", "\"****** ******\"" },
};

static void
add_words(struct strv *out, const char *words)
{
	for (const char *at = words; *at != '\0'; at += strspn(at, ",")) {
		strv_take(out, xstrndup(at, strcspn(at, ",")));
		at += strcspn(at, ",");
	}
}

START_TEST(known_values_are_masked)
{
	AUTO_FREE char *text = xstrdup(masks[_i].text);
	CLEANUP(strv_clear) struct strv secrets = { 0 };

	add_words(&secrets, masks[_i].secrets);
	secret_mask(text, &secrets);
	ck_assert_str_eq(text, masks[_i].masked);
}
END_TEST

START_TEST(known_values_are_masked_in_json)
{
	AUTO_JSON cJSON *json = cJSON_Parse("{\"a hunter2\":[{\"x\":\"hunter2\"},7,null]}");

	CLEANUP(strv_clear) struct strv secrets = { 0 };

	strv_add(&secrets, "hunter2");
	secret_mask_json(json, &secrets);
	AUTO_FREE char *text = json_text(json);
	ck_assert_str_eq(text, "{\"a *******\":[{\"x\":\"*******\"},7,null]}");
	secret_mask_json(NULL, &secrets);
}
END_TEST

static Suite *
secret_suite(void)
{
	Suite *suite = suite_create("secret");
	TCase *tcase = tcase_create("secret");

	tcase_add_checked_fixture(tcase, scene_open, scene_close);
	tcase_add_loop_test(tcase, values_and_refusals, 0, COUNT_OF(rows));
	tcase_add_test(tcase, the_longest);
	tcase_add_test(tcase, several);
	tcase_add_loop_test(tcase, known_values_are_masked, 0, (int)COUNT_OF(masks));
	tcase_add_test(tcase, known_values_are_masked_in_json);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return unit_run(secret_suite());
}
