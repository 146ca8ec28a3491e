#include "config.h"
#include "base/toml.h"

#include <string.h>

#include "../unit.h"
#include "base/buf.h"

static const struct {
	const char *text;
	const char *json;
} accepted[] = {
	{ "", "{}" },
	{ "# nothing\n", "{}" },
	{ "a = 1\nb = \"x\"\nc = true\n", "{\"a\":1,\"b\":\"x\",\"c\":true}" },
	{ "b = 1\na = 2\n", "{\"b\":1,\"a\":2}" }, /* in the order of the file */
	{ "x = 0.5\ny = 1e3\nz = -0x10\n", NULL },
	{ "x = 0.5\ny = 1e3\nz = 0x10\n", "{\"x\":0.5,\"y\":1000,\"z\":16}" },
	{ "[budget]\nmonthly_limit = 1_000\n[budget.resource_groups]\nrg1 = 5\n",
	    "{\"budget\":{\"monthly_limit\":1000,\"resource_groups\":{\"rg1\":5}}}" },
	{ "[[o]]\nname=\"a\"\n[[o]]\nname=\"b\"\n", "{\"o\":[{\"name\":\"a\"},{\"name\":\"b\"}]}" },
	{ "a.b.c = 1\na.d = 2\n", "{\"a\":{\"b\":{\"c\":1},\"d\":2}}" },
	{ "\"a.b\" = {x = [1, 2,\n 3,]}\n", "{\"a.b\":{\"x\":[1,2,3]}}" },
	{ "d = 2026-11-21\nt = 07:32:00\n", "{\"d\":\"2026-11-21\",\"t\":\"07:32:00\"}" },
	{ "d = 2026-11-21T07:32:00Z\n", "{\"d\":\"2026-11-21T07:32:00Z\"}" },
	{ "d = 2026-11-21 07:32:00.5+01:00\n", "{\"d\":\"2026-11-21T07:32:00.5+01:00\"}" },
	{ "d = 2026-11-21T07:32:00\n", "{\"d\":\"2026-11-21T07:32:00\"}" },
	{ "s = '''\nC:\\dir'''\n", "{\"s\":\"C:\\\\dir\"}" },
	{ "s = \"\\u00e4\\U0001F4B0\"\n", "{\"s\":\"\xc3\xa4\xf0\x9f\x92\xb0\"}" },
	{ "n = 9007199254740991\nm = -9007199254740991\n",
	    "{\"n\":9007199254740991,\"m\":-9007199254740991}" },
	{ "a = 1\r\nb = 2\r\n", "{\"a\":1,\"b\":2}" },
	{ "\xef\xbb\xbf"
	  "a = 1\n",
	    "{\"a\":1}" },
	{ "s = \"....................................................................................\"\n",
	    "{\"s\":\"....................................................................................\"}" },
	{ "# ....................................................................................\na = 1\n",
	    "{\"a\":1}" },
};

START_TEST(accepts)
{
	struct err e = { 0 };
	AUTO_JSON cJSON *tree = toml_parse(accepted[_i].text, strlen(accepted[_i].text), NULL, &e);
	AUTO_FREE char *json = NULL;

	if (accepted[_i].json == NULL) {
		ck_assert_ptr_null(tree);
		return;
	}
	ck_assert_msg(tree != NULL, "%s", e.msg);
	json = json_text(tree);
	ck_assert_str_eq(json, accepted[_i].json);
}
END_TEST

/* Only the place and a part of what is ours to say: the rest is toml++'s wording. */
static const struct {
	const char *text;
	size_t len;
	const char *begins;
	const char *contains;
} refused[] = {
	{ "a = 1\nb = \n", 0, "line 2, column ", "" },
	{ "a = 1\na = 2\n", 0, "line 2, column ", "" },
	{ "[t]\n[t]\n", 0, "line 2, column ", "" },
	{ "a = 'x\n", 0, "line 1, column ", "" },
	{ "a = [1,\n", 0, "line ", "" },
	{ "a = 01\n", 0, "line 1, column ", "" },
	{ "a = \"\xff\"\n", 0, "line 1, column ", "" },
	{ "a = \"\\ud800\"\n", 0, "line 1, column ", "" },
	{ "a = \0\n", 6, "line 1, column ", "" },
	{ "a = 1\nb = 9007199254740992\n", 0, "line 2, column 1: ", "too large" },
	{ "b = [1, -9007199254740993]\n", 0, "line 1, column 9: ", "too large" },
	{ "b = 99999999999999999999\n", 0, "line 1, column ", "" },
	{ "b = nan\n", 0, "line 1, column 1: ", "finite" },
	{ "\n\n  b = -inf\n", 0, "line 3, column 3: ", "finite" },
	{ "b = \"\\u0000\"\n", 0, "line 1, column 1: ", "\\u0000" },
	{ "\"\\u0000\" = 1\n", 0, "line 1, column 1: ", "\\u0000" },
	{ "{\"a\": 1}\n", 0, "line 1, column ", "" },
};

START_TEST(refuses)
{
	size_t len = refused[_i].len > 0 ? refused[_i].len : strlen(refused[_i].text);
	struct toml_places places = { 0 };
	struct err e = { 0 };

	ck_assert_ptr_null(toml_parse(refused[_i].text, len, &places, &e));
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_msg(
	    strncmp(e.msg, refused[_i].begins, strlen(refused[_i].begins)) == 0, "%s", e.msg);
	ck_assert_msg(strstr(e.msg, refused[_i].contains) != NULL, "%s", e.msg);
	ck_assert_ptr_null(places.v);
}
END_TEST

/* Many copies of one part: what exhausts the stack of a parser that trusts its input. */
static const struct {
	const char *front, *part, *back;
	size_t count;
	bool accepted;
} deep[] = {
	{ "a = ", "[", "", 200000, false },
	{ "a = ", "{x=", "", 200000, false },
	{ "a", ".a", " = 1\n", 200000, false },
	{ "[a", ".a", "]\nx = 1\n", 200000, false },
	{ "a", " . 'a\\'", " = 1\n", 200000, false },
	{ "a", ".\"a\\\"\"", " = 1\n", 200000, false },
	{ "a", ".a", " = 1\n", 60, true },
	{ "a", ".a", " = 1\n", 64, false },
	{ "x = '''", "....\n", "'''\n", 200000, true },
	{ "x = \"\"\"", "\\\"....", "\"\"\"\n", 200000, true },
	{ "", "# ....\n", "", 200000, true },
};

START_TEST(depth)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(10000000);
	AUTO_JSON cJSON *tree = NULL;
	struct err e = { 0 };

	buf_adds(&text, deep[_i].front);
	for (size_t i = 0; i < deep[_i].count; i++)
		buf_adds(&text, deep[_i].part);
	buf_adds(&text, deep[_i].back);
	tree = toml_parse(text.data, text.len, NULL, &e);
	ck_assert_msg((tree != NULL) == deep[_i].accepted, "%s", e.msg);
}
END_TEST

static const struct toml_place *
place_of(const struct toml_places *places, const cJSON *value)
{
	for (size_t i = 0; i < places->len; i++) {
		if (places->v[i].value == value)
			return &places->v[i];
	}
	return NULL;
}

static const struct {
	const char *path;
	unsigned line, column;
} expected_places[] = {
	{ "title", 1, 1 },
	{ "budget", 3, 2 },
	{ "budget.limit", 4, 3 },
	{ "budget.list", 5, 3 },
	{ "budget.list[0]", 5, 12 },
	{ "budget.list[1]", 6, 5 },
	{ "budget.inline.x", 7, 14 },
	{ "objectives[0]", 9, 1 },
	{ "objectives[0].name", 10, 1 },
	{ "objectives[1].name", 12, 1 },
};

START_TEST(places)
{
	static const char text[] = "title = \"t\"\n"
				   "\n"
				   "[budget]\n"
				   "  limit = 5\n"
				   "  list = [ 1,\n"
				   "    2 ]\n"
				   "  inline = { \"x\" = true }\n"
				   "\n"
				   "[[objectives]]\n"
				   "name = \"a\"\n"
				   "[[objectives]]\n"
				   "name = \"b\"\n";
	struct toml_places found = { 0 };
	AUTO_JSON cJSON *tree = toml_parse(text, strlen(text), &found, NULL);
	const struct toml_place *place = place_of(&found, json_at(tree, expected_places[_i].path));

	ck_assert_ptr_nonnull(place);
	ck_assert_uint_eq(place->line, expected_places[_i].line);
	ck_assert_uint_eq(place->column, expected_places[_i].column);
	for (size_t i = 1; i < found.len; i++)
		ck_assert((uintptr_t)found.v[i - 1].value < (uintptr_t)found.v[i].value);
	toml_places_clear(&found);
	toml_places_clear(&found);
	toml_places_clear(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("toml");
	TCase *tc = tcase_create("toml");

	tcase_add_loop_test(tc, accepts, 0, COUNT_OF(accepted));
	tcase_add_loop_test(tc, refuses, 0, COUNT_OF(refused));
	tcase_add_loop_test(tc, depth, 0, COUNT_OF(deep));
	tcase_add_loop_test(tc, places, 0, COUNT_OF(expected_places));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
