/* Plans are made of their inputs, and tell by a digest when one of these has changed. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../unit.h"
#include "base/mem.h"
#include "core/batch.h"
#include "engine/library.h"
#include "engine/planner.h"

static struct library library;
static struct config config;
static struct faults faults;
static struct batch batch;
static struct planner planner;
static const struct strv untried;

static const char text[] =
    "batch = \"b\"\n"
    "[[objective]]\n"
    "name = \"net\"\n"
    "capability = \"virtual_network\"\n"
    "region = \"eastus\"\n"
    "resource_group = \"rg\"\n"
    "[[objective]]\n"
    "name = \"vm\"\n"
    "capability = \"linux_vm\"\n"
    "region = \"eastus\"\n"
    "resource_group = \"rg\"\n"
    "parameters = { ssh_public_key = \"ssh-ed25519 AAAA\", subnet_id = \"${net.outputs.subnet_id}\" }\n";

static void
set_up(void)
{
	struct strv folders = { 0 };
	struct doc doc;
	struct err e;

	strv_add(&folders, getenv("PURSER_TEMPLATES"));
	ck_assert_int_eq(library_load(&library, &folders, strategies, &faults), 0);
	ck_assert_int_eq(doc_parse("b.toml", text, strlen(text), &doc, &e), 0);
	ck_assert_msg(batch_parse(&doc, NULL, &library, 0, &batch, &faults) == 0, "%s",
	    faults.count > 0 ? faults.list.v[0] : "");
	doc_clear(&doc);
	strv_clear(&folders);
	config_init(&config);
	planner =
	    (struct planner){ .library = &library, .config = &config, .strategies = strategies };
	for (size_t i = 0; i < batch.len; i++)
		id_new(batch.v[i].id);
}

static void
tear_down(void)
{
	batch_clear(&batch);
	library_clear(&library);
	config_clear(&config);
	faults_clear(&faults);
}

/* The digest of the machine's plan when the network put out SUBNET. */
static void
inputs_with(const char *subnet, char out[static DIGEST_SIZE])
{
	AUTO_JSON cJSON *outputs = cJSON_CreateObject();
	AUTO_FREE char *id = xasprintf("/subscriptions/s/resourceGroups/rg/providers/"
				       "Microsoft.Network/virtualNetworks/v/subnets/%s",
	    subnet);
	struct dependency net = { .name = (char[]){ "net" }, .outputs = outputs };
	struct plan plan;

	json_add_str(outputs, "subnet_id", id);
	plan_init(&plan);
	ck_assert_msg(planner_plan(&planner, &batch.v[1], &net, 1, &untried, &plan, &faults) == 0,
	    "%s", faults.count > 0 ? faults.list.v[0] : "");
	memcpy(out, plan.inputs, DIGEST_SIZE);
	plan_clear(&plan);
}

START_TEST(inputs_are_told_apart)
{
	char first[DIGEST_SIZE], same[DIGEST_SIZE], other[DIGEST_SIZE];

	inputs_with("one", first);
	inputs_with("one", same);
	ck_assert_str_eq(first, same);
	inputs_with("two", other);
	ck_assert_str_ne(first, other);
	batch.v[1].generation++;
	inputs_with("one", other);
	ck_assert_str_ne(first, other);
	batch.v[1].generation--;
	planner.account = "another";
	inputs_with("one", other);
	ck_assert_str_ne(first, other);
}
END_TEST

START_TEST(the_account_is_pinned)
{
	struct plan plan;

	planner.account = "0000-1111";
	plan_init(&plan);
	ck_assert_int_eq(planner_plan(&planner, &batch.v[0], NULL, 0, &untried, &plan, &faults), 0);
	for (size_t i = 0; i < plan.len; i++) {
		const struct step *s = &plan.steps[i];

		ck_assert(strv_has(&s->run, "--subscription=0000-1111"));
		ck_assert(strv_has(&s->undo, "--subscription=0000-1111"));
		for (size_t k = 0; k < s->n_checks; k++)
			ck_assert(strv_has(&s->checks[k], "--subscription=0000-1111"));
	}
	plan_clear(&plan);
}
END_TEST

START_TEST(a_preview_needs_nothing)
{
	struct plan plan;

	batch.v[1].id[0] = '\0';
	plan_init(&plan);
	ck_assert_int_eq(planner_preview(&planner, &batch.v[1], &plan, &faults), 0);
	ck_assert_uint_ge(plan.len, 1);
	plan_clear(&plan);
}
END_TEST

START_TEST(an_unknown_output_is_no_plan)
{
	struct plan plan;

	plan_init(&plan);
	ck_assert_int_eq(
	    planner_plan(&planner, &batch.v[1], NULL, 0, &untried, &plan, &faults), -1);
	ck_assert_uint_ge(faults.count, 1);
	plan_clear(&plan);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("planner");
	TCase *tests = tcase_create("planner");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, inputs_are_told_apart);
	tcase_add_test(tests, the_account_is_pinned);
	tcase_add_test(tests, a_preview_needs_nothing);
	tcase_add_test(tests, an_unknown_output_is_no_plan);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
