/* Comma-separated values: quotes, line breaks, ends, and lines that are counted right. */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "pricing/csv.h"
#include "tests/unit/unit.h"

/* Records as fields joined by "|", with their line in front and ";" behind. */
static const struct {
	const char *text, *records;
	const char *fault; /* NULL: none */
} files[] = {
	{ "", "", NULL },
	{ "\n\n", "", NULL },
	{ "a,b\nc,d\n", "1:a|b;2:c|d;", NULL },
	{ "a,b\nc,d", "1:a|b;2:c|d;", NULL },
	{ "a,b\r\nc,d\r\n", "1:a|b;2:c|d;", NULL },
	{ "\xef\xbb\xbf"
	  "a,b\n",
	    "1:a|b;", NULL },
	{ "a,,\n,b,\n", "1:a||;2:|b|;", NULL },
	{ "\"a,b\",c\n", "1:a,b|c;", NULL },
	{ "\"a \"\"b\"\"\",\"\"\n", "1:a \"b\"|;", NULL },
	{ "\"two\nlines\",x\ny\n", "1:two\nlines|x;3:y;", NULL },
	{ "a\n\n\nb\n", "1:a;4:b;", NULL },
	{ "\"\"", "1:;", NULL },
	{ "a,\"b\n", "", "f.csv:1: a quote is not closed" },
	{ "x\n\"b\"c\n", "1:x;", "f.csv:2: text behind a closing quote" },
};

START_TEST(records)
{
	struct buf text = BUF_INIT(4096), got = BUF_INIT(4096);
	struct csv *c = xcalloc(1, sizeof(*c));
	struct err e = { 0 };
	int rc;

	buf_adds(&text, files[_i].text);
	csv_init(c, "f.csv", &text);
	while ((rc = csv_next(c, &e)) == 1) {
		buf_addf(&got, "%ld:", c->line);
		for (size_t i = 0; i < c->n; i++)
			buf_addf(&got, "%s%s", i > 0 ? "|" : "", c->fields[i]);
		buf_addc(&got, ';');
	}
	ck_assert_str_eq(buf_str(&got), files[_i].records);
	ck_assert_int_eq(rc, files[_i].fault != NULL ? -1 : 0);
	if (files[_i].fault != NULL)
		ck_assert_str_eq(e.msg, files[_i].fault);
	buf_clear(&text);
	buf_clear(&got);
	free(c);
}
END_TEST

static const struct {
	const char *text, *names;
	int rc;
} headers[] = {
	{ "a,b\n", "a,b", 0 },
	{ "a,b", "a,b", 0 },
	{ "a\n", "a", 0 },
	{ "a,b\n", "a", -1 },
	{ "a\n", "a,b", -1 },
	{ "a,c\n", "a,b", -1 },
	{ "ab,c\n", "a,c", -1 },
	{ "a,bc\n", "a,b", -1 },
	{ "", "a", -1 },
};

START_TEST(header)
{
	struct buf text = BUF_INIT(4096);
	struct csv *c = xcalloc(1, sizeof(*c));

	buf_adds(&text, headers[_i].text);
	csv_init(c, "f.csv", &text);
	ck_assert_int_eq(csv_header(c, headers[_i].names, NULL), headers[_i].rc);
	buf_clear(&text);
	free(c);
}
END_TEST

START_TEST(nul)
{
	struct buf text = BUF_INIT(4096);
	struct csv *c = xcalloc(1, sizeof(*c));

	buf_add(&text, "a\0b\n", 4);
	csv_init(c, "f.csv", &text);
	ck_assert_int_eq(csv_next(c, NULL), -1);
	buf_clear(&text);
	free(c);
}
END_TEST

START_TEST(too_many_fields)
{
	struct buf text = BUF_INIT(4096);
	struct csv *c = xcalloc(1, sizeof(*c));

	for (int i = 0; i < CSV_FIELDS_MAX; i++)
		buf_addc(&text, ',');
	csv_init(c, "f.csv", &text);
	ck_assert_int_eq(csv_next(c, NULL), -1);
	buf_clear(&text);
	free(c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("csv");
	TCase *tests = tcase_create("csv");

	tcase_add_loop_test(tests, records, 0, COUNT_OF(files));
	tcase_add_loop_test(tests, header, 0, COUNT_OF(headers));
	tcase_add_test(tests, nul);
	tcase_add_test(tests, too_many_fields);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
