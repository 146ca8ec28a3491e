#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text.h"

/* Of each output so much is shown; with --verbose all that was kept. */
#define HEAD_SHOWN 2048
#define TAIL_SHOWN 8192
#define KEPT_MAX (2u * 1024 * 1024)

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
	{ .title = "WHY", .give = 9, .min = 10 },
};

/* The files of an execution's folder in which a step's words are kept. */
static const char *const output_names[] = { "stdout", "stderr" };

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

	if (rc == 0)
		text = json_utf8(buf_str(&out), out.len);
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

static void
add_row(struct table *t, const struct execution *x)
{
	char at[CLOCK_TEXT_SIZE], took[CLOCK_TEXT_SIZE];
	const char *code = json_str(x->failure, "code"), *message = json_str(x->failure, "message");

	clock_format(x->intended_ms, at);
	at[strlen("2026-11-21")] = ' ';
	table_addf(t, STYLE_PLAIN, "%.14s", at + strlen("2026-"));
	table_add(t, STYLE_PLAIN, x->step_name);
	table_add(t, STYLE_PLAIN, act_name(x->act));
	table_add(t, x->failure != NULL ? STYLE_BAD : STYLE_PLAIN, report_execution_word(x));
	table_add(t, STYLE_PLAIN,
	    x->ended_ms == 0 ? "" : clock_format_span(x->ended_ms - x->intended_ms, took));
	table_addf(t, STYLE_PLAIN, "%s%s%s", code != NULL ? code : "",
	    code != NULL && message != NULL ? ": " : "", message != NULL ? message : "");
}

static void
print_attempt(const struct attempt *a)
{
	char at[CLOCK_TEXT_SIZE], span[CLOCK_TEXT_SIZE];

	printf("%sattempt %d%s by %s, begun %.19sZ, goal %s%s%s\n", style_on(STYLE_BOLD), a->number,
	    style_off(STYLE_BOLD), a->strategy, clock_format(a->started_ms, at), goal_name(a->goal),
	    a->ended_ms == 0 ? ", still open" : ", took ",
	    a->ended_ms == 0 ? "" : clock_format_span(a->ended_ms - a->started_ms, span));
}

/* One table for the whole attempt, or one line and its output at a time. */
static void
print_executions(const struct cli *cli, const struct report *r, int attempt, bool output)
{
	struct table t;
	bool titled = false;

	table_init(&t, log_columns, COUNT_OF(log_columns));
	for (size_t i = 0; i < r->n_executions; i++) {
		const struct execution *x = &r->executions[i];

		if (x->attempt != attempt)
			continue;
		add_row(&t, x);
		if (!output)
			continue;
		t.untitled = titled;
		titled = true;
		table_print(&t, stdout);
		table_clear(&t);
		print_output(cli, x);
	}
	table_print(&t, stdout);
	table_clear(&t);
}

static void
print_text(const struct cli *cli, const struct report *r, bool output)
{
	const struct objective *o = &r->objective;

	printf("%s/%s (%s): %s\n", o->batch, o->name, id_short(o->id), state_name(o->state));
	if (r->n_attempts == 0)
		puts("nothing was attempted yet");
	for (size_t i = 0; i < r->n_attempts; i++) {
		putchar('\n');
		print_attempt(&r->attempts[i]);
		print_executions(cli, r, r->attempts[i].number, output);
	}
	fflush(stdout);
	if (!output && r->n_executions > 0)
		say_next("purser log %s --output", id_short(o->id));
}

static cJSON *
log_json(const struct cli *cli, const struct report *r, bool output)
{
	cJSON *json = cJSON_CreateObject(), *list;

	json_add_str(json, "id", r->objective.id);
	json_add_str(json, "batch", r->objective.batch);
	json_add_str(json, "name", r->objective.name);
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
	return json;
}

static enum status
log_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct log_options *opts = options;
	struct err e = { 0 };
	struct objective o;
	struct report r;
	enum status status = cli_find(cli, args->v[0], &o);

	if (status != STATUS_DONE) {
		objective_clear(&o);
		return status;
	}
	if (report_load(&r, cli->store, o.id, &e) < 0) {
		status = say_error(&e);
	} else if (opts->json) {
		AUTO_JSON cJSON *json = log_json(cli, &r, opts->output);
		AUTO_FREE char *text = json_pretty(json);

		fputs(text, stdout);
	} else {
		print_text(cli, &r, opts->output);
	}
	report_clear(&r);
	objective_clear(&o);
	return status;
}

const struct cmd cmd_log = {
	.name = "log",
	.usage = "OBJECTIVE [--output] [--json]",
	.summary = "tell what was done for an objective, step by step",
	.about =
	    "Lists each execution of each attempt: when it began, what it was for, how it ended and how long it "
	    "took. With --output also what the tools wrote, as far as it was kept; it may hold what the tools "
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
