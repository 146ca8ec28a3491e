#include "config.h"

#include "cli/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/text.h"

#define HINTS_MAX 5
/* Work that is due later than this is left to the next scheduled run. */
#define WAIT_ADVISED_MS (60 * 60 * INT64_C(1000))

static void
add_part(struct buf *line, int64_t count, const char *word)
{
	if (count > 0)
		buf_addf(line, "%s%" PRId64 " %s", line->len > 0 ? ", " : "", count, word);
}

/* Polls are no result: how often it was looked is in the JSON only. */
static void
add_done(struct buf *line, const struct runner_summary *sum, const int64_t *counts)
{
	add_part(line, sum->succeeded, "succeeded");
	add_part(line, sum->failed, "failed");
	add_part(line, sum->held, "held");
	add_part(line, sum->cancelled, "cancelled");
	add_part(line, sum->destroyed, "destroyed");
	add_part(line, sum->retried, "retried");
	add_part(line, sum->fallen_back, "fallen back");
	add_part(line, sum->throttled, "throttled");
	add_part(
	    line, sum->orphaned, sum->orphaned == 1 ? "resource orphaned" : "resources orphaned");
	if (line->len > 0)
		return;
	if (sum->postponed > 0 || sum->interrupted)
		buf_adds(line, "nothing ended yet");
	else if (counts[STATE_RUNNING] > 0)
		buf_addf(line, "another runner has %" PRId64 " in hand", counts[STATE_RUNNING]);
	else
		buf_adds(line, "nothing was to be done");
}

static void
add_left(struct buf *line, const int64_t *counts)
{
	add_part(line, counts[STATE_QUEUED], "queued");
	add_part(line, counts[STATE_RUNNING], "running");
	add_part(line, counts[STATE_HELD], "held");
}

/* For a person: the end of the live display. */
static void
print_summary(const struct runner_summary *sum, const int64_t *counts, int64_t span_ms)
{
	struct buf done = BUF_INIT(1024), left = BUF_INIT(1024);
	char span[CLOCK_TEXT_SIZE];

	add_done(&done, sum, counts);
	add_left(&left, counts);
	printf("%s%s, in %s%s\n", style_on(STYLE_BOLD), buf_str(&done),
	    clock_format_span(span_ms, span), style_off(STYLE_BOLD));
	if (left.len > 0)
		printf("left: %s\n", buf_str(&left));
	buf_clear(&done);
	buf_clear(&left);
}

/* For the mail of a cron job and for the journal: all in the last line. */
void
summary_line(const struct runner_summary *sum, const int64_t *counts, int64_t span_ms)
{
	struct buf done = BUF_INIT(1024), left = BUF_INIT(1024);
	char span[CLOCK_TEXT_SIZE];

	add_done(&done, sum, counts);
	add_left(&left, counts);
	printf("purser: %s, in %s%s%s\n", buf_str(&done), clock_format_span(span_ms, span),
	    left.len > 0 ? "; left: " : "", buf_str(&left));
	buf_clear(&done);
	buf_clear(&left);
}

/* Nobody waits for it at a terminal. */
static bool
is_far(const struct runner_summary *sum)
{
	return sum->later_ms - clock_now_ms() > WAIT_ADVISED_MS;
}

static void
print_later(const struct runner_summary *sum)
{
	char when[64];

	if (sum->later_ms > 0)
		printf("the next scheduled work is due %s%s\n",
		    text_when(sum->later_ms, clock_now_ms(), when, sizeof(when)),
		    is_far(sum) ? "; the next scheduled run does it" : "");
}

/* A hint may be left out; what was done is told all the same. */
static bool
is_in_doubt(struct store *s, const char *id)
{
	struct hold *holds = NULL;
	struct err e = { 0 };
	bool found = false;
	size_t n = 0;

	if (store_holds(s, id, &holds, &n, &e) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		found = found || strcmp(holds[i].reason, "in_doubt") == 0;
	store_holds_free(holds, n);
	return found;
}

static void
hint_trouble(struct store *s, const struct trouble *t)
{
	bool failed = t->kind == PROGRESS_FAILED;

	say_next(
	    "purser show %s   (%s %s)", id_short(t->id), t->label, failed ? "failed" : "is held");
	if (!failed && is_in_doubt(s, t->id))
		say_next("purser resolve %s --happened | --not-happened", id_short(t->id));
}

/* As --wait takes it, rounded up: "45s", "12m". */
static const char *
wait_text(int64_t due_ms, char *out, size_t size)
{
	int64_t left_s = (due_ms - clock_now_ms()) / 1000 + 1;

	if (left_s <= 120)
		snprintf(out, size, "%" PRId64 "s", left_s > 0 ? left_s : 1);
	else
		snprintf(out, size, "%" PRId64 "m", (left_s + 59) / 60);
	return out;
}

static void
print_hints(struct store *s, const char *batch, const struct display *d,
    const struct runner_summary *sum, const int64_t *counts)
{
	size_t shown = d->n_troubles < HINTS_MAX ? d->n_troubles : HINTS_MAX;
	char span[32];

	for (size_t i = 0; i < shown; i++)
		hint_trouble(s, &d->troubles[i]);
	if (d->n_troubles + d->more_troubles > shown || (shown == 0 && counts[STATE_HELD] > 0))
		say_next("purser list --state failed,held");
	if (sum->orphaned > 0)
		say_next("purser resources --orphaned");
	if (sum->failed > 0 && batch != NULL)
		say_next("purser retry --batch %s   (when the reason is gone)", batch);
	else if (sum->failed > 0)
		say_next("purser retry OBJECTIVE   (when the reason is gone)");
	if (sum->detached)
		say_next("purser run   (steps go on by themselves; it takes them up again)");
	else if (sum->interrupted && counts[STATE_QUEUED] > 0)
		say_next("purser run");
	else if (sum->later_ms > 0 && !is_far(sum))
		say_next("purser run --wait %s", wait_text(sum->later_ms, span, sizeof(span)));
}

void
summary_json(
    const struct runner_summary *sum, const int64_t *counts, int64_t span_ms, enum status status)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	cJSON *left;

	report_add_time(json, "time", clock_now_ms());
	json_add_str(json, "event", "summary");
	json_add_int(json, "succeeded", sum->succeeded);
	json_add_int(json, "failed", sum->failed);
	json_add_int(json, "held", sum->held);
	json_add_int(json, "cancelled", sum->cancelled);
	json_add_int(json, "destroyed", sum->destroyed);
	json_add_int(json, "postponed", sum->postponed);
	json_add_int(json, "retried", sum->retried);
	json_add_int(json, "fallen_back", sum->fallen_back);
	json_add_int(json, "throttled", sum->throttled);
	json_add_int(json, "orphaned", sum->orphaned);
	left = cJSON_AddObjectToObject(json, "left");
	json_add_int(left, "queued", counts[STATE_QUEUED]);
	json_add_int(left, "running", counts[STATE_RUNNING]);
	json_add_int(left, "held", counts[STATE_HELD]);
	report_add_time(json, "later", sum->later_ms);
	json_add_bool(json, "interrupted", sum->interrupted);
	json_add_bool(json, "detached", sum->detached);
	json_add_int(json, "elapsed_ms", span_ms);
	json_add_int(json, "status", (int64_t)status);
	text = json_text(json);
	puts(text);
}

/* Hints are on stderr: the line is the last one on stdout in any case. */
void
summary_tell(struct store *s, const char *batch, const struct display *d,
    const struct runner_summary *sum, const int64_t *counts, int64_t span_ms)
{
	if (isatty(STDOUT_FILENO)) {
		print_summary(sum, counts, span_ms);
		print_later(sum);
	} else {
		print_later(sum);
		summary_line(sum, counts, span_ms);
	}
	print_hints(s, batch, d, sum, counts);
}
