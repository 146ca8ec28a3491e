#include <config.h>

#include "core/event.h"
#include "core/failure.h"

#include "tests/unit/unit.h"

static const struct {
	enum state from;
	enum event event;
	enum state to;
} moves[] = {
	{ STATE_QUEUED, EVENT_CLAIM, STATE_RUNNING },
	{ STATE_QUEUED, EVENT_HOLD, STATE_HELD },
	{ STATE_QUEUED, EVENT_CANCEL, STATE_CANCELLED },
	{ STATE_QUEUED, EVENT_FAIL, STATE_FAILED },
	{ STATE_QUEUED, EVENT_DESTROY, STATE_QUEUED },
	{ STATE_QUEUED, EVENT_DESTROYED, STATE_DESTROYED },
	{ STATE_RUNNING, EVENT_POSTPONE, STATE_QUEUED },
	{ STATE_RUNNING, EVENT_HOLD, STATE_HELD },
	{ STATE_RUNNING, EVENT_SUCCEED, STATE_SUCCEEDED },
	{ STATE_RUNNING, EVENT_FAIL, STATE_FAILED },
	{ STATE_RUNNING, EVENT_CANCEL, STATE_CANCELLED },
	{ STATE_RUNNING, EVENT_DESTROYED, STATE_DESTROYED },
	{ STATE_HELD, EVENT_HOLD, STATE_HELD },
	{ STATE_HELD, EVENT_LIFT, STATE_QUEUED },
	{ STATE_HELD, EVENT_FAIL, STATE_FAILED },
	{ STATE_HELD, EVENT_CANCEL, STATE_CANCELLED },
	{ STATE_HELD, EVENT_DESTROY, STATE_QUEUED },
	{ STATE_SUCCEEDED, EVENT_DESTROY, STATE_QUEUED },
	{ STATE_FAILED, EVENT_RETRY, STATE_QUEUED },
	{ STATE_FAILED, EVENT_DESTROY, STATE_QUEUED },
};

/* The list above is the whole of it: every other cell says never, and none is empty (an assertion). */
START_TEST(every_cell)
{
	for (enum state from = 0; from < STATES; from++) {
		for (enum event event = 0; event < EVENTS; event++) {
			enum state expected = STATES;
			for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
				if (moves[i].from == from && moves[i].event == event)
					expected = moves[i].to;
			ck_assert_msg(state_after(from, event) == expected, "%s on %s",
			    event_name(event), state_name(from));
		}
	}
}
END_TEST

START_TEST(final_states)
{
	ck_assert(!state_is_final(STATE_QUEUED));
	ck_assert(!state_is_final(STATE_RUNNING));
	ck_assert(!state_is_final(STATE_HELD));
	ck_assert(state_is_final(STATE_SUCCEEDED));
	ck_assert(state_is_final(STATE_FAILED));
	ck_assert(state_is_final(STATE_CANCELLED));
	ck_assert(state_is_final(STATE_DESTROYED));
}
END_TEST

START_TEST(names)
{
	for (enum state state = 0; state < STATES; state++)
		ck_assert_int_eq(state_from_name(state_name(state)), state);
	ck_assert_int_eq(state_from_name("nothing"), STATES);
	ck_assert_int_eq(state_from_name(NULL), STATES);
	for (enum failure_class class = 0; class < FAILURE_CLASSES; class ++)
		ck_assert_int_eq(failure_class_from_name(failure_class_name(class)), class);
	ck_assert_int_eq(failure_class_from_name("nothing"), FAILURE_UNKNOWN);
}
END_TEST

START_TEST(failures_travel_as_json)
{
	struct failure f = { 0 }, back = { 0 };

	ck_assert(!failure_is_set(&f));
	ck_assert_ptr_null(failure_to_json(&f));
	failure_set(&f, FAILURE_QUOTA, "QuotaExceeded", "machines", "%d cores too many", 3);
	/* Its own parts may be its new parts. */
	failure_set(&f, FAILURE_QUOTA, f.code, f.step, "again: %s", f.message);
	ck_assert_str_eq(f.message, "again: 3 cores too many");
	cJSON *json = failure_to_json(&f);
	failure_from_json(&back, json);
	cJSON_Delete(json);
	ck_assert_int_eq(back.class, FAILURE_QUOTA);
	ck_assert_str_eq(back.code, "QuotaExceeded");
	ck_assert_str_eq(back.step, "machines");
	ck_assert_str_eq(back.message, f.message);
	failure_from_json(&back, NULL);
	ck_assert(!failure_is_set(&back));
	failure_copy(&back, &f);
	ck_assert_str_eq(back.code, "QuotaExceeded");
	failure_clear(&f);
	failure_clear(&back);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("event");
	TCase *tcase = tcase_create("event");

	tcase_add_test(tcase, every_cell);
	tcase_add_test(tcase, final_states);
	tcase_add_test(tcase, names);
	tcase_add_test(tcase, failures_travel_as_json);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
