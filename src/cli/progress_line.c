#include "config.h"

#include "cli/progress_line.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/report.h"
#include "cli/style.h"
#include "cli/text.h"

/* The events: their names in JSON, and how a line tells them. */
static const struct {
	const char *name;
	const char *text;
	enum style style;
	bool verbose; /* a line only for those who want to see all */
} kinds[] = {
	[PROGRESS_CLAIMED] = { "claimed", "taken up", STYLE_PLAIN, true },
	[PROGRESS_ADOPTED] = { "adopted", "taken over from a runner that is gone", STYLE_PLAIN,
	    false },
	[PROGRESS_STEP] = { "step", NULL, STYLE_PLAIN, false },
	[PROGRESS_DETAIL] = { "detail", "", STYLE_PLAIN, true },
	[PROGRESS_STEP_ENDED] = { "step_ended", NULL, STYLE_DIM, true },
	[PROGRESS_WAITING] = { "waiting", "waits", STYLE_PLAIN, false },
	[PROGRESS_RETRY] = { "retry", "tries again", STYLE_WARN, false },
	[PROGRESS_THROTTLED] = { "throttled", "the service asks for patience", STYLE_WARN, false },
	[PROGRESS_FALLBACK] = { "fallback", "another way is to be tried", STYLE_WARN, false },
	[PROGRESS_UNDOING] = { "undoing", "undoing", STYLE_WARN, false },
	[PROGRESS_ORPHANED] = { "orphaned", "could not be undone", STYLE_BAD, false },
	[PROGRESS_HELD] = { "held", "held", STYLE_WARN, false },
	[PROGRESS_WARNED] = { "warned", "goes on with a warning", STYLE_WARN, false },
	[PROGRESS_SUCCEEDED] = { "succeeded", "succeeded", STYLE_GOOD, false },
	[PROGRESS_FAILED] = { "failed", "failed", STYLE_BAD, false },
	[PROGRESS_CANCELLED] = { "cancelled", "cancelled", STYLE_DIM, false },
	[PROGRESS_DESTROYED] = { "destroyed", "destroyed", STYLE_DIM, false },
	[PROGRESS_STOPPING] = { "stopping",
	    "no more is taken up; steps that run may end, a second signal leaves them", STYLE_WARN,
	    false },
};

char *
progress_label(const struct objective *o)
{
	AUTO_FREE char *label = xasprintf("%s/%s", o->batch, o->name);

	return text_visible(label);
}

bool
progress_is_verbose(enum progress_kind kind)
{
	assert((size_t)kind < COUNT_OF(kinds));
	return kinds[kind].verbose;
}

bool
progress_is_put_off(enum progress_kind kind)
{
	return kind == PROGRESS_WAITING || kind == PROGRESS_RETRY;
}

/* "tries again at 15:37:25 (in 70 s)", "waits until 15:37:25 (70 s)". */
static void
print_until(const struct progress *p)
{
	bool again = p->kind == PROGRESS_RETRY;
	char at[CLOCK_TEXT_SIZE], span[CLOCK_TEXT_SIZE];
	int64_t left_ms = p->until_ms - clock_now_ms();

	if (p->until_ms == 0 || !progress_is_put_off(p->kind))
		return;
	clock_format(p->until_ms, at);
	/* A short one would read as "0 s" in whole seconds. */
	if (left_ms > 1000)
		text_span(left_ms + 500, span);
	else
		clock_format_span(left_ms, span);
	printf(" %s %.8s", again ? "at" : "until", at + strlen("2026-11-21T"));
	if (left_ms > 0)
		printf(" (%s%s)", again ? "in " : "", span);
}

void
progress_print_line(const struct progress *p, const char *detail)
{
	AUTO_FREE char *reason = text_visible(detail);
	AUTO_FREE char *step = text_visible(p->step);
	AUTO_FREE char *label = p->objective != NULL ? progress_label(p->objective) : NULL;
	char now[CLOCK_TEXT_SIZE], span[CLOCK_TEXT_SIZE];

	assert((size_t)p->kind < COUNT_OF(kinds));
	clock_format(clock_now_ms(), now);
	printf("%.8sZ ", now + strlen("2026-11-21T"));
	if (label != NULL)
		printf("%s (%s): ", label, id_short(p->objective->id));
	printf("%s", style_on(kinds[p->kind].style));
	if (kinds[p->kind].text != NULL) {
		fputs(kinds[p->kind].text, stdout);
	} else {
		if (p->steps > 0)
			printf("step %d of %d, ", p->step_number, p->steps);
		printf("%s, %s", step, act_name(p->act));
	}
	fputs(style_off(kinds[p->kind].style), stdout);
	print_until(p);
	if (*reason != '\0')
		printf("%s%s", p->kind != PROGRESS_DETAIL ? ": " : "", reason);
	/* Behind a time to come it would read as that. */
	if (p->elapsed_ms > 0 && !progress_is_put_off(p->kind))
		printf(" (%s)", clock_format_span(p->elapsed_ms, span));
	putchar('\n');
}

void
progress_print_json(const struct progress *p)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	char now[CLOCK_TEXT_SIZE];

	assert((size_t)p->kind < COUNT_OF(kinds));
	json_add_str(json, "time", clock_format(clock_now_ms(), now));
	json_add_str(json, "event", kinds[p->kind].name);
	if (p->objective != NULL) {
		report_add_name(json, p->objective);
	}
	if (p->step != NULL) {
		json_add_str(json, "step", p->step);
		json_add_int(json, "step_number", p->step_number);
		json_add_int(json, "steps", p->steps);
		json_add_str(json, "act", act_name(p->act));
	}
	json_add_str(json, "detail", p->detail);
	if (p->kind == PROGRESS_DETAIL)
		json_add_bool(json, "is_end", p->is_end);
	if (p->until_ms > 0 && progress_is_put_off(p->kind))
		json_add_str(json, "until", clock_format(p->until_ms, now));
	if (p->elapsed_ms > 0)
		json_add_int(json, "elapsed_ms", p->elapsed_ms);
	text = json_text(json);
	puts(text);
}
