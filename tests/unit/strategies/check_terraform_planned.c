/* What `terraform show -json PLAN` says of the parameters that the cost reads, once it was applied and now. */
#include <config.h>

#include "core/planned.h"
#include "strategies/terraform_planned.h"
#include "tests/unit/strategies/terraform.h"

#define MAP                                                                         \
	"{\"vm\":{\"count\":{\"path\":\"#\",\"type\":\"integer\"},"                 \
	"\"size\":{\"path\":\"size\",\"type\":\"string\"},"                         \
	"\"disk_gb\":{\"path\":\"os_disk[0].gb\",\"type\":\"integer\"},"            \
	"\"region\":{\"path\":\"location\",\"type\":\"string\"}},"                  \
	"\"ip\":{\"public_ip\":{\"path\":\"#\",\"type\":\"boolean\"}},"             \
	"\"store\":{\"sku\":{\"path\":\"{tier}_{copies}\",\"type\":\"string\"}},"   \
	"\"model.chat\":{\"chat\":{\"path\":\"model[0].name\",\"type\":\"string\"}},"  \
	"\"model.find\":{\"find\":{\"path\":\"model[0].name\",\"type\":\"string\"}},"  \
	"\"free\":{}}"
#define PLAN(changes) "{\"format_version\":\"1.2\",\"resource_changes\":[" changes "]}"
#define CHANGE(type, name, actions, after)                                          \
	"{\"mode\":\"managed\",\"type\":\"" type "\",\"name\":\"" name "\",\"change\":" \
	"{\"actions\":[" actions "],\"after\":" after ",\"after_sensitive\":{\"secret\":true}}}"
#define VM(after) CHANGE("vm", "main", "\"create\"", after)
#define STATE(module) "{\"format_version\":\"1.2\",\"prior_state\":{\"values\":{\"root_module\":{" module "}}}}"
#define THING(type, name, values)                                                   \
	"{\"mode\":\"managed\",\"type\":\"" type "\",\"name\":\"" name "\",\"values\":" values \
	",\"sensitive_values\":{\"secret\":true,\"os_disk\":[{}]}}"

struct row {
	const char *text;
	const char *parameters; /* NULL: it cannot be read */
	const char *unpriced;
};

static const struct row plans[] = {
	{ PLAN(""), "{\"count\":0,\"public_ip\":false}", NULL },
	{ "{\"format_version\":\"1.0\"}", "{\"count\":0,\"public_ip\":false}", NULL },
	{ PLAN(VM("{\"size\":\"A\",\"location\":\"West Europe\",\"os_disk\":[{\"gb\":30}]}")),
	    "{\"count\":1,\"disk_gb\":30,\"public_ip\":false,\"region\":\"westeurope\",\"size\":\"A\"}",
	    NULL },
	/* What is not known yet, or is of another type, is not told. */
	{ PLAN(VM("{\"size\":null,\"os_disk\":[{\"gb\":\"many\"}]}")),
	    "{\"count\":1,\"public_ip\":false}", NULL },
	{ PLAN(VM("{\"size\":\"A\"}") "," VM("{\"size\":\"A\"}") ","
		CHANGE("ip", "a", "\"no-op\"", "{}")),
	    "{\"count\":2,\"public_ip\":true,\"size\":\"A\"}", NULL },
	{ PLAN(VM("{\"size\":\"A\"}") "," VM("{\"size\":\"B\"}")),
	    "{\"count\":2,\"public_ip\":false,\"size\":\"A\"}",
	    "vm: not all of them have the same size" },
	/* What is removed, or only read, is not there afterwards. */
	{ PLAN(CHANGE("vm", "main", "\"delete\"", "null") ","
		CHANGE("vm", "main", "\"delete\",\"create\"", "{\"size\":\"C\"}") ","
		"{\"mode\":\"data\",\"type\":\"secrets\",\"name\":\"x\",\"change\":{\"after\":{}}}"),
	    "{\"count\":1,\"public_ip\":false,\"size\":\"C\"}", NULL },
	{ PLAN(CHANGE("store", "s", "\"create\"", "{\"tier\":\"Standard\",\"copies\":\"LRS\"}")),
	    "{\"count\":0,\"public_ip\":false,\"sku\":\"Standard_LRS\"}", NULL },
	{ PLAN(CHANGE("store", "s", "\"create\"", "{\"tier\":\"Standard\"}")),
	    "{\"count\":0,\"public_ip\":false}", NULL },
	{ PLAN(CHANGE("model", "chat", "\"create\"", "{\"model\":[{\"name\":\"x\"}]}") ","
		CHANGE("model", "find", "\"create\"", "{\"model\":[{\"name\":\"y\"}]}")),
	    "{\"chat\":\"x\",\"count\":0,\"find\":\"y\",\"public_ip\":false}", NULL },
	{ PLAN(CHANGE("free", "f", "\"create\"", "{}") "," CHANGE("lb", "l", "\"create\"", "{}") ","
		CHANGE("lb", "l", "\"create\"", "{}")),
	    "{\"count\":0,\"public_ip\":false}",
	    "lb.l: the capability does not say what it costs" },
	{ "{\"format_version\":\"2.0\",\"resource_changes\":[]}", NULL, NULL },
	{ "{}", NULL, NULL },
	{ "no JSON", NULL, NULL },
	{ "", NULL, NULL },
};

static const struct row states[] = {
	/* All of it is gone. */
	{ "{\"format_version\":\"1.2\",\"prior_state\":{\"format_version\":\"1.0\"}}",
	    "{\"count\":0,\"public_ip\":false}", NULL },
	{ "{\"format_version\":\"1.2\"}", "{\"count\":0,\"public_ip\":false}", NULL },
	{ STATE("\"resources\":[" THING("vm", "main",
		"{\"size\":\"B\",\"location\":\"West Europe\",\"os_disk\":[{\"gb\":64}]}") "]"),
	    "{\"count\":1,\"disk_gb\":64,\"public_ip\":false,\"region\":\"westeurope\",\"size\":\"B\"}",
	    NULL },
	/* In modules of modules, and what is only read is none of it. */
	{ STATE("\"resources\":[{\"mode\":\"data\",\"type\":\"vm\",\"name\":\"x\",\"values\":{}}],"
		"\"child_modules\":[{\"resources\":[" THING("vm", "a", "{\"size\":\"B\"}") "],"
		"\"child_modules\":[{\"resources\":[" THING("vm", "b", "{\"size\":\"B\"}") ","
		THING("ip", "c", "{}") "]}]}]"),
	    "{\"count\":2,\"public_ip\":true,\"size\":\"B\"}", NULL },
	{ STATE("\"resources\":[" THING("vm", "a", "{\"size\":\"A\"}") ","
		THING("vm", "b", "{\"size\":\"B\"}") "," THING("lb", "l", "{}") "]"),
	    "{\"count\":2,\"public_ip\":false,\"size\":\"A\"}",
	    "vm: not all of them have the same size; lb.l: the capability does not say what it costs" },
	/* What is sensitive is not told. */
	{ STATE("\"resources\":[{\"mode\":\"managed\",\"type\":\"vm\",\"name\":\"a\","
		"\"values\":{\"size\":\"A\",\"location\":\"b\"},\"sensitive_values\":{\"size\":true}}]"),
	    "{\"count\":1,\"public_ip\":false,\"region\":\"b\"}", NULL },
	/* What is planned does not count. */
	{ PLAN(VM("{\"size\":\"A\"}")), "{\"count\":0,\"public_ip\":false}", NULL },
	{ "{\"format_version\":\"2.0\"}", NULL, NULL },
	{ "", NULL, NULL },
};

typedef cJSON *read_fn(const cJSON *compiled, const cJSON *plan, const char *text);

static void
assert_reads(read_fn *read, const struct row *row)
{
	AUTO_JSON cJSON *map = cJSON_Parse(MAP);
	AUTO_JSON cJSON *planned = NULL;
	struct result r;

	ck_assert_ptr_nonnull(map);
	terraform_told(&r, 0, row->text);
	AUTO_JSON cJSON *plan = terraform_planned_parse(&r);
	planned = read(map, plan, r.out);
	ck_assert((planned != NULL) == (row->parameters != NULL));
	result_clear(&r);
	if (row->parameters == NULL) {
		ck_assert_ptr_null(planned);
		return;
	}
	AUTO_FREE char *parameters = json_canonical(json_at(planned, "parameters"));
	ck_assert_str_eq(parameters, row->parameters);
	ck_assert_uint_eq(strlen(json_str(planned, "digest")), 64);
	if (row->unpriced == NULL)
		ck_assert_ptr_null(planned_unpriced(planned));
	else
		ck_assert_str_eq(planned_unpriced(planned), row->unpriced);
}

START_TEST(a_plan)
{
	assert_reads(terraform_planned_read, &plans[_i]);
}
END_TEST

START_TEST(a_state)
{
	assert_reads(terraform_planned_read_state, &states[_i]);
}
END_TEST

START_TEST(a_plan_of_which_a_part_is_missing)
{
	AUTO_JSON cJSON *map = cJSON_Parse(MAP);
	struct result r;

	terraform_told(&r, 0, PLAN(""));
	r.out_cut = true;
	ck_assert_ptr_null(terraform_planned_parse(&r));
	ck_assert_ptr_null(terraform_planned_read(map, NULL, r.out));
	ck_assert_ptr_null(terraform_planned_read_state(map, NULL, r.out));
	result_clear(&r);
}
END_TEST

START_TEST(of_an_objective)
{
	AUTO_JSON cJSON *planned =
	    cJSON_Parse("{\"parameters\":{\"count\":3,\"size\":\"A\",\"region\":\"westeurope\"}}");
	struct objective o, as;

	objective_init(&o);
	o.region = xstrdup("eastus");
	o.parameters = cJSON_Parse("{\"count\":1,\"size\":\"A\",\"name\":\"web\"}");
	planned_apply(planned, &o, &as);
	AUTO_FREE char *parameters = json_canonical(as.parameters);
	ck_assert_str_eq(parameters, "{\"count\":3,\"name\":\"web\",\"size\":\"A\"}");
	ck_assert_str_eq(as.region, "westeurope");
	planned_clear(&as);
	AUTO_FREE char *differences = planned_differences(planned, &o);
	ck_assert_str_eq(
	    differences, "count 3 instead of 1, region \"westeurope\" instead of \"eastus\"");
	planned_apply(NULL, &o, &as);
	ck_assert(cJSON_Compare(as.parameters, o.parameters, true));
	ck_assert_ptr_null(planned_differences(NULL, &o));
	planned_clear(&as);
	objective_clear(&o);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("terraform_planned");
	TCase *t = tcase_create("read");

	tcase_add_loop_test(t, a_plan, 0, COUNT_OF(plans));
	tcase_add_loop_test(t, a_state, 0, COUNT_OF(states));
	tcase_add_test(t, a_plan_of_which_a_part_is_missing);
	tcase_add_test(t, of_an_objective);
	suite_add_tcase(s, t);
	return unit_run(s);
}
