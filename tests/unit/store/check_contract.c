#include <config.h>

#include "fixture.h"

static struct contract
contract_of(const char *tool, const char *schema)
{
	AUTO_FREE char *text = xasprintf(
	    "{\"name\": \"%s\", \"description\": \"d\", \"inputSchema\": %s}", tool, schema);
	AUTO_JSON cJSON *json = json_parse(text, strlen(text), 1, NULL);
	struct contract c;

	OK(contract_of_tool(&c, "cloud", json, &err));
	return c;
}

static void
pinned_is(const char *tool, const struct contract *wanted)
{
	struct contract c;

	OK(store_contract(s, "cloud", tool, &c, &err));
	ck_assert_str_eq(c.digest, wanted->digest);
	contract_clear(&c);
}

/* A running objective becomes one that is held because of the tool. */
static void
hold_for(const char *id, const struct contract *c)
{
	struct claim claimed = claim(id, 1);
	struct move m = {
		.event = EVENT_HOLD,
		.reason = HOLD_CONTRACT,
		.detail = "it has changed",
		.contract = c,
	};

	WRITE(store_move(s, &claimed, &m, NOW, &err));
	ck_assert_int_eq(state_of(id), STATE_HELD);
}

START_TEST(the_first_use_pins)
{
	struct contract first = contract_of("create", "{\"type\": \"object\"}"),
			second = contract_of("create", "{}"), none;
	struct contracts all;

	FAILS(ERR_NOT_FOUND, store_contract(s, "cloud", "create", &none, &err));
	WRITE(store_contract_pin(s, &first, NOW, &err));
	pinned_is("create", &first);
	/* Whoever comes later changes nothing. */
	WRITE(store_contract_pin(s, &second, NOW, &err));
	pinned_is("create", &first);
	OK(store_contracts(s, &all, &err));
	ck_assert_uint_eq(all.len, 1);
	ck_assert_str_eq(all.v[0].server, "cloud");
	ck_assert_ptr_nonnull(contracts_find(&all, "cloud", "create"));
	ck_assert_ptr_null(contracts_find(&all, "cloud", "delete"));
	contracts_clear(&all);
	contract_clear(&first);
	contract_clear(&second);
}
END_TEST

START_TEST(trust_lifts_what_waits_for_it)
{
	struct contract create = contract_of("create", "{}"), other_tool = contract_of("get", "{}"),
			changed = contract_of("create", "{\"type\": \"object\"}");
	char a[ID_SIZE], b[ID_SIZE], c[ID_SIZE];
	size_t lifted;

	WRITE(store_contract_pin(s, &create, NOW, &err));
	submit_one("one", "a", a);
	submit_one("two", "b", b);
	submit_one("three", "c", c);
	hold_for(a, &changed);
	hold_for(b, &changed);
	hold_for(c, &other_tool);
	WRITE(store_contract_trust(s, &changed, "ada", NOW, &lifted, &err));
	ck_assert_uint_eq(lifted, 2);
	ck_assert_int_eq(state_of(a), STATE_QUEUED);
	ck_assert_int_eq(state_of(b), STATE_QUEUED);
	ck_assert_int_eq(state_of(c), STATE_HELD);
	pinned_is("create", &changed);
	contract_clear(&create);
	contract_clear(&changed);
	contract_clear(&other_tool);
}
END_TEST

START_TEST(who_trusted_is_in_the_audit)
{
	struct contract create = contract_of("create", "{}");
	struct audit_line *lines;
	size_t lifted, len;
	bool told = false;

	WRITE(store_contract_trust(s, &create, "ada", NOW, &lifted, &err));
	ck_assert_uint_eq(lifted, 0);
	OK(store_audit_pending(s, 0, 100, &lines, &len, &err));
	for (size_t i = 0; i < len; i++)
		told = told ||
		    (strstr(lines[i].line, "contract.trusted") != NULL &&
			strstr(lines[i].line, "ada") != NULL &&
			strstr(lines[i].line, create.digest) != NULL);
	ck_assert(told);
	store_audit_free(lines, len);
	contract_clear(&create);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("contract", &t);

	tcase_add_test(t, the_first_use_pins);
	tcase_add_test(t, trust_lifts_what_waits_for_it);
	tcase_add_test(t, who_trusted_is_in_the_audit);
	return unit_run(suite);
}
