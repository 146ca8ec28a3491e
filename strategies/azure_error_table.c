/*
 * The classes of az's failures, as tables. They say what to do about a failure;
 * whether it proves anything is the business of azure_proof.c.
 *
 * Sources of the rows: Microsoft's "common deployment errors" and virtual
 * machine error pages, the Entra error code reference, and what az 2.45.0 was
 * seen to print (tests/data/az).
 */
#include <config.h>

#include "strategies/azure_error_table.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* A code and what it means. Rows of one code stand together; the first whose text occurs counts. */
struct row {
	const char *code;
	const char *text; /* must occur in the message, case ignored; NULL: any */
	enum failure_class class;
};

static const struct row rows[] = {
	/* Throttling. */
	{ "TooManyRequests", NULL, FAILURE_THROTTLED },
	{ "SubscriptionRequestsThrottled", NULL, FAILURE_THROTTLED },
	{ "ResourceCollectionRequestsThrottled", NULL, FAILURE_THROTTLED },
	{ "TooManyVMRedeploymentRequests", NULL, FAILURE_THROTTLED },
	{ "RetryableErrorDueToAnotherOperation", NULL, FAILURE_CONFLICT },
	{ "RetryableError", NULL, FAILURE_TRANSIENT },
	{ "StorageAccountTooBusy", NULL, FAILURE_THROTTLED },

	/* One code for four things. */
	{ "OperationNotAllowed", "throttl", FAILURE_THROTTLED },
	{ "OperationNotAllowed", "quota", FAILURE_QUOTA },
	{ "OperationNotAllowed", "exceeding approved", FAILURE_QUOTA },
	{ "OperationNotAllowed", "another operation", FAILURE_CONFLICT },
	{ "OperationNotAllowed", "in progress", FAILURE_CONFLICT },
	{ "OperationNotAllowed", "being provisioned", FAILURE_CONFLICT },
	{ "OperationNotAllowed", "marked for deletion", FAILURE_CONFLICT },
	{ "OperationNotAllowed", NULL, FAILURE_INVALID },

	/* Quota. */
	{ "QuotaExceeded", NULL, FAILURE_QUOTA },
	{ "ResourceQuotaExceeded", NULL, FAILURE_QUOTA },
	{ "SubscriptionQuotaReached", NULL, FAILURE_QUOTA },
	{ "PublicIPCountLimitReached", NULL, FAILURE_QUOTA },
	{ "SubnetIsFull", NULL, FAILURE_QUOTA },
	{ "DeploymentQuotaExceeded", NULL, FAILURE_QUOTA },
	{ "StorageAccountLimitation", NULL, FAILURE_QUOTA },

	/* Capacity: the allocation fails after the resource was accepted. */
	{ "SkuNotAvailable", NULL, FAILURE_CAPACITY },
	{ "NotAvailableForSubscription", NULL, FAILURE_CAPACITY },
	{ "RegionDoesNotAllowProvisioning", NULL, FAILURE_CAPACITY },
	{ "LocationNotAvailableForResourceType", NULL, FAILURE_CAPACITY },
	{ "AllocationFailed", NULL, FAILURE_CAPACITY },
	{ "ZonalAllocationFailed", NULL, FAILURE_CAPACITY },
	{ "OverconstrainedAllocationRequest", NULL, FAILURE_CAPACITY },
	{ "OverconstrainedZonalAllocationRequest", NULL, FAILURE_CAPACITY },
	{ "VariablePriceGreaterThanProvidedMaxPrice", NULL, FAILURE_CAPACITY },

	/* Faults of the service: the request may have been carried out. */
	{ "InternalServerError", NULL, FAILURE_TRANSIENT },
	{ "InternalOperationError", NULL, FAILURE_TRANSIENT },
	{ "InternalExecutionError", NULL, FAILURE_TRANSIENT },
	{ "NetworkingInternalOperationError", NULL, FAILURE_TRANSIENT },
	{ "StorageAccountOperationInternalError", NULL, FAILURE_TRANSIENT },
	{ "ServiceUnavailable", NULL, FAILURE_TRANSIENT },
	{ "BadGateway", NULL, FAILURE_TRANSIENT },
	{ "ResourceUpdateBlockedOnPlatformUpdate", NULL, FAILURE_TRANSIENT },
	{ "OSProvisioningInternalError", NULL, FAILURE_TRANSIENT },
	{ "GatewayTimeout", NULL, FAILURE_TIMEOUT },
	{ "ServerTimeout", NULL, FAILURE_TIMEOUT },
	{ "OperationTimedOut", NULL, FAILURE_TIMEOUT },
	{ "RequestTimeout", NULL, FAILURE_TIMEOUT },
	{ "OSProvisioningTimedOut", NULL, FAILURE_TIMEOUT },
	{ "VMStartTimedOut", NULL, FAILURE_TIMEOUT },
	{ "VMExtensionProvisioningTimeout", NULL, FAILURE_TIMEOUT },

	/* Identity and rights. */
	{ "InvalidAuthenticationToken", NULL, FAILURE_AUTH },
	{ "InvalidAuthenticationTokenTenant", NULL, FAILURE_AUTH },
	{ "ExpiredAuthenticationToken", NULL, FAILURE_AUTH },
	{ "AuthenticationFailed", NULL, FAILURE_AUTH },
	{ "AuthorizationFailed", NULL, FAILURE_PERMISSION },
	{ "LinkedAuthorizationFailed", NULL, FAILURE_PERMISSION },
	{ "ReadOnlyDisabledSubscription", NULL, FAILURE_PERMISSION },
	{ "DisallowedOperation", NULL, FAILURE_PERMISSION },
	{ "SubscriptionNotAuthorizedForImage", NULL, FAILURE_PERMISSION },

	/* Policy. A demand for a second factor has the code of a policy. */
	{ "RequestDisallowedByPolicy", "multi-factor", FAILURE_AUTH },
	{ "RequestDisallowedByPolicy", "MFA", FAILURE_AUTH },
	{ "RequestDisallowedByPolicy", NULL, FAILURE_POLICY },
	{ "RequestDisallowedByAzure", NULL, FAILURE_POLICY },
	{ "PolicyViolation", NULL, FAILURE_POLICY },
	{ "ScopeLocked", NULL, FAILURE_POLICY },

	/* Conflicts. */
	{ "Conflict", NULL, FAILURE_CONFLICT },
	{ "AnotherOperationInProgress", NULL, FAILURE_CONFLICT },
	{ "DeploymentActive", NULL, FAILURE_CONFLICT },
	{ "DeploymentActiveAndUneditable", NULL, FAILURE_CONFLICT },
	{ "ResourceGroupBeingDeleted", NULL, FAILURE_CONFLICT },
	{ "ReferencedResourceNotProvisioned", NULL, FAILURE_CONFLICT },
	{ "InUseSubnetCannotBeDeleted", NULL, FAILURE_CONFLICT },
	{ "StorageAccountAlreadyTaken", NULL, FAILURE_CONFLICT },
	{ "StorageAccountAlreadyExists", NULL, FAILURE_CONFLICT },
	{ "StorageAccountInAnotherResourceGroup", NULL, FAILURE_CONFLICT },
	{ "InvalidResourceLocation", NULL, FAILURE_CONFLICT },
	{ "InvalidResourceGroupLocation", NULL, FAILURE_CONFLICT },
	{ "InvalidDeploymentLocation", NULL, FAILURE_CONFLICT },
	{ "DnsRecordInUse", NULL, FAILURE_CONFLICT },
	{ "VaultAlreadyExists", NULL, FAILURE_CONFLICT },
	{ "FlagMustBeSetForRestore", NULL, FAILURE_CONFLICT },
	{ "PreconditionFailed", NULL, FAILURE_CONFLICT },
	{ "Canceled", NULL, FAILURE_CONFLICT },
	{ "OperationPreempted", NULL, FAILURE_CONFLICT },

	/* What is not there. */
	{ "ResourceNotFound", NULL, FAILURE_NOT_FOUND },
	{ "ResourceGroupNotFound", NULL, FAILURE_NOT_FOUND },
	{ "ParentResourceNotFound", NULL, FAILURE_NOT_FOUND },
	{ "DeploymentNotFound", NULL, FAILURE_NOT_FOUND },
	{ "StorageAccountNotFound", NULL, FAILURE_NOT_FOUND },
	{ "SubscriptionNotFound", NULL, FAILURE_NOT_FOUND },
	{ "ImageNotFound", NULL, FAILURE_NOT_FOUND },
	{ "PlatformImageNotFound", NULL, FAILURE_NOT_FOUND },
	{ "PrincipalNotFound", NULL, FAILURE_NOT_FOUND },
	{ "InvalidResourceReference", NULL, FAILURE_NOT_FOUND },
	{ "NotFound", NULL, FAILURE_NOT_FOUND },

	/* What was asked for wrongly. */
	{ "InvalidParameter", "not available in the current region", FAILURE_CAPACITY },
	{ "InvalidParameter", NULL, FAILURE_INVALID },
	{ "InvalidRequestContent", NULL, FAILURE_INVALID },
	{ "InvalidRequestFormat", NULL, FAILURE_INVALID },
	{ "InvalidRequest", NULL, FAILURE_INVALID },
	{ "BadRequest", NULL, FAILURE_INVALID },
	{ "InvalidTemplate", NULL, FAILURE_INVALID },
	{ "InvalidTemplateDeployment", NULL, FAILURE_INVALID },
	{ "InvalidTemplateCircularDependency", NULL, FAILURE_INVALID },
	{ "InvalidApiVersionParameter", NULL, FAILURE_INVALID },
	{ "InvalidResourceType", NULL, FAILURE_INVALID },
	{ "InvalidResourceNamespace", NULL, FAILURE_INVALID },
	{ "InvalidResourceName", NULL, FAILURE_INVALID },
	{ "LocationRequired", NULL, FAILURE_INVALID },
	{ "NoRegisteredProviderFound", NULL, FAILURE_INVALID },
	{ "MissingSubscriptionRegistration", NULL, FAILURE_INVALID },
	{ "SubscriptionNotRegistered", NULL, FAILURE_INVALID },
	{ "MissingRegistrationForLocation", NULL, FAILURE_INVALID },
	{ "PropertyChangeNotAllowed", NULL, FAILURE_INVALID },
	{ "AccountNameInvalid", NULL, FAILURE_INVALID },
	{ "ReservedResourceName", NULL, FAILURE_INVALID },
	{ "DeploymentNameInvalidCharacters", NULL, FAILURE_INVALID },
	{ "DeploymentNameLengthLimitExceeded", NULL, FAILURE_INVALID },
	{ "NetcfgInvalidSubnet", NULL, FAILURE_INVALID },
	{ "NetcfgSubnetRangesOverlap", NULL, FAILURE_INVALID },
	{ "PrivateIPAddressNotInSubnet", NULL, FAILURE_INVALID },
	{ "PrivateIPAddressInReservedRange", NULL, FAILURE_INVALID },
	{ "SubnetsNotInSameVnet", NULL, FAILURE_INVALID },
	{ "OSProvisioningClientError", NULL, FAILURE_INVALID },
	{ "VMMarketplaceInvalidInput", NULL, FAILURE_INVALID },
};

/* Entra: All not listed are AUTH. */
static const struct {
	unsigned long number;
	enum failure_class class;
} entra_rows[] = {
	{ 40010, FAILURE_TRANSIENT },
	{ 50033, FAILURE_TRANSIENT },
	{ 50087, FAILURE_TRANSIENT },
	{ 80005, FAILURE_TRANSIENT },
	{ 90006, FAILURE_TRANSIENT },
	{ 90012, FAILURE_TRANSIENT },
	{ 90024, FAILURE_TRANSIENT },
	{ 90033, FAILURE_TRANSIENT },
	{ 90090, FAILURE_TRANSIENT },
	{ 90055, FAILURE_THROTTLED },
	{ 50196, FAILURE_THROTTLED },
	{ 50105, FAILURE_PERMISSION },
	{ 65001, FAILURE_PERMISSION },
	{ 65004, FAILURE_PERMISSION },
	{ 90094, FAILURE_PERMISSION },
	{ 53000, FAILURE_POLICY },
	{ 53001, FAILURE_POLICY },
	{ 53002, FAILURE_POLICY },
	{ 53003, FAILURE_POLICY },
	{ 500021, FAILURE_POLICY },
	{ 500022, FAILURE_POLICY },
};

/* Texts that come without a code. The first that occurs counts. */
static const struct {
	const char *text; /* case ignored */
	enum failure_class class;
} texts[] = {
	{ "run 'az login'", FAILURE_AUTH },
	{ "az login --", FAILURE_AUTH },
	{ "interactive authentication is needed", FAILURE_AUTH },
	{ "no subscription found", FAILURE_AUTH },
	{ "check the spelling and casing", FAILURE_NOT_FOUND },
	{ "unrecognized arguments", FAILURE_INVALID },
	{ "the following arguments are required", FAILURE_INVALID },
	{ "misspelled or not recognized", FAILURE_INVALID },
	{ "invalid jmespath query", FAILURE_INVALID },
	{ "no tty available", FAILURE_INVALID },
	{ "requires the extension", FAILURE_INVALID },
	{ "certificate verification failed", FAILURE_INVALID },
	{ "certificate_verify_failed", FAILURE_INVALID },
	{ "wait cancelled", FAILURE_TIMEOUT },
	{ "read timed out", FAILURE_TIMEOUT },
	{ "timed out", FAILURE_TIMEOUT },
	{ "connection error", FAILURE_TRANSIENT },
	{ "connection aborted", FAILURE_TRANSIENT },
	{ "connection reset", FAILURE_TRANSIENT },
	{ "connection broken", FAILURE_TRANSIENT },
	{ "connection refused", FAILURE_TRANSIENT },
	{ "new connection", FAILURE_TRANSIENT },
	{ "remotedisconnected", FAILURE_TRANSIENT },
	{ "name resolution", FAILURE_TRANSIENT },
	{ "max retries exceeded", FAILURE_TRANSIENT },
	{ "too many requests", FAILURE_THROTTLED },
	{ "internal server error", FAILURE_TRANSIENT },
	{ "bad gateway", FAILURE_TRANSIENT },
	{ "service unavailable", FAILURE_TRANSIENT },
	{ "gateway timeout", FAILURE_TIMEOUT },
	{ "unexpected error", FAILURE_UNKNOWN },
};

bool
azure_class_of_code(const char *code, const char *message, enum failure_class *class)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcasecmp(rows[i].code, code) != 0 ||
		    (rows[i].text && !strcasestr(message, rows[i].text)))
			continue;
		*class = rows[i].class;
		return true;
	}
	return false;
}

enum failure_class
azure_class_of_entra(unsigned long number)
{
	for (size_t i = 0; i < COUNT_OF(entra_rows); i++)
		if (entra_rows[i].number == number)
			return entra_rows[i].class;
	return FAILURE_AUTH;
}

enum failure_class
azure_class_of_text(const char *text)
{
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (strcasestr(text, texts[i].text))
			return texts[i].class;
	return FAILURE_UNKNOWN;
}
