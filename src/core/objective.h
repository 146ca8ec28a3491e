/*
 * An objective: one desired outcome, as its submitter wrote it, with what the
 * capability's rules decide and its defaults filled in.
 */
#ifndef CORE_OBJECTIVE_H
#define CORE_OBJECTIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/id.h"
#include "base/json.h"
#include "base/strv.h"
#include "core/event.h"

/*
 * What an objective may hold. These are checked, and the schema shows them;
 * the patterns say in one line what the code tests by hand.
 */
#define OBJECTIVE_NAME_MAX 64 /* bytes; batches too */
#define OBJECTIVE_NAME_PATTERN "^[a-z0-9][a-z0-9._-]{0,63}$"
#define OBJECTIVE_KEY_MAX 200 /* bytes */
#define OBJECTIVE_REGION_MAX 41
#define OBJECTIVE_GROUP_MAX 90 /* Azure's limit for resource groups */
#define OBJECTIVE_GROUP_PATTERN "^[A-Za-z0-9._()-]{0,89}[A-Za-z0-9_()-]$"
#define OBJECTIVE_SUBSCRIPTION_MAX 64
#define OBJECTIVE_EXCLUSIONS_PATTERN "^not [a-z][a-z0-9_]{0,63}(, *not [a-z][a-z0-9_]{0,63})*$"
#define OBJECTIVE_STRATEGY_PATTERN "^[a-z][a-z0-9_]{0,63}$|" OBJECTIVE_EXCLUSIONS_PATTERN
#define OBJECTIVE_PRIORITY_MAX 100     /* and no less than the same below zero */
#define OBJECTIVE_DEPENDENCIES_MAX 200 /* references included */
#define OBJECTIVE_ALTERNATIVES_MAX 10
#define OBJECTIVE_LABELS_MAX 45 /* Azure allows 50 tags; some are left for ours and for policies */
#define OBJECTIVE_LABEL_NAME_MAX 512     /* bytes */
#define OBJECTIVE_LABEL_VALUE_MAX 256    /* bytes */
#define OBJECTIVE_TAG "purser-objective" /* of each resource, with the id: no name for a label */
#define OBJECTIVE_BODY_MAX (256 * 1024)  /* bytes of its canonical text */

enum on_failure { ON_FAILURE_ROLLBACK, ON_FAILURE_KEEP };

struct objective {
	char id[ID_SIZE]; /* "" until it is submitted */
	char *batch;
	char *name; /* unique in its batch */
	char *key;  /* NULL if the submitter chose none */
	char *capability;
	char *provider;       /* what throttles it, of the capability; not part of the submission */
	char *region;         /* NULL if not given; lower case without spaces */
	char *resource_group; /* NULL if not given */
	char *subscription;   /* NULL: the one that az is logged in to */
	char *strategy;       /* the wish: "auto", "NAME", or "not NAME, not NAME" (sorted) */
	cJSON *parameters;    /* an object; references like ${net.outputs.id} stand as written */
	struct strv alternatives; /* sizes of its machine that do too, the best first */
	cJSON *labels;        /* an object of strings */
	struct strv depends_on; /* names in the same batch; those of references are included */
	int priority;           /* higher first */
	int64_t not_before_ms;  /* 0: at once */
	int64_t deadline_ms;    /* 0: none */
	int64_t timeout_ms;     /* from its first claim on, for all of its attempts; 0: none */
	int64_t
	    step_timeout_ms; /* of each step's run, whatever the capability says; 0: as that says */
	enum on_failure on_failure;
	/*
	 * What the submitter did not say and rules or settings may come to another answer on:
	 * a parameter or "resource_group" -> who set it (a rule's name, a setting's). NULL: nothing.
	 */
	cJSON *decided;
	/*
	 * The same, and names made by a pattern -> what the digest covers instead: what would stand
	 * there without any rule, null for nothing. NULL: nothing.
	 */
	cJSON *unsaid;

	/* Kept by the store. */
	int64_t seq; /* order of submission */
	/*
	 * {"parameter", "asked", "value"}: the parameter has this value instead of the one that was
	 * asked for, which could not be had. NULL: all is as it was asked for.
	 */
	cJSON *instead;
	enum state state;
	int64_t revision; /* grows with each change; for compare-and-swap */
	int unmet;        /* dependencies that have not succeeded yet */
	int generation; /* grows with each undo and retry from the start; part of deployment names */
	bool cancel_wanted;
	bool
	    destroying; /* a person wants it undone; state queued, running, held, or failed in it */
	int attempts_past; /* attempts up to this number were before the last retry or destroy */
	int64_t due_ms;    /* when its timeout or deadline is over, once it was claimed; 0: never */
	int64_t created_ms, changed_ms;
	cJSON *outputs; /* NULL until it succeeded */
	cJSON *failure; /* core/failure.h in JSON; NULL if none */
};

void objective_init(struct objective *o);
void objective_clear(struct objective *o);

/* What the submitter said, without what the store keeps: for storage and digest. The caller's own. */
cJSON *objective_to_json(const struct objective *o);
/* The reverse, of trusted stored text; -1 and ERR_CORRUPT if it is not that. */
int objective_from_json(struct objective *o, const cJSON *json, struct err *e);
/*
 * Digest of the submission: the same body, the same digest, whatever the order of keys, and whatever
 * rules and settings have decided since. Batch and key are left out.
 */
void objective_digest(const struct objective *o, char out[static DIGEST_SIZE]);

/*
 * What {hash} stands for: ten digits of the SHA-256 of the key, else of
 * "BATCH/NAME", together with the resource group and the subscription where
 * they are given. Names of resources are made of it, so that a second
 * submission of the same thing means the same resource, and that of another
 * one elsewhere another resource: some names are unique in all of Azure.
 */
#define OBJECTIVE_HASH_SIZE 11
void objective_hash(const struct objective *o, char out[static OBJECTIVE_HASH_SIZE]);

/*
 * What a placeholder in a default or in a strategy's table stands for:
 * {region} {resource_group} {objective} {batch} {hash}. Borrowed; NULL for a
 * word that is none of these, or whose value the objective does not have.
 */
struct objective_words {
	const struct objective *objective;
	char hash[OBJECTIVE_HASH_SIZE]; /* filled when it is first asked for; "" before */
};
const char *objective_word(struct objective_words *words, const char *name);
/* True if it is one of the five. */
bool objective_word_is_known(const char *name);

/*
 * Gives the parameter another VALUE than was asked for, whatever it had before; NULL, or
 * that itself: the one that was asked for.
 */
void objective_substitute(struct objective *o, const char *parameter, const char *value);
/* The same as it is kept beside the objective, {"parameter", "asked", "value"} or NULL. */
void objective_take_instead(struct objective *o, const cJSON *instead);

/* The strategy that its wish demands; NULL if it leaves the choice. Borrowed. */
const char *objective_demands(const struct objective *o);
/* Adds the names of the strategies that its wish excludes. */
void objective_excludes(const struct objective *o, struct strv *names);

const char *on_failure_name(enum on_failure on_failure);
/* ON_FAILURE_ROLLBACK for a name that is none. */
enum on_failure on_failure_from_name(const char *name);

/* "West Europe" and "westeurope" are the same region. The caller's own; NULL if TEXT is none. */
char *objective_region(const char *text);
/* True for a name of a batch or an objective. */
bool objective_name_is_valid(const char *name);
/* The value of NAME, a member of o->decided, for people. The caller's own. */
char *objective_decided_text(const struct objective *o, const char *name);
/* "web-dev/web (1a2b3c4d)": how messages name it. The caller's own. */
char *objective_label(const struct objective *o);

#endif
