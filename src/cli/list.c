#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/note.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/text.h"
#include "core/suggest.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX 1000000
#define PAGE 1000
/* Columns of a note where there is no terminal; show has all of it. */
#define CELL_MAX 100

struct list_options {
	const char *batch, *state, *capability, *label;
	int64_t limit;
	bool all, batches, json;
};

static const struct option_row list_rows[] = {
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct list_options, batch),
	    .help = "only those of this batch" },
	{ .name = "state",
	    .letter = 's',
	    .kind = OPTION_TEXT,
	    .argument = "STATE,...",
	    .offset = offsetof(struct list_options, state),
	    .help =
		"only those in one of these states: queued, running, held, succeeded, failed, cancelled, destroyed" },
	{ .name = "capability",
	    .letter = 'c',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct list_options, capability),
	    .help = "only those of this capability" },
	{ .name = "label",
	    .letter = 'l',
	    .kind = OPTION_TEXT,
	    .argument = "KEY=VALUE",
	    .offset = offsetof(struct list_options, label),
	    .help = "only those with this label" },
	{ .name = "limit",
	    .letter = 'n',
	    .kind = OPTION_COUNT,
	    .argument = "N",
	    .min = 1,
	    .max = LIMIT_MAX,
	    .offset = offsetof(struct list_options, limit),
	    .help = "the newest N (default: 50)" },
	{ .name = "all",
	    .letter = 'a',
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct list_options, all),
	    .help = "no limit" },
	{ .name = "batches",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct list_options, batches),
	    .help = "one line for each batch" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct list_options, json),
	    .help = "as JSON" },
	{ .name = NULL },
};

static const struct table_column objective_columns[] = {
	{ .title = "ID" },
	{ .title = "OBJECTIVE", .give = 2, .min = 12 },
	{ .title = "STATE" },
	{ .title = "CAPABILITY", .give = 3, .min = 8 },
	{ .title = "AGE", .right = true },
	{ .title = "NOTE", .give = 9, .min = 6, .max = CELL_MAX },
};

static const struct table_column batch_columns[] = {
	{ .title = "BATCH", .give = 1, .min = 20 },
	{ .title = "ALL", .right = true },
	{ .title = "QUEUED", .right = true },
	{ .title = "RUNNING", .right = true },
	{ .title = "HELD", .right = true },
	{ .title = "DONE", .right = true },
	{ .title = "FAILED", .right = true },
	{ .title = "ENDED", .right = true },
	{ .title = "AGE", .right = true },
};

/* Words of other programs for the same states are understood as far as to name ours. */
static enum status
unknown_state(const char *word)
{
	struct suggest near;

	static const struct {
		const char *word;
		enum state state;
	} others[] = {
		{ "success", STATE_SUCCEEDED },
		{ "error", STATE_FAILED },
		{ "waiting", STATE_QUEUED },
		{ "active", STATE_RUNNING },
		{ "deleted", STATE_DESTROYED },
	};
	const char *best;

	suggest_init(&near, word);
	for (enum state st = 0; st < STATES; st++)
		suggest_offer(&near, state_name(st));
	for (size_t i = 0; i < COUNT_OF(others); i++)
		suggest_offer(&near, others[i].word);
	best = suggest_best(&near);
	for (size_t i = 0; best != NULL && i < COUNT_OF(others); i++) {
		if (strcmp(best, others[i].word) == 0)
			best = state_name(others[i].state);
	}
	return say_usage("list",
	    "--state: \"%s\" is none of queued, running, held, succeeded, failed, cancelled, destroyed%s%s%s",
	    word, best != NULL ? "; did you mean \"" : "", best != NULL ? best : "",
	    best != NULL ? "\"?" : "");
}

static enum status
parse_states(const char *text, unsigned *states)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",")) != NULL) {
		enum state state = state_from_name(word);

		if (state == STATES)
			return unknown_state(word);
		*states |= 1u << state;
	}
	return STATUS_DONE;
}

static enum status
make_filter(const struct list_options *o, struct store_filter *f)
{
	*f = (struct store_filter){
		.batch = o->batch,
		.capability = o->capability,
		.label = o->label,
		.newest_first = true,
	};
	if (o->label != NULL && strchr(o->label, '=') == NULL)
		return say_usage("list", "--label: \"%s\" is not KEY=VALUE", o->label);
	if (o->all && o->limit > 0)
		return say_usage("list", "--all and --limit contradict one another");
	return o->state != NULL ? parse_states(o->state, &f->states) : STATUS_DONE;
}

static void
add_row(struct table *t, struct store *s, const struct objective *o, int64_t now_ms)
{
	AUTO_FREE char *note = note_objective(s, o, now_ms);
	char age[32];

	table_add(t, STYLE_PLAIN, id_short(o->id));
	table_addf(t, STYLE_PLAIN, "%s/%s", o->batch, o->name);
	table_add(t, style_of_state(o->state), state_name(o->state));
	table_add(t, STYLE_PLAIN, o->capability);
	table_add(t, STYLE_PLAIN, text_age(now_ms - o->created_ms, age, sizeof(age)));
	table_add(t, STYLE_DIM, note);
}

/*
 * A page comes newest first. Batches stay so, but within one the objectives
 * read best in the order in which they were submitted.
 */
static void
order_page(struct objective *v, size_t len)
{
	for (size_t first = 0, next; first < len; first = next) {
		for (next = first + 1; next < len && strcmp(v[next].batch, v[first].batch) == 0;
		     next++)
			;
		for (size_t i = first, k = next - 1; i < k; i++, k--) {
			struct objective other = v[i];

			v[i] = v[k];
			v[k] = other;
		}
	}
}

static void
print_json_page(const struct objective *v, size_t len, size_t *printed)
{
	for (size_t i = 0; i < len; i++) {
		AUTO_JSON cJSON *json = report_objective_json(&v[i]);
		AUTO_FREE char *text = json_text(json);

		printf("%s%s", *printed == 0 ? "[\n" : ",\n", text);
		++*printed;
	}
}

static void
print_page(struct store *s, const struct objective *v, size_t len, size_t *printed)
{
	int64_t now_ms = clock_now_ms();
	struct table t;

	table_init(&t, objective_columns, COUNT_OF(objective_columns));
	t.untitled = *printed > 0;
	for (size_t i = 0; i < len; i++)
		add_row(&t, s, &v[i], now_ms);
	table_print(&t, stdout);
	table_clear(&t);
	*printed += len;
}

/* Pages are read in short transactions and printed afterwards, so that a slow terminal blocks nobody. */
static int
print_objectives(struct store *s, const struct list_options *o, struct store_filter *f,
    size_t *printed, bool *more, struct err *e)
{
	size_t left = o->all ? SIZE_MAX : (size_t)(o->limit > 0 ? o->limit : LIMIT_DEFAULT);

	*more = false;
	while (left > 0) {
		size_t page = left < PAGE ? left : PAGE, len = 0;
		struct objective *v = NULL;

		/* One more than asked for tells whether there is more. */
		f->limit = page + 1;
		if (store_list(s, f, &v, &len, e) < 0)
			return -1;
		*more = len > page;
		for (size_t i = page; i < len; i++)
			objective_clear(&v[i]);
		len = len > page ? page : len;
		if (len > 0)
			f->after_seq = v[len - 1].seq;
		order_page(v, len);
		if (o->json)
			print_json_page(v, len, printed);
		else
			print_page(s, v, len, printed);
		store_list_free(v, len);
		left -= len;
		if (!*more)
			break;
	}
	return 0;
}

static void
print_counts(const int64_t *counts, const char *batch)
{
	struct buf line = BUF_INIT(1024);
	int64_t all = 0;
	bool first = true;

	for (enum state st = 0; st < STATES; st++)
		all += counts[st];
	text_count(&line, all, "objective");
	buf_addf(&line, "%s%s:", batch != NULL ? " in batch " : "", batch != NULL ? batch : "");
	for (enum state st = 0; st < STATES; st++) {
		if (counts[st] == 0)
			continue;
		buf_addf(&line, "%s %" PRId64 " %s", first ? "" : ",", counts[st], state_name(st));
		first = false;
	}
	printf("\n%s\n", buf_str(&line));
	buf_clear(&line);
}

static enum status
check_capability(struct cli *cli, const char *name)
{
	enum status status = cli_need_library(cli);
	const char *near;

	if (status != STATUS_DONE || library_find(&cli->library, name) != NULL)
		return status;
	near = library_suggest(&cli->library, name);
	say("list: --capability: there is no capability \"%s\"%s%s%s", name,
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
	say_next("purser capabilities");
	return STATUS_USAGE;
}

static enum status
list_objectives(struct cli *cli, const struct list_options *o, struct store_filter *f)
{
	int64_t counts[STATES];
	struct err e = { 0 };
	size_t printed = 0;
	bool more;

	if (print_objectives(cli->store, o, f, &printed, &more, &e) < 0) {
		enum status status = say_error(&e);

		if (e.kind == ERR_NOT_FOUND)
			say_next("purser list --batches");
		return status;
	}
	/* Where there are some, it was one once. */
	if (printed == 0 && o->capability != NULL) {
		enum status status = check_capability(cli, o->capability);

		if (status != STATUS_DONE)
			return status;
	}
	if (o->json) {
		puts(printed == 0 ? "[]" : "\n]");
		return STATUS_DONE;
	}
	if (printed == 0 &&
	    (o->batch != NULL || o->state != NULL || o->capability != NULL || o->label != NULL))
		puts("no such objectives");
	if (more)
		printf("... and older ones: purser list --all\n");
	if (o->state == NULL && o->capability == NULL && o->label == NULL) {
		if (store_counts(cli->store, o->batch, counts, &e) < 0)
			return say_error(&e);
		print_counts(counts, o->batch);
	}
	return STATUS_DONE;
}

static cJSON *
batch_json(const struct batch_row *b)
{
	cJSON *json = cJSON_CreateObject(), *counts;

	json_add_str(json, "name", b->name);
	report_add_time(json, "created", b->created_ms);
	counts = cJSON_AddObjectToObject(json, "counts");
	for (enum state st = 0; st < STATES; st++)
		json_add_int(counts, state_name(st), b->counts[st]);
	return json;
}

static void
add_batch(struct table *t, const struct batch_row *b, int64_t now_ms)
{
	const int64_t *n = b->counts;
	int64_t all = 0;
	char age[32];

	for (enum state st = 0; st < STATES; st++)
		all += n[st];
	table_add(t, STYLE_PLAIN, b->name);
	table_addf(t, STYLE_PLAIN, "%" PRId64, all);
	table_addf(t, STYLE_PLAIN, "%" PRId64, n[STATE_QUEUED]);
	table_addf(t, STYLE_PLAIN, "%" PRId64, n[STATE_RUNNING]);
	table_addf(t, n[STATE_HELD] > 0 ? STYLE_WARN : STYLE_PLAIN, "%" PRId64, n[STATE_HELD]);
	table_addf(t, STYLE_PLAIN, "%" PRId64, n[STATE_SUCCEEDED]);
	table_addf(t, n[STATE_FAILED] > 0 ? STYLE_BAD : STYLE_PLAIN, "%" PRId64, n[STATE_FAILED]);
	table_addf(t, STYLE_PLAIN, "%" PRId64, n[STATE_CANCELLED] + n[STATE_DESTROYED]);
	table_add(t, STYLE_PLAIN, text_age(now_ms - b->created_ms, age, sizeof(age)));
}

static enum status
list_batches(struct cli *cli, const struct list_options *o)
{
	size_t limit = o->all ? LIMIT_MAX : (size_t)(o->limit > 0 ? o->limit : LIMIT_DEFAULT),
	       len = 0;
	struct batch_row *v = NULL;
	struct err e = { 0 };

	if (o->batch != NULL || o->state != NULL || o->capability != NULL || o->label != NULL)
		return say_usage("list", "--batches takes no filter");
	if (store_batches(cli->store, limit, &v, &len, &e) < 0)
		return say_error(&e);
	if (o->json) {
		AUTO_JSON cJSON *list = cJSON_CreateArray();
		AUTO_FREE char *text = NULL;

		for (size_t i = 0; i < len; i++)
			cJSON_AddItemToArray(list, batch_json(&v[i]));
		text = json_pretty(list);
		fputs(text, stdout);
	} else {
		struct table t;

		table_init(&t, batch_columns, COUNT_OF(batch_columns));
		for (size_t i = 0; i < len; i++)
			add_batch(&t, &v[i], clock_now_ms());
		table_print(&t, stdout);
		table_clear(&t);
	}
	store_batches_free(v, len);
	return STATUS_DONE;
}

static enum status
list_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct list_options *o = options;
	struct store_filter f;
	struct err e = { 0 };
	enum status status = make_filter(o, &f);

	(void)args;
	if (status != STATUS_DONE)
		return status;
	/* An empty queue is no fault: the folder is there on the first day, the store is not. */
	if (cli_open_any_store(cli, &e) < 0)
		return say_error(&e);
	if (cli->store == NULL) {
		puts(o->json ? "[]" : "no objectives");
		say_next("purser submit FILE");
		return STATUS_DONE;
	}
	return o->batches ? list_batches(cli, o) : list_objectives(cli, o, &f);
}

const struct cmd cmd_list = {
	.name = "list",
	.usage = "[--batch NAME] [--state STATE,...] [--all] [--json]",
	.summary = "list objectives, or batches",
	.about =
	    "Lists the newest objectives with their state and, where one is not done, why. The id is short: it "
	    "may be typed wherever an objective is asked for, and so may batch/name.",
	.examples = "purser list --state failed,held\n"
		    "purser list --batch web-dev --json\n"
		    "purser list --batches",
	.options = list_rows,
	.options_size = sizeof(struct list_options),
	.needs = CMD_CONFIG,
	.run = list_run,
};
