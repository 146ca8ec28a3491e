#include "config.h"

#include "cli/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/advise.h"
#include "cli/prospect.h"
#include "cli/remedy.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/text.h"

#define HINTS_MAX 8
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
add_done(struct buf *line, const struct runner_summary *sum, const struct left *left)
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
	else if (left->counts[STATE_RUNNING] > 0)
		buf_addf(
		    line, "another runner has %" PRId64 " in hand", left->counts[STATE_RUNNING]);
	else
		buf_adds(line, "nothing was to be done");
}

/* "for money", "for money and approval". */
static void
add_reasons(struct buf *line, unsigned set)
{
	static const char *const words[OBJECTION_REASONS] = {
		[OBJECTION_BUDGET] = "money",
		[OBJECTION_APPROVAL] = "approval",
		[OBJECTION_UNPRICED] = "a price",
	};
	static const enum objection_reason order[] = { OBJECTION_BUDGET, OBJECTION_APPROVAL,
		OBJECTION_UNPRICED };
	const char *before = "for ";

	for (size_t i = 0; i < COUNT_OF(order); i++) {
		if ((set & 1u << order[i]) == 0)
			continue;
		buf_addf(line, "%s%s", before, words[order[i]]);
		before = " and ";
	}
}

/* "3 held (2 for money, 1 for money and approval)"; where there is only one kind, "3 held (for money)". */
static void
add_waiting(struct buf *line, const struct left *left)
{
	/* What waits for money comes first, alone or with other things. */
	static const unsigned order[] = { 1u << OBJECTION_BUDGET,
		1u << OBJECTION_BUDGET | 1u << OBJECTION_APPROVAL,
		1u << OBJECTION_BUDGET | 1u << OBJECTION_UNPRICED,
		1u << OBJECTION_BUDGET | 1u << OBJECTION_APPROVAL | 1u << OBJECTION_UNPRICED,
		1u << OBJECTION_APPROVAL, 1u << OBJECTION_APPROVAL | 1u << OBJECTION_UNPRICED,
		1u << OBJECTION_UNPRICED };
	const char *before = " (";

	for (size_t i = 0; i < COUNT_OF(order); i++) {
		int64_t count = left->waiting[order[i]];

		if (count == 0)
			continue;
		buf_adds(line, before);
		if (count < left->counts[STATE_HELD])
			buf_addf(line, "%" PRId64 " ", count);
		add_reasons(line, order[i]);
		before = ", ";
	}
	if (*before == ',')
		buf_adds(line, ")");
}

static void
add_left(struct buf *line, const struct left *left)
{
	add_part(line, left->counts[STATE_QUEUED], "queued");
	add_part(line, left->counts[STATE_RUNNING], "running");
	add_part(line, left->counts[STATE_HELD], "held");
	add_waiting(line, left);
}

/* For a person: the end of the live display. */
static void
print_summary(const struct runner_summary *sum, const struct left *left, int64_t span_ms)
{
	struct buf done = BUF_INIT(1024), rest = BUF_INIT(1024);
	char span[CLOCK_TEXT_SIZE];

	add_done(&done, sum, left);
	add_left(&rest, left);
	printf("%s%s, in %s%s\n", style_on(STYLE_BOLD), buf_str(&done),
	    clock_format_span(span_ms, span), style_off(STYLE_BOLD));
	if (rest.len > 0)
		printf("left: %s\n", buf_str(&rest));
	buf_clear(&done);
	buf_clear(&rest);
}

/* For the mail of a cron job and for the journal: all in the last line. */
void
summary_line(const struct runner_summary *sum, const struct left *left, int64_t span_ms)
{
	struct buf done = BUF_INIT(1024), rest = BUF_INIT(1024);
	char span[CLOCK_TEXT_SIZE];

	add_done(&done, sum, left);
	add_left(&rest, left);
	printf("purser: %s, in %s%s%s\n", buf_str(&done), clock_format_span(span_ms, span),
	    rest.len > 0 ? "; left: " : "", buf_str(&rest));
	buf_clear(&done);
	buf_clear(&rest);
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

/* What a person can do about it. A hint may be left out; what was done is told all the same. */
static void
hint_held(struct store *s, const char *id)
{
	CLEANUP(strv_clear) struct strv reasons = { 0 }, todo = { 0 };
	struct hold *holds = NULL;
	struct err e = { 0 };
	size_t n = 0;

	if (store_holds(s, id, &holds, &n, &e) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		strv_add(&reasons, holds[i].reason);
	store_holds_free(holds, n);
	remedies_add(&todo, id_short(id), &reasons);
	for (size_t i = 0; i < todo.len; i++)
		say_next("%s", todo.v[i]);
}

/* It was denied: more money, or another wish. */
static void
hint_denied(struct store *s, const char *id)
{
	struct objective o;
	struct err e = { 0 };

	objective_init(&o);
	if (store_get(s, id, &o, &e) == 0 && prospect_was_denied(&o)) {
		say_next("purser why %s   (what would pass)", id_short(id));
		say_next("purser budget");
	}
	objective_clear(&o);
}

/* Why, and what helps, in a sentence. */
static void
hint_cause(struct cli *cli, const struct trouble *t)
{
	CLEANUP(advised_clear) struct advised advised = { .n_before = 0 };
	AUTO_FREE char *sentence = NULL;
	struct err e = { 0 };
	struct report r;

	if (report_load(&r, cli->store, t->id, &e) == 0) {
		advised_load(&advised, cli, &r);
		sentence = advised_sentence(&advised);
	}
	report_clear(&r);
	if (sentence != NULL)
		say("%s: %s", t->label, sentence);
}

static void
hint_trouble(struct cli *cli, const struct trouble *t)
{
	bool failed = t->kind == PROGRESS_FAILED;
	struct store *s = cli->store;

	hint_cause(cli, t);
	say_next(
	    "purser show %s   (%s %s)", id_short(t->id), t->label, failed ? "failed" : "is held");
	if (failed)
		hint_denied(s, t->id);
	else
		hint_held(s, t->id);
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
print_hints(struct cli *cli, const char *batch, const struct display *d,
    const struct runner_summary *sum, const struct left *left)
{
	size_t shown = d->n_troubles < HINTS_MAX ? d->n_troubles : HINTS_MAX;
	size_t all = d->n_troubles + d->more_troubles;
	int64_t for_money = waiting_for(left->waiting, OBJECTION_BUDGET);
	char span[32];

	for (size_t i = 0; i < shown; i++)
		hint_trouble(cli, &d->troubles[i]);
	if (all > shown)
		say_next("purser list --state failed,held   (%zu more)", all - shown);
	else if (shown == 0 && left->counts[STATE_HELD] > 0)
		say_next("purser list --state failed,held");
	if (for_money > 0)
		say_next("purser budget   (%" PRId64 " wait%s for money)", for_money,
		    for_money == 1 ? "s" : "");
	if (sum->orphaned > 0)
		say_next("purser resources --orphaned");
	if (sum->failed > 0 && batch != NULL)
		say_next("purser retry --batch %s   (when the reason is gone)", batch);
	else if (sum->failed > 0)
		say_next("purser retry OBJECTIVE   (when the reason is gone)");
	if (sum->detached)
		say_next("purser run   (steps go on by themselves; it takes them up again)");
	else if (sum->interrupted && left->counts[STATE_QUEUED] > 0)
		say_next("purser run");
	else if (sum->later_ms > 0 && !is_far(sum))
		say_next("purser run --wait %s", wait_text(sum->later_ms, span, sizeof(span)));
}

void
summary_json(
    const struct runner_summary *sum, const struct left *left, int64_t span_ms, enum status status)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	cJSON *rest;

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
	rest = cJSON_AddObjectToObject(json, "left");
	json_add_int(rest, "queued", left->counts[STATE_QUEUED]);
	json_add_int(rest, "running", left->counts[STATE_RUNNING]);
	json_add_int(rest, "held", left->counts[STATE_HELD]);
	rest = cJSON_AddObjectToObject(json, "waiting");
	for (enum objection_reason r = 0; r < OBJECTION_REASONS; r++)
		json_add_int(rest, objection_reason_name(r), waiting_for(left->waiting, r));
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
summary_tell(struct cli *cli, const char *batch, const struct display *d,
    const struct runner_summary *sum, const struct left *left, int64_t span_ms)
{
	if (isatty(STDOUT_FILENO)) {
		print_summary(sum, left, span_ms);
		print_later(sum);
	} else {
		print_later(sum);
		summary_line(sum, left, span_ms);
	}
	print_hints(cli, batch, d, sum, left);
}
