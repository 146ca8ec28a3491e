#include "config.h"

#include "cli/note.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/report.h"
#include "cli/text.h"

#define NOTE_MAX 512

static void
add_holds(struct store *s, const char *id, struct buf *note)
{
	struct hold *holds = NULL;
	struct err e = { 0 };
	size_t n = 0;

	if (store_holds(s, id, &holds, &n, &e) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		buf_addf(note, "%s%s%s%s", i > 0 ? "; " : "", holds[i].reason,
		    holds[i].detail != NULL && *holds[i].detail != '\0' ? ": " : "",
		    holds[i].detail != NULL ? holds[i].detail : "");
	store_holds_free(holds, n);
}

/* When it goes on, and why not now: the next try of a step, a time that was asked for, or patience with a service. */
static void
add_waiting(struct store *s, const struct objective *o, int64_t now_ms, struct buf *note)
{
	char when[64], at[CLOCK_TEXT_SIZE];
	int64_t throttled_ms = 0;
	struct attempt a;
	struct err e = { 0 };
	bool begun;

	if (store_throttled(s, o->id, now_ms, &throttled_ms, &e) < 0)
		throttled_ms = 0;
	if (throttled_ms > now_ms && throttled_ms >= o->not_before_ms) {
		clock_format(throttled_ms, at);
		buf_addf(note, "throttled until %.8s (%s)", at + strlen("2026-11-21T"),
		    text_when(throttled_ms, now_ms, when, sizeof(when)));
		return;
	}
	if (o->not_before_ms <= now_ms)
		return;
	attempt_init(&a);
	begun = store_attempt(s, o->id, &a, NULL, &e) == 0 && a.ended_ms == 0;
	buf_addf(note, "%s %s", begun ? report_wait_word(&a) : "starts",
	    text_when(o->not_before_ms, now_ms, when, sizeof(when)));
	if (begun && a.phase == PHASE_FORWARD && failure_is_set(&a.failure))
		buf_addf(note, ": %s", a.failure.message);
	attempt_clear(&a);
}

static void
add_failure(const struct objective *o, struct buf *note)
{
	static const char undestroyed[] = "could not be destroyed";
	const char *message = json_str(o->failure, "message"), *code = json_str(o->failure, "code");

	if (message == NULL)
		message = "";
	/* Most such messages say so themselves. */
	if (o->destroying && strncmp(message, undestroyed, strlen(undestroyed)) != 0)
		buf_addf(note, "%s%s", undestroyed, *message != '\0' ? ": " : "");
	/* Where there is little room, the code tells more than how the message begins. */
	if (code != NULL && strncmp(message, code, strlen(code)) != 0)
		buf_addf(note, "%s: ", code);
	buf_adds(note, message);
}

char *
note_objective(struct store *s, const struct objective *o, int64_t now_ms)
{
	struct buf note = BUF_INIT(NOTE_MAX), why = BUF_INIT(NOTE_MAX);

	if (o->cancel_wanted && !state_is_final(o->state))
		buf_adds(&note, "to be cancelled");
	else if (o->destroying && !state_is_final(o->state))
		buf_adds(&note, "to be destroyed");
	switch (o->state) {
	case STATE_QUEUED:
		if (o->unmet > 0)
			buf_addf(&why, "waits for %d other%s", o->unmet, o->unmet == 1 ? "" : "s");
		else
			add_waiting(s, o, now_ms, &why);
		break;
	case STATE_HELD:
		add_holds(s, o->id, &why);
		break;
	case STATE_FAILED:
		add_failure(o, &why);
		break;
	default:
		break;
	}
	buf_addf(&note, "%s%s", note.len > 0 && why.len > 0 ? ", " : "", buf_str(&why));
	buf_clear(&why);
	return buf_take(&note);
}
