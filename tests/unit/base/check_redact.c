/*
 * Secrets go, all else stays: tests/data/redact/README.md tells the form of the texts. Then
 * what no text of theirs shows: JSON stays JSON, and hostile texts do no harm.
 */
#include "config.h"
#include "base/redact.h"

#include <stdio.h>
#include <string.h>

#include "../unit.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

#define FILE_MAX ((size_t)256 * 1024)
#define OPEN "<<"
#define CLOSE ">>"
#define LINE_END "\xe2\x8f\x8e" /* stands for the end of a line within a text */

static char *
data_file(const char *name)
{
	const char *top = getenv("srcdir");
	AUTO_FREE char *path = xasprintf("%s/tests/data/redact/%s", top ? top : ".", name);
	struct buf text = BUF_INIT(FILE_MAX);
	struct err e = { 0 };

	ck_assert_msg(file_read(path, FILE_MAX, &text, &e) == 0, "%s", e.msg);
	return buf_take(&text);
}

/* The line as a tool would print it, and the same with stars for what is between << and >>. */
static void
read_line(const char *line, struct buf *text, struct buf *masked)
{
	bool inside = false;

	while (*line != '\0') {
		bool open = strncmp(line, OPEN, 2) == 0, close = strncmp(line, CLOSE, 2) == 0;

		if (open || close) {
			inside = open;
			line += 2;
		} else if (strncmp(line, LINE_END, 3) == 0) {
			buf_addc(text, '\n');
			buf_addc(masked, '\n');
			line += 3;
		} else {
			buf_addc(text, *line);
			buf_addc(masked, inside ? '*' : *line);
			line++;
		}
	}
}

/* Prints each line that is not masked as it says; returns how many there are of those that are. */
static size_t
check_lines(const char *name, size_t *wrong)
{
	AUTO_FREE char *lines = data_file(name);
	char *rest = lines, *line;
	size_t right = 0;

	*wrong = 0;
	while ((line = strsep(&rest, "\n")) != NULL) {
		CLEANUP(buf_clear) struct buf text = BUF_INIT(FILE_MAX), want = BUF_INIT(FILE_MAX);

		if (*line == '#' || *line == '\0')
			continue;
		read_line(line, &text, &want);
		size_t found = redact(text.data, text.len);
		if (strcmp(text.data, want.data) == 0 &&
		    (found > 0) == (strstr(line, OPEN) != NULL)) {
			right++;
			continue;
		}
		printf("# got:  %s\n# want: %s\n", text.data, want.data);
		(*wrong)++;
	}
	fflush(stdout);
	return right;
}

START_TEST(secrets_go)
{
	size_t wrong, right = check_lines("secrets.txt", &wrong);

	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_ge(right, 60);
}
END_TEST

START_TEST(all_else_stays)
{
	size_t wrong, right = check_lines("harmless.txt", &wrong);

	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_ge(right, 60);
}
END_TEST

static const struct {
	const char *text, *want;
} cases[] = {
	{ "", "" },
	{ "password", "password" },
	{ "password=", "password=" },
	{ "password:", "password:" },
	{ "\"password\":", "\"password\":" },
	{ "\"password\":\"", "\"password\":\"" },
	/* Cut in the middle: to the end, but not over the line's. */
	{ "\"password\":\"abc", "\"password\":\"***" },
	{ "\"password\":\"abc\nnext", "\"password\":\"***\nnext" },
	{ "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----" },
	{ "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nfailed to parse it",
	    "-----BEGIN PRIVATE KEY-----\n******\n****** to parse it" },
	/* A number stays a number. */
	{ "{\"pin_secret\": -12.5e3, \"n\": 5}", "{\"pin_secret\": -99.9e3, \"n\": 5}" },
	/* So does a word; and both end where they end, also under the name of a header. */
	{ "{\"cookie\": 1, \"n\": \"x\"}", "{\"cookie\": 9, \"n\": \"x\"}" },
	{ "{\"cookie\": null, \"n\": 5}", "{\"cookie\": null, \"n\": 5}" },
	{ "{\"set-cookie\":\001-1.5e3}", "{\"set-cookie\":\001-9.9e3}" },
	/* Control characters are blanks, and behind the end of a string no value. */
	{ "\"appkey: \"\002", "\"appkey: \"\002" },
	{ "\"appkey:[\"\002", "\"appkey:[\"\002" },
	/* Quotes within the value. */
	{ "{\"password\": \"a\\\"b\", \"n\": 5}", "{\"password\": \"****\", \"n\": 5}" },
	{ "{\"password\": \"a\\\\\", \"n\": 5}", "{\"password\": \"***\", \"n\": 5}" },
	{ "{\"m\": \"password='abc\", \"n\": \"it's\"}",
	    "{\"m\": \"password='***\", \"n\": \"it's\"}" },
	{ "{\"m\": \"password=abc\", \"n\": 5}", "{\"m\": \"password=***\", \"n\": 5}" },
	{ "{\"m\": \"password=abc\\nnext\"}", "{\"m\": \"password=***\\nnext\"}" },
	{ "{\"m\": \"(password=abc)\"}", "{\"m\": \"(password=***)\"}" },
	{ "[\"--password=\", \"b1\"]", "[\"--password=\", \"b1\"]" },
	{ "{\"m\": \"{\\\"passwords\\\": [\\\"a1\\\", \\\"b1\\\"], \\\"n\\\": 5}\"}",
	    "{\"m\": \"{\\\"passwords\\\": [\\\"**\\\", \\\"**\\\"], \\\"n\\\": 5}\"}" },
	/* The second item is no value of the first one. */
	{ "{\"secrets\": [\"${A}\", \"b1\"], \"n\": \"c\"}",
	    "{\"secrets\": [\"${A}\", \"**\"], \"n\": \"c\"}" },
	{ "{\"secrets\": {\"db\": \"b1\", \"n\": 5}}",
	    "{\"secrets\": {\"db\": \"**\", \"n\": 5}}" },
	{ "{\"secret\": {\"name\": \"b1\"}}", "{\"secret\": {\"name\": \"b1\"}}" },
	/* No bracket of a text reaches further than its list. */
	{ "]]]}}} [{ \"value\": \"x\"", "]]]}}} [{ \"value\": \"x\"" },
	{ "https://h:443/x https://h:x", "https://h:443/x https://h:x" },
};

START_TEST(is_masked_so)
{
	AUTO_FREE char *text = xstrdup(cases[_i].text);

	redact(text, strlen(text));
	ck_assert_str_eq(text, cases[_i].want);
	redact(text, strlen(text));
	ck_assert_str_eq(text, cases[_i].want);
}
END_TEST

static char *
repeated(const char *piece, size_t len)
{
	size_t n = strlen(piece);
	char *text = xmalloc(len + 1);

	for (size_t i = 0; i < len; i++)
		text[i] = piece[i % n];
	text[len] = '\0';
	return text;
}

/* What made others quadratic, and what might us. */
static const char *const hostile[] = {
	"https://h:",
	"-----BEGIN RSA PRIVATE KEY-----",
	"-----BEGIN PRIVATE KEY-----A",
	"DefaultEndpointsProtocol",
	"password=${",
	"key=",
	"\"key\":\"",
	"\"key\":\\\"\"key\":'",
	"authorization:",
	"cookie:",
	"hvs.",
	"SG.",
	"eyJ",
	"eyJaaaaaaaaaaaaa.",
	"sig=",
	"code=",
	"{\"name\":\"x\",\"value\":\"",
	"[{\"passwords\":[",
	"a:",
	"key:",
	"--password ",
	"Bearer ",
	"A/",
	"\\",
	"\"",
	"pwd\\\\\\\\\\\\\\",
	"                                                               pwd",
};

/* How long it takes is measured by tests/bench/redact.c; what is not linear does not end here. */
START_TEST(hostile_texts_end)
{
	const size_t len = 1024 * 1024;
	AUTO_FREE char *text = repeated(hostile[_i], len);

	redact(text, len);
	ck_assert_uint_eq(strlen(text), len);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("redact");
	TCase *tcase = tcase_create("redact");

	tcase_add_test(tcase, secrets_go);
	tcase_add_test(tcase, all_else_stays);
	tcase_add_loop_test(tcase, is_masked_so, 0, COUNT_OF(cases));
	tcase_add_loop_test(tcase, hostile_texts_end, 0, COUNT_OF(hostile));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
