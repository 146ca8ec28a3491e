/* What things really cost: taken over from the cloud's exports, shown, and estimates given out in the same form. */
#include "config.h"

#include "cli/costs.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/text.h"
#include "cli/when.h"
#include "pricing/bill.h"

#define LINE_MAX_BYTES 4096

static const struct option_row costs_rows[] = {
	{ .name = "month",
	    .letter = 'm',
	    .kind = OPTION_TEXT,
	    .argument = "YYYY-MM",
	    .offset = offsetof(struct costs_options, month),
	    .help = "show, export: of this month (default: the present one)" },
	{ .name = "focus",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct costs_options, focus),
	    .help = "export: as FOCUS 1.0 rows, the one format there is" },
	{ .name = "output",
	    .letter = 'o',
	    .kind = OPTION_TEXT,
	    .argument = "FILE",
	    .offset = offsetof(struct costs_options, output),
	    .help = "export: to this file, replaced as a whole (default: to standard output)" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct costs_options, json),
	    .help = "import, show: as JSON, with amounts as text" },
	{ .name = NULL },
};

/* ---- import ---- */

static int
check_file(const char *path, struct err *e)
{
	struct stat status;

	if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return err_set(e, ERR_INPUT, "%s: it is a folder: name the files in it", path);
	return 0;
}

static int
read_bills(struct bill *b, const struct strv *args, const char **format, struct err *e)
{
	enum bill_format one;

	*format = NULL;
	for (size_t i = 1; i < args->len; i++) {
		if (check_file(args->v[i], e) < 0 || bill_read(b, args->v[i], &one, e) < 0)
			return -1;
		if (*format != NULL && strcmp(*format, bill_format_name(one)) != 0)
			return err_set(e, ERR_INPUT,
			    "%s has the format %s, and those before it %s: the same charges would count twice",
			    args->v[i], bill_format_name(one), *format);
		*format = bill_format_name(one);
	}
	return 0;
}

static int
write_charges(struct cli *cli, const char *name, const struct charge *v, size_t len,
    struct import_report *report, struct err *e)
{
	struct store *s = cli->store;
	int64_t now_ms;

	if (store_begin_wait(s, CLI_WAIT_MS, e) < 0)
		return -1;
	now_ms = clock_now_ms();
	if (store_import_charges(s, name, v, len, now_ms, report, e) < 0 ||
	    store_actual_announce(s, &cli->config.budget, now_ms, e) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}

static void
add_day(struct buf *out, int64_t day_ms)
{
	char text[CLOCK_TEXT_SIZE];

	buf_adds(out, text_day(day_ms, text));
}

static void
tell_json(const struct import_report *r, int64_t lines, const char *format)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;

	json_add_str(json, "format", format);
	json_add_int(json, "lines", lines);
	json_add_int(json, "charges", r->charges);
	json_add_int(json, "replaced", r->replaced);
	if (r->charges > 0) {
		report_add_time(json, "first_day", r->first_ms);
		report_add_time(json, "last_day", r->last_ms);
	}
	json_add_int(json, "matched", r->matched);
	json_add_money(json, "matched_amount", r->matched_amount);
	json_add_int(json, "unmatched", r->unmatched);
	json_add_money(json, "unmatched_amount", r->unmatched_amount);
	text = json_pretty(json);
	fputs(text, stdout);
}

static void
tell_imported(const struct import_report *r, int64_t lines, const char *format)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(LINE_MAX_BYTES);
	char matched[MONEY_TEXT_SIZE], unmatched[MONEY_TEXT_SIZE];

	buf_addf(&text, "%s: ", format);
	text_count(&text, lines, "line");
	buf_adds(&text, ", ");
	text_count(&text, r->charges, "charge");
	if (r->charges > 0) {
		buf_adds(&text, " of ");
		add_day(&text, r->first_ms);
		buf_adds(&text, " to ");
		add_day(&text, r->last_ms);
	}
	if (r->replaced > 0)
		buf_addf(&text, "; %" PRId64 " of earlier imports replaced", r->replaced);
	say_done("%s", buf_str(&text));
	say_done("%s %s of objectives, %s %s of none",
	    money_format_people(r->matched_amount, matched), BILL_CURRENCY_CODE,
	    money_format_people(r->unmatched_amount, unmatched), BILL_CURRENCY_CODE);
	say_next("purser costs show");
}

/* All files are read before the store is touched. */
static enum status
import(struct cli *cli, const struct costs_options *o, const struct strv *args)
{
	CLEANUP(bill_free_cleanup) struct bill *b = bill_new(clock_now_ms());
	AUTO_FREE char *name = NULL;
	const struct charge *v;
	struct import_report report;
	const char *format;
	enum status status;
	struct err e = { 0 };
	size_t len;

	if (args->len < 2)
		return say_usage("costs", "which file is to be imported?");
	if (read_bills(b, args, &format, &e) < 0 || bill_charges(b, &v, &len, &e) < 0)
		return say_error(&e);
	status = cli_need_store(cli, STORE_WRITE);
	if (status != STATUS_DONE)
		return status;
	name = args->len == 2 ? xstrdup(args->v[1])
			      : xasprintf("%s and %zu more", args->v[1], args->len - 2);
	if (write_charges(cli, name, v, len, &report, &e) < 0)
		return say_error(&e);
	cli_settle(cli);
	if (o->json)
		tell_json(&report, bill_lines(b), format);
	else
		tell_imported(&report, bill_lines(b), format);
	return STATUS_DONE;
}

/* ---- the command ---- */

/* An option that the verb does not take was meant for another. */
static const char *
stray_option(const struct costs_options *o, const char *verb)
{
	bool imports = strcmp(verb, "import") == 0, exports = strcmp(verb, "export") == 0;

	if (o->month != NULL && imports)
		return "month";
	if (o->focus && !exports)
		return "focus";
	if (o->output != NULL && !exports)
		return "output";
	return o->json && exports ? "json" : NULL;
}

static enum status
run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct costs_options *o = options;
	const char *verb = args->v[0], *stray = stray_option(o, verb);
	struct err e = { 0 };
	month_t month;

	if (stray != NULL)
		return say_usage("costs", "%s takes no --%s", verb, stray);
	if (when_parse_month(o->month, clock_now_ms(), &month, &e) < 0)
		return say_usage("costs", "%s", e.msg);
	if (strcmp(verb, "import") == 0)
		return import(cli, o, args);
	if (args->len > 1)
		return say_usage("costs", "unexpected argument \"%s\"", args->v[1]);
	if (strcmp(verb, "show") == 0)
		return costs_show(cli, o, month);
	if (strcmp(verb, "export") == 0)
		return costs_export(cli, o, month);
	return say_usage("costs", "\"%s\" is none of import, show, export", verb);
}

const struct cmd cmd_costs = {
	.name = "costs",
	.usage = "import FILE... | show [--month M] | export --focus [--month M] [--output FILE]",
	.summary = "import actual cost, show it against the estimates, export these",
	.about =
	    "import takes over Azure's exports of actual cost, as CSV that is not compressed: FOCUS, cost details "
	    "of EA and MCA, older usage details. What an import has of an account and day replaces what earlier "
	    "ones had, so name all parts of an export at once, and let exports be of whole subscriptions or more. "
	    "Of exports that overlap (each day one of the month so far) name the latest only, or import one after "
	    "the other, the oldest first: files of one import that have the same line, or the same account and "
	    "day in other columns, are refused, because charges would count twice. So is a file of estimates. "
	    "Charges are matched to objectives by resource, else by the tag purser-objective, else by what they "
	    "lie in. Of FOCUS EffectiveCost is taken. A file that is not understood, is cut off or is not in USD "
	    "changes nothing.\n"
	    "\n"
	    "show holds actual cost against what the estimates come to up to the same day, by objective, and "
	    "tells what belongs to none by resource group and service. Budgets use actual cost as far as it is "
	    "known.\n"
	    "\n"
	    "export writes a FOCUS 1.0 row for each component of each estimate, with what it comes to in the month "
	    "while it stands. x_IsEstimate is true in all of them: never add them to real charges. Components "
	    "without a known price are left out, and that is said. Beside --output FILE goes "
	    "FILE.metadata.json.",
	.examples = "purser costs import part_0.csv part_1.csv\n"
		    "purser costs show --month 2026-10\n"
		    "purser costs export --focus --output estimates.csv",
	.options = costs_rows,
	.options_size = sizeof(struct costs_options),
	.needs = CMD_CONFIG,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.run = run,
};
