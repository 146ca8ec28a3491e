/*
 * A classified failure. Which code belongs to which class is the business of
 * core/failure_table.h; here is only the record of it, and what is usual for a class.
 */
#include <config.h>

#include "core/failure.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/redact.h"

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

static const char *const retry_names[RETRIES] = {
	[RETRY_NEVER] = "never",
	[RETRY_LATER] = "later",
	[RETRY_AFTER_DEPENDENCY] = "after dependency",
};

/*
 * Time heals some failures; another tool heals what lies in the tool or in what
 * it was told. What the account, its limits or its owners forbid, they forbid to
 * every tool.
 */
static const struct {
	enum retry retry;
	bool fallback;
} usual[FAILURE_CLASSES] = {
	[FAILURE_UNKNOWN] = { RETRY_NEVER, true },
	[FAILURE_TRANSIENT] = { RETRY_LATER, true },
	[FAILURE_THROTTLED] = { RETRY_LATER, false },
	[FAILURE_CAPACITY] = { RETRY_NEVER, false },
	[FAILURE_QUOTA] = { RETRY_NEVER, false },
	[FAILURE_AUTH] = { RETRY_NEVER, false },
	[FAILURE_PERMISSION] = { RETRY_NEVER, false },
	[FAILURE_CONFLICT] = { RETRY_NEVER, false },
	[FAILURE_NOT_FOUND] = { RETRY_NEVER, false },
	[FAILURE_INVALID] = { RETRY_NEVER, true },
	[FAILURE_POLICY] = { RETRY_NEVER, false },
	[FAILURE_TIMEOUT] = { RETRY_LATER, true },
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

const char *
retry_name(enum retry retry)
{
	assert(retry < RETRIES);
	return retry_names[retry];
}

enum retry
retry_from_name(const char *name)
{
	enum retry retry = 0;

	while (retry < RETRIES && (!name || strcmp(retry_names[retry], name) != 0))
		retry++;
	return retry;
}

void
failure_clear(struct failure *f)
{
	free(f->code);
	free(f->message);
	free(f->step);
	free(f->advice_id);
	trace_clear(&f->trace);
	*f = (struct failure){ 0 };
}

void
failure_set(struct failure *f, enum failure_class class, const char *code, const char *step,
    const char *fmt, ...)
{
	/* All is copied before the old record goes: the arguments may be parts of it. */
	struct failure next = { .class = class, .code = xstrdup(code), .step = xstrdup(step) };
	va_list ap;

	assert(class < FAILURE_CLASSES);
	next.retry = usual[class].retry;
	next.fallback = usual[class].fallback;
	va_start(ap, fmt);
	next.message = xvasprintf(fmt, ap);
	va_end(ap);
	/* The output was masked, but what was quoted in it has lost its quotes by now. */
	redact(next.message, strlen(next.message));
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
	to->advice_id = xstrdup(from->advice_id);
	trace_copy(&to->trace, &from->trace);
	to->retry = from->retry;
	to->fallback = from->fallback;
	to->wait_ms = from->wait_ms;
	to->tool_tries = from->tool_tries;
	to->scarce_ms = from->scarce_ms;
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
	json_add_str(json, "advice_id", f->advice_id);
	trace_add_json(&f->trace, json);
	json_add_str(json, "retry", retry_name(f->retry));
	json_add_bool(json, "fallback", f->fallback);
	json_add_int(json, "wait_ms", f->wait_ms);
	json_add_int(json, "tool_tries", f->tool_tries);
	if (f->scarce_ms > 0)
		json_add_int(json, "scarce_ms", f->scarce_ms);
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
	f->advice_id = xstrdup(json_str(json, "advice_id"));
	trace_from_json(&f->trace, json);
	/* A record without a message is still one of a failure. */
	const char *message = json_str(json, "message");
	f->message = xstrdup(message ? message : "no message was recorded");
	/* Older records lack the rest: it is as usual then. */
	enum retry retry = retry_from_name(json_str(json, "retry"));
	f->retry = retry < RETRIES ? retry : usual[f->class].retry;
	f->fallback = json_bool(json, "fallback", usual[f->class].fallback);
	f->wait_ms = json_int(json, "wait_ms", 0);
	f->tool_tries = json_int(json, "tool_tries", 0);
	f->scarce_ms = json_int(json, "scarce_ms", 0);
}
