#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text.h"
#include "core/batch.h"
#include "engine/library.h"

#define TEXT_MAX 4096

struct capabilities_options {
	bool json;
};

static const struct option_row capabilities_rows[] = {
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct capabilities_options, json),
	    .help = "as JSON" },
	{ .name = NULL },
};

static const struct table_column list_columns[] = {
	{ .title = "CAPABILITY" },
	{ .title = "STRATEGIES" },
	{ .title = "SUMMARY", .give = 1, .min = 20, .max = 100 },
};

/* ---- JSON ---- */

static cJSON *
parameter_json(const struct parameter *p)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "type", value_type_name(p->type));
	json_add_bool(json, "required", p->required);
	if (p->secret)
		json_add_bool(json, "secret", true);
	if (p->default_value != NULL)
		cJSON_AddItemToObject(json, "default", cJSON_Duplicate(p->default_value, true));
	json_add_str(json, "pattern", p->pattern);
	if (p->has_min)
		cJSON_AddNumberToObject(json, "min", p->min);
	if (p->has_max)
		cJSON_AddNumberToObject(json, "max", p->max);
	if (p->values != NULL)
		cJSON_AddItemToObject(json, "values", cJSON_Duplicate(p->values, true));
	json_add_str(json, "help", p->help);
	return json;
}

static cJSON *
capability_json(const struct capability *c)
{
	cJSON *json = cJSON_CreateObject(), *member;
	const cJSON *table;

	json_add_str(json, "name", c->name);
	json_add_str(json, "summary", c->summary);
	json_add_str(json, "folder", c->folder);
	json_add_str(json, "digest", c->digest);
	json_add_strv(json, "synonyms", &c->synonyms);
	json_add_bool(json, "needs_region", c->needs_region);
	json_add_bool(json, "needs_resource_group", c->needs_resource_group);
	member = cJSON_AddArrayToObject(json, "strategies");
	cJSON_ArrayForEach (table, c->strategies)
		cJSON_AddItemToArray(member, cJSON_CreateString(table->string));
	member = cJSON_AddObjectToObject(json, "parameters");
	for (size_t i = 0; i < c->n_parameters; i++)
		cJSON_AddItemToObject(
		    member, c->parameters[i].name, parameter_json(&c->parameters[i]));
	member = cJSON_AddObjectToObject(json, "outputs");
	for (size_t i = 0; i < c->n_outputs; i++) {
		cJSON *output = cJSON_AddObjectToObject(member, c->outputs[i].name);

		json_add_str(output, "type", value_type_name(c->outputs[i].type));
		json_add_str(output, "help", c->outputs[i].help);
	}
	return json;
}

static void
print_json(const cJSON *json)
{
	AUTO_FREE char *text = json_pretty(json);

	fputs(text, stdout);
}

/* ---- text ---- */

static char *
strategy_names(const struct capability *c)
{
	struct strv names = { 0 };
	const cJSON *table;
	char *text;

	cJSON_ArrayForEach (table, c->strategies)
		strv_add(&names, table->string);
	text = strv_join(&names, ", ");
	strv_clear(&names);
	return text;
}

/* "from 1 to 20", "at least 3", for numbers and for lengths. */
static void
add_bounds(struct buf *out, const struct parameter *p)
{
	const char *of = p->type == VALUE_STRING ? " characters"
	    : p->type == VALUE_ARRAY             ? " elements"
						 : "";

	if (p->has_min && p->has_max)
		buf_addf(out, ", %g to %g%s", p->min, p->max, of);
	else if (p->has_min)
		buf_addf(out, ", at least %g%s", p->min, of);
	else if (p->has_max)
		buf_addf(out, ", at most %g%s", p->max, of);
}

/* With blanks between them, so that a long list can be wrapped; NULL: any. */
static char *
allowed_values(const struct parameter *p)
{
	struct strv list = { 0 };
	const cJSON *value;
	char *text;

	if (p->values == NULL)
		return NULL;
	cJSON_ArrayForEach (value, p->values)
		strv_take(
		    &list, cJSON_IsString(value) ? xstrdup(value->valuestring) : json_text(value));
	text = strv_join(&list, ", ");
	strv_clear(&list);
	return text;
}

static char *
parameter_text(const struct parameter *p)
{
	AUTO_FREE char *default_value =
	    p->default_value != NULL ? json_text(p->default_value) : NULL;
	AUTO_FREE char *values = allowed_values(p);
	struct buf out = BUF_INIT(TEXT_MAX);

	buf_addf(&out, "%s%s", value_type_name(p->type), p->required ? ", required" : "");
	add_bounds(&out, p);
	if (p->pattern != NULL)
		buf_addf(&out, ", like %s", p->pattern);
	if (values != NULL)
		buf_addf(&out, ", one of %s", values);
	if (default_value != NULL)
		buf_addf(&out, ", default %s", default_value);
	if (p->secret)
		buf_adds(&out, ", secret: \"env:NAME\" or \"file:PATH\"");
	if (p->help != NULL)
		buf_addf(&out, ". %s", p->help);
	return buf_take(&out);
}

static void
print_field(const char *name, const char *text)
{
	AUTO_FREE char *shown = text_visible(text);

	if (text == NULL || *text == '\0')
		return;
	printf("  %s\n", name);
	text_wrap(stdout, shown, 6, style_text_columns());
}

static void
print_capability(const struct capability *c)
{
	AUTO_FREE char *names = strategy_names(c), *synonyms = strv_join(&c->synonyms, ", ");
	AUTO_FREE char *summary = text_visible(c->summary), *folder = text_visible(c->folder);

	printf("%s%s%s\n", style_on(STYLE_BOLD), c->name, style_off(STYLE_BOLD));
	text_wrap(stdout, summary, 0, style_text_columns());
	printf("\nstrategies: %s\n", names);
	if (c->synonyms.len > 0)
		printf("also called: %s\n", synonyms);
	if (c->needs_region || c->needs_resource_group)
		printf("needs: %s%s%s\n", c->needs_region ? "region" : "",
		    c->needs_region && c->needs_resource_group ? ", " : "",
		    c->needs_resource_group ? "resource_group" : "");
	printf("folder: %s\n", folder);
	if (c->n_parameters > 0)
		printf("\n%sParameters%s\n", style_on(STYLE_BOLD), style_off(STYLE_BOLD));
	for (size_t i = 0; i < c->n_parameters; i++) {
		AUTO_FREE char *text = parameter_text(&c->parameters[i]);

		print_field(c->parameters[i].name, text);
	}
	if (c->n_outputs > 0)
		printf("\n%sOutputs%s\n", style_on(STYLE_BOLD), style_off(STYLE_BOLD));
	for (size_t i = 0; i < c->n_outputs; i++) {
		const struct output *o = &c->outputs[i];
		AUTO_FREE char *text = xasprintf("%s%s%s", value_type_name(o->type),
		    o->help != NULL ? ". " : "", o->help != NULL ? o->help : "");

		print_field(o->name, text);
	}
}

/* ---- actions ---- */

static enum status
capabilities_list(struct cli *cli, bool json, const char *unused)
{
	struct table t;

	(void)unused;
	if (json) {
		AUTO_JSON cJSON *list = cJSON_CreateArray();

		for (size_t i = 0; i < cli->library.len; i++)
			cJSON_AddItemToArray(list, capability_json(cli->library.v[i]));
		print_json(list);
		return STATUS_DONE;
	}
	table_init(&t, list_columns, COUNT_OF(list_columns));
	for (size_t i = 0; i < cli->library.len; i++) {
		AUTO_FREE char *names = strategy_names(cli->library.v[i]);

		table_add(&t, STYLE_BOLD, cli->library.v[i]->name);
		table_add(&t, STYLE_PLAIN, names);
		table_add(&t, STYLE_PLAIN, cli->library.v[i]->summary);
	}
	table_print(&t, stdout);
	table_clear(&t);
	return STATUS_DONE;
}

static enum status
capabilities_show(struct cli *cli, bool json, const char *name)
{
	const struct capability *c = library_find(&cli->library, name);
	const char *near;

	if (c == NULL) {
		near = library_suggest(&cli->library, name);
		say("there is no capability \"%s\"%s%s%s", name,
		    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
		    near != NULL ? "\"?" : "");
		say_next("purser capabilities");
		return STATUS_USAGE;
	}
	if (json) {
		AUTO_JSON cJSON *document = capability_json(c);

		print_json(document);
	} else {
		print_capability(c);
	}
	return STATUS_DONE;
}

static enum status
capabilities_check(struct cli *cli, bool json, const char *folder)
{
	struct faults faults = { 0 };
	enum status status = STATUS_DONE;
	struct capability *c = library_load_one(folder, strategies, &faults);

	(void)cli;
	if (c == NULL) {
		status = say_faults(&faults);
	} else if (json) {
		AUTO_JSON cJSON *document = capability_json(c);

		print_json(document);
	} else {
		AUTO_FREE char *names = strategy_names(c);

		say_done("%s: no fault found; %zu parameter%s, %zu output%s, by %s", c->name,
		    c->n_parameters, c->n_parameters == 1 ? "" : "s", c->n_outputs,
		    c->n_outputs == 1 ? "" : "s", names);
	}
	capability_free(c);
	faults_clear(&faults);
	return status;
}

static enum status
capabilities_schema(struct cli *cli, bool json, const char *unused)
{
	AUTO_JSON cJSON *schema = batch_schema(&cli->library);

	(void)json;
	(void)unused;
	print_json(schema);
	return STATUS_DONE;
}

/* A folder must be checkable whatever the state of all others: only check needs no library. */
static const struct {
	const char *name;
	const char *argument;
	bool library;
	enum status (*run)(struct cli *cli, bool json, const char *argument);
} actions[] = {
	{ "list", NULL, true, capabilities_list },
	{ "show", "NAME", true, capabilities_show },
	{ "check", "DIR", false, capabilities_check },
	{ "schema", NULL, true, capabilities_schema },
};

static enum status
capabilities_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct capabilities_options *o = options;
	const char *name = args->len > 0 ? args->v[0] : "list";
	const char *argument = args->len > 1 ? args->v[1] : NULL;

	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		enum status status = STATUS_DONE;

		if (strcmp(name, actions[i].name) != 0)
			continue;
		if ((argument != NULL) != (actions[i].argument != NULL))
			return say_usage("capabilities", "usage: purser capabilities %s%s%s", name,
			    actions[i].argument != NULL ? " " : "",
			    actions[i].argument != NULL ? actions[i].argument : "");
		if (actions[i].library)
			status = cli_need_library(cli);
		return status == STATUS_DONE ? actions[i].run(cli, o->json, argument) : status;
	}
	return say_usage("capabilities", "\"%s\" is none of list, show, check, schema", name);
}

const struct cmd cmd_capabilities = {
	.name = "capabilities",
	.usage = "[list|show NAME|check DIR|schema] [--json]",
	.summary = "tell what may be asked for; check a capability of your own",
	.about =
	    "list names all capabilities. show tells the parameters and outputs of one. check explains any fault in "
	    "a folder that holds a capability.toml. schema prints a JSON Schema of submissions, for editors.",
	.examples = "purser capabilities\n"
		    "purser capabilities show linux_vm\n"
		    "purser capabilities check ./templates/my_thing\n"
		    "purser capabilities schema > purser.schema.json",
	.options = capabilities_rows,
	.options_size = sizeof(struct capabilities_options),
	.needs = CMD_PATHS,
	.max_args = 2,
	.run = capabilities_run,
};
