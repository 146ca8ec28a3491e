#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/selection.h"

#define INDEX_NAME "index.json"

struct export_options {
	const char *batch;
};

static const struct option_row export_rows[] = {
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct export_options, batch),
	    .help = "only the objectives of this batch" },
	{ .name = NULL },
};

static int
write_json(const char *folder, const char *name, const cJSON *json, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, name);
	AUTO_FREE char *text = json_pretty(json);

	return file_replace(path, text, strlen(text), 0600, e);
}

struct exported {
	const char *folder;
	cJSON *index;
};

static int
export_one(struct store *s, const struct objective *o, void *data, struct err *e)
{
	const struct exported *to = data;
	AUTO_FREE char *name = xasprintf("%s.json", o->id);
	struct report r;
	int rc;

	rc = report_load(&r, s, o->id, e);
	if (rc == 0) {
		AUTO_JSON cJSON *json = report_to_json(&r);
		cJSON *entry = cJSON_CreateObject();

		rc = write_json(to->folder, name, json, e);
		report_add_name(entry, &r.objective);
		json_add_str(entry, "state", state_name(r.objective.state));
		json_add_str(entry, "file", name);
		cJSON_AddItemToArray(to->index, entry);
	}
	report_clear(&r);
	return rc;
}

static enum status
export_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct export_options *o = options;
	const struct selection what = { .batch = o->batch };
	const char *folder = args->v[0];
	struct exported to = { .folder = folder };
	AUTO_JSON cJSON *document = cJSON_CreateObject();
	char now[CLOCK_TEXT_SIZE];
	struct err e = { 0 };

	json_add_str(document, "exported", clock_format(clock_now_ms(), now));
	json_add_str(document, "store", store_id(cli->store));
	json_add_int(document, "schema", store_schema(cli->store));
	json_add_str(document, "batch", o->batch);
	to.index = cJSON_AddArrayToObject(document, "objectives");
	if (file_make_folder(folder, &e) < 0 ||
	    selection_each(cli->store, &what, export_one, &to, NULL, &e) < 0)
		return say_error(&e);
	if (o->batch != NULL && cJSON_GetArraySize(to.index) == 0) {
		say("there is no batch %s", o->batch);
		say_next("purser list --batches");
		return STATUS_USAGE;
	}
	/* The index comes last: what it names is there. */
	if (write_json(folder, INDEX_NAME, document, &e) < 0)
		return say_error(&e);
	say_done("%d objective%s exported to %s", cJSON_GetArraySize(to.index),
	    cJSON_GetArraySize(to.index) == 1 ? "" : "s", folder);
	return STATUS_DONE;
}

const struct cmd cmd_export = {
	.name = "export",
	.usage = "DIR [--batch NAME]",
	.summary = "write a JSON file for each objective",
	.about =
	    "Writes DIR/ID.json for each objective, with all that show --json tells, and DIR/index.json. Each file "
	    "is replaced as a whole, so that a reader never sees a part of one. Nothing in DIR is removed.",
	.examples = "purser export /srv/report",
	.options = export_rows,
	.options_size = sizeof(struct export_options),
	.needs = CMD_READ,
	.min_args = 1,
	.max_args = 1,
	.run = export_run,
};
