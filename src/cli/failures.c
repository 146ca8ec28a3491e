/* What failed so far, by signature, and what became of it. */
#include "config.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/failures.h"
#include "cli/failures_scarce.h"
#include "cli/field.h"
#include "cli/lookup.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/text.h"
#include "core/advice.h"
#include "store/history.h"

#define LIST_MAX 200
/* So many occurrences are shown; the lesson is of more of them. */
#define SHOWN_MAX 20
#define LESSON_MAX 200

struct failures_options {
	bool json;
};

static const struct option_row failures_rows[] = {
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct failures_options, json),
	    .help = "as JSON" },
	{ .name = NULL },
};

static const struct table_column list_columns[] = {
	{ .title = "SIGNATURE" },
	{ .title = "CLASS" },
	{ .title = "CODE", .give = 3, .min = 12 },
	{ .title = "CAPABILITY", .give = 4, .min = 10 },
	{ .title = "STEP", .give = 5, .min = 4 },
	{ .title = "SEEN", .right = true },
	{ .title = "LAST", .right = true },
	{ .title = "RESOLVED" },
};

static const struct table_column show_columns[] = {
	{ .title = "WHEN" },
	{ .title = "OBJECTIVE", .give = 3, .min = 12 },
	{ .title = "STRATEGY" },
	{ .title = "TIMES", .right = true },
	{ .title = "BECAME" },
	{ .title = "AFTER", .right = true },
	{ .title = "BY", .give = 9, .min = 8 },
};

static int64_t
ended_of(const struct known_failure *k)
{
	return k->sequels[SEQUEL_RESOLVED] + k->sequels[SEQUEL_FAILED] +
	    k->sequels[SEQUEL_CANCELLED];
}

struct failure
failures_failure(const struct known_failure *k)
{
	return (struct failure){ .class = k->class, .code = k->code, .message = k->message };
}

cJSON *
failures_to_json(const struct known_failure *k)
{
	cJSON *json = cJSON_CreateObject(), *sequels;

	json_add_str(json, "signature", k->signature);
	json_add_str(json, "class", failure_class_name(k->class));
	json_add_str(json, "code", k->code);
	json_add_str(json, "capability", k->capability);
	json_add_str(json, "step", k->step);
	json_add_str(json, "message", k->message);
	json_add_int(json, "seen", k->seen);
	report_add_time(json, "first", k->first_ms);
	report_add_time(json, "last", k->last_ms);
	sequels = cJSON_AddObjectToObject(json, "became");
	for (enum sequel sequel = 0; sequel < SEQUELS; sequel++)
		json_add_int(sequels, sequel_name(sequel), k->sequels[sequel]);
	return json;
}

/* ---- list ---- */

static void
print_list(const struct known_failure *v, size_t len)
{
	int64_t now_ms = clock_now_ms();
	struct table t;

	table_init(&t, list_columns, COUNT_OF(list_columns));
	for (size_t i = 0; i < len; i++) {
		const struct known_failure *k = &v[i];
		char age[32];

		table_addf(&t, STYLE_PLAIN, "%.*s", FAILURES_SHORT_LEN, k->signature);
		table_add(&t, STYLE_PLAIN, failure_class_name(k->class));
		table_add(&t, STYLE_PLAIN, k->code);
		table_add(&t, STYLE_PLAIN, k->capability);
		table_add(&t, STYLE_PLAIN, k->step);
		table_addf(&t, STYLE_PLAIN, "%" PRId64, k->seen);
		table_add(&t, STYLE_PLAIN, text_age(now_ms - k->last_ms, age, sizeof(age)));
		table_addf(&t, STYLE_PLAIN, "%" PRId64 " of %" PRId64, k->sequels[SEQUEL_RESOLVED],
		    ended_of(k));
	}
	table_print(&t, stdout);
	table_clear(&t);
	fflush(stdout);
	if (len > 0)
		say_next("purser failures show %.*s", FAILURES_SHORT_LEN, v[0].signature);
	else
		say_done("nothing has failed yet");
}

static enum status
list(struct cli *cli, bool as_json)
{
	enum status status = cli_need_store(cli, STORE_READ);
	struct known_failure *v;
	struct err e = { 0 };
	size_t len;

	if (status != STATUS_DONE)
		return status;
	if (store_known_failures(cli->store, LIST_MAX, &v, &len, &e) < 0)
		return say_error(&e);
	if (as_json) {
		AUTO_JSON cJSON *json = cJSON_CreateArray();
		AUTO_FREE char *text = NULL;

		for (size_t i = 0; i < len; i++)
			cJSON_AddItemToArray(json, failures_to_json(&v[i]));
		text = json_pretty(json);
		fputs(text, stdout);
	} else {
		print_list(v, len);
	}
	store_known_failures_free(v, len);
	return STATUS_DONE;
}

/* ---- show ---- */

static cJSON *
occurrence_json(const struct occurrence *c)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "objective", c->objective_id);
	json_add_str(json, "batch", c->batch);
	json_add_str(json, "name", c->name);
	json_add_int(json, "attempt", c->attempt);
	json_add_str(json, "strategy", c->strategy);
	json_add_int(json, "times", c->times);
	report_add_time(json, "first", c->first_ms);
	report_add_time(json, "last", c->last_ms);
	json_add_str(json, "became", sequel_name(c->sequel));
	if (c->sequel == SEQUEL_RESOLVED)
		json_add_str(json, "resolved_by", resolver_name(c->resolver));
	json_add_str(json, "detail", c->detail);
	if (c->ended_ms > 0)
		json_add_int(json, "after_ms", c->ended_ms - c->first_ms);
	return json;
}

cJSON *
failures_lessons_json(const struct occurrence *v, size_t len)
{
	cJSON *list = cJSON_CreateArray();
	enum resolver order[RESOLVERS];
	struct lesson lesson;
	size_t n;

	lesson_of(v, len, &lesson);
	n = lesson_order(&lesson, order);
	for (size_t i = 0; i < n; i++) {
		cJSON *json = cJSON_CreateObject();

		json_add_str(json, "by", resolver_name(order[i]));
		json_add_str(json, "detail", lesson.by[order[i]].detail);
		json_add_int(json, "times", lesson.by[order[i]].times);
		json_add_int(json, "of", lesson.ended);
		json_add_int(json, "after_ms", lesson.by[order[i]].after_ms);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

bool
failures_print_lessons(const char *label, const struct occurrence *v, size_t len)
{
	enum resolver order[RESOLVERS];
	struct lesson lesson;
	size_t n;

	lesson_of(v, len, &lesson);
	n = lesson_order(&lesson, order);
	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *text = lesson_text(&lesson, order[i]);

		field(i == 0 ? label : "", text);
	}
	return n > 0;
}

static void
print_occurrences(const struct occurrence *v, size_t len)
{
	struct table t;

	field_title("Occurrences");
	table_init(&t, show_columns, COUNT_OF(show_columns));
	for (size_t i = 0; i < len && i < SHOWN_MAX; i++) {
		const struct occurrence *c = &v[i];
		char at[CLOCK_TEXT_SIZE], span[CLOCK_TEXT_SIZE];
		bool resolved = c->sequel == SEQUEL_RESOLVED;

		table_add(&t, STYLE_PLAIN, text_second(c->first_ms, at));
		table_addf(
		    &t, STYLE_PLAIN, "%s/%s (%s)", c->batch, c->name, id_short(c->objective_id));
		table_add(&t, STYLE_PLAIN, c->strategy);
		table_addf(&t, STYLE_PLAIN, "%" PRId64, c->times);
		table_add(&t, c->sequel == SEQUEL_FAILED ? STYLE_BAD : STYLE_PLAIN,
		    sequel_name(c->sequel));
		table_add(&t, STYLE_PLAIN,
		    c->ended_ms > 0 ? text_span(c->ended_ms - c->first_ms, span) : "");
		table_addf(&t, STYLE_DIM, "%s%s%s", resolved ? resolver_name(c->resolver) : "",
		    c->detail != NULL ? ": " : "", c->detail != NULL ? c->detail : "");
	}
	table_print(&t, stdout);
	table_clear(&t);
}

void
failures_advise(struct cli *cli, const struct known_failure *k, struct advice *a)
{
	const struct failure f = failures_failure(k);
	const struct advice_facts facts = { .objective = NULL };

	*a = (struct advice){ .id = NULL };
	if (cli_need_library(cli) == STATUS_DONE)
		advice_make(a, cli->failures, &f, &facts);
}

void
failures_print(const struct known_failure *k)
{
	field("signature", k->signature);
	field("class", failure_class_name(k->class));
	field("code", k->code);
	field("capability", k->capability);
	field("step", k->step);
	field("message", k->message);
}

static void
print_known(struct cli *cli, const struct known_failure *k, const struct advice *advice,
    const struct occurrence *v, size_t len)
{
	const struct failure f = failures_failure(k);
	int64_t now_ms = clock_now_ms();

	failures_print(k);
	fieldf("seen", "%" PRId64, k->seen);
	field_time("first", k->first_ms, now_ms);
	field_time("last", k->last_ms, now_ms);
	if (!failures_print_lessons("before", v, len) && ended_of(k) > 0)
		fieldf("before", "none of %" PRId64 " was resolved", ended_of(k));
	field("advice", advice->text);
	field("docs", advice->docs);
	print_occurrences(v, len);
	lookup_show(cli, &f, k->capability);
	fflush(stdout);
	say_next("purser show %s", id_short(v[0].objective_id));
}

static void
print_known_json(struct cli *cli, const struct known_failure *k, const struct advice *advice,
    const struct occurrence *v, size_t len)
{
	const struct failure f = failures_failure(k);
	AUTO_JSON cJSON *json = failures_to_json(k);
	AUTO_FREE char *text = NULL;
	cJSON *list;

	cJSON_AddItemToObject(json, "resolved", failures_lessons_json(v, len));
	json_add_str(json, "advice_id", advice->id);
	json_add_str(json, "advice", advice->text);
	json_add_str(json, "docs", advice->docs);
	list = cJSON_AddArrayToObject(json, "occurrences");
	for (size_t i = 0; i < len; i++)
		cJSON_AddItemToArray(list, occurrence_json(&v[i]));
	lookup_add(cli, &f, k->capability, json);
	text = json_pretty(json);
	fputs(text, stdout);
}

static enum status
show(struct cli *cli, const char *beginning, bool as_json)
{
	CLEANUP(known_failure_clear) struct known_failure k = { .seen = 0 };
	enum status status = cli_need_store(cli, STORE_READ);
	CLEANUP(advice_clear) struct advice advice = { .id = NULL };
	struct occurrence *v;
	struct err e = { 0 };
	size_t len;

	if (status != STATUS_DONE)
		return status;
	if (store_known_failure(cli->store, beginning, &k, &e) < 0 ||
	    store_occurrences(cli->store, k.signature, LESSON_MAX, &v, &len, &e) < 0)
		return say_error(&e);
	failures_advise(cli, &k, &advice);
	if (as_json)
		print_known_json(cli, &k, &advice, v, len);
	else
		print_known(cli, &k, &advice, v, len);
	store_occurrences_free(v, len);
	return STATUS_DONE;
}

/* What each verb takes besides: at least and at most so many arguments. */
static const struct {
	const char *name, *lacks, *exceeds;
	size_t min, max;
} verbs[] = {
	{ "list", NULL, "list takes no signature", 0, 0 },
	{ "show", "which signature is to be shown?", "show takes one signature", 1, 1 },
	{ "docs", "which signature is meant?", "docs takes one signature", 1, 1 },
	{ "scarce", NULL, "scarce takes no more", 0, 0 },
	{ "forget", "which size is to be had again?", "forget takes a size and a region", 1, 2 },
};

/* As signatures are written; the caller's own. */
static char *
lowered(const char *text)
{
	char *copy = xstrdup(text);

	for (char *p = copy; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

static enum status
failures_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct failures_options *opts = options;
	const char *verb = args->len > 0 ? args->v[0] : "list";
	size_t n = args->len > 0 ? args->len - 1 : 0, at = 0;

	while (at < COUNT_OF(verbs) && strcmp(verbs[at].name, verb) != 0)
		at++;
	if (at == COUNT_OF(verbs))
		return say_usage(
		    "failures", "\"%s\" is none of list, show, docs, scarce, forget", verb);
	if (n < verbs[at].min || n > verbs[at].max)
		return say_usage(
		    "failures", "%s", n < verbs[at].min ? verbs[at].lacks : verbs[at].exceeds);
	if (strcmp(verb, "show") == 0 || strcmp(verb, "docs") == 0) {
		AUTO_FREE char *signature = lowered(args->v[1]);

		if (*signature == '\0')
			return say_usage("failures", "%s", verbs[at].lacks);
		return *verb == 's' ? show(cli, signature, opts->json)
				    : failures_docs(cli, signature, opts->json);
	}
	if (strcmp(verb, "scarce") == 0)
		return failures_scarce(cli, opts->json);
	if (strcmp(verb, "forget") == 0)
		return failures_forget(cli, args->v[1], n > 1 ? args->v[2] : NULL, opts->json);
	return list(cli, opts->json);
}

const struct cmd cmd_failures = {
	.name = "failures",
	.usage = "[list | {show|docs} SIGNATURE | scarce | forget SIZE [REGION]] [--json]",
	.summary = "tell what failed so far, and what resolved it",
	.about =
	    "A signature stands for the same failure of whatever machine, group, region or night: it is made of "
	    "class, code, capability, step and the message without names, ids and times. list shows them, the "
	    "latest first, with how often each was seen and how many of its occurrences were resolved. "
	    "show tells what became of each occurrence: it was resolved by a retry, by another strategy, by "
	    "another value in a later submission of the same name or key, or by a person; or its objective failed or was "
	    "cancelled. docs tells what Microsoft Learn says about it: the best three pages, kept for a week. "
	    "All that is sent is the error code, and where that says little the class and the provider; see "
	    "[analysis] in the configuration. SIGNATURE may be the beginning of one, while it fits only one.\n"
	    "scarce shows the sizes of machines that could not be had lately, in which region and zone, and until "
	    "when that is believed: so long an objective that allows others (alternatives = [...]) is made with one "
	    "of these. forget tells that a size is to be had again, in REGION or everywhere.",
	.examples = "purser failures\n"
		    "purser failures show 1a2b3c4d\n"
		    "purser failures docs 1a2b3c4d\n"
		    "purser failures scarce\n"
		    "purser failures forget Standard_D4s_v5 westeurope",
	.options = failures_rows,
	.options_size = sizeof(struct failures_options),
	.needs = CMD_CONFIG,
	.min_args = 0,
	.max_args = 3,
	.run = failures_run,
};
