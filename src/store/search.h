/*
 * What searches of the documentation answered: a cache, so that the same is not asked twice
 * in a week, nor waited for again at once where there was no answer. Marks and ownership are
 * as in store.h. It is no state of anything: nothing of it is audited.
 */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "store/store.h"

struct search {
	cJSON *articles;      /* of the last answer; NULL: there never was one */
	int64_t retrieved_ms; /* when it came */
	char *why;            /* there was none since; NULL: there was */
	int64_t failed_ms;    /* when that was */
};
void search_clear(struct search *k);

/* [R] Of QUERY at the address SOURCE. All is 0 if it was never asked. K is to be cleared in any case. */
int store_search(
    struct store *s, const char *source, const char *query, struct search *k, struct err *e);
/* [R] When anything was asked last; 0: never. */
int store_search_last(struct store *s, int64_t *last_ms, struct err *e);
/* [W] It was answered now. */
int store_search_answered(struct store *s, const char *source, const char *query,
    const cJSON *articles, int64_t now_ms, struct err *e);
/* [W] It was asked now, and there was no answer: WHY. What was answered before stays. */
int store_search_failed(struct store *s, const char *source, const char *query, const char *why,
    int64_t now_ms, struct err *e);

#endif
