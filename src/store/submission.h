/* A submission on its way into the store; for submit.c and submit_check.c only. */
#ifndef STORE_SUBMISSION_H
#define STORE_SUBMISSION_H

#include "store/backend.h"

/* One objective of the submission. */
struct entry {
	struct objective *o;
	int64_t seq; /* once stored; of a known one from the start */
	bool known;
	bool blocks; /* a known one that failed, or is held because another did */
	char digest[DIGEST_SIZE];
};

struct submission {
	struct batch *batch;
	struct entry *entries;  /* in the order of the document */
	struct entry **by_name; /* sorted */
	int64_t batch_id, now_ms;
	int64_t counts[STATES];
	size_t known;
	/* The lane of the objective before: mostly the next one's too. */
	int64_t lane_id;
	char *lane_key;
};

/* The objective of that name; NULL if the batch has none. */
struct entry *submission_entry(const struct submission *u, const char *name);
/*
 * Sorts the entries by name, and looks up their digests and which of them are
 * known. ERR_INPUT, with all faults told.
 */
int submission_check(struct store *s, struct submission *u, struct err *e);

#endif
