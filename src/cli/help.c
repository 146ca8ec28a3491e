#include "config.h"

#include "cli/command.h"
#include "cli/say.h"

static enum status
help_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct cmd *cmd;
	const char *near;

	(void)cli;
	(void)options;
	if (args->len == 0) {
		commands_help(stdout);
		return STATUS_DONE;
	}
	cmd = command_find(args->v[0]);
	if (cmd != NULL) {
		command_help(cmd, stdout);
		return STATUS_DONE;
	}
	near = command_suggest(args->v[0]);
	return say_usage(NULL, "unknown command \"%s\"%s%s%s", args->v[0],
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

const struct cmd cmd_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.summary = "explain purser or one of its commands",
	.about =
	    "Without an argument: all commands, the options they share, and the exit statuses. With the name of a "
	    "command: its options and examples.",
	.examples = "purser help run",
	.needs = CMD_NOTHING,
	.max_args = 1,
	.run = help_run,
};
