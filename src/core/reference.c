/* References: ${NAME.outputs.FIELD}. A name may hold dots, so the last ".outputs." counts. */
#include <config.h>

#include "core/reference.h"

#include <string.h>

static const char middle[] = ".outputs.";

static bool
field_is_valid(const char *field)
{
	return *field && strspn(field, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(field);
}

/* TEXT, LEN bytes, is what stands between the braces. */
static bool
split(const char *text, size_t len, struct reference *r)
{
	char inside[OBJECTIVE_NAME_MAX + sizeof(middle) + REFERENCE_FIELD_MAX];
	char *dot = NULL;

	if (len >= sizeof(inside))
		return false;
	memcpy(inside, text, len);
	inside[len] = '\0';
	for (char *at = strstr(inside, middle); at; at = strstr(at + 1, middle))
		dot = at;
	if (!dot)
		return false;
	*dot = '\0';
	const char *field = dot + sizeof(middle) - 1;
	if (!objective_name_is_valid(inside) || !field_is_valid(field) ||
	    strlen(field) > REFERENCE_FIELD_MAX)
		return false;
	memcpy(r->name, inside, strlen(inside) + 1);
	memcpy(r->field, field, strlen(field) + 1);
	return true;
}

enum reference_found
reference_next(const char *text, struct reference *r)
{
	const char *start = strstr(text, "${");

	if (!start)
		return REFERENCE_NONE;
	const char *end = strchr(start, '}');
	r->start = start;
	r->len = end ? (size_t)(end + 1 - start) : strlen(start);
	if (!end || !split(start + 2, (size_t)(end - start) - 2, r))
		return REFERENCE_BROKEN;
	return REFERENCE_FOUND;
}

bool
reference_is_whole(const char *text, struct reference *r)
{
	return reference_next(text, r) == REFERENCE_FOUND && r->start == text &&
	    text[r->len] == '\0';
}
