/* Why calls of terraform failed: by their end, by a provider's code, by terraform's own words. */
#include <config.h>

#include <errno.h>
#include <signal.h>

#include "base/utf8.h"
#include "strategies/terraform_failure.h"
#include "tests/unit/strategies/terraform.h"

static struct failure_table *known;
static struct terraform_stream stream;
static struct result result;
static struct failure failure;
static const struct step step = { .name = (char[]){ "module" } };

static void
setup(void)
{
	known = installed_failures();
}

static void
teardown(void)
{
	failure_clear(&failure);
	terraform_stream_clear(&stream);
	result_clear(&result);
	failure_table_free(known);
}

/* Of the stream, where there is one. */
static void
read_failure(void)
{
	terraform_stream_clear(&stream);
	terraform_stream_read(&stream, result.out);
	terraform_failure(known, &step, &result, &stream, &failure);
}

/* What providers say: azurerm 4, azurerm 3 with go-autorest, a body as it came, and inside of each other. */
static const struct {
	const char *summary, *detail;
	const char *code;
	enum failure_class class;
} told[] = {
	{ "creating Linux Virtual Machine",
	    "performing CreateOrUpdate: unexpected status 409 (409 Conflict) with error: SkuNotAvailable: "
	    "The requested VM size is not available in location 'eastus'.",
	    "SkuNotAvailable", FAILURE_CAPACITY },
	{ "creating Linux Virtual Machine",
	    "compute.VirtualMachinesClient#CreateOrUpdate: Failure sending request: StatusCode=409 -- "
	    "Original Error: Code=\"SkuNotAvailable\" Message=\"The requested size is not available.\"",
	    "SkuNotAvailable", FAILURE_CAPACITY },
	{ "creating Linux Virtual Machine",
	    "unexpected status 409 with response: {\"error\":{\"code\":\"SkuNotAvailable\","
	    "\"message\":\"The requested size is not available.\"}}",
	    "SkuNotAvailable", FAILURE_CAPACITY },
	{ "creating Resource Group",
	    "unexpected status 403 (403 Forbidden) with error: AuthorizationFailed: The client does not "
	    "have authorization to perform action.",
	    "AuthorizationFailed", FAILURE_PERMISSION },
	{ "creating Resource Group",
	    "StatusCode=403 -- Original Error: autorest/azure: Service returned an error. Status=403 "
	    "Code=\"AuthorizationFailed\" Message=\"The client does not have authorization.\"",
	    "AuthorizationFailed", FAILURE_PERMISSION },
	{ "creating Resource Group",
	    "{\n  \"error\": {\n    \"code\": \"AuthorizationFailed\",\n    \"message\": \"No.\"\n  }\n}",
	    "AuthorizationFailed", FAILURE_PERMISSION },
	/* The innermost code counts. */
	{ "deploying", "{\"code\":\"DeploymentFailed\",\"details\":[{\"code\":\"QuotaExceeded\"}]}",
	    "QuotaExceeded", FAILURE_QUOTA },
	{ "deploying",
	    "{\"error\":{\"code\":\"Conflict\",\"message\":\"{\\\"error\\\":{\\\"code\\\":"
	    "\\\"SkuNotAvailable\\\"}}\"}}",
	    "SkuNotAvailable", FAILURE_CAPACITY },
	{ "waiting for creation",
	    "polling after CreateOrUpdate: polling failed: the Azure API returned the following error:\n\n"
	    "Status: \"Failed\"\nCode: \"SkuNotAvailable\"\nMessage: \"No.\"\nActivity Id: \"\"\n",
	    "SkuNotAvailable", FAILURE_CAPACITY },
	{ "the code is in the summary: unexpected status 429 with error: TooManyRequests: later",
	    NULL, "TooManyRequests", FAILURE_THROTTLED },
	/* A code that nobody knows is told all the same. */
	{ "creating", "unexpected status 418 with error: IsATeapot: no coffee", "IsATeapot",
	    FAILURE_UNKNOWN },
	{ "creating", "nothing that looks like a code", NULL, FAILURE_UNKNOWN },
	{ "creating", "Code=\"\"", NULL, FAILURE_UNKNOWN },
	/* Terraform's own words, and the code of none of its resources. */
	{ "Error acquiring the state lock", "state blob is already locked", "StateLocked",
	    FAILURE_CONFLICT },
	{ "Failed to save state", "Error saving state: Code=\"AuthorizationFailed\"",
	    "StateNotSaved", FAILURE_CLASSES },
	{ "Saved plan is stale", "The given plan file can no longer be applied.", "PlanStale",
	    FAILURE_CLASSES },
};

START_TEST(by_what_was_told)
{
	AUTO_FREE char *line = terraform_error(told[_i].summary, told[_i].detail);

	terraform_told(&result, 1, line);
	read_failure();
	ck_assert_pstr_eq(failure.code, told[_i].code);
	/* FAILURE_CLASSES: whatever the table says of it. */
	if (told[_i].class != FAILURE_CLASSES)
		ck_assert_msg(failure.class == told[_i].class, "%s: %s", told[_i].detail,
		    failure_class_name(failure.class));
	ck_assert_ptr_nonnull(strstr(failure.message, told[_i].summary));
	ck_assert_ptr_null(strchr(failure.message, '\n'));
	ck_assert_str_eq(failure.step, "module");
}
END_TEST

/* The address is where to look in the module; what the provider was answered has the rest. */
START_TEST(what_it_was_about)
{
	terraform_told(&result, 1,
	    "{\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"error\",\"summary\":\"creating EC2 Instance\","
	    "\"detail\":\"operation error EC2: RunInstances, https response error StatusCode: 400, RequestID: "
	    "0f1e2d3c-1111-4222-8333-444455556666, api error VcpuLimitExceeded: No.\","
	    "\"address\":\"module.m.aws_instance.vm\"}}\n");
	read_failure();
	ck_assert_str_eq(failure.code, "VcpuLimitExceeded");
	ck_assert_str_eq(failure.trace.target, "module.m.aws_instance.vm");
	ck_assert_str_eq(failure.trace.request, "0f1e2d3c-1111-4222-8333-444455556666");
	result_clear(&result);
	terraform_told(&result, 1,
	    "{\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"error\",\"summary\":\"reading (Subscription: ...)\","
	    "\"detail\":\"resources.GroupsClient#Get: Failure responding to request: StatusCode=403 -- Original Error: "
	    "autorest/azure: Code=\\\"AuthorizationFailed\\\" Message=\\\"You may not over scope '/subscriptions/s/"
	    "resourceGroups/rg'. Correlation ID: 4b5a6978-0000\\\"\"}}\n");
	read_failure();
	ck_assert_str_eq(failure.code, "AuthorizationFailed");
	ck_assert_str_eq(failure.trace.target, "/subscriptions/s/resourceGroups/rg");
	ck_assert_str_eq(failure.trace.correlation, "4b5a6978-0000");
}
END_TEST

static const struct {
	const char *name, *code, *message;
} recorded[] = {
	{ "apply-failed", NULL, "local-exec provisioner error: Error running command" },
	{ "apply-stale", TERRAFORM_PLAN_STALE, "Saved plan is stale" },
	{ "apply-not-saved", TERRAFORM_STATE_NOT_SAVED, "Failed to save state" },
	{ "plan-failed", NULL, "No value for required variable" },
	{ "plan-locked", TERRAFORM_STATE_LOCKED, "Error acquiring the state lock" },
	{ "plan-locked-http", TERRAFORM_STATE_LOCKED, "already locked" },
	/* Plain text on stderr. */
	{ "init-failed", NULL, "main.tf line 1" },
};

START_TEST(as_terraform_told_it)
{
	terraform_answer(recorded[_i].name, &result);
	read_failure();
	ck_assert_pstr_eq(failure.code, recorded[_i].code);
	ck_assert_msg(strstr(failure.message, recorded[_i].message) != NULL, "%s", failure.message);
}
END_TEST

START_TEST(text_in_a_frame)
{
	terraform_told(&result, 1, "");
	free(result.err);
	result.err = xstrdup("\xe2\x95\xb7\n\xe2\x94\x82 Error: Invalid function argument\n"
			     "\xe2\x94\x82 \n\xe2\x94\x82   on main.tf line 3:\n\xe2\x95\xb5\n");
	terraform_failure(known, &step, &result, NULL, &failure);
	ck_assert_ptr_nonnull(
	    strstr(failure.message, "Invalid function argument on main.tf line 3"));
	ck_assert_ptr_null(strstr(failure.message, "\xe2\x94\x82"));
}
END_TEST

static const struct {
	enum ending ending;
	int code;
	enum failure_class class;
	const char *message;
} endings[] = {
	{ END_NOT_STARTED, ENOENT, FAILURE_INVALID, "terraform was not started" },
	{ END_NOT_STARTED, EACCES, FAILURE_INVALID, "Permission denied" },
	{ END_NOT_STARTED, EAGAIN, FAILURE_TRANSIENT, "terraform was not started" },
	{ END_NOT_STARTED, 0, FAILURE_TRANSIENT, "terraform was not started" },
	{ END_TIMED_OUT, SIGINT, FAILURE_TIMEOUT, "did not end in time" },
	{ END_SIGNALED, SIGKILL, FAILURE_TRANSIENT, "signal 9" },
	{ END_LOST, 0, FAILURE_TRANSIENT, "not recorded" },
};

START_TEST(by_how_it_ended)
{
	terraform_told(&result, endings[_i].code, "");
	result.ending = endings[_i].ending;
	read_failure();
	ck_assert_int_eq(failure.class, endings[_i].class);
	ck_assert_msg(strstr(failure.message, endings[_i].message) != NULL, "%s", failure.message);
	/* Another strategy may do without terraform. */
	ck_assert(result.ending != END_NOT_STARTED || failure.fallback);
}
END_TEST

/* However long it is, and wherever it is cut. */
START_TEST(a_message_stays_text)
{
	AUTO_FREE char *detail = xmalloc(4001);

	for (size_t i = 0; i < 2000; i++)
		memcpy(detail + 2 * i, "\xc3\xa9", 2);
	detail[4000] = '\0';
	for (int shift = 0; shift < 3; shift++) {
		AUTO_FREE char *line = terraform_error("xxx" + shift, detail);

		result_clear(&result);
		terraform_told(&result, 1, line);
		failure_clear(&failure);
		read_failure();
		ck_assert_uint_le(strlen(failure.message), 600);
		ck_assert_uint_eq(
		    utf8_cut(failure.message, strlen(failure.message)), strlen(failure.message));
	}
}
END_TEST

static const struct {
	const char *text, *holder;
} locks[] = {
	{ "Error message: HTTP remote state already locked: ID=0f0f0f0f-1111-2222-3333-444444444444\nLock Info:\n  ID:        8",
	    "0f0f0f0f-1111-2222-3333-444444444444" },
	/* The id that is printed there is nobody's but the caller's own, or the kernel holds the lock. */
	{ "Error message: resource temporarily unavailable\nLock Info:\n  ID:        4f968c47-675e-8e83-f10f-ddd3bbda5237",
	    NULL },
	/* azurerm prints the holder's, which it has written into the blob's metadata; also in one line. */
	{ "Error message: state blob is already locked\nLock Info:\n  ID:        4f968c47-675e-8e83-f10f-ddd3bbda5237\n  Path:      c/k",
	    "4f968c47-675e-8e83-f10f-ddd3bbda5237" },
	{ "Error acquiring the state lock: Error message: state blob is already locked Lock Info: ID: 4f968c47-675e-8e83-f10f-ddd3bbda5237 Path: c/k",
	    "4f968c47-675e-8e83-f10f-ddd3bbda5237" },
	{ "state blob is already locked\nblob metadata \"terraformlockid\" was empty", NULL },
	{ "already locked: ID=--------", NULL },
	{ "already locked: ID=", NULL },
	{ "already locked: ID=1234", NULL },
	{ "already locked: ID=--force --help", NULL },
	{ "", NULL },
	{ NULL, NULL },
};

START_TEST(who_holds_the_lock)
{
	AUTO_FREE char *holder = terraform_lock_holder(locks[_i].text);

	ck_assert_pstr_eq(holder, locks[_i].holder);
}
END_TEST

START_TEST(who_holds_the_recorded_lock)
{
	static const char *const names[] = { "plan-locked", "plan-locked-http" };

	terraform_answer(names[_i], &result);
	terraform_stream_read(&stream, result.out);
	AUTO_FREE char *holder = terraform_lock_holder(stream.detail);
	ck_assert_pstr_eq(holder, _i == 0 ? NULL : "0f0f0f0f-1111-2222-3333-444444444444");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("terraform_failure");
	TCase *tc = tcase_create("terraform_failure");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, by_what_was_told, 0, (int)COUNT_OF(told));
	tcase_add_test(tc, what_it_was_about);
	tcase_add_loop_test(tc, as_terraform_told_it, 0, (int)COUNT_OF(recorded));
	tcase_add_test(tc, text_in_a_frame);
	tcase_add_loop_test(tc, by_how_it_ended, 0, (int)COUNT_OF(endings));
	tcase_add_test(tc, a_message_stays_text);
	tcase_add_loop_test(tc, who_holds_the_lock, 0, (int)COUNT_OF(locks));
	tcase_add_loop_test(tc, who_holds_the_recorded_lock, 0, 2);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
