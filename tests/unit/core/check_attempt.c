/* The machine of an attempt, walked through by rows: what each call shows, and what must come next. */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../unit.h"
#include "base/mem.h"
#include "core/attempt.h"

#define STEPS_MAX 24
#define SETTLE_MS 300000

/* What a call shows, in one word. */
enum sight {
	END,
	ABSENT,   /* conclusive */
	NOT_HERE, /* absent as far as this check can tell: ask the next one */
	OURS,
	BUILDING,
	OURS_FAILED,
	FOREIGN,
	UNCLEAR,
	LOST, /* as unclear, but it may pass */
	HAPPENED,
	REFUSED,     /* did not happen */
	BUSY,        /* did not happen, and may pass */
	QUOTA,       /* did not happen, and no strategy could do better */
	SCARCE,      /* the same, and the size of its machine is why */
	OURS_BROKEN, /* ended badly, for a reason that may pass */
	DOUBT,
	SETTLE, /* not a call: time passes until the settle time is over */
	CANCEL, /* not a call: somebody wants it cancelled */
	EXPIRE, /* not a call: its time is over */
};

struct row {
	const char *title;
	bool template_step, keep;
	enum existing existing;
	bool another, size, guard; /* a strategy, another size is left; steps have a guard */
	bool blind, once;    /* steps have no check; they may not be repeated */
	struct {
		enum sight sight;
		const char *next; /* what is decided after it; "wait" is slept through */
	} v[STEPS_MAX];
};

static const struct retry_policy policy = {
	.max_retries = 2,
	.delay_ms = 2000,
	.max_delay_ms = 60000,
	.jitter_percent = 20,
};

/* Two steps; the first decision of all is always "check". */
static const struct row rows[] = {
	{ "all goes well",
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" },
		{ HAPPENED, "succeed" } } },
	{ "a template is collected", true,
	    .v = { { NOT_HERE, "check" }, { ABSENT, "run" }, { HAPPENED, "collect" },
		{ HAPPENED, "check" }, { NOT_HERE, "check" }, { ABSENT, "run" },
		{ HAPPENED, "collect" }, { HAPPENED, "succeed" } } },
	{ "done already by an earlier run of ours",
	    .v = { { OURS, "check" }, { OURS, "succeed" } } },
	{ "a foreign one is refused, nothing was made", .v = { { FOREIGN, "fail" } } },
	{ "a foreign one is used", false, false, EXISTING_USE,
	    .v = { { FOREIGN, "check" }, { ABSENT, "run" }, { HAPPENED, "succeed" } } },
	{ "a foreign one is updated, never undone", false, false, EXISTING_UPDATE,
	    .v = { { FOREIGN, "run" }, { HAPPENED, "check" }, { ABSENT, "run" },
		{ REFUSED, "fail" } } },
	{ "refused: the first step is undone and proven gone",
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" }, { REFUSED, "undo" },
		{ HAPPENED, "prove" }, { ABSENT, "fail" } } },
	{ "refused, but what was made is kept", false, true,
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" },
		{ REFUSED, "fail" } } },
	{ "in doubt, and it did happen",
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { OURS, "check" },
		{ ABSENT, "run" }, { HAPPENED, "succeed" } } },
	{ "in doubt, absent: run again under the same name",
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { ABSENT, "run" },
		{ HAPPENED, "check" }, { ABSENT, "run" }, { HAPPENED, "succeed" } } },
	{ "in doubt again and again: only after the settle time it counts as failed",
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { ABSENT, "run" },
		{ DOUBT, "wait" }, { END, "check" }, { ABSENT, "run" }, { DOUBT, "wait" },
		{ END, "check" }, { ABSENT, "wait" }, { SETTLE, "check" }, { ABSENT, "fail" } } },
	{ "in doubt, then refused: the first run has its settle time all the same",
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { ABSENT, "run" },
		{ REFUSED, "check" }, { ABSENT, "wait" }, { SETTLE, "check" },
		{ ABSENT, "fail" } } },
	{ "in doubt, and looking tells nothing: a person is asked",
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { UNCLEAR, "wait" },
		{ END, "check" }, { UNCLEAR, "wait" }, { END, "check" }, { UNCLEAR, "wait" },
		{ END, "check" }, { UNCLEAR, "wait" }, { END, "check" }, { UNCLEAR, "wait" },
		{ END, "hold" } } },
	{ "in progress is polled",
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { BUILDING, "wait" },
		{ END, "check" }, { BUILDING, "wait" }, { END, "check" }, { OURS, "check" },
		{ ABSENT, "run" }, { HAPPENED, "succeed" } } },
	{ "a template that failed halfway: collected, then undone", true,
	    .v = { { NOT_HERE, "check" }, { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" },
		{ OURS_FAILED, "collect" }, { HAPPENED, "undo" }, { HAPPENED, "prove" },
		{ ABSENT, "fail" } } },
	{ "an undo that never works is given up",
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" }, { REFUSED, "undo" },
		{ REFUSED, "prove" }, { OURS, "wait" }, { END, "undo" }, { REFUSED, "prove" },
		{ OURS, "wait" }, { END, "undo" }, { DOUBT, "prove" }, { OURS, "fail" } } },
	{ "cancelled between two steps",
	    .v = { { ABSENT, "run" }, { CANCEL, "run" }, { HAPPENED, "undo" },
		{ HAPPENED, "prove" }, { ABSENT, "cancelled" } } },
	{ "cancelled before anything happened", .v = { { CANCEL, "cancelled" } } },
	{ "cancelled while in doubt: first it is asked",
	    .v = { { ABSENT, "run" }, { CANCEL, "run" }, { DOUBT, "wait" }, { END, "check" },
		{ OURS, "undo" }, { HAPPENED, "prove" }, { ABSENT, "cancelled" } } },
	{ "the first look tells nothing: nothing happened", .v = { { UNCLEAR, "fail" } } },
	{ "a first look that was lost is repeated",
	    .v = { { LOST, "wait" }, { END, "check" }, { ABSENT, "run" }, { HAPPENED, "check" },
		{ LOST, "wait" }, { END, "check" }, { OURS, "succeed" } } },
	{ "but not for ever",
	    .v = { { LOST, "wait" }, { END, "check" }, { LOST, "wait" }, { END, "check" },
		{ LOST, "wait" }, { END, "check" }, { LOST, "wait" }, { END, "check" },
		{ LOST, "fail" } } },
	{ "refused, but it may pass: the same step later, and looked for first",
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" }, { BUSY, "wait" },
		{ END, "check" }, { ABSENT, "run" }, { HAPPENED, "succeed" } } },
	{ "it does not pass: after two retries it fails",
	    .v = { { ABSENT, "run" }, { BUSY, "wait" }, { END, "check" }, { ABSENT, "run" },
		{ BUSY, "wait" }, { END, "check" }, { ABSENT, "run" }, { BUSY, "fail" } } },
	{ "in doubt, then refused for a while: asked, not looked for",
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { ABSENT, "run" },
		{ BUSY, "wait" }, { END, "check" }, { ABSENT, "run" }, { HAPPENED, "check" },
		{ OURS, "succeed" } } },
	{ "nothing happened: another strategy", .another = true,
	    .v = { { ABSENT, "run" }, { REFUSED, "fallback" } } },
	{ "no other strategy could do better", .another = true,
	    .v = { { ABSENT, "run" }, { QUOTA, "fail" } } },
	{ "nor another size of what is no lack of machines", .size = true,
	    .v = { { ABSENT, "run" }, { QUOTA, "fail" } } },
	{ "no machine of this size: another", .size = true,
	    .v = { { ABSENT, "run" }, { SCARCE, "fallback" } } },
	{ "but no other strategy", .another = true,
	    .v = { { ABSENT, "run" }, { SCARCE, "fail" } } },
	{ "and not once it is cancelled", .size = true,
	    .v = { { ABSENT, "run" }, { CANCEL, "run" }, { SCARCE, "cancelled" } } },
	{ "fallback only after the undo is proven", .another = true,
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" }, { REFUSED, "undo" },
		{ HAPPENED, "prove" }, { ABSENT, "fallback" } } },
	{ "no fallback over what still stands", .another = true,
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" }, { REFUSED, "undo" },
		{ HAPPENED, "prove" }, { FOREIGN, "fail" } } },
	{ "no fallback over what is kept", .keep = true, .another = true,
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" },
		{ REFUSED, "fail" } } },
	{ "in doubt: no fallback before the settle time", .another = true,
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { ABSENT, "run" },
		{ DOUBT, "wait" }, { END, "check" }, { ABSENT, "run" }, { DOUBT, "wait" },
		{ END, "check" }, { ABSENT, "wait" }, { SETTLE, "check" },
		{ ABSENT, "fallback" } } },
	{ "a template that failed for a while is done again over what it made", true,
	    .v = { { NOT_HERE, "check" }, { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" },
		{ OURS_BROKEN, "collect" }, { HAPPENED, "wait" }, { END, "check" },
		{ OURS_BROKEN, "run" }, { HAPPENED, "collect" }, { HAPPENED, "check" },
		{ OURS, "collect" }, { HAPPENED, "succeed" } } },
	{ "found in the making by an earlier request: asked like a run in doubt",
	    .v = { { BUILDING, "wait" }, { END, "check" }, { ABSENT, "run" }, { HAPPENED, "check" },
		{ OURS, "succeed" } } },
	{ "cancelled while an earlier request is in the making: first it is asked",
	    .v = { { BUILDING, "wait" }, { CANCEL, "wait" }, { END, "check" }, { OURS, "undo" },
		{ HAPPENED, "prove" }, { ABSENT, "cancelled" } } },
	{ "foreign while in doubt: our request may still be under way",
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { FOREIGN, "wait" },
		{ SETTLE, "check" }, { FOREIGN, "fail" } } },
	{ "a guard comes before the undo", .guard = true,
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" },
		{ REFUSED, "guard" }, { OURS, "undo" }, { HAPPENED, "prove" },
		{ ABSENT, "fail" } } },
	{ "a guard that finds others' things stops the undo", .guard = true,
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" },
		{ REFUSED, "guard" }, { FOREIGN, "fail" } } },
	{ "a guard that tells nothing stops it too", .guard = true,
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" },
		{ REFUSED, "guard" }, { LOST, "wait" }, { END, "guard" }, { LOST, "wait" },
		{ END, "guard" }, { LOST, "wait" }, { END, "guard" }, { LOST, "wait" },
		{ END, "guard" }, { LOST, "fail" } } },
	{ "its time is over before it began", .another = true, .v = { { EXPIRE, "fail" } } },
	{ "its time is over while it waits for a retry",
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" }, { BUSY, "wait" },
		{ EXPIRE, "undo" }, { HAPPENED, "prove" }, { ABSENT, "fail" } } },
	{ "its time is over in the last step: what is done is done",
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" }, { EXPIRE, "run" },
		{ HAPPENED, "succeed" } } },
	{ "its time is over while in doubt: asked, not run again",
	    .v = { { ABSENT, "run" }, { EXPIRE, "run" }, { DOUBT, "wait" }, { END, "check" },
		{ ABSENT, "wait" }, { SETTLE, "check" }, { ABSENT, "fail" } } },
	{ "cancelled while it waits for a retry",
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" }, { BUSY, "wait" },
		{ CANCEL, "undo" }, { HAPPENED, "prove" }, { ABSENT, "cancelled" } } },
	{ "in doubt, and nobody can look: repeated if it may be", .blind = true,
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { ABSENT, "run" },
		{ HAPPENED, "check" }, { ABSENT, "run" }, { HAPPENED, "succeed" } } },
	{ "but not for ever: then a person is asked", .blind = true, .another = true,
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { ABSENT, "run" },
		{ DOUBT, "wait" }, { END, "check" }, { ABSENT, "run" }, { DOUBT, "wait" },
		{ END, "check" }, { ABSENT, "hold" } } },
	{ "nobody can look, and it may be done once only: a person is asked", .blind = true,
	    .once = true, .another = true,
	    .v = { { ABSENT, "run" }, { DOUBT, "wait" }, { END, "check" }, { ABSENT, "hold" } } },
	{ "what is undone but turns out to be another's is left alone",
	    .v = { { ABSENT, "run" }, { HAPPENED, "check" }, { ABSENT, "run" }, { REFUSED, "undo" },
		{ HAPPENED, "prove" }, { FOREIGN, "fail" } } },
};

static void
make_plan(struct plan *p, const struct row *row)
{
	plan_init(p);
	for (int i = 0; i < 2; i++) {
		struct step *s = plan_add(p);

		s->name = xasprintf("step%d", i);
		s->idempotent = !row->once;
		s->existing = row->existing;
		s->settle_ms = SETTLE_MS;
		s->n_checks = row->blind ? 0 : row->template_step ? 2 : 1;
		strv_add(&s->run, "tool");
		if (row->template_step)
			strv_add(&s->collect, "tool");
		if (row->guard)
			strv_add(&s->guard, "tool");
	}
}

static void
make_reading(struct reading *r, enum sight sight, int step)
{
	static const struct {
		enum outcome outcome;
		enum answer answer;
		bool conclusive, bad, shows;
	} sights[] = {
		[ABSENT] = { OUTCOME_IN_DOUBT, ANSWER_ABSENT, true, false, false },
		[NOT_HERE] = { OUTCOME_IN_DOUBT, ANSWER_ABSENT, false, false, false },
		[OURS] = { OUTCOME_IN_DOUBT, ANSWER_OURS_COMPLETE, true, false, true },
		[BUILDING] = { OUTCOME_IN_DOUBT, ANSWER_OURS_IN_PROGRESS, true, false, true },
		[OURS_FAILED] = { OUTCOME_IN_DOUBT, ANSWER_OURS_COMPLETE, true, true, false },
		[FOREIGN] = { OUTCOME_IN_DOUBT, ANSWER_FOREIGN, true, false, true },
		[UNCLEAR] = { OUTCOME_IN_DOUBT, ANSWER_CANNOT_TELL, true, true, false },
		[LOST] = { OUTCOME_IN_DOUBT, ANSWER_CANNOT_TELL, true, false, false },
		[HAPPENED] = { OUTCOME_HAPPENED, ANSWER_CANNOT_TELL, true, false, true },
		[REFUSED] = { OUTCOME_DID_NOT_HAPPEN, ANSWER_CANNOT_TELL, true, true, false },
		[DOUBT] = { OUTCOME_IN_DOUBT, ANSWER_CANNOT_TELL, true, true, false },
		[BUSY] = { OUTCOME_DID_NOT_HAPPEN, ANSWER_CANNOT_TELL, true, false, false },
		[QUOTA] = { OUTCOME_DID_NOT_HAPPEN, ANSWER_CANNOT_TELL, true, false, false },
		[SCARCE] = { OUTCOME_DID_NOT_HAPPEN, ANSWER_CANNOT_TELL, true, false, false },
		[OURS_BROKEN] = { OUTCOME_IN_DOUBT, ANSWER_OURS_COMPLETE, true, false, false },
	};

	reading_init(r);
	r->outcome = sights[sight].outcome;
	r->answer = sights[sight].answer;
	r->conclusive = sights[sight].conclusive;
	r->ended_badly = sight == OURS_FAILED || sight == OURS_BROKEN;
	if (sight == BUSY || sight == OURS_BROKEN)
		failure_set(&r->failure, FAILURE_TRANSIENT, "Busy", "step", "come back later");
	if (sight == QUOTA || sight == SCARCE)
		failure_set(&r->failure, FAILURE_QUOTA, "QuotaExceeded", "step", "no more cores");
	if (sight == SCARCE)
		r->failure.scarce_ms = 1000;
	if (sight == LOST)
		failure_set(&r->failure, FAILURE_TRANSIENT, NULL, "step", "no result was recorded");
	if (sights[sight].bad)
		failure_set(&r->failure, FAILURE_UNKNOWN, "Code", "step", "it went wrong");
	if (sights[sight].shows)
		strv_addf(&r->resources, "/thing/%d", step);
}

static const char *
decision_name(const struct decision *d)
{
	static const char *const names[] = {
		[DECIDE_EXECUTE] = NULL,
		[DECIDE_POSTPONE] = "wait",
		[DECIDE_HOLD] = "hold",
		[DECIDE_SUCCEED] = "succeed",
		[DECIDE_FAIL] = "fail",
		[DECIDE_FALLBACK] = "fallback",
		[DECIDE_CANCELLED] = "cancelled",
		[DECIDE_DESTROYED] = "destroyed",
	};

	return d->kind == DECIDE_EXECUTE ? act_name(d->act) : names[d->kind];
}

/* Resources that the walk made: a stack, as an undo sees it. */
struct made {
	char *id[8];
	int step[8];
	int n;
};

static void
note_finding(struct made *made, const struct finding *found, int step)
{
	for (size_t i = 0; i < found->made.len; i++) {
		made->id[made->n] = xstrdup(found->made.v[i]);
		made->step[made->n++] = step;
	}
	if (found->resource != NULL) {
		ck_assert_int_gt(made->n, 0);
		ck_assert_str_eq(found->resource, made->id[made->n - 1]);
		free(made->id[--made->n]);
	}
}

static void
ask(struct attempt *a, struct attempt_view *view, const struct made *made, struct decision *d)
{
	view->newest = made->n > 0 ? made->id[made->n - 1] : NULL;
	view->newest_step = made->n > 0 ? made->step[made->n - 1] : 0;
	attempt_decide(a, view, d);
}

START_TEST(walk)
{
	const struct row *row = &rows[_i];
	struct made made = { .n = 0 };
	struct attempt a;
	struct plan plan;
	struct decision d;

	make_plan(&plan, row);
	struct attempt_view view = {
		.plan = &plan,
		.retry = &policy,
		.seed = "seed",
		.another_strategy = row->another,
		.another_size = row->size,
		.keep = row->keep,
		.now_ms = 1000000,
	};
	attempt_init(&a);
	ask(&a, &view, &made, &d);
	ck_assert_str_eq(decision_name(&d), "check");
	for (int i = 0; row->v[i].next != NULL; i++) {
		enum sight sight = row->v[i].sight;
		struct finding found;
		struct reading reading;
		struct attempt copy;

		finding_init(&found);
		if (sight == CANCEL) {
			view.cancel_wanted = true;
			/* A call that is under way ends before the wish counts. */
			if (strcmp(row->v[i].next, decision_name(&d)) == 0)
				continue;
		} else if (sight == EXPIRE) {
			view.due_ms = view.now_ms;
			if (strcmp(row->v[i].next, decision_name(&d)) == 0)
				continue;
		} else if (sight == SETTLE) {
			ck_assert_int_ge(d.until_ms - a.doubt_since_ms, SETTLE_MS);
			view.now_ms = d.until_ms;
		} else if (sight == END) {
			ck_assert_int_gt(d.until_ms, view.now_ms);
			view.now_ms = d.until_ms;
		} else {
			int step = a.step;

			make_reading(&reading, sight, step);
			attempt_take(&a, &view, &reading, &found);
			note_finding(&made, &found, step);
			reading_clear(&reading);
		}
		finding_clear(&found);
		/* A decision that is asked for twice, as after a crash, is the same. */
		attempt_init(&copy);
		attempt_copy(&copy, &a);
		ask(&copy, &view, &made, &d);
		attempt_clear(&copy);
		ask(&a, &view, &made, &d);
		ck_assert_msg(strcmp(decision_name(&d), row->v[i].next) == 0,
		    "%s: at %d: %s, not %s", row->title, i, decision_name(&d), row->v[i].next);
	}
	while (made.n > 0)
		free(made.id[--made.n]);
	attempt_clear(&a);
	plan_clear(&plan);
}
END_TEST

START_TEST(an_update_does_not_own_what_stood)
{
	const struct row row = { "", .existing = EXISTING_UPDATE };
	struct finding found;
	struct reading reading;
	struct attempt a;
	struct plan plan;

	make_plan(&plan, &row);
	const struct attempt_view view = {
		.plan = &plan, .retry = &policy, .seed = "", .now_ms = 1
	};
	attempt_init(&a);
	finding_init(&found);
	make_reading(&reading, FOREIGN, 0);
	attempt_take(&a, &view, &reading, &found);
	reading_clear(&reading);
	make_reading(&reading, HAPPENED, 0);
	attempt_take(&a, &view, &reading, &found);
	ck_assert_uint_eq(found.made.len, 0);
	ck_assert_int_eq(a.step, 1);
	reading_clear(&reading);
	finding_clear(&found);
	attempt_clear(&a);
	plan_clear(&plan);
}
END_TEST

START_TEST(throttling_is_noted_with_the_time_that_was_told)
{
	const struct row row = { .title = "" };
	struct finding found;
	struct reading reading;
	struct attempt a;
	struct plan plan;

	make_plan(&plan, &row);
	const struct attempt_view view = {
		.plan = &plan, .retry = &policy, .seed = "", .now_ms = 1000
	};
	attempt_init(&a);
	finding_init(&found);
	make_reading(&reading, ABSENT, 0);
	attempt_take(&a, &view, &reading, &found);
	reading_clear(&reading);
	make_reading(&reading, BUSY, 0);
	failure_set(&reading.failure, FAILURE_THROTTLED, "TooManyRequests", "step", "slow down");
	reading.failure.wait_ms = 5000;
	attempt_take(&a, &view, &reading, &found);
	ck_assert_int_eq(found.throttled_until_ms, 6000);
	ck_assert_int_ge(a.wait_until_ms, 6000);
	finding_clear(&found);
	finding_init(&found);
	/* The record of a deployment that was throttled once is no throttling now. */
	reading.answer = ANSWER_OURS_COMPLETE;
	reading.ended_badly = true;
	attempt_take(&a, &view, &reading, &found);
	ck_assert_int_eq(found.throttled_until_ms, 0);
	reading_clear(&reading);
	finding_clear(&found);
	attempt_clear(&a);
	plan_clear(&plan);
}
END_TEST

START_TEST(what_is_in_the_making_for_too_long_is_held)
{
	const struct row row = { .title = "" };
	struct decision d;
	struct finding found;
	struct reading reading;
	struct attempt a;
	struct plan plan;

	make_plan(&plan, &row);
	plan.steps[0].timeout_ms = 60000;
	struct attempt_view view = { .plan = &plan, .retry = &policy, .seed = "", .now_ms = 1000 };
	attempt_init(&a);
	finding_init(&found);
	make_reading(&reading, BUILDING, 0);
	attempt_take(&a, &view, &reading, &found);
	attempt_decide(&a, &view, &d);
	ck_assert_int_eq(d.kind, DECIDE_POSTPONE);
	view.now_ms += 60000 + SETTLE_MS + 1;
	attempt_take(&a, &view, &reading, &found);
	attempt_decide(&a, &view, &d);
	ck_assert_int_eq(d.kind, DECIDE_HOLD);
	reading_clear(&reading);
	finding_clear(&found);
	attempt_clear(&a);
	plan_clear(&plan);
}
END_TEST

START_TEST(a_person_resolves_the_doubt)
{
	const struct row row = { .title = "" };
	struct finding found;
	struct reading reading;

	for (int happened = 0; happened < 2; happened++) {
		struct attempt a;
		struct plan plan;

		make_plan(&plan, &row);
		const struct attempt_view view = { .plan = &plan, .retry = &policy, .seed = "" };
		attempt_init(&a);
		finding_init(&found);
		ck_assert(!attempt_resolve(&a, true)); /* nothing is in doubt */
		make_reading(&reading, ABSENT, 0);
		attempt_take(&a, &view, &reading, &found);
		reading_clear(&reading);
		make_reading(&reading, DOUBT, 0);
		attempt_take(&a, &view, &reading, &found);
		reading_clear(&reading);
		ck_assert(attempt_resolve(&a, happened != 0));
		ck_assert_int_eq(a.step, happened);
		ck_assert_int_eq(a.stage, STAGE_LOOK);
		ck_assert_int_eq(a.doubt_since_ms, 0);
		ck_assert_int_eq(a.runs, 0);
		finding_clear(&found);
		attempt_clear(&a);
		plan_clear(&plan);
	}
}
END_TEST

/* A call that is to put the tool's records right, WORD, is asked for where LOST only after a lost one. */
static void
ask_mend(struct reading *reading, const char *word, bool lost)
{
	AUTO_FREE char *text = xasprintf("[[\"%s\"]]", word);

	reading->mend = json_parse(text, strlen(text), 1, NULL);
	reading->mend_lost = lost;
}

static void
take_one(
    struct attempt *a, const struct attempt_view *view, struct reading *reading, const char *mends)
{
	struct finding found;
	AUTO_FREE char *text = NULL;

	finding_init(&found);
	attempt_take(a, view, reading, &found);
	text = a->mend != NULL ? json_text(a->mend) : xstrdup("");
	ck_assert_str_eq(text, mends);
	finding_clear(&found);
	reading_clear(reading);
}

START_TEST(nothing_goes_on_before_the_records_are_right)
{
	const struct row row = { .title = "" };
	struct reading reading;
	struct attempt a;
	struct plan plan;

	make_plan(&plan, &row);
	const struct attempt_view view = {
		.plan = &plan, .retry = &policy, .seed = "", .now_ms = 1
	};
	attempt_init(&a);
	make_reading(&reading, ABSENT, 0);
	take_one(&a, &view, &reading, "");
	make_reading(&reading, DOUBT, 0);
	reading.lost = reading.held = true;
	ask_mend(&reading, "import", false);
	take_one(&a, &view, &reading, "[[\"import\"]]");
	ck_assert_int_eq(a.stage, STAGE_MEND);

	/* What hinders it comes first, if a lost call has left it. */
	make_reading(&reading, BUSY, 0);
	ask_mend(&reading, "unlock", true);
	take_one(&a, &view, &reading, "[[\"unlock\"],[\"import\"]]");
	make_reading(&reading, HAPPENED, 0);
	take_one(&a, &view, &reading, "[[\"import\"]]");
	for (int i = 0; i < ATTEMPT_ASKS_MAX; i++) {
		ck_assert_int_eq(a.stage, STAGE_MEND);
		make_reading(&reading, BUSY, 0);
		take_one(&a, &view, &reading, "[[\"import\"]]");
	}
	struct decision d;

	a.wait_until_ms = 0;
	attempt_decide(&a, &view, &d);
	ck_assert_int_eq(d.kind, DECIDE_HOLD);
	ck_assert(attempt_resolve(&a, true));
	attempt_decide(&a, &view, &d);
	ck_assert_int_eq(d.kind, DECIDE_EXECUTE);
	ck_assert_int_eq(d.act, ACT_MEND);
	make_reading(&reading, HAPPENED, 0);
	take_one(&a, &view, &reading, "");
	ck_assert_int_eq(a.stage, STAGE_ASK);
	attempt_clear(&a);
	plan_clear(&plan);
}
END_TEST

START_TEST(a_lock_is_left_alone_unless_an_undo_was_lost)
{
	const struct row row = { .title = "" };
	struct reading reading;
	struct attempt a;
	struct plan plan;

	make_plan(&plan, &row);
	const struct attempt_view view = {
		.plan = &plan, .retry = &policy, .seed = "", .now_ms = 1
	};
	attempt_init(&a);
	attempt_turn(&a, GOAL_DESTROYED);
	a.resource = xstrdup("/r");
	for (int i = 0; i < 2; i++) {
		a.stage = STAGE_UNDO;
		make_reading(&reading, BUSY, 0);
		ask_mend(&reading, "unlock", true);
		take_one(&a, &view, &reading, "");
	}
	a.stage = STAGE_UNDO;
	make_reading(&reading, DOUBT, 0);
	reading.lost = reading.held = true;
	take_one(&a, &view, &reading, "");
	a.stage = STAGE_UNDO;
	make_reading(&reading, BUSY, 0);
	ask_mend(&reading, "unlock", true);
	take_one(&a, &view, &reading, "[[\"unlock\"]]");
	make_reading(&reading, HAPPENED, 0);
	take_one(&a, &view, &reading, "");
	ck_assert_int_eq(a.stage, STAGE_PROVE);
	ck_assert_int_eq(a.doubt_since_ms, 0);
	attempt_clear(&a);
	plan_clear(&plan);
}
END_TEST

static const struct {
	struct lost lost;
	int64_t lock_ms; /* when the lock that is found was taken; 0: not told */
	bool breaks;
} locks[] = {
	{ { 0 }, 0, false },
	{ { 0 }, 5000, false },
	{ { 1000, 9000, true }, 0, true },
	/* It was cut off before it did anything: whose lock it is nobody knows. */
	{ { 1000, 9000, false }, 0, false },
	{ { 1000, 9000, false }, 5000, true },
	{ { 1500, 9000, false }, 1000, true },
	/* Whoever took it before or after those calls lives, for all we know. */
	{ { 3000, 9000, true }, 1999, false },
	{ { 3000, 9000, true }, 9001, false },
};

START_TEST(only_the_lock_of_a_dead_call_is_broken)
{
	const struct row row = { .title = "" };
	struct reading reading;
	struct attempt a;
	struct plan plan;

	make_plan(&plan, &row);
	const struct attempt_view view = {
		.plan = &plan, .retry = &policy, .seed = "", .now_ms = 20000
	};
	attempt_init(&a);
	a.lost = locks[_i].lost;
	a.doubt_since_ms = 9000;
	a.stage = STAGE_ASK;
	make_reading(&reading, BUSY, 0);
	ask_mend(&reading, "unlock", true);
	reading.lock_ms = locks[_i].lock_ms;
	take_one(&a, &view, &reading, locks[_i].breaks ? "[[\"unlock\"]]" : "");
	/* Once only: what is found after it is another one. */
	if (locks[_i].breaks)
		ck_assert_int_eq(a.lost.until_ms, 0);
	attempt_clear(&a);
	plan_clear(&plan);
}
END_TEST

START_TEST(names_round_trip)
{
	for (int i = 0; i < STAGES; i++)
		ck_assert_int_eq(stage_from_name(stage_name((enum stage)i)), i);
	for (int i = 0; i < GOALS; i++)
		ck_assert_int_eq(goal_from_name(goal_name((enum goal)i)), i);
	for (int i = 0; i < PHASES; i++)
		ck_assert_int_eq(phase_from_name(phase_name((enum phase)i)), i);
	ck_assert_int_eq(stage_from_name("sleep"), STAGES);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("attempt");
	TCase *tests = tcase_create("attempt");

	tcase_add_loop_test(tests, walk, 0, (int)COUNT_OF(rows));
	tcase_add_test(tests, an_update_does_not_own_what_stood);
	tcase_add_test(tests, throttling_is_noted_with_the_time_that_was_told);
	tcase_add_test(tests, what_is_in_the_making_for_too_long_is_held);
	tcase_add_test(tests, a_person_resolves_the_doubt);
	tcase_add_test(tests, nothing_goes_on_before_the_records_are_right);
	tcase_add_test(tests, a_lock_is_left_alone_unless_an_undo_was_lost);
	tcase_add_loop_test(tests, only_the_lock_of_a_dead_call_is_broken, 0, (int)COUNT_OF(locks));
	tcase_add_test(tests, names_round_trip);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
