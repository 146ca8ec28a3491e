/* Fields are cut out of the text in place: a NUL goes where a comma, a quote or a line's end was. */
#include "config.h"

#include "pricing/csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

void
csv_init(struct csv *c, const char *name, struct buf *text)
{
	memset(c, 0, sizeof(*c));
	c->name = name;
	c->next_line = 1;
	buf_adds(text, ""); /* so that there is a NUL to put over */
	c->at = text->data;
	c->end = text->data + text->len;
	if (text->len >= 3 && memcmp(c->at, BYTE_ORDER_MARK, 3) == 0)
		c->at += 3;
	c->has_nul = c->at != c->end && memchr(c->at, '\0', (size_t)(c->end - c->at)) != NULL;
}

int
csv_fault(const struct csv *c, struct err *e, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(e, ERR_INPUT, "%s:%ld: %s", c->name, c->line, what);
}

/* A field in quotes, from behind the first one; what stays is moved down over what goes. */
static int
quoted_field(struct csv *c, struct err *e)
{
	char *to = c->at;

	for (;;) {
		if (c->at == c->end)
			return csv_fault(c, e, "a quote is not closed");
		if (*c->at == '\n')
			c->next_line++;
		if (*c->at == '"') {
			c->at++;
			if (c->at == c->end || *c->at != '"')
				break;
		}
		*to++ = *c->at++;
	}
	if (c->at < c->end && *c->at != ',' && *c->at != '\n' && *c->at != '\r')
		return csv_fault(c, e, "text behind a closing quote");
	/* The closing quote stood here or behind. */
	*to = '\0';
	return 0;
}

static void
plain_field(struct csv *c)
{
	while (c->at < c->end && *c->at != ',' && *c->at != '\n' && *c->at != '\r')
		c->at++;
}

/* Steps over the end of a line; false if a field follows instead. */
static bool
end_of_record(struct csv *c)
{
	char *at = c->at;

	if (at < c->end && *at == ',') {
		*at = '\0';
		c->at++;
		return false;
	}
	if (at < c->end && *at == '\r')
		c->at++;
	if (c->at < c->end && *c->at == '\n') {
		c->at++;
		c->next_line++;
	}
	*at = '\0';
	return true;
}

int
csv_next(struct csv *c, struct err *e)
{
	while (c->at < c->end && (*c->at == '\n' || *c->at == '\r')) {
		if (*c->at == '\n')
			c->next_line++;
		c->at++;
	}
	c->n = 0;
	c->line = c->next_line;
	if (c->at == c->end)
		return 0;
	if (c->has_nul)
		return csv_fault(c, e, "there is a NUL in the file");
	do {
		if (c->n == CSV_FIELDS_MAX)
			return csv_fault(c, e, "more than %d fields", CSV_FIELDS_MAX);
		if (c->at < c->end && *c->at == '"') {
			c->fields[c->n++] = ++c->at;
			if (quoted_field(c, e) < 0)
				return -1;
		} else {
			c->fields[c->n++] = c->at;
			plain_field(c);
		}
	} while (!end_of_record(c));
	return 1;
}

int
csv_header(struct csv *c, const char *names, struct err *e)
{
	int rc = csv_next(c, e);
	const char *at = names;

	if (rc < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		size_t len = strcspn(at, ",");

		if (strlen(c->fields[i]) != len || strncmp(c->fields[i], at, len) != 0)
			return csv_fault(c, e, "the columns must be %s", names);
		at += len;
		at += *at == ',' && i + 1 < c->n;
	}
	if (rc == 0 || *at != '\0')
		return csv_fault(c, e, "the columns must be %s", names);
	return 0;
}
