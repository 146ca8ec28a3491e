/* Reading the parameters of one objective, and filling in what it leaves out. */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/batch_parser.h"
#include "core/placeholder.h"
#include "core/suggest.h"

bool
batch_has_reference(const cJSON *value)
{
	const cJSON *item;

	if (cJSON_IsString(value))
		return strstr(value->valuestring, "${") != NULL;
	if (cJSON_IsArray(value) || cJSON_IsObject(value))
		cJSON_ArrayForEach (item, value)
			if (batch_has_reference(item))
				return true;
	return false;
}

static void
unknown_parameter(struct batch_parser *p, const cJSON *value, const struct capability *c)
{
	char hint[PLACE_MAX];
	struct suggest suggest;

	suggest_init(&suggest, value->string);
	for (size_t i = 0; i < c->n_parameters; i++)
		suggest_offer(&suggest, c->parameters[i].name);
	FAULT(p, value, "unknown parameter \"%.60s\" of \"%s\"%s", value->string, c->name,
	    suggest_text(&suggest, hint, sizeof(hint)));
}

/* Checks without the place first: that is the common case, and the place is dear. */
static void
check_value(struct batch_parser *p, const struct parameter *parameter, const cJSON *value,
    const cJSON *node)
{
	struct faults found = { 0 };

	if (parameter_check(parameter, value, NULL, &found) < 0)
		parameter_check(parameter, value, batch_where(p, node), p->faults);
	faults_clear(&found);
}

/* What the defaults of one objective are filled with. */
struct default_words {
	struct objective_words words;
	const char *naming; /* what {naming} stands for; NULL: it cannot be known */
};

/* What is refused already gives no value, so that nothing made of it is refused once more. */
static const char *
find_word(void *data, const char *name)
{
	struct default_words *w = data;
	const struct objective *o = w->words.objective;

	if (!o->name || !objective_name_is_valid(o->name) || !objective_name_is_valid(o->batch))
		return NULL;
	return strcmp(name, NAMING_WORD) == 0 ? w->naming : objective_word(&w->words, name);
}

/* VALUE was made from PARAMETER's default, which stands in no document that the submitter wrote. */
static void
check_default(struct batch_parser *p, const struct parameter *parameter, const cJSON *value,
    const cJSON *node)
{
	struct faults found = { 0 };

	parameter_check(parameter, value, NULL, &found);
	for (size_t i = 0; i < found.list.len; i++)
		FAULT(p, node, "%s; its default \"%s\" gives \"%s\" here: set parameters.%s",
		    found.list.v[i], parameter->default_value->valuestring, value->valuestring,
		    parameter->name);
	faults_clear(&found);
}

/* PARAMETER's default filled in; NULL if it has none, or lacks what has been complained of already. */
static cJSON *
filled_default(const struct parameter *parameter, struct default_words *words)
{
	struct placeholder found;
	const char *text = cJSON_GetStringValue(parameter->default_value);
	char unknown[PLACEHOLDER_MAX + 1];
	cJSON *value = NULL;

	if (!text || !placeholder_next(text, &found))
		return cJSON_Duplicate(parameter->default_value, true);
	struct buf filled = BUF_INIT(4096);
	if (placeholder_fill(text, find_word, words, &filled, unknown))
		value = cJSON_CreateString(buf_str(&filled));
	buf_clear(&filled);
	return value;
}

void
batch_not_said(struct objective *o, const char *name, cJSON *value)
{
	o->unsaid = o->unsaid ? o->unsaid : cJSON_CreateObject();
	cJSON_AddItemToObject(o->unsaid, name, value ? value : cJSON_CreateNull());
}

/* The digest covers the default as it stands: its pattern is a setting, and may change. */
static void
add_named(struct batch_parser *p, const cJSON *node, struct objective *o,
    const struct parameter *parameter, struct default_words *words)
{
	AUTO_JSON cJSON *text = filled_default(parameter, words);

	if (!text)
		return;
	AUTO_FREE char *name = batch_fit_name(o, parameter, text->valuestring);
	cJSON *value = cJSON_CreateString(name);
	cJSON_AddItemToObject(o->parameters, parameter->name, value);
	batch_not_said(o, parameter->name, cJSON_Duplicate(parameter->default_value, true));
	check_default(p, parameter, value, node);
	batch_keep_name(p, node, o, parameter, name);
}

static void
add_default(struct batch_parser *p, const cJSON *node, struct objective *o,
    const struct parameter *parameter, struct default_words *words)
{
	struct placeholder found;
	const char *text = cJSON_GetStringValue(parameter->default_value);
	cJSON *value;

	if (parameter_is_named(parameter)) {
		add_named(p, node, o, parameter, words);
		return;
	}
	if (!(value = filled_default(parameter, words)))
		return;
	cJSON_AddItemToObject(o->parameters, parameter->name, value);
	if (text && placeholder_next(text, &found))
		check_default(p, parameter, value, node);
}

/* For the digest of what a rule set: without any rule it would be the default. */
static void
add_decided(struct objective *o, const struct parameter *parameter, struct default_words *words)
{
	batch_not_said(o, parameter->name,
	    parameter_is_named(parameter) ? cJSON_Duplicate(parameter->default_value, true)
					  : filled_default(parameter, words));
}

/* What was not given: by rule, by default, or it is missing. */
static void
add_others(struct batch_parser *p, const cJSON *node, struct objective *o,
    const struct capability *c, const cJSON *given)
{
	struct default_words words = { .words = { .objective = o } };
	AUTO_FREE char *naming = NULL;
	bool is_named = false;

	decide_apply(&c->decide, c->parameters, c->n_parameters, o);
	for (size_t i = 0; i < c->n_parameters; i++) {
		const struct parameter *parameter = &c->parameters[i];

		if (keys_get(given, parameter->name))
			continue;
		if (!is_named && parameter_is_named(parameter)) {
			is_named = true;
			words.naming = naming = batch_make_name(p, node, o, c);
		}
		if (keys_get(o->decided, parameter->name))
			add_decided(o, parameter, &words);
		else if (parameter->required)
			FAULT(p, given ? given : node, "\"%s\" needs the parameter \"%s\": %s",
			    c->name, parameter->name, parameter->help);
		else if (parameter->default_value)
			add_default(p, node, o, parameter, &words);
	}
}

/* NULL if nothing is wrong with SIZE, another one than PARAMETER has. */
static const char *
alternative_fault(const struct objective *o, const struct parameter *parameter, const char *size)
{
	const char *asked = json_str(o->parameters, parameter->name);

	if (strstr(size, "${"))
		return "is a reference, expected the name of a size";
	if (asked && strcasecmp(asked, size) == 0)
		return "is the size that is asked for";
	for (size_t i = 0; i < o->alternatives.len; i++)
		if (strcasecmp(o->alternatives.v[i], size) == 0)
			return "is there twice";
	return NULL;
}

/* What each alternative is checked by is the parameter whose place it may take. */
static void
read_alternatives(
    struct batch_parser *p, const cJSON *node, struct objective *o, const struct capability *c)
{
	const cJSON *sizes = batch_member(node, "alternatives"), *size;
	const struct parameter *parameter = capability_size(c);

	if (!sizes)
		return;
	if (!parameter) {
		FAULT(p, sizes, "\"%s\" has no machine whose size could be another", c->name);
		return;
	}
	for (size_t i = 0; i < c->n_parameters; i++)
		if (c->parameters[i].goes_with &&
		    strcmp(c->parameters[i].goes_with, parameter->name) == 0 &&
		    keys_get(o->parameters, c->parameters[i].name))
			FAULT(p, sizes, "\"%s\" is right for one %s only, so that there can be no alternatives",
			    c->parameters[i].name, parameter->name);
	if (cJSON_GetArraySize(sizes) > OBJECTIVE_ALTERNATIVES_MAX)
		FAULT(p, sizes, "%d alternatives, expected at most %d", cJSON_GetArraySize(sizes),
		    OBJECTIVE_ALTERNATIVES_MAX);
	cJSON_ArrayForEach (size, sizes) {
		const char *fault = alternative_fault(o, parameter, size->valuestring);

		if (fault)
			FAULT(p, size, "the alternative \"%.60s\" %s", size->valuestring, fault);
		else
			check_value(p, parameter, size, size);
		strv_add(&o->alternatives, size->valuestring);
	}
}

void
batch_read_parameters(
    struct batch_parser *p, const cJSON *node, struct objective *o, const struct capability *c)
{
	const cJSON *given = batch_member(node, "parameters"), *value;

	o->parameters = cJSON_CreateObject();
	cJSON_ArrayForEach (value, given) {
		const struct parameter *parameter = capability_parameter(c, value->string);

		if (!parameter) {
			unknown_parameter(p, value, c);
			continue;
		}
		cJSON_AddItemToObject(o->parameters, parameter->name, cJSON_Duplicate(value, true));
		/* What a reference stands for is not known yet; batch_check_graph() looks at its type. */
		if (!batch_has_reference(value))
			check_value(p, parameter, value, value);
	}
	/* Parameters that are no table: what they were to give is not missing too. */
	if (!given && keys_get(node, "parameters"))
		return;
	add_others(p, node, o, c, given);
	read_alternatives(p, node, o, c);
}
