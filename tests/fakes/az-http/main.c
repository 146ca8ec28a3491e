/*
 * A fast stand-in for the Azure CLI against contrib/azure-sandbox: the commands
 * that purser's capabilities use, with the same requests in the same order, the
 * same answers, errors and exit statuses, and the same repetitions with shorter
 * pauses. The real one takes half a second of a processor for each call, this
 * one about a millisecond. tests/long/az-http.t compares the two.
 *
 *	AZURE_SANDBOX_URL		where the sandbox answers; its env.sh sets it
 *	AZURE_SANDBOX_SUBSCRIPTION	the subscription it simulates; likewise
 *	AZ_FAKE_PACE			the factor of all pauses; 0.05
 *	AZ_FAKE_START_MS		how long it takes to start; 0
 *
 * What it leaves out: members of an answer that are null.
 */
#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/fakes/az-http/http.h"

#define OPTIONS_MAX 64
#define FILE_BYTES_MAX ((size_t)8 << 20)
#define POLL_DEFAULT 30.0 /* seconds between two looks, if the service names none */

enum { EXIT_OK, EXIT_ERROR, EXIT_USAGE, EXIT_ABSENT };

struct option {
	const char *name;
	char *value; /* NULL for a flag */
};

/* The command line: an option may stand several times, and a list is as many options. */
struct line {
	struct option options[OPTIONS_MAX];
	size_t len;
	char *group, *name; /* escaped, or NULL */
};

struct command {
	const char *words;
	int (*run)(const struct line *line);
};

static const char *
option(const struct line *line, const char *name)
{
	for (size_t i = 0; i < line->len; i++)
		if (strcmp(line->options[i].name, name) == 0)
			return line->options[i].value;
	return NULL;
}

static const char *
subscription(const struct line *line)
{
	const char *given = line ? option(line, "--subscription") : NULL;
	const char *known = getenv("AZURE_SANDBOX_SUBSCRIPTION");

	return given ? given : known ? known : "";
}

/* --- answers */

static cJSON *
without_nulls(const cJSON *value)
{
	const cJSON *item;

	if (!cJSON_IsObject(value) && !cJSON_IsArray(value))
		return cJSON_Duplicate(value, true);
	cJSON *copy = cJSON_IsArray(value) ? cJSON_CreateArray() : cJSON_CreateObject();
	cJSON_ArrayForEach (item, value) {
		if (cJSON_IsArray(value))
			cJSON_AddItemToArray(copy, without_nulls(item));
		else if (!cJSON_IsNull(item))
			cJSON_AddItemToObject(copy, item->string, without_nulls(item));
	}
	return copy;
}

static int
print(const cJSON *value)
{
	AUTO_JSON cJSON *whole = without_nulls(value);
	AUTO_FREE char *text = json_pretty(whole);

	fputs(text, stdout);
	return fflush(stdout) == 0 ? EXIT_OK : EXIT_ERROR;
}

/* "2026-01-02T03:04:05.1234560Z" as the CLI writes it: "2026-01-02T03:04:05.123456+00:00". */
static char *
time_text(const char *text)
{
	size_t len = strlen(text);

	if (len < 3 || text[len - 1] != 'Z')
		return xstrdup(text);
	return xasprintf("%.*s+00:00", (int)(len - 2), text);
}

static void
replace_time(cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));

	if (text) {
		AUTO_FREE char *shown = time_text(text);
		cJSON_ReplaceItemInObject(object, key, cJSON_CreateString(shown));
	}
}

/* The CLI adds the group to whatever has an id. */
static void
add_group(cJSON *value)
{
	const char *id = json_str(value, "id");
	const char *group = id ? strcasestr(id, "/resourceGroups/") : NULL;
	cJSON *item;

	if (group && strchr(group + strlen("/resourceGroups/"), '/')) {
		group += strlen("/resourceGroups/");
		AUTO_FREE char *name = xstrndup(group, strcspn(group, "/"));
		json_add_str(value, "resourceGroup", name);
	}
	cJSON_ArrayForEach (item, value)
		if (cJSON_IsObject(item) || cJSON_IsArray(item))
			add_group(item);
}

/* --- errors */

static void
print_lost(void)
{
	fprintf(stderr,
	    "ERROR: ('Connection aborted.', RemoteDisconnected('Remote end closed "
	    "connection without response'))\n");
}

static void
print_information(const cJSON *error)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, cJSON_GetObjectItem(error, "additionalInfo")) {
		const cJSON *member, *info = cJSON_GetObjectItem(item, "info");
		fprintf(stderr, "Additional Information:Type: %s\nInfo: {", json_str(item, "type"));
		cJSON_ArrayForEach (member, info)
			fprintf(stderr, "\n    \"%s\": \"%s\"%s", member->string,
			    cJSON_GetStringValue(member), member->next ? "," : "");
		fprintf(stderr, "\n}\n");
	}
}

/* An error object of ARM, as text. */
static void
print_error(const cJSON *error)
{
	const char *code = json_str(error, "code"), *message = json_str(error, "message");
	const char *target = json_str(error, "target");

	fprintf(stderr, "ERROR: (%s) %s\nCode: %s\nMessage: %s\n", code, message, code, message);
	if (target)
		fprintf(stderr, "Target: %s\n", target);
	print_information(error);
}

static int
refused(const struct reply *reply)
{
	const cJSON *error = cJSON_GetObjectItem(reply->body, "error");

	if (reply->status == 0)
		print_lost();
	else if (error)
		print_error(error);
	else
		fprintf(stderr, "ERROR: Operation returned an invalid status %d\n", reply->status);
	return reply->status == 404 ? EXIT_ABSENT : EXIT_ERROR;
}

static bool
is_good(const struct reply *reply)
{
	return reply->status >= 200 && reply->status < 300;
}

/* --- long-running operations */

/* Until the operation has ended; then its last answer is in REPLY. */
static void
wait_for_end(const char *path, bool by_status, struct reply *reply)
{
	double pause = reply->pause;

	for (;;) {
		http_pause(pause >= 0 ? pause : POLL_DEFAULT);
		http_request("GET", path, NULL, reply);
		if (!is_good(reply))
			return;
		if (by_status) {
			const char *status = json_str(reply->body, "status");
			if (status &&
			    (strcmp(status, "Succeeded") == 0 || strcmp(status, "Failed") == 0 ||
				strcmp(status, "Canceled") == 0))
				return;
		} else if (reply->status != 202) {
			return;
		}
		pause = reply->pause;
	}
}

/*
 * A write and all that follows it. True if all is well and REPLY is the last
 * answer; else REPLY is the refusal, or the operation that ended badly.
 */
static bool
write_resource(const char *method, const char *path, const cJSON *body, struct reply *reply)
{
	http_request(method, path, body, reply);
	if (!is_good(reply))
		return false;
	AUTO_FREE char *async = take(reply->async);
	AUTO_FREE char *location = take(reply->location);
	if (async) {
		wait_for_end(async, true, reply);
		const char *status = json_str(reply->body, "status");
		if (!is_good(reply) || !status || strcmp(status, "Succeeded") != 0)
			return false;
		if (strcmp(method, "PUT") == 0)
			http_request("GET", path, NULL, reply);
	} else if (location && reply->status == 202) {
		wait_for_end(location, false, reply);
	}
	return is_good(reply);
}

/* --- what all commands need */

static char *
group_path(const struct line *line, const char *rest, const char *version)
{
	return xasprintf("/subscriptions/%s/resourcegroups/%s%s?api-version=%s", subscription(line),
	    line->group ? line->group : line->name, rest, version);
}

static cJSON *
tags_of(const struct line *line)
{
	cJSON *tags = cJSON_CreateObject();

	for (size_t i = 0; i < line->len; i++) {
		const char *value = line->options[i].value;
		if (strcmp(line->options[i].name, "--tags") != 0 || !value)
			continue;
		AUTO_FREE char *name = xstrndup(value, strcspn(value, "="));
		json_add_str(tags, name, value[strlen(name)] ? value + strlen(name) + 1 : "");
	}
	return tags;
}

/* --query as "[].{name:path,name:path}", the one form that is known here. */
static cJSON *
query_item(const cJSON *item, const char *fields)
{
	cJSON *row = cJSON_CreateObject();

	while (*fields && *fields != '}') {
		size_t name_len = strcspn(fields, ":");
		size_t path_len = strcspn(fields + name_len + 1, ",}");
		AUTO_FREE char *name = xstrndup(fields, name_len);
		AUTO_FREE char *path = xstrndup(fields + name_len + 1, path_len);
		const cJSON *value = json_at(item, path);

		if (value)
			cJSON_AddItemToObject(row, name, cJSON_Duplicate(value, true));
		fields += name_len + 1 + path_len;
		fields += *fields == ',';
	}
	return row;
}

static int
print_list(const struct line *line, cJSON *answer)
{
	const char *query = option(line, "--query");
	cJSON *list = cJSON_GetObjectItem(answer, "value"), *item;

	if (!query) {
		add_group(list);
		return print(list);
	}
	if (strncmp(query, "[].{", 4) != 0 || query[strlen(query) - 1] != '}') {
		fprintf(
		    stderr, "ERROR: argument --query: invalid jmespath_type value: '%s'\n", query);
		return EXIT_USAGE;
	}
	AUTO_JSON cJSON *rows = cJSON_CreateArray();
	cJSON_ArrayForEach (item, list)
		cJSON_AddItemToArray(rows, query_item(item, query + 4));
	return print(rows);
}

/* --- groups */

static int
group_create(const struct line *line)
{
	AUTO_FREE char *path = group_path(line, "", "2022-09-01");
	AUTO_JSON cJSON *body = cJSON_CreateObject();
	AUTO_REPLY struct reply reply = { .pause = -1 };

	json_add_str(body, "location", option(line, "--location"));
	cJSON_AddItemToObject(body, "tags", tags_of(line));
	http_request("PUT", path, body, &reply);
	return is_good(&reply) ? print(reply.body) : refused(&reply);
}

static int
group_show(const struct line *line)
{
	AUTO_FREE char *path = group_path(line, "", "2022-09-01");
	AUTO_REPLY struct reply reply = { .pause = -1 };

	http_request("GET", path, NULL, &reply);
	return is_good(&reply) ? print(reply.body) : refused(&reply);
}

static int
group_delete(const struct line *line)
{
	AUTO_FREE char *path = group_path(line, "", "2022-09-01");
	AUTO_REPLY struct reply reply = { .pause = -1 };

	return write_resource("DELETE", path, NULL, &reply) ? EXIT_OK : refused(&reply);
}

/* --- storage accounts */

static char *
account_path(const struct line *line)
{
	return xasprintf("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Storage/"
			 "storageAccounts/%s?api-version=2022-09-01",
	    subscription(line), line->group, line->name);
}

/* Its properties stand beside its name, two of them under other names. */
static int
print_account(cJSON *account)
{
	cJSON *properties = cJSON_DetachItemFromObject(account, "properties"), *item;

	while (properties && (item = cJSON_DetachItemFromArray(properties, 0))) {
		const char *name = item->string;
		if (strcmp(name, "supportsHttpsTrafficOnly") == 0)
			name = "enableHttpsTrafficOnly";
		else if (strcmp(name, "networkAcls") == 0)
			name = "networkRuleSet";
		AUTO_FREE char *copy = xstrdup(name);
		cJSON_AddItemToObject(account, copy, item);
	}
	cJSON_Delete(properties);
	replace_time(account, "creationTime");
	add_group(account);
	return print(account);
}

static cJSON *
boolean(const struct line *line, const char *name)
{
	const char *value = option(line, name);

	return cJSON_CreateBool(value && strcmp(value, "true") == 0);
}

static int
account_create(const struct line *line)
{
	AUTO_FREE char *path = account_path(line);
	AUTO_JSON cJSON *body = cJSON_CreateObject();
	cJSON *properties = cJSON_AddObjectToObject(body, "properties");
	AUTO_REPLY struct reply reply = { .pause = -1 };

	json_add_str(cJSON_AddObjectToObject(body, "sku"), "name", option(line, "--sku"));
	json_add_str(body, "kind", option(line, "--kind"));
	json_add_str(body, "location", option(line, "--location"));
	cJSON_AddItemToObject(body, "tags", tags_of(line));
	cJSON *encryption = cJSON_AddObjectToObject(properties, "encryption");
	json_add_str(encryption, "keySource", "Microsoft.Storage");
	cJSON_AddObjectToObject(cJSON_AddObjectToObject(encryption, "services"), "blob");
	json_add_str(properties, "accessTier", option(line, "--access-tier"));
	json_add_str(properties, "minimumTlsVersion", option(line, "--min-tls-version"));
	cJSON_AddItemToObject(
	    properties, "supportsHttpsTrafficOnly", boolean(line, "--https-only"));
	cJSON_AddItemToObject(
	    properties, "allowBlobPublicAccess", boolean(line, "--allow-blob-public-access"));
	if (!write_resource("PUT", path, body, &reply))
		return refused(&reply);
	return print_account(reply.body);
}

static int
account_show(const struct line *line)
{
	AUTO_FREE char *path = account_path(line);
	AUTO_REPLY struct reply reply = { .pause = -1 };

	http_request("GET", path, NULL, &reply);
	return is_good(&reply) ? print_account(reply.body) : refused(&reply);
}

/* --- resources by id */

/* What knows the versions of a type. True without one, as for a group. */
static bool
ask_provider(const struct line *line, const char *id, struct reply *reply)
{
	const char *provider = strcasestr(id, "/providers/");

	if (!provider)
		return true;
	provider += strlen("/providers/");
	AUTO_FREE char *path = xasprintf("/subscriptions/%s/providers/%.*s?api-version=2022-09-01",
	    subscription(line), (int)strcspn(provider, "/"), provider);
	http_request("GET", path, NULL, reply);
	return is_good(reply);
}

static int
resource_show(const struct line *line)
{
	const char *id = option(line, "--ids");
	AUTO_FREE char *path = xasprintf("%s?api-version=2022-09-01", id);
	AUTO_REPLY struct reply reply = { .pause = -1 };

	if (!ask_provider(line, id, &reply))
		return refused(&reply);
	http_request("GET", path, NULL, &reply);
	if (!is_good(&reply))
		return refused(&reply);
	add_group(reply.body);
	return print(reply.body);
}

/* A refusal at once is told in other words than one that comes later. */
static int
resource_delete(const struct line *line)
{
	const char *id = option(line, "--ids");
	AUTO_FREE char *path = xasprintf("%s?api-version=2022-09-01", id);
	AUTO_REPLY struct reply reply = { .pause = -1 };

	if (!ask_provider(line, id, &reply))
		return refused(&reply);
	http_request("DELETE", path, NULL, &reply);
	if (reply.status != 0 && !is_good(&reply)) {
		fprintf(stderr,
		    "ERROR: Some resources failed to be deleted (run with `--verbose` "
		    "for more information):\n%s\n",
		    id);
		return EXIT_ERROR;
	}
	AUTO_FREE char *location = take(reply.location);
	if (location && reply.status == 202)
		wait_for_end(location, false, &reply);
	return is_good(&reply) ? EXIT_OK : refused(&reply);
}

static int
resource_list(const struct line *line)
{
	AUTO_FREE char *group = group_path(line, "", "2022-09-01");
	AUTO_FREE char *path =
	    xasprintf("/subscriptions/%s/resources?$filter=resourceGroup%%20eq%%20"
		      "%%27%s%%27&api-version=2022-09-01",
		subscription(line), line->group);
	AUTO_REPLY struct reply reply = { .pause = -1 };

	http_request("GET", group, NULL, &reply);
	if (!is_good(&reply))
		return refused(&reply);
	http_request("GET", path, NULL, &reply);
	return is_good(&reply) ? print_list(line, reply.body) : refused(&reply);
}

/* --- deployments */

static char *
deployment_path(const struct line *line, const char *rest)
{
	AUTO_FREE char *tail =
	    xasprintf("/providers/Microsoft.Resources/deployments/%s%s", line->name, rest);

	return group_path(line, tail, "2021-04-01");
}

static cJSON *
read_json(const char *path)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(FILE_BYTES_MAX);
	struct err e = { 0 };
	cJSON *value = NULL;

	if (file_read(path, FILE_BYTES_MAX, &text, &e) == 0)
		value = json_parse(buf_str(&text), text.len, 1, &e);
	if (!value) {
		fprintf(stderr, "ERROR: Failed to parse %s: %s\n", path, e.msg);
		exit(EXIT_ERROR);
	}
	return value;
}

static cJSON *
deployment_body(const struct line *line)
{
	cJSON *body = cJSON_CreateObject(), *item;
	cJSON *properties = cJSON_AddObjectToObject(body, "properties");
	cJSON *parameters = cJSON_AddObjectToObject(properties, "parameters");

	json_add_str(properties, "mode", option(line, "--mode"));
	cJSON_AddItemToObject(properties, "template", read_json(option(line, "--template-file")));
	for (size_t i = 0; i < line->len; i++) {
		const char *value = line->options[i].value;
		if (strcmp(line->options[i].name, "--parameters") != 0 || !value || *value != '@')
			continue;
		AUTO_JSON cJSON *file = read_json(value + 1);
		cJSON *given = cJSON_GetObjectItem(file, "parameters");
		while ((item = cJSON_DetachItemFromArray(given ? given : file, 0))) {
			AUTO_FREE char *name = xstrdup(item->string);
			cJSON_DeleteItemFromObject(parameters, name);
			cJSON_AddItemToObject(parameters, name, item);
		}
	}
	return body;
}

/* The CLI writes JSON as Python does: a blank after each comma and colon outside of strings. */
static void
print_python(const cJSON *value)
{
	AUTO_FREE char *text = json_text(value);
	bool quoted = false;

	for (const char *p = text; *p; p++) {
		fputc(*p, stderr);
		if (quoted && *p == '\\')
			fputc(*++p, stderr);
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted && (*p == ',' || *p == ':'))
			fputc(' ', stderr);
	}
}

/* What the check of a template finds. */
static int
not_valid(const cJSON *error)
{
	AUTO_JSON cJSON *brief = cJSON_CreateObject();
	const cJSON *detail;

	json_add_str(brief, "code", json_str(error, "code"));
	json_add_str(brief, "message", json_str(error, "message"));
	fprintf(stderr, "ERROR: ");
	print_python(brief);
	if (cJSON_GetObjectItem(error, "details"))
		fprintf(stderr, "\n\nInner Errors: ");
	cJSON_ArrayForEach (detail, cJSON_GetObjectItem(error, "details")) {
		fputc('\n', stderr);
		print_python(detail);
	}
	fputc('\n', stderr);
	return EXIT_ERROR;
}

static int
print_deployment(cJSON *deployment)
{
	replace_time(cJSON_GetObjectItem(deployment, "properties"), "timestamp");
	add_group(deployment);
	return print(deployment);
}

static int
deployment_create(const struct line *line)
{
	AUTO_FREE char *check = deployment_path(line, "/validate");
	AUTO_FREE char *path = deployment_path(line, "");
	AUTO_JSON cJSON *body = deployment_body(line);
	AUTO_REPLY struct reply reply = { .pause = -1 };

	http_request("POST", check, body, &reply);
	if (reply.status != 0 && !is_good(&reply))
		return not_valid(cJSON_GetObjectItem(reply.body, "error"));
	if (reply.status == 0)
		return refused(&reply);
	if (write_resource("PUT", path, body, &reply))
		return print_deployment(reply.body);
	if (reply.status == 0)
		return refused(&reply);
	fprintf(stderr, "ERROR: ");
	print_python(reply.body);
	fputc('\n', stderr);
	return EXIT_ERROR;
}

static int
deployment_show(const struct line *line)
{
	AUTO_FREE char *path = deployment_path(line, "");
	AUTO_REPLY struct reply reply = { .pause = -1 };

	http_request("GET", path, NULL, &reply);
	return is_good(&reply) ? print_deployment(reply.body) : refused(&reply);
}

static int
operation_list(const struct line *line)
{
	AUTO_FREE char *tail = xasprintf("/deployments/%s/operations", line->name);
	AUTO_FREE char *path = group_path(line, tail, "2021-04-01");
	AUTO_REPLY struct reply reply = { .pause = -1 };
	cJSON *item;

	http_request("GET", path, NULL, &reply);
	if (!is_good(&reply))
		return refused(&reply);
	cJSON_ArrayForEach (item, cJSON_GetObjectItem(reply.body, "value"))
		replace_time(cJSON_GetObjectItem(item, "properties"), "timestamp");
	return print_list(line, reply.body);
}

/* --- the program itself */

static int
show_login(const struct line *line)
{
	AUTO_JSON cJSON *answer = cJSON_CreateObject();

	json_add_str(answer, "id", subscription(line));
	json_add_str(answer, "name", "Sandbox");
	json_add_str(answer, "state", "Enabled");
	cJSON_AddBoolToObject(answer, "isDefault", true);
	cJSON *user = cJSON_AddObjectToObject(answer, "user");
	json_add_str(user, "name", "systemAssignedIdentity");
	json_add_str(user, "type", "servicePrincipal");
	return print(answer);
}

static int
show_version(const struct line *line)
{
	AUTO_JSON cJSON *answer = cJSON_CreateObject();

	(void)line;
	json_add_str(answer, "azure-cli", "2.45.0");
	cJSON_AddObjectToObject(answer, "extensions");
	return print(answer);
}

static const struct command commands[] = {
	{ "account show", show_login },
	{ "deployment group create", deployment_create },
	{ "deployment group show", deployment_show },
	{ "deployment operation group list", operation_list },
	{ "group create", group_create },
	{ "group delete", group_delete },
	{ "group show", group_show },
	{ "resource delete", resource_delete },
	{ "resource list", resource_list },
	{ "resource show", resource_show },
	{ "storage account create", account_create },
	{ "storage account show", account_show },
	{ "version", show_version },
};

/* "--name=value", "--name value", and "--tags a=1 b=2" as two options of the same name. */
static void
read_options(struct line *line, int argc, char **argv, int first)
{
	const char *last = NULL;

	for (int i = first; i < argc && line->len < OPTIONS_MAX; i++) {
		char *equals = strchr(argv[i], '=');
		if (strncmp(argv[i], "--", 2) != 0) {
			line->options[line->len++] = (struct option){ last ? last : "", argv[i] };
		} else if (equals) {
			*equals = '\0';
			line->options[line->len++] = (struct option){ argv[i], equals + 1 };
			last = NULL;
		} else {
			last = argv[i];
		}
	}
}

static char *
escaped(const char *text)
{
	struct buf out = BUF_INIT(4096);

	if (!text)
		return NULL;
	http_escape(&out, text);
	return buf_take(&out);
}

static void
line_clear(struct line *line)
{
	free(line->group);
	free(line->name);
}

static void
start_slowly(void)
{
	const char *ms = getenv("AZ_FAKE_START_MS");
	struct timespec t = { .tv_nsec = ms ? strtol(ms, NULL, 10) * 1000000 % 1000000000 : 0 };

	nanosleep(&t, NULL);
}

int
main(int argc, char **argv)
{
	CLEANUP(buf_clear) struct buf words = BUF_INIT(4096);
	CLEANUP(line_clear) struct line line = { 0 };
	int i;

	for (i = 1; i < argc && *argv[i] != '-'; i++)
		buf_addf(&words, "%s%s", i > 1 ? " " : "", argv[i]);
	start_slowly();
	read_options(&line, argc, argv, i);
	line.group = escaped(option(&line, "--resource-group"));
	line.name = escaped(option(&line, "--name"));
	for (size_t n = 0; n < COUNT_OF(commands); n++)
		if (strcmp(buf_str(&words), commands[n].words) == 0)
			return commands[n].run(&line);
	fprintf(stderr, "ERROR: '%s' is misspelled or not recognized by the system.\n",
	    buf_str(&words));
	return EXIT_USAGE;
}
