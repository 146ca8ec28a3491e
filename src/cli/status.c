#include "config.h"

#include "cli/status.h"

#include <assert.h>

/* rank: where several hold, the highest is told. */
static const struct {
	int rank;
	const char *meaning;
} rows[STATUSES] = {
	[STATUS_DONE] = { 0, "all done" },
	[STATUS_FAILED] = { 4, "an objective failed" },
	[STATUS_USAGE] = { 5, "wrong usage or bad input; nothing was changed" },
	[STATUS_HELD] = { 2, "held: a person is needed" },
	[STATUS_BUDGET] = { 3, "over budget: something waits for money" },
	[STATUS_BROKEN] = { 6, "purser itself failed (store, disk, log)" },
	[STATUS_LATER] = { 1, "work is scheduled for later" },
};

const char *
status_meaning(enum status status)
{
	assert(status < STATUSES);
	return rows[status].meaning;
}

enum status
status_worse(enum status a, enum status b)
{
	return rows[a].rank >= rows[b].rank ? a : b;
}

enum status
status_of_error(const struct err *e)
{
	switch (e->kind) {
	case ERR_NONE:
		return STATUS_DONE;
	case ERR_INPUT:
	case ERR_NOT_FOUND:
	case ERR_CONFLICT:
		return STATUS_USAGE;
	case ERR_BUSY:
	case ERR_LIMIT:
	case ERR_OUTDATED:
	case ERR_UNCERTAIN:
	case ERR_CORRUPT:
	case ERR_FULL:
	case ERR_SYSTEM:
		break;
	}
	return STATUS_BROKEN;
}
