#include <config.h>

#include <stdio.h>
#include <string.h>

#include "core/names.h"
#include "core/placeholder.h"
#include "core/reference.h"
#include "core/suggest.h"
#include "tests/unit/unit.h"

static const char *
find(void *data, const char *name)
{
	(void)data;
	if (strcmp(name, "name") == 0)
		return "web";
	if (strcmp(name, "open") == 0)
		return "{name}";
	return NULL;
}

static const struct {
	const char *text, *expected; /* NULL: an unknown placeholder */
} fills[] = {
	{ "plain", "plain" },
	{ "", "" },
	{ "{name}", "web" },
	{ "--name={name}-{name}.", "--name=web-web." },
	/* What was filled in is not looked at again. */
	{ "{open}", "{name}" },
	/* Other braces are what they are. */
	{ "[].{id:id,tags:tags}", "[].{id:id,tags:tags}" },
	{ "${name}", "${name}" },
	{ "{}", "{}" },
	{ "{Name}", "{Name}" },
	{ "{name", "{name" },
	{ "{{name}}", "{web}" },
	{ "{other}", NULL },
	{ "{name...}", NULL },
};

START_TEST(fill)
{
	struct buf out = BUF_INIT(1000);
	char unknown[PLACEHOLDER_MAX + 1] = "";
	bool known = placeholder_fill(fills[_i].text, find, NULL, &out, unknown);

	ck_assert_int_eq(known, fills[_i].expected != NULL);
	if (known)
		ck_assert_str_eq(buf_str(&out), fills[_i].expected);
	else
		ck_assert_str_ne(unknown, "");
	buf_clear(&out);
}
END_TEST

static const struct {
	const char *text;
	enum reference_found found;
	const char *name, *field;
} references[] = {
	{ "plain $ {x}", REFERENCE_NONE, NULL, NULL },
	{ "${net.outputs.id}", REFERENCE_FOUND, "net", "id" },
	{ "a ${my.net-1.outputs.subnet_id} b", REFERENCE_FOUND, "my.net-1", "subnet_id" },
	{ "${x.outputs.outputs.outputs.id}", REFERENCE_FOUND, "x.outputs.outputs", "id" },
	{ "${net.id}", REFERENCE_BROKEN, NULL, NULL },
	{ "${net.outputs.}", REFERENCE_BROKEN, NULL, NULL },
	{ "${.outputs.id}", REFERENCE_BROKEN, NULL, NULL },
	{ "${../net.outputs.id}", REFERENCE_BROKEN, NULL, NULL },
	{ "${net.outputs.id", REFERENCE_BROKEN, NULL, NULL },
	{ "${}", REFERENCE_BROKEN, NULL, NULL },
};

START_TEST(refer)
{
	struct reference r;

	ck_assert_int_eq(reference_next(references[_i].text, &r), references[_i].found);
	if (references[_i].found == REFERENCE_FOUND) {
		ck_assert_str_eq(r.name, references[_i].name);
		ck_assert_str_eq(r.field, references[_i].field);
	}
}
END_TEST

START_TEST(whole)
{
	struct reference r;
	struct placeholder p;

	ck_assert(reference_is_whole("${net.outputs.id}", &r));
	ck_assert(!reference_is_whole("${net.outputs.id} ", &r));
	ck_assert(placeholder_is_whole("{tags...}", &p));
	ck_assert(p.spliced);
	ck_assert(!placeholder_is_whole(" {tags}", &p));
}
END_TEST

static const struct {
	const char *word, *expected; /* NULL: nothing is near */
} slips[] = {
	{ "storage_acount", "storage_account" },
	{ "resouce_group", "resource_group" },
	{ "linux_mv", "linux_vm" },
	{ "LINUX_VM", "linux_vm" },
	{ "kubernetes", NULL },
	{ "x", NULL },
};

START_TEST(did_you_mean)
{
	struct suggest s;

	suggest_init(&s, slips[_i].word);
	suggest_offer(&s, "storage_account");
	suggest_offer(&s, "resource_group");
	suggest_offer(&s, "linux_vm");
	if (slips[_i].expected)
		ck_assert_str_eq(suggest_best(&s), slips[_i].expected);
	else
		ck_assert_ptr_null(suggest_best(&s));
}
END_TEST

START_TEST(names)
{
	struct names n = { 0 };
	static char text[5000][8];

	ck_assert_uint_eq(names_find(&n, "x"), NAMES_NONE);
	for (size_t i = 0; i < 5000; i++) {
		snprintf(text[i], sizeof(text[i]), "n%zu", i);
		ck_assert_uint_eq(names_put(&n, text[i], i), NAMES_NONE);
	}
	ck_assert_uint_eq(names_put(&n, "n17", 99), 17);
	for (size_t i = 0; i < 5000; i++)
		ck_assert_uint_eq(names_find(&n, text[i]), i);
	ck_assert_uint_eq(names_find(&n, "n5000"), NAMES_NONE);
	names_clear(&n);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("placeholder");
	TCase *tcase = tcase_create("placeholder");

	tcase_add_loop_test(tcase, fill, 0, sizeof(fills) / sizeof(fills[0]));
	tcase_add_loop_test(tcase, refer, 0, sizeof(references) / sizeof(references[0]));
	tcase_add_test(tcase, whole);
	tcase_add_loop_test(tcase, did_you_mean, 0, sizeof(slips) / sizeof(slips[0]));
	tcase_add_test(tcase, names);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
