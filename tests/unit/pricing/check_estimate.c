#include <config.h>

#include "tests/unit/pricing/estimate.h"

#define VM "[[cost]]\nname = \"vms\"\nvm = \"{size}\"\nos = \"{system}\"\nspot = \"{spot}\"\n"
#define METER(product, sku, meter)                                                                \
	"[[cost]]\nname = \"it\"\nservice = \"Storage\"\nproduct = \"" product "\"\nsku = \"" sku \
	"\"\nmeter = \"" meter "\"\n"
#define EGRESS                                                                      \
	"[[cost]]\nname = \"egress\"\nservice = \"Bandwidth\"\nproduct = \"MGN\"\n" \
	"sku = \"Standard\"\nmeter = \"Out\"\n"
#define ADDRESS                                                              \
	"[[cost]]\nname = \"ip\"\nservice = \"Network\"\nproduct = \"IP\"\n" \
	"sku = \"Standard\"\nmeter = \"Address\"\n"
#define D2 "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"count\": 3}"

static const struct {
	const char *cost, *region, *parameters;
	enum estimate_confidence confidence;
	const char *low, *expected, *high; /* a month */
	const char *reason;                /* a part of it; NULL: any */
} cases[] = {
	/* Machines: the price times 730, times how many. */
	{ VM "quantity = 1\n", "here", D2, ESTIMATE_EXACT, "73", "73", "73", "exact meter" },
	{ VM "quantity = \"{count}\"\n", "here", D2, ESTIMATE_EXACT, "219", "219", "219", NULL },
	{ VM "quantity = 1\nhours = 100\n", "here", D2, ESTIMATE_EXACT, "10", "10", "10", NULL },
	{ VM "quantity = 1\n", "HERE", D2, ESTIMATE_EXACT, "73", "73", "73", NULL },
	{ VM "quantity = 0\n", "here", D2, ESTIMATE_EXACT, "0", "0", "0", NULL },
	/* Windows is never priced as Linux, and spot only where it is asked for. */
	{ VM "quantity = 1\n", "here", "{\"size\": \"Standard_D2s_v5\", \"system\": \"windows\"}",
	    ESTIMATE_EXACT, "140.16", "140.16", "140.16", NULL },
	{ VM "quantity = 1\n", "here", "{\"size\": \"Standard_D4s_v5\", \"system\": \"windows\"}",
	    ESTIMATE_UNKNOWN, "0", "0", "0", NULL },
	{ VM "quantity = 1\n", "here", "{\"size\": \"Standard_D2s_v5\", \"system\": \"plan9\"}",
	    ESTIMATE_UNKNOWN, "0", "0", "0", "the operating system \"plan9\"" },
	{ VM "quantity = 1\n", "here",
	    "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"spot\": true}",
	    ESTIMATE_EXACT, "21.9", "21.9", "21.9", NULL },
	{ VM "quantity = 1\n", "here",
	    "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"spot\": false}",
	    ESTIMATE_EXACT, "73", "73", "73", NULL },
	{ VM "quantity = 1\n", "here",
	    "{\"size\": \"Standard_D2s_v5\", \"system\": \"windows\", \"spot\": true}",
	    ESTIMATE_UNKNOWN, "0", "0", "0", NULL },
	{ VM "quantity = 1\n", "here",
	    "{\"size\": \"Standard_D4s_v5\", \"system\": \"linux\", \"spot\": true}",
	    ESTIMATE_UNKNOWN, "0", "0", "0", NULL },
	/* Unknown is unknown, whatever the region has. */
	{ VM "quantity = 1\n", "here", "{\"size\": \"Standard_X1\", \"system\": \"linux\"}",
	    ESTIMATE_UNKNOWN, "0", "0", "0", "Standard_X1" },
	{ VM "quantity = 1\n", "nowhere", D2, ESTIMATE_UNKNOWN, "0", "0", "0", "nowhere" },
	{ VM "quantity = 1\n", "there",
	    "{\"size\": \"Standard_ND96asr_v4\", \"system\": \"linux\"}", ESTIMATE_UNKNOWN, "0",
	    "0", "0", "Standard_ND96asr_v4" },
	{ VM "quantity = 1\n", "here", "{\"system\": \"linux\"}", ESTIMATE_UNKNOWN, "0", "0", "0",
	    "parameter \"size\" has no value" },
	{ VM "quantity = 1\n", "here", "{\"size\": \"${net.outputs.size}\", \"system\": \"linux\"}",
	    ESTIMATE_UNKNOWN, "0", "0", "0", "refers to an output" },
	{ VM "quantity = \"{count}\"\n", "here",
	    "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\"}", ESTIMATE_UNKNOWN, "0", "0",
	    "0", "parameter \"count\" has no value" },
	/* By a ratio: 1.2, 1.2, 1.2 and 1.5 are those of the family. */
	{ VM "quantity = 1\n", "there", "{\"size\": \"Standard_D32s_v5\", \"system\": \"linux\"}",
	    ESTIMATE_RATIO, "1401.6", "1401.6", "1752",
	    "here's price times 1.2 (1.2 to 1.5), the ratio of 4 sizes of Standard_Ds_v5" },
	{ VM "quantity = 1\n", "there", "{\"size\": \"Standard_D2s_v5\", \"system\": \"windows\"}",
	    ESTIMATE_RATIO, "168.192", "168.192", "210.24", "with linux on demand" },
	/* A spot price may rise up to that on demand. */
	{ VM "quantity = 1\n", "there",
	    "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"spot\": true}",
	    ESTIMATE_RATIO, "26.28", "26.28", "87.6", NULL },
	/* Meters, with their units. */
	{ METER("Disks", "E4 LRS", "E4 LRS Disk") "quantity = 2\n", "here", "{}", ESTIMATE_EXACT,
	    "4.8", "4.8", "4.8", NULL },
	{ METER("Blob", "Hot", "Writes") "quantity = 25000\n", "here", "{}", ESTIMATE_EXACT,
	    "0.125", "0.125", "0.125", NULL },
	{ METER("Blob", "Hot", "Daily") "quantity = 1\n", "here", "{}", ESTIMATE_EXACT, "18.25",
	    "18.25", "18.25", NULL },
	{ METER("Blob", "Hot", "Gift") "quantity = 5\n", "here", "{}", ESTIMATE_EXACT, "0", "0",
	    "0", NULL },
	{ METER("Blob", "Hot", "Late") "quantity = 100\n", "here", "{}", ESTIMATE_UNKNOWN, "0", "0",
	    "0", "first tier" },
	{ METER("Blob", "Hot", "Twice") "quantity = 1\n", "here", "{}", ESTIMATE_UNKNOWN, "0", "0",
	    "0", NULL },
	{ METER("Blob", "Hot", "None") "quantity = 1\n", "here", "{}", ESTIMATE_UNKNOWN, "0", "0",
	    "0", "None" },
	{ ADDRESS "quantity = 1\n", "here", "{}", ESTIMATE_EXACT, "3.65", "3.65", "3.65",
	    "the same in all regions" },
	{ ADDRESS "quantity = 1\nregion = \"Global\"\n", "here", "{}", ESTIMATE_EXACT, "3.65",
	    "3.65", "3.65", NULL },
	/* By a ratio: of the same product, 1.25; of common machines, 1.1 (and one of 1.2). */
	{ METER("Disks", "E15 LRS", "E15 LRS Disk") "quantity = 1\n", "there", "{}", ESTIMATE_RATIO,
	    "24", "24", "24", "the ratio of 3 other meters of Disks" },
	{ METER("Blob", "Hot", "Writes") "quantity = 10000\n", "there", "{}", ESTIMATE_RATIO,
	    "0.055", "0.055", "0.06", "the ratio of 4 common VM sizes" },
	{ METER("Blob", "Hot", "Writes") "quantity = 10000\n", "nowhere", "{}", ESTIMATE_UNKNOWN,
	    "0", "0", "0", "nowhere" },
	/* Tiers: 100 free, 10235 at .087, 40960 at .083, 102400 at .07, 51105 at .05. */
	{ EGRESS "quantity = \"{gb}\"\n", "here", "{\"gb\": 204800}", ESTIMATE_EXACT, "14013.375",
	    "14013.375", "14022.075", NULL },
	{ EGRESS "quantity = \"{gb}\"\n", "here", "{\"gb\": 100}", ESTIMATE_EXACT, "0", "0", "8.7",
	    NULL },
	{ EGRESS "quantity = \"{gb}\"\n", "here", "{\"gb\": 10335}", ESTIMATE_EXACT, "890.445",
	    "890.445", "899.145", NULL },
	{ EGRESS "quantity = \"{gb}\"\n", "here", "{\"gb\": 0.5}", ESTIMATE_EXACT, "0", "0",
	    "0.0435", NULL },
	/* Guesses. */
	{ METER("Blob", "Hot", "Writes") "quantity = 10000\nlow = \"50%\"\nhigh = \"300%\"\n",
	    "here", "{}", ESTIMATE_EXACT, "0.025", "0.05", "0.15", NULL },
	{ METER("Blob", "Hot", "Writes") "quantity = [\"{gb}\", 1000]\nlow = 0\nhigh = \"{top}\"\n",
	    "here", "{\"gb\": 10, \"top\": 40000}", ESTIMATE_EXACT, "0", "0.05", "0.2", NULL },
	/* Words. */
	{ "[[cost]]\nname = \"disk\"\nservice = \"Storage\"\nproduct = \"Disks\"\n"
	  "sku = \"{class}{step} LRS\"\nmeter = \"{class}{step} LRS Disk\"\nquantity = 1\n"
	  "[cost.words.class]\nof = \"sku\"\n"
	  "is = { \"Standard*\" = \"S\", \"StandardSSD_*\" = \"E\", Standard_X = \"X\" }\n"
	  "[cost.words.step]\nof = \"gb\"\nup_to = [[32, \"4\"], [64, \"6\"]]\n",
	    "here", "{\"sku\": \"StandardSSD_LRS\", \"gb\": 33}", ESTIMATE_EXACT, "4.8", "4.8",
	    "4.8", NULL },
	{ METER("Disks", "E{step} LRS",
	      "E{step} LRS Disk") "quantity = 1\n"
				  "[cost.words.step]\nof = \"gb\"\nup_to = [[32, \"4\"], [64, \"6\"]]\n",
	    "here", "{\"gb\": 65}", ESTIMATE_UNKNOWN, "0", "0", "0",
	    "no price is known for gb \"65\"" },
	{ METER("Disks", "{sku}", "{sku} Disk") "quantity = 1\n", "here", "{\"sku\": \"E4 LRS\"}",
	    ESTIMATE_EXACT, "2.4", "2.4", "2.4", NULL },
};

START_TEST(one_component)
{
	struct book *book = small_book();
	struct estimator *r = estimator_new(book);
	struct capability *c = box(cases[_i].cost);
	struct estimate estimate;
	struct err e = { 0 };
	struct objective o;

	wish(&o, cases[_i].region, cases[_i].parameters);
	/* The second time from what was kept. */
	for (int round = 0; round < 2; round++) {
		ck_assert_msg(estimate_make(r, c, &o, &estimate, &e) == 0, "%s", e.msg);
		ck_assert_uint_eq(estimate.len, 1);
		ck_assert_msg(estimate.v[0].confidence == cases[_i].confidence, "%s: %s",
		    estimate_confidence_name(estimate.v[0].confidence), estimate.v[0].reason);
		ck_assert_int_eq(estimate.confidence, cases[_i].confidence);
		ck_assert_int_eq(estimate.unpriced, cases[_i].confidence == ESTIMATE_UNKNOWN);
		ck_assert_int_eq(estimate.why != NULL, estimate.unpriced);
		ck_assert_int_eq(estimate.v[0].as_of != NULL, !estimate.unpriced);
		if (cases[_i].reason != NULL)
			ck_assert_msg(strstr(estimate.v[0].reason, cases[_i].reason) != NULL, "%s",
			    estimate.v[0].reason);
		ck_assert_int_eq(estimate.monthly.low, usd(cases[_i].low));
		ck_assert_int_eq(estimate.monthly.expected, usd(cases[_i].expected));
		ck_assert_int_eq(estimate.monthly.high, usd(cases[_i].high));
		check_sums(&estimate);
		estimate_clear(&estimate);
	}
	objective_clear(&o);
	capability_free(c);
	estimator_free(r);
	book_close(book);
}
END_TEST

static const struct {
	const char *cost, *parameters, *fault;
} refused[] = {
	{ VM "quantity = \"{count}\"\n",
	    "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"count\": -1}",
	    "cost \"vms\": parameter \"count\" is -1" },
	{ EGRESS "quantity = \"{gb}\"\n", "{\"gb\": -0.5}", "parameter \"gb\" is -0.5" },
	{ EGRESS "quantity = \"{gb}\"\n", "{\"gb\": 1e12}", "parameter \"gb\"" },
	{ EGRESS "quantity = [\"{gb}\", \"{top}\"]\n", "{\"gb\": 1000000, \"top\": 1000000}",
	    "cost \"egress\"" },
	{ VM "quantity = \"{count}\"\n",
	    "{\"size\": \"Standard_ND96asr_v4\", \"system\": \"linux\", \"count\": 1000000}",
	    "cost \"vms\"" },
	{ EGRESS "quantity = \"{gb}\"\nhigh = 10\n", "{\"gb\": 11}",
	    "the high quantity 10 is below the expected 11" },
	{ EGRESS "quantity = \"{gb}\"\nlow = 10\n", "{\"gb\": 9}",
	    "the low quantity 10 is above the expected 9" },
	{ VM "quantity = 1\nhours = \"{hours}\"\n",
	    "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"hours\": 744}",
	    "744 hours a month" },
};

START_TEST(refuse)
{
	struct book *book = small_book();
	struct estimator *r = estimator_new(book);
	struct capability *c = box(refused[_i].cost);
	struct estimate estimate;
	struct err e = { 0 };
	struct objective o;

	wish(&o, "here", refused[_i].parameters);
	ck_assert_int_eq(estimate_make(r, c, &o, &estimate, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_msg(strstr(e.msg, refused[_i].fault) != NULL, "%s", e.msg);
	estimate_clear(&estimate);
	objective_clear(&o);
	capability_free(c);
	estimator_free(r);
	book_close(book);
}
END_TEST

static const char many[] = VM
    "quantity = \"{count}\"\n"
    "[[cost]]\nname = \"disks\"\nhelp = \"as they are\"\nservice = \"Storage\"\nproduct = \"Disks\"\n"
    "sku = \"E4 LRS\"\nmeter = \"E4 LRS Disk\"\nquantity = \"{count}\"\n" ADDRESS
    "quantity = \"{count}\"\nwhen = \"public_ip\"\n" EGRESS
    "quantity = 7.3\nhigh = \"150%\"\nwhen = { sku = [\"a\", \"b\"] }\n";

static const struct {
	const char *parameters;
	size_t components;
	const char *expected;
} conditions[] = {
	{ "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"count\": 3}", 2, "226.2" },
	{ "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"count\": 3, \"public_ip\": false}",
	    2, "226.2" },
	{ "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"count\": 3, \"public_ip\": true, \"sku\": \"c\"}",
	    3, "237.15" },
	{ "{\"size\": \"Standard_D2s_v5\", \"system\": \"linux\", \"count\": 3, \"public_ip\": true, \"sku\": \"b\"}",
	    4, "237.15" },
};

START_TEST(several_components)
{
	struct book *book = small_book();
	struct estimator *r = estimator_new(book);
	struct capability *c = box(many);
	struct estimate estimate;
	struct err e = { 0 };
	struct objective o;

	wish(&o, "here", conditions[_i].parameters);
	ck_assert_msg(estimate_make(r, c, &o, &estimate, &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(estimate.len, conditions[_i].components);
	ck_assert_int_eq(estimate.monthly.expected, usd(conditions[_i].expected));
	check_sums(&estimate);
	/* The oldest price is the one to worry about. */
	ck_assert_str_eq(estimate.as_of, "2026-07-12");
	ck_assert_str_eq(estimate.currency, "USD");
	ck_assert_str_eq(estimate.v[0].as_of, "2026-08-01");
	ck_assert_str_eq(estimate.v[0].what, "Standard_D2s_v5, linux");
	ck_assert_str_eq(estimate.v[0].unit, "1 Hour");
	ck_assert_int_eq(estimate.v[0].hourly.expected, usd("0.3"));
	ck_assert_str_eq(estimate.v[1].help, "as they are");
	/* 7.20 over 730 hours, rounded to the billionth. */
	ck_assert_int_eq(estimate.v[1].hourly.expected, usd("0.009863014"));
	estimate_clear(&estimate);
	objective_clear(&o);
	capability_free(c);
	estimator_free(r);
	book_close(book);
}
END_TEST

START_TEST(nothing_and_not_said)
{
	struct book *book = small_book();
	struct estimator *r = estimator_new(book);
	struct capability *c = box("cost = \"none\"\n");
	struct estimate estimate;
	struct err e = { 0 };
	struct objective o;

	wish(&o, "here", "{}");
	ck_assert_int_eq(estimate_make(r, c, &o, &estimate, &e), 0);
	ck_assert(!estimate.unpriced);
	ck_assert_uint_eq(estimate.len, 0);
	ck_assert_int_eq(estimate.monthly.high, 0);
	ck_assert_int_eq(estimate.confidence, ESTIMATE_EXACT);
	estimate_clear(&estimate);
	capability_free(c);

	c = box("");
	ck_assert_int_eq(estimate_make(r, c, &o, &estimate, &e), 0);
	ck_assert(estimate.unpriced);
	ck_assert_str_eq(estimate.why, "box: the capability does not say what it costs");
	ck_assert_int_eq(estimate.confidence, ESTIMATE_UNKNOWN);
	estimate_clear(&estimate);
	capability_free(c);
	objective_clear(&o);
	estimator_free(r);
	book_close(book);
}
END_TEST

/* One that has no price names it, and does not take the others' away. */
START_TEST(partly_unpriced)
{
	struct book *book = small_book();
	struct estimator *r = estimator_new(book);
	struct capability *c = box(many);
	struct estimate estimate;
	struct err e = { 0 };
	struct objective o;

	wish(&o, "here", "{\"size\": \"Standard_X\", \"system\": \"linux\", \"count\": 3}");
	ck_assert_int_eq(estimate_make(r, c, &o, &estimate, &e), 0);
	ck_assert(estimate.unpriced);
	ck_assert_msg(strncmp(estimate.why, "vms: ", 5) == 0, "%s", estimate.why);
	ck_assert_int_eq(estimate.monthly.expected, usd("7.2"));
	check_sums(&estimate);

	AUTO_JSON cJSON *json = estimate_to_json(&estimate);
	ck_assert(cJSON_IsTrue(json_at(json, "unpriced")));
	ck_assert_str_eq(json_str(json, "monthly.high"), "7.20");
	ck_assert_str_eq(json_str(json, "components[0].confidence"), "unknown");
	ck_assert_ptr_null(json_at(json, "components[0].monthly"));
	ck_assert_str_eq(json_str(json, "components[1].monthly.expected"), "7.20");
	ck_assert_str_eq(json_str(json, "components[1].quantity.expected"), "3");
	ck_assert_str_eq(json_str(json, "components[1].source"), "test prices");
	estimate_clear(&estimate);
	objective_clear(&o);
	capability_free(c);
	estimator_free(r);
	book_close(book);
}
END_TEST

/* An objective from before a parameter was there has its default. */
START_TEST(older_objective)
{
	static const char text[] =
	    "name = \"box\"\nsummary = \"A box\"\nrequires = [\"region\"]\n"
	    "[parameters.size]\ntype = \"string\"\ndefault = \"Standard_D2s_v5\"\nhelp = \"h\"\n"
	    "[parameters.count]\ntype = \"integer\"\ndefault = 2\nhelp = \"h\"\n"
	    "[parameters.really]\ntype = \"boolean\"\ndefault = true\nhelp = \"h\"\n"
	    "[[azure_cli.step]]\nname = \"x\"\n[[cost]]\nname = \"vms\"\nvm = \"{size}\"\n"
	    "quantity = \"{count}\"\nwhen = \"really\"\n";
	struct book *book = small_book();
	struct estimator *r = estimator_new(book);
	struct faults faults = { 0 };
	struct doc doc = { 0 };
	struct estimate estimate;
	struct err e = { 0 };
	struct objective o;

	ck_assert_int_eq(doc_parse("capability.toml", text, strlen(text), &doc, &e), 0);
	struct capability *c = capability_parse(&doc, NULL, &faults);
	ck_assert_ptr_nonnull(c);
	wish(&o, "here", "{}");
	ck_assert_int_eq(estimate_make(r, c, &o, &estimate, &e), 0);
	ck_assert_int_eq(estimate.monthly.expected, usd("146"));
	estimate_clear(&estimate);
	objective_clear(&o);
	capability_free(c);
	estimator_free(r);
	book_close(book);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("estimate");
	TCase *tcase = tcase_create("estimate");

	tcase_add_loop_test(tcase, one_component, 0, COUNT_OF(cases));
	tcase_add_loop_test(tcase, refuse, 0, COUNT_OF(refused));
	tcase_add_loop_test(tcase, several_components, 0, COUNT_OF(conditions));
	tcase_add_test(tcase, nothing_and_not_said);
	tcase_add_test(tcase, partly_unpriced);
	tcase_add_test(tcase, older_objective);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
