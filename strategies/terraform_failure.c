#include <config.h>

#include "strategies/terraform_failure.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "strategies/http_status.h"

#define CODE_MAX 100
#define CODES_MAX 16
#define MESSAGE_MAX 600

/* What terraform itself says, in the words of its own messages. */
static const struct {
	const char *text, *code;
} own[] = {
	{ "Error acquiring the state lock", TERRAFORM_STATE_LOCKED },
	{ "already locked", TERRAFORM_STATE_LOCKED },
	{ "Failed to save state", TERRAFORM_STATE_NOT_SAVED },
	{ "errored.tfstate", TERRAFORM_STATE_NOT_SAVED },
	{ "Saved plan is stale", TERRAFORM_PLAN_STALE },
};

/* What stands before a provider's code. */
static const char *const markers[] = {
	"with error: ", /* azurerm 4: "unexpected status 409 (409 Conflict) with error: SkuNotAvailable: ..." */
	"Code=\"",     /* go-autorest: Code="SkuNotAvailable" Message="..." */
	"\"code\":\"", /* a body as it came */
	"\"code\": \"",
	"\\\"code\\\":\\\"", /* a body within a body's message */
	"\\\"code\\\": \\\"",
	"Code: \"",
};

/* Of a code, and of the id of a request. */
#define CODE_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
#define ID_CHARS CODE_CHARS "/+="

static void
add_code(struct strv *codes, const char *at)
{
	char code[CODE_MAX + 1];
	size_t len = strspn(at, CODE_CHARS);

	if (len > CODE_MAX)
		len = CODE_MAX;
	memcpy(code, at, len);
	code[len] = '\0';
	if (len > 1 && codes->len < CODES_MAX)
		strv_add(codes, code);
}

/* Behind the id at AT and the comma that follows it. */
static const char *
behind_id(const char *at)
{
	size_t len = strspn(at, ID_CHARS);

	return at + len + (strncmp(at + len, ", ", 2) == 0 ? 2 : 0);
}

/*
 * What the provider of AWS says: "..., RequestID: ID, [HostID: ID, ][api error ]CODE: ...".
 * AT is behind "RequestID: ".
 */
static void
add_aws_code(struct strv *codes, const char *at)
{
	static const char host[] = "HostID: ", error[] = "api error ";

	at = behind_id(at);
	if (strncmp(at, host, strlen(host)) == 0)
		at = behind_id(at + strlen(host));
	if (strncmp(at, error, strlen(error)) == 0)
		at += strlen(error);
	if (at[strspn(at, CODE_CHARS)] == ':')
		add_code(codes, at);
}

/* In the order in which they stand: the innermost is the last. */
static void
find_codes(const char *text, struct strv *codes)
{
	static const char aws[] = "RequestID: ";

	for (const char *at = text; *at != '\0'; at++) {
		for (size_t i = 0; i < COUNT_OF(markers); i++)
			if (strncmp(at, markers[i], strlen(markers[i])) == 0)
				add_code(codes, at + strlen(markers[i]));
		if (strncmp(at, aws, strlen(aws)) == 0)
			add_aws_code(codes, at + strlen(aws));
	}
}

static const char *
own_code(const char *text)
{
	for (size_t i = 0; i < COUNT_OF(own); i++)
		if (strstr(text, own[i].text) != NULL)
			return own[i].code;
	return NULL;
}

/* One line for people. */
static char *
message_of(const char *summary, const char *detail)
{
	AUTO_FREE char *all = xasprintf("%s%s%s", summary,
	    detail != NULL && *detail != '\0' ? ": " : "", detail != NULL ? detail : "");
	size_t len = 0;

	for (const char *c = all; *c != '\0' && len < MESSAGE_MAX; c++) {
		bool blank = isspace((unsigned char)*c);

		if (blank && (len == 0 || all[len - 1] == ' '))
			continue;
		all[len++] = blank ? ' ' : *c;
	}
	all[len] = '\0';
	all[utf8_cut(all, len)] = '\0';
	return take(all);
}

static void
tell_end(const struct failure_table *known, const struct step *step, const struct result *r,
    const char *summary, const char *detail, struct failure *f)
{
	CLEANUP(strv_clear) struct strv codes = { 0 };
	AUTO_FREE char *message = message_of(summary, detail);
	AUTO_FREE char *text = xasprintf("%s\n%s", summary, detail != NULL ? detail : "");
	const char *code = own_code(text);

	if (code != NULL)
		strv_add(&codes, code);
	else
		find_codes(text, &codes);
	const struct tool_output output = {
		.tool = "terraform",
		.codes = (const char *const *)codes.v,
		.n_codes = codes.len,
		.status = r->code,
		.http_status = http_status_find(text),
		.message = message,
		.text = text,
	};
	failure_set(f, FAILURE_UNKNOWN, codes.len > 0 ? codes.v[codes.len - 1] : NULL, step->name,
	    "%s", message);
	failure_table_classify(known, &output, f);
}

/* Without -json errors come as text, between lines that draw a frame. */
static char *
text_of_errors(const char *text)
{
	const char *error = strstr(text, "Error: ");
	char *copy = xstrdup(error != NULL ? error + strlen("Error: ") : text);

	for (char *at = copy; (at = strstr(at, "\xe2\x94\x82")) != NULL;)
		memcpy(at, "   ", 3);
	return copy;
}

void
terraform_failure(const struct failure_table *known, const struct step *step,
    const struct result *r, const struct terraform_stream *stream, struct failure *f)
{
	bool lasting = r->code == ENOENT || r->code == EACCES || r->code == ENOEXEC;

	switch (r->ending) {
	case END_NOT_STARTED:
		failure_set(f, lasting ? FAILURE_INVALID : FAILURE_TRANSIENT, NULL, step->name,
		    "terraform was not started%s%s", r->code ? ": " : "",
		    r->code ? strerror(r->code) : "");
		f->fallback = true;
		break;
	case END_TIMED_OUT:
		failure_set(f, FAILURE_TIMEOUT, NULL, step->name,
		    "terraform did not end in time and was stopped");
		break;
	case END_SIGNALED:
		failure_set(f, FAILURE_TRANSIENT, NULL, step->name,
		    "terraform was ended by signal %d", r->code);
		break;
	case END_EXITED:
		if (stream != NULL && stream->summary != NULL) {
			tell_end(known, step, r, stream->summary, stream->detail, f);
		} else {
			AUTO_FREE char *text =
			    text_of_errors(r->err != NULL && *r->err != '\0' ? r->err : r->out);

			tell_end(known, step, r, text, NULL, f);
		}
		break;
	case END_LOST:
	case ENDINGS:
		failure_set(
		    f, FAILURE_TRANSIENT, NULL, step->name, "how terraform ended was not recorded");
		break;
	}
}

/* Where the holder's id stands: what is printed as the lock's own is the caller's, or of no use, but for azurerm's. */
static const char *
find_holder(const char *text)
{
	static const char http[] = "locked: ID=", info[] = "Lock Info:", id[] = "ID:";
	const char *at = strstr(text, http);

	if (at != NULL)
		return at + strlen(http);
	at = strstr(text, "state blob is already locked");
	at = at != NULL ? strstr(at, info) : NULL;
	at = at != NULL ? strstr(at, id) : NULL;
	return at != NULL ? at + strlen(id) + strspn(at + strlen(id), " ") : NULL;
}

char *
terraform_lock_holder(const char *text)
{
	const char *at = text != NULL ? find_holder(text) : NULL;
	size_t len = at != NULL ? strspn(at, "0123456789abcdefABCDEF-") : 0;

	/* What begins with "-" would be an option. */
	return len >= 8 && *at != '-' ? xstrndup(at, len) : NULL;
}
