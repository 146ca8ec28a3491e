/* What the commands share that look at a file, or an objective, before anything is done. */
#ifndef CLI_PREVIEW_H
#define CLI_PREVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/option.h"

struct preview_options {
	const char *file, *batch;
	bool json;
};

/* Their rows; JSON_HELP: what --json prints. */
#define PREVIEW_ROWS(json_help)                                                       \
	{ .name = "file",                                                             \
		.letter = 'f',                                                        \
		.kind = OPTION_TEXT,                                                  \
		.argument = "FILE",                                                   \
		.offset = offsetof(struct preview_options, file),                     \
		.help = "the same as the argument" },                                 \
	    { .name = "batch",                                                        \
		    .letter = 'b',                                                    \
		    .kind = OPTION_TEXT,                                              \
		    .argument = "NAME",                                               \
		    .offset = offsetof(struct preview_options, batch),                \
		    .help = "name of the batch; wins over the one in the file" },     \
	{                                                                             \
		.name = "json", .kind = OPTION_FLAG,                                  \
		.offset = offsetof(struct preview_options, json), .help = (json_help) \
	}

/* True if WHAT, the argument, is to be looked for in the store. A file wins; what is none may be an objective. */
bool preview_is_objective(const struct preview_options *o, const char *what);

#endif
