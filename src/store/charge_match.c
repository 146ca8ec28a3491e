/*
 * Whose a charge is. What is in the registry goes first: the tag stands on what a
 * resource was made with, and may have been copied since. What Azure makes for a
 * resource by itself (a disk of a machine, all that is in a group) has its id
 * below ours.
 */
#include "config.h"

#include <string.h>

#include "store/charge.h"

/*
 * An id may have stood several times, also for others. What is made is written down
 * when it is complete, which may be on the day after the first charge.
 */
static const char SQL_RESOURCE[] =
    "SELECT objective FROM resources WHERE folded = ?1 AND made_ms < ?2 + 2 * ?3"
    " AND (gone_ms = 0 OR gone_ms >= ?2) ORDER BY made_ms < ?2 + ?3 DESC, seq DESC LIMIT 1";
static const char SQL_OBJECTIVE[] = "SELECT seq FROM objectives WHERE id = ?1";

static int
find_resource(
    struct store *s, const char *folded, int64_t day_ms, int64_t *objective, struct err *e)
{
	return sql_number(
	    s, SQL_RESOURCE, ARGS(TEXT(folded), INT(day_ms), INT(DAY_MS)), 0, objective, e);
}

static int
find_above(struct store *s, const char *folded, int64_t day_ms, int64_t *objective, struct err *e)
{
	AUTO_FREE char *id = xstrdup(folded);
	char *end;

	while (*objective == 0 && (end = strrchr(id, '/')) != NULL && end != id) {
		*end = '\0';
		if (find_resource(s, id, day_ms, objective, e) < 0)
			return -1;
	}
	return 0;
}

int
charge_match(
    struct store *s, const struct charge *c, const char *folded, int64_t *objective, struct err *e)
{
	*objective = 0;
	if (*folded != '\0' && find_resource(s, folded, c->day_ms, objective, e) < 0)
		return -1;
	if (*objective == 0 && c->tagged != NULL &&
	    sql_number(s, SQL_OBJECTIVE, ARGS(TEXT(c->tagged)), 0, objective, e) < 0)
		return -1;
	return *objective != 0 ? 0 : find_above(s, folded, c->day_ms, objective, e);
}
