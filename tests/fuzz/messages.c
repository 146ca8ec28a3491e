/*
 * What reads bytes of a server: messages and event streams. A message that is
 * taken has what its kind promises; a stream means the same in whatever pieces it
 * comes.
 */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "driver/rpc.h"
#include "driver/sse.h"
#include "tests/fuzz/fuzz.h"

#define EVENTS_MAX (1024 * 1024)

static void
check_message(const uint8_t *data, size_t size)
{
	struct rpc_message m;
	struct err e = { 0 };

	if (rpc_parse((const char *)data, size, &m, &e) == -1) {
		assert(e.kind == ERR_INPUT && m.json == NULL);
		return;
	}
	assert((m.method != NULL) == (m.kind == RPC_REQUEST || m.kind == RPC_NOTIFICATION));
	assert((m.result != NULL) == (m.kind == RPC_RESULT));
	assert((m.text != NULL) == (m.kind == RPC_ERROR));
	assert(m.id != NULL || m.kind == RPC_NOTIFICATION || m.kind == RPC_ERROR);
	assert(m.params == NULL || cJSON_IsObject(m.params));
	if (m.kind == RPC_REQUEST) {
		AUTO_FREE char *answer = rpc_result(m.id, m.params);
		struct rpc_message again;

		assert(strchr(answer, '\n') == NULL);
		assert(rpc_parse(answer, strlen(answer), &again, NULL) == 0);
		assert(cJSON_Compare(m.id, again.id, true));
		rpc_clear(&again);
	}
	rpc_clear(&m);
}

static void
take_event(const char *type, const char *text, size_t len, void *data)
{
	buf_adds(data, type);
	buf_addc(data, '\0');
	buf_add(data, text, len);
	buf_addc(data, '\0');
}

static void
read_stream(const uint8_t *data, size_t size, size_t piece, struct buf *events)
{
	struct sse s;

	sse_init(&s, 4096);
	for (size_t at = 0; at < size; at += piece)
		if (sse_feed(&s, (const char *)data + at, size - at < piece ? size - at : piece,
			take_event, events, NULL) == -1)
			break;
	buf_adds(events, s.id);
	buf_addf(events, "%lld", (long long)s.retry_ms);
	sse_clear(&s);
}

/* One that is too long ends where it is noticed: only shorter ones are compared. */
static void
check_stream(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT(EVENTS_MAX), pieces = BUF_INIT(EVENTS_MAX);

	read_stream(data, size, size + 1, &whole);
	read_stream(data, size, 1 + size % 7, &pieces);
	if (size < 4096)
		assert(whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0);
	buf_clear(&whole);
	buf_clear(&pieces);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_message(data, size);
	check_stream(data, size);
	return 0;
}
