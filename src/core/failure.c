/*
 * A classified failure. Which code belongs to which class is the business of
 * those who read a tool's answers; here is only the record of it.
 */
#include <config.h>

#include "core/failure.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/mem.h"

static const char *const class_names[FAILURE_CLASSES] = {
	[FAILURE_UNKNOWN] = "unknown",
	[FAILURE_TRANSIENT] = "transient",
	[FAILURE_THROTTLED] = "throttled",
	[FAILURE_CAPACITY] = "capacity",
	[FAILURE_QUOTA] = "quota",
	[FAILURE_AUTH] = "auth",
	[FAILURE_PERMISSION] = "permission",
	[FAILURE_CONFLICT] = "conflict",
	[FAILURE_NOT_FOUND] = "not_found",
	[FAILURE_INVALID] = "invalid",
	[FAILURE_POLICY] = "policy",
	[FAILURE_TIMEOUT] = "timeout",
};

const char *failure_class_name(enum failure_class class)
{
	assert(class < FAILURE_CLASSES);
	return class_names[class];
}

enum failure_class
failure_class_from_name(const char *name)
{
	for (enum failure_class class = 0; class < FAILURE_CLASSES; class ++)
		if (name && strcmp(class_names[class], name) == 0)
			return class;
	return FAILURE_UNKNOWN;
}

void
failure_clear(struct failure *f)
{
	free(f->code);
	free(f->message);
	free(f->step);
	*f = (struct failure){ 0 };
}

void
failure_set(struct failure *f, enum failure_class class, const char *code, const char *step,
    const char *fmt, ...)
{
	/* All is copied before the old record goes: the arguments may be parts of it. */
	struct failure next = { .class = class, .code = xstrdup(code), .step = xstrdup(step) };
	va_list ap;

	va_start(ap, fmt);
	next.message = xvasprintf(fmt, ap);
	va_end(ap);
	failure_clear(f);
	*f = next;
}

void
failure_copy(struct failure *to, const struct failure *from)
{
	if (to == from)
		return;
	failure_clear(to);
	to->class = from->class;
	to->code = xstrdup(from->code);
	to->message = xstrdup(from->message);
	to->step = xstrdup(from->step);
}

bool
failure_is_set(const struct failure *f)
{
	return f->message != NULL;
}

cJSON *
failure_to_json(const struct failure *f)
{
	if (!failure_is_set(f))
		return NULL;
	cJSON *json = cJSON_CreateObject();
	json_add_str(json, "class", failure_class_name(f->class));
	json_add_str(json, "code", f->code);
	json_add_str(json, "message", f->message);
	json_add_str(json, "step", f->step);
	return json;
}

void
failure_from_json(struct failure *f, const cJSON *json)
{
	failure_clear(f);
	if (!cJSON_IsObject(json))
		return;
	f->class = failure_class_from_name(json_str(json, "class"));
	f->code = xstrdup(json_str(json, "code"));
	f->step = xstrdup(json_str(json, "step"));
	/* A record without a message is still one of a failure. */
	const char *message = json_str(json, "message");
	f->message = xstrdup(message ? message : "no message was recorded");
}
