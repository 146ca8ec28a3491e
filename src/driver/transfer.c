/*
 * libcurl says which sockets to watch and when to wake it, and is told what
 * became of them. While it calls us, a transfer can neither be given to it nor
 * taken from it: what is started or freed then waits until the call is over.
 */
#include "config.h"

#include "driver/transfer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/curl.h"
#include "base/mem.h"

#define CONNECT_TIMEOUT_MS 20000L
#define IDLE_CONNECTIONS_MAX 16L

struct transfers {
	const struct curl_library *curl;
	CURLM *multi;
	uv_loop_t *loop;
	uv_timer_t timer;
	int handles;                  /* open ones */
	int calls;                    /* of libcurl that are under way */
	struct transfer *born, *dead; /* to be given and taken when there are none */
	void (*closed)(void *data);
	void *data;
};

struct transfer {
	struct transfers *all;
	struct transfer *next; /* of the born */
	struct transfer *next_dead;
	CURL *handle;
	struct curl_slist *headers;
	char *body;
	const struct transfer_events *events;
	void *data;
	bool is_given, is_dead;
	char why[CURL_ERROR_SIZE];
};

struct watched {
	struct transfers *all;
	uv_poll_t poll;
	curl_socket_t fd;
};

/* ---- one transfer ---- */

static void
give(struct transfer *t)
{
	t->is_given = true;
	t->all->calls++;
	t->all->curl->multi_add(t->all->multi, t->handle);
	t->all->calls--;
}

static void
release(struct transfer *t)
{
	const struct curl_library *curl = t->all->curl;

	t->all->calls++;
	if (t->is_given)
		curl->multi_remove(t->all->multi, t->handle);
	t->all->calls--;
	curl->cleanup(t->handle);
	curl->slist_free_all(t->headers);
	if (t->body != NULL)
		explicit_bzero(t->body, strlen(t->body));
	free(t->body);
	free(t);
}

void
transfer_free(struct transfer *t)
{
	if (t == NULL || t->is_dead)
		return;
	t->is_dead = true;
	if (t->all->calls == 0) {
		release(t);
		return;
	}
	t->next_dead = t->all->dead;
	t->all->dead = t;
}

/* What waited for the end of a call. */
static void
catch_up(struct transfers *all)
{
	while (all->calls == 0 && all->born != NULL) {
		struct transfer *t = all->born;

		all->born = t->next;
		if (!t->is_dead)
			give(t);
	}
	while (all->calls == 0 && all->dead != NULL) {
		struct transfer *t = all->dead;

		all->dead = t->next_dead;
		release(t);
	}
}

static int
status_of(const struct transfer *t)
{
	long status = 0;

	t->all->curl->getinfo(t->handle, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *data)
{
	struct transfer *t = data;

	if (!t->is_dead)
		t->events->body(t->data, status_of(t), bytes, size * count);
	return t->is_dead ? 0 : size * count;
}

/* Not terminated by a NUL. */
static size_t
take_header(char *bytes, size_t size, size_t count, void *data)
{
	struct transfer *t = data;
	size_t len = size * count;
	const char *colon = memchr(bytes, ':', len);

	if (colon != NULL && !t->is_dead) {
		AUTO_FREE char *name = xstrndup(bytes, (size_t)(colon - bytes));
		AUTO_FREE char *value = xstrndup(colon + 1, len - (size_t)(colon + 1 - bytes));
		char *text = value + strspn(value, " \t");
		size_t end = strlen(text);

		while (end > 0 && strchr(" \t\r\n", text[end - 1]) != NULL)
			end--;
		text[end] = '\0';
		t->events->header(t->data, name, text);
	}
	return t->is_dead ? 0 : len;
}

static enum err_kind
kind_of(CURLcode code)
{
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return ERR_INPUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_FAILED_INIT:
		return ERR_SYSTEM;
	default:
		return ERR_BUSY;
	}
}

/* What was given to the connection, of the request's head and body. */
bool
transfer_is_sent(const struct transfer *t)
{
	long bytes = 0;

	t->all->curl->getinfo(t->handle, CURLINFO_REQUEST_SIZE, &bytes);
	return bytes > 0;
}

static void
finish(struct transfer *t, CURLcode code)
{
	const struct curl_library *curl = t->all->curl;
	struct transfer_end end = { .status = status_of(t) };

	end.sent = code == CURLE_OK || transfer_is_sent(t);
	if (code != CURLE_OK)
		err_set(&end.why, kind_of(code), "%s",
		    t->why[0] != '\0' ? t->why : curl->strerror(code));
	t->events->done(t->data, &end);
}

/* ---- libcurl on the loop ---- */

static void
act(struct transfers *all, curl_socket_t fd, int events)
{
	const struct curl_library *curl = all->curl;
	int running, left;
	CURLMsg *message;

	all->calls++;
	curl->multi_act(all->multi, fd, events, &running);
	all->calls--;
	catch_up(all);
	while ((message = curl->multi_read(all->multi, &left)) != NULL) {
		char *data = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl->getinfo(message->easy_handle, CURLINFO_PRIVATE, &data);
		if (!((struct transfer *)(void *)data)->is_dead)
			finish((struct transfer *)(void *)data, message->data.result);
	}
}

static void
on_timer(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int
set_timer(CURLM *multi, long timeout_ms, void *data)
{
	struct transfers *all = data;

	(void)multi;
	if (uv_is_closing((uv_handle_t *)&all->timer))
		return 0;
	if (timeout_ms < 0)
		uv_timer_stop(&all->timer);
	else
		uv_timer_start(&all->timer, on_timer, (uint64_t)timeout_ms, 0);
	return 0;
}

static void
on_socket(uv_poll_t *poll, int status, int events)
{
	struct watched *w = poll->data;
	int flags = 0;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if ((events & UV_READABLE) != 0)
		flags |= CURL_CSELECT_IN;
	if ((events & UV_WRITABLE) != 0)
		flags |= CURL_CSELECT_OUT;
	act(w->all, w->fd, flags);
}

static void
tell_closed(struct transfers *all)
{
	if (all->handles > 0 || all->closed == NULL)
		return;
	all->closed(all->data);
	free(all);
}

static void
on_unwatched(uv_handle_t *handle)
{
	struct watched *w = handle->data;
	struct transfers *all = w->all;

	free(w);
	all->handles--;
	tell_closed(all);
}

static struct watched *
watch(struct transfers *all, curl_socket_t fd)
{
	struct watched *w = xcalloc(1, sizeof *w);

	w->all = all;
	w->fd = fd;
	if (uv_poll_init_socket(all->loop, &w->poll, fd) != 0) {
		free(w);
		return NULL;
	}
	w->poll.data = w;
	all->handles++;
	all->curl->multi_assign(all->multi, fd, w);
	return w;
}

static int
set_socket(CURL *handle, curl_socket_t fd, int what, void *data, void *known)
{
	struct transfers *all = data;
	struct watched *w = known;
	int events =
	    (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);

	(void)handle;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL)
			uv_close((uv_handle_t *)&w->poll, on_unwatched);
		all->curl->multi_assign(all->multi, fd, NULL);
		return 0;
	}
	if (w == NULL)
		w = watch(all, fd);
	return w != NULL ? uv_poll_start(&w->poll, events, on_socket) : -1;
}

/* ---- for users ---- */

struct transfers *
transfers_new(uv_loop_t *loop, struct err *e)
{
	const struct curl_library *curl = curl_load(e);
	struct transfers *all;

	if (curl == NULL)
		return NULL;
	all = xcalloc(1, sizeof *all);
	all->curl = curl;
	all->loop = loop;
	all->multi = curl->multi_init();
	if (all->multi == NULL)
		abort(); /* out of memory */
	uv_timer_init(loop, &all->timer);
	all->timer.data = all;
	all->handles = 1;
	curl->multi_setopt(all->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl->multi_setopt(all->multi, CURLMOPT_SOCKETDATA, all);
	curl->multi_setopt(all->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl->multi_setopt(all->multi, CURLMOPT_TIMERDATA, all);
	curl->multi_setopt(all->multi, CURLMOPT_MAXCONNECTS, IDLE_CONNECTIONS_MAX);
	return all;
}

static void
on_timer_closed(uv_handle_t *timer)
{
	struct transfers *all = timer->data;

	all->handles--;
	tell_closed(all);
}

void
transfers_close(struct transfers *all, void (*closed)(void *data), void *data)
{
	assert(all->calls == 0 && all->dead == NULL && all->born == NULL);
	all->closed = closed;
	all->data = data;
	uv_close((uv_handle_t *)&all->timer, on_timer_closed);
	all->curl->multi_cleanup(all->multi);
}

static void
set_options(struct transfer *t, const struct transfer_spec *spec)
{
	const struct curl_library *curl = t->all->curl;
	CURL *h = t->handle;

	curl->setopt(h, CURLOPT_PRIVATE, t);
	curl->setopt(h, CURLOPT_ERRORBUFFER, t->why);
	curl->setopt(h, CURLOPT_URL, spec->url);
	curl->setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl->setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl->setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl->setopt(h, CURLOPT_ACCEPT_ENCODING, "");
	curl->setopt(h, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl->setopt(h, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl->setopt(h, CURLOPT_HTTPHEADER, t->headers);
	curl->setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	curl->setopt(h, CURLOPT_WRITEDATA, t);
	curl->setopt(h, CURLOPT_HEADERFUNCTION, take_header);
	curl->setopt(h, CURLOPT_HEADERDATA, t);
	curl->setopt(h, CURLOPT_FRESH_CONNECT, spec->once ? 1L : 0L);
	if (t->body != NULL) {
		curl->setopt(h, CURLOPT_POST, 1L);
		curl->setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)spec->len);
		curl->setopt(h, CURLOPT_POSTFIELDS, t->body);
	}
	if (strcmp(spec->method, "DELETE") == 0)
		curl->setopt(h, CURLOPT_CUSTOMREQUEST, spec->method);
}

struct transfer *
transfer_start(struct transfers *all, const struct transfer_spec *spec,
    const struct transfer_events *events, void *data)
{
	struct transfer *t = xcalloc(1, sizeof *t);

	t->all = all;
	t->events = events;
	t->data = data;
	t->body = xstrndup(spec->body, spec->len);
	for (size_t i = 0; i < spec->headers->len; i++)
		t->headers = all->curl->slist_append(t->headers, spec->headers->v[i]);
	/* libcurl would wait for a "100 Continue" that some servers never send. */
	t->headers = all->curl->slist_append(t->headers, "Expect:");
	t->handle = all->curl->init();
	if (t->handle == NULL || t->headers == NULL)
		abort(); /* out of memory */
	set_options(t, spec);
	if (all->calls == 0) {
		give(t);
		return t;
	}
	t->next = all->born;
	all->born = t;
	return t;
}
