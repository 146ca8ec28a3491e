/* What the tests of signatures put in the places of ids, names, times, addresses and regions. */
#ifndef UNIT_STRATEGIES_RANDOM_H
#define UNIT_STRATEGIES_RANDOM_H

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static inline size_t
pick(size_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (size_t)(random_state % n);
}

#define ANY_OF(list) (list)[pick(COUNT_OF(list))]

static inline void
add_digits(struct buf *to, size_t n, const char *digits)
{
	for (size_t i = 0; i < n; i++)
		buf_addc(to, digits[pick(strlen(digits))]);
}

static const char hex[] = "0123456789abcdef";
static const char decimal[] = "0123456789";
/* No word of any message. */
static const char *const plain_names[] = { "vm1", "web-prod", "network-rg", "mydisk", "prod_db",
	"aks-cluster-rg", "stpurserprod", "The-Big.One",
	"nightly-build-of-the-data-platform-2026" };
/* Those as well: only what marks a name tells them from the message's own. */
static const char *const nasty_names[] = { "a", "x", "vm", "the", "error", "1", "quota", "not",
	"network", "Failed", "default", "resource", "is", "exceeded", "subscription", "storage" };
static const char *const regions[] = { "eastus", "westeurope", "eastus2", "uksouth",
	"germanywestcentral", "southeastasia" };
static const char *const hosts[] = { "management.azure.com", "registry.terraform.io",
	"login.microsoftonline.com", "st1.blob.core.windows.net" };

static inline const char *
any_name(void)
{
	return pick(2) ? ANY_OF(plain_names) : ANY_OF(nasty_names);
}

static inline void
add_id(struct buf *to)
{
	static const int groups[] = { 8, 4, 4, 4, 12 };

	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		if (i > 0)
			buf_addc(to, '-');
		add_digits(to, (size_t)groups[i], hex);
	}
}

static inline void
add_time(struct buf *to)
{
	int day = 10 + (int)pick(18), hour = 10 + (int)pick(13), second = 10 + (int)pick(49);

	switch (pick(4)) {
	case 0:
		buf_addf(to, "2026-08-%dT%d:03:%d.123Z", day, hour, second);
		break;
	case 1:
		buf_addf(to, "2026-11-%d %d:03:%dZ", day, hour, second);
		break;
	case 2:
		buf_addf(to, "11/%d/2026 9:03:%d AM", day, second);
		break;
	default:
		buf_addf(to, "Sat, %d Nov 2026 %d:03:%d GMT", day, hour, second);
		break;
	}
}

static inline void
add_number(struct buf *to)
{
	add_digits(to, 1, "123456789");
	add_digits(to, pick(3), decimal);
}

#endif
