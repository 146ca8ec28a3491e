/* What is read from the lines that the real terraform told, whole and cut. */
#include <config.h>

#include "strategies/terraform_stream.h"
#include "tests/unit/strategies/terraform.h"

static struct terraform_stream stream;
static struct result result;

static void
teardown(void)
{
	terraform_stream_clear(&stream);
	result_clear(&result);
}

static const struct {
	const char *name;
	const char *made;  /* the addresses */
	const char *found; /* likewise */
	bool began, has_outputs;
	const char *summary; /* NULL: no error */
} recorded[] = {
	{ "plan", "", "", false, false, NULL },
	{ "apply", "terraform_data.thing[\"one\"] terraform_data.thing[\"two\"]", "", true, true,
	    NULL },
	{ "plan-nothing", "", "terraform_data.thing[\"one\"] terraform_data.thing[\"two\"]", false,
	    false, NULL },
	{ "refresh", "", "terraform_data.thing[\"one\"] terraform_data.thing[\"two\"]", false,
	    false, NULL },
	/* One was replaced, one is new, one was changed in place. */
	{ "apply-changes", "terraform_data.thing[\"kept\"] terraform_data.thing[\"one\"]", "", true,
	    true, NULL },
	{ "apply-failed", "terraform_data.thing[\"good\"]", "", true, false,
	    "local-exec provisioner error" },
	{ "apply-stale", "", "", false, false, "Saved plan is stale" },
	{ "apply-not-saved", "terraform_data.thing[\"one\"] terraform_data.thing[\"two\"]", "",
	    true, false, "Failed to save state" },
	{ "plan-failed", "", "", false, false, "No value for required variable" },
	{ "plan-locked", "", "", false, false, "Error acquiring the state lock" },
	{ "plan-locked-http", "", "", false, false, "Error acquiring the state lock" },
	{ "destroy-failed", "",
	    "terraform_data.thing[\"kept\"] terraform_data.thing[\"one\"] terraform_data.thing[\"two\"]",
	    true, false, "local-exec provisioner error" },
	/* It is no text of -json at all. */
	{ "init", "", "", false, false, NULL },
	{ "init-failed", "", "", false, false, NULL },
};

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* They come in any order: terraform works on several at a time. */
static void
check_addresses(struct terraform_resources *list, const char *wanted, const char *name)
{
	if (list->addresses.len > 0)
		qsort(list->addresses.v, list->addresses.len, sizeof *list->addresses.v, compare);
	AUTO_FREE char *are = strv_join(&list->addresses, " ");

	ck_assert_msg(strcmp(are, wanted) == 0, "%s: %s", name, are);
	ck_assert_uint_eq(list->ids.len, list->addresses.len);
}

START_TEST(as_terraform_told_it)
{
	const char *name = recorded[_i].name;

	terraform_answer(name, &result);
	terraform_stream_read(&stream, result.out);
	check_addresses(&stream.made, recorded[_i].made, name);
	check_addresses(&stream.found, recorded[_i].found, name);
	ck_assert_msg(stream.began == recorded[_i].began, "%s", name);
	ck_assert_msg((stream.outputs != NULL) == recorded[_i].has_outputs, "%s", name);
	if (recorded[_i].summary == NULL)
		ck_assert_ptr_null(stream.summary);
	else
		ck_assert_str_eq(stream.summary, recorded[_i].summary);
}
END_TEST

START_TEST(outputs_with_their_values)
{
	terraform_answer("apply", &result);
	terraform_stream_read(&stream, result.out);
	ck_assert_int_eq(cJSON_GetArraySize(json_at(stream.outputs, "names.value")), 2);
	/* A sensitive one has none. */
	ck_assert_ptr_nonnull(json_at(stream.outputs, "hidden"));
	ck_assert_ptr_null(json_at(stream.outputs, "hidden.value"));
}
END_TEST

/* However far it came: what is known is what whole lines tell, and never less than before. */
START_TEST(cut_anywhere)
{
	static const char *const names[] = { "apply", "apply-changes", "apply-failed", "refresh" };
	size_t made = 0, found = 0;

	terraform_answer(names[_i], &result);
	for (size_t len = 0; len <= strlen(result.out); len++) {
		AUTO_FREE char *cut = xstrndup(result.out, len);

		terraform_stream_clear(&stream);
		terraform_stream_read(&stream, cut);
		ck_assert_uint_ge(stream.made.ids.len, made);
		ck_assert_uint_ge(stream.found.ids.len, found);
		made = stream.made.ids.len;
		found = stream.found.ids.len;
		for (size_t i = 0; i < made; i++)
			ck_assert_uint_eq(strlen(stream.made.ids.v[i]), 36);
	}
}
END_TEST

#define HOOK "\"hook\":{\"resource\":{\"addr\":\"a.b\"},\"action\":\"create\",\"id_key\":\"id\","

static const char *const nothing[] = {
	"",
	"\n\n\n",
	"no JSON",
	"{",
	"{}",
	"[]",
	"null",
	"{\"type\":\"apply_complete\"}",
	"{\"type\":7}",
	"{\"type\":\"apply_complete\",\"hook\":7}",
	"{\"type\":\"apply_complete\",\"hook\":{\"action\":\"create\",\"id_value\":\"x\"}}",
	"{\"type\":\"apply_complete\"," HOOK "\"id_value\":\"\"}}",
	"{\"type\":\"apply_complete\"," HOOK "\"id_value\":\"none\"}}",
	"{\"type\":\"apply_complete\"," HOOK "\"id_value\":\"-\"}}",
	"{\"type\":\"apply_complete\"," HOOK "\"id_value\":7}}",
	"{\"type\":\"apply_new\"," HOOK "\"id_value\":\"x\"}}",
	"{\"type\":\"apply_errored\"," HOOK "\"id_value\":\"x\"}}",
	"{\"type\":\"ephemeral_op_complete\"," HOOK "\"id_value\":\"x\"}}",
	"x {\"type\":\"apply_complete\"," HOOK "\"id_value\":\"x\"}}",
	"{\"type\":\"outputs\",\"outputs\":7}",
	"{\"type\":\"diagnostic\"}",
	"{\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"warning\",\"summary\":\"x\"}}",
};

START_TEST(what_tells_nothing)
{
	terraform_stream_read(&stream, nothing[_i]);
	ck_assert_uint_eq(stream.made.ids.len + stream.found.ids.len, 0);
	ck_assert(!stream.began);
	ck_assert_ptr_null(stream.summary);
}
END_TEST

START_TEST(no_text)
{
	terraform_stream_read(&stream, NULL);
	ck_assert_uint_eq(stream.made.ids.len, 0);
	ck_assert_ptr_null(stream.outputs);
}
END_TEST

START_TEST(the_first_error_counts)
{
	AUTO_FREE char *first = terraform_error("first", "why");
	AUTO_FREE char *second = terraform_error("second", "because");
	AUTO_FREE char *text =
	    xasprintf("{\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"warning\","
		      "\"summary\":\"warned\"}}\nplain\n%s%s",
		first, second);

	terraform_stream_read(&stream, text);
	ck_assert_str_eq(stream.summary, "first");
	ck_assert_str_eq(stream.detail, "why");
}
END_TEST

START_TEST(an_error_without_words)
{
	terraform_stream_read(
	    &stream, "{\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"error\"}}");
	ck_assert_ptr_nonnull(stream.summary);
	ck_assert_ptr_null(stream.detail);
}
END_TEST

/* The last line need not have an end, and what is told twice counts once. */
START_TEST(the_same_again)
{
	terraform_stream_read(&stream,
	    "{\"type\":\"apply_complete\"," HOOK "\"id_value\":\"x\"}}\n"
	    "{\"type\":\"apply_complete\"," HOOK "\"id_value\":\"x\"}}\n"
	    "{\"type\":\"apply_complete\"," HOOK "\"id_value\":\"y\"}}");
	ck_assert_uint_eq(stream.made.ids.len, 2);
}
END_TEST

START_TEST(what_was_taken_away_again)
{
	terraform_answer("apply-changes", &result);
	terraform_stream_read(&stream, result.out);
	/* One was replaced by a new one of the same address. */
	check_addresses(&stream.removed, "terraform_data.thing[\"one\"]", "apply-changes");
	for (size_t i = 0; i < stream.removed.ids.len; i++)
		ck_assert(!strv_has(&stream.made.ids, stream.removed.ids.v[i]));
	terraform_stream_clear(&stream);
	result_clear(&result);
	/* What failed to go is there still. */
	terraform_answer("destroy-failed", &result);
	terraform_stream_read(&stream, result.out);
	ck_assert_uint_lt(stream.removed.ids.len, stream.doomed.ids.len);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("terraform_stream");
	TCase *tc = tcase_create("terraform_stream");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, as_terraform_told_it, 0, (int)COUNT_OF(recorded));
	tcase_add_test(tc, outputs_with_their_values);
	tcase_add_loop_test(tc, cut_anywhere, 0, 4);
	tcase_add_loop_test(tc, what_tells_nothing, 0, (int)COUNT_OF(nothing));
	tcase_add_test(tc, what_was_taken_away_again);
	tcase_add_test(tc, no_text);
	tcase_add_test(tc, the_first_error_counts);
	tcase_add_test(tc, an_error_without_words);
	tcase_add_test(tc, the_same_again);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
