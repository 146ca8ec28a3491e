/* Event streams, whole and in the smallest pieces. */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "driver/sse.h"
#include "../unit.h"

static const struct {
	const char *stream;
	const char *events; /* "TYPE=TEXT;" for each */
	const char *id;
	int64_t retry_ms;
} rows[] = {
	{ "data: a\n\n", "message=a;", "", -1 },
	{ "data: a\r\n\r\ndata:b\r\rdata:  c\n\n", "message=a;message=b;message= c;", "", -1 },
	{ "\xef\xbb\xbf"
	  "data: a\n\n",
	    "message=a;", "", -1 },
	{ "data: \xef\xbb\xbf"
	  "a\n\n",
	    "message=\xef\xbb\xbf"
	    "a;",
	    "", -1 },
	{ "data: a\ndata: b\ndata\ndata: c\n\n", "message=a\nb\n\nc;", "", -1 },
	{ "event: x\ndata: a\n\ndata: b\n\n", "x=a;message=b;", "", -1 },
	{ "id: 1\ndata: a\n\nid: 2\n\n", "message=a;", "2", -1 },
	{ "id: 1\ndata: a\n\nid: 2\ndata: b\n", "message=a;", "1", -1 },
	{ "id: 1\n\nid\n\n", "", "", -1 },
	{ "id: 1\ndata: \nretry: 500\n\n", "", "1", 500 },
	{ ": comment\n:\ndata: a\n\n", "message=a;", "", -1 },
	{ "retry: 12x\nretry:\nretry: -1\n\n", "", "", -1 },
	{ "retry: 99999999999999999999\n", "", "", 3600000 },
	{ "other: 1\nDATA: a\n data: b\n\n", "", "", -1 },
	{ "data: never ended", "", "", -1 },
	{ "\n\n\n\r\n\r", "", "", -1 },
};

static void
take_event(const char *type, const char *text, size_t len, void *data)
{
	ck_assert_uint_eq(strlen(text), len);
	buf_addf(data, "%s=%s;", type, text);
}

START_TEST(streams_are_read_in_pieces_of_any_size)
{
	size_t len = strlen(rows[_i].stream);

	for (size_t piece = 1; piece <= len; piece++) {
		struct buf got = BUF_INIT(1024);
		struct err e = { 0 };
		struct sse s;

		sse_init(&s, 100);
		for (size_t at = 0; at < len; at += piece)
			ck_assert_int_eq(
			    sse_feed(&s, rows[_i].stream + at, len - at < piece ? len - at : piece,
				take_event, &got, &e),
			    0);
		ck_assert_str_eq(buf_str(&got), rows[_i].events);
		ck_assert_str_eq(s.id, rows[_i].id);
		ck_assert_int_eq(s.retry_ms, rows[_i].retry_ms);
		sse_clear(&s);
		buf_clear(&got);
	}
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
	static const char *const streams[] = { "data: 0123456789",
		"data: 0\ndata: 1\ndata: 2\ndata: 3\ndata: 4\ndata: 5\n" };

	for (size_t i = 0; i < COUNT_OF(streams); i++) {
		struct buf got = BUF_INIT(1024);
		struct err e = { 0 };
		struct sse s;

		sse_init(&s, 10);
		ck_assert_int_eq(
		    sse_feed(&s, streams[i], strlen(streams[i]), take_event, &got, &e), -1);
		ck_assert_int_eq(e.kind, ERR_INPUT);
		sse_clear(&s);
		buf_clear(&got);
	}
}
END_TEST

START_TEST(a_new_connection_keeps_the_last_id)
{
	static const char first[] = "id: 1\ndata: a\n\nid: 2\ndata: ha",
			  second[] = "lf\n\ndata: b\n\n";
	struct buf got = BUF_INIT(1024);
	struct sse s;

	sse_init(&s, 100);
	ck_assert_int_eq(sse_feed(&s, first, strlen(first), take_event, &got, NULL), 0);
	sse_restart(&s);
	ck_assert_int_eq(sse_feed(&s, second, strlen(second), take_event, &got, NULL), 0);
	ck_assert_str_eq(buf_str(&got), "message=a;message=b;");
	ck_assert_str_eq(s.id, "1");
	sse_clear(&s);
	buf_clear(&got);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sse");
	TCase *t = tcase_create("sse");

	tcase_add_loop_test(t, streams_are_read_in_pieces_of_any_size, 0, (int)COUNT_OF(rows));
	tcase_add_test(t, what_is_too_long_is_refused);
	tcase_add_test(t, a_new_connection_keeps_the_last_id);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
