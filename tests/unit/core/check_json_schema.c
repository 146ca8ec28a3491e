#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/contract.h"
#include "core/json_schema.h"
#include "tests/unit/unit.h"

#define OBJECT(properties, rest) "{\"type\":\"object\",\"properties\":{" properties "}" rest "}"

/* A schema, a value, and what is told of it; NULL: it fits. */
static const struct {
	const char *schema, *value, *fault;
} rows[] = {
	{ "{}", "{\"a\":1}", NULL },
	{ "true", "{}", NULL },
	{ "false", "{}", "the arguments: nothing is allowed here" },
	{ "{\"type\":\"object\"}", "{}", NULL },
	{ "{\"type\":\"object\"}", "[]", "the arguments: expected object, not array" },
	{ "{\"type\":\"thing\"}", "[]", NULL },

	{ OBJECT("\"a\":{\"type\":\"string\"}", ""), "{\"a\":\"x\"}", NULL },
	{ OBJECT("\"a\":{\"type\":\"string\"}", ""), "{\"a\":1}",
	    "argument \"a\": expected string, not integer" },
	{ OBJECT("\"a\":{\"type\":\"integer\"}", ""), "{\"a\":1}", NULL },
	{ OBJECT("\"a\":{\"type\":\"integer\"}", ""), "{\"a\":1.5}",
	    "argument \"a\": expected integer, not number" },
	{ OBJECT("\"a\":{\"type\":\"number\"}", ""), "{\"a\":1}", NULL },
	{ OBJECT("\"a\":{\"type\":[\"string\",\"null\"]}", ""), "{\"a\":null}", NULL },
	{ OBJECT("\"a\":{\"type\":[\"string\",\"null\"]}", ""), "{\"a\":true}",
	    "argument \"a\": expected string or null, not boolean" },

	{ OBJECT("", ",\"required\":[\"size\"]"), "{}",
	    "argument \"size\" is missing, and is required" },
	{ OBJECT("\"d\":{\"required\":[\"size\"]}", ""), "{\"d\":{}}",
	    "argument \"d\": \"size\" is missing, and is required" },
	{ OBJECT("\"a\":{}", ",\"additionalProperties\":false"), "{\"b\":1}",
	    "there is no argument \"b\"" },
	{ OBJECT("\"a\":{}", ",\"additionalProperties\":{\"type\":\"string\"}"), "{\"b\":1}",
	    "argument \"b\": expected string, not integer" },
	{ OBJECT("\"a\":{}", ""), "{\"b\":1}", NULL },
	{ OBJECT("",
	      ",\"patternProperties\":{\"^x-\":{\"type\":\"string\"}},"
	      "\"additionalProperties\":false"),
	    "{\"x-a\":\"1\"}", NULL },
	{ OBJECT("",
	      ",\"patternProperties\":{\"^x-\":{\"type\":\"string\"}},"
	      "\"additionalProperties\":false"),
	    "{\"y\":\"1\"}", "there is no argument \"y\"" },

	{ OBJECT("\"a\":{\"enum\":[\"x\",\"y\"]}", ""), "{\"a\":\"y\"}", NULL },
	{ OBJECT("\"a\":{\"enum\":[\"x\",\"y\"]}", ""), "{\"a\":\"z\"}",
	    "argument \"a\": expected one of \"x\", \"y\"" },
	{ OBJECT("\"a\":{\"const\":{\"k\":1}}", ""), "{\"a\":{\"k\":1}}", NULL },
	{ OBJECT("\"a\":{\"const\":7}", ""), "{\"a\":8}", "argument \"a\": expected 7" },
	{ OBJECT("\"a\":{\"minimum\":1,\"maximum\":3}", ""), "{\"a\":3}", NULL },
	{ OBJECT("\"a\":{\"minimum\":1}", ""), "{\"a\":0}", "argument \"a\": expected at least 1" },
	{ OBJECT("\"a\":{\"exclusiveMaximum\":3}", ""), "{\"a\":3}",
	    "argument \"a\": expected less than 3" },
	{ OBJECT("\"a\":{\"minLength\":2,\"maxLength\":3}", ""), "{\"a\":\"\xc3\xa4\xc3\xb6\"}",
	    NULL },
	{ OBJECT("\"a\":{\"maxLength\":1}", ""), "{\"a\":\"xy\"}",
	    "argument \"a\": expected at most 1 characters" },
	{ OBJECT("\"a\":{\"pattern\":\"^[a-z]{2,3}$\"}", ""), "{\"a\":\"abc\"}", NULL },
	{ OBJECT("\"a\":{\"pattern\":\"^[a-z]{2,3}$\"}", ""), "{\"a\":\"a\"}",
	    "argument \"a\": expected what fits the pattern ^[a-z]{2,3}$" },
	/* What cannot be read refuses nothing. */
	{ OBJECT("\"a\":{\"pattern\":\"^\\\\d+$\"}", ""), "{\"a\":\"x\"}", NULL },
	{ OBJECT("\"a\":{\"pattern\":\"(?:x)\"}", ""), "{\"a\":\"y\"}", NULL },
	{ OBJECT("\"a\":{\"pattern\":\"((x{99}){99}){99}\"}", ""), "{\"a\":\"y\"}", NULL },
	{ OBJECT("\"a\":{\"pattern\":\"x{30000}\"}", ""), "{\"a\":\"y\"}", NULL },
	{ OBJECT("\"a\":{\"pattern\":\"[\"}", ""), "{\"a\":\"y\"}", NULL },
	{ OBJECT("\"a\":{\"format\":\"uuid\",\"not\":{}}", ""), "{\"a\":\"y\"}", NULL },

	{ OBJECT("\"a\":{\"items\":{\"type\":\"string\"}}", ""), "{\"a\":[\"x\",1]}",
	    "argument \"a[1]\": expected string, not integer" },
	{ OBJECT("\"a\":{\"prefixItems\":[{\"type\":\"integer\"}],\"items\":{\"type\":\"string\"}}",
	      ""),
	    "{\"a\":[1,\"x\"]}", NULL },
	{ OBJECT("\"a\":{\"minItems\":1}", ""), "{\"a\":[]}",
	    "argument \"a\": expected at least 1 elements" },
	{ OBJECT("\"d\":{\"items\":{\"properties\":{\"n\":{\"type\":\"string\"}}}}", ""),
	    "{\"d\":[{\"n\":2}]}", "argument \"d[0].n\": expected string, not integer" },

	{ OBJECT("\"a\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", ""),
	    "{\"a\":null}", NULL },
	{ OBJECT("\"a\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", ""), "{\"a\":1}",
	    "argument \"a\": fits none of what is allowed (the first: "
	    "argument \"a\": expected string, not integer)" },
	{ OBJECT("\"a\":{\"oneOf\":[{\"type\":\"string\"}]}", ""), "{\"a\":1}",
	    "argument \"a\": expected string, not integer" },
	{ OBJECT("\"a\":{\"allOf\":[{\"type\":\"string\"},{\"minLength\":3}]}", ""),
	    "{\"a\":\"x\"}", "argument \"a\": expected at least 3 characters" },
	{ OBJECT("\"a\":{\"anyOf\":[]}", ""), "{\"a\":1}", NULL },

	{ OBJECT("\"a\":{\"$ref\":\"#/$defs/n\"}", ",\"$defs\":{\"n\":{\"type\":\"integer\"}}"),
	    "{\"a\":\"x\"}", "argument \"a\": expected integer, not string" },
	{ OBJECT("\"a\":{\"$ref\":\"https://elsewhere\"}", ""), "{\"a\":\"x\"}", NULL },
	{ "{\"$ref\":\"#\"}", "{}", NULL },
	{ "{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}],\"required\":[\"a\"]}", "{\"a\":1}",
	    NULL },
	{ "{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}", "{}", NULL },
	/* Keywords of the wrong type are as good as none. */
	{ "{\"type\":7,\"enum\":7,\"properties\":7,\"required\":7,\"anyOf\":7,\"minimum\":\"x\"}",
	    "{\"a\":1}", NULL },
};

static cJSON *
parse(const char *text)
{
	struct err e = { 0 };
	cJSON *json = json_parse(text, strlen(text), 1, &e);

	ck_assert_msg(json != NULL, "%s: %s", text, e.msg);
	return json;
}

START_TEST(each_row)
{
	AUTO_JSON cJSON *schema = parse(rows[_i].schema);
	AUTO_JSON cJSON *value = parse(rows[_i].value);
	struct err e = { 0 };
	int rc = json_schema_check(schema, value, "argument", &e);

	ck_assert_msg((rc == 0) == (rows[_i].fault == NULL), "%s %s: %s", rows[_i].schema,
	    rows[_i].value, e.msg);
	if (rc == -1) {
		ck_assert_int_eq(e.kind, ERR_INPUT);
		ck_assert_str_eq(e.msg, rows[_i].fault);
	}
}
END_TEST

static struct contract
contract_of(const char *text)
{
	AUTO_JSON cJSON *tool = parse(text);
	struct contract c;
	struct err e = { 0 };

	ck_assert_msg(contract_of_tool(&c, "cloud", tool, &e) == 0, "%s", e.msg);
	return c;
}

START_TEST(what_a_contract_is)
{
	struct contract a = contract_of("{\"name\":\"t\",\"description\":\"x\",\"inputSchema\":"
					"{\"type\":\"object\",\"required\":[\"n\"]}}");
	struct contract same = contract_of("{\"inputSchema\":{\"required\":[\"n\"],"
					   "\"type\":\"object\"},\"name\":\"t\",\"title\":\"T\"}");
	struct contract other = contract_of("{\"name\":\"t\",\"inputSchema\":{\"type\":\"object\"},"
					    "\"annotations\":{\"idempotentHint\":true}}");
	AUTO_FREE char *none = contract_difference(&a, &same);
	AUTO_FREE char *what = contract_difference(&a, &other);
	AUTO_JSON cJSON *arguments = parse("{}");
	struct err e = { 0 };

	/* Neither the order of members nor what is for people counts. */
	ck_assert_str_eq(a.digest, same.digest);
	ck_assert_str_ne(a.digest, other.digest);
	ck_assert_str_eq(none, "");
	ck_assert_str_eq(what, "inputSchema and annotations");
	ck_assert(!contract_is_idempotent(&a));
	ck_assert(contract_is_idempotent(&other));
	ck_assert_int_eq(contract_check_arguments(&a, arguments, &e), -1);
	ck_assert_str_eq(e.msg, "t of cloud: argument \"n\" is missing, and is required");
	ck_assert_int_eq(contract_check_arguments(&other, arguments, &e), 0);
	contract_clear(&a);
	contract_clear(&same);
	contract_clear(&other);
}
END_TEST

START_TEST(what_is_no_tool)
{
	AUTO_JSON cJSON *tool = parse("{\"title\":\"t\"}");
	struct contract c;
	struct err e = { 0 };

	ck_assert_int_eq(contract_of_tool(&c, "cloud", tool, &e), -1);
	ck_assert_str_eq(e.msg, "cloud lists a tool without a name");
	contract_clear(&c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("json_schema");
	TCase *t = tcase_create("json_schema");

	tcase_add_loop_test(t, each_row, 0, (int)COUNT_OF(rows));
	tcase_add_test(t, what_a_contract_is);
	tcase_add_test(t, what_is_no_tool);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
