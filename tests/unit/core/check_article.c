#include <config.h>

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/article.h"
#include "tests/unit/unit.h"

#define HOME "https://learn.microsoft.com/"

/* ---- what is asked ---- */

static const struct {
	enum failure_class class;
	const char *code, *provider, *query;
} queries[] = {
	{ FAILURE_CAPACITY, "SkuNotAvailable", "Microsoft.Compute", "SkuNotAvailable error" },
	{ FAILURE_AUTH, "AADSTS700082", NULL, "AADSTS700082 error" },
	/* General ones need more words. */
	{ FAILURE_QUOTA, "OperationNotAllowed", "Microsoft.Compute",
	    "OperationNotAllowed error quota Microsoft.Compute" },
	{ FAILURE_CONFLICT, "Conflict", NULL, "Conflict error conflict" },
	{ FAILURE_UNKNOWN, "BadRequest", NULL, "BadRequest error" },
	/* A provider that nobody has published is not told. */
	{ FAILURE_CONFLICT, "Conflict", "Contoso.Secret", "Conflict error conflict" },
	{ FAILURE_CONFLICT, "Conflict", "Microsoft.x y", "Conflict error conflict" },
	{ FAILURE_CONFLICT, "Conflict", "Microsoft.", "Conflict error conflict" },
	/* What may be a name, a number, an address or a secret is not asked for. */
	{ FAILURE_QUOTA, NULL, "Microsoft.Compute", NULL },
	{ FAILURE_UNKNOWN, "", NULL, NULL },
	{ FAILURE_UNKNOWN, "404", NULL, NULL },
	{ FAILURE_UNKNOWN, "-32602", NULL, NULL },
	{ FAILURE_UNKNOWN, "Web01", NULL, NULL },
	{ FAILURE_UNKNOWN, "contosoDB", NULL, NULL },
	{ FAILURE_UNKNOWN, "DB.corp.example", NULL, NULL },
	{ FAILURE_UNKNOWN, "Ab3dEf9hIj", NULL, NULL },
	{ FAILURE_UNKNOWN, "11111111-2222-3333-4444-555555555555", NULL, NULL },
	{ FAILURE_UNKNOWN, "Two Words", NULL, NULL },
	{ FAILURE_UNKNOWN, "AB123456789", NULL, NULL },
};

START_TEST(only_public_words_are_asked_for)
{
	AUTO_FREE char *query =
	    article_query(queries[_i].class, queries[_i].code, queries[_i].provider);

	if (queries[_i].query == NULL)
		ck_assert_msg(query == NULL, "\"%s\"", query);
	else
		ck_assert_str_eq(query, queries[_i].query);
}
END_TEST

/* ---- what is taken ---- */

static void
search(struct articles *a, const char *body)
{
	struct err e = { 0 };

	ck_assert_msg(
	    articles_of_search(a, body, strlen(body), "SkuNotAvailable", &e) == 0, "%s", e.msg);
}

static const char answer[] =
    "{\"facets\":{\"products\":[],\"category\":[]},\"results\":["
    "{\"title\":\"Sizes for virtual machines\",\"url\":\"" HOME
    "en-us/azure/virtual-machines/sizes/overview\","
    "\"displayUrl\":{\"content\":\"" HOME
    "...\",\"hitHighlights\":[]},\"description\":\"All sizes.\","
    "\"lastUpdatedDate\":\"2025-01-01T00:00:00+00:00\",\"breadcrumbs\":[]},"
    "{\"title\":\"Troubleshoot deployments\",\"url\":\"" HOME "en-us/azure/troubleshoot/a\"},"
    "{\"title\":\"Regions\",\"url\":\"" HOME "en-us/azure/regions\","
    "\"descriptions\":[{\"content\":\"Where SkuNotAvailable comes from\",\"hitHighlights\":[{\"start\":0,\"length\":5}]}]},"
    "{\"title\":\"Errors\",\"url\":\"" HOME
    "en-us/azure/azure-resource-manager/troubleshooting/error-sku-not-available?tabs=cli#more\","
    "\"description\":\"Describes how to resolve it.\"},"
    "{\"title\":\"The same\",\"url\":\"" HOME
    "de-de/azure/azure-resource-manager/troubleshooting/error-sku-not-available/\"}"
    "],\"count\":5}";

START_TEST(the_best_three_come_in_order)
{
	struct articles a;

	search(&a, answer);
	ck_assert_uint_eq(a.len, 3);
	ck_assert_str_eq(a.v[0].address,
	    HOME "azure/azure-resource-manager/troubleshooting/error-sku-not-available");
	ck_assert_str_eq(a.v[0].title, "Errors");
	ck_assert_str_eq(a.v[0].about, "Describes how to resolve it.");
	ck_assert_str_eq(a.v[1].title, "Regions");
	ck_assert_str_eq(a.v[1].about, "Where SkuNotAvailable comes from");
	ck_assert_str_eq(a.v[2].title, "Troubleshoot deployments");
	ck_assert_ptr_null(a.v[2].about);
	articles_clear(&a);
}
END_TEST

START_TEST(equals_stay_as_they_came)
{
	struct articles a;

	search(&a,
	    "{\"results\":[{\"url\":\"" HOME "azure/b\"},{\"url\":\"" HOME "azure/a\"},"
	    "{\"url\":\"" HOME "azure/c\"},{\"url\":\"" HOME "azure/d\"}]}");
	ck_assert_uint_eq(a.len, 3);
	ck_assert_str_eq(a.v[0].address, HOME "azure/b");
	ck_assert_str_eq(a.v[1].address, HOME "azure/a");
	ck_assert_str_eq(a.v[2].address, HOME "azure/c");
	ck_assert_ptr_null(a.v[0].title);
	articles_clear(&a);
}
END_TEST

static const struct {
	const char *url, *address; /* NULL: it is passed over */
} addresses[] = {
	{ HOME "en-us/azure/x", HOME "azure/x" },
	{ HOME "azure/x", HOME "azure/x" },
	{ HOME "sr-latn-rs/azure/x/?view=a&b#c", HOME "azure/x" },
	{ HOME "cli/azure/a%20b", HOME "cli/azure/a%20b" },
	{ HOME "sql", HOME "sql" },
	{ HOME, NULL },
	{ HOME "en-us/", NULL },
	{ HOME "en-us/?x", NULL },
	{ "http://learn.microsoft.com/azure/x", NULL },
	{ "https://learn.microsoft.com.evil.example/azure/x", NULL },
	{ "https://learn.microsoft.com@evil.example/azure/x", NULL },
	{ "https://learn.microsoft.com:444/azure/x", NULL },
	{ "https://evil.example/https://learn.microsoft.com/x", NULL },
	{ "//learn.microsoft.com/azure/x", NULL },
	{ "/azure/x", NULL },
	{ "javascript:alert(1)", NULL },
	{ HOME "azure/\\u001b[31m", NULL },
	{ HOME "azure/a b", NULL },
	{ HOME "azure/$(reboot)", NULL },
	{ HOME "azure/';reboot", NULL },
	{ HOME "azure/\xc3\xbc", NULL },
};

START_TEST(other_addresses_are_passed_over)
{
	AUTO_FREE char *body =
	    xasprintf("{\"results\":[{\"title\":\"t\",\"url\":\"%s\"}]}", addresses[_i].url);
	struct articles a;

	search(&a, body);
	ck_assert_uint_eq(a.len, addresses[_i].address != NULL);
	if (a.len > 0)
		ck_assert_str_eq(a.v[0].address, addresses[_i].address);
	articles_clear(&a);
}
END_TEST

/* Every member may be missing, or be another thing than expected. */
static const struct {
	const char *body;
	int rc;
	size_t len;
} bodies[] = {
	{ "{}", 0, 0 },
	{ "{\"results\":[]}", 0, 0 },
	{ "{\"results\":null}", 0, 0 },
	{ "{\"results\":[null,1,\"x\",[],{}]}", 0, 0 },
	{ "{\"results\":[{\"title\":1,\"url\":[\"x\"],\"description\":{}}]}", 0, 0 },
	{ "{\"results\":[{\"title\":1,\"url\":\"" HOME "x\",\"descriptions\":{}}]}", 0, 1 },
	{ "{\"results\":[{\"url\":\"" HOME "x\",\"descriptions\":[]}]}", 0, 1 },
	{ "[{\"url\":\"" HOME "x\"}]", 0, 1 },
	{ "{\"results\":{}}", -1, 0 },
	{ "\"results\"", -1, 0 },
	{ "<html><title>Sorry</title></html>", -1, 0 },
	{ "{\"results\":[{\"url\":\"" HOME "x\"}", -1, 0 },
	{ "", -1, 0 },
};

START_TEST(members_may_be_missing)
{
	struct err e = { 0 };
	struct articles a;

	ck_assert_int_eq(articles_of_search(&a, bodies[_i].body, strlen(bodies[_i].body), NULL, &e),
	    bodies[_i].rc);
	ck_assert_uint_eq(a.len, bodies[_i].len);
	if (bodies[_i].rc < 0)
		ck_assert_int_eq(e.kind, ERR_INPUT);
	articles_clear(&a);
}
END_TEST

START_TEST(many_and_long_ones_are_bounded)
{
	CLEANUP(buf_clear) struct buf body = BUF_INIT(4u * 1024 * 1024);
	struct articles a;

	buf_adds(&body, "{\"results\":[");
	for (int i = 0; i < 1000; i++) {
		buf_addf(&body, "%s{\"url\":\"" HOME "p%d\",\"title\":\"", i > 0 ? "," : "", i);
		for (int k = 0; k < 400; k++)
			buf_adds(&body, "\xe2\x82\xac");
		buf_adds(&body, "\"}");
	}
	buf_adds(&body, "]}");
	search(&a, buf_str(&body));
	ck_assert_uint_eq(a.len, 3);
	ck_assert_uint_le(strlen(a.v[0].title), 120);
	articles_clear(&a);
}
END_TEST

/* ---- the tool ---- */

static const struct {
	const char *result;
	int rc;
	size_t len;
} results[] = {
	{ "{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"results\\\":[{\\\"contentUrl\\\":\\\"" HOME
	  "x\\\",\\\"content\\\":\\\"c\\\"}]}\"}]}",
	    0, 1 },
	{ "{\"content\":[{\"type\":\"text\",\"text\":\"[{\\\"url\\\":\\\"" HOME "x\\\"},\"},"
	  "{\"type\":\"image\"},{\"type\":\"text\",\"text\":\"{\\\"url\\\":\\\"" HOME
	  "y\\\"}]\"}]}",
	    0, 2 },
	{ "{\"structuredContent\":{\"results\":[{\"contentUrl\":\"" HOME "x\"}]},\"content\":[]}",
	    0, 1 },
	{ "{\"structuredContent\":{},\"content\":[{\"type\":\"text\",\"text\":\"[]\"}]}", 0, 0 },
	{ "{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":\"[]\"}]}", -1, 0 },
	{ "{\"content\":[{\"type\":\"text\",\"text\":\"Nothing was found.\"}]}", -1, 0 },
	{ "{}", -1, 0 },
};

START_TEST(results_of_the_tool_are_taken)
{
	AUTO_JSON cJSON *json = json_parse(results[_i].result, strlen(results[_i].result), 1, NULL);
	struct err e = { 0 };
	struct articles a;

	ck_assert_ptr_nonnull(json);
	ck_assert_int_eq(articles_of_tool(&a, json, NULL, &e), results[_i].rc);
	ck_assert_uint_eq(a.len, results[_i].len);
	articles_clear(&a);
}
END_TEST

/* Of several passages of one page that which has the code; and no title twice. */
START_TEST(of_a_page_the_best_passage_counts)
{
	static const char text[] = "{\"structuredContent\":{\"results\":["
				   "{\"title\":\"Page\",\"contentUrl\":\"" HOME
				   "en-us/p\",\"content\":\"# Page\\nIntroduction\"},"
				   "{\"title\":\"Page\",\"contentUrl\":\"" HOME
				   "en-us/p#two\",\"content\":\"# Page\\nOn SkuNotAvailable\"}]}}";
	AUTO_JSON cJSON *json = json_parse(text, strlen(text), 1, NULL);
	struct err e = { 0 };
	struct articles a;

	ck_assert_int_eq(articles_of_tool(&a, json, "SkuNotAvailable", &e), 0);
	ck_assert_uint_eq(a.len, 1);
	ck_assert_str_eq(a.v[0].about, "On SkuNotAvailable");
	articles_clear(&a);
}
END_TEST

#define SCHEMA(required) "\"inputSchema\":{\"required\":[" required "]}"

static const struct {
	const char *tools, *name;
} tool_lists[] = {
	{ "{\"tools\":[{\"name\":\"other\",\"description\":\"Search documentation\"," SCHEMA(
	      "\"query\"") "},"
			   "{\"name\":\"microsoft_docs_search\"}]}",
	    "microsoft_docs_search" },
	{ "{\"tools\":[{\"name\":\"a\",\"description\":\"Fetch documentation\"," SCHEMA(
	      "\"url\"") "},"
			 "{\"name\":\"b\",\"description\":\"Searches Microsoft's documentation.\"," SCHEMA(
			     "\"query\"") "}]}",
	    "b" },
	{ "{\"tools\":[{\"name\":\"a\",\"description\":\"Search documentation\"," SCHEMA(
	      "\"query\",\"key\"") "}]}",
	    NULL },
	{ "{\"tools\":[{\"name\":\"a\",\"description\":\"Search code\"," SCHEMA("\"query\"") "}]}",
	    NULL },
	{ "{\"tools\":[{}]}", NULL },
	{ "{}", NULL },
};

START_TEST(the_tool_is_found)
{
	AUTO_JSON cJSON *json =
	    json_parse(tool_lists[_i].tools, strlen(tool_lists[_i].tools), 1, NULL);

	ck_assert_ptr_nonnull(json);
	ck_assert_pstr_eq(article_tool(json), tool_lists[_i].name);
}
END_TEST

START_TEST(kept_ones_come_back)
{
	struct articles a, b;

	search(&a, answer);
	AUTO_JSON cJSON *json = articles_to_json(&a);
	articles_from_json(&b, json);
	AUTO_JSON cJSON *again = articles_to_json(&b);
	ck_assert(cJSON_Compare(json, again, true));
	ck_assert_uint_eq(b.len, 3);
	articles_clear(&a);
	articles_clear(&b);
	articles_from_json(&b, NULL);
	ck_assert_uint_eq(b.len, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("article");
	TCase *tc = tcase_create("article");

	tcase_add_loop_test(tc, only_public_words_are_asked_for, 0, COUNT_OF(queries));
	tcase_add_test(tc, the_best_three_come_in_order);
	tcase_add_test(tc, equals_stay_as_they_came);
	tcase_add_loop_test(tc, other_addresses_are_passed_over, 0, COUNT_OF(addresses));
	tcase_add_loop_test(tc, members_may_be_missing, 0, COUNT_OF(bodies));
	tcase_add_test(tc, many_and_long_ones_are_bounded);
	tcase_add_loop_test(tc, results_of_the_tool_are_taken, 0, COUNT_OF(results));
	tcase_add_test(tc, of_a_page_the_best_passage_counts);
	tcase_add_loop_test(tc, the_tool_is_found, 0, COUNT_OF(tool_lists));
	tcase_add_test(tc, kept_ones_come_back);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
