/* What a server writes to nobody in particular, on its way to the operator. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "driver/mcp_client.h"

#define LINES_A_SECOND 100

static void
tell(struct mcp *m, const char *line)
{
	m->listener.log(m, line, m->listener.data);
}

/* One more line in this second? Says how many were left out, once there is room again. */
static bool
may_tell(struct mcp *m)
{
	uint64_t second = uv_now(m->loop) / 1000;
	unsigned left_out = m->log_left_out;

	if (second == m->log_second && m->log_lines >= LINES_A_SECOND) {
		m->log_left_out++;
		return false;
	}
	if (second != m->log_second) {
		m->log_second = second;
		m->log_lines = 0;
	}
	m->log_lines++;
	m->log_left_out = 0;
	if (left_out > 0) {
		char text[64];

		snprintf(text, sizeof(text), "(%u lines were left out)", left_out);
		tell(m, text);
	}
	return true;
}

void
mcp_log_text(void *data, const char *line, size_t len)
{
	struct mcp *m = data;
	AUTO_FREE char *text = NULL;
	AUTO_FREE char *shown = NULL;

	if (m->listener.log == NULL || !may_tell(m))
		return;
	text = json_utf8(line, len < MCP_LINE_MAX ? len : MCP_LINE_MAX);
	shown = utf8_line(text, MCP_LINE_MAX);
	tell(m, shown);
}

void
mcp_log(struct mcp *m, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	mcp_log_text(m, text, strlen(text));
}
