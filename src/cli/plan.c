/*
 * Prints plans as what a shell could run: explanations are comments, and long
 * command lines are broken by backslashes, so that they can be copied. Below
 * each stands what it will cost; a plan can be made without a price book, and
 * then says that the cost is not known.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/estimate.h"
#include "cli/preview.h"
#include "cli/prospect.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/scarce.h"
#include "cli/style.h"
#include "cli/submission.h"
#include "cli/text.h"

#define CONTINUED "    "

static const struct option_row plan_rows[] = {
	PREVIEW_ROWS("whole plans as JSON, with checks, undos and files"),
	{ .name = NULL },
};

/* ---- text ---- */

static void
print_argv(const struct strv *argv, const char *comment)
{
	size_t columns = style_text_columns(), used = 0;

	for (size_t i = 0; i < argv->len; i++) {
		struct strv one = { .v = &argv->v[i], .len = 1 };
		AUTO_FREE char *quoted = strv_shell(&one);
		AUTO_FREE char *word = text_visible(quoted);
		size_t width = text_width(word);

		/* Room for the blank before and the backslash behind. */
		if (used > 0 && used + 1 + width + 2 > columns) {
			printf(" \\\n%s" CONTINUED, comment);
			used = strlen(comment) + strlen(CONTINUED);
			printf("%s", word);
			used += width;
		} else {
			printf("%s%s", i == 0 ? comment : " ", word);
			used += width + (i == 0 ? strlen(comment) : 1);
		}
	}
	putchar('\n');
}

static void
print_call(const char *what, const struct strv *argv)
{
	if (argv->len == 0)
		return;
	printf("# %s:\n", what);
	print_argv(argv, "#   ");
}

static void
print_files(const struct step *step)
{
	const cJSON *file;

	cJSON_ArrayForEach (file, step->files) {
		AUTO_FREE char *content = json_pretty(file);

		printf("# {run}/%s:\n", file->string);
		for (const char *line = content; *line != '\0';) {
			size_t len = strcspn(line, "\n");
			AUTO_FREE char *one = xstrndup(line, len);
			AUTO_FREE char *shown = text_visible(one);

			printf("#   %s\n", shown);
			line += len + (line[len] != '\0');
		}
	}
}

static void
print_step(const struct step *step, size_t number, bool verbose)
{
	AUTO_FREE char *summary = text_visible(step->summary != NULL ? step->summary : step->name);
	const cJSON *secret;

	printf("# %zu. %s\n", number, summary);
	cJSON_ArrayForEach (secret, step->secrets) {
		AUTO_FREE char *name = text_visible(secret->string);
		AUTO_FREE char *from = text_visible(cJSON_GetStringValue(secret));

		printf("#    secret %s from %s, when the step starts\n", name, from);
	}
	print_argv(&step->run, "");
	if (!verbose)
		return;
	print_files(step);
	for (size_t i = 0; i < step->n_checks; i++)
		print_call("check", &step->checks[i]);
	print_call("what it made", &step->collect);
	print_call("undo", &step->undo);
	print_call("check of the undo", &step->prove);
}

struct priced {
	struct estimate estimate;
	struct err e; /* why there is none; ERR_NONE: there is */
	struct prospect prospect;
	bool is_due; /* it has a prospect */
};

/* Prose as comments, so that what is printed stays a script. */
static void
print_comment(const char *text)
{
	AUTO_FREE char *visible = text_visible(text);
	AUTO_FREE char *wrapped = NULL;
	size_t columns = style_text_columns(), size = 0;
	FILE *out = open_memstream(&wrapped, &size);

	if (out == NULL)
		return;
	text_wrap(out, visible, 0, columns > 20 ? columns - 2 : columns);
	fclose(out);
	for (const char *line = wrapped; *line != '\0';) {
		size_t len = strcspn(line, "\n");

		printf("# %.*s\n", (int)len, line);
		line += len + (line[len] != '\0');
	}
}

static void
print_cost(const struct priced *priced)
{
	const struct estimate *estimate = &priced->estimate;
	char text[ESTIMATE_TEXT_SIZE];

	if (priced->e.kind != ERR_NONE) {
		AUTO_FREE char *why = xasprintf("cost: not known: %s", priced->e.msg);
		print_comment(why);
		return;
	}
	if (estimate->len == 0 && !estimate->unpriced) {
		puts("# cost: nothing by itself");
		return;
	}
	AUTO_FREE char *sentence = estimate_sentence(estimate);
	AUTO_FREE char *line =
	    xasprintf("cost: %s%s%s", sentence, estimate->as_of != NULL ? "; prices of " : "",
		estimate->as_of != NULL ? estimate->as_of : "");
	print_comment(line);
	for (size_t i = 0; i < estimate->len; i++) {
		const struct estimate_component *c = &estimate->v[i];
		AUTO_FREE char *what = text_visible(c->what);

		printf("#   %-18s %12s  %s\n", c->name,
		    estimate_amount(c, c->monthly.expected, text), what);
	}
}

/* What the submitter did not say, and the rule or the setting that did. */
static void
print_decided(const struct objective *o)
{
	const cJSON *rule;

	cJSON_ArrayForEach (rule, o->decided) {
		AUTO_FREE char *value = objective_decided_text(o, rule->string);
		AUTO_FREE char *line =
		    xasprintf("%s = %s (%s)", rule->string, value, rule->valuestring);

		print_comment(line);
	}
}

static void
print_reasons(const struct plan *plan)
{
	for (size_t i = 0; i < plan->reasons.len; i++)
		print_comment(plan->reasons.v[i]);
}

static void
print_plan(
    const struct objective *o, const struct plan *plan, const struct priced *priced, bool verbose)
{
	printf("%s# %s%s%s: %s by %s, %zu step%s%s\n", style_on(STYLE_BOLD),
	    o->batch != NULL ? o->batch : "", o->batch != NULL ? "/" : "", o->name, o->capability,
	    plan->strategy, plan->len, plan->len == 1 ? "" : "s", style_off(STYLE_BOLD));
	print_reasons(plan);
	print_decided(o);
	for (size_t i = 0; i < plan->len; i++)
		print_step(&plan->steps[i], i + 1, verbose);
	print_cost(priced);
	putchar('\n');
}

/* ---- JSON ---- */

static cJSON *
plan_json(const struct objective *o, const struct plan *plan, const struct priced *priced)
{
	cJSON *json = cJSON_CreateObject();

	report_add_name(json, o);
	json_add_str(json, "capability", o->capability);
	if (o->decided != NULL)
		cJSON_AddItemToObject(json, "decided", cJSON_Duplicate(o->decided, true));
	cJSON_AddItemToObject(json, "plan", plan_to_json(plan));
	if (priced->e.kind == ERR_NONE) {
		cJSON_AddItemToObject(json, "estimate", estimate_to_json(&priced->estimate));
	} else {
		cJSON *estimate = cJSON_AddObjectToObject(json, "estimate");

		json_add_bool(estimate, "unpriced", true);
		json_add_str(estimate, "why", priced->e.msg);
	}
	if (priced->is_due)
		cJSON_AddItemToObject(json, "budget", prospect_to_json(&priced->prospect));
	return json;
}

/* ---- what is planned ---- */

struct printer {
	struct cli *cli;
	const struct preview_options *options;
	struct pricer pricer;
	struct prospects prospects;
	struct scarce scarce;
	struct strv refusals; /* what would not be admitted, and why */
	struct strv warnings; /* what would be, and which limit only warns */
	struct err no_prices; /* why there is no price book */
	size_t count;
};

static void
price(struct printer *p, const struct objective *o, struct priced *priced)
{
	*priced = (struct priced){ .e = p->no_prices };
	if (p->pricer.estimator != NULL)
		pricer_estimate(&p->pricer, p->cli, o, &priced->estimate, &priced->e);
	priced->is_due = priced->e.kind == ERR_NONE &&
	    prospect_of(&p->prospects, o, &priced->estimate, &priced->prospect);
	if (priced->is_due)
		prospect_tell(&priced->prospect, o, &p->refusals, &p->warnings);
}

static void
put(struct printer *p, const struct objective *o, const struct plan *plan)
{
	struct priced priced;

	price(p, o, &priced);
	if (p->options->json) {
		AUTO_JSON cJSON *json = plan_json(o, plan, &priced);
		AUTO_FREE char *text = json_pretty(json);

		printf("%s%s", p->count == 0 ? "[\n" : ",\n", text);
	} else {
		print_plan(o, plan, &priced, p->cli->verbose);
	}
	estimate_clear(&priced.estimate);
	prospect_clear(&priced.prospect);
	p->count++;
}

static void
finish(struct printer *p, bool preview)
{
	if (p->options->json) {
		puts(p->count == 0 ? "[]" : "]");
		return;
	}
	if (preview)
		puts("# ID stands for the objective's id, and {run} for the folder of the step.");
	for (size_t i = 0; i < p->refusals.len; i++)
		print_comment(p->refusals.v[i]);
	for (size_t i = 0; i < p->warnings.len; i++)
		print_comment(p->warnings.v[i]);
}

/* The plan that would be made now, with the size that could be had. */
static int
preview(struct printer *p, const struct planner *planner, struct objective *o, struct plan *plan,
    struct faults *faults)
{
	CLEANUP(strv_clear) struct strv notes = { 0 };

	scarce_look(&p->scarce, o, &notes);
	if (planner_preview(planner, o, plan, faults) < 0)
		return -1;
	strv_copy(&plan->reasons, &notes);
	return 0;
}

static enum status
plan_file(struct printer *p, const char *file)
{
	struct planner planner = cli_planner(p->cli);
	struct batch b;
	enum status status = submission_read(p->cli, file, p->options->batch, &b);

	prospects_init(&p->prospects, p->cli);
	scarce_init(&p->scarce, p->cli, p->pricer.estimator);
	/* Nothing is printed unless all of it can be planned. */
	if (status == STATUS_DONE)
		status = submission_check_plans(p->cli, &b);
	for (size_t i = 0; i < b.len && status == STATUS_DONE; i++) {
		struct faults faults = { 0 };
		struct plan plan;

		plan_init(&plan);
		if (preview(p, &planner, &b.v[i], &plan, &faults) < 0)
			status = say_faults(&faults);
		else
			put(p, &b.v[i], &plan);
		plan_clear(&plan);
		faults_clear(&faults);
	}
	if (status == STATUS_DONE)
		finish(p, true);
	batch_clear(&b);
	return status;
}

/* The kept plan once there was an attempt, unless the next run makes another one: that is shown then. */
static int
stored_plan(struct printer *p, struct objective *o, struct plan *plan, struct faults *faults,
    struct err *e)
{
	struct planner planner = cli_planner(p->cli);
	struct attempt attempt;
	int rc;

	if (!prospect_is_to_begin(p->cli->store, o)) {
		rc = store_attempt(p->cli->store, o->id, &attempt, plan, e);
		attempt_clear(&attempt);
		if (rc == 0 || e->kind != ERR_NOT_FOUND)
			return rc;
		*e = (struct err){ 0 };
	}
	return preview(p, &planner, o, plan, faults);
}

static enum status
plan_stored(struct cli *cli, struct printer *p, const char *ref)
{
	struct faults faults = { 0 };
	enum status status = cli_need_store(cli, STORE_READ);
	struct err e = { 0 };
	struct objective o;
	struct plan plan;

	if (status != STATUS_DONE)
		return status;
	plan_init(&plan);
	prospects_init(&p->prospects, cli);
	scarce_init(&p->scarce, cli, p->pricer.estimator);
	status = cli_find(cli, ref, &o);
	if (status == STATUS_DONE && stored_plan(p, &o, &plan, &faults, &e) < 0)
		status = e.kind != ERR_NONE ? say_error(&e) : say_faults(&faults);
	if (status == STATUS_DONE) {
		put(p, &o, &plan);
		finish(p, false);
	}
	plan_clear(&plan);
	objective_clear(&o);
	faults_clear(&faults);
	return status;
}

static enum status
plan_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct preview_options *o = options;
	struct printer p = { .cli = cli, .options = o };
	const char *what = submission_file("plan", args, o->file);
	enum status status;

	if (what == NULL)
		return STATUS_USAGE;
	pricer_open(&p.pricer, cli, &p.no_prices);
	status = preview_is_objective(o, what) ? plan_stored(cli, &p, what) : plan_file(&p, what);
	strv_clear(&p.refusals);
	strv_clear(&p.warnings);
	prospects_clear(&p.prospects);
	scarce_clear(&p.scarce);
	pricer_close(&p.pricer);
	return status;
}

const struct cmd cmd_plan = {
	.name = "plan",
	.usage = "FILE|-|OBJECTIVE [--batch NAME] [--json]",
	.summary = "show the steps that would be taken, without touching anything",
	.about =
	    "Prints the exact command line of every step, ready to be copied. Of a file it needs neither a store "
	    "nor the tools themselves. Of an objective (its id, the end of it, or batch/name) it prints the "
	    "plan that is kept with it, or the one that would be made now. Above the steps stands why each strategy "
	    "was chosen or passed over, and what a decision rule has set, with its rule; whether a tool is on PATH only "
	    "run looks. Below each stands what it will cost (more of that: purser estimate), and last what the budget "
	    "would hold or deny now, or admit with a warning, and why. With "
	    "--verbose also the files that steps are given, their checks and their undos.",
	.examples = "purser plan web.toml\n"
		    "purser plan --verbose web-dev/web\n"
		    "purser plan web.toml --json | jq '.[].plan.steps[].run'",
	.options = plan_rows,
	.options_size = sizeof(struct preview_options),
	.needs = CMD_LIBRARY,
	.max_args = 1,
	.run = plan_run,
};
