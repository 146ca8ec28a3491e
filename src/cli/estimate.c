/*
 * Prints what objectives will cost, component by component. Amounts are rounded
 * to cents for the eye only: the sums are those of the exact ones, which --json
 * prints.
 */
#include "config.h"

#include "cli/estimate.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/preview.h"
#include "cli/prices.h"
#include "cli/prospect.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/scarce.h"
#include "cli/style.h"
#include "cli/submission.h"
#include "cli/table.h"
#include "cli/text.h"

static const struct option_row estimate_rows[] = {
	PREVIEW_ROWS("exact amounts, with quantities, reasons, dates and sources"),
	{ .name = NULL },
};

static const struct table_column columns[] = {
	{ .title = "COMPONENT", .give = 4, .min = 10 },
	{ .title = "WHAT", .give = 5, .min = 10 },
	{ .title = "QUANTITY", .right = true },
	{ .title = "LOW", .right = true },
	{ .title = "EXPECTED", .right = true },
	{ .title = "HIGH", .right = true },
};

/* ---- shared with plan ---- */

int
pricer_open(struct pricer *p, const struct cli *cli, struct err *e)
{
	*p = (struct pricer){ .book = prices_open(cli, e) };
	if (p->book == NULL)
		return -1;
	p->estimator = estimator_new(p->book);
	return 0;
}

void
pricer_close(struct pricer *p)
{
	estimator_free(p->estimator);
	book_close(p->book);
	*p = (struct pricer){ 0 };
}

int
pricer_estimate(const struct pricer *p, const struct cli *cli, const struct objective *o,
    struct estimate *estimate, struct err *e)
{
	AUTO_FREE char *label = objective_label(o);
	const struct capability *c = library_find(&cli->library, o->capability);

	*estimate = (struct estimate){ 0 };
	if (c == NULL)
		return err_set(e, ERR_NOT_FOUND, "%s: there is no capability \"%s\" any more",
		    label, o->capability);
	if (estimate_make(p->estimator, c, o, estimate, e) < 0)
		return err_in(e, "%s", label);
	return 0;
}

const char *
estimate_amount(
    const struct estimate_component *c, money_t amount, char out[static ESTIMATE_TEXT_SIZE])
{
	char text[MONEY_TEXT_SIZE];

	if (c->confidence == ESTIMATE_UNKNOWN)
		return "unknown";
	snprintf(out, ESTIMATE_TEXT_SIZE, "%s%s", c->confidence == ESTIMATE_RATIO ? "~" : "",
	    money_format_people(amount, text));
	return out;
}

static char *
sum_text(const struct amounts *monthly, const struct amounts *hourly, const char *currency)
{
	char low[MONEY_TEXT_SIZE], expected[MONEY_TEXT_SIZE], high[MONEY_TEXT_SIZE],
	    hour[MONEY_TEXT_SIZE];

	return xasprintf("%s %s a month (%s to %s), %s an hour",
	    money_format_people(monthly->expected, expected), currency,
	    money_format_people(monthly->low, low), money_format_people(monthly->high, high),
	    money_format_people(hourly->expected, hour));
}

char *
estimate_sentence(const struct estimate *estimate)
{
	AUTO_FREE char *sum = sum_text(&estimate->monthly, &estimate->hourly, estimate->currency);

	if (!estimate->unpriced)
		return take(sum);
	if (estimate->monthly.high == 0)
		return xasprintf("unpriced: %s", estimate->why);
	return xasprintf("unpriced (%s); all else: %s", estimate->why, sum);
}

/* ---- text ---- */

static void
add_component(struct table *t, const struct estimate_component *c)
{
	bool unknown = c->confidence == ESTIMATE_UNKNOWN;
	enum style style = unknown ? STYLE_WARN : STYLE_PLAIN;
	char text[ESTIMATE_TEXT_SIZE];

	table_add(t, STYLE_PLAIN, c->name);
	table_add(t, STYLE_PLAIN, c->what);
	table_add(t, STYLE_PLAIN, unknown ? "" : decimal_format(c->quantity, text));
	table_add(t, style, unknown ? "" : estimate_amount(c, c->monthly.low, text));
	table_add(t, style, estimate_amount(c, c->monthly.expected, text));
	table_add(t, style, unknown ? "" : estimate_amount(c, c->monthly.high, text));
}

static void
add_total(struct table *t, const struct estimate *estimate)
{
	char text[MONEY_TEXT_SIZE];

	table_add(t, STYLE_BOLD, "month");
	table_addf(t, STYLE_BOLD, "%s%s", estimate->currency,
	    estimate->unpriced ? ", without the unknown" : "");
	table_add(t, STYLE_BOLD, "");
	table_add(t, STYLE_BOLD, money_format_people(estimate->monthly.low, text));
	table_add(t, STYLE_BOLD, money_format_people(estimate->monthly.expected, text));
	table_add(t, STYLE_BOLD, money_format_people(estimate->monthly.high, text));
}

/* What a reader must know to trust a row: why it is a guess, or where its price is from. */
static void
print_notes(const struct estimate *estimate)
{
	for (size_t i = 0; i < estimate->len; i++) {
		const struct estimate_component *c = &estimate->v[i];
		bool exact = c->confidence == ESTIMATE_EXACT;

		if (exact && c->help == NULL)
			continue;
		AUTO_FREE char *text =
		    xasprintf("%s: %s%s%s", c->name, c->help != NULL ? c->help : "",
			c->help != NULL && !exact ? "; " : "", exact ? "" : c->reason);
		AUTO_FREE char *shown = text_visible(text);
		text_wrap(stdout, shown, 2, style_text_columns());
	}
}

static void
print_origin(const struct estimate *estimate)
{
	const char *source = NULL;

	for (size_t i = 0; i < estimate->len && source == NULL; i++)
		source = estimate->v[i].source;
	if (estimate->as_of == NULL)
		return;
	AUTO_FREE char *text = xasprintf("prices of %s or later%s%s", estimate->as_of,
	    source != NULL ? ", " : "", source != NULL ? source : "");
	AUTO_FREE char *shown = text_visible(text);
	text_wrap(stdout, shown, 2, style_text_columns());
}

static void
print_estimate(
    const struct objective *o, const struct estimate *estimate, const struct strv *notes)
{
	AUTO_FREE char *sentence = estimate_sentence(estimate);
	AUTO_FREE char *shown = text_visible(sentence);
	struct table t;

	printf("%s%s%s%s: %s%s%s%s\n", style_on(STYLE_BOLD), o->batch != NULL ? o->batch : "",
	    o->batch != NULL ? "/" : "", o->name, o->capability, o->region != NULL ? " in " : "",
	    o->region != NULL ? o->region : "", style_off(STYLE_BOLD));
	if (estimate->len > 0) {
		table_init(&t, columns, COUNT_OF(columns));
		for (size_t i = 0; i < estimate->len; i++)
			add_component(&t, &estimate->v[i]);
		add_total(&t, estimate);
		table_print(&t, stdout);
		table_clear(&t);
		print_notes(estimate);
		print_origin(estimate);
	} else if (estimate->unpriced) {
		text_wrap(stdout, shown, 2, style_text_columns());
	} else {
		puts("  costs nothing by itself");
	}
	for (size_t i = 0; i < notes->len; i++) {
		AUTO_FREE char *note = text_visible(notes->v[i]);

		text_wrap(stdout, note, 2, style_text_columns());
	}
	putchar('\n');
}

/* ---- JSON ---- */

static cJSON *
objective_json(const struct objective *o, const struct estimate *estimate,
    const struct strv *notes, const struct prospect *prospect)
{
	cJSON *json = cJSON_CreateObject();

	report_add_name(json, o);
	json_add_str(json, "capability", o->capability);
	json_add_str(json, "region", o->region);
	cJSON_AddItemToObject(json, "estimate", estimate_to_json(estimate));
	if (o->instead != NULL)
		cJSON_AddItemToObject(json, "instead", cJSON_Duplicate(o->instead, true));
	if (notes->len > 0)
		json_add_strv(json, "notes", notes);
	if (prospect != NULL)
		cJSON_AddItemToObject(json, "budget", prospect_to_json(prospect));
	return json;
}

/* ---- what is estimated ---- */

struct printer {
	struct cli *cli;
	const struct preview_options *options;
	struct pricer pricer;
	struct prospects prospects;
	struct scarce scarce;
	cJSON *list;          /* with --json */
	struct strv refusals; /* what would not be admitted, and why */
	struct strv warnings; /* what would be, and which limit only warns */
	size_t count, unpriced, concluded;
	struct amounts hourly, monthly;
};

/* PROSPECT NULL: the budget has nothing to say to it any more. */
static int
add(struct printer *p, const struct objective *o, const struct estimate *estimate,
    const struct strv *notes, const struct prospect *prospect, struct err *e)
{
	if (prospect != NULL)
		prospect_tell(prospect, o, &p->refusals, &p->warnings);
	p->count++;
	p->unpriced += estimate->unpriced;
	p->concluded += estimate->confidence == ESTIMATE_RATIO;
	if (amounts_add(&p->hourly, &estimate->hourly, e) < 0 ||
	    amounts_add(&p->monthly, &estimate->monthly, e) < 0)
		return err_in(e, "the sum of all objectives");
	if (p->options->json)
		cJSON_AddItemToArray(p->list, objective_json(o, estimate, notes, prospect));
	else
		print_estimate(o, estimate, notes);
	return 0;
}

static int
estimate_one(struct printer *p, struct objective *o, struct err *e)
{
	CLEANUP(strv_clear) struct strv notes = { 0 };
	CLEANUP(estimate_clear) struct estimate estimate = { 0 };
	CLEANUP(prospect_clear) struct prospect prospect = { 0 };
	bool is_due;

	if (*o->id == '\0' || prospect_is_to_begin(p->cli->store, o))
		scarce_look(&p->scarce, o, &notes);
	if (pricer_estimate(&p->pricer, p->cli, o, &estimate, e) < 0)
		return -1;
	is_due = prospect_of(&p->prospects, o, &estimate, &prospect);
	return add(p, o, &estimate, &notes, is_due ? &prospect : NULL, e);
}

static void
print_json(struct printer *p)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	cJSON *total = cJSON_CreateObject();

	cJSON_AddItemToObject(json, "objectives", take(p->list));
	json_add_str(total, "currency", book_currency(p->pricer.book));
	json_add_int(total, "objectives", (int64_t)p->count);
	json_add_int(total, "unpriced", (int64_t)p->unpriced);
	cJSON_AddItemToObject(total, "hourly", amounts_to_json(&p->hourly));
	cJSON_AddItemToObject(total, "monthly", amounts_to_json(&p->monthly));
	cJSON_AddItemToObject(json, "total", total);
	AUTO_FREE char *text = json_pretty(json);
	fputs(text, stdout);
}

static void
print_refusal(const char *line)
{
	AUTO_FREE char *shown = text_visible(line);

	if (strncmp(shown, "- ", 2) == 0) {
		fputs("- ", stdout);
		text_wrap_after(stdout, shown + 2, 2, style_text_columns());
	} else {
		text_wrap(stdout, shown, 0, style_text_columns());
	}
}

static void
print_total(const struct printer *p)
{
	struct buf text = BUF_INIT(1024);
	AUTO_FREE char *sum = sum_text(&p->monthly, &p->hourly, book_currency(p->pricer.book));

	buf_adds(&text, "total of ");
	text_count(&text, (int64_t)p->count, "objective");
	buf_addf(&text, ": %s", sum);
	if (p->unpriced > 0)
		buf_addf(&text, "; %zu unpriced, not in it", p->unpriced);
	text_wrap(stdout, buf_str(&text), 0, style_text_columns());
	buf_clear(&text);
	for (size_t i = 0; i < p->refusals.len; i++)
		print_refusal(p->refusals.v[i]);
	for (size_t i = 0; i < p->warnings.len; i++)
		print_refusal(p->warnings.v[i]);
}

static void
finish(struct printer *p)
{
	if (p->options->json)
		print_json(p);
	else
		print_total(p);
}

static enum status
estimate_file(struct printer *p, const char *file)
{
	struct batch b;
	struct err e = { 0 };
	enum status status = submission_read(p->cli, file, p->options->batch, &b);

	prospects_init(&p->prospects, p->cli);
	scarce_init(&p->scarce, p->cli, p->pricer.estimator);
	for (size_t i = 0; i < b.len && status == STATUS_DONE; i++)
		if (estimate_one(p, &b.v[i], &e) < 0)
			status = say_error(&e);
	if (status == STATUS_DONE)
		finish(p);
	batch_clear(&b);
	return status;
}

static enum status
estimate_stored(struct cli *cli, struct printer *p, const char *ref)
{
	enum status status = cli_need_store(cli, STORE_READ);
	struct err e = { 0 };
	struct objective o;

	if (status != STATUS_DONE)
		return status;
	prospects_init(&p->prospects, cli);
	scarce_init(&p->scarce, cli, p->pricer.estimator);
	status = cli_find(cli, ref, &o);
	if (status == STATUS_DONE && estimate_one(p, &o, &e) < 0)
		status = say_error(&e);
	if (status == STATUS_DONE)
		finish(p);
	objective_clear(&o);
	return status;
}

static enum status
estimate_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct preview_options *o = options;
	struct printer p = { .cli = cli, .options = o };
	const char *what = submission_file("estimate", args, o->file);
	struct err e = { 0 };
	enum status status;

	if (what == NULL)
		return STATUS_USAGE;
	if (pricer_open(&p.pricer, cli, &e) < 0) {
		pricer_close(&p.pricer);
		return say_error(&e);
	}
	if (o->json)
		p.list = cJSON_CreateArray();
	status = preview_is_objective(o, what) ? estimate_stored(cli, &p, what)
					       : estimate_file(&p, what);
	cJSON_Delete(p.list);
	strv_clear(&p.refusals);
	strv_clear(&p.warnings);
	prospects_clear(&p.prospects);
	scarce_clear(&p.scarce);
	pricer_close(&p.pricer);
	return status;
}

const struct cmd cmd_estimate = {
	.name = "estimate",
	.usage = "FILE|-|OBJECTIVE [--batch NAME] [--json]",
	.summary = "show what objectives will cost, without touching anything",
	.about =
	    "Prints for each objective what its components cost in a month of 730 hours at list prices, from the "
	    "price book, and the total of all. LOW and HIGH are what it may be where usage is a guess or where "
	    "a price was concluded from another region (marked ~, and explained below the table); budgets bind "
	    "on HIGH, which also does without free allowances. What has no known price is \"unknown\", never "
	    "zero, and not in the sums. Amounts are rounded to cents here and exact with --json. The last lines "
	    "tell what the budget would hold or deny now, or admit with a warning, and why.",
	.examples = "purser estimate web.toml\n"
		    "purser estimate web-dev/web\n"
		    "purser estimate web.toml --json | jq .total.monthly.high",
	.options = estimate_rows,
	.options_size = sizeof(struct preview_options),
	.needs = CMD_LIBRARY,
	.max_args = 1,
	.run = estimate_run,
};
