#include <config.h>

#include "strategies/azure_error.h"
#include "tests/unit/strategies/az.h"

static const struct {
	const char *name; /* of the recorded answer */
	const char *code, *outer;
	enum failure_class class;
} recorded[] = {
	{ "group-show-absent", "ResourceGroupNotFound", "ResourceGroupNotFound",
	    FAILURE_NOT_FOUND },
	{ "storage-show-absent", "ResourceNotFound", "ResourceNotFound", FAILURE_NOT_FOUND },
	{ "deployment-show-absent", "DeploymentNotFound", "DeploymentNotFound", FAILURE_NOT_FOUND },
	{ "rest-not-found", "ResourceGroupNotFound", "ResourceGroupNotFound", FAILURE_NOT_FOUND },
	{ "wrong-subscription", NULL, NULL, FAILURE_NOT_FOUND },
	{ "storage-create-sku", "SkuNotAvailable", "SkuNotAvailable", FAILURE_CAPACITY },
	{ "storage-create-quota", "QuotaExceeded", "QuotaExceeded", FAILURE_QUOTA },
	{ "storage-create-authorization", "AuthorizationFailed", "AuthorizationFailed",
	    FAILURE_PERMISSION },
	{ "storage-create-policy", "RequestDisallowedByPolicy", "RequestDisallowedByPolicy",
	    FAILURE_POLICY },
	{ "storage-create-throttle", "TooManyRequests", "TooManyRequests", FAILURE_THROTTLED },
	{ "storage-create-conflict-409", "AnotherOperationInProgress", "AnotherOperationInProgress",
	    FAILURE_CONFLICT },
	{ "storage-create-fail-async", "AllocationFailed", "AllocationFailed", FAILURE_CAPACITY },
	{ "storage-create-error-500", "InternalServerError", "InternalServerError",
	    FAILURE_TRANSIENT },
	{ "storage-create-drop-after", NULL, NULL, FAILURE_TRANSIENT },
	{ "storage-create-drop-before", NULL, NULL, FAILURE_TRANSIENT },
	{ "vm-create-sku", "SkuNotAvailable", "DeploymentFailed", FAILURE_CAPACITY },
	{ "vm-create-allocation", "AllocationFailed", "DeploymentFailed", FAILURE_CAPACITY },
	{ "vm-create-quota-preflight", "QuotaExceeded", "InvalidTemplateDeployment",
	    FAILURE_QUOTA },
	{ "not-logged-in", NULL, NULL, FAILURE_AUTH },
	{ "certificate", NULL, NULL, FAILURE_INVALID },
	{ "parser-error", NULL, NULL, FAILURE_INVALID },
	{ "unknown-command", NULL, NULL, FAILURE_INVALID },
	{ "network-vnet-list", NULL, NULL, FAILURE_UNKNOWN },
};

START_TEST(as_az_prints_it)
{
	struct azure_error e;
	struct result r;

	az_answer(recorded[_i].name, &r);
	azure_error_read(&e, r.err, r.code);
	ck_assert_ptr_nonnull(e.message);
	ck_assert_str_ne(e.message, "");
	ck_assert_ptr_null(strchr(e.message, '\n'));
	ck_assert_pstr_eq(e.code, recorded[_i].code);
	ck_assert_pstr_eq(e.outer, recorded[_i].outer);
	ck_assert_msg(e.class == recorded[_i].class, "%s: %s", recorded[_i].name,
	    failure_class_name(e.class));
	azure_error_clear(&e);
	result_clear(&r);
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

	azure_error_read(&e, texts[_i].text, texts[_i].status);
	ck_assert_pstr_eq(e.code, texts[_i].code);
	ck_assert_msg(e.class == texts[_i].class, "%s", failure_class_name(e.class));
	ck_assert_ptr_nonnull(e.message);
	azure_error_clear(&e);
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
	azure_error_read(&e, buf_str(&text), 1);
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
	tcase_add_test(tcase, hostile_texts);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
