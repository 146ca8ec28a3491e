/* A list comes in pages, of which the server says how many there are by going on. */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "driver/mcp_client.h"

static const struct {
	const char *method, *capability;
	const char *member; /* of a page's result */
	const char *key;    /* that each item must have */
} lists[MCP_LISTS] = {
	[MCP_TOOLS] = { "tools/list", "tools", "tools", "name" },
	[MCP_RESOURCES] = { "resources/list", "resources", "resources", "uri" },
	[MCP_TEMPLATES] = { "resources/templates/list", "resources", "resourceTemplates",
	    "uriTemplate" },
	[MCP_PROMPTS] = { "prompts/list", "prompts", "prompts", "name" },
};

#define BYTES_MAX (2 * MCP_MESSAGE_MAX) /* of all pages together */

const char *
pages_method(enum mcp_list list)
{
	return lists[list].method;
}

const char *
pages_capability(enum mcp_list list)
{
	return lists[list].capability;
}

static int
take_items(struct request *r, const cJSON *page, struct err *e)
{
	cJSON *items = cJSON_GetObjectItemCaseSensitive(page, lists[r->list].member);
	const cJSON *item;

	if (!cJSON_IsArray(items))
		return err_set(e, ERR_INPUT, "its list has no %s", lists[r->list].member);
	cJSON_ArrayForEach (item, items)
		if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(item, lists[r->list].key)))
			return err_set(e, ERR_INPUT, "one of its %s has no %s",
			    lists[r->list].member, lists[r->list].key);
	cJSON_ArrayForEach (item, items)
		cJSON_AddItemToArray(r->items, cJSON_Duplicate(item, true));
	return 0;
}

int
pages_take(struct request *r, const struct rpc_message *page, bool *is_last, struct err *e)
{
	const cJSON *cursor = cJSON_GetObjectItemCaseSensitive(page->result, "nextCursor");
	bool has_more = cursor != NULL && !cJSON_IsNull(cursor);

	r->items_bytes += page->len;
	r->items_values += page->values;
	if (r->items_bytes > BYTES_MAX || r->items_values > RPC_VALUES_MAX)
		return err_set(e, ERR_INPUT, "its list is too long");
	*is_last = !has_more;
	if (take_items(r, page->result, e) == -1)
		return -1;
	if (!has_more)
		return 0;
	if (!cJSON_IsString(cursor))
		return err_set(e, ERR_INPUT, "the cursor of its list is no text");
	if (strv_has(&r->cursors, cursor->valuestring))
		return err_set(e, ERR_INPUT, "its list comes back to a page that it had already");
	if (r->cursors.len + 1 >= MCP_PAGES_MAX)
		return err_set(e, ERR_INPUT, "its list has more than %d pages", MCP_PAGES_MAX);
	strv_add(&r->cursors, cursor->valuestring);
	cJSON_DeleteItemFromObjectCaseSensitive(r->params, "cursor");
	json_add_str(r->params, "cursor", cursor->valuestring);
	return 0;
}

cJSON *
pages_result(struct request *r)
{
	cJSON *result = cJSON_CreateObject();

	cJSON_AddItemToObject(result, lists[r->list].member, take(r->items));
	return result;
}
