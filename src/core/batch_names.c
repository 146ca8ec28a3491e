/*
 * Names that nobody gave: made by the patterns of the settings, fitted to their
 * kind, and told if two objectives of a batch would get the same.
 */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "core/batch_parser.h"

/* The setting that stands beside a resource group which nobody gave. */
#define GROUP_SETTING "naming.resource_group"

static const char *
name_pattern(const struct batch_parser *p)
{
	return p->library->naming ? p->library->naming->pattern : NAMING_PATTERN;
}

static const char *
group_pattern(const struct batch_parser *p)
{
	return p->library->naming ? p->library->naming->resource_group : NAMING_RESOURCE_GROUP;
}

/* What is refused already gives no name, so that nothing made of it is refused once more. */
static bool
has_names(const struct objective *o)
{
	return o->name && objective_name_is_valid(o->name) && objective_name_is_valid(o->batch);
}

bool
batch_make_group(struct batch_parser *p, struct objective *o)
{
	struct naming_lack lack;
	char hash[OBJECTIVE_HASH_SIZE];

	if (!has_names(o))
		return false;
	AUTO_FREE char *made = naming_fill(group_pattern(p), o, NULL, &lack);
	if (!made)
		return false;
	objective_hash(o, hash);
	o->resource_group = naming_fit(naming_kind_find("resource_group"), made, hash, 0);
	batch_not_said(o, "resource_group", NULL);
	o->decided = o->decided ? o->decided : cJSON_CreateObject();
	json_add_str(o->decided, "resource_group", GROUP_SETTING);
	return true;
}

char *
batch_make_name(struct batch_parser *p, const cJSON *node, const struct objective *o,
    const struct capability *c)
{
	struct naming_lack lack;

	if (!has_names(o))
		return NULL;
	char *made = naming_fill(name_pattern(p), o, c, &lack);
	if (made)
		return made;
	if (!lack.refers)
		return xstrdup(o->name);
	FAULT(p, keys_get(batch_member(node, "parameters"), lack.word),
	    "names are made of parameter \"%s\" (naming.pattern), which cannot refer to an output for "
	    "that",
	    lack.word);
	return NULL;
}

char *
batch_fit_name(const struct objective *o, const struct parameter *parameter, const char *text)
{
	size_t max = parameter->has_max && parameter->max >= 1 ? (size_t)parameter->max : 0;
	char hash[OBJECTIVE_HASH_SIZE];

	objective_hash(o, hash);
	return naming_fit(parameter->kind, text, hash, max);
}

/* Azure does not tell "Web" from "web", and an inner name may be the same in another resource. */
void
batch_keep_name(struct batch_parser *p, const cJSON *node, const struct objective *o,
    const struct parameter *parameter, const char *name)
{
	if (parameter->kind->inner)
		return;
	char *key = xasprintf("%s\n%s\n%s\n%s", parameter->kind->name,
	    o->subscription ? o->subscription : "", o->resource_group ? o->resource_group : "",
	    name);

	for (char *c = key; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	strv_take(&p->made, key);
	size_t before = names_put(&p->made_by, key, (size_t)(o - p->b->v));
	if (before == NAMES_NONE)
		return;
	const char *other = p->b->v[before].name;
	FAULT(p, node,
	    "\"%s\" would get the same name as \"%s\", \"%s\": set parameters.%s, or let the setting "
	    "naming.pattern have {objective} in it",
	    o->name, other, name, parameter->name);
}
