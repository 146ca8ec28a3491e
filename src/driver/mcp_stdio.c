/*
 * Messages as lines of a child's stdin and stdout. What has to be sent waits in
 * a queue while the child does not read, so that it is known of each message
 * whether a byte of it has left us.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "driver/child.h"
#include "driver/lines.h"
#include "driver/mcp.h"
#include "driver/mcp_transport.h"
#include "driver/outbox.h"
#include "driver/secret.h"

/* From closing stdin to SIGTERM, and from there to SIGKILL. */
#define PATIENCE_MS 3000
#define CHUNK_BYTES (64 * 1024)
#define READS_MAX 16 /* of a chunk, before others have their turn */
#define QUEUE_BYTES_MAX (2 * (size_t)MCP_MESSAGE_MAX)

enum condition {
	DOWN,
	RUNNING,
	ENDING /* stdin is closed, and its end is waited for */
};

struct stdio {
	struct mcp_transport t;
	const struct mcp_server *server;
	uv_loop_t *loop;
	enum condition condition;
	struct child *child;
	struct child_streams streams;
	uv_poll_t in, out, err;
	uv_timer_t timer;
	int handles;      /* open ones */
	int signal;       /* the next, where it does not end */
	bool is_silenced; /* stop() was called, or broken() was told */
	struct lines messages, log;
	struct outbox outbox;
	struct err why;       /* what is wrong, once it is ENDING by itself */
	char last_words[256]; /* of its stderr */
};

static struct stdio *
stdio_of(struct mcp_transport *t)
{
	return (struct stdio *)t;
}

/* ---- the end ---- */

static void
on_closed(uv_handle_t *handle)
{
	struct stdio *s = handle->data;

	if (--s->handles > 0 || s->child != NULL)
		return;
	s->condition = DOWN;
	s->t.events->down(s->t.data);
}

static void
close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

/* uv_close() takes a descriptor out of the loop at once: it may be closed after it. */
static void
close_stream(uv_poll_t *poll, int *fd)
{
	close_handle((uv_handle_t *)poll);
	fd_cleanup(fd);
}

static void
tell_broken(struct stdio *s)
{
	if (s->is_silenced)
		return;
	s->is_silenced = true;
	s->t.events->broken(s->t.data, &s->why);
}

static void
on_patience(uv_timer_t *timer)
{
	struct stdio *s = timer->data;

	child_signal(s->child, s->signal);
	s->signal = SIGKILL;
	uv_timer_start(&s->timer, on_patience, PATIENCE_MS, 0);
	tell_broken(s);
}

/* Tells nobody: it may be called from within send(). */
static void
begin_ending(struct stdio *s)
{
	if (s->condition != RUNNING)
		return;
	s->condition = ENDING;
	s->signal = SIGTERM;
	close_stream(&s->in, &s->streams.in);
	uv_timer_start(&s->timer, on_patience, PATIENCE_MS, 0);
}

static void
describe_end(struct stdio *s, int status)
{
	const char *words = s->last_words;
	const char *colon = *words != '\0' ? ": " : "";

	if (s->why.kind != ERR_NONE)
		return;
	if (WIFSIGNALED(status))
		err_set(&s->why, ERR_BUSY, "its program was ended by signal %d%s%s",
		    WTERMSIG(status), colon, words);
	else
		err_set(&s->why, ERR_BUSY, "its program ended with status %d%s%s",
		    WEXITSTATUS(status), colon, words);
}

/* ---- what it says ---- */

static void
take_message(const char *text, size_t len, bool cut, void *data)
{
	struct stdio *s = data;

	if (s->is_silenced || cut)
		return;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	if (len > 0)
		s->t.events->text(s->t.data, text, len);
}

static void
take_log(const char *text, size_t len, bool cut, void *data)
{
	struct stdio *s = data;
	size_t keep = len < sizeof(s->last_words) ? len : sizeof(s->last_words) - 1;

	(void)cut;
	if (len == 0)
		return;
	for (size_t i = 0; i < keep; i++)
		s->last_words[i] = text[i] > ' ' && text[i] < 0x7f ? text[i] : ' ';
	s->last_words[keep] = '\0';
	s->t.events->log(s->t.data, text, len);
}

/* How it may be read on: -1 not at all, 0 later. */
static int
read_stream(struct stdio *s, int fd, struct lines *lines, lines_fn *take)
{
	char chunk[CHUNK_BYTES];

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == -1 && errno == EAGAIN ? 0 : -1;
		lines_feed(lines, chunk, (size_t)n, take, s);
	}
	return 0;
}

static bool
is_oversized(struct stdio *s)
{
	return lines_is_cut(&s->messages);
}

static void
on_out(uv_poll_t *poll, int status, int events)
{
	struct stdio *s = poll->data;

	(void)status;
	(void)events;
	if (read_stream(s, s->streams.out, &s->messages, take_message) == -1) {
		/* Its end will be known in a moment, and says more. */
		close_stream(&s->out, &s->streams.out);
		begin_ending(s);
	} else if (is_oversized(s)) {
		err_set(
		    &s->why, ERR_BUSY, "it sent a message of more than %u bytes", MCP_MESSAGE_MAX);
		close_stream(&s->out, &s->streams.out);
		begin_ending(s);
		tell_broken(s);
	}
}

static void
on_err(uv_poll_t *poll, int status, int events)
{
	struct stdio *s = poll->data;

	(void)status;
	(void)events;
	if (read_stream(s, s->streams.err, &s->log, take_log) == -1)
		close_stream(&s->err, &s->streams.err);
}

/* What it wrote last is still in the pipes. */
static void
read_rest(struct stdio *s)
{
	if (s->streams.out != -1)
		read_stream(s, s->streams.out, &s->messages, take_message);
	if (s->streams.err != -1)
		read_stream(s, s->streams.err, &s->log, take_log);
	if (s->log.line.len > 0)
		take_log(buf_str(&s->log.line), s->log.line.len, false, s);
}

static void
on_ended(struct child *child, int status, void *data)
{
	struct stdio *s = data;

	read_rest(s);
	begin_ending(s);
	describe_end(s, status);
	tell_broken(s);
	s->child = NULL;
	child_free(child);
	close_stream(&s->out, &s->streams.out);
	close_stream(&s->err, &s->streams.err);
	close_handle((uv_handle_t *)&s->timer);
	outbox_clear(&s->outbox);
	lines_clear(&s->messages);
	lines_clear(&s->log);
}

/* ---- what it is told ---- */

static void on_in(uv_poll_t *poll, int status, int events);

static void
tell_sent(int64_t wire, void *data)
{
	struct stdio *s = data;

	s->t.events->sent(s->t.data, wire);
}

/* -1: it does not read any more. */
static int
flush(struct stdio *s)
{
	int left = outbox_write(&s->outbox, s->streams.in, tell_sent, s);

	if (left == -1)
		return -1;
	return left > 0 ? uv_poll_start(&s->in, UV_WRITABLE, on_in) : uv_poll_stop(&s->in);
}

static void
on_in(uv_poll_t *poll, int status, int events)
{
	struct stdio *s = poll->data;

	(void)status;
	(void)events;
	if (flush(s) == -1)
		begin_ending(s);
}

static int
stdio_send(struct mcp_transport *t, const struct mcp_message *message, struct err *e)
{
	struct stdio *s = stdio_of(t);
	bool is_first = s->outbox.first == NULL;

	if (s->condition != RUNNING)
		return err_set(e, ERR_BUSY, "it has ended");
	if (message->len > MCP_MESSAGE_MAX)
		return err_set(e, ERR_INPUT, "the message has more than %u bytes", MCP_MESSAGE_MAX);
	if (s->outbox.bytes + message->len > QUEUE_BYTES_MAX)
		return err_set(e, ERR_BUSY, "it does not read what it is sent");
	outbox_add(&s->outbox, message->text, message->len, message->wire);
	/* If it does not read any more, its end says why. */
	if (is_first && flush(s) == -1)
		begin_ending(s);
	return 0;
}

static bool
stdio_forget(struct mcp_transport *t, int64_t wire, bool given_up)
{
	(void)given_up;
	return outbox_drop(&stdio_of(t)->outbox, wire);
}

static void
stdio_speak(struct mcp_transport *t, const char *version, bool modern)
{
	(void)t;
	(void)version;
	(void)modern;
}

/* ---- starting and stopping ---- */

static int
add_variable(struct strv *out, const cJSON *variable, struct err *e)
{
	struct buf line;
	int answer;

	secret_room(
	    &line, strlen(variable->string) + 1 + strlen(variable->valuestring) + SECRET_MAX_BYTES);
	buf_adds(&line, variable->string);
	buf_addc(&line, '=');
	answer = secret_add(&line, variable->string, variable->valuestring, e);
	if (answer == 0)
		strv_add(out, buf_str(&line));
	secret_wipe(&line);
	return answer;
}

/*
 * What a program needs to run at all, and to find its way out. A server is somebody
 * else's code: the credentials that we have for others are none of its business.
 */
static bool
is_inherited(const char *name)
{
	static const char *const names[] = { "HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LANG",
		"LANGUAGE", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS" };
	static const char *const proxies[] = { "http_proxy", "https_proxy", "all_proxy", "no_proxy" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	/* Programs differ in the case that they read. */
	for (size_t i = 0; i < COUNT_OF(proxies); i++)
		if (strcasecmp(name, proxies[i]) == 0)
			return true;
	return strncmp(name, "LC_", 3) == 0;
}

/* The little that it inherits, with what is configured in its place. */
static int
make_environment(const struct mcp_server *server, struct strv *out, struct err *e)
{
	const cJSON *variable;

	for (char **at = environ; *at != NULL; at++) {
		AUTO_FREE char *name = xstrndup(*at, strcspn(*at, "="));

		if (is_inherited(name) &&
		    cJSON_GetObjectItemCaseSensitive(server->env, name) == NULL)
			strv_add(out, *at);
	}
	cJSON_ArrayForEach (variable, server->env)
		if (add_variable(out, variable, e) == -1)
			return -1;
	return 0;
}

static void
wipe(struct strv *environment)
{
	for (size_t i = 0; i < environment->len; i++)
		explicit_bzero(environment->v[i], strlen(environment->v[i]));
	strv_clear(environment);
}

static void
open_poll(struct stdio *s, uv_poll_t *poll, int fd)
{
	int error = uv_poll_init(s->loop, poll, fd);

	/* A pipe or a socket that is nobody else's: there is no reason for it to fail. */
	assert(error == 0);
	poll->data = s;
	s->handles++;
}

static void
watch(struct stdio *s)
{
	s->handles = 0;
	open_poll(s, &s->in, s->streams.in);
	open_poll(s, &s->out, s->streams.out);
	open_poll(s, &s->err, s->streams.err);
	uv_poll_start(&s->out, UV_READABLE, on_out);
	uv_poll_start(&s->err, UV_READABLE, on_err);
	uv_timer_init(s->loop, &s->timer);
	s->timer.data = s;
	s->handles++;
}

static int
stdio_start(struct mcp_transport *t, struct err *e)
{
	struct stdio *s = stdio_of(t);
	CLEANUP(strv_clear) struct strv argv = { 0 };
	CLEANUP(wipe) struct strv environment = { 0 };
	const struct child_spec spec = {
		.argv = &argv, .environment = &environment, .lock_fd = t->lock_fd
	};

	assert(s->condition == DOWN);
	strv_add(&argv, s->server->command);
	strv_copy(&argv, &s->server->args);
	if (make_environment(s->server, &environment, e) == -1)
		return -1;
	s->child = child_start(&spec, &s->streams, s->loop, on_ended, s, e);
	if (s->child == NULL)
		return -1;
	lines_init(&s->messages, MCP_MESSAGE_MAX);
	lines_init(&s->log, MCP_LINE_MAX);
	s->condition = RUNNING;
	s->is_silenced = false;
	s->why = (struct err){ 0 };
	s->last_words[0] = '\0';
	watch(s);
	return 0;
}

static void
stdio_stop(struct mcp_transport *t)
{
	struct stdio *s = stdio_of(t);

	s->is_silenced = true;
	begin_ending(s);
}

static void
stdio_free(struct mcp_transport *t)
{
	struct stdio *s = stdio_of(t);

	assert(s->condition == DOWN);
	free(s);
}

static const struct mcp_transport_class stdio_class = {
	.start = stdio_start,
	.send = stdio_send,
	.speak = stdio_speak,
	.forget = stdio_forget,
	.stop = stdio_stop,
	.free = stdio_free,
};

struct mcp_transport *
mcp_stdio_new(
    const struct mcp_server *server, uv_loop_t *loop, const struct mcp_events *events, void *data)
{
	struct stdio *s = xcalloc(1, sizeof *s);

	s->t = (struct mcp_transport){ .class = &stdio_class, .events = events, .data = data };
	s->server = server;
	s->loop = loop;
	outbox_init(&s->outbox);
	return &s->t;
}
