#include "config.h"

#include "cli/mcp_ask.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

static void
on_log(struct mcp *client, const char *line, void *data)
{
	const struct asked *a = data;

	(void)client;
	if (a->cli->verbose)
		log_info(a->server->name, "%s", line);
}

static void
on_progress(
    struct mcp *client, int64_t id, double progress, double total, const char *message, void *data)
{
	const struct asked *a = data;

	(void)client;
	(void)id;
	if (!a->cli->verbose)
		return;
	if (total > 0)
		log_info(a->server->name, "%g of %g%s%s", progress, total,
		    message != NULL ? ": " : "", message != NULL ? message : "");
	else
		log_info(a->server->name, "%g%s%s", progress, message != NULL ? ": " : "",
		    message != NULL ? message : "");
}

static void
keep_about(struct asked *a)
{
	const struct mcp_about *about = mcp_about(a->client);

	if (about == NULL)
		return;
	a->protocol = xstrdup(about->protocol);
	if (about->name != NULL)
		a->title = xasprintf("%s%s%s", about->name, about->version != NULL ? " " : "",
		    about->version != NULL ? about->version : "");
}

static void
on_done(struct mcp *client, int64_t id, const struct mcp_reply *reply, void *data)
{
	struct asked *a = data;

	(void)id;
	a->is_over = true;
	a->outcome = reply->outcome;
	a->result = cJSON_Duplicate(reply->result, true);
	if (reply->why != NULL) {
		a->why = xstrdup(reply->why->msg);
		a->kind = reply->why->kind;
	}
	keep_about(a);
	mcp_close(client, NULL, NULL);
}

struct mcp_request
asked_request(struct asked *a, int64_t timeout_ms)
{
	return (struct mcp_request){
		.timeout_ms = timeout_ms,
		.done = on_done,
		.progress = on_progress,
		.data = a,
	};
}

void
inquiry_init(struct inquiry *q, const struct cli *cli, const struct mcp_server *only)
{
	const struct mcp_servers *all = &cli->config.mcp_servers;

	uv_loop_init(&q->loop);
	q->len = only != NULL ? 1 : all->len;
	q->v = xcalloc(q->len + 1, sizeof *q->v);
	for (size_t i = 0; i < q->len; i++) {
		struct asked *a = &q->v[i];
		const struct mcp_listener listener = { .log = on_log, .data = a };

		a->cli = cli;
		a->server = only != NULL ? only : &all->v[i];
		a->client = mcp_open(a->server, &listener, &q->loop);
	}
}

void
inquiry_run(struct inquiry *q)
{
	uv_run(&q->loop, UV_RUN_DEFAULT);
	uv_loop_close(&q->loop);
}

void
inquiry_clear(struct inquiry *q)
{
	for (size_t i = 0; i < q->len; i++) {
		cJSON_Delete(q->v[i].result);
		free(q->v[i].why);
		free(q->v[i].title);
		free(q->v[i].protocol);
	}
	free(q->v);
}
