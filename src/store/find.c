/*
 * Finding objectives and listing them in pages. Every page is read along an
 * index in the order of submission: one look into it for each state that is
 * asked for, merged here. A label together with a batch, a capability or states
 * goes along the label's index and looks at each row that has the label.
 */
#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "store/backend.h"

#define COLUMNS                                                                                                  \
	"SELECT o.seq, o.id, b.name, o.state, o.revision, o.unmet, o.generation, o.cancel_wanted, o.created_ms," \
	" o.changed_ms, o.not_before_ms, o.outputs, o.failure, o.body, o.destroying, o.attempts_past, o.due_ms," \
	" l.provider, o.instead"                                                                                          \
	" FROM objectives o JOIN batches b ON b.id = o.batch_id JOIN lanes l ON l.id = o.lane_id"
#define TAILS_MAX 5

static const char SQL_BY_ID[] = COLUMNS " WHERE o.id = ?1";
static const char SQL_BY_SEQ[] = COLUMNS " WHERE o.seq = ?1";
static const char SQL_BATCH[] = "SELECT id FROM batches WHERE name = ?1 ORDER BY id DESC LIMIT 1";
static const char SQL_BY_NAME[] = "SELECT seq FROM objectives WHERE batch_id = ?1 AND name = ?2";
/* 'g' sorts behind all digits. */
static const char SQL_BY_TAIL[] =
    "SELECT seq FROM objectives WHERE tail >= ?1 AND tail < ?1 || 'g' ORDER BY tail LIMIT ?2";

/* ?1 state, ?2 the page begins behind it, ?3 limit, ?4 batch, ?5 capability. */
#define AFTER " AND seq > ?2 ORDER BY seq LIMIT ?3"
#define BEFORE " AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
#define OF_STATE "SELECT seq FROM objectives INDEXED BY objectives_state WHERE state = ?1"
#define OF_BATCH                                                                                    \
	"SELECT seq FROM objectives INDEXED BY objectives_batch WHERE batch_id = ?4 AND state = ?1" \
	" AND (?5 IS NULL OR capability = ?5)"
#define OF_CAPABILITY \
	"SELECT seq FROM objectives INDEXED BY objectives_capability WHERE capability = ?5 AND state = ?1"
/* ?1 label, ?2 and ?3 as above, ?4 batch, ?5 capability, ?6 to ?12 the states. */
#define OF_LABEL                                                                           \
	"SELECT l.seq FROM labels l JOIN objectives o ON o.seq = l.seq WHERE l.label = ?1" \
	" AND (?4 IS NULL OR o.batch_id = ?4) AND (?5 IS NULL OR o.capability = ?5)"       \
	" AND o.state IN (?6, ?7, ?8, ?9, ?10, ?11, ?12)"

static const char SQL_STATE_AFTER[] = OF_STATE AFTER;
static const char SQL_STATE_BEFORE[] = OF_STATE BEFORE;
static const char SQL_BATCH_AFTER[] = OF_BATCH AFTER;
static const char SQL_BATCH_BEFORE[] = OF_BATCH BEFORE;
static const char SQL_CAPABILITY_AFTER[] = OF_CAPABILITY AFTER;
static const char SQL_CAPABILITY_BEFORE[] = OF_CAPABILITY BEFORE;
static const char SQL_LABEL_AFTER[] = OF_LABEL " AND l.seq > ?2 ORDER BY l.seq LIMIT ?3";
static const char SQL_LABEL_BEFORE[] = OF_LABEL " AND l.seq < ?2 ORDER BY l.seq DESC LIMIT ?3";

static int
read_objective(struct store *s, sqlite3_stmt *stmt, struct objective *o, struct err *e)
{
	AUTO_JSON cJSON *body = NULL, *instead = NULL;

	objective_init(o);
	if (column_json(stmt, 13, &body, e) < 0 || objective_from_json(o, body, e) < 0)
		return -1;
	if (o->batch == NULL)
		o->batch = column_dup(stmt, 2);
	o->seq = sqlite3_column_int64(stmt, 0);
	column_id(stmt, 1, o->id);
	o->state = state_from_name(column_text(stmt, 3));
	o->revision = sqlite3_column_int64(stmt, 4);
	o->unmet = column_int(stmt, 5);
	o->generation = column_int(stmt, 6);
	o->cancel_wanted = column_int(stmt, 7) != 0;
	o->created_ms = sqlite3_column_int64(stmt, 8);
	o->changed_ms = sqlite3_column_int64(stmt, 9);
	o->not_before_ms = sqlite3_column_int64(stmt, 10);
	o->destroying = column_int(stmt, 14) != 0;
	o->attempts_past = column_int(stmt, 15);
	o->due_ms = sqlite3_column_int64(stmt, 16);
	if (o->provider == NULL)
		o->provider = column_dup(stmt, 17);
	if (column_json(stmt, 18, &instead, e) < 0)
		return -1;
	objective_take_instead(o, instead);
	if (o->state == STATES)
		return err_set(
		    e, ERR_CORRUPT, "%s: objective %s is in no known state", s->path, o->id);
	if (o->state == STATE_SUCCEEDED && column_json(stmt, 11, &o->outputs, e) < 0)
		return -1;
	return column_json(stmt, 12, &o->failure, e);
}

/* 1 and the objective, 0: there is none, -1 and an error. */
static int
fetch(struct store *s, const char *sql, const struct arg *args, struct objective *o, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, args, e);
	int rc;

	objective_init(o);
	if (stmt == NULL)
		return -1;
	rc = sql_step(s, stmt, e);
	if (rc == 1 && read_objective(s, stmt, o, e) < 0) {
		objective_clear(o);
		return -1;
	}
	return rc;
}

static int
fetch_seq(struct store *s, int64_t seq, struct objective *o, struct err *e)
{
	int rc = fetch(s, SQL_BY_SEQ, ARGS(INT(seq)), o, e);

	if (rc == 0)
		return err_set(e, ERR_CORRUPT, "%s: objective %lld is in an index only", s->path,
		    (long long)seq);
	return rc < 0 ? -1 : 0;
}

int
store_get(struct store *s, const char *id, struct objective *o, struct err *e)
{
	int rc = fetch(s, SQL_BY_ID, ARGS(TEXT(id)), o, e);

	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no objective %s", id);
	return rc < 0 ? -1 : 0;
}

int
batch_find(struct store *s, const char *name, int64_t *id, struct err *e)
{
	if (sql_number(s, SQL_BATCH, ARGS(TEXT(name)), 0, id, e) < 0)
		return -1;
	return *id != 0 ? 0 : err_set(e, ERR_NOT_FOUND, "there is no batch \"%s\"", name);
}

static int
find_name(struct store *s, const char *ref, const char *slash, struct objective *o, struct err *e)
{
	AUTO_FREE char *batch = xstrndup(ref, (size_t)(slash - ref));
	int64_t batch_id, seq;

	if (batch_find(s, batch, &batch_id, e) < 0 ||
	    sql_number(s, SQL_BY_NAME, ARGS(INT(batch_id), TEXT(slash + 1)), 0, &seq, e) < 0)
		return -1;
	if (seq == 0)
		return err_set(
		    e, ERR_NOT_FOUND, "batch \"%s\" has no objective \"%s\"", batch, slash + 1);
	return fetch_seq(s, seq, o, e);
}

static int
tell_ambiguous(struct store *s, const char *ref, const int64_t *v, size_t len, struct err *e)
{
	CLEANUP(strv_clear) struct strv names = { NULL, 0, 0 };
	AUTO_FREE char *list = NULL;

	for (size_t i = 0; i < len && i < TAILS_MAX - 1; i++) {
		CLEANUP(objective_clear) struct objective o;

		if (fetch_seq(s, v[i], &o, e) < 0)
			return -1;
		strv_addf(&names, "%s/%s (%s)", o.batch, o.name, o.id + ID_LEN - 12);
	}
	list = strv_join(&names, ", ");
	return err_set(e, ERR_INPUT, "\"%s\" fits several objectives: %s%s; type more digits", ref,
	    list, len == TAILS_MAX ? " and others" : "");
}

static int
find_tail(struct store *s, const char *ref, const char *digits, struct objective *o, struct err *e)
{
	char tail[13];
	AUTO_FREE int64_t *v = NULL;
	size_t len = strlen(digits);

	for (size_t i = 0; i < len; i++)
		tail[i] = digits[len - 1 - i];
	tail[len] = '\0';
	if (sql_numbers(s, SQL_BY_TAIL, ARGS(TEXT(tail), INT(TAILS_MAX)), &v, &len, e) < 0)
		return -1;
	if (len == 0)
		return err_set(e, ERR_NOT_FOUND, "no objective's id ends in \"%s\"", ref);
	return len == 1 ? fetch_seq(s, v[0], o, e) : tell_ambiguous(s, ref, v, len, e);
}

int
store_find(struct store *s, const char *ref, struct objective *o, struct err *e)
{
	const char *slash = strchr(ref, '/');
	char lower[ID_SIZE];
	size_t len = strlen(ref);
	int rc;

	objective_init(o);
	if (slash != NULL)
		len = 0;
	for (size_t i = 0; i <= len && len <= ID_LEN; i++)
		lower[i] = (char)tolower((unsigned char)ref[i]);
	if (slash == NULL && (len > ID_LEN || (!id_is_valid(lower) && !id_is_tail(lower)))) {
		return err_set(e, ERR_NOT_FOUND,
		    "there is no objective \"%.100s\": name it by its id, by the last 4 to 12 digits of it, or as "
		    "BATCH/NAME",
		    ref);
	}
	if (read_begin(s, e) < 0)
		return -1;
	if (slash != NULL)
		rc = find_name(s, ref, slash, o, e);
	else
		rc = id_is_tail(lower) ? find_tail(s, ref, lower, o, e) : store_get(s, lower, o, e);
	read_end(s);
	return rc;
}

/* ---- pages ---- */

struct page {
	int64_t *v;
	size_t len, cap;
};

static void
page_clear(struct page *p)
{
	free(p->v);
}

static int
page_add(struct store *s, struct page *p, const char *sql, const struct arg *args, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, args, e);
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		p->v = xgrow(p->v, p->len, &p->cap, sizeof(*p->v));
		p->v[p->len++] = sqlite3_column_int64(stmt, 0);
	}
	return rc;
}

static int
compare_up(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int
compare_down(const void *a, const void *b)
{
	return compare_up(b, a);
}

static bool
has_state(const struct store_filter *f, enum state state)
{
	return f->states == 0 || (f->states & 1u << state) != 0;
}

static int
page_by_state(struct store *s, const struct store_filter *f, int64_t batch_id, int64_t after,
    struct page *p, struct err *e)
{
	const char *sql = f->newest_first ? SQL_STATE_BEFORE : SQL_STATE_AFTER;

	if (f->batch != NULL)
		sql = f->newest_first ? SQL_BATCH_BEFORE : SQL_BATCH_AFTER;
	else if (f->capability != NULL)
		sql = f->newest_first ? SQL_CAPABILITY_BEFORE : SQL_CAPABILITY_AFTER;
	for (enum state state = 0; state < STATES; state++) {
		const struct arg args[] = { TEXT(state_name(state)), INT(after),
			INT((int64_t)f->limit), INT(batch_id), TEXT(f->capability), NO_ARG };
		const struct arg few[] = { args[0], args[1], args[2], NO_ARG };

		if (has_state(f, state) &&
		    page_add(s, p, sql, f->batch == NULL && f->capability == NULL ? few : args, e) <
			0)
			return -1;
	}
	return 0;
}

static int
page_by_label(struct store *s, const struct store_filter *f, int64_t batch_id, int64_t after,
    struct page *p, struct err *e)
{
	struct arg args[6 + STATES] = { TEXT(f->label), INT(after), INT((int64_t)f->limit),
		INT(batch_id), TEXT(f->capability) };

	if (f->batch == NULL)
		args[3] = (struct arg)TEXT(NULL);
	for (enum state state = 0; state < STATES; state++)
		args[5 + state] = (struct arg)TEXT(has_state(f, state) ? state_name(state) : NULL);
	args[5 + STATES] = (struct arg)NO_ARG;
	return page_add(s, p, f->newest_first ? SQL_LABEL_BEFORE : SQL_LABEL_AFTER, args, e);
}

static int
list_page(
    struct store *s, const struct store_filter *f, struct objective **v, size_t *len, struct err *e)
{
	CLEANUP(page_clear) struct page p = { NULL, 0, 0 };
	int64_t after = f->newest_first && f->after_seq == 0 ? INT64_MAX : f->after_seq;
	int64_t batch_id = 0;
	int rc;

	if (f->batch != NULL && batch_find(s, f->batch, &batch_id, e) < 0)
		return -1;
	rc = f->label != NULL ? page_by_label(s, f, batch_id, after, &p, e)
			      : page_by_state(s, f, batch_id, after, &p, e);
	if (rc < 0 || p.len == 0)
		return rc;
	qsort(p.v, p.len, sizeof(*p.v), f->newest_first ? compare_down : compare_up);
	if (p.len > f->limit)
		p.len = f->limit;
	*v = xcalloc(p.len, sizeof(**v));
	for (size_t i = 0; i < p.len; i++) {
		if (fetch_seq(s, p.v[i], &(*v)[i], e) < 0)
			return -1;
		*len = i + 1;
	}
	return 0;
}

int
store_list(
    struct store *s, const struct store_filter *f, struct objective **v, size_t *len, struct err *e)
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
	return LIST_END(rc, v, len, store_list_free);
}

void
store_list_free(struct objective *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		objective_clear(&v[i]);
	free(v);
}
