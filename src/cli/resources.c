#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/text.h"

#define PAGE 500

struct resources_options {
	const char *batch;
	bool orphaned, all, json;
};

static const struct option_row resources_rows[] = {
	{ .name = "batch",
	    .letter = 'b',
	    .kind = OPTION_TEXT,
	    .argument = "NAME",
	    .offset = offsetof(struct resources_options, batch),
	    .help = "only those of this batch" },
	{ .name = "orphaned",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct resources_options, orphaned),
	    .help = "only what could not be undone, and why" },
	{ .name = "all",
	    .letter = 'a',
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct resources_options, all),
	    .help = "also what is gone" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct resources_options, json),
	    .help = "as JSON" },
	{ .name = NULL },
};

static const struct table_column columns[] = {
	{ .title = "RESOURCE", .give = 3, .min = 20 },
	{ .title = "STATE" },
	{ .title = "ID" },
	{ .title = "OBJECTIVE", .give = 4, .min = 12 },
	{ .title = "AGE", .right = true },
	{ .title = "WHY", .give = 9, .min = 8 },
};

/* What is printed: the registry in pages, with the objective that each belongs to. */
struct listing {
	struct store *store;
	const struct resources_options *options;
	bool verbose;
	unsigned states;
	struct objective owner; /* of the last one: resources of one objective come in a row */
	size_t printed;
	bool orphans; /* one at least was among them */
};

/* The owner is read anew only if it is another one. */
static int
find_owner(struct listing *l, const struct resource *r, struct err *e)
{
	if (strcmp(l->owner.id, r->objective_id) == 0)
		return 0;
	objective_clear(&l->owner);
	return store_get(l->store, r->objective_id, &l->owner, e);
}

static int
print_json_page(struct listing *l, const struct resource *v, size_t len, struct err *e)
{
	for (size_t i = 0; i < len; i++) {
		AUTO_JSON cJSON *json = NULL;
		AUTO_FREE char *text = NULL;

		if (find_owner(l, &v[i], e) < 0)
			return -1;
		json = report_resource_json(&v[i]);
		json_add_str(json, "objective", l->owner.id);
		json_add_str(json, "batch", l->owner.batch);
		json_add_str(json, "name", l->owner.name);
		text = json_text(json);
		printf("%s%s", l->printed++ == 0 ? "[\n" : ",\n", text);
	}
	return 0;
}

static int
add_row(struct table *t, struct listing *l, const struct resource *r, struct err *e)
{
	static const enum style styles[RESOURCE_STATES] = {
		[RESOURCE_LIVE] = STYLE_PLAIN,
		[RESOURCE_ORPHANED] = STYLE_BAD,
		[RESOURCE_GONE] = STYLE_DIM,
	};
	char age[32];

	if (find_owner(l, r, e) < 0)
		return -1;
	l->orphans = l->orphans || r->state == RESOURCE_ORPHANED;
	table_add(t, STYLE_PLAIN, l->verbose ? r->id : report_resource_name(r->id));
	table_add(t, styles[r->state], resource_state_name(r->state));
	table_add(t, STYLE_PLAIN, id_short(l->owner.id));
	table_addf(t, STYLE_PLAIN, "%s/%s", l->owner.batch, l->owner.name);
	table_add(t, STYLE_PLAIN, text_age(clock_now_ms() - r->made_ms, age, sizeof(age)));
	table_add(t, STYLE_DIM, r->why);
	return 0;
}

static int
print_page(struct listing *l, const struct resource *v, size_t len, struct err *e)
{
	struct table t;
	int rc = 0;

	table_init(&t, columns, COUNT_OF(columns));
	t.untitled = l->printed > 0;
	t.whole = l->verbose;
	for (size_t i = 0; i < len && rc == 0; i++)
		rc = add_row(&t, l, &v[i], e);
	if (rc == 0)
		table_print(&t, stdout);
	table_clear(&t);
	l->printed += len;
	return rc;
}

static int
print_some(struct listing *l, const struct resource *v, size_t len, struct err *e)
{
	if (len == 0)
		return 0;
	return l->options->json ? print_json_page(l, v, len, e) : print_page(l, v, len, e);
}

/* Those of one objective are few; what is not asked for is passed over. */
static int
print_of_objective(struct listing *l, const char *id, struct err *e)
{
	struct resource *v = NULL;
	size_t len = 0, kept = 0;
	int rc;

	if (store_resources(l->store, id, &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		struct resource other = v[kept];

		if ((l->states & 1u << v[i].state) == 0)
			continue;
		/* Changed for one another and not overwritten: all are freed below. */
		v[kept++] = v[i];
		v[i] = kept - 1 == i ? v[i] : other;
	}
	rc = print_some(l, v, kept, e);
	store_resources_free(v, len);
	return rc;
}

static int
print_all(struct listing *l, struct err *e)
{
	struct resource_filter f = {
		.batch = l->options->batch,
		.states = l->states,
		.limit = PAGE,
	};
	size_t len;

	do {
		struct resource *v = NULL;
		int rc;

		if (store_list_resources(l->store, &f, &v, &len, e) < 0)
			return -1;
		if (len > 0)
			f.after_seq = v[len - 1].seq;
		rc = print_some(l, v, len, e);
		store_resources_free(v, len);
		if (rc < 0)
			return -1;
	} while (len == PAGE);
	return 0;
}

static void
print_end(const struct listing *l)
{
	if (l->options->json) {
		puts(l->printed == 0 ? "[]" : "\n]");
		return;
	}
	if (l->printed == 0)
		puts(l->options->orphaned ? "no orphaned resources" : "no resources");
	if (l->orphans) {
		say_next("purser log OBJECTIVE --output   (what the undo said)");
		say_next("purser destroy OBJECTIVE   (undoes it once more)");
	}
}

static enum status
list_resources(struct cli *cli, const struct resources_options *o, const struct strv *args)
{
	struct listing l = {
		.store = cli->store,
		.options = o,
		.verbose = cli->verbose,
		.states = 1u << RESOURCE_ORPHANED,
	};
	enum status status = STATUS_DONE;
	struct objective objective;
	struct err e = { 0 };
	int rc = 0;

	if (!o->orphaned)
		l.states |= 1u << RESOURCE_LIVE;
	if (o->all)
		l.states |= 1u << RESOURCE_GONE;
	objective_init(&l.owner);
	objective_init(&objective);
	if (args->len > 0)
		status = cli_find(cli, args->v[0], &objective);
	if (status == STATUS_DONE)
		rc = args->len > 0 ? print_of_objective(&l, objective.id, &e) : print_all(&l, &e);
	if (rc < 0) {
		status = say_error(&e);
		if (e.kind == ERR_NOT_FOUND)
			say_next("purser list --batches");
	} else if (status == STATUS_DONE) {
		print_end(&l);
	}
	objective_clear(&l.owner);
	objective_clear(&objective);
	return status;
}

static enum status
resources_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct resources_options *o = options;
	struct err e = { 0 };

	if (o->batch != NULL && args->len > 0)
		return say_usage("resources", "name an objective or a batch, not both");
	if (o->orphaned && o->all)
		return say_usage("resources", "--orphaned and --all contradict one another");
	/* What is named has to be there. */
	if (o->batch != NULL || args->len > 0) {
		enum status status = cli_need_store(cli, STORE_READ);

		return status == STATUS_DONE ? list_resources(cli, o, args) : status;
	}
	if (cli_open_any_store(cli, &e) < 0)
		return say_error(&e);
	if (cli->store == NULL) {
		puts(o->json ? "[]" : "no resources");
		return STATUS_DONE;
	}
	return list_resources(cli, o, args);
}

const struct cmd cmd_resources = {
	.name = "resources",
	.usage = "[OBJECTIVE | --batch NAME] [--orphaned] [--all] [--json]",
	.summary = "list what was built and stands",
	.about =
	    "Lists the resources that purser made: those that stand (live), and those that could not be undone and "
	    "go on costing (orphaned), with the reason. Full ids come with --verbose and --json.",
	.examples = "purser resources --batch web-dev\n"
		    "purser resources --orphaned\n"
		    "purser resources web-dev/web --all --json",
	.options = resources_rows,
	.options_size = sizeof(struct resources_options),
	.needs = CMD_CONFIG,
	.max_args = 1,
	.run = resources_run,
};
