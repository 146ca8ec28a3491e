/* The words of an execution, and the records of its result and its reading. */
#include <config.h>

#include "core/execution.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/redact.h"

static const char *const act_names[ACTS] = {
	[ACT_CHECK] = "check",
	[ACT_RUN] = "run",
	[ACT_COLLECT] = "collect",
	[ACT_UNDO] = "undo",
	[ACT_GUARD] = "guard",
	[ACT_PROVE] = "prove",
	[ACT_MEND] = "mend",
};

static const char *const ending_names[ENDINGS] = {
	[END_EXITED] = "exited",
	[END_SIGNALED] = "signaled",
	[END_TIMED_OUT] = "timed_out",
	[END_NOT_STARTED] = "not_started",
	[END_LOST] = "lost",
};

static const char *const outcome_names[OUTCOMES] = {
	[OUTCOME_DID_NOT_HAPPEN] = "did not happen",
	[OUTCOME_HAPPENED] = "happened",
	[OUTCOME_IN_DOUBT] = "in doubt",
};

static const char *const answer_names[ANSWERS] = {
	[ANSWER_ABSENT] = "absent",
	[ANSWER_OURS_COMPLETE] = "ours, complete",
	[ANSWER_OURS_IN_PROGRESS] = "ours, in progress",
	[ANSWER_FOREIGN] = "foreign",
	[ANSWER_CANNOT_TELL] = "cannot tell",
};

void
result_init(struct result *r)
{
	*r = (struct result){ .ending = END_LOST, .out = xstrdup(""), .err = xstrdup("") };
}

void
result_clear(struct result *r)
{
	free(r->out);
	free(r->err);
	*r = (struct result){ .ending = END_LOST };
}

char *
result_text(const char *bytes, size_t len)
{
	char *text = json_utf8(bytes, len);

	redact(text, strlen(text));
	return text;
}

cJSON *
result_to_json(const struct result *r)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "ending", ending_name(r->ending));
	json_add_int(json, "code", r->code);
	json_add_int(json, "started_ms", r->started_ms);
	json_add_int(json, "ended_ms", r->ended_ms);
	json_add_int(json, "user_us", r->user_us);
	json_add_int(json, "system_us", r->system_us);
	json_add_int(json, "max_rss_kb", r->max_rss_kb);
	json_add_bool(json, "out_cut", r->out_cut);
	json_add_bool(json, "err_cut", r->err_cut);
	return json;
}

/* What nobody has told yet is in doubt: a reader that forgets to answer does no harm. */
void
reading_init(struct reading *r)
{
	*r = (struct reading){ .outcome = OUTCOME_IN_DOUBT, .answer = ANSWER_CANNOT_TELL };
}

void
reading_clear(struct reading *r)
{
	strv_clear(&r->resources);
	strv_clear(&r->ours);
	strv_clear(&r->gone);
	cJSON_Delete(r->outputs);
	cJSON_Delete(r->planned);
	cJSON_Delete(r->mend);
	failure_clear(&r->failure);
	reading_init(r);
}

bool
act_is_look(enum act act)
{
	return act == ACT_CHECK || act == ACT_GUARD || act == ACT_PROVE;
}

const char *
act_name(enum act act)
{
	assert(act < ACTS);
	return act_names[act];
}

const char *
ending_name(enum ending ending)
{
	assert(ending < ENDINGS);
	return ending_names[ending];
}

const char *
outcome_name(enum outcome outcome)
{
	assert(outcome < OUTCOMES);
	return outcome_names[outcome];
}

const char *
answer_name(enum answer answer)
{
	assert(answer < ANSWERS);
	return answer_names[answer];
}
