/* With what account az is logged in, as it wrote it down. */
#ifndef CLI_LOGIN_H
#define CLI_LOGIN_H

#include "base/strv.h"

/*
 * Adds to ARGV the command that logs in again with the same kind of account; what is secret
 * is left to be filled in. "az login" where nothing is known.
 */
void login_command(struct strv *argv);
/* The id of the subscription that az uses where none is named; NULL: it is not known. The caller's own. */
char *login_subscription(void);

#endif
