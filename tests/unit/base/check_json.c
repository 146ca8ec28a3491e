#include "config.h"
#include "base/json.h"

#include <string.h>

#include "../unit.h"
#include "base/buf.h"
#include "base/clock.h"

/* What the parser takes, and the canonical text that follows from it. */
static const struct {
	const char *text;
	const char *canonical;
} accepted[] = {
	{ "{}", "{}" },
	{ " [ ] ", "[]" },
	{ "null", "null" },
	{ "\t\r\n true\n", "true" },
	{ "false", "false" },
	{ "\"\"", "\"\"" },
	{ "{\"b\":1,\"a\":[1,2,{\"d\":null,\"c\":true}]}",
	    "{\"a\":[1,2,{\"c\":true,\"d\":null}],\"b\":1}" },
	{ "{\"B\":1,\"a\":2}", "{\"B\":1,\"a\":2}" },
	{ "{\"a\":1,\"A\":2}", "{\"A\":2,\"a\":1}" }, /* not duplicates */
	{ "{\"\":1}", "{\"\":1}" },
	{ "\"\\u00e4\\n\\/\\\"\"", "\"\xc3\xa4\\n/\\\"\"" },
	{ "\"\\ud83d\\udcb0\"", "\"\xf0\x9f\x92\xb0\"" },
	{ "\"\\uD83D\\uDCB0\"", "\"\xf0\x9f\x92\xb0\"" },
	{ "\"\\u001f\x7f\"", "\"\\u001f\x7f\"" },
	{ "\xef\xbb\xbf{}", "{}" },
	{ "0", "0" },
	{ "-0", "0" },
	{ "-0.0", "0" },
	{ "1.0", "1" },
	{ "1e3", "1000" },
	{ "1E+3", "1000" },
	{ "1e15", "1000000000000000" },
	{ "0.1", "0.1" },
	{ "-1.5e-7", "-1.5e-07" },
	{ "0.30000000000000004", "0.30000000000000004" },
	{ "9007199254740991", "9007199254740991" },
	{ "-9007199254740991", "-9007199254740991" },
	{ "1e308", "1e+308" },
	{ "1e-400", "0" },
	{ "123456789012345678901234567890123456789012345678901234567890123",
	    "1.2345678901234569e+62" },
};

START_TEST(accepts)
{
	struct err e = { 0 };
	AUTO_JSON cJSON *tree = json_parse(accepted[_i].text, strlen(accepted[_i].text), 1, &e);
	AUTO_FREE char *text = NULL;

	ck_assert_msg(tree != NULL, "%s", e.msg);
	text = json_canonical(tree);
	ck_assert_str_eq(text, accepted[_i].canonical);
}
END_TEST

/* len 0: as long as the text. */
static const struct {
	const char *text;
	size_t len;
	const char *msg;
} refused[] = {
	{ "", 0, "line 1, column 1: expected a value, but the text ends here" },
	{ "  \n ", 0, "line 2, column 2: expected a value, but the text ends here" },
	{ "{", 0, "line 1, column 2: expected a key in double quotes, but the text ends here" },
	{ "[", 0, "line 1, column 2: expected a value, but the text ends here" },
	{ "[1", 0, "line 1, column 3: expected ',' or ']', but the text ends here" },
	{ "[1,]", 0, "line 1, column 4: expected a value, found ']'" },
	{ "[,1]", 0, "line 1, column 2: expected a value, found ','" },
	{ "{\"a\":1,}", 0, "line 1, column 8: expected a key in double quotes, found '}'" },
	{ "{\"a\" 1}", 0, "line 1, column 6: expected ':' after the key, found '1'" },
	{ "{\"a\":1 \"b\":2}", 0, "line 1, column 8: expected ',' or '}', found '\"'" },
	{ "{a:1}", 0, "line 1, column 2: expected a key in double quotes, found 'a'" },
	{ "{'a':1}", 0, "line 1, column 2: expected a key in double quotes, found '''" },
	{ "{1:1}", 0, "line 1, column 2: expected a key in double quotes, found '1'" },
	{ "[1 2]", 0, "line 1, column 4: expected ',' or ']', found '2'" },
	{ "{} {}", 0, "line 1, column 4: text after the end of the document" },
	{ "{}\n}", 0, "line 2, column 1: text after the end of the document" },
	{ "{}\0", 3, "line 1, column 3: text after the end of the document" },
	{ "{\"a\0b\":1}", 9,
	    "line 1, column 4: a string cannot hold the byte 0x00: write \\u0000" },
	{ "\0", 1, "line 1, column 1: expected a value, found the byte 0x00" },
	{ "\"\\u0000\"", 0, "line 1, column 2: \\u0000 is not allowed in a string" },
	{ "\"a\tb\"", 0, "line 1, column 3: a string cannot hold the byte 0x09: write \\u0009" },
	{ "\"a\nb\"", 0, "line 1, column 1: this string has no closing quote on its line" },
	{ "\"abc", 0, "line 1, column 1: this string has no closing quote on its line" },
	{ "\"abc\\\"", 0, "line 1, column 1: this string has no closing quote on its line" },
	{ "\"\\", 0, "line 1, column 2: unknown escape in a string (a backslash is written \\\\)" },
	{ "\"C:\\dir\"", 0,
	    "line 1, column 4: unknown escape in a string (a backslash is written \\\\)" },
	{ "\"\\x41\"", 0,
	    "line 1, column 2: unknown escape in a string (a backslash is written \\\\)" },
	{ "\"\\u12g4\"", 0, "line 1, column 2: \\u needs four hexadecimal digits" },
	{ "\"\\u12", 0, "line 1, column 2: \\u needs four hexadecimal digits" },
	{ "\"\\ud800\"", 0, "line 1, column 2: half of a surrogate pair" },
	{ "\"\\ud800\\n....\"", 0, "line 1, column 2: half of a surrogate pair" },
	{ "\"\\ud800\\ud800\"", 0, "line 1, column 2: half of a surrogate pair" },
	{ "\"\\udc00\\ud800\"", 0, "line 1, column 2: half of a surrogate pair" },
	{ "\"\xff\"", 0, "line 1, column 2: the byte 0xff is not UTF-8" },
	{ "\"\xc3\"", 0, "line 1, column 2: the byte 0xc3 is not UTF-8" },
	{ "\"\xed\xa0\x80\"", 0, "line 1, column 2: the byte 0xed is not UTF-8" },
	{ "\xff", 0, "line 1, column 1: expected a value, found the byte 0xff" },
	{ "\xc3\xa4", 0, "line 1, column 1: expected a value, found '\xc3\xa4'" },
	{ "[\"\xc3\xa4\", x]", 0, "line 1, column 7: expected a value, found 'x'" },
	{ "[\n  1,\n  x\n]", 0, "line 3, column 3: expected a value, found 'x'" },
	{ "[\r\n  x]", 0, "line 2, column 3: expected a value, found 'x'" },
	{ "01", 0, "line 1, column 1: a number cannot begin with 0" },
	{ "-01", 0, "line 1, column 1: a number cannot begin with 0" },
	{ "+1", 0, "line 1, column 1: expected a value, found '+'" },
	{ ".5", 0, "line 1, column 1: expected a value, found '.'" },
	{ "1.", 0, "line 1, column 3: expected a digit, but the text ends here" },
	{ "1.e3", 0, "line 1, column 3: expected a digit, found 'e'" },
	{ "1e", 0, "line 1, column 3: expected a digit, but the text ends here" },
	{ "1e+", 0, "line 1, column 4: expected a digit, but the text ends here" },
	{ "-", 0, "line 1, column 2: expected a digit, but the text ends here" },
	{ "0x10", 0, "line 1, column 2: text after the end of the document" },
	{ "1_000", 0, "line 1, column 2: text after the end of the document" },
	{ "1e999", 0, "line 1, column 1: this number is too large" },
	{ "-1e309", 0, "line 1, column 1: this number is too large" },
	{ "1234567890123456789012345678901234567890123456789012345678901234", 0,
	    "line 1, column 1: a number of more than 63 characters" },
	{ "NaN", 0, "line 1, column 1: expected a value, found 'N'" },
	{ "Infinity", 0, "line 1, column 1: expected a value, found 'I'" },
	{ "nul", 0, "line 1, column 1: expected a value, found 'n'" },
	{ "True", 0, "line 1, column 1: expected a value, found 'T'" },
	{ "nulll", 0, "line 1, column 5: text after the end of the document" },
	{ "[1] // x", 0, "line 1, column 5: text after the end of the document" },
	{ "/* x */ 1", 0, "line 1, column 1: expected a value, found '/'" },
	{ "{\"a\":1,\"b\":2,\"a\":3}", 0,
	    "line 1, column 14: the key \"a\" stands twice in this object" },
	{ "{\"a\":1,\"\\u0061\":3}", 0,
	    "line 1, column 8: the key \"a\" stands twice in this object" },
	{ "[{\"x\":{\"a\":1,\n\"a\":1}}]", 0,
	    "line 2, column 1: the key \"a\" stands twice in this object" },
	{ "{\"\":1,\"\":1}", 0, "line 1, column 7: the key \"\" stands twice in this object" },
	{ "\xef\xbb\xbf[x]", 0, "line 1, column 2: expected a value, found 'x'" },
	{ "\xef\xbb\xbf\xef\xbb\xbf{}", 0,
	    "line 1, column 1: expected a value, found '\xef\xbb\xbf'" },
};

START_TEST(refuses)
{
	size_t len = refused[_i].len > 0 ? refused[_i].len : strlen(refused[_i].text);
	/* A block of just this size, so that the sanitizer sees any look past its end. */
	AUTO_FREE char *text = xmalloc(len);
	AUTO_JSON cJSON *tree = NULL;
	struct err e = { 0 };

	memcpy(text, refused[_i].text, len);
	tree = json_parse(text, len, 1, &e);
	ck_assert_ptr_null(tree);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_str_eq(e.msg, refused[_i].msg);
}
END_TEST

START_TEST(lines_start_where_told)
{
	struct err e = { 0 };

	ck_assert_ptr_null(json_parse("\nx", 2, 17, &e));
	ck_assert_str_eq(e.msg, "line 18, column 1: expected a value, found 'x'");
	ck_assert_ptr_null(json_parse("x", 1, 0, &e));
	ck_assert_str_eq(e.msg, "line 1, column 1: expected a value, found 'x'");
	ck_assert_ptr_null(json_parse("x", 1, 1, NULL));
}
END_TEST

/* Every front part of a document is refused, and read without a look past its end. */
START_TEST(no_front_part_is_a_document)
{
	static const char whole[] =
	    "{\"a\":[1.5e-3,-2,true,false,null,\"\\u00e4\\ud83d\\udcb0\xe2\x82\xac\"],\"b\":{\"c\":\"\"}}";

	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		AUTO_FREE char *part = xmalloc(len);

		memcpy(part, whole, len);
		ck_assert_ptr_null(json_parse(part, len, 1, NULL));
	}
}
END_TEST

static char *
nested(size_t depth, char open, char close)
{
	char *text = xmalloc(2 * depth + 1);

	memset(text, open, depth);
	memset(text + depth, close, depth);
	text[2 * depth] = '\0';
	return text;
}

START_TEST(depth_is_limited)
{
	AUTO_FREE char *deep = nested(JSON_MAX_DEPTH, '[', ']');
	AUTO_FREE char *too_deep = nested(JSON_MAX_DEPTH + 1, '[', ']');
	AUTO_FREE char *bottomless = nested(1000000, '[', ']');
	AUTO_JSON cJSON *tree = json_parse(deep, strlen(deep), 1, NULL);
	struct err e = { 0 };

	ck_assert_ptr_nonnull(tree);
	ck_assert_ptr_null(json_parse(too_deep, strlen(too_deep), 1, &e));
	ck_assert_str_eq(e.msg, "line 1, column 65: nested more than 64 deep");
	ck_assert_ptr_null(json_parse(bottomless, strlen(bottomless), 1, NULL));
}
END_TEST

/* Beyond a few keys the check sorts instead of comparing all with all. */
START_TEST(duplicates_among_many)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(10000000);
	AUTO_JSON cJSON *tree = NULL;
	struct err e = { 0 };

	buf_addc(&text, '{');
	for (int i = 0; i < 50000; i++)
		buf_addf(&text, "\"key%d\":%d,", i, i);
	buf_adds(&text, "\"last\":0}");
	tree = json_parse(text.data, text.len, 1, &e);
	ck_assert_msg(tree != NULL, "%s", e.msg);
	text.len -= strlen("\"last\":0}");
	buf_adds(&text, "\n\"key777\":0}");
	ck_assert_ptr_null(json_parse(text.data, text.len, 1, &e));
	ck_assert_str_eq(e.msg, "line 2, column 1: the key \"key777\" stands twice in this object");
}
END_TEST

static cJSON *
sample(void)
{
	static const char text[] =
	    "{\"properties\":{\"outputs\":{\"id\":{\"value\":\"/x/y\"}},\"count\":3,\"half\":0.5,\"on\":true},"
	    "\"value\":[{\"id\":7},[10,20]],\"big\":9007199254740993,\"Name\":\"n\",\"none\":null}";
	cJSON *tree = json_parse(text, strlen(text), 1, NULL);

	ck_assert_ptr_nonnull(tree);
	return tree;
}

/* NULL: nothing there. */
static const struct {
	const char *path;
	const char *found;
} paths[] = {
	{ "properties.outputs.id.value", "\"/x/y\"" },
	{ "value[0].id", "7" },
	{ "value[1][1]", "20" },
	{ "value[2]", NULL },
	{ "value[99999999999999999999]", NULL },
	{ "value[-1]", NULL },
	{ "value[]", NULL },
	{ "value[0", NULL },
	{ "value[0]id", NULL },
	{ "value.[0]", NULL },
	{ "value.0", NULL },
	{ "properties[0]", NULL },
	{ "name", NULL }, /* case matters */
	{ "Name.x", NULL },
	{ "propertie", NULL },
	{ "propertiesx", NULL },
	{ ".properties", NULL },
	{ "properties.", NULL },
	{ "properties..count", NULL },
	{ "none", "null" },
};

START_TEST(at_path)
{
	AUTO_JSON cJSON *tree = sample();
	cJSON *found = json_at(tree, paths[_i].path);
	AUTO_FREE char *text = json_text(found);

	if (paths[_i].found == NULL) {
		ck_assert_ptr_null(found);
	} else {
		ck_assert_ptr_nonnull(found);
		ck_assert_str_eq(text, paths[_i].found);
	}
}
END_TEST

START_TEST(values_at_paths)
{
	AUTO_JSON cJSON *tree = sample();

	ck_assert_ptr_eq(json_at(tree, ""), tree);
	ck_assert_ptr_null(json_at(NULL, "x"));
	ck_assert_str_eq(json_str(tree, "Name"), "n");
	ck_assert_ptr_null(json_str(tree, "big"));
	ck_assert_ptr_null(json_str(NULL, "big"));
	ck_assert_int_eq(json_int(tree, "properties.count", -1), 3);
	ck_assert_int_eq(json_int(tree, "properties.half", -1), -1);
	ck_assert_int_eq(json_int(tree, "big", -1), -1);
	ck_assert_int_eq(json_int(tree, "Name", -1), -1);
	ck_assert_int_eq(json_int(tree, "missing", 42), 42);
	ck_assert(json_bool(tree, "properties.on", false));
	ck_assert(json_bool(tree, "properties.count", true));
	ck_assert(!json_bool(tree, "missing", false));
}
END_TEST

static const struct {
	const char *text;
	const char *type;
	bool is_int;
	int64_t value;
} types[] = {
	{ "1", "integer", true, 1 },
	{ "-3.0", "integer", true, -3 },
	{ "9007199254740991", "integer", true, INT64_C(9007199254740991) },
	{ "9007199254740992", "number", false, 0 },
	{ "9007199254740993", "number", false, 0 },
	{ "1e300", "number", false, 0 },
	{ "0.5", "number", false, 0 },
	{ "\"1\"", "string", false, 0 },
	{ "true", "boolean", false, 0 },
	{ "null", "null", false, 0 },
	{ "[]", "array", false, 0 },
	{ "{}", "object", false, 0 },
};

START_TEST(type)
{
	AUTO_JSON cJSON *tree = json_parse(types[_i].text, strlen(types[_i].text), 1, NULL);
	int64_t value = 0;

	ck_assert_str_eq(json_type_name(tree), types[_i].type);
	ck_assert_int_eq(json_is_int(tree, &value), types[_i].is_int);
	ck_assert_int_eq(value, types[_i].value);
	ck_assert_int_eq(json_is_int(tree, NULL), types[_i].is_int);
}
END_TEST

START_TEST(adds)
{
	CLEANUP(strv_clear) struct strv list = { 0 };
	CLEANUP(strv_clear) struct strv back = { 0 };
	AUTO_JSON cJSON *object = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;

	json_add_strv(object, "empty", &list);
	strv_add(&list, "a");
	strv_add(&list, "b");
	json_add_str(object, "text", "\x01\xff");
	json_add_str(object, "left_out", NULL);
	json_add_int(object, "small", -5);
	json_add_int(object, "large", INT64_C(1000000000000000));
	json_add_int(object, "max", INT64_MAX);
	json_add_int(object, "min", INT64_MIN);
	json_add_bool(object, "yes", true);
	json_add_strv(object, "list", &list);
	json_add_strv(object, "no_list", NULL);
	text = json_text(object);
	ck_assert_str_eq(text,
	    "{\"empty\":[],\"text\":\"\\u0001\xef\xbf\xbd\",\"small\":-5,\"large\":1000000000000000,"
	    "\"max\":9223372036854775807,\"min\":-9223372036854775808,\"yes\":true,"
	    "\"list\":[\"a\",\"b\"]}");
	cJSON_AddItemToArray(json_at(object, "list"), cJSON_CreateNumber(3));
	json_get_strv(json_at(object, "list"), &back);
	ck_assert_uint_eq(back.len, 2);
	ck_assert_str_eq(back.v[1], "b");
	json_get_strv(NULL, &back);
	json_get_strv(object, &back);
	ck_assert_uint_eq(back.len, 2);
}
END_TEST

START_TEST(pretty)
{
	static const char text[] = "{\"b\":[1,{\"x\":[]}],\"a\":{}}";
	AUTO_JSON cJSON *tree = json_parse(text, strlen(text), 1, NULL);
	AUTO_FREE char *shown = json_pretty(tree);

	ck_assert_str_eq(shown,
	    "{\n"
	    "  \"b\": [\n"
	    "    1,\n"
	    "    {\n"
	    "      \"x\": []\n"
	    "    }\n"
	    "  ],\n"
	    "  \"a\": {}\n"
	    "}\n");
}
END_TEST

START_TEST(pretty_steers_no_terminal)
{
	static const char text[] =
	    "[\"\xc3\xa4 \\u001b \x7f \xc2\x9b \xe2\x80\xae \xe2\x82\xac \xf0\x9f\x98\x80\"]";
	AUTO_JSON cJSON *tree = json_parse(text, strlen(text), 1, NULL);
	AUTO_FREE char *shown = json_pretty(tree);
	AUTO_JSON cJSON *again = json_parse(shown, strlen(shown), 1, NULL);

	ck_assert_str_eq(shown,
	    "[\n  \"\xc3\xa4 \\u001b \\u007f \\u009b \\u202e \xe2\x82\xac "
	    "\xf0\x9f\x98\x80\"\n]\n");
	ck_assert(cJSON_Compare(tree, again, true));
}
END_TEST

START_TEST(what_is_printed_can_be_read)
{
	AUTO_JSON cJSON *object = cJSON_CreateObject();
	AUTO_JSON cJSON *again = NULL;
	AUTO_FREE char *text = NULL;
	char all[256];
	struct err e = { 0 };

	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	json_add_str(object, all, all);
	cJSON_AddItemToObject(object, "nan", cJSON_CreateNumber(0.0 / 0.0));
	text = json_pretty(object);
	again = json_parse(text, strlen(text), 1, &e);
	ck_assert_msg(again != NULL, "%s", e.msg);
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
	const char *text;
} cleaned[] = {
	{ "", 0, "" },
	{ "plain", 5, "plain" },
	{ "a\0b", 3,
	    "a\xe2\x90\x80"
	    "b" },
	{ "\xff\xfe", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xc3\xa4\xc3", 3, "\xc3\xa4\xef\xbf\xbd" },
	{ "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
};

START_TEST(utf8)
{
	AUTO_FREE char *text = json_utf8(cleaned[_i].bytes, cleaned[_i].len);

	ck_assert_str_eq(text, cleaned[_i].text);
}
END_TEST

/* A submission of 100,000 lines must not take long; generous for sanitizers and slow machines. */
START_TEST(many_small_documents)
{
	static const char line[] =
	    "{\"name\":\"web-00001\",\"capability\":\"virtual-machine\",\"parameters\":{\"size\":\"Standard_B2s\","
	    "\"region\":\"westeurope\",\"disk_gb\":64,\"public_ip\":true,\"image\":\"Debian:debian-12:12:latest\"},"
	    "\"labels\":{\"team\":\"platform\",\"env\":\"test\"},\"resource_group\":\"rg-platform-test\",\"priority\":5,"
	    "\"depends_on\":[\"network\"]}";
	int64_t start = clock_boot_ms();

	for (int i = 0; i < 100000; i++)
		cJSON_Delete(json_parse(line, sizeof(line) - 1, i, NULL));
	ck_assert_int_lt(clock_boot_ms() - start, 20000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("json");
	TCase *tc = tcase_create("json");

	tcase_add_loop_test(tc, accepts, 0, COUNT_OF(accepted));
	tcase_add_loop_test(tc, refuses, 0, COUNT_OF(refused));
	tcase_add_test(tc, lines_start_where_told);
	tcase_add_test(tc, no_front_part_is_a_document);
	tcase_add_test(tc, depth_is_limited);
	tcase_add_test(tc, duplicates_among_many);
	tcase_add_loop_test(tc, at_path, 0, COUNT_OF(paths));
	tcase_add_test(tc, values_at_paths);
	tcase_add_loop_test(tc, type, 0, COUNT_OF(types));
	tcase_add_test(tc, adds);
	tcase_add_test(tc, pretty);
	tcase_add_test(tc, pretty_steers_no_terminal);
	tcase_add_test(tc, what_is_printed_can_be_read);
	tcase_add_loop_test(tc, utf8, 0, COUNT_OF(cleaned));
	tcase_add_test(tc, many_small_documents);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
