/* failures scarce and failures forget: sizes of machines that are remembered as not to be had. */
#ifndef CLI_FAILURES_SCARCE_H
#define CLI_FAILURES_SCARCE_H

#include "cli/cli.h"

/* Needs the configuration, and opens the store itself: before the first day nothing is scarce. */
enum status failures_scarce(struct cli *cli, bool as_json);
/* WHERE: a region; NULL: all of them. */
enum status failures_forget(struct cli *cli, const char *size, const char *where, bool as_json);

#endif
