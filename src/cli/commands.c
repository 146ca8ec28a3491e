/* The table of commands, and the help that is made of it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/command.h"
#include "cli/style.h"
#include "cli/text.h"
#include "core/suggest.h"

#define SUMMARY_INDENT 16

const struct cmd *const commands[] = {
	&cmd_submit,
	&cmd_plan,
	&cmd_estimate,
	&cmd_prices,
	&cmd_budget,
	&cmd_costs,
	&cmd_approve,
	&cmd_reject,
	&cmd_run,
	&cmd_list,
	&cmd_show,
	&cmd_why,
	&cmd_log,
	&cmd_failures,
	&cmd_cancel,
	&cmd_retry,
	&cmd_resolve,
	&cmd_destroy,
	&cmd_resources,
	&cmd_drift,
	&cmd_mcp,
	&cmd_export,
	&cmd_audit,
	&cmd_capabilities,
	&cmd_doctor,
	&cmd_version,
	&cmd_help,
	NULL,
};

const struct option_row global_options[] = {
	{ .name = "config",
	    .kind = OPTION_TEXT,
	    .argument = "FILE",
	    .offset = offsetof(struct global_options, config),
	    .help =
		"the configuration (default: ~/.config/purser/config.toml; for root /etc/purser/config.toml)" },
	{ .name = "state-dir",
	    .kind = OPTION_TEXT,
	    .argument = "DIR",
	    .offset = offsetof(struct global_options, state_dir),
	    .help =
		"where the store, the audit log and the steps' output lie (default: ~/.local/state/purser; "
		"for root /var/lib/purser)" },
	{ .name = "quiet",
	    .letter = 'q',
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct global_options, quiet),
	    .help = "no confirmations, no hints, no progress" },
	{ .name = "verbose",
	    .letter = 'v',
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct global_options, verbose),
	    .help = "tell more" },
	{ .name = "no-color",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct global_options, no_color),
	    .help =
		"no colours; as with NO_COLOR in the environment, and where the output is no terminal" },
	{ .name = "help",
	    .letter = 'h',
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct global_options, help),
	    .help = "this help, or that of the command" },
	{ .name = "version",
	    .letter = 'V',
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct global_options, version),
	    .help = "the version" },
	{ .name = NULL },
};

const struct cmd *
command_find(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

const char *
command_suggest(const char *name)
{
	struct suggest near;

	suggest_init(&near, name);
	for (size_t i = 0; commands[i] != NULL; i++)
		suggest_offer(&near, commands[i]->name);
	return suggest_best(&near);
}

static void
title(FILE *out, const char *text)
{
	fprintf(out, "\n%s%s%s\n", style_on(STYLE_BOLD), text, style_off(STYLE_BOLD));
}

static void
examples_help(const char *examples, FILE *out)
{
	title(out, "Examples");
	while (*examples != '\0') {
		size_t len = strcspn(examples, "\n");

		fprintf(out, "  %.*s\n", (int)len, examples);
		examples += len + (examples[len] != '\0');
	}
}

void
command_help(const struct cmd *cmd, FILE *out)
{
	fprintf(
	    out, "Usage: purser %s%s%s\n\n", cmd->name, *cmd->usage != '\0' ? " " : "", cmd->usage);
	text_wrap(out, cmd->about, 0, style_text_columns());
	if (cmd->options != NULL) {
		title(out, "Options");
		options_help(cmd->options, out);
	}
	if (cmd->examples != NULL)
		examples_help(cmd->examples, out);
	fputs("\nOptions that all commands take, and exit statuses: purser help\n", out);
}

void
commands_help(FILE *out)
{
	fputs("Usage: purser [OPTION...] COMMAND [ARGUMENT...]\n\n", out);
	text_wrap(out,
	    "Provisions cloud infrastructure from a queue of objectives, and can prove afterwards what it did.",
	    0, style_text_columns());
	title(out, "Commands");
	for (size_t i = 0; commands[i] != NULL; i++) {
		fprintf(out, "  %-*s", SUMMARY_INDENT - 2, commands[i]->name);
		text_wrap_after(out, commands[i]->summary, SUMMARY_INDENT, style_text_columns());
	}
	title(out, "Options");
	options_help(global_options, out);
	title(out, "Exit status");
	for (enum status s = STATUS_DONE; s < STATUSES; s++)
		fprintf(out, "  %d  %s\n", (int)s, status_meaning(s));
	fputs("\nMore on a command: purser help COMMAND\n", out);
}
