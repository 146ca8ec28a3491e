/* By name first, then by schema: see mcp_match.h. */
#include <config.h>

#include "strategies/mcp_match.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define NAME_MAX_BYTES 256

static const char *const makes[] = { "", "create", NULL };
static const char *const looks[] = { "get", "show", NULL };
static const char *const undoes[] = { "delete", "remove", NULL };

/* Letters and digits in lower case. The caller's own. */
static char *
folded(const char *name)
{
	struct buf out = BUF_INIT(NAME_MAX_BYTES);

	for (; *name != '\0'; name++)
		if (isalnum((unsigned char)*name))
			buf_addc(&out, (char)tolower((unsigned char)*name));
	return buf_take(&out);
}

static bool
is_same(const char *a, const char *b)
{
	AUTO_FREE char *left = folded(a), *right = folded(b);

	return strcmp(left, right) == 0;
}

/* The tool does one of VERBS to what the capability is named after. */
static bool
is_named_after(const char *tool, const char *noun, const char *const *verbs)
{
	for (; *verbs != NULL; verbs++) {
		AUTO_FREE char *before = xasprintf("%s%s", *verbs, noun);
		AUTO_FREE char *behind = xasprintf("%s%s", noun, *verbs);

		if (is_same(tool, before) || is_same(tool, behind))
			return true;
	}
	return false;
}

/* ---- arguments ---- */

static bool
takes(const cJSON *property, const char *type)
{
	const char *declared = json_str(property, "type");

	return declared == NULL || strcmp(declared, type) == 0 ||
	    (strcmp(declared, "number") == 0 && strcmp(type, "integer") == 0);
}

/* Words that every capability may have, by the names that tools give them. */
static const struct {
	const char *argument, *text, *type;
} words[] = {
	{ "region", "{region}", "string" },
	{ "location", "{region}", "string" },
	{ "resource_group", "{resource_group}", "string" },
	{ "resource_group_name", "{resource_group}", "string" },
	{ "tags", "{tags}", "object" },
};

static bool
has_word(const struct capability *c, const char *text)
{
	if (strcmp(text, "{region}") == 0)
		return c->needs_region;
	return strcmp(text, "{resource_group}") != 0 || c->needs_resource_group;
}

/* What goes into an argument of this name; NULL if nothing does. The caller's own. */
static char *
source_of(const struct capability *c, const cJSON *property)
{
	for (size_t i = 0; i < c->n_parameters; i++) {
		const struct parameter *p = &c->parameters[i];

		if (is_same(p->name, property->string) && takes(property, value_type_name(p->type)))
			return xasprintf("{%s}", p->name);
	}
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (is_same(words[i].argument, property->string) && has_word(c, words[i].text) &&
		    takes(property, words[i].type))
			return xstrdup(words[i].text);
	return NULL;
}

static bool
is_required(const cJSON *schema, const char *name)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, cJSON_GetObjectItemCaseSensitive(schema, "required"))
		if (cJSON_IsString(one) && strcmp(one->valuestring, name) == 0)
			return true;
	return false;
}

static bool
is_secret(const struct capability *c, const char *source)
{
	for (size_t i = 0; i < c->n_parameters; i++) {
		AUTO_FREE char *word = xasprintf("{%s}", c->parameters[i].name);

		if (c->parameters[i].secret && strcmp(word, source) == 0)
			return true;
	}
	return false;
}

/*
 * The arguments of a call: of one that makes it all that is known, else only what
 * is required, and no secrets. NULL if something that is required is not known.
 */
static cJSON *
arguments_of(const struct capability *c, const cJSON *schema, bool makes_it, bool undoes_it)
{
	AUTO_JSON cJSON *arguments = cJSON_CreateObject();
	const cJSON *property;

	cJSON_ArrayForEach (property, cJSON_GetObjectItemCaseSensitive(schema, "properties")) {
		bool required = is_required(schema, property->string);
		AUTO_FREE char *source = undoes_it &&
			(is_same(property->string, "id") ||
			    is_same(property->string, "resource_id"))
		    ? xstrdup("{resource}")
		    : source_of(c, property);

		if (source != NULL && !makes_it && is_secret(c, source))
			free(take(source));
		if (source == NULL && required)
			return NULL;
		if (source != NULL && (makes_it || required))
			json_add_str(arguments, property->string, source);
	}
	return take(arguments);
}

static bool
is_among(const cJSON *arguments, const char *source)
{
	const cJSON *argument;

	cJSON_ArrayForEach (argument, arguments)
		if (strcmp(argument->valuestring, source) == 0)
			return true;
	return false;
}

/* Nothing that the objective says is left out. */
static bool
takes_all(const struct capability *c, const cJSON *arguments)
{
	for (size_t i = 0; i < c->n_parameters; i++) {
		AUTO_FREE char *source = xasprintf("{%s}", c->parameters[i].name);

		if (!is_among(arguments, source))
			return false;
	}
	return (!c->needs_region || is_among(arguments, "{region}")) &&
	    (!c->needs_resource_group || is_among(arguments, "{resource_group}"));
}

/* ---- answers ---- */

static const cJSON *
answer_member(const cJSON *schema, const char *name)
{
	const cJSON *property;

	cJSON_ArrayForEach (property, cJSON_GetObjectItemCaseSensitive(schema, "properties"))
		if (is_same(property->string, name))
			return property;
	return NULL;
}

/* Field -> where it is in the answer; NULL if one of them is not. */
static cJSON *
outputs_of(const struct capability *c, const cJSON *schema)
{
	AUTO_JSON cJSON *outputs = cJSON_CreateObject();

	for (size_t i = 0; i < c->n_outputs; i++) {
		const cJSON *found = answer_member(schema, c->outputs[i].name);

		if (found == NULL)
			return NULL;
		json_add_str(outputs, c->outputs[i].name, found->string);
	}
	return take(outputs);
}

/* ---- tools ---- */

static const cJSON *
schema_of(const struct contract *tool, const char *which)
{
	return cJSON_GetObjectItemCaseSensitive(tool->body, which);
}

/* A table for the tool that makes it; NULL if it does not fit. */
static cJSON *
make_table(const struct capability *c, const struct contract *tool)
{
	const cJSON *answer = schema_of(tool, "outputSchema"), *id = answer_member(answer, "id");
	AUTO_JSON cJSON *arguments = arguments_of(c, schema_of(tool, "inputSchema"), true, false);
	AUTO_JSON cJSON *outputs = outputs_of(c, answer);
	cJSON *table;

	if (arguments == NULL || outputs == NULL || id == NULL || !takes_all(c, arguments))
		return NULL;
	table = cJSON_CreateObject();
	json_add_str(table, "server", tool->server);
	json_add_str(table, "tool", tool->tool);
	json_add_str(table, "id", id->string);
	cJSON_AddItemToObject(table, "arguments", take(arguments));
	cJSON_AddItemToObject(table, "outputs", take(outputs));
	return table;
}

/* The only tool of the server that does one of VERBS, as a part of the table; NULL if there is not just one. */
static cJSON *
find_part(const struct capability *c, const struct mcp_offer *offer, const char *server,
    const char *const *verbs, bool undoes_it)
{
	AUTO_JSON cJSON *part = NULL;

	for (size_t i = 0; i < offer->contracts->len; i++) {
		const struct contract *tool = &offer->contracts->v[i];

		if (strcmp(tool->server, server) != 0 ||
		    !is_named_after(tool->tool, c->name, verbs))
			continue;
		AUTO_JSON cJSON *arguments =
		    arguments_of(c, schema_of(tool, "inputSchema"), false, undoes_it);
		if (arguments == NULL)
			continue;
		if (part != NULL)
			return NULL;
		part = cJSON_CreateObject();
		json_add_str(part, "tool", tool->tool);
		cJSON_AddItemToObject(part, "arguments", take(arguments));
	}
	return take(part);
}

static cJSON *
complete_table(const struct capability *c, const struct mcp_offer *offer, cJSON *table)
{
	const char *server = json_str(table, "server");
	cJSON *check = find_part(c, offer, server, looks, false);
	/* What nothing would prove gone is not undone: see mcp.c. */
	cJSON *undo = check != NULL ? find_part(c, offer, server, undoes, true) : NULL;

	if (check != NULL)
		cJSON_AddItemToObject(table, "check", check);
	if (undo != NULL)
		cJSON_AddItemToObject(table, "undo", undo);
	return table;
}

/* The table of the first tool that fits; *n: how many do. */
static cJSON *
find_table(const struct capability *c, const struct mcp_offer *offer, size_t *n)
{
	cJSON *table = NULL;

	*n = 0;
	if (!offer->match || offer->contracts == NULL || offer->servers == NULL)
		return NULL;
	for (size_t i = 0; i < offer->contracts->len; i++) {
		const struct contract *tool = &offer->contracts->v[i];
		cJSON *one;

		if (mcp_servers_find(offer->servers, tool->server) == NULL ||
		    !is_named_after(tool->tool, c->name, makes))
			continue;
		one = make_table(c, tool);
		*n += one != NULL;
		if (table == NULL)
			table = one;
		else
			cJSON_Delete(one);
	}
	return table;
}

cJSON *
mcp_match(const struct capability *c, const struct mcp_offer *offer)
{
	size_t n;
	cJSON *table = find_table(c, offer, &n);

	if (n == 1)
		return complete_table(c, offer, table);
	cJSON_Delete(table);
	return NULL;
}

char *
mcp_match_lacks(const struct capability *c, const struct mcp_offer *offer)
{
	size_t n;
	cJSON *table = find_table(c, offer, &n);

	cJSON_Delete(table);
	if (!offer->match)
		return xasprintf("not described by \"%s\"", c->name);
	if (n == 0)
		return xasprintf("no pinned tool fits \"%s\" by name and schema", c->name);
	return n == 1 ? NULL : xasprintf("%zu tools fit \"%s\" by name and schema", n, c->name);
}
