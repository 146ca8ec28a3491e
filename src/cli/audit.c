#include "config.h"

#include "engine/audit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/text.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX 100000
#define DETAILS_MAX 4096
#define DIGEST_LEN 64
#define DIGEST_SHOWN 12

struct audit_options {
	const char *objective, *event, *since;
	int64_t limit;
	bool json;
};

static const struct option_row audit_rows[] = {
	{ .name = "objective",
	    .letter = 'o',
	    .kind = OPTION_TEXT,
	    .argument = "OBJECTIVE",
	    .offset = offsetof(struct audit_options, objective),
	    .help = "show: only records of this one" },
	{ .name = "event",
	    .letter = 'e',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct audit_options, event),
	    .help =
		"show: only records of this event, or of all that begin with NAME and a point" },
	{ .name = "since",
	    .kind = OPTION_TEXT,
	    .argument = "TIME",
	    .offset = offsetof(struct audit_options, since),
	    .help =
		"show: only records of the last \"90s\", \"5m\", \"2h\", \"1d\", or since 2026-11-21T02:00:00Z" },
	{ .name = "limit",
	    .letter = 'n',
	    .kind = OPTION_COUNT,
	    .argument = "N",
	    .min = 1,
	    .max = LIMIT_MAX,
	    .offset = offsetof(struct audit_options, limit),
	    .help = "show: the newest N (default: 20)" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct audit_options, json),
	    .help = "show: the very lines of the log; verify: the report, as JSON" },
	{ .name = NULL },
};

static const struct table_column audit_columns[] = {
	{ .title = "N", .right = true },
	{ .title = "WHEN (UTC)" },
	{ .title = "EVENT" },
	{ .title = "OBJECTIVE", .give = 2, .min = 16 },
	{ .title = "DETAILS", .give = 9, .min = 10, .max = 100 },
};

/* ---- show ---- */

/* The newest records that match, in a ring. */
struct newest {
	const char *objective_id, *event;
	int64_t since_ms;
	char **lines;
	size_t limit, count; /* count: all that matched */
};

static bool
event_matches(const char *event, const char *wanted)
{
	size_t len = strlen(wanted);

	return event != NULL && strncmp(event, wanted, len) == 0 &&
	    (event[len] == '\0' || event[len] == '.');
}

static int
collect(const cJSON *record, const char *line, void *data)
{
	struct newest *n = data;
	const char *objective = json_str(record, "objective"), *time = json_str(record, "time");
	char **slot;
	int64_t ms;

	if (n->objective_id != NULL &&
	    (objective == NULL || strcmp(objective, n->objective_id) != 0))
		return 0;
	if (n->event != NULL && !event_matches(json_str(record, "event"), n->event))
		return 0;
	if (n->since_ms > 0 &&
	    (time == NULL || clock_parse(time, &ms, NULL) < 0 || ms < n->since_ms))
		return 0;
	slot = &n->lines[n->count++ % n->limit];
	free(*slot);
	*slot = xstrdup(line);
	return 0;
}

/* Of details these explain themselves and come first ... */
static const char *const plain_details[] = { "act", "step", "outcome", "answer", NULL };
/* ... and these are for --json. */
static const char *const long_details[] = { "execution", "argv", "ending", "run", NULL };

static bool
is_among(const char *name, const char *const *names)
{
	while (*names != NULL && strcmp(name, *names) != 0)
		names++;
	return *names != NULL;
}

/* Ids and digests, by the part that tells them apart; the caller's own. */
static char *
short_form(const char *text)
{
	size_t len = strlen(text);

	if (len == ID_SIZE - 1 && strspn(text, "0123456789abcdef-") == len)
		return xstrdup(id_short(text));
	if (len == DIGEST_LEN && strspn(text, "0123456789abcdef") == len)
		return xasprintf("%.*s..", DIGEST_SHOWN, text);
	return xstrdup(report_resource_name(text));
}

/* The caller's own. */
static char *
detail_text(const cJSON *value, bool whole)
{
	if (!whole && cJSON_IsObject(value) && strcmp(value->string, "failure") == 0) {
		CLEANUP(failure_clear) struct failure failure = { 0 };
		char *text;

		failure_from_json(&failure, value);
		text = report_failure_text(&failure);
		return text != NULL ? text : json_text(value);
	}
	if (!cJSON_IsString(value))
		return json_text(value);
	return whole ? xstrdup(value->valuestring) : short_form(value->valuestring);
}

/* "run group happened attempt=1 code=0"; WHOLE: with full ids. */
static void
add_details(struct buf *out, const cJSON *details, bool whole)
{
	const cJSON *value;

	for (size_t i = 0; plain_details[i] != NULL; i++) {
		const char *text = json_str(details, plain_details[i]);

		if (text != NULL)
			buf_addf(out, "%s%s", out->len > 0 ? " " : "", text);
	}
	cJSON_ArrayForEach (value, details) {
		AUTO_FREE char *text = detail_text(value, whole);

		if (is_among(value->string, plain_details) || is_among(value->string, long_details))
			continue;
		buf_addf(out, "%s%s=%s", out->len > 0 ? " " : "", value->string, text);
	}
}

static void
add_row(struct table *t, const char *line, bool whole)
{
	struct buf details = BUF_INIT(DETAILS_MAX);
	AUTO_JSON cJSON *record = json_parse(line, strlen(line), 1, NULL);
	const char *batch = json_str(record, "batch"), *name = json_str(record, "name");
	const char *time = json_str(record, "time");

	table_addf(t, STYLE_PLAIN, "%" PRId64, json_int(record, "n", 0));
	if (time != NULL && strlen(time) >= strlen("2026-11-21T02:03:04"))
		table_addf(t, STYLE_PLAIN, "%.5s %.8s", time + strlen("2026-"),
		    time + strlen("2026-11-21T"));
	else
		table_add(t, STYLE_PLAIN, time);
	table_add(t, STYLE_PLAIN, json_str(record, "event"));
	table_addf(t, STYLE_PLAIN, "%s%s%s", batch != NULL ? batch : "", batch != NULL ? "/" : "",
	    name != NULL ? name : "");
	add_details(&details, cJSON_GetObjectItemCaseSensitive(record, "details"), whole);
	table_add(t, STYLE_DIM, buf_str(&details));
	buf_clear(&details);
}

static void
print_newest(const struct newest *n, bool json, bool whole)
{
	size_t first = n->count > n->limit ? n->count - n->limit : 0;
	struct table t;

	table_init(&t, audit_columns, COUNT_OF(audit_columns));
	t.whole = whole;
	for (size_t i = first; i < n->count; i++) {
		if (json)
			puts(n->lines[i % n->limit]);
		else
			add_row(&t, n->lines[i % n->limit], whole);
	}
	table_print(&t, stdout);
	table_clear(&t);
	if (n->count == 0 && !json)
		puts("no such records");
}

static int
parse_since(const char *text, int64_t *since_ms)
{
	int64_t span;

	if (clock_parse(text, since_ms, NULL) == 0)
		return 0;
	/* A bare number would leave the unit to be guessed. */
	if (text[strspn(text, "0123456789")] == '\0' || clock_parse_span(text, &span, NULL) < 0)
		return -1;
	*since_ms = clock_now_ms() - span;
	return 0;
}

static enum status
audit_show(struct cli *cli, const struct audit_options *o)
{
	struct newest n = { .event = o->event,
		.limit = (size_t)(o->limit > 0 ? o->limit : LIMIT_DEFAULT) };
	enum status status = STATUS_DONE;
	struct objective objective;
	struct err e = { 0 };

	objective_init(&objective);
	if (o->since != NULL && parse_since(o->since, &n.since_ms) < 0)
		return say_usage("audit",
		    "--since: \"%s\" is neither a duration such as \"2h\" nor a time such as "
		    "2026-11-21T02:00:00Z",
		    o->since);
	if (o->objective != NULL) {
		status = cli_find(cli, o->objective, &objective);
		n.objective_id = objective.id;
	}
	n.lines = xcalloc(n.limit, sizeof(*n.lines));
	if (status == STATUS_DONE && audit_each(cli->store, cli->paths.state, collect, &n, &e) < 0)
		status = say_error(&e);
	if (status == STATUS_DONE)
		print_newest(&n, o->json, cli->verbose);
	for (size_t i = 0; i < n.limit; i++)
		free(n.lines[i]);
	free(n.lines);
	objective_clear(&objective);
	return status;
}

/* ---- verify ---- */

static void
print_report(const struct audit_report *r, const struct faults *faults, bool json)
{
	AUTO_JSON cJSON *document = NULL;
	AUTO_FREE char *text = NULL;

	if (!json) {
		if (r->pruned > 0)
			printf("records 1 to %" PRId64
			       " were pruned by rotation; their last hash is known\n",
			    r->pruned);
		if (r->last >= r->first && r->last > 0)
			printf("records %" PRId64 " to %" PRId64 " in %d file%s\n", r->first,
			    r->last, r->files, r->files == 1 ? "" : "s");
		if (r->pending > 0)
			printf("%" PRId64 " records wait in the store to be written\n", r->pending);
		if (faults->count == 0)
			puts("audit log: chain, numbering and agreement with the store are proven");
		return;
	}
	document = cJSON_CreateObject();
	json_add_bool(document, "proven", faults->count == 0);
	json_add_int(document, "first", r->first);
	json_add_int(document, "last", r->last);
	json_add_int(document, "pending", r->pending);
	json_add_int(document, "pruned", r->pruned);
	json_add_int(document, "files", r->files);
	json_add_strv(document, "faults", &faults->list);
	text = json_pretty(document);
	fputs(text, stdout);
}

static enum status
audit_check(struct cli *cli, const struct audit_options *o)
{
	struct audit_report report = { 0 };
	struct faults faults = { 0 };
	enum status status = STATUS_DONE;
	struct err e = { 0 };

	if (audit_verify(cli->store, cli->paths.state, &report, &faults, &e) < 0 &&
	    faults.count == 0) {
		status = say_error(&e);
	} else {
		print_report(&report, &faults, o->json);
		fflush(stdout);
	}
	if (faults.count > 0) {
		say_faults(&faults);
		say("the audit log is not what was written: keep a copy of the state folder before anything else is done");
		status = STATUS_BROKEN;
	}
	faults_clear(&faults);
	return status;
}

/* ---- flush ---- */

static enum status
audit_bring(struct cli *cli, const struct audit_options *o)
{
	struct audit_limits limits = cli_audit_limits(cli);
	struct err e = { 0 };

	(void)o;
	if (audit_flush(cli->store, cli->paths.state, &limits, &e) == 0) {
		store_checkpoint(cli->store);
		say_done("the audit log is up to date");
		return STATUS_DONE;
	}
	if (e.kind == ERR_BUSY) {
		say_done("another process is writing the audit log just now");
		return STATUS_DONE;
	}
	return say_error(&e);
}

static const struct {
	const char *name;
	enum store_mode mode;
	enum status (*run)(struct cli *cli, const struct audit_options *o);
} actions[] = {
	{ "show", STORE_READ, audit_show },
	{ "verify", STORE_READ, audit_check },
	{ "flush", STORE_WRITE, audit_bring },
};

static enum status
audit_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct audit_options *o = options;
	const char *name = args->len > 0 ? args->v[0] : "show";
	bool filtered =
	    o->objective != NULL || o->event != NULL || o->since != NULL || o->limit > 0;

	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		enum status status;

		if (strcmp(name, actions[i].name) != 0)
			continue;
		if (filtered && i != 0)
			return say_usage("audit", "%s takes no filter", name);
		status = actions[i].mode == STORE_WRITE ? cli_need_existing_store(cli)
							: cli_need_store(cli, STORE_READ);
		return status == STATUS_DONE ? actions[i].run(cli, o) : status;
	}
	return say_usage("audit", "\"%s\" is none of show, verify, flush", name);
}

const struct cmd cmd_audit = {
	.name = "audit",
	.usage = "[show|verify|flush] [OPTION...]",
	.summary = "show the audit log, or prove that it is whole",
	.about =
	    "show prints the newest records, with ids and digests by their short forms unless --verbose or --json. verify proves that no record is missing or was changed: chain of "
	    "hashes, numbers without gaps, and agreement with the store; exit status 5 if not. flush brings "
	    "what waits in the store into the file.",
	.examples = "purser audit\n"
		    "purser audit show --objective web-dev/web\n"
		    "purser audit show --event objective --since 1d --json\n"
		    "purser audit verify",
	.options = audit_rows,
	.options_size = sizeof(struct audit_options),
	.needs = CMD_CONFIG,
	.max_args = 1,
	.run = audit_run,
};
