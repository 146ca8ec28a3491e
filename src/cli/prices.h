/* Which price book commands use. */
#ifndef CLI_PRICES_H
#define CLI_PRICES_H

#include "cli/cli.h"
#include "pricing/book.h"

/*
 * The user's own book in the state folder, else the one that PURSER_PRICES names,
 * else the installed one. NULL and an error, with what to do about it, if there is none.
 */
struct book *prices_open(const struct cli *cli, struct err *e);
/* Names the state of the book: another one after each update. The caller's own. */
char *prices_state(const struct book *b);

#endif
