#include "config.h"

#include "driver/mcp_session.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define META "_meta"
#define META_PREFIX "io.modelcontextprotocol/"
#define TEXT_MAX 300 /* bytes of what a server says, in a message */

/* The latest first. What is called here has not changed between the older ones. */
static const char *const modern[] = { "2026-07-28" };
static const char *const legacy[] = { "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05" };

void
session_init(struct mcp_session *s, enum mcp_era wanted)
{
	*s = (struct mcp_session){ .wanted = wanted, .era = wanted };
}

void
session_clear(struct mcp_session *s)
{
	cJSON_Delete(s->server);
	session_init(s, s->wanted);
}

static const cJSON *
member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* ---- who we are ---- */

static cJSON *
client_info(void)
{
	cJSON *info = cJSON_CreateObject();

	json_add_str(info, "name", PACKAGE_NAME);
	json_add_str(info, "version", PACKAGE_VERSION);
	return info;
}

/* Questions to the user are answered by policy; roots and sampling are not offered. */
static cJSON *
client_capabilities(void)
{
	cJSON *capabilities = cJSON_CreateObject();
	cJSON *elicitation = cJSON_AddObjectToObject(capabilities, "elicitation");

	cJSON_AddObjectToObject(elicitation, "form");
	return capabilities;
}

/* ---- asking ---- */

static void
probe(struct mcp_session *s)
{
	s->state = SESSION_PROBING;
	s->version = modern[0];
}

static bool
greet(struct mcp_session *s, const char *version)
{
	s->state = SESSION_GREETING;
	s->era = s->wanted;
	s->version = version;
	return true;
}

void
session_begin(struct mcp_session *s)
{
	s->second_try = false;
	if (s->era == MCP_ERA_LEGACY)
		greet(s, legacy[0]);
	else
		probe(s);
}

void
session_forget(struct mcp_session *s)
{
	s->era = s->wanted;
}

const char *
session_question(const struct mcp_session *s, cJSON **params)
{
	*params = cJSON_CreateObject();
	if (s->state == SESSION_PROBING) {
		session_sign(s, *params);
		return "server/discover";
	}
	json_add_str(*params, "protocolVersion", s->version);
	cJSON_AddItemToObject(*params, "capabilities", client_capabilities());
	cJSON_AddItemToObject(*params, "clientInfo", client_info());
	return "initialize";
}

/* ---- answers ---- */

/* The first of ours that is in the server's list; NULL if it speaks none of them. */
static const char *
mutual(const char *const *ours, size_t n, const cJSON *theirs)
{
	const cJSON *version;

	for (size_t i = 0; i < n; i++)
		cJSON_ArrayForEach (version, theirs)
			if (cJSON_IsString(version) && strcmp(version->valuestring, ours[i]) == 0)
				return ours[i];
	return NULL;
}

/* What was found out before may be what is wrong: the next start asks again. */
static bool
fail(struct mcp_session *s, struct err *e, const char *what, const char *detail)
{
	AUTO_FREE char *text = utf8_line(detail, TEXT_MAX);

	s->state = SESSION_FAILED;
	s->era = s->wanted;
	err_set(e, ERR_INPUT, "%s%s%s", what, *text != '\0' ? ": " : "", text);
	return true;
}

static bool
fail_version(struct mcp_session *s, const cJSON *theirs, struct err *e)
{
	AUTO_FREE char *list = theirs != NULL ? json_text(theirs) : xstrdup("none that it names");

	return fail(s, e, "the server speaks no revision of the protocol that we do", list);
}

/* NULL is left out, and so is what is no text. */
static void
keep_text(cJSON *server, const char *key, const cJSON *value)
{
	if (cJSON_IsString(value))
		json_add_str(server, key, value->valuestring);
}

static bool
is_ready(struct mcp_session *s, const char *version, const cJSON *result, const cJSON *info)
{
	const cJSON *capabilities = member(result, "capabilities");

	s->state = SESSION_READY;
	s->version = version;
	cJSON_Delete(s->server);
	s->server = cJSON_CreateObject();
	keep_text(s->server, "name", member(info, "name"));
	keep_text(s->server, "version", member(info, "version"));
	keep_text(s->server, "instructions", member(result, "instructions"));
	if (cJSON_IsObject(capabilities))
		cJSON_AddItemToObject(
		    s->server, "capabilities", cJSON_Duplicate(capabilities, true));
	return true;
}

/*
 * The server is modern, and these are its revisions: it may be that one of them still
 * needs a session.
 */
static bool
choose(struct mcp_session *s, const cJSON *theirs, struct err *e)
{
	const char *version = mutual(legacy, COUNT_OF(legacy), theirs);

	if (version == NULL || s->wanted == MCP_ERA_MODERN || s->second_try)
		return fail_version(s, theirs, e);
	s->second_try = true;
	return greet(s, version);
}

static bool
answer_discover(struct mcp_session *s, const struct rpc_message *answer, struct err *e)
{
	const cJSON *versions = member(answer->result, "supportedVersions");
	const char *version;

	if (answer->kind == RPC_RESULT && cJSON_IsArray(versions)) {
		version = mutual(modern, COUNT_OF(modern), versions);
		if (version == NULL)
			return choose(s, versions, e);
		s->era = MCP_ERA_MODERN;
		return is_ready(s, version, answer->result,
		    member(member(answer->result, META), META_PREFIX "serverInfo"));
	}
	if (s->state != SESSION_PROBING)
		return false;
	if (answer->kind == RPC_ERROR && answer->code == RPC_UNSUPPORTED_VERSION)
		return choose(s, member(answer->data, "supported"), e);
	if (answer->kind == RPC_ERROR &&
	    (answer->code == RPC_HEADER_MISMATCH || answer->code == RPC_MISSING_CAPABILITY))
		return fail(s, e, "the server refuses our first request", answer->text);
	if (s->wanted == MCP_ERA_MODERN)
		return fail(s, e, "the server does not speak revision 2026-07-28",
		    answer->kind == RPC_ERROR ? answer->text : "");
	return greet(s, legacy[0]);
}

static bool
answer_initialize(struct mcp_session *s, const struct rpc_message *answer, struct err *e)
{
	const cJSON *theirs = member(answer->result, "protocolVersion");
	const char *version;

	if (s->state != SESSION_GREETING)
		return false;
	if (answer->kind == RPC_ERROR) {
		theirs = member(answer->data, "supported");
		version = mutual(legacy, COUNT_OF(legacy), theirs);
		if (version == NULL || s->second_try)
			return fail(s, e, "the server refuses to begin a session", answer->text);
		s->second_try = true;
		return greet(s, version);
	}
	for (size_t i = 0; i < COUNT_OF(legacy); i++) {
		if (!cJSON_IsString(theirs) || strcmp(theirs->valuestring, legacy[i]) != 0)
			continue;
		s->era = MCP_ERA_LEGACY;
		return is_ready(s, legacy[i], answer->result, member(answer->result, "serverInfo"));
	}
	return fail_version(s, theirs, e);
}

bool
session_answer(struct mcp_session *s, enum session_state asked, const struct rpc_message *answer,
    struct err *e)
{
	return asked == SESSION_PROBING ? answer_discover(s, answer, e)
					: answer_initialize(s, answer, e);
}

bool
session_no_answer(struct mcp_session *s, const struct err *why, struct err *e)
{
	if (s->state == SESSION_PROBING && s->era == MCP_ERA_ANY)
		return greet(s, legacy[0]);
	s->state = SESSION_FAILED;
	s->era = s->wanted;
	*e = *why;
	return true;
}

bool
session_died(struct mcp_session *s)
{
	bool may_be_probe = s->state == SESSION_PROBING && s->era == MCP_ERA_ANY;

	s->state = SESSION_FAILED;
	s->era = may_be_probe ? MCP_ERA_LEGACY : s->wanted;
	return may_be_probe;
}

/* ---- what is known ---- */

bool
session_is_modern(const struct mcp_session *s)
{
	return s->era == MCP_ERA_MODERN || s->state == SESSION_PROBING;
}

bool
session_offers(const struct mcp_session *s, const char *capability)
{
	return cJSON_IsObject(member(member(s->server, "capabilities"), capability));
}

void
session_sign(const struct mcp_session *s, cJSON *params)
{
	cJSON *meta;

	if (!session_is_modern(s))
		return;
	meta = cJSON_GetObjectItemCaseSensitive(params, META);
	if (meta == NULL)
		meta = cJSON_AddObjectToObject(params, META);
	json_add_str(meta, META_PREFIX "protocolVersion", s->version);
	cJSON_AddItemToObject(meta, META_PREFIX "clientInfo", client_info());
	cJSON_AddItemToObject(meta, META_PREFIX "clientCapabilities", client_capabilities());
}
