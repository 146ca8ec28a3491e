/*
 * What proves that a call of az did nothing. A row is here only if its code
 * answers the request itself, before anything was begun, and cannot come from
 * an operation that was accepted, nor from the work of an earlier request.
 */
#include <config.h>

#include "strategies/azure_proof.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "strategies/azure_step.h"

/* A refusal comes back at once; what comes later may be about a poll. */
#define REFUSAL_MAX_MS 30000

/* Rows of one code stand together; the first whose text occurs counts. */
struct proof {
	const char *code;
	const char *text; /* must occur in the message, case ignored; NULL: any */
	bool proves;
};

/* What would hold the thing is not there, so that nothing can have been put into it. */
static const char *const missing_containers[] = {
	"ResourceGroupNotFound",
	"ParentResourceNotFound",
	"SubscriptionNotFound",
};

/*
 * A deployment is accepted first and fails afterwards, with any code at all in
 * its error: only what answers its PUT or the preflight counts, and that is
 * the outermost code.
 */
static const char *const template_refusals[] = {
	"InvalidTemplate",
	"InvalidTemplateDeployment",
	"InvalidTemplateCircularDependency",
	"InvalidRequestContent",
	"InvalidDeploymentLocation",
	"DeploymentQuotaExceeded",
	"DeploymentNameInvalidCharacters",
	"DeploymentNameLengthLimitExceeded",
	"AuthorizationFailed",
	"LinkedAuthorizationFailed",
	"InvalidAuthenticationToken",
	"InvalidAuthenticationTokenTenant",
	"ExpiredAuthenticationToken",
	"AuthenticationFailed",
	"ReadOnlyDisabledSubscription",
	"RequestDisallowedByPolicy",
	"RequestDisallowedByAzure",
	"ScopeLocked",
	"ResourceGroupNotFound",
	"SubscriptionNotFound",
};

/* The outermost code of what was accepted and failed later. */
static const char *const deployment_failures[] = {
	"DeploymentFailed",
	"DeploymentCanceled",
	"DeploymentOutputEvaluationFailed",
	"ResourceDeploymentFailure",
};

/* What answers the request of an az command. The outermost and the innermost code must be here. */
static const struct proof command_refusals[] = {
	{ "ResourceGroupNotFound", NULL, true },
	{ "ParentResourceNotFound", NULL, true },
	{ "SubscriptionNotFound", NULL, true },

	/* One code for many things. */
	{ "OperationNotAllowed", "throttl", false },
	{ "OperationNotAllowed", "another operation", false },
	{ "OperationNotAllowed", "in progress", false },
	{ "OperationNotAllowed", "being provisioned", false },
	{ "OperationNotAllowed", "marked for deletion", false },
	{ "OperationNotAllowed", NULL, true },

	/* Quota and capacity, as far as they are looked at before a request is accepted. */
	{ "QuotaExceeded", NULL, true },
	{ "ResourceQuotaExceeded", NULL, true },
	{ "SubscriptionQuotaReached", NULL, true },
	{ "PublicIPCountLimitReached", NULL, true },
	{ "SubnetIsFull", NULL, true },
	{ "StorageAccountLimitation", NULL, true },
	{ "SkuNotAvailable", NULL, true },
	{ "NotAvailableForSubscription", NULL, true },
	{ "RegionDoesNotAllowProvisioning", NULL, true },
	{ "LocationNotAvailableForResourceType", NULL, true },

	/* Identity, rights and policy. */
	{ "InvalidAuthenticationToken", NULL, true },
	{ "InvalidAuthenticationTokenTenant", NULL, true },
	{ "ExpiredAuthenticationToken", NULL, true },
	{ "AuthenticationFailed", NULL, true },
	{ "AuthorizationFailed", NULL, true },
	{ "LinkedAuthorizationFailed", NULL, true },
	{ "ReadOnlyDisabledSubscription", NULL, true },
	{ "DisallowedOperation", NULL, true },
	{ "SubscriptionNotAuthorizedForImage", NULL, true },
	{ "RequestDisallowedByPolicy", NULL, true },
	{ "RequestDisallowedByAzure", NULL, true },
	{ "PolicyViolation", NULL, true },
	{ "ScopeLocked", NULL, true },

	/* Conflicts with what others did, and not with an earlier request of ours. */
	{ "ResourceGroupBeingDeleted", NULL, true },
	{ "InUseSubnetCannotBeDeleted", NULL, true },
	{ "StorageAccountAlreadyTaken", NULL, true },
	{ "StorageAccountInAnotherResourceGroup", NULL, true },
	{ "InvalidResourceLocation", NULL, true },
	{ "InvalidResourceGroupLocation", NULL, true },
	{ "DnsRecordInUse", NULL, true },
	{ "VaultAlreadyExists", NULL, true },
	{ "FlagMustBeSetForRestore", NULL, true },

	/* What was asked for wrongly. */
	{ "InvalidResourceReference", NULL, true },
	{ "InvalidParameter", NULL, true },
	{ "InvalidRequestContent", NULL, true },
	{ "InvalidRequestFormat", NULL, true },
	{ "InvalidRequest", NULL, true },
	{ "BadRequest", NULL, true },
	{ "InvalidApiVersionParameter", NULL, true },
	{ "InvalidResourceType", NULL, true },
	{ "InvalidResourceNamespace", NULL, true },
	{ "InvalidResourceName", NULL, true },
	{ "LocationRequired", NULL, true },
	{ "NoRegisteredProviderFound", NULL, true },
	{ "MissingSubscriptionRegistration", NULL, true },
	{ "SubscriptionNotRegistered", NULL, true },
	{ "MissingRegistrationForLocation", NULL, true },
	{ "PropertyChangeNotAllowed", NULL, true },
	{ "AccountNameInvalid", NULL, true },
	{ "ReservedResourceName", NULL, true },
	{ "NetcfgInvalidSubnet", NULL, true },
	{ "NetcfgSubnetRangesOverlap", NULL, true },
	{ "PrivateIPAddressNotInSubnet", NULL, true },
	{ "PrivateIPAddressInReservedRange", NULL, true },
	{ "SubnetsNotInSameVnet", NULL, true },
	{ "VMMarketplaceInvalidInput", NULL, true },
};

/* What az says without any code because it sent nothing. Case ignored. */
static const char *const unsent[] = {
	"run 'az login'",
	"az login --",
	"interactive authentication is needed",
	"no subscription found",
	"check the spelling and casing",
	"no tty available",
	"requires the extension",
};

static bool
is_one_of(const char *code, const char *const *list, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (code && strcasecmp(code, list[i]) == 0)
			return true;
	return false;
}

static bool
holds_one_of(const char *text, const char *const *list, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strcasestr(text, list[i]))
			return true;
	return false;
}

/* Times that are not known, or that a clock set back makes absurd, count as late. */
static bool
came_at_once(const struct result *r)
{
	return r->started_ms > 0 && r->ended_ms >= r->started_ms &&
	    r->ended_ms - r->started_ms <= REFUSAL_MAX_MS;
}

/* az tells of a deployment, or of any operation, that was accepted and then ended. */
static bool
tells_of_an_end(const struct azure_error *error, const char *text)
{
	static const char announced[] = "deployment failed", blank[] = "\033[0123456789;m \r\t";

	if (is_one_of(error->outer, deployment_failures, COUNT_OF(deployment_failures)))
		return true;
	/* {"status": "Failed", "error": ...} is the record of an operation, and no answer to a request. */
	if (strcasestr(text, "\"status\""))
		return true;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *start = line + strspn(line, blank);
		if (strncmp(start, "ERROR:", 6) == 0)
			start += 6 + strspn(start + 6, blank);
		if (strncasecmp(start, announced, strlen(announced)) == 0)
			return true;
	}
	return false;
}

static bool
command_is_refused(const char *code, const char *message)
{
	for (size_t i = 0; i < COUNT_OF(command_refusals); i++) {
		const struct proof *p = &command_refusals[i];
		if (strcasecmp(p->code, code) == 0 && (!p->text || strcasestr(message, p->text)))
			return p->proves;
	}
	return false;
}

static bool
code_proves(const struct step *step, const struct azure_error *error, int status)
{
	/* Entra gave no token, so that nothing was sent. */
	if (strncmp(error->outer, "AADSTS", 6) == 0)
		return true;
	if (status == AZURE_STATUS_NOT_FOUND &&
	    !is_one_of(error->outer, missing_containers, COUNT_OF(missing_containers)))
		return false;
	if (azure_step_is_template(step))
		return is_one_of(error->outer, template_refusals, COUNT_OF(template_refusals));
	return command_is_refused(error->outer, error->message) &&
	    command_is_refused(error->code, error->message);
}

bool
azure_proves_nothing_happened(enum act act, const struct step *step,
    const struct azure_error *error, const struct result *result)
{
	const char *text = result->err ? result->err : "";

	if (act != ACT_RUN && act != ACT_UNDO)
		return false;
	if (result->ending == END_NOT_STARTED)
		return true;
	if (result->ending != END_EXITED)
		return false;
	if (result->code == AZURE_STATUS_PARSER)
		return true;
	/* Where the middle is missing, the code that was found may be another one's. */
	if (result->err_cut || !came_at_once(result) || tells_of_an_end(error, text))
		return false;
	if (error->outer)
		return code_proves(step, error, result->code);
	return result->code != AZURE_STATUS_NOT_FOUND &&
	    holds_one_of(text, unsent, COUNT_OF(unsent));
}
