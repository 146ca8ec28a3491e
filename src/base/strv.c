/* A vector of strings; v[len] is NULL once there is a v. */
#include "config.h"
#include "base/strv.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* What no shell takes for anything but itself, wherever it stands in a word. */
static const char shell_plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				  "_@%+=:,./-";

void
strv_clear(struct strv *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->len; i++)
		free(s->v[i]);
	free(s->v);
	*s = (struct strv){ 0 };
}

void
strv_add(struct strv *s, const char *text)
{
	strv_take(s, xstrdup(text));
}

void
strv_take(struct strv *s, char *text)
{
	assert(text != NULL);
	if (s->len + 1 >= s->cap) {
		s->cap = s->cap > 0 ? s->cap * 2 : 8;
		s->v = xrealloc(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->len++] = text;
	s->v[s->len] = NULL;
}

void
strv_addf(struct strv *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strv_take(s, xvasprintf(fmt, ap));
	va_end(ap);
}

void
strv_copy(struct strv *to, const struct strv *from)
{
	/* Once, because from may be the same vector. */
	size_t len = from->len;

	for (size_t i = 0; i < len; i++)
		strv_add(to, from->v[i]);
}

bool
strv_has(const struct strv *s, const char *text)
{
	for (size_t i = 0; i < s->len; i++) {
		if (strcmp(s->v[i], text) == 0)
			return true;
	}
	return false;
}

char *
strv_join(const struct strv *s, const char *sep)
{
	struct buf text = BUF_INIT(SIZE_MAX);

	for (size_t i = 0; i < s->len; i++) {
		if (i > 0)
			buf_adds(&text, sep);
		buf_adds(&text, s->v[i]);
	}
	return buf_take(&text);
}

/* Between single quotes only the single quote itself ends anything. */
static void
add_quoted(struct buf *out, const char *word)
{
	buf_addc(out, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *word);
	}
	buf_addc(out, '\'');
}

char *
strv_shell(const struct strv *s)
{
	struct buf text = BUF_INIT(SIZE_MAX);

	for (size_t i = 0; i < s->len; i++) {
		const char *word = s->v[i];

		if (i > 0)
			buf_addc(&text, ' ');
		if (*word != '\0' && word[strspn(word, shell_plain)] == '\0')
			buf_adds(&text, word);
		else
			add_quoted(&text, word);
	}
	return buf_take(&text);
}

bool
str_ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}
