/*
 * The servers of the Model Context Protocol for operators: who answers, what they
 * offer, and one call by hand.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/mcp_ask.h"
#include "cli/mcp_trust.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text.h"
#include "core/suggest.h"

#define ARGUMENTS_MAX (1024 * 1024) /* bytes */

struct mcp_options {
	int64_t timeout_ms;
	bool dry_run, json;
};

static const struct option_row mcp_rows[] = {
	{ .name = "timeout",
	    .kind = OPTION_SPAN,
	    .argument = "SPAN",
	    .min = 1,
	    .max = INT64_C(24) * 3600 * 1000,
	    .offset = offsetof(struct mcp_options, timeout_ms),
	    .help = "wait no longer for each answer (default: the server's own)" },
	{ .name = "dry-run",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct mcp_options, dry_run),
	    .help = "of trust: tell what has changed, and trust nothing" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct mcp_options, json),
	    .help = "as JSON; the result of a call as the server gave it" },
	{ .name = NULL },
};

static enum status
say_no_server(const struct cli *cli, const char *name)
{
	const struct mcp_servers *all = &cli->config.mcp_servers;
	struct suggest near;
	char hint[PLACE_MAX];

	if (all->len == 0) {
		say("no MCP server is configured");
		say_next(
		    "add [mcp] servers = [{ name = ..., command = ... }] to %s", cli->paths.config);
		return STATUS_USAGE;
	}
	suggest_init(&near, name);
	for (size_t i = 0; i < all->len; i++)
		suggest_offer(&near, all->v[i].name);
	say("there is no MCP server \"%s\"%s", name, suggest_text(&near, hint, sizeof(hint)));
	say_next("purser mcp servers");
	return STATUS_USAGE;
}

/* The one that is named, or with NAME NULL whether there are any; tells the user if not. */
static enum status
find_server(const struct cli *cli, const char *name, const struct mcp_server **server)
{
	*server = name != NULL ? mcp_servers_find(&cli->config.mcp_servers, name) : NULL;
	if (*server == NULL && (name != NULL || cli->config.mcp_servers.len == 0))
		return say_no_server(cli, name);
	return STATUS_DONE;
}

static void
print_json(const cJSON *json)
{
	AUTO_FREE char *text = json_pretty(json);

	fputs(text, stdout);
}

/* ---- servers ---- */

static const struct table_column server_columns[] = {
	{ .title = "SERVER" },
	{ .title = "BY" },
	{ .title = "STATE" },
	{ .title = "PROTOCOL" },
	{ .title = "IS", .give = 1, .min = 10 },
};

static const char *
reach_of(const struct mcp_server *server)
{
	return server->url != NULL ? "http" : "stdio";
}

static void
print_servers(const struct inquiry *q)
{
	struct table t;

	table_init(&t, server_columns, COUNT_OF(server_columns));
	for (size_t i = 0; i < q->len; i++) {
		const struct asked *a = &q->v[i];
		bool is_up = a->outcome == MCP_ANSWERED;

		table_add(&t, STYLE_PLAIN, a->server->name);
		table_add(&t, STYLE_DIM, reach_of(a->server));
		table_add(&t, is_up ? STYLE_GOOD : STYLE_BAD, is_up ? "up" : "fails");
		table_add(&t, STYLE_DIM, a->protocol);
		table_add(&t, STYLE_PLAIN, a->title);
	}
	table_print(&t, stdout);
	table_clear(&t);
}

static void
print_servers_json(const struct inquiry *q)
{
	AUTO_JSON cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < q->len; i++) {
		const struct asked *a = &q->v[i];
		cJSON *json = cJSON_CreateObject();

		json_add_str(json, "name", a->server->name);
		json_add_str(json, "by", reach_of(a->server));
		json_add_bool(json, "up", a->outcome == MCP_ANSWERED);
		json_add_str(json, "protocol", a->protocol);
		json_add_str(json, "title", a->title);
		json_add_str(json, "why", a->why);
		cJSON_AddItemToArray(list, json);
	}
	print_json(list);
}

/* What those that did not answer say for it. */
static enum status
say_silent(const struct inquiry *q)
{
	enum status status = STATUS_DONE;

	for (size_t i = 0; i < q->len; i++) {
		if (q->v[i].outcome == MCP_ANSWERED)
			continue;
		say("%s", q->v[i].why);
		status = STATUS_FAILED;
	}
	return status;
}

static enum status
servers(struct cli *cli, const struct mcp_options *o, const struct strv *args)
{
	const struct mcp_server *all;
	struct inquiry q;
	enum status status;

	if (args->len > 1)
		return say_usage("mcp", "servers takes no further words");
	if (cli->config.mcp_servers.len == 0 && o->json) {
		puts("[]");
		return STATUS_DONE;
	}
	status = find_server(cli, NULL, &all);
	if (status != STATUS_DONE)
		return status;
	inquiry_init(&q, cli, NULL);
	for (size_t i = 0; i < q.len; i++) {
		const struct mcp_request request = asked_request(&q.v[i], o->timeout_ms);

		mcp_ping(q.v[i].client, &request);
	}
	inquiry_run(&q);
	if (o->json)
		print_servers_json(&q);
	else
		print_servers(&q);
	status = say_silent(&q);
	inquiry_clear(&q);
	return status;
}

/* ---- tools ---- */

static const struct table_column tool_columns[] = {
	{ .title = "SERVER" },
	{ .title = "TOOL" },
	{ .title = "HINTS" },
	{ .title = "DESCRIPTION", .give = 1, .min = 16, .max = 100 },
};

/* What the server says of it, and does not have to keep. */
static void
describe_hints(const cJSON *tool, struct buf *out)
{
	bool reads = json_bool(tool, "annotations.readOnlyHint", false);

	if (reads)
		buf_adds(out, "reads");
	else if (json_bool(tool, "annotations.destructiveHint", true))
		buf_adds(out, "destroys");
	else
		buf_adds(out, "writes");
	if (!reads && json_bool(tool, "annotations.idempotentHint", false))
		buf_adds(out, ", idempotent");
}

static void
add_tools(struct table *t, const struct asked *a)
{
	const cJSON *tool;

	cJSON_ArrayForEach (tool, cJSON_GetObjectItemCaseSensitive(a->result, "tools")) {
		struct buf hints = BUF_INIT(64);
		const char *text = json_str(tool, "description");

		describe_hints(tool, &hints);
		table_add(t, STYLE_DIM, a->server->name);
		table_add(t, STYLE_PLAIN, json_str(tool, "name"));
		table_add(t, STYLE_DIM, buf_str(&hints));
		if (text == NULL)
			table_add(t, STYLE_PLAIN, NULL);
		else
			table_addf(t, STYLE_PLAIN, "%.*s", (int)strcspn(text, "\r\n"), text);
		buf_clear(&hints);
	}
}

static void
print_tools(const struct inquiry *q)
{
	struct table t;

	table_init(&t, tool_columns, COUNT_OF(tool_columns));
	for (size_t i = 0; i < q->len; i++)
		add_tools(&t, &q->v[i]);
	table_print(&t, stdout);
	table_clear(&t);
}

static void
print_tools_json(const struct inquiry *q)
{
	AUTO_JSON cJSON *list = cJSON_CreateArray();
	const cJSON *tool;

	for (size_t i = 0; i < q->len; i++)
		cJSON_ArrayForEach (
		    tool, cJSON_GetObjectItemCaseSensitive(q->v[i].result, "tools")) {
			cJSON *json = cJSON_CreateObject();

			json_add_str(json, "server", q->v[i].server->name);
			cJSON_AddItemToObject(json, "tool", cJSON_Duplicate(tool, true));
			cJSON_AddItemToArray(list, json);
		}
	print_json(list);
}

static enum status
tools(struct cli *cli, const struct mcp_options *o, const struct strv *args)
{
	const struct mcp_server *only;
	struct inquiry q;
	enum status status;

	if (args->len > 2)
		return say_usage("mcp", "tools takes one server at most");
	status = find_server(cli, args->len > 1 ? args->v[1] : NULL, &only);
	if (status != STATUS_DONE)
		return status;
	inquiry_init(&q, cli, only);
	for (size_t i = 0; i < q.len; i++) {
		const struct mcp_request request = asked_request(&q.v[i], o->timeout_ms);

		mcp_list(q.v[i].client, MCP_TOOLS, &request);
	}
	inquiry_run(&q);
	if (o->json)
		print_tools_json(&q);
	else
		print_tools(&q);
	status = say_silent(&q);
	inquiry_clear(&q);
	return status;
}

/* ---- call ---- */

/* A block of a result, in words. */
static char *
describe_block(const cJSON *block)
{
	const char *type = json_str(block, "type");
	const char *text = json_str(block, "text"), *data = json_str(block, "data");

	if (text != NULL)
		return xstrdup(text);
	if (json_str(block, "resource.text") != NULL)
		return xstrdup(json_str(block, "resource.text"));
	if (json_str(block, "uri") != NULL)
		return xasprintf("(%s)", json_str(block, "uri"));
	return xasprintf("(%s, %zu bytes in base64)",
	    type != NULL ? type : "something without a type", data != NULL ? strlen(data) : 0);
}

static void
print_content(const cJSON *result, FILE *out)
{
	const cJSON *block;

	cJSON_ArrayForEach (block, cJSON_GetObjectItemCaseSensitive(result, "content")) {
		AUTO_FREE char *text = describe_block(block);
		AUTO_FREE char *shown = text_visible_lines(text);

		fprintf(out, "%s\n", shown);
	}
}

static enum status
print_result(const struct asked *a, const char *tool, const struct mcp_options *o)
{
	const cJSON *structured = cJSON_GetObjectItemCaseSensitive(a->result, "structuredContent");
	bool failed = json_bool(a->result, "isError", false);

	if (o->json)
		print_json(a->result);
	else if (structured != NULL && !failed)
		print_json(structured);
	else
		print_content(a->result, failed ? stderr : stdout);
	if (!failed)
		return STATUS_DONE;
	say("%s: %s failed; what it says stands above", a->server->name, tool);
	return STATUS_FAILED;
}

static enum status
say_outcome(const struct asked *a)
{
	say("%s", a->why);
	switch (a->outcome) {
	case MCP_NOT_SENT:
		say("the call was not sent: nothing has happened");
		if (a->kind == ERR_INPUT || a->kind == ERR_NOT_FOUND)
			return STATUS_USAGE;
		say_next("purser mcp servers --verbose");
		return STATUS_FAILED;
	case MCP_REFUSED:
		say_next("purser mcp tools %s", a->server->name);
		return STATUS_FAILED;
	default:
		say("the call was sent and %s: whether it had an effect is not known; look before it is made again",
		    mcp_outcome_name(a->outcome));
		return STATUS_HELD;
	}
}

/* "-" is standard input; none at all is an empty object. The caller's own, NULL if it is none. */
static cJSON *
read_arguments(const char *text, struct err *e)
{
	struct buf in = BUF_INIT(ARGUMENTS_MAX);
	cJSON *json = NULL;

	if (text == NULL)
		return cJSON_CreateObject();
	if (strcmp(text, "-") != 0)
		json = json_parse(text, strlen(text), 1, e);
	else if (file_read("-", ARGUMENTS_MAX, &in, e) == 0)
		json = json_parse(buf_str(&in), in.len, 1, e);
	buf_clear(&in);
	if (json == NULL || cJSON_IsObject(json))
		return json;
	cJSON_Delete(json);
	err_set(e, ERR_INPUT, "an object is expected, such as {\"name\": \"value\"}");
	return NULL;
}

static enum status
call(struct cli *cli, const struct mcp_options *o, const struct strv *args)
{
	AUTO_JSON cJSON *arguments = NULL;
	const struct mcp_server *server;
	struct mcp_request request;
	struct err e = { 0 };
	struct inquiry q;
	enum status status;

	if (args->len < 3 || args->len > 4)
		return say_usage("mcp", "call needs a server, a tool and its arguments as JSON");
	status = find_server(cli, args->v[1], &server);
	if (status != STATUS_DONE)
		return status;
	arguments = read_arguments(args->len > 3 ? args->v[3] : NULL, &e);
	if (arguments == NULL)
		return say_usage("mcp", "the arguments: %s", e.msg);
	inquiry_init(&q, cli, server);
	request = asked_request(&q.v[0], o->timeout_ms);
	mcp_call(q.v[0].client, args->v[2], arguments, &request);
	inquiry_run(&q);
	status = q.v[0].outcome == MCP_ANSWERED ? print_result(&q.v[0], args->v[2], o)
						: say_outcome(&q.v[0]);
	inquiry_clear(&q);
	return status;
}

/* ---- trust ---- */

static enum status
trust(struct cli *cli, const struct mcp_options *o, const struct strv *args)
{
	struct mcp_trust what = {
		.tool = args->len > 2 ? args->v[2] : NULL,
		.timeout_ms = o->timeout_ms,
		.dry_run = o->dry_run,
		.json = o->json,
	};
	enum status status;

	if (args->len < 2 || args->len > 3)
		return say_usage("mcp", "trust needs a server, and may name one of its tools");
	status = find_server(cli, args->v[1], &what.server);
	return status == STATUS_DONE ? mcp_trust_run(cli, &what) : status;
}

static enum status
run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct mcp_options *o = options;

	if (strcmp(args->v[0], "servers") == 0)
		return servers(cli, o, args);
	if (strcmp(args->v[0], "tools") == 0)
		return tools(cli, o, args);
	if (strcmp(args->v[0], "call") == 0)
		return call(cli, o, args);
	if (strcmp(args->v[0], "trust") == 0)
		return trust(cli, o, args);
	return say_usage("mcp", "\"%s\" is none of servers, tools, call and trust", args->v[0]);
}

const struct cmd cmd_mcp = {
	.name = "mcp",
	.usage = "servers | tools [SERVER] | call SERVER TOOL [JSON] | trust SERVER [TOOL]",
	.summary = "the servers of the Model Context Protocol: who answers, what they offer, a call by hand",
	.about = "servers starts each configured server, or connects to it, and tells which answer.\n"
		 "\n"
		 "tools lists what they offer, with what the server says of each tool: reads, writes, "
		 "destroys, idempotent. These are hints, and no promises. With --json the schemas of "
		 "arguments and results are there too.\n"
		 "\n"
		 "call makes one call, with its arguments as a JSON object (\"-\": from standard "
		 "input), and prints the result. It is written down nowhere: what it builds, purser "
		 "does not know of. Exit status 1: the tool failed, or nothing was sent; 3: it is not "
		 "known whether the call had an effect.\n"
		 "\n"
		 "trust takes a tool, or all tools of a server, as they are now. What a tool takes and "
		 "gives, and what is said of it, is kept at its first use; if that changes, what needs "
		 "it is held until somebody has looked (trust --dry-run shows both) and trusts it. "
		 "Tools that were never used become known by it too, so that [mcp] match finds them.\n"
		 "\n"
		 "With --verbose the servers' own messages are shown.",
	.examples = "purser mcp servers\n"
		    "purser mcp tools azure\n"
		    "purser mcp trust azure --dry-run\n"
		    "purser mcp call azure group_list '{\"subscription\": \"...\"}'",
	.options = mcp_rows,
	.options_size = sizeof(struct mcp_options),
	.needs = CMD_CONFIG,
	.min_args = 1,
	.max_args = 4,
	.run = run,
};
