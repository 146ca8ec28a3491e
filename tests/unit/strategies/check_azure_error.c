#include <config.h>

#include "strategies/azure_error.h"
#include "tests/unit/strategies/az.h"

static const struct {
	const char *name; /* of the recorded answer */
	const char *code, *outer;
	enum failure_class class;
	int tries; /* of az itself */
} recorded[] = {
	{ "group-show-absent", "ResourceGroupNotFound", "ResourceGroupNotFound", FAILURE_NOT_FOUND,
	    1 },
	{ "storage-show-absent", "ResourceNotFound", "ResourceNotFound", FAILURE_NOT_FOUND, 1 },
	{ "deployment-show-absent", "DeploymentNotFound", "DeploymentNotFound", FAILURE_NOT_FOUND,
	    1 },
	{ "rest-not-found", "ResourceGroupNotFound", "ResourceGroupNotFound", FAILURE_NOT_FOUND,
	    1 },
	{ "wrong-subscription", NULL, NULL, FAILURE_NOT_FOUND, 1 },
	{ "storage-create-sku", "SkuNotAvailable", "SkuNotAvailable", FAILURE_CAPACITY, 1 },
	{ "storage-create-quota", "QuotaExceeded", "QuotaExceeded", FAILURE_QUOTA, 1 },
	{ "storage-create-authorization", "AuthorizationFailed", "AuthorizationFailed",
	    FAILURE_PERMISSION, 1 },
	{ "storage-create-policy", "RequestDisallowedByPolicy", "RequestDisallowedByPolicy",
	    FAILURE_POLICY, 1 },
	{ "storage-create-throttle", "TooManyRequests", "TooManyRequests", FAILURE_THROTTLED, 4 },
	{ "storage-create-conflict-409", "AnotherOperationInProgress", "AnotherOperationInProgress",
	    FAILURE_CONFLICT, 1 },
	{ "storage-create-fail-async", "AllocationFailed", "AllocationFailed", FAILURE_CAPACITY,
	    1 },
	{ "storage-create-error-500", "InternalServerError", "InternalServerError",
	    FAILURE_TRANSIENT, 4 },
	{ "storage-create-drop-after", NULL, NULL, FAILURE_TRANSIENT, 4 },
	{ "storage-create-drop-before", NULL, NULL, FAILURE_TRANSIENT, 4 },
	{ "vm-create-sku", "SkuNotAvailable", "DeploymentFailed", FAILURE_CAPACITY, 1 },
	{ "vm-create-allocation", "AllocationFailed", "DeploymentFailed", FAILURE_CAPACITY, 1 },
	{ "vm-create-quota-preflight", "QuotaExceeded", "InvalidTemplateDeployment", FAILURE_QUOTA,
	    1 },
	{ "not-logged-in", NULL, NULL, FAILURE_AUTH, 1 },
	{ "certificate", NULL, NULL, FAILURE_INVALID, 1 },
	{ "parser-error", NULL, NULL, FAILURE_INVALID, 1 },
	{ "unknown-command", NULL, NULL, FAILURE_INVALID, 1 },
	{ "network-vnet-list", NULL, NULL, FAILURE_UNKNOWN, 1 },
};

START_TEST(as_az_prints_it)
{
	struct azure_error e;
	struct result r;

	az_answer(recorded[_i].name, &r);
	struct failure_table *known = installed_failures();
	azure_error_read(&e, known, r.err, r.code);
	ck_assert_ptr_nonnull(e.message);
	ck_assert_str_ne(e.message, "");
	ck_assert_ptr_null(strchr(e.message, '\n'));
	ck_assert_pstr_eq(e.code, recorded[_i].code);
	ck_assert_pstr_eq(e.outer, recorded[_i].outer);
	ck_assert_msg(e.class == recorded[_i].class, "%s: %s", recorded[_i].name,
	    failure_class_name(e.class));
	ck_assert_int_eq(e.tool_tries, recorded[_i].tries);
	azure_error_clear(&e);
	result_clear(&r);
	failure_table_free(known);
}
END_TEST

static const struct {
	const char *text;
	int status;
	const char *code;
	enum failure_class class;
} texts[] = {
	{ "", 1, NULL, FAILURE_UNKNOWN },
	{ "ERROR: (DeploymentFailed) x\nCode: DeploymentFailed\nMessage: x\nException Details:\t(Conflict) y\n"
	  "\tCode: Conflict\n\tMessage: y\n\tException Details:\t(ZonalAllocationFailed) z\n\t\tCode: ZonalAllocationFailed",
	    1, "ZonalAllocationFailed", FAILURE_CAPACITY },
	{ "ERROR: {\"status\":\"Failed\",\"error\":{\"code\":\"DeploymentFailed\",\"message\":\"m\",\"details\":[{\"code\":"
	  "\"Conflict\",\"message\":\"{\\r\\n \\\"error\\\": {\\r\\n \\\"code\\\": \\\"SKUNotAvailable\\\", \\\"message\\\": \\\"n\\\"}}\"}]}}",
	    1, "SKUNotAvailable", FAILURE_CAPACITY },
	{ "ERROR: {\"error\":{\"code\":\"InvalidTemplateDeployment\",\"details\":[{\"code\":\"SomethingNew\",\"message\":\"m\"}]}}",
	    1, "SomethingNew", FAILURE_INVALID },
	{ "\033[31mERROR: (OperationNotAllowed) Operation could not be completed as it results in exceeding approved Cores "
	  "quota.\033[0m",
	    1, "OperationNotAllowed", FAILURE_QUOTA },
	{ "ERROR: (OperationNotAllowed) The VM is being provisioned", 1, "OperationNotAllowed",
	    FAILURE_CONFLICT },
	{ "ERROR: (OperationNotAllowed) The disk is too small", 1, "OperationNotAllowed",
	    FAILURE_INVALID },
	{ "ERROR: (RequestDisallowedByPolicy) Resource was disallowed by policy. MFA is required",
	    1, "RequestDisallowedByPolicy", FAILURE_AUTH },
	{ "ERROR: (InvalidParameter) The requested VM size X is not available in the current region.",
	    1, "InvalidParameter", FAILURE_CAPACITY },
	{ "ERROR: AADSTS700082: The refresh token has expired due to inactivity.", 1,
	    "AADSTS700082", FAILURE_AUTH },
	{ "ERROR: AADSTS90033: A transient error has occurred.", 1, "AADSTS90033",
	    FAILURE_TRANSIENT },
	{ "ERROR: (NeverSeenBefore) what?", 1, "NeverSeenBefore", FAILURE_UNKNOWN },
	{ "ERROR: (NeverSeenBefore) what?", 3, "NeverSeenBefore", FAILURE_NOT_FOUND },
	/* What is no code is not taken for one. */
	{ "ERROR: (see below) Connection reset by peer", 1, NULL, FAILURE_TRANSIENT },
	{ "ERROR: The connection string is invalid", 1, NULL, FAILURE_UNKNOWN },
	{ "ERROR: HTTPSConnectionPool: Read timed out. (read timeout=300)", 1, NULL,
	    FAILURE_TIMEOUT },
	{ "ERROR: password length exceeded 72", 1, NULL, FAILURE_UNKNOWN },
	{ "ERROR: {{{{{{{{{{{{{{{{{{{{", 1, NULL, FAILURE_UNKNOWN },
};

START_TEST(as_it_may_come)
{
	struct azure_error e;

	struct failure_table *known = installed_failures();
	azure_error_read(&e, known, texts[_i].text, texts[_i].status);
	ck_assert_pstr_eq(e.code, texts[_i].code);
	ck_assert_msg(e.class == texts[_i].class, "%s", failure_class_name(e.class));
	ck_assert_ptr_nonnull(e.message);
	azure_error_clear(&e);
	failure_table_free(known);
}
END_TEST

static const struct {
	const char *text;
	int status, http_status, tries;
	int64_t wait_ms;
} resent[] = {
	{ "ERROR: (TooManyRequests) Try again after '17' seconds", 1, 0, 4, 17000 },
	{ "ERROR: (TooManyRequests) m", 1, 0, 4, 60000 },
	{ "ERROR: (ServiceUnavailable) m", 1, 0, 4, 0 },
	{ "ERROR: (GatewayTimeout) m", 1, 0, 4, 0 },
	{ "ERROR: (RetryableErrorDueToAnotherOperation) can be retried in 10 seconds.", 1, 0, 4,
	    10000 },
	{ "ERROR: (QuotaExceeded) m", 1, 0, 1, 0 },
	{ "ERROR: (AnotherOperationInProgress) m", 1, 0, 1, 30000 },
	{ "ERROR: (SomethingNew) HTTP status code 503", 1, 503, 4, 0 },
	{ "ERROR: Operation returned an invalid status 'Service Unavailable'", 1, 503, 4, 0 },
	{ "ERROR: Operation returned an invalid status 'Forbidden'", 1, 403, 1, 0 },
	{ "ERROR: Connection refused", 1, 0, 4, 0 },
	/* az rest sends once; Entra is asked once; what was accepted was not sent again. */
	{ "ERROR: Too Many Requests({\"error\":{\"code\":\"TooManyRequests\",\"message\":\"m\"}})",
	    1, 429, 1, 60000 },
	{ "ERROR: AADSTS90033: A transient error has occurred.", 1, 0, 1, 0 },
	{ "ERROR: (DeploymentFailed) m\nException Details:\t(InternalServerError) n", 1, 0, 1, 0 },
	{ "ERROR: (VMStartTimedOut) m", 1, 0, 1, 0 },
	{ "ERROR: Long-running operation wait cancelled.", 1, 0, 1, 0 },
	/* What looks like a status and is none. */
	{ "ERROR: HTTPSConnectionPool(host='x', port=443): Read timed out.", 1, 0, 4, 0 },
	{ "ERROR: see http://503.example", 1, 0, 1, 0 },
	{ "ERROR: status code 50312", 1, 0, 1, 0 },
};

START_TEST(how_often_az_tried)
{
	struct failure_table *known = installed_failures();
	struct failure f = { 0 };
	struct azure_error e;

	azure_error_read(&e, known, resent[_i].text, resent[_i].status);
	azure_error_tell(&e, "Other", "step", &f);
	ck_assert_int_eq(e.http_status, resent[_i].http_status);
	ck_assert_int_eq(f.tool_tries, resent[_i].tries);
	ck_assert_int_eq(f.wait_ms, resent[_i].wait_ms);
	ck_assert_str_eq(f.step, "step");
	ck_assert_str_eq(f.code, e.code ? e.code : "Other");
	failure_clear(&f);
	azure_error_clear(&e);
	failure_table_free(known);
}
END_TEST

/* A code that only leads the text tells what to do, but proves nothing and is no absence. */
START_TEST(leading_codes)
{
	struct failure_table *known = installed_failures();
	struct azure_error e;

	azure_error_read(&e, known, "ERROR: ResourceNotFound: The thing is gone", 3);
	ck_assert_str_eq(e.code, "ResourceNotFound");
	ck_assert_ptr_null(e.outer);
	ck_assert_str_eq(e.message, "The thing is gone");
	ck_assert_int_eq(e.class, FAILURE_NOT_FOUND);
	ck_assert(!azure_error_is_absence(&e));
	azure_error_clear(&e);
	azure_error_read(&e, known, "ERROR: ValueError: what", 1);
	ck_assert_ptr_null(e.code);
	ck_assert_int_eq(e.class, FAILURE_UNKNOWN);
	azure_error_clear(&e);
	/* Without a table the codes are found all the same. */
	azure_error_read(&e, NULL, "ERROR: (QuotaExceeded) m", 1);
	ck_assert_str_eq(e.code, "QuotaExceeded");
	ck_assert_int_eq(e.class, FAILURE_UNKNOWN);
	ck_assert_ptr_null(e.rule);
	azure_error_clear(&e);
	failure_table_free(known);
}
END_TEST

/* Half a megabyte of braces and of codes: bounded, and no code is lost that stands in front. */
START_TEST(hostile_texts)
{
	struct buf text = BUF_INIT(1024 * 1024);
	struct azure_error e;

	buf_adds(&text, "ERROR: (QuotaExceeded) m\n");
	for (int i = 0; i < 100000; i++)
		buf_adds(&text, "{\"a\"");
	for (int i = 0; i < 1000; i++)
		buf_adds(&text, "\n(InnerCode) x");
	struct failure_table *known = installed_failures();
	azure_error_read(&e, known, buf_str(&text), 1);
	failure_table_free(known);
	ck_assert_ptr_nonnull(e.code);
	ck_assert_uint_lt(strlen(e.message), 600);
	azure_error_clear(&e);
	buf_clear(&text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("azure_error");
	TCase *tcase = tcase_create("azure_error");

	tcase_add_loop_test(tcase, as_az_prints_it, 0, COUNT_OF(recorded));
	tcase_add_loop_test(tcase, as_it_may_come, 0, COUNT_OF(texts));
	tcase_add_loop_test(tcase, how_often_az_tried, 0, COUNT_OF(resent));
	tcase_add_test(tcase, leading_codes);
	tcase_add_test(tcase, hostile_texts);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
