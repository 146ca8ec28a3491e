/* The ledger's rows, for those who read them. */
#include "config.h"

#include <string.h>

#include "store/account.h"

static const char SQL_PAGE[] =
    "SELECT l.number, l.at_ms, l.event, o.id, l.amount, l.scopes FROM ledger l"
    " LEFT JOIN objectives o ON o.seq = l.objective WHERE l.number > ?1 ORDER BY l.number LIMIT ?2";

int
store_ledger(
    struct store *s, int64_t above, size_t max, struct ledger_entry **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_PAGE, ARGS(INT(above), INT((int64_t)max)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		struct ledger_entry *entry;

		*v = xgrow(*v, *len, &cap, sizeof(**v));
		entry = &(*v)[(*len)++];
		*entry = (struct ledger_entry){
			.number = sqlite3_column_int64(stmt, 0),
			.at_ms = sqlite3_column_int64(stmt, 1),
			.event = column_dup(stmt, 2),
			.objective_id = column_dup(stmt, 3),
			.amount = sqlite3_column_int64(stmt, 4),
		};
		if (column_json(stmt, 5, &entry->scopes, e) < 0) {
			rc = -1;
			break;
		}
	}
	if (rc < 0) {
		store_ledger_free(*v, *len);
		*v = NULL;
		*len = 0;
	}
	return rc;
}

void
store_ledger_free(struct ledger_entry *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(v[i].event);
		free(v[i].objective_id);
		cJSON_Delete(v[i].scopes);
	}
	free(v);
}
