/*
 * Tools are listed, one is chosen and called. Where the server says that it knows the session
 * or the tool no more, all of it is done once more.
 */
#include "config.h"

#include <uv.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/lookup_web.h"
#include "driver/mcp.h"

#define LISTS_MAX 2

struct dialogue {
	struct mcp *client;
	const struct web_question *question;
	int64_t end_ms;
	int lists; /* how often the tools were listed */
	struct articles *articles;
	int rc;
	struct err why;
};

static void list_tools(struct dialogue *d);

static struct mcp_request
request_of(struct dialogue *d, mcp_done_fn *done)
{
	int64_t left_ms = d->end_ms - clock_boot_ms();

	return (struct mcp_request){
		.timeout_ms = left_ms > 0 ? left_ms : 1,
		.done = done,
		.data = d,
	};
}

static void
end(struct dialogue *d, int rc)
{
	d->rc = rc;
	mcp_close(d->client, NULL, NULL);
}

static void
end_unanswered(struct dialogue *d, const struct mcp_reply *reply)
{
	end(d, err_set(&d->why, ERR_BUSY, "%s", reply->why->msg));
}

static bool
is_outdated(const struct mcp_reply *reply)
{
	if (reply->outcome == MCP_NOT_SENT)
		return reply->why->kind == ERR_CONFLICT;
	return reply->outcome == MCP_REFUSED &&
	    (reply->code != 0 || reply->http_status == 400 || reply->http_status == 404);
}

static void
on_found(struct mcp *m, int64_t id, const struct mcp_reply *reply, void *data)
{
	struct dialogue *d = data;
	const char *code = d->question->code;

	(void)m;
	(void)id;
	if (reply->outcome == MCP_ANSWERED)
		end(d, articles_of_tool(d->articles, reply->result, code, &d->why));
	else if (is_outdated(reply) && d->lists < LISTS_MAX)
		list_tools(d);
	else
		end_unanswered(d, reply);
}

static void
on_tools(struct mcp *m, int64_t id, const struct mcp_reply *reply, void *data)
{
	AUTO_JSON cJSON *arguments = cJSON_CreateObject();
	struct dialogue *d = data;
	struct mcp_request request = request_of(d, on_found);
	const char *tool;

	(void)id;
	if (reply->outcome != MCP_ANSWERED) {
		end_unanswered(d, reply);
	} else if ((tool = article_tool(reply->result)) == NULL) {
		end(d, err_set(&d->why, ERR_INPUT, "it has no tool that searches documentation"));
	} else {
		json_add_str(arguments, "query", d->question->query);
		mcp_call(m, tool, arguments, &request);
	}
}

static void
list_tools(struct dialogue *d)
{
	struct mcp_request request = request_of(d, on_tools);

	d->lists++;
	mcp_list(d->client, MCP_TOOLS, &request);
}

int
web_search_by_mcp(const struct web_question *q, struct articles *a, struct err *e)
{
	AUTO_FREE char *name = xstrdup("MCP"), *url = xstrdup(q->url);
	const struct mcp_server server = {
		.name = name,
		.url = url,
		.timeout_ms = q->timeout_ms,
		.era = MCP_ERA_LEGACY,
	};
	struct dialogue d = {
		.question = q,
		.end_ms = clock_boot_ms() + q->timeout_ms,
		.articles = a,
		.rc = -1,
	};
	uv_loop_t loop;

	a->len = 0;
	uv_loop_init(&loop);
	d.client = mcp_open(&server, NULL, &loop);
	list_tools(&d);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	return d.rc == 0 ? 0 : err_set(e, d.why.kind, "%s", d.why.msg);
}
