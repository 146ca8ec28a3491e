/*
 * The rules in force, and the state of the money that all runners share: its
 * epoch grows with each change that may help somebody who waits for some.
 */
#include "config.h"

#include <string.h>

#include "store/account.h"

#define DAY_MS (24 * 60 * 60 * 1000)

static const char SQL_MONEY[] = "SELECT epoch, day, rules, binds, prices FROM money WHERE one = 1";
static const char SQL_SET[] =
    "UPDATE money SET rules = ?1, binds = ?2, prices = ?3, epoch = epoch + 1 WHERE one = 1";
static const char SQL_FREED[] = "UPDATE money SET epoch = epoch + 1 WHERE one = 1";
static const char SQL_DAY[] = "UPDATE money SET epoch = epoch + 1, day = ?1 WHERE one = 1";
static const char SQL_ANEW[] = "UPDATE holds SET epoch = ?2 WHERE reason = ?1";

void
money_clear(struct money *m)
{
	free(m->prices);
}

int
money_read(struct store *s, struct money *m, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_MONEY, ARGS(NO_ARG), e);
	int rc;

	memset(m, 0, sizeof(*m));
	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_CORRUPT, "%s has lost the state of its money", s->path);
	m->epoch = sqlite3_column_int64(stmt, 0);
	m->day = sqlite3_column_int64(stmt, 1);
	column_digest(stmt, 2, m->rules);
	m->binds = column_int(stmt, 3) != 0;
	m->prices = column_dup(stmt, 4);
	return 0;
}

int
money_freed(struct store *s, struct err *e)
{
	return sql_run(s, SQL_FREED, ARGS(NO_ARG), e);
}

int64_t
money_day_end_ms(const struct money *m)
{
	return (m->day + 1) * DAY_MS;
}

/* A forecast falls from day to day, and with a new month it is another one. */
int
money_see_day(
    struct store *s, const struct budget *b, struct money *m, int64_t now_ms, struct err *e)
{
	if (m->day == now_ms / DAY_MS)
		return 0;
	m->day = now_ms / DAY_MS;
	m->epoch++;
	if (sql_run(s, SQL_DAY, ARGS(INT(m->day)), e) < 0)
		return -1;
	return threshold_look_all(s, b, now_ms, e);
}

int
store_budget_in_force(
    struct store *s, const char *rules, const char *prices, bool *in_force, struct err *e)
{
	CLEANUP(money_clear) struct money m = { .prices = NULL };

	if (money_read(s, &m, e) < 0)
		return -1;
	*in_force = strcmp(m.rules, rules) == 0 && strcmp(m.prices, prices) == 0;
	return 0;
}

static int
record_rules(
    struct store *s, const struct budget *b, const char *digest, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *details = budget_to_json(b);

	json_add_str(details, "digest", digest);
	return store_audit_add(s, "budget.rules", NULL, details, now_ms, e);
}

/*
 * Who waits is looked at again because of the new epoch. What a person is asked
 * about is decided anew where another rule may ask; and with other prices all are,
 * because what each asks for has another price.
 */
static int
decide_anew(struct store *s, const struct budget *b, bool same_prices, struct err *e)
{
	const bool anew[OBJECTION_REASONS] = {
		[OBJECTION_APPROVAL] = true,
		[OBJECTION_BUDGET] = !same_prices,
		[OBJECTION_UNPRICED] = !same_prices || b->unpriced != REACTION_HOLD,
	};

	for (enum objection_reason reason = 0; reason < OBJECTION_REASONS; reason++)
		if (anew[reason] &&
		    sql_run(s, SQL_ANEW,
			ARGS(TEXT(objection_reason_name(reason)),
			    INT(same_prices ? HOLD_OTHER_RULES : HOLD_OTHER_PRICES)),
			e) < 0)
			return -1;
	return 0;
}

int
store_budget_set(
    struct store *s, const struct budget *b, const char *prices, int64_t now_ms, struct err *e)
{
	CLEANUP(money_clear) struct money m = { .prices = NULL };
	char digest[DIGEST_SIZE];
	bool same_rules, same_prices;

	if (writing(s, e) < 0 || money_read(s, &m, e) < 0)
		return -1;
	if (m.binds && !b->stated)
		return err_set(e, ERR_INPUT,
		    "limits are in force, and the configuration has no [budget] any more: bring it back, "
		    "or write an empty [budget] to go on without limits");
	if (money_see_day(s, b, &m, now_ms, e) < 0)
		return -1;
	budget_digest(b, digest);
	same_rules = strcmp(m.rules, digest) == 0;
	same_prices = strcmp(m.prices, prices) == 0;
	if (same_rules && same_prices)
		return 0;
	if (sql_run(s, SQL_SET, ARGS(TEXT(digest), INT(budget_binds(b)), TEXT(prices)), e) < 0 ||
	    decide_anew(s, b, same_prices, e) < 0)
		return -1;
	if (same_rules)
		return 0;
	if (record_rules(s, b, digest, now_ms, e) < 0)
		return -1;
	return threshold_look_all(s, b, now_ms, e);
}
