/*
 * [mcp] servers: what each is started or reached by. Values of env and headers
 * are kept as they are written, references to secrets among them, and never told.
 */
#include <config.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/http.h"
#include "base/mem.h"
#include "base/redact.h"
#include "base/utf8.h"
#include "core/keys.h"
#include "core/setting.h"

#define SERVERS_MAX 64
#define NAME_LEN_MAX 64
#define ARGUMENTS_MAX 256
#define TEXT_MAX 8192 /* bytes of an argument, a value or a URL */
#define TIMEOUT_MAX_MS (24 * 3600 * INT64_C(1000))

static const struct key server_keys[] = {
	{ .name = "name", .type = KEY_STRING, .required = true },
	{ .name = "command", .type = KEY_STRING },
	{ .name = "args", .type = KEY_STRINGS },
	{ .name = "env", .type = KEY_OBJECT },
	{ .name = "url", .type = KEY_STRING },
	{ .name = "headers", .type = KEY_OBJECT },
	{ .name = "timeout", .type = KEY_STRING },
	{ .name = "elicitation", .type = KEY_STRING },
	{ .name = "protocol", .type = KEY_STRING },
	{ .name = NULL },
};

static const char *const elicitations[] = {
	[MCP_DECLINE] = "decline",
	[MCP_DEFAULTS] = "defaults",
};
static const char *const eras[] = {
	[MCP_ERA_ANY] = "auto",
	[MCP_ERA_LEGACY] = "legacy",
	[MCP_ERA_MODERN] = "modern",
};

/* Headers that are the protocol's own. */
static const char *const own_headers[] = { "accept", "content-type", "content-length", "host",
	"last-event-id", "mcp-session-id", "mcp-protocol-version", "mcp-method", "mcp-name" };

/* Headers that are a secret, whatever they hold. */
static const char *const secret_headers[] = { "authorization", "proxy-authorization", "cookie" };

struct reader {
	const struct doc *doc;
	struct faults *faults;
	struct mcp_server *server;
};

static int __attribute__((format(printf, 3, 4)))
fault(const struct reader *r, const cJSON *value, const char *fmt, ...)
{
	char where[PLACE_MAX];
	AUTO_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	return faults_add(r->faults, doc_where(r->doc, value, where, sizeof(where)), "%s", text);
}

/* ---- parts ---- */

static int
take_name(const struct reader *r, const cJSON *value)
{
	const char *name = cJSON_GetStringValue(value);
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	if (name == NULL)
		return -1;
	if (*name == '-' || *name == '\0' || strspn(name, allowed) != strlen(name) ||
	    strlen(name) > NAME_LEN_MAX)
		return fault(r, value,
		    "\"%.80s\" is no name of a server: at most %d letters, digits, \"_\", \"-\" and \".\"",
		    name, NAME_LEN_MAX);
	r->server->name = xstrdup(name);
	return 0;
}

static int
check_text(const struct reader *r, const cJSON *value, const char *what)
{
	if (!cJSON_IsString(value))
		return fault(r, value, "%s must be a string, not %s", what, keys_kind(value));
	if (strlen(value->valuestring) > TEXT_MAX)
		return fault(r, value, "%s has more than %d bytes", what, TEXT_MAX);
	return 0;
}

/*
 * "npx -y server" is cut at spaces; where arguments are given apart, the command is
 * taken as it is.
 */
static int
take_command(const struct reader *r, const cJSON *value, const cJSON *args)
{
	const char *text = value->valuestring;
	const cJSON *argument;
	int failed = check_text(r, value, "command");

	if (*text == '\0' || *text == ' ' || utf8_has_control(text))
		return fault(r, value, "\"command\" is no program's name or path");
	if (cJSON_GetArraySize(args) > ARGUMENTS_MAX)
		return fault(r, args, "\"args\" has more than %d elements", ARGUMENTS_MAX);
	cJSON_ArrayForEach (argument, args) {
		failed |= check_text(r, argument, "an argument");
		strv_add(&r->server->args, argument->valuestring);
	}
	if (args != NULL) {
		r->server->command = xstrdup(text);
		return failed;
	}
	r->server->command = xstrndup(text, strcspn(text, " "));
	for (text += strcspn(text, " "); *(text += strspn(text, " ")) != '\0';
	     text += strcspn(text, " "))
		strv_take(&r->server->args, xstrndup(text, strcspn(text, " ")));
	return failed;
}

static int
take_url(const struct reader *r, const cJSON *value)
{
	struct err e = { 0 };
	AUTO_FREE char *origin = http_origin(value->valuestring, &e);

	if (origin == NULL || utf8_has_control(value->valuestring) ||
	    strchr(value->valuestring, ' ') != NULL)
		return fault(r, value,
		    "\"url\" must be such as https://host/path, without a name or a password");
	r->server->url = xstrdup(value->valuestring);
	return check_text(r, value, "url");
}

static int
take_env(const struct reader *r, const cJSON *table)
{
	const cJSON *value;
	int failed = 0;

	cJSON_ArrayForEach (value, table) {
		if (*value->string == '\0' || strchr(value->string, '=') != NULL ||
		    utf8_has_control(value->string))
			failed =
			    fault(r, value, "\"%.80s\" is no name of a variable", value->string);
		failed |= check_text(r, value, "a variable");
	}
	if (table != NULL && failed == 0)
		r->server->env = cJSON_Duplicate(table, true);
	return failed;
}

/* RFC 9110, section 5.6.2. */
static bool
is_token(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) ||
	    (text[len] != '\0' && strchr("!#$%&'*+-.^_`|~", text[len]) != NULL))
		len++;
	return len > 0 && text[len] == '\0';
}

/* A reference to one, or what is known as one by its name or its looks. */
static bool
is_secret(const cJSON *header)
{
	AUTO_FREE char *line = xasprintf("%s: %s", header->string, header->valuestring);

	for (size_t i = 0; i < COUNT_OF(secret_headers); i++)
		if (strcasecmp(header->string, secret_headers[i]) == 0)
			return true;
	return strncmp(header->valuestring, "env:", 4) == 0 ||
	    strncmp(header->valuestring, "file:", 5) == 0 || redact(line, strlen(line)) > 0;
}

/* Whoever stands between us and the server may read what is sent. */
static bool
is_overheard(const struct mcp_server *server)
{
	AUTO_FREE char *origin = server->url != NULL ? http_origin(server->url, NULL) : NULL;

	return origin != NULL && !http_origin_is_private(origin);
}

static int
check_header(const struct reader *r, const cJSON *value)
{
	if (!is_token(value->string))
		return fault(r, value, "\"%.80s\" is no name of a header", value->string);
	for (size_t i = 0; i < COUNT_OF(own_headers); i++)
		if (strcasecmp(value->string, own_headers[i]) == 0)
			return fault(
			    r, value, "the header %s is set by purser itself", value->string);
	if (check_text(r, value, "a header") < 0)
		return -1;
	if (utf8_has_control(value->valuestring))
		return fault(
		    r, value, "the header %s must not hold control characters", value->string);
	if (is_overheard(r->server) && is_secret(value))
		return fault(r, value,
		    "the header %s is a secret, which is not sent in plain text to another machine: "
		    "the url must begin with https",
		    value->string);
	return 0;
}

static int
take_headers(const struct reader *r, const cJSON *table)
{
	const cJSON *value;
	int failed = 0;

	cJSON_ArrayForEach (value, table)
		failed |= check_header(r, value);
	if (table != NULL && failed == 0)
		r->server->headers = cJSON_Duplicate(table, true);
	return failed;
}

static int
take_timeout(const struct reader *r, const cJSON *value)
{
	struct err e = { 0 };

	if (value == NULL)
		return 0;
	if (clock_parse_span(value->valuestring, &r->server->timeout_ms, &e) < 0 ||
	    isdigit((unsigned char)value->valuestring[strlen(value->valuestring) - 1]) ||
	    r->server->timeout_ms < 1 || r->server->timeout_ms > TIMEOUT_MAX_MS)
		return fault(r, value,
		    "\"timeout\" must be a duration up to 24 hours, such as \"90s\", \"5m\" or \"2h\"");
	return 0;
}

/* The number of the word in the list; as it is if nothing is said. */
static int
take_word(const struct reader *r, const cJSON *value, const char *const *words, size_t n, int *out)
{
	if (value == NULL)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (strcmp(value->valuestring, words[i]) == 0) {
			*out = (int)i;
			return 0;
		}
	return fault(r, value, "\"%s\" must be %s%s%s%s%s, not \"%.60s\"", value->string, words[0],
	    n > 2 ? ", " : " or ", words[1], n > 2 ? " or " : "", n > 2 ? words[2] : "",
	    value->valuestring);
}

/* ---- one server, and all of them ---- */

static int
take_reach(const struct reader *r, const cJSON *table)
{
	const cJSON *command = keys_typed(table, server_keys, "command");
	const cJSON *url = keys_typed(table, server_keys, "url");
	const cJSON *args = keys_typed(table, server_keys, "args");
	const cJSON *env = keys_typed(table, server_keys, "env");
	const cJSON *headers = keys_typed(table, server_keys, "headers");
	int failed = 0;

	if ((keys_get(table, "command") != NULL) == (keys_get(table, "url") != NULL))
		return fault(r, table, "a server has either a command or a url");
	if (command != NULL && headers != NULL)
		failed = fault(r, headers, "\"headers\" belong to a server with a url");
	if (url != NULL && (args != NULL || env != NULL))
		failed = fault(r, args != NULL ? args : env,
		    "\"args\" and \"env\" belong to a server with a command");
	if (command != NULL)
		failed |= take_command(r, command, args);
	if (url != NULL)
		failed |= take_url(r, url);
	failed |= take_env(r, env);
	failed |= take_headers(r, headers);
	return failed;
}

static int
take_server(const struct reader *r, const cJSON *table)
{
	int elicitation = MCP_DECLINE, era = MCP_ERA_ANY;
	int failed = keys_check(r->doc, table, server_keys, "a server", r->faults);

	failed |= take_name(r, keys_typed(table, server_keys, "name"));
	failed |= take_reach(r, table);
	failed |= take_timeout(r, keys_typed(table, server_keys, "timeout"));
	failed |= take_word(r, keys_typed(table, server_keys, "elicitation"), elicitations,
	    COUNT_OF(elicitations), &elicitation);
	failed |=
	    take_word(r, keys_typed(table, server_keys, "protocol"), eras, COUNT_OF(eras), &era);
	r->server->elicitation = (enum mcp_elicitation)elicitation;
	r->server->era = (enum mcp_era)era;
	return failed;
}

static int
check_name_is_new(const struct reader *r, const struct mcp_servers *list, const cJSON *table)
{
	const struct mcp_server *last = &list->v[list->len - 1];

	if (last->name != NULL && mcp_servers_find(list, last->name) != last)
		return fault(r, keys_get(table, "name"), "there is another server of the name %s",
		    last->name);
	return 0;
}

int
setting_take_servers(struct config *c, const struct setting *s, const cJSON *value,
    const struct doc *doc, struct faults *faults)
{
	struct reader r = { .doc = doc, .faults = faults };
	struct mcp_servers *list = &c->mcp_servers;
	const cJSON *table;
	int failed = 0;

	if (!cJSON_IsArray(value))
		return fault(&r, value,
		    "%s.%s must be a list of tables such as { name = \"azure\", command = \"npx\", args = [...] }, not %s",
		    s->section, s->key, keys_kind(value));
	if (cJSON_GetArraySize(value) > SERVERS_MAX)
		return fault(
		    &r, value, "%s.%s has more than %d servers", s->section, s->key, SERVERS_MAX);
	mcp_servers_clear(list);
	cJSON_ArrayForEach (table, value) {
		if (!cJSON_IsObject(table)) {
			failed =
			    fault(&r, table, "a server must be a table, not %s", keys_kind(table));
			continue;
		}
		list->v = xgrow(list->v, list->len, &list->cap, sizeof *list->v);
		r.server = &list->v[list->len++];
		*r.server = (struct mcp_server){ 0 };
		failed |= take_server(&r, table);
		failed |= check_name_is_new(&r, list, table);
	}
	return failed;
}
