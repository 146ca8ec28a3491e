/*
 * UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, the version, 12 bits
 * that count within one millisecond (its method 1), the variant, 62 random
 * bits. The pair (time, counter) only ever grows in one process, even when the
 * clock is set back.
 */
#include "config.h"
#include "base/id.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

#define COUNTER_MAX 0xfff
/* A new millisecond starts counting in the lower half, so that there is room above. */
#define COUNTER_START_MASK 0x7ff
#define MS_MASK ((UINT64_C(1) << 48) - 1)

/* Short requests are never cut, but may be interrupted before the kernel's pool is ready. */
static void
random_fill(void *out, size_t len)
{
	ssize_t n;

	do
		n = getrandom(out, len, 0);
	while (n < 0 && errno == EINTR);
	assert(n == (ssize_t)len);
}

void
id_new(char out[static ID_SIZE])
{
	static uint64_t last_ms;
	static unsigned counter;
	uint64_t now = (uint64_t)clock_now_ms() & MS_MASK;
	uint64_t bits[2];

	random_fill(bits, sizeof(bits));
	if (now > last_ms) {
		last_ms = now;
		counter = (unsigned)bits[0] & COUNTER_START_MASK;
	} else if (counter < COUNTER_MAX) {
		counter++;
	} else {
		last_ms++;
		counter = (unsigned)bits[0] & COUNTER_START_MASK;
	}
	snprintf(out, ID_SIZE, "%08x-%04x-7%03x-%04x-%012llx",
	    (unsigned)(last_ms >> 16) & 0xffffffffu, (unsigned)last_ms & 0xffffu,
	    counter & COUNTER_MAX, 0x8000u | ((unsigned)(bits[0] >> 32) & 0x3fffu),
	    (unsigned long long)(bits[1] & MS_MASK));
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool
id_is_valid(const char *text)
{
	if (text == NULL || strlen(text) != ID_LEN)
		return false;
	for (size_t i = 0; i < ID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !is_hex(text[i]))
			return false;
	}
	return text[14] == '7' && strchr("89ab", text[19]) != NULL;
}

const char *
id_short(const char *id)
{
	size_t len = strlen(id);

	return len > ID_SHORT_LEN ? id + len - ID_SHORT_LEN : id;
}

bool
id_is_tail(const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len < ID_MIN_TAIL || len > 12)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_hex(text[i]))
			return false;
	}
	return true;
}
