#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/moment.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text.h"

/* Of each output so much is shown; with --verbose all that was kept. */
#define HEAD_SHOWN 2048
#define TAIL_SHOWN 8192
#define KEPT_MAX (2u * 1024 * 1024)
/* Columns of a reason where there is no terminal; the JSON has all of it. */
#define CELL_MAX 100

struct log_options {
	bool output, json;
};

static const struct option_row log_rows[] = {
	{ .name = "output",
	    .letter = 'o',
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct log_options, output),
	    .help =
		"with what each step wrote: its beginning and end; with --verbose all that was kept" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct log_options, json),
	    .help = "as JSON" },
	{ .name = NULL },
};

static const struct table_column log_columns[] = {
	{ .title = "WHEN (UTC)" },
	{ .title = "STEP", .give = 1, .min = 10 },
	{ .title = "ACT" },
	{ .title = "RESULT" },
	{ .title = "TOOK", .right = true },
	{ .title = "WHY", .give = 9, .min = 10, .max = CELL_MAX },
};

/* The files of an execution's folder in which a step's words are kept. */
static const char *const output_names[] = { "stdout", "stderr" };

static void
add_when(struct table *t, int64_t ms)
{
	char at[CLOCK_TEXT_SIZE];

	clock_format(ms, at);
	at[strlen("2026-11-21")] = ' ';
	table_addf(t, STYLE_PLAIN, "%.14s", at + strlen("2026-"));
}

/* TOLD: the message of the execution before it. */
static void
add_moment(struct table *t, const struct moment *m, const char *told)
{
	AUTO_FREE char *details = moment_details(m, told);

	add_when(t, m->time_ms);
	table_add(t, STYLE_PLAIN, "");
	table_add(t, STYLE_PLAIN, "");
	table_add(t, STYLE_WARN, m->word);
	table_add(t, STYLE_PLAIN, "");
	table_add(t, STYLE_PLAIN, details);
}

static char *
read_output(const struct cli *cli, const struct execution *x, const char *name)
{
	AUTO_FREE char *folder = paths_execution(&cli->paths, x->objective_id, x->id);
	AUTO_FREE char *path = file_join(folder, name);
	struct buf out = BUF_INIT(KEPT_MAX + 4096);
	struct err e = { 0 };
	int rc = cli->verbose ? file_read_ends(path, KEPT_MAX / 2, KEPT_MAX / 2, &out, &e)
			      : file_read_ends(path, HEAD_SHOWN, TAIL_SHOWN, &out, &e);
	char *text = NULL;

	/* Of a step that still runs the secrets are not masked yet. */
	if (rc == 0)
		text = result_text(buf_str(&out), out.len);
	buf_clear(&out);
	return text;
}

static void
print_output(const struct cli *cli, const struct execution *x)
{
	bool found = false;

	for (size_t i = 0; i < COUNT_OF(output_names); i++) {
		AUTO_FREE char *text = read_output(cli, x, output_names[i]);
		AUTO_FREE char *shown = text_visible_lines(text);

		found = found || text != NULL;
		for (const char *line = shown; *line != '\0';) {
			size_t len = strcspn(line, "\n");

			printf("    %s%s |%s %.*s\n", style_on(STYLE_DIM), output_names[i],
			    style_off(STYLE_DIM), (int)len, line);
			line += len + (line[len] != '\0');
		}
	}
	if (!found)
		printf(
		    "    %sits output was not kept%s\n", style_on(STYLE_DIM), style_off(STYLE_DIM));
}

/* What an undo is about, and what it said, unless the row before (TOLD; NULL: none) said the same. */
static char *
why_of(const struct execution *x, const char *told)
{
	const char *code = json_str(x->failure, "code"), *message = json_str(x->failure, "message");
	const char *resource = x->resource != NULL ? report_resource_name(x->resource) : NULL;
	bool same = told != NULL && message != NULL && strcmp(told, message) == 0;

	if (same || (code == NULL && message == NULL))
		return xstrdup(resource != NULL ? resource : "");
	return xasprintf("%s%s%s%s%s", resource != NULL ? resource : "",
	    resource != NULL ? ": " : "", code != NULL ? code : "",
	    code != NULL && message != NULL ? ": " : "", message != NULL ? message : "");
}

static void
add_execution(struct table *t, const struct execution *x, const char *told)
{
	AUTO_FREE char *why = why_of(x, told);
	char took[CLOCK_TEXT_SIZE];

	add_when(t, x->intended_ms);
	table_add(t, STYLE_PLAIN, x->step_name);
	table_add(t, STYLE_PLAIN, act_name(x->act));
	table_add(t, x->failure != NULL ? STYLE_BAD : STYLE_PLAIN, report_execution_word(x));
	table_add(t, STYLE_PLAIN,
	    x->ended_ms == 0 ? "" : clock_format_span(x->ended_ms - x->intended_ms, took));
	table_add(t, STYLE_PLAIN, why);
}

static void
print_attempt(const struct attempt *a)
{
	char at[CLOCK_TEXT_SIZE], span[CLOCK_TEXT_SIZE];
	AUTO_FREE char *undoes =
	    a->undoes != 0 ? xasprintf(", undoes attempt %d", a->undoes) : NULL;

	printf("%sattempt %d%s by %s%s, begun %s, %s %s%s%s\n", style_on(STYLE_BOLD), a->number,
	    style_off(STYLE_BOLD), a->strategy, undoes != NULL ? undoes : "",
	    text_second(a->started_ms, at),
	    a->ended_ms == 0 ? "heads for" : "ended:", goal_name(a->goal),
	    a->ended_ms == 0 ? "" : ", took ",
	    a->ended_ms == 0 ? "" : clock_format_span(a->ended_ms - a->started_ms, span));
}

/* Rows of one table, or with the steps' output one row at a time. */
struct rows {
	const struct cli *cli;
	struct table t;
	const char *told; /* the message of the execution before; borrowed */
	bool output, titled;
};

static void
rows_end_one(struct rows *rows, const struct execution *x)
{
	if (!rows->output)
		return;
	rows->t.untitled = rows->titled;
	rows->titled = true;
	table_print(&rows->t, stdout);
	table_clear(&rows->t);
	if (x != NULL)
		print_output(rows->cli, x);
}

/* One answer may throttle two lanes, which reads as one thing. */
static bool
is_repeated(const struct moment *before, const struct moment *m)
{
	AUTO_FREE char *first = moment_details(before, NULL), *second = moment_details(m, NULL);

	return before->time_ms == m->time_ms && before->rank == m->rank &&
	    strcmp(first, second) == 0;
}

/* All moments before UNTIL_MS that were not told yet. What happened as a step began is why it began. */
static void
add_moments(struct rows *rows, const struct moments *m, size_t *next, int64_t until_ms)
{
	for (; *next < m->len && m->v[*next].time_ms < until_ms; ++*next) {
		if (*next > 0 && is_repeated(&m->v[*next - 1], &m->v[*next]))
			continue;
		add_moment(&rows->t, &m->v[*next], rows->told);
		rows_end_one(rows, NULL);
	}
}

/* The executions of one attempt (0: none), and among them what happened until the next attempt began. */
static void
print_rows(const struct cli *cli, const struct report *r, int attempt, bool output,
    const struct moments *m, size_t *next, int64_t until_ms)
{
	struct rows rows = { .cli = cli, .output = output };

	table_init(&rows.t, log_columns, COUNT_OF(log_columns));
	for (size_t i = 0; i < r->n_executions; i++) {
		const struct execution *x = &r->executions[i];

		if (x->attempt != attempt)
			continue;
		add_moments(&rows, m, next, x->intended_ms + 1);
		add_execution(&rows.t, x, rows.told);
		rows.told = json_str(x->failure, "message");
		rows_end_one(&rows, x);
	}
	add_moments(&rows, m, next, until_ms);
	table_print(&rows.t, stdout);
	table_clear(&rows.t);
}

static void
print_text(const struct cli *cli, const struct report *r, const struct moments *m, bool output)
{
	const struct objective *o = &r->objective;
	size_t next = 0;

	printf("%s/%s (%s): %s\n", o->batch, o->name, id_short(o->id), state_name(o->state));
	if (r->n_attempts == 0)
		puts("nothing was attempted yet");
	print_rows(
	    cli, r, 0, output, m, &next, r->n_attempts > 0 ? r->attempts[0].started_ms : INT64_MAX);
	for (size_t i = 0; i < r->n_attempts; i++) {
		bool last = i + 1 == r->n_attempts;

		putchar('\n');
		print_attempt(&r->attempts[i]);
		print_rows(cli, r, r->attempts[i].number, output, m, &next,
		    last ? INT64_MAX : r->attempts[i + 1].started_ms);
	}
	if (r->throttled_until_ms > clock_now_ms()) {
		AUTO_FREE char *until = report_throttled_text(r, clock_now_ms());

		printf("\nthrottled %s\n", until);
	}
	fflush(stdout);
	if (!output && r->n_executions > 0)
		say_next("purser log %s --output", id_short(o->id));
}

static cJSON *
log_json(const struct cli *cli, const struct report *r, const struct moments *m, bool output)
{
	cJSON *json = cJSON_CreateObject(), *list;

	report_add_name(json, &r->objective);
	json_add_str(json, "state", state_name(r->objective.state));
	list = cJSON_AddArrayToObject(json, "attempts");
	for (size_t i = 0; i < r->n_attempts; i++)
		cJSON_AddItemToArray(list, report_attempt_json(&r->attempts[i]));
	list = cJSON_AddArrayToObject(json, "executions");
	for (size_t i = 0; i < r->n_executions; i++) {
		cJSON *x = report_execution_json(&r->executions[i]);

		for (size_t k = 0; output && k < COUNT_OF(output_names); k++) {
			AUTO_FREE char *text = read_output(cli, &r->executions[i], output_names[k]);

			json_add_str(x, output_names[k], text);
		}
		cJSON_AddItemToArray(list, x);
	}
	cJSON_AddItemToObject(json, "events", moments_to_json(m));
	return json;
}

static enum status
log_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct log_options *opts = options;
	struct err e = { 0 };
	struct objective o;
	struct moments m;
	struct report r;
	enum status status = cli_find(cli, args->v[0], &o), partly = STATUS_DONE;

	if (status != STATUS_DONE) {
		objective_clear(&o);
		return status;
	}
	if (moments_load(&m, cli->store, cli->paths.state, o.id, &e) < 0) {
		say("the audit log could not be read: %s", e.msg);
		say_next("purser audit verify");
		partly = STATUS_BROKEN;
	}
	if (report_load(&r, cli->store, o.id, &e) < 0) {
		status = say_error(&e);
	} else if (opts->json) {
		AUTO_JSON cJSON *json = log_json(cli, &r, &m, opts->output);
		AUTO_FREE char *text = json_pretty(json);

		fputs(text, stdout);
	} else {
		print_text(cli, &r, &m, opts->output);
	}
	report_clear(&r);
	moments_clear(&m);
	objective_clear(&o);
	return status_worse(status, partly);
}

const struct cmd cmd_log = {
	.name = "log",
	.usage = "OBJECTIVE [--output] [--json]",
	.summary = "tell what was done for an objective, step by step",
	.about =
	    "Lists each execution of each attempt: when it began, what it was for, how it ended and how long it "
	    "took; and between them, from its submission to its end, what the audit log tells of waits, holds, turns "
	    "to undo and what people asked for. With --output also what the tools wrote, as far as it was kept; it may hold what the tools "
	    "print about resources, so it is shown to nobody but the owner of the state folder.",
	.examples = "purser log web-dev/web\n"
		    "purser log 1a2b3c4d --output --verbose",
	.options = log_rows,
	.options_size = sizeof(struct log_options),
	.needs = CMD_READ,
	.min_args = 1,
	.max_args = 1,
	.run = log_run,
};
