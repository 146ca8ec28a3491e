#include <config.h>

#include "strategies/terraform_backend.h"

#include <string.h>

#include "base/buf.h"
#include "core/config.h"
#include "core/keys.h"

/* More than the settings allow, with ids in it. */
#define TEXT_MAX_BYTES (64 * 1024)

static void
fill_id(cJSON *value, const char *id)
{
	CLEANUP(buf_clear) struct buf filled = BUF_INIT(TEXT_MAX_BYTES);

	for (const char *text = value->valuestring; *text != '\0';) {
		bool is_id = strncmp(text, BACKEND_ID, strlen(BACKEND_ID)) == 0;

		if (is_id)
			buf_adds(&filled, id);
		else
			buf_addc(&filled, *text);
		text += is_id ? strlen(BACKEND_ID) : 1;
	}
	cJSON_SetValuestring(value, buf_str(&filled));
}

/* Replaces the texts of TABLE, however deep, by such with the id. */
static void
fill_texts(cJSON *table, const char *id)
{
	cJSON *value;

	cJSON_ArrayForEach (value, table) {
		if (cJSON_IsString(value))
			fill_id(value, id);
		fill_texts(value, id);
	}
}

cJSON *
terraform_backend_file(const struct plan_request *request, const char *id)
{
	const char *type = keys_str(request->terraform_backend, BACKEND_TYPE);
	cJSON *file, *arguments;

	if (type == NULL)
		return NULL;
	file = cJSON_CreateObject();
	arguments = cJSON_Duplicate(request->terraform_backend, true);
	cJSON_AddItemToObject(
	    cJSON_AddObjectToObject(cJSON_AddObjectToObject(file, "terraform"), "backend"), type,
	    arguments);
	cJSON_DeleteItemFromObjectCaseSensitive(arguments, BACKEND_TYPE);
	fill_texts(arguments, id);
	return file;
}

void
terraform_backend_begin_init(const struct plan_request *request, struct strv *argv)
{
	const char *cache = request->terraform_plugin_cache;

	if (cache == NULL)
		return;
	strv_add(argv, "flock");
	strv_add(argv, "--no-fork");
	strv_addf(argv, "%s/.purser.lock", cache);
	strv_add(argv, "env");
	strv_addf(argv, "TF_PLUGIN_CACHE_DIR=%s", cache);
}
