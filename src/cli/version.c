/* Opens nothing and loads nothing: scripts ask it often. */
#include "config.h"

#include "cli/command.h"

struct version_options {
	bool json;
};

static const struct option_row version_rows[] = {
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct version_options, json),
	    .help = "as JSON" },
	{ .name = NULL },
};

static enum status
version_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct version_options *o = options;

	(void)cli;
	(void)args;
	if (o->json)
		puts("{\"name\":\"" PACKAGE_NAME "\",\"version\":\"" PACKAGE_VERSION "\"}");
	else
		puts(PACKAGE_STRING);
	return STATUS_DONE;
}

const struct cmd cmd_version = {
	.name = "version",
	.usage = "[--json]",
	.summary = "print the version",
	.about = "Prints the version and nothing else. Reads no configuration and opens no store.",
	.options = version_rows,
	.options_size = sizeof(struct version_options),
	.needs = CMD_NOTHING,
	.run = version_run,
};
