/* The folder of an objective: what is kept of it, and a state that a kill has torn. */
#include <config.h>

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "driver/workspace.h"
#include "scene.h"

#define STATE(serial) "{\"version\":4,\"serial\":" serial ",\"resources\":[]}"
#define THING "{\"version\":4,\"resources\":[{\"mode\":\"managed\",\"type\":\"t\"}]}"
#define DATA "{\"version\":4,\"resources\":[{\"mode\":\"data\",\"type\":\"t\"}]}"

static char folder[] = "/tmp/purser-workspace-XXXXXX";
static struct err e;

static void
setup(void)
{
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(folder, &e), 0);
}

/* TEXT NULL: there is no such file. */
static void
put(const char *name, const char *text)
{
	AUTO_FREE char *path = file_join(folder, name);

	if (text != NULL)
		ck_assert_int_eq(file_create(path, text, strlen(text), 0600, &e), 0);
}

static void
is(const char *name, const char *text)
{
	AUTO_FREE char *path = file_join(folder, name);
	struct buf now = BUF_INIT(10000);

	ck_assert_int_eq(file_exists(path), text != NULL);
	if (text != NULL) {
		ck_assert_int_eq(file_read(path, now.max, &now, &e), 0);
		ck_assert_str_eq(buf_str(&now), text);
	}
	buf_clear(&now);
}

static const struct {
	const char *state, *backup, *first, *second;
	const char *after;
	bool torn;
} states[] = {
	{ NULL, STATE("1"), NULL, NULL, NULL, false },
	{ STATE("2"), STATE("1"), NULL, NULL, STATE("2"), false },
	{ "", STATE("1"), NULL, NULL, STATE("1"), true },
	{ "{\"version\":4,\"res", STATE("1"), STATE("0"), NULL, STATE("1"), true },
	{ "", "{\"vers", STATE("0"), STATE("7"), STATE("7"), true },
	{ "", NULL, STATE("0"), "", STATE("0"), true },
	{ "", NULL, NULL, NULL, NULL, true },
	{ "{}", NULL, NULL, NULL, NULL, true },
};

START_TEST(a_state_that_may_be_torn)
{
	bool restored;

	put("terraform.tfstate", states[_i].state);
	put("terraform.tfstate.backup", states[_i].backup);
	put("terraform.tfstate.1", states[_i].first);
	put("terraform.tfstate.2", states[_i].second);
	ck_assert_int_eq(workspace_restore(folder, 2, &restored, &e), 0);
	ck_assert_int_eq(restored, states[_i].torn);
	is("terraform.tfstate", states[_i].after);
	is("terraform.tfstate.torn", states[_i].torn ? states[_i].state : NULL);
}
END_TEST

static const struct {
	const char *state, *unsaved;
	bool spent;
} folders[] = {
	{ NULL, NULL, true },
	{ STATE("3"), NULL, true },
	{ DATA, NULL, true },
	{ THING, NULL, false },
	{ STATE("3"), THING, false },
	{ "{\"vers", NULL, false },
};

START_TEST(a_folder_that_may_be_removed)
{
	put("terraform.tfstate", folders[_i].state);
	put("errored.tfstate", folders[_i].unsaved);
	ck_assert_int_eq(workspace_is_spent(folder), folders[_i].spent);
}
END_TEST

/* Only what was pushed is no record any more. */
START_TEST(a_state_that_was_pushed)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };

	put("errored.tfstate", THING);
	strv_add(&argv, "import");
	ck_assert_int_eq(workspace_set_aside_pushed(folder, &argv, &e), 0);
	is("errored.tfstate", THING);
	strv_add(&argv, "errored.tfstate");
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(workspace_set_aside_pushed(folder, &argv, &e), 0);
		is("errored.tfstate", NULL);
		is("errored.tfstate.saved", THING);
	}
	ck_assert(workspace_is_spent(folder));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("workspace");
	TCase *tc = tcase_create("workspace");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_state_that_may_be_torn, 0, (int)COUNT_OF(states));
	tcase_add_loop_test(tc, a_folder_that_may_be_removed, 0, (int)COUNT_OF(folders));
	tcase_add_test(tc, a_state_that_was_pushed);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
