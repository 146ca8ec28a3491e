#include "config.h"

#include "driver/environment.h"

#include "scene.h"

static const char *const set[] = { "TOOL_MODE=batch", "TOOL_EMPTY=", "HOME_OF=a=b", NULL };
static const char *const unset[] = { "TOOL_DEFAULT", "TOOL_ARGS*", NULL };
static const char *const skip[] = { "logs", "telemetry.json", NULL };

/* What the environment has of NAME, NULL if nothing; borrowed. */
static const char *
value_of(const struct strv *environment, const char *name)
{
	const char *found = NULL;
	size_t len = strlen(name);

	for (size_t i = 0; i < environment->len; i++) {
		if (strncmp(environment->v[i], name, len) != 0 || environment->v[i][len] != '=')
			continue;
		/* Which of two counts would be the tool's choice. */
		ck_assert_ptr_null(found);
		found = environment->v[i] + len + 1;
	}
	return found;
}

static void
make(const struct environment *rules, struct strv *out)
{
	struct err e = { 0 };

	ck_assert_msg(environment_make(rules, scene.folder, "OBJ", out, &e) == 0, "%s", e.msg);
}

static void
open_with_folder(void)
{
	scene_open();
	ck_assert_int_eq(file_make_folder(scene.folder, NULL), 0);
}

START_TEST(sets_and_unsets)
{
	static const struct {
		const char *name, *before, *after;
	} rows[] = {
		{ "TOOL_MODE", "person", "batch" }, /* set wins */
		{ "TOOL_EMPTY", NULL, "" },
		{ "HOME_OF", NULL, "a=b" },
		{ "TOOL_DEFAULT", "x", NULL }, /* by its name */
		{ "TOOL_DEFAULTS", "x", "x" }, /* and no longer one */
		{ "TOOL_ARGS", "x", NULL },    /* by the beginning */
		{ "TOOL_ARGS_plan", "x", NULL },
		{ "TOOL_ARG", "x", "x" },
		{ "TOOL_OTHER", "x=y", "x=y" },
		{ "PATH", "/usr/bin:/bin", "/usr/bin:/bin" },
	};
	const struct environment rules = { .set = set, .unset = unset };
	CLEANUP(strv_clear) struct strv out = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].before != NULL)
			setenv(rows[i].name, rows[i].before, 1);
	make(&rules, &out);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_pstr_eq(value_of(&out, rows[i].name), rows[i].after);
}
END_TEST

START_TEST(without_rules_it_is_ours)
{
	CLEANUP(strv_clear) struct strv out = { 0 };
	size_t count = 0;

	make(NULL, &out);
	while (environ[count] != NULL)
		count++;
	ck_assert_uint_eq(out.len, count);
}
END_TEST

START_TEST(agent_names_the_objective)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{ NULL, PACKAGE_NAME "/" PACKAGE_VERSION " objective/OBJ" },
		{ "", PACKAGE_NAME "/" PACKAGE_VERSION " objective/OBJ" },
		{ "mine/1", "mine/1 " PACKAGE_NAME "/" PACKAGE_VERSION " objective/OBJ" },
	};
	const struct environment rules = { .agent_variable = "TOOL_AGENT" };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		CLEANUP(strv_clear) struct strv out = { 0 };

		if (rows[i].before != NULL)
			setenv("TOOL_AGENT", rows[i].before, 1);
		make(&rules, &out);
		ck_assert_pstr_eq(value_of(&out, "TOOL_AGENT"), rows[i].after);
	}
}
END_TEST

static void
write_file(const char *folder, const char *name, mode_t mode)
{
	AUTO_FREE char *path = file_join(folder, name);

	ck_assert_int_eq(file_create(path, name, strlen(name), mode, NULL), 0);
}

/* Makes the user's settings in a folder below root; the caller's own. */
static char *
make_settings(const char *name)
{
	char *folder = file_join(scene.root, name);
	AUTO_FREE char *below = file_join(folder, "below");
	AUTO_FREE char *logs = file_join(folder, "logs");
	AUTO_FREE char *link = file_join(folder, "link");

	ck_assert_int_eq(file_make_folder(below, NULL), 0);
	ck_assert_int_eq(file_make_folder(logs, NULL), 0);
	write_file(folder, "profile.json", 0644);
	write_file(folder, "telemetry.json", 0600);
	write_file(below, "token", 0640);
	write_file(logs, "log", 0600);
	ck_assert_int_eq(symlink("/etc/passwd", link), 0);
	return folder;
}

static void
expect_copy(const char *copy)
{
	static const struct {
		const char *name;
		mode_t mode; /* 0: not there */
	} rows[] = {
		{ "", S_IFDIR | 0700 },
		{ "profile.json", S_IFREG | 0600 },
		{ "below", S_IFDIR | 0700 },
		{ "below/token", S_IFREG | 0600 },
		{ "logs", 0 },
		{ "telemetry.json", 0 },
		{ "link", 0 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		AUTO_FREE char *path = file_join(copy, rows[i].name);
		struct stat st = { 0 };

		(void)lstat(path, &st);
		ck_assert_msg(st.st_mode == rows[i].mode, "%s: %o", rows[i].name, st.st_mode);
	}
}

START_TEST(settings_are_copied)
{
	const struct environment rules = {
		.config_variable = "TOOL_CONFIG", .config_default = ".tool", .config_skip = skip
	};
	AUTO_FREE char *copy = scene_path(STEP_SETTINGS_NAME);

	/* By the variable, and by the default below the home folder. */
	for (int named = 0; named < 2; named++) {
		AUTO_FREE char *source = make_settings(named ? "elsewhere" : ".tool");
		CLEANUP(strv_clear) struct strv out = { 0 };

		setenv("HOME", scene.root, 1);
		setenv("TOOL_CONFIG", named ? source : "", 1);
		make(&rules, &out);
		ck_assert_pstr_eq(value_of(&out, "TOOL_CONFIG"), copy);
		expect_copy(copy);
		process_tidy(scene.folder);
		ck_assert(!file_exists(copy));
		ck_assert(file_exists(source));
	}
}
END_TEST

START_TEST(no_settings_are_an_empty_folder)
{
	const struct environment rules = { .config_variable = "TOOL_CONFIG",
		.config_default = ".tool" };
	AUTO_FREE char *copy = scene_path(STEP_SETTINGS_NAME);
	static const char *const homes[] = { "/nonexistent", "", NULL };

	for (size_t i = 0; i < COUNT_OF(homes); i++) {
		CLEANUP(strv_clear) struct strv out = { 0 };

		if (homes[i] != NULL)
			setenv("HOME", homes[i], 1);
		else
			unsetenv("HOME");
		make(&rules, &out);
		ck_assert_pstr_eq(value_of(&out, "TOOL_CONFIG"), copy);
		/* rmdir takes empty ones only. */
		ck_assert_int_eq(rmdir(copy), 0);
	}
}
END_TEST

START_TEST(tool_sees_it)
{
	const struct environment rules = { .set = set,
		.unset = unset,
		.config_variable = "TOOL_CONFIG",
		.config_default = ".tool" };
	CLEANUP(strv_clear) struct strv argv = { 0 };
	struct process_spec spec = { .argv = &argv, .environment = &rules, .timeout_ms = 5000 };

	free(make_settings(".tool"));
	file_remove_tree(scene.folder, NULL);
	setenv("HOME", scene.root, 1);
	setenv("TOOL_DEFAULT", "x", 1);
	scene_script("echo $TOOL_MODE $TOOL_DEFAULT; cat $TOOL_CONFIG/below/token", &argv);
	scene_run(&spec);
	ck_assert_str_eq(scene.result.out, "batch\ntoken");
}
END_TEST

START_TEST(tools_are_found_as_a_child_finds_them)
{
	AUTO_FREE char *first = file_join(scene.root, "first");
	AUTO_FREE char *second = file_join(scene.root, "second");
	AUTO_FREE char *folder = file_join(first, "tool");
	AUTO_FREE char *tool = file_join(second, "tool");
	AUTO_FREE char *path = xasprintf("::/nonexistent:%s:%s:/usr/bin:", first, second);

	/* A folder of that name, and a file that cannot be run, are none. */
	ck_assert_int_eq(file_make_folder(folder, NULL), 0);
	ck_assert_int_eq(file_make_folder(second, NULL), 0);
	write_file(second, "tool", 0700);
	write_file(first, "plain", 0600);
	setenv("PATH", path, 1);
	AUTO_FREE char *found = process_which("tool");
	AUTO_FREE char *by_path = process_which(tool);

	ck_assert_pstr_eq(found, tool);
	ck_assert_pstr_eq(by_path, tool);
	ck_assert_ptr_null(process_which("plain"));
	ck_assert_ptr_null(process_which("/nonexistent/tool"));
	ck_assert_ptr_null(process_which("purser-no-such-tool"));
}
END_TEST

static Suite *
environment_suite(void)
{
	Suite *suite = suite_create("environment");
	TCase *tcase = tcase_create("environment");

	tcase_add_checked_fixture(tcase, open_with_folder, scene_close);
	tcase_add_test(tcase, sets_and_unsets);
	tcase_add_test(tcase, without_rules_it_is_ours);
	tcase_add_test(tcase, agent_names_the_objective);
	tcase_add_test(tcase, settings_are_copied);
	tcase_add_test(tcase, no_settings_are_an_empty_folder);
	tcase_add_test(tcase, tool_sees_it);
	tcase_add_test(tcase, tools_are_found_as_a_child_finds_them);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return unit_run(environment_suite());
}
