/* The table of failures: what it takes, what it refuses and where, and which row is found. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/failure_table.h"
#include "tests/unit/unit.h"

static struct failure_table *
parse(const char *text, struct faults *faults)
{
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_parse("failures.toml", text, strlen(text), &doc, &e) == 0, "%s", e.msg);
	struct failure_table *k = failure_table_parse(&doc, faults);
	doc_clear(&doc);
	return k;
}

#define ROW "[[failure]]\n"
static const char table[] =
    ROW "code = \"One\"\ntext = \"Narrow\"\nclass = \"conflict\"\n"
	"retry = \"later\"\nwait = \"30s\"\n" ROW
	"code = \"one\"\nclass = \"invalid\"\nfallback = false\nadvice = \"Do it.\"\n"
	"docs = \"https://example.org/one\"\n" ROW
	"codes = [\"Two\", \"Outer\"]\nclass = \"quota\"\nscarce = \"6h\"\n" ROW
	"code = \"Cap*\"\nclass = \"capacity\"\n" ROW "code = \"CapMore\"\nclass = \"policy\"\n" ROW
	"code = \"Mine\"\ntool = \"az\"\nclass = \"auth\"\n" ROW
	"tool = \"az\"\nstatus = 2\nclass = \"invalid\"\n" ROW
	"tool = \"http\"\nstatus = 503\nclass = \"transient\"\nwait = \"5s\"\n" ROW
	"text = \"hopeless\"\nclass = \"policy\"\n" ROW "text = \"hope\"\nclass = \"transient\"\n";

static const struct {
	const char *codes[3]; /* of the outermost first */
	const char *tool;
	int status, http_status;
	const char *message, *text;
	int row; /* -1: none */
} looks[] = {
	{ { "One" }, "az", 1, 0, "it is NARROW here", "", 0 },
	{ { "ONE" }, "az", 1, 0, "wide", "narrow", 1 },
	/* The innermost that is known, and codes before all else. */
	{ { "One", "Two" }, "az", 2, 503, "", "hope", 2 },
	{ { "Two", "Never" }, "az", 2, 503, "", "hope", 2 },
	{ { "Two", "Never", "One" }, "az", 1, 0, "", "", 1 },
	{ { "outer" }, "az", 1, 0, "", "", 3 },
	/* The beginning of a code, inside of another. */
	{ { "Outer", "CAPacity" }, "az", 1, 0, "", "", 4 },
	{ { "Outer", "CapMore" }, "az", 1, 0, "", "", 5 },
	{ { "Ca" }, "az", 1, 0, "", "", -1 },
	/* Only of its own tool. */
	{ { "Mine" }, "az", 1, 0, "", "", 6 },
	{ { "Mine" }, "terraform", 1, 0, "", "", -1 },
	/* The status comes before the text; another tool's status is another thing. */
	{ { NULL }, "az", 2, 0, "", "hope", 7 },
	{ { NULL }, "terraform", 2, 0, "", "hope", 10 },
	{ { "Never" }, "terraform", 2, 503, "", "hope", 8 },
	{ { NULL }, NULL, -1, 0, "", "all is HOPELESS", 9 },
	{ { NULL }, NULL, -1, 0, "", "I Hope", 10 },
	/* What something is called tells nothing of what befell it; a sentence in quotes does. */
	{ { "One" }, "az", 1, 0, "'narrow' is not here", "", 1 },
	{ { "One" }, "az", 1, 0, "it's narrow, and so's 'x'", "", 0 },
	{ { "One" }, "az", 1, 0, "'it is narrow'", "", 0 },
	{ { "One" }, "az", 1, 0, "'narrow", "", 0 },
	{ { NULL }, NULL, -1, 0, "", "machine 'hope', which is hopeless", 9 },
	{ { NULL }, NULL, -1, 0, "", "machine 'hope'.", -1 },
	/* The message of a code is no text. */
	{ { "Never" }, "az", 1, 0, "hope", "", -1 },
	{ { NULL }, "az", 1, 0, "", "", -1 },
};

static struct tool_output
output_of(size_t i)
{
	struct tool_output s = {
		.tool = looks[i].tool,
		.codes = looks[i].codes,
		.status = looks[i].status,
		.http_status = looks[i].http_status,
		.message = looks[i].message,
		.text = looks[i].text,
	};

	while (s.n_codes < 3 && looks[i].codes[s.n_codes])
		s.n_codes++;
	return s;
}

START_TEST(finding)
{
	struct faults faults = { 0 };
	struct failure_table *k = parse(table, &faults);
	struct tool_output s = output_of((size_t)_i);
	size_t n;

	ck_assert_msg(k != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	const struct failure_rule *rows = failure_table_rules(k, &n),
				  *found = failure_table_find(k, &s);
	ck_assert_uint_eq(n, 11);
	ck_assert_int_eq(found ? (int)(found - rows) : -1, looks[_i].row);
	/* Where there is no table, nothing is known. */
	ck_assert_ptr_null(failure_table_find(NULL, &s));
	failure_table_free(k);
	failure_table_free(NULL);
}
END_TEST

START_TEST(rows_are_as_written)
{
	struct faults faults = { 0 };
	struct failure_table *k = parse(table, &faults);
	size_t n;
	const struct failure_rule *rows = failure_table_rules(k, &n);

	ck_assert_str_eq(rows[0].text, "Narrow");
	ck_assert_int_eq(rows[0].retry, RETRY_LATER);
	ck_assert_int_eq(rows[0].wait_ms, 30000);
	ck_assert(!rows[0].fallback);
	ck_assert_int_eq(rows[0].status, -1);
	ck_assert(!rows[1].fallback);
	ck_assert_str_eq(rows[1].advice, "Do it.");
	ck_assert_str_eq(rows[1].docs, "https://example.org/one");
	ck_assert_int_eq(rows[7].status, 2);
	ck_assert(rows[7].fallback);
	ck_assert_int_eq(rows[1].scarce_ms, 0);
	ck_assert_int_eq(rows[3].scarce_ms, 6 * 3600 * 1000);
	ck_assert_int_eq(rows[8].retry, RETRY_LATER);
	failure_table_free(k);
}
END_TEST

START_TEST(judging)
{
	struct faults faults = { 0 };
	struct failure_table *k = parse(table, &faults);
	struct failure f = { 0 };
	struct tool_output s = output_of(0);

	failure_set(&f, FAILURE_QUOTA, "One", "step", "%s", "narrow");
	f.tool_tries = 4;
	failure_table_classify(k, &s, &f);
	ck_assert_int_eq(f.class, FAILURE_CONFLICT);
	ck_assert_int_eq(f.retry, RETRY_LATER);
	ck_assert(!f.fallback);
	ck_assert_int_eq(f.wait_ms, 30000);
	ck_assert_str_eq(f.code, "One");
	ck_assert_str_eq(f.message, "narrow");
	ck_assert_int_eq(f.tool_tries, 4);
	/* The service's own word. */
	s.text = "narrow; retry after 2 minutes";
	failure_table_classify(k, &s, &f);
	ck_assert_int_eq(f.wait_ms, 120000);
	/* Unknown. */
	s.n_codes = 0;
	s.text = "?";
	failure_table_classify(k, &s, &f);
	ck_assert_int_eq(f.class, FAILURE_UNKNOWN);
	ck_assert_int_eq(f.retry, RETRY_NEVER);
	ck_assert(f.fallback);
	ck_assert_int_eq(f.wait_ms, 0);
	failure_clear(&f);
	failure_table_free(k);
}
END_TEST

static const struct {
	const char *text;
	int64_t wait_ms;
} waits[] = {
	{ "Retry-After: 25", 25000 },
	{ "'Retry-After': '7'", 7000 },
	{ "\"retryAfter\": 12", 12000 },
	{ "retry-after-ms: 1500", 1500 },
	{ "x-ms-retry-after-ms: \"250\"", 250 },
	{ "The operation can be retried in 10 seconds.", 10000 },
	{ "Please try again after '17' seconds.", 17000 },
	{ "Please try again after '5' minutes", 300000 },
	{ "retry after 30 seconds", 30000 },
	{ "Retry after 3", 3000 },
	{ "Try again in 1 minute", 60000 },
	{ "try again in about 2 hours", 7200000 },
	{ "Please retry after 00:01:30", 90000 },
	{ "Please try after '10' seconds", 10000 },
	{ "Please wait 45 secs", 45000 },
	{ "please wait for another 20 seconds", 20000 },
	{ "retrying in 800ms", 800 },
	{ "try again in 2.4 seconds", 3000 },
	/* The longest of several. */
	{ "Retry-After: 5 (...) can be retried in 40 seconds, Retry-After: 6", 40000 },
	/* None. */
	{ "", 0 },
	{ "retry after", 0 },
	{ "Please try again later.", 0 },
	{ "try again in 2027", 0 },
	{ "please wait until 3 resources are gone", 0 },
	{ "Retry-After: Sun, 29 Aug 2027 02:03:04 GMT", 0 },
	{ "Retry-After: 0", 0 },
	{ "Retry-After: -5", 0 },
	{ "Retry-After: 99999999999999999999", 0 },
	{ "Retry-After: 999999999", 0 },
	{ "try again in 12 parsecs", 0 },
};

START_TEST(waits_in_texts)
{
	struct failure f = { 0 };
	struct tool_output s = { .status = 1, .message = "", .text = waits[_i].text };

	failure_set(&f, FAILURE_UNKNOWN, NULL, NULL, "%s", "m");
	failure_table_classify(NULL, &s, &f);
	ck_assert_msg(
	    f.wait_ms == waits[_i].wait_ms, "%s: %jd", waits[_i].text, (intmax_t)f.wait_ms);
	failure_clear(&f);
}
END_TEST

/* Of a very long text both ends are looked at. */
START_TEST(long_texts)
{
	struct faults faults = { 0 };
	struct failure_table *k = parse(table, &faults);
	size_t len = 1024 * 1024;
	char *text = malloc(len + 1);
	struct tool_output s = { .status = 1, .message = "", .text = text };

	memset(text, 'x', len);
	text[len] = '\0';
	ck_assert_ptr_null(failure_table_find(k, &s));
	memcpy(text + len - 10, "hope", 4);
	ck_assert_ptr_nonnull(failure_table_find(k, &s));
	memset(text, 'x', len);
	memcpy(text, "hope", 4);
	ck_assert_ptr_nonnull(failure_table_find(k, &s));
	free(text);
	failure_table_free(k);
}
END_TEST

static const struct {
	const char *text, *fault;
} bad[] = {
	{ "failures = 1\n", "failures.toml:1:1: unknown key \"failures\"" },
	{ "failure = 1\n", "failures.toml:1:1: \"failure\" is an integer" },
	{ ROW "code = \"A\"\n", "failures.toml:1:1: a failure needs \"class\"" },
	{ ROW "code = \"A\"\nclass = \"auth\"\nadvise = \"x\"\n",
	    "failures.toml:4:1: unknown key \"advise\" in a failure; did you mean \"advice\"?" },
	{ ROW "code = \"A\"\nclass = \"quotas\"\n",
	    "failures.toml:3:1: unknown class \"quotas\"; did you mean \"quota\"?" },
	{ ROW "code = 7\nclass = \"auth\"\n", "failures.toml:2:1: \"code\" is an integer" },
	{ ROW "codes = [\"A\", 7]\nclass = \"auth\"\n",
	    "failures.toml:2:1: \"codes\" is an array" },
	{ ROW "codes = []\nclass = \"auth\"\n", "failures.toml:2:1: \"codes\" is empty" },
	{ ROW "code = \"\"\nclass = \"auth\"\n", "failures.toml:2:1: \"code\" is empty" },
	{ ROW "codes = [\"\"]\nclass = \"auth\"\n", "failures.toml:2:10: a code is empty" },
	{ ROW "code = \"A\"\ncodes = [\"B\"]\nclass = \"auth\"\n",
	    "failures.toml:3:1: \"code\" and" },
	{ ROW "class = \"auth\"\n", "failures.toml:1:1: a failure needs a code" },
	{ ROW "code = \"A\"\nclass = \"auth\"\nretry = \"always\"\n",
	    "failures.toml:4:1: unknown retry \"always\"" },
	{ ROW "code = \"A\"\nclass = \"auth\"\nretry = \"later\"\nwait = \"soon\"\n",
	    "failures.toml:5:1: \"wait\": " },
	{ ROW "code = \"A\"\nclass = \"auth\"\nwait = \"5s\"\n",
	    "failures.toml:4:1: \"wait\" without a retry" },
	{ ROW "code = \"A\"\nclass = \"auth\"\nwait = 5\n",
	    "failures.toml:4:1: \"wait\" is an integer" },
	{ ROW "code = \"A\"\nclass = \"quota\"\nscarce = \"long\"\n",
	    "failures.toml:4:1: \"scarce\": " },
	{ ROW "code = \"A\"\nclass = \"auth\"\nscarce = \"6h\"\n",
	    "failures.toml:4:1: \"scarce\" of class \"auth\"" },
	{ ROW "code = \"A\"\nclass = \"auth\"\nfallback = 1\n",
	    "failures.toml:4:1: \"fallback\" is an integer" },
	{ ROW "code = \"A\"\nclass = \"auth\"\ndocs = \"http://x\"\n",
	    "failures.toml:4:1: \"docs\" must begin" },
	{ ROW "status = 2\nclass = \"auth\"\n", "failures.toml:2:1: \"status\" needs \"tool\"" },
	{ ROW "tool = \"az\"\nstatus = 256\nclass = \"auth\"\n",
	    "failures.toml:3:1: 256 is no exit" },
	{ ROW "tool = \"http\"\nstatus = 2\nclass = \"auth\"\n",
	    "failures.toml:3:1: 2 is no HTTP" },
	{ ROW "tool = \"http\"\ncode = \"A\"\nclass = \"auth\"\n",
	    "failures.toml:1:1: tool = \"http\" needs \"status\"" },
	/* Rows that are there in vain: two of one kind, and one that the other takes all from. */
	{ ROW "code = \"A\"\nclass = \"auth\"\n" ROW "code = \"a\"\nclass = \"quota\"\n",
	    "failures.toml:4:1: \"a\" is never reached: the row at failures.toml:1:1 comes first" },
	{ ROW "code = \"A\"\nclass = \"auth\"\n" ROW
	      "code = \"A\"\ntext = \"x\"\nclass = \"quota\"\n",
	    "failures.toml:4:1: \"A\" is never reached" },
	{ ROW "codes = [\"A\", \"B\", \"A\"]\nclass = \"auth\"\n",
	    "failures.toml:1:1: \"A\" is never" },
	{ ROW "code = \"A*\"\nclass = \"auth\"\n" ROW "code = \"A*\"\nclass = \"quota\"\n",
	    "failures.toml:4:1: \"A*\" is never reached" },
	{ ROW "text = \"Hope\"\nclass = \"auth\"\n" ROW "text = \"hopeless\"\nclass = \"quota\"\n",
	    "failures.toml:4:1: this row is never reached" },
	{ ROW "tool = \"az\"\nstatus = 2\nclass = \"auth\"\n" ROW
	      "tool = \"az\"\nstatus = 2\nclass = \"quota\"\n",
	    "failures.toml:5:1: this row is never reached" },
	/* The advice id is of one row only. */
	{ ROW "text = \"no host\"\nclass = \"auth\"\n" ROW
	      "text = \"no-host\"\nclass = \"quota\"\n",
	    "failures.toml:4:1: another row is named no-host as well" },
};

START_TEST(bad_tables)
{
	struct faults faults = { 0 };

	ck_assert_ptr_null(parse(bad[_i].text, &faults));
	ck_assert_uint_ge(faults.list.len, 1);
	ck_assert_msg(strncmp(faults.list.v[0], bad[_i].fault, strlen(bad[_i].fault)) == 0, "%s",
	    faults.list.v[0]);
	faults_clear(&faults);
}
END_TEST

START_TEST(all_faults_are_told)
{
	struct faults faults = { 0 };

	ck_assert_ptr_null(parse(ROW "code = \"A\"\nclass = \"x\"\nretry = \"y\"\n" ROW
				     "code = \"\"\nclass = \"auth\"\ndocs = \"z\"\n",
	    &faults));
	ck_assert_uint_eq(faults.count, 4);
	faults_clear(&faults);
}
END_TEST

START_TEST(harmless_neighbours)
{
	static const char text[] = ROW
	    "code = \"A\"\ntool = \"az\"\nclass = \"auth\"\n" ROW
	    "code = \"A\"\nclass = \"quota\"\n" ROW "text = \"hopeless\"\nclass = \"auth\"\n" ROW
	    "text = \"hope\"\nclass = \"auth\"\n" ROW
	    "tool = \"az\"\nstatus = 2\ntext = \"x\"\nclass = \"auth\"\n" ROW
	    "tool = \"az\"\nstatus = 2\nclass = \"quota\"\n";
	struct faults faults = { 0 };
	struct failure_table *k = parse(text, &faults);

	ck_assert_msg(k != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	failure_table_free(k);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failure_table");
	TCase *tcase = tcase_create("failure_table");

	tcase_add_loop_test(tcase, finding, 0, COUNT_OF(looks));
	tcase_add_test(tcase, rows_are_as_written);
	tcase_add_test(tcase, judging);
	tcase_add_loop_test(tcase, waits_in_texts, 0, COUNT_OF(waits));
	tcase_add_test(tcase, long_texts);
	tcase_add_loop_test(tcase, bad_tables, 0, COUNT_OF(bad));
	tcase_add_test(tcase, all_faults_are_told);
	tcase_add_test(tcase, harmless_neighbours);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
