/* What is known of a signature, and what its occurrences teach, as the commands tell it. */
#ifndef CLI_FAILURES_H
#define CLI_FAILURES_H

#include "base/json.h"
#include "cli/cli.h"
#include "core/advice.h"
#include "core/history.h"
#include "store/history.h"

/* Of a signature so much is shown; a beginning is enough to name one. */
#define FAILURES_SHORT_LEN 8

/* As far as a signature tells; all in it is borrowed from K. */
struct failure failures_failure(const struct known_failure *k);
/*
 * What the table says of it: of no objective in particular, so that there is nothing to fill
 * commands with. A is to be cleared.
 */
void failures_advise(struct cli *cli, const struct known_failure *k, struct advice *a);
/* What it is, in fields. */
void failures_print(const struct known_failure *k);
/* The same, with what became of it; the caller's own. */
cJSON *failures_to_json(const struct known_failure *k);

/* A field for each thing that resolved it, the most frequent first; false if nothing did. */
bool failures_print_lessons(const char *label, const struct occurrence *v, size_t len);
/* [{"by", "detail", "times", "of", "after_ms"}]; the caller's own. */
cJSON *failures_lessons_json(const struct occurrence *v, size_t len);

/* purser failures docs BEGINNING (cli/failures_docs.c). */
enum status failures_docs(struct cli *cli, const char *beginning, bool as_json);

#endif
