/*
 * Ids are told in many spellings of a few labels: "Request ID", "requestId",
 * "x-ms-request-id". A label is compared without its blanks, hyphens and underscores, and
 * what stands behind it is an id only if it looks like one: "the request id is missing"
 * tells none.
 */
#include <config.h>

#include "core/trace.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/redact.h"

#define ID_MIN 4
#define ID_MAX 100
#define TARGET_MAX 500
/* Between a label and its id: "\": \"", " is '", "=". */
#define GAP_MAX 8

/* In the order in which they count. Entra calls the id of a request a trace id. */
static const struct {
	const char *label;
	bool is_request;
} labels[] = {
	{ "xmsrequestid", true },
	{ "requestid", true },
	{ "servicerequestid", true },
	{ "traceid", true },
	{ "activityid", true },
	{ "xmscorrelationrequestid", false },
	{ "correlationid", false },
	{ "trackingid", false },
};

void
trace_clear(struct trace *t)
{
	free(t->target);
	free(t->correlation);
	free(t->request);
	*t = (struct trace){ .target = NULL };
}

void
trace_copy(struct trace *to, const struct trace *from)
{
	if (to == from)
		return;
	trace_clear(to);
	to->target = xstrdup(from->target);
	to->correlation = xstrdup(from->correlation);
	to->request = xstrdup(from->request);
}

/* ---- ids ---- */

static bool
is_separator(char c)
{
	return c == ' ' || c == '-' || c == '_';
}

/* Behind LABEL, if it is what stands at P; else NULL. */
static const char *
behind_label(const char *p, const char *label)
{
	const char *start = p;

	for (; *label != '\0'; label++, p++) {
		if (p > start && is_separator(*p))
			p++;
		if (tolower((unsigned char)*p) != *label)
			return NULL;
	}
	return p;
}

/* A word begins at P. The 'n' of an escaped line break is none of its letters. */
static bool
begins_word(const char *text, const char *p)
{
	if (p == text || (!isalnum((unsigned char)p[-1]) && p[-1] != '-' && p[-1] != '_'))
		return true;
	return p > text + 1 && p[-2] == '\\';
}

/* The id that stands behind its label at P; NULL if none does. The caller's own. */
static char *
id_at(const char *p)
{
	size_t gap = 0, len = 0, digits = 0;

	/* No further than an id can be: what others wrote may repeat itself for ever. */
	while (gap <= GAP_MAX && p[gap] != '\0' && strchr(" :='\"\\", p[gap]) != NULL)
		gap++;
	if (gap > 0 && strncasecmp(p + gap, "is ", 3) == 0)
		gap += 3 + (p[gap + 3] == ' ' || p[gap + 3] == '\'' || p[gap + 3] == '"');
	if (gap == 0 || gap > GAP_MAX)
		return NULL;
	for (p += gap; len <= ID_MAX &&
	     (isalnum((unsigned char)p[len]) || (p[len] != '\0' && strchr("-_.:", p[len])));
	     len++)
		digits += isdigit((unsigned char)p[len]) != 0;
	while (len > 0 && strchr(".:", p[len - 1]) != NULL)
		len--;
	return len >= ID_MIN && len <= ID_MAX && digits > 0 ? xstrndup(p, len) : NULL;
}

/* The id behind the first label at P; NULL if there is none. *is_request tells which one it is. */
static char *
labelled_at(const char *p, bool *is_request)
{
	for (size_t i = 0; i < COUNT_OF(labels); i++) {
		const char *behind = behind_label(p, labels[i].label);

		*is_request = labels[i].is_request;
		if (behind != NULL)
			return id_at(behind);
	}
	return NULL;
}

void
trace_read(struct trace *t, const char *text)
{
	for (const char *p = text; *p != '\0' && (!t->request || !t->correlation); p++) {
		bool is_request;
		char **slot;

		if (strchr("xXrRsStTaAcC", *p) == NULL || !begins_word(text, p))
			continue;
		AUTO_FREE char *id = labelled_at(p, &is_request);
		slot = is_request ? &t->request : &t->correlation;
		if (id != NULL && *slot == NULL)
			*slot = take(id);
	}
}

/* ---- what it was about ---- */

/* One line, of which secrets are masked: it is shown wherever the message is. */
static void
set_target(struct trace *t, const char *target, size_t len)
{
	if (t->target != NULL || len == 0 || len > TARGET_MAX)
		return;
	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)target[i]))
			return;
	t->target = xstrndup(target, len);
	redact(t->target, len);
}

void
trace_set_target(struct trace *t, const char *target)
{
	if (target != NULL)
		set_target(t, target, strlen(target));
}

/*
 * Neither the end of an action ("Microsoft.Resources/subscriptions/...") nor of what stands
 * in the way ("in use by /subscriptions/...").
 */
static bool
begins_id(const char *text, const char *at)
{
	static const char before[] = "by ";
	const size_t len = strlen(before);

	if (at > text && isalnum((unsigned char)at[-1]))
		return false;
	return (size_t)(at - text) < len || strncmp(at - len, before, len) != 0;
}

static const char *
find_id(const char *text)
{
	const char *at = text;

	while ((at = strcasestr(at, "/subscriptions/")) != NULL && !begins_id(text, at))
		at++;
	return at;
}

void
trace_find_target(struct trace *t, const char *text)
{
	const char *at = find_id(text);
	size_t len = at != NULL ? strcspn(at, " \t\r\n'\"`,;()[]<>\\") : 0;

	while (len > 0 && strchr(".:/", at[len - 1]) != NULL)
		len--;
	if (len > strlen("/subscriptions/"))
		set_target(t, at, len);
}

/* ---- for others ---- */

void
trace_add_json(const struct trace *t, cJSON *object)
{
	json_add_str(object, "target", t->target);
	json_add_str(object, "correlation", t->correlation);
	json_add_str(object, "request", t->request);
}

void
trace_from_json(struct trace *t, const cJSON *object)
{
	trace_clear(t);
	t->target = xstrdup(json_str(object, "target"));
	t->correlation = xstrdup(json_str(object, "correlation"));
	t->request = xstrdup(json_str(object, "request"));
}
