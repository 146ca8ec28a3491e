/*
 * The installed table of failures: every row is reached by a text as a tool
 * prints it, and every text means what the case says.
 */
#include <config.h>

#include <stdio.h>
#include <time.h>

#include "strategies/azure_error.h"
#include "tests/unit/strategies/az.h"

/* A case that a tool other than az printed has its codes read already. */
static const struct failure_rule *
judge_other(const struct failure_table *known, const cJSON *c, struct failure *f)
{
	struct strv codes = { 0 };

	json_get_strv(json_at(c, "codes"), &codes);
	struct tool_output s = {
		.tool = json_str(c, "tool"),
		.codes = (const char *const *)codes.v,
		.n_codes = codes.len,
		.status = (int)json_int(c, "status", -1),
		.http_status = (int)json_int(c, "http", 0),
		.message = json_str(c, "text"),
		.text = json_str(c, "text"),
	};
	failure_set(
	    f, FAILURE_UNKNOWN, codes.len ? codes.v[codes.len - 1] : NULL, NULL, "%s", s.message);
	failure_table_classify(known, &s, f);
	const struct failure_rule *row = failure_table_find(known, &s);
	strv_clear(&codes);
	return row;
}

static const struct failure_rule *
judge_az(const struct failure_table *known, const cJSON *c, struct failure *f)
{
	struct azure_error e;

	azure_error_read(&e, known, json_str(c, "text"), (int)json_int(c, "status", 1));
	azure_error_tell(&e, NULL, NULL, f);
	const struct failure_rule *row = e.rule;
	azure_error_clear(&e);
	return row;
}

/* Prints what is not as the case says; true if all is. */
static bool
is_as_told(const cJSON *c, const struct failure_rule *row, const struct failure *f)
{
	static const char *const traces[] = { "target", "correlation", "request" };
	const char *text = json_str(c, "text"), *code = json_str(c, "code");
	AUTO_JSON cJSON *json = failure_to_json(f);
	bool good = true;

#define EXPECT(condition, format, ...)                                       \
	do {                                                                 \
		if (!(condition)) {                                          \
			printf("# %.100s: " format "\n", text, __VA_ARGS__); \
			good = false;                                        \
		}                                                            \
	} while (0)
	EXPECT(strcmp(failure_class_name(f->class), json_str(c, "class")) == 0, "class %s",
	    failure_class_name(f->class));
	EXPECT(f->code && code ? strcmp(f->code, code) == 0 : f->code == code, "code %s",
	    f->code ? f->code : "none");
	EXPECT(strcmp(retry_name(f->retry), json_str(c, "retry")) == 0, "retry %s",
	    retry_name(f->retry));
	EXPECT(f->fallback == json_bool(c, "fallback", false), "fallback %d", f->fallback);
	EXPECT(f->wait_ms == json_int(c, "wait_ms", 0), "wait %jd", (intmax_t)f->wait_ms);
	EXPECT(!json_at(c, "tries") || f->tool_tries == json_int(c, "tries", 0), "tries %jd",
	    (intmax_t)f->tool_tries);
	EXPECT(f->scarce_ms == (row ? row->scarce_ms : 0), "scarce %jd", (intmax_t)f->scarce_ms);
	EXPECT(f->message && *f->message, "%s", "no message");
	for (size_t i = 0; i < COUNT_OF(traces); i++) {
		const char *told = json_str(c, traces[i]), *found = json_str(json, traces[i]);

		EXPECT(told && found ? strcmp(told, found) == 0 : told == found, "%s %s", traces[i],
		    found ? found : "none");
	}
	return good;
}

START_TEST(every_row_is_reached)
{
	struct failure_table *known = installed_failures();
	AUTO_FREE char *path = data_path("tests/data/failures/cases.jsonl");
	struct doc doc = { 0 };
	struct err e = { 0 };
	size_t n_rows, wrong = 0, unreached = 0;
	const struct failure_rule *rows = failure_table_rules(known, &n_rows);
	AUTO_FREE bool *reached = xcalloc(n_rows, sizeof(*reached));
	const cJSON *c;

	ck_assert_msg(doc_read(path, 1024 * 1024, &doc, &e) == 0, "%s", e.msg);
	cJSON_ArrayForEach (c, doc.root) {
		struct failure f = { 0 };
		const struct failure_rule *row = strcmp(json_str(c, "tool"), "az") == 0
		    ? judge_az(known, c, &f)
		    : judge_other(known, c, &f);
		if (row)
			reached[row - rows] = true;
		if (row ? !f.advice_id || strcmp(f.advice_id, row->id) != 0 : f.advice_id != NULL)
			wrong++;
		if (!is_as_told(c, row, &f))
			wrong++;
		failure_clear(&f);
	}
	for (size_t i = 0; i < n_rows; i++)
		if (!reached[i]) {
			printf("# no case reaches %s, text %s, tool %s, status %d\n",
			    rows[i].code ? rows[i].code : "no code",
			    rows[i].text ? rows[i].text : "none",
			    rows[i].tool ? rows[i].tool : "any", rows[i].status);
			unreached++;
		}
	/* A test that fails ends without flushing. */
	fflush(stdout);
	ck_assert_uint_gt(n_rows, 131);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(unreached, 0);
	doc_clear(&doc);
	failure_table_free(known);
}
END_TEST

/* Where a row names a page it is one of Microsoft's, and every row says what to do. */
START_TEST(every_row_advises)
{
	struct failure_table *known = installed_failures();
	bool used[FAILURE_CLASSES] = { false };
	size_t n;
	const struct failure_rule *rows = failure_table_rules(known, &n);

	for (size_t i = 0; i < n; i++) {
		ck_assert_msg(rows[i].advice && strlen(rows[i].advice) > 20, "%s",
		    rows[i].code ? rows[i].code : rows[i].text);
		ck_assert(!rows[i].docs ||
		    strncmp(rows[i].docs, "https://learn.microsoft.com/", 28) == 0);
		used[rows[i].class] = true;
		ck_assert_ptr_eq(failure_table_rule(known, rows[i].id), &rows[i]);
	}
	for (size_t i = 0; i < FAILURE_CLASSES; i++)
		ck_assert_msg(used[i], "%s", failure_class_name((enum failure_class)i));
	failure_table_free(known);
}
END_TEST

/* They are in stores, in audit logs and in what was told: none may ever get another meaning. */
START_TEST(ids_stay)
{
	static const struct {
		const char *id, *code, *text;
	} some[] = {
		{ "SkuNotAvailable", "SkuNotAvailable", NULL },
		{ "OperationNotAllowed/quota", "OperationNotAllowed", "quota" },
		{ "OperationNotAllowed/exceeding-approved", "OperationNotAllowed",
		    "exceeding approved" },
		{ "CapacityReservation*", "CapacityReservation*", NULL },
		{ "http/403", NULL, NULL },
		{ "connection-reset", NULL, "connection reset" },
		{ "x509", NULL, "x509: " },
	};
	struct failure_table *known = installed_failures();

	for (size_t i = 0; i < COUNT_OF(some); i++) {
		const struct failure_rule *row = failure_table_rule(known, some[i].id);

		ck_assert_msg(row != NULL, "%s", some[i].id);
		ck_assert_pstr_eq(row->code, some[i].code);
		ck_assert_pstr_eq(row->text, some[i].text);
	}
	ck_assert_ptr_null(failure_table_rule(known, "Nonsense"));
	ck_assert_ptr_null(failure_table_rule(known, NULL));
	ck_assert_ptr_null(failure_table_rule(NULL, "SkuNotAvailable"));
	failure_table_free(known);
}
END_TEST

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Told and bounded loosely: sanitizers and loaded machines are slower by far. */
START_TEST(it_is_fast)
{
	double start = cpu_ms();

	for (int i = 0; i < 20; i++)
		failure_table_free(installed_failures());
	double load = (cpu_ms() - start) / 20;
	struct failure_table *known = installed_failures();
	start = cpu_ms();
	for (int i = 0; i < 1000; i++) {
		struct azure_error e;
		azure_error_read(&e, known, "ERROR: what nobody has ever seen before", 1);
		azure_error_clear(&e);
	}
	double look = (cpu_ms() - start) / 1000;
	printf("# load %.2f ms, look-up of an unknown text %.4f ms\n", load, look);
	ck_assert(load < 100);
	ck_assert(look < 10);
	failure_table_free(known);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failures");
	TCase *tcase = tcase_create("failures");

	tcase_add_test(tcase, every_row_is_reached);
	tcase_add_test(tcase, every_row_advises);
	tcase_add_test(tcase, ids_stay);
	tcase_add_test(tcase, it_is_fast);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
