/*
 * Failures as tools tell them, with ids, names, times, addresses and regions left open:
 * whatever stands there, class, code and retry are as the form says, and so is the
 * signature, which only forms of one group share.
 */
#include <config.h>

#include <stdio.h>

#include "core/signature.h"
#include "strategies/azure_error.h"
#include "strategies/terraform_failure.h"
#include "tests/unit/strategies/random.h"
#include "tests/unit/strategies/terraform.h"

#define ROUNDS 25
#define FORMS_MAX 400
#define CAPABILITY "linux_vm"

/* ---- what stands for what was left open ---- */

static const char *const aws_regions[] = { "us-east-1", "eu-central-1", "us-gov-west-1" };
static const char *const sizes[] = { "Standard_B1s", "Standard_D4as_v5", "Standard_DS3_v2",
	"Standard_E16-4ads_v5", "m5.large", "t3.micro" };

/* The name of what was left open stands at NAME. */
static void
add_part(struct buf *to, const char *name, const char *known)
{
	if (strncmp(name, "id}", 3) == 0)
		add_id(to);
	else if (strncmp(name, "name}", 5) == 0 || strncmp(name, "group}", 6) == 0)
		buf_adds(to, any_name());
	else if (strncmp(name, "known}", 6) == 0)
		buf_adds(to, known);
	else if (strncmp(name, "region}", 7) == 0)
		buf_adds(to, ANY_OF(regions));
	else if (strncmp(name, "awsregion}", 10) == 0)
		buf_adds(to, ANY_OF(aws_regions));
	else if (strncmp(name, "size}", 5) == 0)
		buf_adds(to, ANY_OF(sizes));
	else if (strncmp(name, "host}", 5) == 0)
		buf_adds(to, ANY_OF(hosts));
	else if (strncmp(name, "ip}", 3) == 0)
		buf_addf(to, "10.%zu.%zu.%zu", pick(256), pick(256), pick(256));
	else if (strncmp(name, "time}", 5) == 0)
		add_time(to);
	else if (strncmp(name, "number}", 7) == 0)
		add_number(to);
	else if (strncmp(name, "url}", 4) == 0)
		buf_addf(to, "https://%s/%s/%zu", ANY_OF(hosts), any_name(), pick(1000));
	else
		ck_assert_msg(strncmp(name, "resource}", 9) == 0, "%.20s", name);
	if (*name != 'r' || strncmp(name, "resource}", 9) != 0)
		return;
	buf_adds(to, "/subscriptions/");
	add_id(to);
	buf_addf(to, "/resourceGroups/%s", any_name());
}

/* "{name}" is left open; any other brace stands for itself. The caller's own. */
static char *
filled(const char *form, const char *known)
{
	struct buf out = BUF_INIT(256 * 1024);

	for (const char *p = form ? form : ""; *p; p++) {
		size_t len = *p == '{' ? strspn(p + 1, "abcdefghijklmnopqrstuvwxyz") : 0;

		if (len == 0 || p[1 + len] != '}') {
			buf_addc(&out, *p);
			continue;
		}
		add_part(&out, p + 1, known);
		p += len + 1;
	}
	return buf_take(&out);
}

/* ---- reading them ---- */

static void
read_terraform(const struct failure_table *known_failures, const cJSON *form, const char *known,
    struct failure *f)
{
	const struct step step = { .name = (char[]){ "module" } };
	AUTO_FREE char *summary = filled(json_str(form, "summary"), known);
	AUTO_FREE char *detail = filled(json_str(form, "detail"), known);
	AUTO_FREE char *line = terraform_error(summary, detail);
	struct terraform_stream stream;
	struct result result;

	terraform_told(&result, 1, line);
	terraform_stream_read(&stream, result.out);
	terraform_failure(known_failures, &step, &result, &stream, f);
	terraform_stream_clear(&stream);
	result_clear(&result);
}

static void
read_text(const struct failure_table *known_failures, const cJSON *form, const char *known,
    struct failure *f)
{
	AUTO_FREE char *text = filled(json_str(form, "text"), known);
	struct azure_error e;

	azure_error_read(&e, known_failures, text, (int)json_int(form, "status", 1));
	azure_error_tell(&e, NULL, "module", f);
	azure_error_clear(&e);
}

static bool
is_as_told(const cJSON *form, const struct failure *f)
{
	const char *code = json_str(form, "code"), *group = json_str(form, "group");

	if (strcmp(failure_class_name(f->class), json_str(form, "class")) == 0 &&
	    strcmp(retry_name(f->retry), json_str(form, "retry")) == 0 &&
	    (f->code && code ? strcmp(f->code, code) == 0 : f->code == code))
		return true;
	printf("# %s (%s): %s, %s, %s: %s\n", group, json_str(form, "tool"),
	    failure_class_name(f->class), f->code ? f->code : "no code", retry_name(f->retry),
	    f->message);
	return false;
}

struct group {
	const char *name;
	char signature[SIGNATURE_SIZE];
	char *text;
};

static struct group groups[FORMS_MAX];
static size_t n_groups;

/* The signature is its group's, which the first form of it makes. */
static bool
is_of_group(const char *name, const struct failure *f, const struct strv *known)
{
	char signature[SIGNATURE_SIZE];
	size_t i = 0;

	signature_of(f, CAPABILITY, known, signature);
	while (i < n_groups && strcmp(groups[i].name, name) != 0)
		i++;
	if (i == n_groups) {
		struct group *g = &groups[n_groups++];

		g->name = name;
		memcpy(g->signature, signature, sizeof(signature));
		g->text = signature_text(f, known);
	}
	if (strcmp(groups[i].signature, signature) == 0)
		return true;
	AUTO_FREE char *text = signature_text(f, known);
	printf("# %s: \"%s\" of \"%s\",\n#   and not \"%s\"\n", name, text, f->message,
	    groups[i].text);
	return false;
}

static size_t
groups_alike(void)
{
	size_t n = 0;

	for (size_t i = 0; i < n_groups; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(groups[i].signature, groups[j].signature) == 0) {
				printf("# %s and %s: \"%s\"\n", groups[i].name, groups[j].name,
				    groups[i].text);
				n++;
			}
	return n;
}

/* True if all rounds of the form are as it says. */
static bool
check_form(const struct failure_table *known_failures, const cJSON *form)
{
	bool good = true;

	for (int round = 0; round < ROUNDS && good; round++) {
		CLEANUP(strv_clear) struct strv known = { 0 };
		struct failure f = { 0 };

		strv_add(&known, ANY_OF(plain_names));
		strv_add(&known, ANY_OF(nasty_names));
		if (strcmp(json_str(form, "tool"), "terraform") == 0)
			read_terraform(known_failures, form, known.v[0], &f);
		else
			read_text(known_failures, form, known.v[0], &f);
		good = is_as_told(form, &f) && is_of_group(json_str(form, "group"), &f, &known);
		failure_clear(&f);
	}
	return good;
}

START_TEST(forms_are_what_they_say)
{
	struct failure_table *known = installed_failures();
	AUTO_FREE char *path = data_path("tests/data/failures/forms.jsonl");
	struct doc doc = { 0 };
	struct err e = { 0 };
	size_t wrong = 0, forms = 0;
	const cJSON *form;

	ck_assert_msg(doc_read(path, 1024 * 1024, &doc, &e) == 0, "%s", e.msg);
	cJSON_ArrayForEach (form, doc.root) {
		wrong += !check_form(known, form);
		forms++;
	}
	size_t alike = groups_alike();
	/* A test that fails ends without flushing. */
	fflush(stdout);
	ck_assert_uint_ge(forms, 120);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(alike, 0);
	for (size_t i = 0; i < n_groups; i++)
		free(groups[i].text);
	doc_clear(&doc);
	failure_table_free(known);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("forms");
	TCase *tcase = tcase_create("forms");

	tcase_add_test(tcase, forms_are_what_they_say);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
