/*
 * Names of resources: what Azure allows for each kind of them, and names that
 * are made of an objective's labels by a pattern of the settings.
 *
 * The rules are those of Microsoft's "Naming rules and restrictions for Azure
 * resources" (learn.microsoft.com/azure/azure-resource-manager/management/
 * resource-name-rules); that of a managed disk is the one that the resource
 * provider's own messages state, and that of an openai_account is for its
 * custom subdomain (learn.microsoft.com/azure/ai-services/
 * cognitive-services-custom-subdomains). Where a kind has an inner name that is
 * stricter, such as the host name of a Windows machine, that one counts.
 *
 * A name that was given is only checked. One that was made is fitted: the same
 * objective always gets the same, because it depends on nothing but pattern,
 * labels, parameters, batch, key and the objective's name.
 */
#ifndef CORE_NAMING_H
#define CORE_NAMING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/placeholder.h"

struct capability;
struct objective;

/* The placeholder, in the default of a parameter with a kind. */
#define NAMING_WORD "naming"
#define NAMING_PATTERN "{team}-{environment}"
#define NAMING_RESOURCE_GROUP "rg-{team}-{environment}"

/*
 * The settings below [naming]. {objective} {batch} {region} {hash} are the
 * objective's; any other word is its label of that name, in whatever case, else
 * its parameter of type string.
 */
struct naming {
	char *pattern;
	char *resource_group; /* labels only: its parameters are read later */
};

struct naming_kind {
	const char *name;   /* as capability.toml has it */
	const char *what;   /* in messages: "a storage account" */
	size_t min, max;    /* characters */
	const char *others; /* allowed besides letters and digits */
	const char *first;  /* of these, at the beginning */
	const char *last;   /* and at the end */
	const char *rule;   /* the whole of it, in words */
	bool lower;         /* no capitals */
	bool letter_first;
	bool no_double_hyphen;
	bool not_only_digits;
	bool
	    global; /* unique in all of Azure; a made one is in lower case then, and ends in {hash} */
	bool inner; /* unique in another resource only, not in its group */
};

/* NULL for a name that is none. */
const struct naming_kind *naming_kind_find(const char *name);
/* The n-th of the table; NULL behind the last. */
const struct naming_kind *naming_kind_at(size_t n);

/* True if TEXT obeys the kind. */
bool naming_is_valid(const struct naming_kind *kind, const char *text);
/* The same as an anchored regular expression, but for the length and what it says of the whole. The caller's own. */
char *naming_regex(const struct naming_kind *kind);
/*
 * TEXT made to obey the kind, and to be no longer than MAX (0: than the kind
 * allows): what is not allowed becomes a hyphen or goes. Where it had to be
 * shortened, nothing was left, or names are unique in all of Azure, it ends in
 * HASH. The caller's own.
 */
char *naming_fit(const struct naming_kind *kind, const char *text, const char *hash, size_t max);

/* NULL, or what is wrong with the pattern of a setting. */
const char *naming_pattern_fault(const char *pattern);

/* The word that a pattern could not be filled for. */
struct naming_lack {
	char word[PLACEHOLDER_MAX + 1];
	bool refers; /* it is a parameter that refers to an output; else there is none */
};

/*
 * PATTERN filled for O. C's parameters count as far as O has them, and else by
 * their literal defaults; NULL: labels only. The caller's own; NULL and *lack
 * for a word without a value.
 */
char *naming_fill(const char *pattern, const struct objective *o, const struct capability *c,
    struct naming_lack *lack);

#endif
