/*
 * The life of a call: prepared, sent (its id is set), answered (written down and
 * told). One that is freed while it is sent lives on, without its lock, until the
 * client has told what became of it.
 */
#include "config.h"
#include "driver/call.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/plan.h"
#include "driver/argument.h"
#include "driver/folder.h"
#include "driver/lock.h"
#include "driver/record.h"
#include "driver/secret.h"
#include "driver/secret_mask.h"

struct call {
	char *execution_id;
	char *folder;
	char *tool;
	cJSON *arguments;
	struct strv secrets;             /* the values of those arguments that are some */
	int64_t timeout_ms, prepared_ms; /* 0: none; of the boot clock */
	int lock_fd;
	struct mcp *client; /* while it is sent; NULL else */
	int64_t id;
	bool is_freed;
	call_done_fn *done;
	call_progress_fn *progress;
	void *data;
};

/* ---- preparing ---- */

/* The placeholders in each of its strings. */
static int
fill(cJSON *value, const struct process_spec *spec, struct err *e)
{
	CLEANUP(strv_clear) struct strv filled = { 0 };
	cJSON *item;

	if (cJSON_IsString(value) && strchr(value->valuestring, '{') != NULL) {
		if (argument_fill(value->valuestring, spec->folder, spec->work, spec->resource,
			&filled, e) == -1)
			return -1;
		cJSON_SetValuestring(value, filled.v[0]);
	}
	cJSON_ArrayForEach (item, value)
		if (fill(item, spec, e) == -1)
			return -1;
	return 0;
}

static int
add_secrets(struct call *c, const cJSON *secrets, struct err *e)
{
	const cJSON *reference;
	struct buf value;
	int answer = 0;

	secret_room(&value, SECRET_MAX_BYTES + 1);
	cJSON_ArrayForEach (reference, secrets) {
		buf_reset(&value);
		answer = secret_add(&value, reference->string, reference->valuestring, e);
		if (answer == -1)
			break;
		json_add_str(c->arguments, reference->string, buf_str(&value));
		strv_add(&c->secrets, buf_str(&value));
	}
	secret_wipe(&value);
	return answer;
}

static int
fill_arguments(struct call *c, const struct process_spec *spec, struct err *e)
{
	const char *text = spec->argv->v[TOOL_CALL_ARGUMENTS];

	c->arguments = json_parse(text, strlen(text), 1, e);
	if (c->arguments == NULL || fill(c->arguments, spec, e) == -1)
		return -1;
	return spec->secrets != NULL ? add_secrets(c, spec->secrets, e) : 0;
}

static void
wipe(struct strv *secrets)
{
	for (size_t i = 0; i < secrets->len; i++)
		explicit_bzero(secrets->v[i], strlen(secrets->v[i]));
	strv_clear(secrets);
}

static void
call_release(struct call *c)
{
	if (c == NULL)
		return;
	fd_cleanup(&c->lock_fd);
	cJSON_Delete(c->arguments);
	wipe(&c->secrets);
	free(c->execution_id);
	free(c->folder);
	free(c->tool);
	free(c);
}
DEFINE_CLEANUP(struct call *, call_release)

struct call *
call_prepare(const struct process_spec *spec, struct err *e)
{
	CLEANUP(call_release_cleanup) struct call *c = xcalloc(1, sizeof *c);

	assert(spec->folder[0] == '/' && spec->argv->len == TOOL_CALL_WORDS);
	c->lock_fd = -1;
	c->execution_id = xstrdup(spec->execution_id);
	c->folder = xstrdup(spec->folder);
	c->tool = xstrdup(spec->argv->v[TOOL_CALL_TOOL]);
	c->timeout_ms = spec->timeout_ms;
	c->prepared_ms = clock_boot_ms();
	if (fill_arguments(c, spec, e) == -1 || folder_make(c->folder, e) == -1)
		return NULL;
	c->lock_fd = lock_new(c->folder, e);
	if (c->lock_fd == -1) {
		(void)file_remove_tree(c->folder, NULL);
		return NULL;
	}
	return take(c);
}

const cJSON *
call_arguments(const struct call *c)
{
	return c->arguments;
}

void
call_discard(struct call *c)
{
	if (c == NULL)
		return;
	assert(c->client == NULL);
	(void)file_remove_tree(c->folder, NULL);
	call_release(c);
}

/* ---- what comes back ---- */

/* TEXT without the secrets that were sent; takes it over. */
static char *
mask_text(const struct call *c, char *text)
{
	secret_mask(text, &c->secrets);
	return text;
}

/* A copy of JSON likewise; NULL if that is. The caller's own. */
static cJSON *
masked_copy(const struct call *c, const cJSON *json)
{
	cJSON *copy = cJSON_Duplicate(json, true);

	secret_mask_json(copy, &c->secrets);
	return copy;
}

/* The error of the protocol as a strategy reads it. The caller's own. */
static char *
refusal_text(const struct call *c, const struct mcp_reply *reply)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *message = mask_text(c, xstrdup(reply->why->msg));

	cJSON_AddBoolToObject(json, "was_reached", reply->was_reached);
	json_add_int(json, "code", reply->code);
	json_add_int(json, "http_status", reply->http_status);
	json_add_str(json, "message", message);
	if (reply->data != NULL)
		cJSON_AddItemToObject(json, "data", masked_copy(c, reply->data));
	return json_text(json);
}

/* As a strategy reads it: what may go better later is told from what will not. */
static int
errno_of(const struct err *why)
{
	switch (why->kind) {
	case ERR_NOT_FOUND:
		return ENOENT;
	case ERR_INPUT:
		return EINVAL;
	case ERR_CONFLICT:
		return ECANCELED;
	case ERR_LIMIT: /* ours, of calls at a time: the next one may be made */
		return EAGAIN;
	case ERR_FULL:
		return ENOSPC;
	default:
		return ECONNREFUSED;
	}
}

/* Replaces what is at TO by what a server said, masked; takes TEXT over. */
static void
put_text(char **to, char *text)
{
	free(*to);
	*to = result_text(text, strlen(text));
	free(text);
}

static void
take_answer(const struct call *c, struct result *r, const struct mcp_reply *reply)
{
	AUTO_JSON cJSON *answer = masked_copy(c, reply->result);
	bool failed = json_bool(answer, "isError", false);

	r->ending = END_EXITED;
	r->code = failed ? CALL_FAILED : CALL_DONE;
	put_text(&r->out, json_text(answer));
}

static void
take_reply(const struct call *c, struct result *r, const struct mcp_reply *reply)
{
	r->started_ms = reply->started_ms;
	r->ended_ms = reply->ended_ms;
	if (reply->outcome == MCP_ANSWERED) {
		take_answer(c, r, reply);
		return;
	}
	assert(reply->why != NULL);
	put_text(&r->err, mask_text(c, xstrdup(reply->why->msg)));
	switch (reply->outcome) {
	case MCP_REFUSED:
		r->ending = END_EXITED;
		r->code = CALL_REFUSED;
		put_text(&r->out, refusal_text(c, reply));
		break;
	case MCP_NOT_SENT:
		r->ending = END_NOT_STARTED;
		r->code = errno_of(reply->why);
		break;
	case MCP_TIMED_OUT:
		r->ending = END_TIMED_OUT;
		break;
	default:
		r->ending = END_LOST;
		break;
	}
}

/* ---- the end ---- */

/* A disk that does not take the record takes nothing away: the result is at hand. */
static void
tell(struct call *c, const struct result *r)
{
	if (record_write(c->folder, c->execution_id, r, NULL) == 0 && r->ending != END_LOST)
		lock_unshare(c->folder);
	failpoint("call.recorded");
	c->done(c, r, c->data);
}

static void
got_reply(struct mcp *client, int64_t id, const struct mcp_reply *reply, void *data)
{
	CLEANUP(result_clear) struct result r;
	struct call *c = data;

	(void)client;
	(void)id;
	result_init(&r);
	c->client = NULL;
	if (c->is_freed) {
		call_release(c);
		return;
	}
	take_reply(c, &r, reply);
	tell(c, &r);
}

/* ---- sending ---- */

static void
got_progress(
    struct mcp *client, int64_t id, double progress, double total, const char *message, void *data)
{
	const struct call *c = data;
	AUTO_FREE char *of = total > 0 ? xasprintf(" of %g", total) : xstrdup("");
	AUTO_FREE char *text = mask_text(c,
	    xasprintf("%g%s%s%s", progress, of, message != NULL ? ": " : "",
		message != NULL ? message : ""));

	(void)client;
	(void)id;
	if (!c->is_freed)
		c->progress(text, c->data);
}

void
call_send(
    struct call *c, struct mcp *client, call_done_fn *done, call_progress_fn *progress, void *data)
{
	int64_t spent_ms = clock_boot_ms() - c->prepared_ms;
	const struct mcp_request request = {
		.timeout_ms = c->timeout_ms > 0 ? c->timeout_ms - spent_ms : 0,
		.done = got_reply,
		.progress = progress != NULL ? got_progress : NULL,
		.data = c,
	};
	struct err e = { 0 };

	failpoint("call.before_send");
	if (c->timeout_ms > 0 && spent_ms >= c->timeout_ms) {
		err_set(&e, ERR_BUSY, "%s: its time was over before it could be sent", c->tool);
		call_refuse(c, &e, done, data);
		return;
	}
	/*
	 * Without the mark a crash would let it be taken for a call that was never sent, and
	 * without the lock for one that nobody acts on any more.
	 */
	if ((mcp_lock(client) != -1 && lock_share(mcp_lock(client), c->folder, &e) == -1) ||
	    record_mark(c->folder, &e) == -1) {
		call_refuse(c, &e, done, data);
		return;
	}
	c->done = done;
	c->progress = progress;
	c->data = data;
	c->client = client;
	c->id = mcp_call(client, c->tool, c->arguments, &request);
	failpoint("call.sent");
}

void
call_refuse(struct call *c, const struct err *why, call_done_fn *done, void *data)
{
	CLEANUP(result_clear) struct result r;

	result_init(&r);
	r.ending = END_NOT_STARTED;
	r.code = errno_of(why);
	free(r.err);
	r.err = mask_text(c, xstrdup(why->msg));
	c->done = done;
	c->data = data;
	tell(c, &r);
}

void
call_free(struct call *c)
{
	if (c == NULL)
		return;
	fd_cleanup(&c->lock_fd);
	c->lock_fd = -1;
	c->is_freed = true;
	if (c->client != NULL)
		mcp_cancel(c->client, c->id);
	else
		call_release(c);
}
