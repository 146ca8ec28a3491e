/* What people decide about one objective: approvals, and that it is not to be. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "store/account.h"

static const char SQL_ASKED[] =
    "SELECT reason, amount, asks FROM holds WHERE objective = ?1 AND reason IN ('approval', 'unpriced')";
static const char SQL_ADD[] =
    "INSERT INTO approvals (objective, digest, rule, amount, names_amount, until_ms, given_by, note, given_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
static const char SQL_LIST[] =
    "SELECT a.digest, a.rule, a.amount, a.names_amount, a.until_ms, a.given_by, a.note, a.given_ms"
    " FROM approvals a JOIN objectives o ON o.seq = a.objective WHERE o.id = ?1 ORDER BY a.seq DESC";
static const char SQL_WAITS[] =
    "SELECT count(*) FROM holds WHERE objective = ?1 AND reason IN ('approval', 'budget', 'unpriced')";

int
store_approvals(struct store *s, const char *id, struct approval **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LIST, ARGS(TEXT(id)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		struct approval *a;

		*v = xgrow(*v, *len, &cap, sizeof(**v));
		a = &(*v)[(*len)++];
		*a = (struct approval){
			.rule = column_dup(stmt, 1),
			.amount = sqlite3_column_int64(stmt, 2),
			.names_amount = column_int(stmt, 3) != 0,
			.until_ms = sqlite3_column_int64(stmt, 4),
			.by = column_dup(stmt, 5),
			.note = column_dup(stmt, 6),
			.given_ms = sqlite3_column_int64(stmt, 7),
		};
		column_digest(stmt, 0, a->digest);
	}
	return LIST_END(rc, v, len, store_approvals_free);
}

void
store_approvals_free(struct approval *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		approval_clear(&v[i]);
	free(v);
}

/* ---- approve ---- */

/* What an objective waits for a person's word on. */
struct asked {
	bool approval, unpriced;
	money_t amount; /* the larger of the two */
	cJSON *asks[2]; /* of each; NULL if it does not wait for that */
};

static void
asked_clear(struct asked *a)
{
	cJSON_Delete(a->asks[0]);
	cJSON_Delete(a->asks[1]);
}

static int
read_asked(struct store *s, int64_t objective, struct asked *a, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_ASKED, ARGS(INT(objective)), e);
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		bool unpriced = strcmp(column_text(stmt, 0), "unpriced") == 0;
		money_t amount = sqlite3_column_int64(stmt, 1);

		*(unpriced ? &a->unpriced : &a->approval) = true;
		if (amount > a->amount)
			a->amount = amount;
		if (column_json(stmt, 2, &a->asks[unpriced], e) < 0)
			return -1;
	}
	return rc;
}

static int
check(const struct row *r, const struct asked *asked, money_t amount, int64_t until_ms,
    int64_t now_ms, struct err *e)
{
	const char *id = id_short(r->id);
	char text[MONEY_TEXT_SIZE], needed[MONEY_TEXT_SIZE];

	if (!asked->approval && !asked->unpriced)
		return err_set(e, ERR_INPUT,
		    NAMED
		    " is not held for approval or for a price: \"purser why %s\" tells what it waits for",
		    NAMES(r), id);
	if (until_ms != 0 && until_ms <= now_ms)
		return err_set(e, ERR_INPUT, "an approval cannot end in the past");
	if (!asked->approval && amount == 0)
		return err_set(e, ERR_INPUT,
		    NAMED
		    " has no known price: say what it may cost a month, \"purser approve %s --by NAME --amount AMOUNT\"",
		    NAMES(r), id);
	if (amount > BUDGET_AMOUNT_MAX)
		return err_set(e, ERR_INPUT, "an approval is of at most 1,000,000,000 a month");
	if (amount != 0 && amount < asked->amount)
		return err_set(e, ERR_INPUT,
		    NAMED
		    " asks for %s a month, which is more than %s: an approval of less would change nothing",
		    NAMES(r), money_format_people(asked->amount, needed),
		    money_format_people(amount, text));
	return 0;
}

struct word {
	money_t amount; /* 0: none was named */
	int64_t until_ms;
	const char *by, *note;
};

/* What is bound together: the plan, the rule that asked, and the amount. */
struct bond {
	const char *digest, *rule;
	money_t amount;
};

static int
record_approval(struct store *s, const struct row *r, const struct word *w, const struct bond *b,
    int64_t now_ms, struct err *e)
{
	cJSON *details = cJSON_CreateObject();
	char until[CLOCK_TEXT_SIZE];

	json_add_str(details, "by", w->by);
	json_add_str(details, "note", w->note);
	json_add_str(details, "rule", b->rule);
	json_add_money(details, "amount", b->amount);
	json_add_bool(details, "named", w->amount != 0);
	if (w->until_ms != 0)
		json_add_str(details, "until", clock_format(w->until_ms, until));
	json_add_str(details, "plan", b->digest);
	return row_record(s, r, "objective.approved", details, now_ms, e);
}

static int
approve_one(struct store *s, struct row *r, const char *reason, const struct asked *asked,
    const struct word *w, int64_t now_ms, struct err *e)
{
	const cJSON *asks = asked->asks[strcmp(reason, "unpriced") == 0];
	const struct bond b = {
		.digest = json_str(asks, "digest"),
		.rule = json_str(asks, "objections[0].rule"),
		.amount = w->amount != 0 ? w->amount : asked->amount,
	};

	if (b.digest == NULL || b.rule == NULL)
		return err_set(e, ERR_CORRUPT, "%s: a hold for %s does not tell what it asks for",
		    s->path, reason);
	if (sql_run(s, SQL_ADD,
		ARGS(INT(r->seq), TEXT(b.digest), TEXT(b.rule), INT(b.amount), INT(w->amount != 0),
		    INT(w->until_ms), TEXT(w->by), TEXT(w->note), INT(now_ms)),
		e) < 0 ||
	    record_approval(s, r, w, &b, now_ms, e) < 0)
		return -1;
	return hold_remove(s, r, reason, w->by, now_ms, e);
}

int
store_approve(struct store *s, const char *id, money_t amount, int64_t until_ms, const char *by,
    const char *note, int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	CLEANUP(asked_clear) struct asked asked = { .amount = 0 };
	const struct word w = { amount, until_ms, by, note };

	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0 || read_asked(s, r.seq, &asked, e) < 0 ||
	    check(&r, &asked, amount, until_ms, now_ms, e) < 0)
		return -1;
	if (asked.approval && approve_one(s, &r, "approval", &asked, &w, now_ms, e) < 0)
		return -1;
	/* An unknown price stays unknown until somebody names one. */
	if (!asked.unpriced || amount == 0)
		return 0;
	return approve_one(s, &r, "unpriced", &asked, &w, now_ms, e);
}

/* ---- reject ---- */

static int
fail_rejected(
    struct store *s, struct row *r, const char *by, const char *note, int64_t now_ms, struct err *e)
{
	CLEANUP(failure_clear) struct failure why = { 0 };

	failure_set(&why, FAILURE_POLICY, CODE_REJECTED, NULL, "rejected by %s%s%s", by,
	    note == NULL ? "" : ": ", note == NULL ? "" : note);
	return row_fail(s, r, &why, now_ms, e);
}

int
store_reject(struct store *s, const char *id, const char *by, const char *note, int64_t now_ms,
    struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	cJSON *details;
	int64_t waits;
	bool acted;

	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0 ||
	    sql_number(s, SQL_WAITS, ARGS(INT(r.seq)), 0, &waits, e) < 0 ||
	    row_has_acted(s, &r, &acted, e) < 0)
		return -1;
	if (waits == 0)
		return err_set(e, ERR_INPUT,
		    NAMED
		    " is not held for approval, budget or a price: there is nothing to reject",
		    NAMES(&r));
	details = user_details(by);
	json_add_str(details, "note", note);
	if (row_record(s, &r, "objective.rejected", details, now_ms, e) < 0)
		return -1;
	if (acted)
		return row_want_cancel(s, &r, by, now_ms, e);
	return fail_rejected(s, &r, by, note, now_ms, e);
}
