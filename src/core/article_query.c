/*
 * A code that is made of letters, with some digits behind them, and of several words is a
 * service's own ("SkuNotAvailable", "AADSTS700082"); whatever else a tool called a code (a
 * name, a number, an address) might be nobody else's business.
 */
#include <config.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "core/article.h"

#define CODE_MAX 100
#define CODE_DIGITS_MAX 8
#define PROVIDER_MAX 60

/* Codes that many services use for many things. */
static const char *const general_codes[] = { "AllocationFailed", "BadRequest", "Canceled",
	"Conflict", "DeploymentFailed", "Failed", "Forbidden", "InternalError",
	"InternalServerError", "InvalidParameter", "InvalidParameterValue", "InvalidRequest",
	"InvalidRequestContent", "InvalidRequestFormat", "InvalidResource", "NotFound",
	"OperationNotAllowed", "OperationNotSupported", "OperationTimedOut", "PreconditionFailed",
	"QuotaExceeded", "ResourceNotFound", "RetryableError", "ServiceUnavailable", "Timeout",
	"TooManyRequests", "Unauthorized", "ValidationError", "ValidationFailed" };

static bool
is_general(const char *code)
{
	for (size_t i = 0; i < COUNT_OF(general_codes); i++)
		if (strcasecmp(general_codes[i], code) == 0)
			return true;
	return false;
}

static bool
is_public_code(const char *code)
{
	size_t capitals = 0, len = 0, digits;

	for (; isalpha((unsigned char)code[len]); len++)
		capitals += isupper((unsigned char)code[len]) != 0;
	digits = strspn(code + len, "0123456789");
	return code[len + digits] == '\0' && digits <= CODE_DIGITS_MAX &&
	    len + digits <= CODE_MAX && isupper((unsigned char)code[0]) && capitals > 1;
}

/* "Microsoft.Compute". */
static bool
is_public_provider(const char *provider)
{
	static const char begin[] = "Microsoft.";
	size_t len = 0;

	if (provider == NULL || strncmp(provider, begin, strlen(begin)) != 0)
		return false;
	provider += strlen(begin);
	while (isalpha((unsigned char)provider[len]))
		len++;
	return len > 0 && len <= PROVIDER_MAX && provider[len] == '\0';
}

char *
article_query(enum failure_class class, const char *code, const char *provider)
{
	bool with_provider;

	if (code == NULL || !(is_general(code) || is_public_code(code)))
		return NULL;
	if (!is_general(code))
		return xasprintf("%s error", code);
	with_provider = is_public_provider(provider);
	return xasprintf("%s error%s%s%s%s", code, class != FAILURE_UNKNOWN ? " " : "",
	    class != FAILURE_UNKNOWN ? failure_class_name(class) : "", with_provider ? " " : "",
	    with_provider ? provider : "");
}
