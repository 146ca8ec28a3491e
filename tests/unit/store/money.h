/* On top of fixture.h: a budget in a few words, objectives that cost something, and how scopes stand. */
#ifndef UNIT_STORE_MONEY_H
#define UNIT_STORE_MONEY_H

#include "fixture.h"

#define USD(amount) ((money_t)(amount)*MONEY_ONE)

static struct budget budget;
static struct admission asks;
static int runs; /* objectives that were submitted, for their names */

/* Limits in force: "global 100 group:a 50 label:team=ml 30". */
static inline void
set_limits(const char *text)
{
	char words[200], *save = NULL;

	budget_clear(&budget);
	budget_init(&budget);
	budget.stated = true;
	snprintf(words, sizeof(words), "%s", text);
	for (char *scope = strtok_r(words, " ", &save); scope != NULL;
	     scope = strtok_r(NULL, " ", &save)) {
		budget.limits =
		    xrealloc(budget.limits, budget.n_limits + 1, sizeof(*budget.limits));
		budget.limits[budget.n_limits++] = (struct budget_limit){
			.scope = xstrdup(scope),
			.period = BUDGET_MONTHLY,
			.amount = USD(atoi(strtok_r(NULL, " ", &save))),
			.key = xstrdup("budget.monthly_limit"),
			.where = xstrdup("config.toml:3:1"),
		};
	}
	asks = (struct admission){ .budget = &budget, .digest = "plan", .estimate = "{}" };
	claim_admission = &asks;
	WRITE(store_budget_set(s, &budget, "prices", NOW, &err));
}

static inline void
money_teardown(void)
{
	struct ledger_report report;

	if (s != NULL)
		OK(store_ledger_verify(s, &report, &err));
	ruling_clear(&claim_ruling);
	budget_clear(&budget);
	fixture_teardown();
}

static inline Suite *
money_suite(const char *name, TCase **cases)
{
	Suite *suite = suite_create(name);

	*cases = tcase_create(name);
	tcase_add_checked_fixture(*cases, fixture_setup, money_teardown);
	suite_add_tcase(suite, *cases);
	return suite;
}

static inline void
submit_in(const char *group, const char *team, char id[static ID_SIZE])
{
	struct batch b;
	struct objective *o;
	char name[32];

	snprintf(name, sizeof(name), "b%d", runs++);
	batch_start(&b, name);
	o = batch_add(&b, "a");
	if (group != NULL)
		o->resource_group = xstrdup(group);
	if (team != NULL)
		cJSON_AddStringToObject(o->labels, "team", team);
	submit(&b);
	memcpy(id, b.v[0].id, ID_SIZE);
	batch_end(&b);
}

/* A claim that asks for so many dollars a month; whether it was admitted. */
static inline bool
claim_for(const char *id, int attempt, int usd, struct claim *c)
{
	asks.monthly = (struct amounts){ USD(usd), USD(usd), USD(usd) };
	*c = claim(id, attempt);
	return claim_ruling.verdict == VERDICT_ADMIT;
}

static inline struct outlook
outlook_of(const char *scope)
{
	struct standing st;
	struct outlook out;

	OK(store_standing(s, scope, test_now, &st, &err));
	OK(standing_outlook(&st, test_now, &out, &err));
	standing_clear(&st);
	return out;
}

#define STANDS(scope, held, stood)                                         \
	do {                                                               \
		ck_assert_int_eq(outlook_of(scope).reserved, USD(held));   \
		ck_assert_int_eq(outlook_of(scope).committed, USD(stood)); \
	} while (0)

static inline enum reservation_state
reservation_of(const char *id)
{
	struct reservation_filter f = { .objective = id, .limit = 10 };
	enum reservation_state state = RESERVATION_STATES;
	struct reservation *v;
	size_t len;

	OK(store_reservations(s, &f, &v, &len, &err));
	if (len > 0)
		state = v[len - 1].state;
	store_reservations_free(v, len);
	return state;
}

#endif
