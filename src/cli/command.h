/*
 * A subcommand: one file, one row. A command that needs something finds it in
 * struct cli when its run is called; what cannot be had is told to the user
 * before.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/cli.h"
#include "cli/option.h"
#include "cli/status.h"

enum {
	CMD_NOTHING = 0,
	CMD_PATHS = 1 << 0,   /* cli->paths */
	CMD_CONFIG = 1 << 1,  /* cli->config; and the paths */
	CMD_LIBRARY = 1 << 2, /* cli->library; and the configuration */
	CMD_READ = 1 << 3,    /* cli->store, to read; and the configuration */
	CMD_WRITE = 1 << 4,   /* cli->store, to write, and the audit log is flushed at the end */
};

struct cmd {
	const char *name;
	const char *usage;                /* behind the name: "FILE [--json]" */
	const char *summary;              /* one line, for the list */
	const char *about;                /* paragraphs, for its own help */
	const char *examples;             /* lines, without indent; NULL: none */
	const struct option_row *options; /* NULL: none */
	size_t options_size;              /* of the struct that they fill */
	unsigned needs;
	size_t min_args, max_args;
	enum status (*run)(struct cli *cli, const void *options, const struct strv *args);
};

#define ARGS_ANY ((size_t)-1)

/* All of them in the order of help; ends with NULL. */
extern const struct cmd *const commands[];
/* NULL if there is none. */
const struct cmd *command_find(const char *name);
/* The name most like it, or NULL. */
const char *command_suggest(const char *name);
void command_help(const struct cmd *cmd, FILE *out);
void commands_help(FILE *out);

/* The options that all commands take. */
struct global_options {
	const char *config, *state_dir;
	bool no_color, quiet, verbose, help, version;
};
extern const struct option_row global_options[];

extern const struct cmd cmd_submit, cmd_plan, cmd_estimate, cmd_prices, cmd_budget, cmd_costs,
    cmd_approve, cmd_reject, cmd_run, cmd_list, cmd_show, cmd_why, cmd_log, cmd_failures, cmd_cancel,
    cmd_retry, cmd_resolve, cmd_destroy, cmd_resources, cmd_drift, cmd_mcp, cmd_export, cmd_audit,
    cmd_capabilities, cmd_doctor, cmd_version, cmd_help;

#endif
