/*
 * What became of failures: each occurrence of one, how it ended and what resolved it, and
 * what those of one signature teach. Decisions only; store/history.h keeps them.
 */
#ifndef CORE_HISTORY_H
#define CORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/strv.h"
#include "core/execution.h"
#include "core/objective.h"
#include "core/signature.h"

/* What became of an occurrence. */
enum sequel {
	SEQUEL_OPEN,      /* its objective is still at it */
	SEQUEL_RESOLVED,  /* what had failed was done after all */
	SEQUEL_FAILED,    /* its objective failed */
	SEQUEL_CANCELLED, /* nobody wanted it any more */
	SEQUELS
};

/* What resolved it. */
enum resolver {
	RESOLVER_RETRY,     /* the same once more, by itself or because a person asked for it */
	RESOLVER_STRATEGY,  /* another strategy */
	RESOLVER_PARAMETER, /* the same objective, submitted anew with other values */
	RESOLVER_PERSON,    /* a person told what had become of it */
	RESOLVERS
};

struct occurrence {
	char objective_id[ID_SIZE];
	char *batch, *name;
	int attempt;
	char *strategy; /* NULL: none was chosen yet */
	char *size; /* that its machine was to have, where there was a choice; NULL else */
	int64_t times;  /* that it happened in this attempt */
	int64_t first_ms, last_ms;
	char *person; /* who told what had become of it; NULL: nobody did */
	enum sequel sequel;
	enum resolver resolver; /* if it is resolved */
	char *detail;           /* the other strategy, or "size = Standard_D2s_v5"; NULL: none */
	int64_t ended_ms;       /* 0: it is open */
};
void occurrence_clear(struct occurrence *c);

/* An execution of this act that failed and answered so is an occurrence of its failure. */
bool history_counts(enum act act, enum answer answer);

/* What the objective calls its own, for signature_of(). Adds to NAMES. */
void history_names(const struct objective *o, struct strv *names);

/* The attempt that has passed what had failed. */
struct passing {
	char *strategy, *size; /* NULL: as in struct occurrence */
	bool same; /* it is the one that failed before */
};
/*
 * What resolved an occurrence of THEN, now that an attempt at NOW has passed what failed.
 * *detail is the caller's own; NULL: there is none.
 */
enum resolver history_resolver(const struct occurrence *c, const struct objective *then,
    const struct objective *now, const struct passing *by, char **detail);

/* What the occurrences of one signature teach. */
struct lesson {
	int64_t ended; /* resolved, failed or cancelled; those of one objective count once each */
	struct {
		int64_t times;
		int64_t after_ms;   /* the median of how long it took */
		const char *detail; /* of the latest; NULL: none. Borrowed */
	} by[RESOLVERS];
};
/* V: the newest first. */
void lesson_of(const struct occurrence *v, size_t len, struct lesson *lesson);
/*
 * "resolved 3 of 4 times by a retry after about 40 s"; NULL if that never resolved it.
 * The caller's own.
 */
char *lesson_text(const struct lesson *lesson, enum resolver resolver);
/* Those that resolved it, the one that did so most often first; how many. */
size_t lesson_order(const struct lesson *lesson, enum resolver order[static RESOLVERS]);

const char *sequel_name(enum sequel sequel);        /* "open", "resolved", ... */
enum sequel sequel_from_name(const char *name);     /* SEQUELS for none */
const char *resolver_name(enum resolver resolver);  /* "retry", "strategy", "parameter", "person" */
enum resolver resolver_from_name(const char *name); /* RESOLVERS for none */

#endif
