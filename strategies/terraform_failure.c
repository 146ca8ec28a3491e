#include <config.h>

#include "strategies/terraform_failure.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "strategies/http_status.h"

#define CODE_MAX 100
#define CODES_MAX 16
#define MESSAGE_MAX 600

struct own {
	const char *text, *code;
};
/* What terraform itself says, in the words of its own messages. */
static const struct own own[] = {
	{ "Error acquiring the state lock", TERRAFORM_STATE_LOCKED },
	{ "Failed to save state", TERRAFORM_STATE_NOT_SAVED },
	{ "errored.tfstate", TERRAFORM_STATE_NOT_SAVED },
	{ "Saved plan is stale", TERRAFORM_PLAN_STALE },
	{ "state migration", TERRAFORM_MIGRATION },
	{ "Backend initialization required", TERRAFORM_NOT_INITIALIZED },
	{ "Required plugins are not installed", TERRAFORM_NOT_INITIALIZED },
	{ "Inconsistent dependency lock file", TERRAFORM_NOT_INITIALIZED },
	{ "Module not installed", TERRAFORM_NOT_INITIALIZED },
	{ "needs to be imported into the State", TERRAFORM_EXISTS },
	{ NULL, NULL },
};
/* The same where the provider gives no code. */
static const struct own uncoded[] = {
	{ "already locked", TERRAFORM_STATE_LOCKED },
	{ NULL, NULL },
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
own_code(const struct own *table, const char *text)
{
	while (table->text != NULL && strstr(text, table->text) == NULL)
		table++;
	return table->code;
}

/* Runs of blanks and line breaks become one blank. The new length. */
static size_t
fold_blanks(char *text)
{
	size_t len = 0;

	for (const char *c = text; *c != '\0'; c++) {
		bool blank = isspace((unsigned char)*c);

		if (!blank || (len > 0 && text[len - 1] != ' '))
			text[len++] = blank ? ' ' : *c;
	}
	text[len] = '\0';
	return len;
}

/* One line for people. */
static char *
message_of(const char *summary, const char *detail)
{
	char *all = xasprintf("%s%s%s", summary, detail != NULL && *detail != '\0' ? ": " : "",
	    detail != NULL ? detail : "");
	size_t len = fold_blanks(all);

	if (len > MESSAGE_MAX)
		all[utf8_cut(all, MESSAGE_MAX)] = '\0';
	return all;
}

static void
tell_end(const struct failure_table *known, const struct step *step, const struct result *r,
    const char *summary, const char *detail, const char *address, struct failure *f)
{
	CLEANUP(strv_clear) struct strv codes = { 0 };
	AUTO_FREE char *message = message_of(summary, detail);
	AUTO_FREE char *text = xasprintf("%s\n%s", summary, detail != NULL ? detail : "");
	const char *code = own_code(own, text);

	if (code == NULL)
		find_codes(text, &codes);
	if (code == NULL && codes.len == 0)
		code = own_code(uncoded, text);
	if (code != NULL)
		strv_add(&codes, code);
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
	trace_set_target(&f->trace, address);
	trace_find_target(&f->trace, text);
	trace_read(&f->trace, text);
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

char *
terraform_words(const char *text)
{
	char *words = text_of_errors(text != NULL ? text : "");

	fold_blanks(words);
	return words;
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
			tell_end(
			    known, step, r, stream->summary, stream->detail, stream->address, f);
		} else {
			AUTO_FREE char *text =
			    text_of_errors(r->err != NULL && *r->err != '\0' ? r->err : r->out);

			tell_end(known, step, r, text, NULL, NULL, f);
		}
		break;
	case END_LOST:
	case ENDINGS:
		failure_set(
		    f, FAILURE_TRANSIENT, NULL, step->name, "how terraform ended was not recorded");
		break;
	}
}

/* What stands behind KEY in a "Lock Info:" that is the holder's: that of http is the caller's own. NULL if there is none. */
static const char *
told_of_holder(const char *text, const char *key)
{
	static const char *const tell[] = { "state blob is already locked", /* azurerm */
		"PreconditionFailed", "ConditionalCheckFailedException",    /* s3 */
		"googleapi: Error 412" };                                   /* gcs */
	const char *at = NULL;

	for (size_t i = 0; i < COUNT_OF(tell) && at == NULL; i++)
		at = strstr(text, tell[i]);
	at = at != NULL ? strstr(at, "Lock Info:") : NULL;
	at = at != NULL ? strstr(at, key) : NULL;
	return at != NULL ? at + strlen(key) + strspn(at + strlen(key), " ") : NULL;
}

/* Where the holder's id stands. */
static const char *
find_holder(const char *text)
{
	static const char http[] = "locked: ID=";
	const char *at = strstr(text, http);

	return at != NULL ? at + strlen(http) : told_of_holder(text, "ID:");
}

char *
terraform_lock_holder(const char *text)
{
	const char *at = text != NULL ? find_holder(text) : NULL;
	size_t len = at != NULL ? strspn(at, "0123456789abcdefABCDEF-") : 0;

	/* What begins with "-" would be an option. */
	return len >= 8 && *at != '-' ? xstrndup(at, len) : NULL;
}

int64_t
terraform_lock_time(const char *text)
{
	const char *at = text != NULL ? told_of_holder(text, "Created:") : NULL;
	struct tm tm = { 0 };

	if (at == NULL || strptime(at, "%Y-%m-%d %H:%M:%S", &tm) == NULL)
		return 0;
	return (int64_t)timegm(&tm) * 1000;
}
