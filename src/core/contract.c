/* Contracts of tools, and what they say. */
#include <config.h>

#include "core/contract.h"

#include <string.h>

#include "base/mem.h"
#include "core/json_schema.h"

/* Titles, descriptions and icons are for people, and change without changing what is done. */
static const char *const parts[] = { "name", "inputSchema", "outputSchema", "annotations" };

static void
seal(struct contract *c)
{
	AUTO_FREE char *text = json_canonical(c->body);

	digest_text(text, c->digest);
}

int
contract_of_tool(struct contract *c, const char *server, const cJSON *tool, struct err *e)
{
	const char *name = json_str(tool, "name");

	*c = (struct contract){ .server = NULL };
	if (name == NULL || *name == '\0')
		return err_set(e, ERR_INPUT, "%s lists a tool without a name", server);
	c->server = xstrdup(server);
	c->tool = xstrdup(name);
	c->body = cJSON_CreateObject();
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		const cJSON *part = cJSON_GetObjectItemCaseSensitive(tool, parts[i]);

		if (part != NULL)
			cJSON_AddItemToObject(c->body, parts[i], cJSON_Duplicate(part, true));
	}
	seal(c);
	return 0;
}

void
contract_of_body(struct contract *c, const char *server, const char *tool, cJSON *body)
{
	*c = (struct contract){
		.server = xstrdup(server),
		.tool = xstrdup(tool),
		.body = body,
	};
	seal(c);
}

void
contract_clear(struct contract *c)
{
	free(c->server);
	free(c->tool);
	cJSON_Delete(c->body);
	*c = (struct contract){ .server = NULL };
}

void
contracts_of_list(struct contracts *all, const char *server, const cJSON *answer)
{
	const cJSON *tools = cJSON_GetObjectItemCaseSensitive(answer, "tools"), *tool;

	*all = (struct contracts){ .v = xcalloc(
				       (size_t)cJSON_GetArraySize(tools) + 1, sizeof(*all->v)) };
	cJSON_ArrayForEach (tool, tools)
		if (contract_of_tool(&all->v[all->len], server, tool, NULL) == 0)
			all->len++;
}

void
contracts_clear(struct contracts *all)
{
	for (size_t i = 0; i < all->len; i++)
		contract_clear(&all->v[i]);
	free(all->v);
	*all = (struct contracts){ .v = NULL };
}

const struct contract *
contracts_find(const struct contracts *all, const char *server, const char *tool)
{
	for (size_t i = 0; i < all->len; i++)
		if (strcmp(all->v[i].server, server) == 0 && strcmp(all->v[i].tool, tool) == 0)
			return &all->v[i];
	return NULL;
}

bool
contract_is_idempotent(const struct contract *c)
{
	return json_bool(c->body, "annotations.idempotentHint", false) ||
	    json_bool(c->body, "annotations.readOnlyHint", false);
}

int
contract_check_arguments(const struct contract *c, const cJSON *arguments, struct err *e)
{
	const cJSON *schema = cJSON_GetObjectItemCaseSensitive(c->body, "inputSchema");

	if (json_schema_check(schema, arguments, "argument", e) == 0)
		return 0;
	return err_in(e, "%s of %s", c->tool, c->server);
}

char *
contract_difference(const struct contract *before, const struct contract *now)
{
	CLEANUP(strv_clear) struct strv changed = { 0 };

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		const cJSON *was = cJSON_GetObjectItemCaseSensitive(before->body, parts[i]);
		const cJSON *is = cJSON_GetObjectItemCaseSensitive(now->body, parts[i]);

		if (was != is && (was == NULL || is == NULL || !cJSON_Compare(was, is, true)))
			strv_add(&changed, parts[i]);
	}
	return strv_join(&changed, " and ");
}
