/* The audit log: nothing lost by rotation or crashes, and every way of tampering is found. */
#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"
#include "base/file.h"
#include "base/mem.h"
#include "engine/audit.h"
#include "engine/audit_file.h"

static char folder[] = "/tmp/purser-audit.XXXXXX";
static struct store *store;
static struct err e;
static const struct audit_limits wide = { 10 * 1024 * 1024, 5 };
static const struct audit_limits narrow = { 2000, 3 };

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_msg(store_open(folder, STORE_WRITE, &store, &e) == 0, "%s", e.msg);
}

static void
tear_down(void)
{
	store_close(store);
	ck_assert_int_eq(file_remove_tree(folder, &e), 0);
}

static void
add(int n)
{
	ck_assert_int_eq(store_begin(store, &e), 0);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(
		    store_audit_add(store, "test.record", NULL, NULL, 1000 + i, &e), 0);
	ck_assert_int_eq(store_commit(store, &e), 0);
}

static void
flush(const struct audit_limits *limits)
{
	ck_assert_msg(audit_flush(store, folder, limits, &e) == 0, "%s", e.msg);
}

/* How many faults the proof finds; the first one's text is kept. */
static char first_fault[300];

static size_t
faults_found(struct audit_report *report)
{
	struct faults faults = { 0 };
	size_t n;

	e.kind = ERR_NONE;
	if (audit_verify(store, folder, report, &faults, &e) == -1)
		ck_assert_msg(faults.count > 0, "%s", e.msg);
	n = faults.count;
	snprintf(first_fault, sizeof first_fault, "%s", n > 0 ? faults.list.v[0] : "");
	faults_clear(&faults);
	return n;
}

static char *
path_of(const char *name)
{
	return file_join(folder, name);
}

static char *
slurp(const char *name)
{
	AUTO_FREE char *path = path_of(name);
	struct buf text = BUF_INIT(1 << 20);

	ck_assert_msg(file_read(path, 1 << 20, &text, &e) == 0, "%s", e.msg);
	return buf_take(&text);
}

static void
spill(const char *name, const char *text)
{
	AUTO_FREE char *path = path_of(name);

	ck_assert_int_eq(file_replace(path, text, strlen(text), 0600, &e), 0);
}

static int
count_record(const cJSON *record, const char *line, void *data)
{
	int64_t *last = data;

	(void)line;
	ck_assert_int_eq(json_int(record, "n", -1), *last + 1);
	++*last;
	return 0;
}

START_TEST(what_is_flushed_is_proven)
{
	struct audit_report report;
	int64_t last = 0;

	add(10);
	flush(&wide);
	add(5);
	ck_assert_uint_eq(faults_found(&report), 0);
	ck_assert_int_eq(report.first, 1);
	ck_assert_int_eq(report.last, 15);
	ck_assert_int_eq(report.pending, 5);
	ck_assert_int_eq(audit_each(store, folder, count_record, &last, &e), 0);
	ck_assert_int_eq(last, 15);
}
END_TEST

START_TEST(an_empty_log_is_proven)
{
	struct audit_report report;

	flush(&wide);
	ck_assert_uint_eq(faults_found(&report), 0);
	ck_assert_int_eq(report.last, 0);
}
END_TEST

START_TEST(rotation_keeps_the_chain_and_prunes)
{
	struct audit_report report;

	for (int i = 0; i < 40; i++) {
		add(3);
		flush(&narrow);
		ck_assert_msg(faults_found(&report) == 0, "round %d: %s", i, first_fault);
	}
	ck_assert_int_eq(report.last, 120);
	ck_assert_int_eq(report.files, 3);
	ck_assert_int_gt(report.pruned, 0);
	ck_assert_int_eq(report.first, report.pruned + 1);
}
END_TEST

START_TEST(one_flush_may_rotate_often)
{
	struct audit_report report;

	add(200);
	flush(&narrow);
	ck_assert_msg(faults_found(&report) == 0, "%s", first_fault);
	ck_assert_int_eq(report.last, 200);
	ck_assert_int_eq(report.files, 3);
}
END_TEST

START_TEST(a_torn_line_is_mended)
{
	AUTO_FREE char *text = NULL;
	struct audit_report report;

	add(4);
	flush(&wide);
	text = slurp("audit.log");
	AUTO_FREE char *torn = xasprintf("%s{\"n\":5,\"prev\":\"ab", text);
	spill("audit.log", torn);
	ck_assert_uint_eq(faults_found(&report), 0);
	add(1);
	flush(&wide);
	ck_assert_uint_eq(faults_found(&report), 0);
	ck_assert_int_eq(report.last, 5);
}
END_TEST

/* Written and synced, but the mark was lost with the crash: the lines stand in both places. */
START_TEST(lines_in_both_places_are_not_doubled)
{
	struct audit_report report;
	int64_t number;

	add(4);
	ck_assert_int_eq(audit_append(store, folder, &wide, &number, &e), 0);
	ck_assert_int_eq(number, 4);
	ck_assert_uint_eq(faults_found(&report), 0);
	flush(&wide);
	ck_assert_uint_eq(faults_found(&report), 0);
	ck_assert_int_eq(report.last, 4);
	ck_assert_int_eq(report.pending, 0);
}
END_TEST

/* The crash came between the renames of a rotation: audit.log is not there. */
START_TEST(a_rotation_cut_short_goes_on)
{
	AUTO_FREE char *present = path_of("audit.log");
	AUTO_FREE char *older = path_of("audit.log.1");
	struct audit_report report;

	add(4);
	flush(&wide);
	ck_assert_int_eq(rename(present, older), 0);
	ck_assert_uint_eq(faults_found(&report), 0);
	add(2);
	flush(&wide);
	ck_assert_msg(faults_found(&report) == 0, "%s", first_fault);
	ck_assert_int_eq(report.last, 6);
	ck_assert_int_eq(report.files, 2);
}
END_TEST

static char *
without_line(const char *text, int line)
{
	struct buf out = BUF_INIT(1 << 20);

	for (const char *at = text; *at != '\0'; line--) {
		const char *end = strchr(at, '\n') + 1;

		if (line != 1)
			buf_add(&out, at, (size_t)(end - at));
		at = end;
	}
	return buf_take(&out);
}

enum tampering { DROP_FIRST, DROP_MIDDLE, DROP_LAST, CHANGE, TWICE, EMPTY, GARBAGE, TAMPERINGS };

START_TEST(tampering_is_found)
{
	struct audit_report report;
	AUTO_FREE char *forged = NULL;

	add(6);
	flush(&wide);
	AUTO_FREE char *text = slurp("audit.log");
	switch ((enum tampering)_i) {
	case DROP_FIRST:
		forged = without_line(text, 1);
		break;
	case DROP_MIDDLE:
		forged = without_line(text, 3);
		break;
	case DROP_LAST:
		forged = without_line(text, 6);
		break;
	case CHANGE:
		forged = xstrdup(text);
		*strstr(forged, "test.record") = 'f';
		break;
	case TWICE:
		forged = xasprintf("%s%s", text, text);
		break;
	case EMPTY:
		forged = xstrdup("");
		break;
	case GARBAGE:
		forged = xasprintf("not a record\n%s", text);
		break;
	case TAMPERINGS:
		break;
	}
	spill("audit.log", forged);
	ck_assert_msg(faults_found(&report) > 0, "tampering %d was not found", _i);
}
END_TEST

START_TEST(a_log_ahead_of_its_store_stops_everything)
{
	add(3);
	flush(&wide);
	AUTO_FREE char *text = slurp("audit.log");
	AUTO_FREE char *ahead = xasprintf("%s{\"n\":4,\"prev\":\"x\"}\n", text);
	spill("audit.log", ahead);
	add(0);
	ck_assert_int_eq(audit_flush(store, folder, &wide, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CORRUPT);
}
END_TEST

START_TEST(a_second_flusher_is_told)
{
	AUTO_FREE char *path = path_of(AUDIT_LOCK_NAME);
	int lock = file_lock(path, &e);

	ck_assert_int_ne(lock, -1);
	add(1);
	ck_assert_int_eq(audit_flush(store, folder, &wide, &e), -1);
	ck_assert_int_eq(e.kind, ERR_BUSY);
	close(lock);
	flush(&wide);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("audit");
	TCase *tests = tcase_create("audit");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, what_is_flushed_is_proven);
	tcase_add_test(tests, an_empty_log_is_proven);
	tcase_add_test(tests, rotation_keeps_the_chain_and_prunes);
	tcase_add_test(tests, one_flush_may_rotate_often);
	tcase_add_test(tests, a_torn_line_is_mended);
	tcase_add_test(tests, lines_in_both_places_are_not_doubled);
	tcase_add_test(tests, a_rotation_cut_short_goes_on);
	tcase_add_loop_test(tests, tampering_is_found, 0, TAMPERINGS);
	tcase_add_test(tests, a_log_ahead_of_its_store_stops_everything);
	tcase_add_test(tests, a_second_flusher_is_told);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
