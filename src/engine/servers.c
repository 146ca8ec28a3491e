/*
 * A client of each server, and its tools. What is asked waits in one list, and is
 * answered from the loop: at its next round if the tools are known, else once they
 * have been listed.
 */
#include "config.h"

#include "engine/servers.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "driver/lock.h"
#include "engine/recovery.h"

#define RELISTS_MAX 3 /* of a list that changes while it is read, or whose server ended */

enum listing { UNLISTED, LISTING, LISTED };

struct server {
	struct servers *all;
	const struct mcp_server *known;
	struct mcp *client;
	bool is_parted; /* it belongs to an earlier life, and is closed */
	char *lock;     /* the file; NULL: it is no program */
	int lock_fd;    /* -1 likewise */
	enum listing listing;
	bool outdated;   /* the list that is under way may be another one by now */
	int relists;     /* of it, for one question */
	bool was_listed; /* the last time */
	struct contracts tools;
	struct err why; /* they could not be listed; ERR_NONE: they were */
	struct server *next;
};

struct question {
	struct server *server; /* NULL: there is none, for why */
	char *name;            /* of it */
	char *tool;
	uint64_t deadline_ms; /* of the loop's clock */
	servers_fn *fn;
	void *data;
	struct err why;
	struct question *next;
};

struct servers {
	const struct mcp_servers *known;
	const struct paths *paths;
	const char *runner_id;
	uv_loop_t *loop;
	uv_timer_t soon, late; /* for answers, and for the next deadline */
	struct server *list;
	struct question *questions; /* the oldest first */
	size_t open;                /* clients, and the timers: what is still to be closed */
};

/* ---- answering ---- */

static void
question_free(struct question *q)
{
	free(q->name);
	free(q->tool);
	free(q);
}

static void
answer(const struct question *q)
{
	struct server *server = q->server;
	const struct contract *c = NULL;
	struct err why = { 0 };

	if (server == NULL) {
		q->fn(NULL, NULL, &q->why, q->data);
		return;
	}
	if (server->why.kind != ERR_NONE) {
		why = server->why;
	} else {
		c = contracts_find(&server->tools, q->name, q->tool);
		if (c == NULL)
			err_set(&why, ERR_NOT_FOUND, "the server \"%s\" has no tool \"%s\"",
			    q->name, q->tool);
	}
	q->fn(server->client, c, c == NULL ? &why : NULL, q->data);
}

static void watch_deadlines(struct servers *s);
static void list_tools(struct server *server);
static void list_again(struct server *server);

/* The first question that can be answered now, NULL if there is none; what the others need is asked for. */
static struct question *
take_answerable(struct servers *s)
{
	for (struct question **at = &s->questions; *at != NULL; at = &(*at)->next) {
		struct question *q = *at;

		if (q->server == NULL || q->server->listing == LISTED) {
			*at = q->next;
			return q;
		}
		if (q->server->listing == UNLISTED)
			list_tools(q->server);
	}
	return NULL;
}

/* Whoever is answered may ask and forget: the list is looked at anew each time. */
static void
answer_all(uv_timer_t *timer)
{
	struct servers *s = timer->data;
	struct question *q;

	while ((q = take_answerable(s)) != NULL) {
		answer(q);
		question_free(q);
	}
	watch_deadlines(s);
}

static void
want_answers(struct servers *s)
{
	uv_timer_start(&s->soon, answer_all, 0, 0);
}

/* ---- who cannot wait any longer ---- */

static void
answer_late(const struct question *q)
{
	struct err why = { 0 };

	err_set(&why, ERR_BUSY, "the server \"%s\" has not told its tools in time", q->name);
	q->fn(q->server->client, NULL, &why, q->data);
}

static struct question *
take_late(struct servers *s)
{
	for (struct question **at = &s->questions; *at != NULL; at = &(*at)->next) {
		struct question *q = *at;

		if (q->server == NULL || uv_now(s->loop) < q->deadline_ms)
			continue;
		*at = q->next;
		return q;
	}
	return NULL;
}

static void
answer_all_late(uv_timer_t *timer)
{
	struct servers *s = timer->data;
	struct question *q;

	while ((q = take_late(s)) != NULL) {
		answer_late(q);
		question_free(q);
	}
	watch_deadlines(s);
}

static void
watch_deadlines(struct servers *s)
{
	uint64_t due = UINT64_MAX, now = uv_now(s->loop);

	for (const struct question *q = s->questions; q != NULL; q = q->next)
		if (q->deadline_ms < due)
			due = q->deadline_ms;
	if (due == UINT64_MAX)
		uv_timer_stop(&s->late);
	else
		uv_timer_start(&s->late, answer_all_late, due > now ? due - now : 0, 0);
}

/* ---- listing ---- */

/*
 * Whether a change of its tools would be told, so that those that were listed may be
 * relied upon: by a program of ours that says so. Another one may stand behind a URL at
 * any time, and modern servers tell only those who subscribe.
 */
static bool
tells_changes(const struct server *server)
{
	const struct mcp_about *about = mcp_about(server->client);

	return server->known->url == NULL && about != NULL &&
	    json_bool(about->capabilities, "tools.listChanged", false);
}

static bool
is_worth_another(const struct server *server, const struct mcp_reply *reply)
{
	if (server->relists >= RELISTS_MAX)
		return false;
	if (reply->outcome == MCP_ANSWERED)
		return server->outdated;
	/* It has ended since it was asked last, perhaps: then another one is started. */
	return server->was_listed && reply->why->kind == ERR_BUSY &&
	    (reply->outcome == MCP_NOT_SENT || reply->outcome == MCP_LOST);
}

static void
take_tools(struct server *server, const struct mcp_reply *reply)
{
	server->why = reply->why != NULL ? *reply->why : (struct err){ 0 };
	server->was_listed = reply->outcome == MCP_ANSWERED;
	if (!server->was_listed)
		return;
	if (server->outdated) {
		err_set(&server->why, ERR_BUSY, "%s: its list of tools does not come to rest",
		    server->known->name);
		return;
	}
	contracts_clear(&server->tools);
	contracts_of_list(&server->tools, server->known->name, reply->result);
}

static void
got_tools(struct mcp *client, int64_t id, const struct mcp_reply *reply, void *data)
{
	struct server *server = data;

	(void)client;
	(void)id;
	if (is_worth_another(server, reply)) {
		server->relists++;
		list_again(server);
		return;
	}
	server->listing = LISTED;
	take_tools(server, reply);
	answer_all(&server->all->soon);
	/* It may go better, or be another one, at the next call. */
	if (server->listing == LISTED && (server->why.kind != ERR_NONE || !tells_changes(server)))
		server->listing = UNLISTED;
}

static void
list_again(struct server *server)
{
	const struct mcp_request request = { .done = got_tools, .data = server };

	server->listing = LISTING;
	server->outdated = false;
	mcp_list(server->client, MCP_TOOLS, &request);
}

static void
list_tools(struct server *server)
{
	server->relists = 0;
	list_again(server);
}

/* ---- servers ---- */

static void
mark_outdated(struct server *server)
{
	if (server->listing == LISTED)
		server->listing = UNLISTED;
	server->outdated = true;
}

static void
list_changed(struct mcp *client, enum mcp_list list, void *data)
{
	(void)client;
	if (list == MCP_TOOLS)
		mark_outdated(data);
}

static void
tell_line(struct mcp *client, const char *line, void *data)
{
	(void)data;
	log_debug(mcp_server(client)->name, "%s", line);
}

/* Of a program, which may outlive us where somebody ends its guard. */
static int
make_lock(struct server *server, struct err *e)
{
	const struct servers *s = server->all;

	if (server->known->url != NULL)
		return 0;
	server->lock = recovery_server_lock(s->paths, s->runner_id, server->known->name);
	server->lock_fd = lock_of_server(server->lock, e);
	return server->lock_fd == -1 ? -1 : 0;
}

static void
remove_lock(struct server *server)
{
	unlink(server->lock);
	fd_cleanup(&server->lock_fd);
}

static void
server_free(struct server *server)
{
	contracts_clear(&server->tools);
	free(server->lock);
	free(server);
}

static struct server *
open_server(struct servers *s, const struct mcp_server *known, struct err *e)
{
	struct server *server = xcalloc(1, sizeof *server);
	const struct mcp_listener listener = {
		.changed = list_changed,
		.log = tell_line,
		.data = server,
	};

	server->all = s;
	server->known = known;
	server->lock_fd = -1;
	if (make_lock(server, e) == -1) {
		server_free(server);
		return NULL;
	}
	server->client = mcp_open(known, &listener, s->loop);
	mcp_set_lock(server->client, server->lock_fd);
	server->next = s->list;
	s->list = server;
	s->open++;
	return server;
}

/* NULL and an error if there is none of that name, or its lock cannot be had. */
static struct server *
find_server(struct servers *s, const char *name, struct err *e)
{
	const struct mcp_server *known;

	for (struct server *server = s->list; server != NULL; server = server->next)
		if (!server->is_parted && strcmp(server->known->name, name) == 0)
			return server;
	known = mcp_servers_find(s->known, name);
	if (known != NULL)
		return open_server(s, known, e);
	err_set(e, ERR_INPUT, "no server \"%s\" is configured", name);
	return NULL;
}

struct servers *
servers_new(const struct mcp_servers *known, const struct paths *paths, const char *runner_id,
    uv_loop_t *loop)
{
	struct servers *s = xcalloc(1, sizeof *s);

	s->known = known;
	s->paths = paths;
	s->runner_id = runner_id;
	s->loop = loop;
	s->open = 2;
	uv_timer_init(loop, &s->soon);
	uv_timer_init(loop, &s->late);
	s->soon.data = s->late.data = s;
	return s;
}

void
servers_ask(struct servers *s, const char *server, const char *tool, int64_t timeout_ms,
    servers_fn *fn, void *data)
{
	struct question *q = xcalloc(1, sizeof *q), **at = &s->questions;

	q->server = find_server(s, server, &q->why);
	q->name = xstrdup(server);
	q->tool = xstrdup(tool);
	/* The loop's idea of now may be as old as what it does at present. */
	uv_update_time(s->loop);
	q->deadline_ms = timeout_ms > 0 ? uv_now(s->loop) + (uint64_t)timeout_ms : UINT64_MAX;
	q->fn = fn;
	q->data = data;
	while (*at != NULL)
		at = &(*at)->next;
	*at = q;
	if (q->server != NULL && q->server->listing == UNLISTED)
		list_tools(q->server);
	else if (q->server == NULL || q->server->listing == LISTED)
		want_answers(s);
	watch_deadlines(s);
}

void
servers_forget(struct servers *s, const void *data)
{
	for (struct question **at = &s->questions; *at != NULL;) {
		struct question *q = *at;

		if (q->data != data) {
			at = &q->next;
			continue;
		}
		*at = q->next;
		question_free(q);
	}
	watch_deadlines(s);
}

void
servers_forget_tools(struct servers *s, const char *name)
{
	for (struct server *server = s->list; server != NULL; server = server->next)
		if (strcmp(server->known->name, name) == 0)
			mark_outdated(server);
}

/* ---- the end ---- */

static void
timer_closed(uv_handle_t *handle)
{
	struct servers *s = handle->data;

	s->open--;
}

static void
client_closed(void *data)
{
	struct server *server = data;

	if (server->lock != NULL)
		remove_lock(server);
	server->all->open--;
}

static void
part(struct server *server)
{
	if (server->is_parted)
		return;
	server->is_parted = true;
	mcp_close(server->client, client_closed, server);
}

void
servers_part(struct servers *s)
{
	for (struct server *server = s->list; server != NULL; server = server->next)
		part(server);
}

void
servers_free(struct servers *s)
{
	struct server *server;
	struct question *q;

	if (s == NULL)
		return;
	while ((q = s->questions) != NULL) {
		s->questions = q->next;
		question_free(q);
	}
	servers_part(s);
	uv_close((uv_handle_t *)&s->soon, timer_closed);
	uv_close((uv_handle_t *)&s->late, timer_closed);
	while (s->open > 0)
		uv_run(s->loop, UV_RUN_ONCE);
	while ((server = s->list) != NULL) {
		s->list = server->next;
		server_free(server);
	}
	free(s);
}
