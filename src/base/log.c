/* Messages for the operator: each is one line and one write(), so that lines never mix. */
#include "config.h"
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/redact.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES (16 * 1024)

static const char *const level_prefix[] = {
	[LOG_ERROR] = "error: ",
	[LOG_WARN] = "warning: ",
	[LOG_INFO] = "",
	[LOG_DEBUG] = "debug: ",
};

static enum log_level max_level = LOG_INFO;
static void (*hook_before)(void);
static void (*hook_after)(void);

void
log_set_level(enum log_level level)
{
	max_level = level;
}

void
log_set_hooks(void (*before)(void), void (*after)(void))
{
	hook_before = before;
	hook_after = after;
}

static void
add_visible(struct buf *out, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		size_t len = utf8_length(text, left);

		if (len > 0 && utf8_control(text) == 0) {
			buf_add(out, text, len);
		} else {
			len = len > 0 ? len : 1;
			for (size_t i = 0; i < len; i++)
				buf_addf(out, "\\x%02X", (unsigned char)text[i]);
		}
		text += len;
		left -= len;
	}
}

static void
write_line(const struct buf *line)
{
	const char *data = line->data;
	size_t left = line->len;

	while (left > 0) {
		ssize_t n = write(STDERR_FILENO, data, left);

		if (n < 0 && errno == EINTR)
			continue;
		/* There is nowhere left to tell it. */
		if (n <= 0)
			return;
		data += n;
		left -= (size_t)n;
	}
}

void
log_line(enum log_level level, const char *subject, const char *fmt, ...)
{
	CLEANUP(buf_clear) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	AUTO_FREE char *text = NULL;
	int saved = errno;
	va_list ap;

	if (level > max_level)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	redact(text, strlen(text));
	add_visible(&line, subject != NULL ? subject : "purser");
	buf_adds(&line, ": ");
	buf_adds(&line, level_prefix[level]);
	add_visible(&line, text);
	/* The newline stands even when the line is cut. */
	if (line.len == line.max)
		line.len = utf8_cut(line.data, line.max - 1);
	buf_addc(&line, '\n');
	if (hook_before != NULL)
		hook_before();
	write_line(&line);
	if (hook_after != NULL)
		hook_after();
	errno = saved;
}
