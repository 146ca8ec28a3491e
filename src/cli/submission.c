#include "config.h"

#include "cli/submission.h"

#include <string.h>

#include "base/clock.h"
#include "base/doc.h"
#include "cli/say.h"

enum status
submission_read(const struct cli *cli, const char *file, const char *batch_name, struct batch *b)
{
	struct faults faults = { 0 };
	enum status status = STATUS_DONE;
	struct err e = { 0 };
	struct doc doc;

	memset(b, 0, sizeof(*b));
	if (batch_name != NULL && !objective_name_is_valid(batch_name)) {
		say("--batch: \"%s\" is not a name: up to %d of a-z 0-9 . _ -, the first a letter or digit",
		    batch_name, OBJECTIVE_NAME_MAX);
		return STATUS_USAGE;
	}
	if (doc_read(file, BATCH_FILE_MAX, &doc, &e) < 0) {
		say("%s", e.msg);
		/* Whatever hinders reading it: the file was the wrong one to name. */
		return STATUS_USAGE;
	}
	if (batch_parse(&doc, batch_name, &cli->library, clock_now_ms(), b, &faults) < 0)
		status = say_faults(&faults);
	doc_clear(&doc);
	faults_clear(&faults);
	return status;
}

enum status
submission_check_plans(const struct cli *cli, const struct batch *b)
{
	struct planner planner = cli_planner(cli);
	struct faults faults = { 0 };
	enum status status = STATUS_DONE;

	for (size_t i = 0; i < b->len; i++) {
		struct plan plan;

		plan_init(&plan);
		if (planner_preview(&planner, &b->v[i], &plan, &faults) < 0)
			status = STATUS_USAGE;
		plan_clear(&plan);
	}
	if (status != STATUS_DONE)
		say_faults(&faults);
	faults_clear(&faults);
	return status;
}

const char *
submission_file(const char *command, const struct strv *args, const char *option)
{
	if (option != NULL && args->len > 0) {
		say_usage(command, "both \"%s\" and --file %s are given", args->v[0], option);
		return NULL;
	}
	if (option == NULL && args->len == 0) {
		say_usage(command, "which file? \"-\" is standard input");
		return NULL;
	}
	return option != NULL ? option : args->v[0];
}
