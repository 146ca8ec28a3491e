#include "config.h"
#include "base/doc.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../unit.h"
#include "base/buf.h"
#include "base/file.h"

static const struct {
	const char *path;
	const char *text;
	enum doc_format format;
	const char *json;
} accepted[] = {
	{ "a.toml", "x = 1\n", DOC_TOML, "{\"x\":1}" },
	{ "a.toml", "", DOC_TOML, "{}" },
	{ "a.json", "{\"x\":1}", DOC_JSON, "{\"x\":1}" },
	{ "A.JSON", "{\"x\":1}", DOC_JSON, "{\"x\":1}" },
	{ "a.jsonl", "{\"x\":1}\n", DOC_JSON_LINES, "[{\"x\":1}]" },
	{ "a.jsonl", "", DOC_JSON_LINES, "[]" },
	{ "a.ndjson", "\n{\"x\":1}\r\n\r\n{\"x\":2}", DOC_JSON_LINES, "[{\"x\":1},{\"x\":2}]" },
	{ "-", "{\"x\":1}", DOC_JSON, "{\"x\":1}" },
	{ "-", " \n [{\"x\":1}]", DOC_JSON, "[{\"x\":1}]" },
	{ "-", "[]", DOC_JSON, "[]" },
	{ "-", "[ \n {}]", DOC_JSON, "[{}]" },
	{ "-", "[x]\ny = 1\n", DOC_TOML, "{\"x\":{\"y\":1}}" },
	{ "-", "[[x]]\ny = 1\n", DOC_TOML, "{\"x\":[{\"y\":1}]}" },
	{ "-", "# x\ny = 1\n", DOC_TOML, "{\"y\":1}" },
	{ "-", "", DOC_TOML, "{}" },
	{ "-", "{\"x\":1}\n{\"x\":2}\n", DOC_JSON_LINES, "[{\"x\":1},{\"x\":2}]" },
	{ "a.json", "{\"x\":1}\n\n  {\"x\":2}\n", DOC_JSON_LINES, "[{\"x\":1},{\"x\":2}]" },
	{ "a.toml", "{\"x\":1} \r\n{\"x\":2}\r\n", DOC_JSON_LINES, "[{\"x\":1},{\"x\":2}]" },
	{ "batch", "{\"x\":\n{\"y\":2}}", DOC_JSON, "{\"x\":{\"y\":2}}" },
	{ ".json", "x = 1", DOC_TOML, "{\"x\":1}" },
};

START_TEST(accepts)
{
	CLEANUP(doc_clear) struct doc d = { 0 };
	AUTO_FREE char *json = NULL;
	struct err e = { 0 };
	int parsed =
	    doc_parse(accepted[_i].path, accepted[_i].text, strlen(accepted[_i].text), &d, &e);

	ck_assert_msg(parsed == 0, "%s", e.msg);
	ck_assert_int_eq(d.format, accepted[_i].format);
	json = json_text(d.root);
	ck_assert_str_eq(json, accepted[_i].json);
}
END_TEST

static const struct {
	const char *path;
	const char *text;
	const char *begins;
} refused[] = {
	{ "a.toml", "x = 1\ny == 2\n", "a.toml: line 2, column " },
	{ "a.json", "{\n\"x\" 1}", "a.json: line 2, column 5: expected ':'" },
	{ "a.json", "", "a.json: line 1, column 1: expected a value" },
	{ "-", "{", "standard input: line 1, column 2: " },
	{ "a.jsonl", "{\"x\":1}\n\n{\"x\":}\n", "a.jsonl: line 3, column 6: expected a value" },
	{ "a.jsonl", "{\"x\":1}\n[1]\n",
	    "a.jsonl: line 2: each line must be an object, this is array" },
	{ "a.jsonl", "{\n\"x\":1}\n", "a.jsonl: line 1, column 2: " },
	{ "a.json", "{\"x\":1}\n{\"x\":2\n", "a.json: line 2, column 7: " },
};

START_TEST(refuses)
{
	struct doc d;
	struct err e = { 0 };

	ck_assert_int_eq(
	    doc_parse(refused[_i].path, refused[_i].text, strlen(refused[_i].text), &d, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_msg(
	    strncmp(e.msg, refused[_i].begins, strlen(refused[_i].begins)) == 0, "%s", e.msg);
	ck_assert_ptr_null(d.root);
	ck_assert_ptr_null(d.path);
}
END_TEST

#define JSON_TEXT "{\"o\":[{},{\"p\":{\"size\":1,\"odd key\":2,\"\":3}}]}"

static const struct {
	const char *path;
	const char *text;
	const char *value;
	const char *where;
} places[] = {
	{ "a.toml", "x = 1\n[o]\n  p = [1,\n 2]\n", "o.p", "a.toml:3:3" },
	{ "a.toml", "x = 1\n[o]\n  p = [1,\n 2]\n", "o.p[1]", "a.toml:4:2" },
	{ "a.toml", "x = 1\n", "", "a.toml" },
	{ "-", "x = 1\n", "x", "standard input:1:1" },
	{ "a.json", JSON_TEXT, "o[1].p.size", "a.json: o[1].p.size" },
	{ "a.json", JSON_TEXT, "o[1]", "a.json: o[1]" },
	{ "a.json", JSON_TEXT, "o[1].p.odd key", "a.json: o[1].p.\"odd key\"" },
	{ "a.json", JSON_TEXT, "", "a.json" },
	{ "a.json", "[[1,2],{\"x\":3}]", "[0][1]", "a.json: [0][1]" },
	{ "a.json", "[[1,2],{\"x\":3}]", "[1].x", "a.json: [1].x" },
	{ "a.jsonl", "{\"a\":1}\n\n{\"b\":{\"c\":2}}\n", "[1].b.c", "a.jsonl:3: b.c" },
	{ "a.jsonl", "{\"a\":1}\n\n{\"b\":{\"c\":2}}\n", "[1]", "a.jsonl:3" },
	{ "a.jsonl", "{\"a\":1}\n\n{\"b\":{\"c\":2}}\n", "[0].a", "a.jsonl:1: a" },
	{ "a.jsonl", "{\"a\":1}\n\n{\"b\":{\"c\":2}}\n", "", "a.jsonl" },
};

START_TEST(where)
{
	CLEANUP(doc_clear) struct doc d = { 0 };
	const cJSON *value;
	char out[200];

	ck_assert_int_eq(
	    doc_parse(places[_i].path, places[_i].text, strlen(places[_i].text), &d, NULL), 0);
	value = json_at(d.root, places[_i].value);
	ck_assert_ptr_nonnull(value);
	ck_assert_str_eq(doc_where(&d, value, out, sizeof(out)), places[_i].where);
}
END_TEST

START_TEST(what_is_not_there_is_in_the_file)
{
	CLEANUP(doc_clear) struct doc d = { 0 };
	char out[200];
	char small[8];

	ck_assert_int_eq(doc_parse("dir/a.json", JSON_TEXT, strlen(JSON_TEXT), &d, NULL), 0);
	ck_assert_str_eq(doc_where(&d, NULL, out, sizeof(out)), "dir/a.json");
	ck_assert_str_eq(doc_where(&d, json_at(d.root, "o"), small, sizeof(small)), "dir/a.j");
}
END_TEST

START_TEST(reads_files)
{
	CLEANUP(doc_clear) struct doc d = { 0 };
	char folder[] = "/tmp/check_doc.XXXXXX";
	AUTO_FREE char *path = NULL;
	struct err e = { 0 };

	ck_assert_ptr_nonnull(mkdtemp(folder));
	path = file_join(folder, "a.toml");
	ck_assert_int_eq(doc_read(path, 100, &d, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	ck_assert_int_eq(file_create(path, "x = 1\n", 6, 0600, &e), 0);
	ck_assert_int_eq(doc_read(path, 6, &d, &e), 0);
	ck_assert_int_eq(json_int(d.root, "x", 0), 1);
	ck_assert_str_eq(d.path, path);
	doc_clear(&d);
	ck_assert_int_eq(doc_read(path, 5, &d, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_int_eq(file_remove_tree(folder, &e), 0);
	doc_clear(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("doc");
	TCase *tc = tcase_create("doc");

	tcase_add_loop_test(tc, accepts, 0, COUNT_OF(accepted));
	tcase_add_loop_test(tc, refuses, 0, COUNT_OF(refused));
	tcase_add_loop_test(tc, where, 0, COUNT_OF(places));
	tcase_add_test(tc, what_is_not_there_is_in_the_file);
	tcase_add_test(tc, reads_files);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
