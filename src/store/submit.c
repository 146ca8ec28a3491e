/*
 * Submission: a whole batch in the caller's transaction. First all is looked
 * up and every fault is told (submit_check.c), then rows are written; tallies,
 * lanes and heads are summed up once at the end, so that 100,000 objectives
 * take seconds.
 */
#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "store/submission.h"

#define CACHE_MANY "PRAGMA cache_size = -65536" /* KiB, while many random index entries are made */
#define CACHE_NORMAL "PRAGMA cache_size = -2000"
#define MANY 1000

static const char SQL_BATCH_ADD[] =
    "INSERT INTO batches (name, live, created_ms) VALUES (?1, ?2, ?3)";
static const char SQL_TALLY_ADD[] = "INSERT INTO tallies (batch_id, state, n) VALUES (?1, ?2, ?3)";
static const char SQL_TALLY[] = "UPDATE tallies SET n = n + ?2 WHERE batch_id = 0 AND state = ?1";
static const char SQL_LANE[] =
    "SELECT id FROM lanes WHERE batch_id = ?1 AND resource_group = ?2 AND subscription = ?3 AND provider = ?4";
static const char SQL_LANE_ADD[] =
    "INSERT INTO lanes (batch_id, resource_group, subscription, provider, blocked_until_ms)"
    " VALUES (?1, ?2, ?3, ?4, COALESCE((SELECT MAX(blocked_until_ms) FROM lanes"
    " WHERE subscription = ?3 AND provider = ?4), 0))";
static const char SQL_LANE_SUMS[] =
    "UPDATE lanes SET ready = (SELECT count(*) FROM objectives o WHERE o.lane_id = lanes.id AND o.ready = 1),"
    " head = (SELECT o.priority FROM objectives o WHERE o.lane_id = lanes.id AND o.ready = 1"
    " ORDER BY o.priority DESC, o.seq LIMIT 1) WHERE batch_id = ?1";
static const char SQL_BATCH_SUMS[] =
    "UPDATE batches SET head = (SELECT l.head FROM lanes l WHERE l.batch_id = ?1 AND l.head IS NOT NULL"
    " AND l.blocked_until_ms = 0 AND l.passed_over = 0 ORDER BY l.head DESC LIMIT 1) WHERE id = ?1";
static const char SQL_ADD[] =
    "INSERT INTO objectives (id, tail, batch_id, lane_id, name, key, capability, resource_group, digest, state,"
    " priority, not_before_ms, deadline_ms, expires_ms, unmet, ready, created_ms, body, changed_ms,"
    " revision, generation, cancel_wanted, fence, attempt, attempt_open)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14, ?15, ?16, ?17, ?16, 1, 0, 0, 0, 0, 0)";
static const char SQL_LABEL[] = "INSERT INTO labels (label, seq) VALUES (?1, ?2)";
static const char SQL_NEED[] =
    "INSERT INTO dependencies (objective, needs, met) VALUES (?1, ?2, ?3)";

static void
submission_clear(struct submission *u)
{
	free(u->entries);
	free(u->by_name);
	free(u->lane_key);
}

static int
find_lane(struct store *s, struct submission *u, const char *group, const char *subscription,
    const char *provider, struct err *e)
{
	AUTO_FREE char *key = xasprintf("%s\n%s\n%s", group, subscription, provider);

	if (u->lane_key != NULL && strcmp(u->lane_key, key) == 0)
		return 0;
	if (sql_number(s, SQL_LANE,
		ARGS(INT(u->batch_id), TEXT(group), TEXT(subscription), TEXT(provider)), 0,
		&u->lane_id, e) < 0)
		return -1;
	if (u->lane_id == 0) {
		if (sql_run(s, SQL_LANE_ADD,
			ARGS(INT(u->batch_id), TEXT(group), TEXT(subscription), TEXT(provider)),
			e) < 0)
			return -1;
		u->lane_id = sqlite3_last_insert_rowid(s->db);
	}
	free(u->lane_key);
	u->lane_key = take(key);
	return 0;
}

static void
reverse_tail(const char *id, char out[static 13])
{
	for (int i = 0; i < 12; i++)
		out[i] = id[ID_LEN - 1 - i];
	out[12] = '\0';
}

static int
count_unmet(const struct submission *u, const struct objective *o)
{
	int unmet = 0;

	for (size_t i = 0; i < o->depends_on.len; i++) {
		const struct entry *needed = submission_entry(u, o->depends_on.v[i]);

		unmet += needed == NULL || needed->o->state != STATE_SUCCEEDED;
	}
	return unmet;
}

static int
add_labels(struct store *s, const struct entry *x, struct err *e)
{
	const cJSON *label;

	cJSON_ArrayForEach (label, x->o->labels) {
		AUTO_FREE char *text = NULL;

		if (!cJSON_IsString(label))
			continue;
		text = xasprintf("%s=%s", label->string, label->valuestring);
		if (sql_run(s, SQL_LABEL, ARGS(TEXT(text), INT(x->seq)), e) < 0)
			return -1;
	}
	return 0;
}

static int
record_one(struct store *s, const struct submission *u, const struct entry *x, struct err *e)
{
	CLEANUP(buf_clear) struct buf details = MEMBERS_INIT;

	member_str(&details, "capability", x->o->capability);
	member_str(&details, "key", x->o->key);
	member_str(&details, "digest", x->digest);
	buf_addc(&details, '}');
	assert(!buf_is_cut(&details));
	return audit_write(s, u->now_ms, "objective.submitted", x->o->id, u->batch->name,
	    x->o->name, details.data, e);
}

static int
add_one(struct store *s, struct submission *u, struct entry *x, struct err *e)
{
	struct objective *o = x->o;
	AUTO_FREE char *group = text_folded(o->resource_group);
	AUTO_FREE char *subscription = text_folded(o->subscription);
	AUTO_JSON cJSON *body = NULL;
	AUTO_FREE char *text = NULL;
	char tail[13];
	bool ready;

	if (find_lane(s, u, group, subscription, o->provider != NULL ? o->provider : o->capability,
		e) < 0)
		return -1;
	id_new(o->id);
	reverse_tail(o->id, tail);
	o->state = STATE_QUEUED;
	o->unmet = count_unmet(u, o);
	o->revision = 1;
	o->created_ms = o->changed_ms = u->now_ms;
	body = objective_to_json(o);
	text = json_text(body);
	ready = o->unmet == 0 && o->not_before_ms <= u->now_ms;
	if (sql_run(s, SQL_ADD,
		ARGS(TEXT(o->id), TEXT(tail), INT(u->batch_id), INT(u->lane_id), TEXT(o->name),
		    TEXT(o->key), TEXT(o->capability), TEXT(group), TEXT(x->digest),
		    TEXT(state_name(o->state)), INT(o->priority), INT(o->not_before_ms),
		    INT(o->deadline_ms), INT(o->unmet), INT(ready), INT(u->now_ms), TEXT(text)),
		e) < 0)
		return -1;
	x->seq = o->seq = sqlite3_last_insert_rowid(s->db);
	u->counts[o->state]++;
	if (add_labels(s, x, e) < 0)
		return -1;
	return record_one(s, u, x, e);
}

static int
add_dependencies(struct store *s, const struct submission *u, const struct entry *x, bool *blocked,
    struct err *e)
{
	*blocked = false;
	for (size_t i = 0; i < x->o->depends_on.len; i++) {
		const struct entry *needed = submission_entry(u, x->o->depends_on.v[i]);

		if (needed == NULL)
			return err_set(e, ERR_INPUT,
			    "%s: depends on \"%s\", which is not in the batch", x->o->name,
			    x->o->depends_on.v[i]);
		if (needed->known && needed->o->destroying)
			return err_set(e, ERR_INPUT,
			    "%s: depends on \"%s\" (%s), which is being destroyed: submit it again once that is done",
			    x->o->name, needed->o->name, id_short(needed->o->id));
		if (sql_run(s, SQL_NEED,
			ARGS(INT(x->seq), INT(needed->seq),
			    INT(needed->o->state == STATE_SUCCEEDED)),
			e) < 0)
			return -1;
		*blocked = *blocked || needed->blocks;
	}
	return 0;
}

/* Holds X, and what needs it, for the known objective that blocks it. */
static int
hold_blocked(struct store *s, const struct submission *u, const struct entry *x, struct err *e)
{
	CLEANUP(row_clear) struct row needed = { .seq = 0 };

	for (size_t i = 0; i < x->o->depends_on.len; i++) {
		const struct entry *n = submission_entry(u, x->o->depends_on.v[i]);

		if (!n->blocks)
			continue;
		if (row_at(s, n->seq, &needed, e) < 0)
			return -1;
		return dependency_failed(s, &needed, u->now_ms, e);
	}
	return 0;
}

static int
add_sums(struct store *s, const struct submission *u, struct err *e)
{
	if (sql_run(s, SQL_LANE_SUMS, ARGS(INT(u->batch_id)), e) < 0 ||
	    sql_run(s, SQL_BATCH_SUMS, ARGS(INT(u->batch_id)), e) < 0)
		return -1;
	for (enum state state = 0; state < STATES; state++) {
		if (sql_run(s, SQL_TALLY_ADD,
			ARGS(INT(u->batch_id), TEXT(state_name(state)), INT(u->counts[state])),
			e) < 0)
			return -1;
		if (u->counts[state] != 0 &&
		    sql_run(s, SQL_TALLY, ARGS(TEXT(state_name(state)), INT(u->counts[state])), e) <
			0)
			return -1;
	}
	return 0;
}

static int
add_batch(struct store *s, struct submission *u, const char *user, struct err *e)
{
	AUTO_JSON cJSON *details = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	size_t added = u->batch->len - u->known;

	json_add_str(details, "user", user);
	json_add_int(details, "objectives", (int64_t)added);
	json_add_int(details, "known", (int64_t)u->known);
	text = json_text(details);
	if (sql_run(s, SQL_BATCH_ADD,
		ARGS(TEXT(u->batch->name), INT((int64_t)added), INT(u->now_ms)), e) < 0)
		return -1;
	u->batch_id = sqlite3_last_insert_rowid(s->db);
	return audit_write(s, u->now_ms, "batch.submitted", NULL, u->batch->name, NULL, text, e);
}

/* The states that the holds have changed, into the caller's batch. */
static int
read_states(struct store *s, const struct submission *u, struct err *e)
{
	for (size_t i = 0; i < u->batch->len; i++) {
		CLEANUP(row_clear) struct row r = { .seq = 0 };

		if (row_at(s, u->entries[i].seq, &r, e) < 0)
			return -1;
		u->entries[i].o->state = r.state;
		u->entries[i].o->revision = r.revision;
	}
	return 0;
}

static int
add_all(struct store *s, struct submission *u, const char *user, struct err *e)
{
	AUTO_FREE bool *blocked = xcalloc(u->batch->len, sizeof(bool));
	bool any = false;

	if (add_batch(s, u, user, e) < 0)
		return -1;
	for (size_t i = 0; i < u->batch->len; i++) {
		if (!u->entries[i].known && add_one(s, u, &u->entries[i], e) < 0)
			return -1;
	}
	for (size_t i = 0; i < u->batch->len; i++) {
		if (!u->entries[i].known &&
		    add_dependencies(s, u, &u->entries[i], &blocked[i], e) < 0)
			return -1;
	}
	if (add_sums(s, u, e) < 0)
		return -1;
	for (size_t i = 0; i < u->batch->len; i++) {
		any = any || blocked[i];
		if (blocked[i] && hold_blocked(s, u, &u->entries[i], e) < 0)
			return -1;
	}
	return any ? read_states(s, u, e) : 0;
}

int
store_submit(struct store *s, struct batch *b, const char *user, int64_t now_ms,
    struct submitted *out, struct err *e)
{
	CLEANUP(submission_clear) struct submission u = { .batch = b, .now_ms = now_ms };
	bool many = b->len > MANY;
	int rc;

	*out = (struct submitted){ .added = 0 };
	if (writing(s, e) < 0)
		return -1;
	assert(b->name != NULL);
	u.entries = xcalloc(b->len + 1, sizeof(*u.entries));
	for (size_t i = 0; i < b->len; i++)
		u.entries[i].o = &b->v[i];
	if (submission_check(s, &u, e) < 0)
		return -1;
	out->known = u.known;
	out->added = b->len - u.known;
	if (out->added == 0)
		return 0;
	if (many)
		sql_run(s, CACHE_MANY, ARGS(NO_ARG), NULL);
	rc = add_all(s, &u, user, e);
	if (many)
		sql_run(s, CACHE_NORMAL, ARGS(NO_ARG), NULL);
	return rc;
}
