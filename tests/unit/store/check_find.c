/* Finding, listing in pages, counting. */
#include "fixture.h"

#include <sqlite3.h>

static struct batch web, data;

static void
make_two_batches(void)
{
	batch_start(&web, "web");
	for (int i = 0; i < 10; i++) {
		char name[16];

		snprintf(name, sizeof(name), "w%d", i);
		struct objective *o = batch_add(&web, name);
		cJSON_AddStringToObject(o->labels, "team", i % 2 == 0 ? "red" : "blue");
		if (i >= 8) {
			free(o->capability);
			o->capability = xstrdup("storage_account");
		}
	}
	submit(&web);
	batch_start(&data, "data");
	for (int i = 0; i < 5; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d", i);
		cJSON_AddStringToObject(batch_add(&data, name)->labels, "team", "red");
	}
	submit(&data);
}

static void
free_batches(void)
{
	batch_end(&web);
	batch_end(&data);
}

START_TEST(by_id_tail_and_name)
{
	struct objective o;
	char upper[ID_SIZE];

	make_two_batches();
	for (size_t i = 0; i < web.len; i++) {
		OK(store_find(s, web.v[i].id, &o, &err));
		ck_assert_str_eq(o.name, web.v[i].name);
		objective_clear(&o);
		OK(store_find(s, id_short(web.v[i].id), &o, &err));
		ck_assert_str_eq(o.id, web.v[i].id);
		objective_clear(&o);
		OK(store_find(s, web.v[i].id + ID_LEN - 12, &o, &err));
		ck_assert_str_eq(o.id, web.v[i].id);
		objective_clear(&o);
	}
	for (size_t i = 0; i <= ID_LEN; i++)
		upper[i] = (char)(web.v[0].id[i] >= 'a' ? web.v[0].id[i] - 32 : web.v[0].id[i]);
	OK(store_find(s, upper, &o, &err));
	objective_clear(&o);
	OK(store_find(s, "data/d3", &o, &err));
	ck_assert_str_eq(o.id, data.v[3].id);
	objective_clear(&o);
	free_batches();
}
END_TEST

START_TEST(odd_references_find_nothing)
{
	static const char *const odd[] = { "", "abc", "/", "web/", "/w0", "web/w0/x", "../w0",
		"no/w0", "web/none", "w0", "zzzzzzzz", "0123456789abc",
		"00000000-0000-7000-8000-000000000000", "%", "'; DROP TABLE objectives;",
		"a very long reference that is no id at all and goes on and on and on and on" };
	struct objective o;

	make_two_batches();
	for (size_t i = 0; i < COUNT_OF(odd); i++) {
		FAILS(ERR_NOT_FOUND, store_find(s, odd[i], &o, &err));
		objective_clear(&o);
	}
	free_batches();
}
END_TEST

START_TEST(ambiguous_tail_names_them)
{
	struct objective o;
	sqlite3 *db;
	char path[100];

	make_two_batches();
	snprintf(path, sizeof(path), "%s/purser.db", folder);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_exec(db,
		"PRAGMA wal_autocheckpoint = 0;"
		"UPDATE objectives SET id = substr(id, 1, 24) || '0000' || printf('%04d', seq) || '5eed',"
		" tail = 'dee5' || substr(printf('%04d', seq), 4, 1) || substr(printf('%04d', seq), 3, 1) || '000000'",
		NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	FAILS(ERR_INPUT, store_find(s, "5eed", &o, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "web/w"));
	ck_assert_ptr_nonnull(strstr(err.msg, "and others"));
	OK(store_find(s, "00035eed", &o, &err));
	ck_assert_str_eq(o.name, "w2");
	objective_clear(&o);
	free_batches();
}
END_TEST

/* All that the filter gives, page by page, as names. */
static char *
pages(struct store_filter f)
{
	struct strv names = { NULL, 0, 0 };
	struct objective *v;
	size_t len;

	do {
		OK(store_list(s, &f, &v, &len, &err));
		ck_assert_uint_le(len, f.limit);
		for (size_t i = 0; i < len; i++) {
			strv_add(&names, v[i].name);
			f.after_seq = v[i].seq;
		}
		store_list_free(v, len);
	} while (len == f.limit);
	char *text = strv_join(&names, " ");
	strv_clear(&names);
	return text;
}

START_TEST(pages_and_filters)
{
	static const struct {
		struct store_filter f;
		const char *names;
	} rows[] = {
		{ { .limit = 100 }, "w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 d0 d1 d2 d3 d4" },
		{ { .limit = 4 }, "w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 d0 d1 d2 d3 d4" },
		{ { .limit = 1, .newest_first = true },
		    "d4 d3 d2 d1 d0 w9 w8 w7 w6 w5 w4 w3 w2 w1 w0" },
		{ { .limit = 2, .batch = "data" }, "d0 d1 d2 d3 d4" },
		{ { .limit = 2, .batch = "data", .newest_first = true }, "d4 d3 d2 d1 d0" },
		{ { .limit = 3, .capability = "storage_account" }, "w8 w9" },
		{ { .limit = 3, .batch = "data", .capability = "storage_account" }, "" },
		{ { .limit = 3,
		      .batch = "web",
		      .capability = "storage_account",
		      .newest_first = true },
		    "w9 w8" },
		{ { .limit = 3, .label = "team=blue" }, "w1 w3 w5 w7 w9" },
		{ { .limit = 3, .label = "team=blue", .newest_first = true }, "w9 w7 w5 w3 w1" },
		{ { .limit = 3, .label = "team=red", .batch = "data" }, "d0 d1 d2 d3 d4" },
		{ { .limit = 3, .label = "team=blue", .capability = "storage_account" }, "w9" },
		{ { .limit = 3, .label = "team=green" }, "" },
		{ { .limit = 3, .states = 1u << STATE_SUCCEEDED }, "w3" },
		{ { .limit = 3, .states = 1u << STATE_SUCCEEDED | 1u << STATE_RUNNING }, "w3 d1" },
		{ { .limit = 3, .states = 1u << STATE_RUNNING, .batch = "web" }, "" },
		{ { .limit = 3, .states = 1u << STATE_RUNNING, .label = "team=red" }, "d1" },
		{ { .limit = 3, .states = 1u << STATE_RUNNING, .label = "team=blue" }, "" },
		{ { .limit = 3, .states = 1u << STATE_QUEUED, .capability = "storage_account" },
		    "w8 w9" },
		{ { .limit = 2, .states = 1u << STATE_QUEUED, .batch = "data" }, "d0 d2 d3 d4" },
	};

	make_two_batches();
	struct claim c = claim(web.v[3].id, 1);
	move(&c, EVENT_SUCCEED);
	claim(data.v[1].id, 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *names = pages(rows[i].f);

		ck_assert_msg(strcmp(names, rows[i].names) == 0, "row %zu: %s", i, names);
		free(names);
	}
	free_batches();
}
END_TEST

START_TEST(unknown_batch_is_told)
{
	struct store_filter f = { .limit = 3, .batch = "none" };
	struct objective *v;
	int64_t counts[STATES];
	size_t len;

	FAILS(ERR_NOT_FOUND, store_list(s, &f, &v, &len, &err));
	FAILS(ERR_NOT_FOUND, store_counts(s, "none", counts, &err));
}
END_TEST

START_TEST(newest_batch_of_a_name)
{
	char first[ID_SIZE], second[ID_SIZE];
	struct objective o;
	bool at_once;

	submit_one("night", "a", first);
	WRITE(store_cancel(s, first, NULL, NOW, &at_once, &err));
	submit_one("night", "a", second);
	OK(store_find(s, "night/a", &o, &err));
	ck_assert_str_eq(o.id, second);
	objective_clear(&o);
}
END_TEST

START_TEST(batches_with_counts)
{
	struct batch_row *v;
	size_t len;

	make_two_batches();
	struct claim c = claim(web.v[3].id, 1);
	move(&c, EVENT_FAIL);
	OK(store_batches(s, 10, &v, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_str_eq(v[0].name, "data");
	ck_assert_int_eq(v[0].counts[STATE_QUEUED], 5);
	ck_assert_str_eq(v[1].name, "web");
	ck_assert_int_eq(v[1].counts[STATE_QUEUED], 9);
	ck_assert_int_eq(v[1].counts[STATE_FAILED], 1);
	store_batches_free(v, len);
	free_batches();
}
END_TEST

/* A page is one snapshot: it does not keep others from writing, nor see half of what they do. */
START_TEST(reader_beside_a_writer)
{
	struct store *reader;
	struct batch b;
	struct submitted out;
	int64_t counts[STATES];

	OK(store_open(folder, STORE_READ, &reader, &err));
	batch_start(&b, "b");
	batch_add(&b, "a");
	OK(store_begin(s, &err));
	OK(store_submit(s, &b, NULL, NOW, &out, &err));
	OK(store_counts(reader, NULL, counts, &err));
	ck_assert_int_eq(counts[STATE_QUEUED], 0);
	OK(store_counts(s, NULL, counts, &err));
	ck_assert_int_eq(counts[STATE_QUEUED], 1);
	OK(store_commit(s, &err));
	OK(store_counts(reader, NULL, counts, &err));
	ck_assert_int_eq(counts[STATE_QUEUED], 1);
	OK(store_verify(reader, &err));
	store_close(reader);
	batch_end(&b);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("find", &t);

	tcase_add_test(t, by_id_tail_and_name);
	tcase_add_test(t, odd_references_find_nothing);
	tcase_add_test(t, ambiguous_tail_names_them);
	tcase_add_test(t, pages_and_filters);
	tcase_add_test(t, unknown_batch_is_told);
	tcase_add_test(t, newest_batch_of_a_name);
	tcase_add_test(t, batches_with_counts);
	tcase_add_test(t, reader_beside_a_writer);
	return unit_run(suite);
}
