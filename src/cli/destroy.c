#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/selection.h"
#include "cli/text.h"
#include "core/names.h"

/* So many lines of what will be undone; with --verbose all. */
#define LINES_MAX 40

struct destroy_options {
	const char *batch;
	bool cascade, json;
};

static const struct option_row destroy_rows[] = {
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct destroy_options, batch),
	    .help = "all objectives of this batch" },
	{ .name = "cascade",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct destroy_options, cascade),
	    .help = "also everything that depends on them" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct destroy_options, json),
	    .help = "what will be undone, as JSON" },
	{ .name = NULL },
};

/* What was named, and with --cascade what depends on it. */
struct doomed {
	struct strv ids, batches;
	size_t named; /* so many of the ids were typed */
	bool cascade;
	struct names marked; /* were being destroyed already, and are not told again */
	int64_t now_ms;
	struct destroy_report report;
};

static int
add_named(struct store *s, const struct objective *o, void *data, struct err *e)
{
	struct doomed *d = data;

	(void)s;
	(void)e;
	strv_add(&d->ids, o->id);
	if (o->destroying && !state_is_final(o->state))
		names_put(&d->marked, d->ids.v[d->ids.len - 1], d->ids.len - 1);
	/* Most often all are of one batch, and stand in a row. */
	if (d->batches.len == 0 || strcmp(d->batches.v[d->batches.len - 1], o->batch) != 0)
		strv_add(&d->batches, o->batch);
	return 0;
}

static bool
is_named(const struct doomed *d, const char *id)
{
	for (size_t i = 0; i < d->named; i++) {
		if (strcmp(d->ids.v[i], id) == 0)
			return true;
	}
	return false;
}

/* Dependents are in the same batch, and bear the time of the change. */
static int
add_dependent(struct store *s, const struct objective *o, void *data, struct err *e)
{
	struct doomed *d = data;

	(void)s;
	(void)e;
	if ((o->destroying || o->state == STATE_DESTROYED || o->state == STATE_CANCELLED) &&
	    o->changed_ms == d->now_ms && !is_named(d, o->id))
		strv_add(&d->ids, o->id);
	return 0;
}

static int
add_dependents(struct store *s, struct doomed *d, struct err *e)
{
	for (size_t i = 0; i < d->batches.len; i++) {
		struct selection what = { .batch = d->batches.v[i] };

		if (selection_each(s, &what, add_dependent, d, NULL, e) < 0)
			return -1;
	}
	return 0;
}

static int
destroy_all(struct store *s, const struct selection *what, void *data, struct err *e)
{
	AUTO_FREE char *user = cli_user();
	struct doomed *d = data;

	d->now_ms = clock_now_ms();
	if (selection_each(s, what, add_named, d, NULL, e) < 0)
		return -1;
	if (d->ids.len == 0)
		return err_set(
		    e, ERR_INPUT, "batch %s has nothing that could be destroyed", what->batch);
	d->named = d->ids.len;
	if (store_destroy(s, &d->ids, d->cascade, user, d->now_ms, &d->report, e) < 0)
		return -1;
	return d->cascade && what->batch == NULL ? add_dependents(s, d, e) : 0;
}

/* ---- what is told ---- */

static cJSON *
standing_json(const struct resource *v, size_t len)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < len; i++) {
		if (v[i].state != RESOURCE_GONE)
			cJSON_AddItemToArray(list, cJSON_CreateString(v[i].id));
	}
	return list;
}

static int
add_json(struct store *s, const char *id, cJSON *list, struct err *e)
{
	struct resource *resources = NULL;
	struct objective o;
	size_t len = 0;
	int rc;

	objective_init(&o);
	rc = store_get(s, id, &o, e);
	if (rc == 0)
		rc = store_resources(s, id, &resources, &len, e);
	if (rc == 0) {
		cJSON *json = cJSON_CreateObject();

		report_add_name(json, &o);
		json_add_str(json, "state", state_name(o.state));
		cJSON_AddItemToObject(json, "resources", standing_json(resources, len));
		cJSON_AddItemToArray(list, json);
	}
	store_resources_free(resources, len);
	objective_clear(&o);
	return rc;
}

static enum status
tell_json(struct store *s, const struct doomed *d)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	struct err e = { 0 };
	cJSON *list;

	json_add_int(json, "queued", (int64_t)d->report.queued);
	json_add_int(json, "at_once", (int64_t)d->report.at_once);
	json_add_int(json, "cancelled", (int64_t)d->report.cancelled);
	json_add_int(json, "left", (int64_t)d->report.left);
	list = cJSON_AddArrayToObject(json, "objectives");
	for (size_t i = 0; i < d->ids.len; i++) {
		if (add_json(s, d->ids.v[i], list, &e) < 0)
			return say_error(&e);
	}
	text = json_pretty(json);
	fputs(text, stdout);
	return STATUS_DONE;
}

/* The resources of one objective below its name, as far as there is room. */
static int
print_one(struct store *s, const char *id, size_t *lines, struct err *e)
{
	struct resource *v = NULL;
	struct objective o;
	size_t len = 0;
	int rc;

	objective_init(&o);
	rc = store_get(s, id, &o, e);
	if (rc == 0 && o.destroying && !state_is_final(o.state))
		rc = store_resources(s, id, &v, &len, e);
	for (size_t i = len; i > 0 && *lines > 0; i--) {
		AUTO_FREE char *shown = text_visible(v[i - 1].id);

		if (v[i - 1].state == RESOURCE_GONE)
			continue;
		if (o.id[0] != '\0')
			printf("%s/%s (%s)\n", o.batch, o.name, id_short(id));
		o.id[0] = '\0';
		printf("  %s\n", shown);
		--*lines;
	}
	store_resources_free(v, len);
	objective_clear(&o);
	return rc;
}

static enum status
print_doomed(const struct cli *cli, const struct doomed *d)
{
	size_t lines = cli->verbose ? SIZE_MAX : LINES_MAX, i;
	struct err e = { 0 };

	if (cli->quiet)
		return STATUS_DONE;
	for (i = 0; i < d->ids.len && lines > 0; i++) {
		if (names_find(&d->marked, d->ids.v[i]) == NAMES_NONE &&
		    print_one(cli->store, d->ids.v[i], &lines, &e) < 0)
			return say_error(&e);
	}
	if (lines == 0)
		puts("...");
	return STATUS_DONE;
}

static enum status
tell(const struct cli *cli, const struct doomed *d, const struct selection *what)
{
	const struct destroy_report *r = &d->report;
	enum status status = print_doomed(cli, d);

	if (r->queued > 0)
		say_done("%zu objective%s will be undone by the runner, what was made last first",
		    r->queued, r->queued == 1 ? "" : "s");
	if (r->at_once > 0)
		say_done("%zu objective%s destroyed: nothing of %s stood", r->at_once,
		    r->at_once == 1 ? "" : "s", r->at_once == 1 ? "it" : "them");
	if (r->cancelled > 0)
		say_done("%zu objective%s cancelled: %s not begun", r->cancelled,
		    r->cancelled == 1 ? "" : "s", r->cancelled == 1 ? "it was" : "they were");
	if (r->left > 0)
		say_done("%zu objective%s left as %s: cancelled, destroyed or being destroyed "
			 "already",
		    r->left, r->left == 1 ? "" : "s", r->left == 1 ? "it was" : "they were");
	if (r->queued > 0 && what->batch != NULL)
		say_next("purser run --batch %s", what->batch);
	else if (r->queued > 0)
		say_next("purser run");
	return status;
}

static enum status
destroy_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct destroy_options *o = options;
	const struct selection what = {
		.refs = args,
		.batch = o->batch,
		.states = 1u << STATE_QUEUED | 1u << STATE_RUNNING | 1u << STATE_HELD |
		    1u << STATE_SUCCEEDED | 1u << STATE_FAILED,
	};
	struct doomed d = { .cascade = o->cascade };
	enum status status = selection_change(cli, "destroy", &what, destroy_all, &d);

	if (status == STATUS_DONE)
		status = o->json ? tell_json(cli->store, &d) : tell(cli, &d, &what);
	names_clear(&d.marked);
	strv_clear(&d.ids);
	strv_clear(&d.batches);
	return status;
}

const struct cmd cmd_destroy = {
	.name = "destroy",
	.usage = "OBJECTIVE... | --batch NAME [--cascade] [--json]",
	.summary = "undo what objectives built",
	.about =
	    "Marks objectives to be undone, and shows what will go: only what purser made for them, never what "
	    "stood before. The runner does it, dependents first, what was made last first; then they are "
	    "destroyed, and their keys are free again. Refused while others that still stand depend on them, "
	    "unless --cascade takes those along. Of several objectives all are marked or none.",
	.examples = "purser destroy web-dev/web\n"
		    "purser destroy web-dev/net --cascade\n"
		    "purser destroy --batch web-dev",
	.options = destroy_rows,
	.options_size = sizeof(struct destroy_options),
	.needs = CMD_CONFIG,
	.max_args = ARGS_ANY,
	.run = destroy_run,
};
