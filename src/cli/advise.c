#include "config.h"

#include "cli/advise.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/redact.h"
#include "cli/estimate.h"
#include "cli/failures.h"
#include "cli/field.h"
#include "cli/login.h"
#include "cli/prices.h"
#include "cli/table.h"
#include "cli/text.h"
#include "store/scarcity.h"

#define SIZES_MAX 5
/* The lesson is of so many occurrences at most. */
#define LESSON_MAX 200

static const struct table_column size_columns[] = {
	{ .title = "SIZE" },
	{ .title = "VCPUS", .right = true },
	{ .title = "GIB", .right = true },
	{ .title = "A MONTH", .right = true },
};

/* ---- looking ---- */

/* Its own if it failed, else what its open attempt met; not while that goes on by itself. */
static void
find_failure(struct advised *a, const struct report *r)
{
	const struct attempt *open = report_open_attempt(r);

	if (r->objective.state == STATE_FAILED)
		failure_from_json(&a->failure, r->objective.failure);
	else if (r->objective.state == STATE_HELD && open != NULL)
		failure_copy(&a->failure, &open->failure);
}

/* What it is about is no lesson: what is still to be resolved, and what ended this very objective. */
static void
leave_out_present(struct advised *a, const char *objective_id)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->n_before; i++) {
		struct occurrence *c = &a->before[i];

		if (c->sequel != SEQUEL_RESOLVED && strcmp(c->objective_id, objective_id) == 0)
			occurrence_clear(c);
		else
			a->before[kept++] = *c;
	}
	a->n_before = kept;
}

static void
find_history(struct advised *a, struct store *s, const struct report *r)
{
	const char *signature = json_str(r->objective.failure, "signature");
	char last[SIGNATURE_SIZE];
	struct err e = { 0 };

	if (signature == NULL || r->objective.state != STATE_FAILED) {
		if (store_last_signature(s, r->objective.id, last, &e) < 0 || last[0] == '\0')
			return;
		signature = last;
	}
	if (store_known_failure(s, signature, &a->known, &e) == 0 &&
	    store_occurrences(s, signature, LESSON_MAX, &a->before, &a->n_before, &e) == 0)
		leave_out_present(a, r->objective.id);
}

static bool
is_scarce(const struct scarcities *scarce, const struct wanted *wanted, const char *size)
{
	struct wanted other = *wanted;

	other.size = size;
	return scarcity_find(scarce, &other) != NULL;
}

/* What cannot be had either, as far as is remembered, is no help. */
static void
leave_out_scarce(struct sizes *sizes, const struct cli *cli, const struct capability *c,
    const struct objective *o)
{
	CLEANUP(scarcities_clear) struct scarcities scarce = { .len = 0 };
	struct wanted wanted;
	struct err e = { 0 };
	size_t kept = 0;

	if (!wanted_of(&wanted, c, o, cli->config.subscription) ||
	    store_scarcities(cli->store, clock_now_ms(), &scarce, &e) < 0)
		return;
	for (size_t i = 0; i < sizes->list.len; i++)
		if (!is_scarce(&scarce, &wanted, sizes->list.v[i].size))
			sizes->list.v[kept++] = sizes->list.v[i];
	sizes->list.len = kept;
}

/* Another size helps where this one cannot be had. */
static void
find_sizes(
    struct advised *a, const struct cli *cli, const struct capability *c, const struct objective *o)
{
	struct err e = { 0 };

	/* A quota of cores is used up for the whole family. */
	if (c == NULL || a->failure.class != FAILURE_CAPACITY)
		return;
	CLEANUP(book_close_cleanup) struct book *book = prices_open(cli, &e);
	if (book == NULL)
		return;
	a->currency = xstrdup(book_currency(book));
	sizes_find(book, c, o, SIZES_MAX, &a->sizes, &e);
	leave_out_scarce(&a->sizes, cli, c, o);
}

/* The one that purser names when it calls az, else the one that az uses then. */
static void
find_subscription(struct advice_facts *facts, const struct cli *cli, const char *account)
{
	const char *named = facts->objective->subscription;

	if (named == NULL)
		named = cli->config.subscription;
	facts->subscription = named != NULL ? named : account;
	facts->elsewhere = named != NULL && (account == NULL || strcmp(named, account) != 0);
}

static void
find_advice(struct advised *a, struct cli *cli, const struct objective *o)
{
	CLEANUP(strv_clear) struct strv login = { 0 };
	AUTO_FREE char *account = login_subscription();
	struct advice_facts facts = { .objective = o, .login = &login };

	if (cli_need_library(cli) != STATUS_DONE)
		return;
	find_subscription(&facts, cli, account);
	login_command(&login);
	find_sizes(a, cli, library_find(&cli->library, o->capability), o);
	if (a->sizes.asked[0] != '\0')
		facts.size = a->sizes.asked;
	advice_make(&a->advice, cli->failures, &a->failure, &facts);
}

void
advised_load(struct advised *a, struct cli *cli, const struct report *r)
{
	*a = (struct advised){ .failure = { .class = FAILURE_UNKNOWN } };
	find_failure(a, r);
	if (!failure_is_set(&a->failure))
		return;
	find_history(a, cli->store, r);
	find_advice(a, cli, &r->objective);
}

void
advised_clear(struct advised *a)
{
	failure_clear(&a->failure);
	known_failure_clear(&a->known);
	store_occurrences_free(a->before, a->n_before);
	advice_clear(&a->advice);
	sizes_clear(&a->sizes);
	free(a->currency);
	*a = (struct advised){ .failure = { .class = FAILURE_UNKNOWN } };
}

/* ---- the cause ---- */

/* The last execution that met it; NULL if none did. */
static const struct execution *
culprit(const struct report *r)
{
	for (size_t i = r->n_executions; i-- > 0;) {
		const struct execution *x = &r->executions[i];

		if (x->failure != NULL && history_counts(x->act, x->answer))
			return x;
	}
	return NULL;
}

static void
print_call(const struct cli *cli, const struct execution *x)
{
	AUTO_FREE char *command = strv_shell(&x->argv);
	AUTO_FREE char *folder = paths_execution(&cli->paths, x->objective_id, x->id);

	redact(command, strlen(command));
	field_command("command", command);
	field("output", folder);
}

static void
print_cause(const struct advised *a, const struct cli *cli, const struct report *r)
{
	const struct failure *f = &a->failure;
	const struct execution *x = culprit(r);
	char when[64];

	field_title("Cause");
	fieldf("failure", "%s%s%s%s%s", failure_class_name(f->class), f->code != NULL ? ", " : "",
	    f->code != NULL ? f->code : "", f->step != NULL ? ", in step " : "",
	    f->step != NULL ? f->step : "");
	field("", f->message);
	field("target", f->trace.target);
	field("correlation", f->trace.correlation);
	field("request", f->trace.request);
	if (x != NULL)
		print_call(cli, x);
	if (a->known.seen > 0)
		fieldf("signature", "%s, seen %" PRId64 " %s, first %s", a->known.signature,
		    a->known.seen, a->known.seen == 1 ? "time" : "times",
		    text_when(a->known.first_ms, clock_now_ms(), when, sizeof(when)));
}

/* ---- what to do ---- */

static void
print_sizes(const struct sizes *s, const char *currency)
{
	struct table t;

	if (s->list.len == 0)
		return;
	fieldf("instead", "parameters.%s, of the family of %s in this region, in %s:", s->parameter,
	    s->asked, currency);
	table_init(&t, size_columns, COUNT_OF(size_columns));
	for (size_t i = 0; i < s->list.len; i++) {
		const struct vm_price *vm = &s->list.v[i];
		char text[MONEY_TEXT_SIZE];
		money_t month;

		table_add(&t, STYLE_PLAIN, vm->size);
		table_add(&t, STYLE_PLAIN, vm->vcpus > 0 ? decimal_format(vm->vcpus, text) : "");
		table_add(&t, STYLE_PLAIN,
		    vm->memory_gib > 0 ? decimal_format(vm->memory_gib, text) : "");
		table_add(&t, STYLE_PLAIN,
		    money_mul(vm->hourly, MONTH_HOURS_DECIMAL, &month, NULL) == 0
			? money_format_people(month, text)
			: "");
	}
	table_print(&t, stdout);
	table_clear(&t);
}

/* What helped before comes first. */
static void
print_advice(const struct advised *a)
{
	field_title("Advice");
	failures_print_lessons("before", a->before, a->n_before);
	field("advice", a->advice.text);
	for (size_t i = 0; i < a->advice.commands.len; i++)
		field_command(i == 0 ? "commands" : "", a->advice.commands.v[i]);
	field("docs", a->advice.docs);
	print_sizes(&a->sizes, a->currency);
}

static bool
has_advice(const struct advised *a)
{
	return a->advice.text != NULL || a->advice.commands.len > 0 || a->sizes.list.len > 0 ||
	    a->known.sequels[SEQUEL_RESOLVED] > 0;
}

void
advised_print(const struct advised *a, const struct cli *cli, const struct report *r)
{
	if (!failure_is_set(&a->failure))
		return;
	print_cause(a, cli, r);
	if (has_advice(a))
		print_advice(a);
}

/* ---- for others ---- */

static cJSON *
sizes_json(const struct sizes *s, const char *currency)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < s->list.len; i++) {
		const struct vm_price *vm = &s->list.v[i];
		cJSON *json = cJSON_CreateObject();
		char text[MONEY_TEXT_SIZE];
		money_t month;

		json_add_str(json, "size", vm->size);
		json_add_str(json, "region", vm->region);
		if (money_mul(vm->hourly, MONTH_HOURS_DECIMAL, &month, NULL) == 0)
			json_add_str(json, "monthly", money_format(month, text));
		json_add_str(json, "currency", currency);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

cJSON *
advised_to_json(const struct advised *a)
{
	cJSON *json;

	if (!failure_is_set(&a->failure))
		return NULL;
	json = cJSON_CreateObject();
	if (a->known.seen > 0) {
		json_add_str(json, "signature", a->known.signature);
		json_add_int(json, "seen", a->known.seen);
		cJSON_AddItemToObject(
		    json, "resolved", failures_lessons_json(a->before, a->n_before));
	}
	advice_add_json(&a->advice, json);
	if (a->sizes.list.len > 0)
		cJSON_AddItemToObject(json, "sizes", sizes_json(&a->sizes, a->currency));
	return json;
}

char *
advised_sentence(const struct advised *a)
{
	const struct failure *f = &a->failure;
	enum resolver order[RESOLVERS];
	struct lesson lesson;

	if (!failure_is_set(f))
		return NULL;
	lesson_of(a->before, a->n_before, &lesson);
	size_t n = lesson_order(&lesson, order);
	AUTO_FREE char *before = n > 0 ? lesson_text(&lesson, order[0]) : NULL;

	return xasprintf("%s%s%s%s%s%s%s%s", failure_class_name(f->class),
	    f->code != NULL ? ", " : "", f->code != NULL ? f->code : "",
	    before != NULL ? " (before: " : "", before != NULL ? before : "",
	    before != NULL ? ")" : "", a->advice.text != NULL ? ": " : "",
	    a->advice.text != NULL ? a->advice.text : "");
}
