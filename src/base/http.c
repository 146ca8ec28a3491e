#include "config.h"

#include "base/http.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/curl.h"
#include "base/mem.h"

#define CONNECT_TIMEOUT_MS 20000L
#define RETRY_AFTER_MAX_MS (24 * 3600 * INT64_C(1000))
#define PORT_MAX 65535

struct transfer {
	struct buf *body;
	bool too_large;
	int64_t retry_after_ms;
};

/* ---- one request ---- */

static size_t
take_body(char *data, size_t size, size_t count, void *to)
{
	struct transfer *t = to;

	buf_add(t->body, data, size * count);
	t->too_large = buf_is_cut(t->body);
	return t->too_large ? 0 : size * count;
}

/* Seconds; a date, the other form, is taken as if nothing had been said. */
static int64_t
parse_retry_after(const char *text)
{
	int64_t seconds = 0;

	if (!isdigit((unsigned char)*text))
		return -1;
	for (; isdigit((unsigned char)*text) && seconds < RETRY_AFTER_MAX_MS; text++)
		seconds = seconds * 10 + (*text - '0');
	return seconds * 1000 < RETRY_AFTER_MAX_MS ? seconds * 1000 : RETRY_AFTER_MAX_MS;
}

/* One line of the answer's head; not terminated by a NUL. */
static size_t
take_header(char *data, size_t size, size_t count, void *to)
{
	static const char name[] = "retry-after:";
	struct transfer *t = to;
	size_t len = size * count;

	if (len >= strlen(name) && strncasecmp(data, name, strlen(name)) == 0) {
		AUTO_FREE char *value = xstrndup(data + strlen(name), len - strlen(name));

		t->retry_after_ms = parse_retry_after(value + strspn(value, " \t"));
	}
	return len;
}

static void
set_options(const struct curl_library *curl, CURL *handle, const struct http_request *request,
    struct transfer *t)
{
	curl->setopt(handle, CURLOPT_URL, request->url);
	curl->setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
	curl->setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
	curl->setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl->setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
	curl->setopt(handle, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl->setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl->setopt(handle, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	curl->setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
	curl->setopt(handle, CURLOPT_WRITEDATA, t);
	curl->setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
	curl->setopt(handle, CURLOPT_HEADERDATA, t);
}

static enum err_kind
kind_of(CURLcode code)
{
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return ERR_INPUT;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_PARTIAL_FILE:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_BAD_CONTENT_ENCODING:
		return ERR_BUSY;
	default:
		return ERR_SYSTEM;
	}
}

static int
perform(const struct curl_library *curl, CURL *handle, const struct http_request *request,
    struct http_answer *answer, struct err *e)
{
	struct transfer t = { .body = &answer->body, .retry_after_ms = -1 };
	struct curl_slist *headers = NULL;
	char why[CURL_ERROR_SIZE] = "";
	CURLcode code;
	long status = 0;

	set_options(curl, handle, request, &t);
	curl->setopt(handle, CURLOPT_ERRORBUFFER, why);
	if (request->accept != NULL) {
		AUTO_FREE char *line = xasprintf("Accept: %s", request->accept);

		headers = curl->slist_append(NULL, line);
		curl->setopt(handle, CURLOPT_HTTPHEADER, headers);
	}
	code = curl->perform(handle);
	curl->slist_free_all(headers);
	if (t.too_large)
		return err_set(e, ERR_INPUT, "%s: the answer is larger than %zu bytes",
		    request->url, request->max_bytes);
	if (code != CURLE_OK)
		return err_set(e, kind_of(code), "%s: %s", request->url,
		    *why != '\0' ? why : curl->strerror(code));
	curl->getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
	answer->status = (int)status;
	answer->retry_after_ms = t.retry_after_ms;
	return 0;
}

int
http_get(const struct http_request *request, struct http_answer *answer, struct err *e)
{
	const struct curl_library *curl = curl_load(e);
	CURL *handle;
	int rc;

	memset(answer, 0, sizeof(*answer));
	buf_init(&answer->body, request->max_bytes);
	if (curl == NULL)
		return -1;
	handle = curl->init();
	if (handle == NULL)
		abort(); /* out of memory */
	rc = perform(curl, handle, request, answer, e);
	curl->cleanup(handle);
	return rc;
}

void
http_answer_clear(struct http_answer *answer)
{
	buf_clear(&answer->body);
}

/* ---- URLs ---- */

static int
not_a_url(const char *url, struct err *e)
{
	return err_set(e, ERR_INPUT, "\"%.200s\" is no URL such as https://host/path", url);
}

/* Letters, digits and what else names of hosts and addresses in brackets are made of. */
static size_t
host_length(const char *host)
{
	size_t len = 0;

	if (*host == '[') {
		len = 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
		return len > 1 && host[len] == ']' ? len + 1 : 0;
	}
	while (isalnum((unsigned char)host[len]) || host[len] == '-' || host[len] == '.')
		len++;
	return len;
}

char *
http_origin(const char *url, struct err *e)
{
	bool secure = strncasecmp(url, "https://", 8) == 0;
	long port = secure ? 443 : 80;
	const char *host, *end;
	char *origin;
	size_t len;

	if (!secure && strncasecmp(url, "http://", 7) != 0) {
		not_a_url(url, e);
		return NULL;
	}
	host = strstr(url, "://") + 3;
	len = host_length(host);
	end = host + len;
	if (len > 0 && *end == ':') {
		char *after;

		if (!isdigit((unsigned char)end[1])) {
			not_a_url(url, e);
			return NULL;
		}
		port = strtol(end + 1, &after, 10);
		end = after;
	}
	if (len == 0 || port <= 0 || port > PORT_MAX || strchr("/?#", *end) == NULL) {
		not_a_url(url, e);
		return NULL;
	}
	origin = xasprintf("%s://%.*s:%ld", secure ? "https" : "http", (int)len, host, port);
	for (char *at = origin; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return origin;
}

bool
http_origin_is_local(const char *origin)
{
	const char *host = strstr(origin, "://");

	if (host == NULL)
		return false;
	host += 3;
	if (strncmp(host, "127.", 4) == 0) {
		/* 127.example.org is a name: an address has nothing but digits and points. */
		size_t len = strspn(host, "0123456789.");

		return host[len] == ':';
	}
	return strncmp(host, "localhost:", 10) == 0 || strncmp(host, "[::1]:", 6) == 0;
}

bool
http_origin_is_private(const char *origin)
{
	return strncmp(origin, "https:", 6) == 0 || http_origin_is_local(origin);
}

void
http_escape(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		/* isalnum() would depend on the locale. */
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    strchr("-._~", c) != NULL)
			buf_addc(out, *text);
		else
			buf_addf(out, "%%%02X", c);
	}
}
