/* Of any bytes only some become '*' or '9', and what was JSON or UTF-8 is so afterwards. */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/redact.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

static bool
is_utf8(const char *text, size_t len)
{
	while (len > 0) {
		size_t n = utf8_length(text, len);

		if (n == 0)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

/* All LEN bytes, behind which there is a NUL. Not json_parse(): two names that were different may be the same now. */
static bool
is_json(const char *text, size_t len)
{
	AUTO_JSON cJSON *json = cJSON_ParseWithLengthOpts(text, len + 1, NULL, true);

	return json != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xmalloc(size + 1);
	size_t changed = 0;

	memcpy(text, data, size);
	text[size] = '\0';
	bool json = is_json(text, size), utf8 = is_utf8(text, size);
	size_t found = redact(text, size);
	for (size_t i = 0; i < size; i++) {
		assert((uint8_t)text[i] == data[i] || text[i] == '*' || text[i] == '9');
		changed += (uint8_t)text[i] != data[i];
	}
	assert(changed == 0 || found > 0);
	assert(!json || is_json(text, size));
	assert(!utf8 || is_utf8(text, size));
	return 0;
}
