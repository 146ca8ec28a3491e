#include "config.h"

#include "driver/mcp_elicit.h"

#include <string.h>

static const cJSON *
member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* What the form proposes; NULL if it requires something that it does not propose. */
static cJSON *
defaults_of(const cJSON *schema)
{
	AUTO_JSON cJSON *content = cJSON_CreateObject();
	const cJSON *field, *name;

	cJSON_ArrayForEach (field, member(schema, "properties")) {
		const cJSON *value = member(field, "default");

		if (value != NULL)
			cJSON_AddItemToObject(content, field->string, cJSON_Duplicate(value, true));
	}
	cJSON_ArrayForEach (name, member(schema, "required"))
		if (!cJSON_IsString(name) || member(content, name->valuestring) == NULL)
			return NULL;
	return take(content);
}

cJSON *
elicit_answer(const cJSON *params, enum mcp_elicitation policy)
{
	const cJSON *mode = member(params, "mode");
	bool is_form =
	    mode == NULL || (cJSON_IsString(mode) && strcmp(mode->valuestring, "form") == 0);
	cJSON *content = policy == MCP_DEFAULTS && is_form
	    ? defaults_of(member(params, "requestedSchema"))
	    : NULL;
	cJSON *answer = cJSON_CreateObject();

	json_add_str(answer, "action", content != NULL ? "accept" : "decline");
	if (content != NULL)
		cJSON_AddItemToObject(answer, "content", content);
	return answer;
}

cJSON *
elicit_answers(const cJSON *requests, enum mcp_elicitation policy)
{
	AUTO_JSON cJSON *answers = cJSON_CreateObject();
	const cJSON *request;

	cJSON_ArrayForEach (request, requests) {
		const cJSON *method = member(request, "method");

		if (!cJSON_IsString(method) ||
		    strcmp(method->valuestring, "elicitation/create") != 0)
			return NULL;
		cJSON_AddItemToObject(
		    answers, request->string, elicit_answer(member(request, "params"), policy));
	}
	return take(answers);
}
