/* Placeholders: found by hand, in one pass. */
#include <config.h>

#include "core/placeholder.h"

#include <string.h>

static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

bool
placeholder_next(const char *text, struct placeholder *p)
{
	for (const char *at = strchr(text, '{'); at; at = strchr(at + 1, '{')) {
		size_t len = strspn(at + 1, word);
		const char *end = at + 1 + len;
		bool spliced = strncmp(end, "...", 3) == 0;

		if (spliced)
			end += 3;
		/* "${" opens a reference, which is another thing. */
		if (len == 0 || len > PLACEHOLDER_MAX || *end != '}' ||
		    (at > text && at[-1] == '$'))
			continue;
		p->start = at;
		p->len = (size_t)(end + 1 - at);
		memcpy(p->name, at + 1, len);
		p->name[len] = '\0';
		p->spliced = spliced;
		return true;
	}
	return false;
}

bool
placeholder_is_whole(const char *text, struct placeholder *p)
{
	return placeholder_next(text, p) && p->start == text && text[p->len] == '\0';
}

bool
placeholder_fill(const char *text, placeholder_fn *find, void *data, struct buf *out, char *unknown)
{
	struct placeholder p;

	while (placeholder_next(text, &p)) {
		const char *value = find(data, p.name);

		if (!value || p.spliced) {
			memcpy(unknown, p.name, sizeof(p.name));
			return false;
		}
		buf_add(out, text, (size_t)(p.start - text));
		buf_adds(out, value);
		text = p.start + p.len;
	}
	buf_adds(out, text);
	return true;
}
