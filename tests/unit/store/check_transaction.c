/*
 * What a transaction keeps in memory until its end, or until somebody asks: it
 * is seen by every reader inside, and gone after a revert. That the rows agree
 * in the end is what the verification of the fixture says.
 */
#include "config.h"

#include <poll.h>

#include "fixture.h"

static int64_t
count(enum state state, const char *batch)
{
	int64_t counts[STATES];

	OK(store_counts(s, batch, counts, &err));
	return counts[state];
}

static int64_t
revision(const char *id)
{
	struct objective o;
	int64_t n;

	OK(store_get(s, id, &o, &err));
	n = o.revision;
	objective_clear(&o);
	return n;
}

static void
succeed(const struct claim *c)
{
	struct move m = { .event = EVENT_SUCCEED };

	OK(store_move(s, c, &m, NOW, &err));
}

/* In the open transaction. */
static void
close_attempt(const struct claim *c)
{
	struct attempt a;

	OK(store_attempt(s, c->objective_id, &a, NULL, &err));
	a.ended_ms = NOW;
	OK(store_attempt_save(s, c, &a, &err));
	attempt_clear(&a);
}

START_TEST(closing_and_moving_are_one_change)
{
	char id[ID_SIZE];

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	int64_t before = revision(id);
	OK(store_begin(s, &err));
	close_attempt(&c);
	succeed(&c);
	ck_assert_int_eq(revision(id), before + 1);
	OK(store_commit(s, &err));
	ck_assert_int_eq(state_of(id), STATE_SUCCEEDED);
}
END_TEST

START_TEST(closing_is_seen_and_written_without_a_move)
{
	struct batch b;

	submit_graph(&b, "a b c");
	struct claim c[3] = { claim(b.v[0].id, 1), claim(b.v[1].id, 1), claim(b.v[2].id, 1) };
	int64_t before = revision(b.v[0].id);
	OK(store_begin(s, &err));
	close_attempt(&c[0]);
	ck_assert_int_eq(revision(b.v[0].id), before + 1);
	close_attempt(&c[1]);
	close_attempt(&c[2]);
	OK(store_verify(s, &err));
	OK(store_commit(s, &err));
	OK(store_verify(s, &err));
	for (int i = 0; i < 3; i++)
		move(&c[i], EVENT_SUCCEED);
	ck_assert_str_eq(states(&b), "sss");
	batch_end(&b);
}
END_TEST

START_TEST(closing_is_reverted)
{
	struct batch b;

	submit_graph(&b, "a b");
	struct claim c[2] = { claim(b.v[0].id, 1), claim(b.v[1].id, 1) };
	int64_t before = revision(b.v[0].id);
	OK(store_begin(s, &err));
	close_attempt(&c[1]);
	OK(store_mark(s, &err));
	close_attempt(&c[0]);
	store_revert(s);
	ck_assert_int_eq(revision(b.v[0].id), before);
	OK(store_commit(s, &err));
	OK(store_verify(s, &err));
	OK(store_begin(s, &err));
	close_attempt(&c[0]);
	store_rollback(s);
	ck_assert_int_eq(revision(b.v[0].id), before);
	/* Refused, and what waited is written all the same. */
	OK(store_begin(s, &err));
	close_attempt(&c[0]);
	struct move m = { .event = EVENT_DESTROYED };
	FAILS(ERR_CONFLICT, store_move(s, &c[0], &m, NOW, &err));
	OK(store_commit(s, &err));
	ck_assert_int_eq(revision(b.v[0].id), before + 1);
	batch_end(&b);
}
END_TEST

START_TEST(a_reverted_row_is_read_again)
{
	char id[ID_SIZE];
	struct claim c;

	submit_one("b", "a", id);
	OK(store_begin(s, &err));
	OK(store_mark(s, &err));
	OK(try_claim(s, id, me, 1, &c));
	store_revert(s);
	FAILS(ERR_CONFLICT, store_attempt_save(s, &c, &(struct attempt){ .number = 1 }, &err));
	OK(try_claim(s, id, me, 1, &c));
	OK(store_commit(s, &err));
	move(&c, EVENT_SUCCEED);
}
END_TEST

START_TEST(counts_are_right_inside)
{
	struct batch b;

	submit_graph(&b, "a b c");
	struct claim c[2] = { claim(b.v[0].id, 1), claim(b.v[1].id, 1) };
	OK(store_begin(s, &err));
	succeed(&c[0]);
	OK(store_mark(s, &err));
	succeed(&c[1]);
	ck_assert_int_eq(count(STATE_SUCCEEDED, "graph"), 2);
	ck_assert_int_eq(count(STATE_RUNNING, NULL), 0);
	store_revert(s);
	ck_assert_int_eq(count(STATE_SUCCEEDED, "graph"), 1);
	ck_assert_int_eq(count(STATE_SUCCEEDED, NULL), 1);
	ck_assert_int_eq(count(STATE_RUNNING, NULL), 1);
	ck_assert_int_eq(count(STATE_QUEUED, "graph"), 1);
	OK(store_verify(s, &err));
	OK(store_mark(s, &err));
	succeed(&c[1]);
	OK(store_release(s, &err));
	OK(store_commit(s, &err));
	ck_assert_int_eq(count(STATE_SUCCEEDED, NULL), 2);
	batch_end(&b);
}
END_TEST

/* More batches than are added up in memory, some of them on either side of a mark. */
START_TEST(counts_of_many_batches)
{
	enum { MANY = 30 };
	struct claim c[MANY];
	char name[16], id[ID_SIZE];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "batch-%d", i);
		submit_one(name, "a", id);
		c[i] = claim(id, 1);
	}
	OK(store_begin(s, &err));
	for (int i = 0; i < 5; i++)
		succeed(&c[i]);
	OK(store_mark(s, &err));
	for (int i = 5; i < MANY; i++)
		succeed(&c[i]);
	store_revert(s);
	OK(store_mark(s, &err));
	for (int i = 5; i < 20; i++)
		succeed(&c[i]);
	OK(store_release(s, &err));
	OK(store_commit(s, &err));
	ck_assert_int_eq(count(STATE_SUCCEEDED, NULL), 20);
	ck_assert_int_eq(count(STATE_RUNNING, NULL), MANY - 20);
	ck_assert_int_eq(count(STATE_SUCCEEDED, "batch-19"), 1);
	ck_assert_int_eq(count(STATE_RUNNING, "batch-20"), 1);
}
END_TEST

START_TEST(passed_over_again_after_a_revert)
{
	struct batch b;
	char ids[4][ID_SIZE];

	submit_graph(&b, "a b c");
	struct claim c[2] = { claim(b.v[0].id, 1), claim(b.v[1].id, 1) };
	WRITE(store_pass_over(s, b.v[2].id, &err));
	ck_assert_uint_eq(ready(4, ids), 0);
	OK(store_begin(s, &err));
	OK(store_mark(s, &err));
	succeed(&c[0]);
	store_revert(s);
	succeed(&c[0]);
	OK(store_pass_over(s, b.v[2].id, &err));
	succeed(&c[1]);
	OK(store_commit(s, &err));
	ck_assert_uint_eq(ready(4, ids), 1);
	batch_end(&b);
}
END_TEST

START_TEST(a_runner_that_goes_away_inside)
{
	struct batch b;
	struct claim c;
	struct runner late = { .host = (char[]){ "h" }, .boot_id = (char[]){ "b" }, .pid = 1 };

	submit_graph(&b, "a b");
	id_new(late.id);
	OK(store_begin(s, &err));
	OK(store_mark(s, &err));
	OK(store_runner_add(s, &late, &err));
	OK(try_claim(s, b.v[0].id, late.id, 1, &c));
	store_revert(s);
	FAILS(ERR_CONFLICT, try_claim(s, b.v[0].id, late.id, 1, &c));
	OK(try_claim(s, b.v[0].id, me, 1, &c));
	OK(store_runner_remove(s, me, &err));
	FAILS(ERR_CONFLICT, try_claim(s, b.v[1].id, me, 1, &c));
	store_rollback(s);
	batch_end(&b);
}
END_TEST

START_TEST(throttled_in_the_same_breath)
{
	struct batch b;
	struct claim c;
	int64_t until;

	submit_graph(&b, "a b");
	OK(store_begin(s, &err));
	OK(try_claim(s, b.v[0].id, me, 1, &c));
	OK(store_throttled(s, b.v[0].id, NOW, &until, &err));
	ck_assert_int_eq(until, 0);
	OK(store_throttle(s, b.v[0].id, NULL, NOW + 5000, NOW, &err));
	OK(store_throttled(s, b.v[0].id, NOW, &until, &err));
	ck_assert_int_eq(until, NOW + 5000);
	FAILS(ERR_CONFLICT, try_claim(s, b.v[1].id, me, 1, &c));
	OK(store_wake(s, NOW + 5000, &woken, &err));
	ck_assert_uint_eq(woken.moved, 1);
	OK(try_claim(s, b.v[1].id, me, 1, &c));
	OK(store_commit(s, &err));
	FAILS(ERR_NOT_FOUND,
	    store_throttled(s, "00000000-0000-7000-8000-000000000000", NOW, &until, &err));
	batch_end(&b);
}
END_TEST

/* Another process writes until it ends. */
static pid_t
hold_store(int64_t hold_ms)
{
	int pipes[2];
	char byte = 0;
	pid_t pid;

	ck_assert_int_eq(pipe(pipes), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct store *mine;

		if (store_open(folder, STORE_WRITE, &mine, NULL) < 0 ||
		    store_begin(mine, NULL) < 0 || write(pipes[1], &byte, 1) != 1)
			_exit(1);
		poll(NULL, 0, (int)hold_ms);
		_exit(0);
	}
	close(pipes[1]);
	ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
	close(pipes[0]);
	return pid;
}

START_TEST(waiting_leaves_no_error_behind)
{
	pid_t pid = hold_store(100);

	err = (struct err){ .kind = ERR_NONE };
	ck_assert_int_eq(store_begin_wait(s, 20, &err), -1);
	ck_assert_int_eq(err.kind, ERR_BUSY);
	err = (struct err){ .kind = ERR_NONE };
	ck_assert_int_eq(store_begin_wait(s, 10000, &err), 0);
	ck_assert_int_eq(err.kind, ERR_NONE);
	ck_assert_str_eq(err.msg, "");
	store_rollback(s);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

/* ---- each member of struct store that a revert restores or forgets ---- */

static void
put_out(const struct claim *c, const char *json)
{
	AUTO_JSON cJSON *outputs = cJSON_Parse(json);

	OK(store_outputs_add(s, c, outputs, &err));
}

/* That a row has outputs or a failure is remembered with it. */
START_TEST(outputs_and_failure_are_reverted)
{
	char id[ID_SIZE];
	struct objective o;
	struct move m = { .event = EVENT_FAIL };

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	OK(store_begin(s, &err));
	OK(store_mark(s, &err));
	put_out(&c, "{\"old\":1}");
	store_revert(s);
	OK(store_mark(s, &err));
	put_out(&c, "{\"kept\":1}");
	OK(store_release(s, &err));
	OK(store_mark(s, &err));
	OK(store_move(s, &c, &m, NOW, &err)); /* its outputs go */
	store_revert(s);
	put_out(&c, "{\"more\":1}");
	succeed(&c);
	OK(store_commit(s, &err));
	OK(store_get(s, id, &o, &err));
	ck_assert_int_eq(cJSON_GetArraySize(o.outputs), 2);
	ck_assert_int_eq(json_int(o.outputs, "kept", 0), 1);
	ck_assert_ptr_null(o.failure);
	objective_clear(&o);
}
END_TEST

/* What was put off before the mark is written by it; what was behind it goes with the rest. */
START_TEST(an_unsaved_row_on_either_side_of_a_mark)
{
	struct batch b;

	submit_graph(&b, "a b");
	struct claim c[2] = { claim(b.v[0].id, 1), claim(b.v[1].id, 1) };
	int64_t before[2] = { revision(b.v[0].id), revision(b.v[1].id) };
	OK(store_begin(s, &err));
	close_attempt(&c[0]);
	OK(store_mark(s, &err));
	close_attempt(&c[1]);
	store_revert(s);
	ck_assert_int_eq(revision(b.v[0].id), before[0] + 1);
	ck_assert_int_eq(revision(b.v[1].id), before[1]);
	OK(store_mark(s, &err));
	close_attempt(&c[1]);
	OK(store_release(s, &err));
	OK(store_commit(s, &err));
	ck_assert_int_eq(revision(b.v[1].id), before[1] + 1);
	for (int i = 0; i < 2; i++)
		move(&c[i], EVENT_SUCCEED);
	batch_end(&b);
}
END_TEST

START_TEST(a_throttle_is_reverted)
{
	struct batch b;
	struct claim c;
	int64_t until;

	submit_graph(&b, "a b");
	OK(store_begin(s, &err));
	OK(store_throttled(s, b.v[0].id, NOW, &until, &err));
	OK(store_mark(s, &err));
	OK(store_throttle(s, b.v[0].id, NULL, NOW + 5000, NOW, &err));
	OK(store_throttled(s, b.v[0].id, NOW, &until, &err));
	ck_assert_int_eq(until, NOW + 5000);
	store_revert(s);
	OK(store_throttled(s, b.v[0].id, NOW, &until, &err));
	ck_assert_int_eq(until, 0);
	OK(try_claim(s, b.v[0].id, me, 1, &c));
	OK(store_commit(s, &err));
	batch_end(&b);
}
END_TEST

START_TEST(the_chain_is_reverted)
{
	struct audit_head before, head;

	OK(store_audit_head(s, &before, &err));
	OK(store_begin(s, &err));
	OK(store_mark(s, &err));
	OK(store_audit_add(s, "runner.started", NULL, NULL, NOW, &err));
	OK(store_audit_flushed(s, before.number, &err));
	store_revert(s);
	OK(store_audit_head(s, &head, &err));
	ck_assert_int_eq(head.number, before.number);
	ck_assert_str_eq(head.hash, before.hash);
	ck_assert_int_eq(head.flushed, before.flushed);
	OK(store_audit_add(s, "runner.started", NULL, NULL, NOW, &err));
	OK(store_mark(s, &err));
	OK(store_audit_add(s, "runner.stopped", NULL, NULL, NOW, &err));
	store_revert(s);
	OK(store_commit(s, &err));
	OK(store_audit_head(s, &head, &err));
	ck_assert_int_eq(head.number, before.number + 1);
}
END_TEST

/* Also counts that a reader made it write behind the mark. */
START_TEST(written_counts_are_reverted)
{
	struct batch b;

	submit_graph(&b, "a b");
	struct claim c[2] = { claim(b.v[0].id, 1), claim(b.v[1].id, 1) };
	OK(store_begin(s, &err));
	succeed(&c[0]);
	OK(store_mark(s, &err));
	succeed(&c[1]);
	ck_assert_int_eq(count(STATE_SUCCEEDED, NULL), 2);
	store_revert(s);
	OK(store_commit(s, &err));
	ck_assert_int_eq(count(STATE_SUCCEEDED, NULL), 1);
	ck_assert_int_eq(count(STATE_RUNNING, "graph"), 1);
	move(&c[1], EVENT_SUCCEED);
	batch_end(&b);
}
END_TEST

/* A batch that came to rest is told of with the time of what was not reverted. */
START_TEST(rest_of_a_batch_is_reverted)
{
	struct batch b;
	struct move m = { .event = EVENT_SUCCEED };
	struct notice *v;
	size_t len;
	char time[CLOCK_TEXT_SIZE];

	store_want_notices(s, 1u << NOTICE_BATCH);
	submit_graph(&b, "a b");
	struct claim c[2] = { claim(b.v[0].id, 1), claim(b.v[1].id, 1) };
	OK(store_begin(s, &err));
	OK(store_move(s, &c[0], &m, NOW + 1000, &err));
	OK(store_mark(s, &err));
	OK(store_move(s, &c[1], &m, NOW + 2000, &err));
	store_revert(s);
	OK(store_mark(s, &err));
	OK(store_move(s, &c[1], &m, NOW + 3000, &err));
	OK(store_release(s, &err));
	OK(store_commit(s, &err));
	OK(store_notices(s, NOW, 10, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	AUTO_JSON cJSON *line = cJSON_Parse(v[0].line);
	ck_assert_str_eq(json_str(line, "time"), clock_format(NOW + 3000, time));
	store_notices_free(v, len);
	batch_end(&b);
}
END_TEST

/* At rest before and after: what happened in between was reverted, and there is nothing to tell. */
START_TEST(a_reverted_stir_is_not_told)
{
	char id[ID_SIZE];
	struct claim c;
	struct notice *v;
	struct move m = { .event = EVENT_FAIL };
	size_t len;

	submit_one("b", "a", id);
	c = claim(id, 1);
	move(&c, EVENT_FAIL);
	store_want_notices(s, 1u << NOTICE_BATCH);
	OK(store_begin(s, &err));
	OK(store_mark(s, &err));
	OK(store_retry(s, id, false, NULL, NOW, &err));
	OK(try_claim(s, id, me, 2, &c));
	OK(store_move(s, &c, &m, NOW, &err));
	store_revert(s);
	OK(store_commit(s, &err));
	OK(store_notices(s, NOW, 10, &v, &len, &err));
	ck_assert_uint_eq(len, 0);
	store_notices_free(v, len);
}
END_TEST

START_TEST(a_release_of_lanes_is_reverted)
{
	struct batch b;
	char ids[4][ID_SIZE];

	submit_graph(&b, "a b");
	struct claim c = claim(b.v[0].id, 1);
	WRITE(store_pass_over(s, b.v[1].id, &err));
	OK(store_begin(s, &err));
	OK(store_mark(s, &err));
	succeed(&c);
	ck_assert_uint_eq(ready(4, ids), 1);
	store_revert(s);
	ck_assert_uint_eq(ready(4, ids), 0);
	succeed(&c);
	ck_assert_uint_eq(ready(4, ids), 1);
	OK(store_commit(s, &err));
	batch_end(&b);
}
END_TEST

/* The next transaction knows nothing of the one before. */
START_TEST(a_rollback_leaves_nothing)
{
	struct batch b;
	struct claim c;
	char ids[4][ID_SIZE];

	submit_graph(&b, "a b");
	struct claim first = claim(b.v[0].id, 1);
	OK(store_begin(s, &err));
	OK(store_pass_over(s, b.v[1].id, &err));
	succeed(&first);
	OK(try_claim(s, b.v[1].id, me, 1, &c));
	store_rollback(s);
	ck_assert_int_eq(count(STATE_RUNNING, NULL), 1);
	OK(store_begin(s, &err));
	OK(store_commit(s, &err));
	OK(store_verify(s, &err));
	WRITE(store_pass_over(s, b.v[1].id, &err));
	ck_assert_uint_eq(ready(4, ids), 0);
	move(&first, EVENT_SUCCEED);
	ck_assert_uint_eq(ready(4, ids), 1);
	batch_end(&b);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("transaction", &t);

	tcase_add_test(t, closing_and_moving_are_one_change);
	tcase_add_test(t, closing_is_seen_and_written_without_a_move);
	tcase_add_test(t, closing_is_reverted);
	tcase_add_test(t, a_reverted_row_is_read_again);
	tcase_add_test(t, counts_are_right_inside);
	tcase_add_test(t, counts_of_many_batches);
	tcase_add_test(t, passed_over_again_after_a_revert);
	tcase_add_test(t, a_runner_that_goes_away_inside);
	tcase_add_test(t, throttled_in_the_same_breath);
	tcase_add_test(t, waiting_leaves_no_error_behind);
	tcase_add_test(t, outputs_and_failure_are_reverted);
	tcase_add_test(t, an_unsaved_row_on_either_side_of_a_mark);
	tcase_add_test(t, a_throttle_is_reverted);
	tcase_add_test(t, the_chain_is_reverted);
	tcase_add_test(t, written_counts_are_reverted);
	tcase_add_test(t, rest_of_a_batch_is_reverted);
	tcase_add_test(t, a_reverted_stir_is_not_told);
	tcase_add_test(t, a_release_of_lanes_is_reverted);
	tcase_add_test(t, a_rollback_leaves_nothing);
	return unit_run(suite);
}
