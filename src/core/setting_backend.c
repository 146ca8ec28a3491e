/*
 * Where terraform keeps its states: a table that becomes the block of a backend,
 * as it is. It stands in plans and in files, so that it may hold no secret.
 */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "core/keys.h"
#include "core/parameter.h"
#include "core/setting.h"

#define KEYS_MAX 64
#define DEPTH_MAX 4
#define TEXT_MAX 1024 /* bytes */

/* The ends of names of what nobody else may read. */
static const char *const secret_ends[] = { "password", "_key", "token", "secret" };

struct reader {
	const struct setting *s;
	const struct doc *doc;
	const cJSON *whole; /* the table */
	struct faults *faults;
	bool has_id;
};

static int
backend_fault(struct reader *r, const cJSON *value, const char *text)
{
	const char *name = value->string != NULL ? value->string : "[]";
	bool is_whole = value == r->whole;
	char where[PLACE_MAX];

	return faults_add(r->faults, doc_where(r->doc, value, where, sizeof(where)), "%s.%s%s%s %s",
	    r->s->section, r->s->key, is_whole ? "" : ".", is_whole ? "" : name, text);
}

static bool
is_secret(const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < COUNT_OF(secret_ends); i++) {
		size_t n = strlen(secret_ends[i]);

		if (len >= n && strcasecmp(key + len - n, secret_ends[i]) == 0)
			return true;
	}
	return false;
}

/* "http://user:password@host/" */
static bool
has_login(const char *text)
{
	const char *host = strstr(text, "://");

	if (host == NULL)
		return false;
	host += strlen("://");
	return memchr(host, '@', strcspn(host, "/?#")) != NULL;
}

static int
check_text(struct reader *r, const cJSON *value)
{
	const char *text = value->valuestring;

	if (strlen(text) > TEXT_MAX)
		return backend_fault(r, value, "has more than 1024 bytes");
	if (utf8_has_control(text))
		return backend_fault(r, value, "must not hold control characters");
	if (strstr(text, "${") != NULL || strstr(text, "%{") != NULL)
		return backend_fault(r, value, "must not hold \"${\" or \"%{\"");
	if (has_login(text))
		return backend_fault(r, value,
		    "holds a login: leave it out and set it in the runner's environment, "
		    "such as TF_HTTP_USERNAME and TF_HTTP_PASSWORD");
	if (strstr(text, BACKEND_ID) != NULL)
		r->has_id = true;
	return 0;
}

static int check_members(struct reader *r, const cJSON *table, int depth);

static int
check_member(struct reader *r, const cJSON *value, int depth)
{
	if (value->string != NULL && !value_name_is_valid(value->string))
		return backend_fault(r, value, "is no name of an argument");
	if (value->string != NULL && is_secret(value->string))
		return backend_fault(r, value,
		    "looks like a secret: leave it out and set it in the runner's environment, "
		    "such as TF_HTTP_PASSWORD or ARM_ACCESS_KEY");
	if (cJSON_IsString(value))
		return check_text(r, value);
	if (cJSON_IsArray(value) || cJSON_IsObject(value))
		return check_members(r, value, depth + 1);
	return 0;
}

static int
check_members(struct reader *r, const cJSON *table, int depth)
{
	const cJSON *value;
	int failed = 0;

	if (depth > DEPTH_MAX || cJSON_GetArraySize(table) > KEYS_MAX)
		return backend_fault(r, table, "is too large");
	cJSON_ArrayForEach (value, table)
		if (check_member(r, value, depth) < 0)
			failed = -1;
	return failed;
}

static int
check_type(struct reader *r, const cJSON *backend)
{
	const cJSON *type = keys_get(backend, BACKEND_TYPE);

	if (type == NULL)
		return backend_fault(r, backend, "needs a type such as \"http\" or \"azurerm\"");
	if (!cJSON_IsString(type) || !value_name_is_valid(type->valuestring))
		return backend_fault(
		    r, type, "is no type of a backend such as \"http\" or \"azurerm\"");
	if (strcmp(type->valuestring, "local") == 0)
		return backend_fault(
		    r, type, "is \"local\": that is how it is without the setting");
	return 0;
}

int
setting_take_backend(struct config *c, const struct setting *s, const cJSON *value,
    const struct doc *doc, struct faults *faults)
{
	struct reader r = { .s = s, .doc = doc, .whole = value, .faults = faults };
	char where[PLACE_MAX];
	int failed;

	if (!cJSON_IsObject(value))
		return faults_add(faults, doc_where(doc, value, where, sizeof(where)),
		    "%s.%s must be a table such as { type = \"http\", ... }, not %s", s->section,
		    s->key, keys_kind(value));
	failed = check_type(&r, value);
	failed |= check_members(&r, value, 1);
	if (failed == 0 && !r.has_id)
		failed = backend_fault(&r, value,
		    "must hold \"" BACKEND_ID
		    "\" in one of its texts, so that each objective has a "
		    "state of its own");
	if (failed < 0)
		return -1;
	cJSON_Delete(c->terraform_backend);
	c->terraform_backend = cJSON_Duplicate(value, true);
	return 0;
}
