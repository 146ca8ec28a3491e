/* URLs: origins that can be compared, loopback addresses, escaping. The rest needs a server: tests/e2e/prices.t. */
#include <config.h>

#include "base/http.h"
#include "base/mem.h"
#include "tests/unit/unit.h"

static const struct {
	const char *url, *origin; /* NULL: refused */
	bool local;
} urls[] = {
	{ "https://prices.azure.com/api", "https://prices.azure.com:443", false },
	{ "https://prices.azure.com:443/api?x#y", "https://prices.azure.com:443", false },
	{ "HTTPS://Prices.Azure.COM", "https://prices.azure.com:443", false },
	{ "http://prices.azure.com?x", "http://prices.azure.com:80", false },
	{ "http://127.0.0.1:8080/", "http://127.0.0.1:8080", true },
	{ "http://localhost/", "http://localhost:80", true },
	{ "http://[::1]:99/x", "http://[::1]:99", true },
	{ "http://127.evil.example/", "http://127.evil.example:80", false },
	{ "http://localhost.evil.example/", "http://localhost.evil.example:80", false },
	{ "https://prices.azure.com@evil.example/", NULL, false },
	{ "https://user:1@evil.example/", NULL, false },
	{ "https://prices.azure.com:443@evil.example/", NULL, false },
	{ "https://prices.azure.com\\@evil.example/", NULL, false },
	{ "https://prices.azure.com:0/", NULL, false },
	{ "https://prices.azure.com:65536/", NULL, false },
	{ "https://prices.azure.com:/", NULL, false },
	{ "https://prices.azure.com:-1/", NULL, false },
	{ "https:///x", NULL, false },
	{ "https://", NULL, false },
	{ "https://[::1", NULL, false },
	{ "https://[]/", NULL, false },
	{ "file:///etc/passwd", NULL, false },
	{ "ftp://prices.azure.com/", NULL, false },
	{ "//prices.azure.com/", NULL, false },
	{ "/api", NULL, false },
	{ "", NULL, false },
};

START_TEST(origin)
{
	struct err e = { 0 };
	AUTO_FREE char *got = http_origin(urls[_i].url, &e);

	if (urls[_i].origin == NULL) {
		ck_assert_ptr_null(got);
		ck_assert_int_eq(e.kind, ERR_INPUT);
		return;
	}
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, urls[_i].origin);
	ck_assert_int_eq(http_origin_is_local(got), urls[_i].local);
}
END_TEST

START_TEST(escape)
{
	struct buf out = BUF_INIT(256);

	http_escape(&out, "a Z0-._~'$&=+%/?#\xc3\xa9");
	ck_assert_str_eq(buf_str(&out), "a%20Z0-._~%27%24%26%3D%2B%25%2F%3F%23%C3%A9");
	buf_clear(&out);
}
END_TEST

START_TEST(nobody_there)
{
	/* Port 1 of this machine: nothing listens there. */
	const struct http_request request = {
		.url = "http://127.0.0.1:1/", .timeout_ms = 5000, .max_bytes = 100
	};
	const struct http_request odd = {
		.url = "file:///etc/hostname", .timeout_ms = 5000, .max_bytes = 100
	};
	struct http_answer answer;
	struct err e = { 0 };

	ck_assert_int_eq(http_get(&request, &answer, &e), -1);
	ck_assert_int_eq(e.kind, ERR_BUSY);
	http_answer_clear(&answer);
	ck_assert_int_eq(http_get(&odd, &answer, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	http_answer_clear(&answer);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("http");
	TCase *tests = tcase_create("http");

	tcase_add_loop_test(tests, origin, 0, COUNT_OF(urls));
	tcase_add_test(tests, escape);
	tcase_add_test(tests, nobody_there);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
