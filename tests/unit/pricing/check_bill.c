/* Bills: every format tells the same charges, and what is not understood is refused with its place. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "pricing/bill.h"
#include "pricing/bill_value.h"
#include "tests/unit/unit.h"

#define NOW INT64_C(1763690000000) /* 2025-11-21 */

/* "DAY RESOURCE GROUP SERVICE TAG AMOUNT" of each charge; of a resource its last part. */
static char *
told(const struct charge *v, size_t len)
{
	struct buf out = BUF_INIT(65536);
	char day[CLOCK_TEXT_SIZE], amount[MONEY_TEXT_SIZE];

	for (size_t i = 0; i < len; i++) {
		const char *name = strrchr(v[i].resource, '/');

		buf_addf(&out, "%.10s %s %s %s %s %s\n", clock_format(v[i].day_ms, day),
		    name != NULL ? name + 1 : v[i].resource, v[i].resource_group, v[i].service,
		    v[i].tagged != NULL ? v[i].tagged : "-", money_format(v[i].amount, amount));
	}
	return buf_take(&out);
}

static const struct {
	const char *file;
	enum bill_format format;
} exports[] = {
	{ "ea.csv", BILL_EA },
	{ "mca.csv", BILL_MCA },
	{ "usage.csv", BILL_USAGE },
	{ "focus-1.0.csv", BILL_FOCUS },
	{ "focus-1.2.csv", BILL_FOCUS },
};

#define TAG_ID "0193a5b2-7c4e-7d1f-8a2b-3c4d5e6f7a8b"
static const char all_charges[] = "2025-11-03 web-1 web Virtual Machines - 1.20\n"
				  "2025-11-03 web-1_osdisk web Storage - 0.000032001\n"
				  "2025-11-18 web-1 web Virtual Machines - 1.20\n"
				  "2025-11-18 front shared Virtual Network " TAG_ID " 0.12\n"
				  "2025-11-18   Support - -0.50\n"
				  "2025-11-20 front shared Virtual Network " TAG_ID " 0.12\n";

START_TEST(formats)
{
	const char *srcdir = getenv("srcdir");
	AUTO_FREE char *path =
	    xasprintf("%s/tests/data/bills/%s", srcdir != NULL ? srcdir : ".", exports[_i].file);
	CLEANUP(bill_free_cleanup) struct bill *b = bill_new(NOW);
	AUTO_FREE char *text = NULL;
	const struct charge *v;
	enum bill_format format;
	struct err e = { 0 };
	size_t len;

	ck_assert_msg(bill_read(b, path, &format, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(format, exports[_i].format);
	ck_assert_msg(bill_charges(b, &v, &len, &e) == 0, "%s", e.msg);
	text = told(v, len);
	for (char *p = text; (p = strstr(p, "_OsDisk")) != NULL;)
		memcpy(p, "_osdisk", 7);
	ck_assert_str_eq(text, all_charges);
	ck_assert_int_eq(bill_lines(b), 9);
	ck_assert_str_eq(v[0].account, "00000000-0000-0000-0000-000000000001");
}
END_TEST

/* ---- texts ---- */

/* What a file with this text is refused for, without its path; "" if it is not. */
static char *
fault_of(const void *text, size_t size)
{
	char path[] = "/tmp/purser-bill-XXXXXX";
	int fd = mkstemp(path);
	CLEANUP(bill_free_cleanup) struct bill *b = bill_new(NOW);
	const struct charge *v;
	enum bill_format format;
	struct err e = { 0 };
	size_t len;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, size), (ssize_t)size);
	close(fd);
	if (bill_read(b, path, &format, &e) == 0)
		bill_charges(b, &v, &len, &e);
	unlink(path);
	if (e.kind == ERR_NONE)
		return xstrdup("");
	ck_assert_int_eq(e.kind, ERR_INPUT);
	return xstrdup(strncmp(e.msg, path, strlen(path)) == 0 ? e.msg + strlen(path) : e.msg);
}

#define HEAD "Date,MeterId,CostInBillingCurrency,BillingCurrency,SubscriptionId,ResourceId,Tags\n"
static const struct {
	const char *text, *fault;
} texts[] = {
	{ HEAD, "" },
	{ HEAD "2025-11-03,m,1,USD,s,/r/1,\n", "" },
	{ HEAD "2025-11-03,m,1,USD,s,/r/1,\r\n\r\n", "" },
	{ "date,meter id,COST in billing-currency,billingcurrencycode,subscriptionguid,instanceid\n"
	  "2025-11-03T00:00:00Z,m,1,USD,s,/r/1\n",
	    "" },
	{ "", ": it is empty" },
	{ "\n", ": there are no columns in it" },
	{ "a,b\n1,2\n", ":1: these are not the columns of a cost export" },
	{ "Date;MeterId;Cost\n", ":1: these are not the columns of a cost export" },
	{ "Date,MeterId,Cost\n",
	    ":1: the currency is missing: a bill of the format usage has a column"
	    " BillingCurrency or BillingCurrencyCode or Currency" },
	{ "Date,date,MeterId,Cost\n", ":1: there are two columns Date" },
	/* Cut off: in a number, in a line, in quotes. */
	{ HEAD "2025-11-03,m,1,USD,s,/r/1,\n2025-11-03,m,12", ":3: the last line has no end" },
	{ HEAD "2025-11-03,m,1,USD,s,/r/1,", ":2: the last line has no end" },
	{ HEAD "2025-11-03,m,1,USD,s,/r/1,\n2025-11-03,m,12\n",
	    ":3: 3 fields, and the header has 7" },
	{ HEAD "2025-11-03,m,1,USD,s,/r/1,\"a\n", ":2: a quote is not closed" },
	{ HEAD "2025-11-03,m,1,USD,s,/r/1,,\n", ":2: 8 fields, and the header has 7" },
	/* Values. */
	{ HEAD "2025-11-03,m,1,EUR,s,/r/1,\n", ":2: BillingCurrency: \"EUR\": expected USD" },
	{ HEAD "2025-11-03,m,1,,s,/r/1,\n", ":2: BillingCurrency: \"\": expected USD" },
	{ HEAD "2025-11-03,m,\"1,5\",USD,s,/r/1,\n",
	    ":2: CostInBillingCurrency: \"1,5\": expected an amount such as" },
	{ HEAD "2025-11-03,m,,USD,s,/r/1,\n",
	    ":2: CostInBillingCurrency: \"\": expected an amount" },
	{ HEAD "2025-11-03,m,99999999999,USD,s,/r/1,\n",
	    ":2: CostInBillingCurrency: \"99999999999\"" },
	{ HEAD "2025-11-03,m,9999999999,USD,s,/r/1,\n",
	    "/r/1: the charges of a day are too large" },
	{ HEAD "2025-11-31,m,1,USD,s,/r/1,\n", ":2: Date: \"2025-11-31\": expected a day as" },
	{ HEAD "03.11.2025,m,1,USD,s,/r/1,\n", ":2: Date: \"03.11.2025\": expected a day as" },
	{ HEAD "2025-11-22,m,1,USD,s,/r/1,\n",
	    ":2: Date: \"2025-11-22\": expected a day that is not" },
	{ HEAD "2025-11-03,m,1,USD,,/r/1,\n", ":2: SubscriptionId: \"\": expected the id of" },
	{ "ChargePeriodStart,EffectiveCost,BilledCost,BillingCurrency,BillingAccountId,ResourceId,x_IsEstimate\n"
	  "2025-11-03,1,1,USD,1,/r/1,\n2025-11-03,1,1,USD,1,/r/2,TRUE\n",
	    ":3: x_IsEstimate: \"TRUE\": expected charges; this is a file of estimates" },
	{ "ChargePeriodStart,EffectiveCost,BilledCost,BillingCurrency,BillingAccountId,ResourceId,x_IsEstimate\n"
	  "2025-11-03,1,1,USD,1,/r/1,false\n",
	    "" },
	{ HEAD "2025-11-03,m,1,USD,s,/r/1,purser-objective=x\n",
	    ":2: Tags: expected a JSON object of tags" },
	/* Tags that do not concern us need not be understood. */
	{ HEAD "2025-11-03,m,1,USD,s,/r/1,team=x\n", "" },
	/* Days that may be read in two ways, and what settles it. */
	{ HEAD "11/05/2025,m,1,USD,s,/r/1,\n", ":2: Date: \"11/05/2025\" may be MM/DD or DD/MM" },
	{ HEAD "11/11/2025,m,1,USD,s,/r/1,\n", "" },
	{ HEAD "11/05/2025,m,1,USD,s,/r/1,\n11/18/2025,m,1,USD,s,/r/1,\n", "" },
	{ HEAD "18/11/2025,m,1,USD,s,/r/1,\n", ":2: Date: \"18/11/2025\": expected a day as" },
	{ "Date,MeterId,Cost,Currency,SubscriptionId,ResourceId,BillingPeriodEndDate\n"
	  "11/05/2025,m,1,USD,s,/r/1,11/30/2025\n",
	    "" },
	{ "Date,MeterId,Cost,Currency,SubscriptionId,ResourceId,BillingPeriodEndDate\n"
	  "11/05/2025,m,1,USD,s,/r/1,30/11/2025\n",
	    ":2: Date: \"11/05/2025\" may be" },
	/* Other things than CSV. */
	{ "\x1f\x8b\x08", ": it is compressed by gzip: unpack it first" },
	{ "PK\x03\x04", ": it is a zip archive" },
	{ "PAR1", ": it is in the Parquet format" },
	{ "\xff\xfe"
	  "D",
	    ": it is in UTF-16" },
};

START_TEST(refused_with_its_place)
{
	AUTO_FREE char *fault = fault_of(texts[_i].text, strlen(texts[_i].text));

	ck_assert_msg(strncmp(fault, texts[_i].fault, strlen(texts[_i].fault)) == 0 &&
		(*texts[_i].fault != '\0' || *fault == '\0'),
	    "%s\n%s", fault, texts[_i].fault);
}
END_TEST

/* ---- several files ---- */

#define OTHER_HEAD "Date,MeterId,Cost,Currency,SubscriptionId,ResourceId\n"
static const struct {
	const char *texts[3], *fault; /* of the last one, behind its path */
} imports[] = {
	/* Parts of one export: the same day and resource, never the same line. */
	{ { HEAD "2025-11-03,m,1,USD,s,/r/1,\n", HEAD "2025-11-03,m,2,USD,s,/r/1,\n" }, "" },
	{ { HEAD "2025-11-03,m,1,USD,s,/r/1,\n2025-11-03,m,1,USD,s,/r/1,\n",
	      HEAD "2025-11-04,m,1,USD,s,/r/1,\n", HEAD "2025-11-05,m,1,USD,s,/r/1,\n" },
	    "" },
	/* Different exports of different days or accounts. */
	{ { HEAD "2025-11-03,m,1,USD,s,/r/1,\n", OTHER_HEAD "2025-11-04,m,1,USD,s,/r/1\n" }, "" },
	{ { HEAD "2025-11-03,m,1,USD,s,/r/1,\n", OTHER_HEAD "2025-11-03,m,1,USD,t,/r/1\n" }, "" },
	{ { HEAD "2025-11-03,m,1,USD,s,/r/1,\n", OTHER_HEAD "2025-11-03,m,1,USD,S,/r/2\n" },
	    ":2: /tmp/purser-bill-" },
	/* The export of the 4th, which begins with the month as that of the 3rd did. */
	{ { HEAD "2025-11-03,m,1,USD,s,/r/1,\n",
	      HEAD "2025-11-02,m,1,USD,s,/r/1,\n2025-11-03,m,1,USD,s,/r/1,\n" },
	    ":3: the same line is in /tmp/purser-bill-" },
	{ { HEAD "2025-11-03,m,1,USD,s,/r/1,\n", HEAD "2025-11-04,m,1,USD,s,/r/1,\n",
	      HEAD "2025-11-03,m,1,USD,s,/r/1,\n2025-11-05,m,1,USD,s,/r/1,\n" },
	    ":2: the same line is in /tmp/purser-bill-" },
	{ { HEAD "2025-11-03,m,1,USD,s,/r/1,\n", HEAD "2025-11-04,m,1,USD,s,/r/1,\n",
	      HEAD "2025-11-03,m,1,USD,s,/r/1,\n" },
	    " is the same file as /tmp/purser-bill-" },
};

START_TEST(files_that_overlap)
{
	CLEANUP(bill_free_cleanup) struct bill *b = bill_new(NOW);
	char paths[3][32];
	enum bill_format format;
	struct err e = { 0 };
	size_t n = 0;

	for (; n < 3 && imports[_i].texts[n] != NULL; n++) {
		int fd;

		snprintf(paths[n], sizeof(paths[n]), "/tmp/purser-bill-XXXXXX");
		fd = mkstemp(paths[n]);
		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(write(fd, imports[_i].texts[n], strlen(imports[_i].texts[n])),
		    (ssize_t)strlen(imports[_i].texts[n]));
		close(fd);
		ck_assert_int_eq(e.kind, ERR_NONE);
		bill_read(b, paths[n], &format, &e);
	}
	for (size_t i = 0; i < n; i++)
		unlink(paths[i]);
	ck_assert_msg(
	    (e.kind == ERR_NONE) == (*imports[_i].fault == '\0'), "%zu: %s", (size_t)_i, e.msg);
	if (e.kind == ERR_NONE)
		return;
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_msg(strncmp(e.msg, paths[n - 1], strlen(paths[n - 1])) == 0, "%s", e.msg);
	ck_assert_msg(strncmp(e.msg + strlen(paths[n - 1]), imports[_i].fault,
			  strlen(imports[_i].fault)) == 0,
	    "%s", e.msg);
}
END_TEST

START_TEST(a_file_named_twice)
{
	char path[] = "/tmp/purser-bill-XXXXXX";
	int fd = mkstemp(path);
	CLEANUP(bill_free_cleanup) struct bill *b = bill_new(NOW);
	static const char first[] = HEAD "2025-11-03,m,1,USD,s,/r/1,\n",
			  more[] = "2025-11-04,m,1,USD,s,/r/1,\n";
	enum bill_format format;
	struct err e = { 0 };

	ck_assert_int_eq(write(fd, first, strlen(first)), (ssize_t)strlen(first));
	ck_assert_int_eq(bill_read(b, path, &format, &e), 0);
	/* It grew meanwhile. */
	ck_assert_int_eq(write(fd, more, strlen(more)), (ssize_t)strlen(more));
	ck_assert_int_eq(bill_read(b, path, &format, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, " is the same file as "));
	close(fd);
	unlink(path);
}
END_TEST

/* Wherever an export is cut, it is whole lines that are taken, or nothing. */
START_TEST(cut_anywhere)
{
	static const char text[] =
	    HEAD "2025-11-03,m,1.25,USD,s,/r/1,\"{\"\"a\"\": \"\"b\nc\"\"}\"\r\n"
		 "2025-11-03,m,2.50,USD,s,/r/2,\r\n";

	for (size_t i = 1; i < sizeof(text); i++) {
		AUTO_FREE char *fault = fault_of(text, i);
		bool whole = text[i - 1] == '\n' && text[i - 2] != 'b';

		ck_assert_msg((*fault == '\0') == whole, "%zu: %s", i, fault);
	}
}
END_TEST

/* ---- values ---- */

static const struct {
	const char *text, *nanos; /* NULL: none */
} amounts[] = {
	{ "0", "0.00" },
	{ "12.34", "12.34" },
	{ "-12.34", "-12.34" },
	{ "0.0000000005", "0.000000001" },
	{ "0.000000000499999999", "0.00" },
	{ "-0.0000000005", "-0.000000001" },
	{ "4.5E-07", "0.00000045" },
	{ "4.5e2", "450.00" },
	{ "1E+1", "10.00" },
	{ "1E-99", "0.00" },
	{ "0E99", "0.00" },
	{ "0.33333333333333333333333333333333333333333333333333", "0.333333333" },
	{ "00000000000000000000000000000000000000000001", "1.00" },
	{ "9223372036.854775807", "9223372036.854775807" },
	{ "1E11", NULL },
	{ "1E99", NULL },
	{ "1E100", NULL },
	{ "123456789012345678901234567890123456789012345678901234567890", NULL },
	{ "", NULL },
	{ "-", NULL },
	{ "+1", NULL },
	{ ".5", NULL },
	{ "5.", NULL },
	{ "1.2.3", NULL },
	{ "1 ", NULL },
	{ " 1", NULL },
	{ "1,000", NULL },
	{ "1E", NULL },
	{ "1E-", NULL },
	{ "--1", NULL },
	{ "nan", NULL },
	{ "0x10", NULL },
};

START_TEST(amount)
{
	char text[MONEY_TEXT_SIZE];
	__int128 exact;
	money_t nanos;
	bool read = bill_amount_parse(amounts[_i].text, &exact);

	ck_assert_msg(read == (amounts[_i].nanos != NULL), "%s", amounts[_i].text);
	if (!read)
		return;
	ck_assert_int_eq(bill_amount_round(exact, &nanos, NULL), 0);
	ck_assert_str_eq(money_format(nanos, text), amounts[_i].nanos);
}
END_TEST

static const struct {
	const char *text;
	enum bill_day kind;
	const char *day;
} days[] = {
	{ "2025-11-05", BILL_DAY_CLEAR, "2025-11-05" },
	{ "2025-11-05T00:00:00Z", BILL_DAY_CLEAR, "2025-11-05" },
	{ "2025-11-05T23:00Z", BILL_DAY_CLEAR, "2025-11-05" },
	{ "2025-11-05 00:00:00", BILL_DAY_CLEAR, "2025-11-05" },
	{ "2025-11-05T00:00:00+02:00", BILL_DAY_NONE, NULL },
	{ "11/25/2025", BILL_DAY_PROOF, "2025-11-25" },
	{ "1/2/2025", BILL_DAY_AMBIGUOUS, "2025-01-02" },
	{ "2/2/2025", BILL_DAY_CLEAR, "2025-02-02" },
	{ "02/30/2025", BILL_DAY_NONE, NULL },
	{ "25/11/2025", BILL_DAY_NONE, NULL },
	{ "11/25/25", BILL_DAY_NONE, NULL },
	{ "2025-1-5", BILL_DAY_NONE, NULL },
	{ "2025-11-05x", BILL_DAY_NONE, NULL },
	{ "", BILL_DAY_NONE, NULL },
};

START_TEST(day)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t ms = 0;

	ck_assert_msg(bill_day_parse(days[_i].text, &ms) == days[_i].kind, "%s", days[_i].text);
	if (days[_i].day != NULL)
		ck_assert_msg(
		    strncmp(clock_format(ms, text), days[_i].day, 10) == 0 && ms % 86400000 == 0,
		    "%s", text);
}
END_TEST

static const struct {
	const char *tags, *value; /* value NULL: none; "": a fault */
} tags[] = {
	{ "", NULL },
	{ "no JSON at all", NULL },
	{ "{\"purser-objective\":\"" TAG_ID "\"}", TAG_ID },
	{ "\"a\": \"b\", \"PURSER-objective\": \"" TAG_ID "\"", TAG_ID },
	{ " {\"purser-objective\": \"\"}", NULL },
	{ "{\"purser-objective\": \"not an id\"}", NULL },
	{ "{\"purser-objective\": 5}", NULL },
	{ "{\"a\": \"purser-objective\"}", NULL },
	{ "{\"purser-objective\": ", "" },
};

START_TEST(tag)
{
	AUTO_FREE char *value = NULL;
	struct err e = { 0 };
	int rc = bill_tag_find(tags[_i].tags, &value, &e);

	ck_assert_int_eq(rc, tags[_i].value != NULL && *tags[_i].value == '\0' ? -1 : 0);
	if (rc == 0 && tags[_i].value != NULL)
		ck_assert_str_eq(value, tags[_i].value);
	else
		ck_assert_ptr_null(value);
}
END_TEST

static const struct {
	const char *text, *name;
} accounts[] = {
	{ "00AB", "00ab" },
	{ "/subscriptions/00AB", "00ab" },
	{ "/subscriptions/00ab/resourceGroups/x", "00ab" },
	{ "/providers/Microsoft.Billing/billingAccounts/12/billingProfiles/34", "12" },
	{ "", "" },
};

START_TEST(account)
{
	AUTO_FREE char *name = bill_account_name(accounts[_i].text);

	ck_assert_str_eq(name, accounts[_i].name);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("bill");
	TCase *tests = tcase_create("bill");

	tcase_add_loop_test(tests, formats, 0, COUNT_OF(exports));
	tcase_add_loop_test(tests, refused_with_its_place, 0, COUNT_OF(texts));
	tcase_add_loop_test(tests, files_that_overlap, 0, COUNT_OF(imports));
	tcase_add_test(tests, a_file_named_twice);
	tcase_add_test(tests, cut_anywhere);
	tcase_add_loop_test(tests, amount, 0, COUNT_OF(amounts));
	tcase_add_loop_test(tests, day, 0, COUNT_OF(days));
	tcase_add_loop_test(tests, tag, 0, COUNT_OF(tags));
	tcase_add_loop_test(tests, account, 0, COUNT_OF(accounts));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
