/* The configuration: rows say what there is; core/setting.c reads what a row's type asks for. */
#include <config.h>

#include "core/config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "core/setting.h"
#include "core/suggest.h"

#define SECONDS INT64_C(1000)
#define MINUTES (60 * SECONDS)
#define HOURS (60 * MINUTES)

const struct setting config_settings[] = {
	{ .section = "run",
	    .key = "jobs",
	    .type = SETTING_INTEGER,
	    .default_value = "8",
	    .min = 1,
	    .max = 256,
	    .offset = offsetof(struct config, jobs),
	    .help = "how many objectives are worked on at a time" },
	{ .section = "run",
	    .key = "lease",
	    .type = SETTING_DURATION,
	    .default_value = "30s",
	    .min = 2 * SECONDS,
	    .max = 10 * MINUTES,
	    .offset = offsetof(struct config, lease_ms),
	    .help = "a runner that gives no sign of life for so long may be overtaken" },
	{ .section = "run",
	    .key = "step_timeout",
	    .type = SETTING_DURATION,
	    .default_value = "30m",
	    .min = 1 * SECONDS,
	    .max = 24 * HOURS,
	    .offset = offsetof(struct config, step_timeout_ms),
	    .help = "how long a step may take whose capability sets no time" },
	{ .section = "run",
	    .key = "host",
	    .type = SETTING_NAME,
	    .offset = offsetof(struct config, host),
	    .help = "what tells this machine from others, where its machine-id or name changes "
		    "(a container, say); without it the machine-id" },
	{ .section = "retry",
	    .key = "max_retries",
	    .type = SETTING_INTEGER,
	    .default_value = "3",
	    .min = 0,
	    .max = 20,
	    .offset = offsetof(struct config, retry.max_retries),
	    .help = "how often a step that did nothing, and may do better later, is tried again" },
	{ .section = "retry",
	    .key = "delay",
	    .type = SETTING_DURATION,
	    .default_value = "2s",
	    .min = 10,
	    .max = 1 * HOURS,
	    .offset = offsetof(struct config, retry.delay_ms),
	    .help = "before the first further try; it doubles with each one" },
	{ .section = "retry",
	    .key = "max_delay",
	    .type = SETTING_DURATION,
	    .default_value = "60s",
	    .min = 10,
	    .max = 24 * HOURS,
	    .offset = offsetof(struct config, retry.max_delay_ms),
	    .help = "no longer than that, unless the service itself asks for more" },
	{ .section = "retry",
	    .key = "jitter",
	    .type = SETTING_INTEGER,
	    .default_value = "20",
	    .min = 0,
	    .max = 100,
	    .offset = offsetof(struct config, retry.jitter_percent),
	    .help =
		"percent by which a delay is longer or shorter, so that not all come back at once" },
	{ .section = "limits",
	    .key = "strategy",
	    .type = SETTING_LIMITS,
	    .min = 1,
	    .max = 10000,
	    .offset = offsetof(struct config, limit_strategy),
	    .help =
		"a table, NAME = N: so many objectives at a time of this strategy, in all runners; "
		"\"default\" stands for all that are not named" },
	{ .section = "limits",
	    .key = "resource_group",
	    .type = SETTING_LIMITS,
	    .min = 1,
	    .max = 10000,
	    .offset = offsetof(struct config, limit_group),
	    .help =
		"a table, NAME = N: so many objectives at a time in this resource group, in all "
		"runners; \"default\" stands for all that are not named" },
	{ .section = "budget",
	    .key = "currency",
	    .type = SETTING_WORD,
	    .default_value = "USD",
	    .offset = offsetof(struct config, budget),
	    .help = "of all amounts here: that of the price book" },
	{ .section = "budget",
	    .key = "monthly_limit",
	    .type = SETTING_AMOUNT,
	    .offset = offsetof(struct config, budget),
	    .help =
		"what everything together may cost a month, by what stands and is reserved and by "
		"the forecast for the month; 0: nothing may be spent" },
	{ .section = "budget",
	    .key = "daily_limit",
	    .type = SETTING_AMOUNT,
	    .offset = offsetof(struct config, budget),
	    .help = "what everything that stands and is reserved may cost a day" },
	{ .section = "budget",
	    .key = "alert_thresholds",
	    .type = SETTING_PERCENTS,
	    .default_value = "[50, 80, 100]",
	    .offset = offsetof(struct config, budget),
	    .help =
		"percents of each limit that are announced when they are reached, once a month" },
	{ .section = "budget",
	    .key = "on_exceed",
	    .type = SETTING_WORD,
	    .default_value = "hold",
	    .offset = offsetof(struct config, budget),
	    .help = "what happens to an objective that is above a limit: hold it until there is "
		    "money, deny it, or only warn" },
	{ .section = "budget",
	    .key = "unpriced",
	    .type = SETTING_WORD,
	    .default_value = "hold",
	    .offset = offsetof(struct config, budget),
	    .help = "what happens to one with no known price: hold it until a person names an "
		    "amount, deny it, or allow it" },
	{ .section = "budget",
	    .key = "approval_above",
	    .type = SETTING_AMOUNT,
	    .offset = offsetof(struct config, budget),
	    .help = "an objective that costs more than this a month waits for a person" },
	{ .section = "budget",
	    .key = "resource_groups",
	    .type = SETTING_AMOUNTS,
	    .offset = offsetof(struct config, budget),
	    .help = "a table, NAME = AMOUNT: the monthly limit of this resource group" },
	{ .section = "budget",
	    .key = "labels",
	    .type = SETTING_LABELS,
	    .offset = offsetof(struct config, budget),
	    .help = "tables [budget.labels.KEY], VALUE = AMOUNT: the monthly limit of all that has "
		    "this label" },
	{ .section = "notify",
	    .key = "command",
	    .type = SETTING_ARGV,
	    .offset = offsetof(struct config, notify_command),
	    .help =
		"a program, by its full path, and its arguments: called with JSON on its standard "
		"input when something happened that a person should know" },
	{ .section = "notify",
	    .key = "on",
	    .type = SETTING_EVENTS,
	    .default_value = "[\"failed\", \"held\", \"orphaned\", \"batch\", \"budget\"]",
	    .offset = offsetof(struct config, notify_on),
	    .help =
		"what it is called for: an objective failed, is held, left something standing that "
		"could not be undone; a batch came to its end; a threshold of a budget is reached" },
	{ .section = "notify",
	    .key = "timeout",
	    .type = SETTING_DURATION,
	    .default_value = "60s",
	    .min = 1 * SECONDS,
	    .max = 1 * HOURS,
	    .offset = offsetof(struct config, notify_timeout_ms),
	    .help = "how long it may take" },
	{ .section = "azure",
	    .key = "subscription",
	    .type = SETTING_NAME,
	    .offset = offsetof(struct config, subscription),
	    .help = "id or name of the subscription for objectives that name none; "
		    "without it the one that az is logged in to" },
	{ .section = "terraform",
	    .key = "backend",
	    .type = SETTING_BACKEND,
	    .offset = offsetof(struct config, terraform_backend),
	    .help = "where terraform keeps its states: a table of the backend's type and its "
		    "arguments, in which \"{id}\" stands for the objective's id; without it each "
		    "objective has a file in the state folder" },
	{ .section = "terraform",
	    .key = "plugin_cache",
	    .type = SETTING_FOLDER,
	    .offset = offsetof(struct config, terraform_plugin_cache),
	    .help =
		"a folder, made if it is not there, in which terraform keeps the providers that "
		"it has downloaded" },
	{ .section = "mcp",
	    .key = "servers",
	    .type = SETTING_SERVERS,
	    .offset = offsetof(struct config, mcp_servers),
	    .help =
		"a list of tables: name; command, args and env of a program, or url and headers; "
		"values of env and headers may be env:NAME or file:PATH; and timeout, elicitation "
		"(decline, defaults), protocol (auto, legacy, modern)" },
	{ .section = "mcp",
	    .key = "default_timeout",
	    .type = SETTING_DURATION,
	    .default_value = "60s",
	    .min = 1 * SECONDS,
	    .max = 24 * HOURS,
	    .bare_ms = 1 * SECONDS,
	    .offset = offsetof(struct config, mcp_timeout_ms),
	    .help =
		"how long a call of a server may take that sets no time; a bare number is of seconds" },
	{ .section = "mcp",
	    .key = "match",
	    .type = SETTING_BOOLEAN,
	    .default_value = "false",
	    .offset = offsetof(struct config, mcp_match),
	    .help =
		"true: where a capability names no tool, one that somebody trusts (purser mcp trust) "
		"and that fits by name and schema is used; purser plan tells which" },
	{ .section = "analysis",
	    .key = "docs",
	    .type = SETTING_BOOLEAN,
	    .default_value = "false",
	    .offset = offsetof(struct config, docs),
	    .help = "true: show, failures show and the end of a run search Microsoft Learn for what "
		    "failed, by its error code; purser failures docs does so in any case" },
	{ .section = "analysis",
	    .key = "docs_url",
	    .type = SETTING_URL,
	    .default_value = "https://learn.microsoft.com/api/search",
	    .offset = offsetof(struct config, docs_url),
	    .help = "where it is searched; one that ends in /api/mcp is asked by MCP" },
	{ .section = "analysis",
	    .key = "docs_timeout",
	    .type = SETTING_DURATION,
	    .default_value = "8s",
	    .min = 100,
	    .max = 1 * MINUTES,
	    .offset = offsetof(struct config, docs_timeout_ms),
	    .help = "how long a search may take" },
	{ .section = "naming",
	    .key = "pattern",
	    .type = SETTING_PATTERN,
	    .default_value = NAMING_PATTERN,
	    .offset = offsetof(struct config, naming.pattern),
	    .help =
		"names of resources that nobody gives: {objective}, {batch}, {region}, {hash}, and "
		"any other word is a label or a parameter; where one is missing it is the "
		"objective's name" },
	{ .section = "naming",
	    .key = "resource_group",
	    .type = SETTING_PATTERN,
	    .default_value = NAMING_RESOURCE_GROUP,
	    .offset = offsetof(struct config, naming.resource_group),
	    .help = "the resource group of objectives that name none and have all of its labels" },
	{ .section = "templates",
	    .key = "folders",
	    .type = SETTING_FOLDERS,
	    .offset = offsetof(struct config, templates),
	    .help = "folders of your own capabilities, looked into before the installed ones; "
		    "relative ones start at the folder of this file" },
	{ .section = "audit",
	    .key = "max_size",
	    .type = SETTING_SIZE,
	    .default_value = "10MB",
	    .min = 64000,
	    .max = INT64_C(100000000000),
	    .offset = offsetof(struct config, audit_max_bytes),
	    .help = "an audit file of this size is closed and the next one begun" },
	{ .section = "audit",
	    .key = "files",
	    .type = SETTING_INTEGER,
	    .default_value = "5",
	    .min = 2,
	    .max = 100,
	    .offset = offsetof(struct config, audit_files),
	    .help = "audit files that are kept, the present one included" },
	{ .section = NULL },
};

int64_t
config_limit(const cJSON *limits, const char *name)
{
	/* Azure does not tell "RG" from "rg", and strategies have no capitals. */
	const cJSON *limit = name != NULL ? cJSON_GetObjectItem(limits, name) : NULL;
	int64_t count = 0;

	if (limit == NULL)
		limit = cJSON_GetObjectItem(limits, SETTING_OTHERS);
	return limit != NULL && json_is_int(limit, &count) ? count : 0;
}

/* core/budget.h reads it: amounts, scopes and their places are more than one row can say. */
static bool
is_of_budget(const char *section)
{
	return strcmp(section, "budget") == 0;
}

static const struct setting *
setting_find(const char *section, const char *key)
{
	for (const struct setting *s = config_settings; s->section != NULL; s++) {
		if (strcmp(s->section, section) == 0 && (key == NULL || strcmp(s->key, key) == 0))
			return s;
	}
	return NULL;
}

static int
unknown_key(const char *section, const char *key, const char *where, struct faults *faults)
{
	struct suggest near;
	char hint[PLACE_MAX];

	suggest_init(&near, key);
	for (const struct setting *s = config_settings; s->section != NULL; s++) {
		if (strcmp(s->section, section) == 0)
			suggest_offer(&near, s->key);
		else if (strcmp(s->key, key) == 0)
			return faults_add(faults, where,
			    "unknown setting \"%s\" in [%s]; it belongs below [%s]", key, section,
			    s->section);
	}
	return faults_add(faults, where, "unknown setting \"%s\" in [%s]%s", key, section,
	    suggest_text(&near, hint, sizeof(hint)));
}

static int
unknown_section(const char *name, const char *where, struct faults *faults)
{
	struct suggest near;
	char hint[PLACE_MAX];

	suggest_init(&near, name);
	for (const struct setting *s = config_settings; s->section != NULL; s++) {
		if (strcmp(s->key, name) == 0)
			return faults_add(
			    faults, where, "setting \"%s\" belongs below [%s]", name, s->section);
		suggest_offer(&near, s->section);
	}
	return faults_add(faults, where, "unknown section \"%s\"%s", name,
	    suggest_text(&near, hint, sizeof(hint)));
}

static int
apply_section(struct config *c, const cJSON *section, const struct doc *doc, struct faults *faults)
{
	char where[PLACE_MAX];
	const cJSON *value;
	int failed = 0;

	if (is_of_budget(section->string))
		return budget_apply(&c->budget, section, doc, faults);
	if (!cJSON_IsObject(section))
		return faults_add(faults, doc_where(doc, section, where, sizeof(where)),
		    "[%s] must be a table", section->string);
	cJSON_ArrayForEach (value, section) {
		const struct setting *s = setting_find(section->string, value->string);

		if (s == NULL)
			failed = unknown_key(section->string, value->string,
			    doc_where(doc, value, where, sizeof(where)), faults);
		else if (setting_take(c, s, value, doc, faults) < 0)
			failed = -1;
	}
	return failed;
}

/* The first delay is no longer than the longest. */
static int
check_delays(const struct config *c, const struct doc *doc, struct faults *faults)
{
	const cJSON *retry = cJSON_GetObjectItemCaseSensitive(doc->root, "retry");
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(retry, "delay");
	char where[PLACE_MAX], delay[CLOCK_TEXT_SIZE], longest[CLOCK_TEXT_SIZE];

	if (c->retry.delay_ms <= c->retry.max_delay_ms)
		return 0;
	if (value == NULL)
		value = cJSON_GetObjectItemCaseSensitive(retry, "max_delay");
	return faults_add(faults, doc_where(doc, value, where, sizeof(where)),
	    "retry.delay (%s) is longer than retry.max_delay (%s)",
	    clock_format_span(c->retry.delay_ms, delay),
	    clock_format_span(c->retry.max_delay_ms, longest));
}

void
config_init(struct config *c)
{
	memset(c, 0, sizeof(*c));
	budget_init(&c->budget);
	for (const struct setting *s = config_settings; s->section != NULL; s++)
		if (!is_of_budget(s->section))
			setting_default(c, s);
}

void
config_clear(struct config *c)
{
	if (c == NULL)
		return;
	free(c->host);
	free(c->subscription);
	free(c->terraform_plugin_cache);
	cJSON_Delete(c->terraform_backend);
	free(c->docs_url);
	free(c->naming.pattern);
	free(c->naming.resource_group);
	mcp_servers_clear(&c->mcp_servers);
	strv_clear(&c->templates);
	cJSON_Delete(c->limit_strategy);
	cJSON_Delete(c->limit_group);
	strv_clear(&c->notify_command);
	strv_clear(&c->notify_on);
	budget_clear(&c->budget);
	memset(c, 0, sizeof(*c));
}

static void
default_timeouts(struct config *c)
{
	for (size_t i = 0; i < c->mcp_servers.len; i++)
		if (c->mcp_servers.v[i].timeout_ms == 0)
			c->mcp_servers.v[i].timeout_ms = c->mcp_timeout_ms;
}

int
config_apply(struct config *c, const struct doc *doc, struct faults *faults)
{
	char where[PLACE_MAX];
	const cJSON *section;
	int failed = 0;

	if (!cJSON_IsObject(doc->root))
		return faults_add(faults, doc->path, "a table of sections is expected");
	cJSON_ArrayForEach (section, doc->root) {
		if (setting_find(section->string, NULL) == NULL)
			failed = unknown_section(
			    section->string, doc_where(doc, section, where, sizeof(where)), faults);
		else if (apply_section(c, section, doc, faults) < 0)
			failed = -1;
	}
	default_timeouts(c);
	return failed < 0 ? -1 : check_delays(c, doc, faults);
}
