/* Exit statuses: what a cron job or a timer may conclude from them. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "base/err.h"

enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_HELD = 3,
	STATUS_BUDGET = 4,
	STATUS_BROKEN = 5,
	STATUS_LATER = 6,
	STATUSES
};

/* What it means, for help and manual. */
const char *status_meaning(enum status status);
/* Where two hold, the one that is to be told. */
enum status status_worse(enum status a, enum status b);
enum status status_of_error(const struct err *e);

#endif
