#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/capability.h"
#include "tests/unit/unit.h"

#define HEAD "name = \"box\"\nsummary = \"A box\"\nrequires = [\"region\"]\n"
#define TAIL                                                                 \
	"[parameters.count]\ntype = \"integer\"\nhelp = \"h\"\n"             \
	"[parameters.size]\ntype = \"string\"\nhelp = \"h\"\n"               \
	"[parameters.kind]\ntype = \"string\"\nhelp = \"h\"\n"               \
	"[parameters.gb]\ntype = \"number\"\nhelp = \"h\"\n"                 \
	"[parameters.list]\ntype = \"array\"\nhelp = \"h\"\n"                \
	"[parameters.public_ip]\ntype = \"boolean\"\nhelp = \"h\"\n"         \
	"[parameters.other]\ntype = \"string\"\nhelp = \"h\"\n"              \
	"[parameters.key]\ntype = \"string\"\nsecret = true\nhelp = \"h\"\n" \
	"[[azure_cli.step]]\nname = \"x\"\n"
#define ROW "[[cost]]\nname = \"vms\"\n"
#define VM ROW "vm = \"{size}\"\n"
#define METER ROW "service = \"S\"\nproduct = \"P\"\nsku = \"K\"\nmeter = \"M\"\n"

#define METER_2                                                                      \
	"[[cost]]\nname = \"disk\"\nservice = \"S\"\nproduct = \"P\"\nsku = \"K\"\n" \
	"meter = \"M\"\nregion = \"Global\"\nquantity = 1\n"

static struct capability *
parse(const char *cost, struct faults *faults)
{
	/* A key of the capability itself stands before the first table, rows behind the last. */
	bool is_row = strncmp(cost, "[[cost]]", 8) == 0;
	AUTO_FREE char *text =
	    xasprintf(HEAD "%s" TAIL "%s", is_row ? "" : cost, is_row ? cost : "");
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_parse("capability.toml", text, strlen(text), &doc, &e) == 0, "%s", e.msg);
	return capability_parse(&doc, NULL, faults);
}

static const struct {
	const char *text, *fault; /* a part of one of the faults */
} bad[] = {
	{ "cost = []\n", "capability.toml:4:1: \"cost\" is empty" },
	{ "cost = \"free\"\n", "or \"none\" for what costs nothing" },
	{ "cost = 0\n", "\"cost\" is an integer" },
	{ "cost = [1]\n", "a cost is an integer, expected a table" },
	{ ROW "quantity = 1\n", "a cost needs \"vm\"" },
	{ VM, "a cost needs \"quantity\"" },
	{ VM "quantity = 1\nservice = \"S\"\n", "and not of both" },
	{ ROW "service = \"S\"\nquantity = 1\n", "all four" },
	{ METER "quantity = 1\nos = \"linux\"\n", "\"os\" belongs to a \"vm\"" },
	{ METER "quantity = 1\nspot = true\n", "\"spot\" belongs to a \"vm\"" },
	{ VM "quantity = 1\nquanity = 2\n", "did you mean \"quantity\"" },
	{ VM "quantity = 1\nos = \"Linux\"\n", "expected linux or windows" },
	{ VM "quantity = 1\nspot = \"yes\"\n", "expected true, false or" },
	{ VM "quantity = 1\nspot = \"{count}\"\n", "expected boolean" },
	{ VM "quantity = -1\n", "capability.toml:" },
	{ VM "quantity = \"-1\"\n", "expected a number or" },
	{ VM "quantity = \"many\"\n", "expected a number or" },
	{ VM "quantity = true\n", "expected a number or" },
	{ VM "quantity = []\n", "\"quantity\" is empty" },
	{ VM "quantity = [1,1,1,1,1,1,1,1,1]\n", "more than 8 factors" },
	{ VM "quantity = 1e30\n", "expected a number or" },
	{ VM "quantity = \"{cuont}\"\n", "no parameter \"cuont\"; did you mean \"count\"" },
	{ VM "quantity = \"{size}\"\n", "of type string, expected a number" },
	{ VM "quantity = 1\nlow = \"x%\"\n", "no share of the quantity" },
	{ VM "quantity = 1\nlow = \"101%\"\n", "\"low\" is more than the quantity" },
	{ VM "quantity = 1\nhigh = \"99%\"\n", "\"high\" is less than the quantity" },
	{ VM "quantity = 1\nhours = 731\n", "above 730" },
	{ VM "quantity = 1\nhours = -1\n", "expected a number or" },
	{ ROW "vm = \"{key}\"\nquantity = 1\n", "which is a secret" },
	{ ROW "vm = \"{list}\"\nquantity = 1\n", "does not fit into a text" },
	{ ROW "vm = \"{size...}\"\nquantity = 1\n", "has no meaning here" },
	{ ROW "vm = \"\"\nquantity = 1\n", "\"vm\" is empty" },
	{ ROW "vm = \"{hash}\"\nquantity = 1\n", "no parameter \"hash\"" },
	{ VM "quantity = 1\n" VM "quantity = 1\n", "there is a cost \"vms\" already" },
	{ "[[cost]]\nname = \"V\"\nvm = \"x\"\nquantity = 1\n", "not of the form" },
	{ VM "quantity = 1\nwhen = \"size\"\n", "expected boolean" },
	{ VM "quantity = 1\nwhen = \"nothing\"\n", "no parameter \"nothing\"" },
	{ VM "quantity = 1\nwhen = {}\n", "\"when\" is empty" },
	{ VM "quantity = 1\nwhen = true\n", "expected the name of a boolean parameter" },
	{ VM "quantity = 1\nwhen = { kind = 1 }\n", "but the parameter is of type string" },
	{ VM "quantity = 1\nwhen = { kind = [] }\n", "\"kind\" has no value" },
	{ VM "quantity = 1\nwhen = { kind = [\"a\", 1] }\n", "\"kind\" has an integer" },
	{ VM "quantity = 1\nwords = { w = 1 }\n", "word \"w\" is an integer" },
	{ VM "quantity = 1\nwords = { w = { of = \"kind\" } }\n", "and not both" },
	{ VM "quantity = 1\nwords = { w = { of = \"kind\", is = {}, up_to = [] } }\n",
	    "and not both" },
	{ VM "quantity = 1\nwords = { w = { of = \"kind\", is = {} } }\n", "\"is\" has no entry" },
	{ VM "quantity = 1\nwords = { w = { of = \"kind\", is = { a = 1 } } }\n",
	    "\"a\" is an integer, expected a string" },
	{ VM "quantity = 1\nwords = { w = { of = \"size\", up_to = [[1, \"a\"]] } }\n",
	    "\"up_to\" needs a number" },
	{ VM "quantity = 1\nwords = { w = { of = \"gb\", up_to = [[2, \"a\"], [1, \"b\"]] } }\n",
	    "not in ascending order" },
	{ VM "quantity = 1\nwords = { w = { of = \"gb\", up_to = [[2]] } }\n",
	    "no [NUMBER, TEXT]" },
	{ VM "quantity = 1\nwords = { w = { of = \"gb\", up_to = \"x\" } }\n",
	    "expected an array of" },
	{ VM "quantity = 1\nwords = { w = { of = \"list\", is = { a = \"b\" } } }\n",
	    "cannot be mapped" },
	{ VM "quantity = 1\nwords = { w = { of = \"region\", up_to = [[1, \"a\"]] } }\n",
	    "a region is no number" },
};

START_TEST(faults_of_a_cost)
{
	struct faults faults = { 0 };
	struct capability *c = parse(bad[_i].text, &faults);
	bool found = false;

	ck_assert_ptr_null(c);
	for (size_t i = 0; i < faults.list.len; i++) {
		found = found || strstr(faults.list.v[i], bad[_i].fault) != NULL;
		ck_assert_msg(
		    strncmp(faults.list.v[i], "capability.toml:", 16) == 0, "%s", faults.list.v[i]);
	}
	ck_assert_msg(found, "%s", faults.list.len > 0 ? faults.list.v[0] : "no fault");
	faults_clear(&faults);
}
END_TEST

START_TEST(place)
{
	struct faults faults = { 0 };

	ck_assert_ptr_null(
	    parse("cost = [{ name = \"a\", vm = \"{sise}\", quantity = 1 }]\n", &faults));
	ck_assert_str_eq(faults.list.v[0],
	    "capability.toml:4:23: there is no parameter \"sise\"; did you mean \"size\"?");
	faults_clear(&faults);
}
END_TEST

START_TEST(says_nothing_or_none)
{
	struct faults faults = { 0 };
	struct capability *c = parse("", &faults);

	ck_assert(!c->cost.none);
	ck_assert_uint_eq(c->cost.n_rows, 0);
	capability_free(c);
	c = parse("cost = \"none\"\n", &faults);
	ck_assert(c->cost.none);
	ck_assert_uint_eq(c->cost.n_rows, 0);
	capability_free(c);
	ck_assert_uint_eq(faults.count, 0);
}
END_TEST

START_TEST(rows)
{
	struct faults faults = { 0 };
	struct capability *c = parse(VM
	    "quantity = [\"{count}\", 0.5, \"1.25\"]\nspot = \"{public_ip}\"\nlow = 0\nhigh = \"150%\"\n"
	    "hours = 100\nwhen = { kind = [\"a\", \"b\"] }\n"
	    "[cost.words.tier]\nof = \"gb\"\nup_to = [[1, \"a\"], [2, \"b\"]]\n" METER_2,
	    &faults);
	const struct cost_row *row;

	ck_assert_msg(c != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	ck_assert_uint_eq(c->cost.n_rows, 2);
	row = &c->cost.rows[0];
	ck_assert_str_eq(row->texts[COST_VM], "{size}");
	ck_assert_str_eq(row->texts[COST_OS], "linux");
	ck_assert_str_eq(row->texts[COST_REGION], "{region}");
	ck_assert_ptr_null(row->texts[COST_METER]);
	ck_assert_str_eq(row->spot_parameter, "public_ip");
	ck_assert_uint_eq(row->quantity.n, 3);
	ck_assert_str_eq(row->quantity.factors[0].parameter, "count");
	ck_assert_int_eq(row->quantity.factors[1].number, DECIMAL_ONE / 2);
	ck_assert_int_eq(row->quantity.factors[2].number, DECIMAL_ONE / 4 * 5);
	ck_assert_int_eq(row->low.amount, COST_AMOUNT_GIVEN);
	ck_assert_int_eq(row->low.factors[0].number, 0);
	ck_assert_int_eq(row->high.amount, COST_AMOUNT_SHARE);
	ck_assert_int_eq(row->high.factors[0].number, DECIMAL_ONE / 2 * 3);
	ck_assert_int_eq(row->hours.factors[0].number, 100 * DECIMAL_ONE);
	ck_assert_uint_eq(row->n_when, 1);
	ck_assert_str_eq(cost_word(row, "tier")->of, "gb");
	ck_assert_ptr_null(cost_word(row, "size"));
	row = &c->cost.rows[1];
	ck_assert_ptr_null(row->texts[COST_OS]);
	ck_assert_str_eq(row->texts[COST_REGION], "Global");
	ck_assert_int_eq(row->low.amount, COST_AMOUNT_SAME);
	ck_assert_int_eq(row->hours.factors[0].number, MONTH_HOURS_DECIMAL);

	/* What is read must be literal; what is not may refer to outputs. */
	static const char *const read[] = { "size", "count", "public_ip", "kind", "gb" };
	for (size_t i = 0; i < COUNT_OF(read); i++)
		ck_assert_msg(cost_reads(&c->cost, read[i]), "%s", read[i]);
	ck_assert(!cost_reads(&c->cost, "other"));
	ck_assert(!cost_reads(&c->cost, "list"));
	capability_free(c);
}
END_TEST

/* A region is part of the price: a capability whose objectives need none has to name one. */
START_TEST(region)
{
	static const char text[] = "name = \"box\"\nsummary = \"A box\"\n"
				   "[[azure_cli.step]]\nname = \"x\"\n"
				   "[[cost]]\nname = \"vms\"\nvm = \"x\"\nquantity = 1\n";
	struct faults faults = { 0 };
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(doc_parse("capability.toml", text, strlen(text), &doc, &e), 0);
	ck_assert_ptr_null(capability_parse(&doc, NULL, &faults));
	ck_assert_ptr_nonnull(strstr(faults.list.v[0], "needs requires = [\"region\"]"));
	faults_clear(&faults);

	AUTO_FREE char *named = xasprintf("%sregion = \"eastus\"\n", text);
	ck_assert_int_eq(doc_parse("capability.toml", named, strlen(named), &doc, &e), 0);
	struct capability *c = capability_parse(&doc, NULL, &faults);
	ck_assert_ptr_nonnull(c);
	capability_free(c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cost");
	TCase *tcase = tcase_create("cost");

	tcase_add_loop_test(tcase, faults_of_a_cost, 0, COUNT_OF(bad));
	tcase_add_test(tcase, place);
	tcase_add_test(tcase, says_nothing_or_none);
	tcase_add_test(tcase, rows);
	tcase_add_test(tcase, region);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
