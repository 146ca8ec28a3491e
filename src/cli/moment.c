/* The moments of an objective: a few kinds of audit records, and what is shown of each. */
#include "config.h"

#include "cli/moment.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/report.h"
#include "engine/audit.h"

#define DETAILS_MAX 4096

/*
 * The events that explain what the steps alone do not; the word that stands for
 * each. Causes come before what follows from them, for what is told of one time.
 */
static const struct {
	const char *event, *word;
} told_events[] = {
	{ "objective.submitted", "submitted" },
	{ "objective.approved", "approved" },
	{ "objective.rejected", "rejected" },
	{ "objective.taken_over", "taken over" },
	{ "objective.retried", "to be retried" },
	{ "objective.resolved", "resolved" },
	{ "objective.cancel_wanted", "to be cancelled" },
	{ "objective.destroy_wanted", "to be destroyed" },
	{ "resource.reclaimed", "to be undone again" },
	{ "lane.throttled", "throttled" },
	{ "attempt.turned", "turned to undo" },
	{ "resource.orphaned", "orphaned" },
	{ "objective.lifted", "hold lifted" },
	{ "objective.held", "held" },
	{ "objective.postponed", "waits" },
	{ "objective.succeeded", "succeeded" },
	{ "objective.failed", "failed" },
	{ "objective.cancelled", "cancelled" },
	{ "objective.destroyed", "destroyed" },
};

/* Of their details these are shown, in this order. */
static const char *const told_details[] = { "goal", "reason", "detail", "resource", "id", "why",
	"until", "happened", "from_start", "user", "class", "code", "signature", NULL };

static size_t
rank_of(const char *event)
{
	size_t i = 0;

	while (i < COUNT_OF(told_events) &&
	    (event == NULL || strcmp(event, told_events[i].event) != 0))
		i++;
	return i;
}

static int
collect(const cJSON *record, const char *line, void *data)
{
	struct moments *m = data;
	const char *id = json_str(record, "objective"), *time = json_str(record, "time");
	size_t rank = rank_of(json_str(record, "event")), at;
	int64_t ms;

	(void)line;
	if (rank == COUNT_OF(told_events) || id == NULL || strcmp(id, m->objective_id) != 0 ||
	    time == NULL || clock_parse(time, &ms, NULL) < 0)
		return 0;
	if ((m->len & (m->len - 1)) == 0)
		m->v = xrealloc(m->v, m->len == 0 ? 1 : m->len * 2, sizeof(*m->v));
	for (at = m->len; at > 0 && m->v[at - 1].time_ms == ms && m->v[at - 1].rank > rank; at--)
		m->v[at] = m->v[at - 1];
	m->v[at] = (struct moment){
		.time_ms = ms,
		.word = told_events[rank].word,
		.rank = rank,
		.record = cJSON_Duplicate(record, true),
	};
	m->len++;
	return 0;
}

int
moments_load(
    struct moments *m, struct store *s, const char *state, const char *objective_id, struct err *e)
{
	*m = (struct moments){ .objective_id = objective_id };
	return audit_each(s, state, collect, m, e);
}

void
moments_clear(struct moments *m)
{
	for (size_t i = 0; i < m->len; i++)
		cJSON_Delete(m->v[i].record);
	free(m->v);
	*m = (struct moments){ .v = NULL };
}

/* A time as log has it: the year and the fraction are in the JSON. */
static char *
short_time(const char *text)
{
	int64_t ms;
	char at[CLOCK_TEXT_SIZE];

	if (clock_parse(text, &ms, NULL) < 0)
		return xstrdup(text);
	clock_format(ms, at);
	return xasprintf("%.5s %.8s", at + strlen("2026-"), at + strlen("2026-11-21T"));
}

/* A value as it is shown; the caller's own. */
static char *
detail_text(const cJSON *value)
{
	if (!cJSON_IsString(value))
		return json_text(value);
	if (strcmp(value->string, "until") == 0)
		return short_time(value->valuestring);
	return xstrdup(report_resource_name(value->valuestring));
}

/* The message is told already: by the execution before it (TOLD), or by the other details. */
static bool
is_told(const char *message, const cJSON *details, const char *told)
{
	const char *detail = json_str(details, "detail");

	return (told != NULL && strcmp(told, message) == 0) ||
	    (detail != NULL && strcmp(detail, message) == 0);
}

/* "goal fallback, throttled TooManyRequests: ..., user ann" */
static void
add_details(struct buf *out, const cJSON *details, const char *told)
{
	struct failure failure = { 0 };
	AUTO_FREE char *why = NULL;

	for (size_t i = 0; told_details[i] != NULL; i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(details, told_details[i]);
		AUTO_FREE char *text = value != NULL ? detail_text(value) : NULL;

		if (text != NULL)
			buf_addf(out, "%s%s %s", out->len > 0 ? ", " : "", told_details[i], text);
	}
	failure_from_json(&failure, cJSON_GetObjectItemCaseSensitive(details, "failure"));
	why = report_failure_text(&failure);
	if (why != NULL && !is_told(failure.message, details, told))
		buf_addf(out, "%s%s", out->len > 0 ? ", " : "", why);
	failure_clear(&failure);
}

char *
moment_details(const struct moment *m, const char *told)
{
	struct buf out = BUF_INIT(DETAILS_MAX);

	add_details(&out, cJSON_GetObjectItemCaseSensitive(m->record, "details"), told);
	return buf_take(&out);
}

cJSON *
moments_to_json(const struct moments *m)
{
	static const char *const kept[] = { "n", "time", "event", "details" };
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < m->len; i++) {
		cJSON *event = cJSON_CreateObject();

		for (size_t k = 0; k < COUNT_OF(kept); k++) {
			const cJSON *value =
			    cJSON_GetObjectItemCaseSensitive(m->v[i].record, kept[k]);

			if (value != NULL)
				cJSON_AddItemToObject(event, kept[k], cJSON_Duplicate(value, true));
		}
		cJSON_AddItemToArray(list, event);
	}
	return list;
}
