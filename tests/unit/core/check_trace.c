/* The ids that a service tells of a request, in whatever spelling. */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/trace.h"
#include "tests/unit/unit.h"

#define ID "0f1e2d3c-1111-4222-8333-444455556666"
#define OTHER "4b5a6978-0000"

static const struct {
	const char *text, *correlation, *request;
} texts[] = {
	{ "", NULL, NULL },
	{ "Trace ID: " ID "\nCorrelation ID: " OTHER "\nTimestamp: 2026-08-29", OTHER, ID },
	{ "The tracking id is '" ID "'. See inner errors.", ID, NULL },
	{ "Tracking Id is 'ab12'.", "ab12", NULL },
	{ "StatusCode: 400, RequestID: " ID ", api error X: y", NULL, ID },
	{ "RequestId:" ID "\nTime:2026-11-21T02:03:04Z", NULL, ID },
	{ "\"x-ms-request-id\": \"" ID "\", \"x-ms-correlation-request-id\": \"" OTHER "\"", OTHER,
	    ID },
	{ "{\"message\": \"{\\\"requestId\\\": \\\"" ID "\\\"}\"}", NULL, ID },
	{ "it failed.\\nserviceRequestId: " ID, NULL, ID },
	{ "activity id=" ID ".", NULL, ID },
	{ "request_id " ID, NULL, ID },
	/* The first of each counts. */
	{ "request id: " ID ", request id: " OTHER, NULL, ID },
	/* These tell none. */
	{ "the request id is missing", NULL, NULL },
	{ "the request id is 'unknown'", NULL, NULL },
	{ "correlation id:        " ID, NULL, NULL },
	{ "requestidentity 12345", NULL, NULL },
	{ "clientRequestId: " ID, NULL, NULL },
	{ "x-ms-client-request-id: " ID, NULL, NULL },
	{ "RequestId: 1.", NULL, NULL },
	{ "requestid", NULL, NULL },
	{ "correlation-", NULL, NULL },
};

START_TEST(ids_are_found)
{
	struct trace t = { .target = NULL };

	trace_read(&t, texts[_i].text);
	ck_assert_pstr_eq(t.correlation, texts[_i].correlation);
	ck_assert_pstr_eq(t.request, texts[_i].request);
	ck_assert_ptr_null(t.target);
	trace_clear(&t);
}
END_TEST

#define VM "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1"

static const struct {
	const char *text, *target;
} targets[] = {
	{ "nothing is told", NULL },
	{ "The resource '" VM "' was not found.", VM },
	{ "over scope " VM ".", VM },
	{ "Subnet default is in use by " VM " and cannot be deleted.", NULL },
	{ "in use by /subscriptions/s/x, which belongs to " VM, VM },
	{ "action 'Microsoft.Resources/subscriptions/resourceGroups/write' over scope '" VM "'",
	    VM },
	{ "/subscriptions/", NULL },
};

START_TEST(targets_are_found)
{
	struct trace t = { .target = NULL };

	trace_find_target(&t, targets[_i].text);
	ck_assert_pstr_eq(t.target, targets[_i].target);
	trace_clear(&t);
}
END_TEST

START_TEST(the_first_target_stays)
{
	struct trace t = { .target = NULL }, copy = { .target = NULL }, back = { .target = NULL };

	trace_set_target(&t, NULL);
	trace_set_target(&t, "");
	trace_set_target(&t, "two\nlines");
	ck_assert_ptr_null(t.target);
	trace_set_target(&t, "azurerm_linux_virtual_machine.vm");
	trace_find_target(&t, VM);
	trace_read(&t, "correlation id " OTHER);
	trace_copy(&copy, &t);
	trace_copy(&copy, &copy);
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	trace_add_json(&copy, json);
	trace_from_json(&back, json);
	ck_assert_str_eq(back.target, "azurerm_linux_virtual_machine.vm");
	ck_assert_str_eq(back.correlation, OTHER);
	ck_assert_ptr_null(back.request);
	trace_from_json(&back, NULL);
	ck_assert_ptr_null(back.target);
	trace_clear(&t);
	trace_clear(&copy);
	/* It is shown like a message, and must not tell more. */
	trace_set_target(&t,
	    "https://x.blob.core.windows.net/?sv=2022-11-02&sig=abcdefghijklmnopqrstuvwxyz0123456789%2B0%3D");
	ck_assert_ptr_null(strstr(t.target, "abcdefgh"));
	trace_clear(&t);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("trace");
	TCase *tcase = tcase_create("trace");

	tcase_add_loop_test(tcase, ids_are_found, 0, COUNT_OF(texts));
	tcase_add_loop_test(tcase, targets_are_found, 0, COUNT_OF(targets));
	tcase_add_test(tcase, the_first_target_stays);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
