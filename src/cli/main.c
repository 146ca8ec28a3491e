/* The program: global options, then one row of the table of commands. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/say.h"
#include "cli/style.h"

static enum status
unknown_command(const char *name)
{
	const char *near = command_suggest(name);

	if (near != NULL)
		return say_usage(NULL, "unknown command \"%s\"; did you mean \"%s\"?", name, near);
	return say_usage(NULL, "unknown command \"%s\"", name);
}

/* What a command needs is made ready from the cheapest on, so that a slip in the configuration is told first. */
static enum status
make_ready(struct cli *cli, const struct cmd *cmd, const struct global_options *global)
{
	enum status status = STATUS_DONE;
	struct err e = { 0 };

	if (cmd->needs == CMD_NOTHING)
		return STATUS_DONE;
	if (paths_init(&cli->paths, global->config, global->state_dir, &e) < 0)
		return say_error(&e);
	if ((cmd->needs & ~(unsigned)CMD_PATHS) != 0)
		status = cli_need_config(cli);
	if (status == STATUS_DONE && (cmd->needs & CMD_LIBRARY) != 0)
		status = cli_need_library(cli);
	if (status == STATUS_DONE && (cmd->needs & (CMD_READ | CMD_WRITE)) != 0)
		status =
		    cli_need_store(cli, (cmd->needs & CMD_WRITE) != 0 ? STORE_WRITE : STORE_READ);
	return status;
}

static enum status
check_args(const struct cmd *cmd, const struct strv *args)
{
	if (args->len < cmd->min_args)
		return say_usage(cmd->name, "usage: purser %s %s", cmd->name, cmd->usage);
	if (args->len > cmd->max_args)
		return say_usage(cmd->name, "unexpected argument \"%s\"", args->v[cmd->max_args]);
	return STATUS_DONE;
}

static enum status
run_command(const struct cmd *cmd, const struct global_options *global, const void *options,
    const struct strv *args)
{
	struct cli cli = { .quiet = global->quiet, .verbose = global->verbose };
	enum status status = check_args(cmd, args);

	if (status == STATUS_DONE)
		status = make_ready(&cli, cmd, global);
	if (status == STATUS_DONE) {
		status = cmd->run(&cli, options, args);
		if ((cmd->needs & CMD_WRITE) != 0)
			cli_settle(&cli);
	}
	cli_clear(&cli);
	return status;
}

static void
apply_global(const struct global_options *global)
{
	style_init(global->no_color);
	if (global->quiet)
		say_quietly();
	log_set_level(global->quiet ? LOG_WARN : global->verbose ? LOG_DEBUG : LOG_INFO);
}

static enum status
command_main(const struct cmd *cmd, struct global_options *global, int argc, char **argv)
{
	AUTO_FREE void *options = xcalloc(1, cmd->options_size + 1);
	struct option_set sets[] = { { cmd->options, options }, { global_options, global } };
	struct strv args = { 0 };
	struct err e = { 0 };
	enum status status;

	if (options_parse(sets, COUNT_OF(sets), argc, argv, false, &args, &e) < 0) {
		status = say_usage(cmd->name, "%s", e.msg);
	} else {
		apply_global(global);
		if (global->help) {
			command_help(cmd, stdout);
			status = STATUS_DONE;
		} else {
			status = run_command(cmd, global, options, &args);
		}
	}
	options_clear(cmd->options, options);
	strv_clear(&args);
	return status;
}

static enum status
purser_main(int argc, char **argv)
{
	struct global_options global = { 0 };
	struct option_set set = { global_options, &global };
	struct err e = { 0 };
	const struct cmd *cmd;
	int used;

	used = options_parse(&set, 1, argc - 1, argv + 1, true, NULL, &e);
	if (used < 0)
		return say_usage(NULL, "%s", e.msg);
	apply_global(&global);
	argc -= used + 1;
	argv += used + 1;
	if (global.help || global.version || argc == 0) {
		if (argc > 0 && global.help && (cmd = command_find(argv[0])) != NULL)
			command_help(cmd, stdout);
		else if (global.version)
			return run_command(
			    &cmd_version, &global, (bool[]){ false }, &(struct strv){ 0 });
		else
			commands_help(global.help ? stdout : stderr);
		return global.help ? STATUS_DONE : STATUS_USAGE;
	}
	cmd = command_find(argv[0]);
	if (cmd == NULL)
		return unknown_command(argv[0]);
	return command_main(cmd, &global, argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	enum status status = purser_main(argc, argv);

	/* A report that did not arrive is no report: "purser list > full-disk" must not say that all is well. */
	errno = 0;
	if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE) {
		say("standard output: %s", errno != 0 ? strerror(errno) : "write error");
		status = status_worse(status, STATUS_BROKEN);
	}
	return (int)status;
}
