/*
 * An objective's record. Its JSON form is what the submitter said after the
 * defaults were filled in; the store keeps the rest beside it.
 */
#include <config.h>

#include "core/objective.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static const char *const on_failure_names[] = {
	[ON_FAILURE_ROLLBACK] = "rollback",
	[ON_FAILURE_KEEP] = "keep",
};

void
objective_init(struct objective *o)
{
	*o = (struct objective){ .state = STATE_QUEUED };
}

void
objective_clear(struct objective *o)
{
	free(o->batch);
	free(o->name);
	free(o->key);
	free(o->capability);
	free(o->provider);
	free(o->region);
	free(o->resource_group);
	free(o->subscription);
	free(o->strategy);
	cJSON_Delete(o->parameters);
	cJSON_Delete(o->labels);
	strv_clear(&o->depends_on);
	cJSON_Delete(o->decided);
	cJSON_Delete(o->unsaid);
	strv_clear(&o->alternatives);
	cJSON_Delete(o->instead);
	cJSON_Delete(o->outputs);
	cJSON_Delete(o->failure);
	objective_init(o);
}

static cJSON *
object_or_empty(const cJSON *object)
{
	return object ? cJSON_Duplicate(object, true) : cJSON_CreateObject();
}

/*
 * All that the digest covers. What was added to the language later stands in it
 * only where it is set, so that an older submission keeps its digest, and its
 * key goes on meaning the same.
 */
static cJSON *
body_to_json(const struct objective *o)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "name", o->name);
	json_add_str(json, "capability", o->capability);
	json_add_str(json, "region", o->region);
	json_add_str(json, "resource_group", o->resource_group);
	json_add_str(json, "subscription", o->subscription);
	json_add_str(json, "strategy", o->strategy);
	cJSON_AddItemToObject(json, "parameters", object_or_empty(o->parameters));
	cJSON_AddItemToObject(json, "labels", object_or_empty(o->labels));
	json_add_strv(json, "depends_on", &o->depends_on);
	json_add_int(json, "priority", o->priority);
	json_add_int(json, "not_before_ms", o->not_before_ms);
	json_add_int(json, "deadline_ms", o->deadline_ms);
	json_add_str(json, "on_failure", on_failure_name(o->on_failure));
	if (o->timeout_ms != 0)
		json_add_int(json, "timeout_ms", o->timeout_ms);
	if (o->step_timeout_ms != 0)
		json_add_int(json, "step_timeout_ms", o->step_timeout_ms);
	if (o->alternatives.len > 0)
		json_add_strv(json, "alternatives", &o->alternatives);
	return json;
}

cJSON *
objective_to_json(const struct objective *o)
{
	cJSON *json = body_to_json(o);

	json_add_str(json, "batch", o->batch);
	json_add_str(json, "key", o->key);
	if (o->decided)
		cJSON_AddItemToObject(json, "decided", cJSON_Duplicate(o->decided, true));
	if (o->unsaid)
		cJSON_AddItemToObject(json, "unsaid", cJSON_Duplicate(o->unsaid, true));
	return json;
}

static int
take_object(cJSON **to, const cJSON *json, const char *name, struct err *e)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, name);

	if (!cJSON_IsObject(value))
		return err_set(e, ERR_CORRUPT, "stored objective: \"%s\" is no object", name);
	*to = cJSON_Duplicate(value, true);
	return 0;
}

int
objective_from_json(struct objective *o, const cJSON *json, struct err *e)
{
	struct objective next;

	objective_init(&next);
	if (!json_str(json, "batch") || !json_str(json, "name") || !json_str(json, "capability"))
		return err_set(e, ERR_CORRUPT, "stored objective: no batch, name or capability");
	if (take_object(&next.parameters, json, "parameters", e) < 0 ||
	    take_object(&next.labels, json, "labels", e) < 0) {
		objective_clear(&next);
		return -1;
	}
	next.decided = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(json, "decided"), true);
	next.unsaid = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(json, "unsaid"), true);
	next.batch = xstrdup(json_str(json, "batch"));
	next.name = xstrdup(json_str(json, "name"));
	next.key = xstrdup(json_str(json, "key"));
	next.capability = xstrdup(json_str(json, "capability"));
	next.region = xstrdup(json_str(json, "region"));
	next.resource_group = xstrdup(json_str(json, "resource_group"));
	next.subscription = xstrdup(json_str(json, "subscription"));
	const char *strategy = json_str(json, "strategy");
	next.strategy = xstrdup(strategy ? strategy : "auto");
	json_get_strv(cJSON_GetObjectItemCaseSensitive(json, "depends_on"), &next.depends_on);
	json_get_strv(cJSON_GetObjectItemCaseSensitive(json, "alternatives"), &next.alternatives);
	next.priority = (int)json_int(json, "priority", 0);
	next.not_before_ms = json_int(json, "not_before_ms", 0);
	next.deadline_ms = json_int(json, "deadline_ms", 0);
	next.timeout_ms = json_int(json, "timeout_ms", 0);
	next.step_timeout_ms = json_int(json, "step_timeout_ms", 0);
	next.on_failure = on_failure_from_name(json_str(json, "on_failure"));
	*o = next;
	return 0;
}

/* In place of what others than the submitter decided: what would stand there without them. */
static void
take_back(cJSON *body, const struct objective *o)
{
	cJSON *parameters = cJSON_GetObjectItemCaseSensitive(body, "parameters");
	const cJSON *value;

	cJSON_ArrayForEach (value, o->unsaid) {
		bool is_group = strcmp(value->string, "resource_group") == 0;
		cJSON *in = is_group ? body : parameters;

		cJSON_DeleteItemFromObjectCaseSensitive(in, value->string);
		if (!cJSON_IsNull(value))
			cJSON_AddItemToObject(in, value->string, cJSON_Duplicate(value, true));
	}
}

void
objective_digest(const struct objective *o, char out[static DIGEST_SIZE])
{
	AUTO_JSON cJSON *body = body_to_json(o);

	take_back(body, o);
	AUTO_FREE char *text = json_canonical(body);

	digest_text(text, out);
}

static void
set_parameter(struct objective *o, const char *name, const char *value)
{
	if (!value)
		cJSON_DeleteItemFromObjectCaseSensitive(o->parameters, name);
	else if (cJSON_HasObjectItem(o->parameters, name))
		cJSON_ReplaceItemInObjectCaseSensitive(
		    o->parameters, name, cJSON_CreateString(value));
	else
		cJSON_AddItemToObject(o->parameters, name, cJSON_CreateString(value));
}

void
objective_substitute(struct objective *o, const char *parameter, const char *value)
{
	AUTO_FREE char *asked =
	    xstrdup(o->instead ? json_str(o->instead, "asked") : json_str(o->parameters, parameter));
	bool is_asked = !value || !asked || strcmp(value, asked) == 0;
	cJSON *instead = is_asked ? NULL : cJSON_CreateObject();

	/* PARAMETER and VALUE may be parts of what is replaced. */
	if (instead) {
		json_add_str(instead, "parameter", parameter);
		json_add_str(instead, "asked", asked);
		json_add_str(instead, "value", value);
	}
	set_parameter(o, parameter, is_asked ? asked : value);
	cJSON_Delete(o->instead);
	o->instead = instead;
}

void
objective_take_instead(struct objective *o, const cJSON *instead)
{
	if (json_str(instead, "parameter") && json_str(instead, "value"))
		objective_substitute(o, json_str(instead, "parameter"), json_str(instead, "value"));
}

/* Azure does not tell "RG" from "rg"; and no key or name holds a newline. */
static void
add_folded(struct buf *text, const char *what, const char *value)
{
	if (!value)
		return;
	buf_addf(text, "\n%s=", what);
	for (; *value; value++)
		buf_addc(text, (char)tolower((unsigned char)*value));
}

void
objective_hash(const struct objective *o, char out[static OBJECTIVE_HASH_SIZE])
{
	struct buf text = BUF_INIT(4096);
	char digest[DIGEST_SIZE];

	if (o->key)
		buf_adds(&text, o->key);
	else
		buf_addf(&text, "%s/%s", o->batch, o->name);
	add_folded(&text, "resource_group", o->resource_group);
	add_folded(&text, "subscription", o->subscription);
	digest_text(buf_str(&text), digest);
	buf_clear(&text);
	memcpy(out, digest, OBJECTIVE_HASH_SIZE - 1);
	out[OBJECTIVE_HASH_SIZE - 1] = '\0';
}

bool
objective_word_is_known(const char *name)
{
	static const char *const words[] = { "region", "resource_group", "objective", "batch",
		"hash" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(name, words[i]) == 0)
			return true;
	return false;
}

const char *
objective_word(struct objective_words *words, const char *name)
{
	const struct objective *o = words->objective;

	if (strcmp(name, "region") == 0)
		return o->region;
	if (strcmp(name, "resource_group") == 0)
		return o->resource_group;
	if (strcmp(name, "objective") == 0)
		return o->name;
	if (strcmp(name, "batch") == 0)
		return o->batch;
	if (strcmp(name, "hash") != 0)
		return NULL;
	if (!words->hash[0])
		objective_hash(o, words->hash);
	return words->hash;
}

#define NOT "not "

const char *
objective_demands(const struct objective *o)
{
	if (strcmp(o->strategy, "auto") == 0 || strncmp(o->strategy, NOT, strlen(NOT)) == 0)
		return NULL;
	return o->strategy;
}

void
objective_excludes(const struct objective *o, struct strv *names)
{
	const char *at = o->strategy;

	while (strncmp(at, NOT, strlen(NOT)) == 0) {
		size_t len = strcspn(at += strlen(NOT), ",");

		strv_take(names, xstrndup(at, len));
		at += len + strspn(at + len, ", ");
	}
}

const char *
on_failure_name(enum on_failure on_failure)
{
	return on_failure_names[on_failure];
}

enum on_failure
on_failure_from_name(const char *name)
{
	return name && strcmp(name, "keep") == 0 ? ON_FAILURE_KEEP : ON_FAILURE_ROLLBACK;
}

bool
objective_name_is_valid(const char *name)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char others[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";

	if (!*name || !strchr(first, *name))
		return false;
	size_t len = strspn(name, others);
	return len <= OBJECTIVE_NAME_MAX && name[len] == '\0';
}

char *
objective_region(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	AUTO_FREE char *region = xmalloc(strlen(text) + 1);
	size_t len = 0;

	for (; *text; text++)
		if (*text != ' ')
			region[len++] = (char)tolower((unsigned char)*text);
	region[len] = '\0';
	if (len < 2 || len > OBJECTIVE_REGION_MAX || !strchr(allowed, region[0]) ||
	    strchr("0123456789", region[0]) || strspn(region, allowed) != len)
		return NULL;
	return take(region);
}

char *
objective_decided_text(const struct objective *o, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(o->parameters, name);

	if (!value)
		return xstrdup(o->resource_group);
	return cJSON_IsString(value) ? xstrdup(value->valuestring) : json_text(value);
}

char *
objective_label(const struct objective *o)
{
	const char *batch = o->batch ? o->batch : "?", *name = o->name ? o->name : "?";

	if (!o->id[0])
		return xasprintf("%s/%s", batch, name);
	return xasprintf("%s/%s (%s)", batch, name, id_short(o->id));
}
