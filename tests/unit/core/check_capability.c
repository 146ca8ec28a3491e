#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/library.h"
#include "tests/unit/unit.h"

#define HEAD "name = \"box\"\nsummary = \"A box\"\n"
#define TAIL "[[azure_cli.step]]\nname = \"x\"\n"
#define PARAMETER(text) HEAD "[parameters.p]\nhelp = \"h\"\n" text "\n" TAIL

static struct capability *
parse(const char *text, const char *folder, struct faults *faults)
{
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_parse("capability.toml", text, strlen(text), &doc, &e) == 0, "%s", e.msg);
	struct capability *c = capability_parse(&doc, folder, faults);
	ck_assert_ptr_null(doc.root);
	return c;
}

static const struct {
	const char *text, *fault; /* a part of the one fault */
} bad[] = {
	{ "name = \"box\"\n" TAIL, "needs \"summary\"" },
	{ HEAD, "no strategy can do it" },
	{ HEAD "sumary = \"x\"\n" TAIL,
	    "capability.toml:3:1: unknown key \"sumary\" in a capability; did you mean \"summary\"" },
	{ HEAD "requires = [\"zone\"]\n" TAIL, "\"requires\" has \"zone\"" },
	{ HEAD "existing = \"destroy\"\n" TAIL, "expected refuse, use or update" },
	{ "name = \"other\"\nsummary = \"x\"\n" TAIL, "not that of its folder, \"box\"" },
	{ PARAMETER("type = \"text\""), "unknown type \"text\"" },
	{ PARAMETER("type = \"string\"\ntyp = 1"), "did you mean \"type\"" },
	{ PARAMETER("type = \"string\"\npattern = \"(\""), "no extended regular expression" },
	/* Right only between the parentheses that anchor it. */
	{ PARAMETER("type = \"string\"\npattern = \"S)|(b\""), "no extended regular expression" },
	{ PARAMETER("type = \"string\"\npattern = \"S)|b\""), "Unmatched )" },
	{ PARAMETER("type = \"integer\"\ndefault = \"x\""),
	    "is a string, expected a whole number" },
	{ PARAMETER("type = \"integer\"\ndefault = 3\nmax = 2"), "expected at most 2" },
	{ PARAMETER("type = \"string\"\ndefault = \"{nothing}\""),
	    "unknown placeholder \"{nothing}\"" },
	{ PARAMETER("type = \"string\"\ndefault = \"{region}\""), "needs requires = [\"region\"]" },
	{ PARAMETER("type = \"string\"\ndefault = \"x\"\nrequired = true"),
	    "a required parameter has no default" },
	{ PARAMETER("type = \"string\"\ndefault = \"x\"\nsecret = true"),
	    "a secret has no default" },
	{ PARAMETER("type = \"integer\"\nsecret = true"), "a secret must be of type string" },
	{ PARAMETER("type = \"integer\"\nmin = 3\nmax = 2"), "\"min\" is greater than \"max\"" },
	{ PARAMETER("type = \"integer\"\nvalues = [1, \"x\"]"),
	    "\"values\" has a string among them" },
	{ HEAD "[parameters.tags]\ntype = \"string\"\nhelp = \"h\"\n" TAIL,
	    "means something else" },
	{ HEAD "[parameters.region]\ntype = \"string\"\nhelp = \"h\"\n" TAIL,
	    "each objective has it already" },
	{ HEAD "[parameters.Name]\ntype = \"string\"\nhelp = \"h\"\n" TAIL, "not of the form" },
	{ HEAD "[outputs.id]\ntype = \"string\"\n" TAIL, "an output needs \"help\"" },
};

START_TEST(faults_of_a_capability)
{
	struct faults faults = { 0 };
	struct capability *c = parse(bad[_i].text, "/x/box", &faults);

	ck_assert_ptr_null(c);
	ck_assert_msg(faults.count == 1, "%zu faults: %s", faults.count,
	    faults.list.v ? faults.list.v[0] : "");
	ck_assert_msg(strstr(faults.list.v[0], bad[_i].fault) != NULL, "%s", faults.list.v[0]);
	faults_clear(&faults);
}
END_TEST

static const struct {
	const char *parameter, *value;
	const char *fault; /* NULL: it is right */
} values[] = {
	{ "type = \"string\"\npattern = \"a|b\"", "\"a\"", NULL },
	/* The pattern is anchored as a whole, not only its last branch. */
	{ "type = \"string\"\npattern = \"a|b\"", "\"ab\"", "does not match" },
	{ "type = \"string\"\npattern = '[(](a|b)[)]|\\)'", "\"(a)\"", NULL },
	{ "type = \"string\"", "\"line\\nbreak\"", "control character" },
	{ "type = \"string\"", "\"\\u202e\"", "control character" },
	{ "type = \"string\"", "\"\\u0085\"", "control character" },
	{ "type = \"string\"", "\"\\u00e4\"", NULL },
	{ "type = \"string\"\nmax = 2", "\"\\u00e4\\u00e4\"", NULL },
	{ "type = \"string\"\nmax = 2", "\"abc\"", "3 characters, expected at most 2" },
	{ "type = \"string\"", "3", "is an integer, expected a string" },
	{ "type = \"string\"\nvalues = [\"Hot\", \"Cool\"]", "\"Hto\"", "did you mean \"Hot\"" },
	{ "type = \"integer\"\nmin = 1\nmax = 5", "5", NULL },
	{ "type = \"integer\"\nmin = 1\nmax = 5", "0", "expected at least 1" },
	{ "type = \"integer\"", "1.5", "expected a whole number" },
	{ "type = \"integer\"", "\"3\"", "is a string, expected a whole number" },
	{ "type = \"integer\"", "1e300", "expected a whole number" },
	{ "type = \"number\"", "1.5", NULL },
	{ "type = \"boolean\"", "true", NULL },
	{ "type = \"boolean\"", "\"true\"", "expected true or false" },
	{ "type = \"array\"\npattern = \"[a-z]\"", "[\"a\", \"b\"]", NULL },
	{ "type = \"array\"\npattern = \"[a-z]\"", "[\"a\", \"B\"]", "does not match" },
	{ "type = \"array\"", "[1]", "an array of strings" },
	{ "type = \"array\"\nmax = 1", "[\"a\", \"b\"]", "2 entries" },
	{ "type = \"object\"", "{\"a\": \"b\"}", NULL },
	{ "type = \"string\"\nsecret = true", "\"hunter2\"", "is a secret" },
	{ "type = \"string\"\nsecret = true", "\"env:PASSWORD\"", NULL },
	{ "type = \"string\"\nsecret = true", "\"env:\"", "is a secret" },
	{ "type = \"string\"\nsecret = true", "\"file:/run/secret\"", NULL },
	{ "type = \"string\"\nsecret = true", "\"file:secret\"", "is a secret" },
};

START_TEST(check_a_value)
{
	AUTO_FREE char *text =
	    xasprintf(HEAD "[parameters.p]\nhelp = \"h\"\n%s\n" TAIL, values[_i].parameter);
	struct faults faults = { 0 };
	struct capability *c = parse(text, NULL, &faults);

	ck_assert_msg(c != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	AUTO_JSON cJSON *value = json_parse(values[_i].value, strlen(values[_i].value), 1, NULL);
	int rc = parameter_check(&c->parameters[0], value, "here", &faults);
	if (!values[_i].fault) {
		ck_assert_msg(rc == 0, "%s", faults.list.v ? faults.list.v[0] : "");
	} else {
		ck_assert_int_eq(rc, -1);
		ck_assert_msg(
		    strstr(faults.list.v[0], values[_i].fault) != NULL, "%s", faults.list.v[0]);
		/* A secret that was written out is not repeated. */
		ck_assert_ptr_null(strstr(faults.list.v[0], "hunter2"));
	}
	faults_clear(&faults);
	capability_free(c);
}
END_TEST

START_TEST(files_and_digest)
{
	struct faults faults = { 0 };
	struct capability *c = parse(HEAD TAIL, NULL, &faults),
			  *d = parse(HEAD TAIL, NULL, &faults);

	ck_assert_int_eq(capability_add_file(c, "main.json", "{}", 2), 0);
	ck_assert_int_eq(capability_add_file(c, "a/b.tf", "x", 1), 0);
	ck_assert_int_eq(capability_add_file(c, "main.json", "{}", 2), -1);
	static const char *const tricks[] = { "", "/etc/passwd", "../x", "a/../x", "a//b", ".",
		"a/." };
	for (size_t i = 0; i < COUNT_OF(tricks); i++)
		ck_assert_msg(capability_add_file(c, tricks[i], "", 0) == -1, "%s", tricks[i]);
	ck_assert_ptr_nonnull(capability_file(c, "main.json")->json);
	ck_assert_ptr_null(capability_file(c, "other"));
	/* The order of adding does not matter, the content does. */
	capability_add_file(d, "a/b.tf", "x", 1);
	capability_add_file(d, "main.json", "{}", 2);
	capability_seal(c);
	capability_seal(d);
	ck_assert_str_eq(c->digest, d->digest);
	capability_free(d);
	d = parse(HEAD TAIL, NULL, &faults);
	capability_add_file(d, "a/b.tf", "y", 1);
	capability_add_file(d, "main.json", "{", 1);
	capability_seal(d);
	ck_assert_str_ne(c->digest, d->digest);
	ck_assert_ptr_nonnull(capability_file(d, "main.json")->fault);
	capability_free(c);
	capability_free(d);
}
END_TEST

START_TEST(library)
{
	struct faults faults = { 0 };
	struct library l = { 0 };

	library_add(&l,
	    parse("name = \"vm\"\nsummary = \"s\"\nsynonyms = [\"machine\"]\n" TAIL, NULL, &faults),
	    &faults);
	library_add(&l, parse(HEAD TAIL, NULL, &faults), &faults);
	ck_assert_uint_eq(l.len, 2);
	ck_assert_str_eq(l.v[0]->name, "box");
	ck_assert_str_eq(library_find(&l, "machine")->name, "vm");
	ck_assert_ptr_null(library_find(&l, "nothing"));
	ck_assert_str_eq(library_suggest(&l, "machnie"), "machine");
	ck_assert_int_eq(
	    library_add(
		&l, parse("name = \"machine\"\nsummary = \"s\"\n" TAIL, NULL, &faults), &faults),
	    -1);
	ck_assert_uint_eq(faults.count, 1);
	faults_clear(&faults);
	library_clear(&l);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("capability");
	TCase *tcase = tcase_create("capability");

	tcase_add_loop_test(tcase, faults_of_a_capability, 0, COUNT_OF(bad));
	tcase_add_loop_test(tcase, check_a_value, 0, COUNT_OF(values));
	tcase_add_test(tcase, files_and_digest);
	tcase_add_test(tcase, library);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
