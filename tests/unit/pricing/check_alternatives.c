/* Changes that would pass: which are found, which are not even tried, and that few are asked about. */
#include <config.h>

#include "base/buf.h"
#include "pricing/alternatives.h"
#include "tests/unit/pricing/estimate.h"

#define VM "[[cost]]\nname = \"vms\"\nvm = \"{size}\"\nquantity = \"{count}\"\n"
#define FIXED_VM "[[cost]]\nname = \"vms\"\nvm = \"Standard_D2s_v5\"\nquantity = 1\n"
#define WORD_VM                                                     \
	"[[cost]]\nname = \"vms\"\nvm = \"{kind}\"\nquantity = 1\n" \
	"[cost.words.kind]\nof = \"sku\"\nis = { big = \"Standard_D16s_v5\" }\n"
#define DISK                                                                      \
	"[[cost]]\nname = \"disk\"\nservice = \"Storage\"\nproduct = \"Disks\"\n" \
	"sku = \"E4 LRS\"\nmeter = \"E4 LRS Disk\"\n"
#define ADDRESS                                                              \
	"[[cost]]\nname = \"ip\"\nservice = \"Network\"\nproduct = \"IP\"\n" \
	"sku = \"Standard\"\nmeter = \"Address\"\n"

static const struct {
	const char *cost, *region, *parameters, *limit;
	const char
	    *found; /* "KIND NAME FROM>TO HIGH; ..."; "(...)": the cheapest, which is too dear */
} cases[] = {
	/* The dearest of the family that passes. */
	{ VM, "here", "{\"size\": \"Standard_D8s_v5\", \"count\": 1}", "150",
	    "size size Standard_D8s_v5>Standard_D4s_v5 146.00" },
	{ VM, "here", "{\"size\": \"Standard_D8s_v5\", \"count\": 1}", "146",
	    "size size Standard_D8s_v5>Standard_D4s_v5 146.00" },
	{ VM, "here", "{\"size\": \"Standard_D8s_v5\", \"count\": 1}", "145.999",
	    "size size Standard_D8s_v5>Standard_D2s_v5 73.00" },
	/* Fewer, and as many as possible. */
	{ VM, "here", "{\"size\": \"Standard_D8s_v5\", \"count\": 10}", "2100",
	    "fewer count 10>7 2044.00; size size Standard_D8s_v5>Standard_D4s_v5 1460.00" },
	/* Another family, if none of the own passes; none that costs as much. */
	{ VM, "here", "{\"size\": \"Standard_D2s_v5\", \"count\": 1}", "72",
	    "size size Standard_D2s_v5>Standard_B2s 29.20" },
	/* Another region, but not a dearer one. */
	{ VM, "there", "{\"size\": \"Standard_D8s_v5\", \"count\": 1}", "300",
	    "region region there>here 292.00; size size Standard_D8s_v5>Standard_D4s_v5 175.20" },
	{ DISK "quantity = \"{gb}\"\n", "there", "{\"gb\": 10}", "29",
	    "region region there>here 24.00" },
	/* The machine must be sold there, the price of what belongs to it may be concluded. */
	{ DISK "quantity = 1\n" VM, "there", "{\"size\": \"Standard_D16s_v5\", \"count\": 1}",
	    "600",
	    "region region there>here 586.40; size size Standard_D16s_v5>Standard_D8s_v5 353.40" },
	/* What is unknown: the most similar name, what is sold there, the region that has it. */
	{ VM, "here", "{\"size\": \"Standard_D4s_v6\", \"count\": 1}", "1000",
	    "size size Standard_D4s_v6>Standard_D4s_v5 146.00" },
	{ VM, "here", "{\"size\": \"a machine\", \"count\": 1}", "1000", "" },
	{ VM, "there", "{\"size\": \"Standard_ND96asr_v4\", \"count\": 1}", "20000",
	    "region region there>here 19856.00; "
	    "size size Standard_ND96asr_v4>Standard_D16s_v5 876.00" },
	/* Nothing passes. */
	{ VM, "here", "{\"size\": \"Standard_D2s_v5\", \"count\": 2}", "10",
	    "(size size Standard_D2s_v5>Standard_B2s 58.40)" },
	{ VM, "here", "{\"size\": \"Standard_D2s_v5\", \"count\": 3}", "0",
	    "(fewer count 3>1 73.00)" },
	/* Nothing to change: a machine that is fixed or mapped, a guess at usage, one for all regions. */
	{ FIXED_VM, "here", "{}", "10", "" },
	{ WORD_VM, "here", "{\"sku\": \"big\"}", "10", "" },
	{ ADDRESS "quantity = \"{gb}\"\n", "here", "{\"gb\": 10}", "10", "" },
	{ "cost = \"none\"\n", "here", "{}", "0", "" },
	{ "", "here", "{}", "0", "" },
};

struct judge {
	money_t limit;
	int asked;
	bool breaks;
};

static int
would_do(void *data, const struct objective *o, money_t monthly, struct err *e)
{
	struct judge *j = data;

	ck_assert_ptr_nonnull(o->parameters);
	j->asked++;
	if (j->breaks)
		return err_set(e, ERR_CORRUPT, "broken");
	return monthly <= j->limit;
}

static void
add_text(struct buf *out, const struct alternative *a)
{
	char amount[MONEY_TEXT_SIZE];

	buf_addf(out, "%s%s %s %s>%s %s", out->len > 1 ? "; " : "", alternative_kind_name(a->kind),
	    a->name, a->from, a->to, money_format(a->monthly.high, amount));
}

/* The caller's own. */
static char *
found_text(const struct alternatives *found)
{
	struct buf out = BUF_INIT(4096);

	for (size_t i = 0; i < found->len; i++)
		add_text(&out, &found->v[i]);
	if (found->least.name != NULL) {
		buf_adds(&out, "(");
		add_text(&out, &found->least);
		buf_adds(&out, ")");
	}
	return buf_take(&out);
}

static void
check(struct book *book, const struct capability *c, const struct objective *o, const char *limit,
    const char *wanted)
{
	CLEANUP(estimator_free_cleanup) struct estimator *r = estimator_new(book);
	CLEANUP(alternatives_clear) struct alternatives found = { 0 };
	struct judge judge = { .limit = usd(limit) };
	struct err e = { 0 };

	ck_assert_msg(
	    alternatives_find(r, book, c, o, 0, would_do, &judge, &found, &e) == 0, "%s", e.msg);
	AUTO_FREE char *text = found_text(&found);
	ck_assert_str_eq(text, wanted);
	ck_assert_int_le(judge.asked, 50);
}

START_TEST(find)
{
	struct book *book = small_book();
	struct capability *c = box(cases[_i].cost);
	struct objective o;

	wish(&o, cases[_i].region, cases[_i].parameters);
	check(book, c, &o, cases[_i].limit, cases[_i].found);
	objective_clear(&o);
	capability_free(c);
	book_close(book);
}
END_TEST

/* What the parameters' rules refuse is not offered, and a default is a value as well. */
static const char ruled[] =
    "name = \"box\"\nsummary = \"A box\"\nrequires = [\"region\"]\n"
    "[parameters.count]\ntype = \"integer\"\ndefault = 5\nmin = 3\nhelp = \"h\"\n"
    "[parameters.size]\ntype = \"string\"\ndefault = \"Standard_D8s_v5\"\nhelp = \"h\"\n"
    "values = [\"Standard_D8s_v5\", \"Standard_D2s_v5\", \"Standard_B2s\"]\n"
    "[[azure_cli.step]]\nname = \"x\"\n" VM;

START_TEST(rules_are_kept)
{
	static const struct {
		const char *limit, *found;
	} rows[] = {
		{ "1300",
		    "fewer count 5>4 1168.00; size size Standard_D8s_v5>Standard_D2s_v5 365.00" },
		{ "800", "size size Standard_D8s_v5>Standard_D2s_v5 365.00" },
		{ "100", "(size size Standard_D8s_v5>Standard_B2s 146.00)" },
	};
	struct book *book = small_book();
	struct faults faults = { 0 };
	struct doc doc = { 0 };
	struct err e = { 0 };
	struct objective o;

	ck_assert_int_eq(doc_parse("capability.toml", ruled, strlen(ruled), &doc, &e), 0);
	struct capability *c = capability_parse(&doc, NULL, &faults);
	ck_assert_ptr_nonnull(c);
	wish(&o, "here", "{}");
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check(book, c, &o, rows[i].limit, rows[i].found);
	objective_clear(&o);
	capability_free(c);
	book_close(book);
}
END_TEST

/* What was approved for an unknown size stands in its place. */
START_TEST(approved_amounts)
{
	static const struct {
		const char *size, *approved, *limit, *found;
	} rows[] = {
		{ "Standard_D4s_v6", "200", "1000",
		    "size size Standard_D4s_v6>Standard_D4s_v5 146.00" },
		{ "Standard_D4s_v6", "14.6", "100",
		    "(size size Standard_D4s_v6>Standard_D4s_v5 146.00)" },
		{ "Standard_D4s_v6", "14.59", "1000", "" },
		{ "Standard_XY1000_v77", "500", "1000", "" },
	};
	struct book *book = small_book();
	struct capability *c = box(VM);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		CLEANUP(estimator_free_cleanup) struct estimator *r = estimator_new(book);
		CLEANUP(alternatives_clear) struct alternatives found = { 0 };
		AUTO_FREE char *parameters =
		    xasprintf("{\"size\": \"%s\", \"count\": 1}", rows[i].size);
		struct judge judge = { .limit = usd(rows[i].limit) };
		struct err e = { 0 };
		struct objective o;

		wish(&o, "here", parameters);
		ck_assert_int_eq(alternatives_find(r, book, c, &o, usd(rows[i].approved), would_do,
				     &judge, &found, &e),
		    0);
		AUTO_FREE char *text = found_text(&found);
		ck_assert_str_eq(text, rows[i].found);
		ck_assert(found.len == 0 || found.v[0].by_name);
		objective_clear(&o);
	}
	capability_free(c);
	book_close(book);
}
END_TEST

START_TEST(faults_are_passed_on)
{
	struct judge judge = { .breaks = true };
	struct book *book = small_book();
	struct estimator *r = estimator_new(book);
	struct capability *c = box(VM);
	struct alternatives found;
	struct err e = { 0 };
	struct objective o;

	wish(&o, "here", "{\"size\": \"Standard_D8s_v5\", \"count\": 1}");
	ck_assert_int_eq(alternatives_find(r, book, c, &o, 0, would_do, &judge, &found, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CORRUPT);
	alternatives_clear(&found);
	objective_clear(&o);
	capability_free(c);
	estimator_free(r);
	book_close(book);
}
END_TEST

/* With the real book: no larger machine, no other processor, and no GPU that was not asked for. */
START_TEST(machines_stay_alike)
{
	static const struct {
		const char *size, *limit, *found;
	} rows[] = {
		{ "Standard_D8s_v5", "150", "Standard_D4s_v5" },
		{ "Standard_D8ps_v5", "100", "Standard_D2ps_v5" },
		/* Of others those with half the memory, 8 GiB here, go first. */
		{ "Standard_D2s_v5", "35", "Standard_B2s" },
	};
	struct err e = { 0 };
	struct book *book = book_open(getenv("PURSER_PRICES"), &e);
	struct capability *c = box(VM);

	ck_assert_msg(book != NULL, "%s", e.msg);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		AUTO_FREE char *parameters =
		    xasprintf("{\"size\": \"%s\", \"count\": 1}", rows[i].size);
		CLEANUP(alternatives_clear) struct alternatives found = { 0 };
		CLEANUP(estimator_free_cleanup) struct estimator *r = estimator_new(book);
		struct judge judge = { .limit = usd(rows[i].limit) };
		struct objective o;

		wish(&o, "eastus2", parameters);
		ck_assert_int_eq(
		    alternatives_find(r, book, c, &o, 0, would_do, &judge, &found, &e), 0);
		ck_assert_int_ge(found.len, 1);
		ck_assert_str_eq(found.v[0].to, rows[i].found);
		ck_assert_int_le(judge.asked, 50);
		objective_clear(&o);
	}
	capability_free(c);
	book_close(book);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("alternatives");
	TCase *tcase = tcase_create("alternatives");

	tcase_add_loop_test(tcase, find, 0, COUNT_OF(cases));
	tcase_add_test(tcase, rules_are_kept);
	tcase_add_test(tcase, approved_amounts);
	tcase_add_test(tcase, faults_are_passed_on);
	tcase_add_test(tcase, machines_stay_alike);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
