#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/say.h"
#include "core/parameter.h"

#define RESOURCE_ID_MAX 2048 /* bytes; Azure's own ids are shorter */

struct resolve_options {
	bool happened, not_happened, json;
	struct strv resources, outputs, gone;
};

static const struct option_row resolve_rows[] = {
	{ .name = "happened",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct resolve_options, happened),
	    .help = "the step did what it was to do: go on with the next one" },
	{ .name = "not-happened",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct resolve_options, not_happened),
	    .help = "it did nothing: do it anew" },
	{ .name = "resource",
	    .letter = 'r',
	    .kind = OPTION_LIST,
	    .argument = "ID",
	    .offset = offsetof(struct resolve_options, resources),
	    .help =
		"with --happened: the full id of what it made, to be undone with the rest one day; "
		"may be given often" },
	{ .name = "output",
	    .letter = 'o',
	    .kind = OPTION_LIST,
	    .argument = "NAME=VALUE",
	    .offset = offsetof(struct resolve_options, outputs),
	    .help =
		"with --happened: what others refer to; a VALUE that is JSON is taken as that, all "
		"else as text; may be given often" },
	{ .name = "gone",
	    .kind = OPTION_LIST,
	    .argument = "ID",
	    .offset = offsetof(struct resolve_options, gone),
	    .help =
		"instead: an orphaned resource does not stand any more, so that it costs nothing "
		"from now on; may be given often" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct resolve_options, json),
	    .help = "the objective as it is now, as JSON" },
	{ .name = NULL },
};

static int
take_resource(struct resolution *r, const char *id, struct err *e)
{
	if (*id != '/' || strlen(id) > RESOURCE_ID_MAX || utf8_has_control(id))
		return err_set(e, ERR_INPUT,
		    "--resource: \"%.200s\" is no full id such as /subscriptions/...", id);
	if (!strv_has(&r->resources, id))
		strv_add(&r->resources, id);
	return 0;
}

/* "00123" and "nullable" are text; 5, true, [..], {..} and "5" in quotes are JSON. */
static cJSON *
output_value(const char *text)
{
	cJSON *value = json_parse(text, strlen(text), 1, NULL);

	if (cJSON_IsNull(value)) {
		cJSON_Delete(value);
		value = NULL;
	}
	return value != NULL ? value : cJSON_CreateString(text);
}

static int
take_output(struct resolution *r, const char *text, struct err *e)
{
	const char *equals = strchr(text, '=');
	AUTO_FREE char *name = NULL;

	if (equals == NULL || equals == text)
		return err_set(e, ERR_INPUT, "--output: \"%.200s\" is not NAME=VALUE", text);
	name = xstrndup(text, (size_t)(equals - text));
	if (!value_name_is_valid(name))
		return err_set(e, ERR_INPUT, "--output: \"%.200s\" is no name of an output", name);
	if (cJSON_GetObjectItemCaseSensitive(r->outputs, name) != NULL)
		return err_set(e, ERR_INPUT, "--output: %s is given twice", name);
	if (r->outputs == NULL)
		r->outputs = cJSON_CreateObject();
	cJSON_AddItemToObject(r->outputs, name, output_value(equals + 1));
	return 0;
}

static int
read_resolution(const struct resolve_options *o, struct resolution *r, struct err *e)
{
	r->happened = o->happened;
	if (o->gone.len > 0 && (o->happened || o->not_happened || o->resources.len > 0 || o->outputs.len > 0))
		return err_set(e, ERR_INPUT,
		    "--gone is about an orphaned resource, and goes with no other option");
	if (o->gone.len > 0)
		return 0;
	if (o->happened == o->not_happened)
		return err_set(e, ERR_INPUT, "say --happened, --not-happened or --gone");
	if (o->not_happened && o->resources.len + o->outputs.len > 0)
		return err_set(e, ERR_INPUT,
		    "what did not happen made no resources and no outputs: with --not-happened "
		    "leave out --resource and --output");
	for (size_t i = 0; i < o->resources.len; i++) {
		if (take_resource(r, o->resources.v[i], e) < 0)
			return -1;
	}
	for (size_t i = 0; i < o->outputs.len; i++) {
		if (take_output(r, o->outputs.v[i], e) < 0)
			return -1;
	}
	return 0;
}

static int
settle_doubt(struct store *s, const struct resolution *r, const struct strv *gone,
    const struct objective *o, struct err *e)
{
	AUTO_FREE char *user = cli_user();

	for (size_t i = 0; i < gone->len; i++) {
		if (store_resource_gone(s, o->id, gone->v[i], user, clock_now_ms(), e) < 0)
			return -1;
	}
	return gone->len > 0 ? 0 : store_resolve(s, o->id, r, user, clock_now_ms(), e);
}

static int
resolve(struct store *s, const char *ref, const struct resolution *r, const struct strv *gone,
    struct objective *o, struct err *e)
{
	if (store_begin_wait(s, CLI_WAIT_MS, e) < 0)
		return -1;
	if (store_find(s, ref, o, e) < 0 || settle_doubt(s, r, gone, o, e) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}

/* What became of a step, or of orphaned resources. */
static void
tell_text(const struct objective *o, const struct resolution *r, size_t gone)
{
	const char *id = id_short(o->id);

	if (gone > 0) {
		say_done("%s/%s (%s): %zu resource%s gone, and cost%s nothing any more", o->batch,
		    o->name, id, gone, gone == 1 ? " is" : "s are", gone == 1 ? "s" : "");
		say_next("purser destroy %s", id);
		return;
	}
	say_done("%s/%s (%s): resolved, %s", o->batch, o->name, id,
	    r->happened ? "it goes on behind that step" : "the step is done anew");
	if (o->state == STATE_HELD)
		say_next("purser show %s", id);
	else
		say_next("purser run");
}

static enum status
tell(struct store *s, const struct objective *before, const struct resolution *r,
    const struct strv *gone, bool json)
{
	struct err e = { 0 };
	struct objective o;

	objective_init(&o);
	if (store_get(s, before->id, &o, &e) < 0) {
		objective_clear(&o);
		return say_error(&e);
	}
	if (json) {
		AUTO_JSON cJSON *answer = cJSON_CreateObject();
		AUTO_FREE char *text = NULL;

		report_add_name(answer, &o);
		json_add_str(answer, "state", state_name(o.state));
		if (gone->len > 0)
			json_add_strv(answer, "gone", gone);
		else
			json_add_bool(answer, "happened", r->happened);
		text = json_pretty(answer);
		fputs(text, stdout);
	} else {
		tell_text(&o, r, gone->len);
	}
	objective_clear(&o);
	return STATUS_DONE;
}

static enum status
resolve_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct resolve_options *o = options;
	struct resolution r = { .happened = false };
	struct objective objective;
	struct err e = { 0 };
	enum status status;

	objective_init(&objective);
	if (read_resolution(o, &r, &e) < 0)
		status = say_usage("resolve", "%s", e.msg);
	else
		status = cli_need_existing_store(cli);
	if (status == STATUS_DONE) {
		if (resolve(cli->store, args->v[0], &r, &o->gone, &objective, &e) < 0) {
			status = say_error(&e);
			if (e.kind == ERR_NOT_FOUND)
				say_next("purser list --state held");
			else if (status == STATUS_USAGE)
				say_next("purser show %s", args->v[0]);
		} else {
			cli_settle(cli);
			status = tell(cli->store, &objective, &r, &o->gone, o->json);
		}
	}
	objective_clear(&objective);
	strv_clear(&r.resources);
	cJSON_Delete(r.outputs);
	return status;
}

const struct cmd cmd_resolve = {
	.name = "resolve",
	.usage = "OBJECTIVE --happened|--not-happened|--gone ID [OPTION...]",
	.summary = "say what became of a step that is in doubt, or of an orphaned resource",
	.about =
	    "An objective is held in doubt when a step may or may not have had its effect, and looking could not "
	    "tell. Look yourself, in the portal say, and then say it here: what happened is not done again, and "
	    "what did not is. What it made is taken into the registry by --resource, so that a destroy will undo "
	    "it; purser show tells which step it is, and purser log --output what it said.\n"
	    "\n"
	    "An orphaned resource could not be proven gone, and goes on costing. If it does not stand, --gone ends that.",
	.examples = "purser resolve web-dev/web --not-happened\n"
		    "purser resolve web-dev/net --happened --output subnet_id=/subscriptions/...\n"
		    "purser resolve 1a2b3c4d --happened --resource /subscriptions/...\n"
		    "purser resolve 1a2b3c4d --gone /subscriptions/...",
	.options = resolve_rows,
	.options_size = sizeof(struct resolve_options),
	.needs = CMD_CONFIG,
	.min_args = 1,
	.max_args = 1,
	.run = resolve_run,
};
