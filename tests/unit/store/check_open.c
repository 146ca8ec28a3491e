/* Opening, losing, damaging and killing the store; full disks and failing flushes. */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "faulty_vfs.h"
#include "schema_1.h"

static char path_buffer[128];

static const char *
path(const char *name)
{
	snprintf(path_buffer, sizeof(path_buffer), "%s/%s", folder, name);
	return path_buffer;
}

static void
close_store(void)
{
	store_close(s);
	s = NULL;
}

/* With no connection left, all is in purser.db and the log is gone. */
static void
change(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path("purser.db"), &db), SQLITE_OK);
	ck_assert_msg(
	    sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static int64_t
queued(void)
{
	int64_t counts[STATES];

	OK(store_counts(s, NULL, counts, &err));
	return counts[STATE_QUEUED];
}

START_TEST(files_are_private)
{
	static const char *const names[] = { "purser.db", "purser.db-wal", "purser.db-shm",
		"checkpoint.lock" };
	struct stat st;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		ck_assert_msg(stat(path(names[i]), &st) == 0, "%s", names[i]);
		ck_assert_int_eq(st.st_mode & 07777, 0600);
	}
}
END_TEST

START_TEST(same_store_after_closing)
{
	char id[ID_SIZE];

	snprintf(id, sizeof(id), "%s", store_id(s));
	ck_assert(id_is_valid(id));
	ck_assert_int_eq(store_schema(s), 7);
	close_store();
	OK(store_open(folder, STORE_READ, &s, &err));
	ck_assert_str_eq(store_id(s), id);
	close_store();
	OK(store_open(folder, STORE_WRITE, &s, &err));
	ck_assert_str_eq(store_id(s), id);
	OK(store_reopen(s, &err));
	ck_assert_str_eq(store_id(s), id);
}
END_TEST

START_TEST(nothing_to_read_yet)
{
	close_store();
	OK(file_remove_tree(folder, &err));
	FAILS(ERR_NOT_FOUND, store_open(folder, STORE_READ, &s, &err));
	ck_assert(!file_exists(folder));
	OK(store_open(folder, STORE_WRITE, &s, &err));
}
END_TEST

static void
lose(void)
{
	close_store();
	unlink(path("purser.db-wal"));
	unlink(path("purser.db-shm"));
	ck_assert_int_eq(unlink(path("purser.db")), 0);
}

static void
refused_as_lost(void)
{
	FAILS(ERR_CORRUPT, store_open(folder, STORE_WRITE, &s, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "purser doctor --set-aside"));
	FAILS(ERR_CORRUPT, store_open(folder, STORE_READ, &s, &err));
	ck_assert(!file_exists(path("purser.db")));
}

START_TEST(lost_beside_an_audit_log)
{
	lose();
	OK(file_create(path("audit.log.2"), "x", 1, 0600, &err));
	refused_as_lost();
}
END_TEST

START_TEST(lost_beside_runs)
{
	lose();
	OK(file_make_folder(path("runs"), &err));
	OK(store_open(folder, STORE_WRITE, &s, &err)); /* an empty one shows nothing */
	lose();
	OK(file_make_folder(path("runs/x"), &err));
	refused_as_lost();
}
END_TEST

START_TEST(lost_beside_its_log)
{
	lose();
	OK(file_create(path("purser.db-wal"), "x", 1, 0600, &err));
	refused_as_lost();
}
END_TEST

START_TEST(cut_short_in_the_making)
{
	lose();
	OK(file_create(path("purser.db"), "", 0, 0600, &err));
	FAILS(ERR_NOT_FOUND, store_open(folder, STORE_READ, &s, &err));
	OK(store_open(folder, STORE_WRITE, &s, &err));
}
END_TEST

START_TEST(moved_while_open)
{
	char to[140];

	snprintf(to, sizeof(to), "%s/elsewhere", folder);
	ck_assert_int_eq(rename(path("purser.db"), to), 0);
	FAILS(ERR_CORRUPT, store_begin(s, &err));
	OK(file_create(path("purser.db"), "another", 7, 0600, &err));
	FAILS(ERR_CORRUPT, store_begin(s, &err));
	ck_assert_int_eq(rename(to, path("purser.db")), 0);
	OK(store_begin(s, &err));
	store_rollback(s);
}
END_TEST

START_TEST(of_a_newer_schema)
{
	close_store();
	change("UPDATE meta SET value = '99' WHERE key = 'schema'");
	FAILS(ERR_INPUT, store_open(folder, STORE_WRITE, &s, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "99"));
	FAILS(ERR_INPUT, store_open(folder, STORE_READ, &s, &err));
}
END_TEST

START_TEST(of_schema_1)
{
	static const char runner[] = "01900000-0000-7000-8000-0000000000bb";
	struct strv ids = { NULL, 0, 0 };
	struct destroy_report report;
	struct objective o;
	struct claim c;
	char got[4][ID_SIZE];
	int64_t when;

	lose();
	change("PRAGMA journal_mode = WAL; PRAGMA application_id = 1349874291");
	change(SCHEMA_1);
	change(CONTENT_1);
	FAILS(
	    ERR_INPUT, store_open(folder, STORE_READ, &s, &err)); /* who only reads leaves it so */
	OK(store_open(folder, STORE_WRITE, &s, &err));
	ck_assert_int_eq(store_schema(s), 7);
	OK(store_verify(s, &err));
	runner_register(me, "here");
	ck_assert_uint_eq(ready(4, got), 1);
	c = claim(V1_ID("1"), 1);
	move(&c, EVENT_SUCCEED);
	OK(store_next_wake(s, &when, &err));
	ck_assert_int_eq(when, NOW + 1000);
	ck_assert_uint_eq(wake(NOW + 2000), 1);
	ck_assert_int_eq(state_of(V1_ID("5")), STATE_FAILED);
	/* What was running goes on. */
	WRITE(store_runner_remove(s, runner, &err));
	WRITE(store_take_over(s, V1_ID("3"), runner, me, NOW, &c, &err));
	move(&c, EVENT_SUCCEED);
	ck_assert_uint_eq(ready(4, got), 1);
	ck_assert_str_eq(got[0], V1_ID("4"));
	/* What stands is destroyed. */
	OK(store_get(s, V1_ID("2"), &o, &err));
	ck_assert_str_eq(o.provider, "linux_vm");
	objective_clear(&o);
	strv_add(&ids, V1_ID("2"));
	WRITE(store_destroy(s, &ids, false, NULL, NOW, &report, &err));
	ck_assert_uint_eq(report.queued, 1);
	c = claim(V1_ID("2"), 0);
	move_resource(&c, "/r/B", RESOURCE_GONE, NULL);
	move(&c, EVENT_DESTROYED);
	ck_assert_int_eq(state_of(V1_ID("2")), STATE_DESTROYED);
	strv_clear(&ids);
}
END_TEST

START_TEST(of_another_program)
{
	close_store();
	change("PRAGMA application_id = 7");
	FAILS(ERR_CORRUPT, store_open(folder, STORE_WRITE, &s, &err));
}
END_TEST

static void
damage(off_t from, size_t len)
{
	int fd = open(path("purser.db"), O_RDWR);

	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < len; i++)
		ck_assert_int_eq(pwrite(fd, "\xa5", 1, from + (off_t)i), 1);
	close(fd);
}

START_TEST(damaged_header)
{
	close_store();
	change("PRAGMA wal_checkpoint(TRUNCATE)");
	damage(0, 16);
	FAILS(ERR_CORRUPT, store_open(folder, STORE_WRITE, &s, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "purser doctor --set-aside"));
}
END_TEST

START_TEST(cut_off)
{
	close_store();
	change("PRAGMA wal_checkpoint(TRUNCATE)");
	ck_assert_int_eq(truncate(path("purser.db"), 8192), 0);
	FAILS(ERR_CORRUPT, store_open(folder, STORE_WRITE, &s, &err));
}
END_TEST

/* Every page in turn: never a crash, never a wrong answer taken for a good one. */
START_TEST(damaged_pages)
{
	char id[ID_SIZE], copy[140];
	struct stat st;

	submit_one("b", "a", id);
	close_store();
	change("PRAGMA wal_checkpoint(TRUNCATE)");
	snprintf(copy, sizeof(copy), "%s/copy", folder);
	ck_assert_int_eq(rename(path("purser.db"), copy), 0);
	ck_assert_int_eq(stat(copy, &st), 0);
	for (off_t page = 0; page < st.st_size / 4096; page++) {
		CLEANUP(buf_clear) struct buf data = BUF_INIT(1 << 24);

		OK(file_read(copy, 1 << 24, &data, &err));
		unlink(path("purser.db-wal"));
		unlink(path("purser.db-shm"));
		OK(file_replace(path("purser.db"), data.data, data.len, 0600, &err));
		damage(page * 4096 + (page == 0 ? 100 : 0), 3000);
		err.kind = ERR_NONE;
		if (store_open(folder, STORE_WRITE, &s, &err) == 0 && store_verify(s, &err) == 0)
			ck_abort_msg("page %ld: the damage was not seen", (long)page);
		ck_assert_msg(err.kind == ERR_CORRUPT, "page %ld: %s", (long)page, err.msg);
		close_store();
	}
}
END_TEST

START_TEST(counts_out_of_step)
{
	char id[ID_SIZE];

	static const char *const faults[] = {
		"UPDATE tallies SET n = n + 1 WHERE batch_id = 0 AND state = 'queued'",
		"UPDATE lanes SET ready = 0, head = NULL",
		"UPDATE batches SET head = 3",
		"UPDATE batches SET live = 7",
		"UPDATE objectives SET state = 'held'",
		"UPDATE objectives SET owner = 'x'",
		"UPDATE objectives SET unmet = 1",
		"UPDATE objectives SET attempt_open = 1",
		"UPDATE objectives SET destroying = 1",
		"UPDATE objectives SET due_ms = 5",
		"UPDATE lanes SET passed_over = 1",
		"UPDATE audit_outbox SET line = replace(line, '\"prev\":\"', '\"prev\":\"0') WHERE number = 2",
		"DELETE FROM audit_outbox WHERE number = 2",
	};

	submit_one("b", "a", id);
	OK(store_verify(s, &err));
	close_store();
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		change("PRAGMA wal_checkpoint(TRUNCATE)");
		char copy[140], text[300];
		snprintf(copy, sizeof(copy), "%s/copy%zu.db", folder, i);
		snprintf(text, sizeof(text), "VACUUM INTO '%s'", copy);
		change(text);
		change(faults[i]);
		OK(store_open(folder, STORE_WRITE, &s, &err));
		FAILS(ERR_CORRUPT, store_verify(s, &err));
		close_store();
		unlink(path("purser.db-wal"));
		unlink(path("purser.db-shm"));
		ck_assert_int_eq(rename(copy, path("purser.db")), 0);
	}
}
END_TEST

/* ---- many at once ---- */

START_TEST(made_by_four_at_once)
{
	pid_t children[4];
	int status;

	lose();
	for (int i = 0; i < 4; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct store *mine;

			_exit(store_open(folder, STORE_WRITE, &mine, &err) == 0 ? 0 : 1);
		}
	}
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
		ck_assert_int_eq(status, 0);
	}
	OK(store_open(folder, STORE_WRITE, &s, &err));
}
END_TEST

START_TEST(busy_is_told_at_once)
{
	struct store *second;

	OK(store_open(folder, STORE_WRITE, &second, &err));
	OK(store_begin(s, &err));
	FAILS(ERR_BUSY, store_begin(second, &err));
	FAILS(ERR_BUSY, store_begin_wait(second, 30, &err));
	store_rollback(s);
	OK(store_begin_wait(second, 30, &err));
	store_rollback(second);
	store_close(second);
}
END_TEST

/* ---- dying ---- */

static void
submit_in_child(const char *batch, int n, bool commit)
{
	struct batch b;
	struct submitted out;
	struct store *mine;

	batch_start(&b, batch);
	for (int i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof(name), "o%d", i);
		batch_add(&b, name);
	}
	if (store_open(folder, STORE_WRITE, &mine, &err) < 0 || store_begin(mine, &err) < 0 ||
	    store_submit(mine, &b, NULL, NOW, &out, &err) < 0 ||
	    (commit && store_commit(mine, &err) < 0))
		_exit(1);
	kill(getpid(), SIGKILL);
}

static void
wait_killed(pid_t child)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "status %x", status);
}

START_TEST(killed_in_a_transaction)
{
	pid_t child;

	close_store();
	if ((child = fork()) == 0)
		submit_in_child("kept", 20, true);
	wait_killed(child);
	if ((child = fork()) == 0)
		submit_in_child("lost", 1000, false); /* so many that pages spill into the log */
	wait_killed(child);
	OK(store_open(folder, STORE_WRITE, &s, &err));
	ck_assert_int_eq(queued(), 20);
	char id[ID_SIZE];
	submit_one("lost", "again", id);
	ck_assert_int_eq(queued(), 21);
}
END_TEST

/* Whatever was reported as committed is there after SIGKILL at a random moment. */
START_TEST(killed_at_random)
{
	unsigned seed = (unsigned)getpid();
	int64_t told = 0, stored = 0;

	printf("# killed_at_random: seed %u\n", seed);
	close_store();
	for (int round = 0; round < 10; round++) {
		int fds[2];
		char byte;

		ck_assert_int_eq(pipe(fds), 0);
		pid_t child = fork();
		if (child == 0) {
			OK(store_open(folder, STORE_WRITE, &s, &err));
			for (int i = 0;; i++) {
				char name[32], id[ID_SIZE];

				snprintf(name, sizeof(name), "b%d-%d", round, i);
				submit_one(name, "a", id);
				if (write(fds[1], "x", 1) != 1)
					_exit(1);
				store_checkpoint(s);
			}
		}
		close(fds[1]);
		usleep(2000 + (unsigned)rand_r(&seed) % 20000);
		kill(child, SIGKILL);
		while (read(fds[0], &byte, 1) == 1)
			told++;
		wait_killed(child);
		close(fds[0]);
		OK(store_open(folder, STORE_WRITE, &s, &err));
		OK(store_verify(s, &err));
		stored = queued();
		/* The last one may be committed and not told any more. */
		ck_assert_int_ge(stored, told);
		ck_assert_int_le(stored, told + 1);
		told = stored;
		close_store();
	}
	OK(store_open(folder, STORE_WRITE, &s, &err));
}
END_TEST

/* ---- disks ---- */

START_TEST(limit_on_file_size)
{
	int status, fds[2];
	int64_t kept = 0;

	close_store();
	ck_assert_int_eq(pipe(fds), 0);
	pid_t child = fork();
	if (child == 0) {
		struct rlimit limit = { .rlim_cur = 800 * 1024, .rlim_max = 800 * 1024 };

		signal(SIGXFSZ, SIG_IGN);
		if (store_open(folder, STORE_WRITE, &s, &err) < 0 ||
		    setrlimit(RLIMIT_FSIZE, &limit) < 0)
			_exit(1);
		for (int i = 0;; i++) {
			struct batch b;
			struct submitted out;
			char name[16];

			snprintf(name, sizeof(name), "b%d", i);
			batch_start(&b, name);
			batch_add(&b, "a");
			if (store_begin(s, &err) < 0 ||
			    store_submit(s, &b, NULL, NOW, &out, &err) < 0 ||
			    store_commit(s, &err) < 0)
				break;
			batch_end(&b);
			kept++;
		}
		/* It goes on saying so, and can still be read. */
		store_rollback(s);
		if (err.kind != ERR_FULL || queued() != kept) {
			printf("# kind %d: %s\n", err.kind, err.msg);
			fflush(stdout);
			_exit(2);
		}
		_exit(write(fds[1], &kept, sizeof(kept)) == sizeof(kept) ? 0 : 3);
	}
	close(fds[1]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(read(fds[0], &kept, sizeof(kept)), sizeof(kept));
	close(fds[0]);
	OK(store_open(folder, STORE_WRITE, &s, &err));
	ck_assert_int_gt(kept, 0);
	ck_assert_int_eq(queued(), kept);
}
END_TEST

static void
reopen_on_faulty(void)
{
	close_store();
	faulty_install();
	OK(store_open(folder, STORE_WRITE, &s, &err));
}

/* The n-th write finds the disk full, for every n until none does: nothing committed is lost, nothing half done stays. */
START_TEST(every_write_fails_once)
{
	int64_t kept = 0;
	bool done = false;

	reopen_on_faulty();
	for (int n = 1; !done; n++) {
		struct batch b;
		struct submitted out;
		char name[16];

		snprintf(name, sizeof(name), "b%d", n);
		batch_start(&b, name);
		batch_add(&b, "a");
		batch_add(&b, "b");
		writes = 0;
		fail_write = n;
		err.kind = ERR_NONE;
		OK(store_begin(s, &err));
		if (store_submit(s, &b, NULL, NOW, &out, &err) == 0 && store_commit(s, &err) == 0) {
			kept += 2;
			done = writes < n;
		} else {
			ck_assert_msg(err.kind == ERR_FULL, "write %d: %s", n, err.msg);
		}
		store_rollback(s);
		fail_write = 0;
		ck_assert_int_eq(queued(), kept);
		batch_end(&b);
		ck_assert_int_lt(n, 200);
	}
	ck_assert_int_eq(kept, 2);
}
END_TEST

/* Pages that spill in the middle of a transaction make SQLite give it up by itself. */
START_TEST(transaction_lost_in_the_middle)
{
	struct batch b;
	struct submitted out;

	reopen_on_faulty();
	batch_start(&b, "big");
	for (int i = 0; i < 900; i++) {
		char name[16];

		snprintf(name, sizeof(name), "o%d", i);
		struct objective *o = batch_add(&b, name);
		char *big = xcalloc(1, 9000);
		memset(big, 'x', 8999);
		cJSON_AddStringToObject(o->parameters, "text", big);
		free(big);
	}
	OK(store_begin(s, &err));
	writes = 0;
	fail_write = 1;
	FAILS(ERR_FULL, store_submit(s, &b, NULL, NOW, &out, &err));
	fail_write = 0;
	/* Whoever goes on all the same must not write outside of a transaction. */
	FAILS(ERR_FULL, store_audit_add(s, "runner.started", NULL, NULL, NOW, &err));
	FAILS(ERR_FULL, store_mark(s, &err));
	FAILS(ERR_FULL, store_commit(s, &err));
	ck_assert_int_eq(queued(), 0);
	batch_end(&b);
}
END_TEST

START_TEST(failed_flush_is_uncertain)
{
	struct batch b;
	struct submitted out;
	char id[ID_SIZE];

	reopen_on_faulty();
	submit_one("before", "a", id);
	batch_start(&b, "b");
	batch_add(&b, "a");
	OK(store_begin(s, &err));
	OK(store_submit(s, &b, NULL, NOW, &out, &err));
	syncs = 0;
	fail_sync = 1;
	FAILS(ERR_UNCERTAIN, store_commit(s, &err));
	/* Nothing before it is known what the disk holds. */
	FAILS(ERR_UNCERTAIN, store_begin(s, &err));
	ck_assert_int_eq(store_reopen(s, &err), -1);
	fail_sync = 0;
	OK(store_reopen(s, &err));
	/* Read now, it stays so. */
	int64_t n = queued();
	ck_assert(n == 1 || n == 2);
	submit_one("after", "a", id);
	close_store();
	OK(store_open(folder, STORE_WRITE, &s, &err));
	ck_assert_int_eq(queued(), n + 1);
	batch_end(&b);
}
END_TEST

START_TEST(reopen_finds_another_file)
{
	lose();
	OK(store_open(folder, STORE_WRITE, &s, &err));
	unlink(path("purser.db-wal"));
	unlink(path("purser.db-shm"));
	ck_assert_int_eq(unlink(path("purser.db")), 0);
	struct store *anew;
	OK(store_open(folder, STORE_WRITE, &anew, &err));
	FAILS(ERR_CORRUPT, store_reopen(s, &err));
	store_close(anew);
	close_store();
}
END_TEST

/* ---- checkpoints ---- */

static off_t
size_of(const char *name)
{
	struct stat st;

	return stat(path(name), &st) == 0 ? st.st_size : 0;
}

/* Some 2.5 MB of log. */
static void
submit_big(const char *name)
{
	struct batch b;
	char big[40000];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	batch_start(&b, name);
	for (int i = 0; i < 60; i++) {
		char text[16];

		snprintf(text, sizeof(text), "o%d", i);
		cJSON_AddStringToObject(batch_add(&b, text)->parameters, "text", big);
	}
	submit(&b);
	batch_end(&b);
}

START_TEST(checkpoint_keeps_the_log_small)
{
	char name[16];

	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "b%d", i);
		submit_big(name);
		store_checkpoint(s);
	}
	ck_assert_int_gt(size_of("purser.db"), 8 << 20);
	ck_assert_int_lt(size_of("purser.db-wal"), 16 << 20);
}
END_TEST

START_TEST(no_checkpoint_while_another_writes)
{
	struct store *second;
	off_t before;

	OK(store_open(folder, STORE_WRITE, &second, &err));
	submit_big("b");
	submit_big("c");
	submit_big("d");
	before = size_of("purser.db");
	OK(store_begin(second, &err));
	store_checkpoint(s); /* refused at once */
	ck_assert_int_eq(size_of("purser.db"), before);
	store_rollback(second);
	store_checkpoint(s);
	ck_assert_int_gt(size_of("purser.db"), before);
	/* And while somebody else checkpoints, nobody writes. */
	int fd = open(path("checkpoint.lock"), O_RDWR);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	FAILS(ERR_BUSY, store_begin(second, &err));
	close(fd);
	store_close(second);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("open", &t);

	tcase_add_test(t, files_are_private);
	tcase_add_test(t, same_store_after_closing);
	tcase_add_test(t, nothing_to_read_yet);
	tcase_add_test(t, lost_beside_an_audit_log);
	tcase_add_test(t, lost_beside_runs);
	tcase_add_test(t, lost_beside_its_log);
	tcase_add_test(t, cut_short_in_the_making);
	tcase_add_test(t, moved_while_open);
	tcase_add_test(t, of_a_newer_schema);
	tcase_add_test(t, of_schema_1);
	tcase_add_test(t, of_another_program);
	tcase_add_test(t, damaged_header);
	tcase_add_test(t, cut_off);
	tcase_add_test(t, damaged_pages);
	tcase_add_test(t, counts_out_of_step);
	tcase_add_test(t, made_by_four_at_once);
	tcase_add_test(t, busy_is_told_at_once);
	tcase_add_test(t, killed_in_a_transaction);
	tcase_add_test(t, killed_at_random);
	tcase_add_test(t, limit_on_file_size);
	tcase_add_test(t, every_write_fails_once);
	tcase_add_test(t, transaction_lost_in_the_middle);
	tcase_add_test(t, failed_flush_is_uncertain);
	tcase_add_test(t, reopen_finds_another_file);
	tcase_add_test(t, checkpoint_keeps_the_log_small);
	tcase_add_test(t, no_checkpoint_while_another_writes);
	return unit_run(suite);
}
