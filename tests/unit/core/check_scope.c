/* The names of scopes: those that objectives count in, and those that people write. */
#include <config.h>

#include "base/mem.h"
#include "core/budget.h"
#include "tests/unit/unit.h"

START_TEST(scopes)
{
	struct objective o = { .resource_group = (char *)(uintptr_t) "Test-RG" };
	CLEANUP(strv_clear) struct strv v = { 0 };
	AUTO_FREE char *text = NULL;

	o.labels = cJSON_Parse("{\"Team\": \"ML\", \"env\": \"a=b\"}");
	scopes_of(&o, &v);
	text = strv_join(&v, " ");
	ck_assert_str_eq(text, "global group:test-rg label:team=ML label:env=a=b");
	cJSON_Delete(o.labels);
	o = (struct objective){ 0 };
	strv_clear(&v);
	scopes_of(&o, &v);
	ck_assert_int_eq(v.len, 1);
}
END_TEST

static const struct {
	const char *text, *scope; /* NULL: refused */
} scope_texts[] = {
	{ "global", "global" },
	{ "group:Test-RG", "group:test-rg" },
	{ "label:Team=ML", "label:team=ML" },
	{ "label:team=", "label:team=" },
	{ "label:team=a=b", "label:team=a=b" },
	{ "Global", NULL },
	{ "", NULL },
	{ "test-rg", NULL },
	{ "group:", NULL },
	{ "group:a/b", NULL },
	{ "group:a.", NULL },
	{ "label:team", NULL },
	{ "label:=ml", NULL },
	{ "label:a/b=ml", NULL },
	{ "label:purser-objective=x", NULL },
};

START_TEST(scope_of_text)
{
	AUTO_FREE char *out = NULL;
	struct err e = { 0 };
	int rc = scope_parse(scope_texts[_i].text, &out, &e);

	ck_assert_int_eq(rc, scope_texts[_i].scope != NULL ? 0 : -1);
	if (rc == 0)
		ck_assert_str_eq(out, scope_texts[_i].scope);
	else
		ck_assert_int_eq(e.kind, ERR_INPUT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("scope");
	TCase *tests = tcase_create("scope");

	tcase_add_test(tests, scopes);
	tcase_add_loop_test(tests, scope_of_text, 0, COUNT_OF(scope_texts));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
