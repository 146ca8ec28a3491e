#include "config.h"

#include "driver/sse.h"

#include <string.h>

#define RETRY_MAX_MS (60 * 60 * INT64_C(1000))

void
sse_init(struct sse *s, size_t max_bytes)
{
	*s = (struct sse){ .retry_ms = -1 };
	buf_init(&s->line, max_bytes);
	buf_init(&s->data, max_bytes);
}

void
sse_clear(struct sse *s)
{
	buf_clear(&s->line);
	buf_clear(&s->data);
}

static void
begin_event(struct sse *s)
{
	buf_reset(&s->data);
	s->has_data = false;
	s->type[0] = '\0';
}

void
sse_restart(struct sse *s)
{
	buf_reset(&s->line);
	begin_event(s);
	memcpy(s->next_id, s->id, sizeof(s->id));
	s->after_cr = s->is_begun = false;
}

/* Digits only; anything else is as if nothing had been said. */
static void
take_retry(struct sse *s, const char *value, size_t len)
{
	int64_t ms = 0;

	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return;
		ms = ms * 10 + (value[i] - '0');
		if (ms > RETRY_MAX_MS)
			ms = RETRY_MAX_MS;
	}
	if (len > 0)
		s->retry_ms = ms;
}

static void
take_text(char *to, size_t size, const char *value, size_t len)
{
	if (len >= size || memchr(value, '\0', len) != NULL)
		return;
	memcpy(to, value, len);
	to[len] = '\0';
}

static void
take_field(struct sse *s, const char *name, size_t name_len, const char *value, size_t len)
{
	if (name_len == 4 && memcmp(name, "data", 4) == 0) {
		if (s->has_data)
			buf_addc(&s->data, '\n');
		buf_add(&s->data, value, len);
		s->has_data = true;
	} else if (name_len == 2 && memcmp(name, "id", 2) == 0) {
		take_text(s->next_id, sizeof(s->next_id), value, len);
	} else if (name_len == 5 && memcmp(name, "event", 5) == 0) {
		take_text(s->type, sizeof(s->type), value, len);
	} else if (name_len == 5 && memcmp(name, "retry", 5) == 0) {
		take_retry(s, value, len);
	}
}

/* An empty line ends an event; one that begins with a colon is a comment. */
static void
end_line(struct sse *s, sse_event_fn *done, void *data)
{
	const char *line = buf_str(&s->line);
	size_t len = s->line.len;
	const char *colon = len > 0 ? memchr(line, ':', len) : NULL;
	size_t name_len = colon != NULL ? (size_t)(colon - line) : len;
	size_t skip = name_len + (colon != NULL);

	if (len == 0) {
		memcpy(s->id, s->next_id, sizeof(s->id));
		if (s->data.len > 0)
			done(*s->type != '\0' ? s->type : "message", buf_str(&s->data), s->data.len,
			    data);
		begin_event(s);
		return;
	}
	if (skip < len && line[skip] == ' ')
		skip++;
	if (name_len > 0)
		take_field(s, line, name_len, line + skip, len - skip);
	buf_reset(&s->line);
}

/* A byte order mark may stand before everything. */
static void
skip_mark(struct sse *s)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (!s->is_begun && s->line.len >= 3 && memcmp(s->line.data, mark, 3) == 0) {
		memmove(s->line.data, s->line.data + 3, s->line.len - 3 + 1);
		s->line.len -= 3;
	}
	s->is_begun = true;
}

int
sse_feed(
    struct sse *s, const char *bytes, size_t len, sse_event_fn *done, void *data, struct err *e)
{
	const char *end = bytes + len;

	while (bytes < end) {
		size_t n;

		/* The second half of CR LF. */
		if (s->after_cr && *bytes == '\n') {
			s->after_cr = false;
			bytes++;
			continue;
		}
		s->after_cr = false;
		for (n = 0; bytes + n < end && bytes[n] != '\n' && bytes[n] != '\r'; n++)
			continue;
		buf_add(&s->line, bytes, n);
		bytes += n;
		if (bytes < end) {
			s->after_cr = *bytes++ == '\r';
			skip_mark(s);
			end_line(s, done, data);
		}
		if (buf_is_cut(&s->line) || buf_is_cut(&s->data))
			return err_set(
			    e, ERR_INPUT, "an event is larger than %zu bytes", s->line.max);
	}
	return 0;
}
