/* Plain HTTP over the loopback interface; each request has a connection of its own. */
#include <config.h>

#include "tests/fakes/az-http/http.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX ((size_t)16 << 20)
#define TRIES 4
#define PACE_DEFAULT 0.05

static const double backoff[TRIES - 1] = { 0, 1.6, 3.2 };

void
reply_clear(struct reply *reply)
{
	free(reply->text);
	free(reply->async);
	free(reply->location);
	cJSON_Delete(reply->body);
	*reply = (struct reply){ .pause = -1 };
}

void
http_pause(double seconds)
{
	const char *given = getenv("AZ_FAKE_PACE");
	double rest = seconds * (given ? strtod(given, NULL) : PACE_DEFAULT);
	struct timespec t = { .tv_sec = (time_t)rest };

	t.tv_nsec = (long)((rest - (double)t.tv_sec) * 1e9);
	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

void
http_escape(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("-._~", *text))
			buf_addc(out, *text);
		else
			buf_addf(out, "%%%02X", (unsigned char)*text);
	}
}

/* The port of http://127.0.0.1:PORT, which is what the sandbox says. */
static int
dial(void)
{
	static const char prefix[] = "http://127.0.0.1:";
	const char *url = getenv("AZURE_SANDBOX_URL");
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd;

	if (!url || strncmp(url, prefix, strlen(prefix)) != 0) {
		fprintf(stderr, "ERROR: AZURE_SANDBOX_URL is not set: no sandbox to talk to\n");
		exit(1);
	}
	to.sin_port = htons((uint16_t)strtoul(url + strlen(prefix), NULL, 10));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool
send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
receive_all(int fd, struct buf *answer)
{
	char part[16384];

	for (;;) {
		ssize_t n = recv(fd, part, sizeof(part), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			return answer->len > 0 && !buf_is_cut(answer);
		buf_add(answer, part, (size_t)n);
	}
}

/* What stands after NAME in the head of an answer, which ends at END; NULL if it is not there. */
static char *
header(const char *head, const char *end, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = head; line && line < end; line = strstr(line, "\r\n")) {
		line += strncmp(line, "\r\n", 2) == 0 ? 2 : 0;
		if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
			const char *value = line + len + 1 + strspn(line + len + 1, " ");
			return xstrndup(value, strcspn(value, "\r\n"));
		}
	}
	return NULL;
}

/* The sandbox names itself by its TLS address; only the path counts here. */
static char *
path_of(char *url)
{
	const char *host = url ? strstr(url, "://") : NULL;
	const char *path = host ? strchr(host + 3, '/') : NULL;
	char *copy = path ? xstrdup(path) : NULL;

	free(url);
	return copy;
}

static double
pause_of(const char *head, const char *end)
{
	AUTO_FREE char *ms = header(head, end, "x-ms-retry-after-ms");
	AUTO_FREE char *seconds = header(head, end, "Retry-After");

	if (ms)
		return strtod(ms, NULL) / 1000;
	return seconds ? strtod(seconds, NULL) : -1;
}

static void
read_answer(const struct buf *answer, struct reply *reply)
{
	const char *end = strstr(buf_str(answer), "\r\n\r\n");

	if (!end || sscanf(answer->data, "HTTP/1.%*d %d", &reply->status) != 1)
		return;
	reply->async = path_of(header(answer->data, end, "Azure-AsyncOperation"));
	reply->location = path_of(header(answer->data, end, "Location"));
	reply->pause = pause_of(answer->data, end);
	free(reply->text);
	reply->text = xstrdup(end + 4);
	reply->body = cJSON_Parse(reply->text);
}

/* One try. */
static void
exchange(const char *method, const char *path, const char *body, struct reply *reply)
{
	struct buf request = BUF_INIT(ANSWER_MAX), answer = BUF_INIT(ANSWER_MAX);
	CLEANUP(fd_cleanup) int fd = dial();

	reply_clear(reply);
	reply->text = xstrdup("");
	buf_addf(&request,
	    "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer none\r\n"
	    "User-Agent: az-http\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
	    method, path, strlen(body), body);
	if (fd >= 0 && send_all(fd, request.data, request.len) && receive_all(fd, &answer))
		read_answer(&answer, reply);
	buf_clear(&request);
	buf_clear(&answer);
}

static bool
is_worth_another(const char *method, const struct reply *reply)
{
	bool post = strcmp(method, "POST") == 0 || strcmp(method, "PATCH") == 0;

	if (reply->status == 0)
		return !post;
	if (reply->status >= 400 && reply->pause >= 0)
		return true;
	if (reply->status == 500 || reply->status == 503 || reply->status == 504)
		return true;
	return !post && (reply->status == 408 || reply->status == 429 || reply->status == 502);
}

void
http_request(const char *method, const char *path, const cJSON *body, struct reply *reply)
{
	AUTO_FREE char *text = body ? json_text(body) : xstrdup("");

	for (int i = 0;; i++) {
		exchange(method, path, text, reply);
		if (i == TRIES - 1 || !is_worth_another(method, reply))
			return;
		http_pause(reply->pause >= 0 ? reply->pause : backoff[i]);
	}
}
