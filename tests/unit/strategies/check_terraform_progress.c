/* What lines of terraform's tell people, and what a refresh tells of changes from outside. */
#include <config.h>

#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/terraform_stream.h"
#include "tests/unit/unit.h"

#define HOOK(type, members) \
	"{\"type\":\"" type "\",\"hook\":{\"resource\":{\"addr\":\"disk.data[1]\"}," members "}}"
#define REFRESH(type, address, id)                                           \
	"{\"type\":\"" type "\",\"hook\":{\"resource\":{\"addr\":\"" address \
	"\"},\"id_key\":\"id\",\"id_value\":\"" id "\"}}\n"
#define DRIFT(address, action)                                                       \
	"{\"type\":\"resource_drift\",\"change\":{\"resource\":{\"addr\":\"" address \
	"\"},\"action\":\"" action "\"}}\n"

static const struct {
	const char *line;
	const char *text; /* NULL: it tells nothing */
	bool is_end;
} lines[] = {
	{ HOOK("apply_start", "\"action\":\"create\""), "disk.data[1]: creating", false },
	{ HOOK("apply_progress", "\"action\":\"create\",\"elapsed_seconds\":20"),
	    "disk.data[1]: creating, 20 s", false },
	{ HOOK("apply_complete", "\"action\":\"create\",\"elapsed_seconds\":0"),
	    "disk.data[1]: created", true },
	{ HOOK("apply_complete", "\"action\":\"create\",\"elapsed_seconds\":11"),
	    "disk.data[1]: created, 11 s", true },
	{ HOOK("apply_errored", "\"action\":\"create\",\"elapsed_seconds\":3"),
	    "disk.data[1]: could not be created, 3 s", true },
	{ HOOK("apply_start", "\"action\":\"update\""), "disk.data[1]: changing", false },
	{ HOOK("apply_complete", "\"action\":\"update\""), "disk.data[1]: changed", true },
	{ HOOK("apply_start", "\"action\":\"delete\""), "disk.data[1]: destroying", false },
	{ HOOK("apply_complete", "\"action\":\"delete\""), "disk.data[1]: destroyed", true },
	{ HOOK("apply_errored", "\"action\":\"delete\""), "disk.data[1]: could not be destroyed",
	    true },
	/* A reading changes nothing: its end is no event, its failure is one. */
	{ HOOK("apply_complete", "\"action\":\"read\""), "disk.data[1]: read", false },
	{ HOOK("apply_errored", "\"action\":\"read\""), "disk.data[1]: could not be read", true },
	{ "{\"type\":\"state_lock_acquire\"}", "waits for the lock of the state", false },
	/* What tells nothing: other types, other actions, other forms, what is cut, what is no JSON. */
	{ HOOK("refresh_start", "\"action\":\"create\""), NULL, false },
	{ HOOK("apply_new", "\"action\":\"create\""), NULL, false },
	{ HOOK("apply_start", "\"action\":\"forget\""), NULL, false },
	{ HOOK("apply_start", "\"action\":7"), NULL, false },
	{ "{\"type\":\"apply_start\",\"hook\":{\"action\":\"create\"}}", NULL, false },
	{ "{\"type\":\"apply_start\"}", NULL, false },
	{ "{\"type\":7}", NULL, false },
	{ "{\"type\":\"apply_start\",\"hook\":{\"resource\":{\"addr\":\"disk", NULL, false },
	{ "{}", NULL, false },
	{ "", NULL, false },
	{ "Error: no such thing", NULL, false },
	{ "[\"apply_start\"]", NULL, false },
};

START_TEST(a_line)
{
	bool is_end = true;
	AUTO_FREE char *text = terraform_progress(lines[_i].line, &is_end);

	if (lines[_i].text == NULL)
		ck_assert_ptr_null(text);
	else
		ck_assert_str_eq(text, lines[_i].text);
	ck_assert_int_eq(is_end, lines[_i].is_end);
}
END_TEST

START_TEST(changes_from_outside)
{
	struct terraform_stream s;

	terraform_stream_read(&s,
	    REFRESH("refresh_start", "disk.a", "/a") REFRESH("refresh_complete", "disk.a", "/a")
		REFRESH("refresh_start", "disk.b", "/b") REFRESH("refresh_start", "disk.c", "/c")
		    REFRESH("refresh_complete", "disk.c", "/c") DRIFT("disk.c", "update")
			DRIFT("disk.b", "delete") DRIFT("disk.d", "delete") DRIFT("disk.a", "noop")
			    DRIFT("disk.a", "later"));
	ck_assert_uint_eq(s.known.ids.len, 3);
	ck_assert_uint_eq(s.found.ids.len, 2);
	ck_assert_uint_eq(s.changed.addresses.len, 1);
	ck_assert_str_eq(s.changed.addresses.v[0], "disk.c");
	ck_assert_str_eq(s.changed.ids.v[0], "/c");
	ck_assert_uint_eq(s.gone.addresses.len, 2);
	ck_assert_str_eq(s.gone.ids.v[0], "/b");
	ck_assert_str_eq(s.gone.ids.v[1], "");
	terraform_stream_clear(&s);
}
END_TEST

START_TEST(outputs_of_a_plan)
{
	struct terraform_stream s;

	terraform_stream_read(&s,
	    "{\"type\":\"outputs\",\"outputs\":{\"ids\":{\"sensitive\":false,\"action\":\"update\"},"
	    "\"word\":{\"sensitive\":false,\"action\":\"noop\"},\"odd\":{}}}");
	ck_assert_ptr_null(s.outputs);
	ck_assert_uint_eq(s.changed_outputs.len, 1);
	ck_assert_str_eq(s.changed_outputs.v[0], "ids");
	terraform_stream_clear(&s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("terraform_progress");
	TCase *tcase = tcase_create("terraform_progress");

	tcase_add_loop_test(tcase, a_line, 0, (int)COUNT_OF(lines));
	tcase_add_test(tcase, changes_from_outside);
	tcase_add_test(tcase, outputs_of_a_plan);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
