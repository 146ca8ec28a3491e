#include "config.h"

#include "store/search.h"

#include "store/backend.h"

static const char SQL_GET[] = "SELECT articles, retrieved_ms, why, failed_ms FROM searches"
			      " WHERE source = ?1 AND query = ?2";
static const char SQL_LAST[] = "SELECT max(retrieved_ms), max(failed_ms) FROM searches";
static const char SQL_ANSWERED[] =
    "INSERT INTO searches (source, query, articles, retrieved_ms, why, failed_ms)"
    " VALUES (?1, ?2, ?3, ?4, NULL, 0) ON CONFLICT (source, query) DO UPDATE SET"
    " articles = excluded.articles, retrieved_ms = excluded.retrieved_ms, why = NULL, failed_ms = 0";
static const char SQL_FAILED[] =
    "INSERT INTO searches (source, query, articles, retrieved_ms, why, failed_ms)"
    " VALUES (?1, ?2, NULL, 0, ?3, ?4) ON CONFLICT (source, query) DO UPDATE SET"
    " why = excluded.why, failed_ms = excluded.failed_ms";

void
search_clear(struct search *k)
{
	cJSON_Delete(k->articles);
	free(k->why);
	*k = (struct search){ .articles = NULL };
}

int
store_search(
    struct store *s, const char *source, const char *query, struct search *k, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_GET, ARGS(TEXT(source), TEXT(query)), e);
	int rc;

	*k = (struct search){ .articles = NULL };
	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return 0;
	k->retrieved_ms = sqlite3_column_int64(stmt, 1);
	k->why = column_dup(stmt, 2);
	k->failed_ms = sqlite3_column_int64(stmt, 3);
	return column_json(stmt, 0, &k->articles, e);
}

int
store_search_last(struct store *s, int64_t *last_ms, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LAST, ARGS(NO_ARG), e);
	int64_t retrieved_ms, failed_ms;

	/* NULL, of no rows, reads as 0. */
	if (stmt == NULL || sql_step(s, stmt, e) < 0)
		return -1;
	retrieved_ms = sqlite3_column_int64(stmt, 0);
	failed_ms = sqlite3_column_int64(stmt, 1);
	*last_ms = retrieved_ms > failed_ms ? retrieved_ms : failed_ms;
	return 0;
}

int
store_search_answered(struct store *s, const char *source, const char *query, const cJSON *articles,
    int64_t now_ms, struct err *e)
{
	AUTO_FREE char *text = text_of_json(articles);

	return writing(s, e) < 0
	    ? -1
	    : sql_run(s, SQL_ANSWERED, ARGS(TEXT(source), TEXT(query), TEXT(text), INT(now_ms)), e);
}

int
store_search_failed(struct store *s, const char *source, const char *query, const char *why,
    int64_t now_ms, struct err *e)
{
	return writing(s, e) < 0
	    ? -1
	    : sql_run(s, SQL_FAILED, ARGS(TEXT(source), TEXT(query), TEXT(why), INT(now_ms)), e);
}
