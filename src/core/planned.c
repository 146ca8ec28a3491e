#include "config.h"

#include "core/planned.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define DIFFERENCES_MAX (8 * 1024)

void
planned_apply(const cJSON *planned, const struct objective *o, struct objective *as)
{
	const cJSON *value;

	*as = *o;
	as->parameters = cJSON_Duplicate(o->parameters, true);
	as->region = xstrdup(o->region);
	cJSON_ArrayForEach (value, json_at(planned, "parameters")) {
		if (strcmp(value->string, PLANNED_REGION) == 0) {
			free(as->region);
			as->region = xstrdup(cJSON_GetStringValue(value));
			continue;
		}
		cJSON_DeleteItemFromObjectCaseSensitive(as->parameters, value->string);
		cJSON_AddItemToObject(
		    as->parameters, value->string, cJSON_Duplicate(value, true));
	}
}

void
planned_clear(struct objective *as)
{
	cJSON_Delete(take(as->parameters));
	free(take(as->region));
}

char *
planned_differences(const cJSON *planned, const struct objective *o)
{
	CLEANUP(buf_clear) struct buf out = BUF_INIT(DIFFERENCES_MAX);
	const cJSON *value;

	cJSON_ArrayForEach (value, json_at(planned, "parameters")) {
		bool is_region = strcmp(value->string, PLANNED_REGION) == 0;
		AUTO_JSON cJSON *region = cJSON_CreateString(o->region != NULL ? o->region : "");
		const cJSON *said = is_region
		    ? region
		    : cJSON_GetObjectItemCaseSensitive(o->parameters, value->string);
		AUTO_FREE char *is = json_text(value);
		AUTO_FREE char *was = said != NULL ? json_text(said) : xstrdup("nothing");

		if (said == NULL || !cJSON_Compare(said, value, true))
			buf_addf(&out, "%s%s %s instead of %s", out.len > 0 ? ", " : "",
			    value->string, is, was);
	}
	return out.len > 0 ? buf_take(&out) : NULL;
}

const char *
planned_unpriced(const cJSON *planned)
{
	return json_str(planned, "unpriced");
}
