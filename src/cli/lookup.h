/*
 * What the documentation on the web says about a failure: as the store has kept it for a week,
 * else asked for. It is an extra, so that nothing here fails: what cannot be had is said.
 */
#ifndef CLI_LOOKUP_H
#define CLI_LOOKUP_H

#include "base/json.h"
#include "cli/cli.h"
#include "core/article.h"
#include "core/failure.h"

struct lookup {
	char
	    *query; /* all that was or would be sent; NULL: the failure has no code to search for */
	char *source; /* "learn.microsoft.com" */
	struct articles articles;
	int64_t retrieved_ms; /* 0: never */
	char *why;            /* there is nothing newer; NULL: this is no older than a week */
};

/*
 * Of F, in an objective of CAPABILITY. May wait for as long as [analysis] docs_timeout says,
 * but not where it did so in vain some minutes ago. L is to be cleared.
 */
void
lookup_find(struct lookup *l, struct cli *cli, const struct failure *f, const char *capability);
/* The same for a person who asks for it: what was in vain is tried again. */
void
lookup_insist(struct lookup *l, struct cli *cli, const struct failure *f, const char *capability);
void lookup_clear(struct lookup *l);

/*
 * Of what was seen since SINCE_MS and is not resolved, so that it is in the store when
 * somebody asks: of a few failures at most, and for some ten seconds.
 */
void lookup_recent(struct cli *cli, int64_t since_ms);

/* A section of its own. */
void lookup_print(const struct lookup *l);
/* {"query", "articles", "source", "retrieved", "why"}; the caller's own. */
cJSON *lookup_to_json(const struct lookup *l);

/*
 * For commands that tell of it beside other things: nothing unless F is set and [analysis]
 * docs is true. What was printed before is flushed, because this may have to be waited for.
 */
void lookup_show(struct cli *cli, const struct failure *f, const char *capability);
/* The same as "documentation" into OBJECT. */
void lookup_add(struct cli *cli, const struct failure *f, const char *capability, cJSON *object);

#endif
