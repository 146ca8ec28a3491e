/*
 * The registry of what stands in the cloud because of us, and the outputs. Ids
 * are compared without regard to case, as Azure does; a standing one belongs to
 * one objective.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "store/account.h"

#define COLUMNS                                                                                \
	"SELECT r.id, o.id, r.execution_id, r.attempt, r.step, r.state, r.made_ms, r.gone_ms," \
	" r.why, r.seq"                                                                        \
	" FROM resources r JOIN objectives o ON o.seq = r.objective"

#define NAMED_MAX 5 /* resources that a message names */

static const char SQL_LEFT[] = "SELECT id, why FROM resources WHERE objective = ?1"
			       " AND state IN ('live', 'orphaned') ORDER BY seq";
static const char SQL_STANDING[] =
    "SELECT seq, objective, state FROM resources WHERE folded = ?1 AND state IN ('live', 'orphaned')";
static const char SQL_ADD[] =
    "INSERT INTO resources (id, folded, objective, execution_id, attempt, step, state, made_ms, gone_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'live', ?7, 0)";
static const char SQL_MOVE[] =
    "UPDATE resources SET state = ?2, gone_ms = ?3, why = ?4 WHERE seq = ?1";
static const char SQL_FOUND[] =
    "UPDATE resources SET state = 'live', gone_ms = 0, why = NULL, attempt = ?2, step = ?3 WHERE seq = ?1";
static const char SQL_OF_ONE[] = COLUMNS " WHERE o.id = ?1 ORDER BY r.seq";
static const char SQL_ALL[] = COLUMNS " WHERE r.state IN ('live', 'orphaned') ORDER BY r.seq";
/* One look into the index for each state: ?1 to ?3, NULL for one that is not wanted. */
#define PAGE(state)                                                       \
	"SELECT seq FROM (SELECT seq FROM resources WHERE state = " state \
	" AND seq > ?4 ORDER BY seq LIMIT ?5)"
static const char SQL_PAGE[] = COLUMNS " WHERE r.seq IN (" PAGE("?1") " UNION ALL " PAGE(
    "?2") " UNION ALL " PAGE("?3") ") ORDER BY r.seq LIMIT ?5";
static const char SQL_PAGE_OF_BATCH[] = COLUMNS
    " WHERE o.batch_id = ?6 AND r.state IN (?1, ?2, ?3) AND r.seq > ?4 ORDER BY r.seq LIMIT ?5";
static const char SQL_COUNT[] =
    "SELECT count(*) FROM resources WHERE objective = ?1 AND state IN ('live', 'orphaned')";
static const char SQL_ORPHANED[] =
    "SELECT id FROM resources WHERE objective = ?1 AND state = 'orphaned' ORDER BY seq";
static const char SQL_RECLAIM[] =
    "UPDATE resources SET state = 'live', why = NULL WHERE objective = ?1 AND state = 'orphaned'";
static const char SQL_OUTPUTS[] = "SELECT outputs FROM objectives WHERE seq = ?1";

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
    const char *execution_id, const char *why, int64_t now_ms, struct err *e)
{
	cJSON *details = cJSON_CreateObject();

	json_add_str(details, "resource", id);
	json_add_str(details, "execution", execution_id);
	json_add_str(details, "why", why);
	if (state == RESOURCE_ORPHANED &&
	    notice_write(s, NOTICE_ORPHANED, r, details, now_ms, e) < 0) {
		cJSON_Delete(details);
		return -1;
	}
	return row_record(s, r, records[state], details, now_ms, e);
}

static int
refuse_foreign(struct store *s, int64_t owner, const char *id, struct err *e)
{
	CLEANUP(row_clear) struct row other = { .seq = 0 };

	if (row_at(s, owner, &other, e) < 0)
		return -1;
	return err_set(e, ERR_INPUT, "%s stands already, and belongs to " NAMED, id, NAMES(&other));
}

int
resource_insert(struct store *s, const struct row *r, const struct resource *res, struct err *e)
{
	AUTO_FREE char *folded = text_folded(res->id);
	enum resource_state state;
	int64_t seq, owner;

	if (find_standing(s, folded, &seq, &owner, &state, e) < 0)
		return -1;
	if (seq != 0 && owner != r->seq)
		return refuse_foreign(s, owner, res->id, e);
	/* Found again by a later attempt: from now on it is that one's to undo. */
	if (seq != 0) {
		if (sql_run(s, SQL_FOUND, ARGS(INT(seq), INT(res->attempt), INT(res->step)), e) < 0)
			return -1;
		if (state == RESOURCE_LIVE)
			return 0;
	} else if (sql_run(s, SQL_ADD,
		       ARGS(TEXT(res->id), TEXT(folded), INT(r->seq), TEXT(res->execution_id),
			   INT(res->attempt), INT(res->step), INT(res->made_ms)),
		       e) < 0) {
		return -1;
	}
	return record(s, r, res->id, RESOURCE_LIVE, res->execution_id, NULL, res->made_ms, e);
}

int
store_resource_add(
    struct store *s, const struct claim *c, const struct resource *res, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (row_claimed(s, c, &r, e) < 0)
		return -1;
	return resource_insert(s, &r, res, e);
}

int
resource_count(struct store *s, int64_t objective, int64_t *standing, struct err *e)
{
	return sql_number(s, SQL_COUNT, ARGS(INT(objective)), 0, standing, e);
}

int
resource_reclaim(struct store *s, const struct row *r, int64_t now_ms, struct err *e)
{
	CLEANUP(strv_clear) struct strv ids = { NULL, 0, 0 };
	AUTO_STMT stmt = sql_start(s, SQL_ORPHANED, ARGS(INT(r->seq)), e);
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1)
		strv_add(&ids, column_text(stmt, 0));
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < ids.len; i++) {
		cJSON *details = cJSON_CreateObject();

		json_add_str(details, "resource", ids.v[i]);
		if (row_record(s, r, "resource.reclaimed", details, now_ms, e) < 0)
			return -1;
	}
	return ids.len == 0 ? 0 : sql_run(s, SQL_RECLAIM, ARGS(INT(r->seq)), e);
}

int
store_resource_move(struct store *s, const struct claim *c, const char *resource_id,
    enum resource_state state, const char *why, int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	AUTO_FREE char *folded = text_folded(resource_id);
	enum resource_state before;
	int64_t seq, owner;

	if (row_claimed(s, c, &r, e) < 0 || find_standing(s, folded, &seq, &owner, &before, e) < 0)
		return -1;
	if (seq == 0)
		return 0; /* gone already, and written down as that */
	if (owner != r.seq)
		return err_set(
		    e, ERR_NOT_FOUND, "%s is no resource of " NAMED, resource_id, NAMES(&r));
	if (state == before)
		return 0;
	if (sql_run(s, SQL_MOVE,
		ARGS(INT(seq), TEXT(state_names[state]), INT(state == RESOURCE_GONE ? now_ms : 0),
		    TEXT(state == RESOURCE_ORPHANED ? why : NULL)),
		e) < 0)
		return -1;
	return record(s, &r, resource_id, state, NULL, why, now_ms, e);
}

int
store_resource_gone(struct store *s, const char *id, const char *resource_id, const char *user,
    int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	AUTO_FREE char *folded = text_folded(resource_id);
	AUTO_FREE char *why = xasprintf("%s says so", user != NULL ? user : "a person");
	enum resource_state before;
	int64_t seq, owner, standing;

	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0 ||
	    find_standing(s, folded, &seq, &owner, &before, e) < 0)
		return -1;
	if (seq == 0 || owner != r.seq || before != RESOURCE_ORPHANED)
		return err_set(e, ERR_INPUT,
		    "%s is no orphaned resource of " NAMED ": \"purser resources --orphaned\" lists them",
		    resource_id, NAMES(&r));
	if (r.state != STATE_FAILED)
		return err_set(e, ERR_INPUT, NAMED " is %s: let it come to rest first", NAMES(&r),
		    state_name(r.state));
	if (sql_run(s, SQL_MOVE,
		ARGS(INT(seq), TEXT(state_names[RESOURCE_GONE]), INT(now_ms), TEXT(why)), e) < 0 ||
	    record(s, &r, resource_id, RESOURCE_GONE, NULL, why, now_ms, e) < 0 ||
	    resource_count(s, r.seq, &standing, e) < 0)
		return -1;
	return standing > 0 ? 0 : reservation_end(s, &r, EVENT_FAIL, now_ms, e);
}

int
resource_leftovers(struct store *s, int64_t objective, char **text, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LEFT, ARGS(INT(objective)), e);
	CLEANUP(buf_clear) struct buf list = BUF_INIT(64 * 1024);
	int n = 0, rc;

	*text = NULL;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		const char *why = column_text(stmt, 1);

		if (++n > NAMED_MAX)
			continue;
		buf_addf(&list, "%s%s", n > 1 ? ", " : "", column_text(stmt, 0));
		if (why != NULL)
			buf_addf(&list, " (%s)", why);
	}
	if (rc < 0 || n == 0)
		return rc;
	if (n > NAMED_MAX)
		buf_addf(&list, " and %d more", n - NAMED_MAX);
	*text = xstrdup(list.data);
	return 0;
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
	res->why = column_dup(stmt, 8);
	res->seq = sqlite3_column_int64(stmt, 9);
	if (res->state == RESOURCE_STATES)
		return err_set(
		    e, ERR_CORRUPT, "%s: resource %s is in no known state", s->path, res->id);
	return 0;
}

static int
read_resources(struct store *s, const char *sql, const struct arg *args, struct resource **v,
    size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, args, e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		rc = read_resource(s, stmt, &(*v)[(*len)++], e);
		if (rc < 0)
			break;
	}
	return LIST_END(rc, v, len, store_resources_free);
}

int
store_resources(struct store *s, const char *id, struct resource **v, size_t *len, struct err *e)
{
	if (id == NULL)
		return read_resources(s, SQL_ALL, ARGS(NO_ARG), v, len, e);
	return read_resources(s, SQL_OF_ONE, ARGS(TEXT(id)), v, len, e);
}

static int
list_page(struct store *s, const struct resource_filter *f, struct resource **v, size_t *len,
    struct err *e)
{
	struct arg args[] = { TEXT(NULL), TEXT(NULL), TEXT(NULL), INT(f->after_seq),
		INT((int64_t)f->limit), INT(0), NO_ARG };
	int64_t batch_id;

	for (enum resource_state state = 0; state < RESOURCE_STATES; state++) {
		if (f->states == 0 || (f->states & 1u << state) != 0)
			args[state] = (struct arg)TEXT(state_names[state]);
	}
	if (f->batch == NULL) {
		args[5] = (struct arg)NO_ARG;
		return read_resources(s, SQL_PAGE, args, v, len, e);
	}
	if (batch_find(s, f->batch, &batch_id, e) < 0)
		return -1;
	args[5] = (struct arg)INT(batch_id);
	return read_resources(s, SQL_PAGE_OF_BATCH, args, v, len, e);
}

int
store_list_resources(struct store *s, const struct resource_filter *f, struct resource **v,
    size_t *len, struct err *e)
{
	int rc;

	*v = NULL;
	*len = 0;
	if (f->limit == 0)
		return 0;
	if (read_begin(s, e) < 0)
		return -1;
	rc = list_page(s, f, v, len, e);
	read_end(s);
	return rc;
}

void
store_resources_free(struct resource *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(v[i].id);
		free(v[i].why);
	}
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
outputs_add(struct store *s, struct row *r, const cJSON *outputs, struct err *e)
{
	AUTO_JSON cJSON *all = NULL;
	AUTO_FREE char *text = NULL;
	const cJSON *member;

	if (!r->has_outputs)
		all = cJSON_CreateObject();
	else if (read_outputs(s, r->seq, &all, e) < 0)
		return -1;
	cJSON_ArrayForEach (member, outputs) {
		cJSON_DeleteItemFromObjectCaseSensitive(all, member->string);
		cJSON_AddItemToObject(all, member->string, cJSON_Duplicate(member, true));
	}
	text = text_of_json(all);
	return row_set_outputs(s, r, text, e);
}

int
store_outputs_add(struct store *s, const struct claim *c, const cJSON *outputs, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	if (row_claimed(s, c, &r, e) < 0)
		return -1;
	return outputs_add(s, &r, outputs, e);
}
