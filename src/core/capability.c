/*
 * A capability: reading capability.toml. The document is kept, because a fault
 * in a strategy's table is found later and must still have its line.
 */
#include <config.h>

#include "core/capability.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/strv.h"
#include "core/keys.h"
#include "core/objective.h"
#include "core/placeholder.h"

static const char *const existing_names[] = {
	[EXISTING_REFUSE] = "refuse",
	[EXISTING_USE] = "use",
	[EXISTING_UPDATE] = "update",
};

/* Any other key that holds a table is a strategy's; the strategies say whether they know it. */
static const struct key capability_keys[] = {
	{ "name", KEY_STRING, true, NULL },
	{ "summary", KEY_STRING, true, NULL },
	{ "synonyms", KEY_STRINGS, false, NULL },
	{ "requires", KEY_STRINGS, false, NULL },
	{ "provider", KEY_STRING, false, NULL },
	{ "existing", KEY_STRING, false, NULL },
	{ "parameters", KEY_OBJECT, false, NULL },
	{ "outputs", KEY_OBJECT, false, NULL },
	{ "cost", KEY_ANY, false, NULL },
	{ "decide", KEY_ANY, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

static const struct key output_keys[] = {
	{ "type", KEY_STRING, true, NULL },
	{ "help", KEY_STRING, true, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

/* What a table is while it is being read. */
struct reader {
	struct capability *c;
	struct faults *faults;
	char where[PLACE_MAX];
	int rc;
};

DEFINE_CLEANUP(struct capability *, capability_free)

static const char *
where(struct reader *r, const cJSON *value)
{
	return doc_where(&r->c->doc, value, r->where, sizeof(r->where));
}

#define FAULT(r, value, ...) ((r)->rc = faults_add((r)->faults, where(r, value), __VA_ARGS__))

static bool
is_known_key(const char *name)
{
	for (const struct key *key = capability_keys; key->name; key++)
		if (strcmp(key->name, name) == 0)
			return true;
	return false;
}

/*
 * Moves the strategies' tables out of the document. They are moved and not
 * copied, because the places of values are kept by their addresses.
 */
static void
take_strategies(struct capability *c)
{
	cJSON *next;

	c->strategies = cJSON_CreateObject();
	for (cJSON *item = c->doc.root->child; item; item = next) {
		next = item->next;
		if (!cJSON_IsObject(item) || is_known_key(item->string))
			continue;
		AUTO_FREE char *name = xstrdup(item->string);
		cJSON_AddItemToObject(
		    c->strategies, name, cJSON_DetachItemViaPointer(c->doc.root, item));
	}
}

static void
read_name(struct reader *r, const char *folder)
{
	const cJSON *value = keys_get(r->c->doc.root, "name");

	r->c->name = xstrdup(value->valuestring);
	if (!value_name_is_valid(r->c->name))
		FAULT(r, value, "the name \"%s\" is not of the form [a-z][a-z0-9_]*", r->c->name);
	if (!folder)
		return;
	const char *slash = strrchr(folder, '/');
	const char *last = slash ? slash + 1 : folder;
	if (strcmp(last, r->c->name) != 0)
		FAULT(r, value, "the name \"%s\" is not that of its folder, \"%s\"", r->c->name,
		    last);
}

static void
read_context(struct reader *r)
{
	const cJSON *root = r->c->doc.root, *item;
	const char *existing = keys_str(root, "existing");

	r->c->summary = xstrdup(keys_str(root, "summary"));
	r->c->provider = xstrdup(keys_str(root, "provider"));
	cJSON_ArrayForEach (item, keys_get(root, "synonyms")) {
		if (!value_name_is_valid(item->valuestring))
			FAULT(r, item, "the synonym \"%s\" is not of the form [a-z][a-z0-9_]*",
			    item->valuestring);
		strv_add(&r->c->synonyms, item->valuestring);
	}
	cJSON_ArrayForEach (item, keys_get(root, "requires")) {
		if (strcmp(item->valuestring, "region") == 0)
			r->c->needs_region = true;
		else if (strcmp(item->valuestring, "resource_group") == 0)
			r->c->needs_resource_group = true;
		else
			FAULT(r, item,
			    "\"requires\" has \"%s\", expected \"region\" or \"resource_group\"",
			    item->valuestring);
	}
	if (existing && !existing_from_name(existing, &r->c->existing))
		FAULT(r, keys_get(root, "existing"),
		    "\"existing\" is \"%s\", expected refuse, use or update", existing);
}

static void
read_parameters(struct reader *r)
{
	const cJSON *tables = keys_get(r->c->doc.root, "parameters"), *table;

	r->c->parameters =
	    xcalloc((size_t)cJSON_GetArraySize(tables) + 1, sizeof(*r->c->parameters));
	cJSON_ArrayForEach (table, tables) {
		if (!cJSON_IsObject(table)) {
			FAULT(r, table, "parameter \"%s\" is %s, expected a table", table->string,
			    keys_kind(table));
			continue;
		}
		struct parameter *p = &r->c->parameters[r->c->n_parameters++];
		if (parameter_parse(p, &r->c->doc, table, r->faults) < 0)
			r->rc = -1;
	}
}

static void
read_output(struct reader *r, const cJSON *table)
{
	struct output *o = &r->c->outputs[r->c->n_outputs++];

	o->name = xstrdup(table->string);
	if (!value_name_is_valid(o->name))
		FAULT(r, table, "the name of output \"%s\" is not of the form [a-z][a-z0-9_]*",
		    o->name);
	if (keys_check(&r->c->doc, table, output_keys, "an output", r->faults) < 0) {
		r->rc = -1;
		return;
	}
	o->help = xstrdup(keys_str(table, "help"));
	o->type = value_type_from_name(keys_str(table, "type"));
	if (o->type == VALUE_TYPES)
		FAULT(r, keys_get(table, "type"), "unknown type \"%s\"", keys_str(table, "type"));
}

/* Once all of them are read. */
static void
check_company(struct reader *r)
{
	const struct capability *c = r->c;

	for (size_t i = 0; i < c->n_parameters; i++) {
		const struct parameter *p = &c->parameters[i];
		const cJSON *table = keys_get(keys_get(c->doc.root, "parameters"), p->name);

		if (p->goes_with != NULL && capability_parameter(c, p->goes_with) == NULL)
			FAULT(r, keys_get(table, "goes_with"),
			    "\"goes_with\" is \"%.60s\", which is no parameter", p->goes_with);
	}
}

static void
read_outputs(struct reader *r)
{
	const cJSON *tables = keys_get(r->c->doc.root, "outputs"), *table;

	r->c->outputs = xcalloc((size_t)cJSON_GetArraySize(tables) + 1, sizeof(*r->c->outputs));
	cJSON_ArrayForEach (table, tables) {
		if (cJSON_IsObject(table))
			read_output(r, table);
		else
			FAULT(r, table, "output \"%s\" is %s, expected a table", table->string,
			    keys_kind(table));
	}
}

static void
read_cost(struct reader *r)
{
	struct capability *c = r->c;

	if (cost_parse(&c->cost, &c->doc, keys_get(c->doc.root, "cost"), c->parameters,
		c->n_parameters, c->needs_region, r->faults) < 0)
		r->rc = -1;
}

static void
read_decide(struct reader *r)
{
	struct capability *c = r->c;

	if (decide_parse(&c->decide, &c->doc, keys_get(c->doc.root, "decide"), c->parameters,
		c->n_parameters, r->faults) < 0)
		r->rc = -1;
}

/* A default may only refer to what the capability makes sure of. */
static void
check_defaults(struct reader *r)
{
	for (size_t i = 0; i < r->c->n_parameters; i++) {
		const struct parameter *p = &r->c->parameters[i];
		const char *text = cJSON_GetStringValue(p->default_value);
		const cJSON *value = json_at(r->c->doc.root, "parameters");

		if (!text)
			continue;
		value = keys_get(keys_get(value, p->name), "default");
		if (strstr(text, "{region}") && !r->c->needs_region)
			FAULT(r, value, "the default of \"%s\" needs requires = [\"region\"]",
			    p->name);
		if (strstr(text, "{resource_group}") && !r->c->needs_resource_group)
			FAULT(r, value,
			    "the default of \"%s\" needs requires = [\"resource_group\"]", p->name);
	}
}

struct capability *
capability_parse(struct doc *doc, const char *folder, struct faults *faults)
{
	CLEANUP(capability_free_cleanup) struct capability *c = xcalloc(1, sizeof(*c));
	struct reader r = { .c = c, .faults = faults };

	c->doc = *doc;
	*doc = (struct doc){ 0 };
	c->folder = xstrdup(folder ? folder : "");
	if (!cJSON_IsObject(c->doc.root)) {
		FAULT(&r, c->doc.root, "a capability is a table");
		return NULL;
	}
	/* Before the strategies' tables are moved out; capability_seal() adds the files. */
	AUTO_FREE char *text = json_canonical(c->doc.root);
	digest_text(text, c->digest);
	take_strategies(c);
	if (keys_check(&c->doc, c->doc.root, capability_keys, "a capability", faults) < 0)
		return NULL;
	read_name(&r, folder);
	read_context(&r);
	read_parameters(&r);
	check_company(&r);
	read_outputs(&r);
	read_cost(&r);
	read_decide(&r);
	check_defaults(&r);
	if (!c->strategies->child)
		FAULT(&r, c->doc.root,
		    "no strategy can do it: a table such as [[azure_cli.step]] is missing");
	return r.rc < 0 ? NULL : take(c);
}

void
capability_free(struct capability *c)
{
	if (!c)
		return;
	free(c->name);
	free(c->summary);
	free(c->folder);
	free(c->provider);
	strv_clear(&c->synonyms);
	for (size_t i = 0; i < c->n_parameters; i++)
		parameter_clear(&c->parameters[i]);
	free(c->parameters);
	for (size_t i = 0; i < c->n_outputs; i++) {
		free(c->outputs[i].name);
		free(c->outputs[i].help);
	}
	free(c->outputs);
	decide_clear(&c->decide);
	cost_clear(&c->cost);
	for (size_t i = 0; i < c->n_files; i++) {
		free(c->files[i].name);
		cJSON_Delete(c->files[i].json);
		free(c->files[i].fault);
		free(c->files[i].text);
	}
	free(c->files);
	cJSON_Delete(c->strategies);
	doc_clear(&c->doc);
	free(c);
}

/* "main.json", "modules/vm.json": no way out of the folder. */
static bool
file_name_is_plain(const char *name)
{
	if (!*name || *name == '/')
		return false;
	for (const char *part = name; part; part = strchr(part, '/')) {
		part += *part == '/';
		size_t len = strcspn(part, "/");
		if (len == 0 || (len == 1 && part[0] == '.') ||
		    (len == 2 && memcmp(part, "..", 2) == 0))
			return false;
	}
	return true;
}

int
capability_add_file(struct capability *c, const char *name, const void *data, size_t len)
{
	size_t at = 0;
	struct err e = { 0 };

	if (!file_name_is_plain(name))
		return -1;
	while (at < c->n_files && strcmp(c->files[at].name, name) < 0)
		at++;
	if (at < c->n_files && strcmp(c->files[at].name, name) == 0)
		return -1;
	c->files = xrealloc(c->files, c->n_files + 1, sizeof(*c->files));
	memmove(&c->files[at + 1], &c->files[at], (c->n_files - at) * sizeof(*c->files));
	c->n_files++;
	struct capability_file *f = &c->files[at];
	*f = (struct capability_file){ .name = xstrdup(name) };
	digest_bytes(data, len, f->digest);
	if (str_ends_with(name, ".tf") && memchr(data, '\0', len) == NULL) {
		AUTO_FREE char *text = json_utf8(data, len);

		if (strlen(text) == len && memcmp(text, data, len) == 0)
			f->text = take(text);
	}
	if (str_ends_with(name, ".json") && !(f->json = json_parse(data, len, 1, &e)))
		f->fault = xstrdup(e.msg);
	return 0;
}

void
capability_seal(struct capability *c)
{
	struct buf all = BUF_INIT(1024 * 1024);

	buf_adds(&all, c->digest);
	for (size_t i = 0; i < c->n_files; i++)
		buf_addf(&all, "\n%s %s", c->files[i].digest, c->files[i].name);
	digest_bytes(buf_str(&all), all.len, c->digest);
	buf_clear(&all);
}

const struct parameter *
capability_parameter(const struct capability *c, const char *name)
{
	for (size_t i = 0; i < c->n_parameters; i++)
		if (strcmp(c->parameters[i].name, name) == 0)
			return &c->parameters[i];
	return NULL;
}

const struct parameter *
capability_row_size(const struct capability *c, const struct cost_row *row)
{
	struct placeholder found;

	if (row->texts[COST_VM] == NULL || !placeholder_is_whole(row->texts[COST_VM], &found) ||
	    cost_word(row, found.name) != NULL)
		return NULL;
	return capability_parameter(c, found.name);
}

const struct parameter *
capability_size(const struct capability *c)
{
	const struct parameter *p = NULL;

	for (size_t i = 0; i < c->cost.n_rows && p == NULL; i++)
		p = capability_row_size(c, &c->cost.rows[i]);
	return p;
}

const struct output *
capability_output(const struct capability *c, const char *name)
{
	for (size_t i = 0; i < c->n_outputs; i++)
		if (strcmp(c->outputs[i].name, name) == 0)
			return &c->outputs[i];
	return NULL;
}

const struct capability_file *
capability_file(const struct capability *c, const char *name)
{
	for (size_t i = 0; i < c->n_files; i++)
		if (strcmp(c->files[i].name, name) == 0)
			return &c->files[i];
	return NULL;
}

bool
capability_has_strategy(const struct capability *c, const char *strategy)
{
	return keys_get(c->strategies, strategy) != NULL;
}

const char *
capability_where(const struct capability *c, const cJSON *value, char *out, size_t size)
{
	return doc_where(&c->doc, value, out, size);
}

const char *
existing_name(enum existing existing)
{
	return existing_names[existing];
}

bool
existing_from_name(const char *name, enum existing *existing)
{
	for (size_t i = 0; i < COUNT_OF(existing_names); i++) {
		if (name && strcmp(name, existing_names[i]) == 0) {
			*existing = (enum existing)i;
			return true;
		}
	}
	return false;
}
