#include <config.h>

#include "strategies/azure_proof.h"
#include "tests/unit/strategies/az.h"

enum { COMMAND, TEMPLATE };

static bool
proves(enum act act, int kind, const struct result *result)
{
	struct step step = { .name = (char[]){ "s" } };
	struct azure_error e;

	if (kind == TEMPLATE)
		strv_add(&step.collect, "az");
	/* A proof does not depend on what is known of classes. */
	azure_error_read(&e, NULL, result->err, result->code);
	bool proven = azure_proves_nothing_happened(act, &step, &e, result);
	azure_error_clear(&e);
	strv_clear(&step.collect);
	return proven;
}

/* What the real az printed. */
static const struct {
	const char *name;
	int kind;
	bool proves;
} recorded[] = {
	{ "parser-error", COMMAND, true },
	{ "parser-error", TEMPLATE, true },
	{ "unknown-command", TEMPLATE, true },
	{ "not-logged-in", COMMAND, true },
	{ "not-logged-in", TEMPLATE, true },
	{ "wrong-subscription", TEMPLATE, true },
	{ "storage-create-quota", COMMAND, true },
	{ "storage-create-quota", TEMPLATE, false },
	{ "storage-create-sku", COMMAND, true },
	{ "storage-create-authorization", COMMAND, true },
	{ "storage-create-authorization", TEMPLATE, true },
	{ "storage-create-policy", COMMAND, true },
	{ "storage-create-policy", TEMPLATE, true },
	{ "vm-create-quota-preflight", TEMPLATE, true },
	{ "group-show-absent", COMMAND, true },
	{ "group-show-absent", TEMPLATE, true },
	/* A 404 of the thing itself. */
	{ "storage-show-absent", COMMAND, false },
	{ "storage-show-absent", TEMPLATE, false },
	{ "deployment-show-absent", TEMPLATE, false },
	/* A 429, a 409, a 500, a lost answer, and what failed after it was accepted. */
	{ "storage-create-throttle", COMMAND, false },
	{ "storage-create-throttle", TEMPLATE, false },
	{ "storage-create-conflict-409", COMMAND, false },
	{ "storage-create-error-500", COMMAND, false },
	{ "storage-create-drop-after", COMMAND, false },
	{ "storage-create-drop-before", COMMAND, false },
	{ "storage-create-fail-async", COMMAND, false },
	{ "vm-create-sku", TEMPLATE, false },
	{ "vm-create-sku", COMMAND, false },
	{ "vm-create-allocation", TEMPLATE, false },
	/* Another host than the first time may be at the other end. */
	{ "certificate", COMMAND, false },
	{ "network-vnet-list", COMMAND, false },
};

START_TEST(as_az_prints_it)
{
	struct result r;

	az_answer(recorded[_i].name, &r);
	ck_assert_msg(proves(ACT_RUN, recorded[_i].kind, &r) == recorded[_i].proves, "%s: %s",
	    recorded[_i].name, recorded[_i].kind == TEMPLATE ? "template" : "command");
	result_clear(&r);
}
END_TEST

static const struct {
	const char *text;
	int status;
	bool command, template;
} texts[] = {
	{ "", 1, false, false },
	{ "", 2, true, true },
	{ "", 3, false, false },
	{ "ERROR: (NeverSeenBefore) what?", 1, false, false },
	{ "ERROR: (NeverSeenBefore) what?", 3, false, false },
	/* Not found. */
	{ "ERROR: (ResourceGroupNotFound) m", 3, true, true },
	{ "ERROR: (SubscriptionNotFound) m", 3, true, true },
	{ "ERROR: (ParentResourceNotFound) m", 3, true, false },
	{ "ERROR: (ResourceNotFound) m", 3, false, false },
	{ "ERROR: (ResourceNotFound) m", 1, false, false },
	{ "ERROR: (NotFound) m", 3, false, false },
	{ "ERROR: (DeploymentNotFound) m", 3, false, false },
	{ "ERROR: (StorageAccountNotFound) m", 3, false, false },
	{ "ERROR: (PlatformImageNotFound) m", 3, false, false },
	{ "ERROR: (AuthorizationFailed) m", 3, false, false },
	/* Throttled. */
	{ "ERROR: (TooManyRequests) m", 1, false, false },
	{ "ERROR: (SubscriptionRequestsThrottled) m", 1, false, false },
	{ "ERROR: (ResourceCollectionRequestsThrottled) m", 1, false, false },
	{ "ERROR: (OperationNotAllowed) The request was throttled", 1, false, false },
	{ "ERROR: Too Many Requests", 1, false, false },
	/* One code, many things. */
	{ "ERROR: (OperationNotAllowed) exceeding approved Cores quota.", 1, true, false },
	{ "ERROR: (OperationNotAllowed) The VM is being provisioned", 1, false, false },
	{ "ERROR: (OperationNotAllowed) quota check of another operation", 1, false, false },
	{ "ERROR: (OperationNotAllowed) The disk is too small", 1, true, false },
	/* Before a deployment, and after it was accepted. */
	{ "ERROR: (InvalidTemplate) m", 1, false, true },
	{ "ERROR: (InvalidTemplateDeployment) m", 1, false, true },
	{ "ERROR: {\"error\":{\"code\":\"InvalidTemplateDeployment\",\"details\":[{\"code\":"
	  "\"SomethingNew\",\"message\":\"m\"}]}}",
	    1, false, true },
	{ "ERROR: {\"status\":\"Failed\",\"error\":{\"code\":\"InvalidTemplate\",\"message\":\"m\"}}",
	    1, false, false },
	{ "ERROR: Deployment failed. Correlation ID: 1-2. {\"code\":\"InvalidTemplate\"}", 1, false,
	    false },
	{ "\033[31mERROR: Deployment failed. Correlation ID: 1-2. "
	  "{\"error\":{\"code\":\"RequestDisallowedByPolicy\"}}",
	    1, false, false },
	{ "ERROR: (DeploymentFailed) m\nException Details:\t(AuthorizationFailed) n", 1, false,
	    false },
	{ "ERROR: (DeploymentCanceled) m", 1, false, false },
	{ "ERROR: (DeploymentOutputEvaluationFailed) m\nException Details:\t(InvalidTemplate) n", 1,
	    false, false },
	{ "ERROR: (ResourceDeploymentFailure) m", 1, false, false },
	{ "ERROR: (DeploymentActive) m", 1, false, false },
	/* A conflict around a refusal, and the other way round. */
	{ "ERROR: (Conflict) m\nException Details:\t(QuotaExceeded) n", 1, false, false },
	{ "ERROR: (BadRequest) m\nException Details:\t(AnotherOperationInProgress) n", 1, false,
	    false },
	{ "ERROR: (BadRequest) m\nException Details:\t(InvalidParameter) n", 1, true, false },
	/* Nothing was sent. */
	{ "ERROR: AADSTS700082: The refresh token has expired due to inactivity.", 1, true, true },
	{ "ERROR: AADSTS90033: A transient error has occurred.", 1, true, true },
	{ "ERROR: (ExpiredAuthenticationToken) m", 1, true, true },
	{ "ERROR: Please run 'az login' to setup account.", 3, false, false },
	/* az may say so after the effect. */
	{ "ERROR: Invalid jmespath query supplied for `--query`", 1, false, false },
	{ "ERROR: Read timed out.", 1, false, false },
};

START_TEST(as_it_may_come)
{
	struct result r;

	result_init(&r);
	r.ending = END_EXITED;
	r.code = texts[_i].status;
	r.started_ms = 1000;
	r.ended_ms = 2000;
	free(r.err);
	r.err = xstrdup(texts[_i].text);
	ck_assert_msg(proves(ACT_RUN, COMMAND, &r) == texts[_i].command, "%s", texts[_i].text);
	ck_assert_msg(proves(ACT_RUN, TEMPLATE, &r) == texts[_i].template, "%s", texts[_i].text);
	/* A look changes nothing, and is not asked for. */
	ck_assert(!proves(ACT_CHECK, COMMAND, &r));
	/* What came late, proves nothing, but for the parser. */
	r.ended_ms = r.started_ms + 30001;
	ck_assert_int_eq(proves(ACT_RUN, COMMAND, &r), texts[_i].status == 2);
	ck_assert_int_eq(proves(ACT_RUN, TEMPLATE, &r), texts[_i].status == 2);
	result_clear(&r);
}
END_TEST

static const struct {
	int64_t started_ms, ended_ms;
	bool err_cut, proves;
} times[] = {
	{ 1000, 1000, false, true },
	{ 1000, 31000, false, true },
	{ 1000, 31001, false, false },
	/* A clock that was set back, and times that are not known. */
	{ 1000, 999, false, false },
	{ 0, 0, false, false },
	{ 0, 1000, false, false },
	{ 1000, 0, false, false },
	/* The code may be another one's. */
	{ 1000, 1000, true, false },
};

START_TEST(times_count)
{
	struct result r;

	az_answer("storage-create-authorization", &r);
	r.started_ms = times[_i].started_ms;
	r.ended_ms = times[_i].ended_ms;
	r.err_cut = times[_i].err_cut;
	ck_assert_int_eq(proves(ACT_RUN, COMMAND, &r), times[_i].proves);
	ck_assert_int_eq(proves(ACT_RUN, TEMPLATE, &r), times[_i].proves);
	ck_assert_int_eq(proves(ACT_UNDO, TEMPLATE, &r), times[_i].proves);
	result_clear(&r);
}
END_TEST

START_TEST(only_an_exit_tells)
{
	static const enum ending endings[] = { END_SIGNALED, END_TIMED_OUT, END_LOST };
	struct result r;

	az_answer("storage-create-authorization", &r);
	for (size_t i = 0; i < COUNT_OF(endings); i++) {
		r.ending = endings[i];
		ck_assert(!proves(ACT_RUN, COMMAND, &r));
	}
	r.ending = END_NOT_STARTED;
	ck_assert(proves(ACT_RUN, COMMAND, &r));
	result_clear(&r);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("azure_proof");
	TCase *tcase = tcase_create("azure_proof");

	tcase_add_loop_test(tcase, as_az_prints_it, 0, COUNT_OF(recorded));
	tcase_add_loop_test(tcase, as_it_may_come, 0, COUNT_OF(texts));
	tcase_add_loop_test(tcase, times_count, 0, COUNT_OF(times));
	tcase_add_test(tcase, only_an_exit_tells);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
