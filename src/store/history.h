/*
 * The history of failures: what was seen, how often, and what became of it. The verbs of
 * store.h write it, each in the transaction of the failure that it tells of; here it is
 * read. Marks and ownership are as in store.h.
 *
 * An occurrence is a failure in one attempt, however often the attempt tried. It is
 * resolved when its attempt passes the step, when its objective succeeds in another
 * attempt, or when the next objective of that batch and name, or of that key, does.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "core/history.h"
#include "store/store.h"

/* All failures of one signature. */
struct known_failure {
	char signature[SIGNATURE_SIZE];
	enum failure_class class;
	char *code, *step; /* NULL: it had none */
	char *capability;
	char *message; /* of the latest one; secrets are masked */
	int64_t seen;  /* how often, with all tries */
	int64_t first_ms, last_ms;
	int64_t sequels[SEQUELS]; /* of its occurrences */
};
void known_failure_clear(struct known_failure *k);

/* [R] Up to MAX, the latest first. */
int store_known_failures(
    struct store *s, size_t max, struct known_failure **v, size_t *len, struct err *e);
void store_known_failures_free(struct known_failure *v, size_t len);
/*
 * [R] By its signature or the beginning of it. ERR_NOT_FOUND, or ERR_INPUT if it fits
 * several. K is to be cleared in any case.
 */
int
store_known_failure(struct store *s, const char *beginning, struct known_failure *k, struct err *e);
/* [R] Up to MAX of a whole signature, the latest first. */
int store_occurrences(struct store *s, const char *signature, size_t max, struct occurrence **v,
    size_t *len, struct err *e);
void store_occurrences_free(struct occurrence *v, size_t len);
/* [R] The signature of what befell an objective last; "" if nothing did. */
int store_last_signature(
    struct store *s, const char *id, char signature[static SIGNATURE_SIZE], struct err *e);

#endif
