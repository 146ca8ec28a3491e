/*
 * What a person can do about a failure: the words of the table of failures, and its
 * commands with real values in them.
 */
#ifndef CORE_ADVICE_H
#define CORE_ADVICE_H

#include "base/strv.h"
#include "core/failure_table.h"
#include "core/objective.h"

/*
 * What the commands' placeholders stand for, beside what the failure's message says. Where
 * a value is not known, the placeholder's name stands in capitals, to be filled in.
 */
struct advice_facts {
	const struct objective *objective; /* NULL: none in particular */
	const char *subscription;          /* that it is about; NULL: it is not known */
	bool elsewhere;   /* az is logged in to another one, so that each command has to name it */
	const char *size; /* of its machine; NULL: it has none, or it is not known */
	const struct strv *login; /* what {login} stands for, as argv; NULL: "az login" */
};

struct advice {
	const char *id; /* the row's (core/failure_table.h), borrowed; NULL: there is none */
	const char *text, *docs; /* borrowed from the table; NULL: there is none */
	struct strv commands;    /* each as one would type it in a shell */
};

/* A is to be cleared. T may be NULL. */
void advice_make(struct advice *a, const struct failure_table *t, const struct failure *f,
    const struct advice_facts *facts);
void advice_clear(struct advice *a);
/* {"advice_id", "advice", "docs", "commands"} into OBJECT. */
void advice_add_json(const struct advice *a, cJSON *object);

#endif
