/* What a capability is, as a page of a catalogue: for people and as JSON. */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

#include "cli/estimate.h"
#include "core/capability.h"

/* The region of a catalogue's prices. */
#define CATALOGUE_REGION "eastus"

/* What it costs as it stands in the catalogue; to be cleared in any case. */
struct catalogue_price {
	struct estimate estimate;
	struct err e; /* why there is none; ERR_NONE: there is */
};

/*
 * The price of C with its defaults, what its rules make of them, and examples
 * for what is required. PRICER may have no book: NO_BOOK says why then.
 */
void catalogue_price(const struct pricer *pricer, const struct err *no_book,
    const struct capability *c, struct catalogue_price *price);
void catalogue_price_clear(struct catalogue_price *price);
/* "65.54", "~65.54", "nothing", "unknown": for a table. The caller's own. */
char *catalogue_price_text(const struct catalogue_price *price);

/* "azure_cli, terraform". The caller's own. */
char *catalogue_strategies(const struct capability *c);
/* The path of its README.md; NULL if it has none. The caller's own. */
char *catalogue_readme(const struct capability *c);

cJSON *catalogue_to_json(const struct capability *c, const struct catalogue_price *price);
void catalogue_print(const struct capability *c, const struct catalogue_price *price);

#endif
