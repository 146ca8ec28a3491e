/* What is written about a failure: on the web, and in the table of failures, which is always there. */
#include "config.h"

#include <stdio.h>

#include "base/mem.h"
#include "cli/failures.h"
#include "cli/field.h"
#include "cli/lookup.h"
#include "cli/say.h"
#include "core/advice.h"

static void
print_docs(const struct known_failure *k, const struct lookup *l, const char *table)
{
	failures_print(k);
	lookup_print(l);
	if (table != NULL)
		putchar('\n');
	field("docs", table);
	fflush(stdout);
	say_next("purser failures show %.*s", FAILURES_SHORT_LEN, k->signature);
}

static void
print_docs_json(const struct known_failure *k, const struct lookup *l, const char *table)
{
	AUTO_JSON cJSON *json = failures_to_json(k);
	AUTO_FREE char *text = NULL;

	cJSON_AddItemToObject(json, "documentation", lookup_to_json(l));
	json_add_str(json, "docs", table);
	text = json_pretty(json);
	fputs(text, stdout);
}

/* Whoever types it wants it looked up, whatever [analysis] docs says. */
enum status
failures_docs(struct cli *cli, const char *beginning, bool as_json)
{
	CLEANUP(known_failure_clear) struct known_failure k = { .seen = 0 };
	CLEANUP(lookup_clear) struct lookup lookup = { .query = NULL };
	CLEANUP(advice_clear) struct advice advice = { .text = NULL };
	struct failure f;
	struct err e = { 0 };
	enum status status = cli_need_store(cli, STORE_READ);

	if (status != STATUS_DONE)
		return status;
	if (store_known_failure(cli->store, beginning, &k, &e) < 0)
		return say_error(&e);
	if ((status = cli_need_library(cli)) != STATUS_DONE)
		return status;
	f = failures_failure(&k);
	lookup_insist(&lookup, cli, &f, k.capability);
	failures_advise(cli, &k, &advice);
	if (as_json)
		print_docs_json(&k, &lookup, advice.docs);
	else
		print_docs(&k, &lookup, advice.docs);
	return STATUS_DONE;
}
