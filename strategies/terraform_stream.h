/*
 * What terraform tells with -json: one object a line (machine-readable UI,
 * https://developer.hashicorp.com/terraform/internals/machine-readable-ui).
 * Lines that are cut or unknown are passed over: a new one tells nothing that
 * was needed before.
 */
#ifndef STRATEGIES_TERRAFORM_STREAM_H
#define STRATEGIES_TERRAFORM_STREAM_H

#include <stdbool.h>

#include "base/json.h"
#include "base/strv.h"

/* A resource that was made or read: the same place in both lists. */
struct terraform_resources {
	struct strv addresses, ids;
};

struct terraform_stream {
	struct terraform_resources made;  /* created, or replaced by a new one */
	struct terraform_resources doomed; /* whose removal was begun */
	struct terraform_resources removed; /* ... and ended well; a new one may have the same id */
	struct terraform_resources found; /* read while it was refreshed */
	struct terraform_resources known; /* as the state had them before that */
	/* What was done to them outside; an id is "" where it is not told. */
	struct terraform_resources changed, gone;
	struct strv changed_outputs; /* that a plan would give other values */
	bool stands;                      /* the state has something, with or without an id */
	bool planned; /* it told what it is going to do, which a call that takes the lock does only once it has it */
	bool began;                       /* something was begun to be made, changed or removed */
	cJSON *outputs;                   /* name -> {"value", "sensitive"}; NULL: it tells none */
	/* The first diagnostic that is an error; NULL: there is none. */
	char *summary, *detail, *address;
};

void terraform_stream_read(struct terraform_stream *s, const char *text);
void terraform_stream_clear(struct terraform_stream *s);
/* struct strategy's progress. */
char *terraform_progress(const char *line, bool *is_end);

#endif
