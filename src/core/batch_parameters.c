/* Reading the parameters of one objective, and filling in what it leaves out. */
#include <config.h>

#include <string.h>

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

/* What is refused already gives no value, so that nothing made of it is refused once more. */
static const char *
find_word(void *data, const char *name)
{
	struct objective_words *words = data;
	const struct objective *o = words->objective;

	if (!o->name || !objective_name_is_valid(o->name) || !objective_name_is_valid(o->batch))
		return NULL;
	return objective_word(words, name);
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

/* Fills in a default. One that cannot be filled lacks what has been complained of already. */
static void
add_default(struct batch_parser *p, const cJSON *node, struct objective *o,
    const struct parameter *parameter, struct objective_words *words)
{
	struct placeholder found;
	const char *text = cJSON_GetStringValue(parameter->default_value);
	char unknown[PLACEHOLDER_MAX + 1];

	if (!text || !placeholder_next(text, &found)) {
		cJSON_AddItemToObject(o->parameters, parameter->name,
		    cJSON_Duplicate(parameter->default_value, true));
		return;
	}
	struct buf filled = BUF_INIT(4096);
	if (placeholder_fill(text, find_word, words, &filled, unknown)) {
		cJSON *value = cJSON_CreateString(buf_str(&filled));
		cJSON_AddItemToObject(o->parameters, parameter->name, value);
		check_default(p, parameter, value, node);
	}
	buf_clear(&filled);
}

void
batch_read_parameters(
    struct batch_parser *p, const cJSON *node, struct objective *o, const struct capability *c)
{
	const cJSON *given = batch_member(node, "parameters"), *value;
	struct objective_words words = { .objective = o };

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
	for (size_t i = 0; i < c->n_parameters; i++) {
		const struct parameter *parameter = &c->parameters[i];

		if (keys_get(given, parameter->name))
			continue;
		if (parameter->required)
			FAULT(p, given ? given : node, "\"%s\" needs the parameter \"%s\": %s",
			    c->name, parameter->name, parameter->help);
		else if (parameter->default_value)
			add_default(p, node, o, parameter, &words);
	}
}
