#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"

#define PAGE 500
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

static int
export_one(struct store *s, const char *id, const char *folder, cJSON *index, struct err *e)
{
	AUTO_FREE char *name = xasprintf("%s.json", id);
	struct report r;
	int rc;

	rc = report_load(&r, s, id, e);
	if (rc == 0) {
		AUTO_JSON cJSON *json = report_to_json(&r);
		cJSON *entry = cJSON_CreateObject();

		rc = write_json(folder, name, json, e);
		json_add_str(entry, "id", id);
		json_add_str(entry, "batch", r.objective.batch);
		json_add_str(entry, "name", r.objective.name);
		json_add_str(entry, "state", state_name(r.objective.state));
		json_add_str(entry, "file", name);
		cJSON_AddItemToArray(index, entry);
	}
	report_clear(&r);
	return rc;
}

static int
export_all(struct store *s, const char *batch, const char *folder, cJSON *index, struct err *e)
{
	struct store_filter f = { .batch = batch, .limit = PAGE };
	size_t len;

	do {
		struct objective *v = NULL;
		int rc = 0;

		if (store_list(s, &f, &v, &len, e) < 0)
			return -1;
		for (size_t i = 0; i < len && rc == 0; i++) {
			f.after_seq = v[i].seq;
			rc = export_one(s, v[i].id, folder, index, e);
		}
		store_list_free(v, len);
		if (rc < 0)
			return -1;
	} while (len == PAGE);
	return 0;
}

static enum status
export_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct export_options *o = options;
	const char *folder = args->v[0];
	AUTO_JSON cJSON *document = cJSON_CreateObject();
	char now[CLOCK_TEXT_SIZE];
	struct err e = { 0 };
	cJSON *index;

	json_add_str(document, "exported", clock_format(clock_now_ms(), now));
	json_add_str(document, "store", store_id(cli->store));
	json_add_int(document, "schema", store_schema(cli->store));
	json_add_str(document, "batch", o->batch);
	index = cJSON_AddArrayToObject(document, "objectives");
	if (file_make_folder(folder, &e) < 0 ||
	    export_all(cli->store, o->batch, folder, index, &e) < 0)
		return say_error(&e);
	if (o->batch != NULL && cJSON_GetArraySize(index) == 0) {
		say("there is no batch %s", o->batch);
		say_next("purser list --batches");
		return STATUS_USAGE;
	}
	/* The index comes last: what it names is there. */
	if (write_json(folder, INDEX_NAME, document, &e) < 0)
		return say_error(&e);
	say_done("%d objectives exported to %s", cJSON_GetArraySize(index), folder);
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
