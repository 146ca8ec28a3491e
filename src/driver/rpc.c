#include "config.h"

#include "driver/rpc.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

/* At least as many as the text has, whether it is JSON or not. */
static size_t
count_values(const char *text, size_t len)
{
	size_t count = 1;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == ',' || c == '[' || c == '{'))
			count++;
	}
	return count;
}

static const cJSON *
member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* An error may have the id null, where its request could not be read. */
static int
take_id(struct rpc_message *m, struct err *e)
{
	const cJSON *id = member(m->json, "id");

	if (id == NULL || (cJSON_IsNull(id) && m->kind == RPC_ERROR))
		return 0;
	if (!cJSON_IsString(id) && !json_is_int(id, NULL))
		return err_set(e, ERR_INPUT, "its id is neither a text nor a whole number");
	m->id = id;
	return 0;
}

static int
take_method(struct rpc_message *m, struct err *e)
{
	const cJSON *method = member(m->json, "method");

	m->params = member(m->json, "params");
	if (!cJSON_IsString(method))
		return err_set(e, ERR_INPUT, "its method is no text");
	if (m->params != NULL && !cJSON_IsObject(m->params))
		return err_set(e, ERR_INPUT, "its params are no object");
	m->method = method->valuestring;
	m->kind = m->id != NULL ? RPC_REQUEST : RPC_NOTIFICATION;
	return 0;
}

static int
take_error(struct rpc_message *m, const cJSON *error, struct err *e)
{
	const cJSON *text = member(error, "message");

	if (!cJSON_IsObject(error) || !json_is_int(member(error, "code"), &m->code))
		return err_set(e, ERR_INPUT, "its error has no code");
	m->kind = RPC_ERROR;
	m->text = cJSON_IsString(text) ? text->valuestring : "";
	m->data = member(error, "data");
	return 0;
}

static int
take_result(struct rpc_message *m, const cJSON *result, struct err *e)
{
	if (!cJSON_IsObject(result))
		return err_set(e, ERR_INPUT, "its result is no object");
	if (m->id == NULL)
		return err_set(e, ERR_INPUT, "its result is for no id");
	m->kind = RPC_RESULT;
	m->result = result;
	return 0;
}

static int
take_parts(struct rpc_message *m, struct err *e)
{
	const cJSON *version = member(m->json, "jsonrpc");
	const cJSON *result = member(m->json, "result"), *error = member(m->json, "error");
	const cJSON *method = member(m->json, "method");

	if (!cJSON_IsObject(m->json))
		return err_set(e, ERR_INPUT, "it is no object");
	if (!cJSON_IsString(version) || strcmp(version->valuestring, "2.0") != 0)
		return err_set(e, ERR_INPUT, "it is not of JSON-RPC 2.0");
	if ((method != NULL) + (result != NULL) + (error != NULL) != 1)
		return err_set(e, ERR_INPUT, "it is not one of request, result and error");
	m->kind = error != NULL ? RPC_ERROR : RPC_REQUEST;
	if (take_id(m, e) < 0)
		return -1;
	if (method != NULL)
		return take_method(m, e);
	return error != NULL ? take_error(m, error, e) : take_result(m, result, e);
}

int
rpc_parse(const char *text, size_t len, struct rpc_message *m, struct err *e)
{
	*m = (struct rpc_message){ .len = len, .values = count_values(text, len) };
	if (m->values > RPC_VALUES_MAX)
		return err_set(e, ERR_INPUT, "it has more than %d values", RPC_VALUES_MAX);
	m->json = json_parse(text, len, 1, NULL);
	if (m->json == NULL)
		return err_set(e, ERR_INPUT, "it is no JSON");
	if (take_parts(m, e) == 0)
		return 0;
	rpc_clear(m);
	return -1;
}

void
rpc_clear(struct rpc_message *m)
{
	cJSON_Delete(m->json);
	*m = (struct rpc_message){ 0 };
}

int64_t
rpc_id(const struct rpc_message *m)
{
	int64_t id;

	return m->kind >= RPC_RESULT && json_is_int(m->id, &id) && id > 0 ? id : 0;
}

/* ---- writing ---- */

static cJSON *
new_message(void)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "jsonrpc", "2.0");
	return json;
}

/* What is printed is ours for a moment only. */
static void
add_borrowed(cJSON *json, const char *key, const cJSON *value)
{
	if (value != NULL)
		cJSON_AddItemReferenceToObject(json, key, (cJSON *)(uintptr_t)value);
}

static void
add_object(cJSON *json, const char *key, const cJSON *value)
{
	if (value != NULL)
		add_borrowed(json, key, value);
	else
		cJSON_AddObjectToObject(json, key);
}

char *
rpc_request(int64_t id, const char *method, const cJSON *params)
{
	AUTO_JSON cJSON *json = new_message();

	json_add_int(json, "id", id);
	json_add_str(json, "method", method);
	add_borrowed(json, "params", params);
	return json_text(json);
}

char *
rpc_notification(const char *method, const cJSON *params)
{
	AUTO_JSON cJSON *json = new_message();

	json_add_str(json, "method", method);
	add_borrowed(json, "params", params);
	return json_text(json);
}

char *
rpc_result(const cJSON *id, const cJSON *result)
{
	AUTO_JSON cJSON *json = new_message();

	add_borrowed(json, "id", id);
	add_object(json, "result", result);
	return json_text(json);
}

char *
rpc_error(const cJSON *id, int64_t code, const char *text)
{
	AUTO_JSON cJSON *json = new_message();
	cJSON *error;

	add_borrowed(json, "id", id);
	error = cJSON_AddObjectToObject(json, "error");
	json_add_int(error, "code", code);
	json_add_str(error, "message", text);
	return json_text(json);
}
