/* The catalogue of capabilities as a whole, and the check of one's own; cli/catalogue.c shows one of them. */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/table.h"
#include "core/batch.h"
#include "engine/library.h"

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
	{ .title = "STRATEGIES", .give = 1, .min = 12 },
	{ .title = "A MONTH", .right = true },
	{ .title = "SUMMARY", .give = 2, .min = 24, .max = 100 },
};

static void
print_json(const cJSON *json)
{
	AUTO_FREE char *text = json_pretty(json);

	fputs(text, stdout);
}

/* ---- actions ---- */

static void
add_row(struct table *t, const struct capability *c, const struct catalogue_price *price)
{
	AUTO_FREE char *names = catalogue_strategies(c), *month = catalogue_price_text(price);

	table_add(t, STYLE_BOLD, c->name);
	table_add(t, STYLE_PLAIN, names);
	table_add(t, STYLE_PLAIN, month);
	table_add(t, STYLE_PLAIN, c->summary);
}

static void
print_list_end(const struct cli *cli, const struct err *no_book)
{
	printf("\n%zu capabilities. A MONTH: what it costs at its defaults, in %s, %s\n",
	    cli->library.len, CATALOGUE_REGION, cli->config.budget.currency);
	fflush(stdout);
	if (no_book->kind != ERR_NONE)
		say("prices are not known: %s", no_book->msg);
	say_next("purser capabilities show NAME");
}

static enum status
capabilities_list(struct cli *cli, bool json, const char *unused)
{
	AUTO_JSON cJSON *list = cJSON_CreateArray();
	struct err no_book = { 0 };
	struct pricer pricer;
	struct table t;

	(void)unused;
	table_init(&t, list_columns, COUNT_OF(list_columns));
	pricer_open(&pricer, cli, &no_book);
	for (size_t i = 0; i < cli->library.len; i++) {
		struct catalogue_price price;

		catalogue_price(&pricer, &no_book, cli->library.v[i], &price);
		if (json)
			cJSON_AddItemToArray(list, catalogue_to_json(cli->library.v[i], &price));
		else
			add_row(&t, cli->library.v[i], &price);
		catalogue_price_clear(&price);
	}
	if (json) {
		print_json(list);
	} else {
		table_print(&t, stdout);
		print_list_end(cli, &no_book);
	}
	pricer_close(&pricer);
	table_clear(&t);
	return STATUS_DONE;
}

static enum status
capabilities_show(struct cli *cli, bool json, const char *name)
{
	const struct capability *c = library_find(&cli->library, name);
	struct err no_book = { 0 };
	struct catalogue_price price;
	struct pricer pricer;
	const char *near;

	if (c == NULL) {
		near = library_suggest(&cli->library, name);
		say("there is no capability \"%s\"%s%s%s", name,
		    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
		    near != NULL ? "\"?" : "");
		say_next("purser capabilities");
		return STATUS_USAGE;
	}
	pricer_open(&pricer, cli, &no_book);
	catalogue_price(&pricer, &no_book, c, &price);
	if (json) {
		AUTO_JSON cJSON *document = catalogue_to_json(c, &price);

		print_json(document);
	} else {
		catalogue_print(c, &price);
	}
	catalogue_price_clear(&price);
	pricer_close(&pricer);
	return STATUS_DONE;
}

static enum status
capabilities_check(struct cli *cli, bool json, const char *argument)
{
	AUTO_FREE char *folder = xstrdup(argument);
	struct faults faults = { 0 };
	enum status status = STATUS_DONE;
	struct capability *c;

	/* Shells complete a folder's name with a slash. */
	for (size_t len = strlen(folder); len > 1 && folder[len - 1] == '/';)
		folder[--len] = '\0';
	c = library_load_one(folder, strategies, &faults);

	(void)cli;
	if (c == NULL) {
		status = say_faults(&faults);
	} else if (json) {
		AUTO_JSON cJSON *document = catalogue_to_json(c, NULL);

		print_json(document);
	} else {
		AUTO_FREE char *names = catalogue_strategies(c);

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
	    "list names all capabilities, with what each costs a month at its defaults. show tells of one what it "
	    "builds, its parameters and decision rules, how each strategy does it, its outputs and its cost. check "
	    "explains any fault in a folder that holds a capability.toml. schema prints a JSON Schema of "
	    "submissions, for editors.",
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
