/* Reading what is submitted or planned: the file, its objectives, and whether each of them can be planned. */
#ifndef CLI_SUBMISSION_H
#define CLI_SUBMISSION_H

#include "cli/cli.h"
#include "core/batch.h"

/*
 * FILE is a path or "-". Needs the library. Tells all faults. B must be cleared
 * in any case.
 */
enum status
submission_read(const struct cli *cli, const char *file, const char *batch_name, struct batch *b);
/* Each objective is planned once, so that what cannot be is refused before it is stored. Tells all faults. */
enum status submission_check_plans(const struct cli *cli, const struct batch *b);
/* The one of argument and --file that was given; NULL after telling what is wrong. */
const char *submission_file(const char *command, const struct strv *args, const char *option);

#endif
