/* The HTTP status in a text: by its number behind a word that announces it, or by its phrase. */
#include <config.h>

#include "strategies/http_status.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

int
http_status_of_phrase(const char *p)
{
	static const struct {
		const char *phrase;
		int status;
	} phrases[] = {
		{ "Bad Request", 400 },
		{ "Unauthorized", 401 },
		{ "Forbidden", 403 },
		{ "Not Found", 404 },
		{ "Request Timeout", 408 },
		{ "Conflict", 409 },
		{ "Precondition Failed", 412 },
		{ "Too Many Requests", 429 },
		{ "Internal Server Error", 500 },
		{ "Bad Gateway", 502 },
		{ "Service Unavailable", 503 },
		{ "Gateway Timeout", 504 },
		{ "Gateway Time-out", 504 },
	};

	for (size_t i = 0; i < COUNT_OF(phrases); i++)
		if (strncasecmp(p, phrases[i].phrase, strlen(phrases[i].phrase)) == 0)
			return phrases[i].status;
	return 0;
}

/* Three digits that are no part of a longer number; 0 if there are none. */
static int
status_of_digits(const char *p)
{
	p += strspn(p, " :='\"");
	if (strspn(p, "0123456789") != 3 || *p < '1' || *p > '5')
		return 0;
	return (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
}

int
http_status_find(const char *text)
{
	static const char *const marks[] = { "invalid status", "unexpected status", "status code",
		"statuscode", "status_code", "http status", "http error", "http" };
	int status = 0;

	for (size_t i = 0; i < COUNT_OF(marks) && status == 0; i++) {
		for (const char *p = strcasestr(text, marks[i]); p && status == 0;
		     p = strcasestr(p, marks[i])) {
			p += strlen(marks[i]);
			size_t skip = strncmp(p, "/1.1", 4) == 0 ? 4 : strspn(p, " :='\"");
			status = status_of_digits(p + skip);
			if (status == 0 && skip > 0 && i < COUNT_OF(marks) - 1)
				status = http_status_of_phrase(p + skip);
		}
	}
	return status;
}
