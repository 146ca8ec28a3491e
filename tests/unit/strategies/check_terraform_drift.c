/* Which attributes changed outside, as `terraform show -json PLAN` tells, and the calls that ask. */
#include <config.h>

#include "base/buf.h"
#include "strategies/terraform_drift.h"
#include "tests/unit/strategies/terraform.h"

#define DOCUMENT(drift) "{\"format_version\":\"1.2\",\"resource_drift\":[" drift "]}"
#define DRIFT(before, after, before_sensitive, after_sensitive)                          \
	"{\"address\":\"vm.a[0]\",\"change\":{\"before\":" before ",\"after\":" after    \
	",\"before_sensitive\":" before_sensitive ",\"after_sensitive\":" after_sensitive "}}"
#define OPEN(before, after) DOCUMENT(DRIFT(before, after, "{}", "{}"))

static const struct {
	const char *text;
	const char *told; /* a line for each attribute; NULL: it is no document */
} rows[] = {
	{ "{\"format_version\":\"1.2\"}", "" },
	{ OPEN("{\"size\":\"A\",\"n\":1}", "{\"size\":\"B\",\"n\":1}"), "vm.a[0] size \"A\" \"B\"\n" },
	{ OPEN("{\"os_disk\":[{\"gb\":30,\"name\":\"d\"}]}", "{\"os_disk\":[{\"gb\":64,\"name\":\"d\"}]}"),
	    "vm.a[0] os_disk[0].gb 30 64\n" },
	{ OPEN("{\"a\":{\"b\":{\"c\":true}}}", "{\"a\":{\"b\":{\"c\":false}}}"),
	    "vm.a[0] a.b.c true false\n" },
	/* What came and what went; null is nothing. */
	{ OPEN("{\"tags\":{\"old\":\"1\",\"both\":\"2\"},\"x\":null}", "{\"tags\":{\"both\":\"2\",\"new\":\"3\"}}"),
	    "vm.a[0] tags.old \"1\" -\nvm.a[0] tags.new - \"3\"\n" },
	{ OPEN("{\"tags\":null}", "{\"tags\":{\"a\":\"b\"}}"), "vm.a[0] tags - {\"a\":\"b\"}\n" },
	{ OPEN("{\"tags\":{\"cost center\":\"1\",\"a.b\":\"1\",\"\":\"1\"}}", "{\"tags\":{}}"),
	    "vm.a[0] tags[\"cost center\"] \"1\" -\nvm.a[0] tags[\"a.b\"] \"1\" -\nvm.a[0] tags[\"\"] \"1\" -\n" },
	/* A list that is longer now is one attribute, and so is what has become of another type. */
	{ OPEN("{\"rules\":[1,2]}", "{\"rules\":[1,2,3]}"), "vm.a[0] rules [1,2] [1,2,3]\n" },
	{ OPEN("{\"a\":[1]}", "{\"a\":{\"b\":1}}"), "vm.a[0] a [1] {\"b\":1}\n" },
	/* Sensitive: as it was, as it is, in a part of it, and as a whole. */
	{ DOCUMENT(DRIFT("{\"p\":\"s3cret\",\"q\":1}", "{\"p\":\"other\",\"q\":2}", "{\"p\":true}", "{}")),
	    "vm.a[0] p hidden\nvm.a[0] q 1 2\n" },
	{ DOCUMENT(DRIFT("{\"p\":\"s3cret\"}", "{\"p\":\"other\"}", "false", "{\"p\":true}")),
	    "vm.a[0] p hidden\n" },
	{ DOCUMENT(DRIFT("{\"l\":[{\"p\":\"a\",\"q\":1}]}", "{\"l\":[{\"p\":\"b\",\"q\":2}]}",
		"{\"l\":[{\"p\":true}]}", "{\"l\":[{}]}")),
	    "vm.a[0] l[0].p hidden\nvm.a[0] l[0].q 1 2\n" },
	{ DOCUMENT(DRIFT("{\"l\":[{\"p\":\"a\"}]}", "{\"l\":[]}", "{\"l\":[{\"p\":true}]}", "{\"l\":[]}")),
	    "vm.a[0] l hidden\n" },
	{ DOCUMENT(DRIFT("{\"m\":{\"s3cret\":1}}", "{\"m\":{\"s3cret\":2}}", "{\"m\":true}", "{\"m\":true}")),
	    "vm.a[0] m hidden\n" },
	{ DOCUMENT(DRIFT("{\"p\":\"a\"}", "{\"p\":\"b\"}", "true", "{}")), "vm.a[0]  hidden\n" },
	/* What is gone has no attributes, and what is deposed is another one. */
	{ DOCUMENT("{\"address\":\"a\",\"change\":{\"before\":{\"b\":1},\"after\":null}}"), "" },
	{ DOCUMENT("{\"address\":\"a\",\"deposed\":\"1\",\"change\":{\"before\":{\"b\":1},\"after\":{\"b\":2}}}"),
	    "" },
	{ DOCUMENT("{\"change\":{\"before\":{\"b\":1},\"after\":{\"b\":2}}}"), "" },
	{ "{\"format_version\":\"2.0\"}", NULL },
	{ "no JSON", NULL },
	{ "", NULL },
};

static void
add_value(struct buf *out, const cJSON *value)
{
	AUTO_FREE char *text = value != NULL ? json_text(value) : xstrdup("-");

	buf_addf(out, " %s", text);
}

static char *
told(const struct terraform_drift *d)
{
	CLEANUP(buf_clear) struct buf out = BUF_INIT(4096);

	for (size_t i = 0; i < d->len; i++)
		for (size_t k = 0; k < d->v[i].len; k++) {
			const struct terraform_attribute *a = &d->v[i].v[k];

			buf_addf(&out, "%s %s", d->v[i].address, a->path);
			if (a->sensitive) {
				ck_assert(a->before == NULL && a->after == NULL);
				buf_adds(&out, " hidden");
			} else {
				add_value(&out, a->before);
				add_value(&out, a->after);
			}
			buf_addc(&out, '\n');
		}
	return buf_take(&out);
}

START_TEST(a_document)
{
	CLEANUP(terraform_drift_clear) struct terraform_drift d = { 0 };
	struct result r;

	terraform_told(&r, 0, rows[_i].text);
	ck_assert(terraform_drift_read(&d, &r) == (rows[_i].told != NULL));
	result_clear(&r);
	AUTO_FREE char *text = told(&d);
	ck_assert_str_eq(text, rows[_i].told != NULL ? rows[_i].told : "");
}
END_TEST

START_TEST(a_document_of_which_a_part_is_missing)
{
	struct terraform_drift d = { 0 };
	struct result r;

	terraform_told(&r, 0, OPEN("{\"a\":1}", "{\"a\":2}"));
	r.out_cut = true;
	ck_assert(!terraform_drift_read(&d, &r));
	ck_assert_uint_eq(d.len, 0);
	result_clear(&r);
}
END_TEST

START_TEST(the_calls)
{
	static const char *const words[] = { "env", "A=b", "terraform", "-chdir={work}", "plan",
		"-refresh-only", "-json" };
	CLEANUP(plan_clear) struct plan plan;
	CLEANUP(strv_clear) struct strv refresh = { 0 }, show = { 0 };
	struct step *step;

	plan_init(&plan);
	step = plan_add(&plan);
	ck_assert(!terraform_drift_refresh(step, &refresh));
	ck_assert(!terraform_drift_show(step, "/x", &show));
	step->workspace = cJSON_CreateObject();
	for (size_t i = 0; i < COUNT_OF(words); i++)
		strv_add(&step->collect, words[i]);
	ck_assert(terraform_drift_refresh(step, &refresh));
	ck_assert(terraform_drift_show(step, "/x", &show));
	AUTO_FREE char *refreshes = strv_join(&refresh, " "), *shows = strv_join(&show, " ");
	ck_assert_str_eq(refreshes,
	    "env A=b terraform -chdir={work} plan -refresh-only -json -detailed-exitcode "
	    "-out={run}/drift.tfplan");
	ck_assert_str_eq(shows, "env A=b terraform -chdir={work} show -json /x");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("terraform_drift");
	TCase *t = tcase_create("read");

	tcase_add_loop_test(t, a_document, 0, COUNT_OF(rows));
	tcase_add_test(t, a_document_of_which_a_part_is_missing);
	tcase_add_test(t, the_calls);
	suite_add_tcase(s, t);
	return unit_run(s);
}
