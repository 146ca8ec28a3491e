/*
 * Every text of tests/data/failures/cases.jsonl, with other ids, names, times, regions and
 * addresses in it, is the same failure; with another code it is another one. And what the
 * objective is called makes no difference to it.
 */
#include <config.h>

#include <ctype.h>
#include <stdio.h>

#include "core/signature.h"
#include "strategies/azure_error.h"
#include "tests/unit/strategies/az.h"
#include "tests/unit/strategies/random.h"

#define ROUNDS 8
#define CAPABILITY "linux_vm"
#define QUOTED_MAX 64
#define ID_CHARS "0123456789abcdef-"

/* ---- changing a text ---- */

/* 'name', which stands alone: the length with its quotes; 0 if there is none at P, or it is a status. */
static size_t
quoted_name(const char *p, char before)
{
	static const char status[] = "'Unauthorized' 'Forbidden' 'Failed'";
	size_t len = *p == '\'' ? strcspn(p + 1, "' \n") : 0;

	if (len == 0 || len > QUOTED_MAX || p[len + 1] != '\'' || isalnum((unsigned char)before) ||
	    isalnum((unsigned char)p[len + 2]))
		return 0;
	AUTO_FREE char *quoted = xstrndup(p, len + 2);
	return strstr(status, quoted) == NULL ? len + 2 : 0;
}

/* An id in hexadecimal digits, with a hyphen or of one length with digits and letters. */
static size_t
id_len(const char *p, char before)
{
	size_t len = strspn(p, ID_CHARS);
	bool parted = len >= 12 && memchr(p, '-', len) != NULL && p[8] == '-';

	return !isalnum((unsigned char)before) && parted && !isalnum((unsigned char)p[len]) ? len
											    : 0;
}

/* "2026-08-29T02:03:04.123Z", "2026-11-21 02:03:04Z" */
static size_t
time_len(const char *p, char before)
{
	size_t day = strspn(p, "0123456789-");

	if (isalnum((unsigned char)before) || day != 10 || p[4] != '-' || p[7] != '-')
		return 0;
	if (p[day] != 'T' && p[day] != ' ')
		return day;
	size_t clock = strspn(p + day + 1, "0123456789:.");
	return clock < 5 ? day : day + 1 + clock + (p[day + 1 + clock] == 'Z');
}

static size_t
region_len(const char *p, char before)
{
	for (size_t i = 0; i < COUNT_OF(regions); i++) {
		size_t len = strlen(regions[i]);

		if (!isalnum((unsigned char)before) && strncmp(p, regions[i], len) == 0 &&
		    !isalnum((unsigned char)p[len]))
			return len;
	}
	return 0;
}

static size_t
address_len(const char *p, char before)
{
	size_t len = strspn(p, "0123456789."), dots = 0;

	for (size_t i = 0; i < len; i++)
		dots += p[i] == '.' && isdigit((unsigned char)p[i + 1]);
	while (len > 0 && p[len - 1] == '.')
		len--;
	return !isalnum((unsigned char)before) && before != '.' && dots == 3 ? len : 0;
}

/* What stands behind "/subscriptions/" or "/resourceGroups/": the length of both. */
static size_t
segment_len(const char *p, size_t *label)
{
	static const char *const labels[] = { "/subscriptions/", "/resourceGroups/",
		"/resourcegroups/", "/virtualMachines/", "/virtualNetworks/" };

	for (size_t i = 0; i < COUNT_OF(labels); i++) {
		*label = strlen(labels[i]);
		if (strncmp(p, labels[i], *label) == 0)
			return *label + strcspn(p + *label, "/ '\"\\,.)\n");
	}
	return 0;
}

/* Adds what stands for the thing at P; the length of that thing, 0: it is none. */
static size_t
change(struct buf *out, const char *p, char before)
{
	size_t len, label;

	if ((len = quoted_name(p, before)) > 0) {
		buf_addf(out, "'%s'", any_name());
	} else if ((len = time_len(p, before)) > 0) {
		buf_addf(out, "2026-%d-%dT%d:0%d:07Z", 10 + (int)pick(3), 10 + (int)pick(18),
		    10 + (int)pick(14), (int)pick(10));
	} else if ((len = id_len(p, before)) > 0) {
		add_id(out);
	} else if ((len = address_len(p, before)) > 0) {
		buf_addf(out, "10.%zu.%zu.%zu", pick(256), pick(256), pick(256));
	} else if ((len = region_len(p, before)) > 0) {
		buf_adds(out, ANY_OF(regions));
	} else if ((len = segment_len(p, &label)) > 0) {
		buf_addf(out, "%.*s%s", (int)label, p, any_name());
	}
	return len;
}

/* *n: how many things were changed. The caller's own. */
static char *
changed(const char *text, size_t *n)
{
	struct buf out = BUF_INIT(1024 * 1024);
	char before = ' ';

	*n = 0;
	while (*text != '\0') {
		size_t len = change(&out, text, before);

		*n += len > 0;
		if (len == 0)
			buf_addc(&out, *text);
		text += len > 0 ? len : 1;
		before = text[-1];
	}
	return buf_take(&out);
}

/* TEXT with another code wherever CODE stands; those of Entra are numbers. The caller's own. */
static char *
with_other_code(const char *text, const char *code)
{
	struct buf out = BUF_INIT(1024 * 1024);
	bool is_number = strncmp(code, "AADSTS", 6) == 0;
	size_t len = strlen(code);

	while (*text != '\0') {
		bool is_code = strncmp(text, code, len) == 0;

		buf_addf(&out, "%s%.*s%s", is_code && !is_number ? "Un" : "",
		    is_code ? (int)len : 1, text, is_code && is_number ? "7" : "");
		text += is_code ? len : 1;
	}
	return buf_take(&out);
}

/* ---- reading it ---- */

static void
read_other(const struct failure_table *known, const cJSON *c, const char *text, struct failure *f)
{
	CLEANUP(strv_clear) struct strv codes = { 0 };

	json_get_strv(json_at(c, "codes"), &codes);
	const struct tool_output s = {
		.tool = json_str(c, "tool"),
		.codes = (const char *const *)codes.v,
		.n_codes = codes.len,
		.status = (int)json_int(c, "status", -1),
		.http_status = (int)json_int(c, "http", 0),
		.message = text,
		.text = text,
	};
	failure_set(
	    f, FAILURE_UNKNOWN, codes.len > 0 ? codes.v[codes.len - 1] : NULL, "step", "%s", text);
	failure_table_classify(known, &s, f);
}

static void
read_case(const struct failure_table *known, const cJSON *c, const char *text, struct failure *f)
{
	struct azure_error e;

	if (strcmp(json_str(c, "tool"), "az") != 0) {
		read_other(known, c, text, f);
		return;
	}
	azure_error_read(&e, known, text, (int)json_int(c, "status", 1));
	azure_error_tell(&e, NULL, "step", f);
	azure_error_clear(&e);
}

/* ---- what must be so ---- */

static bool
is_same(const struct failure_table *known, const cJSON *c, const struct failure *f,
    const char *signature, size_t *n)
{
	AUTO_FREE char *text = changed(json_str(c, "text"), n);
	struct failure other = { 0 };
	char its[SIGNATURE_SIZE];

	read_case(known, c, text, &other);
	signature_of(&other, CAPABILITY, NULL, its);
	bool same = strcmp(signature, its) == 0;
	if (!same) {
		AUTO_FREE char *one = signature_text(f, NULL), *two = signature_text(&other, NULL);

		printf("# %s, %s: \"%s\"\n#   of %s\n#   and %s, %s: \"%s\"\n#   of %s\n",
		    failure_class_name(f->class), f->code, one, f->message,
		    failure_class_name(other.class), other.code, two, other.message);
	}
	failure_clear(&other);
	return same;
}

/* "TenantThrottlingError" is a code, and nobody's name. */
static bool
is_camel(const char *word)
{
	for (; *word != '\0'; word++)
		if (islower((unsigned char)word[0]) && isupper((unsigned char)word[1]))
			return true;
	return false;
}

/* The objective is called like one word of the message after the other. */
static bool
is_called_anything(const struct failure *f, const char *signature)
{
	bool good = true;

	for (const char *p = f->message; *p != '\0';) {
		size_t len = 0;

		while (isalnum((unsigned char)p[len]))
			len++;
		AUTO_FREE char *word = xstrndup(p, len);
		const struct strv names = { .v = &word, .len = 1 };
		char its[SIGNATURE_SIZE];

		signature_of(f, CAPABILITY, &names, its);
		/* Of all the texts these alone have a name without any mark. */
		bool is_name = strcmp(word, "Contoso") == 0;

		if (!is_camel(word) && !is_name && strcmp(signature, its) != 0) {
			printf("# \"%s\" is missing in src/core/words.c, or is a name in: %s\n",
			    word, f->message);
			good = false;
		}
		p += len > 0 ? len : 1;
	}
	return good;
}

static bool
is_another(const struct failure_table *known, const cJSON *c, const struct failure *f,
    const char *signature)
{
	struct failure other = { 0 };
	char its[SIGNATURE_SIZE];

	if (f->code == NULL)
		return true;
	AUTO_FREE char *text = with_other_code(json_str(c, "text"), f->code);
	read_case(known, c, text, &other);
	/* A tool whose codes are read elsewhere tells them beside the text. */
	if (strcmp(json_str(c, "tool"), "az") != 0) {
		free(other.code);
		other.code = xasprintf("Un%s", f->code);
	}
	signature_of(&other, CAPABILITY, NULL, its);
	bool differs = strcmp(signature, its) != 0;
	if (!differs)
		printf("# another code makes no difference: %s\n", f->message);
	failure_clear(&other);
	return differs;
}

START_TEST(changes_are_seen_or_not)
{
	struct failure_table *known = installed_failures();
	AUTO_FREE char *path = data_path("tests/data/failures/cases.jsonl");
	size_t wrong = 0, cases = 0, things = 0, n;
	struct doc doc = { 0 };
	struct err e = { 0 };
	const cJSON *c;

	ck_assert_msg(doc_read(path, 1024 * 1024, &doc, &e) == 0, "%s", e.msg);
	cJSON_ArrayForEach (c, doc.root) {
		struct failure f = { 0 };
		char signature[SIGNATURE_SIZE];
		bool good = true;

		read_case(known, c, json_str(c, "text"), &f);
		signature_of(&f, CAPABILITY, NULL, signature);
		for (int round = 0; round < ROUNDS && good; round++) {
			good = is_same(known, c, &f, signature, &n);
			things += round == 0 ? n : 0;
		}
		good &= is_called_anything(&f, signature);
		good &= is_another(known, c, &f, signature);
		wrong += !good;
		cases++;
		failure_clear(&f);
	}
	printf("# %zu texts with %zu things that vary\n", cases, things);
	/* A test that fails ends without flushing. */
	fflush(stdout);
	ck_assert_uint_gt(cases, 400);
	ck_assert_uint_eq(wrong, 0);
	doc_clear(&doc);
	failure_table_free(known);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("changes");
	TCase *tcase = tcase_create("changes");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, changes_are_seen_or_not);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
