/*
 * Calls that fail because a test wants it: see backend.h. The environment is
 * read once, at the first call.
 */
#include "config.h"

#include "store/backend.h"

#ifdef WITH_FAILPOINTS

#include <stdio.h>
#include <string.h>

#include "base/failpoint.h"

static const char *const names[] = {
	[FAULT_BUSY] = "busy",
	[FAULT_FULL] = "full",
	[FAULT_ERROR] = "error",
	[FAULT_UNCERTAIN] = "uncertain",
	[FAULT_WRITTEN] = "uncertain-written",
};

/* What PURSER_STORE_FAULT asks for; FAULT_NONE: nothing. */
static struct {
	bool is_read;
	enum fault kind;
	unsigned long at, passed;
} wish;

/* A test that misspells its wish must not pass. */
static void __attribute__((noreturn)) refuse(const char *text)
{
	fprintf(stderr,
	    "PURSER_STORE_FAULT: not N:busy|full|error|uncertain|uncertain-written: %s\n", text);
	abort();
}

static void
read_environment(void)
{
	const char *text = getenv("PURSER_STORE_FAULT");
	char *end;

	if (wish.is_read)
		return;
	wish.is_read = true;
	if (text == NULL || *text == '\0')
		return;
	wish.at = strtoul(text, &end, 10);
	if (end == text || *end != ':' || wish.at == 0)
		refuse(text);
	for (size_t i = 1; i < COUNT_OF(names); i++) {
		if (strcmp(end + 1, names[i]) == 0)
			wish.kind = (enum fault)i;
	}
	if (wish.kind == FAULT_NONE)
		refuse(text);
}

static enum fault
strike(void)
{
	if (++wish.passed != wish.at)
		return FAULT_NONE;
	failpoint("store-fault");
	return wish.kind;
}

static bool
is_of_commits(enum fault kind)
{
	return kind == FAULT_UNCERTAIN || kind == FAULT_WRITTEN;
}

enum fault
fault_of_statement(const char *sql)
{
	read_environment();
	if (wish.kind == FAULT_NONE || is_of_commits(wish.kind))
		return FAULT_NONE;
	/* A commit is counted where it is made. */
	if (strcmp(sql, "COMMIT") == 0 || strncmp(sql, "ROLLBACK", 8) == 0)
		return FAULT_NONE;
	return strike();
}

enum fault
fault_of_commit(void)
{
	read_environment();
	return wish.kind == FAULT_NONE ? FAULT_NONE : strike();
}

#endif
