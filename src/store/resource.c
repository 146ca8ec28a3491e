/*
 * The registry of what stands in the cloud because of us, and the outputs. Ids
 * are compared without regard to case, as Azure does; a standing one belongs to
 * one objective.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "store/backend.h"

#define COLUMNS                                                                               \
	"SELECT r.id, o.id, r.execution_id, r.attempt, r.step, r.state, r.made_ms, r.gone_ms" \
	" FROM resources r JOIN objectives o ON o.seq = r.objective"

static const char SQL_STANDING[] =
    "SELECT seq, objective, state FROM resources WHERE folded = ?1 AND state IN ('live', 'orphaned')";
static const char SQL_ADD[] =
    "INSERT INTO resources (id, folded, objective, execution_id, attempt, step, state, made_ms, gone_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'live', ?7, 0)";
static const char SQL_MOVE[] = "UPDATE resources SET state = ?2, gone_ms = ?3 WHERE seq = ?1";
static const char SQL_FOUND[] =
    "UPDATE resources SET state = 'live', gone_ms = 0, attempt = ?2, step = ?3 WHERE seq = ?1";
static const char SQL_OF_ONE[] = COLUMNS " WHERE o.id = ?1 ORDER BY r.seq";
static const char SQL_ALL[] = COLUMNS " WHERE r.state IN ('live', 'orphaned') ORDER BY r.seq";
static const char SQL_OUTPUTS[] = "SELECT outputs FROM objectives WHERE seq = ?1";
static const char SQL_OUTPUTS_SAVE[] = "UPDATE objectives SET outputs = ?2 WHERE seq = ?1";

static const char *const state_names[RESOURCE_STATES] = {
	[RESOURCE_LIVE] = "live",
	[RESOURCE_ORPHANED] = "orphaned",
	[RESOURCE_GONE] = "gone",
};
static const char *const records[RESOURCE_STATES] = {
	[RESOURCE_LIVE] = "resource.made",
	[RESOURCE_ORPHANED] = "resource.orphaned",
	[RESOURCE_GONE] = "resource.gone",
};

const char *
resource_state_name(enum resource_state state)
{
	return state_names[state];
}

static enum resource_state
resource_state_from_name(const char *name)
{
	enum resource_state state = 0;

	while (state < RESOURCE_STATES && strcmp(state_names[state], name) != 0)
		state++;
	return state;
}

static char *
fold(const char *id)
{
	char *folded = xstrdup(id);

	for (char *p = folded; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return folded;
}

/* Who has it now; *seq 0: nobody. */
static int
find_standing(struct store *s, const char *folded, int64_t *seq, int64_t *objective,
    enum resource_state *state, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_STANDING, ARGS(TEXT(folded)), e);
	int rc;

	*seq = *objective = 0;
	*state = RESOURCE_GONE;
	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return 0;
	*seq = sqlite3_column_int64(stmt, 0);
	*objective = sqlite3_column_int64(stmt, 1);
	*state = resource_state_from_name(column_text(stmt, 2));
	return 0;
}

static int
record(struct store *s, const struct row *r, const char *id, enum resource_state state,
    const char *execution_id, int64_t now_ms, struct err *e)
{
	cJSON *details = cJSON_CreateObject();

	json_add_str(details, "resource", id);
	json_add_str(details, "execution", execution_id);
	return row_record(s, r, records[state], details, now_ms, e);
}

static int
refuse_foreign(struct store *s, int64_t owner, const char *id, struct err *e)
{
	CLEANUP(row_clear) struct row other = { .seq = 0 };

	if (row_at(s, owner, &other, e) < 0)
		return -1;
	return err_set(e, ERR_INPUT, "%s stands already, and belongs to %s/%s (%s)", id,
	    other.batch, other.name, id_short(other.id));
}

int
store_resource_add(
    struct store *s, const struct claim *c, const struct resource *res, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	AUTO_FREE char *folded = fold(res->id);
	enum resource_state state;
	int64_t seq, owner;

	if (row_claimed(s, c, &r, e) < 0 || find_standing(s, folded, &seq, &owner, &state, e) < 0)
		return -1;
	if (seq != 0 && owner != r.seq)
		return refuse_foreign(s, owner, res->id, e);
	/* Found again by a later attempt: from now on it is that one's to undo. */
	if (seq != 0) {
		if (sql_run(s, SQL_FOUND, ARGS(INT(seq), INT(res->attempt), INT(res->step)), e) < 0)
			return -1;
		if (state == RESOURCE_LIVE)
			return 0;
	} else if (sql_run(s, SQL_ADD,
		       ARGS(TEXT(res->id), TEXT(folded), INT(r.seq), TEXT(res->execution_id),
			   INT(res->attempt), INT(res->step), INT(res->made_ms)),
		       e) < 0) {
		return -1;
	}
	return record(s, &r, res->id, RESOURCE_LIVE, res->execution_id, res->made_ms, e);
}

int
store_resource_move(struct store *s, const struct claim *c, const char *resource_id,
    enum resource_state state, int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	AUTO_FREE char *folded = fold(resource_id);
	enum resource_state before;
	int64_t seq, owner;

	if (row_claimed(s, c, &r, e) < 0 || find_standing(s, folded, &seq, &owner, &before, e) < 0)
		return -1;
	if (seq == 0 || owner != r.seq)
		return err_set(e, ERR_NOT_FOUND, "%s/%s (%s) has no standing resource %s", r.batch,
		    r.name, id_short(r.id), resource_id);
	if (state == before)
		return 0;
	if (sql_run(s, SQL_MOVE,
		ARGS(INT(seq), TEXT(state_names[state]), INT(state == RESOURCE_GONE ? now_ms : 0)),
		e) < 0)
		return -1;
	return record(s, &r, resource_id, state, NULL, now_ms, e);
}

static int
read_resource(struct store *s, sqlite3_stmt *stmt, struct resource *res, struct err *e)
{
	memset(res, 0, sizeof(*res));
	res->id = column_dup(stmt, 0);
	column_id(stmt, 1, res->objective_id);
	column_id(stmt, 2, res->execution_id);
	res->attempt = column_int(stmt, 3);
	res->step = column_int(stmt, 4);
	res->state = resource_state_from_name(column_text(stmt, 5));
	res->made_ms = sqlite3_column_int64(stmt, 6);
	res->gone_ms = sqlite3_column_int64(stmt, 7);
	if (res->state == RESOURCE_STATES)
		return err_set(
		    e, ERR_CORRUPT, "%s: resource %s is in no known state", s->path, res->id);
	return 0;
}

int
store_resources(struct store *s, const char *id, struct resource **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = id == NULL ? sql_start(s, SQL_ALL, ARGS(NO_ARG), e)
				    : sql_start(s, SQL_OF_ONE, ARGS(TEXT(id)), e);
	struct resource *list = NULL;
	size_t n = 0, cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		if (n == cap) {
			cap = cap == 0 ? 8 : cap * 2;
			list = xrealloc(list, cap, sizeof(*list));
		}
		rc = read_resource(s, stmt, &list[n++], e);
		if (rc < 0)
			break;
	}
	if (rc < 0) {
		store_resources_free(list, n);
		return -1;
	}
	*v = list;
	*len = n;
	return 0;
}

void
store_resources_free(struct resource *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(v[i].id);
	free(v);
}

static int
read_outputs(struct store *s, int64_t seq, cJSON **outputs, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_OUTPUTS, ARGS(INT(seq)), e);
	int rc;

	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 1 && column_json(stmt, 0, outputs, e) < 0)
		return -1;
	if (*outputs == NULL)
		*outputs = cJSON_CreateObject();
	return 0;
}

int
store_outputs_add(struct store *s, const struct claim *c, const cJSON *outputs, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	AUTO_JSON cJSON *all = NULL;
	AUTO_FREE char *text = NULL;
	const cJSON *member;

	if (row_claimed(s, c, &r, e) < 0 || read_outputs(s, r.seq, &all, e) < 0)
		return -1;
	cJSON_ArrayForEach (member, outputs) {
		cJSON_DeleteItemFromObjectCaseSensitive(all, member->string);
		cJSON_AddItemToObject(all, member->string, cJSON_Duplicate(member, true));
	}
	text = text_of_json(all);
	return sql_run(s, SQL_OUTPUTS_SAVE, ARGS(INT(r.seq), TEXT(text)), e);
}
