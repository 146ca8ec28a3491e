/*
 * The table of failures, strategies/failures.toml: rules that lead from code or
 * text to class, retry, advice and documentation. Parsing and looking up only;
 * engine/library.h reads the file.
 *
 *	[[failure]]
 *	code = "OperationNotAllowed"     or codes = ["...", "..."]; case is ignored;
 *	                                 "Begin*" for all that begin so and have no rule of their own
 *	text = "quota"                   must occur in the message, case ignored; not in a 'name'
 *	class = "quota"
 *	retry = "never"                  never | later | after dependency; else as usual for the class
 *	fallback = false                 else as usual for the class
 *	wait = "60s"                     before the next try, where the service said nothing
 *	scarce = "24h"                   so long the machine's size is taken for not to be had in its region
 *	                                 and zone; of capacity and quota only
 *	advice = "..."                   one or two sentences on what to do
 *	docs = "https://..."
 *
 * Commands that a person may type stand apart, because many failures share them:
 *
 *	[[commands]]
 *	codes = ["...", "..."]           or class = "quota": the rows of the code count before those
 *	                                 of the class, and the first one counts
 *	commands = ["az vm list-usage --location={region}"]
 *
 * Their words are separated by blanks; what a placeholder may be core/advice.c tells.
 *
 * A rule may have "status" (the tool's exit status or the HTTP status of a
 * [[failure]] with tool = "http") or only "text" instead of a code. Rules of one
 * code are tried in the order of the file; the first whose text occurs counts,
 * and a rule that an earlier one takes everything from is a fault.
 *
 * A rule is named by what it asks for: code, tool, status and text, with "/" between and "-"
 * for what is no letter or digit in the text: "SkuNotAvailable", "OperationNotAllowed/quota",
 * "http/403", "connection-reset". That is the advice id which a failure carries into store,
 * audit and notices. It stays the same whatever else is in the file; two rules of one name
 * are a fault.
 *
 * Decide on the innermost code first, on exit and HTTP status next, on text last.
 */
#ifndef CORE_FAILURE_TABLE_H
#define CORE_FAILURE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"
#include "base/faults.h"
#include "base/strv.h"
#include "core/failure.h"

struct failure_table;

struct failure_rule {
	char *id;   /* the advice id */
	char *code; /* NULL: a rule for a status or a text */
	char *text; /* NULL: any */
	char *tool; /* "az", "terraform", "http", ...; NULL: any */
	int status; /* -1: any */
	enum failure_class class;
	enum retry retry;
	bool fallback;
	int64_t wait_ms;     /* 0: none */
	int64_t scarce_ms;   /* 0: it is not about a size */
	char *advice, *docs; /* NULL if there is none */
};

/* Every fault goes to FAULTS with its place. The caller's own, or NULL. */
struct failure_table *failure_table_parse(const struct doc *doc, struct faults *faults);
void failure_table_free(struct failure_table *t);

/* What a tool said, from the outermost code to the innermost. */
struct tool_output {
	const char *tool;
	const char *const *codes; /* of the outermost first */
	size_t n_codes;
	int status;          /* the tool's exit status; -1 if it is unknown */
	int http_status;     /* 0 if it is unknown */
	const char *message; /* of the innermost code; never NULL */
	const char *text;    /* all that the tool wrote; never NULL */
};

/*
 * The rule that tells what it is: that of the innermost code that is in the
 * table, else of the status, else of the text. NULL: nothing is known of it, or
 * T is NULL. Borrowed.
 */
const struct failure_rule *
failure_table_find(const struct failure_table *t, const struct tool_output *o);
/* By its id; NULL: there is none of that name (any more), or ID or T is NULL. Borrowed. */
const struct failure_rule *failure_table_rule(const struct failure_table *t, const char *id);
/*
 * Fills class, retry, fallback, wait, scarcity and advice id of F, which has its code and
 * message.
 * "Retry-After: N", "can be retried in N seconds", "try again after 'N' seconds"
 * and the like in the text win over the rule's wait. Nothing known: FAILURE_UNKNOWN.
 */
void failure_table_classify(
    const struct failure_table *t, const struct tool_output *o, struct failure *f);
/* The commands for what is classified as F; NULL: there are none. Borrowed. T may be NULL. */
const struct strv *failure_table_commands(const struct failure_table *t, const struct failure *f);
/* All rules, in the order of the file; for tests and for help. */
const struct failure_rule *failure_table_rules(const struct failure_table *t, size_t *len);

#endif
