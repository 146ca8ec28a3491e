#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/advice.h"
#include "tests/unit/unit.h"

static const char table[] =
    "[[failure]]\ncode = \"SkuNotAvailable\"\nclass = \"capacity\"\nadvice = \"Choose another.\"\n"
    "docs = \"https://example.org/sku\"\n"
    "[[failure]]\ncode = \"AuthorizationFailed\"\nclass = \"permission\"\n"
    "[[commands]]\ncodes = [\"Other\"]\ncommands = []\n"
    "[[commands]]\nclass = \"auth\"\ncommands = [\"{login}\"]\n"
    "[[commands]]\nclass = \"permission\"\n"
    "commands = [\"az grant --to={principal} --scope={scope} --for={action}\"]\n"
    "[[commands]]\nclass = \"invalid\"\ncommands = [\"az register --namespace={provider}\"]\n"
    "[[commands]]\nclass = \"capacity\"\n"
    "commands = [\"az list --location={region} --size={size} --query=[].{a:b}\", \"az x {region} {name}\"]\n";

static struct failure_table *
parse(const char *text)
{
	struct faults faults = { 0 };
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_parse("f.toml", text, strlen(text), &doc, &e) == 0, "%s", e.msg);
	struct failure_table *t = failure_table_parse(&doc, &faults);
	doc_clear(&doc);
	faults_clear(&faults);
	return t;
}

static const struct {
	enum failure_class class;
	const char *code, *message, *commands; /* one a line */
} cases[] = {
	{ FAILURE_CAPACITY, "SkuNotAvailable", "not here",
	    "az list --location=eastus --size=Standard_D2s_v5 '--query=[].{a:b}'\naz x eastus NAME" },
	{ FAILURE_CAPACITY, "Other", "not here", "" },
	{ FAILURE_THROTTLED, "TooManyRequests", "slower", "" },
	{ FAILURE_AUTH, NULL, "who?", "az login" },
	{ FAILURE_PERMISSION, "AuthorizationFailed",
	    "The client 'a b' with object id '1-2' does not have authorization to perform action "
	    "'Microsoft.Compute/virtualMachines/write' over scope '/subscriptions/s/resourceGroups/g' or the "
	    "scope is invalid.",
	    "az grant --to=1-2 --scope=/subscriptions/s/resourceGroups/g "
	    "--for=Microsoft.Compute/virtualMachines/write" },
	/* What the message does not say is of the objective, or to be filled in. */
	{ FAILURE_PERMISSION, "AuthorizationFailed", "You may not.",
	    "az grant --to=PRINCIPAL --scope=/subscriptions/sub/resourceGroups/rg --for=ACTION" },
	/* A message makes no command of its own. */
	{ FAILURE_PERMISSION, "AuthorizationFailed",
	    "over scope '/s$(reboot)'; with object id '; rm -rf /'",
	    "az grant --to=PRINCIPAL --scope=/s --for=ACTION" },
	{ FAILURE_INVALID, "MissingSubscriptionRegistration",
	    "The subscription is not registered to use namespace 'Microsoft.Cache'.",
	    "az register --namespace=Microsoft.Cache" },
};

START_TEST(values_are_filled_in)
{
	struct failure_table *t = parse(table);
	struct failure f = { .class = FAILURE_UNKNOWN };
	struct objective o;
	struct advice a;

	ck_assert_ptr_nonnull(t);
	objective_init(&o);
	o.region = xstrdup("eastus");
	o.resource_group = xstrdup("rg");
	failure_set(&f, cases[_i].class, cases[_i].code, NULL, "%s", cases[_i].message);
	advice_make(&a, t, &f,
	    &(struct advice_facts){
		.objective = &o, .subscription = "sub", .size = "Standard_D2s_v5" });
	AUTO_FREE char *commands = strv_join(&a.commands, "\n");
	ck_assert_str_eq(commands, cases[_i].commands);
	advice_clear(&a);
	failure_clear(&f);
	objective_clear(&o);
	failure_table_free(t);
}
END_TEST

/* Of another subscription than az's own: each command says so, but for those of the account. */
START_TEST(commands_name_their_subscription)
{
	struct failure_table *t = parse(
	    "[[failure]]\ncode = \"A\"\nclass = \"auth\"\n[[commands]]\nclass = \"auth\"\n"
	    "commands = [\"{login}\", \"az account show\", \"az x\", \"az y --scope=/{subscription}\"]\n");
	const struct advice_facts facts = { .subscription = "s 2", .elsewhere = true };
	struct failure f = { .class = FAILURE_UNKNOWN };
	struct advice a;

	failure_set(&f, FAILURE_AUTH, "A", NULL, "who?");
	advice_make(&a, t, &f, &facts);
	AUTO_FREE char *commands = strv_join(&a.commands, "\n");
	ck_assert_str_eq(commands,
	    "az login\naz account show\naz x '--subscription=s 2'\naz y '--scope=/s 2' '--subscription=s 2'");
	advice_clear(&a);
	advice_make(&a, t, &f, &(struct advice_facts){ .subscription = "s2" });
	ck_assert_str_eq(a.commands.v[2], "az x");
	ck_assert_str_eq(a.commands.v[3], "az y --scope=/s2");
	advice_clear(&a);
	failure_clear(&f);
	failure_table_free(t);
}
END_TEST

START_TEST(the_words_are_those_of_the_table)
{
	struct failure_table *t = parse(table);
	struct failure f = { .class = FAILURE_UNKNOWN };
	struct advice_facts facts = { .objective = NULL };
	struct advice a;

	failure_set(&f, FAILURE_CAPACITY, "skunotavailable", NULL, "not here");
	advice_make(&a, t, &f, &facts);
	ck_assert_str_eq(a.text, "Choose another.");
	ck_assert_str_eq(a.id, "SkuNotAvailable");
	ck_assert_str_eq(a.docs, "https://example.org/sku");
	ck_assert_str_eq(a.commands.v[1], "az x REGION NAME");
	advice_clear(&a);
	/* The row that told what it is, whatever is left to look it up by. */
	failure_set(&f, FAILURE_CAPACITY, NULL, NULL, "none here");
	f.advice_id = xstrdup("SkuNotAvailable");
	advice_make(&a, t, &f, &facts);
	ck_assert_str_eq(a.text, "Choose another.");
	advice_clear(&a);
	/* It is not in the table any more. */
	failure_set(&f, FAILURE_CAPACITY, "SkuNotAvailable", NULL, "none here");
	f.advice_id = xstrdup("Sku/not-available");
	advice_make(&a, t, &f, &facts);
	ck_assert_str_eq(a.id, "SkuNotAvailable");
	advice_clear(&a);
	advice_make(&a, NULL, &f, &facts);
	ck_assert_ptr_null(a.text);
	ck_assert_uint_eq(a.commands.len, 0);
	advice_clear(&a);
	failure_clear(&f);
	failure_table_free(t);
}
END_TEST

static const char *const faulty[] = {
	"[[commands]]\ncommands = []\n",
	"[[commands]]\nclass = \"quota\"\ncodes = [\"A\"]\ncommands = []\n",
	"[[commands]]\nclass = \"quato\"\ncommands = []\n",
	"[[commands]]\ncodes = []\ncommands = []\n",
	"[[commands]]\nclass = \"quota\"\n",
	"[[commands]]\nclass = \"quota\"\ncommands = [\"a\"]\nnonsense = 1\n",
};

START_TEST(what_is_wrong_is_refused)
{
	AUTO_FREE char *text =
	    xasprintf("[[failure]]\ncode = \"A\"\nclass = \"quota\"\n%s", faulty[_i]);

	ck_assert_ptr_null(parse(text));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("advice");
	TCase *tcase = tcase_create("advice");

	tcase_add_loop_test(tcase, values_are_filled_in, 0, COUNT_OF(cases));
	tcase_add_test(tcase, commands_name_their_subscription);
	tcase_add_test(tcase, the_words_are_those_of_the_table);
	tcase_add_loop_test(tcase, what_is_wrong_is_refused, 0, COUNT_OF(faulty));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
